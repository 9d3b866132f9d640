"""How demand and routes answer to scarcity in one draw alone: the same sums as in `response`, flow by flow.

With many draws side by side the draws are what a processor takes several of at a time. One draw has only its routes and its
groups of limits, so here these are innermost: the work is the same, without the overhead of rows of length one.
"""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.block import Block
from mackinder.kernels.exponential import exponentials, logarithms
from mackinder.kernels.inner import inner
from mackinder.kernels.limits import Answer, Limits, Quotes, Wants
from mackinder.kernels.offers import Offers
from mackinder.kernels.pricing import Menu
from mackinder.kernels.slopes import note_floors
from mackinder.kernels.weights import Counter

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["answer_alone", "scarcity_alone"]

_ONE = np.uint64(1)
_ROUTES = 64
#: part of a flow too small to matter for a slope
_TRACE = np.float32(1e-6)


class _Line(NamedTuple):
    """Flat views of what one draw reads and writes: flows (P * G,), goods (G,), importers (Z * G,), limits (L,)."""

    cost: NDArray[np.float64]  # (E,)
    least: NDArray[np.float64]  # (U,)
    away: NDArray[np.float64]
    value_of_time: NDArray[np.float64]  # (G,)
    dispersion: NDArray[np.float64]
    density: NDArray[np.float64]
    elasticity: NDArray[np.float64]
    tonnes: NDArray[np.float64]  # (P * G,)
    reference: NDArray[np.float64]
    share: NDArray[np.float64]
    rest: NDArray[np.float64]  # (Z * G,)
    delivered: NDArray[np.float64]
    price_index: NDArray[np.float64]
    wanted: NDArray[np.float64]
    shipped: NDArray[np.float64]
    price: NDArray[np.float64]  # (L,)
    load: NDArray[np.float64]
    slope: NDArray[np.float32]  # (N * N,)


class _Active(NamedTuple):
    """Active groups of limits of the pair in hand, and what its flows add to their slopes; room for M groups."""

    column: NDArray[np.int64]  # (L,) number in the slopes of each active limit of the pair
    of: NDArray[np.int64]  # (L,) its group among the active
    waits: NDArray[np.bool_]  # (L,) whether it is a queue
    member: NDArray[np.float32]  # (64 * M,) one where a route meets a group
    own: NDArray[np.float32]  # (2 * 64,) sums of q theta share by route, and the same by value of time
    part: NDArray[np.float32]  # (M,)
    both: NDArray[np.float32]  # (2 * M * M,)


@nb.njit(cache=CACHE, nogil=True)
def _flat(quotes: Quotes, block: Block, wants: Wants, price: NDArray[np.float64], answer: Answer) -> _Line:
    return _Line(
        quotes.cost.reshape(quotes.cost.size), quotes.least.reshape(quotes.least.size), quotes.away.reshape(quotes.away.size),
        block.value_of_time.reshape(block.value_of_time.size), block.dispersion.reshape(block.dispersion.size),
        wants.density.reshape(wants.density.size), wants.elasticity.reshape(wants.elasticity.size),
        wants.tonnes.reshape(wants.tonnes.size), wants.reference.reshape(wants.reference.size),
        wants.share.reshape(wants.share.size), wants.rest.reshape(wants.rest.size),
        answer.delivered.reshape(answer.delivered.size), answer.price_index.reshape(answer.price_index.size),
        answer.tonnes.reshape(answer.tonnes.size), answer.shipped.reshape(answer.shipped.size),
        price.reshape(price.size), answer.load.reshape(answer.load.size), answer.slope.reshape(answer.slope.size),
    )  # fmt: skip


@nb.njit(cache=CACHE, nogil=True)
def answer_alone(
    s: int, menu: Menu, offers: Offers, quotes: Quotes, block: Block, wants: Wants, limits: Limits, elastic: bool,
    price: NDArray[np.float64], slot: NDArray[np.int64], slopes: bool, counter: Counter, answer: Answer,
) -> None:  # fmt: skip
    """Do what `response.answer_scarcity` does, for a block of one draw."""
    n_zones, room = counter.first.shape[0] - 1, counter.group.shape[0]
    line = _flat(quotes, block, wants, price, answer)
    active = _Active(
        np.zeros(slot.shape[0], np.int64), np.zeros(slot.shape[0], np.int64), np.zeros(slot.shape[0], np.bool_),
        np.zeros(_ROUTES * room, np.float32), np.zeros(2 * _ROUTES, np.float32), np.zeros(room, np.float32),
        np.zeros(2 * room * room, np.float32),
    )  # fmt: skip
    if slopes:
        n = note_floors(slot, answer.load, counter)
        answer.slope[:n, :n] = 0.0
    line.load[:] = 0.0
    for j in range(n_zones):
        _weigh(s, j, menu, offers, limits, slot, line, counter)
        _deliver(s, j, offers, line, counter)
        _count_in(j, offers.number.shape[2], elastic, line, counter)
        _load(s, j, menu, offers, limits, elastic, slot, slopes, answer.slope.shape[1], line, counter, active)


@inner(arrays=False, error_model="numpy")
def scarcity_alone(
    p: int, n_routes: int, limits: Limits, slot: NDArray[np.int64], price: NDArray[np.float64], counter: Counter
) -> bool:
    """Sum the scarcity of active limits over the routes of a pair; say whether there is any."""
    some, rent, wait = False, counter.rent, counter.wait
    for m in range(limits.group_first[p], limits.group_first[p + 1]):
        money, hours = 0.0, 0.0
        for at in range(limits.first[m], limits.first[m + 1]):
            a = limits.limit[at]
            if slot[a] >= 0:
                if limits.is_queue[a]:
                    hours += price[a]
                else:
                    money += price[a]
        if money == 0.0 and hours == 0.0:
            continue
        if not some:
            rent[:n_routes] = 0.0
            wait[:n_routes] = 0.0
            some = True
        for i in range(np.uint64(limits.meets_first[m]), np.uint64(limits.meets_first[m + 1])):
            r = np.uint64(limits.meets[i])
            rent[r] += money
            wait[r] += hours
    return some


@inner(arrays=False, error_model="numpy")
def _weigh(
    s: int, j: int, menu: Menu, offers: Offers, limits: Limits, slot: NDArray[np.int64], line: _Line, counter: Counter
) -> None:
    """Weights of all an importer is offered."""
    n_goods, place, shift, rent, wait = (
        offers.number.shape[2],
        counter.place,
        counter.shift,
        counter.rent,
        counter.wait,
    )
    at, q, cost, route = 0, 0, line.cost, offers.route
    for i in range(counter.first[j], counter.first[j + 1]):
        p = counter.order[i]
        some = scarcity_alone(p, menu.pair_first[p + 1] - menu.pair_first[p], limits, slot, line.price, counter)
        for g in range(n_goods):
            u, f = offers.number[s, p, g], p * n_goods + g
            place[q] = -1
            if u >= 0 and (line.tonnes[f] > 0.0 or line.share[f] > 0.0):
                place[q] = at
                theta, vot, first = line.dispersion[g], line.value_of_time[g], np.uint64(offers.first[u])
                n, to = np.uint64(offers.first[u + 1]) - first, np.uint64(at)
                if some:
                    for e in range(n):
                        r = np.uint64(route[first + e])
                        shift[to + e] = -theta * (cost[first + e] + rent[r] + vot * wait[r])
                else:
                    for e in range(n):
                        shift[to + e] = -theta * cost[first + e]
                at += offers.first[u + 1] - offers.first[u]
            q += 1
    exponentials(shift[:at], counter.work[:at], counter.weight[:at])


@inner(arrays=False, error_model="numpy")
def _deliver(s: int, j: int, offers: Offers, line: _Line, counter: Counter) -> None:
    """Totals of all an importer is offered, and its delivered costs."""
    n_goods, place, total, shift, weight = (
        offers.number.shape[2],
        counter.place,
        counter.total,
        counter.shift,
        counter.weight,
    )
    q = 0
    for i in range(counter.first[j], counter.first[j + 1]):
        for g in range(n_goods):
            shift[q] = 1.0
            if place[q] >= 0:
                u, sum_ = offers.number[s, counter.order[i], g], 0.0
                at = np.uint64(place[q])
                for e in range(np.uint64(offers.first[u + 1] - offers.first[u])):
                    sum_ += weight[at + e]
                total[q] = sum_
                shift[q] = sum_ + line.away[u]
            q += 1
    logarithms(shift[:q], counter.work[:q], counter.inclusive[:q])
    q = 0
    for i in range(counter.first[j], counter.first[j + 1]):
        for g in range(n_goods):
            if place[q] >= 0:
                p = counter.order[i]
                u = offers.number[s, p, g]
                line.delivered[p * n_goods + g] = (
                    line.density[g] + line.least[u] - counter.inclusive[q] / line.dispersion[g]
                )
            q += 1


@inner(arrays=False, error_model="numpy")
def _count_in(j: int, n_goods: int, elastic: bool, line: _Line, counter: Counter) -> None:
    """Price indices of an importer: all offers, and what all other sources add."""
    ratio, power, place = counter.shift, counter.power, counter.place
    for g in range(n_goods):
        line.price_index[j * n_goods + g] = line.rest[j * n_goods + g]
    if not elastic:
        return
    q = 0
    for i in range(counter.first[j], counter.first[j + 1]):
        f = counter.order[i] * n_goods
        for g in range(n_goods):
            known = place[q] >= 0 and line.reference[f + g] > 0.0
            ratio[q] = line.delivered[f + g] / line.reference[f + g] if known else 1.0
            q += 1
    logarithms(ratio[:q], counter.work[:q], power[:q])
    for at in range(q):
        ratio[at] = -line.elasticity[at % n_goods] * power[at]
    exponentials(ratio[:q], counter.work[:q], power[:q])
    q = 0
    for i in range(counter.first[j], counter.first[j + 1]):
        f = counter.order[i] * n_goods
        for g in range(n_goods):
            if place[q] >= 0:
                line.price_index[j * n_goods + g] += line.share[f + g] * power[q]
            q += 1


@inner(arrays=False, error_model="numpy")
def _load(
    s: int, j: int, menu: Menu, offers: Offers, limits: Limits, elastic: bool, slot: NDArray[np.int64], slopes: bool, width: int,
    line: _Line, counter: Counter, active: _Active,
) -> None:  # fmt: skip
    """Demand of an importer on the routes, and the routes' flows on the limits."""
    n_goods, flow, weight = offers.number.shape[2], counter.flow, counter.weight
    q = -1
    for i in range(counter.first[j], counter.first[j + 1]):
        p = counter.order[i]
        n_routes = menu.pair_first[p + 1] - menu.pair_first[p]
        n_active, listed, queues, floor, any_flow, counted = 0, 0, False, 0.0, False, False
        for g in range(n_goods):
            q += 1
            u, f = offers.number[s, p, g], p * n_goods + g
            if u < 0 or line.tonnes[f] <= 0.0:
                line.wanted[f], line.shipped[f] = line.tonnes[f], 0.0
                continue
            if not any_flow:
                any_flow = True
                flow[:n_routes] = 0.0
                if slopes:
                    n_active, listed, queues, floor = _open_pair(p, n_routes, limits, slot, counter, active)
            quantity, curve = line.tonnes[f], line.dispersion[g]
            if elastic and line.reference[f] > 0.0:
                pull = counter.power[q] / line.price_index[j * n_goods + g]
                quantity = quantity * pull * line.reference[f] / line.delivered[f]
                share = min(line.share[f] * pull, 1.0)
                curve -= (line.elasticity[g] * (1.0 - share) + 1.0) / line.delivered[f]
            unit = quantity / (counter.total[q] + line.away[u])
            line.wanted[f], line.shipped[f] = quantity, unit * counter.total[q]
            first, at = np.uint64(offers.first[u]), np.uint64(counter.place[q])
            for e in range(np.uint64(offers.first[u + 1]) - first):
                flow[np.uint64(offers.route[first + e])] += unit * weight[at + e]
            if n_active > 0 and quantity > floor:
                counted = True
                _count(g, u, counter.place[q], quantity, unit, curve, n_active, queues, offers, line, counter, active)
        if any_flow:
            _load_limits(p, limits, line, counter)
            if counted:
                _add_slopes(n_routes, n_active, listed, queues, width, line, active)


@inner(arrays=False, error_model="numpy")
def _load_limits(p: int, limits: Limits, line: _Line, counter: Counter) -> None:
    flow, load, meets, limit = counter.flow, line.load, limits.meets, limits.limit
    for m in range(limits.group_first[p], limits.group_first[p + 1]):
        part = 0.0
        for i in range(np.uint64(limits.meets_first[m]), np.uint64(limits.meets_first[m + 1])):
            part += flow[np.uint64(meets[i])]
        for at in range(np.uint64(limits.first[m]), np.uint64(limits.first[m + 1])):
            load[np.uint64(limit[at])] += part


@inner(arrays=False, error_model="numpy")
def _open_pair(
    p: int, n_routes: int, limits: Limits, slot: NDArray[np.int64], counter: Counter, active: _Active
) -> tuple[int, int, bool, float]:
    """List the active limits of a pair by group, and which routes meet the groups.

    Returns the number of groups and of limits, whether any limit is a queue, and the tonnes from which a flow matters.
    """
    n, listed, queues, floor, room = 0, 0, False, np.inf, active.part.shape[0]
    for m in range(limits.group_first[p], limits.group_first[p + 1]):
        before = listed
        for at in range(limits.first[m], limits.first[m + 1]):
            a = limits.limit[at]
            if slot[a] >= 0:
                active.column[listed], active.of[listed], active.waits[listed] = slot[a], n, limits.is_queue[a]
                queues |= limits.is_queue[a]
                floor = min(floor, counter.floor[a])
                listed += 1
        if listed > before:
            mask = limits.mask[m]
            for r in range(n_routes):
                active.member[r * room + n] = np.float32((mask >> np.uint64(r)) & _ONE)
            for k in range(n + 1):
                active.both[n * room + k] = 0.0
                active.both[(room + n) * room + k] = 0.0
            n += 1
    for r in range(n_routes):
        active.own[r] = active.own[_ROUTES + r] = 0.0
    return n, listed, queues, floor


@inner(arrays=False, error_model="numpy")
def _count(
    g: int, u: int, at: int, quantity: float, unit: float, curve: float, n_active: int, queues: bool, offers: Offers,
    line: _Line, counter: Counter, active: _Active,
) -> None:  # fmt: skip
    """Count one flow: ``q theta share`` by route, and ``q curve share_m share_n`` of all pairs of groups."""
    part, own, both, member = active.part, active.own, active.both, active.member
    n, room, first = np.uint64(n_active), np.uint64(active.part.shape[0]), offers.first[u]
    inverse, scale = unit / quantity, np.float32(quantity * line.dispersion[g])
    vot, bend = np.float32(line.value_of_time[g]), np.float32(quantity * curve)
    for m in range(n):
        part[m] = 0.0
    for e in range(offers.first[u + 1] - first):
        share = np.float32(counter.weight[np.uint64(at + e)] * inverse)
        if share < _TRACE:
            continue
        r = np.uint64(offers.route[np.uint64(first + e)])
        own[r] += scale * share
        own[np.uint64(_ROUTES) + r] += scale * vot * share
        for m in range(n):
            part[m] += share * member[r * room + m]
    for m in range(n):
        if part[m] == 0.0:
            continue
        x, to = bend * part[m], m * room
        for k in range(m + _ONE):
            both[to + k] += x * part[k]
        if queues:
            x, to = vot * x, (room + m) * room
            for k in range(m + _ONE):
                both[to + k] += x * part[k]


@inner(arrays=False, error_model="numpy")
def _add_slopes(
    n_routes: int, n_active: int, listed: int, queues: bool, width: int, line: _Line, active: _Active
) -> None:
    """Add what a pair counted to the slopes of its active limits, ``width`` in a row."""
    room, both, member, of, column = active.part.shape[0], active.both, active.member, active.of, active.column
    for rule in range(2 if queues else 1):
        for r in range(n_routes):
            own = active.own[rule * _ROUTES + r]
            if own == 0.0:
                continue
            row = np.uint64(r * room)
            for i in range(n_active):
                if member[r * room + i] > 0.0:
                    to = np.uint64((rule * room + i) * room)
                    for k in range(np.uint64(i + 1)):
                        both[to + k] -= own * member[row + k]
    for j in range(listed):
        rule, n, to = (room * room if active.waits[j] else 0), of[j], column[j]
        for i in range(listed):
            m = of[i]
            line.slope[column[i] * width + to] += both[rule + (m * room + n if n <= m else n * room + m)]
