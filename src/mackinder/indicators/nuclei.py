"""Nucleolus and prenucleolus: the payoff whose largest complaint is least, then the second largest, and so on.

A coalition's complaint (excess) is its value less what it gets. Each round minimises the largest complaint that is still open.
Coalitions with a positive multiplier complain as much in *every* optimum (complementary slackness), so these, and not all
that happen to be tight at the optimum found, are settled; so is every coalition whose payoff follows from settled ones. A
coalition that is tight in every optimum but has no positive multiplier comes back in the next round, at the same level. Each
round raises the rank of what is settled, so there are at most n - 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mackinder.errors import DataError, NotConvergedError
from mackinder.indicators.coalitions import Floats, null_players, read_values
from mackinder.indicators.excess import Rows, first_pool, members, proper, scaled, solve_rows

__all__ = ["MOST_SETTLED", "EmptyImputationsError", "nucleolus", "prenucleolus"]

#: players: beyond, rounds of linear programmes over 2**n coalitions take minutes
MOST_SETTLED = 16
#: of values scaled to one
_ROUNDING = 1e-10
#: sums over a basis of 0-1 rows: below this a coalition follows from settled ones
_SPANNED = 1e-8
#: of values scaled to one: how far the solution may be from its own equations
_RESIDUAL = 1e-7


class EmptyImputationsError(DataError):
    """Players alone are worth more than all together: no payoff gives each at least its own value."""


def nucleolus(values: ArrayLike) -> Floats:
    """Nucleolus: the payoff of least complaints among those that give each player at least what it has alone.

    Parameters
    ----------
    values : array_like, shape (2**n,)
        Indexed by bit mask, ``values[0] = 0``; at most 16 players (12 in about a second).

    Returns
    -------
    ndarray, shape (n,)
        Adds up to ``values[-1]``; in the core if there is one; exactly 0.0 for who adds nothing to any coalition.

    Raises
    ------
    EmptyImputationsError
        Players alone are worth more than all together (a `DataError`); `prenucleolus` exists all the same.
    DataError
        The values are no game, or there are too many players.
    NotConvergedError
        A linear programme was not solved.

    References
    ----------
    D. Schmeidler (1969), The nucleolus of a characteristic function game; E. Kohlberg (1971) for the criterion it is tested by.

    Examples
    --------
    An estate of 200 and claims of 100, 200 and 300 (Aumann and Maschler 1985):

    >>> nucleolus([0, 0, 0, 0, 0, 0, 100, 200]).round(6).tolist()
    [50.0, 75.0, 75.0]
    """
    return _solve(values, rational=True)


def prenucleolus(values: ArrayLike) -> Floats:
    """Prenucleolus: the payoff of least complaints, whatever players have alone.

    Parameters
    ----------
    values : array_like, shape (2**n,)
        Indexed by bit mask, ``values[0] = 0``; at most 16 players.

    Returns
    -------
    ndarray, shape (n,)
        Adds up to ``values[-1]``. Equal to the nucleolus if that gives more to each player than it has alone; may be less than
        what a player has alone if the game is not superadditive.

    Raises
    ------
    DataError
        The values are no game, or there are too many players.
    NotConvergedError
        A linear programme was not solved.

    References
    ----------
    B. Peleg and P. Sudhölter (2007), Introduction to the Theory of Cooperative Games, chapter 5.

    Examples
    --------
    Two players earn 10, all three only 2 (Peleg and Sudhölter, example 5.5.12):

    >>> prenucleolus([0, 0, 0, 10, 0, 0, 0, 2]).round(6).tolist()
    [3.0, 3.0, -4.0]
    """
    return _solve(values, rational=False)


def _solve(values: ArrayLike, *, rational: bool) -> Floats:
    v, n = read_values(values)
    payoff = np.zeros(n)
    alone_sum = float(v[1 << np.arange(n)].sum())
    if rational and alone_sum - v[-1] > _ROUNDING * np.abs(v).max():
        msg = (
            f"players alone are worth {alone_sum:.6g} and all together {v[-1]:.6g}: no payoff gives each its own value, so there "
            "is no nucleolus. Use prenucleolus, or superadditive_cover(values)"
        )
        raise EmptyImputationsError(msg)
    # who changes no value gets nothing (both solutions have the null player property): left out, so that it is exact
    active = np.flatnonzero(~null_players(v))
    if len(active) > MOST_SETTLED:
        msg = f"{len(active)} players change some value; (pre)nucleoli go to {MOST_SETTLED}: use shapley, or merge players"
        raise DataError(msg)
    if len(active):
        masks = np.zeros(1, dtype=np.int64)
        for i in active:
            masks = np.concatenate([masks, masks | (1 << i)])
        payoff[active] = _settle_all(v[masks], len(active), rational=rational)
    return payoff


def _settle_all(v: Floats, n: int, *, rational: bool) -> Floats:
    """Run the rounds for a game without null players."""
    if n == 1:
        return v[1:].copy()
    game, scale, alone = scaled(v, n)
    if scale == 0.0 or (rational and game[-1] <= _ROUNDING):
        return alone  # additive, or the only payoff that gives each its own value
    settled = members(np.array([(1 << n) - 1]), n)  # rows of coalitions (players at their floor included)
    right, level = (
        game[-1:],
        np.zeros(1, dtype=np.int64),
    )  # their values, and the round that settled them (0: no complaint)
    complaint: list[float] = [0.0]
    floor = np.zeros(n) if rational else np.full(n, -np.inf)
    pool = first_pool(n)
    while True:
        asks = proper(n) & ~_spanned(settled, n)
        if not asks.any():
            break
        first = 1 << int(np.flatnonzero(asks[1 << np.arange(n)])[0])  # one row and its complement bound the programme
        pool |= {first, (1 << n) - 1 - first}
        rows = Rows(
            values=game, asks=asks, equal=settled, right=right - np.array(complaint)[level], floor=floor
        )  # fmt: skip
        best = solve_rows(np.append(np.zeros(n), 1.0), rows, pool, excess=True)
        if not len(best.tight):
            msg = f"round {len(complaint)} of a nucleolus of {n} players settled no coalition: report the values"
            raise NotConvergedError(msg)
        complaint.append(best.excess)
        settled = np.vstack([settled, members(best.tight, n), np.eye(n)[best.floored]])
        right = np.concatenate([right, game[best.tight], np.zeros(len(best.floored))])
        level = np.concatenate(
            [level, np.full(len(best.tight), len(complaint) - 1), np.zeros(len(best.floored), dtype=np.int64)]
        )
    return scale * _polish(settled, right, level, len(complaint), n) + alone


def _spanned(rows: Floats, n: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which coalitions are combinations of the rows, shape (2**n,): their payoff is settled."""
    _, singular, basis = np.linalg.svd(rows, full_matrices=True)
    inside = np.ones(1 << n, dtype=bool)
    for direction in basis[int((singular > _SPANNED * singular[0]).sum()) :]:  # what moves nothing settled
        sums = np.zeros(1)
        for x in direction:
            sums = np.concatenate([sums, sums + x])
        inside &= np.abs(sums) < _SPANNED
    return inside


def _polish(
    settled: Floats, right: Floats, level: np.ndarray[tuple[int], np.dtype[np.int64]], n_levels: int, n: int
) -> Floats:
    """Solve the settled rows for payoffs and complaints together: free of the tolerance of the linear programmes."""
    matrix = np.hstack([settled, (level[:, None] == np.arange(1, n_levels)).astype(float)])
    found = np.linalg.lstsq(matrix, right, rcond=None)[0]
    miss = float(np.abs(matrix @ found - right).max())
    if miss > _RESIDUAL:
        msg = f"the settled coalitions of a nucleolus of {n} players contradict each other by {miss:.2g}: report the values"
        raise NotConvergedError(msg)
    payoff: Floats = found[:n]
    return payoff
