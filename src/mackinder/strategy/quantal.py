"""Logit quantal response equilibrium of games in normal form: each action in proportion to exp(precision x payoff).

Precision has the unit of one over payoff: payoffs times ten with a tenth of the precision are the same game.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2

from mackinder.errors import UsageError
from mackinder.strategy.branch import Branch, follow

__all__ = ["QuantalFit", "QuantalResponse", "expected_payoffs", "fit_qre", "logit_qre", "read_payoffs"]

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class QuantalResponse:
    """Quantal responses on the principal branch.

    Attributes
    ----------
    precision : ndarray, shape () or (m,), 1/payoff
        As asked for.
    strategies : tuple of ndarray, shape (actions,) or (m, actions)
        Probabilities of each player's actions; ``response[i]`` is that of player i.
    turns : int
        How often the branch turned back: above zero, other responses exist at the same precision.
    """

    precision: Floats
    strategies: tuple[Floats, ...]
    turns: int

    def __getitem__(self, player: int) -> Floats:
        return self.strategies[player]

    def __len__(self) -> int:
        return len(self.strategies)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class QuantalFit:
    """Precision that makes observed play likeliest.

    Attributes
    ----------
    precision : float, 1/payoff
        Maximum-likelihood estimate; `bounded` says whether there is one.
    low, high : float, 1/payoff
        95 % bounds by profile likelihood; infinity where the data set no upper bound.
    bounded : bool
        False where the likelihood still rises at the greatest precision tried: play is too exact to fit.
    log_likelihood : float
        At the estimate, without the multinomial constant.
    response : QuantalResponse
        At the estimate.
    """

    precision: float
    low: float
    high: float
    bounded: bool
    log_likelihood: float
    response: QuantalResponse


def read_payoffs(payoffs: ArrayLike | Sequence[ArrayLike]) -> list[Floats]:
    """Check payoffs and return one array a player, each of shape (actions of player 0, actions of player 1, ...).

    Raises
    ------
    UsageError
        Shapes that differ or do not match the number of players, or payoffs that are not numbers.
    """
    tables = [np.asarray(table, dtype=np.float64) for table in payoffs]  # type: ignore[union-attr]  # an array iterates
    n = len(tables)
    if n == 0 or any(table.ndim != n or table.shape != tables[0].shape for table in tables) or tables[0].size == 0:
        shapes = ", ".join(str(table.shape) for table in tables)
        msg = f"payoffs have shapes {shapes}: needed is one array a player, each with one axis a player ({n})"
        raise UsageError(msg)
    if not all(np.isfinite(table).all() for table in tables):
        msg = "payoffs must be finite numbers: a missing payoff is no payoff of zero"
        raise UsageError(msg)
    return tables


def expected_payoffs(table: Floats, strategies: Sequence[Floats], keep: Sequence[int]) -> Floats:
    """Average a payoff table over the strategies of all players but those in ``keep``."""
    for player in reversed(range(table.ndim)):
        if player not in keep:
            table = np.tensordot(table, strategies[player], axes=(player, 0))
    return table


class _Game:
    """The fixed-point equations in logarithms of probabilities, with their derivatives."""

    def __init__(self, tables: Sequence[Floats]) -> None:
        self.scale = max(float(np.ptp(table)) for table in tables) or 1.0
        self.tables = [table / self.scale for table in tables]
        self.sizes = tables[0].shape
        self.first = np.concatenate([[0], np.cumsum(self.sizes)])

    def split(self, x: Floats) -> list[Floats]:
        return [x[self.first[i] : self.first[i + 1]] for i in range(len(self.sizes))]

    def start(self) -> Floats:
        return np.concatenate([np.full(size, -np.log(size)) for size in self.sizes])

    def system(self, point: Floats) -> tuple[Floats, Floats]:
        precision = point[-1]
        logs = self.split(point[:-1])
        chances = [np.exp(np.minimum(log, 50.0)) for log in logs]
        n, size = len(self.sizes), len(point) - 1
        residual, jacobian = np.zeros(size), np.zeros((size, size + 1))
        for i in range(n):
            rows = slice(self.first[i], self.first[i + 1])
            value = expected_payoffs(self.tables[i], chances, [i])
            top = self.first[i]
            residual[top] = chances[i].sum() - 1.0
            jacobian[top, rows] = chances[i]
            residual[top + 1 : self.first[i + 1]] = (logs[i] - logs[i][0] - precision * (value - value[0]))[1:]
            at = np.arange(top + 1, self.first[i + 1])
            jacobian[at, at] = 1.0
            jacobian[at, top] = -1.0
            jacobian[at, -1] = -(value - value[0])[1:]
            for j in range(n):
                if j == i:
                    continue
                pair = expected_payoffs(self.tables[i], chances, [i, j])
                pair = pair if i < j else pair.T
                change = (pair - pair[0])[1:] * chances[j]
                jacobian[at, self.first[j] : self.first[j + 1]] = -precision * change
        return residual, jacobian


def _branch(game: _Game, precision: Floats) -> tuple[Branch, list[Floats]]:
    order = np.argsort(precision, kind="stable")
    branch = follow(game.system, game.start(), list(precision[order] * game.scale))
    found = np.exp(branch.found[np.argsort(order, kind="stable")])
    return branch, [found[:, game.first[i] : game.first[i + 1]] for i in range(len(game.sizes))]


def logit_qre(payoffs: ArrayLike | Sequence[ArrayLike], precision: ArrayLike) -> QuantalResponse:
    """Trace the principal branch of logit quantal response equilibria from the uniform point.

    Parameters
    ----------
    payoffs : sequence of n arrays, or one array with a leading axis of n
        Payoff of each player by all players' actions, shape (a_0, ..., a_{n-1}).
    precision : float or array_like, shape (m,), 1/payoff
        Not negative; 0 is uniform play, and large values approach a Nash equilibrium.

    Returns
    -------
    QuantalResponse
        Where the branch turns back, the first response at that precision along it.

    Raises
    ------
    UsageError
        Malformed payoffs, negative precision.
    NotConvergedError
        The branch could not be followed so far.

    Notes
    -----
    McKelvey, R. and Palfrey, T. (1995), Games Econ. Behav. 10; traced as by Turocy, T. (2005), ibid. 51, in logarithms
    of probabilities.

    Examples
    --------
    >>> matching = [[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]
    >>> logit_qre(matching, 3.0)[0].round(6).tolist()
    [0.5, 0.5]
    """
    tables = read_payoffs(payoffs)
    wanted = np.asarray(precision, dtype=np.float64)
    if wanted.ndim > 1 or not (np.isfinite(wanted).all() and (wanted >= 0).all()):
        msg = f"precision {precision!r}: give one number or a list of numbers, finite and not negative"
        raise UsageError(msg)
    branch, chances = _branch(_Game(tables), np.atleast_1d(wanted))
    strategies = tuple(c / c.sum(axis=1, keepdims=True) for c in chances)
    if wanted.ndim == 0:
        strategies = tuple(s[0] for s in strategies)
    return QuantalResponse(precision=wanted, strategies=strategies, turns=branch.turns)


def fit_qre(
    payoffs: ArrayLike | Sequence[ArrayLike], counts: Sequence[ArrayLike], *, most: float | None = None
) -> QuantalFit:
    """Estimate precision from counts of observed actions.

    Parameters
    ----------
    payoffs
        As in `logit_qre`.
    counts : sequence of array_like, shape (actions,)
        How often each player took each action; fractions of observations are allowed.
    most : float, optional, 1/payoff
        Greatest precision tried; 200 over the range of payoffs if left out.

    Returns
    -------
    QuantalFit

    Raises
    ------
    UsageError
        Counts that do not fit the payoffs, or no observations.

    Notes
    -----
    Precision can fit much: Haile, P., Hortacsu, A. and Kosenok, G. (2008), Am. Econ. Rev. 98, on what it does not
    identify. The interval is by profile likelihood along the principal branch.

    Examples
    --------
    >>> fit = fit_qre([[[1, 0], [0, 1]], [[0, 2], [2, 0]]], [[60, 40], [52, 48]])
    >>> fit.low <= fit.precision <= fit.high
    True
    """
    tables = read_payoffs(payoffs)
    seen = [np.asarray(count, dtype=np.float64) for count in counts]
    sizes = tables[0].shape
    if [c.shape for c in seen] != [(s,) for s in sizes] or any((c < 0).any() or not np.isfinite(c).all() for c in seen):
        msg = f"counts have shapes {[c.shape for c in seen]}: needed are {sizes} numbers, one an action, not negative"
        raise UsageError(msg)
    if sum(c.sum() for c in seen) <= 0:
        msg = "counts are all zero: without observations precision has no estimate"
        raise UsageError(msg)
    game = _Game(tables)
    top = 200.0 if most is None else most * game.scale
    weight = np.concatenate(seen)
    used = weight > 0
    branch = follow(game.system, game.start(), [top])
    on_path = branch.path[branch.path[:, -1] <= top]
    grid = np.unique(np.concatenate([on_path[:, -1], np.linspace(0, min(top, 20.0), 81), [top]]))

    def log_likelihood(precision: float) -> float:
        return float(weight[used] @ follow(game.system, game.start(), [precision]).found[0][used])

    on_grid = follow(game.system, game.start(), list(grid)).found[:, used] @ weight[used]
    best = int(on_grid.argmax())
    bounded = best < len(grid) - 1
    peak, height = float(grid[best]), float(on_grid[best])
    if best > 0 and bounded:
        span = (float(grid[best - 1]), float(grid[best + 1]))
        solved = minimize_scalar(lambda p: -log_likelihood(p), bounds=span, method="bounded", options={"xatol": 1e-10})
        if -solved.fun >= height:
            peak, height = float(solved.x), float(-solved.fun)
    drop = float(chi2.ppf(0.95, 1)) / 2
    low, high = 0.0, np.inf
    left = np.flatnonzero((grid < peak) & (on_grid < height - drop))
    right = np.flatnonzero((grid > peak) & (on_grid < height - drop))
    if len(left):
        low = brentq(lambda p: log_likelihood(p) - height + drop, grid[left[-1]], peak)
    if len(right):
        high = brentq(lambda p: log_likelihood(p) - height + drop, peak, grid[right[0]])
    return QuantalFit(
        precision=peak / game.scale,
        low=low / game.scale,
        high=high / game.scale,
        bounded=bounded,
        log_likelihood=height,
        response=logit_qre(tables, peak / game.scale),
    )
