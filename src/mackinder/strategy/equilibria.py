"""Nash equilibria of small games: all pure ones, and for two players mixed ones by enumeration of supports."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mackinder.errors import UsageError
from mackinder.strategy.quantal import expected_payoffs, read_payoffs

__all__ = ["nash_equilibria", "pure_equilibria"]

Floats = NDArray[np.float64]
Profile = tuple[Floats, ...]
#: enumeration looks at all pairs of supports: beyond this many the game is not small
_MOST_PAIRS = 2_000_000


def _regret(tables: Sequence[Floats], profile: Profile) -> float:
    """Most that any player could gain by another action, over the range of its payoffs."""
    worst = 0.0
    for i, table in enumerate(tables):
        value = expected_payoffs(table, profile, [i])
        worst = max(worst, float(value.max() - profile[i] @ value) / (float(np.ptp(table)) or 1.0))
    return worst


def pure_equilibria(payoffs: ArrayLike | Sequence[ArrayLike]) -> list[tuple[int, ...]]:
    """Return all equilibria in pure strategies, as actions of the players (counted from 0).

    Parameters
    ----------
    payoffs
        As in `mackinder.strategy.logit_qre`; any number of players.

    Examples
    --------
    >>> pure_equilibria([[[3, 0], [0, 2]], [[2, 0], [0, 3]]])
    [(0, 0), (1, 1)]
    """
    tables = read_payoffs(payoffs)
    best = np.ones(tables[0].shape, dtype=bool)
    for i, table in enumerate(tables):
        best &= table >= table.max(axis=i, keepdims=True) - 1e-12 * (float(np.ptp(table)) or 1.0)
    return [tuple(int(a) for a in cell) for cell in np.argwhere(best)]


def _mix(table: Floats, own: tuple[int, ...], other: tuple[int, ...]) -> Floats | None:
    """Mixture over ``other`` (columns) that makes the actions ``own`` (rows) equally good; None if there is no such one."""
    block = table[np.ix_(own, other)]
    k, m = block.shape
    system = np.zeros((k + 1, m + 1))
    system[:k, :m], system[:k, m], system[k, :m] = block, -1.0, 1.0
    target = np.append(np.zeros(k), 1.0)
    solved, _, rank, _ = np.linalg.lstsq(system, target, rcond=None)
    if rank < m + 1 or np.abs(system @ solved - target).max() > 1e-9 or (solved[:m] < -1e-9).any():
        return None
    mixture = np.zeros(table.shape[1])
    mixture[list(other)] = np.maximum(solved[:m], 0.0) / np.maximum(solved[:m], 0.0).sum()
    return mixture


def nash_equilibria(payoffs: ArrayLike | Sequence[ArrayLike]) -> list[Profile]:
    """Return equilibria of a small game.

    Two players: all pairs of supports are tried, which finds every equilibrium of a game without ties, and the
    isolated ends of sets of equilibria where there are ties. More players: equilibria in pure strategies only.

    Parameters
    ----------
    payoffs
        As in `mackinder.strategy.logit_qre`.

    Returns
    -------
    list of tuple of ndarray, shape (actions,)
        One array a player; pure equilibria first.

    Raises
    ------
    UsageError
        Malformed payoffs, or a two-player game that is not small.

    Notes
    -----
    Support enumeration: Nisan, N. et al. (2007), Algorithmic Game Theory, algorithm 3.4.

    Examples
    --------
    >>> [row.round(6).tolist() for row, _ in nash_equilibria([[[3, 0], [0, 2]], [[2, 0], [0, 3]]])]
    [[1.0, 0.0], [0.0, 1.0], [0.6, 0.4]]
    """
    tables = read_payoffs(payoffs)
    shape = tables[0].shape
    found: list[Profile] = [
        tuple(np.eye(size)[action] for size, action in zip(shape, cell, strict=True))
        for cell in pure_equilibria(tables)
    ]
    if len(shape) != 2:
        return found
    if (2.0 ** shape[0]) * (2.0 ** shape[1]) > _MOST_PAIRS:
        msg = f"a game of {shape[0]} by {shape[1]} actions has too many supports to enumerate: use logit_qre"
        raise UsageError(msg)
    rows, columns = (tables[k] / (float(np.ptp(tables[k])) or 1.0) for k in (0, 1))
    supports = [
        [s for size in range(1, count + 1) for s in itertools.combinations(range(count), size)] for count in shape
    ]
    for ours, theirs in itertools.product(*supports):
        if len(ours) == len(theirs) == 1:
            continue
        column_mix, row_mix = _mix(rows, ours, theirs), _mix(columns.T, theirs, ours)
        if column_mix is None or row_mix is None or _regret(tables, (row_mix, column_mix)) > 1e-9:
            continue
        profile = (row_mix, column_mix)
        if all(max(np.abs(a - b).max() for a, b in zip(profile, old, strict=True)) > 1e-8 for old in found):
            found.append(profile)
    return found
