"""What no closure may depend on: units, labels, the cut of a country into two, partners that do not matter, the numeraire."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mackinder.equilibrium import HatResult, hat_algebra

SEEDS = st.integers(0, 100_000)
#: the additive closure is left out where a random shock may leave a deficit that no wage can pay
CLOSURES = st.sampled_from(["multiplicative", "balanced", "conditional"])
GOODS, N = 2, 5
THETA = np.array([3.0, 6.0])


def world(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    flows = rng.lognormal(0.0, 1.0, (GOODS, N, N))
    flows[:, range(N), range(N)] += rng.uniform(2.0, 20.0, (GOODS, N))
    return flows, np.exp(rng.normal(0.0, 0.3, flows.shape))


def same(one: HatResult, other: HatResult, rtol: float = 1e-10) -> None:
    np.testing.assert_allclose(one.welfare, other.welfare, rtol=rtol)
    np.testing.assert_allclose(one.wages / one.wages[0], other.wages / other.wages[0], rtol=rtol)


@given(SEEDS, CLOSURES, st.floats(1e-9, 1e9))
@settings(max_examples=30, deadline=None)
def test_unit_of_flows(seed: int, closure: str, unit: float) -> None:
    flows, cost_hat = world(seed)
    gifts = np.random.default_rng(seed).normal(0.0, 0.05, N)
    one = hat_algebra(flows, cost_hat, THETA, closure=closure, transfers=gifts)
    other = hat_algebra(flows * unit, cost_hat, THETA, closure=closure, transfers=gifts * unit)
    same(one, other)
    np.testing.assert_allclose(other.flows, one.flows * unit, rtol=1e-9)


@given(SEEDS, CLOSURES)
@settings(max_examples=30, deadline=None)
def test_labels(seed: int, closure: str) -> None:
    flows, cost_hat = world(seed)
    order = np.random.default_rng(seed).permutation(N)
    turn = np.ix_(range(GOODS), order, order)
    one = hat_algebra(flows, cost_hat, THETA, closure=closure)
    other = hat_algebra(flows[turn][::-1], cost_hat[turn][::-1], THETA[::-1], closure=closure)
    np.testing.assert_allclose(other.welfare, one.welfare[order], rtol=1e-10)
    np.testing.assert_allclose(other.wages, one.wages[order], rtol=1e-10)
    np.testing.assert_allclose(other.flows[::-1], one.flows[turn], rtol=1e-9)


@given(SEEDS, CLOSURES, st.floats(0.01, 0.99))
@settings(max_examples=30, deadline=None)
def test_a_country_cut_in_two(seed: int, closure: str, part: float) -> None:
    """Halves that share its markets and its costs fare as it did, and nobody else notices."""
    flows, cost_hat = world(seed)
    pieces = [*range(N), N - 1]
    size = np.array([1.0] * (N - 1) + [part, 1.0 - part])
    wide = np.ix_(range(GOODS), pieces, pieces)
    one = hat_algebra(flows, cost_hat, THETA, closure=closure)
    two = hat_algebra(flows[wide] * size[:, None] * size, cost_hat[wide], THETA, closure=closure)
    np.testing.assert_allclose(two.welfare, one.welfare[pieces], rtol=1e-10)
    np.testing.assert_allclose(two.wages, one.wages[pieces], rtol=1e-10)


@given(SEEDS, CLOSURES, st.floats(0.1, 1e6))
@settings(max_examples=30, deadline=None)
def test_a_partner_that_trades_with_nobody(seed: int, closure: str, size: float) -> None:
    flows, cost_hat = world(seed)
    more, costs = np.zeros((GOODS, N + 1, N + 1)), np.ones((GOODS, N + 1, N + 1))
    more[:, :N, :N], costs[:, :N, :N] = flows, cost_hat
    more[:, N, N] = size
    one = hat_algebra(flows, cost_hat, THETA, closure="balanced" if closure == "conditional" else closure)
    two = hat_algebra(more, costs, THETA, closure=one.closure)
    np.testing.assert_allclose(two.welfare[:N], one.welfare, rtol=1e-10)
    assert two.welfare[N] == pytest.approx(1.0, abs=1e-12)


@given(SEEDS, st.sampled_from(["balanced", "conditional"]), st.sampled_from([1e-7, 1e-9, 1e-12]))
@settings(max_examples=30, deadline=None)
def test_a_hopeless_partner(seed: int, closure: str, trade: float) -> None:
    """Next to no trade with a partner whose costs soar: nobody else feels it, and its own wage is still found.

    Not so where deficits are multiplicative: its sales would have to be the world's budget factor times its income.
    """
    flows, cost_hat = world(seed)
    tiny, costs = np.full((GOODS, N + 1, N + 1), trade), np.full((GOODS, N + 1, N + 1), 2.0)
    tiny[:, :N, :N], costs[:, :N, :N] = flows, cost_hat
    tiny[:, N, N], costs[:, N, N] = 5.0, 1.0
    if closure == "conditional":
        tiny = hat_algebra(tiny, np.ones(tiny.shape), THETA, closure="balanced").flows
        flows = hat_algebra(flows, np.ones(flows.shape), THETA, closure="balanced").flows
    one = hat_algebra(flows, cost_hat, THETA, closure=closure)
    two = hat_algebra(tiny, costs, THETA, closure=closure)
    np.testing.assert_allclose(two.welfare[:N], one.welfare, rtol=100 * trade + 1e-10)


@given(SEEDS, st.floats(0.2, 5.0), CLOSURES)
@settings(max_examples=20, deadline=None)
def test_a_price_level_is_no_gain(seed: int, factor: float, closure: str) -> None:
    """Costs of all that one country sells rise and so does the yield of its labour: only its wage moves."""
    flows, _ = world(seed)
    cost_hat = np.ones(flows.shape)
    cost_hat[:, 1, :] = factor
    result = hat_algebra(flows, cost_hat, 4.0, closure="conditional")
    np.testing.assert_allclose(result.flows, flows, rtol=1e-10)
    np.testing.assert_allclose(result.wages[0] / result.wages[1], factor, rtol=1e-10)
    uniform = hat_algebra(flows, np.full(flows.shape, factor), THETA, closure=closure)
    np.testing.assert_allclose(uniform.welfare, 1 / factor, rtol=1e-11)


@given(SEEDS, CLOSURES)
@settings(max_examples=20, deadline=None)
def test_there_and_back(seed: int, closure: str) -> None:
    """The way back from a counterfactual leads home: hats compose."""
    flows, cost_hat = world(seed)
    if closure == "conditional":
        flows = hat_algebra(flows, np.ones(flows.shape), THETA, closure="balanced").flows
    there = hat_algebra(flows, cost_hat, THETA, closure=closure)
    back = hat_algebra(there.flows, 1.0 / cost_hat, THETA, closure=closure)
    if closure != "multiplicative":  # there sales are not income, so the next base is another
        np.testing.assert_allclose(back.welfare * there.welfare, 1.0, rtol=1e-9)
        np.testing.assert_allclose(back.flows, there.base_flows, rtol=1e-9)


@given(SEEDS, st.floats(1e-6, 0.02))
@settings(max_examples=30, deadline=None)
def test_small_additive_shocks_follow_their_slope(seed: int, step: float) -> None:
    """Half the shock, half the effect, up to a square; and the accounts of each country close."""
    flows, cost_hat = world(seed)
    flows[:, range(N), range(N)] += 20.0
    direction = np.log(cost_hat)
    full, half, none = hat_algebra(flows, np.exp(np.multiply.outer([step, step / 2, 0.0], direction)), THETA).welfare
    np.testing.assert_array_equal(none, 1.0)
    np.testing.assert_allclose(np.log(full), 2 * np.log(half), atol=20 * step**2)


@given(
    SEEDS, st.floats(1e-3, 1e6), st.floats(0.01, 6.0), st.sampled_from(["additive", "multiplicative", "conditional"])
)
@settings(max_examples=60, deadline=None)
def test_no_wild_number_gets_out(seed: int, elasticity: float, size: float, closure: str) -> None:
    """Whatever the elasticity and the shock: a solution whose markets clear, or a status and no number."""
    flows, _ = world(seed)
    cost_hat = np.exp(np.random.default_rng(seed + 1).normal(0.0, size, flows.shape))
    result = hat_algebra(
        flows, cost_hat, elasticity, closure=closure, max_iterations=300, allow_unconverged=True, tolerance=1e-11
    )
    if not result.converged:
        assert np.isnan(result.welfare).all()
        return
    assert np.isfinite(result.welfare).all()
    assert (result.welfare > 0).all()
    with np.errstate(all="ignore"):
        log_worth = np.log(flows) - elasticity * (np.log(cost_hat) + np.log(result.wages)[:, None])
        log_worth -= log_worth.max(axis=1, keepdims=True)
        share = np.exp(log_worth) / np.exp(log_worth).sum(axis=1, keepdims=True)
    budget = flows.sum(axis=1) / flows.sum(axis=(0, 1))
    sales = np.sum(share * (budget * result.expenditure)[:, None], axis=(0, 2))
    np.testing.assert_allclose(sales, result.income * result.world_budget_factor, rtol=1e-10 * (1 + elasticity))
