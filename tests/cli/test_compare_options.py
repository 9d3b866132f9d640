"""``compare --horizon``, ``levers --on`` with a model, and ``run --ablation`` on the starter case."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from mackinder.archive import beside
from mackinder.cli.output import number

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
        right = merged["value_alone"].astype(float)
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


def test_a_scenario_of_war_is_told_in_ranges(say: Say, starter_folder: Path, tmp_path: Path) -> None:
    """Convention C161: neither `compare` nor `run` prints a middle or a decimal of it."""
    folder = tmp_path / "wary"
    shutil.copytree(starter_folder, folder)
    path = folder / "scenarios" / "south-road.toml"
    path.write_text("range_only = true\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    few = (*FEW, "--model", "routes", "-q")
    plain = say("compare", "status-quo", "south-road", "--case", starter_folder, *few)
    wary = say("compare", "status-quo", "south-road", "--case", folder, *few)
    ran = say("run", folder, "-s", "south-road", "--no-strategy", "--out", tmp_path / "out", *few)
    assert (plain.code, wary.code, ran.code) == (0, 0, 0), wary.err + ran.err
    assert "a range only" in wary.out
    assert "a range only" not in plain.out
    assert re.search(r"\d \(-?\d", plain.out)
    assert not re.search(r"\d \(-?\d", wary.out)
    assert re.search(r"\)\s+[\d.,]+ to [\d.,]+", ran.out)  # the baseline beside it as ever


def test_a_range_without_a_middle() -> None:
    assert number(0.43, 0.22, 12.6, range_only=True) == "0.2 to 13"
    assert number(0.43, 0.22, 12.6) == "0.43 (0.22 to 12.6)"
