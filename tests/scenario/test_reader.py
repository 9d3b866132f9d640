"""Scenario files: names, composition, and messages that say where and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from mackinder.case import Case
from mackinder.errors import ScenarioError, UsageError
from mackinder.scenario import apply, describe, read_scenario, scenario_names

from .conftest import Scene, Write


def test_names_come_in_the_order_of_the_case(case: Case) -> None:
    assert scenario_names(case) == ["status-quo", "south-road"]


def test_read_by_name_and_describe(case: Case) -> None:
    scenario = read_scenario("status-quo", case)
    assert (scenario.name, scenario.counterfactual, scenario.parts) == ("status-quo", "", ("status-quo",))
    assert "Compared with the case as it stands." in describe(scenario)


def test_composition_and_includes_come_once(case: Case, write: Write) -> None:
    path = write(name="mine", head='includes = ["status-quo"]\ncounterfactual = "status-quo"')
    scenario = read_scenario(f"status-quo+{path}", case)
    assert scenario.parts == ("status-quo", "mine")
    assert scenario.name == "status-quo+mine"
    assert scenario.counterfactual == "status-quo"
    assert len(scenario.changes) == 1


def test_unknown_name_suggests(case: Case) -> None:
    with pytest.raises(UsageError, match="did you mean 'south-road'"):
        read_scenario("south-rod", case)
    with pytest.raises(UsageError, match="does not exist"):
        read_scenario("no/such.toml", case)


def test_inclusion_in_a_circle(case: Case, tmp_path: Path) -> None:
    folder = tmp_path / "loop"
    (folder / "scenarios").mkdir(parents=True)
    for name, other in (("a", "b"), ("b", "a")):
        text = f'label = "x"\ndescription = "x"\nincludes = ["{other}"]\n'
        (folder / "scenarios" / f"{name}.toml").write_text(text, encoding="utf-8")
    import dataclasses

    looped = dataclasses.replace(case, folder=folder)
    with pytest.raises(ScenarioError, match="includes itself by way of a > b > a"):
        read_scenario("a", looped)


def test_malformed_toml_names_file_and_line(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text('label = "x"\ndescription = \n', encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"broken\.toml, line 2: malformed TOML"):
        read_scenario(path, case)
    path.write_bytes(b'label = "\xff"')
    with pytest.raises(ScenarioError, match="not UTF-8 at byte 9"):
        read_scenario(path, case)


CLOSE = 'op = "close"\nlinks = "mode=rail"\nstarts_on = 2027-01-01\n'


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('links = "*"', "key 'op' is missing"),
        ('op = "clsoe"', r"line 4, change 1: unknown op 'clsoe': did you mean 'close'"),
        (CLOSE + 'strats_on = "x"', "unknown key 'strats_on': did you mean 'starts_on'"),
        ('op = "close"\nlinks = "*"', "key 'starts_on' is missing"),
        (CLOSE.replace("2027-01-01", '"2027-13-01"'), "expected a day such as 2028-12-31, got '2027-13-01'"),
        (CLOSE + "ends_on = 2026-01-01", "ends_on 2026-01-01 lies before starts_on 2027-01-01"),
        (CLOSE.replace('"mode=rail"', "3"), r"\(close\)\.links: expected a word or sentence"),
        ('op = "risk"\nlinks = "*"\nvalue = "much"\nstarts_on = 2027-01-01', r"\(risk\)\.value: expected a number"),
        ('op = "risk"\nlinks = "*"\nvalue = {low = 1}\nstarts_on = 2027-01-01', "low, mode and high"),
        ('op = "risk"\nlinks = "*"\nvalue = {low = 3, mode = 2, high = 4}\nstarts_on = 2027-01-01', "are not in order"),
        ('op = "restrict"\nkind = "bann"\nlinks = "*"\nstarts_on = 2027-01-01', "did you mean 'ban'"),
        ('op = "grow"\nvalue = 2\nstarts_on = 2027-01-01', "grow takes no dates"),
        (CLOSE + 'facts = ["F0O4"]', "unknown fact 'F0O4': did you mean 'F004'"),
        (CLOSE + 'basis = "guess"', "no facts and basis 'guess'"),
        (CLOSE + 'basis = "estimate"', "needs a ground"),
        (CLOSE + 'basis = "cited"\nground = "x"', "basis 'cited' needs facts"),
        (
            'op = "transfer_right"\nright = "toll"\nlinks = "*"\nto = [{actr = "X"}]\nstarts_on = 2027-01-01',
            "did you mean 'actor'",
        ),
    ],
)
def test_bad_changes(case: Case, scene: Scene, change: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        scene(change)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ('includs = ["x"]', "unknown key 'includs': did you mean 'includes'"),
        ('id = "other"', "must be the name of the file"),
        ('includes = ["status-qo"]', "did you mean 'status-quo'"),
        ('counterfactual = "south-raod"', "did you mean 'south-road'"),
        ('hypothetical = "yes"', "hypothetical is true or false"),
        ("change = 3", "double brackets"),
    ],
)
def test_bad_heads(case: Case, scene: Scene, head: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        scene(head=head)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('op = "close"\nlinks = "tag=nwe"\nstarts_on = 2027-01-01', "unknown tag 'nwe': did you mean 'new'"),
        ('op = "close"\nlinks = "tagg=new"\nstarts_on = 2027-01-01', "unknown key 'tagg'"),
        ('op = "close"\nlinks = "tag=new&mode=sea"\nstarts_on = 2027-01-01', "selects no link"),
        ('op = "close"\nlinks = "tag=new"\nstatus = ["opne"]\nstarts_on = 2027-01-01', "did you mean 'open'"),
        (
            'op = "close"\nlinks = "tag=new"\nstatus = ["open"]\nstarts_on = 2027-01-01',
            "with status open selects no link",
        ),
        ('op = "set"\ntable = "link"\nids = ["x"]\ncolumn = "x"\nvalue = 1', "did you mean 'links'"),
        ('op = "set"\ntable = "links"\nids = ["old-rial"]\ncolumn = "x"\nvalue = 1', "did you mean 'old-rail'"),
        (
            'op = "set"\ntable = "links"\nids = ["old-rail"]\ncolumn = "lenght_km"\nvalue = 1',
            "did you mean 'length_km'",
        ),
        ('op = "set"\ntable = "links"\nids = ["old-rail"]\ncolumn = "link_id"\nvalue = "x"', "is the id"),
        ('op = "set"\ntable = "links"\nids = ["old-rail"]\ncolumn = "status"\nvalue = "opened"', "did you mean 'open'"),
        ('op = "set"\ntable = "links"\nids = ["old-rail"]\ncolumn = "length_km"\nvalue = "far"', "is a number"),
        ('op = "set"\ntable = "links"\nids = ["old-rail"]\ncolumn = "length_km"\nvalue = ""', "cannot be emptied"),
        ('op = "set"\ntable = "links"\ncolumn = "status"\nvalue = "open"', "say which rows"),
        (
            'op = "set"\ntable = "places"\nlinks = "*"\ncolumn = "label"\nvalue = "x"',
            "selects links, but table is places",
        ),
        ('op = "scale"\ntable = "links"\nids = ["old-rail"]\ncolumn = "status"\nvalue = 2', "holds no number"),
        (
            'op = "scale"\ntable = "links"\nids = ["a-city-a-port-road"]\ncolumn = "capacity_mt_per_year"\nvalue = 2',
            "is empty in all",
        ),
        ('op = "allow"\nids = ["b-permits"]', "did you mean 'b-permit'"),
        ('op = "ban_trade"\norigin = "AAB"\ndestination = "CCC"\nstarts_on = 2027-01-01', "unknown country 'AAB'"),
        (
            'op = "ban_trade"\norigin = "AAA"\ndestination = "CCC"\ngoods = "gem"\nstarts_on = 2027-01-01',
            "did you mean 'gems'",
        ),
        ('op = "grow"\nexporter = "BBA"\nvalue = 2', "unknown exporter 'BBA'"),
        (
            'op = "transfer_right"\nright = "toll"\nlinks = "*"\nto = [{actor = "AA"}]\nstarts_on = 2027-01-01',
            "unknown actor 'AA'",
        ),
        ('op = "transfer_right"\nright = "toll"\nto = []\nstarts_on = 2027-01-01', "say where the right lies"),
        (
            'op = "surcharge"\nlinks = "trade"\ncharge_basis = "per_link"\nvalue = 1\nstarts_on = 2027-01-01',
            "per_shipment",
        ),
    ],
)
def test_changes_that_select_nothing(case: Case, scene: Scene, change: str, message: str) -> None:
    scenario = scene(change)
    with pytest.raises(ScenarioError, match=message):
        apply(case, scenario)
