"""Rules about how trade is split over zones, about goods sent on and money sent home. Codes MK122 to MK126."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from mackinder.case.checks.registry import Material, hits, rule
from mackinder.case.findings import Hit

__all__: list[str] = []

_TOLERANCE: Final = 0.005  # shares are written with two or three digits
_SET: Final = ("country", "direction", "partner", "goods")


def _sets(material: Material) -> pd.DataFrame:
    zones = material.tables["zones"]
    home = dict(zip(zones["zone_id"], zones["country"], strict=True))
    shares = material.tables["zone_shares"]
    return shares.assign(country=[home.get(zone, "") for zone in shares["zone"]])


@rule(
    "MK122",
    "zone shares that miss one",
    cure="Let share_mode add up to one over the zones of a country, direction, partner and goods",
    needs=("zone_shares", "zones"),
)
def zone_shares(material: Material) -> Iterator[Hit]:
    """Add up the shares of each set."""
    shares = _sets(material)
    if shares.empty:
        return
    total = shares.groupby(list(_SET))["share_mode"].transform("sum")
    bad = ((total - 1).abs() > _TOLERANCE) & (shares["country"] != "")
    yield from hits("zone_shares", shares, bad, "the sets of {ids} do not add up to one")


@rule(
    "MK123",
    "a zone share twice",
    cure="Keep one row for each zone, direction, partner and goods; both stands for export and for import",
    needs=("zone_shares", "zones"),
)
def repeated_zone_share(material: Material) -> Iterator[Hit]:
    """Find rows that say the same, one of them possibly for both directions."""
    shares = _sets(material)
    key = ["zone", "partner", "goods"]
    ways = [["export", "import"] if way == "both" else [way] for way in shares["direction"]]
    spread = shares.assign(direction=pd.Series(ways, index=shares.index, dtype=object)).explode("direction")
    twice = spread[spread.duplicated([*key, "direction"], keep=False)].index.unique()
    yield from hits("zone_shares", shares, shares.index.isin(twice), "said already: {ids}")


@rule(
    "MK124",
    "an unknown partner or class of goods",
    cure="Use a code of zones.csv or trade.csv, a goods id, or *",
    needs=("zone_shares", "reexports", "zones", "goods"),
)
def unknown_split(material: Material) -> Iterator[Hit]:
    """Look up the partners and goods of zone_shares and reexports."""
    codes = [*material.zone_countries, "*"]
    goods = [*material.tables["goods"]["goods_id"], "*"]
    for table, columns in (("zone_shares", ("partner",)), ("reexports", ("exporter", "importer"))):
        frame = material.tables[table]
        for column in columns:
            yield from hits(table, frame, ~frame[column].isin(codes), f"{{ids}}: {column} is no country of the case")
        yield from hits(table, frame, ~frame["goods"].isin(goods), "{ids}: no such goods")


@rule(
    "MK125",
    "goods sent on that are not traded",
    cure="Name a pair that trade.csv has, and not the same country twice",
    needs=("reexports", "trade"),
)
def idle_reexport(material: Material) -> Iterator[Hit]:
    """Find re-exports of pairs without trade, and second rows for the same pair and goods."""
    frame, trade = material.tables["reexports"], material.tables["trade"]
    known = (trade["exporter"] + ">" + trade["importer"])[trade["zero"] == ""]
    pair = frame["exporter"] + ">" + frame["importer"]
    yield from hits("reexports", frame, ~pair.isin(list(known)), "{ids}: trade.csv has no such flow")
    twice = frame.duplicated(["exporter", "importer", "goods"], keep=False)
    yield from hits("reexports", frame, twice, "the flow is there already: {ids}")


@rule(
    "MK126",
    "remittances of nobody",
    cure="Name two countries of zones.csv, once for each year",
    needs=("remittances", "zones"),
)
def remittances(material: Material) -> Iterator[Hit]:
    """Look up payers and recipients; find payments to oneself and second rows."""
    frame = material.tables["remittances"]
    for column in ("payer", "recipient"):
        bad = ~frame[column].isin([*material.zone_countries])
        yield from hits("remittances", frame, bad, f"{{ids}}: {column} is no country of the case")
    itself = frame["payer"] == frame["recipient"]
    yield from hits("remittances", frame, itself, "{ids} pays itself")
    twice = frame.duplicated(["payer", "recipient", "year"], keep=False)
    yield from hits("remittances", frame, twice, "the payment is there already: {ids}")
