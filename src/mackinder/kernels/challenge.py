"""Challenges of the spatial model of politics: utilities, risk attitudes, and who would defeat whom."""

from __future__ import annotations

# isort: split
import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.contest import bargaining_utility, option_shares, vote
from mackinder.kernels.inner import inner

__all__ = ["fill_risk", "fill_utilities", "victory_chance"]

#: weakest coalition in a challenge
_MIN_COALITION = 1e-10


@inner()
def fill_utilities(
    position: NDArray[np.float64],
    ideal: NDArray[np.float64],
    salience: NDArray[np.float64],
    risk: NDArray[np.float64],
    distance: NDArray[np.float64],
    own: NDArray[np.float64],
) -> None:
    """Fill the salience-weighted distances of ideals to positions, and utilities at each actor's own risk attitude."""
    n, dims = position.shape
    for i in range(n):
        total = 0.0
        for k in range(dims):
            total += salience[i, k] ** 2
        for j in range(n):
            square = 0.0
            for k in range(dims):
                square += (salience[i, k] * (ideal[i, k] - position[j, k])) ** 2
            distance[i, j] = np.sqrt(square / total)
            own[i, j] = bargaining_utility(distance[i, j], risk[i])


@inner()
def fill_risk(
    capability: NDArray[np.float64],
    distance: NDArray[np.float64],
    own: NDArray[np.float64],
    options: NDArray[np.int64],
    risk: NDArray[np.float64],
) -> None:
    """Infer risk attitudes from the shares of success of risk-neutral actors; no differences: all are neutral."""
    n = len(capability)
    for i in range(n):
        for j in range(n):
            own[i, j] = 1.0 - distance[i, j]
    share = np.zeros(n)
    option_shares(capability, own, options[0], options[1], options[2], share)
    low, high = share[0], share[0]
    for i in range(1, n):
        low, high = min(low, share[i]), max(high, share[i])
    for i in range(n):
        if high - low <= 1e-12:
            risk[i] = 0.0
        elif options[4] == 0:
            risk[i] = (share[i] - low) / (high - low)
        elif options[4] == 1:
            risk[i] = (3.0 * share[i] - (high + 2.0 * low)) / (2.0 * (high - low))
        else:
            risk[i] = (2.0 * share[i] - (high + low)) / (high - low)


@inner()
def _third_party(
    rule: int, commit: int, weight: float, to_i: float, to_j: float, to_self: float, for_i: float, for_j: float
) -> float:
    """Return the vote of a third party that weighs both sides of a small contest of three."""
    lean = vote(rule, weight, to_i - to_j)
    side_i = for_i + max(lean, 0.0)
    side_j = for_j + max(-lean, 0.0)
    p = side_i / (side_i + side_j)
    if commit == 2:
        with_i = p * 3.0 * to_i + (1.0 - p) * 3.0 * to_j
        with_j = with_i
    elif commit == 1:
        with_i = p * (2.0 * to_i + to_self) + (1.0 - p) * 3.0 * to_j
        with_j = p * 3.0 * to_i + (1.0 - p) * (2.0 * to_j + to_self)
    else:
        with_i = p * (2.0 * to_i + to_self) + (1.0 - p) * (2.0 * to_j + to_self)
        with_j = with_i
    return vote(rule, weight, with_i - with_j)


@inner()
def victory_chance(
    h: int,
    i: int,
    j: int,
    capability: NDArray[np.float64],
    total_salience: NDArray[np.float64],
    risk: NDArray[np.float64],
    distance: NDArray[np.float64],
    options: NDArray[np.int64],
    anchor: float,
) -> float:
    """Return the chance that ``i`` defeats ``j`` as actor ``h`` sees it."""
    rule, commit = options[0], options[3]
    n = len(capability)
    for_i = _MIN_COALITION
    for_j = _MIN_COALITION
    for principal in (i, j):
        r = anchor * risk[h] + (1.0 - anchor) * risk[principal]
        gain = bargaining_utility(distance[principal, i], r) - bargaining_utility(distance[principal, j], r)
        cast = vote(rule, total_salience[principal] * capability[principal], gain)
        for_i += max(cast, 0.0)
        for_j += max(-cast, 0.0)
    all_i = for_i
    all_j = for_j
    for third in range(n):
        if third in (i, j):
            continue
        r = anchor * risk[h] + (1.0 - anchor) * risk[third]
        cast = _third_party(
            rule,
            commit,
            total_salience[third] * capability[third],
            bargaining_utility(distance[third, i], r),
            bargaining_utility(distance[third, j], r),
            bargaining_utility(distance[third, third], r),
            for_i,
            for_j,
        )
        all_i += max(cast, 0.0)
        all_j += max(-cast, 0.0)
    return all_i / (all_i + all_j)
