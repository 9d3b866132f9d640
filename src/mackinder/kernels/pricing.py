"""Costs of routes and segments in one draw, and the records that hold menus and prices."""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.inner import inner
from mackinder.kernels.pool import N_MODES

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["Bench", "Menu", "Prices", "new_bench", "price_routes", "price_segments", "sum_segments", "sum_surcharges"]

_ONE = np.uint64(1)


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
    USD/t of each restriction, ``holds`` (R, M) which of them hold under a regime, ``once`` (M,) which
    are due once a shipment that meets them, not on each link; ``shipment`` (K, R) USD/t whatever the
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
    once: NDArray[np.bool_]
    shipment: NDArray[np.float64]


class Bench(NamedTuple):
    """Work space of one thread: sums of the pair in hand over its segments and routes."""

    segment_money: NDArray[np.float64]  # (segments, modes)
    segment_hours: NDArray[np.float64]
    segment_spread: NDArray[np.float64]
    segment_surcharge: NDArray[np.float64]
    segment_cost: NDArray[np.float64]
    route_sum: NDArray[np.float64]  # (modes + 3, 64): money by mode, hours, spread, surcharge
    route_cost: NDArray[np.float64]
    work: NDArray[np.float64]
    member: NDArray[np.int64]


@inner()
def new_bench(menu: Menu) -> Bench:
    """Return work space that is large enough for every pair of the menu."""
    most = 1
    for p in range(menu.segment_first.shape[0] - 1):
        most = max(most, menu.segment_first[p + 1] - menu.segment_first[p])
    return Bench(
        np.empty((most, N_MODES)), np.empty(most), np.empty(most), np.zeros(most), np.empty(most),
        np.zeros((N_MODES + 3, 64)), np.empty(64), np.empty(64), np.empty(128, np.int64),
    )  # fmt: skip


@inner(arrays=False)
def sum_segments(k: int, v: int, p: int, menu: Menu, prices: Prices, bench: Bench) -> None:
    """Sum money by mode, hours and spread over the assets of each segment, then over the segments of each route."""
    n_routes = menu.pair_first[p + 1] - menu.pair_first[p]
    bench.route_sum[:] = 0.0
    first = menu.segment_first[p]
    for q in range(first, menu.segment_first[p + 1]):
        i = q - first
        bench.segment_money[i] = 0.0
        hours, spread = 0.0, 0.0
        for at in range(menu.asset_first[q], menu.asset_first[q + 1]):
            a = menu.asset[at]
            bench.segment_money[i, prices.mode[a]] += prices.money[k, v, a]
            hours += prices.hours[k, v, a]
            spread += prices.spread[k, v, a]
        bench.segment_hours[i], bench.segment_spread[i] = hours, spread
        mask = menu.segment_mask[q]
        for r in range(n_routes):
            if (mask >> np.uint64(r)) & _ONE:
                for m in range(N_MODES):
                    bench.route_sum[m, r] += bench.segment_money[i, m]
                bench.route_sum[N_MODES, r] += hours
                bench.route_sum[N_MODES + 1, r] += spread


@inner(arrays=False)
def sum_surcharges(k: int, regime: int, p: int, menu: Menu, prices: Prices, bench: Bench) -> None:
    """Sum the surcharges of a regime over segments and routes."""
    n_routes = menu.pair_first[p + 1] - menu.pair_first[p]
    first = menu.segment_first[p]
    bench.route_sum[N_MODES + 2] = 0.0
    bench.segment_surcharge[: menu.segment_first[p + 1] - first] = 0.0
    for at in range(menu.due_first[p], menu.due_first[p + 1]):
        m = menu.due_restriction[at]
        if not prices.holds[regime, m]:
            continue
        q = menu.due_segment[at]
        mask = menu.segment_mask[q]
        if prices.once[m]:  # routes that met the restriction before owe it no second time
            for other in range(menu.due_first[p], at):
                if menu.due_restriction[other] == m:
                    mask &= ~menu.segment_mask[menu.due_segment[other]]
            extra = prices.surcharge[k, m]
        else:
            extra = menu.due_count[at] * prices.surcharge[k, m]
            bench.segment_surcharge[q - first] += extra
        for r in range(n_routes):
            if (mask >> np.uint64(r)) & _ONE:
                bench.route_sum[N_MODES + 2, r] += extra


@inner(arrays=False)
def price_segments(k: int, g: int, p: int, menu: Menu, prices: Prices, bench: Bench) -> None:
    """Generalised cost of the pair's segments for one goods class, USD/t."""
    vot = prices.value_of_time[k, g]
    vor = vot * prices.reliability[k]
    for i in range(menu.segment_first[p + 1] - menu.segment_first[p]):
        c = vot * bench.segment_hours[i] + vor * bench.segment_spread[i] + bench.segment_surcharge[i]
        for m in range(N_MODES):
            c += prices.factor[k, g, m] * bench.segment_money[i, m]
        bench.segment_cost[i] = c


@nb.njit(cache=CACHE, nogil=True)
def price_routes(k: int, g: int, p: int, menu: Menu, prices: Prices, bench: Bench) -> None:
    """Generalised cost of the pair's routes for one goods class, USD/t."""
    vot = prices.value_of_time[k, g]
    vor = vot * prices.reliability[k]
    n_routes = menu.pair_first[p + 1] - menu.pair_first[p]
    hours, spread, extra = bench.route_sum[N_MODES], bench.route_sum[N_MODES + 1], bench.route_sum[N_MODES + 2]
    rail, road, water, transfer = bench.route_sum[0], bench.route_sum[1], bench.route_sum[2], bench.route_sum[3]
    f = prices.factor[k, g]
    for r in range(n_routes):
        bench.route_cost[r] = (
            vot * hours[r]
            + vor * spread[r]
            + extra[r]
            + f[0] * rail[r]
            + f[1] * road[r]
            + f[2] * water[r]
            + f[3] * transfer[r]
        )
