"""The headline: control, leverage, power and ties of one power, now and at the horizon, side by side and never one score."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    tables = tuple(_table(item, names, settings.base_year, settings.horizon_year) for item in told)
    heading = f"What {names.actor(actor)} holds, now and in {settings.horizon_year}"
    return Section(section_id="hold", heading=heading, paragraphs=(_NOTE,), tables=tables)


def _table(item: Headline, names: Names, now: int, then: int) -> Table:
    rows = []
    for line in item.table.to_dict("records"):
        spans = [
            _span(float(line[key]), float(line[f"{key}_low"]), float(line[f"{key}_high"]), str(line["unit"]))
            for key in ("now", "then")
        ]
        moved = _WORDS.get(float(line["moved"]), "not known at both ends")
        rows.append((f"{line['measure']}, on {names.actor(str(line['target']))}", *spans, moved))
    return Table(
        caption=f"{names.actor(item.actor)} under {names.scenario(item.scenario)}",
        columns=("Reading", f"{now}", f"{then}", "Change"),
        rows=tuple(rows),
        note="Ties are those of the last year with data in the column of the present.",
    )


def _span(value: float, low: float, high: float, unit: str) -> str:
    if value != value:  # nan
        return "not known"
    return Estimate(value=value, low=low, high=high, unit=unit, draws=0, row=-1).text()
