"""Power in a game: all solutions beside each other, and what kind of game it is said in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mackinder.errors import DataError
from mackinder.indicators.coalitions import is_convex, read_values, superadditive_cover, worst_split
from mackinder.indicators.excess import CoreInterval, core_interval
from mackinder.indicators.indices import banzhaf, shapley
from mackinder.indicators.nuclei import EmptyImputationsError, nucleolus, prenucleolus

__all__ = ["MOST_SOLVED", "GamePower", "game_power"]

#: players up to whom the solutions by linear programmes are computed
MOST_SOLVED = 12
_ROUNDING = 1e-10

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GamePower:
    """Solutions of one game; they answer different questions and are not merged.

    Attributes
    ----------
    players : tuple of str
    values : ndarray, shape (2**n,)
        The game that was solved: the cover, if that was asked for.
    shapley, banzhaf : ndarray, shape (n,)
        In the unit of the values.
    nucleolus, prenucleolus : ndarray, shape (n,), or None
        None with more than 12 players, and no nucleolus where players alone are worth more than all together; `notes` say which.
    core : CoreInterval or None
        None with more than 12 players.
    superadditive, convex : bool
        Of the game as given.
    covered : bool
        Whether the superadditive cover was solved in place of the game given.
    notes : tuple of str
        What a reader must know: sentences.
    """

    players: tuple[str, ...]
    values: Floats
    shapley: Floats
    banzhaf: Floats
    nucleolus: Floats | None
    prenucleolus: Floats | None
    core: CoreInterval | None
    superadditive: bool
    convex: bool
    covered: bool
    notes: tuple[str, ...]


def game_power(values: ArrayLike, players: Sequence[str], *, cover: bool = False, unit: str = "USD/yr") -> GamePower:
    """Solve a game in all ways, and say what is unusual about it.

    Parameters
    ----------
    values : array_like, shape (2**n,)
        Indexed by bit mask, player i is bit i.
    players : sequence of str, length n
    cover : bool
        Solve the superadditive cover if the game is not superadditive.
    unit : str
        Of the values, for the notes.

    Returns
    -------
    GamePower

    Raises
    ------
    DataError
        The values are no game, or the names are not as many as the players.
    NotConvergedError
        A linear programme was not solved.

    Examples
    --------
    >>> power = game_power([0, 0, 0, 1, 0, 1, 1, 1], ["A", "B", "C"], unit="USD")
    >>> power.notes
    ('the core is empty: whatever the payoff, some coalition lacks 0.333333 USD',)
    """
    v, n = read_values(values)
    names = tuple(players)
    if len(names) != n or len(set(names)) != n:
        msg = f"{len(set(names))} different names for {n} players: {', '.join(names)}; give each player one of its own"
        raise DataError(msg)
    notes = []
    gap, first, second = worst_split(v)
    superadditive = bool(gap <= _ROUNDING * np.abs(v).max())
    covered = cover and not superadditive
    convex = is_convex(v)
    if not superadditive:
        notes.append(
            f"the game is not superadditive: {_group(first, names)} and {_group(second, names)} are worth {gap:.6g} {unit} more "
            f"apart than together{'; solved is its superadditive cover' if covered else ''}"
        )
    if covered:
        v = superadditive_cover(v)
    core, kernel, free = None, None, None
    if n <= MOST_SOLVED:
        core, free = core_interval(v), prenucleolus(v)
        if core.empty:
            notes.append(f"the core is empty: whatever the payoff, some coalition lacks {core.least_core:.6g} {unit}")
        try:
            kernel = nucleolus(v)
        except EmptyImputationsError:
            notes.append("players alone are worth more than all together: there is no nucleolus")
    else:
        notes.append(f"{n} players: core and nucleolus are computed up to {MOST_SOLVED}")
    return GamePower(
        players=names, values=v, shapley=shapley(v), banzhaf=banzhaf(v), nucleolus=kernel, prenucleolus=free, core=core,
        superadditive=superadditive, convex=convex, covered=covered, notes=tuple(notes),
    )  # fmt: skip


def _group(mask: int, names: tuple[str, ...]) -> str:
    return "+".join(name for i, name in enumerate(names) if (mask >> i) & 1)
