"""`diff` says in plain words what apply did."""

from __future__ import annotations

from mackinder.case import Case
from mackinder.scenario import apply, diff

from .conftest import Scene


def texts(case: Case, new: Case) -> list[str]:
    return [difference.text for difference in diff(case, new)]


def test_nothing_differs(case: Case) -> None:
    assert diff(case, case) == []


def test_opening_in_words(case: Case, scene: Scene) -> None:
    new = apply(case, scene('op = "open"\nlinks = "link=dream-rail"\nstarts_on = 2030-01-01'))
    (found,) = diff(case, new)
    assert found.text == "Dream-Rail opens on 2030-01-01 (was: planned, no opening)"
    assert (found.table, found.ids, found.column, found.unit) == ("links", ("dream-rail",), "status", "1")


def test_units_and_intervals(case: Case, scene: Scene) -> None:
    new = apply(
        case,
        scene('op = "set"\ntable = "links"\nids = ["dream-rail"]\ncolumn = "time_h"\nvalue = {low=1, mode=2, high=4}'),
    )
    (found,) = diff(case, new)
    assert found.text == "Dream-Rail time 2 (1 to 4) h (was 9 (6 to 18))"
    assert (found.before, found.after, found.unit) == ("9 (6 to 18)", "2 (1 to 4)", "h")


def test_many_rows_that_change_alike_are_one(case: Case, scene: Scene) -> None:
    new = apply(case, scene('op = "scale"\ntable = "links"\nlinks = "*"\ncolumn = "cost_usd_per_t"\nvalue = 1.25'))
    (found,) = diff(case, new)
    assert found.text == f"{len(case.table('links'))} links: cost x 1.25"
    assert (len(found.ids), found.before) == (len(case.table("links")), "several")


def test_new_and_ended_rows(case: Case, scene: Scene) -> None:
    charge = 'op = "surcharge"\nid = "fee"\nlinks = "link=old-rail"\norigin = "AAA"\nvalue = 3\nstarts_on = 2027-01-01'
    allow = 'op = "allow"\nids = ["b-permit"]\nstarts_on = 2027-01-01'
    new = apply(case, scene(f"{charge}\n---\n{allow}"))
    assert texts(case, new) == [
        "restriction b-permit: ends on 2026-12-31 (was none)",
        "restriction fee: new: all goods from AAA to anywhere charged 3 USD/t on Old-Rail from 2027-01-01 (permit)",
    ]
    assert "restriction fee: no longer there" in " ".join(texts(new, case))


def test_rights_in_words(case: Case, scene: Scene) -> None:
    change = 'op = "transfer_right"\nright = "operator"\nlinks = "link=a-city-b-north-rail"\nstarts_on = 2027-01-01\n'
    new = apply(case, scene(change + 'to = [{actor = "BBB", share = 0.6}]'))
    assert "Railway A-City to B-North: new: State of BBB holds 60 % operator from 2027-01-01 (binding)" in texts(
        case, new
    )


def test_what_is_left_of_a_restriction(case: Case, scene: Scene) -> None:
    change = 'op = "allow"\nids = ["b-permit"]\nlinks = "link=a-city-a-pass-road"\nstarts_on = 2027-01-01'
    assert texts(case, apply(case, scene(change))) == [
        "restriction b-permit: ends on 2026-12-31 (was none)",
        "restriction b-permit: goes on from 2027-01-01 without A-City to the border",
    ]
