"""Rules about getting through: places, transfers and zones together. Codes MK050 to MK059."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mackinder.case.checks.registry import Material, hits, items, rule
from mackinder.case.findings import Hit

__all__: list[str] = []

_USABLE = ("open", "restricted", "building")


def _calls(links: pd.DataFrame) -> pd.DataFrame:
    """Return each place, mode and gauge that links serve, once: columns place, mode, gauge (0 = no rail)."""
    ends = [
        pd.DataFrame({"place": links[end], "mode": links["mode"], "gauge": links["gauge_mm"].fillna(0).astype("int64")})
        for end in ("from_place", "to_place")
    ]
    return pd.concat(ends).drop_duplicates(ignore_index=True)


def _sides(transfers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the two sides of transfers in the columns of `_calls`, one row a transfer."""
    first, second = (
        pd.DataFrame(
            {
                "place": transfers["place"],
                "mode": transfers[f"{side}_mode"],
                "gauge": transfers[f"{side}_gauge_mm"].fillna(0).astype("int64"),
            }
        )
        for side in ("from", "to")
    )
    return first, second


def _key(frame: pd.DataFrame) -> pd.Series:
    return frame["place"] + " " + frame["mode"] + " " + frame["gauge"].astype(str)


@rule(
    "MK050",
    "a transfer that fits no vehicle",
    cure="Rail sides have a gauge, others none; the two sides differ",
    needs=("transfers",),
)
def transfer_sides(material: Material) -> Iterator[Hit]:
    """Find transfers between a vehicle and itself, and sides whose gauge does not fit their mode."""
    transfers = material.tables["transfers"]
    first, second = _sides(transfers)
    same = (first["mode"] == second["mode"]) & (first["gauge"] == second["gauge"])
    yield from hits("transfers", transfers, same, "{ids} leads from a mode and gauge to the same")
    for name, side in (("from", first), ("to", second)):
        rail = side["mode"] == "rail"
        yield from hits(
            "transfers", transfers, rail & (side["gauge"] == 0), f"{{ids}}: {name}_mode is rail without gauge"
        )
        wrong = ~rail & (side["gauge"] != 0)
        yield from hits("transfers", transfers, wrong, f"{{ids}}: {name}_mode is not rail and has a gauge")


@rule(
    "MK051",
    "a gauge break without transfer",
    cure="Add a row to transfers.csv between the two gauges",
    needs=("links", "transfers"),
)
def gauge_break(material: Material) -> Iterator[Hit]:
    """Find places where rail of several gauges meets and no transfer leads from one to another of them."""
    calls = _calls(material.tables["links"])
    rail = calls[(calls["mode"] == "rail") & (calls["gauge"] > 0)]
    broken = rail[rail.groupby("place")["gauge"].transform("nunique") > 1]
    first, second = _sides(material.tables["transfers"])
    both = (first["mode"] == "rail") & (second["mode"] == "rail")
    served = set(_key(first[both])) | set(_key(second[both]))
    bad = broken[~_key(broken).isin(list(served))]
    links = material.tables["links"]
    for place, group in bad.groupby("place"):
        gauges = ", ".join(f"{gauge} mm" for gauge in sorted(broken.loc[broken["place"] == place, "gauge"]))
        touches = ((links["from_place"] == place) | (links["to_place"] == place)) & links["gauge_mm"].isin(
            group["gauge"]
        )
        yield from hits(
            "links", links, touches, f"rail of {gauges} meets at {str(place)!r} without a transfer: {{ids}}"
        )


@rule("MK052", "a transfer to nowhere", cure="Add the link that it serves, or delete it", needs=("links", "transfers"))
def idle_transfer(material: Material) -> Iterator[Hit]:
    """Find transfers with a side that no link of the place serves (the road side serves the zone at its anchor)."""
    transfers = material.tables["transfers"]
    served = set(_key(_calls(material.tables["links"])))
    if "zones" in material.tables:
        served |= {f"{place} road 0" for place in material.tables["zones"]["anchor_place"]}
    for name, side in zip(("from", "to"), _sides(transfers), strict=True):
        bad = ~_key(side).isin(list(served))
        yield from hits(
            "transfers", transfers, bad, f"no link calls at the {name} side of {{ids}} in that mode and gauge"
        )


@rule("MK053", "a place without links", cure="Connect it, or delete it", needs=("links", "places"))
def isolated_place(material: Material) -> Iterator[Hit]:
    """Find places at which no link ends."""
    links, places = material.tables["links"], material.tables["places"]
    used = set(links["from_place"]) | set(links["to_place"])
    yield from hits("places", places, ~places["place_id"].isin(list(used)), "no link ends at {ids}")


@rule(
    "MK054",
    "a zone that cannot be reached",
    cure="Connect its anchor by road, or add the transfer that is missing there",
    needs=("links", "transfers", "zones"),
)
def unreachable_zone(material: Material) -> Iterator[Hit]:
    """Find zones whose anchor, entered by road, is cut off from most others even when all works are done.

    Links that only a scenario opens (planned, closed, destroyed) do not count.
    """
    zones = material.tables["zones"]
    part = _components(material)
    at_anchor = (zones["anchor_place"] + " road 0").map(part)
    known = at_anchor.dropna()
    if known.empty:
        main: object = None
    else:
        counts = known.value_counts()
        main = min(counts[counts == counts.max()].index)
    if len(zones) > 1:
        cut = (at_anchor != main) | at_anchor.isna()
        yield from hits("zones", zones, cut, "{ids} cannot be reached from the other zones")


def _components(material: Material) -> dict[str, int]:
    """Return the connected component of each place, mode and gauge."""
    from scipy.sparse import coo_array  # noqa: PLC0415, RUF100 - only this rule needs it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415, RUF100 - as above

    links = material.tables["links"]
    links = links[links["status"].isin(_USABLE)]
    ends = [
        _key(
            pd.DataFrame(
                {"place": links[end], "mode": links["mode"], "gauge": links["gauge_mm"].fillna(0).astype("int64")}
            )
        )
        for end in ("from_place", "to_place")
    ]
    first, second = _sides(material.tables["transfers"])
    tails, heads = pd.concat([ends[0], _key(first)]), pd.concat([ends[1], _key(second)])
    codes, names = pd.factorize(pd.concat([tails, heads]))
    if not len(names):
        return {}
    size = len(names)
    graph = coo_array((np.ones(len(tails)), (codes[: len(tails)], codes[len(tails) :])), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    return {str(name): int(label) for name, label in zip(names, labels, strict=True)}


@rule(
    "MK055",
    "an anchor outside its zone",
    cure="Choose a place whose column zone names the zone",
    needs=("zones", "places"),
)
def anchor_outside(material: Material) -> Iterator[Hit]:
    """Compare the zone of each anchor place with the zone that it anchors."""
    zones, places = material.tables["zones"], material.tables["places"].drop_duplicates("place_id")
    lies_in = zones["anchor_place"].map(places.set_index("place_id")["zone"])
    bad = lies_in.notna() & (lies_in != zones["zone_id"])
    yield from hits("zones", zones, bad, "the anchor of {ids} lies in another zone")


@rule(
    "MK056",
    "a place of another country than its zone",
    cure="Correct the country or the zone",
    needs=("zones", "places"),
)
def foreign_place(material: Material) -> Iterator[Hit]:
    """Compare the country of each place with the countries of its zone."""
    zones, places = material.tables["zones"].drop_duplicates("zone_id"), material.tables["places"]
    listed = zones.set_index("zone_id")
    legal = pd.concat([listed["country"], items(listed["members"])])
    pairs = set(legal.index.astype(str) + " " + legal.astype(str))
    named = places["zone"].isin(list(listed.index))
    bad = named & ~(places["zone"] + " " + places["country"]).isin(list(pairs))
    yield from hits("places", places, bad, "{ids} lies in a zone that does not stand for its country")
