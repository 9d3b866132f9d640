"""The spatial model of politics: one bargaining trajectory, and many of them.

Positions are on [0, 1] and capabilities are scaled by the caller, so that the model's small constants mean the same in
every case. Options are small integers; their names stand in `mackinder.strategy.spatial_settings`.
"""

from __future__ import annotations

from mackinder.kernels import CACHE

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.bargains import offer_bargains, take_bargains, value_bargains
from mackinder.kernels.challenge import fill_risk, fill_utilities
from mackinder.kernels.contest import option_shares
from mackinder.kernels.inner import inner

__all__ = ["run_bargaining", "run_many"]

#: positions nearer than this count as one when shares of success are counted; just below a step of the grid
_SAME_POSITION = 1e-3 - 1e-9
#: total shift that counts as none when the stopping ratio is formed
_MIN_SHIFT = 1e-4


@inner()
def _position_shares(
    capability: NDArray[np.float64],
    position: NDArray[np.float64],
    own: NDArray[np.float64],
    options: NDArray[np.int64],
    share: NDArray[np.float64],
) -> None:
    """Fill each actor's chance that its position wins; actors at one position share one chance."""
    n, dims = position.shape
    kind = np.zeros(n, np.int64)
    first = np.zeros(n, np.int64)
    kinds = 0
    for i in range(n):
        found = -1
        for u in range(kinds):
            square = 0.0
            for k in range(dims):
                square += (position[i, k] - position[first[u], k]) ** 2
            if found < 0 and np.sqrt(square) < _SAME_POSITION:
                found = u
        if found < 0:
            found = kinds
            first[kinds] = i
            kinds += 1
        kind[i] = found
    reduced = np.zeros((n, kinds))
    for a in range(n):
        for u in range(kinds):
            reduced[a, u] = own[a, first[u]]
    chance = np.zeros(kinds)
    option_shares(capability, reduced, options[0], options[1], options[2], chance)
    for i in range(n):
        share[i] = chance[kind[i]]


@nb.njit(cache=CACHE, nogil=True)
def run_bargaining(
    capability: NDArray[np.float64],
    start: NDArray[np.float64],
    salience: NDArray[np.float64],
    accommodation: NDArray[np.float64],
    options: NDArray[np.int64],
    anchor: float,
    turns: tuple[int, int],
    stop_ratio: float,
    uniform: NDArray[np.float64],
    positions: NDArray[np.float64],
    shares: NDArray[np.float64],
    risks: NDArray[np.float64],
    seen: NDArray[np.float64],
) -> int:
    """Write one trajectory; return its number of states.

    Parameters
    ----------
    capability : ndarray, shape (n,)
        Positive weights, scaled by the caller.
    start, salience : ndarray, shape (n, dims)
        Positions in [0, 1]; saliences whose row sums are in (0, 1].
    accommodation : ndarray, shape (n, n)
        Row i: how far actor i's ideal follows each actor's position; what is missing to one stays with the old ideal.
    options : ndarray of int64, shape (8,)
        Vote, victory, choice, third-party commitment, risk range, interpolation, bargain form, transitions.
    anchor : float
        Weight of the own risk attitude in what one believes of another's, in [0, 1].
    turns : (int, int)
        Least and greatest number of turns.
    stop_ratio : float
        Stop when a turn's total shift falls below this share of the first turn's.
    uniform : ndarray, shape (turns, n)
        Uniform draws of stochastic transitions.
    positions, shares, risks : ndarray, shape (turns + 1, n, dims), (turns + 1, n), (turns + 1, n)
        Outputs by state.
    seen : ndarray, shape (turns + 1, n, 3)
        Output by state: each actor's target (-1: none), its chance of victory and gain as it sees them.

    Notes
    -----
    Wise, B., Lester, L. and Efird, B. (2015), "An introduction to the KAPSARC toolkit for behavioral analysis", and
    its published reference runs.
    """
    n, dims = start.shape
    distance, own = np.zeros((n, n)), np.zeros((n, n))
    parties, offers = np.zeros((2 * n, 2), np.int64), np.zeros((2 * n, 2, dims))
    value, ideal = np.zeros((n, 2 * n + 1)), np.zeros((n, dims))
    total_salience = np.zeros(n)
    for i in range(n):
        for k in range(dims):
            total_salience[i] += salience[i, k]
            ideal[i, k] = start[i, k]
            positions[0, i, k] = start[i, k]
    first_shift = 0.0
    state = 0
    while True:
        here = positions[state]
        risk = risks[state]
        fill_utilities(here, ideal, salience, risk, distance, own)
        fill_risk(capability, distance, own, options, risk)
        fill_utilities(here, ideal, salience, risk, distance, own)
        _position_shares(capability, here, own, options, shares[state])
        count = offer_bargains(
            capability,
            here,
            salience,
            total_salience,
            risk,
            distance,
            own,
            options,
            anchor,
            parties,
            offers,
            seen[state],
        )
        if state > 0:
            shift = 0.0
            for i in range(n):
                square = 0.0
                for k in range(dims):
                    square += (here[i, k] - positions[state - 1, i, k]) ** 2
                shift += np.sqrt(square)
            if state == 1:
                first_shift = shift + _MIN_SHIFT
            if state >= turns[1] or (state >= turns[0] and shift < stop_ratio * first_shift):
                return state + 1
        elif turns[1] == 0:
            return 1
        value_bargains(count, parties, offers, ideal, salience, risk, own, value)
        moved = positions[state + 1]
        take_bargains(count, parties, offers, value, capability, options, uniform[state], here, moved)
        for i in range(n):
            lag = 1.0
            for j in range(n):
                lag -= accommodation[i, j]
            if abs(lag) < 1e-10:
                lag = 0.0
            for k in range(dims):
                ideal[i, k] *= lag
                for j in range(n):
                    ideal[i, k] += accommodation[i, j] * moved[j, k]
        state += 1


@nb.njit(cache=CACHE, nogil=True)
def run_many(
    capability: NDArray[np.float64],
    start: NDArray[np.float64],
    salience: NDArray[np.float64],
    accommodation: NDArray[np.float64],
    options: NDArray[np.int64],
    anchor: float,
    turns: tuple[int, int],
    stop_ratio: float,
    uniform: NDArray[np.float64],
    kept: int,
    positions: NDArray[np.float64],
    shares: NDArray[np.float64],
    states: NDArray[np.int64],
) -> None:
    """Run one trajectory a draw and keep the first ``kept`` turns and the end.

    Parameters
    ----------
    capability, start, salience : ndarray, shape (draws, n), (draws, n, dims), (draws, n, dims)
        As in `run_bargaining`, by draw.
    uniform : ndarray, shape (draws or 1, turns, n)
        One row where transitions are deterministic.
    kept : int
        Turns kept beside the end.
    positions, shares : ndarray, shape (draws, kept + 1, n, dims), (draws, kept + 1, n)
        Outputs: after turn 1, 2, ... and at the end. A trajectory that has ended stays where it is.
    states : ndarray of int64, shape (draws,)
        Output: number of states of each trajectory.
    """
    draws, n, dims = start.shape
    path, chance = np.zeros((turns[1] + 1, n, dims)), np.zeros((turns[1] + 1, n))
    risk, seen = np.zeros((turns[1] + 1, n)), np.zeros((turns[1] + 1, n, 3))
    for d in range(draws):
        row = uniform[d if len(uniform) > 1 else 0]
        states[d] = run_bargaining(
            capability[d], start[d], salience[d], accommodation, options, anchor, turns, stop_ratio, row, path, chance,
            risk, seen,
        )  # fmt: skip
        for turn in range(kept + 1):
            at = states[d] - 1 if turn == kept else min(turn + 1, states[d] - 1)
            for i in range(n):
                shares[d, turn, i] = chance[at, i]
                for k in range(dims):
                    positions[d, turn, i, k] = path[at, i, k]
