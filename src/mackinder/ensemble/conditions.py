"""Under which conditions a number comes out as asked: a box of its decisive inputs, judged out of sample (convention C139)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mackinder.draws import keyed_generator
from mackinder.ensemble.prim import find_boxes, pick_box, quasi_p, resampled
from mackinder.errors import UsageError

__all__ = ["find_conditions"]

Floats = NDArray[np.float64]
#: draws below which no half is large enough to find a box, and the other to judge it
_FEWEST = 100


def find_conditions(
    y: Floats,
    scores: Floats,
    names: Sequence[str],
    seed: int,
    above: float | None = None,
    below: float | None = None,
) -> dict[str, Any] | None:
    """Find on one half of the draws the box in which an outcome is dense, and judge it on the other.

    Parameters
    ----------
    y : ndarray, shape (K,)
    scores : ndarray, shape (K, n)
        Normal scores of the inputs.
    names : sequence of str
    seed : int
    above, below : float, optional
        The outcome; neither: the upper quarter.

    Returns
    -------
    dict or None
        See `mackinder.ensemble.why.explain`; None without inputs, or with fewer than 100 draws.

    Raises
    ------
    UsageError
        If all draws have the outcome asked for, or none.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal(size=(400, 2))
    >>> found = find_conditions(z[:, 0], z, ["a", "b"], seed=0, above=0.5)
    >>> [limit["input"] for limit in found["limits"]]
    ['a']
    """
    if above is None and below is None:
        above = float(np.quantile(y, 0.75))
    elif not 0 < int(_outcome(y, above, below).sum()) < len(y):
        msg = (
            f"{int(_outcome(y, above, below).sum())} of {len(y)} draws have that outcome (the number goes from {y.min():.4g} "
            f"to {y.max():.4g}): give --above or --below a value that some draws reach and some do not"
        )
        raise UsageError(msg)
    if not names or len(y) < _FEWEST:
        return None
    case = _outcome(y, above, below)
    order = keyed_generator(seed, "why/halves").permutation(len(y))
    find, judge = order[: len(y) // 2], order[len(y) // 2 :]
    if not case[find].any() or case[find].all() or not case[judge].any():
        return None
    points = stats.norm.cdf(scores)
    box = pick_box(find_boxes(points[find], case[find]))
    chance = quasi_p(box, points[judge], case[judge])
    often = resampled(points, case, seed=seed)
    inside = box.holds(points[judge])
    limits = [
        {
            "input": names[j], "from": float(max(box.low[j], 0.0)), "to": float(min(box.high[j], 1.0)),
            "quasi_p": chance[int(j)], "found": float(often[j]),
        }
        for j in box.limited()
    ]  # fmt: skip
    hits = int(case[judge][inside].sum())
    return {
        "above": above,
        "below": below,
        "often": float(case.mean()),
        "limits": limits,
        "coverage": hits / int(case[judge].sum()),
        "density": hits / max(int(inside.sum()), 1),
        "mass": float(inside.mean()),
    }


def _outcome(y: Floats, above: float | None, below: float | None) -> NDArray[np.bool_]:
    low, high = -np.inf if above is None else above, np.inf if below is None else below
    return np.asarray((y > low) & (y < high))
