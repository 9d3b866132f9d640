"""Least-cost trees on a directed arc list (Dijkstra with a binary heap and lazy deletion).

Arcs come in pairs: arc ``2 a`` and ``2 a + 1`` are the two directions of asset ``a``, which share one cost. Nodes are
states (place, mode, gauge); the caller has built the forward star.
"""

from __future__ import annotations

from mackinder.kernels import CACHE

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["NO_ARC", "least_cost_tree", "trace"]

#: marks the root of a tree and nodes that were not reached
NO_ARC = -1


@nb.njit(cache=CACHE, inline="always")
def _sift_up(keys: NDArray[np.float64], items: NDArray[np.int32], at: int) -> None:
    key, item = keys[at], items[at]
    while at > 0:
        parent = (at - 1) >> 1
        if keys[parent] <= key:
            break
        keys[at], items[at] = keys[parent], items[parent]
        at = parent
    keys[at], items[at] = key, item


@nb.njit(cache=CACHE, inline="always")
def _sift_down(keys: NDArray[np.float64], items: NDArray[np.int32], size: int) -> None:
    key, item = keys[0], items[0]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[at], items[at] = keys[child], items[child]
        at = child
    keys[at], items[at] = key, item


@nb.njit(cache=CACHE)
def least_cost_tree(
    root: int,
    out_first: NDArray[np.int32],
    out_arc: NDArray[np.int32],
    arc_head: NDArray[np.int32],
    asset_cost: NDArray[np.float64],
    cost: NDArray[np.float64],
    pred: NDArray[np.int32],
    heap_key: NDArray[np.float64],
    heap_node: NDArray[np.int32],
) -> None:
    """Fill ``cost`` and ``pred`` with the least-cost tree from ``root``.

    Parameters
    ----------
    root : int
        Node the tree grows from.
    out_first : ndarray of int32, shape (n_nodes + 1,)
        Forward star: arcs leaving node ``n`` are ``out_arc[out_first[n]:out_first[n + 1]]``.
    out_arc, arc_head : ndarray of int32, shape (n_arcs,)
        Arc ids in forward-star order; head node of each arc id.
    asset_cost : ndarray of float64, shape (n_assets,)
        Cost of arc ``i`` is ``asset_cost[i >> 1]``; infinity = not usable.
    cost : ndarray of float64, shape (n_nodes,)
        Output: least cost from the root, infinity where unreachable.
    pred : ndarray of int32, shape (n_nodes,)
        Output: arc by which the node is reached, `NO_ARC` at the root and where unreachable.
    heap_key, heap_node : ndarray, shape (n_arcs + 1,)
        Work space, so that many trees cost no allocation.

    Notes
    -----
    Dijkstra, E. W. (1959), Numer. Math. 1. Costs must not be negative. Ties are broken by the arc met first, which
    depends on the forward star only: the caller orders it by ids, so equal inputs give equal trees.
    """
    cost[:] = np.inf
    pred[:] = NO_ARC
    cost[root] = 0.0
    heap_key[0] = 0.0
    heap_node[0] = root
    size = 1
    while size > 0:
        reached = heap_key[0]
        node = heap_node[0]
        size -= 1
        if size > 0:
            heap_key[0], heap_node[0] = heap_key[size], heap_node[size]
            _sift_down(heap_key, heap_node, size)
        if reached > cost[node]:
            continue  # an older, dearer entry of a node that is settled
        for at in range(out_first[node], out_first[node + 1]):
            arc = out_arc[at]
            through = reached + asset_cost[arc >> 1]
            head = arc_head[arc]
            if through < cost[head]:
                cost[head] = through
                pred[head] = arc
                heap_key[size], heap_node[size] = through, head
                _sift_up(heap_key, heap_node, size)
                size += 1


@nb.njit(cache=CACHE)
def trace(node: int, pred: NDArray[np.int32], arc_head: NDArray[np.int32], path: NDArray[np.int32]) -> int:
    """Write the arcs from the root to ``node`` into ``path``, in travel order, and return how many they are.

    The tail of arc ``i`` is the head of its twin ``i ^ 1``. A node that was not reached gives 0.
    """
    length = 0
    while pred[node] != NO_ARC:
        arc = pred[node]
        path[length] = arc
        length += 1
        node = arc_head[arc ^ 1]
    for i in range(length // 2):
        path[i], path[length - 1 - i] = path[length - 1 - i], path[i]
    return length
