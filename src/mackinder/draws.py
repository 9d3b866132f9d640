"""Keyed randomness: one design stream per input, so that no draw depends on what else is drawn.

Every uncertain input has an id. Its normal scores in N draws are a Latin hypercube column made by a generator keyed by
(seed, input id); hence reversing rows, or adding an input, moves no other draw, and scenarios share their draws.
Quantities of one kind share a common factor: thirty links drawn independently would average out to near certainty.

A design may be cut into windows: draws 64 to 95 of a thousand are the same numbers wherever they are drawn (convention C133).
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PAGE", "Cluster", "Design", "Plan", "keyed_column", "keyed_generator", "recorded", "split_quantile"]

#: draws of one Latin hypercube; a longer design is a row of them, so that no worker draws all of it (convention C133)
PAGE = 1024

_RECORD: ContextVar[dict[str, None] | None] = ContextVar("mackinder_drawn_inputs", default=None)

#: normal score of the 95 % bound that `high` stands for
_BOUND = 1.6448536269514722


def keyed_generator(seed: int, key: str) -> np.random.Generator:
    """Return the generator that belongs to a seed and a key (Philox, keyed by SHA-256).

    Examples
    --------
    >>> float(keyed_generator(0, "a").random()) == float(keyed_generator(0, "a").random())
    True
    """
    digest = hashlib.sha256(f"{seed}\x1f{key}".encode()).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest[:16], dtype=np.uint64)))


def split_quantile(
    z: NDArray[np.float64], low: NDArray[np.float64], mode: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Value of a quantity at normal score ``z``: median ``mode``, 5 % and 95 % points ``low`` and ``high``.

    Where ``low`` is positive the two halves are lognormal, so that nothing turns negative; elsewhere they are linear
    and stop at zero if ``low`` is not negative.

    Parameters
    ----------
    z : ndarray, shape (..., n)
        Normal scores.
    low, mode, high : ndarray, shape (n,)
        Interval, ``low <= mode <= high``.

    Returns
    -------
    ndarray, shape (..., n)

    Examples
    --------
    >>> one = np.ones(1)
    >>> split_quantile(np.array([0.0]), 2 * one, 3 * one, 5 * one).tolist()
    [3.0]
    >>> split_quantile(np.array([1.6448536269514722]), 2 * one, 3 * one, 5 * one).round(6).tolist()
    [5.0]
    """
    z, low, mode, high = np.broadcast_arrays(z, low, mode, high)
    up, x = z > 0, z / _BOUND
    positive = low > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(positive, np.where(up, high / mode, mode / low), 1.0)
        value = np.where(positive, mode * ratio**x, mode + x * np.where(up, high - mode, mode - low))
    drawn: NDArray[np.float64] = np.where(~positive & (low >= 0), np.maximum(value, 0.0), value)
    return drawn


def keyed_column(seed: int, key: str, start: int, stop: int, total: int) -> NDArray[np.float64]:
    """Points in (0, 1) of one input in draws ``start:stop`` of ``total``: Latin hypercubes of at most `PAGE` draws in a row.

    Examples
    --------
    >>> whole = keyed_column(0, "x", 0, 3000, 3000)
    >>> bool((whole[1000:2000] == keyed_column(0, "x", 1000, 2000, 3000)).all())
    True
    """
    parts = []
    for page in range(start // PAGE, -(-stop // PAGE)):
        first = page * PAGE
        size = min(PAGE, total - first)
        generator = keyed_generator(seed, key if page == 0 else f"{key}\x1fpage {page}")
        strata = generator.permutation(size) + generator.random(size)
        parts.append((strata / size)[max(start - first, 0) : stop - first])
    return np.concatenate(parts) if parts else np.zeros(0)


@contextmanager
def recorded() -> Iterator[dict[str, None]]:
    """Record the ids of all inputs that are drawn inside, in order: the keys of the mapping handed out.

    Examples
    --------
    >>> with recorded() as inputs:
    ...     _ = Design(seed=0, draws=2, common_share=0.5).normal("x")
    >>> list(inputs)
    ['x']
    """
    inputs: dict[str, None] = {}
    token = _RECORD.set(inputs)
    try:
        yield inputs
    finally:
        _RECORD.reset(token)


class Plan(Protocol):
    """A design other than the Latin hypercube: it gives the points of every input."""

    def points(self, key: str, start: int, stop: int) -> NDArray[np.float64]:
        """Return the points in (0, 1) of an input in runs ``start:stop``."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Inputs that move together: their normal scores have a correlation matrix (Gaussian copula; convention C134).

    Attributes
    ----------
    keys : tuple of str
    lower : tuple of tuple of float
        Lower triangular root of the correlation matrix (Cholesky).
    """

    keys: tuple[str, ...]
    lower: tuple[tuple[float, ...], ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A keyed Latin hypercube, or a window of one, or of another plan.

    Attributes
    ----------
    seed : int
        Explicit seed; 0 is a seed like any other.
    draws : int
        Number of draws (of this window); with ``central=True`` all of them sit at the modes.
    common_share : float
        Share of the variance of a quantity that it has in common with its group, in [0, 1].
    central : bool
        All inputs at their central values.
    start : int
        First draw of the window.
    of : int
        Draws of the whole design; 0: the window is the whole.
    plan : Plan, optional
        Where points come from, if not from the Latin hypercube.
    clusters : tuple of Cluster
        Inputs with given correlations.

    Examples
    --------
    >>> design = Design(seed=1, draws=4, common_share=0.5)
    >>> bool((design.normal("x") == design.normal("x")).all())
    True
    """

    seed: int
    draws: int
    common_share: float
    central: bool = False
    start: int = 0
    of: int = 0
    plan: Plan | None = None
    clusters: tuple[Cluster, ...] = ()

    def window(self, start: int, stop: int) -> Design:
        """Return draws ``start:stop`` of this design as a design of their own (convention C133).

        Examples
        --------
        >>> whole = Design(seed=1, draws=90, common_share=0.5)
        >>> bool((whole.window(30, 60).normal("x") == whole.normal("x")[30:60]).all())
        True
        """
        return dataclasses.replace(self, start=self.start + start, draws=stop - start, of=self.of or self.draws)

    def normal(self, key: str) -> NDArray[np.float64]:
        """Return the normal scores of one input, shape (draws,): a Latin hypercube column in random order."""
        record = _RECORD.get()
        if record is not None:
            record[key] = None
        if self.central:
            return np.zeros(self.draws)
        for cluster in self.clusters:
            if key in cluster.keys:
                row = cluster.lower[cluster.keys.index(key)]
                return sum(
                    (w * self._own(k) for w, k in zip(row, cluster.keys, strict=True) if w), np.zeros(self.draws)
                )
        return self._own(key)

    def _own(self, key: str) -> NDArray[np.float64]:
        """Normal scores of an input before those of a cluster are mixed."""
        stop = self.start + self.draws
        if self.plan is not None:
            points = self.plan.points(key, self.start, stop)
        else:
            points = keyed_column(self.seed, key, self.start, stop, self.of or stop)
        scores: NDArray[np.float64] = ndtri(points)
        return scores

    def normals(self, keys: Sequence[str], groups: Sequence[str] | None = None) -> NDArray[np.float64]:
        """Return scores of several inputs, shape (draws, n), with a common factor for each group.

        Parameters
        ----------
        keys : sequence of str
            Input ids.
        groups : sequence of str, optional
            Group of each input; inputs of one group share a factor with the weight `common_share`. None: independent.
        """
        own = np.stack([self.normal(key) for key in keys], axis=1) if len(keys) else np.zeros((self.draws, 0))
        if groups is None:
            return own
        factors = {group: self.normal(f"common/{group}") for group in sorted(set(groups))}
        common = np.stack([factors[g] for g in groups], axis=1) if len(keys) else own
        scores: NDArray[np.float64] = np.sqrt(self.common_share) * common + np.sqrt(1.0 - self.common_share) * own
        return scores

    def quantity(
        self,
        keys: Sequence[str],
        low: NDArray[np.float64],
        mode: NDArray[np.float64],
        high: NDArray[np.float64],
        *,
        groups: Sequence[str] | None = None,
    ) -> NDArray[np.float64]:
        """Draw quantities with given intervals, shape (draws, n); see `split_quantile`."""
        return split_quantile(self.normals(keys, groups), low, mode, high)

    def shares(
        self, keys: Sequence[str], low: NDArray[np.float64], mode: NDArray[np.float64], high: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Draw shares and divide them by their sum, shape (draws, n): each draw adds up to one."""
        drawn = np.maximum(self.quantity(keys, low, mode, high), 0.0)
        total = drawn.sum(axis=1, keepdims=True)
        shares: NDArray[np.float64] = np.divide(drawn, total, out=np.zeros_like(drawn), where=total > 0)
        return shares
