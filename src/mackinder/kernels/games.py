"""Cooperative games with transferable money on arrays: values indexed by bit mask, 2**n of them, the empty coalition first."""

from __future__ import annotations

from mackinder.kernels import CACHE

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["best_cover", "convex_gap", "graph_components", "subset_sums", "superadditive_gap", "weigh_marginals"]


@nb.njit(cache=CACHE, nogil=True)
def weigh_marginals(values: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh each player's marginal contributions by the size of the coalition it joins.

    Contributions to coalitions of one size are added first, with compensation (Neumaier 1974), so that the result is good
    to rounding whatever the number of players; who adds nothing anywhere gets exactly 0.0.

    Parameters
    ----------
    values : ndarray, shape (B, 2**n)
        Games.
    weight : ndarray, shape (n,)
        Weight of a contribution to a coalition of 0, 1, ..., n - 1 others.

    Returns
    -------
    ndarray, shape (B, n)
    """
    n = weight.shape[0]
    size = np.zeros(values.shape[1], np.uint8)
    for s in range(1, values.shape[1]):
        size[s] = size[s >> 1] + (s & 1)
    out = np.zeros((values.shape[0], n))
    total, lost = np.empty(n), np.empty(n)
    for b in range(values.shape[0]):
        v = values[b]
        for i in range(n):
            bit = 1 << i
            total[:] = 0.0
            lost[:] = 0.0
            for high in range(0, values.shape[1], 2 * bit):
                for s in range(high, high + bit):
                    x, k = v[s | bit] - v[s], size[s]
                    y = total[k] + x
                    lost[k] += (total[k] - y) + x if abs(total[k]) >= abs(x) else (x - y) + total[k]
                    total[k] = y
            for k in range(n):
                out[b, i] += weight[k] * (total[k] + lost[k])
    return out


@nb.njit(cache=CACHE, nogil=True)
def subset_sums(values: NDArray[np.float64]) -> None:
    """Replace each entry by the sum over all its subsets, in place (zeta transform, n 2**(n - 1) additions)."""
    bit = 1
    while bit < values.shape[0]:
        for high in range(0, values.shape[0], 2 * bit):
            for s in range(high, high + bit):
                values[s | bit] += values[s]
        bit *= 2


@nb.njit(cache=CACHE, nogil=True)
def superadditive_gap(values: NDArray[np.float64]) -> tuple[float, int, int]:
    """Return by how much two disjoint coalitions are worth more apart than together, at worst, and which two (3**n / 2)."""
    gap, first, second = -np.inf, 0, 0
    for s in range(1, values.shape[0]):
        rest = s & (s - 1)  # without the lowest player, who stays in the first part
        part = rest
        while part:
            apart = values[s ^ part] + values[part] - values[s]
            if apart > gap:
                gap, first, second = apart, s ^ part, part
            part = (part - 1) & rest
    return gap, first, second


@nb.njit(cache=CACHE, nogil=True)
def best_cover(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each coalition is worth if it may split into the parts that are worth most (superadditive cover)."""
    cover = values.copy()
    for s in range(1, values.shape[0]):
        rest = s & (s - 1)
        part = rest
        while part:
            cover[s] = max(cover[s], values[s ^ part] + cover[part])
            part = (part - 1) & rest
    return cover


@nb.njit(cache=CACHE, nogil=True)
def convex_gap(values: NDArray[np.float64]) -> float:
    """Return by how much a contribution falls when one more player has joined before, at worst; positive: not convex."""
    gap, n = -np.inf, 0
    while 1 << n < values.shape[0]:
        n += 1
    for i in range(n):
        for j in range(i):
            a, b = 1 << i, 1 << j
            for s in range(values.shape[0]):
                if not s & (a | b):
                    gap = max(gap, (values[s | a] - values[s]) - (values[s | a | b] - values[s | b]))
    return gap


@nb.njit(cache=CACHE, nogil=True)
def graph_components(values: NDArray[np.float64], neighbours: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what each coalition is worth if only its connected parts can act (the game restricted by a graph).

    Parameters
    ----------
    values : ndarray, shape (2**n,)
    neighbours : ndarray of int64, shape (n,)
        Bit mask of the neighbours of each player.
    """
    out = np.zeros_like(values)
    for s in range(1, values.shape[0]):
        found = s & -s
        edge = found
        while edge:  # grow the part of the lowest player until nobody new is reached
            reached = 0
            for i in range(neighbours.shape[0]):
                if (edge >> i) & 1:
                    reached |= neighbours[i]
            edge = reached & s & ~found
            found |= edge
        out[s] = values[found] + out[s ^ found]
    return out
