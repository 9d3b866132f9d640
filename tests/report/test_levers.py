"""The section on levers: what is in the results is told, what is not is said to be missing."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from mackinder.indicators.headline import run_lever_rows
from mackinder.report.answer import Names
from mackinder.report.levers import lever_section
from mackinder.report.lookup import Lookup

NAMES = Names(
    economies={},
    actors={"AAA": "State of AAA"}, corridors={}, scenarios={"status-quo": "Status quo", "south-road": "South road"},
    first="status-quo", second="south-road", year=2035, range_only=frozenset(),
)  # fmt: skip


@pytest.fixture(scope="module")
def rows(starter: Any) -> pd.DataFrame:
    return run_lever_rows(starter, ["south-road"], draws=3, seed=0, threads=1)[0]


def test_levers_are_told_with_cushions(starter: Any, rows: pd.DataFrame) -> None:
    section = lever_section(Lookup(frame=rows, year=2035), NAMES, starter, ["AAA", "BBB", "CCC"])
    together, *pairs = section.tables
    assert together.rows[0][0] == "State of AAA"
    (pair,) = [table for table in pairs if "on BBB" in table.caption]
    line = dict(zip(pair.columns, pair.rows[0], strict=True))
    assert line["Lever"] == "slow border (aaa-bbb-slow-border)"
    assert line["Cushions"] == "the railway"
    assert line["Would mitigate"] == "a line for goods that spoil"
    assert "USD m/yr" in line["A year, at once"]


def test_a_run_without_levers_says_so(starter: Any, rows: pd.DataFrame) -> None:
    section = lever_section(Lookup(frame=rows.iloc[:0], year=2035), NAMES, starter, [])
    assert section.tables == ()
    assert "No levers were computed" in section.paragraphs[0]


def test_no_money_value_is_no_zero(starter: Any, rows: pd.DataFrame) -> None:
    blank = rows.assign(value=float("nan"), low=float("nan"), high=float("nan"))
    blank = blank[blank["indicator"] == "lever_worth"].reset_index(drop=True)
    section = lever_section(Lookup(frame=blank, year=2035), NAMES, starter, [])
    assert all(row[4] == "no money value" for table in section.tables[1:] for row in table.rows)
