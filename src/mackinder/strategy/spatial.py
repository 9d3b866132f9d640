"""The spatial model of politics (KTAB): actors with positions, weight and salience challenge each other and bargain.

It is deterministic and behaves chaotically: noise of a thousandth in capabilities can move final positions by several
points of 100. One trajectory is for regression tests; results come from `spatial_bargaining_ensemble`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mackinder.draws import keyed_generator
from mackinder.errors import UsageError
from mackinder.strategy.spatial_settings import SpatialSettings

__all__ = ["Actors", "Trajectory", "read_actors", "scaled_places", "scaled_weights", "spatial_bargaining"]

Floats = NDArray[np.float64]
#: mean capability that the kernel sees: its constants are small beside it
_MEAN_CAPABILITY = 100.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """States of one run of the spatial model; a path, never a forecast.

    Attributes
    ----------
    positions : ndarray, shape (states, n, dims), units of the issue scale
        State 0 is the input.
    probabilities : ndarray, shape (states, n), dimensionless
        Chance that the actor's position wins; actors at one position share one chance.
    risk_attitudes : ndarray, shape (states, n), dimensionless
        Inferred risk attitudes.
    targets : ndarray of int64, shape (states, n)
        Whom each actor would challenge; -1 for nobody.
    victory : ndarray, shape (states, n)
        Chance against the target as the challenger sees it; not a number without one.
    gain : ndarray, shape (states, n)
        Expected gain in utility as the challenger sees it; not a number without a target.
    """

    positions: Floats
    probabilities: Floats
    risk_attitudes: Floats
    targets: NDArray[np.int64]
    victory: Floats
    gain: Floats

    @property
    def turns(self) -> int:
        """Number of turns played."""
        return len(self.positions) - 1


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Actors:
    """Checked and scaled actors in canonical order: what the kernel takes.

    Attributes
    ----------
    capability : ndarray, shape (n,)
        Weights with a mean of 100.
    position, salience : ndarray, shape (n, dims)
        On [0, 1].
    order : ndarray of int64, shape (n,)
        Index in the input of each actor here: ties are decided by this order, which does not depend on that of the
        input.
    turned : ndarray of bool, shape (dims,)
        Issues that run from the other end here: a case and its mirror image are one case to the kernel.
    """

    capability: Floats
    position: Floats
    salience: Floats
    order: NDArray[np.int64]
    turned: NDArray[np.bool_]

    def back(self, places: Floats) -> Floats:
        """Return places as the caller's scale runs, in [0, 1]."""
        return np.where(self.turned, 1.0 - places, places)


def _matrix(values: ArrayLike, actors: int, what: str) -> Floats:
    matrix = np.asarray(values, dtype=np.float64)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if matrix.ndim != 2 or len(matrix) != actors:
        msg = f"{what} has shape {np.shape(values)}: needed is one row for each of the {actors} actors in capability"
        raise UsageError(msg)
    return matrix


def _complain(what: str, bad: NDArray[np.bool_], values: Floats, cure: str) -> None:
    if bad.any():
        rows = np.flatnonzero(bad.reshape(len(bad), -1).any(axis=1))
        msg = f"{what} of actors {', '.join(map(str, rows[:5]))} (counted from 0) is {values[rows[0]]}: {cure}"
        raise UsageError(msg)


def _lean(capability: Floats, position: Floats, salience: Floats) -> Floats:
    """Sign of each issue's scale, by where the weight leans: a mirrored case has the opposite sign."""
    offset = np.round(position - 0.5, 12)
    order = np.lexsort(np.column_stack([offset, np.abs(offset), salience, capability[:, None]]).T)
    weight = (capability * salience.sum(axis=1))[:, None]
    lean = (weight * offset)[order].sum(axis=0)
    skew = (weight * offset**3)[order].sum(axis=0)
    turn: Floats = np.where(np.abs(lean) > 1e-9 * weight.sum(), np.sign(lean), np.where(skew < 0, -1.0, 1.0))
    return turn


def _canonical(
    capability: Floats, position: Floats, salience: Floats, names: Sequence[str] | None, turn: Floats
) -> NDArray[np.int64]:
    """Order that follows the actors through any relabelling: by name, else by weight, salience and place.

    Places are seen from the middle, and turned so that a mirrored case has the same order.
    """
    if names is not None:
        return np.argsort(np.asarray(names), kind="stable")
    offset = np.round(position - 0.5, 12)
    keys = [*(offset * turn).T[::-1], *np.abs(offset).T[::-1], *salience.T[::-1], -capability]
    return np.lexsort(keys)


def scaled_weights(capability: Floats) -> Floats:
    """Weights with a mean of 100 over the last axis, to 30 bits: another unit rounds to the same numbers."""
    part, power = np.frexp(capability / capability.mean(axis=-1, keepdims=True) * _MEAN_CAPABILITY)
    return np.ascontiguousarray(np.ldexp(np.round(part * 2.0**30) / 2.0**30, power))


def scaled_places(position: Floats, span: tuple[float, float], turned: NDArray[np.bool_]) -> Floats:
    """Places on [0, 1] to thirteen decimals, issues turned as asked for."""
    low, high = span
    place = np.round(np.clip((position - low) / (high - low), 0.0, 1.0), 13)
    return np.ascontiguousarray(np.where(turned, np.round(1.0 - place, 13), place))


def read_actors(
    capability: ArrayLike,
    position: ArrayLike,
    salience: ArrayLike,
    settings: SpatialSettings,
    names: Sequence[str] | None = None,
) -> Actors:
    """Check actors, bring them to the model's scales and put them into canonical order.

    Raises
    ------
    UsageError
        Shapes that do not match, capabilities that are not positive, positions off the scale, saliences that are
        negative, all zero, or add up to more than the whole.
    """
    weight = np.asarray(capability, dtype=np.float64)
    if weight.ndim != 1 or len(weight) < 2:
        msg = f"capability has shape {weight.shape}: needed is one number for each of at least two actors"
        raise UsageError(msg)
    n = len(weight)
    place, care = _matrix(position, n, "position"), _matrix(salience, n, "salience")
    if place.shape != care.shape:
        msg = f"position has shape {place.shape}, salience {care.shape}: both need one column for each issue"
        raise UsageError(msg)
    if names is not None and (len(names) != n or len(set(names)) != n):
        msg = f"names has {len(set(names))} different entries for {n} actors: give each actor a name of its own"
        raise UsageError(msg)
    low, high = settings.position_range
    _complain("capability", ~(np.isfinite(weight) & (weight > 0)), weight, "give a positive number")
    _complain(
        "position", ~((place >= low) & (place <= high)), place, f"it must lie in position_range {low:g}..{high:g}"
    )
    _complain("salience", ~(np.isfinite(care) & (care >= 0)), care, "give numbers that are not negative")
    total = care.sum(axis=1)
    if total.max() > 1.0 + 1e-9:  # percent; fractions never add up to more than one
        care, total = care / 100.0, total / 100.0
    off = ~((total > 0) & (total <= 1.0 + 1e-9))
    _complain("total salience", off, total, "it must be positive and at most 1 (or 100 %)")
    turn = _lean(weight, (place - low) / (high - low), care)
    order, turned = _canonical(weight, (place - low) / (high - low), care, names, turn), turn < 0
    return Actors(
        capability=scaled_weights(weight[order]),  # in order before the mean: another order differs in its last bit
        position=scaled_places(place[order], settings.position_range, turned),
        salience=np.ascontiguousarray(care[order]),
        order=order,
        turned=turned,
    )


def draw_uniforms(actors: Actors, names: Sequence[str] | None, seed: int, draws: int, turns: int) -> Floats:
    """Uniforms of stochastic transitions, shape (draws, turns, n): one stream for each actor, by name or rank."""
    labels = [str(rank) for rank in range(len(actors.order))] if names is None else [names[i] for i in actors.order]
    streams = [keyed_generator(seed, f"spatial/move/{label}").random((draws, turns)) for label in labels]
    return np.ascontiguousarray(np.stack(streams, axis=-1))


def spatial_bargaining(
    capability: ArrayLike,
    position: ArrayLike,
    salience: ArrayLike,
    transitions: str = "deterministic",
    *,
    names: Sequence[str] | None = None,
    seed: int | None = None,
    **settings: object,
) -> Trajectory:
    """Run the spatial model of politics once.

    Each actor infers risk attitudes from who would win, challenges the actor from whom it expects the greatest gain,
    and both face a bargain between their positions; all then weigh the bargains, and each actor takes one.

    Parameters
    ----------
    capability : array_like, shape (n,)
        Weights, positive, in any unit.
    position : array_like, shape (n,) or (n, dims), units of the issue scale
        Positions; the scale is 0 to 100 unless `position_range` says otherwise.
    salience : array_like, shape (n,) or (n, dims)
        How much of its attention an actor gives to each issue: fractions that add up to at most 1, or percent if
        some actor's add up to more than 1.
    transitions : str
        ``deterministic`` or ``stochastic``.
    names : sequence of str, optional
        Decide ties (by alphabet) and name the random streams. Without them ties are decided by weight, salience
        and distance from the middle, and the order of the input never counts.
    seed : int, optional
        Needed where transitions are stochastic.
    **settings
        Options of `SpatialSettings`.

    Returns
    -------
    Trajectory

    Raises
    ------
    UsageError
        Unknown options, or actors outside of their bounds.

    Notes
    -----
    Implements the model of Wise, Lester and Efird (2015), KAPSARC, as its open reference code computes it. Ties are
    decided without regard to order, so results are the same under relabelling, rescaled capabilities and mirrored scales.

    Examples
    --------
    >>> run = spatial_bargaining([100, 60, 40], [10.0, 50.0, 90.0], [0.8, 0.5, 0.9])
    >>> run.positions.shape[1:], bool(run.probabilities[0].sum() > 0.999)
    ((3, 1), True)
    """
    chosen = SpatialSettings(transitions=transitions, **settings)  # type: ignore[arg-type]  # checked by the class
    if chosen.transitions == "stochastic" and seed is None:
        msg = "stochastic transitions without a seed: give seed=, so that the run can be repeated"
        raise UsageError(msg)
    actors = read_actors(capability, position, salience, chosen, names)
    n, dims = actors.position.shape
    turns = chosen.max_turns
    uniform = draw_uniforms(actors, names, seed or 0, 1, turns)[0] if seed is not None else np.zeros((turns, n))
    places, shares = np.zeros((turns + 1, n, dims)), np.zeros((turns + 1, n))
    risks, seen = np.zeros((turns + 1, n)), np.zeros((turns + 1, n, 3))
    from mackinder.kernels.spatial import run_bargaining  # compiled code loads on first use

    states = run_bargaining(
        actors.capability,
        actors.position,
        actors.salience,
        chosen.accommodation_matrix(n)[np.ix_(actors.order, actors.order)],
        chosen.codes(),
        chosen.anchor,
        (chosen.min_turns, chosen.max_turns),
        chosen.stop_ratio,
        uniform,
        places,
        shares,
        risks,
        seen,
    )
    back = np.argsort(actors.order)
    low, high = chosen.position_range
    target = seen[:states, :, 0].astype(np.int64)
    named = np.where(target >= 0, actors.order[np.maximum(target, 0)], -1)
    without = target < 0
    return Trajectory(
        positions=(low + (high - low) * actors.back(places[:states]))[:, back],
        probabilities=shares[:states][:, back],
        risk_attitudes=risks[:states][:, back],
        targets=named[:, back],
        victory=np.where(without, np.nan, seen[:states, :, 1])[:, back],
        gain=np.where(without, np.nan, seen[:states, :, 2])[:, back],
    )
