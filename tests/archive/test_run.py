"""The run folder: written, read back, damaged, compared (conventions C36, C37, C38)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mackinder.archive import MANIFEST_SCHEMA, Run, compare, read_run, write_run
from mackinder.errors import RunError, UsageError
from mackinder.indicators.measure import KEY, Measure, difference, stack, summarise

RANDOM = np.random.default_rng(11)  # arbitrary numbers, the same in every run
TABLES = ("results", "flows", "routes", "draws")


def measured(scenario: str, assets: str, shift: float) -> Measure:
    labels = [{"scenario": scenario, "year": 2035, "asset": a, "goods": ""} for a in assets]
    common = np.random.default_rng(5).normal(size=(40, 1))
    return Measure.of("corridor_flow", 100 * common + shift + np.arange(len(assets)), labels)


@pytest.fixture
def small() -> Run:
    levels = stack([measured("base", "abc", 0.0), measured("other", "bcd", 2.0), measured("twin", "abc", 0.0)])
    whole = stack([levels, difference(levels, "base", [2035])])
    names = ["base", "other", "twin"]
    return Run(
        manifest={
            "schema": MANIFEST_SCHEMA,
            "case": "made-up",
            "scenarios": names,
            "draws": 40,
            "seed": 3,
            "note": "Հայ Azər ə",
        },
        results=summarise(whole),
        flows=pd.DataFrame({"scenario": names, "year": 2035, "link": "x", "quantity_mt": [1.5, 2.5, np.nan]}),
        routes=pd.DataFrame({"scenario": names, "rank": [1, 1, 2], "links": ["a>b", "a", ""]}),
        draws=whole.draws.astype(np.float32),
    )


def test_what_is_written_is_read_back(small: Run, tmp_path: Path) -> None:
    written = write_run(small, tmp_path / "deep" / "out")
    assert written.folder == tmp_path / "deep" / "out"
    back = read_run(written.folder)
    assert back.manifest == small.manifest
    for name in ("results", "flows", "routes"):
        pd.testing.assert_frame_equal(getattr(back, name), getattr(small, name), check_dtype=False)
    assert back.results["year"].dtype == np.int64
    assert back.draws.dtype == np.float32
    np.testing.assert_array_equal(back.draws, small.draws)
    assert sorted(path.name for path in written.folder.iterdir()) == [
        "draws.parquet",
        "flows.parquet",
        "manifest.json",
        "results.parquet",
        "routes.parquet",
    ]
    assert "made-up" in repr(back)
    assert "40 draws" in repr(back)


def test_the_same_run_gives_the_same_bytes(small: Run, tmp_path: Path) -> None:
    """Convention C38."""
    one, two = write_run(small, tmp_path / "one").folder, write_run(small, tmp_path / "two").folder
    assert one is not None
    assert two is not None
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes(), path.name


def test_key_columns_are_plain(small: Run, tmp_path: Path) -> None:
    """Convention C37."""
    results = read_run(write_run(small, tmp_path).folder or "").results
    assert not results.duplicated(list(KEY)).any()
    assert not results[list(KEY)].isna().any(axis=None)


def test_writing_again_replaces(small: Run, tmp_path: Path) -> None:
    write_run(small, tmp_path)
    write_run(small, tmp_path)
    assert read_run(tmp_path).manifest == small.manifest


def test_a_folder_that_cannot_be_made_is_said(small: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match=r"cannot be written.*--out"):
        write_run(small, tmp_path / "file" / "out")


def test_a_folder_without_a_run_is_said(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(RunError, match=r"no manifest.json.*mackinder run --out"):
            read_run(folder)


@pytest.mark.parametrize("table", TABLES)
def test_a_missing_table_is_said(small: Run, tmp_path: Path, table: str) -> None:
    write_run(small, tmp_path)
    (tmp_path / f"{table}.parquet").unlink()
    with pytest.raises(RunError, match=rf"{table}.parquet.*run again"):
        read_run(tmp_path)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("damage", ["empty", "cut", "noise", "middle"])
def test_a_damaged_table_is_said(small: Run, tmp_path: Path, table: str, damage: str) -> None:
    write_run(small, tmp_path)
    path = tmp_path / f"{table}.parquet"
    data = path.read_bytes()
    path.write_bytes({
        "empty": b"", "cut": data[: len(data) // 2], "noise": RANDOM.bytes(500), "middle": data[:4] + bytes(60) + data[64:],
    }[damage])  # fmt: skip
    with pytest.raises(RunError, match=rf"(?s){table}.parquet.*run again"):
        read_run(tmp_path)


@pytest.mark.parametrize("text", [b"", b"{", b"[1, 2]", b"\xff\xfe{}", b'{"schema": "mackinder.run/0"}', b"{}"])
def test_a_damaged_manifest_is_said(small: Run, tmp_path: Path, text: bytes) -> None:
    write_run(small, tmp_path)
    (tmp_path / "manifest.json").write_bytes(text)
    with pytest.raises(RunError, match=r"manifest.json.*run again"):
        read_run(tmp_path)


def test_tables_of_two_runs_are_not_mixed(small: Run, tmp_path: Path) -> None:
    """An interrupted second run leaves new tables beside an old manifest: rows and draws then belong to different things."""
    write_run(small, tmp_path / "one")
    write_run(Run(manifest=small.manifest, results=small.results[:4], flows=small.flows, routes=small.routes,
                  draws=small.draws[:, :4]), tmp_path / "two")  # fmt: skip
    (tmp_path / "two" / "draws.parquet").replace(tmp_path / "one" / "draws.parquet")
    with pytest.raises(RunError, match="run again"):
        read_run(tmp_path / "one")


def test_comparing_a_scenario_with_itself_finds_nothing(small: Run) -> None:
    found = compare(small, "base", "base")
    assert len(found) == 3
    assert not found[["value", "low", "high"]].any(axis=None)
    assert not found["detectable"].any()
    twin = compare(small, "base", "twin")
    assert not twin[["value", "low", "high"]].any(axis=None)


def test_comparing_is_antisymmetric(small: Run) -> None:
    there, back = compare(small, "base", "other"), compare(small, "other", "base")
    key = [column for column in KEY if column != "scenario"]
    pd.testing.assert_frame_equal(there[key], back[key])
    np.testing.assert_allclose(there["value"], -back["value"], rtol=1e-6)
    np.testing.assert_allclose(there["low"], -back["high"], rtol=1e-6)
    np.testing.assert_array_equal(there["first"], back["second"])
    np.testing.assert_array_equal(there["detectable"], back["detectable"])


def test_comparing_takes_differences_draw_by_draw(small: Run) -> None:
    """Convention C36: both vary by hundreds, their difference by nothing, and so it can be detected."""
    found = compare(small, "base", "other").set_index("asset")
    assert found.loc[["b", "c"], "value"].to_numpy() == pytest.approx(
        1.0, abs=1e-4
    )  # single precision of draws near 200
    assert found.loc[["b", "c"], "detectable"].all()
    assert found.loc["b", "high"] - found.loc["b", "low"] < 1e-3
    assert found.loc["a", "second"] == 0.0
    assert found.loc["d", "first"] == 0.0


def test_comparing_agrees_with_the_differences_in_the_results(small: Run) -> None:
    stored = small.results[small.results["variant"] == "minus-baseline"]
    stored = stored[stored["scenario"] == "other"].set_index("asset")
    found = compare(small, "base", "other").set_index("asset")
    np.testing.assert_allclose(found["value"], stored.loc[found.index, "value"], atol=1e-4)


def test_a_number_without_a_value_has_no_difference(small: Run) -> None:
    draws = small.draws.copy()
    draws[:, 0] = np.nan
    run = Run(manifest=small.manifest, results=small.results, flows=small.flows, routes=small.routes, draws=draws)
    found = compare(run, "base", "twin")
    assert found["value"].isna().sum() == 1
    assert not found["detectable"][found["value"].isna()].any()


def test_an_unknown_scenario_gets_a_suggestion(small: Run) -> None:
    with pytest.raises(UsageError, match=r"unknown scenario of this run 'oter'.*'other'"):
        compare(small, "base", "oter")


def test_the_manifest_is_readable_text(small: Run, tmp_path: Path) -> None:
    text = (write_run(small, tmp_path).folder / "manifest.json").read_text(encoding="utf-8")  # type: ignore[operator]  # it was just set
    assert "Հայ" in text
    assert json.loads(text)["schema"] == MANIFEST_SCHEMA
