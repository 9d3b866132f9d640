"""Run every rule on a case and list everything at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from mackinder.case.case import Case

# Importing a module of rules enters its rules in the register.
from mackinder.case.checks import document, evidence, holdings, movement, network, quantities, references, trade
from mackinder.case.checks.registry import CASE_RULES, Material
from mackinder.case.findings import Finding, Rule
from mackinder.case.formats import FORMAT_RULES, format_findings
from mackinder.case.locate import find_case
from mackinder.case.raw import read_raw_tables
from mackinder.case.read import typed
from mackinder.case.settings import read_settings
from mackinder.errors import CaseError

__all__ = ["check", "rules"]

_MODULES = (document, evidence, holdings, movement, network, quantities, references, trade)


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
