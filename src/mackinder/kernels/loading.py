"""Demand onto routes, draw by draw: flows, costs, control and revenue of every network state at once.

States (scenario and year) that agree on the routes and prices of a pair share its route choice: `Menu.same_as` says with
which earlier state. Each call works on its own draws, so that threads need no locks and results do not depend on them.
"""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.choice import path_size_logit
from mackinder.kernels.pool import N_MODES

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["Loads", "Menu", "Payees", "Prices", "Shipments", "closure_loss", "load_draws"]

#: exposures below this share are not worth a second choice: the closure cost is below share / theta
_TRACE_SHARE = 1e-6
_ONE = np.uint64(1)
_NONE = np.uint64(0)


class Menu(NamedTuple):
    """Routes on offer: P pairs, G goods, S states, R routes, Q segments.

    ``pair_first`` (P + 1,); ``segment_first`` (P + 1,), ``segment_mask`` (Q,), ``asset_first`` (Q + 1,), ``asset``;
    ``available`` (S, P, G) uint64; ``same_as`` (S, P, G) int64, the first state with the same choice; ``regime``
    (S, P, G) int64; ``closers`` (S, R) uint64, actors who can close the route; ``captive`` (S, P, G) uint64, actors
    whom no available route avoids; ``corridors`` (R,) uint64, corridors whose screenline the route crosses;
    ``due_first`` (P + 1,), ``due_segment``, ``due_restriction``, ``due_count``: how often a segment of the pair meets a
    restriction that charges per link.
    """

    pair_first: NDArray[np.int64]
    segment_first: NDArray[np.int64]
    segment_mask: NDArray[np.uint64]
    asset_first: NDArray[np.int64]
    asset: NDArray[np.int32]
    available: NDArray[np.uint64]
    same_as: NDArray[np.int64]
    regime: NDArray[np.int64]
    closers: NDArray[np.uint64]
    captive: NDArray[np.uint64]
    corridors: NDArray[np.uint64]
    due_first: NDArray[np.int64]
    due_segment: NDArray[np.int64]
    due_restriction: NDArray[np.int64]
    due_count: NDArray[np.float64]


class Prices(NamedTuple):
    """Prices in every draw: K draws, V price vectors, A assets, G goods, R regimes.

    ``vector`` (S,) price vector of each state; ``money``, ``hours``, ``spread`` (K, V, A) in USD/t, h, h (standard
    deviation); ``mode`` (A,); ``factor`` (K, G, 4); ``value_of_time`` (K, G) USD/(t h); ``reliability`` (K,) value of
    an hour of spread over an hour of time; ``dispersion`` (K, G) t/USD; ``no_ship`` (K, G) USD/t; ``surcharge`` (K, M)
    USD/t of each restriction, ``holds`` (R, M) which of them hold under a regime; ``shipment`` (K, R) USD/t whatever the
    route.
    """

    vector: NDArray[np.int64]
    money: NDArray[np.float64]
    hours: NDArray[np.float64]
    spread: NDArray[np.float64]
    mode: NDArray[np.uint8]
    factor: NDArray[np.float64]
    value_of_time: NDArray[np.float64]
    reliability: NDArray[np.float64]
    dispersion: NDArray[np.float64]
    no_ship: NDArray[np.float64]
    surcharge: NDArray[np.float64]
    holds: NDArray[np.bool_]
    shipment: NDArray[np.float64]


class Shipments(NamedTuple):
    """Demand: ``tonnes`` and ``value`` (K, D, P, G) in t/yr and USD/yr, ``table`` (S,) which of the D demand tables a
    state uses, ``growth`` (K, S) factor on it; ``origin_actor``, ``destination_actor`` (P,) actor each end belongs to,
    -1 for none; ``watch`` (P, G) row of `Loads.watched` in which the cost of a flow is wanted, -1 for none.
    """

    tonnes: NDArray[np.float64]
    value: NDArray[np.float64]
    table: NDArray[np.int64]
    growth: NDArray[np.float64]
    origin_actor: NDArray[np.int64]
    destination_actor: NDArray[np.int64]
    watch: NDArray[np.int64]


class Loads(NamedTuple):
    """Output, first axis = draw, second = state; N actors, C corridors, H watched flows.

    ``asset_tonnes``, ``asset_value`` (A,); ``corridor`` (C, G) t/yr; ``exposure`` and ``captive`` (N target, N actor,
    partner | transit, tonnes | value); ``closure`` (N, N, partner | transit) USD/yr; ``trade`` (N, tonnes | value);
    ``unserved`` (N,) t/yr; ``delivered`` (N, generalised | money | hours), sums over tonnes; ``watched`` (H, generalised
    | money | hours) per tonne; ``revenue`` (N, fees | haulage) USD/yr; ``identity_gap`` (2,) closure cost of transit in
    USD/yr, and its absolute difference to the closed form with path sizes held.
    """

    asset_tonnes: NDArray[np.float64]
    asset_value: NDArray[np.float64]
    corridor: NDArray[np.float64]
    exposure: NDArray[np.float64]
    captive: NDArray[np.float64]
    closure: NDArray[np.float64]
    trade: NDArray[np.float64]
    unserved: NDArray[np.float64]
    delivered: NDArray[np.float64]
    watched: NDArray[np.float64]
    revenue: NDArray[np.float64]
    identity_gap: NDArray[np.float64]


class Payees(NamedTuple):
    """Who is paid on an asset: rows ``first[a]:first[a + 1]``. ``actor``; ``amount`` (K, rows) USD/t for fees, or the
    share of the price for haulage; ``is_fee``; ``transit_only``; ``state`` (S, rows) whether it holds in the state.
    """

    first: NDArray[np.int64]
    actor: NDArray[np.int64]
    amount: NDArray[np.float64]
    is_fee: NDArray[np.bool_]
    transit_only: NDArray[np.bool_]
    holds: NDArray[np.bool_]


class _Desk(NamedTuple):
    """Work space of one thread."""

    segment_money: NDArray[np.float64]  # (segments, modes)
    segment_hours: NDArray[np.float64]
    segment_spread: NDArray[np.float64]
    segment_surcharge: NDArray[np.float64]
    segment_cost: NDArray[np.float64]
    segment_flow: NDArray[np.float64]  # (segments, 2 + modes): tonnes, value, tonnes weighted by the mode's cost factor
    route_sum: NDArray[np.float64]  # (64, modes + 3): money by mode, hours, spread, surcharge
    route_cost: NDArray[np.float64]
    trial: NDArray[np.float64]
    work: NDArray[np.float64]
    member: NDArray[np.int64]
    share: NDArray[np.float64]  # (states, goods, 64)
    segment_share: NDArray[np.float64]  # (states, goods, segments)
    touch: NDArray[np.float64]  # (states, goods, actors) exposure
    loss: NDArray[np.float64]  # (states, goods, actors) closure cost per tonne of actors in between
    held: NDArray[np.float64]  # (states, goods, actors) the same by the closed form
    mean: NDArray[np.float64]  # (states, goods, generalised | money | hours)
    present: NDArray[np.uint64]  # (states, goods) actors on any available route


@nb.njit(cache=CACHE, nogil=True)
def closure_loss(rise: float, dispersion: float, no_ship: float) -> float:
    r"""Return what a tonne loses when its logsum rises by ``rise`` and not shipping costs ``no_ship``, USD/t.

    Not shipping is one more alternative before and after, so the loss is 0 at no rise and tends to the no-ship cost:
    :math:`\frac{1}{\theta} \ln \frac{1 + e^{-\theta n}}{e^{-\theta \Delta} + e^{-\theta n}}`.
    """
    away = np.exp(-dispersion * no_ship)
    return (np.log(1.0 + away) - np.log(np.exp(-dispersion * rise) + away)) / dispersion


@nb.njit(cache=CACHE, nogil=True)
def _sum_segments(k: int, v: int, p: int, menu: Menu, prices: Prices, desk: _Desk) -> None:
    """Sum money by mode, hours and spread over the assets of each segment, then over the segments of each route."""
    n_routes = menu.pair_first[p + 1] - menu.pair_first[p]
    desk.route_sum[:n_routes] = 0.0
    first = menu.segment_first[p]
    for q in range(first, menu.segment_first[p + 1]):
        i = q - first
        desk.segment_money[i] = 0.0
        hours, spread = 0.0, 0.0
        for at in range(menu.asset_first[q], menu.asset_first[q + 1]):
            a = menu.asset[at]
            desk.segment_money[i, prices.mode[a]] += prices.money[k, v, a]
            hours += prices.hours[k, v, a]
            spread += prices.spread[k, v, a]
        desk.segment_hours[i], desk.segment_spread[i] = hours, spread
        mask = menu.segment_mask[q]
        for r in range(n_routes):
            if (mask >> np.uint64(r)) & _ONE:
                for m in range(N_MODES):
                    desk.route_sum[r, m] += desk.segment_money[i, m]
                desk.route_sum[r, N_MODES] += hours
                desk.route_sum[r, N_MODES + 1] += spread


@nb.njit(cache=CACHE, nogil=True)
def _sum_surcharges(k: int, regime: int, p: int, menu: Menu, prices: Prices, desk: _Desk) -> None:
    """Sum the surcharges of a regime over segments and routes."""
    n_routes = menu.pair_first[p + 1] - menu.pair_first[p]
    first = menu.segment_first[p]
    desk.route_sum[:n_routes, N_MODES + 2] = 0.0
    desk.segment_surcharge[: menu.segment_first[p + 1] - first] = 0.0
    for at in range(menu.due_first[p], menu.due_first[p + 1]):
        m = menu.due_restriction[at]
        if not prices.holds[regime, m]:
            continue
        q = menu.due_segment[at]
        extra = menu.due_count[at] * prices.surcharge[k, m]
        desk.segment_surcharge[q - first] += extra
        mask = menu.segment_mask[q]
        for r in range(n_routes):
            if (mask >> np.uint64(r)) & _ONE:
                desk.route_sum[r, N_MODES + 2] += extra


@nb.njit(cache=CACHE, nogil=True)
def _price_goods(k: int, g: int, p: int, menu: Menu, prices: Prices, desk: _Desk) -> None:
    """Generalised cost of segments and routes for one goods class, USD/t."""
    vot = prices.value_of_time[k, g]
    vor = vot * prices.reliability[k]
    for i in range(menu.segment_first[p + 1] - menu.segment_first[p]):
        c = vot * desk.segment_hours[i] + vor * desk.segment_spread[i] + desk.segment_surcharge[i]
        for m in range(N_MODES):
            c += prices.factor[k, g, m] * desk.segment_money[i, m]
        desk.segment_cost[i] = c
    for r in range(menu.pair_first[p + 1] - menu.pair_first[p]):
        c = vot * desk.route_sum[r, N_MODES] + vor * desk.route_sum[r, N_MODES + 1] + desk.route_sum[r, N_MODES + 2]
        for m in range(N_MODES):
            c += prices.factor[k, g, m] * desk.route_sum[r, m]
        desk.route_cost[r] = c


@nb.njit(cache=CACHE, nogil=True)
def _choose(k: int, s: int, p: int, g: int, ends: np.uint64, menu: Menu, prices: Prices, desk: _Desk) -> None:
    """Route choice of one flow in one state, and what its actors could do to it; results stay on the desk."""
    r0, q0, q1 = menu.pair_first[p], menu.segment_first[p], menu.segment_first[p + 1]
    n_routes = menu.pair_first[p + 1] - r0
    _price_goods(k, g, p, menu, prices, desk)
    theta, no_ship = prices.dispersion[k, g], prices.no_ship[k, g]
    open_routes, share = menu.available[s, p, g], desk.share[s, g]
    masks, closers = menu.segment_mask[q0:q1], menu.closers[s, r0 : r0 + n_routes]
    logsum, mean, _, n_live = path_size_logit(
        open_routes, n_routes, desk.route_cost, masks, desk.segment_cost, theta, share, desk.work, desk.member
    )
    touch, present, money, hours = desk.touch[s, g], _NONE, 0.0, 0.0
    touch[:] = 0.0
    for i in range(n_live):
        r = desk.member[i]
        for m in range(N_MODES):
            money += share[r] * prices.factor[k, g, m] * desk.route_sum[r, m]
        money += share[r] * desk.route_sum[r, N_MODES + 2]
        hours += share[r] * desk.route_sum[r, N_MODES]
        present |= closers[r]
        for b in range(touch.shape[0]):
            if (closers[r] >> np.uint64(b)) & _ONE:
                touch[b] += share[r]
    once = prices.shipment[k, menu.regime[s, p, g]]
    desk.mean[s, g, 0], desk.mean[s, g, 1], desk.mean[s, g, 2] = mean + once, money + once, hours
    desk.present[s, g] = present
    for i in range(q1 - q0):
        x, mask = 0.0, masks[i]
        for j in range(n_live):
            if (mask >> np.uint64(desk.member[j])) & _ONE:
                x += share[desk.member[j]]
        desk.segment_share[s, g, i] = x
    _price_closures(s, g, n_routes, open_routes, logsum, theta, no_ship, ends, closers, masks, desk)


@nb.njit(cache=CACHE, nogil=True)
def _price_closures(
    s: int, g: int, n_routes: int, open_routes: np.uint64, logsum: float, theta: float, no_ship: float, ends: np.uint64,
    closers: NDArray[np.uint64], masks: NDArray[np.uint64], desk: _Desk,
) -> None:  # fmt: skip
    """What a tonne loses when an actor in between closes all it can close; path sizes are computed anew."""
    touch, loss, held = desk.touch[s, g], desk.loss[s, g], desk.held[s, g]
    for b in range(touch.shape[0]):
        loss[b], held[b] = 0.0, 0.0
        if touch[b] < _TRACE_SHARE or (ends >> np.uint64(b)) & _ONE:
            continue
        left = open_routes
        for r in range(n_routes):
            if (closers[r] >> np.uint64(b)) & _ONE:
                left &= ~(_ONE << np.uint64(r))
        rise, rise_held = np.inf, np.inf
        if left != _NONE:
            after, _, _, _ = path_size_logit(
                left, n_routes, desk.route_cost, masks, desk.segment_cost, theta, desk.trial, desk.work, desk.member
            )
            rise = max(after - logsum, 0.0)
            rise_held = -np.log(1.0 - touch[b]) / theta if touch[b] < 1.0 else np.inf
        loss[b] = closure_loss(rise, theta, no_ship)
        held[b] = closure_loss(rise_held, theta, no_ship)


@nb.njit(cache=CACHE, nogil=True)
def _book_control(
    k: int, s: int, first: int, p: int, g: int, tonnes: float, value: float, no_ship: float,
    menu: Menu, shipments: Shipments, desk: _Desk, loads: Loads,
) -> None:  # fmt: skip
    """Add one flow to exposure, captive share and closure cost of both its ends."""
    touch, loss = desk.touch[first, g], desk.loss[first, g]
    captive, present = menu.captive[s, p, g], desk.present[first, g]
    for b in range(touch.shape[0]):
        if not (present >> np.uint64(b)) & _ONE:
            continue
        stuck = 1.0 if (captive >> np.uint64(b)) & _ONE else 0.0
        for end in range(2):
            target = shipments.origin_actor[p] if end == 0 else shipments.destination_actor[p]
            other = shipments.destination_actor[p] if end == 0 else shipments.origin_actor[p]
            if target < 0 or target == b or (end == 1 and target == other):
                continue
            kind = 0 if b == other else 1
            loads.exposure[k, s, target, b, kind, 0] += tonnes * touch[b]
            loads.exposure[k, s, target, b, kind, 1] += value * touch[b]
            loads.captive[k, s, target, b, kind, 0] += tonnes * stuck
            loads.captive[k, s, target, b, kind, 1] += value * stuck
            loads.closure[k, s, target, b, kind] += tonnes * (no_ship if kind == 0 else loss[b])
            if kind == 1 and end == 0:
                loads.identity_gap[k, s, 0] += tonnes * loss[b]
                loads.identity_gap[k, s, 1] += tonnes * abs(loss[b] - desk.held[first, g, b])


@nb.njit(cache=CACHE, nogil=True)
def _book_flow(
    k: int, s: int, first: int, p: int, g: int, tonnes: float, value: float,
    menu: Menu, prices: Prices, shipments: Shipments, desk: _Desk, loads: Loads,
) -> None:  # fmt: skip
    """Add one flow to segments, corridors and the delivered cost of both its ends."""
    r0 = menu.pair_first[p]
    for i in range(menu.segment_first[p + 1] - menu.segment_first[p]):
        x = desk.segment_share[first, g, i]
        if x > 0.0:
            desk.segment_flow[i, 0] += tonnes * x
            desk.segment_flow[i, 1] += value * x
            for m in range(N_MODES):
                desk.segment_flow[i, 2 + m] += tonnes * x * prices.factor[k, g, m]
    for r in range(menu.pair_first[p + 1] - r0):
        x = desk.share[first, g, r]
        crossed = menu.corridors[r0 + r]
        if x > 0.0 and crossed != _NONE:
            for c in range(loads.corridor.shape[2]):
                if (crossed >> np.uint64(c)) & _ONE:
                    loads.corridor[k, s, c, g] += tonnes * x
    for end in range(2):
        target = shipments.origin_actor[p] if end == 0 else shipments.destination_actor[p]
        if target < 0 or (end == 1 and target == shipments.origin_actor[p]):
            continue
        loads.trade[k, s, target, 0] += tonnes
        loads.trade[k, s, target, 1] += value
        for j in range(3):
            loads.delivered[k, s, target, j] += tonnes * desk.mean[first, g, j]


@nb.njit(cache=CACHE, nogil=True)
def _spread_over_assets(
    k: int, s: int, p: int, menu: Menu, prices: Prices, shipments: Shipments, payees: Payees, desk: _Desk, loads: Loads
) -> None:
    """Hand the flows of a pair's segments to their assets, and pay whoever is paid there."""
    first, v = menu.segment_first[p], prices.vector[s]
    for q in range(first, menu.segment_first[p + 1]):
        flow = desk.segment_flow[q - first]
        if flow[0] == 0.0:
            continue
        for at in range(menu.asset_first[q], menu.asset_first[q + 1]):
            a = menu.asset[at]
            loads.asset_tonnes[k, s, a] += flow[0]
            loads.asset_value[k, s, a] += flow[1]
            for row in range(payees.first[a], payees.first[a + 1]):
                who = payees.actor[row]
                is_end = who == shipments.origin_actor[p] or who == shipments.destination_actor[p]
                if not payees.holds[s, row] or (payees.transit_only[row] and is_end):
                    continue
                if payees.is_fee[row]:
                    loads.revenue[k, s, who, 0] += flow[0] * payees.amount[k, row]
                else:
                    loads.revenue[k, s, who, 1] += (
                        flow[2 + prices.mode[a]] * prices.money[k, v, a] * payees.amount[k, row]
                    )
        desk.segment_flow[q - first] = 0.0


@nb.njit(cache=CACHE, nogil=True)
def _new_desk(menu: Menu, n_actors: int) -> _Desk:
    n_states, n_pairs, n_goods = menu.available.shape
    most = 1
    for p in range(n_pairs):
        most = max(most, menu.segment_first[p + 1] - menu.segment_first[p])
    return _Desk(
        np.empty((most, N_MODES)), np.empty(most), np.empty(most), np.zeros(most), np.empty(most),
        np.zeros((most, 2 + N_MODES)), np.zeros((64, N_MODES + 3)), np.empty(64), np.empty(64), np.empty(64),
        np.empty(128, np.int64), np.zeros((n_states, n_goods, 64)), np.zeros((n_states, n_goods, most)),
        np.zeros((n_states, n_goods, n_actors)), np.zeros((n_states, n_goods, n_actors)),
        np.zeros((n_states, n_goods, n_actors)), np.zeros((n_states, n_goods, 3)), np.zeros((n_states, n_goods), np.uint64),
    )  # fmt: skip


@nb.njit(cache=CACHE, nogil=True)
def load_draws(
    start: int, stop: int, menu: Menu, prices: Prices, shipments: Shipments, payees: Payees, loads: Loads
) -> None:
    """Load draws ``start:stop`` of all states and add them to ``loads``.

    Shapes are those of the records. A flow with demand and no available route is counted in ``loads.unserved`` at both
    its ends and nowhere else.
    """
    n_states, n_pairs, n_goods = menu.available.shape
    desk = _new_desk(menu, loads.trade.shape[2])
    for k in range(start, stop):
        for p in range(n_pairs):
            _load_pair(k, p, n_states, n_goods, menu, prices, shipments, payees, desk, loads)


@nb.njit(cache=CACHE, nogil=True)
def _load_pair(
    k: int, p: int, n_states: int, n_goods: int, menu: Menu, prices: Prices, shipments: Shipments, payees: Payees,
    desk: _Desk, loads: Loads,
) -> None:  # fmt: skip
    ends = _NONE
    if shipments.origin_actor[p] >= 0:
        ends |= _ONE << np.uint64(shipments.origin_actor[p])
    if shipments.destination_actor[p] >= 0:
        ends |= _ONE << np.uint64(shipments.destination_actor[p])
    priced_vector = -1
    for s in range(n_states):
        table, priced_regime, moved = shipments.table[s], -1, False
        for g in range(n_goods):
            tonnes = shipments.tonnes[k, table, p, g] * shipments.growth[k, s]
            value = shipments.value[k, table, p, g] * shipments.growth[k, s]
            watched = shipments.watch[p, g]
            if menu.regime[s, p, g] < 0 or (tonnes <= 0.0 and watched < 0):
                continue
            if menu.available[s, p, g] == _NONE:
                if watched >= 0:
                    loads.watched[k, s, watched] = np.nan
                if shipments.origin_actor[p] >= 0:
                    loads.unserved[k, s, shipments.origin_actor[p]] += tonnes
                if shipments.destination_actor[p] >= 0 and shipments.destination_actor[p] != shipments.origin_actor[p]:
                    loads.unserved[k, s, shipments.destination_actor[p]] += tonnes
                continue
            first = menu.same_as[s, p, g]
            if first == s:
                if prices.vector[s] != priced_vector:
                    priced_vector = prices.vector[s]
                    _sum_segments(k, priced_vector, p, menu, prices, desk)
                if menu.regime[s, p, g] != priced_regime:
                    priced_regime = menu.regime[s, p, g]
                    _sum_surcharges(k, priced_regime, p, menu, prices, desk)
                _choose(k, s, p, g, ends, menu, prices, desk)
            if watched >= 0:
                loads.watched[k, s, watched] = desk.mean[first, g]
            _book_flow(k, s, first, p, g, tonnes, value, menu, prices, shipments, desk, loads)
            _book_control(k, s, first, p, g, tonnes, value, prices.no_ship[k, g], menu, shipments, desk, loads)
            moved = True
        if moved:
            _spread_over_assets(k, s, p, menu, prices, shipments, payees, desk, loads)
