"""The packaged case: what must hold on real tables. One run, shared with the test of the stored numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mackinder.archive import Run
from mackinder.indicators.measure import KEY

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaged")]


def test_every_draw_and_state_is_solved(packaged_run: Run) -> None:
    """Convention C39, for capacities and trade together."""
    manifest = packaged_run.manifest
    assert manifest["model"] == "trade"
    assert manifest["equilibrium"]["not_solved"] == 0
    assert manifest["equilibrium"]["solved"] >= 20 * 3  # draws times states: two years, and the route in the later one
    assert manifest["closure_identity_gap"] > 0


def test_shares_are_shares(packaged_run: Run) -> None:
    rows, levels = packaged_run.results, ~packaged_run.results["variant"].str.contains("minus")
    for stem in ("exposure", "captive"):
        mine = (rows["indicator"].str.startswith(stem) & levels).to_numpy()
        assert mine.any()
        assert (packaged_run.draws[:, mine] >= 0).all()
        assert (packaged_run.draws[:, mine] <= 1 + 1e-6).all()


def test_captive_is_part_of_exposure(packaged_run: Run) -> None:
    key = ["scenario", "variant", "year", "actor", "target"]
    sides = [
        packaged_run.results[packaged_run.results["indicator"] == i].set_index(key)["value"]
        for i in ("captive_value", "exposure_value")
    ]
    levels = [side[~side.index.get_level_values("variant").str.contains("minus")] for side in sides]
    assert (levels[0] <= levels[1] + 1e-9).all()


def test_flows_money_and_losses_are_not_negative_and_finite(packaged_run: Run) -> None:
    rows = packaged_run.results[~packaged_run.results["variant"].str.contains("minus")]
    signed = rows["indicator"].isin(["welfare_account", "project_npv", "project_eirr"])
    rows = rows[~signed]
    assert (rows.loc[rows["draws"] > 0, "low"] >= 0).all()
    assert np.isfinite(rows.loc[rows["draws"] > 0, ["value", "low", "high"]].to_numpy()).all()


def test_keys_are_unique(packaged_run: Run) -> None:
    assert not packaged_run.results.duplicated(list(KEY)).any()
    assert not packaged_run.results[list(KEY)].isna().any(axis=None)


def test_the_base_year_does_not_know_the_scenario(packaged_run: Run) -> None:
    rows = packaged_run.results[packaged_run.results["year"] == packaged_run.manifest["base_year"]]
    sides = [
        rows[rows["scenario"] == s].drop(columns="scenario").reset_index(drop=True)
        for s in packaged_run.manifest["scenarios"]
    ]
    pd.testing.assert_frame_equal(*sides)
