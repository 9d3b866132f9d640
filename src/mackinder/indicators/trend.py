"""Whether a series bent in a year: a broken line fitted by least squares, and what so few points can and cannot say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from mackinder.errors import DataError

__all__ = ["FEWEST_AFTER", "BrokenTrend", "broken_trend"]

Floats = NDArray[np.float64]

#: points after the break below which no slope is given
FEWEST_AFTER = 2
_FEWEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenTrend:
    """A broken line through a series, over draws; slopes a year.

    Attributes
    ----------
    points, points_after : int
    before, after, change : tuple of float
        Median, 5 % and 95 % points of the slopes and of their difference: draws of the series and scatter about the line.
    falls_faster : float
        Share of draws with a slope after the break below that before it.
    detectable : float
        Smallest change of slope that points like these could tell from scatter (90 %, two-sided); NaN without scatter left.
    statement : str
        What can be said, in a sentence.
    """

    points: int
    points_after: int
    before: tuple[float, float, float]
    after: tuple[float, float, float]
    change: tuple[float, float, float]
    falls_faster: float
    detectable: float
    statement: str


def broken_trend(
    years: ArrayLike, values: ArrayLike, *, at: float = 2022.0, seed: np.random.Generator, name: str = "the series"
) -> BrokenTrend:
    """Fit a line that may bend in one year, to each draw of a series.

    Parameters
    ----------
    years : array_like, shape (n,)
        Years of the points, ascending; gaps are not filled.
    values : array_like, shape (K, n)
        Draws; NaN where there is none (then the point is left out in all draws).
    at : float
        Year of the break.
    seed : numpy.random.Generator
        For the scatter: see `mackinder.draws.keyed_generator`.
    name : str
        For the statement.

    Raises
    ------
    DataError
        Shapes disagree, or there are fewer than five points, or fewer than two after the break: no slope can be told.

    Examples
    --------
    >>> flat = np.array([[1.0, 1.0, 1.0, 1.0, 0.9, 0.8]])
    >>> bent = broken_trend([2010, 2014, 2018, 2022, 2023, 2024], flat, seed=np.random.default_rng(0))
    >>> round(bent.after[0], 3), bent.points_after
    (-0.1, 2)
    """
    x, y = np.asarray(years, dtype=np.float64), np.atleast_2d(np.asarray(values, dtype=np.float64))
    if x.ndim != 1 or y.shape[1] != len(x):
        msg = f"{name}: {len(x)} years and values of shape {y.shape}; give draws by years"
        raise DataError(msg)
    there = ~np.isnan(y).any(axis=0)
    x, y = x[there], y[:, there]
    after = int((x > at).sum())
    design = np.column_stack([np.ones_like(x), x - at, np.maximum(x - at, 0.0)])
    if len(x) < _FEWEST or min(after, len(x) - after) < FEWEST_AFTER or np.linalg.matrix_rank(design) < design.shape[1]:
        msg = (
            f"{name} has {len(x)} measured points, {after} of them after {at:g}; a bend needs {_FEWEST}, with {FEWEST_AFTER} on "
            "either side: nothing can be said of it"
        )
        raise DataError(msg)
    solved = np.linalg.pinv(design)
    beta = y @ solved.T
    residual = y - beta @ design.T
    freedom = len(x) - 3
    sigma = np.sqrt((residual**2).sum(axis=1) / freedom)
    spread = np.linalg.cholesky(np.linalg.inv(design.T @ design))
    both = sigma[:, None] * (seed.standard_normal((len(y), 3)) @ spread.T)
    both *= np.sqrt(freedom / seed.chisquare(freedom, (len(y), 1)))
    slope, bend = beta[:, 1] + both[:, 1], beta[:, 2] + both[:, 2]
    error = float(np.median(sigma)) * float(np.linalg.norm(spread[2]))
    detectable = error * float(student.ppf(0.95, freedom)) if error > 0 else float("nan")
    faster = float((bend < 0).mean())
    change = _interval(bend)
    return BrokenTrend(
        points=len(x),
        points_after=after,
        before=_interval(slope),
        after=_interval(slope + bend),
        change=change,
        falls_faster=faster,
        detectable=detectable,
        statement=_statement(name, at, len(x), after, change, faster, detectable),
    )


def _interval(values: Floats) -> tuple[float, float, float]:
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return float(middle), float(low), float(high)


def _statement(
    name: str, at: float, points: int, after: int, change: tuple[float, float, float], faster: float, detectable: float
) -> str:
    if change[2] < 0:
        verdict = f"the fall of {name} is faster since {at:g}"
    elif change[1] > 0:
        verdict = f"{name} has turned upward since {at:g}"
    else:
        verdict = f"{points} points, {after} of them since {at:g}, cannot tell a bend of {name} from scatter"
    bound = "" if np.isnan(detectable) else f"; a bend below {detectable:.2g} a year would not be seen"
    return (
        f"{verdict}: slope changed by {change[0]:+.2g} ({change[1]:+.2g} to {change[2]:+.2g}) a year, down in {faster:.0%} of "
        f"draws{bound}. A bend says when, not why."
    )
