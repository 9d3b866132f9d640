"""The headline: control, leverage, power and ties of one power, now and at the horizon, side by side and never one score."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from mackinder.indicators.headline import Headline, headline
from mackinder.report.answer import Names
from mackinder.report.content import Section, Table
from mackinder.report.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

    from mackinder.case import Case

__all__ = ["hold_section"]

_WORDS = {1.0: "higher", -1.0: "lower", 0.0: "no detectable change"}
_NOTE = (
    "Four readings that answer different questions and are never added: exposure and captive trade (what could be stopped), "
    "levers (what using them would cost the target), power (what routes that only some can close are worth to them in a game "
    "with side payments), and ties (what binds, whether used or not). None of them is influence, which is kept for what was "
    "observed. A change is told only where the two intervals do not meet."
)


def hold_section(rows: pd.DataFrame, names: Names, case: Case) -> Section | None:
    """Tell, target by target, what one power holds now and at the horizon; None if the results have no levers.

    Parameters
    ----------
    rows : DataFrame
        Results with the rows of levers, power and ties.
    names : Names
    case : Case
    """
    levers = rows[rows["indicator"].eq("lever_worth")]
    if levers.empty:
        return None
    settings = case.settings
    actor = str(levers["actor"].mode().iloc[0])
    tied = set(case.table("ties")["target"]) or set(levers["target"])
    targets = [a for a in settings.focus if a in tied and a != actor]
    scenarios = [s for s in (names.first, names.second) if s and s in set(levers["scenario"])]
    told = headline(
        rows,
        actor=actor,
        targets=targets,
        scenarios=scenarios,
        baseline=settings.baseline,
        base_year=settings.base_year,
        horizon_year=settings.horizon_year,
        others=[a for a in settings.focus if a != actor],
    )
    if not told:
        return None
    shown = [item for item in told if item.scenario != names.first] or list(told)
    first = next((item for item in told if item.scenario == names.first), None)
    tables = tuple(
        _table(item, first, rows, target, names, settings.base_year, settings.horizon_year)
        for item in shown
        for target in targets
    )
    heading = f"What {names.actor(actor)} holds, now and in {settings.horizon_year}"
    return Section(
        section_id="hold",
        heading=heading,
        paragraphs=(_NOTE, *(_survival(item, names) for item in shown)),
        tables=tables,
    )


def _survival(item: Headline, names: Names) -> str:
    """Say how many conclusions on a scenario survive the simpler models, if that was asked."""
    if item.survives.empty:
        return (
            f"Which conclusions on {names.scenario(item.scenario)} survive simpler models was not tested in this run: "
            "`mackinder run --ablation` or `mackinder ablation` does."
        )
    counts = item.survives.groupby("verdict", sort=False)["conclusions"].sum()
    told = "; ".join(f"{verdict}: {int(n)}" for verdict, n in counts.items())
    return f"Conclusions on {names.scenario(item.scenario)} from routes alone to the model of this run: {told}."


def _table(
    item: Headline, first: Headline | None, rows: pd.DataFrame, target: str, names: Names, now: int, then: int
) -> Table:
    """One target: now, later under A where it was run, later under B, and what the change is."""
    sides = [side for side in (first, item) if side is not None]
    sides = sides[-1:] if first is item else sides
    lines = []
    for records in zip(*(side.table.to_dict("records") for side in sides), strict=True):
        if str(records[0]["target"]) != target:
            continue
        told = [_span(records[-1], "now", names.first or item.scenario, now, rows)]
        told += [_span(line, "then", side.scenario, then, rows) for line, side in zip(records, sides, strict=True)]
        moved = [_WORDS.get(float(line["moved"]), "not known at both ends") for line in records]
        words = moved[0] if len(set(moved)) == 1 else f"A: {moved[0]}; B: {moved[-1]}"
        lines.append((str(records[0]["measure"]), *told, words))
    return Table(
        caption=f"{names.actor(item.actor)} on {names.actor(target)}",
        columns=("Reading", f"{now}", *(f"{then}, {names.scenario(s.scenario)}" for s in sides), f"Change since {now}"),
        rows=tuple(lines),
        note="Ties are those of the last year with data in the column of the present.",
    )


def _span(line: Mapping[Hashable, Any], key: str, scenario: str, year: int, rows: pd.DataFrame) -> str:
    """Print a reading, with the row of the results that it is, where there is one."""
    value, low, high = (float(line[name]) for name in (key, f"{key}_low", f"{key}_high"))
    if math.isnan(value):
        return "not known"
    same = (
        rows["target"].eq(str(line["target"])) & rows["value"].eq(value) & rows["low"].eq(low) & rows["high"].eq(high)
    )
    found = rows.index[same & rows["unit"].eq(str(line["unit"]))]
    of_state = [i for i in found if rows.at[i, "year"] == year and rows.at[i, "scenario"] == scenario]
    row = of_state[0] if len(of_state) == 1 else -1
    return Estimate(value=value, low=low, high=high, unit=str(line["unit"]), draws=0, row=int(row)).text()
