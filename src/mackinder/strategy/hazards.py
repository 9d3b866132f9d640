"""Competing hazards: which end comes first, and by when. Exact where hazards are constant, or constant by pieces."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import expm

from mackinder.errors import UsageError

__all__ = ["cumulative_incidence", "expected_visits", "state_probabilities"]

Floats = NDArray[np.float64]


def cumulative_incidence(hazards: ArrayLike, horizon: ArrayLike, *, breaks: ArrayLike = ()) -> Floats:
    """Chance that each cause has ended the wait by a horizon, given that the others compete with it.

    Never one minus a Kaplan-Meier curve per cause: those add up to more than one.

    Parameters
    ----------
    hazards : array_like, shape (..., causes), or (..., pieces, causes) with breaks, 1/time
        Hazards, not negative. Leading axes are draws.
    horizon : array_like, shape () or (times,), time
        From the start of the wait.
    breaks : array_like, shape (pieces - 1,), time
        Where the hazards change, ascending and positive.

    Returns
    -------
    ndarray, shape (..., causes) or (..., times, causes), dimensionless

    Raises
    ------
    UsageError
        Negative hazards or times, or pieces that do not match the breaks.

    Examples
    --------
    >>> cumulative_incidence([0.1, 0.05], 3.0).round(6).tolist()
    [0.241581, 0.120791]
    """
    rate, end, cuts = (np.asarray(a, dtype=np.float64) for a in (hazards, horizon, breaks))
    rate = rate if cuts.size else rate[..., None, :]
    if rate.ndim < 2 or rate.shape[-2] != cuts.size + 1 or (np.diff(np.append(0.0, cuts)) <= 0).any():
        msg = f"{rate.shape[-2] if rate.ndim > 1 else 0} pieces of hazards and breaks at {cuts.tolist()}: needed are "
        msg += "ascending positive breaks, one fewer than pieces"
        raise UsageError(msg)
    if not (np.isfinite(rate).all() and (rate >= 0).all() and np.isfinite(end).all() and (end >= 0).all()):
        msg = "hazards and horizons must be finite and not negative: what never happens has a hazard of zero"
        raise UsageError(msg)
    times = np.atleast_1d(end)
    done = np.zeros((*rate.shape[:-2], len(times), rate.shape[-1]))
    alive = np.ones((*rate.shape[:-2], len(times), 1))
    edges = np.concatenate([[0.0], cuts, [np.inf]])
    for piece in range(cuts.size + 1):
        length = np.clip(times - edges[piece], 0.0, edges[piece + 1] - edges[piece])[:, None]
        here = rate[..., piece, None, :]
        total = here.sum(axis=-1, keepdims=True)
        leave = -np.expm1(-total * length)
        share = np.divide(here, total, out=np.zeros_like(here), where=total > 0)
        done += alive * leave * share
        alive = alive * (1.0 - leave)
    return done if end.ndim else done[..., 0, :]


def state_probabilities(rates: ArrayLike, times: ArrayLike, start: int = 0) -> Floats:
    """Chance of each state of a chain with constant rates, at each time.

    Parameters
    ----------
    rates : array_like, shape (states, states), 1/time
        From row to column; the diagonal is ignored.
    times : array_like, shape () or (times,)
        Not negative.
    start : int
        State at time zero.

    Returns
    -------
    ndarray, shape (states,) or (times, states)

    Examples
    --------
    >>> state_probabilities([[0, 1.0], [0, 0]], 1.0).round(6).tolist()
    [0.367879, 0.632121]
    """
    flow = np.array(rates, dtype=np.float64)
    if flow.ndim != 2 or flow.shape[0] != flow.shape[1]:
        msg = f"rates have shape {flow.shape}: needed is a square table, from row to column"
        raise UsageError(msg)
    np.fill_diagonal(flow, 0.0)
    at = np.asarray(times, dtype=np.float64)
    if not (np.isfinite(flow).all() and (flow >= 0).all() and (at >= 0).all() and 0 <= start < len(flow)):
        msg = "rates and times must be finite and not negative, and start a state (counted from 0)"
        raise UsageError(msg)
    np.fill_diagonal(flow, -flow.sum(axis=1))
    chance: Floats = np.array([expm(flow * t)[start] for t in np.atleast_1d(at)])
    return chance if at.ndim else chance[0]


def expected_visits(transient: ArrayLike) -> Floats:
    """Expected visits to each transient state (column) from each (row) before absorption: the fundamental matrix.

    Parameters
    ----------
    transient : array_like, shape (n, n)
        Chances of moving between transient states in one step.

    Returns
    -------
    ndarray, shape (n, n)

    Raises
    ------
    UsageError
        Chances that are not chances, or a chain that is never absorbed.

    Examples
    --------
    >>> expected_visits([[0, 0.5], [0.5, 0]]).round(6).tolist()
    [[1.333333, 0.666667], [0.666667, 1.333333]]
    """
    chance = np.asarray(transient, dtype=np.float64)
    if (
        chance.ndim != 2
        or chance.shape[0] != chance.shape[1]
        or (chance < 0).any()
        or (chance.sum(axis=1) > 1 + 1e-12).any()
    ):
        msg = "transient chances must be a square table, not negative, with rows that add up to at most one"
        raise UsageError(msg)
    if np.abs(np.linalg.eigvals(chance)).max() >= 1 - 1e-12:
        msg = "the chain is never absorbed from some state: expected visits have no bound"
        raise UsageError(msg)
    return np.asarray(np.linalg.inv(np.eye(len(chance)) - chance), dtype=np.float64)
