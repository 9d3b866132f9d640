"""Steps of the clearing of limited assets: the damped Newton step of each draw, and when to come back from one."""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.inner import inner
from mackinder.kernels.limits import Answer

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["Walk", "scarcity_gap", "solve_dense", "step_draws"]

#: a price below this (USD/t or hours) is none
_TRIFLE = 1e-9
#: least slope of a load, as a part of the capacity by USD/t or hour: the price of what nobody can use must fall
_LEAST_SLOPE = 1e-7
#: damping far from the solution; near it, it falls with the gap
_DAMPING = 0.05
#: longest step of a price, USD/t, and of a queue, h
_FAR = (600.0, 3000.0)
#: a step is cut back if at its end the gradient stands against it with this part of its first strength
_TURNED = 0.5
_MOST_BACK = 6
#: times that limits are fixed at zero or released in one step
_MOST_FIXES = 12


class Walk(NamedTuple):
    """Where the draws of a block are on their way: L limits, B draws.

    ``base`` (L, B) prices from which the step in hand went out, ``step`` (L, B) the whole of it, ``rise`` (B,) the gradient
    along it, ``length`` (B,) the part that is gone, ``back`` (B,) how often it was cut back; ``active`` (L, B) limits that bind.
    """

    base: NDArray[np.float64]
    step: NDArray[np.float64]
    rise: NDArray[np.float64]
    length: NDArray[np.float64]
    back: NDArray[np.int64]
    active: NDArray[np.bool_]


@inner(arrays=False)
def solve_dense(a: NDArray[np.float64], x: NDArray[np.float64], n: int) -> None:
    """Solve ``a x = x`` in place by Gaussian elimination with row exchange; a vanishing pivot leaves its unknown 0."""
    for c in range(n):
        best, row = abs(a[c, c]), c
        for r in range(c + 1, n):
            if abs(a[r, c]) > best:
                best, row = abs(a[r, c]), r
        if row != c:
            for j in range(c, n):
                a[c, j], a[row, j] = a[row, j], a[c, j]
            x[c], x[row] = x[row], x[c]
        if best < 1e-14:
            continue
        for r in range(c + 1, n):
            f = a[r, c] / a[c, c]
            if f != 0.0:
                for j in range(c + 1, n):
                    a[r, j] -= f * a[c, j]
                x[r] -= f * x[c]
    for c in range(n - 1, -1, -1):
        if abs(a[c, c]) < 1e-14:
            x[c] = 0.0
            continue
        for j in range(c + 1, n):
            x[c] -= a[c, j] * x[j]
        x[c] /= a[c, c]


@inner(arrays=False)
def scarcity_gap(load: NDArray[np.float64], capacity: NDArray[np.float64], price: NDArray[np.float64], k: int) -> float:
    """Largest relative excess over a capacity, or shortfall from one that has a price, in draw ``k`` of the block."""
    worst = 0.0
    for a in range(capacity.shape[0]):
        if np.isfinite(capacity[a, k]):
            off = load[a, k] / capacity[a, k] - 1.0
            worst = max(worst, abs(off) if price[a, k] > 0.0 else off)
    return worst


@inner(arrays=False)
def _rise(
    load: NDArray[np.float64],
    capacity: NDArray[np.float64],
    price: NDArray[np.float64],
    base: NDArray[np.float64],
    k: int,
) -> float:
    """Gradient here along the way from ``base`` to ``price``, in draw ``k``."""
    total = 0.0
    for a in range(capacity.shape[0]):
        if price[a, k] != base[a, k]:
            total += (load[a, k] - capacity[a, k]) * (price[a, k] - base[a, k])
    return total


@inner(arrays=False)
def _move(
    k: int, length: float, base: NDArray[np.float64], step: NDArray[np.float64], price: NDArray[np.float64]
) -> None:
    for a in range(price.shape[0]):
        moved = base[a, k] + length * step[a, k]
        price[a, k] = moved if moved > _TRIFLE else 0.0


@inner()
def _newton_step(
    k: int, damping: float, capacity: NDArray[np.float64], is_queue: NDArray[np.bool_], price: NDArray[np.float64],
    active: NDArray[np.bool_], slot: NDArray[np.int64], answer: Answer, step: NDArray[np.float64],
) -> None:  # fmt: skip
    """Newton step of draw ``k`` on its own active limits, with prices that stay at or above zero.

    The linearised complementarity is solved by fixing what would fall below zero and releasing what fixed ones overrun;
    damping is relative to the diagonal (Levenberg and Marquardt).
    """
    mine = np.flatnonzero(active[:, k])
    step[:, k] = 0.0
    n = mine.shape[0]
    matrix, excess = np.empty((n, n)), np.empty(n)
    for i in range(n):
        excess[i] = answer.load[mine[i], k] - capacity[mine[i], k]
        for j in range(n):
            matrix[i, j] = -np.float64(answer.slope[slot[mine[i]], slot[mine[j]], k])
        matrix[i, i] = max(matrix[i, i] * (1.0 + damping), _LEAST_SLOPE * capacity[mine[i], k])
    fixed, move = np.zeros(n, np.bool_), np.zeros(n)
    part, x, free = np.empty((n, n)), np.empty(n), np.empty(n, np.int64)
    for turn in range(_MOST_FIXES):
        f = 0
        for i in range(n):
            if fixed[i]:
                move[i] = -price[mine[i], k]
            else:
                free[f] = i
                f += 1
        for r in range(f):
            x[r] = excess[free[r]]
            for j in range(n):
                if fixed[j]:
                    x[r] -= matrix[free[r], j] * move[j]
            for c in range(f):
                part[r, c] = matrix[free[r], free[c]]
        solve_dense(part, x, f)
        changed = False
        for r in range(f):
            move[free[r]] = x[r]
            if price[mine[free[r]], k] + x[r] < -1e-12:
                fixed[free[r]] = changed = True
        if changed:
            continue
        if turn < _MOST_FIXES - 3:
            for i in range(n):
                if fixed[i]:
                    left = excess[i]
                    for j in range(n):
                        left -= matrix[i, j] * move[j]
                    if left > 1e-6 * capacity[mine[i], k]:
                        fixed[i] = False
                        changed = True
        if not changed:
            break
    for i in range(n):
        far = _FAR[1] if is_queue[mine[i]] else _FAR[0]
        step[mine[i], k] = min(max(move[i], -min(price[mine[i], k], far)), far)


@nb.njit(cache=CACHE, nogil=True)
def step_draws(
    first: bool, last: bool, capacity: NDArray[np.float64], is_queue: NDArray[np.bool_], tolerance: NDArray[np.float64],
    answer: Answer, slot: NDArray[np.int64], price: NDArray[np.float64], walk: Walk, turns: NDArray[np.int64],
    gap: NDArray[np.float64], rests: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Look at an answer and move the prices of every draw that is not at rest: a new step, or back along the one in hand.

    ``first``, ``last``: the answer is the first of all, or no other will follow; else as in `equilibrium.clearing`.
    """
    for k in range(price.shape[1]):
        if rests[k]:
            continue
        turns[k] += 1
        gap[k] = scarcity_gap(answer.load, capacity, price, k)
        if gap[k] <= tolerance[k]:
            rests[k] = True
            continue
        if last:
            continue
        here = _rise(answer.load, capacity, price, walk.base, k)
        if not first and here < -_TURNED * max(walk.rise[k], 0.0) and walk.back[k] < _MOST_BACK:
            part = min(max(walk.rise[k] / (walk.rise[k] - here), 0.35), 0.7)
            walk.length[k] *= part
            walk.rise[k] *= part
            walk.back[k] += 1
            _move(k, walk.length[k], walk.base, walk.step, price)
            continue
        walk.length[k], walk.back[k] = 1.0, 0
        for a in range(price.shape[0]):
            walk.base[a, k] = price[a, k]
            walk.active[a, k] = (price[a, k] > 0.0 or answer.load[a, k] > capacity[a, k]) and slot[a] >= 0
        _newton_step(k, min(_DAMPING, gap[k]), capacity, is_queue, price, walk.active, slot, answer, walk.step)
        _move(k, 1.0, walk.base, walk.step, price)
        walk.rise[k] = _rise(answer.load, capacity, price, walk.base, k)
