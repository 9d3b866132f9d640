"""Rules about capacity. Codes MK120 to MK121."""

from __future__ import annotations

from collections.abc import Iterator

from mackinder.case.checks.registry import Material, hits, rule
from mackinder.case.findings import Hit

__all__: list[str] = []

_TABLES = ("links", "transfers")


@rule(
    "MK120",
    "a capacity without a rule",
    cure="Set capacity_rule to price, quota or queue where there is a capacity, and leave it empty where there is none",
    needs=_TABLES,
)
def capacity_rule(material: Material) -> Iterator[Hit]:
    """Find capacities of which it is not said who has the rent when they bind, and rules without a capacity."""
    for table in _TABLES:
        frame = material.tables[table]
        bound, named = frame["capacity_mt_per_year_mode"].notna(), frame["capacity_rule"] != ""
        yield from hits(table, frame, bound & ~named, "{ids} has a capacity and no capacity_rule")
        yield from hits(table, frame, ~bound & named, "{ids} has a capacity_rule and no capacity")


@rule(
    "MK121",
    "an upgrade that lowers capacity",
    cure="Give the capacity after the works; a link that loses capacity is a new value, not an upgrade",
    needs=("links",),
)
def shrinking_upgrade(material: Material) -> Iterator[Hit]:
    """Find upgrades to less than the capacity of today."""
    links = material.tables["links"]
    smaller = links["upgrade_capacity_mt_per_year"] < links["capacity_mt_per_year_mode"]
    yield from hits("links", links, smaller, "{ids} has less capacity after its upgrade than before")
