"""Hat algebra of many draws: each is solved on its own, so that ranges of draws may run on threads."""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE

# isort: split
import numba
import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.hat import CONVERGED, hat_flows, solve_hat
from mackinder.kernels.hatmodel import HatModel, base_spending, new_work, weigh

__all__ = ["Budgets", "Solved", "solve_draws"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Budgets(NamedTuple):
    """Terms of a batch: arrays with a leading axis of draws, or of length one where the draws share them.

    `flows` is (1 or draws, goods, exporter, importer), `cost_hat` alike, `theta` (1 or draws, goods), `transfers` (1 or
    draws, n). `closure` is 0 additive, 1 multiplicative, 2 balanced, 3 conditional.
    """

    flows: Floats
    cost_hat: Floats
    theta: Floats
    transfers: Floats
    upper: float
    closure: int
    strong: bool
    tolerance: float
    max_iterations: int


class Solved(NamedTuple):
    """Results by draw; `log_wage` is also where each draw begins, `ratio` is expenditure over base expenditure."""

    log_wage: Floats
    log_index: Floats
    log_price: Floats
    expenditure: Floats
    ratio: Floats
    flows: Floats
    budget: Floats
    residual: Floats
    iterations: Ints
    status: Ints


@numba.njit(cache=CACHE, nogil=True)
def solve_draws(terms: Budgets, first: int, last: int, out: Solved) -> None:
    """Solve draws `first` to `last`; each begins at its own row of `out.log_wage`."""
    n_goods, n = out.log_price.shape[1], out.log_price.shape[2]
    work = new_work(n_goods, n)
    weight = np.empty((n_goods, n, n))
    log_scale = np.empty((n_goods, n))
    spending = np.empty((n_goods, n))
    income = np.empty(n)
    level = np.empty(n)
    slope = np.empty(n)
    unfinanced = np.zeros(n)
    earn = 0.0 if terms.closure == 3 else 1.0
    for draw in range(first, last):
        flows = terms.flows[draw % terms.flows.shape[0]]
        cost_hat = terms.cost_hat[draw % terms.cost_hat.shape[0]]
        theta = terms.theta[draw % terms.theta.shape[0]]
        transfers = terms.transfers[draw % terms.transfers.shape[0]]
        if draw == first or terms.flows.shape[0] > 1:
            base_spending(flows, spending, income)
        for country in range(n):
            spent = 0.0
            for good in range(n_goods):
                spent += spending[good, country]
            level[country] = (income[country] if terms.closure == 2 else spent) + transfers[country]
            slope[country] = spent if terms.closure == 1 else income[country]
            if terms.closure == 3:
                slope[country] = 0.0
            unfinanced[country] = spent - income[country] if terms.closure % 3 == 0 else 0.0
        weigh(flows, cost_hat, theta, weight, log_scale)
        model = HatModel(
            weight, log_scale, spending, income, level, slope, earn, unfinanced, theta, terms.upper, terms.strong
        )
        count, error, status = solve_hat(model, out.log_wage[draw], work, terms.tolerance, terms.max_iterations)
        out.iterations[draw] = count
        out.residual[draw] = error
        out.status[draw] = status
        if status != CONVERGED:
            out.log_wage[draw] = np.nan
            out.log_index[draw] = np.nan
            out.log_price[draw] = np.nan
            out.expenditure[draw] = np.nan
            out.ratio[draw] = np.nan
            out.flows[draw] = np.nan
            out.budget[draw] = np.nan
            continue
        out.log_index[draw] = work.log_index
        out.log_price[draw] = work.log_price
        out.expenditure[draw] = work.expenditure
        for country in range(n):
            spent = 0.0
            for good in range(n_goods):
                spent += spending[good, country]
            out.ratio[draw, country] = work.expenditure[country] / spent
        hat_flows(model, work, out.flows[draw])
        farthest = 1.0
        for label in range(n):
            if work.block_income[label] > 0.0 and abs(work.budget[label] - 1.0) > abs(farthest - 1.0):
                farthest = work.budget[label]
        out.budget[draw] = farthest
