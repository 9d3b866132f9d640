"""History replayed: predictions from what was known on the eve, scored beside naive ones and official plans (C129, C130)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.episodesdoc import Episode, Input, Outcome, Replay
from mackinder.draws import Design, keyed_generator, split_quantile
from mackinder.errors import CaseError
from mackinder.evidence.scoring import crps, crps_of_draws, interval_score
from mackinder.scenario.knowledge import fact_days
from mackinder.scenario.updates import read_updates

__all__ = ["BACKTEST_COLUMNS", "Backtest", "prove", "replay_episodes", "untimely_inputs"]

Floats = NDArray[np.float64]
BACKTEST_COLUMNS = (
    "episode", "outcome", "unit", "eve", "value", "low", "high", "observed", "covered", "crps", "crps_no_change",
    "crps_plan", "interval_score", "interval_score_no_change", "interval_score_plan", "beats_no_change", "refused",
)  # fmt: skip
_DRAWS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Scores of replayed episodes, and the proof that nothing later entered.

    Attributes
    ----------
    table : DataFrame
        Columns `BACKTEST_COLUMNS`; one row an outcome; NaN where the replay was refused.
    manifest : dict
        For each outcome its eve, and each input with its facts and the day on which each became known.
    """

    table: pd.DataFrame
    manifest: dict[str, Any]


def replay_episodes(case: Case, episodes: Sequence[Episode], *, draws: int = _DRAWS, seed: int = 0) -> Backtest:
    """Replay the episodes of a case.

    Parameters
    ----------
    case : Case
        With all its facts, as `read_case` returns it.
    episodes : sequence of Episode
    draws, seed : int
        Of the inputs.

    Raises
    ------
    CaseError
        If a fact of an input became known after the eve, or a judged input has no ground.

    Examples
    --------
    >>> from mackinder.case import read_case  # doctest: +SKIP
    >>> from mackinder.case.episodesdoc import read_episodes  # doctest: +SKIP
    >>> case = read_case("south-caucasus")  # doctest: +SKIP
    >>> replay_episodes(case, read_episodes(case.folder)).table["covered"].mean()  # doctest: +SKIP
    """
    days = fact_days(case, read_updates(case))
    rows, manifest = [], {}
    for episode in episodes:
        for outcome in episode.outcome:
            key = f"{episode.id}/{outcome.id}"
            manifest[key] = prove(key, outcome, days)
            rows.append(_row(episode, outcome, _predict(key, outcome.replay, draws, seed)))
    return Backtest(
        table=pd.DataFrame(rows, columns=list(BACKTEST_COLUMNS)),
        manifest={
            "schema": "mackinder.backtests/1",
            "case": case.name,
            "draws": draws,
            "seed": seed,
            "outcomes": manifest,
        },
    )


def prove(key: str, outcome: Outcome, days: Mapping[str, str]) -> dict[str, Any]:
    """Return what a prediction rests on, with the day on which each fact became known.

    Raises
    ------
    CaseError
        If one became known after the eve.
    """
    late = list(untimely_inputs(outcome, days))
    if late:
        msg = (
            f"episodes: {key}: {'; '.join(late)}. Only what was known on the eve may enter: take an earlier source, or refuse "
            "(kind none)"
        )
        raise CaseError(msg)
    inputs: dict[str, dict[str, Any]] = {
        name: {
            "low": item.low, "mode": item.mode, "high": item.high, "basis": item.basis, "ground": item.ground,
            "facts": {fact: days[fact] for fact in item.facts},
        }
        for name, item in _inputs(outcome.replay)
    }  # fmt: skip
    spans: dict[str, dict[str, Any]] = {
        s.id: {"days": s.days, "ended": s.ended, "facts": {f: days[f] for f in s.facts}} for s in outcome.replay.span
    }
    known = [day for item in (*inputs.values(), *spans.values()) for day in item["facts"].values()]
    return {
        "eve": outcome.eve.isoformat(), "inputs": inputs, "spans": spans,
        "newest_input": max(known, default=""), "all_known_on_the_eve": True,
        "judged": sorted(name for name, item in inputs.items() if not item["facts"]),
    }  # fmt: skip


def untimely_inputs(outcome: Outcome, days: Mapping[str, str]) -> Iterator[str]:
    """Yield, in words, each input that rests on a fact that was not known on the eve, or that the case does not have."""
    eve = outcome.eve.isoformat()
    named: list[tuple[str, tuple[str, ...]]] = [(n, i.facts) for n, i in _inputs(outcome.replay)]
    if outcome.replay.kind != "none":
        named.append(("no_change", outcome.no_change.facts))
    named += [(f"span {s.id}", s.facts) for s in outcome.replay.span]
    for name, facts in named:
        for fact in facts:
            if fact not in days:
                yield f"{name}: no fact {fact}"
            elif days[fact] > eve:
                yield f"{name} rests on {fact}, known on {days[fact]}, after the eve {eve}"


def _inputs(replay: Replay) -> list[tuple[str, Input]]:
    return sorted(replay.input.items())


def _predict(key: str, replay: Replay, draws: int, seed: int) -> Floats | None:
    """Draws of the prediction; None where it is refused."""
    design = Design(seed=seed, draws=draws, common_share=0.0)
    x = {
        name: split_quantile(design.normal(f"{key}/{name}"), *(np.full(draws, b) for b in (i.low, i.mode, i.high)))
        for name, i in _inputs(replay)
    }
    if replay.kind == "none":
        return None
    if replay.kind == "trend":
        log = np.log(x["growth"]) * x["damping"] + x["noise"] * design.normal(f"{key}/scatter")
        level = x["last"] * np.exp(log)
        return np.minimum(level, x["capacity"]) if "capacity" in x else level
    if replay.kind == "ratio":
        return x["plan"] * x["ratio"]
    if replay.kind == "pivot":
        s = x["share"]
        weight = np.exp(-x["dispersion"] * x["cost"])
        kept = weight / (s * weight + 1.0 - s)  # new share over old: C24 from where the market was
        return 100.0 * (kept - 1.0) if replay.change == "percent" else x["last"] * kept
    lasted = _durations(key, replay, draws, seed)
    return np.minimum(lasted, x["capacity"]) if "capacity" in x else lasted


def _durations(key: str, replay: Replay, draws: int, seed: int) -> Floats:
    """Draws of a lognormal duration; its mean and spread are drawn by resampling the class (Bayesian bootstrap).

    One that still lasted on the eve counts with what it had lasted by then: a lower bound, so the class is too short.
    """
    logs = np.log([s.days for s in replay.span])
    generator = keyed_generator(seed, f"{key}/class")
    weight = generator.dirichlet(np.ones(len(logs)), size=draws)
    mean = weight @ logs
    spread = np.sqrt(np.maximum((weight * (logs[None, :] - mean[:, None]) ** 2).sum(axis=1), 1e-6))
    return np.asarray(np.exp(mean + spread * generator.standard_normal(draws)))


def _row(episode: Episode, outcome: Outcome, drawn: Floats | None) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(BACKTEST_COLUMNS, np.nan)
    seen = outcome.observed.mode
    row |= {
        "episode": episode.id, "outcome": outcome.id, "unit": outcome.unit, "eve": outcome.eve.isoformat(),
        "observed": seen, "refused": outcome.replay.why,
        **_scores("no_change", outcome.no_change, seen), **_scores("plan", outcome.plan, seen),
    }  # fmt: skip
    if drawn is None:
        return row | {"beats_no_change": "", "covered": ""}
    low, value, high = (float(v) for v in np.quantile(drawn, [0.05, 0.5, 0.95]))
    own = crps_of_draws(drawn, seen)
    return row | {
        "value": value, "low": low, "high": high, "covered": "yes" if low <= seen <= high else "no", "crps": own,
        "interval_score": interval_score(low, high, seen),
        "beats_no_change": "yes" if own < float(str(row["crps_no_change"])) else "no",
    }  # fmt: skip


def _scores(name: str, given: Input | None, seen: float) -> dict[str, object]:
    if given is None:
        return {}
    return {
        f"crps_{name}": crps(given.low, given.mode, given.high, seen),
        f"interval_score_{name}": interval_score(given.low, given.high, seen),
    }
