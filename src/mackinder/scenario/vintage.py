"""`read_vintage`: a case as it was knowable on a day (conventions C43 to C46)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from mackinder.case.case import Case
from mackinder.case.read import read_case
from mackinder.case.settings import Quantity
from mackinder.errors import CaseError, ScenarioError, UsageError
from mackinder.scenario.applied import apply
from mackinder.scenario.knowledge import HINDSIGHT, fact_days, known_rows, last_day, row_days, withheld
from mackinder.scenario.model import Scenario
from mackinder.scenario.updates import Update, read_updates

__all__ = ["read_vintage", "untimely", "vintage_days"]


def read_vintage(name_or_folder: str | Path | Case, as_of: str | dt.date | None = None) -> Case:
    """Read a case as it was knowable on a day.

    The tables are the first vintage, the state on ``article_date`` of case.toml; ``updates/*.toml`` bring them forward.

    Parameters
    ----------
    name_or_folder : str, Path or Case
        Folder or name of a case, or a case as `read_case` returned it.
    as_of : str or date, optional
        A day, ISO if it is text. Default, and for any later day: the newest vintage, with all updates and facts.

    Returns
    -------
    Case
        With the updates known by that day applied, and without the facts and sources of later days;
        ``settings.newest_evidence`` is the newest day of an update or fact known by then.

    Raises
    ------
    UsageError
        If there is no such case, or the day is malformed.
    CaseError, ScenarioError
        If the day lies before the first vintage, a table or an update is malformed, or updates of one day contradict each other.

    Examples
    --------
    >>> read_vintage("south-caucasus", "2025-08-31").settings.newest_evidence.isoformat()  # doctest: +SKIP
    '2025-08-31'
    """
    case = name_or_folder if isinstance(name_or_folder, Case) else read_case(name_or_folder)
    newest = case.settings.newest_evidence.isoformat()
    day = min(_day(as_of, newest), newest)
    first = case.settings.article_date.isoformat()
    if day < first:
        msg = (
            f"as_of {day} lies before the first vintage of case {case.name}, {first}: its tables say nothing about what "
            f"was known earlier. Give {first} or a later day; `mackinder backtests` replays earlier events from their eve"
        )
        raise CaseError(msg)
    updates = read_updates(case)
    days = fact_days(case, updates)
    _refuse_untimely(updates, days, first=first, newest=newest)
    known = [update for update in updates if update.known_on <= day]
    seen = _with_updates(case, known)
    seen = seen.with_tables(**known_rows(seen.tables, day))
    hidden = frozenset(fact for fact, since in days.items() if since > day)
    seen = seen.with_tables(**withheld(seen.tables, hidden, day))
    known_on = [*(update.known_on for update in known), *days.values(), *row_days(seen.tables)]
    return _with_settings(seen, hidden, day, known_on)


def vintage_days(case: Case) -> list[str]:
    """Return the days on which updates change the tables of a case, after the first vintage, sorted.

    Rows with ``known_on`` come in on days of their own.
    """
    first = case.settings.article_date.isoformat()
    return sorted({first, *(update.known_on for update in read_updates(case) if update.changes)})


def _day(as_of: str | dt.date | None, newest: str) -> str:
    if as_of is None:
        return newest
    if isinstance(as_of, dt.datetime):
        return as_of.date().isoformat()
    if isinstance(as_of, dt.date):
        return as_of.isoformat()
    try:
        return dt.date.fromisoformat(as_of).isoformat()
    except ValueError:
        msg = f"as_of is a day such as 2025-08-31, got {as_of!r}"
        raise UsageError(msg) from None


def untimely(
    updates: Iterable[Update], days: Mapping[str, str], *, first: str, newest: str
) -> Iterator[tuple[str, str]]:
    """Find updates outside the vintages, and such as rest only on what was not known yet; yield file and message."""
    for update in updates:
        where = f"{update.name}.toml"
        if update.known_on > newest:
            yield where, f"known_on {update.known_on} is after newest_evidence {newest} of case.toml; raise that day"
        if update.changes and update.known_on <= first:
            yield where, f"known on {update.known_on}, so it belongs in the tables, which are the state of {first}"
        for what, facts in (("", update.facts), *((change.where, change.facts) for change in update.changes)):
            if facts and min(days.get(fact, "") for fact in facts) > update.known_on:
                known = ", ".join(f"{fact} on {days[fact]}" for fact in facts)
                yield (
                    what or where,
                    f"none of its facts was known on {update.known_on} ({known}); name an earlier fact, or let known_on "
                    f"be the day of the first",
                )


def _refuse_untimely(updates: Iterable[Update], days: dict[str, str], *, first: str, newest: str) -> None:
    """Stop at the first update that is out of its time."""
    for where, message in untimely(updates, days, first=first, newest=newest):
        msg = f"{where}: {message}"
        raise ScenarioError(msg)


def _with_updates(case: Case, updates: Iterable[Update]) -> Case:
    """Apply updates day by day; those of one day go together, so that a contradiction is seen and not ordered away."""
    ordered = sorted(updates, key=lambda update: (update.known_on, update.name))
    for day, group in groupby(ordered, key=lambda update: update.known_on):
        changes = tuple(change for update in group for change in update.changes)
        if changes:
            case = apply(case, Scenario(name=day, label=f"updates of {day}", hypothetical=True, changes=changes))
    return case


def _with_settings(case: Case, hidden: frozenset[str], day: str, known: Iterable[str]) -> Case:
    """Set newest_evidence, and take later facts from the numbers of case.toml."""
    settings = case.settings
    changed: dict[str, Any] = {}
    if day < settings.newest_evidence.isoformat():
        newest = max([settings.article_date.isoformat(), *(last_day(since) for since in known if since <= day)])
        changed["newest_evidence"] = dt.date.fromisoformat(newest)
    for key in type(settings).model_fields:
        value = getattr(settings, key)
        if isinstance(value, Quantity) and set(value.facts) & hidden:
            left = tuple(fact for fact in value.facts if fact not in hidden)
            cells: dict[str, Any] = {"facts": left}
            if not left:
                cells |= {"basis": "estimate", "ground": f"{value.ground} {HINDSIGHT}".strip()}
            changed[key] = value.model_copy(update=cells)
    return replace(case, settings=settings.model_copy(update=changed)) if changed else case
