"""Claims tested on results: rows of runs, of deals and the process (conventions C124, C153)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mackinder.case.claimsdoc import Test
from mackinder.evidence.verdicts import SUPPORTED_FROM, UNTESTABLE, Finding, Floats, holds, percent, verdict_of_share

__all__ = ["FEW_DRAWS", "RowBook", "Rows", "judge_rows"]

#: a share of fewer draws is not told from one nearby
FEW_DRAWS = 30
#: scenarios named one by one, and part of draws without any change from which that is said
_NAMED = 3
_MOSTLY = 0.5
#: results that rest on what one reader judged, by the first word of their indicator
_JUDGED = {
    "deal": "deals rest on aims and weights that one reader coded",
    "process": "the process rests on effects that are judged, with bounds",
}
#: dimensions of a row that a test leaves out are empty
_KEY = ("scenario", "indicator", "variant", "actor", "target", "goods", "asset")
Drivers = Callable[[Floats], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Results of one kind.

    Attributes
    ----------
    name : str
        Structural variant: the model of a run (routes, capacity, trade), or what made the rows (deals, process).
    frame : DataFrame
        With the columns of ``results.parquet``.
    draws : ndarray, shape (K, rows), optional
        Draws behind the rows.
    drivers : callable, optional
        From a number in each draw to the names of the inputs that it goes with.
    """

    name: str
    frame: pd.DataFrame
    draws: Floats | None = None
    drivers: Drivers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBook:
    """All results that claims may ask, the fullest first.

    Attributes
    ----------
    rows : tuple of Rows
    signs : mapping
        What the ``@`` signs in keys stand for.
    needs : callable
        From an indicator and the scenarios that a test names to those that a run must hold.
    """

    rows: tuple[Rows, ...] = ()
    signs: Mapping[str, str | int] = field(default_factory=dict)
    needs: Callable[[str, Sequence[str]], Sequence[str]] = lambda _, named: named

    def key(self, where: Mapping[str, str | int]) -> dict[str, str | int]:
        """Return the whole key of a row, with ``@`` signs filled in."""
        given = {k: self.signs.get(str(v), v) if isinstance(v, str) else v for k, v in where.items()}
        return dict.fromkeys(_KEY, "") | given


def judge_rows(test: Test, book: RowBook) -> Finding:
    """Judge a test of result rows: the share of draws in which it holds, and the verdict of each structural variant."""
    key = book.key(test.where)
    other = book.key({**test.where, **test.against}) if test.against else None
    verdicts: dict[str, str] = {}
    first: Finding | None = None
    for rows in book.rows:
        found = _one(test, rows, key, other)
        if found is not None:
            verdicts[rows.name] = found.verdict
            first = first or found
    if first is None:
        return _not_made(test, book, key, other)
    disagree = tuple(f"model {name}: {v}" for name, v in verdicts.items() if v != first.verdict)
    judged = _JUDGED.get(str(key["indicator"]).partition("_")[0], "")
    verdict, reason = first.verdict, first.reason
    if judged:
        reason += f"; {judged}" + (f", so it leans to {verdict} and no further" if verdict != "depends" else "")
        verdict = "depends"
    scale, unit = (100.0, "percentage points" if other is not None else "%") if first.unit == "1" else (1.0, first.unit)
    return Finding(
        verdict=verdict, kind="rows", value=scale * first.value, low=scale * first.low, high=scale * first.high, unit=unit,
        share=first.share, variants=verdicts, deciding=(*disagree, *first.deciding, *((judged,) if judged else ())),
        flags=first.flags, reason=reason, wanted=_wanted(test, scale),
    )  # fmt: skip


def _not_made(
    test: Test, book: RowBook, key: Mapping[str, str | int], other: Mapping[str, str | int] | None
) -> Finding:
    """Say which run would be needed, or why none would help."""
    name, named = str(key["indicator"]), [str(k["scenario"]) for k in (key, other) if k is not None and k["scenario"]]
    wanted = tuple(book.needs(name, tuple(dict.fromkeys(named))))
    held = sorted({rows.name for rows in book.rows if rows.frame["indicator"].eq(name).any()})
    within = (frame for frame in (rows.frame for rows in book.rows) if frame["indicator"].eq(name).any())
    if any(set(named) <= set(frame["scenario"]) for frame in within):
        why = f"no row {_words(key)} among the results of {', '.join(held)}"
        return Finding(verdict=UNTESTABLE, kind="rows", reason=why)
    with_ = " and ".join(wanted) if len(wanted) <= _NAMED else f"{len(wanted)} scenarios"
    why = f"needs a run with {with_}, for {name.replace('_', ' ')}"
    return Finding(verdict=UNTESTABLE, kind="rows", reason=why, scenarios=wanted)


def _wanted(test: Test, scale: float) -> str:
    """Say for which numbers a test holds, where that is not above or below zero."""
    if test.value is None or (test.value == 0 and test.operator != "between"):
        return ""
    if test.operator == "between" and test.upper is not None:
        return f"{scale * test.value:g} to {scale * test.upper:g}"
    return f"{test.operator} {scale * test.value:g}"


def _one(test: Test, rows: Rows, key: Mapping[str, str | int], other: Mapping[str, str | int] | None) -> Finding | None:
    here = _find(rows.frame, key)
    there = None if other is None else _find(rows.frame, other)
    if here is None or (other is not None and there is None):
        return None
    frame = rows.frame
    unit = str(frame["unit"].iloc[here])
    if rows.draws is None:
        return _by_interval(test, frame, here, there, unit)
    values = rows.draws[:, here].astype(np.float64)
    base = np.zeros_like(values) if there is None else rows.draws[:, there].astype(np.float64)
    gap = values - base
    known = np.isfinite(gap)
    if not known.any():
        return None
    true = holds(test, gap[known])
    share = float(true.mean())
    low, middle, high = (float(x) for x in np.quantile(gap[known], [0.05, 0.5, 0.95]))
    verdict = verdict_of_share(share)
    same = float((gap[known] == 0).mean()) if there is not None else 0.0
    flags: tuple[str, ...] = ()
    if verdict == "contradicted" and same > 1.0 - SUPPORTED_FROM and float((gap[known] < 0).mean()) < SUPPORTED_FROM:
        verdict = "depends"
    if same >= _MOSTLY:
        flags = (f"no change at all in {percent(same)} of draws",)
    if len(gap) < FEW_DRAWS:
        flags = (*flags, f"{len(gap)} draws are few for a share: a run with more may judge otherwise")
    deciding = tuple(rows.drivers(gap)) if rows.drivers is not None and verdict == "depends" else ()
    what = "difference" if there is not None else "number"
    return Finding(
        verdict=verdict, kind="rows", value=middle, low=low, high=high, unit=unit, share=share, deciding=deciding, flags=flags,
        reason=f"{what} in {int(known.sum())} draws of {rows.name}",
    )  # fmt: skip


def _by_interval(test: Test, frame: pd.DataFrame, here: int, there: int | None, unit: str) -> Finding:
    """Judge rows whose draws are not kept: by where their intervals lie."""
    a = frame.iloc[here][["value", "low", "high"]].to_numpy(dtype=np.float64)
    b = np.zeros(3) if there is None else frame.iloc[there][["value", "low", "high"]].to_numpy(dtype=np.float64)
    low, high = float(a[1] - b[2]), float(a[2] - b[1])
    ends = holds(test, np.array([low, high]))
    verdict = "supported" if ends.all() else "depends" if ends.any() or _inside(test, low, high) else "contradicted"
    what = "the intervals of both lie apart" if verdict != "depends" else "the intervals of both overlap"
    if there is None:
        what = "the whole interval lies on one side" if verdict != "depends" else "the interval lies on both sides"
    return Finding(verdict=verdict, kind="rows", value=float(a[0] - b[0]), low=low, high=high, unit=unit, reason=what)


def _inside(test: Test, low: float, high: float) -> bool:
    return test.operator == "between" and test.value is not None and low <= test.value <= high


def _find(frame: pd.DataFrame, key: Mapping[str, str | int]) -> int | None:
    mask = np.ones(len(frame), dtype=bool)
    for column, value in key.items():
        mask &= (frame[column] == value).to_numpy(dtype=bool)
    at = np.flatnonzero(mask)
    return int(at[0]) if len(at) == 1 else None


def _words(key: Mapping[str, str | int]) -> str:
    return ", ".join(f"{k} {v}" for k, v in key.items() if v != "")
