"""Blocks of draws: prices and sums with the draws innermost, cut out of arrays that have them first."""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.books import Loads, Payees, Shipments
from mackinder.kernels.inner import inner
from mackinder.kernels.pool import N_MODES
from mackinder.kernels.pricing import Menu, Prices

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Block",
    "Sums",
    "add",
    "cut_block",
    "hand_back",
    "route_sums",
    "route_surcharges",
]

_ONE = np.uint64(1)


class Block(NamedTuple):
    """Prices of B draws from ``start`` on: the records of `Prices`, `Shipments` and `Payees` with the draws last."""

    start: int
    vector: NDArray[np.int64]
    mode: NDArray[np.uint8]
    money: NDArray[np.float64]  # (V, A, B)
    hours: NDArray[np.float64]
    spread: NDArray[np.float64]
    factor: NDArray[np.float64]  # (G, modes, B)
    value_of_time: NDArray[np.float64]  # (G, B)
    reliability: NDArray[np.float64]  # (B,)
    dispersion: NDArray[np.float64]
    no_ship: NDArray[np.float64]
    surcharge: NDArray[np.float64]  # (M, B)
    holds: NDArray[np.bool_]
    once: NDArray[np.bool_]
    shipment: NDArray[np.float64]  # (R, B)
    growth: NDArray[np.float64]  # (S, B)
    amount: NDArray[np.float64]  # (rows, B)


class _Sheet(NamedTuple):
    """The arrays of `Loads` with all axes between the first and the last made one."""

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
    income: NDArray[np.float64]
    scarcity: NDArray[np.float64]
    gap: NDArray[np.float64]


class Sums(NamedTuple):
    """Sums of the pair in hand over its routes: ``route`` (money by mode, hours, spread; 64; B), ``extra`` (64, B)."""

    route: NDArray[np.float64]
    extra: NDArray[np.float64]
    part: NDArray[np.float64]


@nb.njit(cache=CACHE, nogil=True)
def add(out: NDArray[np.float64], x: NDArray[np.float64]) -> None:
    """Add ``x`` to ``out``, both of shape (B,). A function, because each array expression would be compiled apart."""
    for k in range(out.shape[0]):
        out[k] += x[k]


@inner()
def _last_2(x: NDArray[np.float64], a: int, b: int) -> NDArray[np.float64]:
    return np.ascontiguousarray(x[a:b].T)


@inner()
def _last_3(x: NDArray[np.float64], a: int, b: int) -> NDArray[np.float64]:
    return np.ascontiguousarray(x[a:b].transpose(1, 2, 0))


@nb.njit(cache=CACHE, nogil=True)
def cut_block(
    a: int, b: int, prices: Prices, shipments: Shipments, payees: Payees, loads: Loads
) -> tuple[Block, Sums, Loads]:
    """Cut draws ``a:b`` out of the records; return them, work space, and an empty sheet of `Loads` with the draws last."""
    block = Block(
        a, prices.vector, prices.mode, _last_3(prices.money, a, b), _last_3(prices.hours, a, b),
        _last_3(prices.spread, a, b), _last_3(prices.factor, a, b), _last_2(prices.value_of_time, a, b),
        prices.reliability[a:b].copy(), _last_2(prices.dispersion, a, b), _last_2(prices.no_ship, a, b),
        _last_2(prices.surcharge, a, b), prices.holds, prices.once, _last_2(prices.shipment, a, b),
        _last_2(shipments.growth, a, b), _last_2(payees.amount, a, b),
    )  # fmt: skip
    n = b - a
    sums = Sums(np.zeros((N_MODES + 2, 64, n)), np.zeros((64, n)), np.zeros((N_MODES + 2, n)))
    rows, actors = loads.trade.shape[1], loads.trade.shape[2]
    sheet = Loads(
        np.zeros((rows, loads.asset_tonnes.shape[2], n)), np.zeros((rows, loads.asset_value.shape[2], n)),
        np.zeros((rows, loads.corridor.shape[2], loads.corridor.shape[3], n)), np.zeros((rows, actors, actors, 2, 2, n)),
        np.zeros((rows, actors, actors, 2, 2, n)), np.zeros((rows, actors, actors, 2, n)), np.zeros((rows, actors, 2, n)),
        np.zeros((rows, actors, n)), np.zeros((rows, actors, 3, n)), np.zeros((rows, loads.watched.shape[2], 3, n)),
        np.zeros((rows, actors, 3, n)), np.zeros((rows, actors, n)), np.zeros((rows, loads.scarcity.shape[2], n)),
        np.zeros((rows, 3, n)), np.zeros((rows, 2, 1)),
    )  # fmt: skip
    return block, sums, sheet


@inner(arrays=False)
def route_sums(v: int, p: int, menu: Menu, block: Block, sums: Sums) -> None:
    """Sum money by mode, hours and spread over the assets of each segment, then over the segments of each route."""
    n_routes = menu.pair_first[p + 1] - menu.pair_first[p]
    sums.route[:, :n_routes] = 0.0
    part = sums.part
    for q in range(menu.segment_first[p], menu.segment_first[p + 1]):
        part[:] = 0.0
        for at in range(menu.asset_first[q], menu.asset_first[q + 1]):
            a = menu.asset[at]
            add(part[block.mode[a]], block.money[v, a])
            add(part[N_MODES], block.hours[v, a])
            add(part[N_MODES + 1], block.spread[v, a])
        mask = menu.segment_mask[q]
        for r in range(n_routes):
            if (mask >> np.uint64(r)) & _ONE:
                for j in range(N_MODES + 2):
                    add(sums.route[j, r], part[j])


@inner(arrays=False)
def route_surcharges(regime: int, p: int, menu: Menu, block: Block, sums: Sums) -> None:
    """Sum the surcharges of a regime over routes; those due once a shipment only where a route meets them first."""
    n_routes = menu.pair_first[p + 1] - menu.pair_first[p]
    sums.extra[:n_routes] = 0.0
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
        for r in range(n_routes):
            if (mask >> np.uint64(r)) & _ONE:
                extra, amount = sums.extra[r], block.surcharge[m]
                for k in range(extra.shape[0]):
                    extra[k] += times * amount[k]


@inner()
def _flat_sheet(x: Loads) -> _Sheet:
    """View a sheet, draws last (rows, ..., B), with three axes each."""
    n, b = x.unserved.shape[0], x.unserved.shape[2]
    return _Sheet(
        x.asset_tonnes, x.asset_value, x.corridor.reshape((n, -1, b)), x.exposure.reshape((n, -1, b)),
        x.captive.reshape((n, -1, b)), x.closure.reshape((n, -1, b)), x.trade.reshape((n, -1, b)), x.unserved,
        x.delivered.reshape((n, -1, b)), x.watched.reshape((n, -1, b)), x.revenue.reshape((n, -1, b)),
        x.income, x.scarcity, x.gap,
    )  # fmt: skip


@inner()
def _flat_loads(x: Loads) -> _Sheet:
    """View the output, draws first (K, rows, ...), with three axes each."""
    k, n = x.unserved.shape[0], x.unserved.shape[1]
    return _Sheet(
        x.asset_tonnes, x.asset_value, x.corridor.reshape((k, n, -1)), x.exposure.reshape((k, n, -1)),
        x.captive.reshape((k, n, -1)), x.closure.reshape((k, n, -1)), x.trade.reshape((k, n, -1)), x.unserved,
        x.delivered.reshape((k, n, -1)), x.watched.reshape((k, n, -1)), x.revenue.reshape((k, n, -1)),
        x.income, x.scarcity, x.gap,
    )  # fmt: skip


@inner(arrays=False)
def _hand(own: NDArray[np.float64], group: NDArray[np.float64], start: int, s: int, out: NDArray[np.float64]) -> None:
    """Write ``own + group`` (M, B) into draws ``start:`` of ``out`` (K, S, M)."""
    for k in range(own.shape[1]):
        for i in range(own.shape[0]):
            out[start + k, s, i] = own[i, k] + group[i, k]


@nb.njit(cache=CACHE, nogil=True)
def hand_back(n_states: int, start: int, shipments: Shipments, booked: Loads, out: Loads) -> None:
    """Add the sum of each group to all its states, and write the sheet into the draws it is of.

    ``booked`` has the draws last, ``out`` first.
    """
    sheet, loads = _flat_sheet(booked), _flat_loads(out)
    for s in range(n_states):
        g = n_states + shipments.group[s]
        _hand(sheet.asset_tonnes[s], sheet.asset_tonnes[g], start, s, loads.asset_tonnes)
        _hand(sheet.asset_value[s], sheet.asset_value[g], start, s, loads.asset_value)
        _hand(sheet.corridor[s], sheet.corridor[g], start, s, loads.corridor)
        _hand(sheet.exposure[s], sheet.exposure[g], start, s, loads.exposure)
        _hand(sheet.captive[s], sheet.captive[g], start, s, loads.captive)
        _hand(sheet.closure[s], sheet.closure[g], start, s, loads.closure)
        _hand(sheet.trade[s], sheet.trade[g], start, s, loads.trade)
        _hand(sheet.unserved[s], sheet.unserved[g], start, s, loads.unserved)
        _hand(sheet.delivered[s], sheet.delivered[g], start, s, loads.delivered)
        _hand(sheet.revenue[s], sheet.revenue[g], start, s, loads.revenue)
        _hand(sheet.watched[s], sheet.watched[g], start, s, loads.watched)
        _hand(sheet.income[s], sheet.income[g], start, s, loads.income)
        _hand(sheet.scarcity[s], sheet.scarcity[g], start, s, loads.scarcity)
        _hand(sheet.gap[s], sheet.gap[g], start, s, loads.gap)
