"""Scarcity prices that clear limited assets: a projected, damped Newton method, many draws at a time.

The condition is complementary: load <= capacity, price >= 0, and one of the two with equality. With prices alone it is the
maximum of a concave function, the dual of the logit assignment, whose gradient is load minus capacity; with queues and
several values of time there is no such function. So the method looks at gradients only: it steps along the damped Newton
direction and comes back where the gradient has turned against the step. What does not get there says so.

Kernels answer and step; what is done next is decided here, a few times a state.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.alone import answer_alone
from mackinder.kernels.block import Block
from mackinder.kernels.clearing import Walk, step_draws
from mackinder.kernels.lanes import narrow_quotes
from mackinder.kernels.limits import Answer, Limits, Quotes, Wants
from mackinder.kernels.offers import Offers
from mackinder.kernels.pricing import Menu
from mackinder.kernels.response import answer_scarcity
from mackinder.kernels.weights import Counter, new_counter

__all__ = ["Site", "clear_limits"]

Floats = NDArray[np.float64]

#: relative gap below which slopes are kept from step to step
_NEAR: Final = 0.3
#: answers after which they are renewed all the same
_OLD: Final = 4
#: part of the draws of a block still on the move at which these go on by themselves, and number at which each goes on alone
_FEW: Final = 0.5
_LONELY: Final = 5
#: what an answer says, slopes aside
_ANSWERED: Final = ("load", "delivered", "price_index", "tonnes", "shipped")


class Site(NamedTuple):
    """Everything about one state in a block of draws that does not move while it is cleared."""

    s: int
    menu: Menu
    offers: Offers
    quotes: Quotes
    block: Block
    wants: Wants
    limits: Limits
    elastic: bool
    counter: Counter

    def answer(self, price: Floats, slot: NDArray[np.int64], answer: Answer, *, slopes: bool) -> None:
        """Write loads and demand under ``price`` (L, B) into ``answer``, and slopes of limits with a ``slot``."""
        kernel = answer_alone if price.shape[1] == 1 else answer_scarcity
        kernel(
            self.s, self.menu, self.offers, self.quotes, self.block, self.wants, self.limits, self.elastic, price, slot, slopes,
            self.counter, answer,
        )  # fmt: skip

    def narrowed(self, lanes: NDArray[np.int64]) -> Site:
        """Return the same for some draws of the block."""
        block, wants = self.block, self.wants
        part = block._replace(
            value_of_time=_some(block.value_of_time, lanes), reliability=block.reliability[lanes],
            dispersion=_some(block.dispersion, lanes), no_ship=_some(block.no_ship, lanes),
        )  # fmt: skip
        zones, limits, groups = len(self.counter.first) - 1, len(self.limits.is_queue), len(self.counter.group)
        return self._replace(
            quotes=narrow_quotes(self.s, self.offers, self.quotes, lanes),
            block=part,
            wants=Wants(
                tonnes=_some(wants.tonnes, lanes),
                reference=_some(wants.reference, lanes),
                density=_some(wants.density, lanes),
                elasticity=_some(wants.elasticity, lanes),
                share=_some(wants.share, lanes),
                rest=_some(wants.rest, lanes),
                importer=wants.importer,
            ),
            counter=new_counter(zones, limits, groups, self.menu, self.offers, wants.importer, part),
        )


def _some(x: NDArray[Any], lanes: NDArray[np.int64]) -> NDArray[Any]:
    """Return some draws of an array that has them last."""
    return np.ascontiguousarray(x[..., lanes])


def _some_of(answer: Answer, lanes: NDArray[np.int64]) -> Answer:
    return Answer(
        load=_some(answer.load, lanes), slope=_some(answer.slope, lanes), delivered=_some(answer.delivered, lanes),
        price_index=_some(answer.price_index, lanes), tonnes=_some(answer.tonnes, lanes), shipped=_some(answer.shipped, lanes),
    )  # fmt: skip


def clear_limits(
    site: Site, capacity: Floats, tolerance: Floats, most: int, price: Floats, answer: Answer, slot: NDArray[np.int64],
    turns: NDArray[np.int64], gap: Floats,
) -> Answer:  # fmt: skip
    """Find the scarcity prices of one state for a block of draws.

    Parameters
    ----------
    site : Site
    capacity : ndarray, shape (L, B), t/yr
        Infinite where there is no limit.
    tolerance : ndarray, shape (B,)
        Relative gap at which each draw rests; infinite for draws to be left as they are.
    most : int
        Most answers asked for.
    price : ndarray, shape (L, B)
        Start, and result: USD/t, or hours for queues.
    answer : Answer
        Work space, and result.
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
        answer, taken = _clear(site, capacity, tolerance, most, price, answer, slot, turns, gap, rests, _few(b))
    while taken < most and not rests.all():
        lanes = np.flatnonzero(~rests)
        if len(lanes) > _LONELY:
            taken += _clear_some(site, lanes, capacity, tolerance, most - taken, price, answer, slot, turns, gap, rests)
            continue
        for lane in lanes:
            _clear_some(
                site, np.array([lane]), capacity, tolerance, most - taken, price, answer, slot, turns, gap, rests
            )
        break
    for lane in np.flatnonzero(gap > tolerance):
        _start_again(site, int(lane), capacity, tolerance, most, price, answer, turns, gap)
    if (price[slot < 0] > 0.0).any():  # slopes that know nothing of a price cannot be used again
        slot[:] = -1
    return answer


def _few(b: int) -> int:
    """Draws on the move at which clearing ``b`` of them side by side is broken off; none if they are one."""
    return max(int(_FEW * b), min(_LONELY, b - 1))


def _clear_some(
    site: Site, lanes: NDArray[np.int64], capacity: Floats, tolerance: Floats, most: int, price: Floats, answer: Answer,
    slot: NDArray[np.int64], turns: NDArray[np.int64], gap: Floats, rests: NDArray[np.bool_],
) -> int:  # fmt: skip
    """Go on with some draws of the block by themselves, and write back what they find; say how many answers they took."""
    mine, still = _some(price, lanes), np.zeros(len(lanes), dtype=bool)
    own_turns, own_gap = turns[lanes], gap[lanes]
    found, taken = _clear(
        site.narrowed(lanes), _some(capacity, lanes), tolerance[lanes], most, mine, _some_of(answer, lanes),
        slot.copy(), own_turns, own_gap, still, _few(len(lanes)),
    )  # fmt: skip
    for name in _ANSWERED:  # slopes stay apart
        getattr(answer, name)[..., lanes] = getattr(found, name)
    price[:, lanes] = mine
    turns[lanes], gap[lanes], rests[lanes] = own_turns, own_gap, still
    return taken


def _start_again(
    site: Site, lane: int, capacity: Floats, tolerance: Floats, most: int, price: Floats, answer: Answer,
    turns: NDArray[np.int64], gap: Floats,
) -> None:  # fmt: skip
    """Clear a draw that did not get there once more, alone and from nothing; keep what it had if that gets no nearer.

    Where a queue and a price do nearly the same to the same flows, the way there is long, and the start decides.
    """
    lanes, before = np.array([lane]), (price[:, lane].copy(), gap[lane], _some_of(answer, np.array([lane])))
    slot, rests = np.full(len(price), -1), np.ones(price.shape[1], dtype=bool)
    price[:, lane] = 0.0
    _clear_some(site, lanes, capacity, tolerance, most, price, answer, slot, turns, gap, rests)
    if gap[lane] > before[1]:
        price[:, lane], gap[lane] = before[:2]
        for name in _ANSWERED:
            getattr(answer, name)[..., lanes] = getattr(before[2], name)


def _clear(
    site: Site, capacity: Floats, tolerance: Floats, most: int, price: Floats, answer: Answer, slot: NDArray[np.int64],
    turns: NDArray[np.int64], gap: Floats, rests: NDArray[np.bool_], few: int,
) -> tuple[Answer, int]:  # fmt: skip
    """Clear until at most ``few`` draws are on the move; return the answer and how often it was asked for."""
    n_limits, b = price.shape
    walk = Walk(
        price.copy(), np.zeros((n_limits, b)), np.zeros(b), np.ones(b), np.zeros(b, dtype=np.int64),
        np.zeros((n_limits, b), dtype=bool),
    )  # fmt: skip
    slopes, age, taken = False, 0, 0
    if slot.max(initial=-1) < 0 or (price[slot < 0] > 0.0).any():  # no slopes, or such as know nothing of a price
        answer.load[:] = 0.0
        slopes = _note_active(answer, capacity, price, walk, slot)
    for turn in range(most):
        n = int(slot.max(initial=-1)) + 1
        if slopes and answer.slope.shape[0] < n:
            wide = n + n // 4 + 8
            answer = answer._replace(slope=np.zeros((wide, wide, b), dtype=np.float32))
        site.answer(price, slot, answer, slopes=slopes)
        age, taken = 0 if slopes else age + 1, taken + 1
        step_draws(
            turn == 0,
            turn == most - 1,
            capacity,
            site.limits.is_queue,
            tolerance,
            answer,
            slot,
            price,
            walk,
            turns,
            gap,
            rests,
        )
        if b - rests.sum() <= few:
            break
        slopes = _wants_slopes(answer, capacity, gap, rests, slot, age)
        if slopes:
            _note_active(answer, capacity, price, walk, slot)
    return answer, taken


def _note_active(answer: Answer, capacity: Floats, price: Floats, walk: Walk, slot: NDArray[np.int64]) -> bool:
    """Note which limits bind, or are overrun, in each draw, and number those that do in any; say whether there are any."""
    walk.active[:] = (price > 0.0) | (answer.load > capacity)
    some = walk.active.any(axis=1)
    slot[:] = np.where(some, np.cumsum(some) - 1, -1)
    return bool(some.any())


def _wants_slopes(
    answer: Answer, capacity: Floats, gap: Floats, rests: NDArray[np.bool_], slot: NDArray[np.int64], age: int
) -> bool:
    """Say whether the draws that go on need new slopes.

    Slopes may be old near the solution, where they are renewed now and then; but every limit that is overrun must have them.
    """
    moving = ~rests
    if age >= _OLD or (gap[moving] > _NEAR).any():
        return True
    unknown = slot < 0
    return bool((answer.load[unknown] > capacity[unknown])[:, moving].any())
