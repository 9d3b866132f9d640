"""Finding estimates in the results of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mackinder.errors import RunError
from mackinder.report.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RESULT_COLUMNS", "Key", "Lookup", "flows_by_scenario"]

RESULT_COLUMNS = (
    "scenario", "indicator", "variant", "year", "actor", "target", "goods", "asset", "unit", "value", "low", "high", "draws"
)  # fmt: skip
_MINUS = "minus-baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Where a number stands, scenario and variant aside."""

    indicator: str
    actor: str = ""
    target: str = ""
    goods: str = ""
    asset: str = ""


#: what tells the rows of an indicator apart: scenario, variant, then the fields of a `Key`
_PLACE = ("scenario", "variant", "actor", "target", "goods", "asset")
Place = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The rows of one indicator: where each stands in the results, by its place; and what stands there."""

    of: Mapping[Place, int]
    row: Sequence[int]
    values: Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """The results of one year by key; each indicator is unpacked when it is first asked for.

    A key that the results do not hold gives None, never zero: the page then says that it is not in the results.
    """

    frame: pd.DataFrame
    year: int
    _cache: dict[str, _Rows] = field(default_factory=dict)

    def __post_init__(self) -> None:
        missing = [c for c in RESULT_COLUMNS if c not in self.frame.columns]
        if missing:
            msg = f"results: no column {', '.join(missing)}; a report needs {', '.join(RESULT_COLUMNS)}"
            raise RunError(msg)

    def _indicator(self, indicator: str) -> _Rows:
        if indicator not in self._cache:
            wanted = ((self.frame["indicator"] == indicator) & (self.frame["year"] == self.year)).to_numpy(bool)
            rows = self.frame.loc[wanted]
            places = zip(*(_words(rows[c]) for c in _PLACE), strict=True)
            self._cache[indicator] = _Rows(
                of={place: i for i, place in enumerate(places)},
                row=wanted.nonzero()[0].tolist(),
                values={c: rows[c].tolist() for c in ("value", "low", "high", "unit", "draws")},
            )
        return self._cache[indicator]

    def get(self, scenario: str, key: Key, variant: str = "") -> Estimate | None:
        """Return the estimate of a scenario, or None if the results hold none."""
        rows = self._indicator(key.indicator)
        i = rows.of.get((scenario, variant, key.actor, key.target, key.goods, key.asset))
        if i is None:
            return None
        value, low, high, unit, draws = (rows.values[c][i] for c in ("value", "low", "high", "unit", "draws"))
        return Estimate(
            value=float(value), low=float(low), high=float(high), unit=unit, draws=int(draws), row=int(rows.row[i])
        )

    def change(self, scenario: str, key: Key, variant: str = "") -> Estimate | None:
        """Return the paired difference to the baseline (common random numbers), or None."""
        return self.get(scenario, key, f"{variant}-{_MINUS}" if variant else _MINUS)

    def keys(self, indicator: str, scenarios: Iterable[str], variant: str = "") -> list[Key]:
        """List the keys that any of the scenarios holds, sorted."""
        wanted = set(scenarios)
        found = {place[2:] for place in self._indicator(indicator).of if place[0] in wanted and place[1] == variant}
        return [Key(indicator=indicator, actor=a, target=t, goods=g, asset=x) for a, t, g, x in sorted(found)]


def _words(column: pd.Series[str]) -> list[str]:
    """Return a column of few different texts as a list; each text once in the memory."""
    codes, words = column.factorize()
    return np.asarray(words, dtype=object)[codes].tolist()  # type: ignore[no-any-return]


def flows_by_scenario(flows: pd.DataFrame, year: int) -> Mapping[str, Mapping[str, Estimate]]:
    """Split the flows of one year by scenario: link id to Mt/yr with interval.

    Raises
    ------
    RunError
        If a column is missing.
    """
    columns = ["scenario", "year", "link", "quantity_mt", "quantity_mt_low", "quantity_mt_high"]
    missing = [c for c in columns if c not in flows.columns]
    if missing:
        msg = f"flows: no column {', '.join(missing)}; a report needs {', '.join(columns)}"
        raise RunError(msg)
    out: dict[str, dict[str, Estimate]] = {}
    rows = flows.loc[flows["year"] == year]
    for scenario, link, value, low, high in zip(
        *(rows[c].tolist() for c in ("scenario", "link", "quantity_mt", "quantity_mt_low", "quantity_mt_high")),
        strict=True,
    ):
        estimate = Estimate(value=float(value), low=float(low), high=float(high), unit="Mt/yr", draws=0)
        out.setdefault(str(scenario), {})[str(link)] = estimate
    return out
