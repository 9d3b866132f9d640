"""CSV files as text: what stands in the cells before any of it is taken for a number.

The fast path is pyarrow's parser. Where a file is not rectangular, or has blank lines or line ends inside quotes, the
slow path walks it with the csv module, which knows line numbers.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from mackinder.case.schema import TableSchema, table_names, table_schema

__all__ = ["RawTable", "read_raw", "read_raw_tables"]

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """One file of a case as text.

    Attributes
    ----------
    schema : TableSchema
        What the file should hold.
    frame : DataFrame or None
        Columns of the file as str ('' = empty) and ``file_row``; None if the file is missing or is not UTF-8.
    header : tuple of str
        Header as found.
    ragged : tuple of (int, int)
        Line number and number of fields of each row that has not as many fields as the header.
    bom, crlf : bool
        Whether the file starts with a byte order mark, or has Windows line ends.
    undecodable : int
        Line of the first byte that is not UTF-8; 0 if there is none.
    """

    schema: TableSchema
    frame: pd.DataFrame | None
    header: tuple[str, ...] = ()
    ragged: tuple[tuple[int, int], ...] = ()
    bom: bool = False
    crlf: bool = False
    undecodable: int = 0
    missing: bool = False

    @property
    def usable(self) -> bool:
        """Whether the cells can be looked at: the file is there and has all columns."""
        return self.frame is not None and set(self.schema.header) <= set(self.header)


def read_raw_tables(folder: Path) -> dict[str, RawTable]:
    """Read every table of the schema from ``folder/tables``; a missing file gives an entry without a frame."""
    return {name: read_raw(folder / "tables" / f"{name}.csv", table_schema(name)) for name in table_names()}


def read_raw(path: Path, schema: TableSchema) -> RawTable:
    """Read one file as text.

    Parameters
    ----------
    path : Path
        The CSV file; it may be missing.
    schema : TableSchema
        What it should hold; only kept, not applied.
    """
    if not path.is_file():
        return RawTable(schema=schema, frame=None, missing=True)
    data = path.read_bytes()
    bom = data.startswith(_BOM)
    crlf = b"\r\n" in data
    if bom:
        data = data[len(_BOM) :]
    if crlf:
        data = data.replace(b"\r\n", b"\n")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return RawTable(schema=schema, frame=None, bom=bom, crlf=crlf, undecodable=line)
    header = tuple(next(csv.reader(io.StringIO(text)), []))
    frame = _regular(text, header)
    ragged: tuple[tuple[int, int], ...] = ()
    if frame is None:
        frame, ragged = _irregular(text, header)
    return RawTable(schema=schema, frame=frame, header=header, ragged=ragged, bom=bom, crlf=crlf)


def _regular(text: str, header: tuple[str, ...]) -> pd.DataFrame | None:
    """Parse a file fast, or return None if it is not one line a row with as many fields as the header."""
    if not header or len(set(header)) < len(header):
        return None
    strings = pacsv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False)
    try:
        # pyarrow refuses rows of another length and line ends inside quotes; pandas would fill them up in silence
        frame = pacsv.read_csv(io.BytesIO(text.encode()), convert_options=strings).to_pandas()
    except pa.ArrowInvalid:
        return None
    lines = text.count("\n") + (not text.endswith("\n"))
    if lines != len(frame) + 1 or tuple(frame.columns) != header:
        return None
    return pd.DataFrame(frame).astype("str").assign(file_row=range(2, len(frame) + 2))


def _irregular(text: str, header: tuple[str, ...]) -> tuple[pd.DataFrame, tuple[tuple[int, int], ...]]:
    """Walk a file row by row: pad or cut rows to the header and say which."""
    reader = csv.reader(io.StringIO(text))
    next(reader, None)
    rows: list[list[str]] = []
    file_rows: list[int] = []
    ragged: list[tuple[int, int]] = []
    end = reader.line_num
    for row in reader:
        start, end = end + 1, reader.line_num
        if not row:
            continue  # a blank line is no row
        if len(row) != len(header):
            ragged.append((start, len(row)))
        rows.append((row + [""] * len(header))[: len(header)])
        file_rows.append(start)
    frame = pd.DataFrame(rows, columns=list(header), dtype=str)
    frame = frame.loc[:, ~frame.columns.duplicated()]  # the header rule names columns that come twice
    return frame.assign(file_row=pd.Series(file_rows, dtype="int64")), tuple(ragged)
