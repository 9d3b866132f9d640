"""Scores of the elements of ties capacity on a day, with bounds for what is not known; over draws.

A score has three bounds in each draw. Where a row says it, all three are the drawn value; an older observation widens with its
age; where nothing is known the middle is missing and the bounds are as far apart as the scale, or as what others hold allows.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case, open_conduits, rights_on
from mackinder.draws import Design
from mackinder.indicators.tiescales import TieElement, TieSource

__all__ = ["Score", "TieBook"]

Floats = NDArray[np.float64]

#: how far a standing counts: low, middle, high
_STANDING = {
    "active": (1.0, 1.0, 1.0),
    "frozen": (0.0, 0.5, 1.0),
    "suspended": (0.0, 0.5, 1.0),
    "framework": (0.0, 0.5, 1.0),
    "claimed": (0.0, 0.0, 1.0),
}
#: conduits that tie energy
_ENERGY = ("gas", "oil", "power")
#: modes whose links are a target's own lines
_LAND = ("rail", "road")
_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Score:
    """Low, middle and high of an element in every draw, on the scale of 0 to 1; the middle is NaN where nothing is known."""

    low: Floats
    middle: Floats
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    tie: str
    indicator: str
    sender: str
    variant: str
    dimension: str
    observed: bool
    standing: tuple[float, float, float]
    starts_on: str
    ends_on: str
    measured_on: str
    value: Floats


class TieBook:
    """The ties of a case under one scenario, drawn once and looked up by day.

    Parameters
    ----------
    case : Case
        With the scenario applied.
    base : Case
        Without: says when a series was last measured.
    design : Design
    exposure : DataFrame, optional
        Rows of the results of a run (indicator, variant, year, actor, target, value, low, high) of this scenario.
    factors : mapping of (sender, target, indicator) to ndarray (K,), optional
        What observations since the base year are multiplied by (re-exports taken out); others of these indicators are unknown.
    bans : mapping of (sender, target, indicator) to float, optional
        Part of a trade that the scenario forbids: the share falls, what others trade stays.
    """

    def __init__(
        self,
        case: Case,
        base: Case,
        design: Design,
        exposure: pd.DataFrame | None = None,
        factors: Mapping[tuple[str, str, str], Floats] | None = None,
        bans: Mapping[tuple[str, str, str], float] | None = None,
    ) -> None:
        self.newest = str(base.settings.newest_evidence)
        self._design, self._exposure = design, exposure
        self._first_split = f"{base.settings.base_year}-01-01" if factors is not None else ""
        self._rows = _read_rows(case.table("ties"), base.table("ties"), design, self.newest)
        self._factors, self._bans = factors or {}, bans or {}
        self._case, self._rights = case, dict[str, pd.DataFrame]()
        self._split = {indicator for _, _, indicator in self._factors}
        self._conduits, self._base_year = case.table("conduits"), base.settings.base_year
        actors = case.table("actors")
        codes = {
            str(a): set(filter(None, str(c).split(";")))
            for a, c in zip(actors["actor_id"], actors["countries"], strict=True)
        }
        self._codes = codes
        self._within = {a for a in codes for other, held in codes.items() if a != other and a in held}

    def score(self, element: TieElement, sender: str, target: str, day: str) -> Score:
        """Score one element on an ISO day."""
        first = element.sources[0].indicator
        if first == "@conduits":
            return self._scored(element, self._lines(sender, target, day))
        if first == "@held":
            return self._held(element, sender, target, day)
        if first.startswith("@"):
            return self._from_run(element, first[1:], sender, target, day)
        found = [row for source in element.sources for row in self._in_sight(element, source, sender, target, day)]
        if not found:
            return self._absent(element, sender, target, day)
        if element.combine in ("any", "count", "kinds"):
            return self._scored(element, self._counted(element, found, sender, target, day))
        rows = (
            found if element.combine == "largest" else [max(found, key=lambda r: (r.measured_on, r.starts_on, r.tie))]
        )
        scores = [self._measured(element, row, target, day) for row in rows]
        if any(np.isnan(s.middle).all() for s in scores):
            return self._absent(element, sender, target, day)
        return Score(*(np.max([getattr(s, b) for s in scores], axis=0) for b in ("low", "middle", "high")))

    def _in_sight(self, element: TieElement, source: TieSource, sender: str, target: str, day: str) -> list[_Row]:
        """Return the states that hold and the last observation of each series that may still stand for the day."""
        series: dict[str, _Row] = {}
        for row in self._rows.get((target, source.indicator), ()):
            if row.sender != sender or row.starts_on > day or (source.variant != "*" and row.variant != source.variant):
                continue
            if source.dimension and row.dimension != source.dimension:
                continue
            if not row.observed and row.ends_on and row.ends_on < day:
                continue
            if row.observed and self._age(row, min(day, self.newest)) > element.age_years:
                continue
            known = series.get(row.variant)
            if known is None or (row.starts_on, row.tie) > (known.starts_on, known.tie):
                series[row.variant] = row
        return list(series.values())

    def _age(self, row: _Row, day: str) -> float:
        until = min(row.measured_on, self.newest) if row.observed else day
        return max(_days(until, day), 0.0) / _YEAR

    def _measured(self, element: TieElement, row: _Row, target: str, day: str) -> Score:
        value = row.value
        key = (row.sender, target, row.indicator)
        if self._first_split and row.indicator in self._split:
            if key not in self._factors or row.measured_on < self._first_split:
                return Score(value * np.nan, value * np.nan, value * np.nan)
            value = value * self._factors[key]
        gone = self._bans.get(key, 0.0)
        value = value * (1.0 - gone) / (1.0 - value * gone)
        low, middle, high = (element.score(value * part) for part in row.standing)
        wider = element.drift * self._age(row, day) ** 0.5
        return Score(np.maximum(np.minimum(low, high) - wider, 0), middle, np.minimum(np.maximum(low, high) + wider, 1))

    def _counted(self, element: TieElement, rows: list[_Row], sender: str, target: str, day: str) -> tuple[Floats, ...]:
        if element.combine == "kinds":
            groups = [
                [r for r in rows if r in self._in_sight(element, source, sender, target, day)]
                for source in element.sources
            ]
        else:
            groups = [[row] for row in rows]
        present = [[_there(row, bound) for row in group] for bound in range(3) for group in groups if group]
        n = len([group for group in groups if group])
        counts = [np.sum([np.max(g, axis=0) for g in present[b * n : (b + 1) * n]], axis=0) for b in range(3)]
        return tuple(np.minimum(c, 1.0) for c in counts) if element.combine == "any" else tuple(counts)

    def _lines(self, sender: str, target: str, day: str) -> tuple[Floats, ...]:
        """Count open conduits across the ground of both; of one without an opening day nobody knows how it was long ago."""
        table = self._conduits
        own, other = self._codes.get(sender, set()), self._codes.get(target, set())
        ground = [set(text.split(";")) for text in table["territory"]]
        both = np.array([bool(g & own) and bool(g & other) for g in ground], dtype=bool)
        now = open_conduits(table, day) & both & table["kind"].isin(_ENERGY).to_numpy()
        sure = now & ((table["opens_on"] != "").to_numpy() | (day >= f"{self._base_year}-01-01"))
        blank = np.zeros(self._design.draws)
        return blank + sure.sum(), blank + now.sum(), blank + now.sum()

    def _held(self, element: TieElement, sender: str, target: str, day: str) -> Score:
        """Score the part of the length of the target's railways and roads that a power's companies run or its people guard."""
        if day < f"{self._base_year}-01-01":
            return self._absent(element, sender, target, day)
        if day not in self._rights:
            settings = self._case.settings
            held = rights_on(self._case, day, statuses=settings.closing_statuses)
            self._rights[day] = held[held["right"].isin(settings.closing_rights) & (held["right"] != "sovereign")]
        links, rights = self._case.table("links"), self._rights[day]
        own = self._codes.get(target, set())
        here = links["mode"].isin(_LAND).to_numpy() & open_conduits(links, day)  # the rule is the same for links (C9)
        here &= np.array([bool(own & set(text.split(";"))) for text in links["territory"]], dtype=bool)
        mine = links["link_id"].isin(rights.loc[rights["root"] == sender, "link_id"]).to_numpy()
        length = links["length_km"].to_numpy(dtype=np.float64)
        if not length[here].sum() > 0:
            return self._absent(element, sender, target, day)
        part = np.full(self._design.draws, length[here & mine].sum() / length[here].sum())
        return self._scored(element, (part, part, part))

    def _from_run(self, element: TieElement, indicator: str, sender: str, target: str, day: str) -> Score:
        table = self._exposure
        if table is not None:
            mine = (table["indicator"] == indicator) & (table["variant"] == "transit") & (table["year"] == int(day[:4]))
            here = table[mine & (table["target"] == target)]
            row = here[here["actor"] == sender]
            if len(row):
                low, mode, high = (np.array([float(row[c].iloc[0])]) for c in ("low", "value", "high"))
                key = f"ties/run/{indicator}/{sender}/{target}/{day}"
                value = element.score(np.clip(self._design.quantity([key], low, mode, high)[:, 0], 0.0, 1.0))
                return Score(value, value, value)
            if len(here):  # the run has the target, and the power touches nothing of its trade
                nothing = element.score(np.zeros(self._design.draws))
                return Score(nothing, nothing, nothing)
        return self._absent(element, sender, target, day)

    def _absent(self, element: TieElement, sender: str, target: str, day: str) -> Score:
        nothing, all_ = np.zeros(self._design.draws), np.ones(self._design.draws)
        if element.absent == "none":
            return Score(nothing, nothing, nothing)
        high = element.score(self._rest(element, sender, target, day)) if element.rest else all_
        return Score(nothing, nothing * np.nan, high)

    def _rest(self, element: TieElement, sender: str, target: str, day: str) -> Floats:
        """Return what the others leave of a whole, as far as their rows go; all of it where they say nothing."""
        left = []
        for source in element.sources:
            others = {r.sender for r in self._rows.get((target, source.indicator), ())} - {sender} - self._within
            held = [
                row.value - (self._age(row, day) ** 0.5) * element.drift * abs(element.one - element.zero)
                for other in others
                for row in self._in_sight(element, source, other, target, day)
            ]
            if held and not self._first_split:
                left.append(np.clip(1.0 - np.sum(np.maximum(held, 0.0), axis=0), 0.0, 1.0))
        return np.max(left, axis=0) if left else np.ones(self._design.draws)

    @staticmethod
    def _scored(element: TieElement, counts: tuple[Floats, ...]) -> Score:
        return Score(*(element.score(count) for count in counts))


def _there(row: _Row, bound: int) -> Floats:
    return np.where(row.value > 0, row.standing[bound], 0.0)


def _days(first: str, last: str) -> float:
    return float((dt.date.fromisoformat(last) - dt.date.fromisoformat(first)).days)


def _read_rows(
    ties: pd.DataFrame, base: pd.DataFrame, design: Design, newest: str
) -> dict[tuple[str, str], list[_Row]]:
    """Draw the rows of ties; a piece that a scenario cut was measured when its series was."""
    measured = {str(t): str(e) or newest for t, e in zip(base["tie_id"], base["ends_on"], strict=True)}
    bounds = (ties[f"value_{b}"].to_numpy(dtype=np.float64) for b in ("low", "mode", "high"))
    drawn = design.quantity([f"ties/{str(t).partition('.from-')[0]}" for t in ties["tie_id"]], *bounds)
    rows: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    for i, row in enumerate(ties.to_dict("records")):
        origin = str(row["tie_id"]).partition(".from-")[0]
        piece = _Row(
            tie=str(row["tie_id"]),
            indicator=str(row["indicator"]),
            sender=str(row["sender"]),
            variant=str(row["variant"]),
            dimension=str(row["dimension"]),
            observed=row["kind"] == "observation",
            standing=_STANDING[str(row["status"])],
            starts_on=str(row["starts_on"]),
            ends_on=str(row["ends_on"]),
            measured_on=measured.get(origin) or str(row["ends_on"]) or newest,
            value=drawn[:, i],
        )
        rows[str(row["target"]), str(row["indicator"])].append(piece)
    return dict(rows)
