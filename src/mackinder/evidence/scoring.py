"""Scores of forecasts: Brier, logarithmic, CRPS and interval score; all are losses, zero is best (convention C127)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mackinder.draws import split_quantile

__all__ = ["Reliability", "brier", "crps", "crps_of_draws", "interval_score", "log_score", "reliability"]

Floats = NDArray[np.float64]

#: chances nearer to 0 or 1 count as this far away: a miss is then dear, not infinite
LEAST_CHANCE = 0.01
_GRID = 2000
#: normal scores of the middle of equal strata
_STRATA = (np.arange(_GRID) + 0.5) / _GRID


def brier(chance: float, outcome: float) -> float:
    """Square of what a chance misses the outcome by (Brier 1950).

    Examples
    --------
    >>> brier(0.8, 1)
    0.04
    """
    return round((chance - outcome) ** 2, 12)


def log_score(chance: float, outcome: float) -> float:
    """Minus the logarithm of the chance given to what happened; chances are held 0.01 from 0 and 1.

    Examples
    --------
    >>> round(log_score(0.5, 1), 4)
    0.6931
    """
    held = min(max(chance, LEAST_CHANCE), 1.0 - LEAST_CHANCE)
    return -math.log(held if outcome else 1.0 - held)


def crps(low: float, mode: float, high: float, outcome: float) -> float:
    """Continuous ranked probability score of an interval with the distribution of convention C4.

    Parameters
    ----------
    low, mode, high : float
        5 % point, median and 95 % point.
    outcome : float

    Returns
    -------
    float
        In the unit of the number. Of a single number (low = high) it is the absolute error.

    Examples
    --------
    >>> crps(3.0, 3.0, 3.0, 5.0)
    2.0
    >>> crps(2.0, 3.0, 4.0, 3.0) < crps(1.0, 3.0, 5.0, 3.0)
    True
    """
    from scipy.special import ndtri

    one = np.ones(_GRID)
    return crps_of_draws(split_quantile(ndtri(_STRATA), low * one, mode * one, high * one), outcome)


def crps_of_draws(draws: Floats, outcome: float) -> float:
    """Continuous ranked probability score of equally likely draws (Gneiting and Raftery 2007, equation 21).

    Examples
    --------
    >>> crps_of_draws(np.array([1.0, 3.0]), 2.0)
    0.5
    """
    x = np.sort(np.asarray(draws, dtype=np.float64))
    n = len(x)
    spread = float(((2 * np.arange(1, n + 1) - n - 1) * x).sum()) / n**2
    return round(float(np.abs(x - outcome).mean()) - spread, 12)


def interval_score(low: float, high: float, outcome: float, *, level: float = 0.9) -> float:
    """Width of a central interval, and twenty times what it misses by at 90 % (Gneiting and Raftery 2007, equation 43).

    Examples
    --------
    >>> interval_score(1.0, 3.0, 2.0)
    2.0
    >>> round(interval_score(1.0, 3.0, 3.5), 6)
    12.0
    """
    penalty = 2.0 / (1.0 - level)
    return (high - low) + penalty * max(low - outcome, 0.0) + penalty * max(outcome - high, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """One bin of a reliability diagram.

    Attributes
    ----------
    low, high : float
        Bounds of the chances in it.
    count : int
    chance, frequency : float
        Mean chance given, and share that came true; NaN in an empty bin.
    frequency_low, frequency_high : float
        90 % interval of the share (Jeffreys).
    """

    low: float
    high: float
    count: int
    chance: float
    frequency: float
    frequency_low: float
    frequency_high: float


def reliability(chances: Sequence[float], outcomes: Sequence[float], *, bins: int = 5) -> tuple[Reliability, ...]:
    """Sort chances into bins of equal width and count what came true in each.

    Examples
    --------
    >>> [b.count for b in reliability([0.1, 0.9, 0.95], [0, 1, 1], bins=2)]
    [1, 2]
    """
    from scipy.stats import beta

    given, came = np.asarray(chances, dtype=np.float64), np.asarray(outcomes, dtype=np.float64)
    at = np.minimum((given * bins).astype(np.int64), bins - 1)
    out = []
    for i in range(bins):
        here = at == i
        n, yes = int(here.sum()), float(came[here].sum())
        low, high = (float(beta.ppf(q, yes + 0.5, n - yes + 0.5)) if n else math.nan for q in (0.05, 0.95))
        out.append(
            Reliability(
                low=i / bins, high=(i + 1) / bins, count=n, chance=float(given[here].mean()) if n else math.nan,
                frequency=yes / n if n else math.nan, frequency_low=low, frequency_high=high,
            )
        )  # fmt: skip
    return tuple(out)
