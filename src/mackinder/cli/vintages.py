"""``vintages``: how headlines moved from the article's date to the newest evidence, event by event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mackinder.cli.options import Seed
from mackinder.cli.output import DEFAULT_CASE, CaseName, Json, Quiet, narrator, number, print_json, print_table

if TYPE_CHECKING:
    from mackinder.evidence.changelog import Headline, LogEntry

__all__ = ["vintages_command"]


def vintages_command(
    case: CaseName = DEFAULT_CASE,
    day: Annotated[
        list[str] | None,
        typer.Option("--day", help="Day to look at; may be repeated. Every day of an event if not given."),
    ] = None,
    seed: Seed = 0,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what became known when, on which sources, what contradicts it, and which headlines it moved (about 1-2 s a day)."""
    say = narrator(quiet)
    say(f"reading {case}")
    from mackinder.evidence.changelog import change_log
    from mackinder.scenario import read_vintage

    newest = read_vintage(case)
    first, log, last = change_log(newest, seed=seed, days=day, narrate=say)
    start = str(newest.settings.article_date)
    if as_json:
        print_json("mackinder.vintages/1", _as_json(newest.name, start, first, log, last))
        return
    then = {h.id: h for h in first}
    print_table(
        f"Headlines on {start} and on {log[-1].day if log else start}",
        ["headline", "unit", "then", "now"],
        [[h.label, h.unit, _cell(then[h.id]) if h.id in then else "", _cell(h)] for h in last],
    )
    for entry in log:
        typer.echo(f"\n{entry.day}  ({entry.facts_gained} more facts in sight)")
        for event in entry.events:
            typer.echo(f"  {event.label} [{event.date}]")
            if event.disputed:
                typer.echo(f"    Disputed: {event.disputed}.")
            for one, other in event.contradictions:
                typer.echo(f"    Contradictory reports: {one} and {other}.")
        for source in entry.sources:
            typer.echo(f"    {source}")
        for a, b in entry.moved:
            inside = a.low <= b.value <= a.high and a.low < a.high
            typer.echo(f"  -> {b.label}: {_cell(a)} to {_cell(b)}{'; within the interval before' if inside else ''}")
        if not entry.moved:
            typer.echo("  -> no headline moves")
    typer.echo(
        "\nHeadlines are facts, ties and the process, which cost seconds at each vintage; flows are not followed event by event "
        "(`mackinder run --as-of DAY` gives them). Time itself moves the process: a year less to the horizon."
    )


def _cell(h: Headline) -> str:
    return number(h.value) if h.low == h.high else number(h.value, h.low, h.high)


def _as_json(
    case: str, start: str, first: tuple[Headline, ...], log: tuple[LogEntry, ...], last: tuple[Headline, ...]
) -> dict[str, Any]:
    import dataclasses

    return {
        "case": case, "first_vintage": start,
        "first": [dataclasses.asdict(h) for h in first], "last": [dataclasses.asdict(h) for h in last],
        "log": [dataclasses.asdict(entry) for entry in log],
    }  # fmt: skip
