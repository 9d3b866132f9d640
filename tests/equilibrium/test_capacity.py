"""Hard capacities: the linear programme that they make of constant costs, solved by HiGHS."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from mackinder.equilibrium import RoadNetwork, assign, road_network
from mackinder.errors import NotConvergedError


def programme(net: RoadNetwork, trips: np.ndarray, no_ship: float) -> tuple[float, np.ndarray]:
    """Least cost and link prices of the multi-commodity flow by origin, with a no-ship variable for each pair."""
    origins = [o for o in range(len(trips)) if trips[o].sum() > 0]
    n, m = net.n_nodes, net.n_links
    incidence = np.zeros((n, m))
    incidence[net.tail, np.arange(m)] += 1
    incidence[net.head, np.arange(m)] -= 1
    pairs = [(k, o, d) for k, o in enumerate(origins) for d in range(len(trips)) if d != o and trips[o, d] > 0]
    columns = len(origins) * m + len(pairs)
    equal, right = np.zeros((len(origins) * n, columns)), np.zeros(len(origins) * n)
    for k in range(len(origins)):
        equal[k * n : (k + 1) * n, k * m : (k + 1) * m] = incidence
    for i, (k, o, d) in enumerate(pairs):
        right[k * n + o] += trips[o, d]
        right[k * n + d] -= trips[o, d]
        equal[k * n + o, len(origins) * m + i] = 1
        equal[k * n + d, len(origins) * m + i] = -1
    upper = np.hstack([np.eye(m)] * len(origins) + [np.zeros((m, len(pairs)))])
    cost = np.concatenate([net.free_flow_time + net.fixed_cost] * len(origins) + [np.full(len(pairs), no_ship)])
    bounded = np.isfinite(net.limit)
    found = linprog(cost, A_ub=upper[bounded], b_ub=net.limit[bounded], A_eq=equal, b_eq=right, method="highs")
    assert found.status == 0
    prices = np.zeros(m)
    prices[bounded] = -found.ineqlin.marginals
    return float(found.fun), prices


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 100_000), tightness=st.sampled_from([0.3, 0.8]))
def test_constant_costs_are_the_linear_programme(ref: ModuleType, seed: int, tightness: float) -> None:
    net = ref.ring_and_chords(seed, b=0.0)
    trips = ref.random_trips(seed)
    np.fill_diagonal(trips, 0.0)
    free = assign(net, trips).link_flow
    net = ref.ring_and_chords(seed, b=0.0, limit=np.where(free > 0, tightness * free.max(), np.inf))
    result = assign(net, trips, no_ship_cost=60.0, gap=1e-8, capacity_tolerance=1e-7)
    best, _ = programme(net, trips, 60.0)
    assert result.objective == pytest.approx(best, rel=1e-5)
    assert (result.link_flow <= net.limit * (1 + 1e-6)).all()
    assert (result.multipliers >= 0).all()
    slack = np.isfinite(net.limit) & (result.link_flow < net.limit * (1 - 1e-6))
    assert (result.multipliers[slack] == 0).all()
    # strong duality: the prices support the optimum, whatever vertex the dual solver would choose
    cost = net.free_flow_time + net.fixed_cost + result.multipliers
    least = np.minimum(ref.least_costs(net, cost, len(trips)), 60.0)
    rent = float(result.multipliers[np.isfinite(net.limit)] @ net.limit[np.isfinite(net.limit)])
    assert float(np.sum(np.where(trips > 0, least * trips, 0.0))) - rent == pytest.approx(best, rel=1e-5)


def two_roads(limit: float) -> RoadNetwork:
    return road_network(
        n_nodes=2,
        tail=[0, 0],
        head=[1, 1],
        free_flow_time=[3.0, 5.0],
        b=[0.0, 0.2],
        capacity=1.0,
        limit=[limit, np.inf],
    )


def test_price_is_what_the_next_best_costs_more() -> None:
    """4 of 10 fit on the short road; the long one costs 5 + 6 then, 8 more."""
    result = assign(two_roads(4.0), [[0, 10], [0, 0]], gap=1e-11, capacity_tolerance=1e-9)
    np.testing.assert_allclose(result.link_flow, [4.0, 6.0], rtol=1e-8)
    np.testing.assert_allclose(result.multipliers, [8.0, 0.0], rtol=1e-8)
    np.testing.assert_allclose(result.link_cost, [3.0, 11.0], rtol=1e-8)
    assert result.pairs.least_cost[0] == pytest.approx(11.0, rel=1e-8)


def test_price_equals_the_programmes_multiplier() -> None:
    net = road_network(
        n_nodes=3, tail=[0, 0, 1], head=[2, 1, 2], free_flow_time=[3.0, 2.0, 4.0], limit=[4.0, np.inf, 5.0]
    )
    trips = np.zeros((3, 3))
    trips[0, 2], trips[1, 2] = 7.0, 3.0
    result = assign(net, trips, no_ship_cost=20.0, gap=1e-10, capacity_tolerance=1e-9)
    best, prices = programme(net, trips, 20.0)
    assert result.objective == pytest.approx(best, rel=1e-8)
    np.testing.assert_allclose(result.multipliers, prices, rtol=1e-6)
    assert result.unserved == pytest.approx(1.0, rel=1e-6)


def test_a_limit_that_does_not_bind_changes_nothing(ref: ModuleType) -> None:
    trips = ref.random_trips(2)
    free = assign(ref.ring_and_chords(2), trips)
    loose = assign(ref.ring_and_chords(2, limit=2 * free.link_flow.max()), trips)
    np.testing.assert_allclose(loose.link_flow, free.link_flow, rtol=1e-3, atol=1e-3)
    assert not loose.multipliers.any()


def test_demand_that_does_not_fit_is_no_number() -> None:
    net = road_network(n_nodes=2, tail=[0], head=[1], free_flow_time=1.0, limit=4.0)
    with pytest.raises(NotConvergedError, match=r"hard capacities are missed .* give no_ship_cost"):
        assign(net, [[0, 10], [0, 0]])
    told = assign(net, [[0, 10], [0, 0]], allow_unconverged=True)
    assert told.status == "capacity_not_met"
    assert told.capacity_violation == pytest.approx(1.5)
    shipped = assign(net, [[0, 10], [0, 0]], no_ship_cost=9.0)
    assert shipped.unserved == pytest.approx(6.0, rel=1e-5)
    assert shipped.multipliers[0] == pytest.approx(8.0, rel=1e-5)


@pytest.mark.parametrize("theta", [0.2, 2.0])
def test_logit_with_capacity(theta: float) -> None:
    """4 of 10 on the short road: its price makes the logit say 0.4."""
    result = assign(
        two_roads(4.0), [[0, 10], [0, 0]], choice="logit", dispersion=theta, gap=1e-10, capacity_tolerance=1e-9
    )
    np.testing.assert_allclose(result.link_flow, [4.0, 6.0], rtol=1e-8)
    # ln(0.4 / 0.6) = -theta (3 + price - 11)
    assert result.multipliers[0] == pytest.approx(8 - np.log(0.4 / 0.6) / theta, rel=1e-7)
