"""Slopes of loads by scarcity prices, for the Newton steps of `clearing`.

A slope of group ``m`` by the price of group ``n`` of a pair adds, flow by flow, ``q (curve share_m share_n - theta
share_mn)``. The steps need no more than a few digits of it, so all is in single precision: shares, which are at most one.
"""

from __future__ import annotations

from mackinder.kernels.block import Block
from mackinder.kernels.inner import inner, viewing
from mackinder.kernels.limits import Limits
from mackinder.kernels.offers import Offers
from mackinder.kernels.rows import add_product, add_row, copy_row, empty_rows, take_row
from mackinder.kernels.weights import Counter

# isort: split
import numpy as np
from numpy.typing import NDArray

__all__ = ["active_groups", "add_slopes", "mirror_slopes", "note_floors", "open_pair", "products_of_groups"]

#: flows below this part of what a limit carries are left out of its slopes: a third of all flows, and 0.3 % of the loads
_SMALL = 0.003

_ONE = np.uint64(1)
_NONE = np.uint64(0)
_ROUTES = np.uint64(64)


@inner(arrays=False)
def note_floors(slot: NDArray[np.int64], load: NDArray[np.float64], counter: Counter) -> int:
    """Note the tonnes from which a flow matters for the slopes of each limit, from the loads (L, B) of the last answer.

    Returns the number of limits that have slopes.
    """
    b, n = load.shape[1], 0
    for a in range(load.shape[0]):
        counter.floor[a] = 0.0
        n = max(n, slot[a] + 1)
        if slot[a] >= 0:
            for k in range(b):
                counter.floor[a] += _SMALL / b * load[a, k]
    return n


@inner(arrays=False)
def active_groups(p: int, limits: Limits, slot: NDArray[np.int64], counter: Counter) -> tuple[int, bool, float]:
    """List the groups of a pair with an active limit.

    Returns
    -------
    tuple of int, bool, float
        How many they are, whether any of their limits is a queue, and the tonnes from which a flow matters to any of them.
    """
    n, queues, floor = 0, False, np.inf
    for m in range(limits.group_first[p], limits.group_first[p + 1]):
        any_active = False
        for at in range(limits.first[m], limits.first[m + 1]):
            a = limits.limit[at]
            if slot[a] >= 0:
                any_active = True
                queues |= limits.is_queue[a]
                floor = min(floor, counter.floor[a])
        if any_active:
            counter.group[n] = m
            n += 1
    return n, queues, floor


@inner(arrays=False)
def open_pair(n_routes: int, n_active: int, b: np.uint64, counter: Counter) -> None:
    """Empty what is counted of a pair; the products of groups stand row by row, ``n_active`` in each."""
    square, half = np.uint64(n_active * n_active) * b, np.uint64(counter.both.shape[0] // 2)
    for rule in range(np.uint64(2)):
        empty_rows(counter.own, rule * _ROUTES * b, np.uint64(n_routes) * b)
        empty_rows(counter.both, rule * half, square)


@viewing(error_model="numpy")
def _shares(
    n: np.uint64, at: np.uint64, b: np.uint64, quantity: NDArray[np.float64], unit: NDArray[np.float64],
    weight: NDArray[np.float64], inverse: NDArray[np.float64], out: NDArray[np.float32],
) -> None:  # fmt: skip
    """Shares of the routes on offer, not shipping being one of the alternatives."""
    for k in range(b):
        inverse[k] = unit[k] / quantity[k] if quantity[k] > 0.0 else 0.0
    for i in range(n):
        for k in range(b):
            out[i * b + k] = np.float32(weight[at + i * b + k] * inverse[k])


@inner(arrays=False, error_model="numpy")
def _scales(
    quantity: NDArray[np.float64], by: NDArray[np.float64], vot: NDArray[np.float64], out: NDArray[np.float32],
    timed: NDArray[np.float32],
) -> None:  # fmt: skip
    for k in range(np.uint64(out.shape[0])):
        out[k] = np.float32(quantity[k] * by[k])
    for k in range(np.uint64(out.shape[0])):
        timed[k] = np.float32(vot[k]) * out[k]


@inner(arrays=False, error_model="numpy")
def _product(
    x: NDArray[np.float32], y: NDArray[np.float32], at: np.uint64, out: NDArray[np.float32], b: np.uint64
) -> None:
    for k in range(b):
        out[k] = x[k] * y[at + k]


@inner(arrays=False, error_model="numpy")
def products_of_groups(
    g: int, first: int, n: np.uint64, at: np.uint64, quantity: NDArray[np.float64], unit: NDArray[np.float64],
    curve: NDArray[np.float64], n_active: int, queues: bool, limits: Limits, offers: Offers, block: Block, counter: Counter,
) -> None:  # fmt: skip
    """Count one flow: ``q theta share`` by route, and ``q curve share_m share_n`` of all pairs of groups."""
    b, vot, route = np.uint64(block.reliability.shape[0]), block.value_of_time[g], offers.route
    scale, timed, mine = counter.single[0], counter.single[1], counter.single[2]
    share, part, own, both = counter.share, counter.part, counter.own, counter.both
    half = np.uint64(both.shape[0] // 2)
    _shares(n, at, b, quantity, unit, counter.weight, counter.line[3], share)
    _scales(quantity, block.dispersion[g], vot, scale, timed)
    for i in range(n):
        r = np.uint64(route[first + np.int64(i)])
        add_product(scale, share, i * b, own, r * b, b)
        if queues:
            add_product(timed, share, i * b, own, (_ROUTES + r) * b, b)
    for m in range(n_active):
        mask, to = limits.mask[counter.group[m]], np.uint64(m) * b
        empty_rows(part, to, b)
        for i in range(n):
            if (mask >> np.uint64(route[first + np.int64(i)])) & _ONE:
                add_row(share, i * b, part, to, b)
    _scales(quantity, curve, vot, scale, timed)
    for m in range(np.uint64(n_active)):
        row = m * np.uint64(n_active) * b
        _product(scale, part, m * b, mine, b)
        for j in range(m + _ONE):
            add_product(mine, part, j * b, both, row + j * b, b)
        if queues:
            _product(timed, part, m * b, mine, b)
            for j in range(m + _ONE):
                add_product(mine, part, j * b, both, half + row + j * b, b)


@inner(arrays=False, error_model="numpy")
def add_slopes(
    n_routes: int, n_active: int, queues: bool, limits: Limits, slot: NDArray[np.int64], counter: Counter,
    slope: NDArray[np.float32], width: int, b: np.uint64,
) -> None:  # fmt: skip
    """Add what a pair counted to the slopes of its active limits, flat, ``width`` in a row; see `mirror_slopes`."""
    half, member = np.uint64(counter.both.shape[0] // 2), counter.member
    for r in range(np.uint64(n_routes)):
        n = 0
        for i in range(n_active):
            if (limits.mask[counter.group[i]] >> r) & _ONE:
                member[n] = i
                n += 1
        for rule in range(np.uint64(2 if queues else 1)):
            for i in range(n):
                row = member[i] * n_active
                for j in range(i + 1):
                    to = rule * half + np.uint64(row + member[j]) * b
                    take_row(counter.own, (rule * _ROUTES + r) * b, counter.both, to, b)
    for i in range(n_active):
        for j in range(i + 1):
            at = np.uint64(i * n_active + j) * b
            _scatter(counter.group[i], counter.group[j], at, half, limits, slot, counter.both, slope, width, b)


@inner(arrays=False, error_model="numpy")
def _scatter(
    m: int, n: int, at: np.uint64, half: np.uint64, limits: Limits, slot: NDArray[np.int64], both: NDArray[np.float32],
    slope: NDArray[np.float32], width: int, b: np.uint64,
) -> None:  # fmt: skip
    """Add the slope of group ``m`` by the prices of group ``n``, and the other way, to all their active limits.

    Slopes by hours are others than slopes by prices; two prices, or two queues, have one number for both ways.
    """
    for i in range(limits.first[m], limits.first[m + 1]):
        row, waits = slot[limits.limit[i]], limits.is_queue[limits.limit[i]]
        if row < 0:
            continue
        for j in range(limits.first[n], i + 1 if m == n else limits.first[n + 1]):
            column, other = slot[limits.limit[j]], limits.is_queue[limits.limit[j]]
            if column < 0:
                continue
            if waits == other:
                to = max(row, column) * width + min(row, column)
                add_row(both, (half if waits else _NONE) + at, slope, np.uint64(to) * b, b)
            else:
                add_row(both, (half if other else _NONE) + at, slope, np.uint64(row * width + column) * b, b)
                add_row(both, (half if waits else _NONE) + at, slope, np.uint64(column * width + row) * b, b)


@inner(arrays=False)
def mirror_slopes(
    slot: NDArray[np.int64], is_queue: NDArray[np.bool_], slope: NDArray[np.float32], width: int, b: np.uint64
) -> None:
    """Write the slopes between limits of one kind, which stand below the diagonal, above it too."""
    for x in range(slot.shape[0]):
        for y in range(slot.shape[0]):
            if slot[x] > slot[y] >= 0 and is_queue[x] == is_queue[y]:
                at, to = np.uint64(slot[x] * width + slot[y]), np.uint64(slot[y] * width + slot[x])
                copy_row(slope, at * b, slope, to * b, b)
