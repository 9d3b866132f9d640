"""Vintages of a case: what is in sight on a day, on a small case written for the test."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mackinder.case import check, read_case, scaffold
from mackinder.errors import CaseError, ScenarioError, UsageError
from mackinder.scenario import (
    apply,
    chronology,
    read_scenario,
    read_updates,
    read_vintage,
    rows_in_hindsight,
    vintage_days,
)
from mackinder.scenario.knowledge import fact_days, last_day

TOLL = """
[[change]]
op = "surcharge"
links = "*"
id = "{id}"
value = {value}
starts_on = 2025-10-01
facts = ["F004"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The scaffold: first vintage 8 August 2025, newest evidence at the end of the year."""
    return scaffold(tmp_path / "three")


@pytest.fixture
def update(folder: Path) -> Callable[..., None]:
    def put(name: str, body: str, *, date: str = "2025-10-01", facts: str = '"F004"', more: str = "") -> None:
        (folder / "updates").mkdir(exist_ok=True)
        text = f'label = "Something happens"\ndate = {date}\nfacts = [{facts}]\n{more}{body}'
        (folder / "updates" / f"{name}.toml").write_text(text, encoding="utf-8")

    return put


def test_a_case_without_updates_is_its_own_newest_vintage(folder: Path) -> None:
    plain = read_case(folder)
    assert read_vintage(folder) == plain
    assert read_vintage(folder).digest == plain.digest
    assert vintage_days(plain) == ["2025-08-08"]


def test_rows_known_later_are_not_in_sight_and_nothing_names_them(folder: Path) -> None:
    path = folder / "tables" / "episodes.csv"
    text = path.read_text(encoding="utf-8")
    assert ",2019-03-01,F007," in text
    path.write_text(text.replace(",2019-03-01,F007,", ",2025-09-20,F007,"), encoding="utf-8")
    seen = {day: read_vintage(folder, day) for day in ("2025-09-14", "2025-09-15", "2025-09-19", "2025-09-20")}
    for day, case in seen.items():
        assert not [found for found in check(case) if found.severity == "error"], day
        assert ("bbb-road-2025-09" in set(case.table("positions")["position_id"])) == (day >= "2025-09-15")
        shown = ["aaa-ccc-embargo-2019"] if day == "2025-09-20" else []
        assert list(case.table("episodes")["episode_id"]) == shown
        lever = case.table("levers").set_index("lever_id").loc["aaa-ccc-embargo"]
        assert lever["episodes"] == ";".join(shown)
    assert read_vintage(folder) == read_case(folder)


def test_a_day_before_the_first_vintage_is_an_error_that_names_it(folder: Path) -> None:
    with pytest.raises(CaseError, match="2025-08-07 lies before the first vintage of case three, 2025-08-08"):
        read_vintage(folder, "2025-08-07")
    assert read_vintage(folder, "2025-08-08").settings.newest_evidence == dt.date(2025, 8, 8)


@pytest.mark.parametrize("word", ["soon", "2025-13-01", "2025"])
def test_a_malformed_day_is_an_error(folder: Path, word: str) -> None:
    with pytest.raises(UsageError, match="as_of is a day such as"):
        read_vintage(folder, word)


def test_the_future_is_the_newest_vintage(folder: Path, update: Callable[..., None]) -> None:
    update("toll", TOLL.format(id="toll", value=3))
    newest = read_vintage(folder)
    assert read_vintage(folder, "2999-01-01") == newest == read_vintage(folder, dt.date(2025, 12, 31))
    assert read_vintage(folder, "2999-01-01").digest == newest.digest
    assert newest.settings.newest_evidence == dt.date(2025, 12, 31)


def test_later_facts_are_out_of_sight_and_rows_lose_them(folder: Path) -> None:
    early = read_vintage(folder, "2025-09-01")
    assert list(early.table("facts")["fact_id"]) == ["F001", "F002", "F006", "F114", "F115", "F116"]
    assert list(early.table("sources")["source_id"]) == ["S1", "S3"]
    embargo = early.table("restrictions").set_index("restriction_id").loc["aaa-ccc-embargo"]
    assert (embargo["facts"], embargo["basis"]) == ("", "estimate")
    assert "became known after this vintage" in embargo["ground"]
    assert "aaa-ccc-embargo" in rows_in_hindsight(early)["restrictions"]
    assert early.settings.newest_evidence == dt.date(2025, 8, 8)
    assert not rows_in_hindsight(read_vintage(folder))
    assert [found for found in check(early) if found.severity == "error"] == []


def test_a_vintage_differs_only_in_evidence_until_an_update(folder: Path, update: Callable[..., None]) -> None:
    update("toll", TOLL.format(id="toll", value=3))
    before, after = read_vintage(folder, "2025-09-30"), read_vintage(folder, "2025-10-01")
    old = before.table("restrictions").drop(columns=["facts", "basis", "ground", "file_row"])
    new = after.table("restrictions").drop(columns=["facts", "basis", "ground", "file_row"])
    assert sorted(set(new["restriction_id"]) - set(old["restriction_id"])) == ["toll"]
    assert after.settings.newest_evidence == dt.date(2025, 10, 1)
    assert vintage_days(read_case(folder)) == ["2025-08-08", "2025-10-01"]


@settings(max_examples=25, deadline=None)
@given(st.dates(dt.date(2025, 8, 8), dt.date(2026, 2, 1)), st.dates(dt.date(2025, 8, 8), dt.date(2026, 2, 1)))
def test_what_is_known_only_grows(tmp_path_factory: pytest.TempPathFactory, one: dt.date, other: dt.date) -> None:
    folder = tmp_path_factory.getbasetemp() / "grows"
    case = read_case(folder if folder.exists() else scaffold(folder))
    early, late = (read_vintage(case, day) for day in sorted((one, other)))
    assert set(early.table("facts")["fact_id"]) <= set(late.table("facts")["fact_id"])
    assert set(early.table("sources")["source_id"]) <= set(late.table("sources")["source_id"])
    assert early.settings.newest_evidence <= late.settings.newest_evidence


@pytest.mark.parametrize("names", [("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")])
def test_days_and_not_file_names_order_updates(
    folder: Path, update: Callable[..., None], names: tuple[str, ...]
) -> None:
    day = '[[change]]\nop = "set"\ntable = "links"\nids = ["b-south-c-harbour-road"]\ncolumn = "opens_on"\n'
    for number, name in enumerate(names, start=1):
        update(name, f'{day}value = 20{number + 30}-01-01\nfacts = ["F004"]\n', date=f"2025-10-0{number}")
    opens = read_vintage(folder).table("links").set_index("link_id").loc["b-south-c-harbour-road", "opens_on"]
    assert opens == "2033-01-01"
    assert [found.name for found in read_updates(read_case(folder))] == list(names)


def test_updates_of_one_day_that_contradict_each_other_are_refused(folder: Path, update: Callable[..., None]) -> None:
    update("one", TOLL.format(id="toll", value=3))
    update("two", TOLL.format(id="toll", value=4))
    with pytest.raises(ScenarioError, match="conflict over restrictions, new row toll"):
        read_vintage(folder)
    assert len(read_vintage(folder, "2025-09-30").table("restrictions")) == 2


NOTHING = 'changes_nothing = "no table speaks of it"\n'


@pytest.mark.parametrize(
    ("body", "more", "facts", "message"),
    [
        ("", "", '"F004"', "neither"),
        (TOLL.format(id="t", value=1), NOTHING, '"F004"', "both"),
        ("", NOTHING, "", "needs facts"),
        ("", NOTHING, '"F044"', "unknown fact 'F044'"),
        ("", NOTHING + "known_on = 2025-09-30\n", '"F004"', "lies before the event"),
        ("", NOTHING + "known_on = 2026-01-01\n", '"F004"', "raise that day"),
        ("", NOTHING + "weight = 1\n", '"F004"', "unknown key 'weight'"),
        ("", NOTHING + 'known_on = "soon"\n', '"F004"', "expected a day"),
    ],
)
def test_a_malformed_update_is_refused(
    folder: Path, update: Callable[..., None], body: str, more: str, facts: str, message: str
) -> None:
    update("odd", body, more=more, facts=facts)
    with pytest.raises(ScenarioError, match=message):
        read_vintage(folder)


def test_an_update_needs_a_fact_known_by_its_day(folder: Path, update: Callable[..., None]) -> None:
    update("early", NOTHING, date="2025-09-01")
    with pytest.raises(ScenarioError, match=r"none of its facts was known on 2025-09-01 \(F004 on 2025-09-15\)"):
        read_vintage(folder)


def test_an_update_of_the_first_vintage_belongs_in_the_tables(folder: Path, update: Callable[..., None]) -> None:
    update("early", TOLL.format(id="toll", value=1), date="2025-08-08", facts='"F006"')
    with pytest.raises(ScenarioError, match="it belongs in the tables"):
        read_vintage(folder)


def test_a_fact_dated_by_month_is_known_at_its_end_or_from_the_update_that_rests_on_it(
    folder: Path, update: Callable[..., None]
) -> None:
    table = folder / "tables" / "facts.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("2025-09,,2025-09-15", "2025-09,,2025-10"), encoding="utf-8")
    case = read_case(folder)
    assert fact_days(case)["F004"] == "2025-10-31"
    update("event", NOTHING, date="2025-10-04")
    assert fact_days(case, read_updates(case))["F004"] == "2025-10-04"
    assert "F004" not in set(read_vintage(case, "2025-10-03").table("facts")["fact_id"])
    assert "F004" in set(read_vintage(case, "2025-10-04").table("facts")["fact_id"])


@pytest.mark.parametrize(
    ("day", "last"), [("", ""), ("2024", "2024-12-31"), ("2024-02", "2024-02-29"), ("2024-02-03",) * 2]
)
def test_the_last_day_of_a_date(day: str, last: str) -> None:
    assert last_day(day) == last


def test_scenarios_keep_to_what_is_known(folder: Path) -> None:
    path = folder / "scenarios" / "toll.toml"
    text = 'label = "Toll"\ndescription = "A toll."\nsources = ["F004", "F006"]\n' + TOLL.format(id="toll", value=2)
    path.write_text(text, encoding="utf-8")
    early, late = read_vintage(folder, "2025-09-01"), read_vintage(folder)
    before, after = read_scenario("toll", early), read_scenario("toll", late)
    assert (before.sources, after.sources) == (("F006",), ("F004", "F006"))
    assert (before.changes[0].facts, before.changes[0].basis) == ((), "estimate")
    assert (after.changes[0].facts, after.changes[0].basis) == (("F004",), "cited")
    assert "became known after this vintage" in before.changes[0].ground
    assert [found for found in check(apply(early, before)) if found.severity == "error"] == []
    path.write_text(text.replace('["F004"]', '["F444"]'), encoding="utf-8")
    with pytest.raises(ScenarioError, match="unknown fact 'F444'"):
        read_scenario("toll", early)


def test_an_optional_change_may_select_nothing(folder: Path, update: Callable[..., None]) -> None:
    update("toll", TOLL.format(id="toll", value=3))
    path = folder / "scenarios" / "lift.toml"
    change = '[[change]]\nop = "allow"\nids = ["toll"]\nstarts_on = 2030-01-01\nfacts = ["F004"]\n'
    path.write_text('label = "Lift"\ndescription = "The toll goes."\n' + change, encoding="utf-8")
    early, late = read_vintage(folder, "2025-09-30"), read_vintage(folder)
    with pytest.raises(ScenarioError, match="unknown restriction 'toll'"):
        apply(early, read_scenario("lift", early))
    path.write_text(path.read_text(encoding="utf-8") + "optional = true\n", encoding="utf-8")
    assert apply(early, read_scenario("lift", early)) == early
    assert apply(late, read_scenario("lift", late)) != late


def test_a_chronology_shows_contradictions_once_both_sides_are_known(folder: Path, update: Callable[..., None]) -> None:
    table = folder / "tables" / "facts.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    lines[4] = lines[4].removesuffix(",,") + ",F008,"
    lines.append(
        "F008,south road,opening,2031,,2031,2031,year,2025-11,,2025-11-20,S2,low,The ministry expects 2031.,F004,"
    )
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    update("road", NOTHING + 'disputed = "2029 or 2031"\n', facts='"F004", "F008"', date="2025-09-20")
    early, late = (chronology(read_vintage(folder, day))[0] for day in ("2025-10-01", "2025-11-20"))
    assert (early.facts, early.contradictions, early.disputed) == (("F004",), (), "")
    assert (late.contradictions, late.disputed) == ((("F004", "F008"),), "2029 or 2031")
    assert chronology(read_vintage(folder, "2025-09-19")) == []


def test_copies_of_a_case_have_the_same_vintages(folder: Path, update: Callable[..., None], tmp_path: Path) -> None:
    update("toll", TOLL.format(id="toll", value=3))
    other = shutil.copytree(folder, tmp_path / "copy" / "three")
    for day in (None, "2025-09-30"):
        assert read_vintage(folder, day).digest == read_vintage(other, day).digest
