"""The ranking of levers: worth, cost to the sender, credibility, episodes; one call for the faces (conventions C90 to C96)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.actors import top_parents
from mackinder.draws import Design
from mackinder.errors import UsageError
from mackinder.indicators.leverage import LeverEffect, LeverModel, Together, lever_effects
from mackinder.indicators.leverepisodes import BaseRate, Beside, base_rate, beside_episodes
from mackinder.indicators.levers import read_levers, span_of
from mackinder.indicators.measure import RESULT_COLUMNS, catalogue
from mackinder.network.routes import RouteSet
from mackinder.units import USD_PER_MUSD

__all__ = ["LEVER_NOTES", "LeverAnswer", "RankedLever", "headline_pairs", "lever_answer", "lever_rows", "stake_of"]

Floats = NDArray[np.float64]
LEVER_NOTES: Final = (
    "Loss or gain a year while a lever is kept up, against the same scenario without it: at once (demand given, free roads), in "
    "the short run (trade answers at four tenths of its elasticity) and in the long run (in full); capacities are in the last "
    "two, nothing is built in any (conventions C90 to C94).",
    "Ranked by the loss within the first twelve months, which the likely length cuts short. Levers of one sender overlap: they "
    "do not add up, and all at once is computed as one state.",
    "Credibility is the share of draws in which the first year costs the sender less than its elicited stake (table stakes); it "
    "says nothing of will. No stake or no cost in money: not said (C96).",
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RankedLever:
    """A lever with all that is said of it.

    Attributes
    ----------
    effect : LeverEffect
    first_year : ndarray, shape (K,), USD, or None
        Worth within twelve months of its use; None without a money value.
    credibility : float
        Share of draws in which the sender's cost stays below its stake; nan: not said.
    why_not : str
        Why it is not said; empty where it is.
    stake : tuple of three floats, or None
        USD m/yr.
    rate, own_rate : BaseRate
        Of all senders and of this one: used when used or threatened.
    beside : tuple of Beside
    """

    effect: LeverEffect
    first_year: Floats | None
    credibility: float
    why_not: str
    stake: tuple[float, float, float] | None
    rate: BaseRate
    own_rate: BaseRate
    beside: tuple[Beside, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LeverAnswer:
    """Everything said of levers between some actors: ranked levers, joint use, year, runs and notes."""

    year: int
    runs: tuple[str, ...]
    draws: int
    ranked: tuple[RankedLever, ...]
    together: tuple[Together, ...]
    notes: tuple[str, ...] = LEVER_NOTES


def stake_of(case: Case, sender: str, target: str) -> tuple[str, tuple[float, float, float]] | None:
    """Return the row of a stake and its low, mode and high in USD m/yr; None where none is elicited."""
    table, parents = case.table("stakes"), top_parents(case.table("actors"))
    for row in table.to_dict("records"):
        if parents.get(row["sender"], row["sender"]) == sender and parents.get(row["target"], row["target"]) == target:
            return str(row["stake_id"]), (
                float(row["value_musd_low"]), float(row["value_musd_mode"]), float(row["value_musd_high"])
            )  # fmt: skip
    return None


def headline_pairs(case: Case) -> tuple[tuple[str, str], ...]:
    """Return the pairs of which most is known: senders in focus on targets to which the case has ties, if levers name them."""
    focus, tied = case.settings.focus, set(case.table("ties")["target"])
    levers = read_levers(case)
    named = {(lever.sender, lever.target) for lever in levers}
    pairs = [(s, t) for t in focus if t in tied for s in focus if (s, t) in named]
    return tuple(pairs or sorted(named))


def lever_answer(
    case: Case,
    scenarios: Sequence[str],
    year: int,
    pairs: Sequence[tuple[str, str]],
    model: LeverModel,
    *,
    routes: RouteSet | None = None,
    narrate: Callable[[str], None] | None = None,
) -> LeverAnswer:
    """Rank the levers of some senders on some targets.

    Parameters
    ----------
    case : Case
        A vintage, without a scenario.
    scenarios : sequence of str
    year : int
    pairs : sequence of (sender, target)
    model : LeverModel
    routes : RouteSet, optional
        Of a run of the case; None: they are looked for.
    narrate : callable, optional

    Raises
    ------
    UsageError
        No lever between the actors.
    """
    named = {(lever.sender, lever.target) for lever in read_levers(case)}
    if not named & set(pairs):
        known = ", ".join(f"{s} {t}" for s, t in sorted(named))
        asked = ", ".join(f"{s} on {t}" for s, t in pairs)
        msg = f"table levers has no lever of {asked}; it has: {known}"
        raise UsageError(msg)
    effects, together = lever_effects(
        case, scenarios, year, [p for p in pairs if p in named], model, routes=routes, narrate=narrate
    )
    design = Design(seed=model.seed, draws=model.draws, common_share=case.settings.common_share)
    ranked = [_ranked(case, effect, design) for effect in effects]
    ranked.sort(key=lambda r: (scenarios.index(r.effect.scenario), not r.effect.lever.harms, -_middle(r.first_year)))
    return LeverAnswer(year=year, runs=model.runs, draws=model.draws, ranked=tuple(ranked), together=together)


def _middle(values: Floats | None) -> float:
    middle = span_of(values)[0]
    return middle if middle == middle else -np.inf


def _ranked(case: Case, effect: LeverEffect, design: Design) -> RankedLever:
    lever, run = effect.lever, _run(effect)
    worth = None if run is None else effect.worth[run] * effect.first_year
    stake = stake_of(case, lever.sender, lever.target)
    credibility, why = np.nan, ""
    if not effect.cost or run is None:
        why = f"cost known in words only: {lever.sender_cost}"
    elif not effect.worth[run].any():
        why = "it does nothing in this scenario and year"
    elif stake is None:
        why = "no stake is elicited for this sender and target"
    else:
        held = design.quantity([f"stakes/{stake[0]}/value_musd"], *(np.array([b]) for b in stake[1]))[:, 0]
        cost = effect.cost[run] * effect.first_year
        known = np.isfinite(cost)
        if known.any():
            credibility = float((cost < held * USD_PER_MUSD)[known].mean())
        else:
            why = "no draw is solved"
    return RankedLever(
        effect=effect, first_year=worth, credibility=credibility, why_not=why, stake=None if stake is None else stake[1],
        rate=base_rate(case, lever.kind), own_rate=base_rate(case, lever.kind, lever.sender),
        beside=beside_episodes(case, lever, design, effect.per_tonne),
    )  # fmt: skip


def _run(effect: LeverEffect) -> str | None:
    """Run by which levers are ranked: the short one where it is solved."""
    return next((run for run in ("short", "at_once", "long") if run in effect.worth), None)


def lever_rows(answer: LeverAnswer) -> pd.DataFrame:
    """Return rows as in ``results.parquet``: ``lever_worth`` and the other indicators of the family ``leverage``.

    ``asset`` is the lever; of ``leverage`` (all freight harms of a sender at once) it is empty, and two senders are joined by
    ``+``. A lever without a money value has nan for a value.
    """
    rows: list[dict[str, object]] = []

    def add(indicator: str, variant: str, key: dict[str, object], drawn: Floats | None) -> None:
        value, low, high = span_of(drawn)
        counted = 0 if drawn is None else int(np.isfinite(drawn).sum())
        rows.append(
            dict.fromkeys(RESULT_COLUMNS, "") | key
            | {"indicator": indicator, "variant": variant, "year": answer.year, "unit": catalogue()[indicator].unit,
               "value": value, "low": low, "high": high, "draws": counted}
        )  # fmt: skip

    for one in answer.ranked:
        effect, lever = one.effect, one.effect.lever
        key: dict[str, object] = {
            "scenario": effect.scenario, "actor": lever.sender, "target": lever.target, "asset": lever.lever_id
        }  # fmt: skip
        for run in answer.runs:
            drawn = effect.worth.get(run)
            add("lever_worth", run, key, None if drawn is None else drawn / USD_PER_MUSD)
            if drawn is not None and np.isfinite(effect.gdp).all():
                add("lever_share", run, key, drawn / effect.gdp)
            if run in effect.cost:
                add("lever_cost", run, key, effect.cost[run] / USD_PER_MUSD)
        if one.first_year is not None:
            add("lever_first_year", "", key, one.first_year / USD_PER_MUSD)
        if one.credibility == one.credibility:
            add("lever_credibility", "", key, np.full(answer.draws, one.credibility))
    for group in answer.together:
        key = {"scenario": group.scenario, "actor": "+".join(group.senders), "target": group.target}
        for run, drawn in group.worth.items():
            add("lever_joint", run, key, drawn / USD_PER_MUSD)
        for run, drawn in group.interaction.items():
            add("lever_joint", f"{run}-interaction", key, drawn / USD_PER_MUSD)
    frame = pd.DataFrame(rows, columns=list(RESULT_COLUMNS))
    return frame.astype({"year": "int64"}).sort_values(list(RESULT_COLUMNS[:9]), ignore_index=True)
