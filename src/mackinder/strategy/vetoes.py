"""Veto players: what all of them prefer to the status quo, and where nothing can be changed with all their consent.

A veto player accepts what lies nearer to its ideal point, in distance weighted by its saliences.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls
from scipy.stats import beta

from mackinder.draws import keyed_generator
from mackinder.errors import UsageError

__all__ = ["UnanimityCore", "WinSet", "unanimity_core", "win_set"]

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class WinSet:
    """What every veto player prefers to the status quo.

    Attributes
    ----------
    size : float
        Length in one dimension, area in two, volume in more; units of the scale to the power of the dimensions.
    size_low, size_high : float
        95 % bounds of sampling; equal to `size` in one dimension, where it is exact.
    share : float
        Size over that of the policy space, where one is given; else not a number.
    low, high : ndarray, shape (dims,), units of the scale
        Box that contains the set; not numbers where the set is empty.
    can_move : bool
        Whether there is any point that all prefer. Exact, from the unanimity core, where no policy space is given.
    samples : int
        Points drawn; 0 in one dimension.
    """

    size: float
    size_low: float
    size_high: float
    share: float
    low: Floats
    high: Floats
    can_move: bool
    samples: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class UnanimityCore:
    """Points from which no move suits all: the Pareto set of the veto players.

    With equal saliences it is the convex hull of their ideal points.

    Attributes
    ----------
    ideals, saliences : ndarray, shape (n, dims)
        The veto players.
    low, high : ndarray, shape (dims,)
        Box of the ideal points; in one dimension it is the core. The core lies within it only with one dimension or
        saliences that are alike.
    """

    ideals: Floats
    saliences: Floats
    low: Floats
    high: Floats

    def contains(self, points: ArrayLike, tolerance: float = 1e-9) -> NDArray[np.bool_]:
        """Say for each point, shape (m, dims) or (dims,), whether it lies in the core.

        A point is in the core where the players' directions of improvement leave no common half-space, that is where
        some mixture of them vanishes.
        """
        given = np.asarray(points, dtype=np.float64)
        inside = []
        for point in np.atleast_2d(given) if given.ndim else given.reshape(1, 1):
            pull = self.saliences**2 * (self.ideals - point)
            length = np.linalg.norm(pull, axis=1)
            if (length <= tolerance * max(1.0, np.abs(self.ideals).max())).any():
                inside.append(True)  # somebody's ideal point
                continue
            unit = pull / length[:, None]
            system = np.vstack([unit.T, np.ones(len(unit))])
            target = np.append(np.zeros(unit.shape[1]), 1.0)
            inside.append(bool(nnls(system, target)[1] <= 1e-7))
        return np.array(inside)


def _players(ideals: ArrayLike, saliences: ArrayLike | None) -> tuple[Floats, Floats]:
    place = np.asarray(ideals, dtype=np.float64)
    place = place[:, None] if place.ndim == 1 else place
    care = np.ones_like(place) if saliences is None else np.asarray(saliences, dtype=np.float64)
    care = care[:, None] if care.ndim == 1 else care
    if place.ndim != 2 or care.shape != place.shape or not len(place):
        msg = f"ideals have shape {place.shape}, saliences {care.shape}: needed is one row for each veto player in both"
        raise UsageError(msg)
    if not (np.isfinite(place).all() and (care >= 0).all() and (care.sum(axis=1) > 0).all()):
        msg = "ideals must be numbers, saliences not negative and not all zero for any veto player"
        raise UsageError(msg)
    return place, care


def unanimity_core(ideals: ArrayLike, saliences: ArrayLike | None = None) -> UnanimityCore:
    """Return the points from which no move suits all veto players.

    Parameters
    ----------
    ideals : array_like, shape (n,) or (n, dims)
        Ideal points.
    saliences : array_like, optional
        Same shape; equal if left out.

    Returns
    -------
    UnanimityCore

    Examples
    --------
    >>> core = unanimity_core([[0, 0], [1, 0], [0, 1]])
    >>> core.contains([[0.2, 0.2], [0.9, 0.9]]).tolist()
    [True, False]
    """
    place, care = _players(ideals, saliences)
    return UnanimityCore(ideals=place, saliences=care, low=place.min(axis=0), high=place.max(axis=0))


def _box(centre: Floats, place: Floats, care: Floats, bounds: Floats | None) -> tuple[Floats, Floats]:
    """Box of the intersection of all players' preferred sets, cut at the policy space."""
    reach = np.sqrt(((care * (place - centre)) ** 2).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        half = np.where(care > 0, reach[:, None] / care, np.inf)
    low, high = (place - half).max(axis=0), (place + half).min(axis=0)
    if bounds is not None:
        low, high = np.maximum(low, bounds[:, 0]), np.minimum(high, bounds[:, 1])
    return low, high


def win_set(
    status_quo: ArrayLike,
    ideals: ArrayLike,
    saliences: ArrayLike | None = None,
    *,
    bounds: ArrayLike | None = None,
    samples: int = 20_000,
    seed: int = 0,
) -> WinSet:
    """Measure what every veto player prefers to the status quo.

    Parameters
    ----------
    status_quo : array_like, shape () or (dims,)
        Where things stand.
    ideals, saliences : array_like, shape (n,) or (n, dims)
        Ideal points of those who must consent, and how much each cares for each issue; equal if left out.
    bounds : array_like, shape (2,) or (dims, 2), optional
        Ends of the policy space. Needed where nobody cares for an issue.
    samples : int
        Points drawn in two or more dimensions.
    seed : int
        Seed of the points.

    Returns
    -------
    WinSet

    Raises
    ------
    UsageError
        Shapes that do not match, or a set without bound.

    Notes
    -----
    Tsebelis, G. (2002), Veto Players. In one dimension exact; else the share of points drawn in a box around the set,
    with Clopper-Pearson bounds.

    Examples
    --------
    >>> one = win_set(0.0, [2.0, 5.0])
    >>> one.size, one.low.tolist(), one.high.tolist()
    (4.0, [0.0], [4.0])
    >>> win_set(3.0, [2.0, 5.0]).can_move
    False
    """
    place, care = _players(ideals, saliences)
    here = np.atleast_1d(np.asarray(status_quo, dtype=np.float64))
    dims = place.shape[1]
    limits = None if bounds is None else np.asarray(bounds, dtype=np.float64).reshape(-1, 2)
    if here.shape != (dims,) or (limits is not None and limits.shape != (dims, 2)) or samples < 1:
        msg = f"status_quo {here.shape} and bounds, one (low, high) an issue, must fit ideals {place.shape}; samples at least 1"
        raise UsageError(msg)
    low, high = _box(here, place, care, limits)
    if not np.isfinite([low, high]).all():
        msg = "nobody cares for some issue, so what all accept there has no end: give bounds of the policy space"
        raise UsageError(msg)
    space = np.nan if limits is None else float((limits[:, 1] - limits[:, 0]).prod())
    nothing = np.full(dims, np.nan)
    fixed = bool(unanimity_core(place, care).contains(here)[0])
    if fixed or (high <= low).any():
        return WinSet(
            size=0.0,
            size_low=0.0,
            size_high=0.0,
            share=0.0 / space,
            low=nothing,
            high=nothing,
            can_move=False,
            samples=0,
        )
    volume = float((high - low).prod())
    if dims == 1:
        return WinSet(
            size=volume, size_low=volume, size_high=volume, share=volume / space, low=low, high=high, can_move=True,
            samples=0,
        )  # fmt: skip
    points = low + (high - low) * keyed_generator(seed, "win set").random((samples, dims))
    inside = np.ones(samples, dtype=bool)
    for ideal, weight in zip(place, care, strict=True):
        inside &= (((points - ideal) * weight) ** 2).sum(axis=1) < (((here - ideal) * weight) ** 2).sum()
    hits = int(inside.sum())
    lower = float(beta.ppf(0.025, hits, samples - hits + 1)) if hits else 0.0
    upper = float(beta.ppf(0.975, hits + 1, samples - hits)) if hits < samples else 1.0
    return WinSet(
        size=volume * hits / samples,
        size_low=volume * lower,
        size_high=volume * upper,
        share=volume * hits / samples / space,
        low=points[inside].min(axis=0) if hits else low,
        high=points[inside].max(axis=0) if hits else high,
        can_move=hits > 0 if limits is not None else True,
        samples=samples,
    )
