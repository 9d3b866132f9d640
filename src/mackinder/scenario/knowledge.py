"""What was known when: the day of each fact, and tables without the evidence of later days (convention C43)."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final, Protocol

import pandas as pd

from mackinder.case.case import Case
from mackinder.case.raw import read_raw
from mackinder.case.schema import table_schema
from mackinder.scenario.model import Change

__all__ = [
    "GENERAL",
    "HINDSIGHT",
    "fact_days",
    "known_rows",
    "last_day",
    "later_facts",
    "row_days",
    "rows_in_hindsight",
    "withheld",
    "without_facts",
]

#: appended to the ground of a row (or change) of which all evidence is later than the vintage
HINDSIGHT: Final = "[all evidence cited for this became known after this vintage]"
#: kind of a source that is no publication: its day says when it was written down, not since when it is known
GENERAL: Final = "own_knowledge"


class _Dated(Protocol):
    @property
    def known_on(self) -> str: ...
    @property
    def evidence(self) -> tuple[str, ...]: ...


def last_day(day: str) -> str:
    """Return the last day of a year, a month or a day; empty stays empty.

    Examples
    --------
    >>> last_day("2025"), last_day("2026-02"), last_day("2025-10-21")
    ('2025-12-31', '2026-02-28', '2025-10-21')
    """
    if len(day) == 4:
        return f"{day}-12-31"
    if len(day) == 7:
        return f"{day}-{calendar.monthrange(int(day[:4]), int(day[5:]))[1]:02d}"
    return day


def fact_days(case: Case, updates: Iterable[_Dated] = ()) -> dict[str, str]:
    """Return the ISO day from which each fact counts as known; empty = always.

    Parameters
    ----------
    case : Case
        With all its facts, as `read_case` returns it.
    updates : iterable of Update
        A fact dated by month or year counts as known from the last day of that month or year, from the newest
        evidence if that is earlier, or from the first update within the month or year that rests on it.

    Returns
    -------
    dict of str to str
        By fact id. A fact without ``known_on`` has the day of its source; without that, or where the source is
        general knowledge, it was always known.
    """
    facts, sources = case.table("facts"), case.table("sources")
    dated = sources[sources["kind"] != GENERAL]
    published = dict(zip(dated["source_id"], dated["published_on"], strict=True))
    newest = case.settings.newest_evidence.isoformat()
    cited: dict[str, list[str]] = {}
    for update in updates:
        for fact in update.evidence:
            cited.setdefault(fact, []).append(update.known_on)
    days: dict[str, str] = {}
    for fact, known, source in zip(facts["fact_id"], facts["known_on"], facts["source"], strict=True):
        day = str(known or published.get(source, ""))
        last = last_day(day)
        if len(day) in (4, 7):
            within = [known_on for known_on in cited.get(fact, []) if known_on.startswith(day)]
            last = min([last, *within, *([newest] if newest >= day else [])])
        days[str(fact)] = last
    return days


def withheld(tables: Mapping[str, pd.DataFrame], hidden: Collection[str], day: str) -> dict[str, pd.DataFrame]:
    """Return the tables that change if some facts are not known yet.

    Facts and the sources of none but such facts are left out. Rows stay, since what they describe was there; they lose
    the ids of hidden facts, and where none is left, ``basis`` becomes estimate and the ground says so (`HINDSIGHT`).

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By name.
    hidden : collection of str
        Fact ids.
    day : str
        ISO day of the vintage; sources published later that no known fact needs are left out.
    """
    changed: dict[str, pd.DataFrame] = {}
    hidden = frozenset(hidden)
    if not hidden:
        return changed
    facts = tables["facts"]
    facts = facts[~facts["fact_id"].isin(hidden)].reset_index(drop=True)
    changed["facts"] = facts.assign(conflicts_with=_without(facts["conflicts_with"], hidden))
    sources = tables["sources"]
    needed = sources["source_id"].isin(set(facts["source"]))
    public = pd.Series([last_day(text) <= day for text in sources["published_on"]], index=sources.index, dtype=bool)
    public &= ~sources["source_id"].isin(set(tables["facts"]["source"]))
    undated = (sources["kind"] == GENERAL) & pd.Series(
        [last_day(text) > day for text in sources["published_on"]], index=sources.index, dtype=bool
    )
    sources = sources.assign(published_on=sources["published_on"].mask(undated, ""))
    changed["sources"] = sources[needed | public].reset_index(drop=True)
    for name, frame in tables.items():
        if name not in changed and table_schema(name).has("basis"):
            left = _without(frame["facts"], hidden)
            touched = left != frame["facts"]
            if touched.any():
                changed[name] = _demoted(frame.assign(facts=left), touched & (left == ""))
    return changed


def row_days(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the days from which rows other than facts count as known."""
    dated = [name for name in tables if name != "facts" and table_schema(name).has("known_on")]
    return sorted({str(day) for name in dated for day in tables[name]["known_on"]} - {""})


def known_rows(tables: Mapping[str, pd.DataFrame], day: str) -> dict[str, pd.DataFrame]:
    """Return the tables that lose rows because what they tell was not known yet, and those that name such rows.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By name. Those with a column ``known_on`` count, but for facts (`withheld`).
    day : str
        ISO day of the vintage; a row without ``known_on`` was known at the first one (convention C49).
    """
    changed: dict[str, pd.DataFrame] = {}
    gone: dict[str, frozenset[str]] = {}
    for name, frame in tables.items():
        if name != "facts" and table_schema(name).has("known_on"):
            later = frame["known_on"] > day
            if later.any():
                changed[name] = frame[~later].reset_index(drop=True)
                gone[name] = frozenset(frame.loc[later, table_schema(name).id_column])
    for name in tables:
        for column in table_schema(name).columns:
            if column.type == "list" and column.refers_to in gone:
                frame = changed.get(name, tables[name])
                changed[name] = frame.assign(**{column.name: _without(frame[column.name], gone[column.refers_to])})
    return changed


def _demoted(frame: pd.DataFrame, bare: pd.Series) -> pd.DataFrame:
    """Mark the rows of which no evidence is left."""
    grounds = [f"{ground} {HINDSIGHT}".strip() for ground in frame.loc[bare, "ground"]]
    frame = frame.copy()
    frame.loc[bare, "basis"] = "estimate"
    frame.loc[bare, "ground"] = pd.Series(grounds, index=frame.index[bare], dtype=frame["ground"].dtype)
    return frame


def _without(lists: pd.Series, names: Collection[str]) -> pd.Series:
    cells = [";".join(item for item in cell.split(";") if item not in names) for cell in lists]
    return pd.Series(cells, index=lists.index, dtype=lists.dtype)


def rows_in_hindsight(case: Case) -> dict[str, tuple[str, ...]]:
    """Return, by table, the ids of rows whose numbers rest at this vintage on evidence that came later.

    What they describe was there (a railway, the trade of 2023), yet the number is one that nobody could cite then.
    """
    rows: dict[str, tuple[str, ...]] = {}
    for name, frame in case.tables.items():
        if table_schema(name).has("ground"):
            marked = frame[frame["ground"].str.endswith(HINDSIGHT)]
            if len(marked):
                rows[name] = tuple(marked[table_schema(name).id_column])
    return rows


def later_facts(case: Case) -> frozenset[str]:
    """Return the facts in the folder of a case that this vintage of it does not know."""
    raw = read_raw(case.folder / "tables" / "facts.csv", table_schema("facts"))
    written = set() if raw.frame is None or "fact_id" not in raw.frame else set(raw.frame["fact_id"])
    return frozenset(written - set(case.table("facts")["fact_id"]))


def without_facts(change: Change, hidden: Collection[str]) -> Change:
    """Return a change without the facts that are not known yet; without any it is an estimate in hindsight."""
    if not set(change.facts) & set(hidden):
        return change
    left = tuple(fact for fact in change.facts if fact not in hidden)
    if left:
        return replace(change, facts=left)
    return replace(change, facts=(), basis="estimate", ground=f"{change.ground} {HINDSIGHT}".strip())
