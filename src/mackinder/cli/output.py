"""What commands share: parameters, printing, narration."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Final

import typer

__all__ = [
    "DEFAULT_CASE",
    "AsOf",
    "CaseName",
    "Json",
    "Quiet",
    "Scenarios",
    "narrator",
    "number",
    "print_json",
    "print_table",
]

DEFAULT_CASE: Final = "south-caucasus"


def _complete_case(incomplete: str) -> list[str]:
    from mackinder.case.locate import case_names

    return [name for name in case_names() if name.startswith(incomplete)]


def _complete_scenario(ctx: typer.Context, incomplete: str) -> list[str]:
    from mackinder.case.locate import find_case

    folder = find_case(str(ctx.params.get("case") or DEFAULT_CASE)) / "scenarios"
    done, plus, last = incomplete.rpartition("+")
    return sorted(f"{done}{plus}{path.stem}" for path in folder.glob("*.toml") if path.stem.startswith(last))


CaseName = Annotated[
    str, typer.Argument(metavar="[CASE]", help="Folder or name of a case.", autocompletion=_complete_case)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No narration on stderr.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DAY", help="The case as it was knowable on a day (2025-08-31).")
]
Scenarios = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        "-s",
        metavar="S",
        help="Scenario, or several joined by +; may be repeated.",
        autocompletion=_complete_scenario,
    ),
]


def narrator(quiet: bool) -> Callable[[str], None]:
    """Return a function that says on stderr what is being done, and when it began."""
    start = time.monotonic()

    def say(text: str) -> None:
        if not quiet:
            typer.echo(f"[{time.monotonic() - start:5.1f} s] {text}", err=True)

    return say


def print_json(schema: str, content: dict[str, Any]) -> None:
    """Print one JSON document that says which schema it follows; what is not a number is null."""
    typer.echo(json.dumps({"schema": schema} | _plain(content), ensure_ascii=False, indent=1, allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def number(
    value: float, low: float | None = None, high: float | None = None, *, digits: int = 3, range_only: bool = False
) -> str:
    """Format a value, with its interval if it is given: ``5.5 (4.2 to 6.8)``; with ``range_only`` the range alone: ``4 to 7``."""
    if value != value:
        return "no value"
    if range_only:
        return "a range only" if low is None or high is None or low != low else f"{_bare(low)} to {_bare(high)}"
    text = _short(value, digits)
    if low is None or high is None or low != low:
        return text
    return f"{text} ({_short(low, digits)} to {_short(high, digits)})"


def _bare(value: float) -> str:
    """Write a bound without decimals; what is below one has one digit."""
    return f"{value:,.0f}" if abs(value) >= 1 else _short(value, 1)


def _short(value: float, digits: int) -> str:
    if value == 0 or abs(value) < 10.0**-6:
        return "0"
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 10 ** (digits - 1) else f"{rounded:g}"


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, note: str = "") -> None:
    """Print a table; in a pipe as tab-separated lines, title and note to stderr then."""
    if not sys.stdout.isatty():
        typer.echo(title, err=True)
        for row in (columns, *rows):
            typer.echo("\t".join(row))
        if note:
            typer.echo(note, err=True)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", caption=note or None, caption_justify="left")
    for i, column in enumerate(columns):
        table.add_column(column, overflow="fold", justify="left" if i == 0 else "right")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
