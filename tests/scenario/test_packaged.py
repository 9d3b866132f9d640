"""The scenarios that come with the package fit its tables."""

from __future__ import annotations

import pytest

from mackinder.case import Case, read_case
from mackinder.scenario import apply, describe, diff, read_scenario, scenario_names

ASKED = {
    "no-corridor", "russian-guarded", "trump-route", "consortium", "julfa-transit", "rasht-astara", "aras-route",
    "crossroads", "turkey-border-open", "russia-retaliates", "iran-blocks", "war-resumes", "us-russia-settles",
    "us-walks-away", "moscow-returns", "eaeu-exit",
}  # fmt: skip


@pytest.fixture(scope="module")
def packaged() -> Case:
    return read_case("south-caucasus")


def open_on(case: Case, link: str, day: str) -> bool:
    """Say whether a link is usable on a day, by the rule of the links table."""
    frame = case.table("links").set_index("link_id")
    status, opens_on, closed = frame.loc[link, ["status", "opens_on", "closed_since"]]
    if status == "planned" or (status in ("closed", "destroyed") and not closed):
        return False
    return (not opens_on or opens_on <= day) and (not closed or day < closed)


def test_all_sixteen_are_there(packaged: Case) -> None:
    assert set(scenario_names(packaged)) >= ASKED


@pytest.mark.parametrize("name", sorted(ASKED))
def test_applies_and_tells(packaged: Case, name: str) -> None:
    scenario = read_scenario(name, packaged)
    new = apply(packaged, scenario)
    assert diff(packaged, new), "a scenario that changes nothing is none"
    assert scenario.label in describe(scenario)
    assert 1 <= scenario.description.count(". ") + 1 <= 3
    assert len(scenario.parts) == 1 or scenario.parts[0] == "no-corridor"


@pytest.mark.parametrize(
    "name",
    ["trump-route+turkey-border-open", "trump-route+iran-blocks", "trump-route+war-resumes", "trump-route+rasht-astara",
     "iran-blocks+turkey-border-open", "trump-route+eaeu-exit+turkey-border-open", "consortium+julfa-transit"],
)  # fmt: skip
def test_compositions(packaged: Case, name: str) -> None:
    apply(packaged, read_scenario(name, packaged))


def test_what_opens(packaged: Case) -> None:
    day, rail, bridge = "2035-07-01", "meghri-nrnadzor-arm-rail", "margara-arm-alican-road"
    base, trump, turkey, war = (
        apply(packaged, read_scenario(name, packaged))
        for name in ("no-corridor", "trump-route", "turkey-border-open", "trump-route+war-resumes")
    )
    assert [open_on(c, rail, day) for c in (base, trump, turkey, war)] == [False, True, False, False]
    assert [open_on(c, bridge, day) for c in (base, trump, turkey, war)] == [False, False, True, False]
    assert open_on(base, "kars-igdir-rail", day), "Türkiye builds it whatever happens in Armenia"
    assert not open_on(base, "astara-ir-rasht-rail", day)


def test_no_closure_holds_an_opened_link(packaged: Case) -> None:
    new = apply(packaged, read_scenario("turkey-border-open", packaged))
    walls = new.table("restrictions")
    still = walls[(walls["kind"] == "border_closed") & ((walls["ends_on"] == "") | (walls["ends_on"] > "2035-07-01"))]
    from mackinder.case.selectors import select

    links = new.table("links")
    for asset in still["asset"]:
        held = set(links.loc[select(asset, links), "link_id"])
        assert not held & {"margara-arm-alican-road", "gyumri-akyaka-road", "akhurik-arm-akyaka-rail"}
