"""Blocks of draws: prices and sums with the draws innermost, cut out of arrays that have them first."""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.books import Loads, Payees, Shipments
from mackinder.kernels.pool import N_MODES
from mackinder.kernels.pricing import Menu, Prices

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["Block", "Sums", "cut_block", "hand_back", "route_sums", "route_surcharges"]

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


class Sums(NamedTuple):
    """Sums of the pair in hand over its routes: ``route`` (money by mode, hours, spread; 64; B), ``extra`` (64, B)."""

    route: NDArray[np.float64]
    extra: NDArray[np.float64]
    part: NDArray[np.float64]


@nb.njit(cache=CACHE, nogil=True)
def _last_2(x: NDArray[np.float64], a: int, b: int) -> NDArray[np.float64]:
    return np.ascontiguousarray(x[a:b].T)


@nb.njit(cache=CACHE, nogil=True)
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
        np.zeros((rows, actors, 2, n)), np.zeros((rows, 2, 1)),
    )  # fmt: skip
    return block, sums, sheet


@nb.njit(cache=CACHE, nogil=True)
def route_sums(v: int, p: int, menu: Menu, block: Block, sums: Sums) -> None:
    """Sum money by mode, hours and spread over the assets of each segment, then over the segments of each route."""
    n_routes = menu.pair_first[p + 1] - menu.pair_first[p]
    sums.route[:, :n_routes] = 0.0
    part = sums.part
    for q in range(menu.segment_first[p], menu.segment_first[p + 1]):
        part[:] = 0.0
        for at in range(menu.asset_first[q], menu.asset_first[q + 1]):
            a = menu.asset[at]
            part[block.mode[a]] += block.money[v, a]
            part[N_MODES] += block.hours[v, a]
            part[N_MODES + 1] += block.spread[v, a]
        mask = menu.segment_mask[q]
        for r in range(n_routes):
            if (mask >> np.uint64(r)) & _ONE:
                for j in range(N_MODES + 2):
                    sums.route[j, r] += part[j]


@nb.njit(cache=CACHE, nogil=True)
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


@nb.njit(cache=CACHE, nogil=True)
def hand_back(n_states: int, block: Block, shipments: Shipments, sheet: Loads, loads: Loads) -> None:
    """Add the sum of each group to all its states, and write the sheet into the draws it is of."""
    for s in range(n_states):
        g = n_states + shipments.group[s]
        for k in range(block.reliability.shape[0]):
            i = block.start + k
            loads.asset_tonnes[i, s] = sheet.asset_tonnes[s, :, k] + sheet.asset_tonnes[g, :, k]
            loads.asset_value[i, s] = sheet.asset_value[s, :, k] + sheet.asset_value[g, :, k]
            loads.corridor[i, s] = sheet.corridor[s, :, :, k] + sheet.corridor[g, :, :, k]
            loads.exposure[i, s] = sheet.exposure[s, :, :, :, :, k] + sheet.exposure[g, :, :, :, :, k]
            loads.captive[i, s] = sheet.captive[s, :, :, :, :, k] + sheet.captive[g, :, :, :, :, k]
            loads.closure[i, s] = sheet.closure[s, :, :, :, k] + sheet.closure[g, :, :, :, k]
            loads.trade[i, s] = sheet.trade[s, :, :, k] + sheet.trade[g, :, :, k]
            loads.unserved[i, s] = sheet.unserved[s, :, k] + sheet.unserved[g, :, k]
            loads.delivered[i, s] = sheet.delivered[s, :, :, k] + sheet.delivered[g, :, :, k]
            loads.watched[i, s] = sheet.watched[s, :, :, k]
            loads.revenue[i, s] = sheet.revenue[s, :, :, k] + sheet.revenue[g, :, :, k]
        if block.start == 0:
            loads.identity_gap[s] = sheet.identity_gap[s, :, 0] + sheet.identity_gap[g, :, 0]
