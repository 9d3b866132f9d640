"""Sweeps of the starter case: same bytes whatever happens on the way (conventions C137, C138)."""

from __future__ import annotations

import asyncio
import errno
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mackinder.archive import Run, read_run
from mackinder.draws import Design
from mackinder.ensemble import chunk, executors, gather, run, sweep
from mackinder.ensemble.besides import besides, said_of_draws
from mackinder.ensemble.chunk import BLOCK, Packed, measure_draws
from mackinder.ensemble.executors import check_executor
from mackinder.ensemble.folder import SweepFolder
from mackinder.ensemble.keptdraws import KeptDraws
from mackinder.ensemble.origins import origin_of
from mackinder.ensemble.prepared import prepare
from mackinder.ensemble.reach import reach
from mackinder.ensemble.why import explain, find_number
from mackinder.errors import NotConvergedError, RunError, UsageError
from mackinder.indicators.casepower import power_answer, power_rows
from mackinder.indicators.measure import KEY
from mackinder.scenario import apply, read_scenario

TABLES = ("results", "flows", "routes", "draws", "futures")
DRAWS = 4 * BLOCK + 5


@pytest.fixture(scope="module", autouse=True)
def no_cache() -> Iterator[None]:
    """Route sets of made-up cases stay out of the user's cache; compiled kernels are found by the processes started here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mackinder.network.cache.cache_folder", lambda _: None)
        yield


@pytest.fixture(scope="module")
def done(starter: Any, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return sweep(starter, draws=DRAWS, seed=4, workers=1, out=tmp_path_factory.mktemp("sweep"))


def same(one: Path | None, two: Path | None) -> None:
    assert one is not None
    assert two is not None
    for name in TABLES:
        assert (one / f"{name}.parquet").read_bytes() == (two / f"{name}.parquet").read_bytes(), name


def test_a_sweep_has_the_numbers_of_a_run(starter: Any, done: Run) -> None:
    """Convention C137: chunks are whole blocks, so they are solved as in a run; draws are kept in single precision."""
    whole = run(starter, draws=DRAWS, seed=4, threads=1)
    pd.testing.assert_frame_equal(done.results[list(KEY)], whole.results[list(KEY)])
    np.testing.assert_array_equal(done.draws, whole.draws)
    np.testing.assert_allclose(done.results["value"], whole.results["value"], rtol=1e-6)
    pd.testing.assert_frame_equal(done.flows, whole.flows, rtol=1e-6)
    assert done.manifest["inputs"] == whole.manifest["inputs"]
    assert done.manifest["closure_identity_gap"] == whole.manifest["closure_identity_gap"]
    futures = pd.read_parquet(done.folder / "futures.parquet")
    assert futures["draw"].tolist() == list(range(DRAWS))
    assert set(futures["status"]) == {"solved"}


def test_a_killed_worker_changes_nothing(starter: Any, done: Run, tmp_path: Path) -> None:
    """Convention C138: its chunks begin again."""
    told: list[str] = []

    def kill(text: str) -> None:
        told.append(text)
        if " left" in text and not any("died" in line for line in told):
            os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)

    folder = tmp_path / "sweep"
    real = time.monotonic
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mackinder.ensemble.drive.time.monotonic", lambda: real() * 1e3)  # progress after every chunk
        sweep(starter, draws=DRAWS, seed=4, workers=1, out=folder, narrate=kill)
    assert any("a worker died" in line for line in told)
    same(folder, done.folder)
    assert not list(folder.glob(".*"))


def test_a_killed_driver_loses_no_finished_chunk(starter: Any, done: Run, tmp_path: Path) -> None:
    """Convention C138: kill -9, then resume; the orphaned workers end by themselves."""
    folder = tmp_path / "sweep"
    script = f"""
import mackinder.network.cache
from mackinder import read_case, sweep

if __name__ == "__main__":
    mackinder.network.cache.cache_folder = lambda _: None
    sweep(read_case({str(starter.folder)!r}), draws={DRAWS}, seed=4, workers=1, out={str(folder)!r})
"""
    program = tmp_path / "drive.py"
    program.write_text(script)
    process = subprocess.Popen([sys.executable, str(program)], stderr=subprocess.DEVNULL)
    wait_for(lambda: (folder / "chunks.json").exists() or process.poll() is not None)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    workers = [int(pid) for pid in children.read_text().split()] if children.exists() else []
    process.kill()
    process.wait()
    kept = json.loads((folder / "chunks.json").read_text())
    assert 0 < len(kept) < 5
    before = {name: (folder / "chunks" / f"{name}.parquet").stat().st_mtime_ns for name in kept}
    with pytest.raises(RunError, match="--resume"):
        sweep(starter, draws=DRAWS, seed=4, workers=1, out=folder)
    sweep(starter, draws=DRAWS, seed=4, workers=1, out=folder, resume=True)
    same(folder, done.folder)
    assert before == {name: (folder / "chunks" / f"{name}.parquet").stat().st_mtime_ns for name in kept}
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def wait_for(holds: Any, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_dask_gives_the_same_bytes(starter: Any, done: Run, tmp_path: Path) -> None:
    """Convention C138."""
    pytest.importorskip("distributed", reason="extra [cluster] is not installed")
    sweep(starter, draws=DRAWS, seed=4, executor="dask", workers=1, out=tmp_path / "sweep")
    same(tmp_path / "sweep", done.folder)


def test_resume_refuses_other_inputs_and_mends_a_damaged_chunk(starter: Any, done: Run) -> None:
    assert done.folder is not None
    with pytest.raises(RunError, match=r"inputs have changed.*seed was 4, is 5"):
        sweep(starter, draws=DRAWS, seed=5, out=done.folder, resume=True)
    links = starter.table("links")
    links["cost_usd_per_t_mode"] *= 1.001
    with pytest.raises(RunError, match="case_digest was"):
        sweep(starter.with_tables(links=links), draws=DRAWS, seed=4, out=done.folder, resume=True)
    folder = SweepFolder(done.folder, json.loads((done.folder / "sweep.json").read_text())["inputs"], resume=True)
    assert len(folder.done) == 5
    path = folder.chunk_path(2)
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    again = SweepFolder(done.folder, folder.identity, resume=True)
    assert sorted(again.done) == ["000000", "000001", "000003", "000004"]
    path.write_bytes(whole)


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no sweep to resume"):
        SweepFolder(tmp_path / "none", {}, resume=True)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_full_or_forbidden_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """Convention C137: an unfinished file never takes the place of a finished one."""
    folder = SweepFolder(tmp_path, {"a": 1}, resume=False)
    folder.add(Packed(chunk=0, data=b"zero", keys=b"keys", digest="k"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(code, os.strerror(code))))
        with pytest.raises(RunError, match=rf"{os.strerror(code)}.*the 1 finished chunks are kept.*--resume"):
            folder.add(Packed(chunk=1, data=b"one", keys=b"keys", digest="k"))
    assert not list(tmp_path.rglob(".*.part"))
    again = SweepFolder(tmp_path, {"a": 1}, resume=True)
    assert list(again.done) == ["000000"]
    again.add(Packed(chunk=1, data=b"one", keys=b"keys", digest="k"))
    assert list(SweepFolder(tmp_path, {"a": 1}, resume=True).done) == ["000000", "000001"]


def test_a_failed_draw_is_a_row_with_its_reason(starter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Convention C137: the others of its block are solved, one by one."""
    prepared, real = prepare(starter, [], model="routes", threads=1), chunk.solve

    def solve(prepared: Any, design: Design, *, threads: int) -> Any:
        if design.start <= 7 < design.start + design.draws:
            msg = "gap 0.5 after 9 iterations"
            raise NotConvergedError(msg)
        return real(prepared, design, threads=threads)

    design = Design(seed=0, draws=BLOCK + 3, common_share=0.5)
    whole, _, _ = measure_draws(prepared, design)
    monkeypatch.setattr(chunk, "solve", solve)
    found, status, _ = measure_draws(prepared, design)
    assert [row["status"] for row in status] == ["solved"] * 7 + ["failed"] + ["solved"] * (BLOCK - 5)
    assert status[7]["reason"] == "NotConvergedError: gap 0.5 after 9 iterations"
    assert np.isnan(found.draws[7]).all()
    pd.testing.assert_frame_equal(found.keys, whole.keys)
    fine = np.arange(BLOCK + 3) != 7
    np.testing.assert_allclose(found.draws[fine], whole.draws[fine], rtol=1e-12)


def test_many_cheap_draws_in_flat_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """100,000 draws of 60 numbers are 48 MB in double precision; they are read in slices of 4 MB."""
    n, size, parts = 60, 5000, 20
    keys = pd.DataFrame({k: [""] * n for k in KEY}).assign(
        indicator="corridor_flow", asset=[f"c{i:03d}" for i in range(n)], year=2035
    )  # fmt: skip
    folder = SweepFolder(tmp_path, {}, resume=False)
    generator = np.random.default_rng(0)
    first = []
    for c in range(parts):
        drawn = generator.normal(size=(size, n)).astype(np.float32)
        first.append(drawn[:, 7].copy())
        status = [{"status": "solved", "reason": "", "gap_capacity": 0.0, "gap_trade": 0.0}] * size
        folder.add(packed(c, c * size, keys, drawn, status))
    monkeypatch.setattr(gather, "_AT_ONCE", 500_000)
    tracemalloc.start()
    found = gather.gather(folder, [0] * parts)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    column = np.concatenate(first).astype(float)
    assert found.results["value"].iloc[7] == pytest.approx(np.median(column))
    assert found.results["high"].iloc[7] == pytest.approx(np.quantile(column, 0.95))
    assert (found.results["draws"] == size * parts).all()
    # four arrays of a slice (drawn, sorted, single precision, part), and a row for each draw
    assert peak < 5 * 4e6 + 100_000 * 100


def packed(index: int, start: int, keys: pd.DataFrame, drawn: np.ndarray, status: list[dict[str, Any]]) -> Packed:
    import pyarrow as pa

    note = {"start": start, "draws": status, "identity_gap": [1.0, 0.0]}
    column = pa.FixedSizeListArray.from_arrays(np.ascontiguousarray(drawn.T).ravel(), len(drawn))
    table = pa.table({"draws": column}).replace_schema_metadata({b"mackinder": json.dumps(note).encode()})
    return Packed(
        chunk=index, data=chunk._bytes(table, len(drawn)), keys=chunk._bytes(pa.Table.from_pandas(keys)), digest="k"
    )


def test_what_one_chunk_lacks_is_zero_for_amounts_and_nothing_for_prices(tmp_path: Path) -> None:
    """Convention C137 with C1; under another combination of switches it was not measured at all."""
    folder = SweepFolder(tmp_path, {}, resume=False)
    frame = pd.DataFrame({k: [""] * 2 for k in KEY}).assign(indicator=["corridor_flow", "pair_cost"], year=2035)
    status = [{"status": "solved", "reason": "", "gap_capacity": 0.0, "gap_trade": 0.0}] * 2
    for c in range(3):
        mine = frame if c == 0 else frame.iloc[:0].copy()
        one = packed(c, 2 * c, mine, np.ones((2, len(mine)), dtype=np.float32), status)
        folder.add(Packed(chunk=c, data=one.data, keys=one.keys, digest=f"k{min(c, 1)}"))
    rows = gather.gather(folder, [0, 0, 1]).results.set_index("indicator")
    assert rows.loc["corridor_flow", "draws"] == 4  # of combination 0 only
    assert rows.loc["pair_cost", "draws"] == 2
    assert rows.loc["corridor_flow", "value"] == 0.5


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"executor": "loca"}, "give local, dask, or the address"),
        ({"workers": 0}, "at least one worker"),
        ({"draws": 0}, "at least one draw"),
        ({"design": "sobol", "draws": 100}, "power of two"),
        ({"design": "sobol", "draws": 64, "switches": ["closing"]}, "Latin hypercube only"),
        ({"switches": ["closing"], "draws": 20}, "3 combinations of switches need"),
        ({"correlations": {("trade/aaa-bb", "trade/bbb-aaa"): 0.5}}, "did you mean 'trade/aaa-bbb'"),
    ],
)
def test_what_cannot_be_is_refused(starter: Any, tmp_path: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        sweep(starter, out=tmp_path / "sweep", model="routes", **options)


def test_no_scheduler_there(starter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Convention C157: asked before anything is computed, and without a client, which would wait on when it is thrown away."""
    pytest.importorskip("distributed", reason="extra [cluster] is not installed")
    monkeypatch.setattr("mackinder.ensemble.sweeping.prepare_all", None)
    with pytest.raises(RunError, match=r"tcp://127.0.0.1:9: no scheduler answers \(Connection refused\)"):
        sweep(starter, [], draws=8, model="routes", executor="tcp://127.0.0.1:9", out=tmp_path / "sweep")


def test_somebody_else_there() -> None:
    """Convention C157: a port that accepts connections and says nothing would keep a client waiting for ever."""
    pytest.importorskip("distributed", reason="extra [cluster] is not installed")
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(RunError, match=f"{address}: something accepts connections there, but it does not answer"):
            reach(address, patience=0.3)


def test_an_address_may_be_asked_where_a_loop_runs_already() -> None:
    """As in a notebook. In a thread of its own, because browser tests leave a loop running in this one."""
    pytest.importorskip("distributed", reason="extra [cluster] is not installed")

    async def ask() -> None:
        with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(RunError, match="does not answer"):
            reach(f"tcp://127.0.0.1:{server.getsockname()[1]}", patience=0.3)

    def with_a_loop() -> None:
        asyncio.run(ask())

    with ThreadPoolExecutor(1) as thread:
        thread.submit(with_a_loop).result()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1", "foo://10.0.0.1:8786", "tcp://10.0.0.1:port"])
def test_what_is_no_address_is_refused(address: str) -> None:
    pytest.importorskip("distributed", reason="extra [cluster] is not installed")
    with pytest.raises(UsageError, match="give host and port"):
        check_executor(address, None)


def test_other_versions_are_refused(starter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Convention C157: a scheduler that is there and answers, whose worker runs another version."""
    distributed = pytest.importorskip("distributed", reason="extra [cluster] is not installed")
    here = executors.versions() | {"numba": "0.1"}
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0"
    ) as cluster:  # fmt: skip
        reach(cluster.scheduler_address, patience=5)
        monkeypatch.setattr(executors, "versions", lambda: here)
        with pytest.raises(RunError, match=r"runs numba .* \(here 0.1\); numbers would differ"):
            executors.DaskWorkers(cluster.scheduler_address, 1)


def test_draws_stay_on_disk_until_asked_for(starter: Any, done: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of a sweep reads no number back; one number is read from the part of the file that holds it."""
    assert isinstance(done.draws, KeptDraws)
    whole = read_run(done.folder or "").draws
    np.testing.assert_array_equal(done.draws[:, 7], whole[:, 7])
    np.testing.assert_array_equal(done.draws[:, [9, 2]], whole[:, [9, 2]])
    np.testing.assert_array_equal(done.draws[3], whole[3])
    assert done.draws.shape == whole.shape


def test_levers_power_and_ties_beside_a_sweep(starter: Any, done: Run) -> None:
    """Convention C156: power has the draws of the sweep, so its rows are those of the command with as many draws."""
    scenarios = ["status-quo", "south-road"]
    rows = besides(
        prepare(starter, None, model="trade", threads=1), done.results, draws=9, seed=4, threads=1, say=print
    )
    assert not rows.duplicated(list(KEY)).any()
    assert set(rows.loc[rows["indicator"] == "lever_worth", "scenario"]) == set(scenarios)
    power = rows[rows["indicator"] == "shapley_value"]
    target = power["target"].iloc[0]
    alone = power_rows(
        power_answer(
            apply(starter, read_scenario("south-road", starter)), "south-road", 2035, target=target, draws=9, seed=4
        )
    )  # fmt: skip
    both = power.merge(alone, on=list(KEY), suffixes=("", "_alone"))
    assert len(both) == (alone["indicator"] == "shapley_value").sum()
    np.testing.assert_array_equal(both["value"], both["value_alone"])
    assert said_of_draws(9, latin=True)["power"] == {"draws": 9, "same_draws": True, "error": "none"}
    assert said_of_draws(1000, latin=True)["power"]["draws"] == 256
    assert not said_of_draws(1000, latin=True)["power"]["same_draws"]
    assert not said_of_draws(9, latin=False)["power"]["same_draws"]


def test_why_names_the_inputs_of_a_sweep(starter: Any, done: Run) -> None:
    """Convention C140: what the south road costs is decided by what that road costs, and by its country's roads in common."""
    row = find_number(done, "pair_cost", scenario="south-road", variant=None)
    found = explain(read_run(done.folder or ""), row)
    assert set(found.inputs["input"][:2]) == {"b-south-c-harbour-road/cost", "common/BBB/road/cost"}
    assert (found.inputs["direction"][:2] == 1).all()
    assert found.explained > 0.6
    origin = origin_of(starter, "b-south-c-harbour-road/cost")
    assert (origin.table, origin.column, origin.facts) == ("links", "cost_usd_per_t", ("F004",))
    assert origin_of(starter, "common/BBB/road/cost").rows == (
        "a-pass-b-north-road",
        "b-north-b-south-road",
        "b-south-c-harbour-road",
    )
    with pytest.raises(UsageError, match="did you mean 'pair_cost'"):
        find_number(done, "pair_cos")
    with pytest.raises(UsageError, match="--asset north, south"):
        find_number(done, "corridor_flow", scenario="status-quo")
