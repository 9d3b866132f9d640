"""Demand onto routes: flows, costs, control and revenue of every network state, many draws at a time.

Draws are the innermost axis, so that each flow is looked up once for a block of draws and its arithmetic runs in parallel
lanes. States (scenario and year) that agree on the routes, prices and closers of a flow share its choice: `Menu.same_as`
says with which earlier state. Draws do not meet: results depend neither on the blocks nor on threads.
"""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.block import (
    Block,
    Sums,
    add,
    cut_block,
    hand_back,
    route_sums,
    route_surcharges,
)
from mackinder.kernels.books import Loads, Payees, Shipments
from mackinder.kernels.control import book_control, closure_loss, note_control, note_partner, price_closures
from mackinder.kernels.desk import Desk, new_desk
from mackinder.kernels.exponential import exponentials
from mackinder.kernels.inner import inner
from mackinder.kernels.offers import Offers
from mackinder.kernels.pool import N_MODES
from mackinder.kernels.pricing import Menu, Prices

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BLOCK",
    "Loads",
    "Payees",
    "Scarce",
    "Shipments",
    "closure_loss",
    "load_draws",
    "load_pair",
    "no_scarcity",
]

#: draws loaded together: enough for the lanes of a processor, few enough for its cache
BLOCK = 20
_ONE = np.uint64(1)
_NONE = np.uint64(0)
#: a route with less than this share of the best one's weight carries nothing; the rest is shared out among the others
_NOTHING = 1e-9


class Scarce(NamedTuple):
    """Scarcity and answered demand of one state in a block of B draws; ``on`` is False where neither is asked for.

    ``rent``, ``wait`` (64, B) scarcity of the routes of the pair in hand, USD/t and h; ``shipped``, ``wanted`` (P, G, B)
    t/yr; ``worth`` (P, G, B) value shipped, USD/yr.
    """

    on: bool
    rent: NDArray[np.float64]
    wait: NDArray[np.float64]
    shipped: NDArray[np.float64]
    wanted: NDArray[np.float64]
    worth: NDArray[np.float64]


@inner()
def no_scarcity(b: int) -> Scarce:
    """Return the record that says: no limits, demand as given."""
    empty = np.zeros((1, 1, b))
    return Scarce(False, np.zeros((64, b)), np.zeros((64, b)), empty, empty, empty)


@inner(arrays=False)
def _price_offer(g: int, u: int, offers: Offers, block: Block, sums: Sums, scarce: Scarce, desk: Desk) -> None:
    """Generalised cost of the routes on offer, in every draw of the block."""
    vot, ratio, f = block.value_of_time[g], block.reliability, block.factor[g]
    for i in range(offers.first[u + 1] - offers.first[u]):
        r = offers.route[offers.first[u] + i]
        cost, hours, spread, extra = desk.cost[i], sums.route[N_MODES, r], sums.route[N_MODES + 1, r], sums.extra[r]
        rail, road, water, transfer = sums.route[0, r], sums.route[1, r], sums.route[2, r], sums.route[3, r]
        for k in range(cost.shape[0]):
            cost[k] = vot[k] * (hours[k] + ratio[k] * spread[k]) + extra[k]
        for k in range(cost.shape[0]):
            cost[k] += f[0, k] * rail[k] + f[1, k] * road[k] + f[2, k] * water[k] + f[3, k] * transfer[k]
        if scarce.on:
            rent, wait = scarce.rent[r], scarce.wait[r]
            for k in range(cost.shape[0]):
                cost[k] += rent[k] + vot[k] * wait[k]


@inner(arrays=False)
def _share_out(s: int, g: int, u: int, offers: Offers, block: Block, desk: Desk) -> None:
    """Shares of the routes on offer; `line` keeps the total weight (2) for the closures."""
    n, theta, share, used = (
        offers.first[u + 1] - offers.first[u],
        block.dispersion[g],
        desk.share[s, g],
        desk.used[s, g],
    )
    least, most, total, weight = desk.line[0], desk.line[1], desk.line[2], desk.line[3]
    b, argument, result = np.uint64(least.shape[0]), desk.argument, desk.result
    least[:] = np.inf
    most[:] = 0.0
    total[:] = 0.0
    weight[:] = 0.0
    for i in range(n):
        cost = desk.cost[i]
        for k in range(least.shape[0]):
            least[k] = min(least[k], cost[k])
    for i in range(np.uint64(n)):
        cost = desk.cost[i]
        for k in range(b):
            argument[i * b + k] = -theta[k] * (cost[k] - least[k])
    end = n * least.shape[0]
    exponentials(argument[:end], desk.work[:end], result[:end])
    for i in range(np.uint64(n)):
        appeal, mine, size = desk.appeal[i], share[i], offers.size[offers.first[u] + np.int64(i)]
        for k in range(b):
            appeal[k] = result[i * b + k]
        for k in range(b):
            mine[k] = size * appeal[k]
            total[k] += mine[k]
            most[k] = max(most[k], mine[k])
    used[0] = 0
    for i in range(n):
        mine, some = share[i], False
        for k in range(least.shape[0]):
            if mine[k] > _NOTHING * most[k]:
                some = True
            else:
                mine[k] = 0.0
            weight[k] += mine[k]
        if some:
            used[0] += 1
            used[used[0]] = i
    for j in range(1, used[0] + 1):
        mine = share[used[j]]
        for k in range(least.shape[0]):
            mine[k] /= weight[k]


@inner(arrays=False)
def _average(
    s: int, g: int, u: int, regime: int, offers: Offers, block: Block, sums: Sums, scarce: Scarce, desk: Desk
) -> None:
    """Mean cost, price and hours over the routes taken."""
    f, once = block.factor[g], block.shipment[regime]
    mean, money, hours = desk.mean[s, g, 0], desk.mean[s, g, 1], desk.mean[s, g, 2]
    for k in range(once.shape[0]):
        mean[k], money[k], hours[k] = once[k], once[k], 0.0
    for j in range(1, desk.used[s, g, 0] + 1):
        i = desk.used[s, g, j]
        r = offers.route[offers.first[u] + i]
        x, cost, time, extra = desk.share[s, g, i], desk.cost[i], sums.route[N_MODES, r], sums.extra[r]
        for k in range(once.shape[0]):
            mean[k] += x[k] * cost[k]
            hours[k] += x[k] * time[k]
            money[k] += x[k] * extra[k]
        if scarce.on:
            rent, wait = scarce.rent[r], scarce.wait[r]
            for k in range(once.shape[0]):
                money[k] += x[k] * rent[k]
                hours[k] += x[k] * wait[k]
        for m in range(N_MODES):
            price = sums.route[m, r]
            for k in range(once.shape[0]):
                money[k] += x[k] * f[m, k] * price[k]


@inner(arrays=False)
def _book_flow(
    into: int, first: int, p: int, g: int, u: int, menu: Menu, shipments: Shipments, offers: Offers, block: Block,
    desk: Desk, loads: Loads,
) -> None:  # fmt: skip
    """Add one flow to its routes, to corridors, and to the delivered cost of both its ends."""
    tonnes, value, f = desk.flow[0], desk.flow[1], block.factor[g]
    for j in range(1, desk.used[first, g, 0] + 1):
        i = desk.used[first, g, j]
        r, x = offers.route[offers.first[u] + i], desk.share[first, g, i]
        out, part = desk.route_flow[r], desk.line[3]
        desk.moved[r] = True
        for k in range(tonnes.shape[0]):
            part[k] = tonnes[k] * x[k]
            out[0, k] += part[k]
            out[1, k] += value[k] * x[k]
        for m in range(N_MODES):
            for k in range(tonnes.shape[0]):
                out[2 + m, k] += part[k] * f[m, k]
        crossed, c = menu.corridors[menu.pair_first[p] + r], 0
        while crossed != _NONE:
            if crossed & _ONE:
                add(loads.corridor[into, c, g], part)
            crossed >>= _ONE
            c += 1
    for end in range(2):
        target = shipments.origin_actor[p] if end == 0 else shipments.destination_actor[p]
        if target < 0 or (end == 1 and target == shipments.origin_actor[p]):
            continue
        add(loads.trade[into, target, 0], tonnes)
        add(loads.trade[into, target, 1], value)
        for j in range(3):
            out, mean = loads.delivered[into, target, j], desk.mean[first, g, j]
            for k in range(tonnes.shape[0]):
                out[k] += tonnes[k] * mean[k]


@inner(arrays=False)
def _book_assets(
    into: int, s: int, p: int, menu: Menu, shipments: Shipments, payees: Payees, block: Block, desk: Desk, loads: Loads
) -> None:
    """Hand the route flows of a pair to their assets, pay whoever is paid there, and clear them."""
    v, n_routes, moved = block.vector[s], menu.pair_first[p + 1] - menu.pair_first[p], _NONE
    for r in range(n_routes):
        if desk.moved[r]:
            moved |= _ONE << np.uint64(r)
    flow = desk.segment_flow
    for q in range(menu.segment_first[p], menu.segment_first[p + 1]):
        mask = menu.segment_mask[q] & moved
        if mask == _NONE:
            continue
        flow[:] = 0.0
        for r in range(n_routes):
            if (mask >> np.uint64(r)) & _ONE:
                for j in range(2 + N_MODES):
                    add(flow[j], desk.route_flow[r, j])
        for at in range(menu.asset_first[q], menu.asset_first[q + 1]):
            a = menu.asset[at]
            add(loads.asset_tonnes[into, a], flow[0])
            add(loads.asset_value[into, a], flow[1])
            for row in range(payees.first[a], payees.first[a + 1]):
                who = payees.actor[row]
                is_end = who == shipments.origin_actor[p] or who == shipments.destination_actor[p]
                if not payees.holds[s, row] or (payees.transit_only[row] and is_end):
                    continue
                amount = block.amount[row]
                if payees.is_fee[row]:
                    out = loads.revenue[into, who, 0]
                    for k in range(amount.shape[0]):
                        out[k] += flow[0, k] * amount[k]
                else:
                    out, weighted, price = loads.revenue[into, who, 1], flow[2 + block.mode[a]], block.money[v, a]
                    for k in range(amount.shape[0]):
                        out[k] += weighted[k] * price[k] * amount[k]
    for r in range(n_routes):
        if desk.moved[r]:
            desk.route_flow[r] = 0.0
            desk.moved[r] = False


@inner(arrays=False)
def load_pair(
    p: int, begin: int, end: int, menu: Menu, offers: Offers, shipments: Shipments, payees: Payees, block: Block,
    sums: Sums, scarce: Scarce, control: bool, desk: Desk, loads: Loads,
) -> None:  # fmt: skip
    """Load one pair in the states ``begin:end`` and book what follows; without ``control`` not who could close what."""
    n_states, _, n_goods = menu.available.shape
    vector = -1
    for s in range(begin, end):
        regime, any_moved, into = -1, False, s
        if shipments.common[shipments.group[s], p]:
            if shipments.leader[s] != s:
                _copy_watched(s, p, shipments, loads)
                continue
            into = n_states + shipments.group[s]
        for g in range(n_goods):
            some = _take_flow(s, p, g, shipments, block, scarce, desk)
            u, watched = offers.number[s, p, g], shipments.watch[p, g]
            if u < 0:
                if watched >= 0:
                    loads.watched[s, watched] = np.nan
                if scarce.on:
                    _note_left(into, p, g, shipments, scarce, desk, loads)
                elif some:
                    _note_unserved(into, p, shipments, desk.flow[0], loads)
                continue
            if scarce.on:
                _note_left(into, p, g, shipments, scarce, desk, loads)
            first = menu.same_as[s, p, g]
            if first == s:
                if block.vector[s] != vector:
                    vector, regime = block.vector[s], -1
                    route_sums(vector, p, menu, block, sums)
                if menu.regime[s, p, g] != regime:
                    regime = menu.regime[s, p, g]
                    route_surcharges(regime, p, menu, block, sums)
                _price_offer(g, u, offers, block, sums, scarce, desk)
                _share_out(s, g, u, offers, block, desk)
                if control:
                    price_closures(s, g, u, offers, block, desk)
                _average(s, g, u, regime, offers, block, sums, scarce, desk)
            if watched >= 0:
                _copy(desk.mean[first, g], loads.watched[s, watched])
            if some:
                _book_flow(into, first, p, g, u, menu, shipments, offers, block, desk, loads)
                if control:
                    note_control(s, first, p, g, u, menu, offers, desk)
                    note_partner(into, s, first, p, g, u, menu, shipments, offers, block, desk, loads)
                any_moved = True
        if any_moved:
            if control:
                book_control(into, p, shipments, block, desk, loads)
            _book_assets(into, s, p, menu, shipments, payees, block, desk, loads)


@inner(arrays=False)
def _take_flow(s: int, p: int, g: int, shipments: Shipments, block: Block, scarce: Scarce, desk: Desk) -> bool:
    """Put tonnes and value of one flow on the desk; say whether there is any in any draw."""
    tonnes, value, growth, some = desk.flow[0], desk.flow[1], block.growth[s], False
    if scarce.on:
        for k in range(growth.shape[0]):
            tonnes[k], value[k] = scarce.shipped[p, g, k], scarce.worth[p, g, k]
            some |= scarce.wanted[p, g, k] > 0.0
        return some
    for k in range(growth.shape[0]):
        tonnes[k] = shipments.tonnes[block.start + k, shipments.table[s], p, g] * growth[k]
        value[k] = shipments.value[block.start + k, shipments.table[s], p, g] * growth[k]
        some |= tonnes[k] > 0.0
    return some


@inner(arrays=False)
def _copy(x: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Write the rows of ``x`` (n, B) into ``out``."""
    for i in range(out.shape[0]):
        for k in range(out.shape[1]):
            out[i, k] = x[i, k]


@inner(arrays=False)
def _copy_watched(s: int, p: int, shipments: Shipments, loads: Loads) -> None:
    """Give a state the watched costs of the first state of its group, which loads the pair alike."""
    for g in range(shipments.watch.shape[1]):
        h = shipments.watch[p, g]
        if h >= 0:
            _copy(loads.watched[shipments.leader[s], h], loads.watched[s, h])


@inner(arrays=False)
def _note_unserved(into: int, p: int, shipments: Shipments, tonnes: NDArray[np.float64], loads: Loads) -> None:
    """Count tonnes that find no route, or no room, at both their ends."""
    if shipments.origin_actor[p] >= 0:
        add(loads.unserved[into, shipments.origin_actor[p]], tonnes)
    if shipments.destination_actor[p] >= 0 and shipments.destination_actor[p] != shipments.origin_actor[p]:
        add(loads.unserved[into, shipments.destination_actor[p]], tonnes)


@inner(arrays=False)
def _note_left(into: int, p: int, g: int, shipments: Shipments, scarce: Scarce, desk: Desk, loads: Loads) -> None:
    """Count what is wanted and not shipped, for want of capacity."""
    left = desk.line[4]
    for k in range(left.shape[0]):
        left[k] = scarce.wanted[p, g, k] - scarce.shipped[p, g, k]
    _note_unserved(into, p, shipments, left, loads)


@nb.njit(cache=CACHE, nogil=True)
def load_draws(
    start: int,
    stop: int,
    menu: Menu,
    prices: Prices,
    offers: Offers,
    shipments: Shipments,
    payees: Payees,
    loads: Loads,
) -> None:
    """Load draws ``start:stop`` of all states, block by block, and write them into ``loads``.

    Shapes are those of the records. A flow with demand and no available route is counted in ``loads.unserved`` at both
    its ends and nowhere else.
    """
    n_states, n_pairs = menu.available.shape[:2]
    control: bool = np.bool_(True)  # type: ignore[assignment]  # a bare True would compile what takes it a second time
    for at in range(start, stop, BLOCK):
        block, sums, sheet = cut_block(at, min(at + BLOCK, stop), prices, shipments, payees, loads)
        desk = new_desk(n_states, loads.trade.shape[2], block)
        scarce = no_scarcity(min(at + BLOCK, stop) - at)
        for p in range(n_pairs):
            load_pair(p, 0, n_states, menu, offers, shipments, payees, block, sums, scarce, control, desk, sheet)
        hand_back(n_states, at, shipments, sheet, loads)
        if at == 0:
            for s in range(n_states):
                for j in range(2):
                    both = sheet.identity_gap[s, j, 0] + sheet.identity_gap[n_states + shipments.group[s], j, 0]
                    loads.identity_gap[s, j] = both
