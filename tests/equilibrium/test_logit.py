"""Logit equilibria against complete enumeration by other means."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mackinder.equilibrium import Demand, RoadNetwork, RouteSet, assign, road_network
from mackinder.errors import UsageError


def acyclic(seed: int, n_nodes: int = 7) -> RoadNetwork:
    rng = np.random.default_rng(seed)
    links = [(i, j) for i in range(n_nodes) for j in range(i + 1, n_nodes) if j == i + 1 or rng.random() < 0.45]
    tail, head = np.array(links).T
    n = tail.size
    return road_network(
        n_nodes=n_nodes,
        tail=tail,
        head=head,
        free_flow_time=rng.uniform(1, 5, n) * (head - tail),
        b=rng.choice([0.0, 0.3, 1.0], n),
        capacity=rng.uniform(3, 10, n),
        power=rng.choice([1.0, 4.0], n),
    )


def response(ref: ModuleType, net: RoadNetwork, trips: np.ndarray, theta: float, flow: np.ndarray) -> np.ndarray:
    """Link flows of a logit over all simple routes at the costs of given flows."""
    cost = ref.link_costs(net, flow)
    out = np.zeros(net.n_links)
    for origin, target in np.argwhere(trips > 0).tolist():
        routes = ref.simple_routes(net, origin, target)
        costs = np.array([cost[r].sum() for r in routes])
        weights = np.exp(-theta * (costs - costs.min()))
        for route, share in zip(routes, weights / weights.sum(), strict=True):
            out[route] += trips[origin, target] * share
    return out


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 100_000), theta=st.sampled_from([0.05, 0.5, 5.0]))
@example(seed=13049, theta=5.0)  # where Newton's steps on the level of a pair went to and fro
def test_fixed_point_of_complete_enumeration(ref: ModuleType, seed: int, theta: float) -> None:
    net = acyclic(seed)
    trips = np.triu(np.random.default_rng(seed).uniform(0, 6, (7, 7)), 1)
    result = assign(net, trips, choice="logit", dispersion=theta, gap=1e-11)
    np.testing.assert_allclose(response(ref, net, trips, theta, result.link_flow), result.link_flow, atol=1e-6)
    assert result.routes.flow.size == sum(len(ref.simple_routes(net, o, d)) for o, d in np.argwhere(trips > 0))


def test_fixed_point_with_cycles(ref: ModuleType) -> None:
    net, trips = ref.ring_and_chords(11, n_chords=10), ref.random_trips(11)
    np.fill_diagonal(trips, 0.0)
    result = assign(net, trips, choice="logit", dispersion=0.3, gap=1e-11)
    np.testing.assert_allclose(response(ref, net, trips, 0.3, result.link_flow), result.link_flow, atol=1e-6)


def two_roads(b: float) -> RoadNetwork:
    return road_network(n_nodes=2, tail=[0, 0], head=[1, 1], free_flow_time=[3.0, 5.0], b=b, capacity=10.0)


def test_without_congestion_it_is_the_logit() -> None:
    result = assign(two_roads(0.0), [[0, 8], [0, 0]], choice="logit", dispersion=0.7, gap=1e-13)
    share = 1 / (1 + np.exp(-0.7 * 2))
    np.testing.assert_allclose(result.link_flow, [8 * share, 8 * (1 - share)], rtol=1e-13)
    assert result.pairs.logsum_cost[0] == pytest.approx(-np.log(np.exp(-0.7 * 3) + np.exp(-0.7 * 5)) / 0.7, rel=1e-13)


def test_no_ship_is_one_more_alternative() -> None:
    result = assign(two_roads(0.0), [[0, 8], [0, 0]], choice="logit", dispersion=0.7, no_ship_cost=4.0, gap=1e-13)
    weights = np.exp(-0.7 * np.array([3.0, 5.0, 4.0]))
    assert result.unserved == pytest.approx(8 * weights[2] / weights.sum(), rel=1e-12)
    np.testing.assert_allclose(result.link_flow, 8 * weights[:2] / weights.sum(), rtol=1e-12)


def test_path_sizes_are_factors() -> None:
    routes = RouteSet(
        pointer=np.array([0, 2]), link_pointer=np.array([0, 1, 2]), links=np.array([0, 1]), weight=np.array([0.5, 1.0])
    )
    demand = Demand.of([0], [1], [8.0], n_nodes=2)
    result = assign(two_roads(0.0), demand, routes=routes, choice="logit", dispersion=0.7, gap=1e-13)
    weights = np.array([0.5, 1.0]) * np.exp(-0.7 * np.array([3.0, 5.0]))
    np.testing.assert_allclose(result.link_flow, 8 * weights / weights.sum(), rtol=1e-12)


@pytest.mark.parametrize("theta", [10, 100.0])
def test_large_dispersion_is_wardrop(ref: ModuleType, theta: float) -> None:
    net, trips = ref.ring_and_chords(4, n_chords=6, power=1.0), ref.random_trips(4)
    sharp = assign(net, trips, choice="logit", dispersion=theta, gap=1e-6)
    wardrop = assign(net, trips, gap=1e-12)
    np.testing.assert_allclose(sharp.link_cost, wardrop.link_cost, atol=20 / theta)


def test_too_many_routes_is_an_error(ref: ModuleType) -> None:
    net, trips = ref.ring_and_chords(11, n_chords=30), ref.random_trips(11)
    with pytest.raises(UsageError, match=r"too many simple routes .*give detour"):
        assign(net, trips, choice="logit", dispersion=1.0, max_routes=5)
    fewer = assign(net, trips, choice="logit", dispersion=1.0, detour=1.3)
    every = assign(net, trips, choice="logit", dispersion=1.0)
    assert 0 < fewer.routes.flow.size < every.routes.flow.size
