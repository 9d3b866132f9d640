"""Scarcity prices that clear limited assets: a projected, damped Newton method, many draws at a time.

The condition is complementary: load <= capacity, price >= 0, and one of the two with equality. With prices alone it is the
maximum of a concave function, the dual of the logit assignment, whose gradient is load minus capacity; with queues and
several values of time there is no such function. So the method looks at gradients only: it steps along the damped Newton
direction and comes back where the gradient has turned against the step. What does not get there says so.
"""

from __future__ import annotations

from mackinder.kernels import CACHE
from mackinder.kernels.alone import answer_alone
from mackinder.kernels.block import Block
from mackinder.kernels.lanes import give_back, narrow_2, narrow_answer, narrow_block, narrow_quotes, narrow_wants
from mackinder.kernels.limits import Answer, Limits, Quotes, Wants
from mackinder.kernels.offers import Offers
from mackinder.kernels.pricing import Menu
from mackinder.kernels.response import answer_scarcity
from mackinder.kernels.weights import Counter, new_counter

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["clear_limits", "scarcity_gap", "solve_dense"]

#: a price below this (USD/t or hours) is none
_TRIFLE = 1e-9
#: least slope of a load, as a part of the capacity by USD/t or hour: the price of what nobody can use must fall
_LEAST_SLOPE = 1e-7
#: damping far from the solution; near it, it falls with the gap
_DAMPING = 0.05
#: relative gap below which slopes are kept from step to step
_NEAR = 0.3
#: answers after which they are renewed all the same
_OLD = 4
#: longest step of a price, USD/t, and of a queue, h
_FAR = (600.0, 3000.0)
#: a step is cut back if at its end the gradient stands against it with this part of its first strength
_TURNED = 0.5
_MOST_BACK = 6
#: times that limits are fixed at zero or released in one step
_MOST_FIXES = 12
#: part of the draws of a block still on the move at which these go on by themselves, and number at which each goes on alone
_FEW = 0.5
_LONELY = 5


@nb.njit(cache=CACHE, nogil=True)
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


@nb.njit(cache=CACHE, nogil=True)
def scarcity_gap(load: NDArray[np.float64], capacity: NDArray[np.float64], price: NDArray[np.float64], k: int) -> float:
    """Largest relative excess over a capacity, or shortfall from one that has a price, in draw ``k`` of the block."""
    worst = 0.0
    for a in range(capacity.shape[0]):
        if np.isfinite(capacity[a, k]):
            off = load[a, k] / capacity[a, k] - 1.0
            worst = max(worst, abs(off) if price[a, k] > 0.0 else off)
    return worst


@nb.njit(cache=CACHE, nogil=True)
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


@nb.njit(cache=CACHE, nogil=True)
def _move(
    k: int, length: float, base: NDArray[np.float64], step: NDArray[np.float64], price: NDArray[np.float64]
) -> None:
    for a in range(price.shape[0]):
        moved = base[a, k] + length * step[a, k]
        price[a, k] = moved if moved > _TRIFLE else 0.0


@nb.njit(cache=CACHE, nogil=True)
def _note_active(
    load: NDArray[np.float64], capacity: NDArray[np.float64], price: NDArray[np.float64], active: NDArray[np.bool_],
    slot: NDArray[np.int64],
) -> int:  # fmt: skip
    """Note which limits bind, or are overrun, in each draw, and number those that do in any."""
    n = 0
    for a in range(capacity.shape[0]):
        slot[a] = -1
        for k in range(capacity.shape[1]):
            active[a, k] = price[a, k] > 0.0 or load[a, k] > capacity[a, k]
            if active[a, k] and slot[a] < 0:
                slot[a] = n
                n += 1
    return n


@nb.njit(cache=CACHE, nogil=True)
def _wants_slopes(
    load: NDArray[np.float64], capacity: NDArray[np.float64], gap: NDArray[np.float64], rests: NDArray[np.bool_],
    slot: NDArray[np.int64], age: int,
) -> bool:  # fmt: skip
    """Say whether the draws that go on need new slopes.

    Slopes may be old near the solution, where they are renewed now and then; but every limit that is overrun must have them.
    """
    if age >= _OLD:
        return True
    for k in range(gap.shape[0]):
        if rests[k]:
            continue
        if gap[k] > _NEAR:
            return True
        for a in range(capacity.shape[0]):
            if slot[a] < 0 and load[a, k] > capacity[a, k]:
                return True
    return False


@nb.njit(cache=CACHE, nogil=True)
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
def clear_limits(
    s: int, capacity: NDArray[np.float64], menu: Menu, offers: Offers, quotes: Quotes, block: Block, wants: Wants,
    limits: Limits, elastic: bool, tolerance: NDArray[np.float64], most: int, price: NDArray[np.float64], counter: Counter,
    answer: Answer, slot: NDArray[np.int64], turns: NDArray[np.int64], gap: NDArray[np.float64],
) -> Answer:  # fmt: skip
    """Find the scarcity prices of one state for a block of draws.

    Parameters
    ----------
    capacity : ndarray, shape (L, B), t/yr
        Infinite where there is no limit.
    tolerance : ndarray, shape (B,)
        Relative gap at which each draw rests; infinite for draws to be left as they are.
    most : int
        Most answers asked for.
    price : ndarray, shape (L, B)
        Start, and result: USD/t, or hours for queues.
    slot : ndarray of int64, shape (L,)
        Numbers of the limits in the slopes of ``answer``, -1 for none; all -1 if it has no slopes yet.
    turns : ndarray of int64, shape (B,)
        Raised by the answers each draw needed.
    gap : ndarray, shape (B,)
        Relative gap reached.

    Returns
    -------
    Answer
        The answer at ``price``; its slopes may be a larger array than those of the one given.
    """
    b, rests = price.shape[1], np.isinf(tolerance)
    taken = 0
    if b == 1 or rests.sum() <= b * (1.0 - _FEW):
        answer, taken = _clear(
            s, capacity, menu, offers, quotes, block, wants, limits, elastic, tolerance, most, price, counter, answer, slot,
            turns, gap, rests, _few(b),
        )  # fmt: skip
    while taken < most and not rests.all():
        lanes = np.flatnonzero(~rests)
        if lanes.shape[0] > _LONELY:
            taken += _clear_lanes(
                s, lanes, capacity, menu, offers, quotes, block, wants, limits, elastic, tolerance, most - taken, price, counter,
                answer, slot, turns, gap, rests,
            )  # fmt: skip
            continue
        for i in range(lanes.shape[0]):
            _clear_lanes(
                s, lanes[i : i + 1], capacity, menu, offers, quotes, block, wants, limits, elastic, tolerance, most - taken,
                price, counter, answer, slot, turns, gap, rests,
            )  # fmt: skip
        break
    for a in range(slot.shape[0]):  # slopes that know nothing of a price cannot be used again
        if slot[a] < 0 and price[a].max() > 0.0:
            slot[:] = -1
            break
    return answer


@nb.njit(cache=CACHE, nogil=True)
def _few(b: int) -> int:
    """Draws on the move at which clearing ``b`` of them side by side is broken off; none if they are one."""
    return max(int(_FEW * b), min(_LONELY, b - 1))


@nb.njit(cache=CACHE, nogil=True)
def _clear_lanes(
    s: int, lanes: NDArray[np.int64], capacity: NDArray[np.float64], menu: Menu, offers: Offers, quotes: Quotes, block: Block,
    wants: Wants, limits: Limits, elastic: bool, tolerance: NDArray[np.float64], most: int, price: NDArray[np.float64],
    counter: Counter, answer: Answer, slot: NDArray[np.int64], turns: NDArray[np.int64], gap: NDArray[np.float64],
    rests: NDArray[np.bool_],
) -> int:  # fmt: skip
    """Go on with some draws of the block by themselves, and write back what they find; say how many answers they took."""
    few, room, mine = lanes.shape[0], narrow_2(capacity, lanes), narrow_2(price, lanes)
    part = narrow_block(block, lanes)
    desk = new_counter(counter.first.shape[0] - 1, counter.group.shape[0], menu, offers, wants.importer, part)
    own_turns, own_gap, still = turns[lanes], gap[lanes], np.zeros(few, np.bool_)
    found, taken = _clear(
        s, room, menu, offers, narrow_quotes(s, offers, quotes, lanes), part, narrow_wants(wants, lanes), limits, elastic,
        tolerance[lanes], most, mine, desk, narrow_answer(answer, lanes), slot.copy(), own_turns, own_gap, still, _few(few),
    )  # fmt: skip
    give_back(found, lanes, answer)
    for k in range(few):
        price[:, lanes[k]] = mine[:, k]
        turns[lanes[k]], gap[lanes[k]], rests[lanes[k]] = own_turns[k], own_gap[k], still[k]
    return taken


@nb.njit(cache=CACHE, nogil=True)
def _clear(
    s: int, capacity: NDArray[np.float64], menu: Menu, offers: Offers, quotes: Quotes, block: Block, wants: Wants,
    limits: Limits, elastic: bool, tolerance: NDArray[np.float64], most: int, price: NDArray[np.float64], counter: Counter,
    answer: Answer, slot: NDArray[np.int64], turns: NDArray[np.int64], gap: NDArray[np.float64], rests: NDArray[np.bool_],
    few: int,
) -> tuple[Answer, int]:  # fmt: skip
    """Clear until at most ``few`` draws are on the move; return the answer and how often it was asked for."""
    n_limits, b = price.shape
    active = np.zeros((n_limits, b), np.bool_)
    base, step = price.copy(), np.zeros((n_limits, b))
    rise, length, back = np.zeros(b), np.ones(b), np.zeros(b, np.int64)
    n, slopes, age = slot.max() + 1, False, 0
    taken = 0
    for a in range(n_limits):
        if slot[a] < 0 and price[a].max() > 0.0:
            n = 0
    if n == 0:
        answer.load[:] = 0.0
        n = _note_active(answer.load, capacity, price, active, slot)
        slopes = n > 0
    for turn in range(most):
        if slopes and answer.slope.shape[0] < n:
            wide = n + n // 4 + 8
            answer = Answer(
                answer.load, np.zeros((wide, wide, b), np.float32), answer.delivered, answer.price_index,
                answer.tonnes, answer.shipped,
            )  # fmt: skip
        if b == 1:
            answer_alone(s, menu, offers, quotes, block, wants, limits, elastic, price, slot, slopes, counter, answer)
        else:
            answer_scarcity(
                s, menu, offers, quotes, block, wants, limits, elastic, price, slot, slopes, counter, answer
            )
        age, taken = 0 if slopes else age + 1, taken + 1
        for k in range(b):
            if rests[k]:
                continue
            turns[k] += 1
            gap[k] = scarcity_gap(answer.load, capacity, price, k)
            if gap[k] <= tolerance[k]:
                rests[k] = True
                continue
            if turn == most - 1:
                continue
            here = _rise(answer.load, capacity, price, base, k)
            if turn > 0 and here < -_TURNED * max(rise[k], 0.0) and back[k] < _MOST_BACK:
                part = min(max(rise[k] / (rise[k] - here), 0.35), 0.7)
                length[k], rise[k], back[k] = length[k] * part, rise[k] * part, back[k] + 1
                _move(k, length[k], base, step, price)
                continue
            length[k], back[k] = 1.0, 0
            base[:, k] = price[:, k]
            for a in range(n_limits):
                full = price[a, k] > 0.0 or answer.load[a, k] > capacity[a, k]
                active[a, k] = full and slot[a] >= 0
            _newton_step(k, min(_DAMPING, gap[k]), capacity, limits.is_queue, price, active, slot, answer, step)
            _move(k, 1.0, base, step, price)
            rise[k] = _rise(answer.load, capacity, price, base, k)
        if b - rests.sum() <= few:
            break
        slopes = _wants_slopes(answer.load, capacity, gap, rests, slot, age)
        if slopes:
            n = _note_active(answer.load, capacity, price, active, slot)
    return answer, taken
