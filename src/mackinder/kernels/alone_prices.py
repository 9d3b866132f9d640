"""Prices of routes and offers in one draw alone: the same sums as in `block` and `weights`, number by number.

As in `alone`, what is innermost here is routes, not draws: a row of length one costs more to open than to add.
"""

from __future__ import annotations

from mackinder.kernels import CACHE
from mackinder.kernels.block import Block, Sums
from mackinder.kernels.exponential import exponentials, logarithms
from mackinder.kernels.inner import inner
from mackinder.kernels.limits import Quotes
from mackinder.kernels.offers import Offers
from mackinder.kernels.pool import N_MODES
from mackinder.kernels.pricing import Menu
from mackinder.kernels.weights import Counter

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["quote_alone", "sums_alone", "surcharges_alone"]

_ONE = np.uint64(1)
_ROWS = N_MODES + 2


@inner(arrays=False, error_model="numpy")
def sums_alone(v: int, p: int, menu: Menu, block: Block, sums: Sums) -> None:
    """Do what `block.route_sums` does, for a block of one draw."""
    n_routes, out, part = np.uint64(menu.pair_first[p + 1] - menu.pair_first[p]), sums.route, sums.part
    for j in range(_ROWS):
        for r in range(n_routes):
            out[j, r, 0] = 0.0
    for q in range(menu.segment_first[p], menu.segment_first[p + 1]):
        for j in range(_ROWS):
            part[j, 0] = 0.0
        for at in range(menu.asset_first[q], menu.asset_first[q + 1]):
            a = menu.asset[at]
            part[block.mode[a], 0] += block.money[v, a, 0]
            part[N_MODES, 0] += block.hours[v, a, 0]
            part[N_MODES + 1, 0] += block.spread[v, a, 0]
        mask = menu.segment_mask[q]
        for j in range(_ROWS):
            amount = part[j, 0]
            if amount != 0.0:
                for r in range(n_routes):
                    out[j, r, 0] += amount if (mask >> r) & _ONE else 0.0


@inner(arrays=False, error_model="numpy")
def surcharges_alone(regime: int, p: int, menu: Menu, block: Block, sums: Sums) -> None:
    """Do what `block.route_surcharges` does, for a block of one draw."""
    n_routes, extra = np.uint64(menu.pair_first[p + 1] - menu.pair_first[p]), sums.extra
    for r in range(n_routes):
        extra[r, 0] = 0.0
    for at in range(menu.due_first[p], menu.due_first[p + 1]):
        m = menu.due_restriction[at]
        if not block.holds[regime, m]:
            continue
        mask, times = menu.segment_mask[menu.due_segment[at]], menu.due_count[at]
        if block.once[m]:
            times = 1.0
            for other in range(menu.due_first[p], at):
                if menu.due_restriction[other] == m:
                    mask &= ~menu.segment_mask[menu.due_segment[other]]
        amount = times * block.surcharge[m, 0]
        for r in range(n_routes):
            extra[r, 0] += amount if (mask >> r) & _ONE else 0.0


@nb.njit(cache=CACHE, nogil=True)
def quote_alone(
    menu: Menu, offers: Offers, block: Block, sums: Sums, wanted: NDArray[np.bool_], counter: Counter
) -> Quotes:
    """Do what `weights.quote_offers` does, for a block of one draw."""
    n_offers, n_routes = offers.first.shape[0] - 1, offers.first[-1]
    quotes = Quotes(np.empty((n_routes, 1)), np.empty((n_offers, 1)), np.empty((n_offers, 1)))
    n_states, n_pairs, n_goods = offers.number.shape
    asked, away = np.zeros((n_states, n_goods), np.bool_), np.empty(n_goods)
    for g in range(n_goods):
        away[g] = np.exp(-block.dispersion[g, 0] * block.no_ship[g, 0])
    for p in range(n_pairs):
        asked[:] = False
        for s in range(n_states):
            if wanted[s]:
                for g in range(n_goods):
                    asked[menu.same_as[s, p, g], g] = True
        vector = -1
        for s in range(n_states):
            regime = -1
            for g in range(n_goods):
                u = offers.number[s, p, g]
                if u < 0 or menu.same_as[s, p, g] != s or not asked[s, g]:
                    continue
                if block.vector[s] != vector:
                    vector, regime = block.vector[s], -1
                    sums_alone(vector, p, menu, block, sums)
                if menu.regime[s, p, g] != regime:
                    regime = menu.regime[s, p, g]
                    surcharges_alone(regime, p, menu, block, sums)
                _quote(g, u, regime, away[g], offers, block, sums, quotes, counter)
    return quotes


@inner(arrays=False, error_model="numpy")
def _quote(
    g: int, u: int, regime: int, away: float, offers: Offers, block: Block, sums: Sums, quotes: Quotes, counter: Counter
) -> None:
    vot, ratio, theta, once = (
        block.value_of_time[g, 0],
        block.reliability[0],
        block.dispersion[g, 0],
        block.shipment[regime, 0],
    )
    rail, road, water, transfer = (
        block.factor[g, 0, 0],
        block.factor[g, 1, 0],
        block.factor[g, 2, 0],
        block.factor[g, 3, 0],
    )
    cost, route, extra, least, total = quotes.cost, sums.route, sums.extra, np.inf, 0.0
    first, end, shift, weight = np.uint64(offers.first[u]), offers.first[u + 1], counter.shift, counter.weight
    n = np.uint64(end) - first
    for e in range(n):
        r = np.uint64(offers.route[first + e])
        hours = vot * (route[N_MODES, r, 0] + ratio * route[N_MODES + 1, r, 0])
        money = rail * route[0, r, 0] + road * route[1, r, 0] + water * route[2, r, 0] + transfer * route[3, r, 0]
        cost[first + e, 0] = once + hours + extra[r, 0] + money
        least = min(least, cost[first + e, 0])
    for e in range(n):
        shift[e] = offers.size[first + e]
    logarithms(shift[:n], counter.work[:n], weight[:n])
    for e in range(n):
        cost[first + e, 0] -= least + weight[e] / theta
        shift[e] = -theta * cost[first + e, 0]
    exponentials(shift[:n], counter.work[:n], weight[:n])
    for e in range(n):
        total += weight[e]
    quotes.least[u, 0], quotes.away[u, 0] = least, total * away
