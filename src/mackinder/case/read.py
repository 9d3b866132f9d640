"""Read cases: text of the files into typed frames."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mackinder.case.case import Case, Tables
from mackinder.case.findings import Finding
from mackinder.case.formats import effective, format_findings
from mackinder.case.locate import case_digest, find_case
from mackinder.case.raw import RawTable, read_raw_tables
from mackinder.case.schema import Column
from mackinder.case.settings import read_settings
from mackinder.case.words import INTEGER, odd_words, to_float
from mackinder.errors import CaseError

__all__ = ["read_case", "typed"]

_SHOWN = 10


def read_case(name_or_folder: str | Path) -> Case:
    """Read a case.

    Only the form of the files is looked at here (every cell can be read as what its column holds); whether the content
    makes sense is for `mackinder.case.check`.

    Parameters
    ----------
    name_or_folder : str or Path
        Folder of a case, or the name of a packaged one.

    Returns
    -------
    Case

    Raises
    ------
    UsageError
        If there is no such case.
    CaseError
        If case.toml or a table is malformed; the message lists the first findings.
    """
    folder = find_case(name_or_folder)
    settings = read_settings(folder)
    raw = read_raw_tables(folder)
    findings = [finding for table in raw.values() for finding in format_findings(table)]
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise CaseError(_broken(folder, errors))
    return Case(
        name=folder.resolve().name,
        folder=folder,
        settings=settings,
        tables=Tables({name: typed(table) for name, table in raw.items()}),
        digest=case_digest(folder),
    )


def _broken(folder: Path, errors: list[Finding]) -> str:
    lines = [f"  {finding}" for finding in errors[:_SHOWN]]
    if len(errors) > _SHOWN:
        lines.append(f"  and {len(errors) - _SHOWN} more: `mackinder check {folder.name}` lists all")
    return "\n".join([f"case {folder.name!r} cannot be read:", *lines])


def typed(raw: RawTable) -> pd.DataFrame:
    """Turn the text of a table into types; a cell that does not fit becomes missing.

    Parameters
    ----------
    raw : RawTable
        A usable table (all columns are there).

    Returns
    -------
    DataFrame
        Columns of the schema and ``file_row``; RangeIndex; rows sorted by id. number is float64 (NaN = missing),
        integer Int64, boolean boolean, all else str ('' = missing).
    """
    if raw.frame is None:
        msg = f"{raw.schema.file} could not be read"
        raise CaseError(msg)
    columns = {name: _cast(effective(raw, name, column), column) for name, column in raw.schema.expanded()}
    frame = pd.DataFrame(columns).assign(file_row=raw.frame["file_row"])
    return frame.sort_values(raw.schema.id_column, kind="stable", ignore_index=True)


def _cast(cells: pd.Series, column: Column) -> pd.Series:
    if column.type == "number":
        return pd.Series(to_float(cells), index=cells.index)
    if column.type == "integer":
        whole = cells.mask(cells.isin(odd_words(cells, INTEGER)), "")
        return pd.Series(to_float(whole), index=cells.index).astype("Int64")
    if column.type == "boolean":
        return cells.map({"yes": True, "no": False}).astype("boolean")
    return cells.astype("str")
