"""The end of a sweep: its tables and manifest, so that its folder is that of a run."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mackinder.archive import Run
from mackinder.ensemble.besides import said_of_draws
from mackinder.ensemble.folder import SweepFolder
from mackinder.ensemble.gather import Gathered
from mackinder.ensemble.headlines import headline_routes
from mackinder.ensemble.keptdraws import KeptDraws
from mackinder.ensemble.manifest import manifest
from mackinder.ensemble.prepared import Prepared
from mackinder.ensemble.sweepplan import SweepPlan
from mackinder.equilibrium.loading import GAP
from mackinder.errors import RunError

__all__ = ["finish"]


def finish(
    folder: SweepFolder,
    prepared: Sequence[Prepared],
    plan: SweepPlan,
    combos: Sequence[Mapping[str, str]],
    gathered: Gathered,
    most_failed: float,
    *,
    strategy: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> Run:
    """Write the tables and the manifest; fail if too many draws did.

    Parameters
    ----------
    folder, prepared, plan, combos, gathered, most_failed
        What was to be solved, and what was found.
    strategy : callable, optional
        From the results to the rows of ``strategy.parquet``; asked last.

    Returns
    -------
    Run
        Its draws stay on disk.
    """
    futures = gathered.futures
    for name in combos[0]:
        futures[name] = [combos[c][name] for c in futures["combo"]]
    counts = futures["status"].value_counts()
    failed, unsolved = int(counts.get("failed", 0)), int(counts.get("open", 0))
    first = prepared[0]
    tables = {
        "futures": futures.drop(columns="combo"),
        "results": gathered.results,
        "flows": gathered.flows,
        "routes": headline_routes(first.cases, first.network, first.case.settings),
    }
    for name, table in tables.items():
        _write_table(folder.folder / f"{name}.parquet", table)
    if failed + unsolved > most_failed * plan.runs:
        reasons = futures.loc[futures["status"] != "solved", "reason"].value_counts()
        msg = (
            f"{failed} of {plan.runs} draws failed and {unsolved} are not solved everywhere, more than {most_failed:.0%} "
            f"together; most often: {reasons.index[0]}. Each is in {folder.folder / 'futures.parquet'}; to allow it, give "
            "--most-failed and --resume"
        )
        raise RunError(msg)
    equilibrium = {
        "tolerance": GAP,
        "solved": int(counts.get("solved", 0)),
        "not_solved": unsolved,
        "failed": failed,
        "counted": "draws, all states together",
        "largest_gap_capacity": float(futures["gap_capacity"].max()),
        "largest_gap_trade": float(futures["gap_trade"].max()),
    }
    document = manifest(
        first,
        seed=plan.design.seed,
        draws=plan.runs,
        equilibrium=equilibrium,
        identity_gap=gathered.identity_gap,
        inputs=gathered.inputs,
    ) | {"sweep": _about(plan, combos, strategy is not None)}
    rows = None if strategy is None else strategy(gathered.results)
    if rows is not None and len(rows):
        _write_table(folder.folder / "strategy.parquet", rows)
    else:
        rows = None
        (folder.folder / "strategy.parquet").unlink(missing_ok=True)
    path = folder.folder / "manifest.json"
    part = path.with_name(f".manifest.{os.getpid()}.part")
    part.write_text(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)
    kept = KeptDraws(folder.folder / "draws.parquet", (plan.runs, len(gathered.results)))
    return Run(
        manifest=json.loads(path.read_text(encoding="utf-8")),
        results=gathered.results,
        flows=gathered.flows,
        routes=tables["routes"],
        draws=cast("NDArray[np.float32]", kept),
        strategy=rows,
        folder=folder.folder,
    )


def _about(plan: SweepPlan, combos: Sequence[Mapping[str, str]], strategy: bool) -> dict[str, Any]:
    """Return what a reader needs to draw the inputs again, and in which draws what is not solved anew in each was."""
    latin = plan.method == "lhs" and not plan.design.clusters and len(combos) == 1
    return {
        "design": plan.method,
        "base": plan.base,
        "factors": [{"name": f.name, "inputs": list(f.inputs)} for f in plan.factors],
        "clusters": [dataclasses.asdict(item) for item in plan.design.clusters],
        "switches": [dict(combo) for combo in combos],
        "levers": "scenarios",
        "uncertainties": "inputs and switches",
        "solved_per_draw": "all numbers of results.parquet: flows, trade, control, welfare, scarcity, appraisal",
        "beside": said_of_draws(plan.runs, latin=latin) if strategy else {},
    }


def _write_table(path: Path, frame: pd.DataFrame) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
        pq.write_table(table, part, compression="zstd")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        msg = f"{path}: cannot be written ({error.strerror or error}); all chunks are kept: go on with --resume"
        raise RunError(msg) from error
