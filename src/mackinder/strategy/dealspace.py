"""Bargaining over the terms: spatial model as an ensemble under several capability mappings, win set, splits (C103)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mackinder.errors import NoAgreementError, NotConvergedError
from mackinder.strategy.axiomatic import kalai_smorodinsky, nash_bargaining
from mackinder.strategy.spatial_ensemble import LEAST_DRAWS, spatial_bargaining_ensemble
from mackinder.strategy.stated import Stated
from mackinder.strategy.valuation import Terms, Valuation
from mackinder.strategy.vetoes import unanimity_core, win_set

__all__ = [
    "Bargain",
    "Split",
    "VetoSpace",
    "capability_mappings",
    "lottery_splits",
    "money_split",
    "spatial_bargains",
    "veto_space",
]

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Bargain:
    """The spatial model under one mapping from means to capability.

    Attributes
    ----------
    mapping : str
        Name of the mapping.
    capability : mapping of str to float
        Weight of each actor, mean 1.
    stage : str
        Turn, or end.
    outcome : mapping of str to ndarray, shape (3,), 0 to 100
        Issue -> 5, 50 and 95 % points of the position likeliest to win.
    mean, median : mapping of str to ndarray, shape (3,)
        The same for the weighted mean and median of the same draws.
    nearest : mapping of str to float
        Share of draws whose outcome lies nearest to each arrangement.
    nearest_mean : mapping of str to float
        The same for the weighted mean.
    chaos_index, mean_index : float
        Noise of outcomes over noise of inputs, of the model and of the mean.
    """

    mapping: str
    capability: Mapping[str, float]
    stage: str
    outcome: Mapping[str, Floats]
    mean: Mapping[str, Floats]
    median: Mapping[str, Floats]
    nearest: Mapping[str, float]
    nearest_mean: Mapping[str, float]
    chaos_index: float
    mean_index: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class VetoSpace:
    """What those whose consent is needed all prefer to the status quo, on the issues of the terms.

    Attributes
    ----------
    arrangement : str
        Whose list of consent.
    can_move : float
        Share of draws in which anything at all suits all.
    size : ndarray, shape (3,)
        5, 50 and 95 % points of the share of the space of terms that suits all.
    inside : float
        Share of draws in which the arrangement itself suits all.
    quo_in_core : float
        Share of draws in which the status quo lies in the unanimity core: no move suits all.
    draws : int
        Draws.
    """

    arrangement: str
    can_move: float
    size: Floats
    inside: float
    quo_in_core: float
    draws: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A division of what an arrangement adds, shares of the surplus by actor, shape (draws, actors)."""

    rule: str
    actors: tuple[str, ...]
    gains: Floats
    agreed: float


def capability_mappings(
    actors: Sequence[str], gdp: Floats, withholding: Floats, ties: Mapping[str, float] | None, locals_: Sequence[str]
) -> dict[str, Floats]:
    """Return weights of actors under each mapping, mean 1; all are published and none is preferred.

    Parameters
    ----------
    actors : sequence of str
        Who bargains.
    gdp : ndarray, shape (actors,), USD m
        Products: ``economy`` is their square root.
    withholding : ndarray, shape (actors,), USD m/yr
        What closing all it can close would cost the local states: ``withholding`` is its share, beside a floor of a
        hundredth of the greatest so that nobody has none.
    ties : mapping of str to float, optional
        Ties capacity on the local states, summed.
    locals_ : sequence of str
        States on whose ground the route runs. They hold as much as the strongest outsider: it is their consent.
    """
    found = {"equal": np.ones(len(actors)), "economy": np.sqrt(gdp)}
    rows = {"withholding": withholding}
    if ties is not None:
        rows["ties"] = np.array([ties.get(actor, 0.0) for actor in actors])
    for name, row in rows.items():
        outside = [i for i, actor in enumerate(actors) if actor not in locals_]
        top = float(row[outside].max()) if outside else 0.0
        if top <= 0:
            continue
        weight = np.maximum(row, 0.01 * top)
        weight[[i for i, actor in enumerate(actors) if actor in locals_]] = top
        found[name] = weight
    return {name: weight / weight.mean() for name, weight in found.items()}


def _nearest(points: Floats, terms: Floats, names: Sequence[str]) -> dict[str, float]:
    """Share of points (draws, issues) nearest to each arrangement (draws, arrangements, issues)."""
    gap = np.sqrt(((points[:, None, :] - terms) ** 2).sum(axis=-1))
    near = gap.argmin(axis=1)
    return {name: float((near == a).mean()) for a, name in enumerate(names)}


def spatial_bargains(
    stated: Stated, terms: Terms, mappings: Mapping[str, Floats], status_quo: str, *, noise: float, seed: int
) -> list[Bargain]:
    """Run the spatial model on drawn positions, once a mapping, and say which arrangement outcomes lie nearest to.

    Parameters
    ----------
    stated, terms
        At least 1,000 draws. An actor that has stated nothing on an issue does not care about it.
    mappings : mapping of str to ndarray, shape (actors,)
        Capabilities.
    noise : float
        Standard deviation of the logarithm of capabilities, in every mapping.

    Notes
    -----
    The headline is the third turn: later turns are noise, and the index of chaos says how much.
    """
    names = [issue for issue in terms.issues if np.isfinite(terms.place[:, :, terms.issues.index(issue)]).all()]
    mine, theirs = [stated.issues.index(k) for k in names], [terms.issues.index(k) for k in names]
    draws = max(LEAST_DRAWS, len(stated.position))
    row = np.arange(draws) % len(stated.position)
    place, care = stated.position[row][:, :, mine], stated.salience[row][:, :, mine]
    heard = [i for i in range(len(stated.actors)) if care[:, i].sum(axis=-1).min() > 0]
    place = np.where(np.isnan(place), 50.0, place)[:, heard]
    care = care[:, heard] / len(names)
    actors = [stated.actors[i] for i in heard]
    targets = terms.place[row][:, :, theirs]
    quo = np.median(targets[:, terms.arrangements.index(status_quo)], axis=0)
    found = []
    for name, weight in mappings.items():
        many = spatial_bargaining_ensemble(
            weight[heard], place, care, draws=draws, seed=seed, capability_noise=noise, names=actors, status_quo=quo
        )
        stage = "turn 3"
        outcome = many.outcome[:, many.stages.index(stage)]
        points = {
            "outcome": many.interval("outcome", stage),
            "mean": np.quantile(many.weighted_mean, [0.05, 0.5, 0.95], axis=0),
            "median": np.quantile(many.weighted_median, [0.05, 0.5, 0.95], axis=0),
        }
        found.append(
            Bargain(
                mapping=name,
                capability=dict(zip(actors, weight[heard].tolist(), strict=True)),
                stage=stage,
                **{key: {issue: value[:, k] for k, issue in enumerate(names)} for key, value in points.items()},
                nearest=_nearest(outcome, targets, terms.arrangements),
                nearest_mean=_nearest(many.weighted_mean, targets, terms.arrangements),
                chaos_index=float(many.chaos_index or 0.0),
                mean_index=float(many.mean_index or 0.0),
            )
        )
    return found


def veto_space(
    stated: Stated, terms: Terms, arrangement: str, status_quo: str, consenting: Sequence[str], *, draws: int, seed: int
) -> VetoSpace | None:
    """Measure win set and unanimity core of those whose consent is needed; None where some of them stated too little."""
    at = [stated.actors.index(p) for p in consenting if p in stated.actors]
    names = [
        issue
        for issue in terms.issues
        if np.isfinite(stated.position[:, at, stated.issues.index(issue)]).all()
        and np.isfinite(terms.place[:, :, terms.issues.index(issue)]).all()
    ]
    if len(at) < len(consenting) or not names:
        return None
    mine, theirs = [stated.issues.index(k) for k in names], [terms.issues.index(k) for k in names]
    quo, here = terms.arrangements.index(status_quo), terms.arrangements.index(arrangement)
    count = min(draws, len(stated.position))
    size, moves, inside, core = np.zeros(count), 0, 0, 0
    for d in range(count):
        ideals, care = stated.position[d][np.ix_(at, mine)], np.maximum(stated.salience[d][np.ix_(at, mine)], 1e-3)
        start, plan = terms.place[d, quo, theirs], terms.place[d, here, theirs]
        fixed = bool(unanimity_core(ideals, care).contains(start)[0])
        core += fixed
        if not fixed:
            found = win_set(start, ideals, care, bounds=np.tile([0.0, 100.0], (len(names), 1)), samples=2000, seed=seed)
            size[d] = found.share
            moves += found.can_move
        far = (((start - ideals) * care) ** 2).sum(axis=1)
        inside += bool(((((plan - ideals) * care) ** 2).sum(axis=1) < far).all())
    return VetoSpace(
        arrangement=arrangement, can_move=moves / count, size=np.quantile(size, [0.05, 0.5, 0.95]), inside=inside / count,
        quo_in_core=core / count, draws=count,
    )  # fmt: skip


def money_split(surplus: Floats, weights: Floats | None, count: int) -> Floats:
    """Shares of a surplus in money by Nash's rule, with weights or equal: shape (count,).

    With side payments every party can gain the whole surplus, so Kalai and Smorodinsky divide it equally as well.

    Examples
    --------
    >>> money_split(10.0, None, 2).tolist(), money_split(10.0, [3, 1], 2).round(3).tolist()
    ([5.0, 5.0], [7.5, 2.5])
    """
    alpha = np.full(count, 1.0 / count) if weights is None else np.asarray(weights, dtype=np.float64)
    return np.asarray(alpha / alpha.sum() * surplus, dtype=np.float64)


def lottery_splits(valuation: Valuation, parties: Sequence[str], *, draws: int) -> list[Split]:
    """Split without side payments: Nash and Kalai-Smorodinsky over lotteries of arrangements, in a sample of draws.

    Gains are in per cent of each party's product; a draw in which no lottery is better for all counts as no agreement.
    """
    at = [valuation.actors.index(p) for p in parties]
    total = valuation.total
    count = min(draws, len(total))
    found = []
    for rule, solve in (("nash", nash_bargaining), ("kalai-smorodinsky", kalai_smorodinsky)):
        gains = np.full((count, len(at)), np.nan)
        for d in range(count):
            try:
                gains[d] = solve(total[d][:, at], np.zeros(len(at))).gains
            except (NoAgreementError, NotConvergedError):
                continue
        found.append(
            Split(rule=rule, actors=tuple(parties), gains=gains, agreed=float(np.isfinite(gains[:, 0]).mean()))
        )
    return found
