"""From a run to its report file: content, documents, payload, page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from mackinder.ensemble.drivers import Drivers, find_drivers_of
from mackinder.errors import ScenarioError
from mackinder.report.build import MAP_BUDGET, build_content
from mackinder.report.content import ReportContent
from mackinder.report.documents import read_documents
from mackinder.report.naming import asset_labels
from mackinder.report.page import write_report
from mackinder.report.payload import build_payload
from mackinder.report.shell import NOT_BUILT, read_shell
from mackinder.scenario import apply, read_scenario

if TYPE_CHECKING:
    from mackinder.archive import Run
    from mackinder.case import Case

__all__ = ["report_of_run"]

_MAP_BUDGET: Final = 420_000  # beside the live map, static ones are for print and for readers without a script


def report_of_run(
    run: Run, case: Case, path: str | Path, *, headline: str = "", names: str = "neutral"
) -> tuple[ReportContent, Path]:
    """Write the report of a run: interactive where the page was built, plain text, tables and maps where not.

    Parameters
    ----------
    run : Run
        With a folder, its documents (``levers.json``, ``deals.json`` ...) become sections.
    case : Case
        As run: the vintage, before scenarios.
    path : str or Path
        File to write.
    headline, names
        As for `build_content`.

    Returns
    -------
    ReportContent, Path
        What the page says, and the file.
    """
    documents = read_documents(run.folder) if run.folder is not None else ()
    live = read_shell() is not None
    manifest, results = dict(run.manifest), run.results
    if run.strategy is not None and len(run.strategy):
        results = pd.concat([results, run.strategy], ignore_index=True)
    cases, descriptions, ranges = _cases(case, manifest)
    found: list[Drivers] = []

    def drivers(rows: Sequence[int]) -> Sequence[Drivers]:
        found[:] = find_drivers_of(run, case, [row for row in rows if 0 <= row < len(run.results)])
        return found

    content = build_content(
        results,
        run.flows,
        case,
        manifest,
        headline=headline,
        names=names,
        documents=documents,
        descriptions=descriptions,
        range_only=ranges,
        drivers=drivers,
        map_budget=_MAP_BUDGET if live else MAP_BUDGET,
    )
    payload = None
    if live:
        payload = build_payload(
            content,
            results,
            run.flows,
            case,
            manifest,
            cases=cases,
            range_only=ranges,
            drivers=found,
            assets=asset_labels(case),
            documents=documents,
            names=names,
            notices=_notices(),
        )
    note = "" if live else f"This is the plain form of the report: {NOT_BUILT}."
    return content, write_report(content, path, payload=payload, note=note)


def _cases(case: Case, manifest: Mapping[str, Any]) -> tuple[dict[str, Case], dict[str, str], frozenset[str]]:
    """Return the case under each scenario of the run, the baseline first; what each is; and which are told as ranges.

    Scenarios whose file is gone since are left out.
    """
    names = sorted(manifest["scenarios"], key=lambda name: name != manifest["baseline"])
    found, told, ranges = {}, {}, set()
    for name in names:
        try:
            scenario = read_scenario(name, case)
            found[name] = apply(case, scenario)
        except ScenarioError:
            if name == manifest["baseline"]:
                raise
            continue
        told[name] = scenario.description
        if scenario.range_only:
            ranges.add(name)
    return found, told, frozenset(ranges)


def _notices() -> str:
    file = resources.files("mackinder.report") / "web" / "NOTICES.txt"
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
