"""Records of the capacitated loading: limits, quoted offers, and what answers to scarcity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Answer", "Limits", "Quotes", "Wants"]


class Limits(NamedTuple):
    """Capacities: L limits, each of one or more assets that exactly the same routes use.

    Groups of pair ``p`` are ``group_first[p]:group_first[p + 1]``: routes ``mask`` of the pair meet the limits
    ``limit[first[m]:first[m + 1]]``; ``meets[meets_first[m]:meets_first[m + 1]]`` are the routes of the mask one by one.
    ``capacity`` (K, C, L) t/yr, infinite where there is none, for the C capacity
    vectors, ``vector`` (S,) says which a state has; ``is_queue`` (L,): its scarcity is hours lost, not a price.
    """

    group_first: NDArray[np.int64]
    mask: NDArray[np.uint64]
    meets_first: NDArray[np.int64]
    meets: NDArray[np.uint8]
    first: NDArray[np.int64]
    limit: NDArray[np.int64]
    capacity: NDArray[np.float64]
    vector: NDArray[np.int64]
    is_queue: NDArray[np.bool_]


class Quotes(NamedTuple):
    """Offers priced without scarcity for a block of B draws.

    ``cost`` (E, B) generalised cost of each route on offer above the least of its offer, with its path size as a cost, USD/t;
    ``least`` (U, B) the least of an offer; ``away`` (U, B) weight of not shipping, relative to the least.
    """

    cost: NDArray[np.float64]
    least: NDArray[np.float64]
    away: NDArray[np.float64]


class Wants(NamedTuple):
    """Demand of one state for a block of B draws, and how it answers to the delivered cost.

    ``tonnes`` (P, G, B) t/yr at the reference; ``reference`` (P, G, B) delivered cost of reference, USD/t, 0 where demand
    does not answer; ``density`` (G, B) price at the origin, USD/t; ``elasticity`` (G, B); ``share`` (P, G, B) weight of the
    flow in its importer's price index, ``rest`` (Z, G, B) what all other sources add to it; ``importer`` (P,).
    """

    tonnes: NDArray[np.float64]
    reference: NDArray[np.float64]
    density: NDArray[np.float64]
    elasticity: NDArray[np.float64]
    share: NDArray[np.float64]
    rest: NDArray[np.float64]
    importer: NDArray[np.int64]


class Answer(NamedTuple):
    """What demand and routes answer to scarcity prices, for a block of B draws.

    ``load`` (L, B) t/yr at each limit; ``slope`` (N, N, B) its derivative by the scarcity price of each of the N active
    limits; ``delivered`` (P, G, B) cost with the price at the origin, USD/t; ``price_index`` (Z, G, B), to the power
    of minus the elasticity; ``tonnes`` (P, G, B) wanted and ``shipped`` (P, G, B) t/yr.
    """

    load: NDArray[np.float64]
    slope: NDArray[np.float32]
    delivered: NDArray[np.float64]
    price_index: NDArray[np.float64]
    tonnes: NDArray[np.float64]
    shipped: NDArray[np.float64]
