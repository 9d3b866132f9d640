"""Which routes of a pool are worth keeping: competitive ones, and what remains when somebody closes."""

from __future__ import annotations

from mackinder.kernels import CACHE
from mackinder.kernels.inner import inner
from mackinder.kernels.pool import Terrain

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["NEEDED", "REFUGE", "mark_shadows", "route_rank"]

#: rank of routes that a set must hold
NEEDED = -1.0
#: a route near the best that avoids an actor ranks as if it were this much dearer than the best route, in logit units
REFUGE = 2.0
#: routes within so many logit units of the best say who is present on a pair
_COMPETITIVE = 6.0


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

    `NEEDED` is the rank of the best route of any state and goods, in every trial of scarcity, and of the best route that
    avoids any set of actors that meets a competitive one: without it a captive flow could not be told from a free one.
    Else the rank is the least, over states and goods, of the excess theta (cost - best cost), and of `REFUGE` plus the
    excess over the best that avoids, or over the best under scarcity.

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
    cost, dear = np.empty(route_first.shape[0]), np.empty(route_first.shape[0])
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
                        rank[r] = min(rank[r], excess if excess > 0.0 else NEEDED)
                        if excess < _COMPETITIVE:
                            present |= closers[s, r]
                for n in range(1, terrain.scarcity.shape[0]):
                    best = np.inf
                    for r in range(a, b):
                        dear[r] = cost[r] + _scarcity_cost(route_first[r], route_first[r + 1], arcs, n, terrain)
                        best = min(best, dear[r])
                    for r in range(a, b):
                        if dear[r] < np.inf:
                            excess = dispersion[g] * (dear[r] - best)
                            rank[r] = min(rank[r], REFUGE + excess if excess > 0.0 else NEEDED)
                for group in avoid:
                    if group & present == np.uint64(0):
                        continue
                    refuge = np.inf
                    for r in range(a, b):
                        if closers[s, r] & group == np.uint64(0):
                            refuge = min(refuge, cost[r])
                    for r in range(a, b):
                        if closers[s, r] & group == np.uint64(0) and cost[r] < np.inf:
                            excess = dispersion[g] * (cost[r] - refuge)
                            rank[r] = min(rank[r], REFUGE + excess if excess > 0.0 else NEEDED)
    return rank


@inner()
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


@inner()
def _scarcity_cost(start: int, stop: int, arcs: NDArray[np.int32], n: int, terrain: Terrain) -> float:
    total = 0.0
    for i in range(start, stop):
        total += terrain.scarcity[n, arcs[i] >> 1]
    return total


@nb.njit(cache=CACHE, nogil=True)
def mark_shadows(
    pair_first: NDArray[np.int64],
    route_first: NDArray[np.int64],
    arcs: NDArray[np.int32],
    closers: NDArray[np.uint64],
    rank: NDArray[np.float64],
    weight: NDArray[np.float64],
    alike: float,
) -> NDArray[np.bool_]:
    """Say which routes add next to nothing to a better one of their pair.

    A route is in the shadow of another that ranks no worse if all but ``1 - alike`` of its cost lies on it, and whoever
    can close the other can close this one too, in every state: nobody's closing leaves only the shadow. A needed route is
    never in the shadow.

    Parameters
    ----------
    pair_first, route_first, arcs, closers, rank
        See `route_rank`.
    weight : ndarray, shape (n_assets,)
        Central cost of each asset, to measure overlap.
    alike : float
        Share of the cost in common from which on a route counts as a shadow.

    Returns
    -------
    ndarray of bool, shape (n_routes,)
    """
    shadow = np.zeros(rank.shape[0], np.bool_)
    stamp = np.full(weight.shape[0], -1)
    for p in range(pair_first.shape[0] - 1):
        a, b = pair_first[p], pair_first[p + 1]
        order = np.argsort(rank[a:b], kind="mergesort") + a
        for i in range(order.shape[0]):
            r = order[i]
            if rank[r] <= 0.0 or not rank[r] < np.inf:
                continue
            total = 0.0
            for at in range(route_first[r], route_first[r + 1]):
                total += weight[arcs[at] >> 1]
                stamp[arcs[at] >> 1] = r
            for j in range(i):
                better = order[j]
                if shadow[better] or not _closed_no_more(better, r, closers):
                    continue
                shared = 0.0
                for at in range(route_first[better], route_first[better + 1]):
                    if stamp[arcs[at] >> 1] == r:
                        shared += weight[arcs[at] >> 1]
                if shared >= alike * total:
                    shadow[r] = True
                    break
    return shadow


@inner()
def _closed_no_more(one: int, other: int, closers: NDArray[np.uint64]) -> bool:
    """Say whether whoever can close ``one`` can close ``other`` too, in every state."""
    for s in range(closers.shape[0]):  # noqa: SIM110 - numba compiles no generator inside all()
        if closers[s, one] & ~closers[s, other]:
            return False
    return True
