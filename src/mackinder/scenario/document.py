"""Documents of a case that hold changes, scenarios and updates alike: TOML read and its parts typed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from mackinder.case.schema import ID_PATTERN
from mackinder.errors import ScenarioError, did_you_mean
from mackinder.scenario.grammar import read_change
from mackinder.scenario.model import Change

__all__ = ["change_tables", "read_changes", "read_document", "read_id", "read_sentence"]


def read_document(path: Path, keys: Iterable[str]) -> tuple[dict[str, object], str]:
    """Read a TOML file whose top-level keys are known, and its text, in which lines can be counted.

    Raises
    ------
    ScenarioError
        If the file is not UTF-8 or TOML, or has a key of another name.
    """
    text = _decode(path)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        at = f", line {line[1]}" if line else f", line {len(text.splitlines())}"
        msg = f"{path.name}{at}: malformed TOML: {error}"
        raise ScenarioError(msg) from None
    for key in raw:
        if key not in keys:
            msg = f"{path.name}: {did_you_mean(key, keys, what='key')}"
            raise ScenarioError(msg)
    return raw, text


def read_id(raw: Mapping[str, object], path: Path) -> str:
    """Return the id of a document: the name of its file, which ``id`` may repeat."""
    name = read_sentence(raw, "id", path, default=path.stem)
    if name != path.stem or not re.fullmatch(ID_PATTERN, name):
        msg = f"{path.name}: id {name!r} must be the name of the file without .toml, and an id as in tables"
        raise ScenarioError(msg)
    return name


def _decode(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        msg = f"{path.name}: not UTF-8 at byte {error.start}; save it as UTF-8"
        raise ScenarioError(msg) from None


def change_tables(raw: Mapping[str, object], text: str, path: Path) -> list[tuple[str, dict[str, object]]]:
    """Return the ``[[change]]`` tables of a document as they stand, each with its file, line and number for messages.

    Raises
    ------
    ScenarioError
        If ``change`` is no array of tables.
    """
    tables = raw.get("change", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        msg = f"{path.name}: changes are written as [[change]], with double brackets"
        raise ScenarioError(msg)
    lines = [
        number for number, line in enumerate(text.splitlines(), start=1) if re.match(r"\s*\[\[\s*change\s*\]\]", line)
    ]
    lines += [0] * (len(tables) - len(lines))  # an inline array has no lines of its own
    return [
        (f"{path.name}, {f'line {line}, ' if line else ''}change {number}", table)
        for number, (table, line) in enumerate(zip(tables, lines, strict=False), start=1)
    ]


def read_changes(raw: Mapping[str, object], text: str, path: Path, *, hypothetical: bool) -> tuple[Change, ...]:
    """Return the changes of a document, read and typed."""
    return tuple(
        read_change(table, scenario=path.stem, where=where, hypothetical=hypothetical)
        for where, table in change_tables(raw, text, path)
    )


def read_sentence(raw: Mapping[str, object], key: str, path: Path, *, default: str | None = None) -> str:
    """Return a text that must be there, unless there is a default."""
    value = raw.get(key, default)
    if not isinstance(value, str) or not value.strip():
        msg = f"{path.name}: key {key!r} is missing or is not a text"
        raise ScenarioError(msg)
    return value
