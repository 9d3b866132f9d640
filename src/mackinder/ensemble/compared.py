"""One number under all scenarios of a run, in the same futures: how far apart, in which order, and what each choice misses."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from mackinder.archive import Run
from mackinder.ensemble.robust import rank_stability, regret
from mackinder.errors import UsageError, did_you_mean
from mackinder.indicators.measure import KEY, catalogue

__all__ = ["AIMS", "aim_of", "compare_scenarios"]

#: what is better: more, less, or neither (then there is no regret)
AIMS: Final = ("more", "less", "none")
#: families of numbers of which everybody wants less, or more; of flows and control it depends on who asks
_WANTED: Final = {"cost": "less", "capacity": "less", "welfare": "more", "appraisal": "more"}
_MINUS: Final = "minus-baseline"
_COLUMNS: Final = (
    "scenario", "value", "low", "high", "rank", "rank_low", "rank_high", "above_next", "best_share", "regret", "regret_high",
    "worst",
)  # fmt: skip


def aim_of(indicator: str, asked: str | None = None) -> str:
    """Return whether more or less of an indicator is better, or none.

    Parameters
    ----------
    indicator : str
    asked : str, optional
        One of `AIMS`; None: less of costs and queues, more of welfare, none of what one gains and another loses.

    Raises
    ------
    UsageError
        If ``asked`` is none of these.

    Examples
    --------
    >>> aim_of("pair_cost"), aim_of("corridor_flow"), aim_of("corridor_flow", "more")
    ('less', 'none', 'more')
    """
    if asked is not None:
        if asked not in AIMS:
            raise UsageError(did_you_mean(asked, AIMS, what="aim (--better)"))
        return asked
    known = catalogue()
    return _WANTED.get(known[indicator].family, "none") if indicator in known else "none"


def compare_scenarios(run: Run, row: int, *, aim: str = "none") -> pd.DataFrame:
    """Return a number under every scenario that has it, over the draws that all of them have (convention C154).

    Parameters
    ----------
    run : Run
    row : int
        Row of ``run.results``; of a difference to the baseline, the baseline has zero.
    aim : {"more", "less", "none"}
        What is better, for regret.

    Returns
    -------
    DataFrame
        scenario; value, low, high; rank (1: the largest), rank_low, rank_high; above_next: share of futures in which it is larger
        than the next below; with an aim best_share, regret (median), regret_high (95 %) and worst: by how much it misses the best
        scenario of the same future. Empty if only one scenario has the number.

    Examples
    --------
    >>> compare_scenarios(run, 7, aim="less")  # doctest: +SKIP
    """
    mine = run.results.loc[row]
    rest = [column for column in KEY if column != "scenario"]
    same = (run.results[rest] == mine[rest]).all(axis=1).to_numpy()
    at = np.flatnonzero(same)
    names = run.results["scenario"].to_numpy()[at].tolist()
    draws = run.draws[:, at].astype(np.float64)
    baseline = run.manifest["baseline"]
    if str(mine["variant"]).endswith(_MINUS) and baseline not in names:
        names, draws = [baseline, *names], np.hstack([np.zeros((len(draws), 1)), draws])
    draws = draws[np.isfinite(draws).all(axis=1)]
    if len(names) < 2 or not len(draws):
        return pd.DataFrame(columns=list(_COLUMNS))
    middle, low, high = np.quantile(draws, [0.5, 0.05, 0.95], axis=0)
    spans = pd.DataFrame({"scenario": names, "value": middle, "low": low, "high": high})
    ranks = rank_stability(names, draws).rename(
        columns={"item": "scenario", "low": "rank_low", "high": "rank_high"}
    )  # fmt: skip
    table = ranks.merge(spans, on="scenario")
    if aim == "none":
        return table.reindex(columns=list(_COLUMNS))
    missed = regret(names, draws, more_is_better=aim == "more")
    missed = missed.rename(columns={"choice": "scenario", "high": "regret_high"}).drop(columns="low")
    return table.merge(missed, on="scenario")[list(_COLUMNS)]
