"""Changes that contradict each other are found, and `overrides` settles them."""

from __future__ import annotations

import pytest

from mackinder.case import Case
from mackinder.errors import ScenarioError
from mackinder.scenario import Scenario, apply, read_scenario

from .conftest import Scene, Write, row

OPEN = 'op = "open"\nlinks = "link=old-rail"\nstarts_on = 2030-01-01'
CLOSE = 'op = "close"\nlinks = "link=old-rail"\nstarts_on = {day}'
SET = 'op = "set"\ntable = "links"\nids = ["dream-rail"]\ncolumn = "length_km"\nvalue = {value}'
GIVE = (
    'op = "transfer_right"\nright = "operator"\nlinks = "link=a-city-b-north-rail"\n'
    'to = [{{actor = "{to}"}}]\nstarts_on = 2027-01-01'
)
RISK = 'op = "risk"\nlinks = "*"\nid = "x"\nvalue = {value}\nstarts_on = 2027-01-01'


def both(write: Write, case: Case, one: str, other: str, *, head: str = "") -> Scenario:
    """Compose two files, of which the second may carry a head."""
    return read_scenario(f"{write(one, name='first')}+{write(other, name='second', head=head)}", case)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (OPEN, CLOSE.format(day="2029-01-01")),
        (OPEN, CLOSE.format(day="2031-01-01")),
        (OPEN, CLOSE.format(day="2031-01-01") + "\nends_on = 2031-02-01"),
        (OPEN, OPEN.replace("2030", "2031")),
        (SET.format(value=5), SET.format(value=6)),
        (OPEN, 'op = "set"\ntable = "links"\nids = ["old-rail"]\ncolumn = "status"\nvalue = "planned"'),
        (GIVE.format(to="BBB"), GIVE.format(to="CCC")),
        (RISK.format(value=1), RISK.format(value=2)),
    ],
)
def test_conflict_names_both_and_override_settles(case: Case, write: Write, one: str, other: str) -> None:
    with pytest.raises(ScenarioError, match=r"conflict over .*first\.toml.*second\.toml.*overrides"):
        apply(case, both(write, case, one, other))
    head = 'overrides = ["first"]'
    alone = apply(case, read_scenario(write(other, name="second"), case))
    won = apply(case, both(write, case, one, other, head=head))
    for table in ("links", "controls", "restrictions"):
        theirs = set(alone.table(table).iloc[:, 0])
        assert theirs <= set(won.table(table).iloc[:, 0]) | {"wall"}


def test_saying_the_same_twice_is_no_conflict(case: Case, write: Write) -> None:
    one, two = SET.format(value=5), SET.format(value=5)
    assert row(apply(case, both(write, case, one, two)), "links", "dream-rail")["length_km"] == 5.0


def test_open_until_a_closing_is_no_conflict(case: Case, write: Write) -> None:
    new = apply(case, both(write, case, OPEN + "\nends_on = 2030-12-31", CLOSE.format(day="2031-01-01")))
    assert row(new, "links", "old-rail")["closed_since"] == "2031-01-01"


def test_stronger_closing_cuts_the_opening(case: Case, write: Write) -> None:
    head = 'overrides = ["first"]'
    new = apply(case, both(write, case, OPEN, CLOSE.format(day="2031-01-01"), head=head))
    found = row(new, "links", "old-rail")
    assert (found["status"], found["opens_on"], found["closed_since"]) == ("closed", "2030-01-01", "2031-01-01")
    new = apply(case, both(write, case, OPEN, CLOSE.format(day="2029-01-01"), head=head))
    assert new == case, "an opening that never comes changes nothing, its lift of the border included"


def test_stronger_opening_ends_the_closing(case: Case, write: Write) -> None:
    rail = CLOSE.format(day="2029-01-01").replace("old-rail", "a-city-b-north-rail")
    new = apply(
        case, both(write, case, rail, OPEN.replace("old-rail", "a-city-b-north-rail"), head='overrides = ["first"]')
    )
    found = row(new, "links", "a-city-b-north-rail")
    assert (found["status"], found["closed_since"]) == ("open", "")
    gap = row(new, "restrictions", "closed.a-city-b-north-rail.2029-01-01")
    assert gap["ends_on"] == "2029-12-31"


def test_order_of_composition_means_nothing(case: Case, write: Write) -> None:
    one = write(OPEN, name="first")
    two = write('op = "delay"\nlinks = "tag=new"\nyears = 2', name="second")
    assert (
        apply(case, read_scenario(f"{one}+{two}", case)).digest
        == apply(case, read_scenario(f"{two}+{one}", case)).digest
    )


def test_new_id_must_be_new(case: Case, scene: Scene) -> None:
    with pytest.raises(ScenarioError, match="holds a row 'wall' already"):
        apply(case, scene('op = "risk"\nid = "wall"\nlinks = "*"\nvalue = 1\nstarts_on = 2027-01-01'))
