"""Bargaining solutions: Nash with weights, Kalai-Smorodinsky, and Rubinstein's shares.

What can be agreed on is a pie to be shared, lotteries over listed outcomes, half-spaces, or any convex set given by
concave functions. The maximum is certified: a result comes with a bound on what any other agreement could add.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog, minimize

from mackinder.errors import NoAgreementError, NotConvergedError, UsageError

__all__ = ["Agreement", "HalfSpaces", "kalai_smorodinsky", "nash_bargaining", "rubinstein_shares"]

Floats = NDArray[np.float64]
#: a feasible set: concave functions of the utilities, all at least zero inside
Frontier = Callable[[Floats], ArrayLike]
#: gains below this part of a party's numbers are rounding
_NOTHING = 1e-12
#: least common share of what each could gain that counts as a gain; most that a Nash point may fall short of its maximum
_STRICT, _OPTIMAL = 1e-9, 1e-7
_UNBOUNDED = "the feasible set has no bound: give outcomes or constraints that limit what parties can gain"
_EMPTY = "no feasible outcome gives every party what it has without agreement: there is nothing to bargain over"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class HalfSpaces:
    """Feasible utilities ``matrix @ u <= bound``.

    Attributes
    ----------
    matrix : ndarray, shape (m, n)
        One row a constraint.
    bound : ndarray, shape (m,)
        Right-hand sides.
    """

    matrix: Floats
    bound: Floats


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A point that a bargaining solution picks.

    Attributes
    ----------
    utilities : ndarray, shape (n,)
        Utility of each party, in the unit of the input.
    gains : ndarray, shape (n,)
        Utilities less those of disagreement.
    mixture : ndarray or None, shape (m,)
        Weights of the listed outcomes, where outcomes were listed.
    """

    utilities: Floats
    gains: Floats
    mixture: Floats | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class _Problem:
    """Gains ``lift @ z`` with ``matrix @ z <= bound`` and, for mixtures, weights that add up to one; or a frontier."""

    lift: Floats
    matrix: Floats
    bound: Floats
    mixture: bool
    frontier: Frontier | None

    def scaled(self, unit: Floats) -> _Problem:
        """Measure gains in units of each party's own, so that no party's unit counts."""
        if self.mixture:
            return dataclasses.replace(self, lift=self.lift / unit[:, None])
        frontier = self.frontier
        inner = None if frontier is None else (lambda z: frontier(unit * z))
        return dataclasses.replace(self, matrix=self.matrix * unit, frontier=inner)

    def highest(self, cost: Floats, toward: Floats | None) -> tuple[Floats, float]:
        """Maximise ``cost @ gains``, or with ``toward`` the t for which ``gains >= t * toward``; return (z, value)."""
        n, size = self.lift.shape
        upper = np.hstack([self.matrix, np.zeros((len(self.matrix), 1))])
        limit = self.bound
        if toward is not None:
            upper = np.vstack([np.hstack([-self.lift, toward[:, None]]), upper])
            limit = np.concatenate([np.zeros(n), limit])
        solved = linprog(
            np.append(-cost @ self.lift, 0.0 if toward is None else -1.0),
            A_ub=upper,
            b_ub=limit,
            A_eq=np.append(np.ones(size), 0.0)[None, :] if self.mixture else None,
            b_eq=np.ones(1) if self.mixture else None,
            bounds=[(None, None)] * size + [(0.0, 0.0) if toward is None else (None, None)],
        )
        if solved.status == 3:
            raise UsageError(_UNBOUNDED)
        if solved.status != 0 or solved.x is None or solved.fun is None:
            raise NoAgreementError(_EMPTY)
        return np.asarray(solved.x[:size], dtype=np.float64), -float(solved.fun)

    def climb(self, goal: Callable[[Floats], float], slope: Callable[[Floats], Floats], start: Floats) -> Floats:
        """Maximise a concave function of z by sequential quadratic programming."""
        rules: list[Any] = []
        if len(self.matrix):
            rules.append({"type": "ineq", "fun": lambda z: self.bound - self.matrix @ z, "jac": lambda z: -self.matrix})
        if self.mixture:
            rules.append({"type": "eq", "fun": lambda z: z.sum() - 1.0, "jac": lambda z: np.ones_like(z)})
        frontier = self.frontier
        if frontier is not None:
            rules.append({"type": "ineq", "fun": lambda z: np.atleast_1d(np.asarray(frontier(z), np.float64))})
        solved = minimize(  # type: ignore[call-overload]  # the stubs want a start of known length
            lambda z: -goal(z), start, jac=lambda z: -slope(z), constraints=rules, method="SLSQP",
            options={"ftol": 1e-15, "maxiter": 2000},
        )  # fmt: skip
        return np.asarray(solved.x, dtype=np.float64)

    def reach(self, toward: Floats) -> tuple[Floats, float]:
        """Go from disagreement along ``toward`` as far as the set reaches; return (z, distance)."""
        if self.frontier is None:
            return self.highest(np.zeros(len(toward)), toward)
        frontier = self.frontier

        def inside(t: float) -> bool:
            return bool(np.min(frontier(t * toward)) >= 0)

        if not inside(0.0):
            raise NoAgreementError(_EMPTY)
        low, high = 0.0, 1.0
        while inside(high):
            low, high = high, 2.0 * high
            if high > 1e12:
                raise UsageError(_UNBOUNDED)
        for _ in range(200):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if inside(middle) else (low, middle)
        return low * toward, low


def _problem(utilities: ArrayLike | HalfSpaces | Frontier, floor: Floats) -> _Problem:
    """Describe the feasible gains over disagreement."""
    n = len(floor)
    if isinstance(utilities, HalfSpaces):
        matrix, bound = np.asarray(utilities.matrix, np.float64), np.asarray(utilities.bound, np.float64)
        if matrix.shape != (len(bound), n):
            msg = f"half-spaces have matrix {matrix.shape}, bound {bound.shape}: needed is one column for each of {n}"
            raise UsageError(msg)
        return _Problem(np.eye(n), matrix, bound - matrix @ floor, mixture=False, frontier=None)
    if callable(utilities):
        return _Problem(
            np.eye(n), np.zeros((0, n)), np.zeros(0), mixture=False, frontier=lambda z: utilities(floor + z)
        )
    points = np.asarray(utilities, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != n or not np.isfinite(points).all():
        msg = f"utilities have shape {points.shape}: needed is one number (a pie), or one row an outcome of {n} numbers"
        raise UsageError(msg)
    return _Problem((points - floor).T, -np.eye(len(points)), np.zeros(len(points)), mixture=True, frontier=None)


def _always(slope: Floats) -> Callable[[Floats], Floats]:
    """Slope of a linear goal: the same everywhere."""
    return lambda _: slope


def _strict(gain: float, floor: Floats, least: float) -> None:
    if not gain > least:
        msg = (
            f"no outcome is better for all {len(floor)} parties than no agreement at {floor.tolist()}: there is nothing to "
            "bargain over without a side payment or other terms"
        )
        raise NoAgreementError(msg)


def _equal_share(problem: _Problem, floor: Floats) -> tuple[_Problem, Floats, Floats, float]:
    """Return the problem in units of the most that each party could gain, those units, and the point of equal shares."""
    n = len(floor)
    most = np.zeros(n)
    inner = problem.reach(np.ones(n))[0] if problem.frontier is not None else np.zeros(n)
    for i, axis in enumerate(np.eye(n)):
        if problem.frontier is None:
            held = dataclasses.replace(
                problem,
                matrix=np.vstack([problem.matrix, -problem.lift]),
                bound=np.append(problem.bound, np.zeros(n)),
            )
            most[i] = held.highest(axis, None)[1]
        else:
            held = dataclasses.replace(problem, matrix=-np.eye(n), bound=np.zeros(n))
            most[i] = held.climb(functools.partial(np.dot, axis), _always(axis), 0.5 * inner)[i]
    size = np.maximum(np.maximum(np.abs(floor), np.abs(problem.lift).max(axis=1)), 1e-300)  # each by its own unit
    _strict(float((most / size).min()), floor, _NOTHING)
    own = problem.scaled(most)
    z, share = own.reach(np.ones(n))
    _strict(share, floor, _STRICT)
    return own, most, z, share


def _weights(weights: ArrayLike | None, n: int) -> Floats:
    alpha = np.full(n, 1.0 / n) if weights is None else np.asarray(weights, dtype=np.float64)
    if alpha.shape != (n,) or not np.isfinite(alpha).all() or not (alpha > 0).all():
        msg = f"weights {alpha.tolist()}: give one positive number for each of {n} parties"
        raise UsageError(msg)
    scaled: Floats = alpha / alpha.sum()
    return scaled


def nash_bargaining(
    utilities: ArrayLike | HalfSpaces | Frontier, disagreement: ArrayLike, weights: ArrayLike | None = None
) -> Agreement:
    """Nash bargaining solution: the greatest product of gains, each raised to the party's weight.

    Parameters
    ----------
    utilities : float, array_like of shape (m, n), HalfSpaces or callable
        A pie shared at will; outcomes by row, of which lotteries are feasible; half-spaces; or a function of the
        utilities, shape (n,), whose values are concave and all at least zero at feasible points.
    disagreement : array_like, shape (n,)
        Utilities without agreement, in the same unit.
    weights : array_like, shape (n,), optional
        Bargaining weights, positive; they are divided by their sum. Equal if left out.

    Returns
    -------
    Agreement

    Raises
    ------
    NoAgreementError
        No feasible point is strictly better for all.
    NotConvergedError
        The maximum could not be certified.

    Notes
    -----
    Nash, J. (1950), Econometrica 18; Kalai, E. (1977), Int. J. Game Theory 6 for weights. Certified by the first-order
    bound: with ``g = weights / gains``, no feasible ``v`` may have ``g @ (v - u)`` above 1e-7. Each party's gains are
    measured in the most that it could gain, so its unit does not count.

    Examples
    --------
    >>> nash_bargaining(1.0, [0.2, 0.1], [0.7, 0.3]).utilities.round(12).tolist()
    [0.69, 0.31]
    >>> nash_bargaining([[4, 0], [0, 2], [0, 0]], [0, 0]).utilities.round(6).tolist()
    [2.0, 1.0]
    """
    floor = np.asarray(disagreement, dtype=np.float64)
    n = len(floor)
    alpha = _weights(weights, n)
    if not callable(utilities) and not isinstance(utilities, HalfSpaces) and np.ndim(utilities) == 0:
        surplus = float(np.asarray(utilities, dtype=np.float64)) - float(floor.sum())
        _strict(surplus / max(float(np.abs(floor).max()), abs(surplus + floor.sum()), 1e-300), floor, _NOTHING)
        return Agreement(utilities=floor + alpha * surplus, gains=alpha * surplus)
    own, unit, z, _ = _equal_share(_problem(utilities, floor), floor)

    def gain(z: Floats) -> Floats:
        return np.maximum(own.lift @ z, 1e-12)

    start = z if own.frontier is None else 0.5 * z
    z = own.climb(lambda z: float(alpha @ np.log(gain(z))), lambda z: (alpha / gain(z)) @ own.lift, start)
    if own.frontier is None:
        z, bound = _polish(own, z, alpha, gain)
        price = alpha / gain(z)
    else:
        price = alpha / gain(z)
        bound = float(price @ own.climb(functools.partial(np.dot, price), _always(price), z)) - 1.0
    if not bound <= _OPTIMAL:
        msg = f"Nash bargaining stopped {bound:.2g} short of its maximum (allowed {_OPTIMAL:.0e})"
        raise NotConvergedError(msg)
    gains = unit * (own.lift @ z)
    return Agreement(utilities=floor + gains, gains=gains, mixture=_mixture(own, z))


def _polish(own: _Problem, z: Floats, alpha: Floats, gain: Callable[[Floats], Floats]) -> tuple[Floats, float]:
    """Finish a maximum by steps to the best vertex under its own prices, with the exact length; return it and its bound.

    Frank and Wolfe's steps, each with every vertex met so far in play: sequential programming stops where its own
    differences are rounding, while the bound is linear in what is left.
    """
    corners: list[Floats] = [z]
    weight = np.ones(1)
    bound = np.inf
    for _ in range(200):
        vertex, value = own.highest(alpha / gain(z), None)
        bound = value - 1.0
        if bound <= 0.1 * _OPTIMAL:
            break
        corners.append(vertex)
        weight = np.append(weight, 0.0)
        gains = np.column_stack([own.lift @ corner for corner in corners])
        weight = _blend(gains, weight, alpha)
        used = weight > 0
        corners, weight = [c for c, u in zip(corners, used, strict=True) if u], weight[used]
        z = np.asarray(np.column_stack(corners) @ weight, dtype=np.float64)
    return z, bound


def _blend(gains: Floats, weight: Floats, alpha: Floats) -> Floats:
    """Weights of corners (columns) with the greatest product of gains: exact moves of weight between pairs of them."""
    for _ in range(500):
        here = gains @ weight
        worth = (alpha / np.maximum(here, 1e-300)) @ gains
        to = int(worth.argmax())
        held = np.flatnonzero(weight > 0)
        away = int(held[worth[held].argmin()])
        if worth[to] - worth[away] <= 1e-12:
            break
        step = gains[:, to] - gains[:, away]
        low, high = 0.0, float(weight[away])

        def slope(t: float, here: Floats = here, step: Floats = step) -> float:
            return float((alpha * step / np.maximum(here + t * step, 1e-300)).sum())

        if slope(high) < 0:
            for _ in range(100):
                middle = 0.5 * (low + high)
                low, high = (middle, high) if slope(middle) > 0 else (low, middle)
        weight = weight.copy()
        weight[to] += high
        weight[away] = max(weight[away] - high, 0.0)
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def _mixture(problem: _Problem, z: Floats) -> Floats | None:
    weight = np.maximum(z, 0.0)
    return np.asarray(weight / weight.sum(), dtype=np.float64) if problem.mixture else None


def kalai_smorodinsky(utilities: ArrayLike | HalfSpaces | Frontier, disagreement: ArrayLike) -> Agreement:
    """Kalai-Smorodinsky solution: all parties get the same share of the most that each could gain.

    Parameters
    ----------
    utilities, disagreement
        As in `nash_bargaining`.

    Returns
    -------
    Agreement

    Raises
    ------
    NoAgreementError
        No feasible point is strictly better for all.

    Notes
    -----
    Kalai, E. and Smorodinsky, M. (1975), Econometrica 43. With more than two parties the point may leave room for some
    to gain more; the solution does not use it.

    Examples
    --------
    >>> kalai_smorodinsky([[4, 0], [0, 2], [3, 1.5]], [0, 0]).utilities.round(6).tolist()
    [3.0, 1.5]
    """
    floor = np.asarray(disagreement, dtype=np.float64)
    if not callable(utilities) and not isinstance(utilities, HalfSpaces) and np.ndim(utilities) == 0:
        return nash_bargaining(utilities, floor)  # every party could gain the whole surplus
    own, unit, z, share = _equal_share(_problem(utilities, floor), floor)
    return Agreement(utilities=floor + share * unit, gains=share * unit, mixture=_mixture(own, z))


def rubinstein_shares(patience_first: float, patience_second: float) -> tuple[float, float]:
    """Shares of a pie when two parties alternate offers and delay costs both.

    Parameters
    ----------
    patience_first, patience_second : float
        Discount factors of one period, in [0, 1), of the party that offers first and of the other.

    Returns
    -------
    (float, float)
        Shares, which add up to one.

    Raises
    ------
    UsageError
        Factors outside of [0, 1).

    Notes
    -----
    Rubinstein, A. (1982), Econometrica 50.

    Examples
    --------
    >>> [round(share, 6) for share in rubinstein_shares(0.9, 0.8)]
    [0.714286, 0.285714]
    """
    if not (0 <= patience_first < 1 and 0 <= patience_second < 1):
        msg = f"patience {patience_first} and {patience_second}: give discount factors of one period in [0, 1)"
        raise UsageError(msg)
    first = (1 - patience_second) / (1 - patience_first * patience_second)
    return first, 1 - first
