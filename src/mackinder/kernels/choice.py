"""Path-size logit over the routes of one pair, with overlap weighted by attractiveness.

Routes of a pair are at most 64, so a set of routes is one 64-bit mask; what routes share is kept as *segments*: groups
of assets used by exactly the same routes.
"""

from __future__ import annotations

from mackinder.kernels import CACHE

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["HOPELESS", "path_size_logit"]

#: a route whose attractiveness relative to the best is below this is never taken (theta times the excess above 16.1)
HOPELESS = 1e-7


@nb.njit(cache=CACHE)
def path_size_logit(
    available: np.uint64,
    n_routes: int,
    route_cost: NDArray[np.float64],
    segment_mask: NDArray[np.uint64],
    segment_cost: NDArray[np.float64],
    dispersion: float,
    share: NDArray[np.float64],
    work: NDArray[np.float64],
    member: NDArray[np.int64],
) -> tuple[float, float, float, int]:
    r"""Fill ``share`` with choice probabilities; return (logsum cost, mean cost, least cost).

    Weights are :math:`w_r = PS_r \exp(-\theta c_r)` with

    .. math:: PS_r = \sum_{a \in r} \frac{c_a}{c_r} \Big/ \sum_{s \ni a} \min(1, e^{-\theta (c_s - c_r)})

    over the available routes: the one-step adaptive path-size logit (Duncan, Watling, Connors, Rasmussen and Nielsen,
    2020, Transp. Res. B 135), with overlap measured in generalised cost. A route that nobody would take changes
    nothing.

    Parameters
    ----------
    available : uint64
        Bit r is set if route r may be used.
    n_routes : int
        Routes of the pair, at most 64.
    route_cost : ndarray, shape (>= n_routes,), USD/t
        Generalised cost of each route.
    segment_mask : ndarray of uint64, shape (n_segments,)
        Routes that use the segment.
    segment_cost : ndarray, shape (>= n_segments,), USD/t
        Generalised cost of the segment.
    dispersion : float, t/USD
        Theta, positive and finite.
    share : ndarray, shape (>= n_routes,)
        Output: probabilities that add up to one (all zero if nothing is available).
    work, member : ndarray, shape (64,) and (128,)
        Work space.

    Returns
    -------
    tuple of (float, float, float, int)
        Logsum cost :math:`-\ln(\sum_r w_r) / \theta`, mean cost and least cost, USD/t (infinity if none is available),
        and how many routes anybody would take: ``member`` lists them, the most attractive first.
    """
    one = np.uint64(1)
    least = np.inf
    for r in range(n_routes):
        share[r] = 0.0
        if (available >> np.uint64(r)) & one and route_cost[r] < least:
            least = route_cost[r]
    if least == np.inf:
        return np.inf, np.inf, np.inf, 0
    n_live = 0  # member[0:n_live]: routes that anybody would take, the most attractive first
    live = np.uint64(0)
    for r in range(n_routes):
        if (available >> np.uint64(r)) & one:
            e = np.exp(-dispersion * (route_cost[r] - least))
            if e > HOPELESS:
                work[r] = e
                at = n_live
                while at > 0 and work[member[at - 1]] < e:
                    member[at] = member[at - 1]
                    at -= 1
                member[at] = r
                n_live += 1
                live |= one << np.uint64(r)
    for p in range(segment_mask.shape[0]):
        mask = segment_mask[p] & live
        if mask == np.uint64(0):
            continue
        n_here, rest = 0, 0.0
        for i in range(n_live):
            r = member[i]
            if (mask >> np.uint64(r)) & one:
                member[64 + n_here] = r
                rest += work[r]
                n_here += 1
        for i in range(n_here):  # sum of min(1, e_s / e_r): one for each better route, the ratio for each worse one
            r = member[64 + i]
            rest -= work[r]
            share[r] += segment_cost[p] / (i + 1 + rest / work[r])
    total = 0.0
    mean = 0.0
    for i in range(n_live):
        r = member[i]
        size = share[r] / route_cost[r] if route_cost[r] > 0.0 else 1.0
        share[r] = size * work[r]
        total += share[r]
        mean += share[r] * route_cost[r]
    for i in range(n_live):
        share[member[i]] /= total
    return least - np.log(total) / dispersion, mean / total, least, n_live
