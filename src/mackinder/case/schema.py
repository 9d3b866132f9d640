"""The tables of a case, declared once as data in ``schema/*.csv``: reader, checks and docs read the same files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, Literal, cast, get_args

__all__ = ["BOUNDS", "ID_PATTERN", "Column", "ColumnType", "TableSchema", "table_names", "table_schema"]

ColumnType = Literal["text", "id", "enum", "list", "fact_list", "date", "selector", "number", "integer", "boolean"]

#: what a name may look like, in every table and in case.toml
ID_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
#: the three columns of an interval: 5 % bound, central value, 95 % bound
BOUNDS: Final = ("low", "mode", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One line of a schema file.

    An interval stands for three columns of the CSV file, `names`.
    """

    table: str
    name: str
    type: ColumnType
    unit: str
    interval: bool
    required: bool
    default: str
    allowed: tuple[str, ...]
    refers_to: str
    description: str

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of the CSV file: ``(name,)``, or ``(name_low, name_mode, name_high)`` for an interval."""
        return tuple(f"{self.name}_{bound}" for bound in BOUNDS) if self.interval else (self.name,)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    """Columns of one table, in the order in which they are written."""

    name: str
    columns: tuple[Column, ...]

    @property
    def file(self) -> str:
        """Name of the file that holds the table."""
        return f"{self.name}.csv"

    @property
    def id_column(self) -> str:
        """The first column: it identifies a row."""
        return self.columns[0].name

    @property
    def header(self) -> tuple[str, ...]:
        """All columns of the CSV file, intervals spelt out."""
        return tuple(name for column in self.columns for name in column.names)

    def expanded(self) -> Iterator[tuple[str, Column]]:
        """Yield each column of the CSV file with the schema line that it comes from."""
        for column in self.columns:
            for name in column.names:
                yield name, column

    def of_type(self, *types: ColumnType) -> tuple[str, ...]:
        """Return the columns of the CSV file that have one of these types."""
        return tuple(name for name, column in self.expanded() if column.type in types)

    def has(self, name: str) -> bool:
        """Say whether the schema declares a column (an interval by its stem)."""
        return any(column.name == name for column in self.columns)


@cache
def table_names() -> tuple[str, ...]:
    """Return the names of all tables, sorted.

    Examples
    --------
    >>> table_names()[:3]
    ('actors', 'charges', 'conduits')
    """
    folder = resources.files("mackinder.case") / "schema"
    return tuple(sorted(item.name.removesuffix(".csv") for item in folder.iterdir() if item.name.endswith(".csv")))


@cache
def table_schema(name: str) -> TableSchema:
    """Return the schema of one table.

    Parameters
    ----------
    name : str
        One of `table_names`.

    Raises
    ------
    KeyError
        If there is no such table: a mistake in the program, not in a case.

    Examples
    --------
    >>> table_schema("zones").header[:2]
    ('zone_id', 'label')
    """
    if name not in table_names():
        raise KeyError(name)
    text = (resources.files("mackinder.case") / "schema" / f"{name}.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return TableSchema(name=name, columns=tuple(_column(name, row) for row in rows))


def _column(table: str, row: dict[str, str]) -> Column:
    if row["type"] not in get_args(ColumnType):
        msg = f"schema/{table}.csv, column {row['column']}: unknown type {row['type']!r}"
        raise ValueError(msg)
    return Column(
        table=table,
        name=row["column"],
        type=cast("ColumnType", row["type"]),
        unit=row["unit"],
        interval=row["interval"] == "yes",
        required=row["required"] == "yes",
        default=row["default"],
        allowed=tuple(row["allowed"].split(";")) if row["allowed"] else (),
        refers_to=row["refers_to"],
        description=row["description"],
    )
