"""Scenario discovery: under which conditions an outcome holds (patient rule induction method; convention C139).

A box of ranges of inputs is peeled, a little from one side of one input at a time, so that the cases of interest grow dense in
it. Coverage is the share of them that it holds, density their share among the cases in it. Quasi-p says how likely the box
would be as dense by chance without one of its limits; found and judged on different halves, it is out of sample.

References
----------
Friedman and Fisher (1999), Statistics and Computing 9, 123-143; Bryant and Lempert (2010), Technological Forecasting and Social
Change 77, 34-49 (quasi-p, resampling). The objective per case removed is "lenient 1" of the ema_workbench.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mackinder.draws import keyed_generator
from mackinder.errors import UsageError

__all__ = ["Box", "find_boxes", "pick_box", "quasi_p", "resampled"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Box:
    """One box of a peeling trajectory.

    Attributes
    ----------
    low, high : ndarray, shape (n,)
        Limits of each input; minus and plus infinity where it has none.
    coverage, density, mass : float
        Shares: of the cases of interest in the box; of these among the cases in it; of all cases in it.
    """

    low: Floats
    high: Floats
    coverage: float
    density: float
    mass: float

    def holds(self, x: Floats) -> Bools:
        """Return which cases lie in the box, shape (K,)."""
        return np.asarray(((x >= self.low) & (x <= self.high)).all(axis=1), dtype=bool)

    def limited(self) -> NDArray[np.int64]:
        """Return the columns that have a limit."""
        return np.flatnonzero(np.isfinite(self.low) | np.isfinite(self.high))


def find_boxes(x: Floats, y: Bools, *, alpha: float = 0.05, least: float = 0.05) -> list[Box]:
    """Peel, and return every box on the way, the whole space first.

    Parameters
    ----------
    x : ndarray, shape (K, n)
        Inputs.
    y : ndarray of bool, shape (K,)
        Cases of interest.
    alpha : float
        Share of the cases in the box that one peel takes, about.
    least : float
        Share of all cases that a box keeps at least.

    Raises
    ------
    UsageError
        If there is no case of interest, or nothing else.

    Examples
    --------
    >>> x = np.linspace(0, 1, 200)[:, None]
    >>> box = pick_box(find_boxes(x, x[:, 0] > 0.7))
    >>> bool(0.6 < box.low[0] < 0.75), float(box.coverage)
    (True, 1.0)
    """
    if not y.any() or y.all():
        msg = f"{int(y.sum())} of {len(y)} cases are of interest: conditions can be told only where some are and some are not"
        raise UsageError(msg)
    n = x.shape[1]
    low, high, inside = np.full(n, -np.inf), np.full(n, np.inf), np.arange(len(y))
    boxes = [_box(low, high, inside, y)]
    while True:
        best: tuple[float, int, int, int, float, NDArray[np.int64]] | None = None
        mean, free = y[inside].mean(), int((~(np.isfinite(low) | np.isfinite(high))).sum())
        for j in range(n):
            for side, share in ((1, 1.0 - alpha), (0, alpha)):
                column = x[inside, j]
                cut = _cut(column, share)
                kept = inside[column <= cut if side else column >= cut]
                if not 0 < len(kept) < len(inside):
                    continue
                gain = (y[kept].mean() - mean) / (len(inside) - len(kept))
                unlimited = free - int(not (np.isfinite(low[j]) or np.isfinite(high[j])))
                if best is None or (gain, unlimited) > best[:2]:
                    best = (gain, unlimited, j, side, cut, kept)
        if best is None or best[0] <= 0 or len(best[5]) < least * len(y):
            return boxes
        _, _, j, side, cut, inside = best
        low, high = low.copy(), high.copy()
        (high if side else low)[j] = cut
        boxes.append(_box(low, high, inside, y))


def _box(low: Floats, high: Floats, inside: NDArray[np.int64], y: Bools) -> Box:
    hits = int(y[inside].sum())
    return Box(low=low, high=high, coverage=hits / y.sum(), density=hits / len(inside), mass=len(inside) / len(y))


def _cut(column: Floats, share: float) -> float:
    """Return where to cut: between two different values at the quantile, so that ties are never split."""
    values = np.sort(column)
    at = (len(values) - 1) * share
    below, above = math.floor(at), math.ceil(at)
    if share > 0.5:
        while values[below] == values[above] and below > 0:
            below -= 1
    else:
        while values[below] == values[above] and above < len(values) - 1:
            above += 1
    return float((values[below] + values[above]) / 2)


def pick_box(boxes: Sequence[Box]) -> Box:
    """Return the box whose coverage and density have the greatest harmonic mean; of equals the one with fewest limits."""
    return max(
        boxes, key=lambda b: (2 * b.coverage * b.density / max(b.coverage + b.density, 1e-300), -len(b.limited()))
    )


def quasi_p(box: Box, x: Floats, y: Bools) -> dict[int, float]:
    """Return, for each limited input, the chance that the box is as dense without its limits (one-sided binomial).

    Judged on the cases given: those the box was found on, or (better) others.
    """
    inside = box.holds(x)
    out = {}
    for j in box.limited():
        without = Box(
            low=np.where(np.arange(len(box.low)) == j, -np.inf, box.low),
            high=np.where(np.arange(len(box.high)) == j, np.inf, box.high),
            coverage=0.0, density=0.0, mass=0.0,
        ).holds(x)  # fmt: skip
        if not inside.any():
            out[int(j)] = 1.0
            continue
        found = stats.binomtest(
            int(y[inside].sum()), int(inside.sum()), float(y[without].mean()), alternative="greater"
        )
        out[int(j)] = float(found.pvalue)
    return out


def resampled(x: Floats, y: Bools, *, seed: int, alpha: float = 0.05, times: int = 20) -> Floats:
    """Return how often each input is limited by boxes found on random halves of the cases, shape (n,)."""
    counts = np.zeros(x.shape[1])
    done = 0
    for t in range(times):
        half = keyed_generator(seed, f"prim/half {t}").permutation(len(y))[: len(y) // 2]
        if not y[half].any() or y[half].all():
            continue
        counts[pick_box(find_boxes(x[half], y[half], alpha=alpha)).limited()] += 1
        done += 1
    return counts / max(done, 1)
