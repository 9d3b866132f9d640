"""The tool that fills holes of the trade matrix: its fit against exact data, and what it writes."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from mackinder.case import read_case

PATH = Path(__file__).parents[2] / "tools" / "fill_trade.py"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fill_trade", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["fill_trade"] = module
    spec.loader.exec_module(module)
    return module


def test_exact_gravity_is_recovered(tool):
    """Flows that follow the equation without error give its coefficients back."""
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(80), rng.normal(size=(80, 3))])
    beta = np.array([1.5, 0.9, -1.1, 0.4])
    np.testing.assert_allclose(tool.fit_ppml(x, np.exp(x @ beta)), beta, atol=1e-8)


def test_the_fit_satisfies_its_first_order_condition(tool):
    """Poisson likelihood: residuals in levels are orthogonal to the regressors, zeros of y included."""
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(200), rng.normal(size=(200, 2))])
    y = rng.poisson(np.exp(1 + x[:, 1] - 0.5 * x[:, 2])).astype(float)
    beta = tool.fit_ppml(x, y)
    np.testing.assert_allclose(x.T @ (y - np.exp(x @ beta)), 0.0, atol=1e-6 * y.sum())


def test_holes_are_filled_and_nothing_else_is_touched(tool):
    case = read_case("south-caucasus")
    trade = case.table("trade")
    gone = trade[~trade["trade_id"].isin(["UKR-MNG-all", "ISR-TKM-all"])]
    holed = case.with_tables(trade=gone.reset_index(drop=True))
    table = tool.pairs(holed)
    assert table["value"].isna().sum() == 2
    filled = tool.filled(holed, table, tool.fit(table)).set_index("trade_id")
    rows = filled.loc[["ISR-TKM-all", "UKR-MNG-all"]]
    assert (rows["basis"] == "estimate").all()
    assert (rows["value_musd_low"] < rows["value_musd_mode"] / 5).all()
    assert (rows["value_musd_mode"] > 0).all()
    kept = gone.drop(columns="file_row").set_index("trade_id")
    assert filled.drop(index=rows.index).equals(kept.loc[filled.index.drop(rows.index)])
    again = tool.filled(holed, table, tool.fit(table)).set_index("trade_id")
    assert again.equals(filled)


def test_the_packaged_matrix_has_no_holes(tool):
    table = tool.pairs(read_case("south-caucasus"))
    assert table["value"].notna().all()
    assert (table["zero"] != "missing").all()
