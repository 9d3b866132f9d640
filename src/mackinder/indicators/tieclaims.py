"""Comparative claims on ties, tested: larger on one target than on another, fallen but not gone; and when each would fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mackinder.errors import DataError, UsageError, did_you_mean
from mackinder.indicators.ties import ALL, Ties, capacity
from mackinder.indicators.tiescales import DIMENSIONS
from mackinder.indicators.trend import BrokenTrend, broken_trend

__all__ = ["TieClaim", "capacity_trend", "fallen", "larger", "not_gone"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_CORE = 0.5
_SAME = 1e-12  # an observation of the year has no width of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class TieClaim:
    """A comparative claim and what holds it up.

    Attributes
    ----------
    claim : str
        In words.
    share : float
        Share of draws (values and weights) in which it holds on elements known on both sides; NaN if none is.
    whatever : float
        Share in which it holds whatever the missing elements are.
    without : dict of str to float
        `share` with one element left out, those that can be.
    against, in_favour : tuple of str
        Elements whose medians speak against it, and for it.
    missing : tuple of str
        Elements on which at least one side has nothing.
    fails_if : str
        What would have to be true for it to fail.
    """

    claim: str
    share: float
    whatever: float
    without: dict[str, float]
    against: tuple[str, ...]
    in_favour: tuple[str, ...]
    missing: tuple[str, ...]
    fails_if: str


def _level(dimension: str) -> int:
    levels = (*DIMENSIONS, ALL)
    if dimension not in levels:
        raise UsageError(did_you_mean(dimension, levels, what="dimension of ties"))
    return levels.index(dimension)


def larger(ties: Ties, high: int, low: int, dimension: str, claim: str) -> TieClaim:
    """Test whether one cell has the larger ties capacity than another.

    Parameters
    ----------
    ties : Ties
    high, low : int
        Cells, from `Ties.find`: the claim is that `high` has more.
    dimension : str
        One of the six, or ``all``.
    claim : str
        In words, for the answer.

    Raises
    ------
    UsageError
        The dimension is not known.
    """
    level = _level(dimension)
    known = ties.known()
    only = np.broadcast_to(known[high] & known[low], known.shape)

    def share_without(names: Sequence[str]) -> float:
        middle = capacity(ties, without=names, only=only).middle[:, level]
        gap = middle[high] - middle[low]
        return float((gap > 0).mean()) if not np.isnan(gap).any() else float("nan")

    own = [i for i, e in enumerate(ties.elements) if dimension in (ALL, e.dimension)]
    both = [i for i in own if only[high, i]]
    without = {}
    for i in both:
        try:
            without[ties.elements[i].name] = share_without([ties.elements[i].name])
        except UsageError:  # the only element of its part cannot be left out
            continue
    bounds = capacity(ties)
    whatever = float((bounds.low[high, level] > bounds.high[low, level]).mean())
    gap = np.median(ties.middle[high] - ties.middle[low], axis=1)
    names = [e.name for e in ties.elements]
    against = tuple(names[i] for i in both if gap[i] < 0)
    favour = tuple(names[i] for i in both if gap[i] > 0)
    missing = tuple(names[i] for i in own if not only[high, i])
    share = share_without([])
    return TieClaim(
        claim=claim, share=share, whatever=whatever, without=without, against=against, in_favour=favour, missing=missing,
        fails_if=_fails_if(share, whatever, without, against, favour, missing),
    )  # fmt: skip


def _fails_if(
    share: float,
    whatever: float,
    without: dict[str, float],
    against: Sequence[str],
    favour: Sequence[str],
    missing: Sequence[str],
) -> str:
    if np.isnan(share):
        return "nothing is known of both sides in bandwidth and in dependence, so it can neither hold nor fail"
    reasons = []
    if share < 0.5 and against:
        reasons.append(f"it does not hold in these data: {', '.join(against)} speak against it")
    elif share < 0.5:
        reasons.append("it does not hold in these data: what is known is alike on both sides, or nothing on both")
    elif against:
        reasons.append(f"{', '.join(against)} would have to weigh more than {', '.join(favour)}")
    else:
        reasons.append(
            "no weighting of what is known turns it round: the cited values themselves would have to be wrong"
        )
    turning = [name for name, part in without.items() if (part < 0.5) != (share < 0.5)]
    if turning:
        reasons.append(f"it turns round without {' or without '.join(turning)}")
    if missing and 0 < whatever < 1:
        reasons.append(f"or what is missing ({', '.join(missing)}) would have to lie far the other way")
    elif missing and whatever == 0:
        reasons.append(f"or what is missing ({', '.join(missing)}) could outweigh it: by the bounds alone it is open")
    return "; ".join(reasons)


def fallen(ties: Ties, first: int, last: int, dimension: str, claim: str) -> TieClaim:
    """Test whether ties have fallen from one day to another, on the elements known on both (see `larger`)."""
    return larger(ties, first, last, dimension, claim)


def not_gone(ties: Ties, cell: int, dimension: str, claim: str, *, least: float = 0.05) -> TieClaim:
    """Test whether a capacity is more than nearly nothing: above `least` on the scale of 0 to 1.

    `share` is that of draws in which what is known lies above, `whatever` that in which the lower bound does.
    """
    level = _level(dimension)
    bounds = capacity(ties)
    middle = bounds.middle[cell, level]
    share = float((middle > least).mean()) if not np.isnan(middle).any() else float("nan")
    whatever = float((bounds.low[cell, level] > least).mean())
    own = [i for i, e in enumerate(ties.elements) if dimension in (ALL, e.dimension)]
    known = ties.known()[cell]
    names = [e.name for e in ties.elements]
    held = [names[i] for i in own if known[i] and np.median(ties.middle[cell, i]) > least]
    return TieClaim(
        claim=claim, share=share, whatever=whatever, without={},
        against=tuple(names[i] for i in own if known[i] and names[i] not in held), in_favour=tuple(held),
        missing=tuple(names[i] for i in own if not known[i]),
        fails_if=f"bandwidth or dependence would have to vanish: {', '.join(held) or 'nothing'} would have to end",
    )  # fmt: skip


def capacity_trend(
    ties: Ties,
    actor: str,
    target: str,
    dimension: str,
    *,
    generator: np.random.Generator,
    since: float = 2022.0,
    first: int = 2008,
) -> BrokenTrend | str:
    """Fit a line with a bend in one year to a capacity, through the years in which it was measured.

    Elements count that are known at the newest evidence and were measured in half of the years; a year counts if all of these
    were measured in it: what is only carried on from another year is no new point.

    Returns
    -------
    BrokenTrend or str
        Why nothing can be said, where that is so.
    """
    rows = ties.cells[(ties.cells["actor"] == actor) & (ties.cells["target"] == target) & (ties.cells["year"] >= first)]
    rows = rows[rows["day"] <= ties.newest]
    at, level = rows.index.to_numpy(), _level(dimension)
    known = ties.known()
    own = np.array([dimension in (ALL, e.dimension) for e in ties.elements])
    measured = np.array([e.drift > 0 for e in ties.elements])
    carried = np.median(ties.high[at] - ties.low[at], axis=2) > _SAME
    fresh = known[at] & ~(measured & carried)
    core = known[at[-1]] & (fresh.mean(axis=0) >= _CORE)
    whole = (fresh | ~core | ~own).all(axis=1)
    middle = capacity(ties, only=core).middle[at[whole], level]
    years = rows["year"].to_numpy(dtype=np.float64)[whole] + 1.0
    newest = rows["day"].iloc[-1]
    if whole[-1]:
        years[-1] = int(newest[:4]) + (int(newest[5:7]) - 0.5) / 12.0
    try:
        return broken_trend(years, middle.T, at=since, seed=generator, name=f"{dimension} ties of {actor} on {target}")
    except DataError as error:
        return str(error)
