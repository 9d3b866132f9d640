"""Rules about goods, shares and trade. Codes MK080 to MK089."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from mackinder.case.checks.registry import Material, hits, items, rule, some
from mackinder.case.findings import Hit

__all__: list[str] = []

_TOLERANCE: Final = 0.005  # shares are written with two or three digits
_FREIGHT: Final = (
    "value_usd_per_t",
    "value_of_time_usd_per_t_day",
    "route_dispersion_t_per_usd",
    "rail_cost_factor",
    "road_cost_factor",
    "water_cost_factor",
    "transfer_cost_factor",
)


@rule(
    "MK080",
    "goods shares that miss one",
    cure="Let share_mode of the rows of each pair of exporter and importer add up to one",
    needs=("goods_shares",),
)
def goods_shares(material: Material) -> Iterator[Hit]:
    """Add up the goods shares of each exporter, and of each pair that has its own."""
    shares = material.tables["goods_shares"]
    yield from _sums("goods_shares", shares, "exporter", "share_mode", where=shares["importer"] == "*")
    pair = shares["exporter"] + ">" + shares["importer"]
    yield from _sums("goods_shares", shares, "pair", "share_mode", pair=pair, where=shares["importer"] != "*")


@rule(
    "MK081",
    "trade shares that miss one",
    cure="Let trade_share_mode of a country's zones add up to one",
    needs=("zones",),
)
def trade_shares(material: Material) -> Iterator[Hit]:
    """Add up the trade shares of the zones of each country."""
    yield from _sums("zones", material.tables["zones"], "country", "trade_share_mode")


def _sums(
    table: str,
    frame: pd.DataFrame,
    group: str,
    column: str,
    *,
    where: pd.Series | None = None,
    **more: pd.Series,
) -> Iterator[Hit]:
    frame = frame.assign(**more)
    frame = frame if where is None else frame[where]
    sums = frame.groupby(group)[column].sum()
    for name, total in sums[(sums - 1).abs() > _TOLERANCE].items():
        message = f"{column} of {group} {str(name)!r} adds up to {total:.4g}"
        yield from hits(table, frame, frame[group] == name, message)


@rule("MK082", "freight without value or time", cure="Fill it, or set is_freight to no", needs=("goods",))
def freight_density(material: Material) -> Iterator[Hit]:
    """Find goods that move over the network and lack what moving them needs."""
    goods = material.tables["goods"]
    freight = goods["is_freight"].fillna(value=False).astype(bool)
    for stem in _FREIGHT:
        yield from hits("goods", goods, freight & goods[f"{stem}_mode"].isna(), f"{{ids}} is freight and has no {stem}")


@rule("MK083", "a flow twice", cure="Keep one row for each exporter, importer, goods and year", needs=("trade",))
def repeated_flow(material: Material) -> Iterator[Hit]:
    """Find rows of trade with the same key."""
    trade = material.tables["trade"]
    twice = trade.duplicated(["exporter", "importer", "goods", "year"], keep=False)
    yield from hits("trade", trade, twice, "the flow is there already: {ids}")


@rule("MK084", "trade with oneself", cure="Name two zones of the country for trade inside it", needs=("trade",))
def own_trade(material: Material) -> Iterator[Hit]:
    """Find flows from a country or zone to itself."""
    trade = material.tables["trade"]
    yield from hits("trade", trade, trade["exporter"] == trade["importer"], "{ids} trades with itself")


@rule(
    "MK085",
    "a zero that does not say what it means",
    cure="Set zero to missing, negligible or embargo for no trade, and leave it empty for trade",
    needs=("trade",),
)
def zero_code(material: Material) -> Iterator[Hit]:
    """Compare the code of zeros with values and tonnes."""
    trade = material.tables["trade"]
    value, tonnes = trade["value_musd_mode"], trade["quantity_kt_mode"]
    nothing = ~(value > 0) & ~(tonnes > 0)
    yield from hits("trade", trade, nothing & (trade["zero"] == ""), "{ids} has no trade and no code in zero")
    yield from hits("trade", trade, ~nothing & (trade["zero"] != ""), "{ids} has trade and a code in zero")
    guess = (trade["zero"] == "missing") & ((value == 0) | (tonnes == 0))
    yield from hits("trade", trade, guess, "{ids} is missing and says 0: leave value and tonnes empty")


@rule(
    "MK086",
    "an embargo that nobody declared",
    cure="Add the restriction that stops this trade, or code the zero as missing or negligible",
    needs=("trade", "restrictions"),
    severity="warning",
)
def undeclared_embargo(material: Material) -> Iterator[Hit]:
    """Find embargo zeros between countries that no restriction names as a pair, either way round."""
    trade, denials = material.tables["trade"], material.tables["restrictions"]
    denials = denials[denials["effect"] == "deny"]
    home = _homes(material)
    embargo = trade[trade["zero"] == "embargo"]
    pairs = pd.DataFrame({end: embargo[end].replace(home) for end in ("exporter", "importer")}).drop_duplicates()
    undeclared = {
        f"{exporter}>{importer}"
        for exporter, importer in zip(pairs["exporter"], pairs["importer"], strict=True)
        if not (_denied(denials, exporter, importer) or _border_closed(material, denials, exporter, importer))
    }
    pair = trade["exporter"].replace(home) + ">" + trade["importer"].replace(home)
    bad = (trade["zero"] == "embargo") & pair.isin(list(undeclared))
    yield from hits("trade", trade, bad, "no restriction stands behind the embargo of {ids}")


def _homes(material: Material) -> dict[str, str]:
    zones = material.tables.get("zones")
    return {} if zones is None else dict(zip(zones["zone_id"], zones["country"], strict=True))


def _denied(denials: pd.DataFrame, exporter: str, importer: str) -> bool:
    """Say whether a denial names the pair (not two stars), in either direction."""
    for origin, destination in zip(
        denials["origin"].str.split(";"), denials["destination"].str.split(";"), strict=True
    ):
        for one, two in ((exporter, importer), (importer, exporter)):
            named = one in origin or two in destination
            if named and (one in origin or "*" in origin) and (two in destination or "*" in destination):
                return True
    return False


def _border_closed(material: Material, denials: pd.DataFrame, exporter: str, importer: str) -> bool:
    """Say whether a closed border, for all traffic, lies on links between the two countries."""
    if "links" not in material.tables or "places" not in material.tables:
        return False
    country = material.tables["places"].drop_duplicates("place_id").set_index("place_id")["country"]
    links = material.tables["links"]
    ends = pd.concat([links["from_place"].map(country), links["to_place"].map(country)], axis=1)
    between = ends.isin([exporter]).any(axis=1) & ends.isin([importer]).any(axis=1)
    for asset in denials.loc[denials["kind"] == "border_closed", "asset"]:
        if asset != "trade" and material.selects(asset) and (material.links.mask(asset) & between.to_numpy()).any():
            return True
    return False


@rule(
    "MK087",
    "trade that cannot be split",
    cure="Give the exporter rows in goods_shares.csv, or one set of rows for *",
    needs=("trade", "goods_shares"),
)
def unsplit_trade(material: Material) -> Iterator[Hit]:
    """Find exporters with flows of all goods and without goods shares."""
    trade, shares = material.tables["trade"], material.tables["goods_shares"]
    known = set(shares.loc[shares["importer"] == "*", "exporter"])
    home = _homes(material)
    bad = (
        (trade["goods"] == "*")
        & ~trade["exporter"].isin(list(known))
        & ~trade["exporter"].replace(home).isin(list(known))
    )
    if "*" not in known:
        yield from hits("trade", trade, bad, "no goods shares for the exporter of {ids}")


@rule(
    "MK088",
    "a country in two groups",
    cure="Let each country's trade be stood for by the zones of one lead country",
    needs=("zones",),
)
def two_groups(material: Material) -> Iterator[Hit]:
    """Find members that zones of different lead countries claim."""
    zones = material.tables["zones"]
    listed = pd.concat([zones["country"], items(zones["members"])])
    lead = zones["country"].reindex(listed.index)
    pairs = pd.DataFrame({"member": listed.to_numpy(), "lead": lead.to_numpy()}, index=listed.index).drop_duplicates()
    twice = pairs[pairs.duplicated("member", keep=False)]
    if len(twice):
        rows = zones.loc[twice.index.unique(), "file_row"]
        yield Hit("zones.csv", rows, f"two groups stand for {some(twice['member'])}")


@rule("MK089", "trade in a year after the evidence", cure="Correct the year", needs=("trade",))
def impossible_year(material: Material) -> Iterator[Hit]:
    """Find flows of years that the newest evidence cannot know."""
    if material.settings is not None:
        trade = material.tables["trade"]
        bad = (trade["year"] > material.settings.newest_evidence.year) | (trade["year"] < 1900)
        yield from hits(
            "trade", trade, bad.fillna(value=False), "{ids} has a year that the newest evidence cannot know"
        )
