"""The core and the least core: payoffs that no coalition can better, and by how much there are none.

All programmes have a row for each coalition, of which few bind: rows are added when a solution breaks them, and a solution
counts when it breaks none of the 2**n.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mackinder.errors import NotConvergedError
from mackinder.indicators.coalitions import Floats, coalition_sums, read_values

__all__ = ["CoreInterval", "Rows", "Solved", "core_interval", "members", "scaled", "solve_rows"]

#: of values scaled to one: what a coalition may lack without counting as wronged
TOLERANCE = 1e-9
#: multipliers above this are positive; the largest of n + 1 that add up to one is far above
_POSITIVE = 1e-7
#: players up to whom all rows are given at once; beyond, rows are added when a solution breaks them
_ALL_ROWS = 14
#: rows added at a time for each player
_BATCH = 4


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CoreInterval:
    """What each player can get at least and at most if no coalition is to be better off alone.

    Attributes
    ----------
    low, high : ndarray, shape (n,)
        In the unit of the values; NaN if the core is empty.
    empty : bool
    least_core : float
        The least e for which every coalition can be given its value less e. Positive: the core is empty, and every
        payoff leaves some coalition that much short. Negative: every coalition can be given that much more. Minus infinity for
        one player, who is in no proper coalition.
    blocking : tuple of int
        Bit masks of coalitions that together ask for more than there is (balanced, with `weights`), if the core is empty.
    weights : tuple of float
        For each player, the weights of the blocking coalitions that it is in add up to one; the weighted values add up to
        more than the value of all.

    Examples
    --------
    >>> core_interval([0, 0, 0, 1, 0, 1, 1, 1]).blocking
    (3, 5, 6)
    """

    low: Floats
    high: Floats
    empty: bool
    least_core: float
    blocking: tuple[int, ...]
    weights: tuple[float, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of a programme in payoffs x and a common excess e; all of 2**n coalitions in the first three.

    Attributes
    ----------
    values : ndarray, shape (2**n,)
    asks : ndarray of bool, shape (2**n,)
        Coalitions with a row ``x(S) + e >= v(S)``.
    equal, right : ndarray, shape (m, n) and (m,)
        Rows ``equal @ x == right``.
    floor : ndarray, shape (n,)
        ``x >= floor``; minus infinity where free.
    """

    values: Floats
    asks: NDArray[np.bool_]
    equal: Floats
    right: Floats
    floor: Floats


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """A solution that breaks no row.

    Attributes
    ----------
    payoff : ndarray, shape (n,)
    excess : float
    tight : ndarray of int64
        Coalitions with a positive multiplier: their rows hold with equality in every optimum.
    weight : ndarray
        Their multipliers.
    floored : ndarray of int64
        Players who are at their floor in every optimum.
    """

    payoff: Floats
    excess: float
    tight: NDArray[np.int64]
    weight: Floats
    floored: NDArray[np.int64]


def members(masks: NDArray[np.int64], n: int) -> Floats:
    """Return the membership matrix of coalitions, shape (len(masks), n)."""
    return ((masks[:, None] >> np.arange(n)) & 1).astype(np.float64)


def scaled(v: Floats, n: int) -> tuple[Floats, float, Floats]:
    """Return a strategically equivalent game in which players alone are worth nothing and the largest value is one.

    Returns
    -------
    game : ndarray, shape (2**n,)
        All zero if the game is additive up to rounding.
    scale : float
    alone : ndarray, shape (n,)
        ``v = scale * game + coalition_sums(alone)``.
    """
    alone = v[1 << np.arange(n)]
    rest = v - coalition_sums(alone)
    scale = float(np.abs(rest).max())
    if scale <= 1e-13 * n * float(np.abs(v).max()):
        return np.zeros_like(v), 0.0, alone
    return rest / scale, scale, alone


def solve_rows(objective: Floats, rows: Rows, pool: set[int], *, excess: bool) -> Solved:
    """Minimise ``objective @ (x, e)`` over the rows.

    Parameters
    ----------
    objective : ndarray, shape (n + 1,)
    rows : Rows
    pool : set of int
        Coalitions to start with; those that were needed are added to it, so that the next programme starts with them.
    excess : bool
        Whether e is free; else it is zero.

    Raises
    ------
    NotConvergedError
        The solver stopped short.
    """
    from scipy.optimize import linprog

    n = len(rows.floor)
    bounds = [*((None if np.isinf(f) else f, None) for f in rows.floor), (None, None) if excess else (0, 0)]
    equal = np.hstack([rows.equal, np.zeros((len(rows.equal), 1))])
    while True:
        used = np.flatnonzero(rows.asks) if n <= _ALL_ROWS else np.array(sorted(s for s in pool if rows.asks[s]))
        upper = -np.hstack([members(used, n), np.ones((len(used), 1))])
        done = linprog(
            objective, upper, -rows.values[used], equal, rows.right, bounds, method="highs",
            options={"presolve": False, "primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
        )  # fmt: skip
        if done.status != 0:
            msg = f"a linear programme over {len(used)} coalitions of {n} players was not solved: {done.message}"
            raise NotConvergedError(msg)
        found = np.asarray(done.x, dtype=np.float64)
        lack = np.where(rows.asks, rows.values - coalition_sums(found[:n]) - found[n], -np.inf)
        lack[used] = -np.inf
        worst = np.argsort(lack)[-_BATCH * n :]
        worst = worst[lack[worst] > TOLERANCE]
        if not len(worst):
            break
        pool.update(worst.tolist())
    weight = -done.ineqlin.marginals
    return Solved(
        payoff=found[:n],
        excess=float(found[n]),
        tight=used[weight > _POSITIVE],
        weight=weight[weight > _POSITIVE],
        floored=np.flatnonzero((done.lower.marginals[:n] > _POSITIVE) & np.isfinite(rows.floor)),
    )


def proper(n: int) -> NDArray[np.bool_]:
    """Return which coalitions are neither empty nor everybody, shape (2**n,)."""
    asks = np.ones(1 << n, dtype=bool)
    asks[[0, -1]] = False
    return asks


def first_pool(n: int) -> set[int]:
    """Return the players alone and all but one: rows that bound every programme."""
    whole = (1 << n) - 1
    return {1 << i for i in range(n)} | {whole ^ (1 << i) for i in range(n)}


def core_interval(values: ArrayLike) -> CoreInterval:
    """Least and greatest payoff of each player in the core; if it is empty, by how much.

    The core holds the payoffs that share ``values[-1]`` and give every coalition at least what it is worth. Two linear
    programmes for each player, and one for the least core.

    Parameters
    ----------
    values : array_like, shape (2**n,)
        Indexed by bit mask, ``values[0] = 0``.

    Returns
    -------
    CoreInterval

    Raises
    ------
    DataError
        The values are no game.
    NotConvergedError
        A linear programme was not solved.

    References
    ----------
    O. N. Bondareva (1963) and L. S. Shapley (1967) on balanced collections; M. Maschler, B. Peleg and L. S. Shapley (1979) on the
    least core.

    Examples
    --------
    An exporter and two transit countries, one of which suffices: competition leaves them nothing.

    >>> core_interval([0, 0, 0, 1, 0, 1, 0, 1]).high.tolist()
    [1.0, 0.0, 0.0]

    Any two of three earn 1: two thirds of it can be had by every pair, and a third is lacking.

    >>> core = core_interval([0, 0, 0, 1, 0, 1, 1, 1])
    >>> core.empty, round(core.least_core, 9)
    (True, 0.333333333)
    """
    v, n = read_values(values)
    if n == 1:
        return CoreInterval(low=v[1:], high=v[1:], empty=False, least_core=-np.inf, blocking=(), weights=())
    game, scale, alone = scaled(v, n)
    if scale == 0.0:
        return CoreInterval(low=alone, high=alone, empty=False, least_core=0.0, blocking=(), weights=())
    pool = first_pool(n)
    rows = Rows(
        values=game, asks=proper(n), equal=np.ones((1, n)), right=game[-1:], floor=np.full(n, -np.inf)
    )  # fmt: skip
    least = solve_rows(np.append(np.zeros(n), 1.0), rows, pool, excess=True)
    if least.excess > TOLERANCE:
        # multipliers add up to one and cover every player equally: scaled to cover each once they are balancing weights
        cover = members(least.tight, n).T @ least.weight
        return CoreInterval(
            low=np.full(n, np.nan),
            high=np.full(n, np.nan),
            empty=True,
            least_core=scale * least.excess,
            blocking=tuple(least.tight.tolist()),
            weights=tuple((least.weight / cover.mean()).tolist()),
        )
    # a core that is one point may be empty by rounding: it is widened by what the least core lacks
    slack = max(least.excess, 0.0)
    loose = dataclasses.replace(rows, values=np.where(rows.asks, game - slack, game))
    ends = np.empty((2, n))
    for i in range(n):
        for side, sign in enumerate((1.0, -1.0)):
            objective = np.zeros(n + 1)
            objective[i] = sign
            ends[side, i] = solve_rows(objective, loose, pool, excess=False).payoff[i]
    # no payoff in the core is below what a player has alone, or above what it adds to all others: exact for null players
    most = v[-1] - v[(v.size - 1) ^ (1 << np.arange(n))]
    low = np.maximum(scale * ends[0] + alone, alone)
    high = np.minimum(scale * ends[1] + alone, most)
    return CoreInterval(
        low=np.minimum(low, high),
        high=np.maximum(low, high),
        empty=False,
        least_core=scale * least.excess,
        blocking=(),
        weights=(),
    )
