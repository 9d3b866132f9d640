"""``why``: what a number of a run rests on: inputs that decide it, facts and estimates behind it, and how scenarios compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mackinder.cli.output import Json, print_json, print_table
from mackinder.cli.whytext import print_why

if TYPE_CHECKING:
    from mackinder.archive import Run
    from mackinder.ensemble.answer import WhyAnswer

__all__ = ["why_command"]


def why_command(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run or a sweep.")],
    indicator: Annotated[
        str, typer.Argument(metavar="[INDICATOR]", help="Such as corridor_flow or pair_cost; none: list them.")
    ] = "",
    scenario: Annotated[
        str | None, typer.Option("--scenario", "-s", help="Scenario; the baseline if not given.")
    ] = None,
    variant: Annotated[str | None, typer.Option("--variant", help="Such as minus-baseline.")] = None,
    year: Annotated[int | None, typer.Option("--year", help="Year; the horizon year if not given.")] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="Actor of the number.")] = None,
    target: Annotated[str | None, typer.Option("--target", help="Target of the number.")] = None,
    goods: Annotated[str | None, typer.Option("--goods", help="Goods class; all goods if not given.")] = None,
    asset: Annotated[str | None, typer.Option("--asset", help="Corridor, link, pair or project of the number.")] = None,
    better: Annotated[
        str | None,
        typer.Option("--better", help="more, less or none: what is better, for regret. Less of costs if not given."),
    ] = None,
    conditions: Annotated[
        bool, typer.Option("--conditions", help="Say as well under which conditions it lies in its upper quarter.")
    ] = False,
    above: Annotated[
        float | None, typer.Option("--above", help="Conditions under which it lies above this number.")
    ] = None,
    below: Annotated[
        float | None, typer.Option("--below", help="Conditions under which it lies below this number.")
    ] = None,
    most: Annotated[int, typer.Option("--most", help="Rows of the table of what it rests on; --json has all.")] = 15,
    case: Annotated[
        str | None, typer.Option("--case", "-c", help="Case of the run, if it is not a packaged one.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what a number rests on: which inputs decide it, the facts and estimates behind, and how scenarios compare."""
    from mackinder.archive import read_run
    from mackinder.ensemble.answer import answer_why
    from mackinder.scenario import read_vintage

    run = read_run(folder)
    if not indicator:
        _print_indicators(run, as_json=as_json)
        return
    vintage = read_vintage(case or run.manifest["case"], run.manifest["newest_evidence"])
    answer = answer_why(
        run,
        vintage,
        indicator,
        {
            "scenario": scenario or run.manifest["baseline"],
            "variant": variant,
            "year": year,
            "actor": actor,
            "target": target,
            "goods": goods,
            "asset": asset,
        },
        better=better,
        conditions=conditions,
        above=above,
        below=below,
    )
    if as_json:
        print_json("mackinder.why/2", _as_json(answer))
        return
    print_why(answer, dict(run.manifest), most=most)


def _as_json(answer: WhyAnswer) -> dict[str, Any]:
    import dataclasses

    found = answer.found
    content: dict[str, Any] = {"key": dict(answer.key), "notes": list(answer.notes)}
    if found is not None:
        frames = ("inputs", "blocks", "switches", "effects", "convergence")
        content |= {name: getattr(found, name).to_dict("records") for name in frames}
        content |= {"explained": found.explained, "least": found.least, "conditions": found.conditions}
    return content | {
        "origins": [dataclasses.asdict(item) for item in answer.origins],
        "aim": answer.aim,
        "scenarios": answer.scenarios.to_dict("records"),
        "rests_on": answer.grounds.table.to_dict("records"),
        "rests_on_too": answer.grounds.rest,
        "facts": answer.grounds.facts.to_dict("records"),
    }


def _print_indicators(run: Run, *, as_json: bool) -> None:
    """List what can be asked for."""
    from mackinder.indicators.measure import catalogue

    known = catalogue()
    counts = dict(run.results["indicator"].value_counts())
    if run.strategy is not None:
        counts |= dict(run.strategy["indicator"].value_counts())
    rows = [[name, entry.label, entry.unit, f"{counts[name]:,}"] for name, entry in known.items() if name in counts]
    if as_json:
        names = ("indicator", "label", "unit", "numbers")
        print_json("mackinder.why/2", {"indicators": [dict(zip(names, row, strict=True)) for row in rows]})
        return
    print_table(
        "Indicators of this run", ["indicator", "what", "unit", "numbers"], rows,
        note="ask with: mackinder why RUN INDICATOR [--scenario S] [--asset …] [--actor …] [--target …]",
    )  # fmt: skip
