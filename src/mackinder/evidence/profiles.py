"""What counts identify: the objective of a fit along one parameter at a time (convention C153)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.evidence.fitting import LONGEST, Predict, differentiate, huber_weights, misfit

__all__ = ["PROFILE_COLUMNS", "Moved", "profile_parameters", "told_apart"]

Array = NDArray[np.float64]
#: values tried between the low and the high end of an interval; an odd number, so that the mode is one of them
TRIED: Final = 9
#: half the 95 percent point of chi-square with one degree of freedom: rise of a log-likelihood
RISE: Final = 1.92
#: parts of the Gauss-Newton step of the others that are tried
PARTS: Final = (1.0, 0.4)
PROFILE_COLUMNS: Final = ("parameter", "value", "held", "refitted", "counts")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A parameter to be moved over its interval.

    Attributes
    ----------
    name : str
    values : ndarray, shape (T,)
        As they are shown, ascending.
    own : int
        Position among the factors of the fit, -1 if it is none of them.
    change : callable, optional
        Where it is no factor: from position in `values`, shape (K,), and logarithms of factors, shape (K, F), to logarithms of
        counts, shape (K, N).
    """

    name: str
    values: Array
    own: int
    change: Callable[[NDArray[np.int64], Array], Array] | None = None


def profile_parameters(
    predict: Predict, moved: Sequence[Moved], observed: Array, error: Array, mean: Array, sd: Array
) -> pd.DataFrame:
    """Move parameters one at a time, and say how well the counts are met.

    Parameters
    ----------
    predict : callable
        From logarithms of factors, shape (K, F), to logarithms of counts, shape (K, N).
    moved : sequence of Moved
    observed, error : ndarray, shape (N,)
        Logarithms of the counts, and their standard deviations.
    mean, sd : ndarray, shape (F,)
        Prior of the logarithms of the factors.

    Returns
    -------
    DataFrame
        `PROFILE_COLUMNS`, a row a value: *held* is the objective with all others at their mode; *refitted* with the factors
        moved by a Gauss-Newton step (or the better part of it) from there; *counts* is *refitted* without the parameter's own
        prior. All are rises above the least of the parameter.

    Examples
    --------
    One factor, one count that follows it, known to a tenth; the prior's standard deviation is one half:

    >>> one = Moved(name="f", values=np.array([0.5, 1.0, 2.0]), own=0)
    >>> found = profile_parameters(lambda x: x, [one], np.zeros(1), np.array([0.1]), np.zeros(1), np.array([0.5]))
    >>> found["counts"].round(1).tolist()
    [11.9, 0.0, 11.9]
    """
    slope, _ = differentiate(predict, mean)
    points = []
    for item in moved:
        start = np.tile(mean, (len(item.values), 1))
        if item.own >= 0:
            start[:, item.own] = np.log(item.values)
        points.append(start)
    residuals = [observed - one for one in _predicted(predict, moved, points)]
    held = [misfit(r, error) + _prior(x, mean, sd) for r, x in zip(residuals, points, strict=True)]
    steps = [_steps(item, r, slope, error, sd) for item, r in zip(moved, residuals, strict=True)]
    best = list(held)
    for part in PARTS:
        there = [x + part * step for x, step in zip(points, steps, strict=True)]
        found = zip(best, _predicted(predict, moved, there), there, strict=True)
        best = [np.minimum(b, misfit(observed - y, error) + _prior(x, mean, sd)) for b, y, x in found]
    frames = []
    for item, x, one, refitted in zip(moved, points, held, best, strict=True):
        own = [item.own] if item.own >= 0 else []
        counts = refitted - _prior(x[:, own], mean[own], sd[own])
        told = {"held": one, "refitted": refitted, "counts": counts}
        frame = pd.DataFrame({"parameter": item.name, "value": item.values})
        frames.append(frame.assign(**{name: rise - rise.min() for name, rise in told.items()}))
    return pd.concat(frames, ignore_index=True)


def _predicted(predict: Predict, moved: Sequence[Moved], points: Sequence[Array]) -> list[Array]:
    """Predict at the points of each parameter; those of factors all at once, since one long call costs less than many."""
    factors = [points[i] for i, item in enumerate(moved) if item.change is None]
    together = iter(
        np.split(predict(np.concatenate(factors)), np.cumsum([len(f) for f in factors])[:-1]) if factors else ()
    )
    return [
        next(together) if item.change is None else item.change(np.arange(len(item.values)), x)
        for item, x in zip(moved, points, strict=True)
    ]


def _steps(item: Moved, residuals: Array, slope: Array, error: Array, sd: Array) -> Array:
    """Moves of all factors but the one that is moved, shape (T, F), for the residuals at each of its values."""
    others = np.arange(len(sd)) != item.own
    steps = np.zeros((len(residuals), len(sd)))
    steps[:, others] = [_step(one, slope[:, others], error, sd[others]) for one in residuals]
    return steps


def _step(residual: Array, slope: Array, error: Array, sd: Array) -> Array:
    """Move of the other factors, from their modes, that a linear model would make for these residuals."""
    weight = huber_weights(residual / error) / error**2
    step = np.linalg.solve((slope.T * weight) @ slope + np.diag(sd**-2.0), (slope.T * weight) @ residual)
    return np.asarray(step * min(1.0, LONGEST / max(float(np.abs(step).max(initial=0.0)), 1e-300)))


def _prior(x: Array, mean: Array, sd: Array) -> Array:
    return np.asarray(0.5 * (((x - mean) / sd) ** 2).sum(axis=1))


def told_apart(profile: pd.DataFrame) -> pd.DataFrame:
    """Say of each parameter which values the counts cannot tell from the best, and whether they identify it.

    Returns
    -------
    DataFrame
        parameter; best (value with the least misfit to the counts); low, high (ends of the range that is not distinguishable,
        at the end of the interval where the counts do not bound it); identified: ``yes``, ``below`` or ``above`` (bounded on
        that side only), ``no`` (prior-driven); largest (greatest rise over the interval).

    Examples
    --------
    >>> profile = pd.DataFrame({"parameter": "f", "value": [1.0, 2.0, 3.0, 4.0], "counts": [3.84, 0.0, 0.5, 1.0]})
    >>> told_apart(profile).to_dict("records")[0]["identified"], told_apart(profile)["low"].tolist()
    ('below', [1.5])
    """
    rows = []
    for name, part in profile.groupby("parameter", sort=False):
        value, rise = part["value"].to_numpy(float), part["counts"].to_numpy(float)
        least = int(np.argmin(rise))
        low = _crossing(value[: least + 1][::-1], rise[: least + 1][::-1])
        high = _crossing(value[least:], rise[least:])
        bounded = (low is not None, high is not None)
        word = {(True, True): "yes", (True, False): "below", (False, True): "above", (False, False): "no"}[bounded]
        rows.append({
            "parameter": name, "best": value[least], "low": value[0] if low is None else low,
            "high": value[-1] if high is None else high, "identified": word, "largest": float(rise.max()),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _crossing(value: Array, rise: Array) -> float | None:
    """First value, going outwards from the best, at which the rise is `RISE`; read off a straight line."""
    above = np.flatnonzero(rise >= RISE)
    if not len(above):
        return None
    i = int(above[0])
    part = (RISE - rise[i - 1]) / (rise[i] - rise[i - 1]) if i else 0.0
    return float(value[i - 1] + part * (value[i] - value[i - 1])) if i else float(value[0])
