"""Runs of the starter case from end to end (conventions C33, C36, C37, C38), and one small run of the packaged case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mackinder.archive import Run, compare, read_run, write_run
from mackinder.ensemble import run
from mackinder.errors import ScenarioError, UsageError
from mackinder.indicators.measure import KEY, catalogue

TABLES = ("results", "flows", "routes", "draws")


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Route sets of made-up cases stay out of the user's cache; compiled kernels were found at import."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MACKINDER_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def result(starter: Any) -> Run:
    return run(starter, draws=9, seed=4, threads=1)


def numbers(run: Run, **key: object) -> pd.DataFrame:
    rows = run.results
    for column, value in key.items():
        rows = rows[rows[column] == value]
    return rows


def test_results_have_their_key(result: Run) -> None:
    """Convention C37, and every indicator with the unit of the catalogue."""
    keys = result.results[list(KEY)]
    assert not keys.duplicated().any()
    assert not keys.isna().any(axis=None)
    assert keys["year"].dtype == np.int64
    assert {*zip(keys["indicator"], keys["unit"], strict=True)} <= {(n, i.unit) for n, i in catalogue().items()}
    assert set(keys["scenario"]) == {"status-quo", "south-road"}
    assert set(keys["year"]) == {2023, 2035}
    assert result.draws.shape == (9, len(keys))
    pd.testing.assert_frame_equal(keys, keys.sort_values(list(KEY), ignore_index=True))


def test_results_summarise_the_draws(result: Run) -> None:
    """Convention C33; the draws are kept in single precision."""
    rows, drawn = result.results, result.draws
    np.testing.assert_allclose(rows["value"], np.median(drawn, axis=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(rows["low"], np.quantile(drawn, 0.05, axis=0), rtol=1e-5, atol=1e-6)
    assert (rows["draws"] == 9).all()
    assert (rows["low"] <= rows["value"]).all()
    assert (rows["value"] <= rows["high"]).all()


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_same_seed_same_bytes(starter: Any, result: Run, tmp_path: Path, threads: int) -> None:
    """Convention C38, whatever the number of threads."""
    one = write_run(result, tmp_path / "one").folder
    two = write_run(run(starter, draws=9, seed=4, threads=threads), tmp_path / "two").folder
    assert one is not None
    assert two is not None
    for name in TABLES:
        assert (one / f"{name}.parquet").read_bytes() == (two / f"{name}.parquet").read_bytes(), name


def test_another_seed_gives_other_draws_of_the_same_keys(starter: Any, result: Run) -> None:
    other = run(starter, draws=9, seed=5, threads=1)
    pd.testing.assert_frame_equal(other.results[list(KEY)], result.results[list(KEY)])
    assert not np.allclose(other.draws, result.draws)


def test_other_scenarios_move_no_number(starter: Any, result: Run) -> None:
    """Convention C36: a scenario's numbers do not depend on which others run beside it."""
    alone = run(starter, [], draws=9, seed=4, threads=1)
    assert alone.manifest["scenarios"] == ["status-quo"]
    mine = (result.results["scenario"] == "status-quo").to_numpy()
    pd.testing.assert_frame_equal(alone.results[list(KEY)], result.results.loc[mine, list(KEY)].reset_index(drop=True))
    # the route set knows one project less: what the road's own search finds may be missing
    np.testing.assert_allclose(alone.draws, result.draws[:, mine], rtol=0.02, atol=1e-3)


def test_the_base_year_knows_no_difference(result: Run) -> None:
    assert not ((result.results["year"] == 2023) & (result.results["variant"].str.contains("minus"))).any()
    base = numbers(result, year=2023)
    both = [
        base[base["scenario"] == s].drop(columns="scenario").reset_index(drop=True)
        for s in ("status-quo", "south-road")
    ]
    pd.testing.assert_frame_equal(*both)


def test_the_south_road_frees_ccc(result: Run) -> None:
    """What the case was made to show: transit by AAA stops being without alternative, and trade of BBB gets cheaper."""
    captive = numbers(result, indicator="captive_value", target="CCC", actor="AAA", variant="transit", year=2035)
    assert captive.set_index("scenario")["value"].to_dict() == pytest.approx({"status-quo": 1.0, "south-road": 0.0})
    cost = numbers(result, indicator="pair_cost", variant="minus-baseline")
    assert (cost["high"] < 0).all()
    assert len(cost) == 1


def test_written_and_read_back_it_compares_the_same(result: Run, tmp_path: Path) -> None:
    back = read_run(write_run(result, tmp_path).folder or "")
    pd.testing.assert_frame_equal(
        compare(back, "status-quo", "south-road"), compare(result, "status-quo", "south-road")
    )
    own = compare(back, "south-road", "south-road")
    assert not own[["value", "low", "high"]].any(axis=None)


def test_differences_in_results_are_those_of_compare(result: Run) -> None:
    stored = result.results[result.results["variant"].str.endswith("minus-baseline")]
    stored = stored.assign(variant=stored["variant"].str.removesuffix("minus-baseline").str.removesuffix("-"))
    key = [column for column in KEY if column != "scenario"]
    found = compare(result, "status-quo", "south-road")
    both = stored.merge(found, on=key, suffixes=("_stored", "_found"))
    assert len(both) == len(stored)
    for column in ("value", "low", "high"):
        np.testing.assert_allclose(both[f"{column}_stored"], both[f"{column}_found"], rtol=1e-3, atol=1e-3)


def test_the_manifest_says_what_was_run(starter: Any, result: Run) -> None:
    assert result.manifest["case_digest"] == starter.digest
    assert (result.manifest["seed"], result.manifest["draws"]) == (4, 9)
    assert result.manifest["years"] == [2023, 2035]
    assert result.manifest["differences"]["status-quo"] == []
    assert any(
        "b-south-c-harbour-road" in line or "South road" in line
        for line in result.manifest["differences"]["south-road"]
    )
    assert result.manifest["routes"]["left_out_for_room"] == 0
    assert 0 < result.manifest["closure_identity_gap"] < 0.2  # closing shifts path sizes: never exactly nothing


def test_routes_of_headline_pairs_are_listed(result: Run) -> None:
    routes = result.routes
    assert set(routes["scenario"]) == {"status-quo", "south-road"}
    assert "b-south-c-harbour-road" not in "".join(routes.loc[routes["scenario"] == "status-quo", "links"])
    best = routes[(routes["scenario"] == "south-road") & (routes["rank"] == 1)].iloc[0]
    assert best["links"] == "b-south-c-harbour-road"
    assert best["length_km"] == 330


def test_narration_names_the_stages(starter: Any) -> None:
    heard: list[str] = []
    run(starter, [], draws=1, threads=1, narrate=heard.append)
    assert heard[0] == "scenarios"
    assert heard[-1] == "indicators"


def test_one_draw_is_enough_and_none_is_not(starter: Any) -> None:
    assert (run(starter, [], draws=1, threads=1).results["draws"] == 1).all()
    with pytest.raises(UsageError, match="draws is 0: at least one"):
        run(starter, draws=0)


def test_an_unknown_scenario_gets_a_suggestion(starter: Any) -> None:
    with pytest.raises((UsageError, ScenarioError), match="south-road"):
        run(starter, ["south-raod"], draws=1)


def test_an_unknown_case_gets_a_suggestion() -> None:
    with pytest.raises(UsageError, match="south-caucasus"):
        run("south-caucsus", draws=1)
