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

__all__ = ["path_size_logit", "path_sizes"]

#: beyond this excess in logit units routes count as equally hopeless, so that no exponential underflows
_FAR = 600.0


@nb.njit(cache=CACHE, nogil=True)
def path_sizes(
    available: np.uint64,
    n_routes: int,
    route_cost: NDArray[np.float64],
    segment_mask: NDArray[np.uint64],
    segment_cost: NDArray[np.float64],
    dispersion: float,
    size: NDArray[np.float64],
    work: NDArray[np.float64],
    member: NDArray[np.int64],
) -> float:
    r"""Fill ``size`` with the path sizes of the available routes; return the least cost.

    .. math:: PS_r = \sum_{a \in r} \frac{c_a}{c_r} \Big/ \sum_{s \ni a} \min(1, e^{-\theta (c_s - c_r)})

    over the available routes: the one-step adaptive path size (Duncan, Watling, Connors, Rasmussen and Nielsen, 2020,
    Transp. Res. B 135), with overlap measured in generalised cost. A route that nobody would take counts as no overlap.

    Parameters
    ----------
    available : uint64
        Bit r is set if route r may be used.
    n_routes : int
        Routes of the pair, at most 64.
    route_cost : ndarray, shape (>= n_routes,), USD/t
        Generalised cost of each route: its segments, and what is due once a shipment.
    segment_mask : ndarray of uint64, shape (n_segments,)
        Routes that use the segment.
    segment_cost : ndarray, shape (>= n_segments,), USD/t
        Generalised cost of the segment.
    dispersion : float, t/USD
        Theta, positive and finite.
    size : ndarray, shape (>= n_routes,)
        Output: path sizes in (0, 1], zero for routes that are not available.
    work, member : ndarray, shape (64,) and (128,)
        Work space.

    Returns
    -------
    float
        Least cost of an available route, infinity if there is none.
    """
    one = np.uint64(1)
    least = np.inf
    n_here = 0  # member[0:n_here]: available routes, the cheapest first
    for r in range(n_routes):
        size[r] = 0.0
        if not (available >> np.uint64(r)) & one:
            continue
        least = min(least, route_cost[r])
        at = n_here
        while at > 0 and route_cost[member[at - 1]] > route_cost[r]:
            member[at] = member[at - 1]
            at -= 1
        member[at] = r
        n_here += 1
    for i in range(n_here):
        size[member[i]] = route_cost[member[i]]  # what lies on no segment is shared with nobody
        work[member[i]] = np.exp(-min(dispersion * (route_cost[member[i]] - least), _FAR))
    for p in range(segment_mask.shape[0]):
        mask = segment_mask[p] & available
        if mask == np.uint64(0):
            continue
        n_users, worse = 0, 0.0
        for i in range(n_here):
            r = member[i]
            if (mask >> np.uint64(r)) & one:
                member[64 + n_users] = r
                n_users += 1
        # sum of min(1, e_s / e_r): one for each better route, the ratio for each worse one; from the worst up, so that
        # the small terms are summed before the large ones and nothing is lost by taking differences
        for i in range(n_users - 1, -1, -1):
            r = member[64 + i]
            size[r] -= segment_cost[p] * (1.0 - 1.0 / (i + 1 + min(worse / work[r], n_users - i - 1.0)))
            worse += work[r]
    for i in range(n_here):
        r = member[i]
        size[r] = size[r] / route_cost[r] if route_cost[r] > 0.0 else 1.0
    return least


@nb.njit(cache=CACHE, nogil=True)
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
) -> tuple[float, float, float]:
    r"""Fill ``share`` with choice probabilities :math:`\propto PS_r \exp(-\theta c_r)`; see `path_sizes`.

    Returns
    -------
    tuple of float
        Logsum cost :math:`-\ln(\sum_r w_r) / \theta`, mean cost and least cost, USD/t; infinity if no route is available
        (shares are then all zero).
    """
    least = path_sizes(available, n_routes, route_cost, segment_mask, segment_cost, dispersion, share, work, member)
    if least == np.inf:
        return np.inf, np.inf, np.inf
    total, mean = 0.0, 0.0
    for r in range(n_routes):
        if share[r] > 0.0:
            share[r] *= np.exp(-dispersion * (route_cost[r] - least))
            total += share[r]
            mean += share[r] * route_cost[r]
    for r in range(n_routes):
        share[r] /= total
    return least - np.log(total) / dispersion, mean / total, least
