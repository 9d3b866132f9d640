"""A chunk of a sweep: some draws of every number, solved and packed as the bytes of a Parquet file (convention C137).

A chunk is a whole number of blocks of draws, so its bytes depend on neither workers nor executor. Keys of numbers are kept
apart, named by their hash: chunks share them.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mackinder.draws import Design, recorded
from mackinder.ensemble.prepared import Prepared, solve, unpack
from mackinder.ensemble.unsolved import without_unsolved
from mackinder.equilibrium.loading import GAP
from mackinder.equilibrium.settling import BLOCK
from mackinder.errors import NoRouteError, NotConvergedError
from mackinder.indicators.measure import KEY, NO_AMOUNT, Measure, catalogue, stack
from mackinder.units import TONNES_PER_MT, USD_PER_MUSD

__all__ = ["BLOCK", "LINK_TONNES", "LINK_VALUE", "Job", "Packed", "fill_value", "measure_draws", "work"]

#: values of a chunk that are read together
_TOGETHER: Final = 2**18
#: rows of a chunk that are not indicators: flows of links, for flows.parquet
LINK_TONNES: Final = "~link_tonnes"
LINK_VALUE: Final = "~link_value"
#: what a draw may fail of; anything else is a fault of the program and stops the sweep
_FAILURES = (NotConvergedError, NoRouteError, ArithmeticError, ValueError, np.linalg.LinAlgError)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a worker needs to know of a chunk.

    Attributes
    ----------
    chunk : int
    design : Design
        Window of the chunk.
    keep : tuple of str
        Indicators kept; all if empty.
    threads : int
    """

    chunk: int
    design: Design
    keep: tuple[str, ...] = ()
    threads: int = 1


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A chunk as bytes: ``data`` and ``keys`` are Parquet files, ``digest`` names the keys."""

    chunk: int
    data: bytes
    keys: bytes
    digest: str


@functools.lru_cache(maxsize=2)
def _prepared(source: Path | bytes) -> Prepared:
    return unpack(source)


def work(source: Path | bytes, job: Job) -> Packed:
    """Solve a chunk in a worker; what all chunks share is read once a process."""
    with recorded() as inputs:
        measure, status, gap = measure_draws(_prepared(source), job.design, keep=job.keep, threads=job.threads)
    keys = pa.Table.from_pandas(measure.keys, preserve_index=False).replace_schema_metadata(None)
    digest = hashlib.sha256(measure.keys.to_csv(index=False).encode()).hexdigest()[:16]
    column = pa.FixedSizeListArray.from_arrays(measure.draws.astype(np.float32).T.ravel(), job.design.draws)
    note = {"chunk": job.chunk, "start": job.design.start, "keys": digest, "draws": status, "identity_gap": gap}
    if job.chunk == 0:
        note["inputs"] = list(inputs)
    table = pa.table({"draws": column}).replace_schema_metadata(
        {b"mackinder": json.dumps(note, sort_keys=True).encode()}
    )
    return Packed(chunk=job.chunk, data=_bytes(table, job.design.draws), keys=_bytes(keys), digest=digest)


def _bytes(table: pa.Table, draws: int = 1) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", row_group_size=max(1, _TOGETHER // draws))
    return out.getvalue()


def fill_value(indicators: Sequence[str]) -> NDArray[np.float64]:
    """Return what a number is where others of its sweep have it and it was not measured: zero for amounts, else nan (C1).

    Examples
    --------
    >>> fill_value(["corridor_flow", "pair_cost"]).tolist()
    [0.0, nan]
    """
    families = {name: entry.family for name, entry in catalogue().items()}
    return np.array([np.nan if families.get(name) in NO_AMOUNT else 0.0 for name in indicators])


def measure_draws(
    prepared: Prepared, design: Design, *, keep: Sequence[str] = (), threads: int = 1
) -> tuple[Measure, list[dict[str, Any]], tuple[float, float]]:
    """Solve the draws of a window; draws that fail are nan and say why.

    Returns
    -------
    Measure
        Sorted by key, link flows behind.
    list of dict
        For each draw: ``status`` (solved, open, failed), ``reason``, ``gap_capacity``, ``gap_trade``.
    tuple of float
        Closure costs found and their identity gap, of the first block.
    """
    try:
        return _solved(prepared, design, keep, threads)
    except _FAILURES as error:
        if design.draws == 1:
            reason = f"{type(error).__name__}: {error}"
            row = {"status": "failed", "reason": reason, "gap_capacity": None, "gap_trade": None}
            return Measure(keys=_no_keys(), draws=np.zeros((1, 0))), [row], (0.0, 0.0)
    step = BLOCK if design.draws > BLOCK else 1
    parts = [
        measure_draws(prepared, design.window(k, min(k + step, design.draws)), keep=keep, threads=threads)
        for k in range(0, design.draws, step)
    ]
    status = [row for part in parts for row in part[1]]
    gap = next((part[2] for part in parts if part[2][0] > 0), (0.0, 0.0))
    return _joined([part[0] for part in parts], status), status, gap


def _no_keys() -> pd.DataFrame:
    return pd.DataFrame({k: pd.Series([], dtype="int64" if k == "year" else "str") for k in KEY})


def _joined(parts: Sequence[Measure], status: Sequence[dict[str, Any]]) -> Measure:
    """Put windows below each other; failed draws are nan, and what a window did not measure is filled (`fill_value`)."""
    keys = pd.concat([part.keys for part in parts]).drop_duplicates(list(KEY))
    keys = keys.sort_values(list(KEY), kind="stable", ignore_index=True)
    index = pd.MultiIndex.from_frame(keys)
    draws = np.tile(fill_value(keys["indicator"].tolist()), (len(status), 1))
    at = 0
    for part in parts:
        n = part.draws.shape[0]
        if len(part.keys):
            draws[at : at + n, index.get_indexer(pd.MultiIndex.from_frame(part.keys))] = part.draws
        at += n
    draws[[row["status"] == "failed" for row in status]] = np.nan
    return Measure(keys=keys, draws=draws)


def _solved(
    prepared: Prepared, design: Design, keep: Sequence[str], threads: int
) -> tuple[Measure, list[dict[str, Any]], tuple[float, float]]:
    known = solve(prepared, design, threads=threads)
    loading = known["loading"]
    measure = without_unsolved(known["measure"], loading, prepared.baseline)
    links = _link_draws(loading)
    if keep:
        mine = measure.keys["indicator"].isin(list(keep)).to_numpy()
        measure = Measure(keys=measure.keys[mine], draws=measure.draws[:, mine])
    else:
        measure = Measure(
            keys=pd.concat([measure.keys, links.keys], ignore_index=True), draws=np.hstack([measure.draws, links.draws])
        )
    measure = stack([measure])
    worst = loading.loads.gap[..., :2].max(axis=1)
    status = [
        {
            "status": "open" if max(a, b) > GAP else "solved",
            "reason": f"largest relative gap {max(a, b):.1e} above {GAP:.0e}" if max(a, b) > GAP else "",
            "gap_capacity": a,
            "gap_trade": b,
        }
        for a, b in worst.tolist()
    ]
    found = loading.loads.identity_gap.sum(axis=0)
    return measure, status, (float(found[0]), float(found[1]))


def _link_draws(loading: Any) -> Measure:
    """Flows of links in every draw, of every scenario and year."""
    network, loads = loading.network, loading.loads
    names = np.array(network.graph.assets[: network.graph.n_links])
    keys, draws = [], []
    for s, group in enumerate(network.same):
        tonnes, value = (x[:, s, : len(names)] for x in (loads.asset_tonnes, loads.asset_value))
        moved = np.flatnonzero(tonnes.any(axis=0))
        for state in group:
            for kind, unit, amount in (
                (LINK_TONNES, "Mt/yr", tonnes[:, moved] / TONNES_PER_MT),
                (LINK_VALUE, "USD m/yr", value[:, moved] / USD_PER_MUSD),
            ):
                frame = pd.DataFrame({"asset": names[moved]}).assign(
                    scenario=state.scenario, indicator=kind, year=state.year, unit=unit, variant="", actor="", target="",
                    goods="",
                )  # fmt: skip
                keys.append(frame[list(KEY)])
                draws.append(amount)
    table = pd.concat(keys, ignore_index=True).astype({"year": "int64"})
    return Measure(keys=table, draws=np.hstack(draws))
