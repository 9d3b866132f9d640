"""Which routes of a pool are worth keeping: competitive ones, and what remains when somebody closes."""

from __future__ import annotations

from mackinder.kernels import CACHE
from mackinder.kernels.pool import Terrain

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["REFUGE", "route_rank"]

#: the best route that avoids an actor ranks as if it were this much dearer than the best route, in logit units
REFUGE = 6.0


@nb.njit(cache=CACHE, nogil=True)
def route_rank(
    pair_first: NDArray[np.int64],
    route_first: NDArray[np.int64],
    arcs: NDArray[np.int32],
    closers: NDArray[np.uint64],
    avoid: NDArray[np.uint64],
    wanted: NDArray[np.int64],
    terrain: Terrain,
    dispersion: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Rank routes: the lower, the more they are needed, in units of logit utility.

    The rank of a route is the least, over states and goods, of its excess theta (cost - best cost) and, for each set of
    actors to avoid that meets a competitive route, of `REFUGE` plus its excess over the best route that avoids the set.

    Parameters
    ----------
    pair_first, route_first, arcs
        Pool in CSR form.
    closers : ndarray of uint64, shape (n_states, n_routes)
        Actors who can close each route.
    avoid : ndarray of uint64, shape (n_sets,)
        Sets of actors, as bits.
    wanted : ndarray of int64, shape (n_states, n_pairs, n_goods)
        Effect (row of the terrain's ``denied``) of each flow, -1 for none.
    terrain : Terrain
        Central prices in row 0.
    dispersion : ndarray, shape (n_goods,), t/USD

    Returns
    -------
    ndarray, shape (n_routes,)
        Infinity for a route that is never available.
    """
    n_states, n_pairs, n_goods = wanted.shape
    rank = np.full(route_first.shape[0] - 1, np.inf)
    cost = np.empty(route_first.shape[0])
    for p in range(n_pairs):
        a, b = pair_first[p], pair_first[p + 1]
        for s in range(n_states):
            for g in range(n_goods):
                if wanted[s, p, g] < 0:
                    continue
                best, present = np.inf, np.uint64(0)
                for r in range(a, b):
                    cost[r] = _route_cost(route_first[r], route_first[r + 1], arcs, s, g, wanted[s, p, g], terrain, 0)
                    best = min(best, cost[r])
                for r in range(a, b):
                    if cost[r] < np.inf:
                        excess = dispersion[g] * (cost[r] - best)
                        rank[r] = min(rank[r], excess)
                        if excess < REFUGE:
                            present |= closers[s, r]
                for group in avoid:
                    if group & present == np.uint64(0):
                        continue
                    refuge = np.inf
                    for r in range(a, b):
                        if closers[s, r] & group == np.uint64(0):
                            refuge = min(refuge, cost[r])
                    for r in range(a, b):
                        if closers[s, r] & group == np.uint64(0) and cost[r] < np.inf:
                            rank[r] = min(rank[r], REFUGE + dispersion[g] * (cost[r] - refuge))
    return rank


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
