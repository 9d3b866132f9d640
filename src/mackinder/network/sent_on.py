"""Trade without foreign goods that are only sent on: what the switch of re-exports takes out (conventions C57, C141)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.draws import Design

__all__ = ["left_of_trade"]

Array = NDArray[np.float64]


def left_of_trade(case: Case, every: Sequence[str], value: Array, design: Design) -> Array:
    """Return which part of each flow is left when goods that are only sent on are taken out (convention C141).

    The share of the row goes from the flow itself. The same amount goes from what the ``origins`` of the row sent to the
    country through which it passed, in proportion to what each sent, and never more than that; where no origin is known, or
    none sent enough, the rest is left where it is.

    Parameters
    ----------
    case : Case
        Tables ``reexports`` and ``zones``.
    every : sequence of str
        Goods of the last axis.
    value : ndarray, shape (K, Z, Z, goods), USD/yr
        Trade as customs count it.
    design : Design
        Draws of the shares, ``reexports/<id>``.

    Returns
    -------
    ndarray, shape of value, between 0 and 1
        The same part holds for tonnes.
    """
    table = case.table("reexports")
    left = np.ones_like(value)
    if table.empty:
        return left
    country = case.table("zones")["country"].to_numpy()
    share = design.quantity(
        [f"reexports/{i}" for i in table["reexport_id"]],
        *(table[f"share_{b}"].to_numpy(float) for b in ("low", "mode", "high")),
    )
    passing = []
    for i, row in enumerate(table.to_dict("records")):
        here, there = (np.flatnonzero(country == row[end]) for end in ("exporter", "importer"))
        for g in range(len(every)) if row["goods"] == "*" else [every.index(str(row["goods"]))]:
            at = np.ix_(np.arange(len(value)), here, there, np.array([g]))
            left[at] *= (1.0 - share[:, i])[:, None, None, None]
            amount = value[at].sum(axis=(1, 2, 3)) * share[:, i]
            passing.append((here, g, amount, np.flatnonzero(np.isin(country, str(row["origins"]).split(";")))))
    for through, g, amount, origins in passing:
        at = np.ix_(np.arange(len(value)), origins, through, np.array([g]))
        supply = (value[at] * left[at]).sum(axis=(1, 2, 3))
        part = np.divide(amount, supply, out=np.zeros_like(supply), where=supply > 0)
        left[at] *= (1.0 - np.minimum(part, 1.0))[:, None, None, None]
    return left
