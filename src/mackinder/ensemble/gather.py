"""From chunks to the folder of a run: numbers are read slice by slice, so that memory does not grow with draws."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mackinder.ensemble.chunk import LINK_TONNES, LINK_VALUE, fill_value
from mackinder.ensemble.folder import SweepFolder
from mackinder.errors import RunError
from mackinder.indicators.measure import KEY, Measure, summarise

__all__ = ["Gathered", "gather"]

#: draws held at once, all numbers of a slice together
_AT_ONCE: Final = 8_000_000


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What was read together.

    Attributes
    ----------
    results, flows : DataFrame
        As in `mackinder.archive.Run`.
    futures : DataFrame
        One row a draw: ``draw``, ``status`` (solved, open, failed), ``reason``, ``gap_capacity``, ``gap_trade``.
    identity_gap : tuple of float
    inputs : list of str
        Input ids drawn.
    """

    results: pd.DataFrame
    flows: pd.DataFrame
    futures: pd.DataFrame
    identity_gap: tuple[float, float]
    inputs: list[str]


@dataclasses.dataclass(slots=True, kw_only=True)
class _Chunk:
    file: pq.ParquetFile
    start: int
    combo: int
    rows: NDArray[np.int64]  # of its keys among all keys
    failed: NDArray[np.bool_]

    @property
    def draws(self) -> int:
        return len(self.failed)

    def read(self, first: int, last: int, known: NDArray[np.bool_], blank: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return numbers ``first:last`` of all keys, shape (draws, last - first)."""
        out = np.tile(np.where(known, blank, np.nan), (self.draws, 1))
        a, b = np.searchsorted(self.rows, [first, last])
        if b > a:
            size = self.file.metadata.row_group(0).num_rows
            groups = list(range(a // size, -(-b // size)))
            column = self.file.read_row_groups(groups).column("draws").combine_chunks()
            values = column.flatten().to_numpy(zero_copy_only=False).reshape(-1, self.draws)
            out[:, self.rows[a:b] - first] = values[a - groups[0] * size : b - groups[0] * size].T
        out[self.failed] = np.nan
        return out


def gather(folder: SweepFolder, combo_of_chunk: Sequence[int]) -> Gathered:
    """Read all chunks together and write ``draws.parquet``.

    Returns
    -------
    Gathered

    Raises
    ------
    RunError
        If ``draws.parquet`` cannot be written, or every draw failed.
    """
    chunks, keys, futures, gap, inputs = _open(folder, combo_of_chunk)
    total = sum(chunk.draws for chunk in chunks)
    known = np.zeros((max(combo_of_chunk) + 1, len(keys)), dtype=bool)
    for chunk in chunks:
        known[chunk.combo, chunk.rows] = True
    blank = fill_value(keys["indicator"].tolist())
    links = keys["indicator"].isin([LINK_TONNES, LINK_VALUE]).to_numpy()
    out, path = folder.folder / "draws.parquet", folder.folder / ".draws.part"
    kind = pa.list_(pa.float32(), total)
    rows = []
    try:
        with pq.ParquetWriter(path, pa.schema([("draws", kind)]), compression="zstd") as writer:
            for first, last in _slices(len(keys), total):
                drawn = np.empty((total, last - first))
                at = 0
                for chunk in chunks:
                    drawn[at : at + chunk.draws] = chunk.read(
                        first, last, known[chunk.combo, first:last], blank[first:last]
                    )
                    at += chunk.draws
                part = keys.iloc[first:last].reset_index(drop=True)
                rows.append(summarise(Measure(keys=part, draws=drawn)))
                mine = drawn[:, ~links[first:last]].T.astype(np.float32)
                if len(mine):
                    array = pa.FixedSizeListArray.from_arrays(np.ascontiguousarray(mine).ravel(), total)
                    writer.write_table(pa.table({"draws": array}))
        path.replace(out)
        for chunk in chunks:
            chunk.file.close()
    except OSError as error:
        path.unlink(missing_ok=True)
        msg = f"{out}: cannot be written ({error.strerror or error}); all chunks are kept: free some room and go on with --resume"
        raise RunError(msg) from error
    table = pd.concat(rows, ignore_index=True)
    return Gathered(
        results=table[~links].reset_index(drop=True),
        flows=_flows(table[links]),
        futures=futures,
        identity_gap=gap,
        inputs=inputs,
    )


def _slices(n: int, draws: int) -> Iterator[tuple[int, int]]:
    step = max(1, _AT_ONCE // draws)
    for first in range(0, n, step):
        yield first, min(first + step, n)


def _open(
    folder: SweepFolder, combo_of_chunk: Sequence[int]
) -> tuple[list[_Chunk], pd.DataFrame, pd.DataFrame, tuple[float, float], list[str]]:
    entries = [folder.done[f"{c:06d}"] for c in range(len(combo_of_chunk))]
    of_digest = {e["keys"]: pq.read_table(folder.keys_path(e["keys"])).to_pandas() for e in entries}
    keys = pd.concat(of_digest.values()).drop_duplicates(list(KEY)).sort_values(list(KEY), ignore_index=True)
    if keys.empty:
        msg = f"{folder.folder}: no draw could be solved; see the reasons in futures.parquet"
        raise RunError(msg)
    index = pd.MultiIndex.from_frame(keys)
    rows = {d: index.get_indexer(pd.MultiIndex.from_frame(frame)).astype(np.int64) for d, frame in of_digest.items()}
    chunks, status, gap, inputs = [], [], (0.0, 0.0), list[str]()
    for c, entry in enumerate(entries):
        path = folder.chunk_path(c)
        file = pq.ParquetFile(path)
        note: dict[str, Any] = json.loads(file.schema_arrow.metadata[b"mackinder"])
        failed = np.array([row["status"] == "failed" for row in note["draws"]])
        chunks.append(
            _Chunk(file=file, start=note["start"], combo=combo_of_chunk[c], rows=rows[entry["keys"]], failed=failed)
        )
        frame = pd.DataFrame(note["draws"]).astype({"gap_capacity": float, "gap_trade": float})
        frame.insert(0, "draw", note["start"] + np.arange(len(frame)))
        status.append(frame.assign(combo=combo_of_chunk[c]))
        inputs = note.get("inputs", inputs)
        if gap[0] == 0.0:
            gap = (note["identity_gap"][0], note["identity_gap"][1])
    futures = pd.concat(status, ignore_index=True)
    futures = futures[["draw", "status", "reason", "gap_capacity", "gap_trade", "combo"]]
    return chunks, keys, futures, gap, inputs


def _flows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return ``flows.parquet`` from the rows of links."""
    key = ["scenario", "year", "asset"]
    tonnes = rows[rows["indicator"] == LINK_TONNES].set_index(key)
    value = rows[rows["indicator"] == LINK_VALUE].set_index(key)["value"]
    frame = tonnes[["value", "low", "high"]].set_axis(["quantity_mt", "quantity_mt_low", "quantity_mt_high"], axis=1)
    frame = frame.assign(value_musd=value).reset_index().rename(columns={"asset": "link"})
    columns = ["scenario", "year", "link", "quantity_mt", "quantity_mt_low", "quantity_mt_high", "value_musd"]
    return frame[columns].sort_values(columns[:3], ignore_index=True)
