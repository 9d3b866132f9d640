"""Ties on a day, and their vocabulary (conventions C48, C49)."""

from __future__ import annotations

import csv
from importlib import resources

import pandas as pd
import pytest

from mackinder.case import Case, check, last_ties, read_case, tie_indicators
from mackinder.case.schema import table_schema

SERIES = ["sender", "target", "indicator", "variant"]


@pytest.fixture(scope="module")
def packaged() -> pd.DataFrame:
    return read_case("south-caucasus").table("ties")


def tie(case: Case, name: str, **cells: object) -> pd.DataFrame:
    frame = case.table("ties")
    return frame[frame["tie_id"] == name].assign(**cells)


def test_the_vocabulary_is_whole() -> None:
    kinds = {"observation", "state"}
    dimensions = next(column.allowed for column in table_schema("ties").columns if column.name == "dimension")
    text = (resources.files("mackinder.case") / "tie_indicators.csv").read_text(encoding="utf-8")
    names = [row["indicator"] for row in csv.DictReader(text.splitlines())]
    assert names == sorted(set(names))
    for word in tie_indicators().values():
        assert word.kind in kinds
        assert word.units
        assert word.meaning
        assert set(word.dimensions) <= set(dimensions)


@pytest.mark.parametrize(
    ("day", "there", "age"),
    [
        ("1995-05-31", [], []),
        ("1995-06-01", ["bbb-pact"], [0.0]),
        ("2023-06-01", ["bbb-exports-to-aaa-2023", "bbb-pact"], [0.0, 0.0]),
        ("2024-12-31", ["bbb-exports-to-aaa-2023", "bbb-pact"], [1.0, 0.0]),
    ],
)
def test_states_hold_and_observations_age(tiny: Case, day: str, there: list[str], age: list[float]) -> None:
    found = last_ties(tiny.table("ties"), day)
    assert found["tie_id"].tolist() == there
    assert found["age_years"].tolist() == pytest.approx(age, abs=0.003)  # 366 days of 365.25


def test_a_state_that_ended_is_gone_and_the_last_of_a_series_wins(tiny: Case) -> None:
    old = tie(tiny, "bbb-pact", ends_on="2000-12-31")
    new = tie(tiny, "bbb-pact", tie_id="bbb-pact-again", starts_on="2010-01-01")
    series = pd.concat([old, new])
    assert last_ties(series, "2005-01-01").empty
    assert last_ties(series, "2000-12-31")["tie_id"].tolist() == ["bbb-pact"]
    assert last_ties(series, "2010-01-01")["tie_id"].tolist() == ["bbb-pact-again"]


def test_missing_is_no_zero(packaged: pd.DataFrame) -> None:
    assert (packaged["value_high"] > 0).all()
    assert packaged["value_mode"].notna().all()


def test_one_row_of_a_series_a_day(packaged: pd.DataFrame) -> None:
    states = packaged[packaged["kind"] == "state"]
    for day in ("1995-01-01", "2005-06-30", "2014-01-16", "2024-02-22", "2026-06-01"):
        begun = (states["starts_on"] <= day) & ((states["ends_on"] == "") | (states["ends_on"] >= day))
        assert not states[begun].duplicated(SERIES).any()


def test_shares_of_one_flow_add_up_to_at_most_one(packaged: pd.DataFrame) -> None:
    """A second route to the trade shares: partners that do not overlap cannot take more than all of it."""
    flows = packaged[
        packaged["indicator"].isin(["export_share", "import_share"]) & (packaged["variant"] == "with_reexports")
    ]
    sums = flows.groupby(["target", "indicator", "starts_on", "ends_on"])["value_mode"].sum()
    assert len(sums) > 60
    assert sums.max() <= 1


def test_what_the_article_compares_is_there(packaged: pd.DataFrame) -> None:
    """Anchor years of the trade of all three, the gas price from 2006 and Russian guards with their ends."""
    trade = packaged[(packaged["indicator"] == "export_share") & (packaged["sender"] == "RUS")]
    years = {"1994-01-01", "2000-01-01", "2005-01-01", "2010-01-01", "2015-01-01", "2020-01-01"}
    for target in ("ARM", "AZE", "GEO"):
        assert years <= set(trade.loc[trade["target"] == target, "starts_on"])
    price = packaged[(packaged["indicator"] == "gas_price") & (packaged["target"] == "ARM")].sort_values("starts_on")
    assert price["value_mode"].tolist() == [110, 270, 189, 165, 150, 165]
    guards = packaged[packaged["indicator"] == "border_guards"].set_index("variant")["ends_on"]
    assert guards["agarak_crossing"] == "2024-12-30"
    assert guards["turkish_and_iranian_line"] == ""


def test_ties_of_the_packaged_case_are_sound() -> None:
    codes = {finding.code for finding in check("south-caucasus") if finding.file in ("ties.csv", "conduits.csv")}
    assert codes <= {"MK062"}
