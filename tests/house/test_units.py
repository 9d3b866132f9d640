"""A column's name and the schema announce the same unit."""

import csv
from pathlib import Path

import pytest

from mackinder.units import SUFFIXES, unit_of

SCHEMA = Path(__file__).parents[2] / "src" / "mackinder" / "case" / "schema"
COLUMNS = [
    (path.stem, row)
    for path in sorted(SCHEMA.glob("*.csv"))
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
]
QUANTITIES = [(table, row) for table, row in COLUMNS if row["type"] in {"number", "integer"}]


@pytest.mark.parametrize(("table", "row"), QUANTITIES, ids=[f"{table}.{row['column']}" for table, row in QUANTITIES])
def test_suffix_agrees_with_schema_unit(table, row):
    assert unit_of(row["column"]) == (row["unit"] or "1")


def test_only_quantities_have_units_and_intervals():
    wrong = [f"{t}.{r['column']}" for t, r in COLUMNS if (t, r) not in QUANTITIES and (r["unit"] or r["interval"])]
    assert not wrong


@pytest.mark.parametrize("bound", ["", "_low", "_mode", "_high"])
@pytest.mark.parametrize(("suffix", "unit"), SUFFIXES.items())
def test_every_suffix_means_its_own_unit_with_any_bound(suffix, unit, bound):
    assert unit_of(f"x{suffix}{bound}") == unit
