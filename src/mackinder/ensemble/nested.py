"""Ablation: which conclusions survive from routes alone to capacity, to trade in the short run and in the long run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mackinder.archive import Run
from mackinder.case import Case
from mackinder.ensemble.driver import run
from mackinder.equilibrium.loading import MODELS
from mackinder.indicators.measure import KEY
from mackinder.scenario import read_vintage

__all__ = ["NESTED", "SHORT", "VERDICTS", "Ablation", "ablation"]

#: what becomes of a conclusion (the sign of a change) from one model to the next
VERDICTS = {
    "holds": "the same sign in every model that has it",
    "fades": "a sign in some model, no detectable change in another, never both signs",
    "turns": "one sign in one model and the other in another",
    "none": "no detectable change in any model",
}
#: trade that answers as in the first year, and all models from the least to the most
SHORT = "trade-short"
NESTED = (*MODELS[:-1], SHORT, MODELS[-1])
#: part of an interval below which a bound of it is zero
TRIFLE = 1e-5
_MINUS = "minus-baseline"
_MOVED = 3  # corridors that move most
_CONTROL = ("exposure_value", "captive_value")
_TARGETS = 3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Ablation:
    """Headline changes against the baseline under each model.

    Attributes
    ----------
    baseline : str
    year : int
    models : tuple of str
    table : DataFrame
        One row a number: ``scenario, indicator, variant, actor, target, asset, unit``; for each model ``<model>``,
        ``<model>_low``, ``<model>_high`` (median and 90 % interval of the change, nan where the model has none) and
        ``<model>_sign`` (1, -1, 0 for no detectable change); ``verdict``, one of `VERDICTS`.
    newest_evidence : str
    """

    baseline: str
    year: int
    models: tuple[str, ...]
    table: pd.DataFrame
    newest_evidence: str


def ablation(
    case: Case | str | Path = "south-caucasus",
    scenarios: Sequence[str] | None = None,
    *,
    as_of: str | None = None,
    draws: int = 20,
    seed: int = 0,
    threads: int | None = None,
    models: Sequence[str] = NESTED,
    targets: Sequence[str] | None = None,
    known: Mapping[str, Run] | None = None,
    narrate: Callable[[str], None] | None = None,
) -> Ablation:
    """Run scenarios under each model and put the headline changes beside each other (convention C86).

    Headlines are, for each scenario in the horizon year: the three corridors that move most and those it opens, the cost of
    the headline pairs, what others can do to the targets in transit (exposure and captive share by value), and the targets'
    welfare.

    Parameters
    ----------
    case : Case, str or Path
    scenarios : sequence of str, optional
        Compared with the baseline; None: those of ``case.toml``.
    as_of : str, optional
    draws, seed : int
        The same draws in every model.
    threads : int, optional
    models : sequence of str
        From the least to the most: those of a run, and ``trade-short`` for trade in the short run (convention C143).
    targets : sequence of str, optional
        Actors whose trade and welfare are looked at; None: the last of the focus that have a zone.
    known : mapping of str to Run, optional
        Runs at hand, by model: they are not made again. Theirs may be other draws than ``draws``.
    narrate : callable, optional
        Called with each model as it starts.

    Examples
    --------
    >>> from mackinder.ensemble import ablation
    >>> ablation("south-caucasus", ["trump-route"], draws=10).table  # doctest: +SKIP
    """
    case = case if isinstance(case, Case) else read_vintage(case, as_of)
    settings = case.settings
    chosen = tuple(settings.scenarios if scenarios is None else scenarios)
    runs: dict[str, Run] = {}
    for model in models:
        if known is not None and model in known:
            runs[model] = known[model]
            continue
        if narrate is not None:
            narrate(model)
        solved, horizon = ("trade", "short") if model == SHORT else (model, None)
        runs[model] = run(case, chosen, draws=draws, seed=seed, threads=threads, model=solved, horizon=horizon)
    looked_at = tuple(targets) if targets is not None else settings.focus[-_TARGETS:]
    headline = _headlines(next(iter(runs.values())).results, settings.horizon_year, looked_at, settings.focus)
    parts = [_changes(found.results, model) for model, found in runs.items()]
    key = [column for column in KEY if column not in ("year", "goods")]
    wide = parts[0]
    for part in parts[1:]:
        wide = wide.merge(part, on=[*KEY], how="outer")
    wide = wide[wide["year"] == settings.horizon_year]
    wanted = _wanted(wide, headline)
    table = wide[wanted].sort_values(key, ignore_index=True)
    table["verdict"] = [
        _verdict([row[f"{m}_sign"] for m in models if row[m] == row[m]]) for row in table.to_dict("records")
    ]
    columns = [f"{model}{end}" for model in models for end in ("", "_low", "_high", "_sign")]
    return Ablation(
        baseline=settings.baseline,
        year=settings.horizon_year,
        models=tuple(models),
        table=table[[*key, *columns, "verdict"]],
        newest_evidence=str(settings.newest_evidence),
    )


def _changes(results: pd.DataFrame, model: str) -> pd.DataFrame:
    """Changes against the baseline, with their sign where the interval leaves zero out."""
    whole = results["goods"].eq("") | results["indicator"].eq("pair_cost")
    rows = results[results["variant"].str.endswith(_MINUS) & whole].copy()
    least = TRIFLE * rows[["low", "high"]].abs().max(axis=1)  # a bound that is zero but for the solver has no sign
    rows["sign"] = np.where(rows["low"] > least, 1, np.where(rows["high"] < -least, -1, 0))
    names = {"value": model, "low": f"{model}_low", "high": f"{model}_high", "sign": f"{model}_sign"}
    return rows[[*KEY, *names]].rename(columns=names)


def _headlines(
    results: pd.DataFrame, year: int, targets: Sequence[str], focus: Sequence[str]
) -> dict[str, set[tuple[str, str]]]:
    """Say what to look at: corridors of each scenario as (scenario, corridor); targets and actors."""
    rows = results[(results["year"] == year) & (results["indicator"] == "corridor_flow") & (results["goods"] == "")]
    change = rows[rows["variant"] == _MINUS]
    level = rows[rows["variant"] == ""]
    corridors: set[tuple[str, str]] = set()
    for scenario, moved in change.groupby("scenario"):
        order = moved["value"].abs().sort_values(ascending=False).index[:_MOVED]
        corridors |= {(str(scenario), a) for a in moved.loc[order, "asset"]}
        there = level[level["scenario"] == scenario]
        now = dict(zip(there["asset"], there["value"], strict=True))
        for asset, value in zip(moved["asset"], moved["value"], strict=True):
            if value > 0 and np.isclose(value, now[asset]):
                corridors.add((str(scenario), asset))
    return {"corridors": corridors, "control": {(t, a) for t in targets for a in focus if a != t}}


def _wanted(wide: pd.DataFrame, headline: dict[str, set[tuple[str, str]]]) -> np.ndarray:
    corridors = pd.MultiIndex.from_frame(wide[["scenario", "asset"]]).isin(list(headline["corridors"]))
    control = pd.MultiIndex.from_frame(wide[["target", "actor"]]).isin(list(headline["control"]))
    targets = wide["target"].isin([t for t, _ in headline["control"]])
    return np.asarray(
        (wide["indicator"].eq("corridor_flow") & corridors)
        | wide["indicator"].eq("pair_cost")
        | (wide["indicator"].isin(_CONTROL) & wide["variant"].eq(f"transit-{_MINUS}") & control)
        | (wide["indicator"].eq("welfare_account") & wide["variant"].eq(f"total-{_MINUS}") & targets)
    )


def _verdict(signs: Sequence[float]) -> str:
    found = set(signs)
    if {1, -1} <= found:
        return "turns"
    if found <= {0}:
        return "none"
    return "fades" if 0 in found else "holds"
