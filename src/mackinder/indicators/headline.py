"""The headline: control, leverage, power and ties of one power on its targets, now and later, side by side and never added."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from mackinder.case import Case
from mackinder.indicators.leverage import LeverModel
from mackinder.indicators.leverrank import LeverAnswer, lever_answer, lever_rows
from mackinder.indicators.levers import read_levers
from mackinder.network.routes import RouteSet

__all__ = ["HEADLINE_COLUMNS", "Headline", "headline", "run_lever_rows"]

HEADLINE_COLUMNS: Final = (
    "measure", "target", "unit", "now", "now_low", "now_high", "then", "then_low", "then_high", "moved"
)  # fmt: skip
#: what stands beside what: name, indicator, variant; ``largest`` picks the lever with the largest value
_MEASURES: Final = (
    ("exposure in transit", "exposure_value", "transit"),
    ("captive in transit", "captive_value", "transit"),
    ("largest lever, first year", "lever_first_year", ""),
    ("all freight levers at once", "lever_joint", "at_once"),
    ("power (Shapley)", "shapley_value", "short_run"),
    ("ties capacity", "ties_capacity", "all"),
)
_VERDICTS: Final = ("holds", "fades", "turns", "none")
_WORDS: Final = {1: "rises", -1: "falls", 0: "no detectable change", None: "not known at both ends"}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What can be said of one scenario.

    Attributes
    ----------
    scenario : str
    actor : str
    table : DataFrame
        Columns `HEADLINE_COLUMNS`: each measure on each target in the base year and in the horizon year, median and 90 %
        interval; ``moved`` is 1 or -1 where the two intervals do not meet, 0 where they do, nan where one is missing.
    gains : DataFrame
        ``country, value, low, high``: change of the account of others against the baseline, USD m/yr.
    survives : DataFrame
        ``verdict, conclusions``: how many changes of an ablation hold, fade, turn or are none; empty without one.
    sentence : str
    """

    scenario: str
    actor: str
    table: pd.DataFrame
    gains: pd.DataFrame
    survives: pd.DataFrame
    sentence: str


def headline(
    rows: pd.DataFrame,
    *,
    actor: str,
    targets: Sequence[str],
    scenarios: Sequence[str],
    baseline: str,
    base_year: int,
    horizon_year: int,
    others: Sequence[str] = (),
    ablation: pd.DataFrame | None = None,
) -> tuple[Headline, ...]:
    """Put the families of indicators beside each other, scenario by scenario.

    Parameters
    ----------
    rows : DataFrame
        Results of a run, with the rows of levers, power and ties if they were computed; what is missing stays missing.
    actor : str
        The power.
    targets : sequence of str
    scenarios : sequence of str
    baseline : str
        Whose base year is now.
    base_year, horizon_year : int
    others : sequence of str
        Countries whose gain is told.
    ablation : DataFrame, optional
        Table of `mackinder.ensemble.Ablation`; None: rows ``ablation_count`` of the run, if it has them (convention C164).
    """
    out = []
    for scenario in scenarios:
        table = pd.DataFrame(
            [
                _line(rows, measure, target, actor, scenario, baseline, base_year, horizon_year)
                for measure in _MEASURES
                for target in targets
            ],
            columns=list(HEADLINE_COLUMNS),
        )
        gains = _gains(rows, scenario, horizon_year, others)
        survives = pd.DataFrame(columns=["verdict", "conclusions"])
        if ablation is not None:
            counts = ablation.loc[ablation["scenario"] == scenario, "verdict"].value_counts()
            survives = pd.DataFrame({"verdict": counts.index, "conclusions": counts.to_numpy()})
        else:
            survives = _survives(rows, scenario)
        sentence = _sentence(table, gains, survives, actor, targets, scenario, base_year, horizon_year)
        out.append(
            Headline(scenario=scenario, actor=actor, table=table, gains=gains, survives=survives, sentence=sentence)
        )
    return tuple(out)


Span = tuple[float, float, float]


def _line(
    rows: pd.DataFrame,
    measure: tuple[str, str, str],
    target: str,
    actor: str,
    scenario: str,
    baseline: str,
    base: int,
    horizon: int,
) -> tuple[object, ...]:
    name, indicator, variant = measure
    mine = rows[
        rows["indicator"].eq(indicator) & rows["variant"].eq(variant) & rows["actor"].eq(actor) & rows["target"].eq(target)
        & rows["goods"].eq("")
    ]  # fmt: skip
    ties = indicator == "ties_capacity"
    past = mine[mine["scenario"].eq(baseline) & mine["year"].lt(horizon)]
    year = int(past["year"].max()) if ties and len(past) else base
    now, then = (
        _span(past[past["year"].eq(year)]),
        _span(mine[mine["scenario"].eq(scenario) & mine["year"].eq(horizon)]),
    )
    moved: float = np.nan
    if now is not None and then is not None:
        moved = 1.0 if then[1] > now[2] else -1.0 if then[2] < now[1] else 0.0
    unit = str(mine["unit"].iloc[0]) if len(mine) else ""
    blank = (np.nan,) * 3
    return (name, target, unit, *(now or blank), *(then or blank), moved)


def _span(found: pd.DataFrame) -> Span | None:
    found = found[found["value"].notna()]
    if found.empty:
        return None
    best = found.sort_values(["value", "asset"]).iloc[-1]
    return float(best["value"]), float(best["low"]), float(best["high"])


def _survives(rows: pd.DataFrame, scenario: str) -> pd.DataFrame:
    """Count conclusions by verdict, from the rows of a run."""
    mine = rows[rows["indicator"].eq("ablation_count") & rows["scenario"].eq(scenario)]
    counts = mine.groupby("variant")["value"].sum()
    kept = [name for name in _VERDICTS if counts.get(name, 0) > 0]
    return pd.DataFrame({"verdict": kept, "conclusions": [int(counts[name]) for name in kept]})


def _gains(rows: pd.DataFrame, scenario: str, year: int, others: Sequence[str]) -> pd.DataFrame:
    mine = rows[
        rows["indicator"].eq("welfare_account") & rows["variant"].eq("total-minus-baseline") & rows["scenario"].eq(scenario)
        & rows["year"].eq(year) & rows["target"].isin(list(others))
    ]  # fmt: skip
    order = {name: i for i, name in enumerate(others)}
    mine = mine.assign(order=mine["target"].map(order)).sort_values("order")
    return mine[["target", "value", "low", "high"]].rename(columns={"target": "country"}).reset_index(drop=True)


def _sentence(
    table: pd.DataFrame, gains: pd.DataFrame, survives: pd.DataFrame, actor: str, targets: Sequence[str], scenario: str,
    base: int, horizon: int,
) -> str:  # fmt: skip
    parts = []
    for target in targets:
        mine = table[table["target"] == target]
        words = [
            f"{row['measure']} {_WORDS[None if np.isnan(row['moved']) else int(row['moved'])]}"
            for row in mine.to_dict("records")
        ]
        parts.append(f"on {target}, {', '.join(words)}")
    text = f"{scenario}, {base} to {horizon}, {actor}: {'; '.join(parts)}."
    if len(gains):
        told = [
            f"{r['country']} {'gains' if r['low'] > 0 else 'loses' if r['high'] < 0 else 'no detectable change'}"
            for r in gains.to_dict("records")
        ]
        text += f" Against the baseline: {', '.join(told)}."
    if len(survives):
        text += f" Ablation: {', '.join(f'{n} {v}' for v, n in zip(survives['verdict'], survives['conclusions'], strict=True))}."
    return text


def run_lever_rows(
    case: Case,
    scenarios: Sequence[str],
    *,
    draws: int,
    seed: int,
    threads: int,
    actor: str | None = None,
    routes: RouteSet | None = None,
    narrate: Callable[[str], None] | None = None,
) -> tuple[pd.DataFrame, tuple[LeverAnswer, ...]]:
    """Compute the lever rows of a run: the first power in focus on each target that it has levers on, at once.

    The baseline in the base year, and the scenarios in the horizon year; demand given, free roads, so that it costs seconds.

    Parameters
    ----------
    case : Case
        A vintage, without a scenario.
    scenarios : sequence of str
    draws, seed, threads : int
    actor : str, optional
        None: the first of the focus that has levers.
    routes : RouteSet, optional
        Of a run of the case; None: they are looked for.
    narrate : callable, optional

    Returns
    -------
    rows : DataFrame
        As in ``results.parquet``; empty if the case has no levers.
    answers : tuple of LeverAnswer
    """
    settings = case.settings
    levers = read_levers(case)
    senders = [a for a in ([actor] if actor else settings.focus) if a in {lever.sender for lever in levers}]
    if not senders:
        return lever_rows(LeverAnswer(year=0, runs=(), draws=0, ranked=(), together=())), ()
    tied = set(case.table("ties")["target"])
    pairs = sorted({(v.sender, v.target) for v in levers if v.sender == senders[0] and v.target in tied})
    if not pairs:
        pairs = sorted({(v.sender, v.target) for v in levers if v.sender == senders[0]})
    model = LeverModel(runs=("at_once",), draws=draws, seed=seed, threads=threads)
    asked = {
        settings.base_year: (settings.baseline,),
        settings.horizon_year: tuple(dict.fromkeys((settings.baseline, *scenarios))),
    }
    answers = tuple(
        lever_answer(case, names, year, pairs, model, routes=routes, narrate=narrate) for year, names in asked.items()
    )
    return pd.concat([lever_rows(answer) for answer in answers], ignore_index=True), answers
