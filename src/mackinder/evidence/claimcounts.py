"""Claims tested on rows of tables: counts, and the rank test of few powers (conventions C98, C150, C151)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.claimsdoc import Test
from mackinder.evidence.verdicts import UNTESTABLE, Finding, holds

__all__ = ["LARGEST_NEEDED", "judge_count", "judge_rank"]

#: a rank test that could not tell a correlation of this size from chance is not made
LARGEST_NEEDED: Final = 0.5
#: size that a correlation must have is not looked up beyond so many powers
_MOST: Final = 30


def judge_count(test: Test, case: Case) -> Finding:
    """Judge a count of table rows, alone or against another count (convention C150).

    Rows that somebody looked for and found can show that there is something. They cannot show how much there is, that
    there is nothing, or which of two is more: then it depends on what was not found. Only where `rows_are` is ``all`` does a
    count decide. A condition ``>=X`` or ``<=X`` compares as text, ``a|b`` takes either.
    """
    table = case.table(test.table)
    n = int(_matching(table, test.where).sum())
    m = int(_matching(table, {**test.where, **test.against}).sum()) if test.against else 0
    if n + m == 0 and test.against:
        return Finding(verdict=UNTESTABLE, kind="count", reason=f"no row of {test.table} matches")
    gap = float(n - m)
    agree = bool(holds(test, np.array([gap]))[0])
    verdict, deciding = ("supported" if agree else "contradicted"), tuple[str, ...]()
    what = f"of {n + m} {_rows(n + m)} of {test.table}" if test.against else f"{_rows(n)} of {test.table}"
    reason = f"{n} {what} match it"
    if test.rows_are == "found" and not (agree and _of_existence(test)):
        verdict = "depends"
        reason += "; rows were found and not sampled, so their number decides nothing"
        deciding = (f"{test.table} were found, not sampled: {n} {f'of {n + m} ' if test.against else ''}match",)
    return Finding(
        verdict=verdict,
        kind="count",
        value=float(n),
        low=float(n),
        high=float(n),
        unit=what,
        reason=reason,
        deciding=deciding,
    )


def _rows(n: int) -> str:
    return "row" if n == 1 else "rows"


def _of_existence(test: Test) -> bool:
    """Whether finding more rows could never undo what the test says."""
    return not test.against and test.operator in (">", ">=")


def judge_rank(test: Test, case: Case) -> Finding:
    """Judge whether those who carry more are conceded more: by its power first, which needs no model (convention C151)."""
    from mackinder.indicators.concessions import LEAST_EPISODES, concessions

    powers = {name: won for name, won in concessions(case).items() if won[1] >= LEAST_EPISODES}
    n, episodes = len(powers), sum(won[1] for won in powers.values())
    needed = _needed(n)
    size = (
        "no rank correlation, however large," if math.isinf(needed) else f"only a rank correlation beyond {needed:.2f}"
    )
    reason = (
        f"with {n} powers ({episodes} episodes) {size} of what is {test.carried} with what was conceded could be told from "
        "chance at 5 %"
    )
    if needed > LARGEST_NEEDED:
        reason += ": too few to bear it out or refute it (see `mackinder levers`)"
        return Finding(
            verdict=UNTESTABLE, kind="rank", reason=reason, value=float(n), low=float(n), high=float(n), unit="powers"
        )
    return Finding(
        verdict="depends", kind="rank", value=float(n), low=float(n), high=float(n), unit="powers",
        reason=f"{reason}; episodes were found and not sampled, so even that would only lean: see `mackinder levers`",
    )  # fmt: skip


@cache
def _needed(n: int) -> float:
    """Least size of a rank correlation of n pairs that reaches 5 percent; beyond what is looked up, that of the most."""
    from mackinder.indicators.concessions import rank_test

    return math.inf if n < 3 else rank_test(range(min(n, _MOST)), range(min(n, _MOST)))[2]


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
