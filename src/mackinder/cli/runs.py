"""``run``, ``compare`` and ``report``: the main job and its results."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mackinder.cli.options import AllowUnsolved, Draws, Horizon, Model, Out, Reexports, Seed, Threads
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
    from collections.abc import Callable

    from mackinder.archive import Run
    from mackinder.case import Case

__all__ = ["compare_command", "report_command", "run_command"]

#: scenarios beside each other in a terminal
_SCENARIOS_WIDE = 4
_STAGES = {
    "scenarios": "applying the scenarios",
    "network": "building the network of every scenario and year",
    "routes": "finding the routes of every pair of zones (kept for the next run)",
    "prices": "drawing prices",
    "loading": "solving routes, capacities and trade, draw by draw",
    "indicators": "measuring",
}


def run_command(
    case: CaseName = DEFAULT_CASE,
    scenario: Scenarios = None,
    as_of: AsOf = None,
    draws: Draws = 80,
    seed: Seed = 0,
    model: Model = "trade",
    strategy: Annotated[
        bool,
        typer.Option(
            "--strategy/--no-strategy", help="Levers, power, ties, deals, timeline, claims and scores as well."
        ),
    ] = True,
    ablated: Annotated[
        bool, typer.Option("--ablation", help="Count which conclusions survive from simpler models (minutes more).")
    ] = False,
    reexports: Reexports = None,
    horizon: Horizon = None,
    allow_unsolved: AllowUnsolved = False,
    out: Out = None,
    threads: Threads = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run scenarios of a case: flows, cost, revenue and control, with 90 % intervals. The main job."""
    say = narrator(quiet)
    say(f"reading {case}")
    from mackinder.archive import write_run
    from mackinder.ensemble import run
    from mackinder.ensemble.options import with_options
    from mackinder.ensemble.unsolved import refuse_unsolved
    from mackinder.errors import UsageError
    from mackinder.report import report_of_run
    from mackinder.report.tested import EVIDENCE, write_evidence
    from mackinder.scenario import read_vintage

    if ablated and not strategy:
        msg = "--ablation adds to what --strategy writes: leave out --no-strategy"
        raise UsageError(msg)
    vintage = with_options(read_vintage(case, as_of), reexports=reexports, horizon=horizon)
    result = run(
        vintage,
        scenario,
        draws=draws,
        seed=seed,
        threads=threads,
        model=model,
        allow_unsolved=True,
        narrate=lambda stage: say(_STAGES[stage]),
    )
    if strategy:
        result = _with_strategy(result, vintage, threads, say, ablated=ablated)
    folder = out or Path("out") / vintage.name
    say(f"writing {folder}")
    result = write_run(result, folder)
    put = write_evidence(result, vintage, EVIDENCE if strategy else (), narrate=lambda part: say(f"adding {part}"))
    content, report = report_of_run(result, vintage, folder / "report.html")
    say("done")
    if as_json:
        print_json("mackinder.run/1", _as_json(result, report, list(content.answer)))
        if not allow_unsolved:
            refuse_unsolved(result.manifest["equilibrium"])
        return
    typer.echo(content.title)
    for sentence in content.answer:
        typer.echo(f"  {sentence}")
    typer.echo("")
    _print_corridors(result, _told_as_ranges(result, vintage))
    typer.echo(f"\nReport:  {report}")
    typer.echo(
        f"Tables:  {folder}/results.parquet, flows.parquet, routes.parquet; draws.parquet, strategy.parquet, manifest.json"
    )
    if put:
        names = ", ".join(f"{name}.json" for name in put)
        typer.echo(f"Tested:  {folder}/{names} (all in the report)")
    newest = result.manifest["newest_evidence"]
    typer.echo(f"Evidence to {newest}; {draws} draws, seed {seed}; median and 90 % interval. Ask further with:")
    typer.echo(
        "  mackinder compare, mackinder route, mackinder show, mackinder scenarios, mackinder check   (each with --help)"
    )
    if not allow_unsolved:
        refuse_unsolved(result.manifest["equilibrium"])


def _with_strategy(
    result: Run, vintage: Case, threads: int | None, say: Callable[[str], None], *, ablated: bool
) -> Run:  # fmt: skip
    """Add levers, power, ties, deals and the timeline, for the baseline and the first other scenario."""
    import dataclasses
    import os

    from mackinder.ensemble.annexes import strategy_rows
    from mackinder.scenario import apply, read_scenario

    baseline = result.manifest["baseline"]
    others = [name for name in result.manifest["scenarios"] if name != baseline]
    cases = {name: apply(vintage, read_scenario(name, vintage)) for name in (baseline, *others[:1])}
    rows = strategy_rows(
        result,
        vintage,
        cases,
        threads=threads or os.cpu_count() or 1,
        ablated=ablated,
        narrate=lambda part: say(f"adding {part}"),
    )
    return dataclasses.replace(result, strategy=rows if len(rows) else None)


def _as_json(result: Run, report: Path, answer: list[str]) -> dict[str, Any]:
    return {
        "folder": str(result.folder),
        "report": str(report),
        "answer": answer,
        "manifest": dict(result.manifest),
        "results": result.results.to_dict("records"),
    }


def _told_as_ranges(result: Run, vintage: Case) -> frozenset[str]:
    """Scenarios of war: no middle and no decimals (convention C161)."""
    from mackinder.scenario import read_scenario

    return frozenset(name for name in result.manifest["scenarios"] if read_scenario(name, vintage).range_only)


def _print_corridors(result: Run, ranges: frozenset[str]) -> None:
    year = result.manifest["horizon_year"]
    rows = result.results.query("indicator == 'corridor_flow' and goods == '' and variant == '' and year == @year")
    columns = (rows[c].tolist() for c in ("asset", "scenario", "value", "low", "high"))
    cell = {
        (asset, scenario): number(*span, range_only=scenario in ranges)
        for asset, scenario, *span in zip(*columns, strict=True)
    }
    scenarios = list(result.manifest["scenarios"])
    labels = result.manifest["corridor_labels"]
    wide = _SCENARIOS_WIDE if sys.stdout.isatty() else len(scenarios)
    for at in range(0, len(scenarios), wide):
        part = scenarios[at : at + wide]
        print_table(
            f"Freight by corridor in {year}, Mt a year",
            ["corridor", *part],
            [
                [labels[asset], *(cell[asset, s] for s in part)]
                for asset in sorted({a for a, _ in cell}, key=labels.get)
            ],
        )


def compare_command(
    first: Annotated[str, typer.Argument(metavar="A", help="Scenario to compare with.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Scenario to look at.")],
    case: Annotated[str, typer.Option("--case", "-c", help="Folder or name of a case.")] = DEFAULT_CASE,
    as_of: AsOf = None,
    draws: Draws = 200,
    seed: Seed = 0,
    model: Model = "trade",
    reexports: Reexports = None,
    horizon: Annotated[
        str | None,
        typer.Option(
            "--horizon",
            help="long: trade answers in full; short: as in the first year; both: beside each other. As the case says.",
        ),
    ] = None,
    threads: Threads = None,
    most: Annotated[int, typer.Option("--most", help="Rows a table.")] = 15,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what differs between two scenarios: first their inputs, then their results, B minus A, draw by draw."""
    say = narrator(quiet)
    from mackinder.archive import beside, compare
    from mackinder.ensemble import run
    from mackinder.ensemble.options import asked_horizons, with_options
    from mackinder.scenario import apply, diff, read_scenario, read_vintage

    vintage = with_options(read_vintage(case, as_of), reexports=reexports)
    horizons = asked_horizons(vintage, horizon, model=model)
    runs = {}
    for name in horizons:
        if len(horizons) > 1:
            say(f"trade in the {name} run")
        runs[name] = run(
            vintage, [first, second], draws=draws, seed=seed, threads=threads, model=model, horizon=name,
            narrate=lambda stage: say(_STAGES[stage]),
        )  # fmt: skip
    result = runs[horizons[0]]
    inputs = [item.text for item in diff(*(apply(vintage, read_scenario(name, vintage)) for name in (first, second)))]
    table = compare(result, first, second)
    if len(runs) > 1:
        table = beside(table, compare(runs[horizons[1]], first, second), horizons[1])
    if as_json:
        print_json(
            "mackinder.compare/1",
            {"first": first, "second": second, "horizons": list(horizons), "inputs": inputs,
             "results": table.to_dict("records")},
        )  # fmt: skip
        return
    typer.echo(f"{second} differs from {first} in its inputs by:")
    for line in inputs or ["nothing"]:
        typer.echo(f"  {line}")
    _print_comparison(table, result, first, second, most, horizons, _told_as_ranges(result, vintage))
    typer.echo(_words_of(horizons, model))


def _words_of(horizons: tuple[str, ...], model: str) -> str:
    if model != "trade":
        return "Demand is given: there is no short or long run of trade."
    if len(horizons) > 1:
        return (
            "Medians of the two scenarios are those of the long run; both runs have the same draws (convention C162)."
        )
    return f"Trade in the {horizons[0]} run; `--horizon both` puts the other beside it."


def _print_comparison(
    table: Any, result: Run, first: str, second: str, most: int, horizons: tuple[str, ...], ranges: frozenset[str]
) -> None:  # fmt: skip
    from mackinder.indicators.measure import catalogue

    year, focus = result.manifest["horizon_year"], result.manifest["focus"]
    whole = table["goods"].eq("") | table["indicator"].str.startswith("pair_")
    told = table["detectable"] | table["detectable_short"] if len(horizons) > 1 else table["detectable"]
    shown = table[(table["year"] == year) & told & whole]
    shown = shown[shown["target"].isin(["", *focus]) & shown["actor"].isin(["", *focus])]
    for indicator, entry in catalogue().items():
        rows = shown[shown["indicator"] == indicator]
        if rows.empty:
            continue
        order = rows["value"].abs().sort_values(ascending=False).index[:most]
        print_table(
            f"{entry.label} in {year}, {entry.unit}",
            ["of", first, second, *_heads(horizons)],
            [
                [
                    _subject(r),
                    number(r.first, range_only=first in ranges),
                    number(r.second, range_only=second in ranges),
                    *_differences(r, horizons, range_only=bool(ranges)),
                ]
                for r in rows.loc[order].itertuples(index=False)
            ],
            note=f"{len(rows) - len(order)} more rows: --most" if len(rows) > len(order) else "",
        )
    hidden = int((~told[table["year"] == year]).sum())
    typer.echo(
        f"\n{hidden} other numbers show no detectable change: their 90 % interval holds zero, or they are equal."
    )


def _heads(horizons: tuple[str, ...]) -> list[str]:
    if len(horizons) == 1:
        return ["difference (90 % interval)"]
    return [f"difference, {name} run (90 % interval)" for name in horizons]


def _differences(row: Any, horizons: tuple[str, ...], *, range_only: bool) -> list[str]:
    if len(horizons) == 1:
        return [number(row.value, row.low, row.high, range_only=range_only)]
    spans = ((row.value, row.low, row.high), (row.value_short, row.low_short, row.high_short))
    known = (row.detectable, row.detectable_short)
    return [
        number(*span, range_only=range_only)
        if seen or span[0] != span[0]
        else f"no detectable change: {number(*span, range_only=range_only)}"
        for span, seen in zip(spans, known, strict=True)
    ]


def _subject(row: Any) -> str:
    who = f"{row.actor} over {row.target}" if row.actor and row.target else row.actor or row.target
    return ", ".join(part for part in (row.asset, who, row.variant, row.goods) if part)


def report_command(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    case: Annotated[
        str | None, typer.Option("--case", "-c", help="Case of the run, if it is not a packaged one.")
    ] = None,
    headline: Annotated[str, typer.Option("--headline", help="Scenario to show beside the baseline.")] = "",
    names: Annotated[
        str, typer.Option("--names", help="Names of places: neutral, armenian or azerbaijani.")
    ] = "neutral",
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; report.html in the folder if not given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the report of a run again, with another headline or other names."""
    from mackinder.archive import read_run
    from mackinder.report import report_of_run
    from mackinder.scenario import read_vintage

    result = read_run(folder)
    vintage = read_vintage(case or result.manifest["case"], result.manifest["newest_evidence"])
    _, report = report_of_run(result, vintage, out or folder / "report.html", headline=headline, names=names)
    if as_json:
        print_json("mackinder.report/1", {"report": str(report)})
        return
    typer.echo(str(report))
