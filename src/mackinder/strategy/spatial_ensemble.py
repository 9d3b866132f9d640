"""The spatial model of politics over many draws: the only form in which its results are shown."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mackinder.draws import Design
from mackinder.errors import NotRankedError, UsageError
from mackinder.strategy.central import weighted_mean, weighted_median
from mackinder.strategy.spatial import draw_uniforms, read_actors, scaled_places, scaled_weights
from mackinder.strategy.spatial_settings import SpatialSettings

__all__ = ["LEAST_DRAWS", "SpatialEnsemble", "spatial_bargaining_ensemble"]

Floats = NDArray[np.float64]
#: fewer draws show too little of a chaotic model
LEAST_DRAWS: Final = 1000
#: turns kept beside the end: later ones say little
_KEPT: Final = 3
_QUANTILES: Final = (0.05, 0.5, 0.95)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SpatialEnsemble:
    """Distributions over draws of the spatial model, and the plain predictions beside them.

    Attributes
    ----------
    names : tuple of str
        Actors, in the order of the input.
    stages : tuple of str
        ``turn 1``, ``turn 2``, ``turn 3`` and ``end``: the second axis of what follows.
    positions : ndarray, shape (draws, 4, n, dims), units of the issue scale
        Positions of actors.
    win_probability : ndarray, shape (draws, 4, n), dimensionless
        Chance that the actor's position wins.
    outcome : ndarray, shape (draws, 4, dims), units of the issue scale
        Position of the likeliest winner.
    weighted_mean, weighted_median : ndarray, shape (draws, dims), units of the issue scale
        Of the positions before any bargaining.
    status_quo : ndarray or None, shape (dims,)
        As given.
    chaos_index : float or None
        Standard deviation of final positions over that of the inputs, both in percent, with deterministic
        transitions, so that only the inputs vary; None where no input varies.
    mean_index : float or None
        The same for the weighted mean.
    turns_played : ndarray of int64, shape (draws,)
        Turns until the draw stopped.
    """

    names: tuple[str, ...]
    stages: tuple[str, ...]
    positions: Floats
    win_probability: Floats
    outcome: Floats
    weighted_mean: Floats
    weighted_median: Floats
    status_quo: Floats | None
    chaos_index: float | None
    mean_index: float | None
    turns_played: NDArray[np.int64]

    def interval(self, quantity: str, stage: str = "end") -> Floats:
        """Return the 5, 50 and 95 % points of ``positions``, ``win_probability`` or ``outcome``, first axis 3."""
        known = ("positions", "win_probability", "outcome")
        if quantity not in known or stage not in self.stages:
            msg = f"{quantity!r} at {stage!r}: quantities are {', '.join(known)}; stages are {', '.join(self.stages)}"
            raise UsageError(msg)
        values: Floats = getattr(self, quantity)
        points: Floats = np.quantile(values[:, self.stages.index(stage)], _QUANTILES, axis=0)
        return points

    def ranking(self, stage: str = "end") -> tuple[str, ...]:
        """Return actors by chance to win, highest first.

        Raises
        ------
        NotRankedError
            The 90 % intervals of two neighbours in the order overlap.
        """
        low, middle, high = self.interval("win_probability", stage)
        order = np.argsort(-middle, kind="stable")
        for first, second in itertools.pairwise(order):
            if low[first] <= high[second]:
                msg = (
                    f"actors are not ranked at {stage}: the intervals of {self.names[first]} ({low[first]:.2f} to "
                    f"{high[first]:.2f}) and {self.names[second]} ({low[second]:.2f} to {high[second]:.2f}) overlap; "
                    "show the intervals instead"
                )
                raise NotRankedError(msg)
        return tuple(self.names[i] for i in order)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Inputs:
    capability: Floats  # (draws, n)
    position: Floats  # (draws, n, dims), units of the scale
    salience: Floats  # (draws, n, dims)


def _spread(
    values: ArrayLike, ndim: int, noise: float, kind: str, names: Sequence[str], design: Design, scale: float | None
) -> Floats:
    """Draws of one kind of input: as given if it has an axis of draws, else the central value with noise."""
    central = np.asarray(values, dtype=np.float64)
    if central.ndim == ndim + 1:
        if len(central) != design.draws or noise:
            msg = f"{kind} has {len(central)} draws of its own: give draws={len(central)}, and no noise for it"
            raise UsageError(msg)
        return central
    if ndim == 2 and central.ndim == 1:
        central = central[:, None]
    if not 0 <= noise < np.inf or len(central) != len(names):
        msg = f"{kind} has {len(central)} rows for {len(names)} actors and noise {noise}: noise must not be negative"
        raise UsageError(msg)
    columns = central.reshape(len(central), -1)
    z = np.stack(
        [
            np.stack([design.normal(f"spatial/{kind}/{name}/{k}") for k in range(columns.shape[1])], axis=-1)
            for name in names
        ],
        axis=1,
    ).reshape(design.draws, *central.shape)
    drawn: Floats = central * np.exp(noise * z) if scale is None else central + noise * scale * z
    return drawn


def _central(values: ArrayLike, ndim: int) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    return array.mean(axis=0) if array.ndim == ndim + 1 else array


def _relative_sd(inputs: _Inputs, span: float) -> float:
    """Root mean square of the standard deviations of the inputs that vary, in percent of their size or scale."""
    parts = [
        inputs.capability.std(axis=0) / inputs.capability.mean(axis=0),
        inputs.position.std(axis=0).ravel() / span,
        inputs.salience.std(axis=0).ravel() / np.maximum(inputs.salience.mean(axis=0).ravel(), 1e-300),
    ]
    varying = [part for part in parts if (part > 1e-12).any()]
    return float(100 * np.sqrt(np.mean(np.concatenate(varying) ** 2))) if varying else 0.0


def _run(
    inputs: _Inputs, settings: SpatialSettings, names: Sequence[str] | None, seed: int
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Run all draws; return positions (draws, stages, n, dims), chances (draws, stages, n) and states (draws,)."""
    from mackinder.kernels.spatial import run_many  # compiled code loads on first use

    draws, n, dims = inputs.position.shape
    actors = read_actors(
        inputs.capability.mean(axis=0), inputs.position.mean(axis=0), inputs.salience.mean(axis=0), settings, names
    )
    order = actors.order
    low, high = settings.position_range
    weight = scaled_weights(inputs.capability[:, order])
    percent = inputs.salience.mean(axis=0).sum(axis=-1).max() > 1.0 + 1e-9
    care = np.ascontiguousarray(inputs.salience[:, order] / (100.0 if percent else 1.0))
    care /= np.maximum(care.sum(axis=2, keepdims=True), 1.0)  # a draw above the whole attention is the whole of it
    place = scaled_places(inputs.position[:, order], settings.position_range, actors.turned)
    stochastic = settings.transitions == "stochastic"
    uniform = (
        draw_uniforms(actors, names, seed, draws, settings.max_turns)
        if stochastic
        else np.zeros((1, settings.max_turns, n))
    )
    places, shares = np.zeros((draws, _KEPT + 1, n, dims)), np.zeros((draws, _KEPT + 1, n))
    states = np.zeros(draws, dtype=np.int64)
    matrix = settings.accommodation_matrix(n)[np.ix_(order, order)]
    turns = (settings.min_turns, settings.max_turns)
    run_many(
        weight, place, care, matrix, settings.codes(), settings.anchor, turns, settings.stop_ratio, uniform, _KEPT,
        places, shares, states,
    )  # fmt: skip
    back = np.argsort(order)
    return low + (high - low) * actors.back(places)[:, :, back], shares[:, :, back], states


def spatial_bargaining_ensemble(
    capability: ArrayLike,
    position: ArrayLike,
    salience: ArrayLike,
    *,
    draws: int = LEAST_DRAWS,
    seed: int = 0,
    capability_noise: float = 0.0,
    position_noise: float = 0.0,
    salience_noise: float = 0.0,
    names: Sequence[str] | None = None,
    status_quo: ArrayLike | None = None,
    transitions: str = "stochastic",
    **settings: object,
) -> SpatialEnsemble:
    """Run the spatial model of politics over draws of its inputs.

    Parameters
    ----------
    capability : array_like, shape (n,) or (draws, n)
        Weights, or draws of them.
    position, salience : array_like, shape (n,), (n, dims) or (draws, n, dims)
        As in `spatial_bargaining`, or draws of them.
    draws : int
        At least 1,000.
    seed : int
        Names the streams of draws; each actor and each input has its own.
    capability_noise, salience_noise : float
        Standard deviation of the logarithm.
    position_noise : float, units of the issue scale
        Standard deviation; draws beyond the ends of the scale stay at the ends.
    names : sequence of str, optional
        Names of actors: they key the draws, so that adding an actor moves no other's. Without them actors are known
        by their rank in weight.
    status_quo : array_like, optional
        Shown beside the results.
    transitions : str
        ``stochastic`` unless told otherwise.
    **settings
        Options of `SpatialSettings`.

    Returns
    -------
    SpatialEnsemble

    Raises
    ------
    UsageError
        Fewer than 1,000 draws, or inputs outside of their bounds.

    Examples
    --------
    >>> many = spatial_bargaining_ensemble(
    ...     [100, 60, 40], [10.0, 50.0, 90.0], [0.8, 0.5, 0.9], capability_noise=0.1, names=["A", "B", "C"]
    ... )
    >>> many.positions.shape, many.interval("outcome").shape, many.chaos_index > many.mean_index
    ((1000, 4, 3, 1), (3, 1), True)
    """
    chosen = SpatialSettings(transitions=transitions, **settings)  # type: ignore[arg-type]  # checked by the class
    if draws < LEAST_DRAWS:
        msg = f"draws={draws}: the spatial model is chaotic and is not shown with fewer than {LEAST_DRAWS:,} draws"
        raise UsageError(msg)
    centre = _central(capability, 1)
    actors = read_actors(centre, _central(position, 2), _central(salience, 2), chosen, names)
    rank = np.argsort(actors.order)
    keys = [str(r) for r in rank] if names is None else list(names)
    design = Design(seed=seed, draws=draws, common_share=0.0)
    low, high = chosen.position_range
    inputs = _Inputs(
        capability=_spread(capability, 1, capability_noise, "capability", keys, design, None),
        position=np.clip(_spread(position, 2, position_noise, "position", keys, design, 1.0), low, high),
        salience=_spread(salience, 2, salience_noise, "salience", keys, design, None),
    )
    places, shares, states = _run(inputs, chosen, names, seed)
    mean = weighted_mean(inputs.position, inputs.capability, inputs.salience)
    moved = _relative_sd(inputs, high - low)
    chaos = mean_index = None
    if moved > 0:
        sure = dataclasses.replace(chosen, transitions="deterministic")
        end = places[:, -1] if chosen.transitions == "deterministic" else _run(inputs, sure, names, seed)[0][:, -1]
        percent = 100 / (high - low)
        chaos = float(np.median(np.sqrt((end.std(axis=0) ** 2).mean(axis=-1))) * percent / moved)
        mean_index = float(np.sqrt((mean.std(axis=0) ** 2).mean()) * percent / moved)
    winner = shares.argmax(axis=2)
    return SpatialEnsemble(
        names=tuple(names) if names is not None else tuple(str(i) for i in range(len(centre))),
        stages=(*(f"turn {t + 1}" for t in range(_KEPT)), "end"),
        positions=places,
        win_probability=shares,
        outcome=np.take_along_axis(places, winner[..., None, None], axis=2)[:, :, 0],
        weighted_mean=mean,
        weighted_median=weighted_median(inputs.position, inputs.capability, inputs.salience),
        status_quo=None if status_quo is None else np.atleast_1d(np.asarray(status_quo, dtype=np.float64)),
        chaos_index=chaos,
        mean_index=mean_index,
        turns_played=states - 1,
    )
