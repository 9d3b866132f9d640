"""How demand and routes answer to scarcity: loads of limited assets and their slopes, many draws at a time.

Routes are chosen by path-size logit with not shipping as one more alternative, far off. What is wanted answers to the
delivered cost with the elasticity of trade, its importer's price index moving along; wages and incomes are held
(see `mackinder.kernels.clearing`).
"""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.block import Block, Sums, add, route_sums, route_surcharges
from mackinder.kernels.exponential import exponentials
from mackinder.kernels.limits import Answer, Limits, Quotes, Wants
from mackinder.kernels.offers import Offers
from mackinder.kernels.pool import N_MODES
from mackinder.kernels.pricing import Menu

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["Counter", "answer_scarcity", "new_counter", "quote_offers", "scarcity_of_routes"]

_ONE = np.uint64(1)
_NONE = np.uint64(0)


class Counter(NamedTuple):
    """Work space for the pair in hand, B draws."""

    rent: NDArray[np.float64]  # (64, B) scarcity price of each route, USD/t
    wait: NDArray[np.float64]  # (64, B) hours of queue on each route
    weight: NDArray[np.float64]  # (64 * B,) of the offer in hand, route by route
    work: NDArray[np.float64]  # (64 * B,)
    flow: NDArray[np.float64]  # (64, B) t/yr on each route
    own: NDArray[np.float32]  # (2, 64, B): sums of q theta share by route, and the same by value of time
    both: NDArray[np.float32]  # (2, M, M, B): what is left of the slope, by column rule; slopes need no more digits
    part: NDArray[np.float32]  # (M, B) share of each group of routes
    line: NDArray[np.float64]  # (8, B)
    group: NDArray[np.int64]  # (M,) active groups of the pair


@nb.njit(cache=CACHE, nogil=True)
def new_counter(groups: int, b: int) -> Counter:
    """Return empty work space for ``b`` draws and at most ``groups`` groups of limits in a pair."""
    return Counter(
        np.zeros((64, b)), np.zeros((64, b)), np.zeros(64 * b), np.zeros(64 * b), np.zeros((64, b)),
        np.zeros((2, 64, b), np.float32), np.zeros((2, groups, groups, b), np.float32), np.zeros((groups, b), np.float32),
        np.zeros((8, b)), np.zeros(groups, np.int64),
    )  # fmt: skip


@nb.njit(cache=CACHE, nogil=True)
def _weigh(g: int, u: int, offers: Offers, quotes: Quotes, block: Block, counter: Counter, some_price: bool) -> None:
    """Weights of the routes of an offer under the scarcity of the pair; ``line[0]`` is their sum."""
    at, n, b = offers.first[u], offers.first[u + 1] - offers.first[u], block.reliability.shape[0]
    theta, vot, least, total = block.dispersion[g], block.value_of_time[g], quotes.least[u], counter.line[0]
    x = counter.weight[: n * b]
    for i in range(n):
        cost, mine = quotes.cost[at + i], x[i * b : (i + 1) * b]
        if some_price:
            rent, wait = counter.rent[offers.route[at + i]], counter.wait[offers.route[at + i]]
            for k in range(b):
                mine[k] = -theta[k] * (cost[k] - least[k] + rent[k] + vot[k] * wait[k])
        else:
            for k in range(b):
                mine[k] = -theta[k] * (cost[k] - least[k])
    exponentials(x, counter.work[: n * b], x)
    total[:] = 0.0
    for i in range(n):
        size, mine = offers.size[at + i], x[i * b : (i + 1) * b]
        for k in range(b):
            mine[k] *= size
            total[k] += mine[k]


@nb.njit(cache=CACHE, nogil=True)
def quote_offers(menu: Menu, offers: Offers, block: Block, sums: Sums, counter: Counter) -> Quotes:
    """Price all offers of all states for a block of draws, without scarcity."""
    n_offers, n_routes, b = offers.first.shape[0] - 1, offers.first[-1], block.reliability.shape[0]
    quotes = Quotes(
        np.empty((n_routes, b)), np.empty((n_offers, b)), np.empty((n_offers, b)), np.empty((n_offers, b))
    )  # fmt: skip
    n_states, n_pairs, n_goods = offers.number.shape
    for p in range(n_pairs):
        vector = -1
        for s in range(n_states):
            regime = -1
            for g in range(n_goods):
                u = offers.number[s, p, g]
                if u < 0 or menu.same_as[s, p, g] != s:
                    continue
                if block.vector[s] != vector:
                    vector, regime = block.vector[s], -1
                    route_sums(vector, p, menu, block, sums)
                if menu.regime[s, p, g] != regime:
                    regime = menu.regime[s, p, g]
                    route_surcharges(regime, p, menu, block, sums)
                _quote(g, u, regime, offers, block, sums, quotes, counter)
    return quotes


@nb.njit(cache=CACHE, nogil=True)
def _quote(
    g: int, u: int, regime: int, offers: Offers, block: Block, sums: Sums, quotes: Quotes, counter: Counter
) -> None:
    vot, ratio, f, once = block.value_of_time[g], block.reliability, block.factor[g], block.shipment[regime]
    least, total = quotes.least[u], counter.line[0]
    least[:] = np.inf
    for i in range(offers.first[u], offers.first[u + 1]):
        r, cost = offers.route[i], quotes.cost[i]
        hours, spread, extra = sums.route[N_MODES, r], sums.route[N_MODES + 1, r], sums.extra[r]
        rail, road, water, transfer = sums.route[0, r], sums.route[1, r], sums.route[2, r], sums.route[3, r]
        for k in range(cost.shape[0]):
            cost[k] = once[k] + vot[k] * (hours[k] + ratio[k] * spread[k]) + extra[k]
        for k in range(cost.shape[0]):
            cost[k] += f[0, k] * rail[k] + f[1, k] * road[k] + f[2, k] * water[k] + f[3, k] * transfer[k]
            least[k] = min(least[k], cost[k])
    _weigh(g, u, offers, quotes, block, counter, False)
    theta, no_ship = block.dispersion[g], block.no_ship[g]
    for k in range(least.shape[0]):
        quotes.open[u, k] = total[k]
        quotes.away[u, k] = total[k] * np.exp(-theta[k] * no_ship[k])


@nb.njit(cache=CACHE, nogil=True)
def scarcity_of_routes(
    p: int, menu: Menu, limits: Limits, price: NDArray[np.float64], slot: NDArray[np.int64], counter: Counter
) -> bool:
    """Sum the scarcity of active limits over the routes of a pair; say whether there is any."""
    n_routes, some = menu.pair_first[p + 1] - menu.pair_first[p], False
    for m in range(limits.group_first[p], limits.group_first[p + 1]):
        for at in range(limits.first[m], limits.first[m + 1]):
            a = limits.limit[at]
            if slot[a] < 0:
                continue
            if not some:
                counter.rent[:n_routes] = 0.0
                counter.wait[:n_routes] = 0.0
                some = True
            to = counter.wait if limits.is_queue[a] else counter.rent
            mask = limits.mask[m]
            for r in range(n_routes):
                if (mask >> np.uint64(r)) & _ONE:
                    add(to[r], price[a])
    return some


@nb.njit(cache=CACHE, nogil=True)
def _delivered(
    s: int, menu: Menu, offers: Offers, quotes: Quotes, block: Block, wants: Wants, limits: Limits,
    price: NDArray[np.float64], slot: NDArray[np.int64], counter: Counter, answer: Answer,
) -> None:  # fmt: skip
    """Delivered costs and price indices under scarcity."""
    n_pairs, n_goods, b = wants.tonnes.shape
    answer.price_index[:] = wants.rest
    total = counter.line[0]
    for p in range(n_pairs):
        some = scarcity_of_routes(p, menu, limits, price, slot, counter)
        for g in range(n_goods):
            u, out = offers.number[s, p, g], answer.delivered[p, g]
            if u < 0:
                continue
            theta, least, density = block.dispersion[g], quotes.least[u], wants.density[g]
            open_, away = quotes.open[u], quotes.away[u]
            if some:
                _weigh(g, u, offers, quotes, block, counter, True)
            else:
                total[:] = open_
            for k in range(b):
                out[k] = density[k] + least[k] - np.log(total[k] + away[k]) / theta[k]
            share, base, e = wants.share[p, g], wants.reference[p, g], wants.elasticity[g]
            index = answer.price_index[wants.importer[p], g]
            for k in range(b):
                if share[k] > 0.0 and base[k] > 0.0:
                    index[k] += share[k] * np.exp(-e[k] * np.log(out[k] / base[k]))


@nb.njit(cache=CACHE, nogil=True)
def answer_scarcity(
    s: int, menu: Menu, offers: Offers, quotes: Quotes, block: Block, wants: Wants, limits: Limits, elastic: bool,
    price: NDArray[np.float64], slot: NDArray[np.int64], slopes: bool, counter: Counter, answer: Answer,
) -> None:  # fmt: skip
    """Write loads and demand under scarcity ``price`` (L, B) into ``answer``, and slopes if they are asked for.

    ``slot`` (L,) numbers the limits with a price in any draw, and those whose slopes are wanted; -1 for all others.
    """
    n_pairs, n_goods, b = wants.tonnes.shape
    if elastic:
        _delivered(s, menu, offers, quotes, block, wants, limits, price, slot, counter, answer)
    answer.load[:] = 0.0
    if slopes:
        answer.slope[:] = 0.0
    total, quantity, curve, shipped = counter.line[0], counter.line[1], counter.line[2], counter.line[3]
    for p in range(n_pairs):
        some = scarcity_of_routes(p, menu, limits, price, slot, counter)
        n_active, queues = _active_groups(p, limits, slot, counter) if some and slopes else (0, False)
        n_routes = menu.pair_first[p + 1] - menu.pair_first[p]
        any_flow = False
        for g in range(n_goods):
            u = offers.number[s, p, g]
            wanted = wants.tonnes[p, g].max() > 0.0
            if u < 0 or not wanted:
                answer.tonnes[p, g] = wants.tonnes[p, g]
                answer.shipped[p, g] = 0.0
                continue
            if not any_flow:
                any_flow = True
                counter.flow[:n_routes] = 0.0
                counter.own[:, :n_routes] = 0.0
                counter.both[:, :n_active, :n_active] = 0.0
            _weigh(g, u, offers, quotes, block, counter, some)
            _demand(p, g, u, quotes, block, wants, elastic, answer, quantity, curve)
            away = quotes.away[u]
            if not elastic:
                least, theta, density = quotes.least[u], block.dispersion[g], wants.density[g]
                for k in range(b):
                    answer.delivered[p, g, k] = density[k] + least[k] - np.log(total[k] + away[k]) / theta[k]
            for k in range(b):
                shipped[k] = quantity[k] / (total[k] + away[k])
                answer.tonnes[p, g, k] = quantity[k]
                answer.shipped[p, g, k] = shipped[k] * total[k]
            _route_flows(g, u, offers, block, n_active > 0, queues, counter)
            if n_active > 0:
                _group_products(g, u, offers, limits, block, n_active, queues, away, counter)
        if any_flow:
            _hand_over(p, n_routes, n_active, queues, limits, slot, counter, answer)


@nb.njit(cache=CACHE, nogil=True)
def _active_groups(p: int, limits: Limits, slot: NDArray[np.int64], counter: Counter) -> tuple[int, bool]:
    """List the groups of a pair with an active limit; count them, and say whether any of their limits is a queue."""
    n, queues = 0, False
    for m in range(limits.group_first[p], limits.group_first[p + 1]):
        any_active = False
        for at in range(limits.first[m], limits.first[m + 1]):
            if slot[limits.limit[at]] >= 0:
                any_active = True
                queues |= limits.is_queue[limits.limit[at]]
        if any_active:
            counter.group[n] = m
            n += 1
    return n, queues


@nb.njit(cache=CACHE, nogil=True)
def _demand(
    p: int, g: int, u: int, quotes: Quotes, block: Block, wants: Wants, elastic: bool, answer: Answer,
    quantity: NDArray[np.float64], curve: NDArray[np.float64],
) -> None:  # fmt: skip
    """Tonnes wanted, and ``theta - eta / delivered``: what the products of shares are multiplied with in the slope."""
    theta, tonnes, reference, share = block.dispersion[g], wants.tonnes[p, g], wants.reference[p, g], wants.share[p, g]
    e, index, delivered = wants.elasticity[g], answer.price_index[wants.importer[p], g], answer.delivered[p, g]
    for k in range(quantity.shape[0]):
        if elastic and reference[k] > 0.0:
            ratio = delivered[k] / reference[k]
            power = np.exp(-e[k] * np.log(ratio)) / index[k]
            quantity[k] = tonnes[k] * power / ratio
            curve[k] = theta[k] - (e[k] * (1.0 - min(share[k] * power, 1.0)) + 1.0) / delivered[k]
        else:
            quantity[k], curve[k] = tonnes[k], theta[k]


@nb.njit(cache=CACHE, nogil=True)
def _route_flows(g: int, u: int, offers: Offers, block: Block, counts: bool, queues: bool, counter: Counter) -> None:
    """Add an offer's flow to the routes; ``line[3]`` is tonnes over the sum of weights."""
    at, n, b = offers.first[u], offers.first[u + 1] - offers.first[u], block.reliability.shape[0]
    theta, vot, unit = block.dispersion[g], block.value_of_time[g], counter.line[3]
    for i in range(n):
        r, x = offers.route[at + i], counter.weight[i * b : (i + 1) * b]
        flow, own, timed = counter.flow[r], counter.own[0, r], counter.own[1, r]
        for k in range(b):
            flow[k] += unit[k] * x[k]
        if counts:
            for k in range(b):
                own[k] += unit[k] * x[k] * theta[k]
        if counts and queues:
            for k in range(b):
                timed[k] += unit[k] * x[k] * theta[k] * vot[k]


@nb.njit(cache=CACHE, nogil=True)
def _group_products(
    g: int, u: int, offers: Offers, limits: Limits, block: Block, n_active: int, queues: bool, away: NDArray[np.float64],
    counter: Counter,
) -> None:  # fmt: skip
    """Add ``q (theta - eta / delivered) share_m share_n`` of an offer for all pairs of active groups."""
    at, n, b = offers.first[u], offers.first[u + 1] - offers.first[u], block.reliability.shape[0]
    total, curve, unit, vot, scale = (
        counter.line[0],
        counter.line[2],
        counter.line[3],
        block.value_of_time[g],
        counter.line[4],
    )
    for m in range(n_active):
        part, mask = counter.part[m], limits.mask[counter.group[m]]
        part[:] = 0.0
        for i in range(n):
            if (mask >> np.uint64(offers.route[at + i])) & _ONE:
                add(part, counter.weight[i * b : (i + 1) * b])
    for k in range(b):  # tonnes q share_m share_n = unit (W + away) (w_m / (W + away)) (w_n / (W + away))
        scale[k] = unit[k] * curve[k] / (total[k] + away[k])
    for m in range(n_active):
        mine = counter.part[m]
        for j in range(m + 1):
            other, plain, timed = counter.part[j], counter.both[0, m, j], counter.both[1, m, j]
            for k in range(b):
                plain[k] += scale[k] * mine[k] * other[k]
            if queues:
                for k in range(b):
                    timed[k] += scale[k] * mine[k] * other[k] * vot[k]


@nb.njit(cache=CACHE, nogil=True)
def _hand_over(
    p: int, n_routes: int, n_active: int, queues: bool, limits: Limits, slot: NDArray[np.int64], counter: Counter,
    answer: Answer,
) -> None:  # fmt: skip
    """Add the flows of a pair to the loads of its limits, and its slopes to those of active ones."""
    part = counter.line[5]
    for m in range(limits.group_first[p], limits.group_first[p + 1]):
        mask = limits.mask[m]
        part[:] = 0.0
        for r in range(n_routes):
            if (mask >> np.uint64(r)) & _ONE:
                add(part, counter.flow[r])
        for at in range(limits.first[m], limits.first[m + 1]):
            add(answer.load[limits.limit[at]], part)
    for i in range(n_active):
        for j in range(i + 1):
            mask = limits.mask[counter.group[i]] & limits.mask[counter.group[j]]
            for rule in range(2 if queues else 1):
                out = counter.both[rule, i, j]
                for r in range(n_routes):
                    if (mask >> np.uint64(r)) & _ONE:
                        own = counter.own[rule, r]
                        for k in range(out.shape[0]):
                            out[k] -= own[k]
            _scatter(counter.group[i], counter.group[j], i, j, limits, slot, counter, answer)
            if i != j:
                _scatter(counter.group[j], counter.group[i], i, j, limits, slot, counter, answer)


@nb.njit(cache=CACHE, nogil=True)
def _scatter(
    m: int, n: int, i: int, j: int, limits: Limits, slot: NDArray[np.int64], counter: Counter, answer: Answer
) -> None:
    """Add the slope of group ``m`` by the prices of group ``n`` to all their active limits."""
    for at in range(limits.first[m], limits.first[m + 1]):
        row = slot[limits.limit[at]]
        if row < 0:
            continue
        for on in range(limits.first[n], limits.first[n + 1]):
            column = slot[limits.limit[on]]
            if column >= 0:
                rule = 1 if limits.is_queue[limits.limit[on]] else 0
                add(answer.slope[row, column], counter.both[rule, i, j])
