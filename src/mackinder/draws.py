"""Keyed randomness: one design stream per input, so that no draw depends on what else is drawn.

Every uncertain input has an id. Its normal scores in N draws are a Latin hypercube column made by a generator keyed by
(seed, input id); hence reversing rows, or adding an input, moves no other draw, and scenarios share their draws.
Quantities of one kind share a common factor: thirty links drawn independently would average out to near certainty.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

__all__ = ["Design", "keyed_generator", "split_quantile"]

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


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A keyed Latin hypercube.

    Attributes
    ----------
    seed : int
        Explicit seed; 0 is a seed like any other.
    draws : int
        Number of draws; with ``central=True`` all of them sit at the modes.
    common_share : float
        Share of the variance of a quantity that it has in common with its group, in [0, 1].
    central : bool
        All inputs at their central values.

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

    def normal(self, key: str) -> NDArray[np.float64]:
        """Return the normal scores of one input, shape (draws,): a Latin hypercube column in random order."""
        if self.central:
            return np.zeros(self.draws)
        generator = keyed_generator(self.seed, key)
        strata = generator.permutation(self.draws) + generator.random(self.draws)
        scores: NDArray[np.float64] = ndtri(strata / self.draws)
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
