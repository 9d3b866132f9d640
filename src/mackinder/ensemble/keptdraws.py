"""Draws that stay on disk: read number by number, so that the end of a sweep needs no more memory than its chunks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

__all__ = ["KeptDraws"]


class KeptDraws:
    """``draws.parquet`` in place of an array of shape (draws, numbers): ``kept[:, i]`` reads what holds i, all else the whole.

    Parameters
    ----------
    path : Path
        One row a number, a list of its draws each.
    shape : tuple of int
        Draws, numbers.

    Examples
    --------
    >>> KeptDraws(path, (1000, 280_000))[:, 7].shape  # doctest: +SKIP
    (1000,)
    """

    ndim = 2
    dtype = np.dtype(np.float32)

    def __init__(self, path: Path, shape: tuple[int, int]) -> None:
        self.path, self.shape = path, shape

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        whole = self._columns(np.arange(self.shape[1]))
        return whole if dtype is None else whole.astype(dtype)

    def __getitem__(self, index: Any) -> Any:
        if not (isinstance(index, tuple) and len(index) == 2 and isinstance(index[0], slice)):
            return np.asarray(self)[index]
        rows, columns = index
        wanted = np.arange(self.shape[1])[columns]
        found = self._columns(np.atleast_1d(wanted))[rows]
        return found if wanted.ndim else found[:, 0]

    def astype(self, dtype: Any) -> NDArray[Any]:
        """Return all draws as an array."""
        return np.asarray(self).astype(dtype)

    def _columns(self, wanted: NDArray[np.int64]) -> NDArray[np.float32]:
        """Read some numbers, in the order asked for, shape (draws, n)."""
        out = np.empty((self.shape[0], len(wanted)), dtype=np.float32)
        with pq.ParquetFile(self.path) as file:
            first = 0
            for group in range(file.num_row_groups):
                last = first + file.metadata.row_group(group).num_rows
                mine = np.flatnonzero((wanted >= first) & (wanted < last))
                if len(mine):
                    column = file.read_row_group(group, columns=["draws"]).column("draws").combine_chunks()
                    values = column.flatten().to_numpy(zero_copy_only=False).reshape(-1, self.shape[0])
                    out[:, mine] = values[wanted[mine] - first].T
                first = last
        return out
