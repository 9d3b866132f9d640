"""What the hat algebra of `hat` is given and works on: base flows weighted by cost changes, budgets, groups of traders."""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE

# isort: split
import numba
import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.dense import row_sum
from mackinder.kernels.inner import inner

__all__ = ["HatModel", "HatWork", "base_spending", "can_live", "find_blocks", "new_work", "weigh"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: share of a block's income by which its deficits may miss zero
_UNFINANCED = 1e-9


class HatModel(NamedTuple):
    """What one draw is given.

    Attributes
    ----------
    weight : ndarray, shape (goods, n importers, n exporters), money/yr
        Base flow times ``cost_hat ** -theta``, divided by ``exp(log_scale)`` of its importer; zero where banned.
    log_scale : ndarray, shape (goods, n)
        Zero unless the powers would overflow; `weigh` fills both.
    spending : ndarray, shape (goods, n), money/yr
        Base spending of each importer, from `base_spending` (the sums must be taken in its order to cancel exactly).
    income : ndarray, shape (n,), money/yr
        Base income: what each exporter sells.
    level, slope : ndarray, shape (n,), money/yr
        Expenditure is ``level + slope * (wage - 1)``. Additive closure: E + T and Y; multiplicative: E + T and E;
        balanced: Y + T and Y; conditional: E + T and 0.
    earn : float
        1, or 0 in the conditional closure, where incomes stay at their base value whatever the wages.
    unfinanced : ndarray, shape (n,), money/yr
        Deficits that must add up to zero in every group of countries that trade with each other: E - Y in the additive
        and conditional closures, else zero.
    theta : ndarray, shape (goods,)
    upper : float
        Elasticity of substitution between goods; 1 is Cobb-Douglas.
    strong : bool
        Whether each country must both sell to and buy from the rest of its group (balanced trade).
    """

    weight: Floats
    log_scale: Floats
    spending: Floats
    income: Floats
    level: Floats
    slope: Floats
    earn: float
    unfinanced: Floats
    theta: Floats
    upper: float
    strong: bool


class HatWork(NamedTuple):
    """Scratch, and after `solve_hat` the state at the solution.

    `wage`, `expenditure`, `log_index` (price index), `sales`, `excess` (log of sales over income, less that of the
    block) are (n,); `log_price`, `pull` (what a unit of weight earns in the importer's market) and `push` (wage to the
    power -theta) are (goods, n); `budget` is expenditure over income in each block.
    """

    wage: Floats
    expenditure: Floats
    log_index: Floats
    sales: Floats
    elastic: Floats
    excess: Floats
    step: Floats
    trial: Floats
    log_price: Floats
    pull: Floats
    push: Floats
    budget: Floats
    defect: Floats
    block_income: Floats
    block_earned: Floats
    block_spending: Floats
    block: Ints
    matrix: Floats
    bilateral: Floats
    strip: Floats
    pivot: Ints


@numba.njit(cache=CACHE, nogil=True)
def new_work(n_goods: int, n: int) -> HatWork:
    """Allocate scratch for `solve_hat`."""
    return HatWork(
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty((n_goods, n)),
        np.empty((n_goods, n)),
        np.empty((n_goods, n)),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n, np.int64),
        np.empty((n, n)),
        np.empty((n, n)),
        np.zeros((4, n)),
        np.empty(n, np.int64),
    )


@numba.njit(cache=CACHE, nogil=True)
def base_spending(flows: Floats, spending: Floats, income: Floats) -> None:
    """Fill spending (goods, n) and income (n,) from flows (goods, exporter, importer)."""
    n_goods, n = flows.shape[0], flows.shape[1]
    column = np.empty(n)
    one = np.ones(n)
    income[:] = 0.0
    for good in range(n_goods):
        for importer in range(n):
            for exporter in range(n):
                column[exporter] = flows[good, exporter, importer]
                income[exporter] += column[exporter]
            spending[good, importer] = row_sum(column, one)


@numba.njit(cache=CACHE, nogil=True)
def weigh(flows: Floats, cost_hat: Floats, theta: Floats, weight: Floats, log_scale: Floats) -> None:
    """Fill weight (goods, importer, exporter) with ``flows * cost_hat ** -theta``, scaled so that nothing overflows.

    Costs of flows that are zero are not looked at; an infinite cost is a ban.
    """
    n_goods, n = flows.shape[0], flows.shape[1]
    for good in range(n_goods):
        for importer in range(n):
            scale = -np.inf
            for exporter in range(n):
                if flows[good, exporter, importer] > 0.0:
                    cost = cost_hat[good, exporter, importer]
                    power = 0.0 if cost == 1.0 else -theta[good] * np.log(cost)
                    weight[good, importer, exporter] = power
                    scale = max(scale, power)
                else:
                    weight[good, importer, exporter] = -np.inf
            if abs(scale) < 200.0 or not np.isfinite(scale):
                scale = 0.0
            log_scale[good, importer] = scale
            for exporter in range(n):
                power = weight[good, importer, exporter]
                flow = flows[good, exporter, importer]
                if power == 0.0 and scale == 0.0:
                    weight[good, importer, exporter] = flow
                elif power == -np.inf:
                    weight[good, importer, exporter] = 0.0
                else:
                    weight[good, importer, exporter] = flow * np.exp(power - scale)


@inner()
def _reach(weight: Floats, start: int, forward: bool, seen: Ints, mark: int, stack: Ints) -> int:
    """Mark what is reached from a country along sales (or purchases) and count it."""
    n = seen.size
    seen[start] = mark
    stack[0] = start
    top = 1
    count = 0
    while top > 0:
        top -= 1
        here = stack[top]
        count += 1
        for other in range(n):
            if seen[other] == mark:
                continue
            for good in range(weight.shape[0]):
                if (weight[good, other, here] if forward else weight[good, here, other]) > 0.0:
                    seen[other] = mark
                    stack[top] = other
                    top += 1
                    break
    return count


@numba.njit(cache=CACHE, nogil=True)
def find_blocks(model: HatModel, work: HatWork) -> bool:
    """Label the groups of countries that trade with each other, and say whether each can balance its budget."""
    n = model.income.size
    block, stack = work.block, work.pivot
    block[:] = -1
    n_blocks = 0
    for start in range(n):
        if block[start] >= 0:
            continue
        block[start] = n_blocks
        stack[0] = start
        top = 1
        while top > 0:
            top -= 1
            here = stack[top]
            for other in range(n):
                if block[other] >= 0:
                    continue
                for good in range(model.weight.shape[0]):
                    if model.weight[good, other, here] > 0.0 or model.weight[good, here, other] > 0.0:
                        block[other] = n_blocks
                        stack[top] = other
                        top += 1
                        break
        n_blocks += 1
    work.block_income[:] = 0.0
    work.defect[:] = 0.0
    for country in range(n):
        work.block_income[block[country]] += model.income[country]
        work.defect[block[country]] += model.unfinanced[country]
    for label in range(n_blocks):
        if n_blocks > 1 and abs(work.defect[label]) > _UNFINANCED * work.block_income[label]:
            return False
    if model.strong:
        seen = np.full(n, -1, np.int64)
        for label in range(n_blocks):
            size = 0
            first = -1
            for country in range(n):
                if block[country] == label:
                    size += 1
                    first = country if first < 0 else first
            if (
                _reach(model.weight, first, True, seen, 2 * label, stack) < size
                or _reach(model.weight, first, False, seen, 2 * label + 1, stack) < size
            ):
                return False
    return True


@numba.njit(cache=CACHE, nogil=True)
def can_live(model: HatModel) -> bool:
    """Whether each country can sell something, and buy each good that it cannot do without."""
    n_goods, n = model.spending.shape
    for country in range(n):
        sells = False
        buys = False
        for good in range(n_goods):
            supply = False
            for other in range(n):
                sells = sells or model.weight[good, other, country] > 0.0
                supply = supply or model.weight[good, country, other] > 0.0
            buys = buys or supply
            if model.spending[good, country] > 0.0 and not supply and model.upper <= 1.0:
                return False
        if not (sells and buys):
            return False
    return True
