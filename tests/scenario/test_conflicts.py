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
SCALE = 'op = "scale"\ntable = "links"\nids = ["dream-rail"]\ncolumn = "length_km"\nvalue = {value}'
GROW = 'op = "grow"\nexporter = "BBB"\nvalue = {value}'
TIE = 'op = "scale_transfers"\nindicator = "export_share"\nvalue = {value}\n{days}'
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
        (SCALE.format(value=2), SCALE.format(value=3)),
        (GROW.format(value=2), GROW.format(value=3)),
        (
            TIE.format(value=0.5, days="starts_on = 2027-01-01"),
            TIE.format(value=0.8, days="starts_on = 2029-01-01\nends_on = 2029-12-31"),
        ),
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


def test_factors_of_two_files_do_not_multiply(case: Case, write: Write) -> None:
    """Convention C120: one cause, told by two files, counts once."""
    old = row(case, "links", "dream-rail")["length_km"]
    one, two, three = (SCALE.format(value=value) for value in (2, 2, 3))
    assert row(apply(case, both(write, case, one, two)), "links", "dream-rail")["length_km"] == 2 * old
    for head, name, factor in (('overrides = ["first"]', "", 3), ("", 'overrides = ["second"]', 2)):
        first, second = write(one, name="first", head=name), write(three, name="second", head=head)
        new = apply(case, read_scenario(f"{first}+{second}", case))
        assert row(new, "links", "dream-rail")["length_km"] == factor * old
    new = apply(case, read_scenario(write(f"{one}\n---\n{three}", name="alone"), case))
    assert row(new, "links", "dream-rail")["length_km"] == 6 * old


def test_the_weaker_factor_of_a_tie_holds_on_the_days_that_are_left(case: Case, write: Write) -> None:
    """Convention C120: 0.8 in 2029, 0.5 before and after."""
    weak = TIE.format(value=0.5, days="starts_on = 2027-01-01")
    strong = TIE.format(value=0.8, days="starts_on = 2029-01-01\nends_on = 2029-12-31")
    new = apply(case, both(write, case, weak, strong, head='overrides = ["first"]')).table("ties").set_index("tie_id")
    name = "bbb-exports-to-aaa-2023"
    was = new.loc[name, "value_mode"]
    for day, factor in (("2027-01-01", 0.5), ("2029-01-01", 0.8), ("2030-01-01", 0.5)):
        assert new.loc[f"{name}.from-{day}", "value_mode"] == pytest.approx(factor * was)


def test_two_files_on_different_days_of_a_tie_are_no_conflict(case: Case, write: Write) -> None:
    early = TIE.format(value=0.5, days="starts_on = 2027-01-01\nends_on = 2027-12-31")
    new = apply(case, both(write, case, early, TIE.format(value=0.8, days="starts_on = 2028-01-01")))
    late = new.table("ties").set_index("tie_id").loc["bbb-exports-to-aaa-2023.from-2028-01-01"]
    assert late["value_mode"] == pytest.approx(0.8 * 0.3)
