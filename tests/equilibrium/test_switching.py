"""Switch points and profitable tolls against closed forms, scipy, and a second solution with the price in the tables."""

import dataclasses

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.special import lambertw

from mackinder.equilibrium import profitable_toll, switch_points
from mackinder.equilibrium.contest import (
    Contest,
    best_toll,
    carried,
    crossing,
    detours,
    gap_at_price,
    gap_at_rate,
)
from mackinder.errors import NoRouteError, UsageError

THETA, VOT = 0.07, 0.5


def parallel(costs, *, tonnes=(100.0,), rate=30.0, size=(1.0, 1.0), no_ship=1e4, draws=1):
    """Flows that choose between two routes, the first over one corridor and the second over the other."""
    costs = np.asarray(costs, dtype=float)  # (F, 2)
    n = len(costs)
    x = np.asarray(size) * np.exp(-THETA * (costs - costs.min(axis=1, keepdims=True)))
    weight = np.zeros((4, draws, n))
    weight[1], weight[2] = x[:, 0], x[:, 1]

    def full(value):
        return np.full((draws, n), value)

    return Contest(
        weight=weight, away=weight.sum(axis=0) * np.exp(-THETA * no_ship), theta=full(THETA), vot=full(VOT),
        tonnes=np.broadcast_to(np.asarray(tonnes, dtype=float), (draws, n)), contested=np.ones(n, dtype=bool),
        captive=np.zeros(n, dtype=bool), route_flow=np.arange(n), route_both=np.zeros(n, dtype=bool),
        route_weight=weight[1].copy(), route_rate=full(rate),
    )  # fmt: skip


NONE, TOP = np.zeros(1), np.full(1, 200.0)


def test_two_parallel_routes_switch_at_the_cost_gap():
    """Equal path sizes: the threshold is the difference of costs, in every lever's own unit."""
    contest = parallel([[50.0, 62.5]])
    fee = crossing(lambda x: gap_at_price(contest, x, NONE), NONE, TOP)
    hours = crossing(lambda x: gap_at_price(contest, NONE, x), NONE, TOP)
    rate = crossing(lambda x: gap_at_rate(contest, x), NONE, NONE + 5.0)
    np.testing.assert_allclose(fee, 12.5, atol=1e-9)
    np.testing.assert_allclose(hours, 12.5 / VOT, atol=1e-9)
    np.testing.assert_allclose(rate, 1.0 + 12.5 / 30.0, atol=1e-9)
    np.testing.assert_allclose(carried(contest, fee, NONE), 50.0, rtol=1e-9)


def test_path_sizes_shift_the_threshold():
    contest = parallel([[50.0, 62.5]], size=(1.0, 0.4))
    fee = crossing(lambda x: gap_at_price(contest, x, NONE), NONE, TOP)
    np.testing.assert_allclose(fee, 12.5 - np.log(0.4) / THETA, atol=1e-9)


def test_several_flows_against_scipy():
    costs, tonnes = [[10.0, 40.0], [55.0, 50.0], [20.0, 21.0]], [5.0, 30.0, 8.0]
    contest = parallel(costs, tonnes=tonnes)

    def gap(x):
        shares = [1 / (1 + np.exp(-THETA * (b - a - x))) for a, b in costs]
        return sum(q * (2 * s - 1) for q, s in zip(tonnes, shares, strict=True))

    found = crossing(lambda x: gap_at_price(contest, x, NONE), NONE - 50.0, TOP)
    np.testing.assert_allclose(found, brentq(gap, -50.0, 200.0, xtol=1e-12), atol=1e-7)


def test_no_flip_within_the_range_is_said_and_not_a_number():
    ahead, behind = parallel([[0.0, 500.0]]), parallel([[500.0, 0.0]])
    assert crossing(lambda x: gap_at_price(ahead, x, NONE), NONE, TOP)[0] == np.inf
    assert crossing(lambda x: gap_at_price(behind, x, NONE), NONE, TOP)[0] == -np.inf
    nobody = dataclasses.replace(ahead, contested=np.zeros(1, dtype=bool))
    assert np.isnan(crossing(lambda x: gap_at_price(nobody, x, NONE), NONE, TOP)[0])


def test_toll_of_one_flow_in_closed_form():
    """Earnings x / (1 + e^(theta (x - d))) peak where theta x = 1 + W(e^(theta d - 1))."""
    for gap in (-20.0, 0.0, 35.0, 120.0):
        toll, revenue, tonnes = best_toll(parallel([[50.0, 50.0 + gap]]))
        expected = (1 + lambertw(np.exp(THETA * gap - 1)).real) / THETA
        np.testing.assert_allclose(toll, expected, rtol=1e-6)
        np.testing.assert_allclose(revenue, toll * tonnes)


def test_toll_of_several_flows_against_scipy_with_two_peaks():
    """A few captive users and many with an alternative: the better of two peaks is found."""
    costs, tonnes = [[50.0, 60.0], [50.0, 900.0]], [100.0, 3.0]
    toll, revenue, _ = best_toll(parallel(costs, tonnes=tonnes))

    def lost(x):
        return -sum(q * x / (1 + np.exp(THETA * (x - (b - a)))) for q, (a, b) in zip(tonnes, costs, strict=True))

    peaks = [
        minimize_scalar(lost, bounds=b, method="bounded", options={"xatol": 1e-9}) for b in ((1, 200), (400, 1500))
    ]
    best = min(peaks, key=lambda found: found.fun)
    np.testing.assert_allclose(revenue, -best.fun, rtol=1e-9)
    np.testing.assert_allclose(toll, best.x, rtol=1e-4)


def test_captive_bound_is_the_area_under_demand_and_no_toll_earns_more():
    contest = parallel([[50.0, 60.0], [50.0, 90.0]], tonnes=[100.0, 40.0])
    _, revenue, _ = best_toll(contest)
    spread, bound, captive = detours(contest, (0.1, 0.9))
    grid = np.linspace(0.0, 1000.0, 200_001)
    area = np.trapezoid([float(carried(contest, np.full(1, x), NONE)[0]) for x in grid[::20]], grid[::20])
    np.testing.assert_allclose(bound, area, rtol=1e-4)
    assert revenue < bound
    assert captive == 0.0
    assert spread[0, 0] < spread[0, 1]


@pytest.fixture(scope="module")
def rivals(rich):
    """Two corridors between the north and the south of the rich case, of which flows can use either."""
    corridors = rich.table("corridors").copy()
    corridors.loc[corridors["corridor_id"] == "north", ["screenline", "route_tag"]] = [
        "link=a-port-c-harbour-sea|b-coast",
        "",
    ]
    corridors.loc[corridors["corridor_id"] == "south", "route_tag"] = ""
    return rich.with_tables(corridors=corridors)


def test_case_threshold_makes_both_carry_the_same(rivals):
    """The fee found, put into the tables as the price of the link for one class, equalises what is contested."""
    answer = switch_points(rivals, "south", "north", scenario="south-road", goods="manufactures", within=3.0, draws=4)
    fee = next(p for p in answer.points if p.lever == "fee")
    assert (answer.contested > 0).all()
    assert np.isfinite(fee.threshold).any()
    assert ((answer.on_first > answer.on_second) == (fee.threshold > fee.today)).all()
    room = next(p for p in answer.points if p.lever == "capacity")
    known = np.isfinite(room.threshold)
    assert (room.threshold[known] < answer.all_first[known]).all()


def test_one_draw_is_the_same_in_all_designs(rivals):
    """Same seed, same numbers; the order of draws and threads do not matter."""
    asked = {"scenario": "south-road", "within": 3.0, "draws": 3}
    one, two = (switch_points(rivals, "south", "north", threads=t, **asked) for t in (1, 2))
    for a, b in zip(one.points, two.points, strict=True):
        np.testing.assert_array_equal(a.threshold, b.threshold)


def test_toll_of_a_case_stays_below_its_bound(rivals):
    answer = profitable_toll(rivals, "south", scenario="south-road", draws=4)
    assert (answer.revenue <= answer.bound).all()
    assert (answer.tonnes <= answer.tonnes_free).all()
    assert (answer.toll > 0).all()


def test_bad_asks(starter):
    with pytest.raises(NoRouteError, match="south is shut in scenario status-quo in 2035"):
        switch_points(starter, "south", "north", scenario="status-quo", draws=1)
    with pytest.raises(UsageError, match="north"):
        switch_points(starter, "south", "noth", scenario="south-road", draws=1)
    with pytest.raises(UsageError, match="two corridors"):
        switch_points(starter, "south", "south")
    with pytest.raises(UsageError, match="manufactures"):
        switch_points(starter, "south", "north", scenario="south-road", goods="manufacture", draws=1)
    with pytest.raises(UsageError, match="at least one draw"):
        profitable_toll(starter, "south", draws=0)
