"""Exact hat algebra: what a change of trade costs does to wages, prices, flows and welfare, from observed flows alone."""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
import numpy.typing as npt

from mackinder.equilibrium._trade_input import (
    CLOSURES,
    Closure,
    TradeInput,
    explain,
    read_input,
)
from mackinder.errors import DataError, NotConvergedError
from mackinder.kernels.hatbatch import Budgets, Solved, solve_draws

__all__ = ["HatResult", "HatStatus", "hat_algebra", "purge_deficits"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
HatStatus = Literal["converged", "not_converged", "infeasible"]
_STATUS: tuple[HatStatus, ...] = ("converged", "not_converged", "infeasible")
#: world budget factors farther from one than this are noted
_BUDGET = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class HatResult:
    """A counterfactual, and what is needed to judge it.

    Arrays of a batch have a leading axis of draws; without one, numbers of a draw are arrays of shape (). A draw that did
    not converge is NaN throughout. Hats are ratios, counterfactual over base; the base is `base_flows`.

    Attributes
    ----------
    status : {"converged", "not_converged", "infeasible"}
        The worst of the draws.
    statuses : tuple of str
        By draw.
    closure : {"additive", "multiplicative", "balanced", "conditional"}
    welfare : ndarray, shape ([draws,] n), dimensionless
        Real expenditure, hat: free of the numeraire (conditional: wages over prices).
    wages, prices : ndarray, shape ([draws,] n), dimensionless
        Hats; in units in which the world's income stays what it was (``sum Y w = sum Y``).
    good_prices : ndarray, shape ([draws,] goods, n), dimensionless
        Price index of each good in each country, hat; NaN where the country does not buy the good.
    flows : ndarray, shape ([draws,] [goods,] n, n), money/yr
    income, expenditure : ndarray, shape ([draws,] n), money/yr
    world_budget_factor : ndarray, shape ([draws]), dimensionless
        Expenditure over income of the world (of the group of traders where it is farthest from one): what each country
        sells is this factor times its income. One where budgets close.
    iterations : ndarray of int64, shape ([draws])
        Evaluations of the markets.
    residual : ndarray, shape ([draws])
        Largest error, in log wages.
    base_flows : ndarray, shape ([draws,] [goods,] n, n), money/yr
        The base of the hats: the flows given, without deficits where the closure is balanced.
    notes : tuple of str
        Sentences for the reader: budgets that do not close.
    """

    status: HatStatus
    statuses: tuple[HatStatus, ...]
    closure: Closure
    welfare: Floats
    wages: Floats
    prices: Floats
    good_prices: Floats
    flows: Floats
    income: Floats
    expenditure: Floats
    world_budget_factor: Floats
    iterations: Ints
    residual: Floats
    base_flows: Floats
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    @property
    def converged(self) -> bool:
        """Whether all draws met the tolerance."""
        return self.status == "converged"


def hat_algebra(
    flows: npt.ArrayLike,
    cost_hat: npt.ArrayLike,
    elasticity: npt.ArrayLike,
    *,
    closure: Closure = "additive",
    transfers: npt.ArrayLike | None = None,
    upper_elasticity: float = 1.0,
    tolerance: float = 1e-13,
    max_iterations: int = 2000,
    start: npt.ArrayLike | None = None,
    threads: int | None = None,
    allow_unconverged: bool = False,
) -> HatResult:
    """Solve an Armington or Eaton-Kortum world for a change of trade costs, in changes.

    One factor a country; Cobb-Douglas over goods (or CES, see `upper_elasticity`) with base shares. Zero flows stay zero.

    Parameters
    ----------
    flows : array_like, shape (n, n) or (goods, n, n), money/yr
        From exporter (row) to importer (column), domestic sales on the diagonal.
    cost_hat : array_like, shape of flows, or with a leading axis of draws, dimensionless
        Iceberg cost, counterfactual over base; inf is a ban. Ignored where flows are zero.
    elasticity : float, or array_like of shape (goods,) or (draws, goods)
        Trade elasticity theta > 0: elasticity of substitution less one, or the Fréchet shape.
    closure : {"additive", "multiplicative", "balanced", "conditional"}
        What becomes of deficits. *additive*: E' = Y w + D, D fixed in units of world income; *multiplicative*: E' = E w;
        *balanced*: deficits are purged first, and hats are relative to the world without them; *conditional*: incomes and
        expenditures keep their base values and only prices clear the markets (no general equilibrium; what gegravity 0.3
        reports as one).
    transfers : array_like, shape (n,) or (draws, n), money/yr
        Change of income besides wages (rents, tariffs, fees, remittances, capital cost), added to expenditure. They need
        not add up to zero: then sales are `world_budget_factor` times income everywhere, as if what the rest of the world
        economy gives or takes fell on all in proportion to income.
    upper_elasticity : float
        Elasticity of substitution between goods.
    tolerance : float
        In log wages.
    max_iterations : int
    start : array_like, shape (n,) or (draws, n), optional
        Wages to begin with, such as those of a like result.
    threads : int, optional
        Draws share nothing; by default one thread for each core. Results do not depend on it.
    allow_unconverged : bool
        Return draws without a solution as NaN, with their status, instead of raising.

    Returns
    -------
    HatResult

    Raises
    ------
    NotConvergedError
        A draw missed the tolerance, or has no equilibrium, and `allow_unconverged` is false.
    DataError, UsageError
        Arrays that are malformed, or options that do not exist.

    Notes
    -----
    Dekle, Eaton and Kortum (2008), IMF Staff Papers 55; Costinot and Rodríguez-Clare (2014), Handbook of International
    Economics 4. Groups of countries that trade only among themselves keep their joint income.

    Examples
    --------
    Autarky costs a country with a domestic share of 0.93 what Arkolakis, Costinot and Rodríguez-Clare say:

    >>> import numpy as np
    >>> flows = np.array([[93.0, 7.0], [7.0, 93.0]])
    >>> autarky = hat_algebra(flows, [[1, np.inf], [np.inf, 1]], 5.0, closure="balanced")
    >>> autarky.welfare.round(6).tolist(), round(0.93 ** (1 / 5), 6)
    ([0.985591, 0.985591], 0.985591)
    """
    given = read_input(flows, cost_hat, elasticity, transfers, closure, upper_elasticity, tolerance, max_iterations)
    upper = float(upper_elasticity)
    base = given.flows[None]
    if closure == "balanced":
        base = _purge(given.flows, given.theta, upper, tolerance, max_iterations)
    # a world without deficits keeps its budgets as a multiplicative one does, to the last digit
    code = CLOSURES.index("multiplicative" if closure == "balanced" else closure)
    n_goods, n = given.flows.shape[:2]
    terms = Budgets(
        base,
        given.cost_hat,
        given.theta,
        given.transfers,
        upper,
        code,
        closure == "balanced",
        tolerance,
        max_iterations,
    )
    out = _allocate(given.draws, n_goods, n)
    if start is not None:
        out.log_wage[:] = _log_start(start, given.draws, n)
    _solve(terms, out, threads)
    if out.status.any() and not allow_unconverged:
        raise NotConvergedError(_complaint(given, base, out, closure, upper, tolerance))
    return _result(given, base, out, closure)


def purge_deficits(
    flows: npt.ArrayLike,
    elasticity: npt.ArrayLike,
    *,
    upper_elasticity: float = 1.0,
    tolerance: float = 1e-13,
    max_iterations: int = 2000,
) -> Floats:
    """Find the flows of the same world with every deficit at zero and costs unchanged: a base without closure effects.

    Parameters
    ----------
    flows, elasticity, upper_elasticity, tolerance, max_iterations
        As in `hat_algebra`; one draw.

    Returns
    -------
    ndarray, shape of flows, money/yr
        World income is what it was.

    Raises
    ------
    NotConvergedError
        There is no such world, for instance where a country only sells or only buys.
    DataError, UsageError
        As in `hat_algebra`.

    Notes
    -----
    Dekle, Eaton and Kortum (2008); Ossa (2014), American Economic Review 104.

    Examples
    --------
    >>> balanced = purge_deficits([[80.0, 30.0], [10.0, 90.0]], 4.0)
    >>> bool(abs(balanced.sum(axis=0) - balanced.sum(axis=1)).max() < 1e-9)
    True
    """
    given = read_input(flows, 1.0, elasticity, None, "balanced", upper_elasticity, tolerance, max_iterations)
    if given.batch:
        msg = "purge_deficits takes one elasticity for each good, without an axis of draws"
        raise DataError(msg)
    worlds = _purge(given.flows, given.theta, float(upper_elasticity), tolerance, max_iterations)
    base: Floats = worlds[0] if given.has_goods else worlds[0, 0]
    return base.copy()


def _purge(cube: Floats, theta: Floats, upper: float, tolerance: float, max_iterations: int) -> Floats:
    """Return balanced flows, shape (1 or draws, goods, n, n): one world for each row of elasticities."""
    income, spent = cube.sum(axis=(0, 2)), cube.sum(axis=(0, 1))
    if np.all(np.abs(spent - income) <= 1e-13 * income):
        return cube[None]
    n_goods, n = cube.shape[:2]
    ones, none = np.ones((1, *cube.shape)), np.zeros((1, n))
    code = CLOSURES.index("balanced")
    out = _allocate(theta.shape[0], n_goods, n)
    _solve(Budgets(cube[None], ones, theta, none, upper, code, True, tolerance, max_iterations), out, None)
    if out.status.any():
        draw = int(np.flatnonzero(out.status)[0])
        why = explain(cube, ones[0], "balanced", upper) if out.status[draw] == 2 else "it did not converge"
        msg = f"deficits cannot be purged (elasticity {theta[draw].tolist()}): {why}; use closure='additive'"
        raise NotConvergedError(msg)
    return out.flows


def _allocate(draws: int, n_goods: int, n: int) -> Solved:
    return Solved(
        np.zeros((draws, n)),
        np.empty((draws, n)),
        np.empty((draws, n_goods, n)),
        np.empty((draws, n)),
        np.empty((draws, n)),
        np.empty((draws, n_goods, n, n)),
        np.empty(draws),
        np.empty(draws),
        np.empty(draws, np.int64),
        np.empty(draws, np.int64),
    )


def _log_start(start: npt.ArrayLike, draws: int, n: int) -> Floats:
    array = np.asarray(start, dtype=np.float64)
    if array.shape not in ((n,), (1, n), (draws, n)) or not (np.isfinite(array) & (array > 0)).all():
        msg = f"start: positive, finite wages of shape ({n},) or (draws, {n}) are needed; got {array.shape}"
        raise DataError(msg)
    return np.log(array)


def _solve(terms: Budgets, out: Solved, threads: int | None) -> None:
    draws = out.status.size
    count = min(threads or os.cpu_count() or 1, draws)
    if count == 1:
        solve_draws(terms, 0, draws, out)
        return
    bounds = np.linspace(0, draws, min(4 * count, draws) + 1).astype(int).tolist()
    with ThreadPoolExecutor(count) as pool:
        jobs = [pool.submit(solve_draws, terms, a, b, out) for a, b in itertools.pairwise(bounds)]
        for job in jobs:
            job.result()


def _complaint(given: TradeInput, base: Floats, out: Solved, closure: Closure, upper: float, tolerance: float) -> str:
    bad = np.flatnonzero(out.status)
    draw = int(bad[0])
    place = f"draw {draw} ({bad.size} of {given.draws} fail): " if given.batch else ""
    if out.status[draw] == _STATUS.index("infeasible"):
        flows, cost = base[draw % base.shape[0]], given.cost_hat[draw % given.cost_hat.shape[0]]
        why = f"there is no equilibrium: {explain(flows, cost, closure, upper)}"
    else:
        why = (
            f"error {out.residual[draw]:.3g} in log wages after {out.iterations[draw]} evaluations, asked {tolerance:g}; "
            "raise tolerance or max_iterations"
        )
    return f"{place}{why}; or pass allow_unconverged=True and read the status"


def _result(given: TradeInput, base: Floats, out: Solved, closure: Closure) -> HatResult:
    wages, prices = np.exp(out.log_wage), np.exp(out.log_index)
    income = base.sum(axis=(1, 3)) * (1.0 if closure == "conditional" else wages)
    welfare = (wages if closure == "conditional" else out.ratio) / prices
    notes = []
    off = np.abs(out.budget - 1.0)
    if np.nanmax(off, initial=0.0) > _BUDGET:
        worst = out.budget[int(np.nanargmax(off))]
        notes.append(
            f"the world's budget does not close in the {closure} closure: sales are {worst:.6g} times income "
            f"({int(np.sum(off > _BUDGET))} of {given.draws} draws beyond {_BUDGET:g}); compare with closure='balanced'"
        )

    def shape(array: Floats, goods_axis: bool = False) -> Floats:
        array = array if given.has_goods or not goods_axis else array[:, 0]
        return array if given.batch else array[0]

    base_flows = (base if given.batch and base.shape[0] > 1 else base[0]).copy()
    statuses = tuple(_STATUS[code] for code in out.status)
    return HatResult(
        status=_STATUS[int(out.status.max())],
        statuses=statuses,
        closure=closure,
        welfare=shape(welfare),
        wages=shape(wages),
        prices=shape(prices),
        good_prices=shape(np.exp(out.log_price)),
        flows=shape(out.flows, goods_axis=True),
        income=shape(income),
        expenditure=shape(out.expenditure),
        world_budget_factor=np.asarray(shape(out.budget)),
        iterations=np.asarray(out.iterations if given.batch else out.iterations[0]),
        residual=np.asarray(shape(out.residual)),
        base_flows=base_flows if given.has_goods else base_flows[..., 0, :, :],
        notes=tuple(notes),
    )
