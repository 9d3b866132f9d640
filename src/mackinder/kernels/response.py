"""How demand and routes answer to scarcity: loads of limited assets and their slopes, many draws at a time.

Routes are chosen by path-size logit with not shipping as one more alternative, far off. What is wanted answers to the
delivered cost with the elasticity of trade, its importer's price index moving along; wages and incomes are held
(see `mackinder.equilibrium.clearing`). Importer by importer: first the weights of all its offers, then, with the index known,
the flows.
"""

from __future__ import annotations

from mackinder.kernels.block import Block
from mackinder.kernels.exponential import exponentials, logarithms
from mackinder.kernels.inner import inner, viewing
from mackinder.kernels.limits import Answer, Limits, Quotes, Wants
from mackinder.kernels.offers import Offers
from mackinder.kernels.pricing import Menu
from mackinder.kernels.rows import add_product, add_row, empty_rows, largest
from mackinder.kernels.slopes import (
    active_groups,
    add_slopes,
    mirror_slopes,
    note_floors,
    open_pair,
    products_of_groups,
)
from mackinder.kernels.weights import Counter, argue_offer, scarcity_of_routes, total_offer

# isort: split
import numpy as np
from numpy.typing import NDArray

__all__ = ["answer_scarcity"]

_ONE = np.uint64(1)
_NONE = np.uint64(0)


@viewing()
def answer_scarcity(
    s: int, menu: Menu, offers: Offers, quotes: Quotes, block: Block, wants: Wants, limits: Limits, elastic: bool,
    price: NDArray[np.float64], slot: NDArray[np.int64], slopes: bool, counter: Counter, answer: Answer,
) -> None:  # fmt: skip
    """Write loads and demand under scarcity ``price`` (L, B) into ``answer``, and slopes if they are asked for.

    ``slot`` (L,) numbers the limits with a price in any draw, and those whose slopes are wanted; -1 for all others.
    """
    n_zones = counter.first.shape[0] - 1
    if slopes:
        n = note_floors(slot, answer.load, counter)
        answer.slope[:n, :n] = 0.0
    answer.load[:] = 0.0
    for j in range(n_zones):
        _weigh_importer(s, j, menu, offers, quotes, block, wants, limits, elastic, price, slot, counter, answer)
        _load_importer(s, j, menu, offers, quotes, block, wants, limits, elastic, slot, slopes, counter, answer)
    if slopes:
        flat = answer.slope.reshape(answer.slope.size)
        mirror_slopes(slot, limits.is_queue, flat, answer.slope.shape[1], np.uint64(price.shape[1]))


@inner(arrays=False, error_model="numpy")
def _weigh_importer(
    s: int, j: int, menu: Menu, offers: Offers, quotes: Quotes, block: Block, wants: Wants, limits: Limits, elastic: bool,
    price: NDArray[np.float64], slot: NDArray[np.int64], counter: Counter, answer: Answer,
) -> None:  # fmt: skip
    """Weights and delivered costs of all an importer is offered, and its price indices."""
    n_goods, b = offers.number.shape[2], np.uint64(block.reliability.shape[0])
    cost, place = quotes.cost.reshape(quotes.cost.size), counter.place
    index, rest = answer.price_index[j], wants.rest[j]
    for g in range(n_goods):
        for k in range(b):
            index[g, k] = rest[g, k]
    at, q = 0, 0
    for i in range(counter.first[j], counter.first[j + 1]):
        p = counter.order[i]
        some, here = scarcity_of_routes(p, menu, limits, price, slot, counter), 0
        for g in range(n_goods):
            u, place[q] = offers.number[s, p, g], -1
            if u >= 0 and (largest(wants.tonnes[p, g]) > 0.0 or largest(wants.share[p, g]) > 0.0):
                place[q] = at + here
                here = argue_offer(g, u, some, offers, cost, block, counter, here)
            q += 1
        exponentials(counter.shift[:here], counter.work[:here], counter.weight[at : at + here])  # while it is near
        at += here
    _deliver(s, j, offers, quotes, block, wants, counter, answer)
    if elastic:
        _count_in(j, wants, n_goods, b, counter, answer)


@inner(arrays=False, error_model="numpy")
def _deliver(
    s: int, j: int, offers: Offers, quotes: Quotes, block: Block, wants: Wants, counter: Counter, answer: Answer
) -> None:
    """Totals of all an importer is offered, and its delivered costs."""
    n_goods, b = offers.number.shape[2], np.uint64(block.reliability.shape[0])
    place, total, inclusive = counter.place, counter.total, counter.inclusive
    q = _NONE
    for i in range(counter.first[j], counter.first[j + 1]):
        for g in range(n_goods):
            if place[q] >= 0:
                u = offers.number[s, counter.order[i], g]
                n, away = np.uint64(offers.first[u + 1] - offers.first[u]), quotes.away[u]
                total_offer(n, np.uint64(place[q]), q * b, b, counter)
                for k in range(b):
                    counter.shift[q * b + k] = total[q * b + k] + away[k]
            else:
                for k in range(b):
                    counter.shift[q * b + k] = 1.0
            q += _ONE
    end = np.int64(q * b)
    logarithms(counter.shift[:end], counter.work[:end], inclusive[:end])
    q = _NONE
    for i in range(counter.first[j], counter.first[j + 1]):
        for g in range(n_goods):
            if place[q] >= 0:
                p = counter.order[i]
                u, out = offers.number[s, p, g], answer.delivered[p, g]
                density, least, theta = wants.density[g], quotes.least[u], block.dispersion[g]
                for k in range(b):
                    out[k] = density[k] + least[k] - inclusive[q * b + k] / theta[k]
            q += _ONE


@inner(arrays=False, error_model="numpy")
def _count_in(j: int, wants: Wants, n_goods: int, b: np.uint64, counter: Counter, answer: Answer) -> None:
    """Add all offers to the price indices of their importer; where demand does not answer, its power is one."""
    place, power, ratio, work = counter.place, counter.power, counter.shift, counter.work
    q = _NONE
    for i in range(counter.first[j], counter.first[j + 1]):
        p = counter.order[i]
        for g in range(n_goods):
            reference, delivered = wants.reference[p, g], answer.delivered[p, g]
            known = place[q] >= 0
            for k in range(b):
                ratio[q * b + k] = delivered[k] / reference[k] if known and reference[k] > 0.0 else 1.0
            q += _ONE
    end = np.int64(q * b)
    logarithms(ratio[:end], work[:end], power[:end])
    q = _NONE
    for _ in range(counter.first[j], counter.first[j + 1]):
        for g in range(n_goods):
            e = wants.elasticity[g]
            for k in range(b):
                ratio[q * b + k] = -e[k] * power[q * b + k]
            q += _ONE
    exponentials(ratio[:end], work[:end], power[:end])
    q = _NONE
    for i in range(counter.first[j], counter.first[j + 1]):
        p = counter.order[i]
        for g in range(n_goods):
            if place[q] >= 0:
                share, index = wants.share[p, g], answer.price_index[j, g]
                for k in range(b):
                    index[k] += share[k] * power[q * b + k]
            q += _ONE


@inner(arrays=False, error_model="numpy")
def _load_importer(
    s: int, j: int, menu: Menu, offers: Offers, quotes: Quotes, block: Block, wants: Wants, limits: Limits, elastic: bool,
    slot: NDArray[np.int64], slopes: bool, counter: Counter, answer: Answer,
) -> None:  # fmt: skip
    """Demand of an importer on the routes, and the routes' flows on the limits."""
    n_goods, b = offers.number.shape[2], np.uint64(block.reliability.shape[0])
    quantity, curve, unit = counter.line[0], counter.line[1], counter.line[2]
    flow, weight, route = counter.flow, counter.weight, offers.route
    load, slope, width = (
        answer.load.reshape(answer.load.size),
        answer.slope.reshape(answer.slope.size),
        answer.slope.shape[1],
    )
    q = -1
    for i in range(counter.first[j], counter.first[j + 1]):
        p = counter.order[i]
        n_active, queues, floor = active_groups(p, limits, slot, counter) if slopes else (0, False, np.inf)
        n_routes = menu.pair_first[p + 1] - menu.pair_first[p]
        any_flow, counted = False, False
        for g in range(n_goods):
            q += 1
            u = offers.number[s, p, g]
            if u < 0 or largest(wants.tonnes[p, g]) <= 0.0:
                _ship_nothing(wants.tonnes[p, g], answer.tonnes[p, g], answer.shipped[p, g])
                continue
            if not any_flow:
                any_flow = True
                empty_rows(flow, _NONE, np.uint64(n_routes) * b)
            _demand(j, p, g, block, wants, elastic, counter.power, np.uint64(q) * b, answer, quantity, curve)
            _ship(
                quantity,
                counter.total,
                np.uint64(q) * b,
                quotes.away[u],
                unit,
                answer.tonnes[p, g],
                answer.shipped[p, g],
            )
            first, n, at = (
                offers.first[u],
                np.uint64(offers.first[u + 1] - offers.first[u]),
                np.uint64(counter.place[q]),
            )
            for r in range(n):
                add_product(unit, weight, at + r * b, flow, np.uint64(route[first + np.int64(r)]) * b, b)
            if n_active > 0 and largest(quantity) > floor:
                if not counted:
                    open_pair(n_routes, n_active, b, counter)
                    counted = True
                products_of_groups(
                    g, first, n, at, quantity, unit, curve, n_active, queues, limits, offers, block, counter
                )
        if any_flow:
            _load_limits(p, limits, counter, load, b)
        if counted:
            add_slopes(n_routes, n_active, queues, limits, slot, counter, slope, width, b)


@viewing(error_model="numpy", inline="always")
def _ship(
    quantity: NDArray[np.float64], total: NDArray[np.float64], at: np.uint64, away: NDArray[np.float64],
    unit: NDArray[np.float64], tonnes: NDArray[np.float64], shipped: NDArray[np.float64],
) -> None:  # fmt: skip
    """Tonnes by unit of weight, and what is shipped of what is wanted."""
    for k in range(np.uint64(quantity.shape[0])):
        unit[k] = quantity[k] / (total[at + k] + away[k])
    for k in range(np.uint64(quantity.shape[0])):
        tonnes[k] = quantity[k]
    for k in range(np.uint64(quantity.shape[0])):
        shipped[k] = unit[k] * total[at + k]


@inner(arrays=False)
def _ship_nothing(wanted: NDArray[np.float64], tonnes: NDArray[np.float64], shipped: NDArray[np.float64]) -> None:
    for k in range(tonnes.shape[0]):
        tonnes[k], shipped[k] = wanted[k], 0.0


@viewing(error_model="numpy", inline="always")
def _demand(
    j: int, p: int, g: int, block: Block, wants: Wants, elastic: bool, power: NDArray[np.float64], at: np.uint64, answer: Answer,
    quantity: NDArray[np.float64], curve: NDArray[np.float64],
) -> None:  # fmt: skip
    """Tonnes wanted, and ``theta - eta / delivered``: what the products of shares are multiplied with in the slope."""
    theta, tonnes, reference, share = block.dispersion[g], wants.tonnes[p, g], wants.reference[p, g], wants.share[p, g]
    e, index, delivered = wants.elasticity[g], answer.price_index[j, g], answer.delivered[p, g]
    for k in range(np.uint64(quantity.shape[0])):
        if elastic and reference[k] > 0.0:
            pull = power[at + k] / index[k]
            quantity[k] = tonnes[k] * pull * reference[k] / delivered[k]
            curve[k] = theta[k] - (e[k] * (1.0 - min(share[k] * pull, 1.0)) + 1.0) / delivered[k]
        else:
            quantity[k], curve[k] = tonnes[k], theta[k]


@inner(arrays=False, error_model="numpy")
def _load_limits(p: int, limits: Limits, counter: Counter, load: NDArray[np.float64], b: np.uint64) -> None:
    """Add the flows of a pair to the loads of its limits, flat."""
    part, flow = counter.line[3], counter.flow
    for m in range(limits.group_first[p], limits.group_first[p + 1]):
        empty_rows(part, _NONE, b)
        for i in range(limits.meets_first[m], limits.meets_first[m + 1]):
            add_row(flow, np.uint64(limits.meets[i]) * b, part, _NONE, b)
        for at in range(limits.first[m], limits.first[m + 1]):
            add_row(part, _NONE, load, np.uint64(limits.limit[at]) * b, b)
