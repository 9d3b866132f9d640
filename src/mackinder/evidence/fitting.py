"""Fit logarithms of factors to logarithms of counts: regularised Gauss-Newton, Laplace interval, and a look at its profile."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mackinder.errors import NotConvergedError

__all__ = ["Fit", "Predict", "differentiate", "fit_factors", "huber_weights", "misfit", "prior_driven"]

Array = NDArray[np.float64]
#: logarithms of factors, shape (K, F) -> logarithms of modelled counts, shape (K, N)
Predict = Callable[[Array], Array]

#: half the distance of a central difference, and parts of a step that are tried
STEP: Final = 0.04
TRIED: Final = (1.0, 0.5, 0.25, 0.1, 0.03)
#: longest move of one logarithm in a step, and the part of the objective below which a gain is none
LONGEST: Final = 0.7
GAIN: Final = 2e-3
#: residuals beyond so many standard deviations count in proportion, not squared (Huber)
BEND: Final = 2.0
#: standard deviation after over before, above which counts say little
DRIVEN: Final = 0.8


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Factors fitted to N counts; F factors.

    Attributes
    ----------
    mean, sd : ndarray, shape (F,)
        Logarithms of the factors: posterior mode, and standard deviation by Laplace's method.
    ratio : ndarray, shape (F,)
        ``sd`` over the standard deviation of the prior.
    covariance : ndarray, shape (F, F)
    error : ndarray, shape (N,)
        Standard deviation of the logarithm of each count as used, widened where the model fits worse than stated.
    widened : float
        Factor by which it was, at least 1.
    slope : ndarray, shape (N, F)
        Derivative of each modelled logarithm.
    predicted : ndarray, shape (N,)
    rise : ndarray, shape (F, 2)
        Rise of the objective two standard deviations below and above the mode along each factor, others following
        linearly; 2 if the posterior is normal, near 0 where it is flat.
    rounds : int
    """

    mean: Array
    sd: Array
    ratio: Array
    covariance: Array
    error: Array
    widened: float
    slope: Array
    predicted: Array
    rise: Array
    rounds: int


def prior_driven(ratio: Array) -> NDArray[np.bool_]:
    """Say which factors the counts leave to their prior.

    Examples
    --------
    >>> prior_driven(np.array([0.5, 0.9])).tolist()
    [False, True]
    """
    return np.asarray(ratio > DRIVEN)


def fit_factors(
    predict: Predict,
    observed: Array,
    error: Array,
    prior_mean: Array,
    prior_sd: Array,
    *,
    start: Array | None = None,
    most: int = 12,
    widen: bool = True,
) -> Fit:
    """Find the most probable factors given counts and a normal prior of their logarithms.

    Minimises the sum of Huber losses of ``(observed - predict(x)) / error`` plus half the squared distance to the prior.

    Parameters
    ----------
    predict : callable
        From logarithms of factors, shape (K, F), to logarithms of counts, shape (K, N); called with all of a round at once.
    observed, error : ndarray, shape (N,)
        Logarithms of the counts and their standard deviations.
    prior_mean, prior_sd : ndarray, shape (F,)
    start : ndarray, shape (F,), optional
        Default: the prior.
    most : int
        Rounds after which the fit is given up.
    widen : bool
        Whether to multiply `error` at the end, and to fit again, if residuals are larger than it says.

    Returns
    -------
    Fit

    Raises
    ------
    NotConvergedError
        If the objective still falls after `most` rounds.

    Examples
    --------
    One count of a quantity that follows the square of a factor, known four times better than the factor:

    >>> fit = fit_factors(
    ...     lambda x: 2.0 * x, np.array([1.0]), np.array([0.5]), np.zeros(1), np.ones(1), widen=False
    ... )
    >>> fit.mean.round(4).tolist(), (fit.sd**2).round(4).tolist()
    ([0.4706], [0.0588])
    """
    x = (prior_mean if start is None else start).copy()
    x, rounds = _descend(predict, observed, error, prior_mean, prior_sd, x, most)
    slope, predicted = differentiate(predict, x)
    widened = 1.0
    if widen:
        widened = max(1.0, _excess(observed - predicted, error, slope, prior_sd))
        if widened > 1.0:
            error = error * widened
            x, more = _descend(predict, observed, error, prior_mean, prior_sd, x, most)
            slope, predicted = differentiate(predict, x)
            rounds += more
    weight = huber_weights((observed - predicted) / error) / error**2
    covariance: Array = np.linalg.inv((slope.T * weight) @ slope + np.diag(prior_sd**-2.0)).astype(np.float64)
    sd = np.sqrt(np.diag(covariance))
    along = covariance / sd  # column f: how all move when factor f moves by one standard deviation
    points = np.concatenate([x - 2.0 * along.T, x + 2.0 * along.T])
    value = _objective(predict(np.vstack([x, points])), np.vstack([x, points]), observed, error, prior_mean, prior_sd)
    return Fit(
        mean=x, sd=sd, ratio=sd / prior_sd, covariance=covariance, error=error, widened=widened, slope=slope,
        predicted=predicted, rise=(value[1:] - value[0]).reshape(2, -1).T, rounds=rounds,
    )  # fmt: skip


def _descend(
    predict: Predict, observed: Array, error: Array, mean: Array, sd: Array, x: Array, most: int
) -> tuple[Array, int]:
    for done in range(1, most + 1):
        slope, predicted = differentiate(predict, x)
        weight = huber_weights((observed - predicted) / error) / error**2
        pull = (slope.T * weight) @ (observed - predicted) - (x - mean) / sd**2
        step = np.linalg.solve((slope.T * weight) @ slope + np.diag(sd**-2.0), pull)
        step *= min(1.0, LONGEST / max(float(np.abs(step).max()), 1e-300))
        tried = np.vstack([x, *(x + part * step for part in TRIED)])
        value = _objective(predict(tried), tried, observed, error, mean, sd)
        best = int(np.argmin(value))
        x = tried[best]
        if value[0] - value[best] <= GAIN * max(1.0, float(value[0])):
            return x, done
    fell = f"objective {value[0]:.4g}, then {value[best]:.4g}"
    msg = f"factors still move after {most} rounds ({fell}): allow more rounds, or fit fewer factors"
    raise NotConvergedError(msg)


def differentiate(predict: Predict, x: Array) -> tuple[Array, Array]:
    """Return central differences, shape (N, F), and the values in the middle."""
    moves = STEP * np.eye(len(x))
    values = predict(np.concatenate([x[None], x + moves, x - moves]))
    up, down = values[1 : 1 + len(x)], values[1 + len(x) :]
    return np.ascontiguousarray((up - down).T / (2.0 * STEP)), values[0]


def huber_weights(residual: Array) -> Array:
    """Return the weights that make a sum of squares of Huber's losses."""
    return np.asarray(np.minimum(1.0, BEND / np.maximum(np.abs(residual), 1e-300)))


def _objective(predicted: Array, x: Array, observed: Array, error: Array, mean: Array, sd: Array) -> Array:
    return np.asarray(misfit(observed - predicted, error) + 0.5 * (((x - mean) / sd) ** 2).sum(axis=1))


def misfit(residual: Array, error: Array) -> Array:
    """Return the sum of Huber's losses of residuals, shape (K, N), with these standard deviations: shape (K,)."""
    size = np.abs(residual / error)
    return np.asarray(np.where(size <= BEND, 0.5 * size**2, BEND * size - 0.5 * BEND**2).sum(axis=1))


def _excess(residual: Array, error: Array, slope: Array, prior_sd: Array) -> float:
    """How much wider than stated the residuals are: root of their mean weighted square, less what the factors took."""
    weight = huber_weights(residual / error)
    normal = (slope.T * (weight / error**2)) @ slope
    taken = np.trace(np.linalg.solve(normal + np.diag(prior_sd**-2.0), normal))
    return float(np.sqrt((weight * (residual / error) ** 2).sum() / max(weight.sum() - taken, 1.0)))
