"""Rules about numbers. Codes MK030 to MK039."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mackinder.case.checks.registry import Material, hits, rule
from mackinder.case.findings import Hit
from mackinder.case.schema import BOUNDS, table_schema

__all__: list[str] = []

_SIGNED: Final = {
    ("zones", "gdp_growth_per_year"),
    ("places", "lat_deg"),
    ("places", "lon_deg"),
    ("facts", "value"),
    ("facts", "low"),
    ("facts", "high"),
}
#: zero is no length, no time, no price of a tonne
_POSITIVE: Final = {
    ("links", "length_km"),
    ("links", "time_h"),
    ("links", "gauge_mm"),
    ("links", "tracks"),
    ("links", "upgrade_capacity_mt_per_year"),
    ("links", "capacity_mt_per_year"),
    ("transfers", "capacity_mt_per_year"),
    ("goods", "value_usd_per_t"),
    ("goods", "route_dispersion_t_per_usd"),
    ("goods", "trade_elasticity"),
    ("goods", "rail_cost_factor"),
    ("goods", "road_cost_factor"),
    ("goods", "water_cost_factor"),
    ("goods", "transfer_cost_factor"),
    ("projects", "capex_musd"),
    ("projects", "life_years"),
    ("fits", "factor"),
    ("fits", "prior"),
}
_SHARES: Final = (
    ("controls", "share"),
    ("zones", "trade_share"),
    ("goods_shares", "share"),
    ("zone_shares", "share"),
    ("reexports", "share"),
    ("projects", "sunk_share"),
    ("projects", "upkeep_share"),
)
_ESSENTIAL: Final = ("zones", "places", "links", "goods", "trade", "actors")


@rule("MK030", "an interval out of order", cure="Order them low <= mode <= high: 5 % bound, central value, 95 % bound")
def unordered(material: Material) -> Iterator[Hit]:
    """Compare the three columns of each interval."""
    for table, frame in material.tables.items():
        for column in table_schema(table).columns:
            if column.interval:
                low, mode, high = (frame[f"{column.name}_{bound}"] for bound in BOUNDS)
                message = f"{column.name} has not low <= mode <= high: {{ids}}"
                yield from hits(table, frame, (low > mode) | (mode > high) | (low > high), message)


@rule("MK031", "a negative number", cure="Give the size; what is missing is an empty cell, not -1")
def negative(material: Material) -> Iterator[Hit]:
    """Find numbers below zero, and zeros where zero makes no sense."""
    for table, frame in material.tables.items():
        for name, column in table_schema(table).expanded():
            if column.type not in ("number", "integer") or (table, column.name) in _SIGNED:
                continue
            cells = frame[name]
            if not (cells <= 0).any():
                continue
            yield from hits(table, frame, (cells < 0).fillna(value=False), f"{name} is negative: {{ids}}")
            if (table, column.name) in _POSITIVE:
                zero = (cells == 0).fillna(value=False)
                cure = "Give the size; leave the cell empty if it is not known"
                yield from hits(table, frame, zero, f"{name} is zero: {{ids}}", cure=cure)


@rule("MK032", "a share above one", cure="A share is a number from 0 to 1, not a percentage")
def above_one(material: Material) -> Iterator[Hit]:
    """Find shares that are no shares."""
    for table, stem in _SHARES:
        for name in material.tables[table].columns if table in material.tables else ():
            if name in (stem, *(f"{stem}_{bound}" for bound in BOUNDS)):
                frame = material.tables[table]
                yield from hits(table, frame, frame[name] > 1, f"{name} is above one: {{ids}}")


@rule(
    "MK033",
    "coordinates off the globe",
    cure="Give degrees: latitude -90 to 90, longitude -180 to 180",
    needs=("places",),
)
def off_globe(material: Material) -> Iterator[Hit]:
    """Find impossible coordinates."""
    frame = material.tables["places"]
    for name, bound in (("lat_deg", 90.0), ("lon_deg", 180.0)):
        yield from hits("places", frame, frame[name].abs() > bound, f"{name} is out of range: {{ids}}")


@rule("MK034", "a table without rows", cure="Give it at least one row: without it there is nothing to solve")
def nothing_there(material: Material) -> Iterator[Hit]:
    """Find empty tables that every case needs."""
    for table in _ESSENTIAL:
        if table in material.tables and material.tables[table].empty:
            yield Hit(f"{table}.csv", (), "the table has no rows")
