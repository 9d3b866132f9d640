"""Appraisal of what a scenario builds: flows by hand, an account that closes, rates that are not there."""

import numpy as np
import pytest

from mackinder.indicators.appraisal import internal_rate_of_return, net_present_value
from mackinder.indicators.appraised import capital_of_states, measure_appraisal
from mackinder.indicators.measure import NO_AMOUNT, catalogue, stack
from mackinder.indicators.projects import ProjectDraws, draw_projects, project_flows
from mackinder.indicators.welfare import ACCOUNT, measure_welfare


def project(**changes):
    """One project of 100 in two years, upkeep 1, life 3 years, ten percent; AAA and BBB pay half each."""
    numbers = {"fresh": 100.0, "upkeep": 1.0, "construction": 2.0, "life": 3.0, "rate": 0.1} | changes
    arrays = {name: np.atleast_2d(value).astype(float) for name, value in numbers.items()}
    halves = ({"AAA": 0.5, "BBB": 0.5},) * arrays["fresh"].shape[1]
    return ProjectDraws(names=tuple("xyz"[: arrays["fresh"].shape[1]]), bearers=halves, **arrays)


def test_flows_by_hand():
    flows = project_flows(project(), np.array([41.0]), np.ones(1))
    np.testing.assert_allclose(flows, [[0, -50, -50, 40, 40, 40]])
    by_hand = sum(f / 1.1**t for t, f in enumerate([0, -50, -50, 40, 40, 40]))
    np.testing.assert_allclose(net_present_value(flows, np.array([0.1])), by_hand)


def test_parts_of_years_and_of_costs():
    """Half a year of building and 1.25 years of life: nothing is lost at the ends of years."""
    flows = project_flows(project(construction=0.5, life=1.25), np.array([8.0]), np.array([0.5]))
    np.testing.assert_allclose(flows, [[0, -50 + 0.5 * 7.5, 0.75 * 7.5]])


def test_several_projects_earn_once_all_are_done_and_until_the_first_is_worn_out():
    two = project(fresh=[100.0, 30.0], upkeep=[0.0, 2.0], construction=[2.0, 1.0], life=[5.0, 3.0], rate=[0.1, 0.1])
    flows = project_flows(two, np.array([10.0]), np.ones(2))
    np.testing.assert_allclose(flows, [[0, -80, -52, 8, 8]])


def test_a_project_that_earns_nothing_has_no_rate():
    flows = project_flows(project(), np.array([0.0]), np.ones(1))
    found = internal_rate_of_return(flows)
    assert found.status.tolist() == ["none"]
    assert np.isnan(found.rate).all()


@pytest.fixture(scope="module")
def solved(starter, solve, scenes):
    from mackinder.equilibrium.loading import load_network

    cases = scenes(starter)
    out = solve(cases, years=(2023, 2035), draws=3)
    out.loading = load_network(cases, out.network, out.routes, out.prices, out.design, threads=1, model="trade")
    return out


def numbers(measure, indicator, **key):
    found = (measure.keys["indicator"] == indicator).to_numpy()
    for column, value in key.items():
        found = found & (measure.keys[column] == value).to_numpy()
    return measure.keys[found], measure.draws[:, found]


def test_account_closes_with_capital_in_every_draw(solved):
    measure = stack(measure_welfare(solved.loading, solved.cases, "status-quo"))
    keys, draws = numbers(measure, "welfare_account", scenario="south-road", year=2035)
    for target in set(keys["target"]):
        part = {v: draws[:, (keys["variant"] == v).to_numpy() & (keys["target"] == target).to_numpy()] for v in ACCOUNT}
        added = sum(part[v] for v in ACCOUNT if v != "total")
        np.testing.assert_allclose(part["total"], added, rtol=1e-12, atol=1e-9)
    cost = draw_projects(solved.cases["south-road"], ["south-road"], solved.design).annual()[:, 0] / 1e6
    for actor, share in (("BBB", 0.6), ("CCC", 0.4), ("AAA", 0.0)):
        paid = draws[:, ((keys["variant"] == "capital") & (keys["target"] == actor)).to_numpy()][:, 0]
        np.testing.assert_allclose(paid, -share * cost)


def test_nothing_is_built_in_the_baseline_nor_in_the_base_year(solved):
    built = capital_of_states(solved.cases, solved.network, "status-quo", solved.design)
    assert [(solved.network.states[s].scenario, solved.network.states[s].year) for s in built] == [("south-road", 2035)]
    measure = stack(measure_welfare(solved.loading, solved.cases, "status-quo"))
    for scenario, year in (("status-quo", 2023), ("status-quo", 2035)):
        assert not numbers(measure, "welfare_account", scenario=scenario, year=year, variant="capital")[1].any()


def test_value_of_all_is_that_of_each(solved):
    """Everybody's present values add up to the world's: no gain is counted twice and no cost is lost."""
    measure = stack(measure_welfare(solved.loading, solved.cases, "status-quo"))
    keys, draws = numbers(measure, "project_npv")
    assert set(keys["asset"]) == {"south-road"}
    world = (keys["target"] == "").to_numpy()
    np.testing.assert_allclose(draws[:, world][:, 0], draws[:, ~world].sum(axis=1), rtol=1e-9)
    keys, draws = numbers(measure, "project_eirr")
    assert set(keys["target"]) == {"", "BBB", "CCC"}


def test_a_bearer_without_trade_or_rights_still_pays(solved):
    state = next(s for s, x in enumerate(solved.network.states) if x.scenario == "south-road" and x.year == 2035)
    draws = solved.design.draws
    stranger = ProjectDraws(
        names=("road",), fresh=np.full((draws, 1), 1e6), upkeep=np.zeros((draws, 1)), construction=np.ones((draws, 1)),
        life=np.full((draws, 1), 9.0), rate=np.full((draws, 1), 0.05), bearers=({"BANK": 1.0},),
    )  # fmt: skip
    gain = np.zeros((draws, len(solved.network.states), len(solved.network.actors)))
    measure = stack(measure_appraisal(solved.network, {state: stranger}, gain, "status-quo", solved.design))
    keys, found = numbers(measure, "project_npv", target="BANK")
    assert len(keys) == 1
    np.testing.assert_allclose(found, -1 / 1.05)
    assert np.isnan(numbers(measure, "project_eirr")[1]).all()


def test_no_rate_is_compared_with_zero():
    assert {i.family for i in catalogue().values() if i.indicator.startswith("project_")} <= NO_AMOUNT
