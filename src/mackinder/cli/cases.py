"""``scenarios``, ``show``, ``check`` and ``new``: what is in a case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mackinder.cli.output import DEFAULT_CASE, AsOf, CaseName, Json, print_json

__all__ = ["check_command", "new_command", "scenarios_command", "show_command"]


def scenarios_command(case: CaseName = DEFAULT_CASE, as_of: AsOf = None, as_json: Json = False) -> None:
    """List the scenarios of a case, and what each changes."""
    from mackinder.scenario import apply, diff, read_scenario, read_vintage, scenario_names

    vintage = read_vintage(case, as_of)
    scenarios = [read_scenario(name, vintage) for name in scenario_names(vintage)]
    base = apply(vintage, read_scenario(vintage.settings.baseline, vintage))
    changes = [[item.text for item in diff(base, apply(vintage, scenario))] for scenario in scenarios]
    if as_json:
        entries = [
            {
                "id": s.name,
                "label": s.label,
                "description": s.description,
                "hypothetical": s.hypothetical,
                "changes": lines,
            }
            for s, lines in zip(scenarios, changes, strict=True)
        ]
        print_json(
            "mackinder.scenarios/1", {"case": vintage.name, "baseline": vintage.settings.baseline, "scenarios": entries}
        )
        return
    for scenario, lines in zip(scenarios, changes, strict=True):
        mark = " (baseline)" if scenario.name == vintage.settings.baseline else ""
        typer.echo(f"{scenario.name}{mark}: {scenario.label}")
        typer.echo(f"  {' '.join(scenario.description.split())}")
        for line in lines:
            typer.echo(f"  - {line}")
        typer.echo("")


def show_command(
    what: Annotated[
        str, typer.Argument(metavar="[WHAT]", help="Id of anything, kind:id, or ARM>RUS; nothing = the case.")
    ] = "",
    case: Annotated[str, typer.Option("--case", "-c", help="Folder or name of a case.")] = DEFAULT_CASE,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Show a case, or one thing in it with everything that is known of it: rights, restrictions, facts, sources."""
    from mackinder.case import case_names, show
    from mackinder.scenario import read_vintage

    if what and (what in case_names() or Path(what).is_dir()):  # `show south-caucasus` means the case
        what, case = "", what
    found = show(read_vintage(case, as_of), what)
    if as_json:
        print_json("mackinder.show/1", dict(found))
        return
    for line in _lines(found, 0):
        typer.echo(line)


def _lines(value: Any, depth: int) -> list[str]:
    """Set plain data as indented lines."""
    pad = "  " * depth
    if isinstance(value, dict):
        if set(value) == {"low", "mode", "high", "unit"}:
            return [f"{pad}{_interval(value)}"]
        lines = []
        for key, item in value.items():
            if item in (None, "", [], {}):
                continue
            inner = _lines(item, depth + 1)
            if len(inner) == 1 and not isinstance(item, list):
                lines.append(f"{pad}{key}: {inner[0].strip()}")
            else:
                lines += [f"{pad}{key}:", *inner]
        return lines
    if isinstance(value, list):
        lines = []
        for item in value:
            inner = _lines(item, depth + 1)
            lines += [f"{pad}- {inner[0].strip()}", *inner[1:]] if inner else []
        return lines
    return [f"{pad}{value}"]


def _interval(value: dict[str, Any]) -> str:
    unit = "" if value["unit"] in ("1", "") else f" {value['unit']}"
    return f"{value['mode']}{unit} ({value['low']} to {value['high']})"


def check_command(case: CaseName = DEFAULT_CASE, as_json: Json = False) -> None:
    """Check a case, its scenarios, updates and vintages: every finding at once, with the cure. Exit code 3 on errors."""
    from mackinder.scenario import check_case

    findings = check_case(case)
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        entries = [
            {
                "code": f.code,
                "severity": f.severity,
                "file": f.file,
                "rows": list(f.rows),
                "message": f.message,
                "cure": f.cure,
            }
            for f in findings
        ]
        print_json("mackinder.check/1", {"case": case, "errors": errors, "findings": entries})
    else:
        for finding in findings:
            typer.echo(str(finding))
        warnings = len(findings) - errors
        typer.echo(f"{case}: {errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}", err=True)
    if errors:
        raise typer.Exit(3)


def new_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make; it must not exist or be empty.")],
    as_json: Json = False,
) -> None:
    """Write a small valid case to start from."""
    from mackinder.case import scaffold

    made = scaffold(folder)
    if as_json:
        print_json("mackinder.new/1", {"folder": str(made)})
        return
    typer.echo(f"{made}: a small case of three fictional countries. Next:")
    typer.echo(f"  mackinder check {made}\n  mackinder run {made}")
