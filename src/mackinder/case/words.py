"""Cells of a column looked at once per different word: a table repeats itself, and small ones dislike array overhead."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["INTEGER", "NUMBER", "odd_by", "odd_words", "to_float"]

NUMBER: Final = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
INTEGER: Final = r"[+-]?\d{1,15}"
_FEW: Final = 20_000  # up to here Python's loop is faster than building arrays


def odd_words(cells: pd.Series, pattern: str) -> list[str]:
    """Return the different words of a column that are not empty and do not match a pattern as a whole."""
    words = pd.unique(cells)
    if len(words) <= _FEW:
        matches = re.compile(pattern).fullmatch
        return [word for word in words if word and not matches(word)]
    series = pd.Series(words, dtype="str")
    return list(series[(series != "") & ~series.str.fullmatch(pattern)])


def odd_by(cells: pd.Series, fits: Callable[[str], bool]) -> list[str]:
    """Return the different words of a column that are not empty and do not fit."""
    return [word for word in pd.unique(cells) if word and not fits(word)]


def to_float(cells: pd.Series) -> npt.NDArray[np.float64]:
    """Return the numbers of a column, NaN where a cell holds none (or one too large to hold).

    Parameters
    ----------
    cells : Series of str, n_rows

    Returns
    -------
    ndarray of float64, shape (n_rows,)
    """
    codes, words = pd.factorize(cells)
    if len(words) <= _FEW:
        matches = re.compile(NUMBER).fullmatch
        values = np.array([float(word) if matches(word) else np.nan for word in words], dtype=np.float64)
    else:
        series = pd.Series(words, dtype="str")
        values = pd.to_numeric(series.where(series.str.fullmatch(NUMBER), ""), errors="coerce").to_numpy(np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    return values[codes] if len(values) else np.full(len(cells), np.nan)
