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
from mackinder.indicators.casepower import power_answer, power_rows
from mackinder.indicators.headline import run_lever_rows
from mackinder.indicators.measure import RESULT_COLUMNS
from mackinder.indicators.tiesanswer import ties_answer
from mackinder.strategy.dealrows import deal_rows
from mackinder.strategy.dealsanswer import deals_answer, needed_scenarios
from mackinder.strategy.timelineanswer import timeline_answer, timeline_rows

if TYPE_CHECKING:
    from mackinder.archive import Run
    from mackinder.case import Case

__all__ = ["strategy_rows"]

#: draws of levers and of games: each draw solves dozens of closures
_DRAWS: Final = 20
_KEY: Final = ("scenario", "indicator", "variant", "year", "actor", "target", "goods", "asset", "unit")


def strategy_rows(
    run: Run, case: Case, cases: Mapping[str, Case], *, threads: int, narrate: Callable[[str], None] | None = None
) -> pd.DataFrame:
    """Compute the rows of levers, power, ties, deals and the timeline for a run.

    Levers are those of the first power of the focus on every target of the table of ties; power is played for these targets;
    both for the baseline and the first other scenario. Deals appear if the run holds every scenario that an arrangement names.

    Parameters
    ----------
    run : Run
    case : Case
        As run: the vintage, before scenarios.
    cases : mapping of str to Case
        The case under the baseline, and under the first other scenario of the run.
    threads : int
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
    known = [frame[list(RESULT_COLUMNS)] for frame in frames if len(frame)]
    if not known:
        return pd.DataFrame(columns=list(RESULT_COLUMNS))
    return pd.concat(known, ignore_index=True).sort_values(list(_KEY), kind="stable", ignore_index=True)


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
    if read_arrangements(case.folder) and set(needed_scenarios(case)) <= set(run.manifest["scenarios"]):
        say("deals")
        frames.append(deal_rows(deals_answer(case, run.results, wide, seed=seed), case.settings.horizon_year))
    if read_process(case.folder):
        say("timeline")
        answer = timeline_answer(case, results=run.results, model_draws=wide, seed=seed, analogues=False)
        frames.append(timeline_rows(answer))
    return frames
