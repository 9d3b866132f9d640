"""The flows of one state in one draw as a flat list of routes with their costs: what the transit game is played with."""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.offers import Offers
from mackinder.kernels.pricing import (
    Menu,
    Prices,
    new_bench,
    price_routes,
    price_segments,
    sum_segments,
    sum_surcharges,
)

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["FlowList", "list_flows"]


class FlowList(NamedTuple):
    """F flows (pair and goods class) with at least one route on offer.

    ``pair``, ``goods`` (F,); ``first`` (F + 1,): routes of flow f are ``first[f]:first[f + 1]``, with ``route`` their place in
    the route set, ``cost`` (generalised, USD/t, without what is due once a shipment whatever the route), ``size`` path
    sizes in the open network and ``closers`` (uint64) actors who can close them.
    """

    pair: NDArray[np.int64]
    goods: NDArray[np.int64]
    first: NDArray[np.int64]
    route: NDArray[np.int64]
    cost: NDArray[np.float64]
    size: NDArray[np.float64]
    closers: NDArray[np.uint64]


@nb.njit(cache=CACHE, nogil=True)
def list_flows(s: int, k: int, menu: Menu, prices: Prices, offers: Offers) -> FlowList:
    """List the flows of state ``s`` with the prices of draw ``k``.

    Parameters
    ----------
    s, k : int
    menu : Menu
    prices : Prices
    offers : Offers
        Of all pairs.
    """
    n_pairs, n_goods = menu.available.shape[1], menu.available.shape[2]
    n_flows, n_routes = 0, 0
    for p in range(n_pairs):
        for g in range(n_goods):
            u = offers.number[s, p, g]
            if u >= 0:
                n_flows += 1
                n_routes += offers.first[u + 1] - offers.first[u]
    out = FlowList(
        np.empty(n_flows, np.int64), np.empty(n_flows, np.int64), np.zeros(n_flows + 1, np.int64),
        np.empty(n_routes, np.int64), np.empty(n_routes), np.empty(n_routes), np.empty(n_routes, np.uint64),
    )  # fmt: skip
    bench = new_bench(menu)
    f, at = 0, 0
    for p in range(n_pairs):
        summed, regime = False, -1
        for g in range(n_goods):
            u = offers.number[s, p, g]
            if u < 0:
                continue
            if not summed:
                sum_segments(k, prices.vector[s], p, menu, prices, bench)
                summed = True
            if menu.regime[s, p, g] != regime:
                regime = menu.regime[s, p, g]
                sum_surcharges(k, regime, p, menu, prices, bench)
            price_segments(k, g, p, menu, prices, bench)
            price_routes(k, g, p, menu, prices, bench)
            for i in range(offers.first[u], offers.first[u + 1]):
                r = np.int64(offers.route[i])
                out.route[at] = menu.pair_first[p] + r
                out.cost[at] = bench.route_cost[r]
                out.size[at] = offers.size[i]
                out.closers[at] = menu.closers[s, menu.pair_first[p] + r]
                at += 1
            out.pair[f], out.goods[f] = p, g
            f += 1
            out.first[f] = at
    return out
