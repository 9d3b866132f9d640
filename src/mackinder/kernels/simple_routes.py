"""Enumeration of all routes of a pair that visit no node twice."""

from __future__ import annotations

from mackinder.kernels import CACHE

# isort: split
import numba
import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.problem import Graph

__all__ = ["simple_routes"]

Floats = NDArray[np.float64]
SmallInts = NDArray[np.int32]
Ints = NDArray[np.int64]
#: a maze may have few routes and very many dead ends
_STEPS_PER_ROUTE = 2000


@numba.njit(cache=CACHE)
def simple_routes(
    graph: Graph, cost: Floats, origin: int, target: int, to_target: Floats, limit: float, max_routes: int
) -> tuple[Ints, SmallInts, bool]:
    """Return pointer and links of all node-simple routes whose cost is at most `limit`, and whether that is all of them.

    `to_target` (n_nodes) is a lower bound of the cost from a node to the target, inf where it cannot be reached. Depth
    first in link order, so the order is fixed. Gives up when there would be more than `max_routes`, or after
    `_STEPS_PER_ROUTE` looks at a link per permitted route.
    """
    n_nodes = graph.pointer.size - 1
    on_route = np.zeros(n_nodes, np.bool_)
    path = np.empty(n_nodes, np.int32)
    spent = np.zeros(n_nodes + 1)
    following = np.empty(n_nodes + 1, np.int64)
    pointer = np.zeros(max_routes + 1, np.int64)
    links = np.empty(1024, np.int32)
    used = 0
    found = 0
    depth = 0
    node = origin
    on_route[origin] = True
    following[0] = graph.pointer[origin]
    slack = limit + 1e-12 * abs(limit) if limit < np.inf else limit
    for _ in range(_STEPS_PER_ROUTE * max_routes):
        if following[depth] >= graph.pointer[node + 1]:
            if depth == 0:
                return pointer[: found + 1].copy(), links[:used].copy(), True
            on_route[node] = False
            depth -= 1
            node = graph.tail[path[depth]]
            continue
        link = following[depth]
        following[depth] += 1
        ahead = graph.head[link]
        reached = spent[depth] + cost[link]
        if on_route[ahead] or reached == np.inf or to_target[ahead] == np.inf or reached + to_target[ahead] > slack:
            continue
        path[depth] = link
        if ahead == target:
            if found == max_routes:
                return pointer[: found + 1].copy(), links[:used].copy(), False
            if used + depth + 1 > links.size:
                larger = np.empty(2 * links.size + n_nodes, np.int32)
                larger[:used] = links[:used]
                links = larger
            links[used : used + depth + 1] = path[: depth + 1]
            used += depth + 1
            found += 1
            pointer[found] = used
        elif ahead >= graph.first_thru:
            depth += 1
            spent[depth] = reached
            node = ahead
            on_route[node] = True
            following[depth] = graph.pointer[node]
    return pointer[: found + 1].copy(), links[:used].copy(), False
