"""Shapley values of games with too many players to list their coalitions: sampled orders, with confidence intervals."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from mackinder.draws import keyed_generator
from mackinder.errors import DataError, UsageError, did_you_mean

__all__ = ["SampledShapley", "shapley_sampled"]

#: blocks of orders from which an interval is estimated: fewer make the t quantile wide
_BLOCKS: Final = 30
#: up to so many players the values of coalitions are remembered
_REMEMBERED: Final = 20
#: entries of the membership matrices that are handed to a vectorised function at once
_CHUNK: Final = 1 << 22
_FORMS: Final = ("mask", "masks", "members")

Form = Literal["mask", "masks", "members"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SampledShapley:
    """Estimates of the Shapley value.

    Attributes
    ----------
    players : tuple
        Their names, or 0 to n - 1.
    value : ndarray, shape (n,)
        Unbiased; adds up to the value of all players, to rounding; exactly 0.0 for who adds nothing.
    low, high : ndarray, shape (n,)
        Confidence interval of each player by itself. A player whose contribution never varied in the sample has no width:
        that is exact for who always adds the same, and too narrow for who matters in rare coalitions.
    error : ndarray, shape (n,)
        Standard error.
    level : float
        Confidence level.
    orders : int
        Orders of joining that were sampled.
    blocks : int
        Independent blocks of them.
    """

    players: tuple[Any, ...]
    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    error: NDArray[np.float64]
    level: float
    orders: int
    blocks: int


def shapley_sampled(
    value: Callable[[Any], Any],
    players: int | Sequence[Any],
    draws: int,
    seed: int,
    *,
    form: Form = "mask",
    level: float = 0.95,
) -> SampledShapley:
    """Estimate Shapley values from sampled orders of joining.

    Orders come in independent blocks. A block is a random order, some of its rotations by equal steps (so that every
    player joins early as often as late) and the reverse of each (antithetic): errors of its members tend to cancel, and the
    interval is estimated between blocks.

    Parameters
    ----------
    value : callable
        Value of a coalition; of the empty one 0. What it takes, see ``form``.
    players : int or sequence
        Their number, or their names; player i is bit i.
    draws : int
        Orders of joining, at least 4; rounded up to full blocks (`SampledShapley.orders`).
    seed : int
    form : {"mask", "masks", "members"}
        ``mask``: a bit mask (a Python integer of any length), returns a number. ``masks``: an array of them (int64, at most 63
        players), shape (m,), returns an array of shape (m,). ``members``: an array of bool, shape (m, n), returns shape (m,).
    level : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    SampledShapley

    Raises
    ------
    UsageError
        An option does not exist or is out of range.
    DataError
        The empty coalition is worth something, or a value is not finite.

    References
    ----------
    J. Castro, D. Gómez and J. Tejada (2009), Polynomial calculation of the Shapley value based on sampling, Computers and
    Operations Research 36; antithetic pairs: R. Mitchell, J. Cooper, E. Frank and G. Holmes (2022), J. Machine Learning
    Research 23.

    Examples
    --------
    A runway is paid by whoever needs its length (Littlechild and Owen 1973):

    >>> cost = np.array([1.0, 2.0, 4.0])
    >>> found = shapley_sampled(lambda m: (m * cost).max(axis=1), 3, 600, seed=1, form="members")
    >>> bool((abs(found.value - [1 / 3, 5 / 6, 17 / 6]) < 0.1).all()), round(float(found.value.sum()), 9)
    (True, 4.0)
    """
    names = tuple(range(players)) if isinstance(players, int) else tuple(players)
    n = len(names)
    _check(n, draws, form, level)
    pairs = -(-draws // 2)
    turns = min(max(pairs // _BLOCKS, 1), n)
    blocks = max(-(-pairs // turns), 2)
    generator = keyed_generator(seed, "shapley_sampled")
    steps = (np.arange(turns) * n) // turns
    mean, evaluate = np.empty((blocks, n)), _evaluator(value, n, form)
    for b in range(blocks):
        base = generator.permutation(n)
        turned = base[(np.arange(n) + steps[:, None]) % n]
        orders = np.concatenate([turned, turned[:, ::-1]])
        at_once = max(_CHUNK // (n * n), 1)
        gains = np.concatenate([_gains(evaluate, orders[k : k + at_once]) for k in range(0, len(orders), at_once)])
        added = np.empty_like(gains)
        np.put_along_axis(added, orders, gains, axis=1)
        mean[b] = added.mean(axis=0)
    from scipy.special import stdtrit

    estimate = mean.mean(axis=0)
    error = np.where(np.ptp(mean, axis=0) == 0.0, 0.0, mean.std(axis=0, ddof=1) / np.sqrt(blocks))
    half = float(stdtrit(blocks - 1, 0.5 + level / 2)) * error
    return SampledShapley(
        players=names, value=estimate, low=estimate - half, high=estimate + half, error=error, level=level,
        orders=2 * turns * blocks, blocks=blocks,
    )  # fmt: skip


def _check(n: int, draws: int, form: str, level: float) -> None:
    if form not in _FORMS:
        raise UsageError(did_you_mean(form, _FORMS, what="form"))
    if n < 1 or draws < 4:
        msg = f"there are {n} players and {draws} draws; give at least one player and four draws"
        raise UsageError(msg)
    if not 0 < level < 1:
        msg = f"level is {level}; a confidence level lies between 0 and 1, such as 0.95"
        raise UsageError(msg)
    if form == "masks" and n > 63:
        msg = f"{n} players do not fit the bits of an int64: use form='members'"
        raise UsageError(msg)


def _gains(
    evaluate: Callable[[NDArray[np.bool_]], NDArray[np.float64]], orders: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return what each place in each order adds, shape (m, n)."""
    m, n = orders.shape
    place = np.argsort(orders, axis=1)
    inside = place[:, None, :] < np.arange(1, n + 1)[None, :, None]  # after each joining: who is in
    worth = evaluate(inside.reshape(m * n, n)).reshape(m, n)
    return np.diff(worth, axis=1, prepend=0.0)


def _evaluator(value: Callable[[Any], Any], n: int, form: Form) -> Callable[[NDArray[np.bool_]], NDArray[np.float64]]:
    """Wrap the user's function: membership rows in, checked values out."""
    seen: dict[int, float] = {}

    def one(mask: int) -> float:
        if n > _REMEMBERED:
            return float(value(mask))
        if mask not in seen:
            seen[mask] = float(value(mask))
        return seen[mask]

    def evaluate(inside: NDArray[np.bool_]) -> NDArray[np.float64]:
        if form == "members":
            worth = np.asarray(value(inside), dtype=np.float64)
        elif form == "masks":
            worth = np.asarray(value(inside @ (1 << np.arange(n, dtype=np.int64))), dtype=np.float64)
        else:
            packed = np.packbits(inside, axis=1, bitorder="little")
            worth = np.array([one(int.from_bytes(row.tobytes(), "little")) for row in packed])
        if worth.shape != inside.shape[:1]:
            msg = f"the function returned shape {worth.shape} for {len(inside)} coalitions; form={form!r} must return one each"
            raise DataError(msg)
        if not np.isfinite(worth).all():
            who = np.flatnonzero(inside[np.flatnonzero(~np.isfinite(worth))[0]]).tolist()
            msg = f"the coalition of players {who} is worth nan or infinity; every coalition needs a finite value"
            raise DataError(msg)
        return worth

    nobody = float(evaluate(np.zeros((1, n), dtype=bool))[0])
    if nobody != 0.0:
        msg = f"the empty coalition is worth {nobody:g}; subtract this from the value of every coalition"
        raise DataError(msg)
    return evaluate
