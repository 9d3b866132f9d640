"""Write cases: typed frames and settings into the text of files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from mackinder.case.case import Case
from mackinder.case.locate import case_files
from mackinder.case.schema import table_schema
from mackinder.case.settings import Settings
from mackinder.errors import CaseError

__all__ = ["settings_text", "table_text", "write_case"]


def write_case(case: Case, folder: Path) -> Path:
    """Write a case to a folder: case.toml, the tables, and the documents that lie beside them.

    ``read_case(write_case(case, folder)) == case`` holds for a valid case. Documents (scenarios, updates ...) are
    copied from `case.folder` as they are.

    Parameters
    ----------
    case : Case
        What to write.
    folder : Path
        Where to; made if it is not there, and must be empty if it is.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    CaseError
        If the folder holds something already.
    """
    if folder.exists() and any(folder.iterdir()):
        msg = f"{folder} is not empty: name a new folder"
        raise CaseError(msg)
    (folder / "tables").mkdir(parents=True)
    (folder / "case.toml").write_text(settings_text(case.settings), encoding="utf-8", newline="\n")
    for name, frame in case.tables.items():
        text = table_text(name, frame)
        (folder / "tables" / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
    _copy_documents(case.folder, folder)
    return folder


def table_text(name: str, frame: pd.DataFrame) -> str:
    """Write one table as text; numbers in the shortest form that reads back the same."""
    schema = table_schema(name)
    columns = {}
    for column_name, column in schema.expanded():
        cells = frame[column_name]
        if column.type == "number":
            columns[column_name] = [_number_text(value) for value in cells]
        elif column.type == "integer":
            columns[column_name] = ["" if pd.isna(value) else str(int(value)) for value in cells]
        elif column.type == "boolean":
            columns[column_name] = ["" if pd.isna(value) else "yes" if value else "no" for value in cells]
        else:
            columns[column_name] = list(cells)
    return pd.DataFrame(columns, columns=list(schema.header)).to_csv(index=False, lineterminator="\n")


def _number_text(value: float) -> str:
    if value != value:  # noqa: PLR0124, RUF100 - only NaN differs from itself
        return ""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def settings_text(settings: Settings) -> str:
    """Write settings as TOML: plain keys, then tables (quantities), then arrays of tables (headline pairs)."""
    lines, tables, arrays = [], [], []
    for key, value in settings.model_dump().items():
        if isinstance(value, dict):
            tables.append(_toml_block(f"[{key}]", value))
        elif isinstance(value, tuple) and value and isinstance(value[0], dict):
            arrays += [_toml_block(f"[[{key}]]", entry) for entry in value]
        else:
            lines.append(_toml_line(key, value))
    return "\n\n".join(["\n".join(lines), *tables, *arrays]) + "\n"


def _toml_block(head: str, entries: Mapping[str, object]) -> str:
    return "\n".join([head, *(_toml_line(key, value) for key, value in entries.items())])


def _toml_line(key: str, value: object) -> str:
    return f"{key} = {_toml_value(value)}"


def _toml_value(value: object) -> str:
    if isinstance(value, str):
        return _toml_string(value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    msg = f"case.toml holds no {type(value).__name__}"
    raise TypeError(msg)


def _toml_string(text: str) -> str:
    escapes: Mapping[str, str] = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    body = "".join(
        escapes.get(char) or (f"\\u{ord(char):04x}" if ord(char) < 32 or ord(char) == 127 else char) for char in text
    )
    return f'"{body}"'


def _copy_documents(source: Path, target: Path) -> None:
    for path in case_files(source) if source.is_dir() else []:
        copy = target / path.relative_to(source)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
