"""``timeline``: when a treaty may be signed and a corridor open, by world; war and collapse as ranges; base rates beside all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mackinder.cli.options import Seed
from mackinder.cli.output import DEFAULT_CASE, AsOf, CaseName, Json, Quiet, narrator, number, print_json, print_table

if TYPE_CHECKING:
    from mackinder.strategy.timelineanswer import TimelineAnswer

__all__ = ["timeline_command"]

_SHOWN = 8


def timeline_command(
    case: CaseName = DEFAULT_CASE,
    scenario: Annotated[
        list[str] | None,
        typer.Option("--scenario", "-s", help="Scenario or world of process.toml; may be repeated. All if not given."),
    ] = None,
    run: Annotated[
        Path | None, typer.Option("--run", help="Folder of a run: gives the flow that an open corridor would carry.")
    ] = None,
    as_of: AsOf = None,
    draws: Annotated[int, typer.Option("--draws", help="Draws of rates and effects; at least 20.")] = 200,
    seed: Seed = 0,
    analogues: Annotated[
        bool, typer.Option("--analogues/--no-analogues", help="Leave each reference case out in turn (takes longer).")
    ] = True,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show when each step of the peace process may come, under each scenario; how often it did before; what would change it."""
    say = narrator(quiet)
    say(f"reading {case}")
    from mackinder.archive import read_run
    from mackinder.scenario import read_vintage
    from mackinder.strategy.timelineanswer import timeline_answer

    vintage = read_vintage(case, as_of)
    known = None if run is None else read_run(run)
    say("simulating the process in every world" + (" and without each reference case" if analogues else ""))
    answer = timeline_answer(
        vintage, scenarios=scenario, results=None if known is None else known.results,
        model_draws=None if known is None else known.draws.astype(float), draws=draws, seed=seed, analogues=analogues,
    )  # fmt: skip
    if as_json:
        print_json("mackinder.timeline/1", timeline_json(vintage.name, str(vintage.settings.newest_evidence), answer))
        return
    _print(answer)
    typer.echo(
        f"\nEvidence to {vintage.settings.newest_evidence}; {draws} draws of rates with {answer.paths} paths each, seed {seed}. "
        "Chances are opinions about classes of cases with their interval, not frequencies of this process, which happens once."
    )


def timeline_json(case: str, newest: str, answer: TimelineAnswer) -> dict[str, Any]:
    """Everything that the tables show, and more, as one document."""
    import dataclasses

    from mackinder.strategy.timelineanswer import timeline_rows

    return {
        "case": case,
        "newest_evidence": newest,
        "from": str(answer.day),
        "worlds": [{"id": w.id, "label": w.label, "scenario": w.scenario, "ground": w.ground} for w in answer.worlds],
        "rows": timeline_rows(answer).to_dict("records"),
        "base_rates": [
            {"milestone": b.milestone, "class": b.group, "happened": b.happened, "cases": b.cases}
            for b in answer.base.values()
        ],
        "analogues": [dataclasses.asdict(row) for row in answer.analogues],
        "what_it_would_take": [dataclasses.asdict(row) for row in answer.wanted],
        "commitment_problem": answer.spec.commitment_problem.strip(),
        "draws": answer.draws,
        "paths": answer.paths,
    }


def _share(span: Any, severe: bool) -> str:
    from mackinder.strategy.timelineanswer import whole_percent

    low, value, high = span
    if severe:
        bounds = whole_percent(low, high)
        return f"{bounds[0]} to {bounds[1]} %"
    return f"{value:.0%} ({low:.0%} to {high:.0%})"


def _beside(span: Any, base: Any, severe: bool) -> str:
    """Return a chance with its base rate."""
    known = _share(base, severe)
    return f"{_share(span, severe)}; base {known if severe else known.partition(' ')[0]}"


def _print(answer: TimelineAnswer) -> None:
    marks = answer.spec.milestone
    found = next(iter(answer.incidence.values()))
    at = int((found.years == answer.horizon).argmax())
    rows = []
    for world in answer.worlds:
        here = answer.incidence[world.id]
        rows.append([world.label, *(_share(here.interval(m.of)[:, at], m.severe) for m in marks)])
    base = [answer.base[m.id] for m in marks]
    rows.append(
        ["base rate of the class", *(_share(b.chance[:, at], m.severe) for b, m in zip(base, marks, strict=True))]
    )
    rows.append(["its cases", *(f"{b.happened} of {b.cases}" for b in base)])
    print_table(
        f"Chance by the end of {answer.horizon}, median and 90 % interval (war and collapse: range only)",
        ["world", *(m.label for m in marks)],
        rows,
    )
    first = answer.worlds[0]
    here = answer.incidence[first.id]
    years = [int(y) for y in here.years if y <= answer.horizon + 2]
    spans = {m.id: here.interval(m.of) for m in marks}
    print_table(
        f"By year: {first.label}",
        ["by the end of", *(m.label for m in marks)],
        [[str(y), *(_beside(spans[m.id][:, k], answer.base[m.id].chance[:, k], m.severe) for m in marks)]
         for k, y in enumerate(years)],
        note="In brackets the 90 % interval; after `base` what the class of reference cases alone would give.",
    )  # fmt: skip
    for world in answer.worlds:
        if world.id in answer.flow and answer.flow[world.id][2].max() > 0:
            flow = answer.flow[world.id]
            picked = [k for k, y in enumerate(here.years) if int(y) in (2030, answer.horizon, answer.spec.until_year)]
            text = ", ".join(f"{here.years[k]}: {number(flow[1, k], flow[0, k], flow[2, k])}" for k in picked)
            typer.echo(f"Traffic weighted by the chance of being open, Mt a year, {world.label}: {text}")
    if answer.analogues:
        print_table(
            f"Analogues that move the answer most if left out ({first.label}, by {answer.horizon}, percentage points)",
            ["case", "class", "likeness", "years", "happened", "opening", "signature"],
            [
                [a.label, a.group, f"{a.likeness:.1f}", f"{a.years:.1f}", "yes" if a.happened else "not yet or never",
                 f"{100 * a.move_opening:+.0f}", f"{100 * a.move_signature:+.0f}"]
                for a in answer.analogues[:_SHOWN]
            ],
        )  # fmt: skip
        typer.echo(
            "Analogues are chosen, not sampled: late projects and broken treaties are easier to find, and guarantors pick "
            "their cases."
        )
    labels = {step.id: step.label for step in answer.spec.step}
    typer.echo("\nWhat it would take:" if answer.wanted else "")
    for item in answer.wanted:
        mark = next(m for m in marks if m.id == item.milestone)
        if item.factor is None:
            typer.echo(
                f"  {mark.label} by {answer.horizon}: no single step, however fast or slow, turns the answer "
                f"(mean {item.chance:.0%})."
            )
        else:
            pace = (
                f"{number(item.factor)} times as fast"
                if item.factor > 1
                else f"{number(1 / item.factor)} times as slowly"
            )
            pace = "almost at once" if item.factor >= 100 else "hardly ever" if item.factor <= 0.01 else pace
            side = "more" if item.factor > 1 else "less"
            typer.echo(
                f"  {mark.label} by {answer.horizon} becomes {side} likely than not if "
                f"`{labels[item.step]}` comes {pace}."
            )
    typer.echo("\nThe commitment problem: " + " ".join(answer.spec.commitment_problem.split()))
