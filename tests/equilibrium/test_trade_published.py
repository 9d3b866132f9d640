"""Hat algebra against published results, a public package, and the same world seen from its roads."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from mackinder.equilibrium import hat_algebra, purge_deficits

#: published and third-party results; not shipped, as the terms of some are unclear
SHARED = Path(__file__).resolve().parents[3] / "shared"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def fitted(income: np.ndarray, spent: np.ndarray, ease: np.ndarray) -> np.ndarray:
    """Structural gravity: flows ``a_i ease_ij b_j`` with given row and column sums."""
    a = np.ones(income.size)
    for _ in range(100_000):
        b = spent / (a @ ease)
        new = income / (ease @ b)
        done = np.abs(np.log(new / a)).max() < 1e-15
        a = new
        if done:
            break
    return a[:, None] * ease * b


@pytest.fixture(scope="module")
def advanced_guide() -> tuple[list[str], np.ndarray, np.ndarray, float, dict[str, np.ndarray]]:
    """Yotov, Piermartini, Monteiro and Larch (2016), chapter 2, application 1: the world without borders."""
    folder = SHARED / "validation" / "V04_wto_trade_without_border"
    if not folder.exists():
        pytest.skip("the published data (V04) are not here")
    given = json.loads((folder / "parameters.json").read_text(encoding="utf-8"))
    rows, results = rows_of(folder / "input.csv"), rows_of(folder / "expected.csv")
    names = sorted(row["country"] for row in results)
    place = {name: k for k, name in enumerate(names)}
    trade, ease, border = (np.zeros((len(names), len(names))) for _ in range(3))
    for row in rows:
        at = place[row["exporter"]], place[row["importer"]]
        trade[at] = float(row["trade"])
        border[at] = given["INTL_BRDR"] * (row["exporter"] != row["importer"])
        ease[at] = given["ln_DIST"] * np.log(float(row["DIST"])) + given["CNTG"] * float(row["CNTG"]) + border[at]
    base = fitted(trade.sum(axis=1), trade.sum(axis=0), np.exp(ease))
    by_name = {row["country"]: row for row in results}
    expected = {key: np.array([float(by_name[name][key]) for name in names]) for key in results[0] if key != "country"}
    return names, base, np.exp(border / given["theta"]), given["theta"], expected


def exports(flows: np.ndarray) -> np.ndarray:
    return flows.sum(axis=1) - np.diagonal(flows)


def test_base_and_conditional_exports_of_the_advanced_guide(advanced_guide) -> None:
    _, base, cost_hat, theta, expected = advanced_guide
    np.testing.assert_allclose(base.sum(axis=1), expected["Y_BLN"], rtol=1e-9)
    np.testing.assert_allclose(exports(base), expected["Xi_BLN"], rtol=1e-5)
    result = hat_algebra(base, cost_hat, theta, closure="conditional")
    change = 100 * (exports(result.flows) / exports(base) - 1)
    np.testing.assert_allclose(change, expected["change_Xi_CDL_pct"], atol=0.005)


def test_real_output_of_the_advanced_guide(advanced_guide) -> None:
    """Its loop keeps deficits by a rule that does not close the world's budget, and stops early: near, never equal."""
    names, base, cost_hat, theta, expected = advanced_guide
    result = hat_algebra(base, cost_hat, theta, closure="multiplicative")
    off = np.abs(100 * (result.welfare - 1) - expected["change_rGDP_FULL_pct"])
    assert names[int(off.argmax())] == "HKG"  # spends 3.9 times what it earns
    assert off.max() < 0.65
    assert np.median(off) < 0.1
    assert result.world_budget_factor == pytest.approx(0.996, abs=5e-4)
    assert "0.996" in result.notes[0]


def test_balanced_world_by_the_loop_of_the_advanced_guide(advanced_guide) -> None:
    """The published steps (resistances, then factory prices, then incomes) end where the hats do."""
    _, base, cost_hat, theta, _ = advanced_guide
    base = purge_deficits(base, theta)
    income = base.sum(axis=1)
    ease = base / income[:, None] / income * income.sum() * cost_hat**-theta  # resistances of the base are one
    price, outward = np.ones(income.size), np.ones(income.size)
    for _ in range(3000):
        worth = income * price
        for _ in range(5):
            inward = ease.T @ (worth / worth.sum() / outward)
            outward = ease @ (worth / worth.sum() / inward)
        new = (worth / worth.sum() / (income / income.sum()) / outward) ** (-1 / theta)
        new = price * (new / price) ** 0.5
        new *= income.sum() / (income @ new)
        done = np.abs(np.log(new / price)).max() < 1e-14
        price = new
        if done:
            break
    worth = income * price
    inward = ease.T @ (worth / worth.sum() / outward)
    result = hat_algebra(base, cost_hat, theta, closure="balanced")
    np.testing.assert_allclose(result.wages, price, rtol=1e-10)
    inward_hat = inward ** (-1 / theta)
    real = price / inward_hat
    np.testing.assert_allclose(result.welfare / result.welfare[0], real / real[0], rtol=1e-10)


def test_gains_from_trade_in_closed_form() -> None:
    """V14: a domestic share of 0.93 and an elasticity of 5."""
    flows = np.array([[93.0, 7.0], [7.0, 93.0]])
    result = hat_algebra(flows, [[1.0, np.inf], [np.inf, 1.0]], 5.0)
    np.testing.assert_allclose(100 * (1 - result.welfare), 1.440931620601238, rtol=1e-12)


def test_gegravity() -> None:
    """Its sample: a Canadian-Japanese agreement. What it calls full GE holds incomes in the resistances at their base."""
    folder = SHARED / "bench" / "gegravity"
    if not folder.exists():
        pytest.skip("results of gegravity 0.3 are not here")
    country = rows_of(folder / "country_results.csv")
    names = sorted(row["country"] for row in country)
    place = {name: k for k, name in enumerate(names)}

    def matrix(file: str, column: str) -> np.ndarray:
        out = np.zeros((len(names), len(names)))
        for row in rows_of(folder / file):
            out[place[row["exporter"]], place[row["importer"]]] = float(row[column])
        return out

    base = matrix("bilateral_trade_results.csv", "baseline modeled trade")
    power = matrix("bilateral_costs.csv", "experiment trade cost") / matrix(
        "bilateral_costs.csv", "baseline trade cost"
    )
    result = hat_algebra(base, power ** (-1 / 4), 4.0, closure="conditional")
    seen = {row["country"]: float(row["GDP change (percent)"]) for row in country}
    np.testing.assert_allclose(100 * (result.welfare - 1), [seen[name] for name in names], atol=1e-6)
    price = result.wages / result.prices[place["DEU"]]
    seen = {row["country"]: float(row["factory gate price change (percent)"]) for row in country}
    np.testing.assert_allclose(100 * (price - 1), [seen[name] for name in names], atol=1e-6)
    # its flows then let incomes follow prices, as one pass, in output of the base
    income = base.sum(axis=1)
    theirs = result.flows * np.outer(price, price) * income.sum() / (income @ price)
    np.testing.assert_allclose(theirs, matrix("bilateral_trade_results.csv", "experiment trade"), rtol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_traffic_on_links_tells_the_same_story(seed: int) -> None:
    """Allen and Arkolakis (2022): the change of a network from its link traffic alone, without any bilateral flow."""
    rng = np.random.default_rng(seed)
    n, theta = 6, 4.0
    joined = np.triu(rng.random((n, n)) < 0.5, 1) | np.eye(n, k=1, dtype=bool)
    cost = np.where(joined | joined.T, rng.uniform(1.5, 2.5, (n, n)), np.inf)
    link_hat = np.where(rng.random((n, n)) < 0.4, rng.uniform(0.8, 1.3, (n, n)), 1.0)

    def reach(power: np.ndarray) -> np.ndarray:
        assert np.abs(np.linalg.eigvals(power)).max() < 1
        return np.linalg.inv(np.eye(n) - power)

    before, after = reach(cost**-theta), reach((cost * link_hat) ** -theta)
    income = rng.lognormal(3.0, 0.5, n)
    flows = fitted(income, income, before)
    result = hat_algebra(flows, (after / before) ** (-1 / theta), theta, closure="balanced")
    traffic = (before.T @ (flows / before) @ before.T) * cost**-theta
    ease = traffic * link_hat**-theta
    through = income + traffic.sum(axis=0)
    np.testing.assert_allclose(through, income + traffic.sum(axis=1), rtol=1e-12)
    wage, p, q = np.ones(n), np.ones(n), np.ones(n)
    for _ in range(20_000):
        p = (income * wage**-theta + ease.T @ p) / through
        q = (income * wage / p + ease @ q) / through
        new = np.sqrt(wage * q ** (1 / (1 + theta)))
        new *= income.sum() / (income @ new)
        done = np.abs(np.log(new / wage)).max() < 1e-15
        wage = new
        if done:
            break
    np.testing.assert_allclose(result.wages, wage, rtol=1e-10)
    np.testing.assert_allclose(result.prices, p ** (-1 / theta), rtol=1e-10)
