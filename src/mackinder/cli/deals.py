"""``deals``: who gains by each way to run the corridor, who must agree, who can block, what would turn it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mackinder.cli.options import Seed
from mackinder.cli.output import DEFAULT_CASE, AsOf, CaseName, Json, Quiet, narrator, number, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from mackinder.archive import Run
    from mackinder.case import Case
    from mackinder.strategy.dealsanswer import DealsAnswer

__all__ = ["deals_command"]

_PARTS = {"economics": "economics alone", "stakes": "security and status alone", "both": "together"}


def deals_command(
    case: CaseName = DEFAULT_CASE,
    arrangement: Annotated[
        str | None, typer.Option("--arrangement", help="Arrangement that the games are played on; the case says which.")
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(
            "--run", help="Folder of a run with the scenarios of the arrangements; they are run if not given."
        ),
    ] = None,
    as_of: AsOf = None,
    draws: Annotated[int, typer.Option("--draws", help="Draws of positions, terms and stakes; at least 1,000.")] = 1000,
    model_draws: Annotated[int, typer.Option("--model-draws", help="Draws of the model, where it is run.")] = 20,
    model: Annotated[
        str, typer.Option("--model", help="routes, capacity or trade: how much of the model is run.")
    ] = "capacity",
    seed: Seed = 0,
    threads: Annotated[int | None, typer.Option("--threads", help="Threads of the search for routes.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Value the arrangements of a corridor for each power; say who accepts, who blocks, what is stable, what would change it."""
    say = narrator(quiet)
    say(f"reading {case}")
    from mackinder.archive import read_run
    from mackinder.scenario import read_vintage
    from mackinder.strategy.dealsanswer import deals_answer, document_of, left_out

    vintage = read_vintage(case, as_of)
    document_of(vintage)
    known = _run(vintage, model_draws, seed, threads, model, say) if run is None else read_run(run)
    say("weighing the arrangements")
    answer = deals_answer(
        vintage,
        known.results,
        known.draws.astype(float),
        chosen=arrangement,
        scenarios=known.manifest["scenarios"],
        draws=draws,
        seed=seed,
    )
    say("done")
    settings = vintage.settings
    counted = (known.results["indicator"] == "welfare_account").any()
    gone = left_out(vintage, known.manifest["scenarios"])
    money = "welfare accounts" if counted else "half of freight savings, fees and rents: the run has no accounts (C101)"
    if as_json:
        document = deals_json(vintage.name, str(settings.newest_evidence), settings.horizon_year, answer)
        more = {"economics_from": money, "model": known.manifest["model"], "left_out": gone}
        print_json("mackinder.deals/1", document | more)
        return
    _print(answer, arrangement or answer.document.chosen)
    if gone:
        told = "; ".join(f"{name} ({', '.join(missing)})" for name, missing in gone.items())
        typer.echo(f"\nLeft out, because the run lacks the scenarios in brackets: {told}.")
    typer.echo(
        f"\nEvidence to {settings.newest_evidence}; {draws} draws of positions and stakes, {answer.model_draws} of the model "
        f"({known.manifest['model']}), {settings.horizon_year}, seed {seed}. Economics from {money}. "
        "Shares of draws say what the inputs imply, not how "
        "often it will happen; positions, terms and stakes were judged by one coder."
    )


def _run(case: Case, draws: int, seed: int, threads: int | None, model: str, say: Callable[[str], None]) -> Run:
    from mackinder.ensemble import run
    from mackinder.strategy.dealsanswer import needed_scenarios

    say("running the scenarios of the arrangements (with --run FOLDER they are read instead)")
    return run(
        case,
        needed_scenarios(case),
        draws=draws,
        seed=seed,
        threads=threads or os.cpu_count() or 1,
        model=model,
        narrate=say,
    )


def deals_json(case: str, newest: str, year: int, answer: DealsAnswer) -> dict[str, Any]:
    """Everything that the tables show, and more, as one document."""
    import dataclasses

    import numpy as np

    from mackinder.strategy.dealrows import deal_rows

    def three(values: Any) -> list[float]:
        return [float(x) for x in np.quantile(values, [0.05, 0.5, 0.95])]

    return {
        "case": case,
        "newest_evidence": newest,
        "arrangements": [
            {"id": a.id, "label": a.label, "scenario": a.scenario, "terms": a.terms_in_words, "operator": a.operator,
             "security": a.security, "benefit_split": a.benefit_split, "must_consent": list(a.must_consent),
             "can_obstruct": [{"actor": w.actor, "means": w.means, "scenario": w.scenario} for w in a.can_obstruct],
             "facts": list(a.facts), "ground": a.ground}
            for a in answer.document.arrangement
        ],
        "rows": deal_rows(answer, year).to_dict("records"),
        "base_rates": {
            r.id: {"question": r.question, "yes": list(r.yes), "no": list(r.no)} | dataclasses.asdict(answer.base[r.id])
            for r in answer.document.base_rate
        },
        "linkages": {
            name: [{"arrangement": a, "what": w, "before": b, "after": c} for a, w, b, c in moved]
            for name, moved in answer.linkages.items()
        },
        "what_it_would_take": [dataclasses.asdict(flip) for flip in answer.flips],
        "bargaining": [
            {"mapping": b.mapping, "capability": b.capability, "stage": b.stage, "nearest": b.nearest,
             "nearest_weighted_mean": b.nearest_mean, "chaos_index": b.chaos_index, "mean_index": b.mean_index,
             **{key: {issue: span.tolist() for issue, span in getattr(b, key).items()} for key in ("outcome", "mean", "median")}}
            for b in answer.bargains
        ],
        "win_sets": {
            name: {"can_move": s.can_move, "size": s.size.tolist(), "inside": s.inside, "status_quo_in_core": s.quo_in_core,
                   "draws": s.draws}
            for name, s in answer.space.items()
        },
        "splits": [
            {"rule": s.rule, "actors": list(s.actors), "agreed": s.agreed,
             "gains_percent": [three(s.gains[~np.isnan(s.gains[:, 0]), k]) if s.agreed else None for k in range(len(s.actors))]}
            for s in answer.splits
        ],
        "games": {
            part: {"chances": {p: {a: three(c[:, k]) for k, a in enumerate(_actions(g, p))} for p, c in g.chances.items()},
                   "stands": three(g.stands), "pure": [{"profile": t, "stands": s} for t, s in g.pure]}
            for part, g in answer.games.items()
        },
        "in_turns": answer.sequence,
        "threats": {actor: {end: three(v) for end, v in ends.items()} for actor, ends in answer.threats.items()},
        "draws": answer.draws,
        "model_draws": answer.model_draws,
    }  # fmt: skip


def _actions(game: Any, player: str) -> tuple[str, ...]:
    from mackinder.strategy.dealgame import ACTIONS

    return ACTIONS[game.roles[game.players.index(player)]]


def _print(answer: DealsAnswer, chosen: str) -> None:
    from mackinder.strategy.consent import interval

    document, valuation = answer.document, answer.valuation
    base = {name: f"{r.happened} of {r.cases}, {r.low:.0%} to {r.high:.0%}" for name, r in answer.base.items()}
    labels = {item.id: item.label for item in document.arrangement}
    rows = []
    for name, found in answer.consent["both"].items():
        shares = [f"{answer.consent[part][name].agreed.mean():.0%}" for part in _PARTS]
        blocked = ", ".join(f"{p} {b.mean():.0%}" for p, b in found.blocks.items()) or "nobody"
        owed = {p: interval(v) for p, v in found.payment.items() if v.mean() > 0 and interval(v)[2] > 0}
        pays = "; ".join(f"{p} {number(*span, digits=2)}" for p, span in owed.items()) or "none"
        rows.append([labels[name], *shares, blocked, f"{found.stable.mean():.0%}", pays, f"{found.payable.mean():.0%}"])
    rows.append(["base rate", base["consent"], "", "", base["obstruction"], base["lasting"], "", ""])
    print_table(
        "Arrangements: share of draws in which all who must agree gain; who would block; payments that would make it stable, "
        "USD m a year",
        [
            "arrangement",
            *(f"agreed: {text}" for text in _PARTS.values()),
            "blocked by",
            "stable",
            "payment to",
            "winners could pay",
        ],
        rows,
        note="Base rates: " + "; ".join(f"{r.id}: {r.question}" for r in document.base_rate) + ".",
    )
    print_table(
        "Consent matrix: who must agree (share of draws in which it gains), who can obstruct, at what own cost, USD m a year",
        ["arrangement", "actor", "role", "share", "own cost", "cost to those who agree", "least that turns it"],
        _matrix(answer, labels),
    )
    print_table(
        f"Worth against {labels[document.status_quo]}: economics USD m a year; all in per cent of own product a year; "
        "leverage gained over "
        f"{' and '.join(document.leverage_over)}, USD m a year",
        ["arrangement", "actor", "economics", "economics %", "security %", "status %", "together %", "leverage"],
        [
            [labels[name], actor,
             *(number(*interval(v[:, a, i]), digits=2) for v in (
                 valuation.economics, valuation.economics_percent, valuation.security, valuation.status, valuation.total,
                 valuation.leverage))]
            for a, name in enumerate(valuation.arrangements) if name != document.status_quo
            for i, actor in enumerate(valuation.actors) if actor in document.play
        ],
    )  # fmt: skip
    typer.echo("\nLinkages (what moves by a tenth of draws or more):")
    for link in document.linkage:
        moved = answer.linkages[link.id]
        text = "; ".join(f"{labels[a]}: {what} {b:.0%} to {c:.0%}" for a, what, b, c in moved) or "nothing does"
        typer.echo(f"  {link.label}: {text}.")
    _print_bargains(answer, labels)
    _print_games(answer, labels[chosen], base)


def _matrix(answer: DealsAnswer, labels: dict[str, str]) -> list[list[str]]:
    from mackinder.strategy.consent import interval

    rows = []
    for name, found in answer.consent["both"].items():
        for actor in dict.fromkeys((*found.accepts, *found.blocks)):
            turns = [f for f in answer.flips if f.arrangement == name and f.actor == actor]
            text = "; ".join(_turn(f.change, f.size, f.start, f.relative) for f in turns)
            if actor in found.accepts:
                rows.append([labels[name], actor, "must agree", f"{found.accepts[actor].mean():.0%}", "", "", text])
            if actor in found.blocks:
                cost, harm = interval(found.block_cost[actor]), interval(found.block_harm[actor])
                rows.append(
                    [labels[name], actor, "can obstruct", f"blocks {found.blocks[actor].mean():.0%}",
                     number(*cost, digits=2), number(*harm, digits=2), text]
                )  # fmt: skip
    return rows


def _turn(change: str, size: float, start: float, relative: float) -> str:
    doubt = "within the doubt" if relative < 1 else "beyond the doubt"
    if change == "payment":
        return f"{'a gain' if size > 0 else 'a loss'} of {number(abs(size), digits=2)} ({doubt})"
    if change == "stake":
        return f"stakes {number(size, digits=2)} times as large ({doubt})"
    return f"{change} from {start:.0f} to {size:.0f} ({doubt})"


def _print_bargains(answer: DealsAnswer, labels: dict[str, str]) -> None:
    rows = []
    for b in answer.bargains:
        near = sorted(b.nearest.items(), key=lambda item: -item[1])[:4]
        mean = sorted(b.nearest_mean.items(), key=lambda item: -item[1])[:2]
        rows.append(
            [b.mapping, "; ".join(f"{labels[n]} {s:.0%}" for n, s in near), "; ".join(f"{labels[n]} {s:.0%}" for n, s in mean),
             f"{b.chaos_index:.1f}", f"{b.mean_index:.1f}"]
        )  # fmt: skip
    even = 1 / len(labels)
    print_table(
        f"Bargaining over the terms: nearest arrangement, share of draws at turn 3 (by chance alone {even:.0%} each)",
        ["capability by", "spatial model", "weighted mean", "chaos index", "of the mean"],
        rows,
    )
    issues = list(answer.bargains[0].outcome)
    quo = {t.issue: t for t in answer.document.get(answer.document.status_quo).terms}
    print_table(
        "Terms, 0 to 100: median and 90 % interval",
        ["capability by", "issue", "spatial model", "weighted mean", "weighted median", "status quo"],
        [
            [b.mapping, issue,
             *(f"{v[issue][1]:.0f} ({v[issue][0]:.0f} to {v[issue][2]:.0f})" for v in (b.outcome, b.mean, b.median)),
             f"{quo[issue].mode:.0f} ({quo[issue].low:.0f} to {quo[issue].high:.0f})"]
            for b in answer.bargains for issue in issues
        ],
    )  # fmt: skip
    print_table(
        "Veto players on the terms: share of the space of terms that all who must agree prefer to "
        f"{labels[answer.document.status_quo]}",
        ["arrangement", "share of the space", "arrangement suits all", "status quo in the unanimity core"],
        [
            [
                labels[name],
                f"{s.size[1]:.0%} ({s.size[0]:.0%} to {s.size[2]:.0%})",
                f"{s.inside:.0%}",
                f"{s.quo_in_core:.0%}",
            ]
            for name, s in answer.space.items()
        ],
        note=f"{next(iter(answer.space.values())).draws if answer.space else 0} draws.",
    )


def _print_games(answer: DealsAnswer, label: str, base: dict[str, str]) -> None:
    import numpy as np

    rows = []
    for part, text in _PARTS.items():
        game = answer.games[part]
        for player, chance in game.chances.items():
            low, middle, high = np.quantile(chance, [0.05, 0.5, 0.95], axis=0)
            cells = [
                f"{action} {middle[k]:.0%} ({low[k]:.0%} to {high[k]:.0%})"
                for k, action in enumerate(_actions(game, player))
            ]
            rows.append([text, player, *cells])
    print_table(
        f"The game on {label}: quantal response, median and 90 % interval (at random: 33 % each; base rate of obstruction that "
        f"stopped: {base['obstruction']})",
        ["payoffs", "player", "first", "second", "third"],
        rows,
    )
    stands = [(t, s) for t, s in answer.games["both"].pure if s > 0]
    fails = len(answer.games["both"].pure) - len(stands)
    typer.echo("\nPure equilibria at central payoffs, economics and stakes together:")
    for text, held in stands:
        typer.echo(f"  {text}: it stands with a chance of {held:.0%} (base rate of lasting {base['lasting']}).")
    if fails:
        typer.echo(f"  {fails} more in which somebody whose consent is needed refuses and nothing is built.")
    for actor, ends in answer.threats.items():
        central = {name: float(np.median(v)) for name, v in ends.items()}
        spans = {name: np.quantile(v, [0.05, 0.95]) for name, v in ends.items()}
        text = ", ".join(
            f"{n} {central[n]:.0%} ({spans[n][0]:.0%} to {spans[n][1]:.0%})"
            for n in ("threat", "concession", "imposition")
        )
        typer.echo(
            f"  Threat by {actor} against the host: {text}; base rate of obstruction that stopped: {base['obstruction']}."
        )
    for split in answer.splits:
        gains = split.gains[~np.isnan(split.gains[:, 0])]
        text = (
            ", ".join(f"{p} {number(float(np.median(gains[:, k])), digits=2)} %" for k, p in enumerate(split.actors))
            if len(gains)
            else "none"
        )
        typer.echo(
            f"  Without side payments, lottery over arrangements by {split.rule}: {text} of own product; agreed in "
            f"{split.agreed:.0%} of draws."
        )
