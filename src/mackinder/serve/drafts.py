"""Scenarios built by clicking: written as TOML, read back by the reader that reads all others, saved only where allowed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Final

from mackinder.case import Case
from mackinder.errors import UsageError, did_you_mean
from mackinder.scenario import apply, diff, read_scenario, scenario_names
from mackinder.serve.messages import DraftChange, DraftRequest

__all__ = ["known_scenario", "preview_draft", "save_draft", "write_draft"]

_GROUND: Final = "built by hand in the app; a what-if, no forecast"
_COLUMN: Final = {"cost": "cost_usd_per_t", "time": "time_h", "capacity": "capacity_mt_per_year"}


def known_scenario(name: str, case: Case) -> str:
    """Return the name of a scenario of the case, or of several joined by ``+``; a path is no name.

    Raises
    ------
    UsageError
        If it is not known.
    """
    known = scenario_names(case)
    for part in name.split("+"):
        if part not in known:
            raise UsageError(did_you_mean(part, known, what="scenario"))
    return name


def _quoted(text: str) -> str:
    """Write a TOML basic string: every character that could end or break it is escaped."""
    out = []
    for c in text:
        if c in '"\\':
            out.append("\\" + c)
        elif ord(c) < 0x20 or ord(c) == 0x7F:
            out.append(f"\\u{ord(c):04x}")
        else:
            out.append(c)
    return '"' + "".join(out) + '"'


def _change(change: DraftChange, case: Case) -> list[str]:
    known = set(case.table("links")["link_id"])
    for link in change.links:
        if link not in known:
            raise UsageError(did_you_mean(link, known, what="link"))
    selector = "link=" + "|".join(sorted(set(change.links)))
    if change.op in _COLUMN:
        if change.factor is None:
            msg = f"{change.op}: give a factor"
            raise UsageError(msg)
        lines = [
            'op = "scale"',
            'table = "links"',
            f"column = {_quoted(_COLUMN[change.op])}",
            f"value = {change.factor!r}",
        ]
    else:
        if change.starts_on is None:
            msg = f"{change.op}: give the day from which it holds"
            raise UsageError(msg)
        lines = [f"op = {_quoted(change.op)}", f"starts_on = {change.starts_on}"]
    return [
        "[[change]]",
        *lines,
        f"links = {_quoted(selector)}",
        'basis = "estimate"',
        f"ground = {_quoted(_GROUND)}",
        "",
    ]


def write_draft(draft: DraftRequest, case: Case) -> str:
    """Return the TOML of a scenario.

    Raises
    ------
    UsageError
        If a scenario or link is not known, or a change lacks its factor or day.
    """
    known_scenario(draft.base, case)
    if "+" in draft.name or draft.name in scenario_names(case):
        msg = f"scenario {draft.name!r}: the case has one of that name, or it holds a +; choose another name"
        raise UsageError(msg)
    head = [
        f"id = {_quoted(draft.name)}",
        f"label = {_quoted(draft.label)}",
        'description = "Built in the app."',
        f"includes = [{', '.join(_quoted(part) for part in draft.base.split('+'))}]",
        f"counterfactual = {_quoted(draft.base.split('+')[0])}",
        "hypothetical = true",
        "",
    ]
    return "\n".join([*head, *(line for change in draft.changes for line in _change(change, case))])


def preview_draft(draft: DraftRequest, case: Case) -> dict[str, Any]:
    """Return the TOML, and in words what the scenario changes against its base.

    Raises
    ------
    UsageError, ScenarioError
        If it cannot be written, read back or applied.
    """
    text = write_draft(draft, case)
    with tempfile.TemporaryDirectory(prefix="mackinder-draft-") as folder:
        path = Path(folder) / f"{draft.name}.toml"
        path.write_text(text, encoding="utf-8", newline="\n")
        scenario = read_scenario(path, case)
    base = apply(case, read_scenario(draft.base, case))
    return {"toml": text, "differences": [item.text for item in diff(base, apply(case, scenario))]}


def save_draft(draft: DraftRequest, case: Case, folder: Path | None) -> Path:
    """Check a scenario and save it under its name; a file that is there is never replaced.

    Raises
    ------
    UsageError
        If the app was started without ``--save-dir``, or the file is there already.
    """
    if folder is None:
        msg = "nothing is written unless the app was started with --save-dir FOLDER; copy the text instead"
        raise UsageError(msg)
    text = preview_draft(draft, case)["toml"]
    path = folder / f"{draft.name}.toml"  # the name is an id: no separator, no leading dot
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        msg = f"{path.name}: there is such a file in the save folder; choose another name"
        raise UsageError(msg) from None
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return path
