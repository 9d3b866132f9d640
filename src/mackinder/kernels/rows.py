"""Rows of flat arrays: sums and products over the draws of a block, B at a time.

A row is ``b`` numbers from a place on, all indices unsigned. A view of each row would cost more than what is done with it: it
counts its references, and a signed index that may be negative is checked; both keep loops from becoming parallel lanes.
``x`` and ``out`` must be different arrays (or the same row), or the loop is not parallel either.
"""

from __future__ import annotations

from typing import Any

from mackinder.kernels.inner import inner, viewing

# isort: split
import numpy as np
from numpy.typing import NDArray

__all__ = ["add_product", "add_row", "copy_row", "empty_rows", "largest", "take_row"]

#: of double or single precision
Row = NDArray[Any]


@inner(arrays=False, error_model="numpy")
def empty_rows(out: Row, to: np.uint64, n: np.uint64) -> None:
    """Put ``n`` numbers at zero."""
    for k in range(n):
        out[to + k] = 0.0


@inner(arrays=False, error_model="numpy")
def copy_row(x: Row, at: np.uint64, out: Row, to: np.uint64, b: np.uint64) -> None:
    """Write a row of ``x`` into one of ``out``."""
    for k in range(b):
        out[to + k] = x[at + k]


@viewing(error_model="numpy", inline="always")
def add_row(x: Row, at: np.uint64, out: Row, to: np.uint64, b: np.uint64) -> None:
    """Add a row of ``x`` to one of ``out``."""
    for k in range(b):
        out[to + k] += x[at + k]


@viewing(error_model="numpy", inline="always")
def take_row(x: Row, at: np.uint64, out: Row, to: np.uint64, b: np.uint64) -> None:
    """Take a row of ``x`` from one of ``out``."""
    for k in range(b):
        out[to + k] -= x[at + k]


@viewing(error_model="numpy", inline="always")
def add_product(factor: Row, x: Row, at: np.uint64, out: Row, to: np.uint64, b: np.uint64) -> None:
    """Add ``factor`` (b,) times a row of ``x`` to one of ``out``."""
    for k in range(b):
        out[to + k] += factor[k] * x[at + k]


@viewing(error_model="numpy")
def largest(x: NDArray[np.float64]) -> float:
    """Return the largest of ``x``, or zero."""
    most = 0.0
    for k in range(x.shape[0]):
        most = max(most, x[k])
    return most
