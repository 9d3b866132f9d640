"""Exact hat algebra of one draw: the wages at which every country sells what its income says, on arrays.

Unknown are the logs of the wages' changes. A chord Newton method solves for them: the Jacobian is factorised once and kept
while steps shrink the error well, built anew otherwise, and where no step helps, damped tatonnement steps lead on. Weights
are stored importer by importer, so that both passes over them run along memory.

To solve in a loop: `new_work` once; `weigh` when costs change; `solve_hat` with the last log wages; `hat_flows` at the end.
"""

from __future__ import annotations

from mackinder.kernels import CACHE

# isort: split
import numba
import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.dense import lu_factor, lu_solve, rank_update, row_sum
from mackinder.kernels.hatmodel import HatModel, HatWork, can_live, find_blocks
from mackinder.kernels.inner import inner

__all__ = ["CONVERGED", "INFEASIBLE", "NOT_CONVERGED", "hat_flows", "solve_hat"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CONVERGED = 0
NOT_CONVERGED = 1
INFEASIBLE = 2
#: a Jacobian is kept while a step leaves less than this share of the error
_GOOD = 0.3
_HALVINGS = 6
#: longest step in log wages
_LONGEST = 1.0
#: tatonnement steps after a Newton step that did not help
_TATONNEMENT = 8
#: log wages beyond this have left for zero or infinity
_FAR = 27.0


@inner()
def _markets(model: HatModel, work: HatWork) -> bool:
    """Prices, budget shares and `pull` at the wages of `work`; False where a price is out of reach."""
    n_goods, n = model.spending.shape
    for importer in range(n):
        total = 0.0
        index = 0.0
        for good in range(n_goods):
            spent = model.spending[good, importer]
            if spent == 0.0:
                work.log_price[good, importer] = np.nan
                continue
            power = row_sum(model.weight[good, importer], work.push[good]) / spent
            if not power < np.inf or (power <= 0.0 and model.upper <= 1.0):
                return False
            price = np.inf
            if power > 0.0:
                price = 0.0 - (np.log(power) + model.log_scale[good, importer]) / model.theta[good]
            work.log_price[good, importer] = price
            work.pull[good, importer] = power
            total += spent
            index += spent * (price if model.upper == 1.0 else np.exp((1.0 - model.upper) * price))
        index = index / total if model.upper == 1.0 else np.log(index / total) / (1.0 - model.upper)
        if not np.isfinite(index):
            return False
        work.log_index[importer] = index
        ratio = work.expenditure[importer] / total
        for good in range(n_goods):
            if model.spending[good, importer] == 0.0 or work.pull[good, importer] == 0.0:
                work.pull[good, importer] = 0.0
            elif model.upper == 1.0:
                work.pull[good, importer] = ratio / work.pull[good, importer]
            else:
                shift = np.exp((1.0 - model.upper) * (work.log_price[good, importer] - index))
                work.pull[good, importer] = shift * ratio / work.pull[good, importer]
    return True


@inner()
def _evaluate(model: HatModel, log_wage: Floats, work: HatWork) -> float:
    """Fill the state at some wages and return the largest error, in log wages; inf outside of the domain."""
    n_goods, n = model.spending.shape
    for country in range(n):
        if not abs(log_wage[country]) <= 2.0 * _FAR:
            return np.inf
        work.wage[country] = np.exp(log_wage[country])
        work.expenditure[country] = model.level[country] + model.slope[country] * (work.wage[country] - 1.0)
        if not work.expenditure[country] > 0.0:
            return np.inf
        for good in range(n_goods):
            work.push[good, country] = np.exp(-model.theta[good] * log_wage[country])
    if not _markets(model, work):
        return np.inf
    work.sales[:] = 0.0
    work.elastic[:] = 0.0
    for good in range(n_goods):
        sold = work.excess
        sold[:] = 0.0
        for importer in range(n):
            pull = work.pull[good, importer]
            row = model.weight[good, importer]
            for exporter in range(n):
                sold[exporter] += pull * row[exporter]
        for exporter in range(n):
            work.sales[exporter] += sold[exporter] * work.push[good, exporter]
            work.elastic[exporter] += model.theta[good] * (sold[exporter] * work.push[good, exporter])
    block = work.block
    work.budget[:] = 0.0
    work.defect[:] = 0.0
    work.block_spending[:] = 0.0
    work.block_earned[:] = 0.0
    for country in range(n):
        work.block_spending[block[country]] += work.sales[country]
        work.block_earned[block[country]] += model.income[country] * (1.0 + model.earn * (work.wage[country] - 1.0))
        work.defect[block[country]] += model.income[country] * work.wage[country]
    error = 0.0
    for label in range(n):
        if work.block_income[label] > 0.0:
            work.budget[label] = work.block_spending[label] / work.block_earned[label]
            work.defect[label] = 1.0 - work.defect[label] / work.block_income[label]
            error = max(error, abs(work.defect[label]))
    for country in range(n):
        earned = model.income[country] * (1.0 + model.earn * (work.wage[country] - 1.0)) * work.budget[block[country]]
        if not work.sales[country] > 0.0 or not earned > 0.0:
            return np.inf
        work.excess[country] = np.log(work.sales[country] / earned)
        error = max(error, abs(work.excess[country]) / (model.earn + work.elastic[country] / work.sales[country]))
    return error


@inner()
def _jacobian(model: HatModel, work: HatWork) -> None:
    """Fill `matrix` with the derivatives of sales over income, less those of the block's budget and of its total income.

    Of the ratio and not of its log: so the excesses of a block, weighted by income, add up to zero away from the solution
    too, and nothing is pushed into the wage of a country that hardly trades, whose own column is almost empty.
    """
    n_goods, n = model.spending.shape
    matrix, bilateral, strip = work.matrix, work.bilateral, work.strip
    matrix[:] = 0.0
    bilateral[:] = 0.0
    factor = np.zeros(4)
    for good in range(n_goods):
        for begin in range(0, n, 4):
            factor[:] = 0.0
            for slot in range(min(4, n - begin)):
                importer = begin + slot
                pull = work.pull[good, importer]
                total = 0.0
                for exporter in range(n):
                    flow = model.weight[good, importer, exporter] * work.push[good, exporter] * pull
                    strip[slot, exporter] = flow
                    bilateral[importer, exporter] += flow
                    total += flow
                if total > 0.0:
                    factor[slot] = (model.theta[good] + 1.0 - model.upper) / total
            rank_update(matrix, strip, factor)
    if model.upper != 1.0:
        for begin in range(0, n, 4):
            factor[:] = 0.0
            for slot in range(min(4, n - begin)):
                strip[slot] = bilateral[begin + slot]
                factor[slot] = (model.upper - 1.0) / work.expenditure[begin + slot]
            rank_update(matrix, strip, factor)
    for row in range(n):
        for column in range(row):
            matrix[column, row] = matrix[row, column]
    block = work.block
    for row in range(n):
        work.trial[row] = work.sales[row] * np.exp(-work.excess[row])
    for column in range(n):
        label = block[column]
        rise = model.slope[column] * work.wage[column]
        pay = rise / work.expenditure[column]
        earned = model.income[column] * work.wage[column]
        drag = rise / work.block_spending[label] - model.earn * earned / work.block_earned[label]
        drag += earned / work.block_income[label]
        for row in range(n):
            value = matrix[row, column] + bilateral[column, row] * pay
            income = work.trial[row]
            if row == column:
                value -= work.elastic[row] + model.earn * income
            matrix[row, column] = value / income
            if block[row] == label:
                matrix[row, column] -= drag


@inner()
def _tatonnement(model: HatModel, log_wage: Floats, work: HatWork, error: float) -> float:
    """Raise wages where sales exceed income; steps that leave the domain are halved."""
    n = log_wage.size
    for _ in range(_TATONNEMENT):
        for country in range(n):
            gain = work.excess[country] / (model.earn + work.elastic[country] / work.sales[country])
            work.step[country] = min(max(gain + work.defect[work.block[country]], -_LONGEST), _LONGEST)
        new = np.inf
        for _half in range(40):
            for country in range(n):
                work.trial[country] = log_wage[country] + work.step[country]
            new = _evaluate(model, work.trial, work)
            if new < np.inf:
                break
            work.step[:] = 0.5 * work.step
        if not new < np.inf:
            return _evaluate(model, log_wage, work)
        log_wage[:] = work.trial
        error = new
    return error


@numba.njit(cache=CACHE, nogil=True)
def _start(model: HatModel, log_wage: Floats) -> None:
    """Raise wages at which a country could not pay its way."""
    for country in range(log_wage.size):
        if not np.isfinite(log_wage[country]):
            log_wage[country] = 0.0
        spent = model.level[country] + model.slope[country] * (np.exp(log_wage[country]) - 1.0)
        least = 0.01 * model.income[country]
        if not spent > 0.0 and model.slope[country] > 0.0:
            log_wage[country] = np.log(1.0 + (least - model.level[country]) / model.slope[country])


@numba.njit(cache=CACHE, nogil=True)
def solve_hat(
    model: HatModel, log_wage: Floats, work: HatWork, tolerance: float, max_iterations: int
) -> tuple[int, float, int]:
    """Find the wages of one draw, beginning at `log_wage`, which is changed in place.

    Parameters
    ----------
    model : HatModel
    log_wage : ndarray, shape (n,)
        In: where to begin (zeros, or the last solution). Out: the solution, total income of each block unchanged.
    work : HatWork
        From `new_work`; holds prices, expenditure and sales afterwards.
    tolerance : float
        Largest error allowed, in log wages: excess demand over one plus the elasticity of sales.
    max_iterations : int

    Returns
    -------
    tuple of int, float and int
        Evaluations of the markets, largest error, and CONVERGED, NOT_CONVERGED or INFEASIBLE.
    """
    n = log_wage.size
    if not can_live(model) or not find_blocks(model, work):
        return 0, np.inf, INFEASIBLE
    _start(model, log_wage)
    error = _evaluate(model, log_wage, work)
    count = 1
    if not error < np.inf:
        return count, error, INFEASIBLE if np.all(np.isfinite(log_wage)) and np.all(log_wage == 0.0) else NOT_CONVERGED
    fresh = False
    factored = False
    while error > tolerance and count < max_iterations:
        if not factored:
            _jacobian(model, work)
            factored = lu_factor(work.matrix, work.pivot)
            fresh = True
        helped = False
        before = error
        if factored:
            for country in range(n):
                work.step[country] = -np.expm1(work.excess[country]) - work.defect[work.block[country]]
            lu_solve(work.matrix, work.pivot, work.step)
            scale = 1.0
            if np.all(np.isfinite(work.step)):
                for country in range(n):
                    work.step[country] = min(max(work.step[country], -_LONGEST), _LONGEST)
                for _ in range(_HALVINGS if fresh else 1):
                    for country in range(n):
                        work.trial[country] = log_wage[country] + scale * work.step[country]
                    new = _evaluate(model, work.trial, work)
                    count += 1
                    if new < (1.0 - 0.1 * scale) * error:
                        log_wage[:] = work.trial
                        error = new
                        helped = True
                        break
                    scale *= 0.5
        if not helped:
            error = _evaluate(model, log_wage, work)
            count += 1
            if fresh and error > tolerance:
                error = _tatonnement(model, log_wage, work, error)
                count += _TATONNEMENT
        factored = helped and error < _GOOD * before
        fresh = False
        if np.max(np.abs(log_wage)) > _FAR:
            return count, error, INFEASIBLE
    if error <= tolerance:
        return count, error, CONVERGED
    for country in range(n):
        gain = work.excess[country] / (model.earn + work.elastic[country] / work.sales[country])
        pay = model.level[country] + model.slope[country] * (work.wage[country] * np.exp(2.0 * gain) - 1.0)
        if not pay > 0.0:
            return count, error, INFEASIBLE
    return count, error, NOT_CONVERGED


@numba.njit(cache=CACHE, nogil=True)
def hat_flows(model: HatModel, work: HatWork, flows: Floats) -> None:
    """Fill flows (goods, exporter, importer) of the last solution."""
    n_goods, n = model.spending.shape
    for good in range(n_goods):
        for importer in range(n):
            for exporter in range(n):
                flows[good, exporter, importer] = (
                    model.weight[good, importer, exporter] * work.push[good, exporter] * work.pull[good, importer]
                )
