"""Scenario and update files looked at change by change: what can be read of them, and what is wrong with the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mackinder.errors import ScenarioError
from mackinder.scenario.document import change_tables, read_document, read_id
from mackinder.scenario.grammar import SCENARIO_KEYS, read_change
from mackinder.scenario.model import Change
from mackinder.scenario.reader import read_file
from mackinder.scenario.updates import UPDATE_KEYS, read_update

__all__ = ["Filed", "filed", "plain"]

_PROVENANCE = ("facts", "basis", "ground", "note")
_DAYS = ("starts_on", "ends_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """One file of ``scenarios`` or ``updates``.

    Attributes
    ----------
    path : Path
        The file.
    folder : str
        ``scenarios`` or ``updates``.
    changes : tuple of Change
        Those that could be read.
    named : tuple of (str, str)
        Fact ids that the file names, each with where it stands.
    others : tuple of (str, str)
        Scenarios that it names, each with the key.
    problems : tuple of (str, str)
        Code and message of what could not be read.
    """

    path: Path
    folder: str
    changes: tuple[Change, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    problems: tuple[tuple[str, str], ...] = field(default=())

    @property
    def name(self) -> str:
        """File as findings name it."""
        return f"{self.folder}/{self.path.name}"


def filed(path: Path) -> Filed:
    """Read one file as far as it goes; nothing is raised."""
    folder = path.parent.name
    try:
        raw, text = read_document(path, UPDATE_KEYS if folder == "updates" else SCENARIO_KEYS)
        read_id(raw, path)
        tables = change_tables(raw, text, path)
    except ScenarioError as error:
        return Filed(path=path, folder=folder, problems=(("MK130", plain(error, path)),))
    hypothetical = folder == "updates" or raw.get("hypothetical") is True
    changes: list[Change] = []
    problems: list[tuple[str, str]] = []
    for where, table in tables:
        try:
            changes.append(read_change(table, scenario=path.stem, where=where, hypothetical=hypothetical))
        except ScenarioError as error:
            problems.append((_kind(table, path, hypothetical=hypothetical), plain(error, path)))
    if not problems:  # else the first change would be reported twice
        try:
            (read_update if folder == "updates" else read_file)(path)
        except ScenarioError as error:
            problems.append(("MK130", plain(error, path)))
    lists = {key: value for key, value in raw.items() if isinstance(value, list)}
    named = [(key, str(fact)) for key in ("facts", "sources") for fact in lists.get(key, [])]
    named += [(plain(change.where, path), fact) for change in changes for fact in change.facts]
    others = [(key, str(name)) for key in ("includes", "overrides") for name in lists.get(key, [])]
    if isinstance(raw.get("counterfactual"), str):
        others.append(("counterfactual", str(raw["counterfactual"])))
    return Filed(
        path=path,
        folder=folder,
        changes=tuple(changes),
        named=tuple(named),
        others=tuple(others),
        problems=tuple(problems),
    )


def _kind(table: Mapping[str, object], path: Path, *, hypothetical: bool) -> str:
    """Find out which part of a change is wrong: what mends it says so."""
    sourced = {key: value for key, value in table.items() if key not in _PROVENANCE} | {"facts": ["F"]}
    undated = {key: value for key, value in table.items() if key not in _DAYS}
    undated |= {"starts_on": "2000-01-01"} if "starts_on" in table else {}
    for code, mended in (("MK132", sourced), ("MK136", undated)):
        try:
            read_change(mended, scenario=path.stem, where="", hypothetical=hypothetical)
        except ScenarioError:
            continue
        return code
    return "MK131"


def plain(message: object, path: Path) -> str:
    """Return a message without the name of its file, which a finding states already, and without a last stop."""
    return re.sub(rf"^{re.escape(path.name)}[,:.]\s*", "", str(message)).rstrip(".?")
