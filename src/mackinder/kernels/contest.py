"""Contests between options: votes, coalitions, chances of victory, and the share of success of each option."""

from __future__ import annotations

from mackinder.kernels import CACHE
from mackinder.kernels.inner import inner

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["bargaining_utility", "contest_probabilities", "option_shares", "vote"]

#: weakest coalition behind an option, so that no contest is nothing against nothing
_MIN_COALITION = 1e-8
#: an advantage that is certain to win under the binary rule
_CERTAIN = 1.1
#: what the weaker side keeps then
_HOPELESS = 1e-6
#: a difference of utility that counts as full under the binary vote, and one that is rounding of equal utilities
_BINARY, _NOTHING = 1e-8, 1e-11


@inner()
def bargaining_utility(distance: float, risk: float) -> float:
    """Return the utility of a position at a salience-weighted distance, for a risk attitude in [-1, 1]."""
    if distance <= 1.0:
        return (1.0 - distance) * (1.0 + distance * risk)
    return (1.0 - distance) * (1.0 + risk)


@nb.njit(cache=CACHE, nogil=True)
def vote(rule: int, weight: float, gain: float) -> float:
    """Return the vote, positive for the first option, of an actor whose utility is higher there by ``gain``."""
    if abs(gain) < _NOTHING:
        return 0.0
    if rule == 2:
        return weight * gain
    if rule == 0:
        return weight * min(max(gain / _BINARY, -1.0), 1.0)
    if rule == 1:
        return weight * (0.8 * gain + 0.2 * min(max(gain / _BINARY, -1.0), 1.0))
    if rule == 3:
        return weight * (0.5 * gain + 0.5 * gain**3)
    if rule == 4:
        return weight * gain**3
    return weight * gain if gain < 0.0 else weight * 2.0 * gain / 3.0


@inner()
def _victory(rule: int, ours: float, theirs: float) -> float:
    if rule == 4:
        if ours >= _CERTAIN * theirs:
            return 1.0 / (1.0 + _HOPELESS)
        if theirs >= _CERTAIN * ours:
            return _HOPELESS / (1.0 + _HOPELESS)
        return (ours / (ours + theirs) * (_CERTAIN + 1.0) - 1.0) / (_CERTAIN - 1.0)
    # the ratio first: a high power of a large coalition would leave the range of numbers
    ratio = theirs / ours
    for _ in range(rule):
        ratio *= ratio
    return 1.0 / (1.0 + ratio)


@inner()
def contest_probabilities(
    weight: NDArray[np.float64],
    utility: NDArray[np.float64],
    vote_rule: int,
    victory_rule: int,
    coalition: NDArray[np.float64],
    chance: NDArray[np.float64],
) -> None:
    """Fill the coalitions behind each option against each other, and the chances that it wins.

    Parameters
    ----------
    weight : ndarray, shape (n_actors,)
        Strength of each actor, positive.
    utility : ndarray, shape (n_actors, n_options)
        Utility of each option to each actor.
    vote_rule, victory_rule : int
        Codes of the options.
    coalition, chance : ndarray, shape (n_options, n_options)
        Outputs; the diagonal of ``chance`` is one half.
    """
    actors, options = utility.shape
    for i in range(options):
        coalition[i, i] = _MIN_COALITION
        chance[i, i] = 0.5
        for j in range(i):
            ours, theirs = _MIN_COALITION, _MIN_COALITION
            for k in range(actors):
                gain = utility[k, i] - utility[k, j]
                if gain > 0.0:
                    ours += vote(vote_rule, weight[k], gain)
                elif gain < 0.0:
                    theirs += vote(vote_rule, weight[k], -gain)
            coalition[i, j], coalition[j, i] = ours, theirs
            chance[i, j] = _victory(victory_rule, ours, theirs)
            chance[j, i] = _victory(victory_rule, theirs, ours)


@inner()
def _conditional(chance: NDArray[np.float64], share: NDArray[np.float64]) -> None:
    """Chance to beat all others, given that one option does; in logarithms, as the products can be very small."""
    n = len(share)
    top = -np.inf
    for i in range(n):
        share[i] = 0.0
        for j in range(n):
            share[i] += np.log(chance[i, j])
        top = max(top, share[i])
    total = 0.0
    for i in range(n):
        share[i] = np.exp(share[i] - top)
        total += share[i]
    for i in range(n):
        share[i] /= total


@inner()
def _stationary(rate: NDArray[np.float64], share: NDArray[np.float64]) -> None:
    """Stationary shares of a chain with rates from row to column, all positive; the rates are overwritten.

    Grassmann, Taksar and Heyman (1985), Oper. Res. 33: no subtraction, so that chains that hardly move are no harder.
    """
    n = len(share)
    for k in range(n - 1, 0, -1):
        out = 0.0
        for j in range(k):
            out += rate[k, j]
        for i in range(k):
            rate[i, k] /= out
        for i in range(k):
            for j in range(k):
                if i != j:
                    rate[i, j] += rate[i, k] * rate[k, j]
    share[0] = 1.0
    total = 1.0
    for k in range(1, n):
        share[k] = 0.0
        for i in range(k):
            share[k] += share[i] * rate[i, k]
        total += share[k]
    for k in range(n):
        share[k] /= total


@inner()
def option_shares(
    weight: NDArray[np.float64],
    utility: NDArray[np.float64],
    vote_rule: int,
    victory_rule: int,
    choice_rule: int,
    share: NDArray[np.float64],
) -> None:
    """Fill the share of success of each option.

    Conditional: the chance to beat all others, given that one option does. Markov: the favourite is challenged, by all
    alike or by each with the force of its coalition times its chance, until the shares stand still.
    """
    n = utility.shape[1]
    coalition, chance = np.zeros((n, n)), np.zeros((n, n))
    contest_probabilities(weight, utility, vote_rule, victory_rule, coalition, chance)
    if choice_rule == 0:
        _conditional(chance, share)
        return
    rate = np.zeros((n, n))  # from favourite to challenger
    for j in range(n):
        total = 0.0
        for i in range(n):
            total += coalition[i, j] * chance[i, j] + (1e-10 if i == j else 0.0)
        for i in range(n):
            called = 1.0 / n if choice_rule == 2 else coalition[i, j] * chance[i, j] / total
            rate[j, i] = called * chance[i, j]
    _stationary(rate, share)
