"""Who can close a pipe, a wire or a fibre (convention C51; openness as convention C9)."""

from __future__ import annotations

import pandas as pd
import pytest

from mackinder.case import Case, conduit_closers, conduit_rights_on, open_conduits, read_case, rights_on

DAY = "2025-09-01"


@pytest.fixture(scope="module")
def packaged() -> Case:
    return read_case("south-caucasus")


def holding(case: Case, **cells: object) -> Case:
    """Add one right in the line of the starter case."""
    controls = case.table("controls")
    row = controls[controls["control_id"] == "railway-operator"].assign(
        control_id="line", asset_type="conduit", asset="a-b-power", **cells
    )
    return case.with_tables(controls=pd.concat([controls, row], ignore_index=True))


def test_territory_gives_sovereignty(tiny: Case) -> None:
    held = conduit_rights_on(tiny, DAY)
    assert held[["actor", "right", "via", "asset"]].to_numpy().tolist() == [
        ["AAA", "sovereign", "territory", "AAA"],
        ["BBB", "sovereign", "territory", "BBB"],
    ]
    assert conduit_rights_on(tiny, DAY, statuses=["framework"]).empty


def test_an_operator_closes_and_rolls_up(tiny: Case) -> None:
    closers = conduit_closers(holding(tiny, actor="ARW"), DAY)
    assert closers.to_numpy().tolist() == [
        ["a-b-power", "AAA", "operator;sovereign", "AAA;ARW"],
        ["a-b-power", "BBB", "sovereign", "BBB"],
    ]


def test_a_right_to_money_closes_nothing(tiny: Case) -> None:
    assert "CCC" not in set(conduit_closers(holding(tiny, actor="CCC", right="owner"), DAY)["root"])


@pytest.mark.parametrize(("status", "left"), [("binding", ["CCC"]), ("claimed", ["AAA", "BBB", "CCC"])])
def test_a_sovereign_by_name_replaces_territory_unless_claimed(tiny: Case, status: str, left: list[str]) -> None:
    held = conduit_rights_on(holding(tiny, actor="CCC", right="sovereign", share=1.0, status=status), DAY)
    assert held.loc[held["right"] == "sovereign", "actor"].tolist() == left


def test_rights_in_conduits_reach_no_link(tiny: Case) -> None:
    before, after = rights_on(tiny, DAY), rights_on(holding(tiny, actor="CCC", right="security", share=1.0), DAY)
    pd.testing.assert_frame_equal(before, after)


@pytest.mark.parametrize(
    ("cells", "there"),
    [
        ({}, True),
        ({"status": "planned"}, False),
        ({"status": "closed"}, False),
        ({"status": "building"}, False),
        ({"status": "building", "opens_on": DAY}, True),
        ({"opens_on": "2025-09-02"}, False),
        ({"status": "closed", "closed_since": DAY}, False),
        ({"status": "closed", "closed_since": "2025-09-02"}, True),
        ({"status": "restricted"}, True),
    ],
)
def test_openness_is_that_of_links(tiny: Case, cells: dict[str, str], there: bool) -> None:
    conduits = tiny.table("conduits").assign(**cells)
    assert open_conduits(conduits, DAY).tolist() == [there]
    assert bool(len(conduit_closers(tiny.with_tables(conduits=conduits), DAY))) is there


@pytest.mark.parametrize(
    ("conduit", "closers"),
    [
        ("gas-russia-georgia-armenia", {"ARM", "GEO", "RUS"}),
        ("gas-iran-armenia", {"ARM", "IRN", "RUS"}),  # the Armenian part is run by a Russian company
        ("oil-btc", {"AZE", "GEO", "TUR", "BP"}),
        ("oil-cpc", {"KAZ", "RUS", "CPC"}),
        ("gas-igdir-nakhchivan", {"AZE", "TUR"}),
        ("oil-baku-supsa", set()),  # shut since 2022: nothing to close
        ("gas-tripp", set()),
    ],
)
def test_who_can_close_what(packaged: Case, conduit: str, closers: set[str]) -> None:
    found = conduit_closers(packaged, DAY)
    assert set(found.loc[found["conduit_id"] == conduit, "root"]) == closers
