"""The plain predictions that any bargaining model must be shown beside: weighted mean and weighted median."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mackinder.errors import UsageError

__all__ = ["condorcet_winner", "weighted_mean", "weighted_median"]

Floats = NDArray[np.float64]


def _weights(position: ArrayLike, capability: ArrayLike, salience: ArrayLike | None) -> tuple[Floats, Floats]:
    """Return positions (..., n, dims) and weights of the same shape, checked."""
    weight = np.asarray(capability, dtype=np.float64)
    place = np.asarray(position, dtype=np.float64)
    flat = place.ndim == weight.ndim  # one issue: no last axis
    place = place[..., None] if flat else place
    care = np.ones(1) if salience is None else np.asarray(salience, dtype=np.float64)
    if salience is not None and care.ndim == weight.ndim:
        care = care[..., None]
    try:
        weight = np.broadcast_to(weight[..., None] * care, place.shape)
    except ValueError:
        msg = f"position {place.shape}, capability {weight.shape} and salience {care.shape} do not fit together"
        raise UsageError(msg) from None
    if not (np.isfinite(place).all() and (weight >= 0).all() and (weight.sum(axis=-2) > 0).all()):
        msg = "positions must be numbers, weights not negative and not all zero: no mean or median is defined otherwise"
        raise UsageError(msg)
    return place, weight


def weighted_mean(position: ArrayLike, capability: ArrayLike, salience: ArrayLike | None = None) -> Floats:
    """Mean position, weighted by capability times salience.

    Parameters
    ----------
    position : array_like, shape (n,), (n, dims) or (draws, n, dims)
        Positions in any unit.
    capability : array_like, shape (n,) or (draws, n)
        Weights.
    salience : array_like, optional
        Shaped as capability or as position; all one if left out.

    Returns
    -------
    ndarray, shape (dims,) or (draws, dims), units of position

    Raises
    ------
    UsageError
        Shapes that do not fit, or weights that are negative or all zero.

    Examples
    --------
    >>> weighted_mean([0.0, 10.0], [1, 3]).tolist()
    [7.5]
    """
    place, weight = _weights(position, capability, salience)
    mean: Floats = (place * weight).sum(axis=-2) / weight.sum(axis=-2)
    return mean


def weighted_median(position: ArrayLike, capability: ArrayLike, salience: ArrayLike | None = None) -> Floats:
    """Median position by weight; the middle of the two where the weight splits evenly (mirrored cases stay mirrored).

    Parameters and returns as in `weighted_mean`.

    Examples
    --------
    >>> weighted_median([0.0, 10.0, 40.0], [1, 1, 1]).tolist(), weighted_median([0.0, 10.0], [1, 1]).tolist()
    ([10.0], [5.0])
    """
    place, weight = _weights(position, capability, salience)
    order = np.argsort(place, axis=-2, kind="stable")
    place, weight = np.take_along_axis(place, order, axis=-2), np.take_along_axis(weight, order, axis=-2)
    reached = np.cumsum(weight, axis=-2) / weight.sum(axis=-2, keepdims=True)
    tolerance = 1e-12
    low = np.take_along_axis(place, (reached >= 0.5 - tolerance).argmax(axis=-2)[..., None, :], axis=-2)
    high = np.take_along_axis(place, (reached > 0.5 + tolerance).argmax(axis=-2)[..., None, :], axis=-2)
    median: Floats = 0.5 * (low + high)[..., 0, :]
    return median


def condorcet_winner(position: ArrayLike, capability: ArrayLike, salience: ArrayLike) -> float | None:
    """Position of one issue that no other beats when actors vote with capability times salience times distance.

    Parameters
    ----------
    position, capability, salience : array_like, shape (n,)
        Actors of one issue.

    Returns
    -------
    float or None
        The position, or None where each is beaten or several are unbeaten.

    Examples
    --------
    >>> condorcet_winner([0.0, 4.0, 10.0], [1, 1, 1], [1, 1, 1])
    4.0
    """
    place, weight = _weights(position, capability, salience)
    options = np.unique(place[:, 0])
    distance = np.abs(place[:, 0, None] - options)
    margin = np.einsum("n,nij->ij", weight[:, 0], distance[:, None, :] - distance[:, :, None])
    unbeaten = np.flatnonzero((margin >= -1e-12 * weight.sum() * np.ptp(options)).all(axis=1))
    return float(options[unbeaten[0]]) if len(unbeaten) == 1 else None
