"""``ablation``: which conclusions survive from routes alone to capacity and to trade."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mackinder.cli.options import Draws, Seed, Threads
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

__all__ = ["ablation_command"]

_MODELS = {
    "routes": "routes alone",
    "capacity": "+ capacity",
    "trade-short": "+ trade, short run",
    "trade": "+ trade, long run",
}


def ablation_command(
    case: CaseName = DEFAULT_CASE,
    scenario: Scenarios = None,
    target: Annotated[
        list[str] | None,
        typer.Option("--target", help="Actor whose trade and welfare are looked at; may be repeated."),
    ] = None,
    as_of: AsOf = None,
    draws: Draws = 20,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Put the headline changes under routes alone, with capacity and with trade beside each other: what survives."""
    say = narrator(quiet)
    say(f"reading {case}")
    from mackinder.ensemble import VERDICTS, ablation
    from mackinder.scenario import read_vintage

    answer = ablation(
        read_vintage(case, as_of), scenario, draws=draws, seed=seed, threads=threads, targets=target,
        narrate=lambda model: say(f"solving {_MODELS[model]}"),
    )  # fmt: skip
    rows: list[dict[str, Any]] = [{str(k): v for k, v in row.items()} for row in answer.table.to_dict("records")]
    if as_json:
        print_json(
            "mackinder.ablation/1",
            {
                "baseline": answer.baseline,
                "year": answer.year,
                "models": list(answer.models),
                "verdicts": dict(VERDICTS),
                "rows": rows,
            },
        )
        return
    from mackinder.indicators.measure import catalogue

    for name in dict.fromkeys(row["scenario"] for row in rows):
        mine = [row for row in rows if row["scenario"] == name]
        shown = [row for row in mine if row["verdict"] != "none"]
        print_table(
            f"{name} minus {answer.baseline} in {answer.year}",
            ["change of", "unit", *(_MODELS[m] for m in answer.models), "conclusion"],
            [
                [_subject(row, catalogue()[row["indicator"]].label), row["unit"],
                 *(_cell(row, m) for m in answer.models), row["verdict"]]
                for row in shown
            ],
            note=f"{len(mine) - len(shown)} others show no detectable change in any model",
        )  # fmt: skip
    for verdict, meaning in VERDICTS.items():
        count = sum(row["verdict"] == verdict for row in rows)
        typer.echo(f"{verdict}: {count} ({meaning})")
    typer.echo(
        f"Evidence to {answer.newest_evidence}; {draws} draws, seed {seed}; median and 90 % interval of the difference, draw by "
        "draw. No detectable change: the interval holds zero. Routes are sought anew where capacity binds, so that models "
        "differ in their routes too."
    )


def _subject(row: dict[str, Any], label: str) -> str:
    who = f"{row['actor']} over {row['target']}" if row["actor"] and row["target"] else row["actor"] or row["target"]
    return ", ".join(part for part in (label, row["asset"], who) if part)


def _cell(row: dict[str, Any], model: str) -> str:
    value = row[model]
    if value != value:
        return "not in this model"
    text = number(value, row[f"{model}_low"], row[f"{model}_high"])
    return text if row[f"{model}_sign"] else f"no detectable change: {text}"
