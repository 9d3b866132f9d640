"""Fewer lanes: the quotes of some draws of a block, so that those that have come to rest do not hold up the others."""

from __future__ import annotations

from mackinder.kernels import CACHE
from mackinder.kernels.limits import Quotes
from mackinder.kernels.offers import Offers

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["narrow_quotes"]


@nb.njit(cache=CACHE, nogil=True)
def narrow_quotes(s: int, offers: Offers, quotes: Quotes, lanes: NDArray[np.int64]) -> Quotes:
    """Return the quotes of the offers of state ``s``; those of other offers are left undefined."""
    b = lanes.shape[0]
    out = Quotes(
        np.empty((quotes.cost.shape[0], b)), np.empty((quotes.least.shape[0], b)), np.empty((quotes.least.shape[0], b))
    )
    for p in range(offers.number.shape[1]):
        for g in range(offers.number.shape[2]):
            u = offers.number[s, p, g]
            if u < 0:
                continue
            for k in range(b):
                out.least[u, k], out.away[u, k] = quotes.least[u, lanes[k]], quotes.away[u, lanes[k]]
            for i in range(offers.first[u], offers.first[u + 1]):
                for k in range(b):
                    out.cost[i, k] = quotes.cost[i, lanes[k]]
    return out
