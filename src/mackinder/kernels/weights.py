"""Weights of routes under scarcity, and what they make delivered: many draws at a time.

All loops run over the draws of a block, or over all routes of an offer times the draws: long enough for the lanes of a
processor. Costs are kept relative to the least of the offer, with the path size folded in as a cost, so that a weight is one
exponential.
"""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.block import Block, Sums, route_sums, route_surcharges
from mackinder.kernels.exponential import exponentials
from mackinder.kernels.inner import inner, viewing
from mackinder.kernels.limits import Limits, Quotes
from mackinder.kernels.offers import Offers
from mackinder.kernels.pool import N_MODES
from mackinder.kernels.pricing import Menu
from mackinder.kernels.rows import add_row, empty_rows

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["Counter", "argue_offer", "new_counter", "quote_offers", "scarcity_of_routes", "total_offer"]

_ONE = np.uint64(1)
_NONE = np.uint64(0)
_ROUTES = 64


class Counter(NamedTuple):
    """Work space for the importer and the pair in hand, B draws, Q offers of the importer; all flat, draws innermost.

    ``order[first[j]:first[j + 1]]`` are the pairs whose destination is ``j``.
    """

    first: NDArray[np.int64]  # (Z + 1,)
    order: NDArray[np.int64]  # (P,)
    minus_theta: NDArray[np.float64]  # (G * 64 * B,) minus the dispersion, over and over
    rent: NDArray[np.float64]  # (64 * B,) scarcity price of each route of the pair, USD/t
    wait: NDArray[np.float64]  # (64 * B,) hours of queue on each route
    shift: NDArray[np.float64]  # (W,) minus theta times the cost with scarcity, of all offers of the importer
    work: NDArray[np.float64]  # (W,)
    place: NDArray[np.int64]  # (Q,) where the weights of an offer begin, -1 for none
    weight: NDArray[np.float64]  # (W,) of all offers of the importer, route by route
    total: NDArray[np.float64]  # (Q * B,) sum of the weights of an offer
    inclusive: NDArray[np.float64]  # (Q * B,) log of the total with not shipping
    power: NDArray[np.float64]  # (Q * B,) delivered over reference, to the power of minus the elasticity
    flow: NDArray[np.float64]  # (64 * B,) t/yr on each route of the pair
    own: NDArray[np.float32]  # (2 * 64 * B,) sums of q theta share by route, and the same by value of time
    both: NDArray[np.float32]  # (2 * M * M * B,) rest of the slope, by column rule; slopes need no more digits
    part: NDArray[np.float32]  # (M * B,) share of each group of routes
    share: NDArray[np.float32]  # (64 * B,) of the routes of the offer in hand
    line: NDArray[np.float64]  # (5, B)
    single: NDArray[np.float32]  # (3, B)
    group: NDArray[np.int64]  # (M,) active groups of the pair
    member: NDArray[np.int64]  # (M,) those of them that meet the route in hand
    floor: NDArray[np.float64]  # (L,) tonnes from which a flow matters for the slopes of a limit


@nb.njit(cache=CACHE, nogil=True)
def new_counter(
    n_zones: int, n_limits: int, groups: int, menu: Menu, offers: Offers, destination: NDArray[np.int64], block: Block
) -> Counter:
    """Return empty work space for a block; ``groups`` is the most groups of limits of any pair."""
    n_states, n_pairs, n_goods = offers.number.shape
    b = block.reliability.shape[0]
    first, order = np.zeros(n_zones + 1, np.int64), np.empty(n_pairs, np.int64)
    for p in range(n_pairs):
        first[destination[p] + 1] += 1
    for j in range(n_zones):
        first[j + 1] += first[j]
    at = first[:-1].copy()
    for p in range(n_pairs):
        order[at[destination[p]]] = p
        at[destination[p]] += 1
    most, widest = 1, 1
    for j in range(n_zones):
        most = max(most, first[j + 1] - first[j])
        for s in range(n_states):
            here = 0
            for i in range(first[j], first[j + 1]):
                for g in range(n_goods):
                    u = offers.number[s, order[i], g]
                    if u >= 0:
                        here += offers.first[u + 1] - offers.first[u]
            widest = max(widest, here)
    theta = np.empty(n_goods * _ROUTES * b)
    for g in range(n_goods):
        for r in range(_ROUTES):
            for k in range(b):
                theta[(g * _ROUTES + r) * b + k] = -block.dispersion[g, k]
    room, offered = _ROUTES * b, most * n_goods * b
    wide = max(widest * b, offered)
    return Counter(
        first, order, theta, np.zeros(room), np.zeros(room), np.zeros(wide), np.zeros(wide), np.zeros(most * n_goods, np.int64),
        np.zeros(wide), np.zeros(offered), np.zeros(offered), np.ones(offered), np.zeros(room), np.zeros(2 * room, np.float32),
        np.zeros(2 * groups * groups * b, np.float32), np.zeros(groups * b, np.float32), np.zeros(room, np.float32),
        np.zeros((5, b)), np.zeros((3, b), np.float32), np.zeros(groups, np.int64), np.zeros(groups, np.int64),
        np.zeros(n_limits),
    )  # fmt: skip


@viewing(error_model="numpy", inline="always")
def argue_offer(
    g: int, u: int, some: int, offers: Offers, cost: NDArray[np.float64], block: Block, counter: Counter, at: int
) -> int:
    """Write what the weights of an offer are exponentials of, from ``at`` on; return the place after the last.

    ``some`` is what `scarcity_of_routes` said of the pair: 0 nothing, 1 prices, 2 prices and queues; ``cost`` that of the
    quotes, flat.
    """
    first, n, b = (
        offers.first[u],
        np.uint64(offers.first[u + 1] - offers.first[u]),
        np.uint64(block.reliability.shape[0]),
    )
    shift, route, theta, to = counter.shift, offers.route, counter.minus_theta, np.uint64(at)
    m, start = n * b, np.uint64(first) * b
    if some == 0:
        for k in range(m):
            shift[to + k] = cost[start + k]
    else:
        rent, low = counter.rent, np.uint64(route[first])
        if np.uint64(route[first + np.int64(n) - 1]) == low + n - _ONE:
            for k in range(m):
                shift[to + k] = cost[start + k] + rent[low * b + k]
        else:
            for i in range(n):
                r = np.uint64(route[first + np.int64(i)]) * b
                for k in range(b):
                    shift[to + i * b + k] = cost[start + i * b + k] + rent[r + k]
        if some == 2:
            wait, vot = counter.wait, block.value_of_time[g]
            for i in range(n):
                r = np.uint64(route[first + np.int64(i)]) * b
                for k in range(b):
                    shift[to + i * b + k] += vot[k] * wait[r + k]
    row = np.uint64(g * _ROUTES) * b
    for k in range(m):
        shift[to + k] *= theta[row + k]
    return at + np.int64(m)  # type: ignore[return-value]  # int() of an unsigned would make it a float when compiled


@viewing(error_model="numpy", inline="always")
def total_offer(n: np.uint64, at: np.uint64, to: np.uint64, b: np.uint64, counter: Counter) -> None:
    """Sum the weights of an offer, ``n`` routes from ``at`` on, into its total from ``to`` on."""
    weight, total = counter.weight, counter.total
    for k in range(b):
        total[to + k] = weight[at + k]
    for i in range(_ONE, n):
        for k in range(b):
            total[to + k] += weight[at + i * b + k]


@nb.njit(cache=CACHE, nogil=True)
def quote_offers(
    menu: Menu, offers: Offers, block: Block, sums: Sums, wanted: NDArray[np.bool_], counter: Counter
) -> Quotes:
    """Price all offers of the states that are ``wanted`` (S,) for a block of draws, without scarcity."""
    n_offers, n_routes, b = offers.first.shape[0] - 1, offers.first[-1], block.reliability.shape[0]
    quotes = Quotes(np.empty((n_routes, b)), np.empty((n_offers, b)), np.empty((n_offers, b)))
    n_states, n_pairs, n_goods = offers.number.shape
    asked = np.zeros((n_states, n_goods), np.bool_)
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
                    route_sums(vector, p, menu, block, sums)
                if menu.regime[s, p, g] != regime:
                    regime = menu.regime[s, p, g]
                    route_surcharges(regime, p, menu, block, sums)
                _quote(g, u, regime, offers, block, sums, quotes, counter)
    return quotes


@inner(arrays=False, error_model="numpy")
def _quote(
    g: int, u: int, regime: int, offers: Offers, block: Block, sums: Sums, quotes: Quotes, counter: Counter
) -> None:
    vot, ratio, f, once = block.value_of_time[g], block.reliability, block.factor[g], block.shipment[regime]
    theta, no_ship, least, total = block.dispersion[g], block.no_ship[g], quotes.least[u], counter.total
    at, n, b = offers.first[u], offers.first[u + 1] - offers.first[u], block.reliability.shape[0]
    least[:] = np.inf
    for i in range(at, at + n):
        r, cost = offers.route[i], quotes.cost[i]
        hours, spread, extra = sums.route[N_MODES, r], sums.route[N_MODES + 1, r], sums.extra[r]
        rail, road, water, transfer = sums.route[0, r], sums.route[1, r], sums.route[2, r], sums.route[3, r]
        for k in range(b):
            cost[k] = once[k] + vot[k] * (hours[k] + ratio[k] * spread[k]) + extra[k]
        for k in range(b):
            cost[k] += f[0, k] * rail[k] + f[1, k] * road[k] + f[2, k] * water[k] + f[3, k] * transfer[k]
            least[k] = min(least[k], cost[k])
    for i in range(at, at + n):
        cost, smaller = quotes.cost[i], np.log(offers.size[i])
        for k in range(b):
            cost[k] -= least[k] + smaller / theta[k]
    m = argue_offer(g, u, 0, offers, quotes.cost.reshape(quotes.cost.size), block, counter, 0)
    exponentials(counter.shift[:m], counter.work[:m], counter.weight[:m])
    total_offer(np.uint64(n), _NONE, _NONE, np.uint64(b), counter)
    for k in range(b):
        quotes.away[u, k] = total[k] * np.exp(-theta[k] * no_ship[k])


@inner(arrays=False)
def scarcity_of_routes(
    p: int, menu: Menu, limits: Limits, price: NDArray[np.float64], slot: NDArray[np.int64], counter: Counter
) -> int:
    """Sum the scarcity of active limits over the routes of a pair; say whether there is any.

    Returns
    -------
    int
        0 for none, 1 for prices alone, 2 if there are queues.
    """
    n_routes, some, b = menu.pair_first[p + 1] - menu.pair_first[p], 0, np.uint64(price.shape[1])
    flat = price.reshape(price.size)
    for m in range(limits.group_first[p], limits.group_first[p + 1]):
        for at in range(limits.first[m], limits.first[m + 1]):
            a = limits.limit[at]
            if slot[a] < 0:
                continue
            if some == 0:
                empty_rows(counter.rent, _NONE, np.uint64(n_routes) * b)
                empty_rows(counter.wait, _NONE, np.uint64(n_routes) * b)
            some = max(some, 2 if limits.is_queue[a] else 1)
            to = counter.wait if limits.is_queue[a] else counter.rent
            for i in range(limits.meets_first[m], limits.meets_first[m + 1]):
                add_row(flat, np.uint64(a) * b, to, np.uint64(limits.meets[i]) * b, b)
    return some
