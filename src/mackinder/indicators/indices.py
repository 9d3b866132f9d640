"""Values that weigh marginal contributions: Shapley, Banzhaf, Owen (unions) and Myerson (a graph of contracts)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mackinder.errors import DataError
from mackinder.indicators.coalitions import coalition_sums, read_values
from mackinder.kernels.games import graph_components, weigh_marginals

__all__ = ["banzhaf", "graph_restricted", "myerson", "owen", "shapley"]

Floats = NDArray[np.float64]


def shapley(values: ArrayLike) -> Floats:
    """Shapley value: what each player adds on average over all orders of joining.

    Parameters
    ----------
    values : array_like, shape (..., 2**n)
        Indexed by bit mask, ``values[..., 0] = 0``; leading axes are draws.

    Returns
    -------
    ndarray, shape (..., n)
        Adds up to ``values[..., -1]``; exactly 0.0 for who adds nothing.

    Raises
    ------
    DataError
        See `mackinder.indicators.coalitions.read_values`.

    References
    ----------
    L. S. Shapley (1953), A value for n-person games, in Contributions to the Theory of Games II.

    Examples
    --------
    An exporter and two transit countries, one of which suffices:

    >>> shapley([0, 0, 0, 1, 0, 1, 0, 1]).round(4).tolist()
    [0.6667, 0.1667, 0.1667]
    """
    v, n = read_values(values, batch=True)
    return _weigh(v, np.array([1.0 / (n * math.comb(n - 1, k)) for k in range(n)]))


def banzhaf(values: ArrayLike, *, normalised: bool = False) -> Floats:
    """Banzhaf value: what each player adds on average over all coalitions of the others.

    Parameters
    ----------
    values : array_like, shape (..., 2**n)
        Indexed by bit mask, ``values[..., 0] = 0``; leading axes are draws.
    normalised : bool
        Divide by the sum over players (the index of voting power that adds up to one); zero if nobody adds anything.

    Returns
    -------
    ndarray, shape (..., n)
        Does not add up to ``values[..., -1]`` in general.

    Raises
    ------
    DataError
        The values are no game, or contributions cancel and cannot be normalised.

    References
    ----------
    J. F. Banzhaf (1965), Weighted voting doesn't work, Rutgers Law Review 19; G. Owen (1975) for games in money.

    Examples
    --------
    >>> banzhaf([0, 0, 0, 1, 0, 1, 0, 1]).tolist()
    [0.75, 0.25, 0.25]
    >>> banzhaf([0, 0, 0, 1, 0, 1, 0, 1], normalised=True).tolist()
    [0.6, 0.2, 0.2]
    """
    v, n = read_values(values, batch=True)
    out = _weigh(v, np.full(n, 0.5 ** (n - 1)))
    if not normalised:
        return out
    total = out.sum(axis=-1, keepdims=True)
    if ((total == 0) & out.any(axis=-1, keepdims=True)).any():
        msg = "the Banzhaf values add up to zero and cannot be normalised: use normalised=False"
        raise DataError(msg)
    index: Floats = np.divide(out, total, out=np.zeros_like(out), where=total != 0)
    return index


def _weigh(v: Floats, weight: Floats) -> Floats:
    out: Floats = weigh_marginals(np.ascontiguousarray(v.reshape(-1, v.shape[-1])), weight)
    return out.reshape(*v.shape[:-1], len(weight))


def owen(values: ArrayLike, unions: Sequence[Sequence[int]]) -> Floats:
    """Owen value: Shapley value where members of a union join one after the other, without others in between.

    Parameters
    ----------
    values : array_like, shape (2**n,)
    unions : sequence of sequences of int
        Disjoint groups of players; who is in none stands alone.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    DataError
        A player stands in two unions or does not exist, or the values are no game.

    References
    ----------
    G. Owen (1977), Values of games with a priori unions.

    Examples
    --------
    The two transit countries unite and share with the exporter by halves:

    >>> owen([0, 0, 0, 1, 0, 1, 0, 1], [[1, 2]]).tolist()
    [0.5, 0.25, 0.25]
    """
    v, n = read_values(values)
    named = [int(i) for union in unions for i in union]
    wrong = sorted({i for i in named if not 0 <= i < n or named.count(i) > 1})
    if wrong:
        msg = f"players {wrong} of the unions do not exist or are named twice; players are 0 to {n - 1}, each in one union"
        raise DataError(msg)
    groups = [[int(i) for i in union] for union in unions if len(union)]
    groups += [[i] for i in range(n) if i not in named]
    sets = [sum(1 << i for i in group) for group in groups]
    out = np.zeros(n)
    for k, group in enumerate(groups):
        before, ahead = _joined([m for j, m in enumerate(sets) if j != k])
        for i in group:
            mates, joined = _joined([1 << j for j in group if j != i])
            base = before[:, None] | mates[None, :]
            out[i] = (ahead[:, None] * joined[None, :] * (v[base | (1 << i)] - v[base])).sum()
    return out


def _joined(sets: list[int]) -> tuple[NDArray[np.int64], Floats]:
    """Return the unions of all selections of some disjoint sets, and how often each selection precedes the next to join."""
    masks, size = np.zeros(1, dtype=np.int64), coalition_sums(np.ones(len(sets))).astype(int)
    for mask in sets:
        masks = np.concatenate([masks, masks | mask])
    weight = np.array([1.0 / ((len(sets) + 1) * math.comb(len(sets), k)) for k in range(len(sets) + 1)])
    return masks, weight[size]


def graph_restricted(values: ArrayLike, graph: ArrayLike) -> Floats:
    """Return what each coalition is worth if only its connected parts can act.

    Parameters
    ----------
    values : array_like, shape (2**n,)
    graph : array_like
        Pairs of players who can make a contract, shape (m, 2), or a symmetric adjacency matrix, shape (n, n).

    Returns
    -------
    ndarray, shape (2**n,)

    Raises
    ------
    DataError
        The graph names a player who does not exist, or the matrix is not symmetric.

    Examples
    --------
    >>> graph_restricted([0, 1, 1, 5], []).tolist()
    [0.0, 1.0, 1.0, 2.0]
    """
    v, n = read_values(values)
    restricted: Floats = graph_components(v, _neighbours(graph, n))
    return restricted


def myerson(values: ArrayLike, graph: ArrayLike) -> Floats:
    """Myerson value: Shapley value where only players joined by contracts can act together.

    Parameters
    ----------
    values : array_like, shape (2**n,)
    graph : array_like
        Pairs of players who can make a contract, shape (m, 2), or a symmetric adjacency matrix, shape (n, n). Two
        rows for two players are read as pairs unless they are a NumPy array, which is read as a matrix.

    Returns
    -------
    ndarray, shape (n,)
        Each connected part of the graph shares what it is worth.

    Raises
    ------
    DataError
        The graph names a player who does not exist, or the matrix is not symmetric.

    References
    ----------
    R. B. Myerson (1977), Graphs and cooperation in games, Mathematics of Operations Research 2.

    Examples
    --------
    Any two of three earn 1, and the middle one must be asked:

    >>> myerson([0, 0, 0, 1, 0, 1, 1, 1], [(0, 1), (1, 2)]).round(4).tolist()
    [0.1667, 0.6667, 0.1667]
    """
    return shapley(graph_restricted(values, graph))


def _neighbours(graph: ArrayLike, n: int) -> NDArray[np.int64]:
    """Read a graph as the bit mask of each player's neighbours."""
    raw = np.asarray(graph)
    joined = np.zeros((n, n), dtype=bool)
    if raw.size == 0:
        return np.zeros(n, dtype=np.int64)
    if raw.shape == (n, n) and (n != 2 or isinstance(graph, np.ndarray)):
        joined = raw.astype(bool)
        if (joined != joined.T).any():
            i, j = (int(k) for k in np.argwhere(joined != joined.T)[0])
            msg = f"the graph joins player {i} to {j} but not {j} to {i}; a contract binds both: make the matrix symmetric"
            raise DataError(msg)
    elif raw.ndim == 2 and raw.shape[1] == 2 and np.issubdtype(raw.dtype, np.integer):
        if raw.min() < 0 or raw.max() >= n:
            msg = f"the graph names player {raw.max() if raw.max() >= n else raw.min()}; players are 0 to {n - 1}"
            raise DataError(msg)
        joined[raw[:, 0], raw[:, 1]] = joined[raw[:, 1], raw[:, 0]] = True
    else:
        msg = f"the graph has shape {raw.shape}; give pairs of players, shape (m, 2), or an adjacency matrix, shape ({n}, {n})"
        raise DataError(msg)
    bits: NDArray[np.int64] = (joined * (1 << np.arange(n))).sum(axis=1).astype(np.int64)
    return bits
