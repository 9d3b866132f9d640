"""How much dearer each route of a pool is than the best one, over all states and goods in which it is available."""

from __future__ import annotations

from mackinder.kernels import CACHE
from mackinder.kernels.pool import Terrain

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["route_excess"]


@nb.njit(cache=CACHE, nogil=True)
def route_excess(
    pair_first: NDArray[np.int64],
    route_first: NDArray[np.int64],
    arcs: NDArray[np.int32],
    wanted: NDArray[np.int64],
    terrain: Terrain,
    draw: int,
    dispersion: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least excess of each route over the best available one, in units of logit utility, and the best costs.

    Parameters
    ----------
    pair_first, route_first, arcs
        Pool in CSR form.
    wanted : ndarray of int64, shape (n_states, n_pairs, n_goods)
        Regime of each flow, -1 for none.
    terrain : Terrain
    draw : int
        Row of the terrain's prices.
    dispersion : ndarray, shape (n_goods,), t/USD

    Returns
    -------
    excess : ndarray, shape (n_routes,)
        Minimum over states and goods of theta times (cost - best cost); infinity if the route is never available.
    best : ndarray, shape (n_states, n_pairs, n_goods), USD/t
        Least cost in the pool, infinity where no route is available.
    """
    n_states, n_pairs, n_goods = wanted.shape
    excess = np.full(route_first.shape[0] - 1, np.inf)
    best = np.full((n_states, n_pairs, n_goods), np.inf)
    cost = np.empty(route_first.shape[0])
    for p in range(n_pairs):
        for s in range(n_states):
            for g in range(n_goods):
                regime = wanted[s, p, g]
                if regime < 0:
                    continue
                for r in range(pair_first[p], pair_first[p + 1]):
                    cost[r] = _route_cost(route_first[r], route_first[r + 1], arcs, s, g, regime, terrain, draw)
                    best[s, p, g] = min(best[s, p, g], cost[r])
                for r in range(pair_first[p], pair_first[p + 1]):
                    if cost[r] < np.inf:
                        excess[r] = min(excess[r], dispersion[g] * (cost[r] - best[s, p, g]))
    return excess, best


@nb.njit(cache=CACHE, nogil=True)
def _route_cost(
    start: int, stop: int, arcs: NDArray[np.int32], s: int, g: int, regime: int, terrain: Terrain, k: int
) -> float:
    total = 0.0
    for i in range(start, stop):
        a = arcs[i] >> 1
        if not terrain.usable[s, a] or terrain.denied[regime, a]:
            return np.inf
        total += terrain.money[k, s, a] * terrain.factor[k, g, terrain.mode[a]] + terrain.surcharge[regime, a]
        total += terrain.value_of_time[k, g] * terrain.hours[k, s, a]
    return total
