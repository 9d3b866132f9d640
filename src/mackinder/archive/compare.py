"""Compare two scenarios of a run, draw by draw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mackinder.archive.run import Run
from mackinder.errors import UsageError, did_you_mean
from mackinder.indicators.measure import NO_AMOUNT, catalogue

__all__ = ["beside", "compare"]

_KEY = ["indicator", "variant", "year", "actor", "target", "goods", "asset", "unit"]


def compare(run: Run, first: str, second: str) -> pd.DataFrame:
    """Return what differs between two scenarios: second minus first, with common random numbers.

    Parameters
    ----------
    run : Run
    first, second : str
        Scenario ids of the run.

    Returns
    -------
    DataFrame
        Key columns without the scenario; ``first`` and ``second`` (medians), ``value``, ``low``, ``high`` (median, 5 and
        95 % of the difference), ``detectable`` (the 90 % interval leaves zero out). An amount that one of the two
        lacks counts as zero there; cost and days per tonne are nan where there is no route or no trade (convention C1).

    Raises
    ------
    UsageError
        If the run has no such scenario.
    """
    names = list(run.manifest["scenarios"])
    for name in (first, second):
        if name not in names:
            raise UsageError(did_you_mean(name, names, what="scenario of this run"))
    levels = run.results[~run.results["variant"].str.endswith("minus-baseline")]
    sides = [
        levels[levels["scenario"] == name][_KEY].reset_index(names=str(i)) for i, name in enumerate((first, second))
    ]
    both = sides[0].merge(sides[1], on=_KEY, how="outer").sort_values(_KEY, ignore_index=True)
    per_tonne = both["indicator"].map(lambda name: catalogue()[name].family in NO_AMOUNT).to_numpy(bool)
    a, b = (_take(run.draws, both[side], np.where(per_tonne, np.nan, 0.0)) for side in ("0", "1"))
    change = b - a
    whole = np.isfinite(change).all(axis=0)
    bounds = np.full((3, change.shape[1]), np.nan)
    bounds[:, whole] = np.quantile(change[:, whole], [0.5, 0.05, 0.95], axis=0)
    return both[_KEY].assign(
        first=np.median(a, axis=0),
        second=np.median(b, axis=0),
        value=bounds[0],
        low=bounds[1],
        high=bounds[2],
        detectable=(bounds[1] > 0) | (bounds[2] < 0),
    )


def beside(table: pd.DataFrame, other: pd.DataFrame, name: str) -> pd.DataFrame:
    """Put the comparison of another run beside one, number by number (convention C162).

    Parameters
    ----------
    table, other : DataFrame
        Of `compare`, for the same scenarios.
    name : str
        Ending of the columns of the other.

    Returns
    -------
    DataFrame
        ``table`` with ``value_<name>``, ``low_<name>``, ``high_<name>`` and ``detectable_<name>``; what one of the two does not
        have is nan there, and not detectable.

    Examples
    --------
    >>> beside(compare(long, "a", "b"), compare(short, "a", "b"), "short")  # doctest: +SKIP
    """
    columns = ("value", "low", "high", "detectable")
    named = other[[*_KEY, *columns]].rename(columns={c: f"{c}_{name}" for c in columns})
    both = table.merge(named, on=_KEY, how="outer").sort_values(_KEY, ignore_index=True)
    for column in ("detectable", f"detectable_{name}"):
        both[column] = both[column].eq(True)
    return both


def _take(draws: np.ndarray, index: pd.Series[float], missing: np.ndarray) -> np.ndarray:
    there = index.notna().to_numpy()
    out = np.repeat(missing[None, :], draws.shape[0], axis=0)
    out[:, there] = draws[:, index[there].to_numpy(dtype=np.int64)]
    return out
