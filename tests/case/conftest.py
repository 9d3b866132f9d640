"""The starter case, fresh or shared, and ways to spoil it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from mackinder.case import Case, read_case, scaffold

#: ("cell", table, id, {column: text}) · ("copy", table, id, {column: text}) · ("drop", table, id) ·
#: ("text", path, old, new) · ("bytes", path, function) · ("delete", path)
Edit = tuple[object, ...]


def _edit_table(folder: Path, kind: str, table: str, name: str, values: dict[str, str]) -> None:
    path = folder / "tables" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        header, rows = list(reader.fieldnames or ()), list(reader)
    (chosen,) = (row for row in rows if row[header[0]] == name)
    assert set(values) <= set(header), f"{table} has no {set(values) - set(header)}"
    if kind == "cell":
        chosen.update(values)
    elif kind == "copy":
        rows.append({**chosen, **values})
    else:
        rows.remove(chosen)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="session")
def spoil() -> Callable[..., Path]:
    """Apply edits to the files of a case and return its folder."""

    def apply(folder: Path, *edits: Edit) -> Path:
        for kind, *rest in edits:
            if kind in ("cell", "copy", "drop"):
                table, name, *values = rest
                _edit_table(folder, kind, table, name, values[0] if values else {})
            elif kind == "text":
                path, old, new = rest
                before = (folder / path).read_text(encoding="utf-8")
                assert old in before
                (folder / path).write_text(before.replace(old, new, 1), encoding="utf-8", newline="")
            elif kind == "bytes":
                path, change = rest
                (folder / path).write_bytes(change((folder / path).read_bytes()))
            else:
                (folder / rest[0]).unlink()
        return folder

    return apply


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A fresh copy of the starter case, to be spoilt."""
    return scaffold(tmp_path / "tiny")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The starter case, read once a module: cases are immutable."""
    return read_case(scaffold(tmp_path_factory.mktemp("cases") / "tiny"))
