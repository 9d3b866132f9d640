"""Who holds which right on which link on a day: the rules of `mackinder.case.rights`, one by one."""

from __future__ import annotations

import pandas as pd
import pytest

from mackinder.case import children, rights_on, sovereigns, top_parents
from mackinder.case.rights import RIGHTS_COLUMNS

RAIL, NORTH, SOUTH = "a-city-b-north-rail", "a-pass-b-north-road", "b-south-c-harbour-road"
DAY = "2025-06-01"


def holders(case, link, right, day=DAY, **options):
    held = rights_on(case, day, **options)
    return sorted(held.loc[(held["link_id"] == link) & (held["right"] == right), "actor"])


def with_rights(case, *rows):
    """Add rows to controls: dictionaries over a binding customs right of CCC on the railway."""
    base = {
        "control_id": "new", "actor": "CCC", "asset_type": "link", "asset": RAIL, "right": "customs", "share": 1.0,
        "starts_on": "", "ends_on": "", "extension_years": pd.NA, "status": "binding", "facts": "", "basis": "estimate",
        "ground": "test", "file_row": 0,
    }  # fmt: skip
    frame = pd.DataFrame([{**base, "control_id": f"new-{n}", **row} for n, row in enumerate(rows)])
    controls = case.table("controls")
    return case.with_tables(controls=pd.concat([controls, frame.astype(controls.dtypes)]))


def test_columns_and_order(tiny):
    held = rights_on(tiny, DAY)
    assert tuple(held.columns) == RIGHTS_COLUMNS
    assert held.equals(held.sort_values(["link_id", "right", "actor", "control_id", "asset"], ignore_index=True))


def test_the_territory_gives_sovereignty_to_each_of_its_states(tiny):
    assert holders(tiny, RAIL, "sovereign") == ["AAA", "BBB"]
    assert holders(tiny, "a-port-c-harbour-sea", "sovereign") == []


def test_companies_roll_up(tiny):
    held = rights_on(tiny, DAY).query("actor == 'ARW'")
    assert held[["link_id", "root", "right"]].to_numpy().tolist() == [[RAIL, "AAA", "operator"]]


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2008-02-12", []), ("2008-02-13", ["ARW"]), ("2038-02-13", ["ARW"]), ("2038-02-14", [])],
)
def test_both_ends_of_a_right_are_included(tiny, day, expected):
    assert holders(tiny, RAIL, "operator", day) == expected


def test_statuses_are_chosen_by_the_caller(tiny):
    assert holders(tiny, SOUTH, "finance") == ["CCC"]
    assert holders(tiny, SOUTH, "finance", statuses=("binding",)) == []
    assert holders(tiny, SOUTH, "sovereign", statuses=("framework",)) == []


def test_a_row_for_a_link_replaces_selectors_there_only(tiny):
    case = with_rights(tiny, {})
    assert holders(case, RAIL, "customs") == ["CCC"]
    assert holders(case, NORTH, "customs") == ["BBB"]


def test_a_row_that_has_ended_replaces_nothing(tiny):
    case = with_rights(tiny, {"ends_on": "2025-01-01"})
    assert holders(case, RAIL, "customs") == ["AAA", "BBB"]
    assert holders(case, RAIL, "customs", "2024-12-31") == ["CCC"]


def test_a_claim_is_listed_and_replaces_nothing(tiny):
    case = with_rights(tiny, {"status": "claimed"})
    assert holders(case, RAIL, "customs") == ["AAA", "BBB", "CCC"]


def test_a_framework_replaces_nothing_where_frameworks_do_not_count(tiny):
    case = with_rights(tiny, {"status": "framework"})
    assert holders(case, RAIL, "customs", statuses=("binding",)) == ["AAA", "BBB"]


def test_a_departure_from_sovereignty_replaces_the_map(tiny):
    assert holders(with_rights(tiny, {"right": "sovereign"}), RAIL, "sovereign") == ["CCC"]
    by_selector = with_rights(tiny, {"right": "sovereign", "asset_type": "selector", "asset": "territory=BBB"})
    assert holders(by_selector, NORTH, "sovereign") == ["CCC"]


def test_a_place_row_holds_at_its_links_and_leaves_the_state_beyond_the_border(tiny):
    case = with_rights(tiny, {"asset_type": "place", "asset": "b-north-city"})
    assert holders(case, NORTH, "customs") == ["CCC"]
    assert holders(case, RAIL, "customs") == ["AAA", "CCC"]
    assert holders(case, SOUTH, "customs") == ["BBB"]


def test_a_money_right_in_a_place_stands_beside_those_in_the_line(tiny):
    line = {"asset_type": "selector", "asset": "mode=road", "right": "owner", "actor": "BBB"}
    case = with_rights(tiny, line)
    assert holders(case, "a-city-a-port-road", "owner") == ["AAA", "BBB"]


def test_parents():
    actors = pd.DataFrame(
        {"actor_id": ["A", "B", "C", "X", "Y"], "parent": ["", "A", "B", "Y", "X"], "kind": "company", "countries": ""}
    )
    assert top_parents(actors) == {"A": "A", "B": "A", "C": "A", "X": "X", "Y": "Y"}
    assert children(actors, "A") == ["B", "C"]


def test_a_state_answers_before_a_union():
    actors = pd.DataFrame({"actor_id": ["ALL", "ONE"], "kind": ["union", "state"], "countries": ["ONE;TWO", "ONE"]})
    assert sovereigns(actors) == {"ONE": "ONE", "TWO": "ALL"}
