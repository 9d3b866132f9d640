"""Edits written into frames: cells, new rows, rows split at the day a lift begins or ends, and provenance."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from mackinder.case.schema import table_schema
from mackinder.errors import ScenarioError
from mackinder.scenario.edits import Cell, Edits, Lift, NewRow, Rescale
from mackinder.scenario.model import FOREVER, Change, day_after, day_before, years_later
from mackinder.scenario.ties import rescaled_pieces

__all__ = ["frame_of", "written"]

_RANK = ("cited", "derived", "estimate")


def frame_of(rows: Sequence[Mapping[str, Cell]], table: str, like: pd.DataFrame) -> pd.DataFrame:
    """Return rows as a frame with the columns and dtypes of another; what a row lacks is missing.

    Parameters
    ----------
    rows : sequence of mapping
        Cells by column; absent or None = missing.
    table : str
        Name of the table.
    like : DataFrame
        Frame of that table.
    """
    text = {
        name for name, column in table_schema(table).expanded() if column.type not in ("number", "integer", "boolean")
    }
    columns: dict[str, pd.Series] = {}
    for name in like.columns:
        empty: Cell = 0 if name == "file_row" else "" if name in text else None
        cells = [row[name] if row.get(name) is not None else empty for row in rows]
        columns[str(name)] = pd.Series(cells, dtype=like[name].dtype)
    return pd.DataFrame(columns)


def written(table: str, frame: pd.DataFrame, edits: Edits, selects: Callable[[str], frozenset[str]]) -> pd.DataFrame:
    """Return a table with all edits that concern it.

    Parameters
    ----------
    table : str
        Name of the table.
    frame : DataFrame
        The table as it stands, rows added by `add` included.
    edits : Edits
        Settled edits of all tables.
    selects : callable
        From a selector to the ids of its links.

    Raises
    ------
    ScenarioError
        If an interval comes out of order, or something missing is to be scaled or moved.
    """
    id_column = table_schema(table).id_column
    frame = frame.copy()
    place = {str(row): position for position, row in enumerate(frame[id_column])}
    changed: dict[str, set[Change]] = {}
    for setting in (edit for edit in edits.sets if edit.table == table):
        empty = float("nan") if frame[setting.column].dtype == "float64" else pd.NA
        value = empty if setting.value is None else setting.value
        old: Any = frame[setting.column].iat[place[setting.row]]
        if (pd.isna(old) and pd.isna(value)) or (not pd.isna(old) and not pd.isna(value) and old == value):
            continue  # it says so already; where it comes from stays as it is
        frame.at[place[setting.row], setting.column] = value
        changed.setdefault(setting.row, set()).add(setting.change)
    for factor in sorted((edit for edit in edits.factors if edit.table == table), key=lambda edit: edit.factor):
        cell: Any = frame[factor.column].iat[place[factor.row]]
        frame.at[place[factor.row], factor.column] = cell * factor.factor
        changed.setdefault(factor.row, set()).add(factor.change)
    years: dict[tuple[str, str], float] = {}
    for shift in sorted((edit for edit in edits.shifts if edit.table == table), key=lambda edit: edit.years):
        years[shift.row, shift.column] = years.get((shift.row, shift.column), 0.0) + shift.years
        changed.setdefault(shift.row, set()).add(shift.change)
    for (row, column), by in years.items():
        day = str(frame.loc[place[row], column])
        if day:  # another change may have emptied it: then there is nothing to move
            frame.loc[place[row], column] = years_later(day, by)
    for row, changes in changed.items():
        _stamp(frame, place[row], changes)
    _check_order(table, frame, changed, place)
    frame = _split(table, frame, [edit for edit in edits.lifts if edit.table == table], selects)
    if table == "ties":
        frame = _rescaled(frame, edits.rescales)
    new = [_with_provenance(edit, frame) for edit in edits.rows if edit.table == table]
    if new:
        frame = pd.concat([frame, frame_of(new, table, frame)], ignore_index=True)
    return frame


def _stamp(frame: pd.DataFrame, index: int, changes: set[Change]) -> None:
    """Add where the changes come from to a row's facts, basis and ground."""
    if "basis" not in frame.columns:
        return
    columns = ("facts", "basis", "ground")
    for column, said in zip(columns, _provenance(changes, *(str(frame.at[index, c]) for c in columns)), strict=True):
        frame.at[index, column] = said


def _provenance(changes: set[Change], facts: str, basis: str, ground: str) -> tuple[str, str, str]:
    names = [fact for fact in facts.split(";") if fact]
    names += sorted({fact for change in changes for fact in change.facts} - set(names))
    weakest = max([basis or "cited", *(change.basis for change in changes)], key=_RANK.index)
    said = sorted({f"[{c.scenario}] {c.ground or f'{c.op}, as the facts say'}" for c in changes})
    return ";".join(names), weakest, " ".join([ground, *said]).strip()


def _with_provenance(edit: NewRow, frame: pd.DataFrame) -> dict[str, Cell]:
    cells = dict(edit.cells)
    if "basis" in frame.columns:
        facts, basis, ground = _provenance(
            {edit.change}, *(str(cells.get(c) or "") for c in ("facts", "basis", "ground"))
        )
        cells |= {"facts": facts, "basis": basis, "ground": ground}
    return cells


def _check_order(table: str, frame: pd.DataFrame, changed: Mapping[str, set[Change]], place: Mapping[str, int]) -> None:
    """Refuse an interval whose bounds a change has put out of order."""
    for row, changes in changed.items():
        for column in table_schema(table).columns:
            if not column.interval:
                continue
            cells: list[Any] = [frame[name].iat[place[row]] for name in column.names]
            low, mode, high = (float(cell) for cell in cells)
            if not math.isnan(mode) and not (low <= mode <= high):
                who = " and ".join(sorted(change.where for change in changes))
                message = (
                    f"{who}: {table}, {row}: {column.name} comes out as low {low:g}, mode {mode:g}, high {high:g}, "
                    f"which is not in order; set the three together with {{low, mode, high}}"
                )
                raise ScenarioError(message)


def _split(
    table: str, frame: pd.DataFrame, lifts: list[Lift], selects: Callable[[str], frozenset[str]]
) -> pd.DataFrame:
    """Replace each lifted row by the rows that remain of it, one for each stretch of days."""
    if not lifts:
        return frame
    id_column = table_schema(table).id_column
    by_row: dict[str, list[Lift]] = {}
    for lift in lifts:
        by_row.setdefault(lift.row, []).append(lift)
    pieces: list[dict[str, Cell]] = []
    for row in frame[frame[id_column].isin(list(by_row))].to_dict("records"):
        cells = {str(key): (None if pd.isna(value) else value) for key, value in row.items()}
        pieces += _pieces(cells, id_column, by_row[str(row[id_column])], selects)
    rest = frame[~frame[id_column].isin(list(by_row))]
    return pd.concat([rest, frame_of(pieces, table, frame)], ignore_index=True)


def _rescaled(frame: pd.DataFrame, rescales: list[Rescale]) -> pd.DataFrame:
    """Replace each rescaled row of ties by its pieces."""
    by_row: dict[str, list[Rescale]] = {}
    for scale in rescales:
        by_row.setdefault(scale.row, []).append(scale)
    chosen = frame["tie_id"].isin(list(by_row))
    pieces: list[dict[str, Cell]] = []
    for row in frame[chosen].to_dict("records"):
        for piece, changes in rescaled_pieces(
            {str(key): cell for key, cell in row.items()}, by_row[str(row["tie_id"])]
        ):
            facts, basis, ground = (
                _provenance(changes, *(str(piece[c] or "") for c in ("facts", "basis", "ground")))
                if changes
                else (piece["facts"], piece["basis"], piece["ground"])
            )
            pieces.append(piece | {"facts": facts, "basis": basis, "ground": ground})
    return pd.concat([frame[~chosen], frame_of(pieces, "ties", frame)], ignore_index=True) if by_row else frame


def _pieces(
    row: dict[str, Cell], id_column: str, lifts: list[Lift], selects: Callable[[str], frozenset[str]]
) -> list[dict[str, Cell]]:
    """Cut one row at the days its lifts begin and end."""
    first, last = str(row["starts_on"] or ""), str(row["ends_on"] or "") or FOREVER
    cuts = {lift.first for lift in lifts} | {day_after(lift.last) for lift in lifts if lift.last}
    starts = [first, *sorted(day for day in cuts if first < day <= last)]
    pieces: list[dict[str, Cell]] = []
    for start, following in zip(starts, [*starts[1:], ""], strict=True):
        end = day_before(following) if following else ("" if last == FOREVER else last)
        active = [lift for lift in lifts if lift.first <= start <= (lift.last or FOREVER)]
        piece = row | {"starts_on": start, "ends_on": end}
        if start != first:
            piece[id_column] = f"{row[id_column]}.from-{start}"
        if active:
            cut = _lifted(piece, active, selects)
            if cut is None:
                continue
            facts, basis, ground = _provenance(
                {lift.change for lift in active}, *(str(row[c] or "") for c in ("facts", "basis", "ground"))
            )
            piece = cut | {"facts": facts, "basis": basis, "ground": ground}
        pieces.append(piece)
    return pieces


def _lifted(
    row: dict[str, Cell], lifts: list[Lift], selects: Callable[[str], frozenset[str]]
) -> dict[str, Cell] | None:
    """Return what is left of a row while lifts hold; None if nothing is."""
    whole = [lift for lift in lifts if not lift.pairs]
    if any(lift.links is None for lift in whole):
        return None
    links = sorted({link for lift in whole for link in lift.links or ()})
    if links:
        asset = f"{row['asset']};-link={'|'.join(links)}"
        if not selects(asset):
            return None
        row = row | {"asset": asset}
    pairs = [pair for pair in str(row.get("except_pairs") or "").split(";") if pair]
    pairs += sorted({pair for lift in lifts for pair in lift.pairs} - set(pairs))
    return row | ({"except_pairs": ";".join(pairs)} if pairs else {})
