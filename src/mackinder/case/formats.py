"""Rules about the form of a file: the cells before any of them means anything. Codes MK001 to MK019."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from mackinder.case.findings import Finding, Hit, Register
from mackinder.case.raw import RawTable
from mackinder.case.schema import BOUNDS, ID_PATTERN, Column
from mackinder.case.words import INTEGER, NUMBER, odd_by, odd_words, to_float
from mackinder.errors import did_you_mean

__all__ = ["FORMAT_RULES", "effective", "format_findings"]

_NOT_FINITE: Final = r"(?i:[+-]?(?:nan|inf(?:inity)?|n/?a|null|none|-+|\?+))"
_ITEM: Final = r"\*|[A-Za-z0-9][A-Za-z0-9_.>-]*"
FORMAT_RULES: Final[Register[RawTable]] = Register()
_rule = FORMAT_RULES.rule


def format_findings(raw: RawTable) -> list[Finding]:
    """Return everything that is wrong with the form of one file."""
    return [finding for code in sorted(FORMAT_RULES.rules) for finding in FORMAT_RULES.rules[code].run(raw)]


def effective(raw: RawTable, name: str, column: Column) -> pd.Series:
    """Return the cells of a column with the default of the schema in place of empty ones."""
    assert raw.frame is not None
    cells = raw.frame[name]
    return cells.mask(cells == "", column.default) if column.default else cells


def _cells(raw: RawTable, *types: str) -> Iterator[tuple[str, Column, pd.Series]]:
    """Yield name, schema and text of each usable column of some types that is not all empty (no type: every column)."""
    if raw.usable:
        for name, column in raw.schema.expanded():
            if not types or column.type in types:
                cells = effective(raw, name, column)
                if not types or cells.any():
                    yield name, column, cells


def _unfit(raw: RawTable, cells: pd.Series, odd: list[str], message: str) -> Iterator[Hit]:
    """Yield one hit for the cells that hold odd words, if any; ``{seen}`` in the message becomes the first few."""
    if odd:
        seen = ", ".join(repr(word) for word in odd[:3])
        yield Hit(raw.schema.file, _lines(raw, cells.isin(odd)), message.replace("{seen}", seen))


def _lines(raw: RawTable, bad: pd.Series) -> pd.Series:
    assert raw.frame is not None  # noqa: S101, RUF100 - `_cells` yields only where there is a frame
    return raw.frame["file_row"][bad]


@_rule("MK001", "a table is missing", cure="Add the file, with its header even if it has no rows")
def _missing_file(raw: RawTable) -> Iterator[Hit]:
    if raw.missing:
        yield Hit(raw.schema.file, (), "there is no such file in tables/")


@_rule("MK002", "wrong header", cure="Use the columns of the schema (docs, tables of a case), each once")
def _header(raw: RawTable) -> Iterator[Hit]:
    if raw.frame is None:
        return
    expected = raw.schema.header
    missing = [name for name in expected if name not in raw.header]
    unknown = [name for name in raw.header if name not in expected]
    twice = sorted({name for name in raw.header if raw.header.count(name) > 1})
    parts = []
    if missing:
        parts.append(f"columns are missing: {', '.join(missing)}")
    parts += [did_you_mean(name, missing or expected, what="column") for name in unknown]
    if twice:
        parts.append(f"columns come twice: {', '.join(twice)}")
    if parts:
        yield Hit(raw.schema.file, (1,), "; ".join(parts))


@_rule("MK003", "byte order mark", cure="Save the file as UTF-8 without a byte order mark")
def _bom(raw: RawTable) -> Iterator[Hit]:
    if raw.bom:
        message = f"starts with a byte order mark, so that other readers miss its column {raw.schema.id_column}"
        yield Hit(raw.schema.file, (1,), message)


@_rule("MK004", "not UTF-8", cure="Save the file as UTF-8")
def _encoding(raw: RawTable) -> Iterator[Hit]:
    if raw.undecodable:
        yield Hit(raw.schema.file, (raw.undecodable,), "the text is not UTF-8")


@_rule("MK005", "Windows line ends", cure="Save with LF; it is read all the same", severity="warning")
def _crlf(raw: RawTable) -> Iterator[Hit]:
    if raw.crlf:
        yield Hit(raw.schema.file, (), "lines end in CRLF")


@_rule(
    "MK006", "rows of another length than the header", cure="Quote cells that hold a comma; give each row all fields"
)
def _ragged(raw: RawTable) -> Iterator[Hit]:
    if raw.ragged:
        counts = sorted({count for _, count in raw.ragged})
        seen = ", ".join(str(count) for count in counts[:5])
        message = f"the header has {len(raw.header)} fields, these rows have {seen}"
        yield Hit(raw.schema.file, [row for row, _ in raw.ragged], message)


@_rule("MK007", "not a number", cure="Write digits with a decimal point, without unit or thousands separator")
def _number(raw: RawTable) -> Iterator[Hit]:
    for name, _, cells in _cells(raw, "number"):
        odd = odd_words(cells, f"{NUMBER}|{_NOT_FINITE}")
        yield from _unfit(raw, cells, odd, f"{name} is not a number: {{seen}}")


@_rule(
    "MK008",
    "a number that is not finite",
    cure="Leave the cell empty if the number is missing; missing is not infinite",
)
def _finite(raw: RawTable) -> Iterator[Hit]:
    for name, column, cells in _cells(raw, "number", "integer"):
        missing = np.isnan(to_float(cells)) if column.type == "number" else np.ones(len(cells), dtype=bool)
        # of the cells without a finite number: the words for none, and digits that overflow
        words = pd.unique(cells[missing & (cells != "").to_numpy()])
        odd = [word for word in words if re.fullmatch(_NOT_FINITE, word)]
        odd += [word for word in words if re.fullmatch(NUMBER, word) and math.isinf(float(word))]
        yield from _unfit(raw, cells, odd, f"{name} is {{seen}}")


@_rule("MK009", "not one of the allowed words", cure="Use one of the words of the schema")
def _allowed(raw: RawTable) -> Iterator[Hit]:
    for name, column, cells in _cells(raw, "integer", "boolean", "enum"):
        if column.type == "integer":
            odd, wanted = odd_words(cells, f"{INTEGER}|{_NOT_FINITE}"), "a whole number"
        else:
            words = column.allowed if column.type == "enum" else ("yes", "no")
            odd, wanted = odd_by(cells, words.__contains__), f"one of {', '.join(words)}"
        yield from _unfit(raw, cells, odd, f"{name} should be {wanted}, seen {{seen}}")


@_rule("MK010", "a malformed id", cure="Use letters, digits, '_', '.' and '-', and begin with a letter or digit")
def _ids(raw: RawTable) -> Iterator[Hit]:
    for name, _, cells in _cells(raw, "id"):
        yield from _unfit(raw, cells, odd_words(cells, ID_PATTERN), f"{name} is not an id: {{seen}}")


@_rule("MK011", "not a day of the calendar", cure="Write a full ISO day, such as 2025-08-08")
def _days(raw: RawTable) -> Iterator[Hit]:
    for name, _, cells in _cells(raw, "date"):
        yield from _unfit(raw, cells, odd_by(cells, _is_day), f"{name} is not a day: {{seen}}")


def _is_day(word: str) -> bool:
    try:
        dt.date.fromisoformat(word)
    except ValueError:
        return False
    return re.fullmatch(r"\d{4}-\d{2}-\d{2}", word) is not None


@_rule("MK012", "a required cell is empty", cure="Fill it; missing is neither zero nor infinite")
def _required(raw: RawTable) -> Iterator[Hit]:
    for name, column, cells in _cells(raw):
        if column.required and not all(word.strip() for word in pd.unique(cells)):
            yield Hit(raw.schema.file, _lines(raw, cells.str.strip() == ""), f"{name} is empty")


@_rule("MK013", "the same id twice", cure="Give each row its own id, or delete the row that repeats")
def _duplicates(raw: RawTable) -> Iterator[Hit]:
    for name, _, cells in itertools.islice(_cells(raw), 1):
        twice = (cells != "") & cells.duplicated(keep=False)
        if twice.any():
            seen = ", ".join(repr(value) for value in cells[twice].drop_duplicates().iloc[:3])
            yield Hit(raw.schema.file, _lines(raw, twice), f"{name} is not unique: {seen}")


@_rule("MK014", "an interval with holes", cure="Give low, mode and high together, or leave all three empty")
def _holes(raw: RawTable) -> Iterator[Hit]:
    if not raw.usable or raw.frame is None:
        return
    for column in raw.schema.columns:
        if column.interval:
            filled = np.count_nonzero([raw.frame[name] != "" for name in column.names], axis=0)
            bad = pd.Series((filled > 0) & (filled < len(BOUNDS)), index=raw.frame.index)
            if bad.any():
                message = f"{column.name} has some of low, mode and high, not all"
                yield Hit(raw.schema.file, raw.frame.loc[bad, "file_row"], message)


@_rule("MK015", "a malformed list", cure="Join items by ';' without spaces or empty items, each once")
def _lists(raw: RawTable) -> Iterator[Hit]:
    for name, _, cells in _cells(raw, "list", "fact_list"):
        yield from _unfit(raw, cells, odd_by(cells, _is_list), f"{name} is not a list: {{seen}}")


def _is_list(word: str) -> bool:
    items = word.split(";")
    return len(set(items)) == len(items) and all(re.fullmatch(_ITEM, item) for item in items)


@_rule("MK016", "space around a cell", cure="Remove the space: it is part of the value")
def _space(raw: RawTable) -> Iterator[Hit]:
    for name, _, cells in _cells(raw, "text", "selector"):
        odd = odd_by(cells, lambda word: word == word.strip())
        yield from _unfit(raw, cells, odd, f"{name} begins or ends in space: {{seen}}")
