"""Run every rule on a case and list everything at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from mackinder.case.case import Case
from mackinder.case.checks import (  # noqa: F401 - importing a module of rules enters its rules in the register
    bonds,
    capacity,
    document,
    evidence,
    fitted,
    holdings,
    movement,
    network,
    plans,
    pressure,
    quantities,
    references,
    splits,
    tested,
    trade,
)
from mackinder.case.checks.registry import CASE_RULES, Material
from mackinder.case.findings import Finding, Rule
from mackinder.case.formats import FORMAT_RULES, format_findings
from mackinder.case.locate import find_case
from mackinder.case.raw import read_raw_tables
from mackinder.case.read import typed
from mackinder.case.settings import read_settings
from mackinder.errors import CaseError, CheckError
from mackinder.kernels import cache_folder

__all__ = ["check", "require_sound", "rules"]

_SHOWN = 5  # errors listed in a message


def check(folder_or_case: str | Path | Case) -> list[Finding]:
    """Return everything that is wrong with a case.

    A broken table does not hide the findings in others: rules that need it are left out, all others run.

    Parameters
    ----------
    folder_or_case : str, Path or Case
        Folder, name of a packaged case, or a case in memory (whose form is right, else it could not be).

    Returns
    -------
    list of Finding
        Errors first, then warnings, each by code, file and row; empty if all is well.

    Raises
    ------
    UsageError
        If there is no such case.
    """
    if isinstance(folder_or_case, Case):
        findings, material = _of_case(folder_or_case)
    else:
        findings, material = _of_folder(find_case(folder_or_case))
    for entry in CASE_RULES.rules.values():
        if all(table in material.tables for table in entry.needs):
            findings += entry.run(material)
    return sorted(findings, key=lambda found: (found.severity, found.code, found.file, found.rows[:1], found.message))


def require_sound(case: Case) -> None:
    """Stop unless a case passes its checks: what a broken case gives is no result (convention C1).

    Raises
    ------
    CheckError
        If any check finds an error; the message names the first ones, each with its file, rows and cure.
    """
    marker = _sound_marker(case)
    if marker is not None and marker.exists():
        return  # this content has passed these checks before
    errors = [finding for finding in check(case) if finding.severity == "error"]
    if not errors and marker is not None:
        marker.touch()
    if errors:
        more = f"\n  and {len(errors) - _SHOWN} more: `mackinder check` lists them all" if len(errors) > _SHOWN else ""
        listed = "".join(f"\n  {finding}" for finding in errors[:_SHOWN])
        msg = f"case {case.name!r} fails {len(errors)} of its checks, so nothing is computed from it:{listed}{more}"
        raise CheckError(msg)


def _sound_marker(case: Case) -> Path | None:
    """Return the file that says a case of this content passes these checks; None where no cache can be written."""
    folder = cache_folder("sound")
    digest = hashlib.sha256(case.digest.encode())
    for path in sorted(Path(__file__).parent.parent.rglob("*")):
        if path.suffix in (".py", ".csv"):
            digest.update(path.read_bytes())
    return None if folder is None else folder / digest.hexdigest()


def rules() -> list[Rule[object]]:
    """Return every rule there is, by code: for docs and tests."""
    every: Mapping[str, Rule[object]] = {**FORMAT_RULES.rules, **CASE_RULES.rules}  # type: ignore[dict-item]
    return [every[code] for code in sorted(every)]


def _of_case(case: Case) -> tuple[list[Finding], Material]:
    tables: dict[str, pd.DataFrame] = dict(case.tables)
    return [], Material(tables=tables, settings=case.settings, folder=case.folder)


def _of_folder(folder: Path) -> tuple[list[Finding], Material]:
    findings: list[Finding] = []
    settings = None
    try:
        settings = read_settings(folder)
    except CaseError as error:
        findings.append(document.unreadable(str(error)))
    raw = read_raw_tables(folder)
    for table in raw.values():
        findings += format_findings(table)
    tables = {name: typed(table) for name, table in raw.items() if table.usable}
    return findings, Material(tables=tables, settings=settings, folder=folder)
