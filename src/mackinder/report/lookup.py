"""Finding estimates in the results of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """The results of one year by key; each indicator is unpacked when it is first asked for.

    A key that the results do not hold gives None, never zero: the page then says that it is not in the results.
    """

    frame: pd.DataFrame
    year: int
    _cache: dict[str, dict[tuple[str, str, Key], Estimate]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        missing = [c for c in RESULT_COLUMNS if c not in self.frame.columns]
        if missing:
            msg = f"results: no column {', '.join(missing)}; a report needs {', '.join(RESULT_COLUMNS)}"
            raise RunError(msg)

    def _indicator(self, indicator: str) -> dict[tuple[str, str, Key], Estimate]:
        if indicator not in self._cache:
            wanted = ((self.frame["indicator"] == indicator) & (self.frame["year"] == self.year)).to_numpy(bool)
            rows = self.frame.loc[wanted]
            columns = [rows[c].tolist() for c in RESULT_COLUMNS]
            self._cache[indicator] = {
                (s, v, Key(indicator=i, actor=a, target=t, goods=g, asset=x)): Estimate(
                    value=float(value), low=float(low), high=float(high), unit=u, draws=int(draws), row=int(row)
                )
                for row, s, i, v, _, a, t, g, x, u, value, low, high, draws in zip(
                    wanted.nonzero()[0], *columns, strict=True
                )
            }
        return self._cache[indicator]

    def get(self, scenario: str, key: Key, variant: str = "") -> Estimate | None:
        """Return the estimate of a scenario, or None if the results hold none."""
        return self._indicator(key.indicator).get((scenario, variant, key))

    def change(self, scenario: str, key: Key, variant: str = "") -> Estimate | None:
        """Return the paired difference to the baseline (common random numbers), or None."""
        joined = f"{variant}-{_MINUS}" if variant else _MINUS
        return self._indicator(key.indicator).get((scenario, joined, key))

    def keys(self, indicator: str, scenarios: Iterable[str], variant: str = "") -> list[Key]:
        """List the keys that any of the scenarios holds, sorted."""
        wanted = set(scenarios)
        found = {k for s, v, k in self._indicator(indicator) if s in wanted and v == variant}
        return sorted(found, key=lambda k: (k.actor, k.target, k.goods, k.asset))


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
