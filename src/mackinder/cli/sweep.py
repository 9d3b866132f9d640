"""``sweep``: the chain over thousands of futures, on this machine or a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mackinder.cli.options import Model, Seed
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
    from mackinder.archive import Run

__all__ = ["sweep_command"]

#: corridors shown a scenario
_CORRIDORS = 3

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
    seed: Seed = 0,
    model: Model = "trade",
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
    strategy: Annotated[
        bool,
        typer.Option("--strategy/--no-strategy", help="Levers, power, ties of every scenario, and claims, as well."),
    ] = True,
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
    from mackinder.report.tested import write_evidence
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
        strategy=strategy,
        narrate=lambda text: say(_STAGES.get(text, text)),
    )
    write_evidence(result, vintage, ("claims",) if strategy else (), narrate=lambda part: say(f"judging {part}"))
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
    if about["beside"] and result.strategy is not None:
        own = ", ".join(f"{name} {part['draws']:,}" for name, part in about["beside"].items())
        typer.echo(f"  beside it {len(result.strategy):,} numbers of other models, draws each: {own}")
    _print_corridors(result)
    more = ", strategy.parquet" if result.strategy is not None else ""
    typer.echo(
        f"\nTables:  {folder}/results.parquet, flows.parquet, routes.parquet, draws.parquet{more}; "
        "futures.parquet says how each draw went"
    )
    typer.echo(f"Evidence to {m['newest_evidence']}; seed {m['seed']}; median and 90 % interval. Ask further with:")
    typer.echo(f"  mackinder why {folder}               which indicators there are")
    typer.echo(f"  mackinder why {folder} INDICATOR     what decides a number, what it rests on, how scenarios compare")
    typer.echo(f"  mackinder report {folder}            the page of this sweep")


def _print_corridors(result: Run) -> None:
    """Print what each scenario does to the corridors: the first answer to why one asked."""
    m = result.manifest
    rows = result.results[
        result.results["indicator"].eq("corridor_flow") & result.results["goods"].eq("")
        & result.results["variant"].eq("minus-baseline") & result.results["year"].eq(m["horizon_year"])
    ]  # fmt: skip
    rows = rows[(rows["low"] > 0) | (rows["high"] < 0)]
    rows = rows.assign(size=rows["value"].abs()).sort_values(["size", "asset"], ascending=[False, True])
    rows = rows.groupby("scenario", sort=False).head(_CORRIDORS)
    labels, known = m["scenario_labels"], m["corridor_labels"]
    shown = [
        [str(labels.get(s, s)), str(known.get(r.asset, r.asset)), number(r.value, r.low, r.high)]
        for s in m["scenarios"]
        for r in rows[rows["scenario"] == s].itertuples(index=False)
    ]
    if shown:
        print_table(
            f"Corridors that each scenario moves most in {m['horizon_year']}, Mt a year against the baseline",
            ["scenario", "corridor", "change (90 % interval)"],
            shown,
            note=f"at most {_CORRIDORS} a scenario, and only those whose interval leaves zero out",
        )
