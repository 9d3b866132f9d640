"""The selector language, against sets worked out by hand and by a second implementation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mackinder.case.selectors import LinkIndex, is_trade, parse, select
from mackinder.errors import CaseError

ROADS = {
    "a-city-a-pass-road",
    "a-city-a-port-road",
    "a-pass-b-north-road",
    "b-north-b-south-road",
    "b-south-c-harbour-road",
}
RAIL, SEA = {"a-city-b-north-rail"}, {"a-port-c-harbour-sea"}


def chosen(case, selector):
    links = case.table("links")
    return set(links.loc[select(selector, links), "link_id"])


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("*", ROADS | RAIL | SEA),
        ("mode=road", ROADS),
        ("mode=rail|sea", RAIL | SEA),
        ("territory=CCC", {"b-south-c-harbour-road"}),
        ("territory=BBB&mode=rail", RAIL),
        ("place=a-port", {"a-city-a-port-road", "a-port-c-harbour-sea"}),
        ("tag=south;link=a-port-c-harbour-sea", {"b-north-b-south-road", "b-south-c-harbour-road"} | SEA),
        ("*;-mode=road", RAIL | SEA),
        ("mode=road;-tag=south;link=b-south-c-harbour-road", ROADS - {"b-north-b-south-road"}),
        ("tier=2", SEA),
        ("link=nowhere", set()),
        (" mode = road | rail & tier = 1 ", ROADS | RAIL),
    ],
)
def test_selects(tiny, selector, expected):
    assert chosen(tiny, selector) == expected


@pytest.mark.parametrize(
    ("selector", "says"),
    [
        ("contry=AAA", "unknown key 'contry'"),
        ("mode=raill", "did you mean 'rail'"),
        ("a-city-a-pass-road", "link=a-city-a-pass-road"),
        ("mode=road;", "empty clause"),
        ("-mode=road", "begins by taking away"),
        ("link=a b", "is not a name"),
        ("tier=one", "whole number"),
        ("trade", "restrictions only"),
        ("", "empty clause"),
    ],
)
def test_refuses_with_a_cure(selector, says):
    with pytest.raises(CaseError, match=says):
        parse(selector)


def test_trade_is_told_apart():
    assert is_trade("trade")
    assert not is_trade("tag=trade")


def test_names_that_no_link_has_are_listed(tiny):
    index = LinkIndex(tiny.table("links"))
    assert index.unknown("mode=road&tag=north|west;link=x") == ["tag=west", "link=x"]


def test_order_of_rows_does_not_matter(tiny):
    links = tiny.table("links")
    assert np.array_equal(select("tag=south", links[::-1]), select("tag=south", links)[::-1])


CONDITION = st.sampled_from(
    ["mode=road", "mode=rail|sea", "territory=BBB", "territory=AAA|CCC", "tag=north", "tier=1", "place=a-city"]
)
CLAUSE = st.lists(CONDITION, min_size=1, max_size=3).map("&".join) | st.just("*")


def by_hand(row, clause):
    """Evaluate a clause for one row without any of the code under test."""
    for condition in clause.split("&") if clause != "*" else []:
        key, values = condition.split("=")
        has = {
            "mode": {row["mode"]},
            "territory": set(row["territory"].split(";")),
            "tag": set(row["tags"].split(";")),
            "tier": {str(row["tier"])},
            "place": {row["from_place"], row["to_place"]},
        }[key]
        if not has & set(values.split("|")):
            return False
    return True


@given(clauses=st.lists(st.tuples(st.booleans(), CLAUSE), min_size=1, max_size=4))
def test_agrees_with_a_loop_over_rows(clauses, tiny):
    clauses[0] = (False, clauses[0][1])
    links = tiny.table("links")
    expected = np.zeros(len(links), dtype=bool)
    for subtract, clause in clauses:
        meets = np.array([by_hand(row, clause) for row in links.to_dict("records")])
        expected = expected & ~meets if subtract else expected | meets
    selector = ";".join(("-" if subtract else "") + clause for subtract, clause in clauses)
    assert np.array_equal(select(selector, links), expected)
