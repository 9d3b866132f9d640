"""A process through states, such as draft, signed, ratified, opened, collapsed, with preconditions and competing hazards.

Simulated, with one stream of unit exponentials for each transition: scenarios share their luck, and a transition that is
added or taken away changes no other's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta

from mackinder.draws import keyed_generator
from mackinder.errors import UsageError, did_you_mean

__all__ = ["Process", "ProcessPaths", "Transition", "simulate_process"]

Floats = NDArray[np.float64]
#: rounds after which a process is taken to circle without end
_MOST_ROUNDS = 100_000


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A move between states, or a condition that is met once.

    Attributes
    ----------
    name : str
        Names the stream of draws.
    hazard : float or ndarray, shape (pieces,) or (draws, pieces), 1/time
        Constant between the breaks of the process; draws carry its uncertainty.
    source, target : str
        States; both empty for a condition, which `requires` of other transitions can name.
    requires : tuple of str
        Conditions that must be met and states that must have been visited before the hazard starts.
    effects : mapping of str to float or ndarray, shape (draws,)
        Logarithm of the factor on the hazard for one unit of a covariate.
    """

    name: str
    hazard: float | Floats
    source: str = ""
    target: str = ""
    requires: tuple[str, ...] = ()
    effects: Mapping[str, float | Floats] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """States, what moves between them, and when hazards change.

    Attributes
    ----------
    states : tuple of str
        The first is where the process starts unless told otherwise.
    transitions : tuple of Transition
        Moves and conditions.
    breaks : tuple of float, time
        Where piecewise hazards and covariates change, ascending and positive.
    """

    states: tuple[str, ...]
    transitions: tuple[Transition, ...]
    breaks: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        names = [t.name for t in self.transitions]
        conditions = {t.name for t in self.transitions if not t.source and not t.target}
        if len(set(names)) != len(names) or len(set(self.states)) != len(self.states) or conditions & set(self.states):
            msg = "states and transitions need names of their own: some name is used twice"
            raise UsageError(msg)
        for t in self.transitions:
            if bool(t.source) != bool(t.target):
                msg = f"transition {t.name!r} has only one end: give source and target, or neither for a condition"
                raise UsageError(msg)
            for state in (t.source, t.target):
                if state and state not in self.states:
                    raise UsageError(f"transition {t.name!r}: " + did_you_mean(state, self.states, what="state"))
            for need in t.requires:
                if need not in conditions and need not in self.states:
                    known = [*self.states, *conditions]
                    raise UsageError(f"transition {t.name!r}: " + did_you_mean(need, known, what="requirement"))
        if any(b <= a for a, b in zip((0.0, *self.breaks), self.breaks, strict=False)):
            msg = f"breaks {self.breaks} must be positive and ascending"
            raise UsageError(msg)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPaths:
    """Simulated paths.

    Attributes
    ----------
    names : tuple of str
        States, then conditions.
    first : ndarray, shape (draws, names), time
        When each was first reached; infinite where it was not by the horizon: such paths are censored, not immune.
    last_state : ndarray of int64, shape (draws,)
        Index of the state at the horizon.
    horizon : float
        End of the simulation.
    """

    names: tuple[str, ...]
    first: Floats
    last_state: NDArray[np.int64]
    horizon: float

    def incidence(self, name: str, times: ArrayLike) -> Floats:
        """Return the share of paths that reached a state or condition by each time, with 95 % bounds of sampling.

        Returns
        -------
        ndarray, shape (3, times)
            Low, share, high.
        """
        at = np.atleast_1d(np.asarray(times, dtype=np.float64))
        if name not in self.names:
            raise UsageError(did_you_mean(name, self.names, what="state or condition"))
        if (at > self.horizon).any():
            msg = f"times to {at.max():g} lie beyond the horizon {self.horizon:g} of the simulation: simulate further"
            raise UsageError(msg)
        reached = (self.first[:, self.names.index(name)][:, None] <= at).sum(axis=0)
        n = len(self.first)
        low = np.where(reached > 0, beta.ppf(0.025, np.maximum(reached, 1), n - reached + 1), 0.0)
        high = np.where(reached < n, beta.ppf(0.975, reached + 1, np.maximum(n - reached, 1)), 1.0)
        return np.stack([low, reached / n, high])


def _rates(process: Process, draws: int, covariates: Mapping[str, ArrayLike]) -> Floats:
    """Hazards with covariates, shape (transitions, draws, pieces)."""
    pieces = len(process.breaks) + 1
    try:
        level = {
            name: np.broadcast_to(np.asarray(value, dtype=np.float64), (draws, pieces))
            for name, value in covariates.items()
        }
    except ValueError:
        msg = f"covariates must be one number, {pieces} pieces, or {draws} draws by {pieces} pieces"
        raise UsageError(msg) from None
    table = np.zeros((len(process.transitions), draws, pieces))
    for row, transition in zip(table, process.transitions, strict=True):
        hazard = np.asarray(transition.hazard, dtype=np.float64)
        if hazard.shape not in ((), (pieces,), (draws, pieces)) or not np.isfinite(hazard).all() or (hazard < 0).any():
            msg = (
                f"transition {transition.name!r}: hazard of shape {hazard.shape}; give finite numbers that are not "
                f"negative, one, {pieces} pieces, or {draws} draws by {pieces} pieces"
            )
            raise UsageError(msg)
        row[:] = hazard
        for name, effect in transition.effects.items():
            if name not in level:
                raise UsageError(f"transition {transition.name!r}: " + did_you_mean(name, level, what="covariate"))
            row *= np.exp(np.asarray(effect, dtype=np.float64).reshape(-1, 1) * level[name])
    return table


class _Luck:
    """Unit exponentials: the integrated hazard at which each transition fires, renewed when it has fired."""

    def __init__(self, names: Sequence[str], seed: int, draws: int) -> None:
        self.streams = [keyed_generator(seed, f"process/{name}") for name in names]
        self.rows = [[stream.standard_exponential(draws)] for stream in self.streams]
        self.left = np.array([rows[0] for rows in self.rows])
        self.visits = np.zeros((len(names), draws), dtype=np.int64)

    def renew(self, which: NDArray[np.int64], draws: NDArray[np.int64]) -> None:
        self.visits[which, draws] += 1
        for k in np.unique(which):
            hit = draws[which == k]
            while len(self.rows[k]) <= self.visits[k, hit].max():
                self.rows[k].append(self.streams[k].standard_exponential(self.left.shape[1]))
            self.left[k, hit] = np.array(self.rows[k])[self.visits[k, hit], hit]


def simulate_process(
    process: Process,
    *,
    horizon: float,
    draws: int,
    seed: int,
    start: str | None = None,
    met: Mapping[str, float] | None = None,
    covariates: Mapping[str, ArrayLike] | None = None,
) -> ProcessPaths:
    """Simulate paths of a process.

    Parameters
    ----------
    process : Process
        States and transitions.
    horizon : float, time
        End of the simulation; what has not happened by then is censored.
    draws : int
        Number of paths.
    seed : int
        Names the streams of draws.
    start : str, optional
        State at time zero; the first one if left out.
    met : mapping of str to float, optional
        Conditions met and states visited before the start, with their times (not positive).
    covariates : mapping of str to array_like, shape (), (pieces,) or (draws, pieces), optional
        Levels of what multiplies hazards.

    Returns
    -------
    ProcessPaths

    Raises
    ------
    UsageError
        Names that do not exist, or hazards of the wrong shape.

    Examples
    --------
    >>> talks = Process(states=("talks", "signed", "collapsed"), transitions=(
    ...     Transition(name="sign", source="talks", target="signed", hazard=0.1, requires=("referendum",)),
    ...     Transition(name="collapse", source="talks", target="collapsed", hazard=0.05),
    ...     Transition(name="referendum", hazard=0.5)))
    >>> paths = simulate_process(talks, horizon=10.0, draws=1000, seed=1)
    >>> low, share, high = paths.incidence("signed", [3.0, 10.0])
    >>> bool((low <= share).all() and share[0] < share[1])
    True
    """
    if not (0 < horizon < np.inf) or draws < 1:
        msg = f"horizon {horizon} and draws {draws}: both must be positive and finite"
        raise UsageError(msg)
    table = _rates(process, draws, covariates or {})
    conditions = [t.name for t in process.transitions if not t.source]
    names = (*process.states, *conditions)
    column = {name: k for k, name in enumerate(names)}
    first = np.full((draws, len(names)), np.inf)
    for name, when in (met or {}).items():
        if name not in column or when > 0:
            raise UsageError(f"met at {when}: " + did_you_mean(name, names, what="state or condition"))
        first[:, column[name]] = when
    if (start or process.states[0]) not in process.states:
        raise UsageError(did_you_mean(start or "", process.states, what="state"))
    state = np.full(draws, process.states.index(start or process.states[0]), dtype=np.int64)
    first[:, state[0]] = np.minimum(first[:, state[0]], 0.0)
    source = np.array([process.states.index(t.source) if t.source else -1 for t in process.transitions], dtype=np.int64)
    target = np.array([column[t.target or t.name] for t in process.transitions], dtype=np.int64)
    needs = [[column[need] for need in t.requires] for t in process.transitions]
    luck = _Luck([t.name for t in process.transitions], seed, draws)
    edges = np.append(process.breaks, np.inf)
    now, everyone = np.zeros(draws), np.arange(draws)
    for _ in range(_MOST_ROUNDS):
        running = now < horizon
        if not running.any() or not len(source):
            break
        piece = np.searchsorted(process.breaks, now, side="right")
        rate = table[:, everyone, piece]
        for k, need in enumerate(needs):
            here = state == source[k] if source[k] >= 0 else np.isinf(first[:, target[k]])
            rate[k] *= here & np.isfinite(first[:, need]).all(axis=1) & running
        with np.errstate(divide="ignore", invalid="ignore"):
            wait = np.where(rate > 0, luck.left / rate, np.inf)
        which = wait.argmin(axis=0)
        stop = np.minimum(edges[piece], horizon)
        fires = running & (now + wait[which, everyone] <= stop)
        span = np.where(fires, wait[which, everyone], np.where(running, stop - now, 0.0))
        luck.left -= rate * span
        now = np.where(fires, now + span, np.where(running, stop, now))
        hit = everyone[fires]
        at = target[which[hit]]
        first[hit, at] = np.minimum(first[hit, at], now[hit])
        moved = source[which[hit]] >= 0
        state[hit[moved]] = at[moved]
        luck.renew(which[hit], hit)
    else:
        msg = f"the process still moves after {_MOST_ROUNDS:,} moves: some states circle faster than the horizon allows"
        raise UsageError(msg)
    return ProcessPaths(names=names, first=first, last_state=state, horizon=float(horizon))
