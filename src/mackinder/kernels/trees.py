"""Shortest-path trees on a forward star whose links are sorted by tail.

Two kernels give the same distances. `dijkstra_tree` uses a 4-ary heap and needs nothing. `ordered_tree` starts from the
order in which nodes were reached last time: while costs change little, one pass over the links in that order is already
the tree, several times faster than any heap. It checks itself and falls back on the heap.
"""

from __future__ import annotations

from mackinder.kernels import CACHE

# isort: split
import numba
import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.problem import Graph

__all__ = ["all_trees", "dijkstra_tree", "ordered_tree"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SmallInts = NDArray[np.int32]
#: passes in a remembered order before the heap takes over
_MAX_PASSES = 3
#: the heap takes over at once if more than this share of the nodes was improved too late
_MAX_LATE = 0.01
#: moves per node after which the insertion sort of the order stops: any order is valid, a better one is only faster
_MAX_MOVES = 2


@numba.njit(cache=CACHE)
def dijkstra_tree(
    origin: int,
    graph: Graph,
    cost: Floats,
    distance: Floats,
    into: SmallInts,
    order: SmallInts,
    heap: SmallInts,
    place: SmallInts,
) -> None:
    """Fill distance, entering link and order of settling from one origin; nodes below first_thru are not passed.

    `heap` and `place` are work arrays of one integer a node. Nodes out of reach keep distance inf, link -1 and stand at
    the end of the order.
    """
    n_nodes = distance.size
    distance[:] = np.inf
    into[:] = -1
    place[:] = -1
    distance[origin] = 0.0
    heap[0] = origin
    place[origin] = 0
    size = 1
    settled = 0
    while size > 0:
        node = heap[0]
        size -= 1
        place[node] = -2
        order[settled] = node
        settled += 1
        if size > 0:
            moving = heap[size]
            key = distance[moving]
            hole = 0
            while True:
                child = 4 * hole + 1
                if child >= size:
                    break
                best = child
                for other in range(child + 1, min(child + 4, size)):
                    if distance[heap[other]] < distance[heap[best]]:
                        best = other
                if distance[heap[best]] >= key:
                    break
                heap[hole] = heap[best]
                place[heap[hole]] = hole
                hole = best
            heap[hole] = moving
            place[moving] = hole
        if node < graph.first_thru and node != origin:
            continue
        base = distance[node]
        for link in range(graph.pointer[node], graph.pointer[node + 1]):
            reached = base + cost[link]
            target = graph.head[link]
            if reached < distance[target]:
                distance[target] = reached
                into[target] = link
                hole = place[target]
                if hole < 0:
                    hole = size
                    size += 1
                while hole > 0:
                    parent = (hole - 1) >> 2
                    if distance[heap[parent]] <= reached:
                        break
                    heap[hole] = heap[parent]
                    place[heap[hole]] = hole
                    hole = parent
                heap[hole] = target
                place[target] = hole
    for node in range(n_nodes):
        if place[node] == -1:
            order[settled] = node
            settled += 1


@numba.njit(cache=CACHE)
def ordered_tree(
    origin: int,
    graph: Graph,
    cost: Floats,
    distance: Floats,
    into: SmallInts,
    order: SmallInts,
    heap: SmallInts,
    place: SmallInts,
) -> bool:
    """As `dijkstra_tree`, from the order of last time, which is updated; returns whether the heap was needed.

    Bellman-Ford in a good order. A pass is final when no node was improved after it had been passed.
    """
    n_nodes = distance.size
    distance[:] = np.inf
    into[:] = -1
    distance[origin] = 0.0
    for rank in range(n_nodes):
        place[order[rank]] = rank
    final = False
    for _ in range(_MAX_PASSES):
        late = 0
        for rank in range(n_nodes):
            node = order[rank]
            base = distance[node]
            if base == np.inf or (node < graph.first_thru and node != origin):
                continue
            for link in range(graph.pointer[node], graph.pointer[node + 1]):
                reached = base + cost[link]
                target = graph.head[link]
                if reached < distance[target]:
                    distance[target] = reached
                    into[target] = link
                    if place[target] < rank:
                        late += 1
        if late == 0:
            final = True
            break
        if late > _MAX_LATE * n_nodes + 4:
            break
    if not final:
        dijkstra_tree(origin, graph, cost, distance, into, order, heap, place)
        return True
    moves = 0
    for rank in range(1, n_nodes):
        node = order[rank]
        key = distance[node]
        hole = rank
        while hole > 0 and distance[order[hole - 1]] > key:
            order[hole] = order[hole - 1]
            hole -= 1
        order[hole] = node
        moves += rank - hole
        if moves > _MAX_MOVES * n_nodes:
            break
    return False


@numba.njit(cache=CACHE)
def all_trees(origins: Ints, graph: Graph, cost: Floats, orders: SmallInts, warm: bool) -> Floats:
    """Return distances (n_origins, n_nodes); `orders` (n_origins, n_nodes) is read if warm and always written."""
    n_nodes = graph.pointer.size - 1
    out = np.empty((origins.size, n_nodes))
    into = np.empty(n_nodes, np.int32)
    heap = np.empty(n_nodes, np.int32)
    place = np.empty(n_nodes, np.int32)
    for row in range(origins.size):
        if warm:
            ordered_tree(origins[row], graph, cost, out[row], into, orders[row], heap, place)
        else:
            dijkstra_tree(origins[row], graph, cost, out[row], into, orders[row], heap, place)
    return out
