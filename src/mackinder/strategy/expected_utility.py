"""Bueno de Mesquita's expected-utility model, first round: a benchmark, not a forecast.

There is no one algorithm of that name: published descriptions and open codes differ in how a chance of victory is
computed, so the formula is an option.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mackinder.errors import UsageError, did_you_mean
from mackinder.strategy.central import condorcet_winner, weighted_mean

__all__ = ["ExpectedUtilityRound", "expected_utility_round"]

Floats = NDArray[np.float64]
_RULES: Final = ("masad", "paper", "mckibben")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedUtilityRound:
    """First round of the expected-utility model.

    Attributes
    ----------
    risk_exponents : ndarray, shape (n,)
        r in [0.5, 2]; above one: averse to risk.
    expected_utility : ndarray, shape (n, n)
        Of challenging column, for row; the diagonal is zero.
    probability : ndarray, shape (n, n)
        Chance that row prevails over column.
    condorcet_winner : float or None
        Position that no other beats, if there is one.
    weighted_mean : float
        Mean position by capability times salience.
    """

    risk_exponents: Floats
    expected_utility: Floats
    probability: Floats
    condorcet_winner: float | None
    weighted_mean: float


def _probability(place: Floats, strength: Floats, span: float, rule: str) -> Floats:
    """Chance that row prevails over column, shape (n, n); one half where nobody cares."""
    gap = np.abs(place[:, None] - place[None, :]) / span
    votes = strength[:, None, None] * (gap[:, None, :] - gap[:, :, None])  # voter, row, column
    force = np.abs(votes).sum(axis=0)
    cast = votes.sum(axis=0, keepdims=True) if rule == "masad" else votes
    won = np.maximum(cast, 0.0).sum(axis=0)
    if rule == "mckibben":
        total = np.full_like(force, won.sum())
        force = np.where(force > 0, total, 0.0)
    chance: Floats = np.divide(won, force, out=np.full_like(won, 0.5), where=force > 0)
    return chance


def _utilities(
    place: Floats, middle: float, care: Floats, span: float, chance: Floats, r: Floats, stay: float, better: float
) -> Floats:
    """Expected utility to row of challenging column, shape (n, n), where row has risk exponent ``r``."""
    gap = np.abs(place[:, None] - place[None, :]) / span
    to_middle = (np.abs(place - middle) / span)[:, None]
    power = r[:, None]
    success, failure = 2 - 4 * (0.5 - 0.5 * gap) ** power, 2 - 4 * (0.5 + 0.5 * gap) ** power
    same = 2 - 4 * 0.5**power
    up = 2 - 4 * (0.5 - 0.25 * (to_middle + gap)) ** power
    down = 2 - 4 * (0.5 + 0.25 * (to_middle + gap)) ** power
    challenge = care[None, :] * (chance * success + (1 - chance) * failure) + (1 - care[None, :]) * success
    value: Floats = challenge - (stay * same + (1 - stay) * (better * up + (1 - better) * down))
    np.fill_diagonal(value, 0.0)
    return value


def expected_utility_round(
    capability: ArrayLike,
    position: ArrayLike,
    salience: ArrayLike,
    *,
    probability_rule: str = "masad",
    status_quo_chance: float = 1.0,
    improvement_chance: float = 1.0,
    position_range: tuple[float, float] | None = None,
) -> ExpectedUtilityRound:
    """Compute risk exponents and expected utilities of the first round.

    Parameters
    ----------
    capability, position : array_like, shape (n,)
        Weights; positions on one issue.
    salience : array_like, shape (n,)
        In [0, 1].
    probability_rule : str
        ``masad``: net votes, not below zero, over all votes cast; ``paper``: votes for over all votes cast;
        ``mckibben``: votes for over the votes of all pairs together.
    status_quo_chance : float
        Q, the chance that the other stays where it is if not challenged.
    improvement_chance : float
        T, the chance that it comes nearer if it moves.
    position_range : (float, float), optional
        Ends of the issue scale; those of the positions if left out.

    Returns
    -------
    ExpectedUtilityRound

    Raises
    ------
    UsageError
        An unknown rule, or inputs outside of their bounds.

    Notes
    -----
    Bueno de Mesquita, B. (1985); equations as read by Scholz, J., Calbert, G. and Smith, G. (2011), J. Theor. Politics
    23. The exponents come from how secure each actor is against all others at risk neutrality.

    Examples
    --------
    >>> first = expected_utility_round([1, 1, 2], [0.0, 5.0, 10.0], [0.5, 0.5, 0.5])
    >>> first.weighted_mean, first.risk_exponents.min() >= 0.5
    (6.25, np.True_)
    """
    if probability_rule not in _RULES:
        raise UsageError(did_you_mean(probability_rule, _RULES, what="probability_rule"))
    weight, place, care = (np.asarray(a, dtype=np.float64) for a in (capability, position, salience))
    low, high = position_range if position_range is not None else (float(place.min()), float(place.max()))
    if not (weight.shape == place.shape == care.shape and place.ndim == 1 and len(place) > 1):
        msg = f"capability {weight.shape}, position {place.shape}, salience {care.shape}: needed is one number an actor"
        raise UsageError(msg)
    sound = (weight > 0) & (care >= 0) & (care <= 1) & (place >= low) & (place <= high)
    if not sound.all() or not low < high or not 0 <= status_quo_chance <= 1 or not 0 <= improvement_chance <= 1:
        rows = ", ".join(map(str, np.flatnonzero(~sound)[:5])) or "none"
        msg = (
            f"actors {rows} (counted from 0) have a capability that is not positive, a salience outside of [0, 1] or a "
            f"position outside of {low:g}..{high:g}; that range must not be empty, and chances lie in [0, 1]"
        )
        raise UsageError(msg)
    middle_of = condorcet_winner(place, weight, care)
    mean = float(weighted_mean(place, weight, care)[0])
    middle = mean if middle_of is None else middle_of
    chance = _probability(place, weight * care, high - low, probability_rule)
    neutral = np.ones(len(place))
    given = (status_quo_chance, improvement_chance)
    threat = _utilities(place, middle, care, high - low, chance, neutral, *given).sum(axis=0)
    spread = np.ptp(threat)
    risk = (2 * threat - threat.max() - threat.min()) / spread if spread > 1e-12 else np.zeros(len(place))
    exponents = (1 - risk / 3) / (1 + risk / 3)
    return ExpectedUtilityRound(
        risk_exponents=exponents,
        expected_utility=_utilities(place, middle, care, high - low, chance, exponents, *given),
        probability=chance,
        condorcet_winner=middle_of,
        weighted_mean=mean,
    )
