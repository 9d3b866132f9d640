"""Bargains of the spatial model of politics: what is offered, what it is worth to all, and what each actor takes."""

from __future__ import annotations

from mackinder.kernels import CACHE

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.challenge import victory_chance
from mackinder.kernels.contest import bargaining_utility, option_shares
from mackinder.kernels.inner import inner

__all__ = ["offer_bargains", "take_bargains", "value_bargains"]

#: least gain worth a challenge
_MIN_GAIN = 1e-5
#: quantities this close count as equal, so that rounding of the last bit never decides between equals
_TIE = 1e-11
#: keeps an actor that nobody can move, and that cares about nothing, where it is
_MIN_WEIGHT = 1e-6


@inner()
def _round4(x: float) -> float:
    """Four decimals; a half goes towards the middle of [0, 1], so that a mirrored case stays a mirrored case."""
    scaled = x * 1e4
    low = float(np.floor(scaled))
    rest = scaled - low
    if abs(rest - 0.5) < 1e-7:
        return (low + 1.0 if x < 0.5 else low) / 1e4
    return (low + 1.0 if rest > 0.5 else low) / 1e4


@nb.njit(cache=CACHE, nogil=True)
def _settle(x: float) -> float:
    """Eleven decimals, on both sides of the middle alike: rounding of the last bit does not build up over turns."""
    return 0.5 + float(np.round((x - 0.5) * 1e11)) / 1e11


@inner()
def _interpolate(
    p: float,
    own_salience: float,
    other_salience: float,
    own: float,
    other: float,
    form: int,
) -> tuple[float, float]:
    """Return where initiator and receiver would move in one dimension under a bargain at victory chance ``p``."""
    if form == 2:
        pull_i, pull_j = max(1.0 - 2.0 * p, 0.0), max(2.0 * p - 1.0, 0.0)
        own2, other2 = own_salience**2, other_salience**2
        by_i = pull_i * other2 / (pull_i * other2 + _MIN_WEIGHT + (1.0 - pull_i) * own2)
        by_j = pull_j * own2 / (pull_j * own2 + _MIN_WEIGHT + (1.0 - pull_j) * other2)
        return own + by_i * (other - own), other + by_j * (own - other)
    power = form + 1
    w_i = own_salience**power * p**power
    w_j = other_salience**power * (1.0 - p) ** power
    total = w_i + _MIN_WEIGHT + w_j
    moved_i = ((w_i + _MIN_WEIGHT) * own + w_j * other) / total
    moved_j = (w_i * own + (w_j + _MIN_WEIGHT) * other) / total
    return _round4(moved_i), _round4(moved_j)


@inner()
def offer_bargains(
    capability: NDArray[np.float64],
    position: NDArray[np.float64],
    salience: NDArray[np.float64],
    total_salience: NDArray[np.float64],
    risk: NDArray[np.float64],
    distance: NDArray[np.float64],
    own: NDArray[np.float64],
    options: NDArray[np.int64],
    anchor: float,
    parties: NDArray[np.int64],
    offers: NDArray[np.float64],
    seen: NDArray[np.float64],
) -> int:
    """Let each actor challenge its best target; write the bargains; return how many there are."""
    n, dims = position.shape
    count = 0
    for i in range(n):
        best, best_gain, best_p = -1, _MIN_GAIN, 0.0
        for j in range(n):
            if j == i:
                continue
            p = victory_chance(i, i, j, capability, total_salience, risk, distance, options, anchor)
            s = total_salience[j]
            gain = (1.0 - s) * 2.0 * own[i, i] + s * (p * 2.0 * own[i, i] + (1.0 - p) * 2.0 * own[i, j])
            gain -= own[i, i] + own[i, j]
            if gain > best_gain + (_TIE if best >= 0 else 0.0):
                best, best_gain, best_p = j, gain, p
        seen[i, 0], seen[i, 1], seen[i, 2] = best, best_p, best_gain if best >= 0 else 0.0
        if best < 0:
            continue
        j = best
        other_p = best_p
        if options[6] != 0:
            other_p = victory_chance(j, i, j, capability, total_salience, risk, distance, options, anchor)
        w_i = capability[i] * total_salience[i]
        w_j = capability[j] * total_salience[j]
        for k in range(dims):
            x_i, x_j = position[i, k], position[j, k]
            a_i, a_j = _interpolate(best_p, salience[i, k], salience[j, k], x_i, x_j, options[5])
            b_i, b_j = _interpolate(other_p, salience[i, k], salience[j, k], x_i, x_j, options[5])
            if options[6] == 2:
                a_i = (w_i * a_i + w_j * b_i) / (w_i + w_j)
                a_j = (w_i * a_j + w_j * b_j) / (w_i + w_j)
            offers[count, 0, k], offers[count, 1, k] = _settle(a_i), _settle(a_j)
            if options[6] == 1:
                offers[count + 1, 0, k], offers[count + 1, 1, k] = _settle(b_i), _settle(b_j)
        for _ in range(2 if options[6] == 1 else 1):
            parties[count, 0], parties[count, 1] = i, j
            count += 1
    return count


@inner()
def value_bargains(
    count: int,
    parties: NDArray[np.int64],
    offers: NDArray[np.float64],
    ideal: NDArray[np.float64],
    salience: NDArray[np.float64],
    risk: NDArray[np.float64],
    own: NDArray[np.float64],
    value: NDArray[np.float64],
) -> None:
    """Fill the utility of each actor (row) of the state after each bargain (column); column 0 is the status quo."""
    n, dims = ideal.shape
    for a in range(n):
        weight = 0.0
        for k in range(dims):
            weight += salience[a, k] ** 2
        base = 0.0
        for i in range(n):
            base += own[a, i]
        value[a, 0] = base / n
        for b in range(count):
            state = base - own[a, parties[b, 0]] - own[a, parties[b, 1]]
            for side in range(2):
                square = 0.0
                for k in range(dims):
                    square += (salience[a, k] * (ideal[a, k] - offers[b, side, k])) ** 2
                state += bargaining_utility(np.sqrt(square / weight), risk[a])
            value[a, b + 1] = state / n


@inner()
def take_bargains(
    count: int,
    parties: NDArray[np.int64],
    offers: NDArray[np.float64],
    value: NDArray[np.float64],
    capability: NDArray[np.float64],
    options: NDArray[np.int64],
    uniform: NDArray[np.float64],
    position: NDArray[np.float64],
    moved: NDArray[np.float64],
) -> None:
    """Let each actor take one of its bargains, or none, and write where it then stands."""
    n, dims = position.shape
    mine = np.zeros(count, np.int64)
    for k in range(n):
        size = 0
        for b in range(count):
            if parties[b, 0] == k:
                mine[size] = b
                size += 1
        for b in range(count):
            if parties[b, 1] == k:
                mine[size] = b
                size += 1
        for dim in range(dims):
            moved[k, dim] = position[k, dim]
        if size == 0:
            continue
        local = np.zeros((n, size + 1))
        for a in range(n):
            local[a, 0] = value[a, 0]
            for m in range(size):
                local[a, m + 1] = value[a, mine[m] + 1]
        share = np.zeros(size + 1)
        option_shares(capability, local, options[0], options[1], options[2], share)
        taken = 0
        if options[7] == 0:
            for m in range(1, size + 1):
                if share[m] > share[taken] + _TIE:
                    taken = m
        else:
            reached = share[0]
            while reached <= uniform[k] and taken < size:
                taken += 1
                reached += share[taken]
        if taken > 0:
            b = mine[taken - 1]
            side = 0 if parties[b, 0] == k else 1
            for dim in range(dims):
                moved[k, dim] = offers[b, side, dim]
