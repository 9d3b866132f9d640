"""Books of a settled state in one draw alone: the same sums as in `loading` and `control`, number by number."""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.alone import scarcity_alone
from mackinder.kernels.alone_prices import sums_alone, surcharges_alone
from mackinder.kernels.block import Block, Sums
from mackinder.kernels.books import Loads, Payees, Shipments
from mackinder.kernels.control import book_control, note_partner
from mackinder.kernels.desk import Desk
from mackinder.kernels.economy import Economy, Market
from mackinder.kernels.exponential import exponentials, logarithms
from mackinder.kernels.inner import inner
from mackinder.kernels.limits import Answer, Limits, Wants
from mackinder.kernels.offers import Offers
from mackinder.kernels.pool import N_MODES
from mackinder.kernels.pricing import Menu
from mackinder.kernels.settled import book_rents, value_shipped
from mackinder.kernels.weights import Counter

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["book_alone"]

_ONE = np.uint64(1)
_NONE = np.uint64(0)
_ROUTES = 64
#: as in `loading` and in `control`
_NOTHING = 1e-9
_LEAST = 1e-307


class _Flow(NamedTuple):
    """The flow in hand: its routes by place in the offer (64,), and what its actors could do to it (3 * actors,)."""

    cost: NDArray[np.float64]
    appeal: NDArray[np.float64]
    share: NDArray[np.float64]
    argument: NDArray[np.float64]
    work: NDArray[np.float64]
    kept: NDArray[np.float64]  # (2 * actors,) what closing leaves, by actor row, and the same with path sizes held
    spare: NDArray[np.float64]
    logarithm: NDArray[np.float64]


@nb.njit(cache=CACHE, nogil=True)
def book_alone(
    s: int, menu: Menu, offers: Offers, shipments: Shipments, payees: Payees, block: Block, sums: Sums,
    limits: Limits, first_asset: NDArray[np.int64], zone_actor: NDArray[np.int64], economy: Economy, market: Market,
    trade: bool, wants: Wants, scarcity: NDArray[np.float64], answer: Answer, counter: Counter, worth: NDArray[np.float64],
    control: bool, desk: Desk, loads: Loads,
) -> None:  # fmt: skip
    """Do what `settled.book_state` does, for a block of one draw."""
    n_pairs, n_goods, price = menu.available.shape[1], menu.available.shape[2], scarcity.reshape(scarcity.size)
    rows = 2 * desk.met.shape[0]
    flow = _Flow(
        np.empty(_ROUTES), np.empty(_ROUTES), np.empty(_ROUTES), np.empty(_ROUTES), np.empty(_ROUTES), np.empty(rows),
        np.empty(rows), np.empty(rows),
    )  # fmt: skip
    slot = np.full(price.shape[0], -1, np.int64)
    for a in range(slot.shape[0]):
        loads.scarcity[s, a, 0] = price[a]
        slot[a] = a if price[a] > 0.0 else -1
    for p in range(n_pairs):
        n_routes = menu.pair_first[p + 1] - menu.pair_first[p]
        if not scarcity_alone(p, n_routes, limits, slot, price, counter):
            counter.rent[:n_routes] = 0.0
            counter.wait[:n_routes] = 0.0
        priced, regime, moved = False, -1, False
        for g in range(n_goods):
            u, watched = offers.number[s, p, g], shipments.watch[p, g]
            _note_left(s, p, g, shipments, answer, loads)
            some = answer.tonnes[p, g, 0] > 0.0
            if u < 0:
                if watched >= 0:
                    loads.watched[s, watched, :, 0] = np.nan
                continue
            if not some and watched < 0:
                continue
            if not priced:
                sums_alone(block.vector[s], p, menu, block, sums)
                priced = True
            if menu.regime[s, p, g] != regime:
                regime = menu.regime[s, p, g]
                surcharges_alone(regime, p, menu, block, sums)
            total = _choose(g, u, offers, block, sums, counter, flow)
            mean = desk.mean[s, g]
            _average(g, u, regime, offers, block, sums, counter, flow, mean)
            if watched >= 0:
                for j in range(3):
                    loads.watched[s, watched, j, 0] = mean[j, 0]
            if not some:
                continue
            value_shipped(s, p, g, shipments, block.start, economy, market, trade, wants, answer, worth[p, g])
            desk.flow[0, 0], desk.flow[1, 0] = answer.shipped[p, g, 0], worth[p, g, 0]
            _book_flow(s, p, g, u, menu, shipments, offers, block, flow, desk, loads)
            moved = True
            if control:
                _note_control(s, p, g, u, total, menu, offers, block, flow, desk)
                note_partner(s, s, s, p, g, u, menu, shipments, offers, block, desk, loads)
        if moved:
            if control:
                book_control(s, p, shipments, block, desk, loads)
            _book_assets(s, p, n_routes, menu, shipments, payees, block, desk, loads)
    book_rents(s, limits, first_asset, payees, block, scarcity, answer, loads)
    for j in range(zone_actor.shape[0]):
        if zone_actor[j] >= 0:
            loads.income[s, zone_actor[j], 0] += market.outlay[0, j] * np.exp(-market.price[0, j])


@inner(arrays=False, error_model="numpy")
def _note_left(s: int, p: int, g: int, shipments: Shipments, answer: Answer, loads: Loads) -> None:
    """Count what is wanted and not shipped at both its ends."""
    left = answer.tonnes[p, g, 0] - answer.shipped[p, g, 0]
    here, there = shipments.origin_actor[p], shipments.destination_actor[p]
    if here >= 0:
        loads.unserved[s, here, 0] += left
    if there >= 0 and there != here:
        loads.unserved[s, there, 0] += left


@inner(arrays=False, error_model="numpy")
def _choose(g: int, u: int, offers: Offers, block: Block, sums: Sums, counter: Counter, flow: _Flow) -> float:
    """Cost and shares of the routes on offer; return the weight of all of them."""
    first, n = np.uint64(offers.first[u]), np.uint64(offers.first[u + 1] - offers.first[u])
    vot, ratio, theta = block.value_of_time[g, 0], block.reliability[0], block.dispersion[g, 0]
    f, route, extra, rent, wait = block.factor[g], sums.route, sums.extra, counter.rent, counter.wait
    cost, appeal, share, argument = flow.cost, flow.appeal, flow.share, flow.argument
    least, most, total, weight = np.inf, 0.0, 0.0, 0.0
    for i in range(n):
        r = np.uint64(offers.route[first + i])
        x = vot * (route[N_MODES, r, 0] + ratio * route[N_MODES + 1, r, 0]) + extra[r, 0]
        x += f[0, 0] * route[0, r, 0] + f[1, 0] * route[1, r, 0] + f[2, 0] * route[2, r, 0] + f[3, 0] * route[3, r, 0]
        cost[i] = x + (rent[r] + vot * wait[r])
        least = min(least, cost[i])
    for i in range(n):
        argument[i] = -theta * (cost[i] - least)
    exponentials(argument[:n], flow.work[:n], appeal[:n])
    for i in range(n):
        share[i] = offers.size[first + i] * appeal[i]
        total += share[i]
        most = max(most, share[i])
    for i in range(n):
        if share[i] <= _NOTHING * most:
            share[i] = 0.0
        weight += share[i]
    for i in range(n):
        share[i] /= weight
    return total


@inner(arrays=False, error_model="numpy")
def _average(
    g: int, u: int, regime: int, offers: Offers, block: Block, sums: Sums, counter: Counter, flow: _Flow,
    out: NDArray[np.float64],
) -> None:  # fmt: skip
    """Mean cost, price and hours over the routes taken, into ``out`` (3, 1)."""
    first, n = np.uint64(offers.first[u]), np.uint64(offers.first[u + 1] - offers.first[u])
    f, route, once = block.factor[g], sums.route, block.shipment[regime, 0]
    mean, money, hours = once, once, 0.0
    for i in range(n):
        r, x = np.uint64(offers.route[first + i]), flow.share[i]
        paid = f[0, 0] * route[0, r, 0] + f[1, 0] * route[1, r, 0] + f[2, 0] * route[2, r, 0] + f[3, 0] * route[3, r, 0]
        mean += x * flow.cost[i]
        money += x * (sums.extra[r, 0] + counter.rent[r] + paid)
        hours += x * (route[N_MODES, r, 0] + counter.wait[r])
    out[0, 0], out[1, 0], out[2, 0] = mean, money, hours


@inner(arrays=False, error_model="numpy")
def _book_flow(
    s: int, p: int, g: int, u: int, menu: Menu, shipments: Shipments, offers: Offers, block: Block, flow: _Flow, desk: Desk,
    loads: Loads,
) -> None:  # fmt: skip
    """Add the flow to its routes, to corridors, and to the delivered cost of both its ends."""
    first, n = np.uint64(offers.first[u]), np.uint64(offers.first[u + 1] - offers.first[u])
    tonnes, value, f, out = desk.flow[0, 0], desk.flow[1, 0], block.factor[g], desk.route_flow
    for i in range(n):
        x = flow.share[i]
        if x <= 0.0:
            continue
        r, part = np.uint64(offers.route[first + i]), tonnes * x
        desk.moved[r] = True
        out[r, 0, 0] += part
        out[r, 1, 0] += value * x
        for m in range(N_MODES):
            out[r, 2 + m, 0] += part * f[m, 0]
        crossed, c = menu.corridors[menu.pair_first[p] + np.int64(r)], 0
        while crossed != _NONE:
            if crossed & _ONE:
                loads.corridor[s, c, g, 0] += part
            crossed >>= _ONE
            c += 1
    here, there, mean = shipments.origin_actor[p], shipments.destination_actor[p], desk.mean[s, g]
    for end in range(2):
        target = here if end == 0 else there
        if target < 0 or (end == 1 and target == here):
            continue
        loads.trade[s, target, 0, 0] += tonnes
        loads.trade[s, target, 1, 0] += value
        for j in range(3):
            loads.delivered[s, target, j, 0] += tonnes * mean[j, 0]


@inner(arrays=False, error_model="numpy")
def _note_control(
    s: int, p: int, g: int, u: int, total: float, menu: Menu, offers: Offers, block: Block, flow: _Flow, desk: Desk
) -> None:
    """Add what those in between could do to the flow to the sums of its pair."""
    n, start, captive = (
        np.uint64(offers.first[u + 1] - offers.first[u]),
        offers.actor_first[u],
        menu.captive[s, p, g],
    )
    rows = offers.actor_first[u + 1] - start
    theta, no_ship, away, whole = block.dispersion[g, 0], block.no_ship[g, 0], desk.away[g, 0], desk.whole[g, 0]
    kept, share, appeal, cell = flow.kept, flow.share, flow.appeal, np.uint64(offers.closed_first[start])
    tonnes, value = desk.flow[0, 0], desk.flow[1, 0]
    for row in range(rows):
        touch, left = 0.0, 0.0
        for i in range(n):
            touch += np.float64(offers.touched[cell + i]) * share[i]
            left += np.float64(offers.closed_size[cell + i]) * appeal[i]
        cell += n
        touch = min(touch, 1.0)
        kept[row] = max(min(left / total, 1.0) + away, _LEAST)
        kept[rows + row] = max(1.0 - touch + away, _LEAST)
        out = desk.actor_flow[offers.actor[start + row]]
        out[0, 0] += tonnes * touch
        out[1, 0] += value * touch
    logarithms(kept[: 2 * rows], flow.spare[: 2 * rows], flow.logarithm[: 2 * rows])
    most = no_ship + whole / theta
    for row in range(rows):
        b = offers.actor[start + row]
        out, loss, held = desk.actor_flow[b], most, most
        if kept[row] > _LEAST:
            loss = min((whole - flow.logarithm[row]) / theta, most)
        if kept[rows + row] > _LEAST:
            held = min((whole - flow.logarithm[rows + row]) / theta, most)
        desk.met[b] = True
        out[4, 0] += tonnes * loss
        out[5, 0] += tonnes * held
        if (captive >> np.uint64(b)) & _ONE:
            out[2, 0] += tonnes
            out[3, 0] += value


@inner(arrays=False, error_model="numpy")
def _book_assets(
    s: int, p: int, n_routes: int, menu: Menu, shipments: Shipments, payees: Payees, block: Block, desk: Desk,
    loads: Loads,
) -> None:  # fmt: skip
    """Hand the route flows of a pair to their assets, pay whoever is paid there, and clear them."""
    v, moved, routes, flow, of_route = block.vector[s], _NONE, np.uint64(n_routes), desk.segment_flow, desk.route_flow
    for r in range(routes):
        if desk.moved[r]:
            moved |= _ONE << r
    for q in range(menu.segment_first[p], menu.segment_first[p + 1]):
        mask = menu.segment_mask[q] & moved
        if mask == _NONE:
            continue
        for j in range(2 + N_MODES):
            flow[j, 0] = 0.0
        for r in range(routes):
            if (mask >> r) & _ONE:
                for j in range(2 + N_MODES):
                    flow[j, 0] += of_route[r, j, 0]
        for at in range(menu.asset_first[q], menu.asset_first[q + 1]):
            a = menu.asset[at]
            loads.asset_tonnes[s, a, 0] += flow[0, 0]
            loads.asset_value[s, a, 0] += flow[1, 0]
            for row in range(payees.first[a], payees.first[a + 1]):
                who = payees.actor[row]
                is_end = who == shipments.origin_actor[p] or who == shipments.destination_actor[p]
                if not payees.holds[s, row] or (payees.transit_only[row] and is_end):
                    continue
                if payees.is_fee[row]:
                    loads.revenue[s, who, 0, 0] += flow[0, 0] * block.amount[row, 0]
                else:
                    paid = flow[2 + block.mode[a], 0] * block.money[v, a, 0]
                    loads.revenue[s, who, 1, 0] += paid * block.amount[row, 0]
    for r in range(n_routes):
        if desk.moved[r]:
            for j in range(2 + N_MODES):
                of_route[r, j, 0] = 0.0
            desk.moved[r] = False
