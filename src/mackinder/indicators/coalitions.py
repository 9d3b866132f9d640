"""Games in coalitional form: values indexed by bit mask, read and checked; what kind of game it is.

Player i is bit i: ``values[0b101]`` is what players 0 and 2 are worth together. There are 2**n values and the first, of the
empty coalition, is zero (convention: the value is a gain over what happens when nobody cooperates).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mackinder.errors import DataError
from mackinder.kernels.games import best_cover, convex_gap, superadditive_gap

__all__ = [
    "MOST_PLAYERS",
    "coalition_sums",
    "is_convex",
    "is_superadditive",
    "null_players",
    "read_values",
    "superadditive_cover",
    "worst_split",
]

#: exact solutions hold all coalitions in memory: 2**24 values are 128 MiB
MOST_PLAYERS = 24
#: differences below this part of the largest value are rounding
_ROUNDING = 1e-10

Floats = NDArray[np.float64]


def read_values(values: ArrayLike, *, batch: bool = False) -> tuple[Floats, int]:
    """Check the values of a game and return them with the number of players.

    Parameters
    ----------
    values : array_like, shape (2**n,), or (..., 2**n) if ``batch``
    batch : bool
        Leading axes (draws) are allowed.

    Raises
    ------
    DataError
        The length is no power of two, a value is missing or infinite, or the empty coalition is worth something.

    Examples
    --------
    >>> read_values([0, 1, 2, 4])[1]
    2
    """
    v = np.asarray(values, dtype=np.float64)
    shape = "(..., 2**n)" if batch else "(2**n,)"
    if v.ndim == 0 or (v.ndim > 1 and not batch):
        msg = f"values have shape {v.shape}; give {shape}: one value for each coalition, indexed by bit mask"
        raise DataError(msg)
    n = v.shape[-1].bit_length() - 1
    if n < 1 or v.shape[-1] != 1 << n:
        msg = (
            f"there are {v.shape[-1]} values; n players have 2**n coalitions, the empty one included: "
            "give one value for each bit mask, values[0] = 0"
        )
        raise DataError(msg)
    if n > MOST_PLAYERS:
        msg = f"the game has {n} players; exact solutions go to {MOST_PLAYERS}: use shapley_sampled"
        raise DataError(msg)
    bad = ~np.isfinite(v)
    if bad.any():
        at = np.argwhere(bad)[0]
        msg = f"values[{', '.join(str(int(i)) for i in at)}] is {v[tuple(at)]}; every coalition needs a finite value"
        raise DataError(msg)
    if v[..., 0].any():
        seen = v[..., 0].flat[int(np.flatnonzero(v[..., 0])[0])]
        msg = f"values[0] is {seen:g}; the empty coalition is worth 0: subtract its value from all others"
        raise DataError(msg)
    return v, n


def coalition_sums(payoff: Sequence[float] | Floats) -> Floats:
    """Return what each coalition gets under a payoff, shape (2**n,).

    Examples
    --------
    >>> coalition_sums([1.0, 2.0]).tolist()
    [0.0, 1.0, 2.0, 3.0]
    """
    sums = np.zeros(1)
    for x in np.asarray(payoff, dtype=np.float64):
        sums = np.concatenate([sums, sums + x])
    return sums


def null_players(values: ArrayLike) -> NDArray[np.bool_]:
    """Return who changes the value of no coalition by a single bit, shape (n,).

    Examples
    --------
    >>> null_players([0, 1, 0, 1]).tolist()
    [False, True]
    """
    v, n = read_values(values)
    pairs = (v.reshape(-1, 2, 1 << i) for i in range(n))
    return np.array([bool((x[:, 0] == x[:, 1]).all()) for x in pairs])


def worst_split(values: ArrayLike) -> tuple[float, int, int]:
    """Return by how much two disjoint coalitions are worth more apart than together, at worst, and their bit masks.

    Returns
    -------
    gap : float
        In the unit of the values; positive if the game is not superadditive, minus infinity for one player.
    first, second : int
        Bit masks of the two coalitions.

    Examples
    --------
    >>> worst_split([0, 2, 2, 3])
    (1.0, 1, 2)
    """
    v, _ = read_values(values)
    gap, first, second = superadditive_gap(v)
    return float(gap), int(first), int(second)


def is_superadditive(values: ArrayLike) -> bool:
    """Say whether no two disjoint coalitions are worth more apart than together (up to rounding).

    Parameters
    ----------
    values : array_like, shape (2**n,)

    Examples
    --------
    >>> is_superadditive([0, 1, 1, 3]), is_superadditive([0, 2, 2, 3])
    (True, False)
    """
    v, _ = read_values(values)
    return bool(superadditive_gap(v)[0] <= _ROUNDING * np.abs(v).max())


def is_convex(values: ArrayLike) -> bool:
    """Say whether nobody contributes less to a larger coalition (up to rounding).

    Parameters
    ----------
    values : array_like, shape (2**n,)

    Examples
    --------
    >>> is_convex([0, 1, 1, 3]), is_convex([0, 0, 0, 0, 0, 1, 1, 1])
    (True, False)
    """
    v, _ = read_values(values)
    return bool(convex_gap(v) <= _ROUNDING * np.abs(v).max())


def superadditive_cover(values: ArrayLike) -> Floats:
    """Return what each coalition is worth if it may split into the parts that are worth most.

    The least superadditive game above the given one; equal to it if it is superadditive.

    Parameters
    ----------
    values : array_like, shape (2**n,)

    Returns
    -------
    ndarray, shape (2**n,)

    Examples
    --------
    >>> superadditive_cover([0, 2, 2, 3]).tolist()
    [0.0, 2.0, 2.0, 4.0]
    """
    v, _ = read_values(values)
    cover: Floats = best_cover(v)
    return cover
