"""``compare --horizon``, ``levers --on`` with a model, and ``run --ablation`` on the starter case."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from mackinder.archive import beside

Say = Callable[..., Any]
FEW = ("--draws", 3, "--threads", 1)
KEY = ["indicator", "variant", "year", "actor", "target", "goods", "asset", "unit"]


def test_short_and_long_run_beside_each_other(say: Say, starter_folder: Path) -> None:
    """Convention C162: the columns of each run are those of that run alone."""
    asked = ("compare", "status-quo", "south-road", "--case", starter_folder, *FEW, "--json", "-q")
    both, long, short = (
        pd.DataFrame(json.loads(say(*asked, "--horizon", name).out)["results"]) for name in ("both", "long", "short")
    )
    for alone, ending in ((long, ""), (short, "_short")):
        merged = both.merge(alone, on=KEY, suffixes=("_both", "_alone"))
        assert len(merged) == len(alone)
        left = merged[f"value{ending}" if ending else "value_both"].astype(float)
        right = merged["value" if ending else "value_alone"].astype(float)
        pd.testing.assert_series_equal(left, right, check_names=False)
    account = both[(both["indicator"] == "welfare_account") & (both["variant"] == "total")]
    assert (account["value"] != account["value_short"]).any()


def test_beside_keeps_what_one_run_lacks() -> None:
    row = dict.fromkeys(KEY, "x") | {"value": 1.0, "low": 0.5, "high": 2.0, "detectable": True}
    table = pd.DataFrame([row])
    found = beside(table, pd.DataFrame([row | {"asset": "y", "detectable": False}]), "short")
    assert found["detectable"].tolist() == [True, False]
    assert found["detectable_short"].tolist() == [False, False]
    assert found["value"].isna().tolist() == [False, True]


def test_horizons_that_cannot_be(say: Say, starter_folder: Path) -> None:
    asked = ("compare", "status-quo", "south-road", "--case", starter_folder, *FEW, "-q")
    code, _, err = say(*asked, "--horizon", "shorter")
    assert code == 2
    assert "short" in err
    code, _, err = say(*asked, "--horizon", "both", "--model", "routes")
    assert code == 2
    assert "--model trade" in err


def test_a_model_that_would_change_nothing_is_refused(say: Say, starter_folder: Path) -> None:
    code, _, err = say("levers", starter_folder, "--on", "south-road", "--model", "trade", "-q")
    assert code == 2
    assert "leave it out" in err
    code, _, err = say("run", starter_folder, *FEW, "--no-strategy", "--ablation", "-q")
    assert code == 2
    assert "--no-strategy" in err
