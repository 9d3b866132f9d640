"""``sweep``: the chain over thousands of futures, on this machine or a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mackinder.cli.output import DEFAULT_CASE, AsOf, CaseName, Json, Quiet, Scenarios, narrator, print_json

if TYPE_CHECKING:
    from mackinder.archive import Run

__all__ = ["sweep_command"]

_STAGES = {
    "scenarios": "applying the scenarios",
    "network": "building the network of every scenario and year",
    "routes": "finding the routes of every pair of zones (kept for the next run)",
}


def sweep_command(
    case: CaseName = DEFAULT_CASE,
    scenario: Scenarios = None,
    as_of: AsOf = None,
    draws: Annotated[
        int, typer.Option("--draws", help="Draws (lhs), base points (sobol, a power of two) or trajectories (morris).")
    ] = 256,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the draws.")] = 0,
    model: Annotated[str, typer.Option("--model", help="trade, capacity or routes.")] = "trade",
    design: Annotated[str, typer.Option("--design", help="lhs, sobol or morris.")] = "lhs",
    factor: Annotated[
        list[str] | None,
        typer.Option(
            "--factor", metavar="[NAME=]PATTERN", help="Inputs that are a factor of their own; may be repeated."
        ),
    ] = None,
    switch: Annotated[
        list[str] | None,
        typer.Option(
            "--switch",
            metavar="NAME[=OPTION,...]",
            help="Switch to sample: model, closing, standing, dispersion, reexports, horizon or players; may be repeated.",
        ),
    ] = None,
    correlate: Annotated[
        list[str] | None,
        typer.Option("--correlate", metavar="INPUT,INPUT=RHO", help="Correlation of two inputs; may be repeated."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="INDICATOR", help="Keep only this indicator; may be repeated."),
    ] = None,
    executor: Annotated[
        str,
        typer.Option(
            "--executor", help="local, dask (a cluster started here), or the address of a scheduler (tcp://…)."
        ),
    ] = "local",
    workers: Annotated[
        int | None,
        typer.Option("--workers", help="Workers; as many as cores if not given. Results do not depend on it."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the finished chunks of --out.")] = False,
    most_failed: Annotated[float, typer.Option("--most-failed", help="Share of draws that may fail.")] = 0.02,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the sweep; out/<case>-sweep if not given.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run scenarios over thousands of draws, chunk by chunk; a sweep that was stopped goes on with --resume."""
    say = narrator(quiet)
    say(f"reading {case}")
    from mackinder.ensemble.sweeping import sweep
    from mackinder.scenario import read_vintage

    vintage = read_vintage(case, as_of)
    folder = out or Path("out") / f"{vintage.name}-sweep"
    result = sweep(
        vintage,
        scenario,
        out=folder,
        draws=draws,
        seed=seed,
        model=model,
        design=design,
        factors=factor or (),
        switches=switch or (),
        correlations=dict(map(_correlation, correlate or ())),
        keep=keep or (),
        executor=executor,
        workers=workers,
        resume=resume,
        most_failed=most_failed,
        narrate=lambda text: say(_STAGES.get(text, text)),
    )
    say("done")
    if as_json:
        print_json("mackinder.sweep/1", {"folder": str(folder), "manifest": dict(result.manifest)})
        return
    _print(result, folder)


def _correlation(text: str) -> tuple[tuple[str, str], float]:
    from mackinder.errors import UsageError

    pair, _, number = text.rpartition("=")
    first, comma, second = pair.partition(",")
    try:
        return (first.strip(), second.strip() if comma else ""), float(number)
    except ValueError:
        msg = f"--correlate {text}: write it as INPUT,INPUT=RHO, such as trade/rus-arm,trade/arm-rus=0.6"
        raise UsageError(msg) from None


def _print(result: Run, folder: Path) -> None:
    m = result.manifest
    found, about = m["equilibrium"], m["sweep"]
    typer.echo(
        f"{m['draws']:,} draws of {len(m['scenarios'])} scenarios, {len(result.results):,} numbers, design {about['design']}"
    )
    typer.echo(
        f"  solved to {found['tolerance']:.0e}: {found['solved']:,}; less exactly: {found['not_solved']:,}; "
        f"failed: {found['failed']:,}"
    )
    if about["switches"] != [{}]:
        typer.echo(f"  {len(about['switches'])} combinations of switches, equally often")
    typer.echo(
        f"\nTables:  {folder}/results.parquet, flows.parquet, routes.parquet, draws.parquet; "
        "futures.parquet says how each draw went"
    )
    typer.echo(f"Evidence to {m['newest_evidence']}; seed {m['seed']}; median and 90 % interval. Ask further with:")
    typer.echo(f"  mackinder why {folder} INDICATOR     what decides a number, and under which conditions it is high")
    typer.echo(f"  mackinder report {folder}            the page of this sweep")
