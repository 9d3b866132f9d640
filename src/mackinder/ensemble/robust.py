"""Choices under deep uncertainty: regret of scenarios across futures, and how stable a ranking is over draws."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from mackinder.archive import Run
from mackinder.errors import UsageError

__all__ = ["rank_stability", "regret", "scenario_draws"]

Floats = NDArray[np.float64]


def scenario_draws(run: Run, indicator: str, *, year: int | None = None, **key: str) -> tuple[list[str], Floats]:
    """Return an indicator under every scenario that has it, draw by draw.

    Parameters
    ----------
    run : Run
    indicator : str
    year : int, optional
        None: the horizon year.
    **key : str
        Further columns of the key; those not named are empty.

    Returns
    -------
    list of str
        Scenarios.
    ndarray, shape (K, scenarios)

    Raises
    ------
    UsageError
        If no scenario has such a number.
    """
    rows = run.results
    wanted = {"indicator": indicator, "variant": "", "actor": "", "target": "", "goods": "", "asset": ""} | key
    mine = rows["year"] == (year or run.manifest["horizon_year"])
    for column, value in wanted.items():
        mine &= rows[column] == value
    if not mine.any():
        named = ", ".join(f"{k} {v!r}" for k, v in wanted.items() if v)
        msg = f"no number has {named}: `mackinder why RUN` lists the indicators there are"
        raise UsageError(msg)
    at = np.flatnonzero(mine.to_numpy())
    return rows.loc[mine, "scenario"].tolist(), run.draws[:, at].astype(np.float64)


def regret(names: list[str], draws: Floats, *, more_is_better: bool = True) -> pd.DataFrame:
    """Return by how much each choice falls short of the best one, in the same future.

    Parameters
    ----------
    names : list of str
    draws : ndarray, shape (K, n)
        Value of each choice in each draw; draws shared.
    more_is_better : bool

    Returns
    -------
    DataFrame
        choice, regret (median), low, high (5 and 95 %), worst, best_share (share of futures in which it is the best).

    Examples
    --------
    >>> regret(["a", "b"], np.array([[1.0, 2.0], [3.0, 2.0]]))["worst"].tolist()
    [1.0, 1.0]
    """
    fine = draws[np.isfinite(draws).all(axis=1)]
    worth = fine if more_is_better else -fine
    short = worth.max(axis=1, keepdims=True) - worth
    ties = short == 0
    best = (ties / ties.sum(axis=1, keepdims=True)).mean(axis=0)
    middle, low, high = np.quantile(short, [0.5, 0.05, 0.95], axis=0)
    frame = pd.DataFrame({
        "choice": names, "regret": middle, "low": low, "high": high, "worst": short.max(axis=0), "best_share": best,
    })  # fmt: skip
    return frame.sort_values(["high", "choice"], kind="stable", ignore_index=True)


def rank_stability(names: list[str], draws: Floats) -> pd.DataFrame:
    """Return the rank of each item over draws, and how often each pair of neighbours keeps its order.

    Parameters
    ----------
    names : list of str
    draws : ndarray, shape (K, n)

    Returns
    -------
    DataFrame
        item, rank (median), low, high, ``above_next``: share of draws in which it exceeds the next by median rank.

    Examples
    --------
    >>> rank_stability(["a", "b"], np.array([[2.0, 1.0], [3.0, 1.0]]))["above_next"].tolist()[0]
    1.0
    """
    fine = draws[np.isfinite(draws).all(axis=1)]
    ranks = stats.rankdata(-fine, axis=1)  # level ones share their rank
    middle, low, high = np.quantile(ranks, [0.5, 0.05, 0.95], axis=0)
    frame = pd.DataFrame({"item": names, "rank": middle, "low": low, "high": high})
    order = np.argsort(ranks.mean(axis=0), kind="stable")
    above = [float((fine[:, a] > fine[:, b]).mean()) for a, b in itertools.pairwise(order)] + [np.nan]
    return frame.iloc[order].assign(above_next=above).reset_index(drop=True)
