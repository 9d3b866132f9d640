"""Ties between powers and states: the words for what is measured, and the rows that hold on a day."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

import numpy as np
import pandas as pd

__all__ = ["TieIndicator", "last_ties", "tie_indicators"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TieIndicator:
    """One word of the vocabulary of ``ties.indicator``.

    Attributes
    ----------
    name : str
    dimensions, units : tuple of str
        What its rows may say in ``dimension`` and ``value_unit``.
    kind : str
        observation or state.
    meaning : str
        In one line.
    """

    name: str
    dimensions: tuple[str, ...]
    units: tuple[str, ...]
    kind: str
    meaning: str


@cache
def tie_indicators() -> Mapping[str, TieIndicator]:
    """Return the vocabulary by name, sorted; it is data (``tie_indicators.csv`` in this package).

    Examples
    --------
    >>> tie_indicators()["gas_price"].units
    ('USD/1000 m3',)
    """
    text = (resources.files("mackinder.case") / "tie_indicators.csv").read_text(encoding="utf-8")
    found = {
        row["indicator"]: TieIndicator(
            name=row["indicator"],
            dimensions=tuple(row["dimensions"].split(";")),
            units=tuple(row["units"].split(";")),
            kind=row["kind"],
            meaning=row["meaning"],
        )
        for row in csv.DictReader(text.splitlines())
    }
    return MappingProxyType(dict(sorted(found.items())))


def last_ties(ties: pd.DataFrame, day: str | dt.date) -> pd.DataFrame:
    """Return what can be said of each tie on a day: states that hold, and the last observation that has begun.

    A series is a sender, target, indicator and variant (convention C48). An observation that ended earlier is returned
    too, and its ``age_years`` says how old it is: whether it may stand for the day is for the caller to decide. A state
    that has ended gives no row.

    Parameters
    ----------
    ties : DataFrame
        Table ``ties``.
    day : str or date
        ISO day.

    Returns
    -------
    DataFrame
        Rows of the table with ``age_years`` (0 while the row holds), at most one for each series.

    Examples
    --------
    >>> from mackinder.case import read_case, scaffold  # doctest: +SKIP
    >>> last_ties(read_case(scaffold("demo")).table("ties"), "2025-01-01").tie_id.tolist()  # doctest: +SKIP
    ['bbb-exports-to-aaa-2023', 'bbb-pact']
    """
    text = str(day)
    begun = ties[(ties["starts_on"] <= text) & ~((ties["kind"] == "state") & _ended(ties, text))]
    order = begun.sort_values(["sender", "target", "indicator", "variant", "starts_on", "tie_id"])
    last = order.drop_duplicates(["sender", "target", "indicator", "variant"], keep="last")
    ends = pd.to_datetime(last["ends_on"].where(_ended(last, text), text))
    age = (pd.Timestamp(text) - ends).dt.days.to_numpy(dtype=np.float64) / 365.25
    return last.assign(age_years=age).sort_values("tie_id", ignore_index=True)


def _ended(ties: pd.DataFrame, day: str) -> pd.Series[bool]:
    return (ties["ends_on"] != "") & (ties["ends_on"] < day)
