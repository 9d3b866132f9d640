"""Least-cost trees against scipy's Dijkstra."""

from __future__ import annotations

from types import ModuleType

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mackinder.kernels.shortest import NO_ARC, least_cost_tree, trace

Network = tuple[int, np.ndarray, np.ndarray, np.ndarray]


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Nodes, both ends of each asset, and costs; parallel assets, loops, islands, ties, zero and infinite costs occur."""
    n_nodes = draw(st.integers(1, 9))
    node = st.integers(0, n_nodes - 1)
    cost = st.sampled_from([0.0, 1.0, 2.0, np.inf]) | st.floats(0, 100)
    assets = draw(st.lists(st.tuples(node, node, cost), max_size=24))
    tail, head, price = (np.array([row[i] for row in assets]) for i in range(3))
    return n_nodes, tail.astype(np.int32), head.astype(np.int32), price.astype(float)


def star(n_nodes: int, tail: np.ndarray, head: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    arc_tail = np.stack([tail, head], axis=1).ravel()
    arc_head = np.stack([head, tail], axis=1).ravel().astype(np.int32)
    out_arc = np.argsort(arc_tail, kind="stable").astype(np.int32)
    out_first = np.searchsorted(arc_tail[out_arc], np.arange(n_nodes + 1)).astype(np.int32)
    return out_first, out_arc, arc_head


def grow(network: Network, root: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n_nodes, tail, head, price = network
    out_first, out_arc, arc_head = star(n_nodes, tail, head)
    cost, pred = np.full(n_nodes, -7.0), np.full(n_nodes, 77, dtype=np.int32)
    heap = np.full(len(out_arc) + 1, np.nan), np.full(len(out_arc) + 1, -9, dtype=np.int32)
    least_cost_tree(root, out_first, out_arc, arc_head, price, cost, pred, *heap)
    return cost, pred, arc_head


LADDER = (
    6,
    *(np.array(x, dtype=np.int32) for x in ([0, 0, 1, 2, 3, 1], [1, 2, 3, 3, 4, 2])),
    np.array([1.0, 1, 1, 1, 2, 0]),
)


@settings(deadline=None, max_examples=150)
@given(networks(), st.data())
@example(LADDER, None)
def test_costs_are_those_of_scipy(plain: ModuleType, network: Network, data: st.DataObject | None) -> None:
    n_nodes, tail, head, price = network
    root = data.draw(st.integers(0, n_nodes - 1)) if data else 0
    cost, _, _ = grow(network, root)
    both = np.concatenate([tail, head]), np.concatenate([head, tail]), np.concatenate([price, price])
    np.testing.assert_allclose(cost, plain.least_costs(n_nodes, *both, root), rtol=1e-12, atol=1e-12)


@settings(deadline=None, max_examples=150)
@given(networks(), st.data())
def test_the_traced_path_costs_what_the_tree_says(network: Network, data: st.DataObject) -> None:
    n_nodes, _, _, price = network
    root, node = (data.draw(st.integers(0, n_nodes - 1)) for _ in range(2))
    cost, pred, arc_head = grow(network, root)
    path = np.full(n_nodes, -1, dtype=np.int32)
    length = trace(node, pred, arc_head, path)
    if node == root or np.isinf(cost[node]):
        assert length == 0
        assert pred[node] == NO_ARC
        return
    at = root
    for arc in path[:length]:
        assert arc_head[arc ^ 1] == at
        at = arc_head[arc]
    assert at == node
    np.testing.assert_allclose(price[path[:length] >> 1].sum(), cost[node], rtol=1e-12)
    assert len(set(path[:length] >> 1)) == length


@settings(deadline=None, max_examples=50)
@given(networks(), st.data())
def test_closing_an_asset_never_makes_anything_cheaper(network: Network, data: st.DataObject) -> None:
    n_nodes, tail, head, price = network
    shut = np.array(data.draw(st.lists(st.booleans(), min_size=len(price), max_size=len(price))), dtype=bool)
    before, _, _ = grow(network, 0)
    after, _, _ = grow((n_nodes, tail, head, np.where(shut, np.inf, price)), 0)
    assert (after >= before).all()
