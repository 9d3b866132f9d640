"""``ties``: what binds targets to powers, over the years and under scenarios; beside it what targets did when pressed."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mackinder.cli.options import Seed
from mackinder.cli.output import (
    DEFAULT_CASE,
    AsOf,
    CaseName,
    Json,
    Quiet,
    Scenarios,
    narrator,
    number,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from mackinder.indicators.tiesanswer import TiesAnswer

__all__ = ["ties_command"]

_LEVELS = ("economic", "political", "security", "energy", "people", "corridor", "all")


def ties_command(
    case: CaseName = DEFAULT_CASE,
    target: Annotated[
        list[str] | None, typer.Option("--target", help="Target; may be repeated. All that the case has if not given.")
    ] = None,
    actor: Annotated[
        list[str] | None,
        typer.Option("--actor", help="Power; may be repeated, the first is told in detail. All powers if not given."),
    ] = None,
    scenario: Scenarios = None,
    as_of: AsOf = None,
    run: Annotated[
        Path | None, typer.Option("--run", help="Folder of a run: gives traffic and transit of the corridor dimension.")
    ] = None,
    draws: Annotated[int, typer.Option("--draws", help="Draws of values and weights.")] = 200,
    seed: Seed = 0,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show ties capacity of powers on targets, 1992 to the horizon; observed compliance; what can be claimed and what not."""
    say = narrator(quiet)
    say(f"reading {case}")
    from mackinder.archive import read_run
    from mackinder.indicators.tiesanswer import ties_answer
    from mackinder.scenario import read_vintage

    vintage = read_vintage(case, as_of)
    results = None if run is None else read_run(run).results
    say("scoring ties")
    chosen = vintage.settings.scenarios if scenario is None else scenario
    answer = ties_answer(
        vintage, chosen, senders=actor or (), targets=target or (), results=results, draws=draws, seed=seed
    )
    if as_json:
        print_json("mackinder.ties/1", _as_json(vintage.name, str(vintage.settings.newest_evidence), answer))
        return
    _print(answer, vintage.settings.horizon_year, vintage.settings.baseline)
    typer.echo(
        f"Evidence to {vintage.settings.newest_evidence}; {draws} draws, seed {seed}; `--json` has every number."
    )


def _as_json(case: str, newest: str, answer: TiesAnswer) -> dict[str, Any]:
    frames = ("rows", "missing", "compliance")
    return {
        "case": case,
        "newest_evidence": newest,
        **{name: getattr(answer, name).to_dict("records") for name in frames},
        "claims": [dataclasses.asdict(claim) for claim in answer.claims],
        "trends": list(answer.trends),
        "notes": list(answer.notes),
    }


def _print(answer: TiesAnswer, horizon: int, baseline: str) -> None:
    rows = answer.rows[answer.rows["indicator"] == "ties_capacity"]
    share = answer.rows[(answer.rows["indicator"] == "ties_share") & (answer.rows["variant"] == "all")]
    past = rows[(rows["scenario"] == baseline) & (rows["year"] < horizon)]
    now = past["year"].max()
    for target in dict.fromkeys(rows["target"]):
        here = past[(past["target"] == target) & (past["year"] == now)]
        parts = share[(share["target"] == target) & (share["year"] == now) & (share["scenario"] == baseline)]
        actors = list(dict.fromkeys(here["actor"]))
        print_table(
            f"Ties capacity on {target}, {now} (0 to 1; `no value` = too little is known)",
            ["power", *_LEVELS, "share of all"],
            [[a, *(_cell(here, actor=a, variant=level) for level in _LEVELS), _cell(parts, actor=a)] for a in actors],
        )
    first = answer.claims[0].claim.partition(":")[0] if answer.claims else rows["actor"].iloc[0]
    for target in dict.fromkeys(rows["target"]):
        mine = rows[(rows["actor"] == first) & (rows["target"] == target)]
        years = sorted(set(mine.loc[(mine["scenario"] == baseline) & (mine["year"] < horizon), "year"]))
        history = [
            [str(y), *(_cell(mine, year=y, variant=level, scenario=baseline) for level in _LEVELS)] for y in years
        ]
        future = [
            [f"{horizon}, {s}", *(_cell(mine, year=horizon, variant=level, scenario=s) for level in _LEVELS)]
            for s in dict.fromkeys(mine.loc[mine["year"] == horizon, "scenario"])
        ]
        print_table(f"Ties capacity of {first} on {target}", ["year", *_LEVELS], history + future)
    compliance = answer.compliance
    print_table(
        "Observed compliance: what targets did when pressed (episodes; never added to ties)",
        ["sender", "target", "period", "kind", "defied", "partly", "complied", "unclear"],
        [[str(cell) for cell in row[:8]] for row in compliance.itertuples(index=False)],
    )
    typer.echo("\nClaims, tested (share of draws in which they hold):")
    for claim in answer.claims:
        holds = "unknown" if claim.share != claim.share else f"{claim.share:.0%}"
        typer.echo(f"  {claim.claim}: {holds}; whatever is missing: {claim.whatever:.0%}.")
        typer.echo(f"    Fails if: {claim.fails_if}.")
    typer.echo("\nA bend in 2022?")
    for line in answer.trends:
        typer.echo(f"  {line}")
    typer.echo("")
    for note in answer.notes:
        typer.echo(note)


def _cell(rows: Any, **key: object) -> str:
    for column, value in key.items():
        rows = rows[rows[column] == value]
    if rows.empty:
        return ""
    row = rows.iloc[0]
    value = "no value" if row["value"] != row["value"] else number(row["value"], digits=2)
    return f"{value} ({number(row['low'], digits=2)} to {number(row['high'], digits=2)})"
