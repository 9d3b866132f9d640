"""Hat algebra against closed forms and an independent solution in levels; accounts, closures, bans, bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import root

from mackinder.equilibrium import hat_algebra, purge_deficits
from mackinder.errors import DataError, NotConvergedError, UsageError

CLOSURES = ["additive", "multiplicative", "balanced", "conditional"]
BAN = np.inf


def world(seed: int, n_goods: int = 3, n: int = 6, home: float = 12.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    flows = rng.lognormal(0.0, 1.0, (n_goods, n, n)) * rng.lognormal(0.0, 1.0, (1, n, 1))
    flows[:, range(n), range(n)] += home * flows.mean(axis=(1, 2))[:, None]
    return flows


def shock(seed: int, shape: tuple[int, ...], size: float = 0.3) -> np.ndarray:
    return np.exp(np.random.default_rng(1000 + seed).normal(0.0, size, shape))


def levels(
    flows: np.ndarray, cost_hat: np.ndarray, theta: np.ndarray, closure: str, transfers: Any, upper: float
) -> tuple[np.ndarray, np.ndarray]:
    """Wages and welfare from a model in levels: technologies chosen so that wages of one reproduce the flows."""
    income, spent = flows.sum(axis=(0, 2)), flows.sum(axis=(0, 1))
    power = theta[:, None, None]
    taste = flows.sum(axis=1)  # of goods, per importer, at base prices of one
    ability = flows / taste[:, None]

    def economy(wage: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        worth = ability * (cost_hat * wage[None, :, None]) ** -power
        price = worth.sum(axis=1) ** (-1.0 / theta[:, None])
        if upper == 1.0:
            budget = taste / spent
            index = np.prod(price**budget, axis=0)
        else:
            index = (np.sum(taste * price ** (1 - upper), axis=0) / spent) ** (1 / (1 - upper))
            budget = taste / spent * (price / index) ** (1 - upper)
        pay = {"additive": income * wage + spent - income, "multiplicative": spent * wage, "balanced": income * wage}
        money = pay[closure] + transfers
        sales = np.sum(worth / worth.sum(axis=1, keepdims=True) * (budget * money)[:, None], axis=(0, 2))
        return sales, money, index

    def gap(log_wage: np.ndarray) -> np.ndarray:
        wage = np.exp(log_wage)
        sales, money, _ = economy(wage)
        out = np.log(sales / (income * wage)) - np.log(money.sum() / (income @ wage))
        out[-1] = np.log(income @ wage / income.sum())
        return out

    found = root(gap, np.zeros(income.size), method="hybr", tol=1e-14, options={"maxfev": 20_000})
    assert np.abs(gap(found.x)).max() < 1e-10
    _, money, index = economy(np.exp(found.x))
    return np.exp(found.x), money / spent / index


@pytest.mark.parametrize("closure", CLOSURES[:3])
@pytest.mark.parametrize("upper", [1.0, 0.6, 2.5])
@pytest.mark.parametrize("seed", range(3))
def test_levels_and_hats_agree(seed: int, upper: float, closure: str) -> None:
    flows, theta = world(seed), np.array([3.0, 4.5, 8.0])
    transfers = np.random.default_rng(seed).normal(0.0, 0.01, 6) * flows.sum(axis=(0, 1))
    if closure == "balanced":
        flows = purge_deficits(flows, theta, upper_elasticity=upper)
    cost_hat = shock(seed, flows.shape)
    wages, welfare = levels(flows, cost_hat, theta, closure, transfers, upper)
    result = hat_algebra(flows, cost_hat, theta, closure=closure, transfers=transfers, upper_elasticity=upper)
    np.testing.assert_allclose(result.wages, wages, rtol=1e-9)
    np.testing.assert_allclose(result.welfare, welfare, rtol=1e-9)


@pytest.mark.parametrize("closure", CLOSURES)
def test_no_change_is_exactly_one(closure: str) -> None:
    flows = world(1)
    result = hat_algebra(flows, np.ones(flows.shape), 5.0, closure=closure)
    for name in ("welfare", "wages", "prices", "good_prices"):
        np.testing.assert_array_equal(getattr(result, name), 1.0)
    np.testing.assert_array_equal(result.flows, result.base_flows)
    assert result.iterations == 1


@pytest.mark.parametrize("closure", CLOSURES[1:3])
@pytest.mark.parametrize("theta", [0.8, 4.0, 12.0])
def test_gain_is_the_domestic_share_to_its_power(closure: str, theta: float) -> None:
    """Arkolakis, Costinot and Rodríguez-Clare (2012), for any shock; domestic costs do not change."""
    flows = world(2, n_goods=1)[0]
    cost_hat = shock(2, flows.shape)
    np.fill_diagonal(cost_hat, 1.0)
    result = hat_algebra(flows, cost_hat, theta, closure=closure)
    home = np.diagonal(result.flows) / result.flows.sum(axis=0)
    home0 = np.diagonal(result.base_flows) / result.base_flows.sum(axis=0)
    np.testing.assert_allclose(result.welfare, (home / home0) ** (-1 / theta), rtol=1e-11)
    np.testing.assert_allclose(result.welfare, result.wages / result.prices, rtol=1e-12)


def test_symmetric_world_in_closed_form() -> None:
    n, theta, cut = 4, 5.0, 0.8
    flows = np.full((n, n), 10.0) + np.diag([70.0] * n)
    cost_hat = np.full((n, n), cut) + np.diag([1 - cut] * n)
    result = hat_algebra(flows, cost_hat, theta)
    np.testing.assert_allclose(result.welfare, (80 / 110 + 30 / 110 * cut**-theta) ** (1 / theta), rtol=1e-13)


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("seed", range(4))
def test_accounts_close(seed: int, closure: str) -> None:
    flows = world(seed)
    transfers = np.random.default_rng(seed).normal(0.0, 0.02, 6) * flows.sum(axis=(0, 1))
    result = hat_algebra(flows, shock(seed, flows.shape), [3.0, 4.5, 8.0], closure=closure, transfers=transfers)
    base = result.base_flows
    income, spent = base.sum(axis=(0, 2)), base.sum(axis=(0, 1))
    np.testing.assert_allclose(result.flows.sum(axis=(0, 1)), result.expenditure, rtol=1e-12)
    np.testing.assert_allclose(result.flows.sum(axis=(0, 2)), result.income * result.world_budget_factor, rtol=1e-11)
    rule = {
        "additive": result.income + spent - income,
        "multiplicative": result.income * spent / income,
        "balanced": result.income,
        "conditional": spent,
    }
    np.testing.assert_allclose(result.expenditure, rule[closure] + transfers, rtol=1e-9)
    assert result.income.sum() == pytest.approx(income.sum(), rel=1e-12)
    assert result.world_budget_factor == pytest.approx(result.expenditure.sum() / result.income.sum(), rel=1e-12)
    if closure in ("additive", "conditional"):
        assert result.world_budget_factor == pytest.approx(1 + transfers.sum() / income.sum(), rel=1e-11)
    assert bool(result.notes) == (abs(result.world_budget_factor - 1) > 1e-4)


def test_purged_world() -> None:
    flows = world(3)
    base = purge_deficits(flows, [3.0, 4.5, 8.0])
    np.testing.assert_allclose(base.sum(axis=(0, 1)), base.sum(axis=(0, 2)), rtol=1e-12)
    assert base.sum() == pytest.approx(flows.sum(), rel=1e-12)
    np.testing.assert_allclose(purge_deficits(base, 5.0), base, rtol=1e-11)
    direct = hat_algebra(flows, shock(3, flows.shape), [3.0, 4.5, 8.0], closure="balanced")
    later = hat_algebra(base, shock(3, flows.shape), [3.0, 4.5, 8.0], closure="additive")
    np.testing.assert_allclose(direct.welfare, later.welfare, rtol=1e-11)
    np.testing.assert_allclose(direct.base_flows, base, rtol=1e-12)


def test_batch_is_each_draw_alone_on_any_number_of_threads() -> None:
    flows = world(4)
    costs = np.stack([shock(k, flows.shape) for k in range(7)])
    theta = np.random.default_rng(4).uniform(3.0, 7.0, (7, 3))
    gifts = np.random.default_rng(5).normal(0.0, 0.01, (7, 6)) * flows.sum(axis=(0, 1))
    for closure in ("additive", "balanced"):
        one = hat_algebra(flows, costs, theta, closure=closure, transfers=gifts, threads=1)
        two = hat_algebra(flows, costs, theta, closure=closure, transfers=gifts, threads=3)
        assert (one.welfare.shape, one.good_prices.shape, one.flows.shape) == ((7, 6), (7, 3, 6), (7, 3, 6, 6))
        assert one.statuses == ("converged",) * 7
        for draw in range(7):
            alone = hat_algebra(flows, costs[draw], theta[draw], closure=closure, transfers=gifts[draw])
            for name in ("welfare", "wages", "prices", "flows", "world_budget_factor", "iterations"):
                np.testing.assert_array_equal(getattr(one, name)[draw], getattr(alone, name))
                np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    flat = hat_algebra(flows[0], costs[:, 0], 5.0)
    assert (flat.welfare.shape, flat.good_prices.shape, flat.flows.shape) == ((7, 6), (7, 1, 6), (7, 6, 6))


def test_results_and_arguments_are_not_shared() -> None:
    flows = world(5)
    before = flows.copy()
    result = hat_algebra(flows, np.ones(flows.shape), 5.0)
    flows += 1.0
    np.testing.assert_array_equal(result.base_flows, before)
    with pytest.raises(ValueError, match="read-only"):
        result.flows[0, 0, 0] = 1.0


def test_start_and_upper_elasticity_limits() -> None:
    flows, cost_hat = world(6), shock(6, (3, 6, 6))
    cold = hat_algebra(flows, cost_hat, 5.0)
    warm = hat_algebra(flows, cost_hat, 5.0, start=cold.wages)
    far = hat_algebra(flows, cost_hat, 5.0, start=np.linspace(0.1, 9.0, 6))
    assert warm.iterations < cold.iterations
    np.testing.assert_allclose(far.welfare, cold.welfare, rtol=1e-11)
    near = hat_algebra(flows, cost_hat, 5.0, upper_elasticity=1.0 + 1e-7)
    np.testing.assert_allclose(near.welfare, cold.welfare, rtol=1e-6)
    # goods as close to one another as varieties: they are one good
    merged = hat_algebra(flows, cost_hat, 5.0, upper_elasticity=6.0)
    total = flows.sum(axis=0)
    mean = (np.sum(flows * cost_hat**-5.0, axis=0) / total) ** (-1 / 5)
    np.testing.assert_allclose(merged.welfare, hat_algebra(total, mean, 5.0).welfare, rtol=1e-10)


def test_zeros_stay_and_their_costs_are_ignored() -> None:
    flows = world(7)
    flows[:, 0, 3] = 0.0
    cost_hat = shock(7, flows.shape)
    plain = hat_algebra(flows, cost_hat, 5.0)
    cost_hat[:, 0, 3] = [np.nan, -1.0, np.inf]
    np.testing.assert_array_equal(hat_algebra(flows, cost_hat, 5.0).flows, plain.flows)
    np.testing.assert_array_equal(plain.flows[:, 0, 3], 0.0)
    flows[2, :, 4] = 0.0  # country 4 buys nothing of good 2
    result = hat_algebra(flows, cost_hat, 5.0)
    assert np.isnan(result.good_prices[2, 4])
    assert np.isfinite(result.prices).all()


def test_a_ban_is_the_limit_of_a_high_cost() -> None:
    flows, cost_hat = world(8), np.ones((3, 6, 6))
    cost_hat[:, 1, 2] = BAN
    banned = hat_algebra(flows, cost_hat, 5.0)
    np.testing.assert_array_equal(banned.flows[:, 1, 2], 0.0)
    cost_hat[:, 1, 2] = 1e4
    np.testing.assert_allclose(hat_algebra(flows, cost_hat, 5.0).welfare, banned.welfare, rtol=1e-12)
    assert banned.welfare[2] < 1


def cut_off(flows: np.ndarray, country: int) -> np.ndarray:
    cost_hat = np.ones(flows.shape)
    cost_hat[:, country, :] = cost_hat[:, :, country] = BAN
    cost_hat[:, country, country] = 1.0
    return cost_hat


def test_a_country_cut_off() -> None:
    """Without deficits it lives in autarky, and its size is nothing to the rest; with them there is no equilibrium."""
    flows = world(9)
    alone = hat_algebra(flows, cut_off(flows, 2), 5.0, closure="balanced")
    bigger = alone.base_flows.copy()
    bigger[:, 2, 2] *= 10.0
    rest = [0, 1, 3, 4, 5]
    again = hat_algebra(bigger, cut_off(flows, 2), 5.0, closure="balanced")
    np.testing.assert_allclose(again.welfare[rest], alone.welfare[rest], rtol=1e-11)
    assert alone.welfare[rest].max() < 1
    share = np.diagonal(alone.base_flows, axis1=1, axis2=2) / alone.base_flows.sum(axis=1)
    budget = alone.base_flows.sum(axis=1)[:, 2] / alone.base_flows.sum(axis=(0, 1))[2]
    assert alone.welfare[2] == pytest.approx(np.prod(share[:, 2] ** (budget / 5.0)), rel=1e-12)
    with pytest.raises(NotConvergedError, match=r"countries \[.*\] trade with nobody else any more.*deficit"):
        hat_algebra(flows, cut_off(flows, 2), 5.0)
    none = hat_algebra(flows, cut_off(flows, 2), 5.0, allow_unconverged=True)
    assert none.status == "infeasible"
    assert np.isnan(none.welfare).all()
    assert np.isnan(none.flows).all()


def test_expenditure_that_would_fall_to_zero() -> None:
    """A country that lends most of its income loses its market abroad: no wage lets it go on lending."""
    flows = np.array([[10.0, 90.0], [0.5, 500.0]])
    cost_hat = np.array([[1.0, 3.0], [1.0, 1.0]])
    assert hat_algebra(flows, np.ones((2, 2)), 5.0).converged
    result = hat_algebra(flows, cost_hat, 5.0, allow_unconverged=True)
    assert result.status == "infeasible"
    assert np.isnan(result.welfare).all()
    with pytest.raises(NotConvergedError, match="expenditure of some country would fall to zero"):
        hat_algebra(flows, cost_hat, 5.0)
    with pytest.raises(NotConvergedError, match="no equilibrium"):
        hat_algebra(flows, np.ones((2, 2)), 5.0, transfers=[-20.0, -600.0])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"flows": np.ones((2, 3))}, DataError, r"shape \(n, n\) or \(goods, n, n\)"),
        ({"flows": [[1, np.nan], [1, 1]]}, DataError, r"flows at \(0, 1\).*nan"),
        ({"flows": [[1, 1], [1, np.inf]]}, DataError, r"flows at \(1, 1\).*inf"),
        ({"flows": [[1, -2], [1, 1]]}, DataError, r"flows at \(0, 1\).*-2.*re-exports"),
        ({"flows": [[1, 1], [0, 0]]}, DataError, "country 1 sells nothing"),
        ({"flows": [[1, 0], [1, 0]]}, DataError, "country 1 buys nothing"),
        ({"flows": "abc"}, DataError, "array of numbers"),
        ({"cost_hat": [[1, np.nan], [1, 1]]}, DataError, r"cost_hat at \(0, 0, 0, 1\).*nan"),
        ({"cost_hat": [[1, 0], [1, 1]]}, DataError, "positive numbers"),
        ({"cost_hat": [[1, -1], [1, 1]]}, DataError, "positive numbers"),
        ({"cost_hat": np.ones((3, 3))}, DataError, "cost_hat: shape"),
        ({"cost_hat": np.ones((0, 2, 2))}, DataError, "no draws"),
        ({"elasticity": 0.0}, DataError, "elasticity: positive"),
        ({"elasticity": -4.0}, DataError, "elasticity: positive"),
        ({"elasticity": np.nan}, DataError, "elasticity: positive"),
        ({"elasticity": [3.0, 4.0]}, DataError, "both axes"),
        ({"transfers": [1.0]}, DataError, "transfers"),
        ({"transfers": [1.0, np.nan]}, DataError, "transfers"),
        ({"start": [1.0, 0.0]}, DataError, "start"),
        ({"cost_hat": np.ones((3, 2, 2)), "elasticity": np.ones((2, 1))}, DataError, "disagree"),
        ({"closure": "open"}, UsageError, "'additive', 'multiplicative', 'balanced', 'conditional'"),
        ({"tolerance": 0.0}, UsageError, "tolerance"),
        ({"max_iterations": 0}, UsageError, "max_iterations"),
        ({"upper_elasticity": 0.0}, UsageError, "upper_elasticity"),
    ],
)
def test_bad_input(change: dict[str, Any], error: type[Exception], words: str) -> None:
    good = {"flows": [[9.0, 1.0], [1.0, 9.0]], "cost_hat": np.ones((2, 2)), "elasticity": 5.0}
    with pytest.raises(error, match=words):
        hat_algebra(**{**good, **change})


def test_effort_that_does_not_suffice() -> None:
    flows, cost_hat = world(9), shock(9, (3, 6, 6))
    with pytest.raises(NotConvergedError, match=r"error .* in log wages after .*raise tolerance or max_iterations"):
        hat_algebra(flows, cost_hat, 5.0, max_iterations=2)
    draws = np.stack([np.ones(flows.shape), cost_hat])
    with pytest.raises(NotConvergedError, match=r"draw 1 \(1 of 2 fail\)"):
        hat_algebra(flows, draws, 5.0, max_iterations=2)
    result = hat_algebra(flows, draws, 5.0, max_iterations=2, allow_unconverged=True)
    assert result.statuses == ("converged", "not_converged")
    assert (result.status, result.converged) == ("not_converged", False)
    assert np.isnan(result.welfare[1]).all()
    np.testing.assert_array_equal(result.welfare[0], 1.0)
