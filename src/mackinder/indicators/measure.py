"""Measures: draws of an indicator with the keys they belong to, and their summary as result rows."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import chain

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = [
    "KEY",
    "NO_AMOUNT",
    "RESULT_COLUMNS",
    "Indicator",
    "Label",
    "Measure",
    "catalogue",
    "difference",
    "repeat",
    "stack",
    "summarise",
]

#: the key of results.parquet (design: unique, plain strings, integer year, no nulls)
KEY = ("scenario", "indicator", "variant", "year", "actor", "target", "goods", "asset", "unit")
RESULT_COLUMNS = (*KEY, "value", "low", "high", "draws")
#: what a number is about: some columns of `KEY`
Label = dict[str, str | int]
#: families of numbers that are not amounts: where one side has none there is nothing to compare, not zero (C1)
NO_AMOUNT = frozenset({"appraisal", "bottleneck", "cost"})
#: appended to the variant of a difference to the baseline scenario
_MINUS = "minus-baseline"
#: median and 90 % interval
_POINTS = (0.5, 0.05, 0.95)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One row of ``catalogue.csv``."""

    indicator: str
    unit: str
    family: str
    variants: tuple[str, ...]
    dimensions: tuple[str, ...]
    label: str
    description: str


@cache
def catalogue() -> dict[str, Indicator]:
    """Return all indicators by id: the only place where an indicator is named.

    Examples
    --------
    >>> catalogue()["corridor_flow"].unit
    'Mt/yr'
    """
    text = resources.files("mackinder.indicators").joinpath("catalogue.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        row["indicator"]: Indicator(
            **{k: row[k] for k in ("indicator", "unit", "family", "label", "description")},
            variants=tuple(filter(None, row["variants"].split(";"))),
            dimensions=tuple(filter(None, row["dimensions"].split(";"))),
        )
        for row in rows
    }


class Measure:
    """Draws of one or more indicators.

    Parameters
    ----------
    keys : DataFrame
        One row a number, columns `KEY`.
    draws : ndarray, shape (K, n)
        nan where a draw has no value (no route).
    """

    __slots__ = ("_columns", "_keys", "draws")

    def __init__(self, *, keys: pd.DataFrame, draws: NDArray[np.float64]) -> None:
        self._keys: pd.DataFrame | None = keys
        self._columns: Mapping[str, list[str | int]] = {}
        self.draws = draws

    @classmethod
    def of(cls, indicator: str, values: NDArray[np.float64], labels: Sequence[Label]) -> Measure:
        """Label the columns of ``values`` (K, n) with ``labels`` (n dicts); the unit comes from the catalogue.

        Raises
        ------
        KeyError
            If the catalogue does not name the indicator.
        """
        given: Label = {"indicator": indicator, "unit": catalogue()[indicator].unit, "year": 0}
        return cls._of_columns(
            {column: [label.get(column, given.get(column, "")) for label in labels] for column in KEY}, values
        )

    @classmethod
    def _of_columns(cls, columns: Mapping[str, list[str | int]], draws: NDArray[np.float64]) -> Measure:
        """Make the frame of the keys only when somebody looks at it: most measures are stacked, and one frame will do."""
        measure = cls.__new__(cls)
        measure._keys, measure._columns, measure.draws = None, columns, draws
        return measure

    @property
    def keys(self) -> pd.DataFrame:
        """One row a number, columns `KEY`."""
        if self._keys is None:
            self._keys = pd.DataFrame(dict(self._columns)).astype({"year": "int64"})
        return self._keys

    @staticmethod
    def side_by_side(parts: Sequence[Measure]) -> Measure:
        """Put measures side by side, in their order."""
        draws = np.concatenate([part.draws for part in parts], axis=1)
        if any(part._keys is not None for part in parts):
            return Measure(keys=pd.concat([part.keys for part in parts], ignore_index=True), draws=draws)
        return Measure._of_columns(
            {column: list(chain.from_iterable(part._columns[column] for part in parts)) for column in KEY}, draws
        )


def stack(measures: Iterable[Measure], *, ordered: bool = True) -> Measure:
    """Put measures side by side, sorted by key unless order does not matter yet."""
    found = Measure.side_by_side([measure for measure in measures if measure.draws.shape[1]])
    if not ordered:
        return found
    order = found.keys.sort_values(list(KEY), kind="stable").index.to_numpy()
    return Measure(keys=found.keys.iloc[order].reset_index(drop=True), draws=found.draws[:, order])


def repeat(measure: Measure, same: Sequence[Sequence[tuple[str, int]]]) -> Measure:
    """Give the numbers of a state to every (scenario, year) that it stands for.

    Parameters
    ----------
    measure : Measure
        Keyed by the first of each group.
    same : sequence of sequences of (scenario, year)
        Groups; the first of each is the one that was measured.
    """
    parts = [measure]
    for first, *others in same:
        mine = ((measure.keys["scenario"] == first[0]) & (measure.keys["year"] == first[1])).to_numpy()
        for scenario, year in others:
            parts.append(
                Measure(keys=measure.keys[mine].assign(scenario=scenario, year=year), draws=measure.draws[:, mine])
            )
    return stack(parts, ordered=False)


def difference(measure: Measure, baseline: str, years: Sequence[int]) -> Measure:
    """Return what each scenario changes against the baseline, draw by draw, in the given years.

    An amount that the baseline lacks (of an actor that touches nothing there) is compared with zero; one that the
    scenario lacks likewise. What a tonne costs is no amount: without trade there is no cost (C1), and no difference.
    The variant says ``minus-baseline``.
    """
    keys = measure.keys[measure.keys["year"].isin(list(years))]
    rest = [column for column in KEY if column != "scenario"]
    base = keys[keys["scenario"] == baseline]
    parts = []
    for scenario in sorted(set(keys["scenario"]) - {baseline}):
        there = keys[keys["scenario"] == scenario]
        both = base[rest].reset_index(names="b").merge(there[rest].reset_index(names="s"), on=rest, how="outer")
        per_tonne = both["indicator"].map(lambda name: catalogue()[name].family in NO_AMOUNT)
        both = both[~per_tonne | (both["b"].notna() & both["s"].notna())]
        value = _column(measure.draws, both["s"]) - _column(measure.draws, both["b"])
        variant = [f"{v}-{_MINUS}" if v else _MINUS for v in both["variant"]]
        parts.append(Measure(keys=both[rest].assign(scenario=scenario, variant=variant)[list(KEY)], draws=value))
    return stack(parts, ordered=False) if parts else Measure(keys=keys.iloc[:0], draws=measure.draws[:, :0])


def _column(draws: NDArray[np.float64], index: pd.Series[float]) -> NDArray[np.float64]:
    there = index.notna().to_numpy()
    out = np.zeros((draws.shape[0], len(index)))
    out[:, there] = draws[:, index[there].to_numpy(dtype=np.int64)]
    return out


def summarise(measure: Measure) -> pd.DataFrame:
    """Return the rows of ``results.parquet``: median, 5 % and 95 % points over the draws that have a value.

    ``draws`` counts those draws; a number without any has nan for a value.
    """
    counted = np.isfinite(measure.draws).sum(axis=0)
    value = np.full((len(_POINTS), measure.draws.shape[1]), np.nan)
    for count in np.unique(counted[counted > 0]):  # columns with as many draws together
        mine = counted == count
        column = np.sort(np.where(np.isfinite(measure.draws[:, mine]), measure.draws[:, mine], np.inf), axis=0)
        value[:, mine] = np.quantile(column[:count], _POINTS, axis=0)
    return measure.keys.assign(value=value[0], low=value[1], high=value[2], draws=counted)[list(RESULT_COLUMNS)]
