"""Wages and incomes of one state under delivered costs: what the trade model tells the loading, for a block of draws."""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.hat import CONVERGED, solve_hat
from mackinder.kernels.hatmodel import HatModel, HatWork, new_work, weigh
from mackinder.kernels.inner import inner
from mackinder.kernels.limits import Answer, Wants

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["Economy", "Market", "answer_costs", "new_market", "set_wants"]


class Economy(NamedTuple):
    """Trade in the base year: K draws, M sectors (goods, and what is not traded), Z zones, S states.

    ``flows`` (K, M, Z exporter, Z importer) USD/yr with home sales on the diagonal; ``elasticity`` (K, M); ``growth``
    (K, S, Z) income at base wages over that of the base year; ``sector`` (G,) sector of each freight class; ``origin``,
    ``destination`` (P,) zones of each pair.
    """

    flows: NDArray[np.float64]
    elasticity: NDArray[np.float64]
    growth: NDArray[np.float64]
    sector: NDArray[np.int64]
    origin: NDArray[np.int64]
    destination: NDArray[np.int64]


class Market(NamedTuple):
    """State of the trade model in a block of B draws, and its work space.

    ``log_wage`` (B, Z); ``spent`` (B, Z) spending over that of the base, on each good, for shares are fixed; ``price``
    (B, Z) log price index; ``outlay`` (B, Z) expenditure, USD/yr; ``base_income``, ``base_outlay`` (B, Z).
    """

    log_wage: NDArray[np.float64]
    spent: NDArray[np.float64]
    price: NDArray[np.float64]
    outlay: NDArray[np.float64]
    base_income: NDArray[np.float64]
    base_outlay: NDArray[np.float64]
    spending: NDArray[np.float64]  # (B, M, Z)
    cost_hat: NDArray[np.float64]  # (M, Z, Z)
    weight: NDArray[np.float64]  # (M, Z, Z)
    log_scale: NDArray[np.float64]  # (M, Z)


@nb.njit(cache=CACHE, nogil=True)
def new_market(start: int, b: int, economy: Economy) -> Market:
    """Return the market of ``b`` draws from ``start`` on, at the base."""
    m, z = economy.flows.shape[1], economy.flows.shape[2]
    market = Market(
        np.zeros((b, z)), np.ones((b, z)), np.zeros((b, z)), np.zeros((b, z)), np.zeros((b, z)), np.zeros((b, z)),
        np.zeros((b, m, z)), np.ones((m, z, z)), np.zeros((m, z, z)), np.zeros((m, z)),
    )  # fmt: skip
    for k in range(b):
        flows = economy.flows[start + k]
        for g in range(m):
            for i in range(z):
                for j in range(z):
                    market.base_income[k, i] += flows[g, i, j]
                    market.base_outlay[k, j] += flows[g, i, j]
                    market.spending[k, g, j] += flows[g, i, j]
    return market


@inner()
def _set_wants(
    k: int, start: int, economy: Economy, market: Market, base: NDArray[np.float64], number: NDArray[np.int64],
    wants: Wants,
) -> None:  # fmt: skip
    """Write what draw ``k`` wants, from tonnes of the ``base`` (P, G) year."""
    n_pairs, n_goods = base.shape
    n_zones, flows = economy.flows.shape[2], economy.flows[start + k]
    for g in range(n_goods):
        m = economy.sector[g]
        e = economy.elasticity[start + k, m]
        for j in range(n_zones):
            # all sources, of which those that answer to costs are taken off below
            rest, total = 0.0, market.spending[k, m, j]
            if total > 0.0:
                for i in range(n_zones):
                    if i == j:
                        rest += flows[m, i, j] / total * np.exp(-e * market.log_wage[k, i])
            wants.rest[j, g, k] = rest if total > 0.0 else 1.0
    for p in range(n_pairs):
        i, j = economy.origin[p], economy.destination[p]
        for g in range(n_goods):
            m = economy.sector[g]
            e, total = economy.elasticity[start + k, m], market.spending[k, m, j]
            push = np.exp(-e * market.log_wage[k, i])
            share = flows[m, i, j] / total * push if total > 0.0 else 0.0
            answers = wants.reference[p, g, k] > 0.0
            if not answers:
                wants.share[p, g, k] = 0.0
                wants.rest[j, g, k] += share
                wants.tonnes[p, g, k] = base[p, g] * market.spent[k, j]
            elif number[p, g] < 0:
                wants.share[p, g, k] = 0.0
                wants.tonnes[p, g, k] = base[p, g] * market.spent[k, j]
            else:
                wants.share[p, g, k] = share
                wants.tonnes[p, g, k] = base[p, g] * push * np.exp(-market.log_wage[k, i]) * market.spent[k, j]


@inner()
def _answer_costs(
    k: int, s: int, start: int, tolerance: float, economy: Economy, number: NDArray[np.int64], wants: Wants, answer: Answer,
    market: Market, work: HatWork,
) -> tuple[float, int]:  # fmt: skip
    """Solve the trade model of draw ``k`` at the delivered costs of ``answer``.

    Returns
    -------
    tuple of float and int
        Largest change of a log wage or log spending since the last call, and the status of the solver.
    """
    n_zones = economy.flows.shape[2]
    cost = market.cost_hat
    cost[:] = 1.0
    for p in range(number.shape[0]):
        for g in range(number.shape[1]):
            if wants.reference[p, g, k] > 0.0:
                at = np.inf if number[p, g] < 0 else answer.delivered[p, g, k] / wants.reference[p, g, k]
                cost[economy.sector[g], economy.origin[p], economy.destination[p]] = at
    flows, theta = economy.flows[start + k], economy.elasticity[start + k]
    weigh(flows, cost, theta, market.weight, market.log_scale)
    income, level, deficit = np.empty(n_zones), np.empty(n_zones), np.empty(n_zones)
    world, grown = 0.0, 0.0
    for j in range(n_zones):
        world += market.base_income[k, j]
        grown += market.base_income[k, j] * economy.growth[start + k, s, j]
    for j in range(n_zones):
        income[j] = market.base_income[k, j] * economy.growth[start + k, s, j]
        deficit[j] = (market.base_outlay[k, j] - market.base_income[k, j]) * grown / world
        level[j] = income[j] + deficit[j]
    model = HatModel(
        market.weight, market.log_scale, market.spending[k], income, level, income, 1.0, deficit, theta, 1.0, False
    )
    before = market.log_wage[k].copy()
    _, _, status = solve_hat(model, market.log_wage[k], work, tolerance, 500)
    change = 0.0
    if status != CONVERGED:
        return np.inf, status
    for j in range(n_zones):
        change = max(change, abs(market.log_wage[k, j] - before[j]))
        spent = work.expenditure[j] / market.base_outlay[k, j]
        change = max(change, abs(np.log(spent / market.spent[k, j])))
        market.spent[k, j] = spent
        market.outlay[k, j] = work.expenditure[j]
        market.price[k, j] = work.log_index[j]
    return change, status


@nb.njit(cache=CACHE, nogil=True)
def set_wants(
    start: int, economy: Economy, market: Market, base: NDArray[np.float64], number: NDArray[np.int64], wants: Wants,
    done: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Write what every draw that is not ``done`` (B,) wants at the market's wages and spending.

    ``base`` (B, P, G) tonnes of the base year; ``number`` (P, G) is negative for flows without a route: where these have a
    reference cost they have stopped.
    """
    for k in range(done.shape[0]):
        if not done[k]:
            _set_wants(k, start, economy, market, base[k], number, wants)


@nb.njit(cache=CACHE, nogil=True)
def answer_costs(
    s: int, start: int, tolerance: float, economy: Economy, number: NDArray[np.int64], wants: Wants, answer: Answer,
    market: Market, done: NDArray[np.bool_], change: NDArray[np.float64], converged: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Solve the trade model of every draw that is not ``done`` (B,) at the delivered costs of ``answer``.

    Written are ``change`` (B,), the largest of a log wage or log spending since the last call, and whether it ``converged``.
    """
    work = new_work(economy.flows.shape[1], economy.flows.shape[2])
    for k in range(done.shape[0]):
        if not done[k]:
            change[k], status = _answer_costs(k, s, start, tolerance, economy, number, wants, answer, market, work)
            converged[k] = status == CONVERGED
