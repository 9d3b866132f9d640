"""Which rows a change selects, read against the case as it stands plus rows that the scenario adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mackinder.case.schema import Column, table_schema
from mackinder.case.selectors import LinkIndex
from mackinder.errors import CaseError, ScenarioError, did_you_mean
from mackinder.scenario.model import Change

__all__ = ["Rows", "column_of", "require_ids"]


class Rows:
    """The tables a scenario sees, with what it needs to select from them.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables of the case, added rows included.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self._tables = dict(tables)
        self._index: LinkIndex | None = None
        self._records: dict[str, list[dict[str, Any]]] = {}

    def table(self, name: str, change: Change) -> pd.DataFrame:
        """Return a table, or say that this case has none of that name."""
        if name not in self._tables:
            known = did_you_mean(name, self._tables, what="table")
            msg = f"{change.where}: table {name} is not in this case; {known}"
            raise ScenarioError(msg)
        return self._tables[name]

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table that every case has."""
        return self._tables[name]

    def records(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a table, each a mapping of cells."""
        if name not in self._records:
            frame = self._tables[name]
            keys = [str(column) for column in frame.columns]
            self._records[name] = [
                dict(zip(keys, row, strict=True)) for row in frame.itertuples(index=False, name=None)
            ]
        return self._records[name]

    @property
    def index(self) -> LinkIndex:
        """Links, prepared for selectors."""
        if self._index is None:
            self._index = LinkIndex(self._tables["links"])
        return self._index

    def selected(self, selector: str) -> frozenset[str]:
        """Return the ids of the links that a selector selects."""
        links = self._tables["links"]
        return frozenset(links.loc[self.index.mask(selector), "link_id"])

    def links(self, change: Change) -> tuple[str, ...]:
        """Return the links that a change selects by ``links`` and ``status``, sorted.

        Raises
        ------
        ScenarioError
            If the selector does not parse, names what does not exist, or selects nothing (unless optional).
        """
        selector = change.text("links")
        try:
            mask = self.index.mask(selector)
            unknown = self.index.unknown(selector)
        except CaseError as error:
            msg = f"{change.where}.links: {error}"
            raise ScenarioError(msg) from None
        if unknown:
            key, _, value = unknown[0].partition("=")
            msg = f"{change.where}.links: {did_you_mean(value, self.index.values(key), what=key)}"
            raise ScenarioError(msg)
        links = self._tables["links"]
        wanted = change.names("status")
        if wanted:
            allowed = column_of("links", "status")[1].allowed
            for status in wanted:
                if status not in allowed:
                    msg = f"{change.where}.status: {did_you_mean(status, allowed, what='status')}"
                    raise ScenarioError(msg)
            mask = mask & links["status"].isin(wanted).to_numpy()
        if not mask.any() and not change.optional:
            extra = f" with status {' or '.join(wanted)}" if wanted else ""
            msg = f"{change.where}.links: {selector!r}{extra} selects no link; widen it or drop the change"
            raise ScenarioError(msg)
        return tuple(sorted(links.loc[mask, "link_id"]))

    def rows(self, change: Change, table: str) -> tuple[str, ...]:
        """Return the ids that a change selects in a table, by ``ids``, ``links`` or ``where``; all must hold.

        Raises
        ------
        ScenarioError
            If nothing is selected (unless the change is optional), or nothing says what to select.
        """
        frame = self.table(table, change)
        id_column = str(frame.columns[0])
        chosen = np.ones(len(frame), dtype=np.bool_)
        if not any(key in change.options for key in ("ids", "links", "where")):
            msg = f'{change.where}: say which rows: ids = [...], where = {{...}}, or links = "..." for links'
            raise ScenarioError(msg)
        if "ids" in change.options:
            if not change.optional:
                require_ids(change.names("ids"), frame[id_column], where=f"{change.where}.ids", what=f"row of {table}")
            chosen &= frame[id_column].isin(change.names("ids")).to_numpy()
        if "links" in change.options:
            if table != "links":
                msg = f"{change.where}.links: selects links, but table is {table}; use ids or where"
                raise ScenarioError(msg)
            chosen &= frame[id_column].isin(self.links(change)).to_numpy()
        where = change.options.get("where", {})
        for column, values in where.items() if isinstance(where, Mapping) else ():
            if column not in frame.columns:
                msg = f"{change.where}.where: {did_you_mean(column, frame.columns, what='column')}"
                raise ScenarioError(msg)
            chosen &= frame[column].astype(str).isin(values).to_numpy()
        if not chosen.any() and not change.optional:
            msg = f"{change.where}: no row of {table} meets all of ids, links and where"
            raise ScenarioError(msg)
        return tuple(sorted(frame.loc[chosen, id_column]))


def require_ids(ids: Iterable[str], known: Iterable[str], *, where: str, what: str) -> None:
    """Raise `ScenarioError` with the nearest names if an id is not among the known ones."""
    names = set(known)
    for name in ids:
        if name not in names:
            msg = f"{where}: {did_you_mean(name, names, what=what)}"
            raise ScenarioError(msg)


def column_of(table: str, name: str) -> tuple[tuple[str, ...], Column]:
    """Return the file columns that a name means (three for the stem of an interval) and their schema.

    Raises
    ------
    KeyError
        If the table has no such column.

    Examples
    --------
    >>> column_of("links", "time_h")[0]
    ('time_h_low', 'time_h_mode', 'time_h_high')
    """
    for column in table_schema(table).columns:
        if name == column.name:
            return column.names, column
        if name in column.names:
            return (name,), column
    raise KeyError(name)
