"""Trees against scipy, and the warm kernel against the heap."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from mackinder.kernels.problem import Graph
from mackinder.kernels.trees import all_trees


def random_graph(seed: int, n_nodes: int, n_links: int, first_thru: int = 0) -> tuple[Graph, np.ndarray]:
    rng = np.random.default_rng(seed)
    pairs = np.unique(rng.integers(0, n_nodes, (n_links, 2)), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    tail = pairs[:, 0].astype(np.int32)
    pointer = np.searchsorted(tail, np.arange(n_nodes + 1)).astype(np.int64)
    return Graph(pointer, pairs[:, 1].astype(np.int32), tail, first_thru), rng.uniform(0.5, 10.0, len(pairs))


def reference(graph: Graph, cost: np.ndarray, origin: int) -> np.ndarray:
    keep = (graph.tail >= graph.first_thru) | (graph.tail == origin)
    n = graph.pointer.size - 1
    matrix = csr_matrix((cost[keep], (graph.tail[keep], graph.head[keep])), shape=(n, n))
    return dijkstra(matrix, indices=origin)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), first_thru=st.integers(0, 8), noise=st.sampled_from([0.0, 0.01, 0.5, 5.0]))
def test_both_trees_equal_scipy(seed: int, first_thru: int, noise: float) -> None:
    graph, cost = random_graph(seed, 30, 120, first_thru)
    origins = np.arange(10)
    orders = np.empty((10, 30), np.int32)
    cold = all_trees(origins, graph, cost, orders, False)
    assert all(sorted(row) == list(range(30)) for row in orders.tolist())
    for row, origin in enumerate(origins):
        np.testing.assert_allclose(cold[row], reference(graph, cost, int(origin)), rtol=1e-12)
    changed = cost * np.random.default_rng(seed).uniform(1.0, 1.0 + noise, cost.size)
    warm = all_trees(origins, graph, changed, orders, True)
    again = all_trees(origins, graph, changed, np.empty_like(orders), False)
    np.testing.assert_allclose(warm, again, rtol=1e-14)
    assert all(sorted(row) == list(range(30)) for row in orders.tolist())


def test_zero_and_infinite_costs() -> None:
    # 0 -> 1 -> 2 -> 3 at no cost in a cycle, 4 behind a closed link
    graph = Graph(
        np.array([0, 1, 2, 4, 5, 5]), np.array([1, 2, 3, 0, 4], np.int32), np.array([0, 1, 2, 2, 3], np.int32), 0
    )
    cost = np.array([0.0, 0.0, 0.0, 0.0, np.inf])
    orders = np.empty((1, 5), np.int32)
    for warm in (False, True):
        found = all_trees(np.array([0]), graph, cost, orders, warm)
        assert found.tolist() == [[0.0, 0.0, 0.0, 0.0, np.inf]]


@pytest.mark.parametrize("warm", [False, True])
def test_centroids_are_not_passed(warm: bool) -> None:
    # 0 -> 1 -> 2 is short but node 1 is a centroid; 0 -> 3 -> 2 is the way
    graph = Graph(np.array([0, 2, 3, 3, 4]), np.array([1, 3, 2, 2], np.int32), np.array([0, 0, 1, 3], np.int32), 2)
    orders = np.arange(4, dtype=np.int32)[None, :].copy()
    found = all_trees(np.array([0]), graph, np.array([1.0, 5.0, 1.0, 5.0]), orders, warm)
    assert found.tolist() == [[0.0, 1.0, 10.0, 5.0]]
