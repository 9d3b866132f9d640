"""``levers``: what a sender can do to a target, ranked; all headline pairs; or what can be done to a project."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mackinder.cli.options import Seed
from mackinder.cli.output import AsOf, Json, Quiet, Scenarios, narrator, number, print_json, print_table

if TYPE_CHECKING:
    from mackinder.case import Case
    from mackinder.indicators.concessions import ClaimTest
    from mackinder.indicators.leverclaims import LeverClaim
    from mackinder.indicators.leverproject import ProjectExposure
    from mackinder.indicators.leverrank import LeverAnswer, RankedLever
    from mackinder.indicators.pairclosing import ClosedTogether

__all__ = ["levers_command"]

_MILLION = 1e6
_RUN_WORDS = {"at_once": "at once", "short": "short run", "long": "long run"}


def levers_command(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Folder or name of a case.")],
    actor: Annotated[str | None, typer.Argument(metavar="[ACTOR", help="Who presses or gives.")] = None,
    target: Annotated[str | None, typer.Argument(metavar="TARGET]", help="Whom it is to move.")] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="PROJECT", help="What can be done to a project, corridor or tag instead."),
    ] = None,
    partner: Annotated[
        str | None, typer.Option("--with", metavar="ACTOR2", help="A second sender: joint effect beside both alone.")
    ] = None,
    scenario: Scenarios = None,
    year: Annotated[
        int | None, typer.Option("--year", help="Year, as it stands on 1 July; the horizon year if not given.")
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            help="trade: short and long run of trade that answers, under capacities (minutes); routes: at once only.",
        ),
    ] = "routes",
    search: Annotated[
        bool,
        typer.Option("--search", help="Search routes again with every lever used, not only past every actor: minutes."),
    ] = False,
    as_of: AsOf = None,
    draws: Annotated[int, typer.Option("--draws", help="Draws of costs, trade and sizes.")] = 20,
    seed: Seed = 0,
    threads: Annotated[int | None, typer.Option("--threads", help="Threads.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Rank levers by what the target loses, with cost to the sender, credibility, episodes, cushions and what would mitigate."""
    say = narrator(quiet)
    from mackinder.errors import UsageError, did_you_mean
    from mackinder.indicators.leverage import RUNS, LeverModel
    from mackinder.indicators.leverrank import headline_pairs, lever_answer
    from mackinder.scenario import read_vintage

    if model not in ("routes", "trade"):
        raise UsageError(did_you_mean(model, ("routes", "trade"), what="model"))
    if draws < 1:
        msg = f"draws is {draws}: at least one draw is needed"
        raise UsageError(msg)
    if (actor is None) != (target is None):
        msg = (
            "name both the actor and the target, as in `mackinder levers CASE RUS ARM`, or neither for the table of all"
        )
        raise UsageError(msg)
    if partner is not None and actor is None:
        msg = "--with names a second sender: name the first and the target before it"
        raise UsageError(msg)
    say(f"reading {case}")
    vintage = read_vintage(case, as_of)
    settings = vintage.settings
    runs = RUNS if model == "trade" else ("at_once",)
    choice = LeverModel(runs=runs, draws=draws, seed=seed, threads=threads or os.cpu_count() or 1, search=search)
    when = year or settings.horizon_year
    if on is not None:
        if model != "routes":
            msg = (
                "--on loads routes at given demand on free roads (C97), so --model trade changes nothing: leave it out"
            )
            raise UsageError(msg)
        from mackinder.indicators.leverproject import project_exposure

        exposure = project_exposure(vintage, on, when, choice, scenario=scenario[0] if scenario else None, narrate=say)
        say("done")
        if as_json:
            print_json("mackinder.levers-on/1", _exposure_json(vintage, exposure))
        else:
            _print_exposure(exposure)
        return
    if actor is None or target is None:
        pairs = headline_pairs(vintage)
    else:
        pairs = tuple((s.upper(), target.upper()) for s in (actor, partner) if s is not None)
    answer = lever_answer(vintage, scenario or [settings.baseline], when, pairs, choice, narrate=say)
    claim: ClaimTest | None = None
    pairs_closing: tuple[ClosedTogether, ...] = ()
    if actor is None:
        from mackinder.indicators.concessions import carried_and_conceded, pairs_that_close

        first = (scenario or [settings.baseline])[0]
        claim = carried_and_conceded(vintage, first, choice, narrate=say)
        pairs_closing = pairs_that_close(vintage, first, when, choice)
    comparisons = _comparisons(answer)
    say("done")
    if as_json:
        from mackinder.indicators.leverrank import lever_rows

        content = _as_json(vintage, answer) | {"rows": lever_rows(answer).to_dict("records")}
        content["claims"] = [{"claim": c.claim, "share": c.share, "fails_if": c.fails_if} for c in comparisons]
        content["closed_together"] = [
            {"actors": list(p.actors), "target": p.target, "together": _span(p.together), "alone": _span(p.alone)}
            for p in pairs_closing
        ]
        print_json("mackinder.levers/1", content | ({} if claim is None else {"claim": claim.as_dict()}))
        return
    if actor is None:
        _print_matrix(answer)
    else:
        for name in dict.fromkeys(one.effect.scenario for one in answer.ranked):
            _print_ranking(answer, name)
    _print_together(answer)
    if pairs_closing:
        print_table(
            f"Who can close together what none can alone: part of the target's trade by value, in transit, {when}",
            ["together", "target", "no way past all", "no way past one of them"],
            [["+".join(p.actors), p.target, _percent(p.together), _percent(p.alone)] for p in pairs_closing],
        )
    if comparisons:
        typer.echo("\nClaims, tested (share of draws in which they hold):")
        for one in comparisons:
            typer.echo(f"  {one.claim}: {one.share:.0%}. Fails if {one.fails_if}.")
    if claim is not None:
        typer.echo("")
        for line in claim.sentences():
            typer.echo(line)
    typer.echo("")
    for note in answer.notes:
        typer.echo(note)
    typer.echo(f"{answer.draws} draws, seed {seed}; evidence to {settings.newest_evidence}; `--json` has every number.")


def _comparisons(answer: LeverAnswer) -> list[LeverClaim]:
    """Claims on the first sender: where its leverage is larger, and which levers are the main ones."""
    from mackinder.indicators.leverclaims import larger_leverage, main_levers

    scenarios = list(dict.fromkeys(one.effect.scenario for one in answer.ranked))
    if len(scenarios) != 1:
        return []
    pairs = list(dict.fromkeys((r.effect.lever.sender, r.effect.lever.target) for r in answer.ranked))
    senders = [s for s, _ in pairs]
    first = max(dict.fromkeys(senders), key=senders.count)
    targets = sorted(t for s, t in pairs if s == first)
    out = [claim for t in targets[1:] for claim in larger_leverage(answer, first, targets[0], t)]
    return out + [claim for t in targets if (claim := main_levers(answer, first, t)) is not None]


def _span(drawn: Any) -> dict[str, float]:
    from mackinder.indicators.levers import span_of

    middle, low, high = span_of(drawn)
    return {"value": float(middle), "low": float(low), "high": float(high)}


def _percent(drawn: Any) -> str:
    from mackinder.indicators.levers import span_of

    return f"{number(*(100 * x for x in span_of(drawn)), digits=2)} %"


def _million(drawn: Any, *, digits: int = 2) -> str:
    from mackinder.indicators.levers import span_of

    # below a thousand dollars is the rounding of differences
    return number(*(0.0 if abs(x) < 1e3 else x / _MILLION for x in span_of(drawn)), digits=digits)


def _print_ranking(answer: LeverAnswer, scenario: str) -> None:

    for harms in (True, False):
        chosen = [r for r in answer.ranked if r.effect.scenario == scenario and r.effect.lever.harms is harms]
        if not chosen:
            continue
        what = "harms" if harms else "inducements"
        lose = "loses" if harms else "gains"
        table = []
        for one in chosen:
            effect = one.effect
            worth = [_million(effect.worth[run]) if run in effect.worth else "no money value" for run in answer.runs]
            run = next((r for r in ("short", "at_once", "long") if r in effect.worth), None)
            share = "" if run is None else _percent(effect.worth[run] / effect.gdp)
            cost = _million(effect.cost[run]) if run in effect.cost else "in words"
            first = "" if one.first_year is None else _million(one.first_year)
            credible = "not said" if one.credibility != one.credibility else f"{one.credibility:.0%}"
            table.append([effect.lever.lever_id, effect.lever.status, first, *worth, share, cost, credible, _rate(one)])
        pairs = " and ".join(dict.fromkeys(f"{r.effect.lever.sender} on {r.effect.lever.target}" for r in chosen))
        print_table(
            f"{what.capitalize()} of {pairs}, {scenario}, {answer.year}; USD m, median and 90 % interval",
            ["lever", "status", f"target {lose}, first year", *(f"a year, {_RUN_WORDS[r]}" for r in answer.runs), "of product",
             "costs the sender a year", "credible", "used when pressed"],
            table,
        )  # fmt: skip
        for one in chosen:
            _print_details(one)


def _rate(one: RankedLever) -> str:
    if one.rate.cases == 0:
        return "no case"
    return f"{one.rate.used} of {one.rate.cases} (own {one.own_rate.used} of {one.own_rate.cases})"


def _print_details(one: RankedLever) -> None:
    from mackinder.indicators.levers import span_of

    lever = one.effect.lever
    typer.echo(f"  {lever.lever_id}: {one.effect.rule}.")
    for note in one.effect.notes:
        typer.echo(f"    {note}.")
    for beside in one.beside:
        if beside.ratio is not None and beside.effect is not None and beside.own is not None:
            ratio = number(*span_of(beside.ratio), digits=2)
            seen = number(beside.effect[1], beside.effect[0], beside.effect[2])
            own = number(*span_of(beside.own), digits=2)
            words = f"{beside.measure.replace('_', ' ')} observed {seen}, here {own}, ratio {ratio}"
        else:
            words = f"not comparable, {beside.why_not}; observed: {beside.observed}"
        typer.echo(f"    {beside.episode} ({beside.response}): {words}.")
    cost = lever.sender_cost + (f"; credibility not said: {one.why_not}" if one.why_not else "")
    typer.echo(f"    Costs the sender: {cost}.")
    if lever.cushions:
        typer.echo(f"    Cushions: {lever.cushions}.")
    if lever.mitigations:
        typer.echo(f"    Would mitigate: {lever.mitigations}.")
    if lever.facts:
        typer.echo(f"    Facts: {' '.join(lever.facts)}.")


def _print_matrix(answer: LeverAnswer) -> None:
    table = []
    keys = dict.fromkeys((r.effect.scenario, r.effect.lever.sender, r.effect.lever.target) for r in answer.ranked)
    for scenario, sender, target in keys:
        mine = [
            r for r in answer.ranked
            if (r.effect.scenario, r.effect.lever.sender, r.effect.lever.target) == (scenario, sender, target)
        ]  # fmt: skip
        harms = [r for r in mine if r.effect.lever.harms and r.first_year is not None]
        gifts = [r for r in mine if not r.effect.lever.harms and r.first_year is not None]
        pack = [t for t in answer.together if (t.scenario, t.senders, t.target) == (scenario, (sender,), target)]
        run = next(r for r in ("short", "at_once") if r in answer.runs)

        together = _million(pack[0].worth[run]) if pack else "none"
        unknown = sum(r.first_year is None for r in mine)
        table.append([sender, target, scenario, _best(harms), together, _best(gifts), str(len(mine)), str(unknown)])
    print_table(
        f"Levers between the headline pairs, {answer.year}; USD m, median and 90 % interval",
        ["sender", "target", "scenario", "largest harm, first year", "all freight harms at once, a year",
         "largest inducement, first year", "levers", "of them without a money value"],
        table,
    )  # fmt: skip


def _best(chosen: list[RankedLever]) -> str:
    """Name the lever with the largest first year; they are ranked already."""
    return f"{chosen[0].effect.lever.kind.replace('_', ' ')}: {_million(chosen[0].first_year)}" if chosen else ""


def _print_together(answer: LeverAnswer) -> None:
    joint = [t for t in answer.together if len(t.senders) > 1]
    if not joint:
        return
    run = next(r for r in ("short", "at_once") if r in answer.runs)
    print_table(
        f"Two senders at once, all freight harms in full, {_RUN_WORDS[run]}; USD m a year",
        ["senders", "target", "scenario", "together", "beyond the sum of both alone"],
        [
            ["+".join(t.senders), t.target, t.scenario, _million(t.worth[run]), _million(t.interaction[run])]
            for t in joint
        ],
    )


def _as_json(case: Case, answer: LeverAnswer) -> dict[str, Any]:
    from mackinder.indicators.levers import span_of

    def span(drawn: Any, scale: float = 1.0) -> dict[str, float] | None:
        if drawn is None:
            return None
        middle, low, high = (x / scale for x in span_of(drawn))
        return {"value": float(middle), "low": float(low), "high": float(high)}

    def one(r: RankedLever) -> dict[str, Any]:
        effect, lever = r.effect, r.effect.lever
        return {
            "lever": lever.lever_id, "scenario": effect.scenario, "sender": lever.sender, "target": lever.target,
            "kind": lever.kind, "direction": lever.direction, "status": lever.status, "how": effect.how, "rule": effect.rule,
            "first_year_musd": span(r.first_year, _MILLION),
            "worth_musd_per_year": {run: span(x, _MILLION) for run, x in effect.worth.items()},
            "worth_share_of_product": {run: span(x / effect.gdp) for run, x in effect.worth.items()},
            "cost_musd_per_year": {run: span(x, _MILLION) for run, x in effect.cost.items()},
            "cost_in_words": lever.sender_cost, "credibility": r.credibility, "credibility_not_said": r.why_not,
            "stake_musd_per_year": r.stake,
            "used_when_pressed": {
                "used": r.rate.used, "cases": r.rate.cases, "low": r.rate.low, "high": r.rate.high,
                "own_used": r.own_rate.used, "own_cases": r.own_rate.cases,
            },
            "episodes": [
                {"episode": b.episode, "response": b.response, "observed": b.observed, "measure": b.measure,
                 "effect": b.effect, "own": span(b.own), "ratio": span(b.ratio), "not_comparable": b.why_not}
                for b in r.beside
            ],
            "cushions": lever.cushions, "mitigations": lever.mitigations, "facts": list(lever.facts),
            "notes": list(effect.notes),
        }  # fmt: skip

    return {
        "case": case.name,
        "newest_evidence": str(case.settings.newest_evidence),
        "year": answer.year,
        "runs": list(answer.runs),
        "levers": [one(r) for r in answer.ranked],
        "together": [
            {"scenario": t.scenario, "senders": list(t.senders), "target": t.target, "levers": list(t.levers),
             "worth_musd_per_year": {run: span(x, _MILLION) for run, x in t.worth.items()},
             "interaction_musd_per_year": {run: span(x, _MILLION) for run, x in t.interaction.items()}}
            for t in answer.together
        ],
        "notes": list(answer.notes),
    }  # fmt: skip


def _print_exposure(found: ProjectExposure) -> None:
    print_table(
        f"What can be done to {found.label}, {found.scenario}, {found.year}: exposed part of {found.flow_text} Mt a year",
        ["lever", "by", "status", "of the flow", "while kept up, first year"],
        [[r.lever.lever_id, r.lever.sender, r.lever.status, *r.cells()] for r in found.rows],
    )
    for row in found.rows:
        typer.echo(f"  {row.lever.lever_id}: {row.rule}.")
        if row.lever.cushions:
            typer.echo(f"    Cushions: {row.lever.cushions}.")
        if row.lever.mitigations:
            typer.echo(f"    Would mitigate: {row.lever.mitigations}.")
    for note in found.notes:
        typer.echo(note)


def _exposure_json(case: Case, found: ProjectExposure) -> dict[str, Any]:
    return {"case": case.name, "newest_evidence": str(case.settings.newest_evidence)} | found.as_dict()
