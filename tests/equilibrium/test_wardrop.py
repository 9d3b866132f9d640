"""Wardrop equilibria: closed forms, published networks, and properties."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mackinder.equilibrium import Demand, RoadNetwork, RouteSet, assign, road_network
from mackinder.errors import DataError, NoRouteError, NotConvergedError, UsageError

SEEDS = st.integers(0, 100_000)


def one_pair(quantity: float, n: int, origin: int = 0, target: int = -1) -> np.ndarray:
    trips = np.zeros((n, n))
    trips[origin, target] = quantity
    return trips


def test_braess(braess: RoadNetwork) -> None:
    """Everybody takes 92 with the bridge and 83 without it (Braess, 1968)."""
    trips = one_pair(6.0, 4)
    with_bridge = assign(braess, trips, gap=1e-12)
    np.testing.assert_allclose(with_bridge.link_flow, [4, 2, 2, 4, 2], atol=1e-6)
    assert with_bridge.pairs.least_cost[0] == pytest.approx(92.0, rel=1e-9)
    closed = road_network(
        n_nodes=4,
        tail=braess.tail,
        head=braess.head,
        free_flow_time=braess.free_flow_time,
        b=braess.b,
        capacity=1.0,
        limit=[np.inf] * 4 + [0.0],
    )
    without = assign(closed, trips, gap=1e-12)
    np.testing.assert_allclose(without.link_flow, [3, 3, 3, 3, 0], atol=1e-6)
    assert without.pairs.least_cost[0] == pytest.approx(83.0, rel=1e-9)
    assert np.isnan(without.multipliers[4])
    assert np.isinf(without.link_cost[4])


def test_pigou_and_the_corner() -> None:
    """x against 1: below demand 1 the constant road is empty."""
    net = road_network(
        n_nodes=2, tail=[0, 0], head=[1, 1], free_flow_time=[1.0, 1.0], b=[0.0, 1e9], capacity=[1.0, 1.0]
    )
    pigou = road_network(n_nodes=2, tail=[0, 0], head=[1, 1], free_flow_time=[1.0, 1e-9], b=[0.0, 1e9], capacity=1.0)
    np.testing.assert_allclose(assign(pigou, one_pair(0.4, 2)).link_flow, [0.0, 0.4], atol=1e-12)
    np.testing.assert_allclose(assign(pigou, one_pair(3.0, 2), gap=1e-12).link_flow, [2.0, 1.0], atol=1e-6)
    assert assign(net, one_pair(3.0, 2)).link_flow[1] == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize(
    ("name", "net", "factors", "objective", "gap", "flow_tolerance"),
    [
        ("SiouxFalls", "SiouxFalls", (0.0, 0.0), 42.31335287107440e5, 1e-10, 1e-2),
        ("Anaheim", "Anaheim", (0.0, 0.0), None, 1e-10, 1e-2),
        ("Chicago-Sketch", "ChicagoSketch", (0.02, 0.04), 17313018.7387477, 1e-10, 1e-1),
    ],
)
def test_published_networks(
    ref: ModuleType,
    name: str,
    net: str,
    factors: tuple[float, float],
    objective: float | None,
    gap: float,
    flow_tolerance: float,
) -> None:
    """Transportation Networks for Research: objective to 1e-9, flows, and the gap recomputed with scipy."""
    tntp = pytest.importorskip("mackinder.exchange.tntp")
    folder = ref.TNTP / name
    if not folder.is_dir():
        pytest.skip("the TNTP files are not here: their licence does not let us ship them")
    read = tntp.read_tntp_network(folder / f"{net}_net.tntp", toll_factor=factors[0], distance_factor=factors[1])
    trips = tntp.read_tntp_trips(folder / f"{net}_trips.tntp", n_zones=read.n_zones)
    published = tntp.read_tntp_flows(folder / f"{net}_flow.tntp")
    result = assign(read.network, trips, gap=gap)
    order = np.lexsort((published.head, published.tail))
    own = np.lexsort((read.network.head, read.network.tail))
    if objective is None:
        flow = np.empty(own.size)
        flow[own] = published.volume[order]
        objective = ref.beckmann(read.network, flow)
    assert result.relative_gap <= gap
    assert abs(ref.relative_gap(read.network, result.link_flow, trips)) <= 2 * gap
    assert result.objective == pytest.approx(objective, rel=1e-9)
    assert ref.beckmann(read.network, result.link_flow) == pytest.approx(objective, rel=1e-9)
    np.testing.assert_allclose(result.link_flow[own], published.volume[order], atol=flow_tolerance)
    np.testing.assert_allclose(result.link_cost[own], published.cost[order], rtol=1e-4)
    assert ref.imbalance(read.network, result.link_flow, trips) < 1e-6


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, first_thru=st.sampled_from([0, 2]))
def test_gap_and_flow_balance(ref: ModuleType, seed: int, first_thru: int) -> None:
    net = ref.ring_and_chords(seed, n_chords=20)
    if first_thru:  # a ring must not run through centroids: give each centroid a way in and out
        extra = np.arange(2)
        net = road_network(
            n_nodes=10,
            tail=np.concatenate((net.tail + 2, extra, [2, 5, 3, 6])),
            head=np.concatenate((net.head + 2, [4, 7], extra, extra)),
            free_flow_time=np.append(net.free_flow_time, np.zeros(6)),
            b=np.append(net.b, np.ones(6)),
            capacity=np.append(net.capacity, np.ones(6)),
            power=np.append(net.power, np.zeros(6)),
            first_thru=2,
        )
    trips = ref.random_trips(seed, 2 if first_thru else 5)
    result = assign(net, trips, gap=1e-9)
    assert ref.relative_gap(net, result.link_flow, trips) <= 1e-8
    assert ref.imbalance(net, result.link_flow, trips) < 1e-8
    assert result.objective == pytest.approx(ref.beckmann(net, result.link_flow), rel=1e-12)
    assert result.intrazonal == pytest.approx(np.trace(trips))
    # routes add up to links and to demand
    flow = np.bincount(
        result.routes.links, np.repeat(result.routes.flow, np.diff(result.routes.link_pointer)), net.n_links
    )
    np.testing.assert_allclose(flow, result.link_flow, atol=1e-9)
    served = np.bincount(result.routes.pair, result.routes.flow, result.pairs.quantity.size)
    np.testing.assert_allclose(served, result.pairs.quantity, rtol=1e-14)


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_names_units_and_hopeless_roads_change_nothing(ref: ModuleType, seed: int) -> None:
    net = ref.ring_and_chords(seed, power=2.0)
    trips = ref.random_trips(seed)
    base = assign(net, trips, gap=1e-11)
    rng = np.random.default_rng(seed)
    links, nodes = rng.permutation(net.n_links), rng.permutation(net.n_nodes)
    demand = np.zeros((8, 8))
    demand[np.ix_(nodes[:5], nodes[:5])] = trips
    columns = {name: getattr(net, name) for name in ("free_flow_time", "b", "capacity", "power", "fixed_cost")}
    renamed = road_network(
        n_nodes=8, tail=nodes[net.tail[links]], head=nodes[net.head[links]], **{k: v[links] for k, v in columns.items()}
    )
    other = assign(renamed, demand, gap=1e-11)
    np.testing.assert_allclose(other.link_cost, base.link_cost[links], rtol=1e-5)
    assert other.objective == pytest.approx(base.objective, rel=1e-9)
    # hours for minutes, thousands for ones
    scaled = road_network(
        n_nodes=8,
        tail=net.tail,
        head=net.head,
        free_flow_time=net.free_flow_time / 60,
        b=net.b,
        capacity=net.capacity * 1000,
        power=net.power,
        fixed_cost=net.fixed_cost / 60,
    )
    units = assign(scaled, trips * 1000, gap=1e-11)
    assert units.objective * 60 / 1000 == pytest.approx(base.objective, rel=1e-9)
    hopeless = road_network(
        n_nodes=8,
        tail=np.append(net.tail, 0),
        head=np.append(net.head, 4),
        **{k: np.append(v, 1e5 if k == "free_flow_time" else 1.0) for k, v in columns.items()},
    )
    result = assign(hopeless, trips, gap=1e-11)
    assert result.link_flow[-1] == 0.0
    assert result.objective == pytest.approx(base.objective, rel=1e-9)


def test_same_bits_each_time(ref: ModuleType) -> None:
    net, trips = ref.ring_and_chords(3), ref.random_trips(3)
    one, two = assign(net, trips), assign(net, trips)
    assert one.link_flow.tobytes() == two.link_flow.tobytes()
    assert one.gaps == two.gaps


def test_classes_see_their_own_costs(ref: ModuleType) -> None:
    """Two classes on a free and a tolled road: the one that minds the toll more stays off it."""
    net = road_network(
        n_nodes=2, tail=[0, 0], head=[1, 1], free_flow_time=[10.0, 10.0], b=1.0, capacity=10.0, fixed_cost=[0.0, 5.0]
    )
    result = assign(net, [one_pair(10.0, 2), one_pair(10.0, 2)], fixed_weights=[0.2, 2.0], gap=1e-12)
    # class 0 is indifferent (10 + x0 = 10 + x1 + 1, x0 + x1 = 20), class 1 stays on the free road
    np.testing.assert_allclose(result.link_flow, [10.5, 9.5], rtol=1e-9)
    np.testing.assert_allclose(result.class_flow, [[0.5, 9.5], [10.0, 0.0]], atol=1e-8)
    assert result.class_cost[1].tolist() == pytest.approx([20.5, 29.5])
    barred = assign(net, [one_pair(10.0, 2), one_pair(10.0, 2)], class_cost=[[np.inf, 0.0], [0.0, 0.0]], gap=1e-12)
    np.testing.assert_allclose(barred.class_flow[0], [0.0, 10.0], atol=1e-12)
    np.testing.assert_allclose(barred.link_flow, [10.0, 10.0], atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_each_class_is_on_its_own_best_routes(ref: ModuleType, seed: int) -> None:
    """Beside the gap of the solver: total cost of each class against scipy's least costs at its own link costs."""
    net = ref.ring_and_chords(seed)
    rng = np.random.default_rng(seed)
    extra = rng.uniform(0, 3, (3, net.n_links))
    weights = np.array([0.5, 1.0, 4.0])
    trips = np.stack([ref.random_trips(seed + k) for k in range(3)])
    result = assign(net, trips, fixed_weights=weights, class_cost=extra, gap=1e-10)
    np.testing.assert_allclose(result.class_flow.sum(axis=0), result.link_flow, atol=1e-9)
    time = ref.link_costs(net, result.link_flow) - net.fixed_cost
    for k in range(3):
        cost = time + weights[k] * net.fixed_cost + extra[k]
        np.testing.assert_allclose(result.class_cost[k], cost, rtol=1e-12)
        demand = trips[k] * (1 - np.eye(5))
        least = float(np.sum(ref.least_costs(net, cost, 5) * demand))
        assert cost @ result.class_flow[k] == pytest.approx(least, rel=1e-8)
        assert ref.imbalance(net, result.class_flow[k], demand) < 1e-8


def test_what_does_not_ship_is_reported() -> None:
    """10 + x = 25: fifteen go, the rest stays; a pair that cannot go at all stays whole."""
    net = road_network(n_nodes=3, tail=[0], head=[1], free_flow_time=10.0, b=0.1, capacity=1.0)
    trips = one_pair(40.0, 3, 0, 1) + one_pair(7.0, 3, 0, 2)
    result = assign(net, trips, no_ship_cost=25.0, gap=1e-12)
    np.testing.assert_allclose(result.link_flow, [15.0], rtol=1e-9)
    np.testing.assert_allclose(result.pairs.unserved, [25.0, 7.0], rtol=1e-9)
    assert result.unserved == pytest.approx(32.0)
    assert result.objective == pytest.approx(10 * 15 + 15**2 / 2 + 25 * 32)
    with pytest.raises(NoRouteError, match="1 pairs with demand have no route: 0->2"):
        assign(net, trips)


def test_given_routes_are_all_there_are(braess: RoadNetwork) -> None:
    """Without the bridge route among the given ones, the bridge stays empty."""
    demand = Demand.of([0], [3], [6.0], n_nodes=4)
    routes = RouteSet(
        pointer=np.array([0, 2]), link_pointer=np.array([0, 2, 4]), links=np.array([0, 2, 1, 3]), weight=np.ones(2)
    )
    result = assign(braess, demand, routes=routes, gap=1e-12)
    np.testing.assert_allclose(result.link_flow, [3, 3, 3, 3, 0], atol=1e-6)
    broken = RouteSet(
        pointer=np.array([0, 2]), link_pointer=np.array([0, 2, 4]), links=np.array([0, 3, 1, 3]), weight=np.ones(2)
    )
    with pytest.raises(DataError, match="route 0 is no walk"):
        assign(braess, demand, routes=broken)


def test_nothing_to_move(braess: RoadNetwork) -> None:
    result = assign(braess, np.diag([1.0, 2.0, 0.0, 0.0]))
    assert result.converged
    assert result.link_flow.tolist() == [0.0] * 5
    assert (result.relative_gap, result.objective, result.intrazonal) == (0.0, 0.0, 3.0)


def test_not_converged_is_said(ref: ModuleType) -> None:
    net, trips = ref.ring_and_chords(5), ref.random_trips(5) * 5
    with pytest.raises(NotConvergedError, match=r"relative gap .* after 1 iterations, asked 1e-12"):
        assign(net, trips, gap=1e-12, max_iterations=1)
    result = assign(net, trips, gap=1e-12, max_iterations=1, allow_unconverged=True)
    assert (result.status, result.converged, result.iterations) == ("not_converged", False, 1)
    assert result.relative_gap > 1e-12


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("free_flow_time", [1.0, np.nan], r"free_flow_time: 1 bad values, first at index \(1,\): nan"),
        ("free_flow_time", [-1.0, 1.0], "free_flow_time: 1 bad values"),
        ("capacity", [0.0, 1.0], "capacity: link 0 .* flow-dependent delay and capacity 0"),
        ("b", np.inf, "b: 2 bad values"),
        ("tail", [0, 2], "tail: index 1 is 2; numbers run from 0 to 1"),
        ("head", [1.0, 1.0], "head: a one-dimensional array of integers"),
        ("tail", [0], "tail has 1 links and head has 2"),
        ("power", [1.0, 2.0, 3.0], r"power: an array of numbers of shape \(2,\)"),
    ],
)
def test_bad_networks(column: str, value: object, message: str) -> None:
    columns: dict[str, object] = {"tail": [0, 0], "head": [1, 1], "free_flow_time": 1.0, "b": 1.0, "capacity": 1.0}
    with pytest.raises(DataError, match=message):
        road_network(n_nodes=2, **{**columns, column: value})


@pytest.mark.parametrize(
    "bad", [[[0, np.nan], [0, 0]], [[0, -1], [0, 0]], [[0, np.inf], [0, 0]], [[0, 1, 2]], np.zeros((9, 9)), "abc"]
)
def test_bad_demand(braess: RoadNetwork, bad: object) -> None:
    with pytest.raises(DataError, match="demand"):
        assign(braess, bad)


def test_overflow_is_no_number() -> None:
    net = road_network(n_nodes=2, tail=[0], head=[1], free_flow_time=1.0, b=1.0, capacity=1e-3, power=100.0)
    with pytest.raises(DataError, match="link costs overflow"):
        assign(net, one_pair(5.0, 2))


@pytest.mark.parametrize(
    "options",
    [
        {"choice": "probit"},
        {"choice": "logit"},
        {"choice": "logit", "dispersion": -1.0},
        {"choice": "logit", "dispersion": np.nan},
        {"dispersion": 1.0},
        {"gap": 0.0},
        {"gap": np.nan},
        {"max_iterations": 0},
    ],
)
def test_bad_options(braess: RoadNetwork, options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        assign(braess, one_pair(1.0, 4), **options)
