"""Route pools: collect distinct routes of all pairs that leave one origin, over many searches.

A *job* is one least-cost tree: a network state, a goods class, a permission regime, a pilot draw of the prices, and what
it must avoid. Jobs of one origin run in one call, so that origins can be shared among threads without locks.
"""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.inner import inner
from mackinder.kernels.shortest import least_cost_tree, trace

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["N_MODES", "Jobs", "Star", "Terrain", "collect_routes", "route_hash"]

#: mode groups that carry a cost factor of their own: rail, road, water, transfer
N_MODES = 4
#: cost factor on what a route uses, when an alternative to it is looked for (de la Barra, Perez and Anez, 1993)
_PENALTY = 1.4


class Star(NamedTuple):
    """Forward star of the network: see `mackinder.kernels.shortest.least_cost_tree`."""

    out_first: NDArray[np.int32]
    out_arc: NDArray[np.int32]
    arc_head: NDArray[np.int32]


class Terrain(NamedTuple):
    """What searches see: S states, K pilot draws, R regimes, G goods, A assets.

    ``usable`` (S, A) bool; ``closers`` (S, A) uint64, bit per actor; ``money`` and ``hours`` (K, S, A) in USD/t and h
    (hours as they are priced, unreliability included); ``denied`` (R, A) bool; ``surcharge`` (R, A) USD/t; ``mode``
    (A,) in 0..3; ``factor`` (K, G, 4); ``value_of_time`` (K, G) USD/(t h); ``project`` (A,) bool; ``scarcity`` (N, A) USD/t,
    what full assets cost more in each of N trials, of which the first is none.
    """

    usable: NDArray[np.bool_]
    closers: NDArray[np.uint64]
    money: NDArray[np.float64]
    hours: NDArray[np.float64]
    denied: NDArray[np.bool_]
    surcharge: NDArray[np.float64]
    mode: NDArray[np.uint8]
    factor: NDArray[np.float64]
    value_of_time: NDArray[np.float64]
    project: NDArray[np.bool_]
    scarcity: NDArray[np.float64]


class Jobs(NamedTuple):
    """One row a search: state, goods, regime, draw, actors to avoid (bits), mode groups to avoid (bits), cost factor of
    project assets, how many penalised alternatives to look for (the route found so far is made dearer each time), trial of
    scarcity, and which zones it serves, shape (J, Z).
    """

    state: NDArray[np.int64]
    goods: NDArray[np.int64]
    regime: NDArray[np.int64]
    draw: NDArray[np.int64]
    avoid: NDArray[np.uint64]
    avoid_modes: NDArray[np.uint8]
    project_factor: NDArray[np.float64]
    rounds: NDArray[np.int64]
    scarcity: NDArray[np.int64]
    serves: NDArray[np.bool_]


@inner()
def _job_cost(terrain: Terrain, jobs: Jobs, j: int, cost: NDArray[np.float64]) -> None:
    s, g, k, regime = jobs.state[j], jobs.goods[j], jobs.draw[j], jobs.regime[j]
    for a in range(cost.shape[0]):
        m = terrain.mode[a]
        shut = not terrain.usable[s, a] or terrain.denied[regime, a]
        if shut or terrain.closers[s, a] & jobs.avoid[j] or (jobs.avoid_modes[j] >> m) & np.uint8(1):
            cost[a] = np.inf
            continue
        c = terrain.money[k, s, a] * terrain.factor[k, g, m] + terrain.value_of_time[k, g] * terrain.hours[k, s, a]
        c += terrain.surcharge[regime, a] + terrain.scarcity[jobs.scarcity[j], a]
        cost[a] = c * jobs.project_factor[j] if terrain.project[a] else c


@inner()
def route_hash(path: NDArray[np.int32], length: int) -> np.uint64:
    """Hash a sequence of arcs (64-bit FNV-1a over arc ids), to recognise a route that is in the pool already."""
    h = np.uint64(14695981039346656037)
    for i in range(length):
        h = (h ^ np.uint64(path[i] + 1)) * np.uint64(1099511628211)
    return h


class _Found(NamedTuple):
    """Routes found so far; the arrays are longer than what they hold."""

    destination: NDArray[np.int32]
    first: NDArray[np.int64]
    arcs: NDArray[np.int32]


@nb.njit(cache=CACHE, nogil=True)
def _add(found: _Found, n_routes: int, d: int, path: NDArray[np.int32], length: int) -> _Found:
    """Put a route at the end and return the arrays, longer ones if there was no room."""
    destination, first, arcs = found.destination, found.first, found.arcs
    if n_routes == destination.shape[0]:
        destination = np.concatenate((destination, np.empty_like(destination)))
        first = np.concatenate((first, np.zeros(n_routes, np.int64)))
    start = first[n_routes]
    while start + length > arcs.shape[0]:
        arcs = np.concatenate((arcs, np.empty_like(arcs)))
    arcs[start : start + length] = path[:length]
    destination[n_routes] = d
    first[n_routes + 1] = start + length
    return _Found(destination, first, arcs)


@nb.njit(cache=CACHE, nogil=True)
def collect_routes(
    star: Star,
    terrain: Terrain,
    jobs: Jobs,
    root: int,
    destination_node: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]]:
    """Collect the distinct routes from one origin to all destinations.

    Parameters
    ----------
    star, terrain, jobs
        Network, prices and permissions, searches.
    root : int
        Node of the origin.
    destination_node : ndarray of int32, shape (n_zones,)
        Node of each destination; the origin's own entry is skipped.

    Returns
    -------
    destination : ndarray of int32, shape (n_routes,)
    first : ndarray of int64, shape (n_routes + 1,)
    arcs : ndarray of int32, shape (first[-1],)
        Arcs of route ``r`` in travel order are ``arcs[first[r]:first[r + 1]]``.
    """
    n_nodes, n_assets, n_arcs = star.out_first.shape[0] - 1, terrain.mode.shape[0], star.arc_head.shape[0]
    cost, dearer, tree_cost = np.empty(n_assets), np.empty(n_assets), np.empty(n_nodes)
    pred, other_pred = np.empty(n_nodes, np.int32), np.empty(n_nodes, np.int32)
    heap_key, heap_node = np.empty(n_arcs + 1), np.empty(n_arcs + 1, np.int32)
    path = np.empty(n_nodes, np.int32)
    seen = [{np.uint64(0)} for _ in range(destination_node.shape[0])]
    found = _Found(np.empty(1024, np.int32), np.zeros(1025, np.int64), np.empty(32768, np.int32))
    # a bare 0 would compile what takes it a second time, for that number
    n_routes: int = np.int64(0)  # type: ignore[assignment]
    for j in range(jobs.state.shape[0]):
        _job_cost(terrain, jobs, j, cost)
        least_cost_tree(root, star.out_first, star.out_arc, star.arc_head, cost, tree_cost, pred, heap_key, heap_node)
        for d in range(destination_node.shape[0]):
            node = destination_node[d]
            if node == root or not jobs.serves[j, d]:
                continue
            length = trace(node, pred, star.arc_head, path)
            dearer[:] = cost
            for turn in range(jobs.rounds[j] + 1):
                if length == 0:
                    break
                h = route_hash(path, length)
                if h not in seen[d]:
                    seen[d].add(h)
                    found = _add(found, n_routes, d, path, length)
                    n_routes += 1
                if turn < jobs.rounds[j]:  # once more, with what was used made dearer
                    for i in range(length):
                        dearer[path[i] >> 1] *= _PENALTY
                    least_cost_tree(
                        root,
                        star.out_first,
                        star.out_arc,
                        star.arc_head,
                        dearer,
                        tree_cost,
                        other_pred,
                        heap_key,
                        heap_node,
                    )
                    length = trace(node, other_pred, star.arc_head, path)
    return found.destination[:n_routes], found.first[: n_routes + 1], found.arcs[: found.first[n_routes]]
