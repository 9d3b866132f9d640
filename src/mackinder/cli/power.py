"""``power``: the transit game of a target's trade; all solutions beside each other, short run and with investment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from mackinder.case import Case
    from mackinder.indicators.casepower import PowerAnswer

__all__ = ["power_command"]

_MILLION = 1e6
_RUNS = ("short run", "with investment")


def power_command(
    case: CaseName = DEFAULT_CASE,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target", help="Whose trade: an actor, or all; may be repeated. The first of the focus if not given."
        ),
    ] = None,
    scenario: Scenarios = None,
    year: Annotated[
        int | None, typer.Option("--year", help="Year, as it stands on 1 July; the horizon year if not given.")
    ] = None,
    players: Annotated[
        list[str] | None,
        typer.Option(
            "--players",
            metavar="WHO=WHAT",
            help="ACTOR=player, ACTOR=contractor, UNION=many, A+B=bloc; may be repeated.",
        ),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option", help="Project that may be built; may be repeated. Those that would carry most if not given."
        ),
    ] = None,
    most: Annotated[int, typer.Option("--most", help="Players; core and nucleolus are computed up to 12.")] = 9,
    as_of: AsOf = None,
    draws: Draws = 20,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say who has how much power over a target's trade, by all solutions; and who gains if something is built."""
    say = narrator(quiet)
    say(f"reading {case}")
    from mackinder.indicators.casepower import power_answer, power_rows, read_definitions
    from mackinder.scenario import apply, read_scenario, read_vintage

    vintage = read_vintage(case, as_of)
    settings = vintage.settings
    answers = []
    for name in scenario or [settings.baseline]:
        changed = apply(vintage, read_scenario(name, vintage))
        for whose in target or [_first_target(vintage)]:
            say(f"playing the game of {whose} under {name} (routes are kept for the next time)")
            answers.append(
                power_answer(
                    changed, name, year or settings.horizon_year, target=whose if whose == "all" else whose.upper(),
                    definitions=read_definitions(players or []), options=option or None, most=most, draws=draws, seed=seed,
                    threads=threads or os.cpu_count() or 1,
                )
            )  # fmt: skip
    say("done")
    if as_json:
        games = [_as_json(answer) | {"rows": power_rows(answer).to_dict("records")} for answer in answers]
        print_json(
            "mackinder.power/1",
            {"case": vintage.name, "newest_evidence": str(settings.newest_evidence), "games": games},
        )
        return
    for answer in answers:
        _print(answer)
    typer.echo(
        "Million USD a year above what nobody's cooperation leaves. Shapley and Banzhaf: median and 90 % interval over "
        f"{draws} draws; nucleolus and core at central values. They answer different questions, are not merged, and assume "
        "side payments and that outsiders do not react (conventions C68 to C70)."
    )
    typer.echo(f"Evidence to {settings.newest_evidence}; seed {seed}.")


def _first_target(case: Case) -> str:
    tied = set(case.table("ties")["target"])
    return next((actor for actor in case.settings.focus if actor in tied), case.settings.focus[0])


def _print(answer: PowerAnswer) -> None:
    import numpy as np

    for r, game in enumerate((answer.short, answer.invested)):
        table = []
        for i, player in enumerate(answer.players):
            spans = [
                number(*(np.quantile(drawn[:, i], [0.5, 0.05, 0.95]) / _MILLION))
                for drawn in (
                    answer.shapley[r],
                    answer.partner[r],
                    answer.shapley[r] - answer.partner[r],
                    answer.banzhaf[r],
                )
            ]
            nucleolus = "" if game.nucleolus is None else number(game.nucleolus[i] / _MILLION)
            core = ""
            if game.core is not None:
                core = (
                    "empty"
                    if game.core.empty
                    else f"{number(game.core.low[i] / _MILLION)} to {number(game.core.high[i] / _MILLION)}"
                )
            table.append([player, *spans, nucleolus, core])
        whose = "all trade" if answer.target == "all" else f"the trade of {answer.target}"
        print_table(
            f"Power over {whose}, {answer.scenario}, {answer.year}, {_RUNS[r]}: {number(game.values[-1] / _MILLION)} in all",
            ["player", "Shapley", "of it as partner", "in transit", "Banzhaf", "nucleolus", "core"],
            table,
        )
        kind = "superadditive" if game.superadditive else "not superadditive"
        typer.echo(f"The game is {kind}{', convex' if game.convex else ''}. {' '.join(f'{n}.' for n in game.notes)}")
    for option in answer.options:
        cost = float(np.median(option.annual_cost)) / _MILLION
        built = "all together build it" if option.built_by_all else "not worth its cost to all together"
        who = " and ".join(option.sponsors) or "anybody"
        typer.echo(f"  {option.project}: {number(cost)} a year, built by {who}; {built}")
    if answer.unasked:
        typer.echo(f"Not asked, taken to agree: {' '.join(answer.unasked)}.")
    for note in answer.notes:
        typer.echo(f"{note}.")


def _as_json(answer: PowerAnswer) -> dict[str, Any]:
    def game(which: Any) -> dict[str, Any]:
        return {
            "worth_usd": float(which.values[-1]),
            "superadditive": which.superadditive,
            "convex": which.convex,
            "nucleolus_usd": None if which.nucleolus is None else which.nucleolus.tolist(),
            "prenucleolus_usd": None if which.prenucleolus is None else which.prenucleolus.tolist(),
            "core_usd": None
            if which.core is None
            else {"empty": which.core.empty, "low": which.core.low.tolist(), "high": which.core.high.tolist()},
            "notes": list(which.notes),
        }

    return {
        "scenario": answer.scenario,
        "target": answer.target,
        "year": answer.year,
        "players": list(answer.players),
        "not_asked": list(answer.unasked),
        "options": [
            {
                "project": o.project,
                "label": o.label,
                "annual_cost_usd": sorted(o.annual_cost.tolist())[len(o.annual_cost) // 2],
                "sponsors": list(o.sponsors),
                "built_by_all": o.built_by_all,
            }
            for o in answer.options
        ],
        "short_run": game(answer.short),
        "with_investment": game(answer.invested),
        "notes": list(answer.notes),
    }
