"""Demand onto routes, draw by draw: flows, costs, control and revenue of every network state at once.

States (scenario and year) that agree on the routes, prices and closers of a flow share its choice: `Menu.same_as` says with
which earlier state. Each call works on its own draws, so that threads need no locks and results do not depend on them.
"""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.books import Loads, Payees, Shipments
from mackinder.kernels.offers import Offers
from mackinder.kernels.pool import N_MODES
from mackinder.kernels.pricing import Bench, Menu, Prices, new_bench, price_routes, sum_segments, sum_surcharges

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["Loads", "Payees", "Shipments", "closure_loss", "load_draws"]

_ONE = np.uint64(1)
_NONE = np.uint64(0)
#: a route with less than this share of the best one's weight carries nothing; the rest is shared out among the others
_NOTHING = 1e-9


class _Desk(NamedTuple):
    """Work space of one thread; the first four hold a flow's choice for the states that share it."""

    share: NDArray[np.float64]  # (states, goods, 64) by place in the offer
    used: NDArray[np.int64]  # (states, goods, 65): how many routes carry something, and their places in the offer
    mean: NDArray[np.float64]  # (states, goods, generalised | money | hours)
    control: NDArray[np.float64]  # (states, goods, actor rows, touch | loss | loss with path sizes held)
    appeal: NDArray[np.float64]  # (64,)
    route_flow: NDArray[np.float64]  # (64, 2 + modes): tonnes, value, tonnes weighted by the mode's cost factor
    flow: NDArray[np.float64]  # (2 + modes,)
    actor_flow: NDArray[np.float64]  # (actors, tonnes | value | captive tonnes | captive value | loss | held)


@nb.njit(cache=CACHE, nogil=True)
def closure_loss(kept: float, dispersion: float, no_ship: float) -> float:
    r"""Return what a tonne loses when closing leaves the part ``kept`` of the weight of its routes, USD/t.

    Not shipping at a cost n is one more alternative before and after, so the loss is 0 if everything is kept and n (and
    a trifle) if nothing is: :math:`\frac{1}{\theta} \ln \frac{1 + e^{-\theta n}}{w + e^{-\theta n}}`, with
    :math:`w = e^{-\theta \Delta}` for a rise :math:`\Delta` of the logsum.
    """
    away = np.exp(-dispersion * no_ship)
    whole = np.log(1.0 + away)  # the exponential of a great loss underflows, and its logarithm is infinite: hence min
    loss: float = min((whole - np.log(min(kept, 1.0) + away)) / dispersion, no_ship + whole / dispersion)
    return loss


@nb.njit(
    cache=CACHE, nogil=True, fastmath={"reassoc"}
)  # the order of summation may change, so that it runs in parallel lanes
def _two_sums(
    n: int, at: int, a: NDArray[np.float32], x: NDArray[np.float64], b: NDArray[np.float32], y: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the sums of ``a x`` and of ``b y`` over ``n`` entries, those of a and b from ``at`` on."""
    one, two = 0.0, 0.0
    for i in range(n):
        one += a[at + i] * x[i]
        two += b[at + i] * y[i]
    return one, two


@nb.njit(cache=CACHE, nogil=True, inline="always")
def _choose(
    k: int, s: int, p: int, g: int, u: int, menu: Menu, prices: Prices, offers: Offers, bench: Bench, desk: _Desk
) -> None:
    """Route choice of one flow, and what those in between could do to it; results stay on the desk."""
    price_routes(k, g, p, menu, prices, bench)
    theta, first, n = prices.dispersion[k, g], offers.first[u], offers.first[u + 1] - offers.first[u]
    share, appeal = desk.share[s, g], desk.appeal
    least = np.inf
    for i in range(n):
        least = min(least, bench.route_cost[offers.route[first + i]])
    total, most = 0.0, 0.0
    for i in range(n):
        appeal[i] = np.exp(-theta * (bench.route_cost[offers.route[first + i]] - least))
        share[i] = offers.size[first + i] * appeal[i]
        total += share[i]
        most = max(most, share[i])
    weight, n_used, used = 0.0, 0, desk.used[s, g]
    for i in range(n):
        if share[i] > _NOTHING * most:
            weight += share[i]
            n_used += 1
            used[n_used] = i
        else:
            share[i] = 0.0
    used[0] = n_used
    mean, money, hours = 0.0, 0.0, 0.0
    for j in range(1, n_used + 1):
        i = used[j]
        share[i] /= weight
        r = offers.route[first + i]
        mean += share[i] * bench.route_cost[r]
        hours += share[i] * bench.route_sum[N_MODES, r]
        money += share[i] * bench.route_sum[N_MODES + 2, r]
        for m in range(N_MODES):
            money += share[i] * prices.factor[k, g, m] * bench.route_sum[m, r]
    once = prices.shipment[k, menu.regime[s, p, g]]
    desk.mean[s, g, 0], desk.mean[s, g, 1], desk.mean[s, g, 2] = mean + once, money + once, hours
    away = np.exp(-theta * prices.no_ship[k, g])
    whole = np.log(1.0 + away)
    worst = prices.no_ship[k, g] + whole / theta  # see closure_loss, which is written out here for speed
    for row in range(offers.actor_first[u], offers.actor_first[u + 1]):
        cell = offers.closed_first[row]
        touch, left = _two_sums(n, cell, offers.touched, share, offers.closed_size, appeal)
        at = row - offers.actor_first[u]
        desk.control[s, g, at, 0] = min(touch, 1.0)
        desk.control[s, g, at, 1] = min((whole - np.log(min(left / total, 1.0) + away)) / theta, worst)
        desk.control[s, g, at, 2] = (
            min((whole - np.log(max(1.0 - touch, 0.0) + away)) / theta, worst) if k == 0 else 0.0
        )


@nb.njit(cache=CACHE, nogil=True, inline="always")
def _note_control(
    s: int, first: int, p: int, g: int, u: int, tonnes: float, value: float, menu: Menu, offers: Offers, desk: _Desk
) -> None:
    """Add what those in between could do to one flow to the sums of its pair."""
    captive = menu.captive[s, p, g]
    for row in range(offers.actor_first[u], offers.actor_first[u + 1]):
        b = offers.actor[row]
        at = row - offers.actor_first[u]
        touch = desk.control[first, g, at, 0]
        desk.actor_flow[b, 0] += tonnes * touch
        desk.actor_flow[b, 1] += value * touch
        desk.actor_flow[b, 4] += tonnes * desk.control[first, g, at, 1]
        desk.actor_flow[b, 5] += tonnes * desk.control[first, g, at, 2]
        if (captive >> np.uint64(b)) & _ONE:
            desk.actor_flow[b, 2] += tonnes
            desk.actor_flow[b, 3] += value


@nb.njit(cache=CACHE, nogil=True, inline="always")
def _note_partner(
    k: int, into: int, s: int, first: int, p: int, g: int, u: int, tonnes: float, value: float, no_ship: float,
    menu: Menu, shipments: Shipments, offers: Offers, desk: _Desk, loads: Loads,
) -> None:  # fmt: skip
    """Book what each end of a flow could do to the other: it closes what it can close, and its own trade with it."""
    ends = (shipments.origin_actor[p], shipments.destination_actor[p])
    for end in range(2):
        target, other = ends[end], ends[1 - end]
        if target < 0 or other < 0 or target == other:
            continue
        stuck = 1.0 if (menu.captive[s, p, g] >> np.uint64(other)) & _ONE else 0.0
        touch, r0 = stuck, menu.pair_first[p]
        if stuck == 0.0:
            for j in range(1, desk.used[first, g, 0] + 1):
                i = desk.used[first, g, j]
                if (menu.closers[s, r0 + offers.route[offers.first[u] + i]] >> np.uint64(other)) & _ONE:
                    touch += desk.share[first, g, i]
        loads.exposure[k, into, target, other, 0, 0] += tonnes * touch
        loads.exposure[k, into, target, other, 0, 1] += value * touch
        loads.captive[k, into, target, other, 0, 0] += tonnes * stuck
        loads.captive[k, into, target, other, 0, 1] += value * stuck
        loads.closure[k, into, target, other, 0] += tonnes * no_ship


@nb.njit(cache=CACHE, nogil=True)
def _book_control(k: int, into: int, p: int, shipments: Shipments, desk: _Desk, loads: Loads) -> None:
    """Book the sums of a pair over those in between, for both its ends, and clear them."""
    ends = (shipments.origin_actor[p], shipments.destination_actor[p])
    for b in range(desk.actor_flow.shape[0]):
        found = desk.actor_flow[b]
        if found[0] == 0.0 and found[2] == 0.0:
            continue
        for end in range(2):
            target = ends[end]
            if target < 0 or (end == 1 and target == ends[0]):
                continue
            for unit in range(2):
                loads.exposure[k, into, target, b, 1, unit] += found[unit]
                loads.captive[k, into, target, b, 1, unit] += found[2 + unit]
            loads.closure[k, into, target, b, 1] += found[4]
        if k == 0:
            loads.identity_gap[into, 0] += found[4]
            loads.identity_gap[into, 1] += abs(found[4] - found[5])
        found[:] = 0.0


@nb.njit(cache=CACHE, nogil=True, inline="always")
def _book_flow(
    k: int, into: int, first: int, p: int, g: int, u: int, tonnes: float, value: float,
    menu: Menu, prices: Prices, shipments: Shipments, offers: Offers, desk: _Desk, loads: Loads,
) -> None:  # fmt: skip
    """Add one flow to its routes, to corridors, and to the delivered cost of both its ends."""
    r0 = menu.pair_first[p]
    for j in range(1, desk.used[first, g, 0] + 1):
        i = desk.used[first, g, j]
        r, x = offers.route[offers.first[u] + i], desk.share[first, g, i]
        desk.route_flow[r, 0] += tonnes * x
        desk.route_flow[r, 1] += value * x
        for m in range(N_MODES):
            desk.route_flow[r, 2 + m] += tonnes * x * prices.factor[k, g, m]
        crossed, c = menu.corridors[r0 + r], 0
        while crossed != _NONE:
            if crossed & _ONE:
                loads.corridor[k, into, c, g] += tonnes * x
            crossed >>= _ONE
            c += 1
    for end in range(2):
        target = shipments.origin_actor[p] if end == 0 else shipments.destination_actor[p]
        if target < 0 or (end == 1 and target == shipments.origin_actor[p]):
            continue
        loads.trade[k, into, target, 0] += tonnes
        loads.trade[k, into, target, 1] += value
        for j in range(3):
            loads.delivered[k, into, target, j] += tonnes * desk.mean[first, g, j]


@nb.njit(cache=CACHE, nogil=True)
def _book_assets(
    k: int, into: int, s: int, p: int, menu: Menu, prices: Prices, shipments: Shipments, payees: Payees,
    bench: Bench, desk: _Desk, loads: Loads,
) -> None:  # fmt: skip
    """Hand the route flows of a pair to their assets, pay whoever is paid there, and clear them."""
    v, n_routes = prices.vector[s], menu.pair_first[p + 1] - menu.pair_first[p]
    moved, n_moved, flow = _NONE, 0, desk.flow
    for r in range(n_routes):
        if desk.route_flow[r, 0] > 0.0:
            moved |= _ONE << np.uint64(r)
            bench.member[n_moved] = r
            n_moved += 1
    for q in range(menu.segment_first[p], menu.segment_first[p + 1]):
        mask = menu.segment_mask[q] & moved
        if mask == _NONE:
            continue
        flow[:] = 0.0
        for i in range(n_moved):
            r = bench.member[i]
            if (mask >> np.uint64(r)) & _ONE:
                for j in range(2 + N_MODES):
                    flow[j] += desk.route_flow[r, j]
        for at in range(menu.asset_first[q], menu.asset_first[q + 1]):
            a = menu.asset[at]
            loads.asset_tonnes[k, into, a] += flow[0]
            loads.asset_value[k, into, a] += flow[1]
            for row in range(payees.first[a], payees.first[a + 1]):
                who = payees.actor[row]
                is_end = who == shipments.origin_actor[p] or who == shipments.destination_actor[p]
                if not payees.holds[s, row] or (payees.transit_only[row] and is_end):
                    continue
                if payees.is_fee[row]:
                    loads.revenue[k, into, who, 0] += flow[0] * payees.amount[k, row]
                else:
                    loads.revenue[k, into, who, 1] += (
                        flow[2 + prices.mode[a]] * prices.money[k, v, a] * payees.amount[k, row]
                    )
    desk.route_flow[:n_routes] = 0.0


@nb.njit(cache=CACHE, nogil=True)
def _load_pair(
    k: int, p: int, menu: Menu, prices: Prices, offers: Offers, shipments: Shipments, payees: Payees, bench: Bench,
    desk: _Desk, loads: Loads,
) -> None:  # fmt: skip
    n_states, _, n_goods = menu.available.shape
    vector = -1
    for s in range(n_states):
        table, regime, moved, into = shipments.table[s], -1, False, s
        if shipments.common[shipments.group[s], p]:
            if shipments.leader[s] != s:
                _copy_watched(k, s, p, shipments, loads)
                continue
            into = n_states + shipments.group[s]
        for g in range(n_goods):
            tonnes = shipments.tonnes[k, table, p, g] * shipments.growth[k, s]
            value = shipments.value[k, table, p, g] * shipments.growth[k, s]
            u, watched = offers.number[s, p, g], shipments.watch[p, g]
            if u < 0:
                if watched >= 0:
                    loads.watched[k, s, watched] = np.nan
                if tonnes > 0.0:
                    _note_unserved(k, into, p, tonnes, shipments, loads)
                continue
            first = menu.same_as[s, p, g]
            if first == s:
                if prices.vector[s] != vector:
                    vector, regime = prices.vector[s], -1
                    sum_segments(k, vector, p, menu, prices, bench)
                if menu.regime[s, p, g] != regime:
                    regime = menu.regime[s, p, g]
                    sum_surcharges(k, regime, p, menu, prices, bench)
                _choose(k, s, p, g, u, menu, prices, offers, bench, desk)
            if watched >= 0:
                loads.watched[k, s, watched] = desk.mean[first, g]
            if tonnes <= 0.0:
                continue
            _book_flow(k, into, first, p, g, u, tonnes, value, menu, prices, shipments, offers, desk, loads)
            _note_control(s, first, p, g, u, tonnes, value, menu, offers, desk)
            no_ship = prices.no_ship[k, g]
            _note_partner(k, into, s, first, p, g, u, tonnes, value, no_ship, menu, shipments, offers, desk, loads)
            moved = True
        if moved:
            _book_control(k, into, p, shipments, desk, loads)
            _book_assets(k, into, s, p, menu, prices, shipments, payees, bench, desk, loads)


@nb.njit(cache=CACHE, nogil=True)
def _copy_watched(k: int, s: int, p: int, shipments: Shipments, loads: Loads) -> None:
    """Give a state the watched costs of the first state of its group, which loads the pair alike."""
    for g in range(shipments.watch.shape[1]):
        h = shipments.watch[p, g]
        if h >= 0:
            loads.watched[k, s, h] = loads.watched[k, shipments.leader[s], h]


@nb.njit(cache=CACHE, nogil=True)
def _hand_out(k: int, n_states: int, shipments: Shipments, loads: Loads) -> None:
    """Add the sum of each group to all its states."""
    for s in range(n_states):
        group = n_states + shipments.group[s]
        loads.asset_tonnes[k, s] += loads.asset_tonnes[k, group]
        loads.asset_value[k, s] += loads.asset_value[k, group]
        loads.corridor[k, s] += loads.corridor[k, group]
        loads.exposure[k, s] += loads.exposure[k, group]
        loads.captive[k, s] += loads.captive[k, group]
        loads.closure[k, s] += loads.closure[k, group]
        loads.trade[k, s] += loads.trade[k, group]
        loads.unserved[k, s] += loads.unserved[k, group]
        loads.delivered[k, s] += loads.delivered[k, group]
        loads.revenue[k, s] += loads.revenue[k, group]
        if k == 0:
            loads.identity_gap[s] += loads.identity_gap[group]


@nb.njit(cache=CACHE, nogil=True)
def _note_unserved(k: int, into: int, p: int, tonnes: float, shipments: Shipments, loads: Loads) -> None:
    """Count a flow without a route at both its ends."""
    if shipments.origin_actor[p] >= 0:
        loads.unserved[k, into, shipments.origin_actor[p]] += tonnes
    if shipments.destination_actor[p] >= 0 and shipments.destination_actor[p] != shipments.origin_actor[p]:
        loads.unserved[k, into, shipments.destination_actor[p]] += tonnes


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
    """Load draws ``start:stop`` of all states and add them to ``loads``.

    Shapes are those of the records. A flow with demand and no available route is counted in ``loads.unserved`` at both
    its ends and nowhere else.
    """
    n_states, n_pairs, n_goods = menu.available.shape
    n_actors = loads.trade.shape[2]
    bench = new_bench(menu)
    desk = _Desk(
        np.zeros((n_states, n_goods, 64)), np.zeros((n_states, n_goods, 65), np.int64), np.zeros((n_states, n_goods, 3)),
        np.zeros((n_states, n_goods, n_actors, 3)), np.empty(64), np.zeros((64, 2 + N_MODES)), np.empty(2 + N_MODES),
        np.zeros((n_actors, 6)),
    )  # fmt: skip
    for k in range(start, stop):
        for p in range(n_pairs):
            _load_pair(k, p, menu, prices, offers, shipments, payees, bench, desk, loads)
        _hand_out(k, n_states, shipments, loads)
