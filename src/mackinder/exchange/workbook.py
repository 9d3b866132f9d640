"""A workbook (xlsx) of a case and a run: a sheet that explains, one that describes the columns, and one for each table."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from mackinder.case.schema import table_names
from mackinder.errors import ExchangeError
from mackinder.exchange.fields import RUN_TABLES, Cell, Field, cells_of, run_fields, table_fields

if TYPE_CHECKING:
    from mackinder.archive import Run
    from mackinder.case import Case

__all__ = ["workbook_bytes"]

#: what a sheet can hold
_MOST_ROWS: Final = 1_048_575
_MOST_TEXT: Final = 32_767
Sheet = tuple[str, tuple[Field, ...], Sequence[tuple[Cell, ...]]]


def workbook_bytes(case: Case, run: Run | None = None, *, licences: str = "") -> bytes:
    """Return a workbook: sheets README and columns, then every table of the case and, with a run, its results.

    Text stays text (nothing in it is taken for a formula or a link), numbers are numbers, missing cells are empty. No clock.

    Parameters
    ----------
    case : Case
    run : Run, optional
        Of this case.
    licences : str
        Text on licences, one line a paragraph, for the sheet README.

    Raises
    ------
    ExchangeError
        If a table has more rows, or a cell more text, than a sheet can hold.

    Examples
    --------
    >>> import tempfile
    >>> from mackinder.case import read_case, scaffold
    >>> with tempfile.TemporaryDirectory() as room:
    ...     workbook_bytes(read_case(scaffold(f"{room}/three")))[:2]
    b'PK'
    """
    import xlsxwriter  # noqa: PLC0415, RUF100 - the command line starts without it

    sheets: list[Sheet] = [
        (name, table_fields(name), cells_of(case.table(name), table_fields(name))) for name in table_names()
    ]
    if run is not None:
        for name in RUN_TABLES:
            frame = getattr(run, name)
            fields = run_fields(name, frame)
            sheets.append((f"run {name}", fields, cells_of(frame, fields)))
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        day = case.settings.newest_evidence
        book.set_properties({"title": case.settings.title, "created": dt.datetime(day.year, day.month, day.day)})
        head = book.add_format({"bold": True, "bottom": 1})
        _readme(book, case, run, sheets, licences)
        columns = [(name, field.name, field.unit or None, field.description or None) for name, fields, _ in sheets
                   for field in fields]  # fmt: skip
        _sheet(book, head, "columns", ("sheet", "column", "unit", "description"), columns)
        for name, fields, rows in sheets:
            _sheet(book, head, name, [field.name for field in fields], rows)
    return out.getvalue()


def _readme(book: Any, case: Case, run: Run | None, sheets: Sequence[Sheet], licences: str) -> None:
    settings = case.settings
    lines = [
        settings.title,
        settings.description,
        f"Case {case.name}, evidence to {settings.newest_evidence}, digest {case.digest}.",
        settings.boundaries_note,
    ]
    if run is not None:
        m = run.manifest
        lines += [
            f"Run of {', '.join(m['scenarios'])}: {m['draws']} draws, seed {m['seed']}, model {m.get('model', 'routes')}.",
            "Value is the median over draws; low and high are the 5 % and 95 % points. The interval says how uncertain the "
            "inputs are; it is no probability that the model is right. Differences have intervals of their own (variant "
            "minus-baseline): do not subtract bounds.",
        ]
    lines += ["Columns that end in _low, _mode, _high are the bounds and the central value of one quantity.", ""]
    sheet = book.add_worksheet("README")
    sheet.set_column(0, 0, 110, book.add_format({"text_wrap": True, "valign": "top"}))
    listed = [f"{name}: {len(rows):,} rows" for name, _, rows in sheets]
    for row, line in enumerate([*lines, "Sheets:", *listed, "", *licences.splitlines()]):
        sheet.write_string(row, 0, _fitting(line, "README", row))


def _sheet(book: Any, head: Any, name: str, columns: Sequence[str], rows: Sequence[tuple[Cell, ...]]) -> None:
    if len(rows) > _MOST_ROWS:
        msg = f"{name} has {len(rows):,} rows, and a sheet holds {_MOST_ROWS:,}: export as csv"
        raise ExchangeError(msg)
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column, head)
        sheet.set_column(at, at, min(max(len(column) + 2, 10), 40))
    for row, cells in enumerate(rows, start=1):
        for at, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, at, _fitting(cell, name, row))
            elif cell is not None and cell - cell == 0:  # an infinite number has no cell
                sheet.write_number(row, at, cell)
            elif cell is not None:
                sheet.write_string(row, at, "infinite" if cell > 0 else "-infinite")
    if rows:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)


def _fitting(text: str, sheet: str, row: int) -> str:
    if len(text) > _MOST_TEXT:
        msg = f"{sheet}, row {row}: {len(text):,} characters in one cell, and a workbook takes {_MOST_TEXT:,}: export as csv"
        raise ExchangeError(msg)
    return text
