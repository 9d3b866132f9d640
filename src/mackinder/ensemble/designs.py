"""Designs: Latin hypercube, Saltelli (for Sobol indices) and Morris, over factors; correlations; all keyed.

Sobol needs two samples A and B and, for each factor, A with that factor taken from B. Morris needs trajectories in which one
factor moves at a time. Both work on blocks of inputs as on single ones: the inputs of a block move together, each in its
own way, and a factor of one input has the scrambled Sobol sequence.

References
----------
Saltelli et al. (2010), Computer Physics Communications 181, 259-270. Morris (1991), Technometrics 33, 161-174; groups:
Campolongo, Cariboni and Saltelli (2007), Environmental Modelling & Software 22, 1509-1518.
"""

from __future__ import annotations

import dataclasses
import functools
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from mackinder.draws import Cluster, Plan, keyed_column, keyed_generator
from mackinder.ensemble.factors import Factor
from mackinder.errors import UsageError

__all__ = ["METHODS", "MorrisPlan", "SobolPlan", "build_plan", "cluster", "runs_of"]

METHODS = ("lhs", "sobol", "morris")
#: levels of the Morris design
LEVELS = 4

Floats = NDArray[np.float64]


def runs_of(method: str, draws: int, n_factors: int) -> int:
    """Return how many runs a design needs: ``draws``, or so many for each factor, and two or one more.

    Examples
    --------
    >>> runs_of("sobol", 64, 10), runs_of("morris", 20, 10), runs_of("lhs", 64, 10)
    (768, 220, 64)
    """
    return {"lhs": draws, "sobol": draws * (n_factors + 2), "morris": draws * (n_factors + 1)}[method]


def build_plan(method: str, seed: int, draws: int, factors: Sequence[Factor]) -> Plan | None:
    """Return the plan of a design; None for the Latin hypercube, which `Design` itself draws.

    Raises
    ------
    UsageError
        If the method is not known, or ``draws`` is no power of two for Sobol.
    """
    if method == "sobol":
        if draws < 2 or draws & (draws - 1):
            near = 1 << max(1, round(np.log2(max(draws, 2))))
            msg = f"--draws {draws}: a Sobol design needs a power of two, such as {near}"
            raise UsageError(msg)
        return SobolPlan(seed=seed, base=draws, factors=tuple(factors))
    if method == "morris":
        if draws < 2:
            msg = f"--draws {draws}: a Morris design needs at least two trajectories"
            raise UsageError(msg)
        return MorrisPlan(seed=seed, base=draws, factors=tuple(factors))
    if method != "lhs":
        msg = f"unknown design {method!r}: known are {', '.join(METHODS)}"
        raise UsageError(msg)
    return None


@functools.lru_cache(maxsize=8)
def _index(factors: tuple[Factor, ...]) -> dict[str, int]:
    return {key: f for f, factor in enumerate(factors) for key in factor.inputs}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SobolPlan:
    """Saltelli's design: for each of ``base`` points A, then A with one factor from B, for each factor, then B.

    Examples
    --------
    >>> plan = SobolPlan(seed=0, base=4, factors=(Factor(name="x", inputs=("x",)),))
    >>> plan.points("x", 0, 12).shape
    (12,)
    """

    seed: int
    base: int
    factors: tuple[Factor, ...]

    def points(self, key: str, start: int, stop: int) -> Floats:
        """Return the points of an input in runs ``start:stop``; an input of no factor keeps that of A."""
        step = len(self.factors) + 2
        run = np.arange(start, stop)
        n, j = run // step, run % step
        first, last = start // step, -(-stop // step)
        f = _index(self.factors).get(key, -1)
        a, b = self._pair(key, f, first, last)
        changed = (j == f + 1) | (j == step - 1) if f >= 0 else np.zeros(len(run), dtype=bool)
        return np.asarray(np.where(changed, b[n - first], a[n - first]))

    def _pair(self, key: str, f: int, first: int, last: int) -> tuple[Floats, Floats]:
        if f >= 0 and len(self.factors[f].inputs) == 1:
            table = _sobol_points(self.seed, self.base, len(self.factors))
            return table[first:last, f], table[first:last, len(self.factors) + f]
        a, b = (keyed_column(self.seed, f"{key}\x1f{name}", first, last, self.base) for name in "AB")
        return a, b


@functools.lru_cache(maxsize=2)
def _sobol_points(seed: int, base: int, n: int) -> Floats:
    """Scrambled Sobol points, shape (base, 2 n), inside (0, 1)."""
    number = int(keyed_generator(seed, "sobol").integers(2**63))  # it wants a generator that can spawn others
    sampler = qmc.Sobol(2 * n, scramble=True, rng=np.random.default_rng(number))
    points: Floats = np.clip(sampler.random_base2(base.bit_length() - 1), 2.0**-40, 1 - 2.0**-40)
    return points


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MorrisPlan:
    """Morris's design: ``base`` trajectories over four levels, each changing one factor after the other.

    A level is the middle of a quarter of probability. Each input of a block goes up or down with the block, by a coin of its
    own in each trajectory.
    """

    seed: int
    base: int
    factors: tuple[Factor, ...]

    def levels(self) -> Floats:
        """Return the level of each factor in each run, in [0, 1], shape (base (n + 1), n): what SALib calls X."""
        return _trajectories(self.seed, self.base, len(self.factors))

    def points(self, key: str, start: int, stop: int) -> Floats:
        """Return the points of an input in runs ``start:stop``; an input of no factor stays in the middle."""
        f = _index(self.factors).get(key, -1)
        if f < 0:
            return np.full(stop - start, 0.5)
        level = self.levels()[start:stop, f]
        if len(self.factors[f].inputs) > 1:
            turn = np.arange(start, stop) // (len(self.factors) + 1)
            coins = keyed_generator(self.seed, f"{key}\x1fcoin").random(self.base) < 0.5
            level = np.where(coins[turn], 1.0 - level, level)
        return np.asarray((level * (LEVELS - 1) + 0.5) / LEVELS)


@functools.lru_cache(maxsize=2)
def _trajectories(seed: int, base: int, n: int) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of matplotlib and pandas, which SALib brings
        from SALib.sample import morris
    problem = {"num_vars": n, "names": [f"f{i}" for i in range(n)], "bounds": [[0.0, 1.0]] * n}
    number = int(keyed_generator(seed, "morris").integers(2**31))
    return np.asarray(morris.sample(problem, base, num_levels=LEVELS, seed=number), dtype=np.float64)


def cluster(correlations: Mapping[tuple[str, str], float]) -> tuple[Cluster, ...]:
    """Turn correlations of pairs of inputs into clusters (Gaussian copula; convention C134).

    Pairs of a cluster that are not named are uncorrelated.

    Parameters
    ----------
    correlations : mapping of (str, str) to float
        Correlation of normal scores of two inputs, in (-1, 1).

    Raises
    ------
    UsageError
        If a number is no correlation, or no joint distribution has all of them.

    Examples
    --------
    >>> [found.keys for found in cluster({("x", "y"): 0.8})]
    [('x', 'y')]
    """
    groups: list[set[str]] = []
    for (a, b), rho in correlations.items():
        if a == b or not -1.0 < rho < 1.0:
            msg = f"correlation of {a} and {b} is {rho}: give a number between -1 and 1 for two different inputs"
            raise UsageError(msg)
        touched = [group for group in groups if group & {a, b}]
        groups = [group for group in groups if not group & {a, b}] + [{a, b}.union(*touched)]
    found = []
    for group in sorted(groups, key=min):
        keys = tuple(sorted(group))
        matrix = np.eye(len(keys))
        for (a, b), rho in correlations.items():
            if a in group:
                i, j = keys.index(a), keys.index(b)
                matrix[i, j] = matrix[j, i] = rho
        try:
            lower = np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError:
            msg = f"correlations of {', '.join(keys)} contradict each other: no joint distribution has all of them"
            raise UsageError(msg) from None
        found.append(Cluster(keys=keys, lower=tuple(tuple(float(x) for x in row) for row in lower)))
    return tuple(found)
