"""Columns as foreign formats need them: name, type, unit and description, of case tables and of the tables of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from mackinder.case.schema import Column, ColumnType, table_schema
from mackinder.errors import ExchangeError
from mackinder.units import unit_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RUN_TABLES", "Cell", "Field", "FieldType", "cells_of", "run_fields", "table_fields"]

FieldType = Literal["string", "date", "list", "number", "integer", "boolean"]
Cell = str | int | float | None

_TYPES: Final[dict[ColumnType, FieldType]] = {
    "text": "string",
    "id": "string",
    "enum": "string",
    "selector": "string",
    "list": "list",
    "fact_list": "list",
    "date": "date",
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
}
_BOUND_TEXT: Final = {"low": "5 % bound", "mode": "central value", "high": "95 % bound"}

#: the tables of a run and the columns that identify a row
RUN_TABLES: Final[dict[str, tuple[str, ...]]] = {
    "results": ("scenario", "indicator", "variant", "year", "actor", "target", "goods", "asset", "unit"),
    "flows": ("scenario", "year", "link"),
    "routes": ("scenario", "year", "origin", "destination", "goods", "rank"),
}
_NEEDED: Final = {"results": ("value", "low", "high"), "flows": ("quantity_mt", "value_musd"), "routes": ()}
#: unit and description of the columns of a run; those that are not here have the unit that their name announces
_RUN_COLUMNS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "results": {
        "scenario": ("", "scenario id"),
        "indicator": ("", "indicator id"),
        "variant": ("", "variant of the indicator; minus-baseline = change against the baseline, draw by draw"),
        "year": ("", "year"),
        "actor": ("", "who can act or collects, if the indicator has it"),
        "target": ("", "whom it concerns, if the indicator has it"),
        "goods": ("", "goods class; empty = all"),
        "asset": ("", "corridor, or pair of zones as origin>destination"),
        "unit": ("", "unit of value, low and high"),
        "value": ("column unit", "median over draws"),
        "low": ("column unit", "5 % point over draws"),
        "high": ("column unit", "95 % point over draws"),
        "draws": ("1", "draws that have a value"),
    },
    "flows": {
        "scenario": ("", "scenario id"),
        "year": ("", "year"),
        "link": ("", "link id"),
        "quantity_mt": ("Mt/yr", "freight over the link, both directions together: median over draws"),
        "quantity_mt_low": ("Mt/yr", "the same, 5 % point over draws"),
        "quantity_mt_high": ("Mt/yr", "the same, 95 % point over draws"),
        "value_musd": ("USD m/yr", "value of that freight: median over draws"),
    },
    "routes": {
        "scenario": ("", "scenario id"),
        "year": ("", "year"),
        "origin": ("", "zone where the freight starts"),
        "destination": ("", "zone where it ends"),
        "goods": ("", "goods class"),
        "rank": ("1", "1 = lowest generalised cost"),
        "share": ("1", "share of the pair's flow"),
        "cost_usd_per_t": ("USD/t", "generalised cost, central value"),
        "cost_usd_per_t_low": ("USD/t", "generalised cost, 5 % point"),
        "cost_usd_per_t_high": ("USD/t", "generalised cost, 95 % point"),
        "price_usd_per_t": ("USD/t", "price paid, central value"),
        "days": ("d", "transit time, central value"),
        "days_low": ("d", "transit time, 5 % point"),
        "days_high": ("d", "transit time, 95 % point"),
        "length_km": ("km", "length"),
        "borders": ("", "countries entered, joined by +"),
        "closers": ("", "actors who can close it, joined by +"),
        "links": ("", "links in travel order, joined by >"),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column: `unit` is empty for text, ``1`` for pure numbers; `column` is its line in the schema of a case table."""

    name: str
    type: FieldType
    unit: str
    description: str
    column: Column | None = None

    @property
    def text(self) -> str:
        """Description with the unit, for formats that have one place for both."""
        return f"{self.description} [{self.unit}]" if self.unit else self.description


def table_fields(table: str) -> tuple[Field, ...]:
    """Return the columns of a case table, intervals spelt out.

    Examples
    --------
    >>> [field.text for field in table_fields("places") if field.name == "lat_deg"]
    ['latitude, WGS 84 [degree]']
    """
    return tuple(_field(name, column) for name, column in table_schema(table).expanded())


def _field(name: str, column: Column) -> Field:
    bound = f" ({_BOUND_TEXT[name.rpartition('_')[2]]})" if column.interval else ""
    return Field(
        name=name, type=_TYPES[column.type], unit=column.unit, description=column.description + bound, column=column
    )


def run_fields(table: str, frame: pd.DataFrame) -> tuple[Field, ...]:
    """Return the columns of a table of a run, in the order of the frame.

    Parameters
    ----------
    table : str
        One of `RUN_TABLES`.
    frame : DataFrame
        The table.

    Raises
    ------
    ExchangeError
        If a column of its key, or one that the export needs, is missing.
    """
    missing = [name for name in (*RUN_TABLES[table], *_NEEDED[table]) if name not in frame.columns]
    if missing:
        msg = (
            f"{table} of the run: no column {', '.join(missing)}, seen {', '.join(map(str, frame.columns))}; run again"
        )
        raise ExchangeError(msg)
    known = _RUN_COLUMNS[table]
    fields = []
    for name in map(str, frame.columns):
        kind = _frame_type(frame[name])
        unit, description = known.get(name, ("" if kind == "string" else unit_of(name), ""))
        fields.append(Field(name=name, type=kind, unit=unit, description=description))
    return tuple(fields)


def _frame_type(cells: pd.Series) -> FieldType:
    from pandas.api import types  # noqa: PLC0415, RUF100 - pandas loads only with frames, which the caller has

    if types.is_bool_dtype(cells):
        return "boolean"
    if types.is_integer_dtype(cells):
        return "integer"
    return "number" if types.is_numeric_dtype(cells) else "string"


def cells_of(frame: pd.DataFrame, fields: Sequence[Field]) -> list[tuple[Cell, ...]]:
    """Return the rows of a frame as plain values; missing (``''``, NaN, NA) is None, yes and no are 1 and 0."""
    columns = [_plain(frame[field.name], field.type) for field in fields]
    return list(zip(*columns, strict=True)) if columns else [()] * len(frame)


def _plain(cells: pd.Series, kind: FieldType) -> list[Cell]:
    there = cells.notna()
    if kind in ("integer", "boolean"):
        return [int(value) if ok else None for value, ok in zip(cells, there, strict=True)]
    if kind == "number":
        return [float(value) if ok else None for value, ok in zip(cells, there, strict=True)]
    return [str(value) if ok and value != "" else None for value, ok in zip(cells, there, strict=True)]
