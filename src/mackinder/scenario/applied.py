"""`apply`: a case and a scenario give a new case, of which only the tables differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from mackinder.case.case import Case
from mackinder.case.schema import ID_PATTERN, Column, table_names, table_schema
from mackinder.errors import ScenarioError, did_you_mean
from mackinder.memo import Memo
from mackinder.scenario.edits import Cell, CellSet, Edits, Factor, NewRow
from mackinder.scenario.frames import frame_of, written
from mackinder.scenario.limits import plan_allow, plan_restriction, plan_rights, require_hypothetical
from mackinder.scenario.linkdays import plan_links
from mackinder.scenario.model import Change, Interval, Scenario
from mackinder.scenario.selection import Rows, column_of, require_ids
from mackinder.scenario.ties import plan_ties

__all__ = ["Plan", "apply", "plan"]

_LIMITS = {"restrict", "surcharge", "risk", "tariff", "ban_trade"}
_DAYS = {"open", "close", "delay"}
#: a run, its books and its report ask for the same cases
_APPLIED: Final = Memo[Case](most=32)


def apply(case: Case, scenario: Scenario) -> Case:
    """Return the case as it would be under a scenario.

    Parameters
    ----------
    case : Case
        Stays as it is.
    scenario : Scenario
        From `read_scenario`; the order of its changes carries no meaning.

    Returns
    -------
    Case
        New tables, same settings; the case itself if the scenario changes nothing.

    Raises
    ------
    ScenarioError
        If a change selects nothing, does not fit the tables, or conflicts with another.

    Examples
    --------
    >>> from mackinder.case import read_case  # doctest: +SKIP
    >>> from mackinder.scenario import read_scenario  # doctest: +SKIP
    >>> case = read_case("south-caucasus")  # doctest: +SKIP
    >>> apply(case, read_scenario("trump-route", case)).digest == case.digest  # doctest: +SKIP
    False
    """
    settings = case.settings
    key = (case.digest, settings.base_year, settings.horizon_year, repr(scenario))
    changed = _APPLIED.get(key, lambda: plan(case, scenario).carried_out())
    if changed.digest == case.digest:
        return case
    return replace(changed, name=case.name, folder=case.folder, settings=settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a scenario will do to a case, before anything is written.

    Attributes
    ----------
    case : Case
        Before the changes.
    frames : mapping of str to DataFrame
        Its tables, with added rows.
    edits : Edits
        What is written into them.
    rows : Rows
        What selects from them.
    touched : tuple of str
        Tables that change, sorted.
    """

    case: Case
    frames: Mapping[str, pd.DataFrame]
    edits: Edits
    rows: Rows
    touched: tuple[str, ...]

    def carried_out(self) -> Case:
        """Return the case after the changes."""
        select = self.rows.selected
        return self.case.with_tables(
            **{table: written(table, self.frames[table], self.edits, select) for table in self.touched}
        )


def plan(case: Case, scenario: Scenario) -> Plan:
    """Find out what a scenario changes, without making the new case.

    Raises
    ------
    ScenarioError
        As `apply` does.
    """
    edits = Edits()
    before = Rows(case.tables)
    added = [_new_row(change, before) for change in scenario.changes if change.op == "add"]
    edits.rows = added
    edits.settle(scenario.overrides)
    frames = dict(case.tables.items())
    for table in sorted({edit.table for edit in edits.rows}):
        cells = [edit.cells for edit in edits.rows if edit.table == table]
        frames[table] = pd.concat([frames[table], frame_of(cells, table, frames[table])], ignore_index=True)
    edits.rows = []
    rows = Rows(frames)
    changes = sorted(scenario.changes, key=lambda change: change.where)
    for change in changes:
        if change.op in _LIMITS:
            plan_restriction(change, rows, edits)
        elif change.op == "allow":
            plan_allow(change, rows, edits)
        elif change.op in {"set", "scale"}:
            _plan_cells(change, rows, edits)
        elif change.op == "grow":
            _plan_growth(change, rows, edits)
    plan_links([c for c in changes if c.op in _DAYS], rows, case.settings.base_year, scenario.overrides, edits)
    plan_rights([c for c in changes if c.op == "transfer_right"], rows, scenario.overrides, edits)
    plan_ties([c for c in changes if c.op == "scale_transfers"], rows, f"{case.settings.horizon_year}-12-31", edits)
    edits.settle(scenario.overrides)
    _refuse_known_ids(edits, frames)
    touched = {
        edit.table for group in (edits.sets, edits.factors, edits.shifts, edits.rows, edits.lifts) for edit in group
    }
    touched |= {edit.table for edit in added} | ({"ties"} if edits.rescales else set())
    return Plan(case=case, frames=frames, edits=edits, rows=rows, touched=tuple(sorted(touched)))


def _plan_cells(change: Change, rows: Rows, edits: Edits) -> None:
    """Turn set and scale into edits of cells."""
    table = change.text("table")
    ids = rows.rows(change, table)
    if not ids:
        return  # optional, and at this vintage there is nothing yet
    try:
        names, column = column_of(table, change.text("column"))
    except KeyError:
        known = [c.name for c in table_schema(table).columns]
        msg = f"{change.where}.column: {did_you_mean(change.text('column'), known, what='column')}"
        raise ScenarioError(msg) from None
    if column.name == table_schema(table).id_column:
        msg = f"{change.where}.column: {column.name} is the id and cannot change; add a new row instead"
        raise ScenarioError(msg)
    if table == "restrictions":
        require_hypothetical(change, rows.frame(table), ids)
    if change.op != "set":
        _plan_factors(change, table, ids, names, column, rows, edits)
        return
    cells = _cells(change, column, names, change.options["value"], rows)
    edits.sets += [
        CellSet(table=table, row=row, column=name, value=cell, change=change)
        for row in ids
        for name, cell in cells.items()
    ]


def _plan_factors(
    change: Change, table: str, ids: tuple[str, ...], names: tuple[str, ...], column: Column, rows: Rows, edits: Edits
) -> None:
    """Multiply, bound by bound; a missing number cannot be scaled and is left missing."""
    if column.type != "number":
        msg = f"{change.where}.column: {column.name} holds no number ({column.type}); use set"
        raise ScenarioError(msg)
    value = dict(change.interval("value").bounds())
    if value["low"] < 0:
        msg = f"{change.where}.value: a factor cannot be negative, got {value['low']:g}"
        raise ScenarioError(msg)
    frame = rows.frame(table)
    frame = frame[frame[table_schema(table).id_column].isin(ids)]
    filled = frame[frame[list(names)].notna().all(axis=1)]
    if filled.empty:
        msg = f"{change.where}: {column.name} is empty in all rows selected, so there is nothing to scale; use set"
        raise ScenarioError(msg)
    for row in filled[table_schema(table).id_column]:
        for name in names:
            factor = value.get(name.rpartition("_")[2], value["mode"])
            edits.factors.append(Factor(table=table, row=str(row), column=name, factor=factor, change=change))


def _plan_growth(change: Change, rows: Rows, edits: Edits) -> None:
    """Scale values and tonnes of trade."""
    trade = rows.frame("trade")
    chosen = pd.Series(True, index=trade.index)
    for key in ("exporter", "importer", "goods"):
        wanted = change.names(key)
        if wanted and wanted != ("*",):
            known = rows.frame("goods")["goods_id"] if key == "goods" else trade[key]
            require_ids(wanted, known, where=f"{change.where}.{key}", what=key)
            if key == "goods" and (chosen & (trade["goods"] == "*")).any():
                row = trade.loc[chosen & (trade["goods"] == "*"), "trade_id"].iloc[0]
                message = (
                    f"{change.where}.goods: trade row {row} gives all goods together, so one class cannot grow alone; "
                    f"leave goods out, or add trade rows by class first"
                )
                raise ScenarioError(message)
            chosen &= trade[key].isin(wanted)
    if not chosen.any():
        msg = f"{change.where}: no row of trade has this exporter, importer and goods"
        raise ScenarioError(msg)
    ids = tuple(trade.loc[chosen, "trade_id"])
    found = 0
    for stem in ("value_musd", "quantity_kt"):
        names, column = column_of("trade", stem)
        if trade.loc[chosen, list(names)].notna().all(axis=1).any():
            _plan_factors(change, "trade", ids, names, column, rows, edits)
            found += 1
    if not found:
        msg = f"{change.where}: the trade rows selected hold no numbers; nothing to scale"
        raise ScenarioError(msg)


def _new_row(change: Change, rows: Rows) -> NewRow:
    """Check the row of an `add` against the schema."""
    table, row = change.text("table"), change.options["row"]
    if table not in table_names():
        msg = f"{change.where}.table: {did_you_mean(table, table_names(), what='table')}"
        raise ScenarioError(msg)
    schema = table_schema(table)
    cells: dict[str, Cell] = {}
    for key, value in row.items() if isinstance(row, Mapping) else ():
        try:
            names, column = column_of(table, key)
        except KeyError:
            known = [c.name for c in schema.columns]
            msg = f"{change.where}.row: {did_you_mean(key, known, what=f'column of {table}')}"
            raise ScenarioError(msg) from None
        cells |= _cells(change, column, names, value, rows)
    for column in schema.columns:
        if column.name in ("facts", "basis", "ground"):
            continue  # the change's own
        for name in column.names:
            if cells.get(name) in (None, "") and column.default:
                cells |= _cells(change, column, (name,), column.default, rows)
            if cells.get(name) in (None, "") and column.required:
                msg = f"{change.where}.row: {column.name} is missing ({column.description})"
                raise ScenarioError(msg)
    name = str(cells[schema.id_column])
    if not re.fullmatch(ID_PATTERN, name):
        msg = f"{change.where}.row.{schema.id_column}: {name!r} is not an id (letters, digits, '_', '.', '-')"
        raise ScenarioError(msg)
    if name in set(rows.frame(table)[schema.id_column]):
        msg = f"{change.where}.row: {table} holds {name!r} already; use set to change it"
        raise ScenarioError(msg)
    if schema.has("basis"):
        cells |= {"facts": ";".join(change.facts), "basis": change.basis, "ground": change.ground}
    return NewRow(table=table, row=name, cells=cells, change=change)


def _cells(change: Change, column: Column, names: tuple[str, ...], value: object, rows: Rows) -> dict[str, Cell]:
    """Return the cells of one column for one value, checked against type, allowed words and references."""
    where = f"{change.where}: {column.table}.{column.name}"
    if isinstance(value, Interval):
        if len(names) == 1:
            msg = f"{where} takes one value, not an interval"
            raise ScenarioError(msg)
        return {name: number for name, (_, number) in zip(names, value.bounds(), strict=True)}
    return dict.fromkeys(names, _cell(column, value, where=where, rows=rows, change=change))


def _cell(column: Column, value: object, *, where: str, rows: Rows, change: Change) -> Cell:
    if value == "":
        if column.required:
            msg = f"{where} is required and cannot be emptied"
            raise ScenarioError(msg)
        return None if column.type in ("number", "integer", "boolean") else ""
    if column.type == "boolean":
        if value in (True, "yes") or value in (False, "no"):
            return value in (True, "yes")
        msg = f"{where} is yes or no, got {value!r}"
        raise ScenarioError(msg)
    if column.type in ("number", "integer"):
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                msg = f"{where} is a number ({column.unit or '1'}), got {value!r}"
                raise ScenarioError(msg) from None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or (column.type == "integer" and value != int(value))
        ):
            msg = f"{where} is a {'whole ' * (column.type == 'integer')}number, got {value!r}"
            raise ScenarioError(msg)
        return int(value) if column.type == "integer" else float(value)
    if not isinstance(value, str):
        msg = f"{where} is a text, got {value!r}"
        raise ScenarioError(msg)
    if column.allowed and value not in column.allowed:
        msg = f"{where}: {did_you_mean(value, column.allowed, what=column.name)}"
        raise ScenarioError(msg)
    if column.type == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        msg = f"{where} is a day such as 2028-12-31, got {value!r}"
        raise ScenarioError(msg)
    if column.refers_to:
        target = rows.table(column.refers_to, change)
        names = [name for name in value.split(";") if name and name != "*"]
        require_ids(names, target.iloc[:, 0], where=where, what=f"row of {column.refers_to}")
    return value


def _refuse_known_ids(edits: Edits, frames: Mapping[str, pd.DataFrame]) -> None:
    for edit in edits.rows:
        if edit.row in set(frames[edit.table][table_schema(edit.table).id_column]):
            msg = f"{edit.change.where}: {edit.table} holds a row {edit.row!r} already; give another id"
            raise ScenarioError(msg)
