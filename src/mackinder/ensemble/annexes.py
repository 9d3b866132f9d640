"""What a run adds from the other models: levers, power, ties, deals and the timeline, as rows beside its results.

These have draws of their own, fewer than the run: so they are a table of their own, ``strategy.parquet``, with the columns
of ``results.parquet`` and no draws behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import pandas as pd

from mackinder.case.arrangements import read_arrangements
from mackinder.case.peaceprocess import read_process
from mackinder.ensemble.nested import SHORT, ablation
from mackinder.errors import NotConvergedError
from mackinder.indicators.casepower import power_answer, power_rows
from mackinder.indicators.headline import run_lever_rows
from mackinder.indicators.measure import RESULT_COLUMNS
from mackinder.indicators.tiesanswer import ties_answer
from mackinder.strategy.dealrows import deal_rows
from mackinder.strategy.dealsanswer import deals_answer, left_out
from mackinder.strategy.timelineanswer import timeline_answer, timeline_rows

if TYPE_CHECKING:
    from mackinder.archive import Run
    from mackinder.case import Case

__all__ = ["ablation_rows", "strategy_rows"]

#: draws of the simpler models of the ablation
_ABLATION_DRAWS: Final = 10
#: draws of levers and of games: each draw solves dozens of closures
_DRAWS: Final = 20
_KEY: Final = ("scenario", "indicator", "variant", "year", "actor", "target", "goods", "asset", "unit")


def strategy_rows(
    run: Run,
    case: Case,
    cases: Mapping[str, Case],
    *,
    threads: int,
    ablated: bool = False,
    narrate: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Compute the rows of levers, power, ties, deals and the timeline for a run.

    Levers are those of the first power of the focus on every target of the table of ties; power is played for these targets;
    both for the baseline and the first other scenario. Deals are those of the arrangements whose
    scenarios the run holds (convention C163).

    Parameters
    ----------
    run : Run
    case : Case
        As run: the vintage, before scenarios.
    cases : mapping of str to Case
        The case under the baseline, and under the first other scenario of the run.
    threads : int
    ablated : bool
        Count what survives from simpler models too: on the packaged case these take minutes.
    narrate : callable, optional
        Called with a few words as each part starts.

    Returns
    -------
    DataFrame
        Columns of ``results.parquet``, keys unique, sorted; empty if the case has none of these tables.

    Examples
    --------
    >>> rows = strategy_rows(run, case, cases, threads=2)  # doctest: +SKIP
    """
    say = narrate or (lambda _: None)
    seed, draws = int(run.manifest["seed"]), min(_DRAWS, int(run.manifest["draws"]))
    told = [name for name in cases if name != run.manifest["baseline"]]
    frames = []
    if len(case.table("levers")):
        say("levers")
        frames.append(run_lever_rows(case, told, draws=draws, seed=seed, threads=threads)[0])
    if len(case.table("ties")):
        say("ties")
        scenarios = list(run.manifest["scenarios"])
        frames.append(ties_answer(case, scenarios, results=run.results, seed=seed).rows)
        say("power")
        frames += _power(run, case, cases, draws, threads)
    frames += _plans(run, case, seed, say)
    if ablated:
        frames.append(ablation_rows(run, case, threads=threads, narrate=say))
    known = [frame[list(RESULT_COLUMNS)] for frame in frames if len(frame)]
    if not known:
        return pd.DataFrame(columns=list(RESULT_COLUMNS))
    return pd.concat(known, ignore_index=True).sort_values(list(_KEY), kind="stable", ignore_index=True)


def ablation_rows(
    run: Run, case: Case, *, threads: int, draws: int = _ABLATION_DRAWS, narrate: Callable[[str], None] | None = None
) -> pd.DataFrame:
    """Count which headline conclusions of a run survive from routes alone to its own model (convention C164).

    The simpler models are run here, with few draws; the model of the run is the run itself.

    Parameters
    ----------
    run : Run
    case : Case
        As run.
    threads : int
    draws : int
        Of the simpler models; never more than the run has.
    narrate : callable, optional

    Returns
    -------
    DataFrame
        Columns of ``results.parquet``; indicator ``ablation_count``, variant the verdict, asset the indicator that conclusions
        are about. Empty of a run of routes alone, of one without a second scenario, and where a simpler model is not solved.

    Examples
    --------
    >>> ablation_rows(run, case, threads=2)  # doctest: +SKIP
    """
    say = narrate or (lambda _: None)
    manifest = run.manifest
    own = SHORT if manifest["model"] == "trade" and manifest.get("horizon") == "short" else str(manifest["model"])
    others = [name for name in manifest["scenarios"] if name != manifest["baseline"]]
    empty = pd.DataFrame(columns=list(RESULT_COLUMNS))
    if own == "routes" or not others:
        return empty
    models = ("routes", own) if own == "capacity" else ("routes", "capacity", own)
    few = min(draws, int(manifest["draws"]))
    say(f"ablation: {', '.join(models[:-1])} with {few} draws")
    try:
        found = ablation(
            case, others, draws=few, seed=int(manifest["seed"]), threads=threads, models=models, known={own: run}
        )  # fmt: skip
    except NotConvergedError as error:
        say(f"ablation left out: {error}")
        return empty
    counts = found.table.value_counts(["scenario", "verdict", "indicator"]).reset_index(name="n")
    rows = [
        dict.fromkeys(RESULT_COLUMNS, "")
        | {"scenario": scenario, "indicator": "ablation_count", "variant": verdict, "year": found.year, "asset": indicator,
           "unit": "1", "value": float(n), "low": float(n), "high": float(n), "draws": few}
        for scenario, verdict, indicator, n in counts.itertuples(index=False)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(RESULT_COLUMNS))


def _power(run: Run, case: Case, cases: Mapping[str, Case], draws: int, threads: int) -> list[pd.DataFrame]:
    """Play the game of each target now, and at the horizon under each case."""
    settings = case.settings
    targets = [a for a in settings.focus if a in set(case.table("ties")["target"])]
    asked = [(settings.baseline, settings.base_year), *((name, settings.horizon_year) for name in cases)]
    return [
        power_rows(
            power_answer(
                cases[name], name, year, target=target, draws=draws, seed=int(run.manifest["seed"]), threads=threads
            )
        )
        for name, year in asked
        for target in targets
    ]


def _plans(run: Run, case: Case, seed: int, say: Callable[[str], None]) -> list[pd.DataFrame]:
    frames, wide = [], run.draws.astype(float)
    document = read_arrangements(case.folder)
    if document is not None:
        scenarios = list(run.manifest["scenarios"])
        gone = left_out(case, scenarios)
        held = [item.id for item in document.arrangement if item.id not in gone]
        if held != [document.status_quo] and document.status_quo in held:
            say(f"deals ({', '.join(held)}{'; left out: ' + ', '.join(gone) if gone else ''})")
            answer = deals_answer(case, run.results, wide, scenarios=scenarios, seed=seed)
            frames.append(deal_rows(answer, case.settings.horizon_year))
        else:
            lacks = sorted({name for missing in gone.values() for name in missing})
            say(f"no deals: every arrangement needs a scenario that the run lacks ({', '.join(lacks)})")
    if read_process(case.folder):
        say("timeline")
        when = timeline_answer(case, results=run.results, model_draws=wide, seed=seed, analogues=False)
        frames.append(timeline_rows(when))
    return frames
