"""`Run`: the result of a run, in memory and as a folder.

The folder holds ``manifest.json`` (written last), ``results.parquet``, ``flows.parquet``, ``routes.parquet`` and
``draws.parquet``, and ``strategy.parquet`` if levers, power, ties, deals and the timeline were asked for;
``report.html`` beside them is made from these. No clock, host or worker is in any Parquet file: same
inputs and seed, same bytes.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mackinder.errors import RunError

__all__ = ["MANIFEST_SCHEMA", "Run", "read_run", "write_run"]

MANIFEST_SCHEMA: Final = "mackinder.run/1"
_TABLES: Final = ("results", "flows", "routes")
_STRATEGY: Final = "strategy"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """Result of a run.

    Attributes
    ----------
    manifest : dict
        What was run: schema, case and its digest, scenarios, years, seed, draws, versions, statuses, newest evidence.
    results : DataFrame
        One row a number; unique key scenario, indicator, variant, year, actor, target, goods, asset, unit; then value
        (median), low and high (5 and 95 %), draws.
    flows : DataFrame
        One row a scenario, year and link.
    routes : DataFrame
        Routes of the headline pairs under each scenario in the horizon year.
    draws : ndarray of float32, shape (K, n_results)
        Draws behind each row of `results`, so that any two scenarios can be compared draw by draw.
    strategy : DataFrame or None
        Levers, power, ties, deals and timeline, with the columns of `results` and draws of their own.
    folder : Path or None
        Where it was read from or written to.
    """

    manifest: Mapping[str, Any]
    results: pd.DataFrame
    flows: pd.DataFrame
    routes: pd.DataFrame
    draws: NDArray[np.float32]
    strategy: pd.DataFrame | None = None
    folder: Path | None = None

    def __repr__(self) -> str:
        m = self.manifest
        return f"<Run of {m['case']!r}: {len(m['scenarios'])} scenarios, {m['draws']} draws, seed {m['seed']}>"


def write_run(run: Run, folder: str | Path) -> Run:
    """Write a run to a folder; each file under a temporary name first, the manifest last.

    Returns
    -------
    Run
        The same, with `folder` set.

    Raises
    ------
    RunError
        If the folder cannot be written.
    """
    folder = Path(folder)
    draws = pa.table({"draws": pa.FixedSizeListArray.from_arrays(run.draws.T.ravel(), max(run.draws.shape[0], 1))})
    named = _TABLES if run.strategy is None else (*_TABLES, _STRATEGY)
    tables = {name: pa.Table.from_pandas(getattr(run, name), preserve_index=False) for name in named}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "manifest.json").unlink(
            missing_ok=True
        )  # until all is written, this is not the folder of a finished run
        (folder / f"{_STRATEGY}.parquet").unlink(missing_ok=True)
        for name, table in (tables | {"draws": draws}).items():
            part = folder / f".{name}.{os.getpid()}.part"
            pq.write_table(table.replace_schema_metadata(None), part, compression="zstd")
            part.replace(folder / f"{name}.parquet")
        part = folder / f".manifest.{os.getpid()}.part"
        part.write_text(json.dumps(run.manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(folder / "manifest.json")
    except OSError as error:
        why = error.strerror or error
        msg = f"{folder}: the run cannot be written ({why}); free some room, or choose another folder with --out"
        raise RunError(msg) from error
    return dataclasses.replace(run, folder=folder)


def read_run(folder: str | Path) -> Run:
    """Read a run back from its folder.

    Raises
    ------
    RunError
        If the folder is no run, is of another schema, or a table is missing or damaged.
    """
    folder = Path(folder)
    manifest = _read_manifest(folder)
    frames = {}
    there = (_STRATEGY,) if (folder / f"{_STRATEGY}.parquet").exists() else ()
    for name in (*_TABLES, *there, "draws"):
        try:
            frames[name] = pq.read_table(folder / f"{name}.parquet")
        except (OSError, pa.ArrowInvalid) as error:
            msg = f"{folder / (name + '.parquet')}: cannot be read ({error}); run again with --out {folder}"
            raise RunError(msg) from error
    column = frames.pop("draws").column("draws").combine_chunks()
    draws = column.flatten().to_numpy().reshape(len(column), -1).T
    if draws.shape != (manifest["draws"], frames["results"].num_rows):
        wanted = f"{manifest['draws']} draws of {frames['results'].num_rows} numbers"
        msg = f"{folder / 'draws.parquet'}: not the draws of results.parquet, which are {wanted}; run again with --out {folder}"
        raise RunError(msg)
    return Run(
        manifest=manifest,
        draws=draws,
        folder=folder,
        **{name: table.to_pandas() for name, table in frames.items()},
    )


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        manifest: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        msg = f"{folder}: no manifest.json, so this is not the folder of a finished run; `mackinder run --out {folder}` makes one"
        raise RunError(msg) from None
    except (OSError, ValueError) as error:  # no file, not UTF-8, not JSON
        msg = f"{path}: cannot be read ({error}); run again with --out {folder}"
        raise RunError(msg) from error
    seen = manifest.get("schema") if isinstance(manifest, dict) else None
    if seen != MANIFEST_SCHEMA:
        msg = f"{path}: schema {seen!r}, and this version reads {MANIFEST_SCHEMA!r}: run again"
        raise RunError(msg)
    return dict(manifest)
