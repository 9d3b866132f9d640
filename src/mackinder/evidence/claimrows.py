"""Claims tested on results: rows of runs, of ties, deals and the process, and counts of table rows (convention C124)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta

from mackinder.case import Case
from mackinder.case.claimsdoc import Test
from mackinder.evidence.verdicts import SUPPORTED_FROM, UNTESTABLE, Finding, verdict_of_share

__all__ = ["RowBook", "Rows", "judge_count", "judge_rows"]

Floats = NDArray[np.float64]
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
    """All results that claims may ask, the fullest first, and what the signs in keys stand for."""

    rows: tuple[Rows, ...] = ()
    signs: Mapping[str, str | int] = field(default_factory=dict)
    missing: str = "no results were given: run the case and name its folder with --run, or ask with --solve"

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
        name = str(key["indicator"])
        held = sorted({rows.name for rows in book.rows if rows.frame["indicator"].eq(name).any()})
        why = book.missing if not book.rows else (
            f"no row {_words(key)} among the results" + (f" of {', '.join(held)}" if held else f"; none has {name}")
        )  # fmt: skip
        return Finding(verdict=UNTESTABLE, kind="rows", reason=why)
    disagree = tuple(f"model {name}: {v}" for name, v in verdicts.items() if v != first.verdict)
    return Finding(
        verdict=first.verdict, kind="rows", value=first.value, low=first.low, high=first.high, unit=first.unit,
        share=first.share, variants=verdicts, deciding=(*disagree, *first.deciding),
        flags=first.flags, reason=first.reason,
    )  # fmt: skip


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
    holds = _holds(test, gap[known])
    share = float(holds.mean())
    low, middle, high = (float(x) for x in np.quantile(gap[known], [0.05, 0.5, 0.95]))
    verdict = verdict_of_share(share)
    same = float((gap[known] == 0).mean()) if there is not None else 0.0
    flags: tuple[str, ...] = ()
    if verdict == "contradicted" and same > 1.0 - SUPPORTED_FROM and float((gap[known] < 0).mean()) < SUPPORTED_FROM:
        verdict, flags = "depends", (f"no detectable change in {same:.0%} of draws",)
    deciding = tuple(rows.drivers(gap)) if rows.drivers is not None and verdict == "depends" else ()
    what = "difference" if there is not None else "number"
    return Finding(
        verdict=verdict, kind="rows", value=middle, low=low, high=high, unit=unit, share=share, deciding=deciding, flags=flags,
        reason=f"{what} in {int(known.sum())} draws of {rows.name}",
    )  # fmt: skip


def _holds(test: Test, gap: Floats) -> NDArray[np.bool_]:
    value = 0.0 if test.value is None else test.value
    if test.operator == "between":
        top = value if test.upper is None else test.upper
        return np.asarray((gap >= value) & (gap <= top))
    compare = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal}[str(test.operator)]
    return np.asarray(compare(gap, value))


def _by_interval(test: Test, frame: pd.DataFrame, here: int, there: int | None, unit: str) -> Finding:
    """Judge rows whose draws are not kept: by where their intervals lie."""
    a = frame.iloc[here][["value", "low", "high"]].to_numpy(dtype=np.float64)
    b = np.zeros(3) if there is None else frame.iloc[there][["value", "low", "high"]].to_numpy(dtype=np.float64)
    low, high = float(a[1] - b[2]), float(a[2] - b[1])
    ends = _holds(test, np.array([low, high]))
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


def judge_count(test: Test, case: Case) -> Finding:
    """Judge a count of table rows, alone or against another count.

    A condition ``>=X`` or ``<=X`` compares as text, ``a|b`` takes either.
    """
    table = case.table(test.table)
    n = int(_matching(table, test.where).sum())
    m = int(_matching(table, {**test.where, **test.against}).sum()) if test.against else 0
    words = f"{n} rows of {test.table}" + (f" against {m}" if test.against else "")
    if n + m == 0 and test.against:
        return Finding(verdict=UNTESTABLE, kind="count", reason=f"no row of {test.table} matches")
    if not test.against:
        verdict = "supported" if _holds(test, np.array([float(n)]))[0] else "contradicted"
        return Finding(
            verdict=verdict, kind="count", value=float(n), low=float(n), high=float(n), unit="rows", reason=words
        )
    low, high = (float(beta.ppf(q, n + 0.5, m + 0.5)) for q in (0.05, 0.95))
    above = float(beta.sf(0.5, n + 0.5, m + 0.5))
    share = above if str(test.operator) in (">", ">=") else 1.0 - above
    return Finding(
        verdict=verdict_of_share(share), kind="count", value=n / (n + m), low=low, high=high, unit="of both", share=share,
        reason=f"{words}; as if rows were sampled (Jeffreys), which they are not",
    )  # fmt: skip


def _matching(table: pd.DataFrame, where: Mapping[str, str | int]) -> NDArray[np.bool_]:
    mask = np.ones(len(table), dtype=bool)
    for column, wanted in where.items():
        cells = table[column].astype(str)
        text = str(wanted)
        if text.startswith((">=", "<=")):
            mask &= (cells >= text[2:] if text[0] == ">" else cells <= text[2:]).to_numpy()
        else:
            wanted_any = set(text.split("|"))
            mask &= cells.map(lambda cell, w=wanted_any: not w.isdisjoint(cell.split(";"))).to_numpy(dtype=bool)
    return mask
