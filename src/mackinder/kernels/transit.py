"""The transit game: what the routes of all pairs are worth to each coalition of those who can close them."""

from __future__ import annotations

from mackinder.kernels import CACHE
from mackinder.kernels.games import subset_sums
from mackinder.kernels.inner import inner

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["add_pair_surplus", "route_game", "squeeze"]

#: below this weight logarithms are taken route by route: sums of weights may have underflowed
_FAINT = 1e-280


@nb.njit(cache=CACHE, nogil=True)
def squeeze(mask: int, within: int) -> int:
    """Return the bits of ``mask`` at the places of the bits of ``within``, moved together."""
    out, at = 0, 0
    while within:
        low = within & -within
        if mask & low:
            out |= 1 << at
        at += 1
        within ^= low
    return out


@inner()
def _log_kept(
    s: int, mask: NDArray[np.int64], cost: NDArray[np.float64], size: NDArray[np.float64], dispersion: float, log_away: float
) -> float:  # fmt: skip
    """Logarithm of the weight of the routes open to coalition ``s`` and of not shipping, over that of all routes."""
    top = -np.inf
    whole, least = 0.0, np.inf
    for r in range(mask.shape[0]):
        if size[r] > 0.0:
            least = min(least, cost[r])
            if mask[r] & ~s == 0:
                top = max(top, np.log(size[r]) - dispersion * cost[r])
    for r in range(mask.shape[0]):
        whole += size[r] * np.exp(-dispersion * (cost[r] - least))
    base = np.log(whole) - dispersion * least
    if top == -np.inf:
        return log_away
    kept = 0.0
    for r in range(mask.shape[0]):
        if size[r] > 0.0 and mask[r] & ~s == 0:
            kept += np.exp(np.log(size[r]) - dispersion * cost[r] - top)
    log_kept = top + np.log(kept) - base
    high, low = max(log_kept, log_away), min(log_kept, log_away)
    together: float = high + np.log1p(np.exp(low - high))
    return together


@inner()
def add_pair_surplus(
    values: NDArray[np.float64],
    mask: NDArray[np.int64],
    cost: NDArray[np.float64],
    size: NDArray[np.float64],
    dispersion: float,
    no_ship: float,
    quantity: float,
    closed: bool,
    weight: NDArray[np.float64],
    log_weight: NDArray[np.float64],
) -> None:
    r"""Add what one flow gains from each coalition over the empty one, USD/yr.

    .. math:: v(S) = \frac{q}{\theta} \ln \frac{\sum_{r: m_r \subseteq S} w_r + w_0}{\sum_{r: m_r = \emptyset} w_r + w_0}

    with :math:`w_r = PS_r e^{-\theta c_r} / \sum_s PS_s e^{-\theta c_s}` and :math:`w_0 = e^{-\theta n}` for not shipping at a
    cost n above the expected cost of the network with all routes open. Path sizes are held.

    Parameters
    ----------
    values : ndarray, shape (2**k,), USD/yr
        Added to.
    mask : ndarray of int64, shape (R,)
        Players without whom a route is closed: those who can close it, and those at the ends.
    cost : ndarray, shape (R,), USD/t
    size : ndarray, shape (R,)
        Path sizes; a route of size 0 is not on offer.
    dispersion : float, t/USD
    no_ship : float, USD/t
    quantity : float, t/yr
    closed : bool
        Whether nothing is open to the empty coalition of the game (because somebody is needed for every route, and
        ``values`` are those of the coalitions that hold all of these).
    weight, log_weight : ndarray, shape (>= 2**k,)
        Work space.
    """
    n_coalitions = values.shape[0]
    least, total = np.inf, 0.0
    for r in range(mask.shape[0]):
        if size[r] > 0.0:
            least = min(least, cost[r])
    if least == np.inf or quantity == 0.0:
        return
    w = weight[:n_coalitions]
    w[:] = 0.0
    for r in range(mask.shape[0]):
        total += size[r] * np.exp(-dispersion * (cost[r] - least))
    for r in range(mask.shape[0]):
        w[mask[r]] += size[r] * np.exp(-dispersion * (cost[r] - least)) / total
    subset_sums(w)
    log_away = -dispersion * no_ship
    away = np.exp(log_away)
    for s in range(n_coalitions):
        before = s & (s - 1)
        if s > 0 and w[s] == w[before] and w[s] + away >= _FAINT:
            log_weight[s] = log_weight[before]  # the lowest player opens nothing: most logarithms are saved
        elif w[s] + away >= _FAINT:
            log_weight[s] = np.log(w[s] + away)
        else:
            log_weight[s] = _log_kept(s, mask, cost, size, dispersion, log_away)
    none = log_away if closed else log_weight[0]
    for s in range(n_coalitions):
        if log_weight[s] != none:
            values[s] += quantity / dispersion * (log_weight[s] - none)


@nb.njit(cache=CACHE, nogil=True)
def route_game(
    n: int,
    present: NDArray[np.int64],
    common: NDArray[np.int64],
    order: NDArray[np.int64],
    pair_start: NDArray[np.int64],
    mask: NDArray[np.int64],
    cost: NDArray[np.float64],
    size: NDArray[np.float64],
    dispersion: NDArray[np.float64],
    no_ship: NDArray[np.float64],
    quantity: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the value of every coalition of ``n`` players over all pairs, shape (2**n,), USD/yr.

    Pairs with the same players on their routes are worked out together, over the players that some route avoids, and then
    spread over all coalitions that hold those whom none avoids. Nothing is subtracted on the way, so who opens nothing
    changes no bit of any value.

    Parameters
    ----------
    n : int
    present : ndarray of int64, shape (P,)
        Players on some route of each pair.
    common : ndarray of int64, shape (P,)
        Players on every route of each pair.
    order : ndarray of int64, shape (P,)
        Pairs sorted by ``present`` and ``common``.
    pair_start : ndarray of int64, shape (P + 1,)
    mask, cost, size : ndarray, shape (R,)
    dispersion, no_ship, quantity : ndarray, shape (P,)
    """
    values = np.zeros(1 << n)
    place, moved, lowest = np.zeros(1 << n, np.int32), np.empty(n, np.int32), np.zeros(1 << n, np.int8)
    for i in range(n):
        lowest[1 << i :: 2 << i] = i
    start = 0
    while start < order.shape[0]:
        here, needed = present[order[start]], common[order[start]]
        stop = start
        while stop < order.shape[0] and present[order[stop]] == here and common[order[stop]] == needed:
            stop += 1
        free = here & ~needed
        k = 0
        for i in range(n):
            moved[i] = 0
            if (free >> i) & 1:
                moved[i] = 1 << k
                k += 1
        local, weight, log_weight = np.zeros(1 << k), np.empty(1 << k), np.empty(1 << k)
        for at in range(start, stop):
            p = order[at]
            a, b = pair_start[p], pair_start[p + 1]
            small = np.empty(b - a, np.int64)
            for r in range(b - a):
                small[r] = squeeze(mask[a + r], free)
            add_pair_surplus(
                local,
                small,
                cost[a:b],
                size[a:b],
                dispersion[p],
                no_ship[p],
                quantity[p],
                needed != 0,
                weight,
                log_weight,
            )
        others, s = ((1 << n) - 1) & ~needed, 0
        while True:  # subsets of the others, ascending
            if s:
                place[s] = place[s & (s - 1)] | moved[lowest[s]]
            values[s | needed] += local[place[s]]
            s = (s - others) & others
            if s == 0:
                break
        start = stop
    return values
