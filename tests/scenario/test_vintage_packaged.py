"""The vintages of the packaged case: the newest one is the tables as they were coded, earlier ones know less."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from mackinder.case import Case, check, read_case
from mackinder.case.schema import table_schema
from mackinder.case.write import table_text
from mackinder.scenario import (
    apply,
    chronology,
    read_scenario,
    read_updates,
    read_vintage,
    scenario_names,
    vintage_days,
)
from mackinder.scenario.vintage import _with_updates

#: rows that updates touch, as they were coded for June 2026 before the tables became the first vintage
NEWEST = json.loads(Path(__file__).with_name("newest_rows.json").read_text(encoding="utf-8"))
PROVENANCE = ["facts", "basis", "ground", "file_row"]


@pytest.fixture(scope="module")
def plain() -> Case:
    return read_case("south-caucasus")


@pytest.fixture(scope="module")
def newest(plain: Case) -> Case:
    return read_vintage(plain)


@pytest.fixture(scope="module")
def august(plain: Case) -> Case:
    return read_vintage(plain, "2025-08-31")


def as_text(name: str, frame: pd.DataFrame) -> dict[str, dict[str, object]]:
    """Rows by id as cells of a CSV file, numbers as numbers, without provenance."""
    from io import StringIO

    read = pd.read_csv(StringIO(table_text(name, frame)), keep_default_na=False, dtype=str)
    numbers = set(table_schema(name).of_type("number", "integer"))
    rows = read.drop(columns=PROVENANCE, errors="ignore").to_dict("records")
    key = table_schema(name).id_column
    return {str(row[key]): {str(k): typed(v, str(k) in numbers) for k, v in row.items()} for row in rows}


def typed(cell: object, is_number: bool) -> object:
    return float(str(cell)) if is_number and cell != "" else cell


def test_the_newest_vintage_is_the_tables_as_they_were_coded(plain: Case, newest: Case) -> None:
    for name, frame in newest.tables.items():
        numbers = set(table_schema(name).of_type("number", "integer"))
        expected = as_text(name, plain.table(name)) | {
            row: {k: typed(v, k in numbers) for k, v in cells.items()} for row, cells in NEWEST.get(name, {}).items()
        }
        assert as_text(name, frame) == expected, name
    assert newest.settings == plain.settings


def test_every_coded_row_differs_at_the_first_vintage(plain: Case) -> None:
    for name, rows in NEWEST.items():
        first = as_text(name, plain.table(name))
        numbers = set(table_schema(name).of_type("number", "integer"))
        same = [
            row
            for row, cells in rows.items()
            if first.get(row) == {k: typed(v, k in numbers) for k, v in cells.items()}
        ]
        assert same == [], name


def test_evidence_is_only_added(plain: Case, newest: Case) -> None:
    for name in NEWEST:
        key = table_schema(name).id_column
        old, new = plain.table(name).set_index(key), newest.table(name).set_index(key)
        for row in old.index:
            assert set(old.loc[row, "facts"].split(";")) <= set(new.loc[row, "facts"].split(";")) | {""}
            assert new.loc[row, "ground"].startswith(old.loc[row, "ground"])


def test_shuffled_updates_give_the_same_tables(plain: Case, newest: Case) -> None:
    updates = list(read_updates(plain))
    random.Random(1).shuffle(updates)
    assert _with_updates(plain, updates) == newest


def test_august_2025_knows_neither_the_framework_nor_the_end_of_the_bans(august: Case, newest: Case) -> None:
    for case, known in ((august, False), (newest, True)):
        controls, charges = case.table("controls"), case.table("charges")
        assert ("framework" in set(controls["status"])) is known
        assert ("TDC" in set(controls["actor"])) is known
        assert charges["charge_id"].str.startswith("tripp-fee").any() == known
        restrictions = case.table("restrictions").set_index("restriction_id")
        for name in ("aze-transit-ban-arm", "arm-transit-ban-aze", "arm-aze-trade-embargo", "arm-btk-exclusion"):
            assert (restrictions.loc[name, "ends_on"] != "") is known
        assert ("hormuz-shut-2026" in restrictions.index) is known


@pytest.mark.parametrize(
    ("day", "name", "ends_on"),
    [
        ("2025-11-04", "aze-transit-ban-arm", ""),
        ("2025-11-05", "aze-transit-ban-arm", "2025-10-20"),
        ("2025-11-07", "arm-transit-ban-aze", ""),
        ("2025-11-08", "arm-transit-ban-aze", "2025-11-08"),
        ("2026-06-24", "hormuz-shut-2026", ""),
        ("2026-06-25", "hormuz-shut-2026", "2026-06-23"),
        ("2025-09-12", "pol-blr-closure-2025", ""),
        ("2025-09-25", "pol-blr-closure-2025", "2025-09-25"),
    ],
)
def test_an_end_is_known_from_its_day_on(plain: Case, day: str, name: str, ends_on: str) -> None:
    restrictions = read_vintage(plain, day).table("restrictions").set_index("restriction_id")
    assert restrictions.loc[name, "ends_on"] == ends_on


def test_the_aras_bridge_is_dated_three_times(plain: Case) -> None:
    days = ["2025-08-31", "2025-10-13", "2026-06-27"]
    links = [read_vintage(plain, day).table("links").set_index("link_id") for day in days]
    found = [table.loc["aghband-kalaleh-road", "opens_on"] for table in links]
    assert found == ["2027-05-31", "2026-03-31", "2026-12-31"]


@pytest.mark.parametrize("table", ["restrictions", "charges", "controls"])
def test_nothing_in_the_tables_began_after_the_first_vintage(plain: Case, table: str) -> None:
    first, newest = plain.settings.article_date.isoformat(), plain.settings.newest_evidence.isoformat()
    frame = plain.table(table)
    began = frame[(frame["starts_on"] > first) & (frame["starts_on"] <= newest)]
    ended = frame[(frame["ends_on"] > first) & (frame["ends_on"] <= newest)]
    assert list(began.iloc[:, 0]) == list(ended.iloc[:, 0]) == [], "write an update instead (docs/vintages.md)"


@pytest.mark.slow
def test_every_vintage_passes_its_checks_and_cites_only_what_it_knows(plain: Case) -> None:
    facts: set[str] = set()
    days = [*vintage_days(plain), plain.settings.newest_evidence.isoformat()]  # facts come in after the last update
    for day in [*days, "2025-08-31", "2025-12-31"]:
        case = read_vintage(plain, day)
        assert [str(found) for found in check(case) if found.severity == "error"] == [], day
        known = set(case.table("facts")["fact_id"])
        if day in days:  # these are sorted
            assert facts <= known
            facts = known
        assert case.settings.newest_evidence.isoformat() <= day
    assert facts == set(plain.table("facts")["fact_id"])


@pytest.mark.slow
def test_all_scenarios_hold_at_the_first_and_the_newest_vintage(august: Case, newest: Case) -> None:
    for name in scenario_names(newest):
        assert apply(august, read_scenario(name, august)).name == "south-caucasus"
        scenario = read_scenario(name, newest)
        strict = replace(scenario, changes=tuple(replace(change, optional=False) for change in scenario.changes))
        assert apply(newest, strict) == apply(newest, scenario), "an optional change must select something by now"


def test_the_chronology_runs_from_washington_to_the_newest_evidence(august: Case, newest: Case) -> None:
    events = chronology(newest)
    assert len(events) >= 30
    assert events[0].date == "2025-08-08"
    assert max(event.known_on for event in events) == "2026-06-27"
    assert [event.date for event in events] == sorted(event.date for event in events)
    assert all(event.facts and (event.changes or event.reason) for event in events)
    assert [event.update for event in chronology(august)] == ["washington-declaration", "kars-dilucu-works-begin"]


def test_the_tripp_text_is_disputed_once_both_reports_are_known(plain: Case) -> None:
    def text(day: str) -> object:
        found = [event for event in chronology(read_vintage(plain, day)) if event.update == "tripp-text-agreed"]
        return [(event.facts, event.contradictions) for event in found]

    assert text("2026-05-25") == []
    assert text("2026-05-31") == [(("SC129",), ())]
    assert text("2026-06-01") == [(("SC129", "SC109"), (("SC129", "SC109"),))]
