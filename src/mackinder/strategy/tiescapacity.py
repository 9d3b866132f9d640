"""Ties as a measure of what powers can bring to bear: one of the capability mappings of the spatial model."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from mackinder.case import Case
from mackinder.indicators.tiesanswer import ties_answer

__all__ = ["ties_capacity"]

#: draws of the ties; the spatial model takes their medians and puts noise of its own on every mapping
_DRAWS: Final = 20


def ties_capacity(case: Case, targets: Collection[str], *, seed: int) -> dict[str, float] | None:
    """Sum the ties capacity of each power over some states, at the newest year that is not the horizon.

    Parameters
    ----------
    case : Case
    targets : collection of str
        States that the ties are on.
    seed : int
        Names the streams.

    Returns
    -------
    dict of str to float, or None
        Capacity index (1) of each power; None where the case has no ties.

    Examples
    --------
    >>> from mackinder.case import read_case
    >>> capacity = ties_capacity(read_case("south-caucasus"), ["ARM", "AZE"], seed=0)
    >>> capacity["RUS"] > 0
    True
    """
    if case.table("ties").empty:
        return None
    baseline, horizon = case.settings.baseline, case.settings.horizon_year
    rows = ties_answer(case, [baseline], draws=_DRAWS, seed=seed).rows
    rows = rows[(rows["indicator"] == "ties_capacity") & (rows["variant"] == "all") & rows["value"].notna()]
    rows = rows[(rows["scenario"] == baseline) & rows["target"].isin(list(targets))]
    rows = rows[rows["year"] == rows.loc[rows["year"] < horizon, "year"].max()]
    return {str(actor): float(part["value"].sum()) for actor, part in rows.groupby("actor")}
