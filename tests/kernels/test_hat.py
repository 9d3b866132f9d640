"""The kernel of one draw as a coupling loop would call it, against the fixed point of the literature in plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from mackinder.kernels.hat import CONVERGED, INFEASIBLE, NOT_CONVERGED, hat_flows, solve_hat
from mackinder.kernels.hatmodel import HatModel, base_spending, can_live, find_blocks, new_work, weigh


def world(seed: int, n_goods: int = 2, n: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    flows = rng.lognormal(0.0, 1.0, (n_goods, n, n))
    flows[:, range(n), range(n)] += 2.0 * n
    return flows


def model_of(flows: np.ndarray, cost_hat: np.ndarray, theta: np.ndarray, upper: float = 1.0) -> HatModel:
    """Additive closure without transfers."""
    n_goods, n = flows.shape[:2]
    weight, scale = np.empty(flows.shape), np.empty((n_goods, n))
    spending, income = np.empty((n_goods, n)), np.empty(n)
    base_spending(flows, spending, income)
    weigh(flows, cost_hat, theta, weight, scale)
    spent = spending.sum(axis=0)
    return HatModel(weight, scale, spending, income, spent, income, 1.0, spent - income, theta, upper, False)


def plain_wages(flows: np.ndarray, cost_hat: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Damped fixed point on shares, goods Cobb-Douglas, additive deficits."""
    income, spent = flows.sum(axis=(0, 2)), flows.sum(axis=(0, 1))
    share = flows / flows.sum(axis=1, keepdims=True)
    budget = flows.sum(axis=1) / spent
    power = theta[:, None, None]
    wage = np.ones(income.size)
    for _ in range(20_000):
        pull = share * (cost_hat * wage[None, :, None]) ** -power
        sales = np.sum(
            pull / pull.sum(axis=1, keepdims=True) * (budget * (income * wage + spent - income))[:, None], (0, 2)
        )
        new = wage * (sales / (income * wage)) ** (1.0 / (1.0 + theta.max()))
        new *= income.sum() / (income @ new)
        if np.abs(np.log(new / wage)).max() < 1e-15:
            break
        wage = new
    return wage


@pytest.mark.parametrize("seed", range(5))
def test_wages_and_flows(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    flows, theta = world(seed), np.array([4.0, 7.0])
    cost_hat = np.exp(rng.normal(0.0, 0.3, flows.shape))
    model, work, log_wage = model_of(flows, cost_hat, theta), new_work(2, 5), np.zeros(5)
    count, error, status = solve_hat(model, log_wage, work, 1e-13, 500)
    assert status == CONVERGED
    assert error <= 1e-13
    assert 1 < count < 30
    wage = plain_wages(flows, cost_hat, theta)
    np.testing.assert_allclose(np.exp(log_wage), wage, rtol=1e-11)
    out = np.empty(flows.shape)
    hat_flows(model, work, out)
    np.testing.assert_allclose(out.sum(axis=(0, 2)), model.income * wage, rtol=1e-11)
    np.testing.assert_allclose(out.sum(axis=(0, 1)), work.expenditure, rtol=1e-13)


def test_a_warm_start_is_at_once_there_and_scratch_is_reused() -> None:
    flows, theta = world(3), np.array([4.0, 7.0])
    cost_hat = np.full(flows.shape, 1.1)
    cost_hat[:, range(5), range(5)] = 1.0
    work, log_wage = new_work(2, 5), np.zeros(5)
    first = solve_hat(model_of(flows, cost_hat, theta), log_wage, work, 1e-13, 500)
    again = solve_hat(model_of(flows, cost_hat, theta), log_wage, work, 1e-13, 500)
    assert (first[2], again) == (CONVERGED, (1, first[1], CONVERGED))
    near = solve_hat(model_of(flows, cost_hat * 1.001, theta), log_wage, work, 1e-13, 500)
    assert near[2] == CONVERGED
    assert near[0] < first[0]


def test_limits_of_effort_are_a_status() -> None:
    flows, theta = world(4), np.array([4.0, 7.0])
    cost_hat = np.exp(np.random.default_rng(4).normal(0.0, 0.5, flows.shape))
    assert solve_hat(model_of(flows, cost_hat, theta), np.zeros(5), new_work(2, 5), 1e-13, 2)[2] == NOT_CONVERGED


@pytest.mark.parametrize(("upper", "status"), [(1.0, INFEASIBLE), (0.5, INFEASIBLE), (3.0, CONVERGED)])
def test_a_good_without_supplier(upper: float, status: int) -> None:
    """It is fatal unless goods are close substitutes."""
    flows = world(5)
    cost_hat = np.ones(flows.shape)
    cost_hat[1, :, 2] = np.inf
    model = model_of(flows, cost_hat, np.array([4.0, 7.0]), upper)
    work = new_work(2, 5)
    assert can_live(model) == (status == CONVERGED)
    assert solve_hat(model, np.zeros(5), work, 1e-13, 500)[2] == status
    if status == CONVERGED:
        assert work.log_price[1, 2] == np.inf
        assert np.isfinite(work.log_index).all()


def test_weights_do_not_overflow() -> None:
    """A fall of all costs by the same factor is a pure rise of welfare, however steep the power."""
    flows = world(6)
    work, log_wage = new_work(2, 5), np.zeros(5)
    model = model_of(flows, np.full(flows.shape, 0.1), np.array([400.0, 500.0]))
    assert model.weight.max() <= flows.max()
    assert solve_hat(model, log_wage, work, 1e-13, 500)[2] == CONVERGED
    np.testing.assert_allclose(work.log_index, np.log(0.1), rtol=1e-13)


def test_groups_of_traders() -> None:
    flows = world(7)
    cost_hat = np.ones(flows.shape)
    cost_hat[:, :2, 2:] = cost_hat[:, 2:, :2] = np.inf
    model = model_of(flows, cost_hat, np.array([4.0, 7.0]))
    work = new_work(2, 5)
    assert not find_blocks(model, work)  # deficits cross the cut
    assert find_blocks(model._replace(unfinanced=np.zeros(5)), work)
    assert work.block.tolist() == [0, 0, 1, 1, 1]
    one_way = cost_hat.copy()
    one_way[:, 0, 2] = 1.0
    weak = model_of(flows, one_way, np.array([4.0, 7.0]))._replace(unfinanced=np.zeros(5))
    assert find_blocks(weak, work)
    assert work.block.tolist() == [0] * 5
    assert not find_blocks(weak._replace(strong=True), work)
