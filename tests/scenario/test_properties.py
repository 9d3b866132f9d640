"""Order of changes means nothing; composing is applying together; nothing reaches the case."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mackinder.case import Case
from mackinder.scenario import apply, diff
from mackinder.scenario.grammar import read_change
from mackinder.scenario.model import Change, Scenario, years_later

GROUND = {"basis": "estimate", "ground": "made up for a test"}

#: changes that never contradict each other, whichever are taken
POOL: list[dict[str, object]] = [
    {"op": "open", "links": "link=old-rail", "starts_on": "2030-01-01"},
    {"op": "open", "links": "link=shut-road", "starts_on": "2031-01-01"},
    {"op": "open", "links": "link=young-road", "starts_on": "2032-01-01", "ends_on": "2033-06-30"},
    {"op": "close", "links": "link=a-city-b-north-rail", "starts_on": "2029-05-01"},
    {"op": "close", "links": "mode=sea", "starts_on": "2029-05-01", "ends_on": "2029-06-01"},
    {"op": "delay", "links": "tag=new", "status": ["closed"], "years": 1.5, "column": "closed_since"},
    {"op": "delay", "links": "link=b-south-c-harbour-road", "years": 2},
    {"op": "set", "table": "links", "ids": ["dream-rail"], "column": "length_km", "value": 12},
    {"op": "scale", "table": "links", "links": "*", "column": "length_km", "value": 1.1},
    {
        "op": "scale",
        "table": "links",
        "links": "mode=rail",
        "column": "time_h",
        "value": {"low": 0.9, "mode": 1, "high": 1.3},
    },
    {"op": "scale", "table": "links", "links": "tier=1", "column": "time_h", "value": 0.7},
    {"op": "grow", "exporter": "BBB", "value": 1.3},
    {"op": "grow", "importer": "CCC", "value": 0.8},
    {"op": "risk", "links": "mode=sea", "value": 3, "starts_on": "2027-01-01"},
    {"op": "tariff", "origin": "AAA", "destination": "BBB", "value": 5, "starts_on": "2027-01-01"},
    {"op": "allow", "ids": ["b-permit"], "links": "link=a-city-a-pass-road", "starts_on": "2028-01-01"},
    {"op": "allow", "ids": ["b-permit"], "pairs": ["BBB>CCC"], "starts_on": "2029-01-01"},
    {
        "op": "transfer_right",
        "right": "operator",
        "links": "mode=rail",
        "to": [{"actor": "BBB"}],
        "starts_on": "2029-01-01",
    },
    {"op": "transfer_right", "right": "customs", "links": "territory=AAA", "to": [], "starts_on": "2030-01-01"},
]


def change_of(number: int) -> Change:
    where = f"pool.toml, change {number:02d}"
    return read_change(POOL[number] | GROUND, scenario="pool", where=where, hypothetical=False)


def scenario_of(numbers: list[int]) -> Scenario:
    return Scenario(name="pool", label="pool", changes=tuple(change_of(number) for number in numbers))


QUIET = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUIET
@given(data=st.data())
def test_order_means_nothing(case: Case, data: st.DataObject) -> None:
    numbers = data.draw(st.lists(st.sampled_from(range(len(POOL))), unique=True, max_size=8))
    shuffled = data.draw(st.permutations(numbers))
    one, other = apply(case, scenario_of(numbers)), apply(case, scenario_of(list(shuffled)))
    assert one.digest == other.digest
    assert diff(one, other) == []


@QUIET
@given(numbers=st.lists(st.sampled_from(range(len(POOL))), unique=True, min_size=1, max_size=6))
def test_case_is_untouched_and_tables_stay_sound(case: Case, numbers: list[int]) -> None:
    before = case.digest
    new = apply(case, scenario_of(numbers))
    assert case.digest == before
    for name, frame in new.tables.items():
        ids = frame.iloc[:, 0]
        assert ids.is_unique
        assert ids.is_monotonic_increasing
        assert (frame.dtypes == case.table(name).dtypes).all(), "a change of values is no change of types"


def test_where_a_change_stands_does_not_matter(case: Case) -> None:
    change = change_of(0)
    moved = dataclasses.replace(change, where="other place")
    one = apply(case, Scenario(name="a", label="a", changes=(change,)))
    other = apply(case, Scenario(name="b", label="b", changes=(moved,)))
    assert one.digest == other.digest


@given(year=st.integers(1995, 2200), month=st.integers(1, 12), day=st.integers(1, 28), years=st.integers(0, 60))
def test_whole_years_come_back(year: int, month: int, day: int, years: int) -> None:
    start = f"{year:04d}-{month:02d}-{day:02d}"
    assert years_later(years_later(start, years), -years) == start
    assert years_later(start, years) == f"{year + years:04d}{start[4:]}"


def test_mixed_scales_multiply(case: Case) -> None:
    new = apply(case, scenario_of([9, 10]))
    frame, old = new.table("links"), case.table("links")
    rail = (old["mode"] == "rail") & (old["tier"] == 1)
    assert frame.loc[rail, "time_h_high"].to_numpy() == pytest.approx(
        old.loc[rail, "time_h_high"].to_numpy() * 1.3 * 0.7
    )
