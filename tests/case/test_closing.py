"""Who can close a link, a corridor and a conduit, by which right, since and until when (convention C71)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from mackinder.case import conduit_closers, read_case, scaffold, show
from mackinder.case.closing import closing_rights, conduit_closing_rights, corridor_links, screenline_closers

DAY = "2025-12-31"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return read_case(scaffold(tmp_path_factory.mktemp("closing") / "three"))


def test_states_and_operators_of_a_link(case: Any) -> None:
    own = closing_rights(case, DAY).query("link_id == 'a-city-b-north-rail'")
    assert set(zip(own["root"], own["actor"], own["right"], strict=True)) >= {
        ("AAA", "AAA", "sovereign"), ("BBB", "BBB", "sovereign"), ("AAA", "ARW", "operator"),
    }  # fmt: skip
    assert own["counts"].all()
    dates = case.table("controls").set_index("control_id")["ends_on"]
    for row in own[own["control_id"] != ""].to_dict("records"):
        assert row["ends_on"] == dates[row["control_id"]]


def test_a_claim_is_shown_and_does_not_count(case: Any) -> None:
    controls = case.table("controls")
    claim = controls.head(1).assign(
        control_id="c-claim", actor="CCC", asset_type="link", asset="a-city-b-north-rail", right="security", share=1.0,
        starts_on="", ends_on="", status="claimed",
    )  # fmt: skip
    claimed = case.with_tables(controls=pd.concat([controls, claim]))
    rights = closing_rights(claimed, DAY)
    row = rights[rights["control_id"] == "c-claim"]
    assert row["counts"].tolist() == [False]
    assert "CCC" not in screenline_closers(rights, ["a-city-b-north-rail"])


def test_a_right_that_ended_is_gone(case: Any) -> None:
    controls = case.table("controls")
    over = controls.assign(ends_on=controls["ends_on"].where(controls["right"] != "operator", "2020-12-31"))
    ended = case.with_tables(controls=over)
    assert "ARW" not in set(closing_rights(ended, DAY)["actor"])
    assert "ARW" in set(closing_rights(ended, "2020-12-31")["actor"])


def test_the_screenline_needs_all_its_links(case: Any) -> None:
    screenline, route = corridor_links(case, "north")
    assert screenline == ["a-city-b-north-rail", "a-pass-b-north-road"]
    assert set(route) >= {"a-city-a-pass-road"}
    # the road lies in BBB only, the railway in both
    assert screenline_closers(closing_rights(case, DAY), screenline) == ["BBB"]
    assert screenline_closers(closing_rights(case, DAY), []) == []


def test_conduits_agree_with_their_closers(case: Any) -> None:
    rights = conduit_closing_rights(case, DAY)
    firm = rights[rights["counts"]].groupby("conduit_id")["root"].agg(lambda roots: sorted(set(roots)))
    wanted = conduit_closers(case, DAY).groupby("conduit_id")["root"].agg(list)
    assert firm.loc[wanted.index].tolist() == wanted.tolist()


def test_show_explains_link_by_link(case: Any) -> None:
    shown = show(case, "corridor:south")
    assert shown["can_close_whole_screenline_today"] == ["BBB", "CCC"]
    told = shown["who_can_close"]
    assert isinstance(told, list)
    road = next(entry for entry in told if entry["link"] == "b-south-c-harbour-road")
    assert road["carries_today"] is False
    assert road["opens_on"] == "2029-01-01"
    assert {(c["root"], c["right"], c["status"]) for c in road["closers"]} >= {
        ("BBB", "sovereign", "binding"), ("CCC", "sovereign", "binding"),
    }  # fmt: skip
    line = show(case, "conduit:a-b-power")
    rights = line["by_which_right"]
    assert isinstance(rights, list)
    assert {right["root"] for right in rights} == {"AAA", "BBB"}
