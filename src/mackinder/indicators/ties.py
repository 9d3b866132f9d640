"""Ties capacity of powers on targets: bandwidth times dependence, by dimension, with what is not known kept open.

Capacity is not use, and ties are not influence: what a target did when pressed is counted apart
(`mackinder.indicators.compliance`) and never added.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.errors import UsageError, did_you_mean
from mackinder.indicators.measure import RESULT_COLUMNS
from mackinder.indicators.reexports import banned_shares, reexport_factors
from mackinder.indicators.tiebook import TieBook
from mackinder.indicators.tiescales import DIMENSIONS, PARTS, TieElement, tie_elements
from mackinder.scenario import apply, read_scenario

__all__ = ["ALL", "ANCHORS", "POWERS", "TARGETS", "Bounds", "Ties", "capacity", "shares", "ties_capacity", "ties_rows"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

POWERS = ("RUS", "USA", "EU", "TUR", "IRN", "CHN")
TARGETS = ("ARM", "AZE", "GEO")
#: years looked at, each as it stood on its last day
ANCHORS = (1992, 1994, 1997, 2000, 2003, 2005, 2008, 2010, 2013, 2015, 2018, 2020, 2021, 2022, 2023, 2024, 2025)
#: stands for all dimensions together, after them
ALL = "all"
_LEVELS = (*DIMENSIONS, ALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Of a number in each draw: whatever is missing, it lies between `low` and `high`; `middle` is what is known, or NaN.

    Attributes
    ----------
    low, middle, high : ndarray, shape (C, 7, K)
        Cells; dimensions in the order of `DIMENSIONS` and all together; draws.
    """

    low: Floats
    middle: Floats
    high: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """Scores of the elements of ties; C cells (a power, a target, a day, a scenario), E elements, K draws.

    Attributes
    ----------
    cells : DataFrame, C rows
        ``scenario, year, day, actor, target``.
    elements : tuple of TieElement, length E
    low, middle, high : ndarray, shape (C, E, K)
        Scores of 0 to 1; the middle is NaN where nothing is known.
    weight : ndarray, shape (E, K)
        Exponential draws: divided by the sum over any group they are flat Dirichlet.
    level_weight : ndarray, shape (6, K)
        The same for dimensions.
    newest : str
        Day of the newest evidence: later cells are of a scenario.
    """

    cells: pd.DataFrame
    elements: tuple[TieElement, ...]
    low: Floats
    middle: Floats
    high: Floats
    weight: Floats
    level_weight: Floats
    newest: str

    def find(self, **key: object) -> int:
        """Return the cell with these labels.

        Raises
        ------
        UsageError
            If there is none, or there are several.
        """
        there = np.ones(len(self.cells), dtype=bool)
        for column, value in key.items():
            there &= (self.cells[column] == value).to_numpy()
        if there.sum() != 1:
            asked = ", ".join(f"{k} {v}" for k, v in key.items())
            msg = f"{int(there.sum())} cells of ties have {asked}; one is needed: name scenario, year, actor and target"
            raise UsageError(msg)
        return int(np.flatnonzero(there)[0])

    def known(self) -> Bools:
        """Return on which elements something is known, shape (C, E)."""
        return np.asarray(~np.isnan(self.middle).all(axis=2))


def ties_capacity(
    case: Case,
    scenarios: Sequence[str] = (),
    *,
    design: Design,
    senders: Sequence[str] = POWERS,
    targets: Sequence[str] = TARGETS,
    years: Sequence[int] = ANCHORS,
    results: pd.DataFrame | None = None,
    reexports: bool = True,
) -> Ties:
    """Score the elements of ties at anchor years, at the newest evidence, and at the horizon under each scenario.

    Parameters
    ----------
    case : Case
    scenarios : sequence of str
        Scenarios for the horizon year; none: only the past.
    design : Design
    senders, targets : sequence of str
        Actors.
    years : sequence of int
        Years of the past, each as it stood on its last day; those that are not over at the newest evidence are left out.
    results : DataFrame, optional
        ``results`` of a run: gives the corridor dimension in its years and scenarios. None: missing there.
    reexports : bool
        False: trade shares with foreign goods sent on taken out; known from the base year on only.

    Returns
    -------
    Ties
        See `capacity` for what they add up to.

    Raises
    ------
    UsageError
        An actor is not known.

    Examples
    --------
    >>> from mackinder.case import read_case  # doctest: +SKIP
    >>> design = Design(seed=0, draws=200, common_share=0.5)  # doctest: +SKIP
    >>> ties = ties_capacity(read_case("south-caucasus"), design=design)  # doctest: +SKIP
    >>> ties_rows(ties).query("actor == 'RUS' and target == 'ARM' and year == 2023")  # doctest: +SKIP
    """
    known = list(case.table("actors")["actor_id"])
    for actor in (*senders, *targets):
        if actor not in known:
            raise UsageError(did_you_mean(actor, known, what="actor"))
    elements, settings = tie_elements(), case.settings
    newest = str(settings.newest_evidence)
    factors = None if reexports else reexport_factors(case, design, senders, targets)
    past = [(year, f"{year}-12-31") for year in sorted(set(years)) if f"{year}-12-31" < newest]
    past.append((int(newest[:4]), newest))
    cells, scores = [], []
    horizon = [(settings.horizon_year, f"{settings.horizon_year}-07-01")]
    for scenario, days in [(settings.baseline, past), *((s, horizon) for s in scenarios)]:
        changed = case if days is past else apply(case, read_scenario(scenario, case))
        exposure = None if results is None else results[results["scenario"] == scenario]
        bans = None if days is past else banned_shares(changed, case, senders, targets, horizon[0][1])
        book = TieBook(changed, case, design, exposure, factors, bans)
        for year, day in days:
            for target in targets:
                for actor in senders:
                    cells.append((scenario, year, day, actor, target))
                    scores.append([book.score(e, actor, target, day) for e in elements])
    low, middle, high = (np.array([[getattr(s, b) for s in row] for row in scores]) for b in ("low", "middle", "high"))
    return Ties(
        cells=pd.DataFrame(cells, columns=["scenario", "year", "day", "actor", "target"]),
        elements=elements, low=low, middle=middle, high=high,
        weight=_weights([e.name for e in elements], design), level_weight=_weights(DIMENSIONS, design), newest=newest,
    )  # fmt: skip


def _weights(names: Sequence[str], design: Design) -> Floats:
    """Draw exponential numbers keyed by name, so that a new element moves no other's draws."""
    return np.stack([-np.log1p(-ndtr(design.normal(f"ties/weight/{name}"))) for name in names])


def capacity(ties: Ties, *, without: Collection[str] = (), only: Bools | None = None) -> Bounds:
    """Return ties capacity: in each dimension bandwidth times dependence, each the weighted mean of its elements.

    Parameters
    ----------
    ties : Ties
    without : collection of str
        Elements left out, to see what depends on them.
    only : ndarray of bool, shape (E,) or (C, E), optional
        Elements that count in the middle: two days are compared on what is known on both. The bounds do not change.

    Returns
    -------
    Bounds
        The middle is NaN in a dimension where nothing is known of bandwidth or of dependence; of all together it is over
        dimensions that have one.

    Raises
    ------
    UsageError
        An element is not known, or nothing is left of a part of a dimension.
    """
    names = [e.name for e in ties.elements]
    for name in without:
        if name not in names:
            raise UsageError(did_you_mean(name, names, what="element of ties capacity"))
    used = np.array([name not in without for name in names])
    counts = used if only is None else used & np.asarray(only)
    middle = np.where(np.broadcast_to(counts, ties.middle.shape[:2])[:, :, None], ties.middle, np.nan)
    levels: list[tuple[Floats, Floats, Floats]] = []
    for dimension in DIMENSIONS:
        parts = []
        for part in PARTS:
            own = np.array([e.dimension == dimension and e.part == part for e in ties.elements]) & used
            if not own.any():
                msg = f"without {', '.join(sorted(without))} nothing is left of {dimension} {part}; leave out fewer elements"
                raise UsageError(msg)
            parts.append(_mean(ties.weight[own], ties.low[:, own], middle[:, own], ties.high[:, own]))
        levels.append((parts[0][0] * parts[1][0], parts[0][1] * parts[1][1], parts[0][2] * parts[1][2]))
    low, centre, high = (np.stack(column, axis=1) for column in zip(*levels, strict=True))
    together = _mean(ties.level_weight, low, centre, high)
    bounds = [np.concatenate([x, y[:, None]], axis=1) for x, y in zip((low, centre, high), together, strict=True)]
    return Bounds(low=bounds[0], middle=bounds[1], high=bounds[2])


def _mean(weight: Floats, low: Floats, middle: Floats, high: Floats) -> tuple[Floats, Floats, Floats]:
    """Weigh (C, n, K) over n with weights (n, K): the middle over those that have one, the bounds over all."""
    there = ~np.isnan(middle)
    used = (weight * there).sum(axis=1)
    known = (weight * np.nan_to_num(middle)).sum(axis=1)
    centre = np.divide(known, used, out=np.full_like(known, np.nan), where=used > 0)
    total = weight.sum(axis=0)
    return (weight * low).sum(axis=1) / total, centre, (weight * high).sum(axis=1) / total


def shares(ties: Ties, bounds: Bounds) -> Bounds:
    """Return the share of each power in the sum over the powers on the same target, day and scenario.

    The middle is over powers that have one; the bounds take the worst of the others for what is missing. Where all have
    nothing there is no share.
    """
    low, middle, high = (np.full_like(x, np.nan) for x in (bounds.low, bounds.middle, bounds.high))
    for rows in ties.cells.groupby(["scenario", "day", "target"], sort=False).indices.values():
        known = np.nan_to_num(bounds.middle[rows])
        total = known.sum(axis=0)
        part = np.divide(known, total, out=np.full_like(known, np.nan), where=total > 0)
        middle[rows] = np.where(np.isnan(bounds.middle[rows]), np.nan, part)
        for i, row in enumerate(rows):
            others = np.delete(rows, i)
            low[row] = _part(bounds.low[row], bounds.high[others].sum(axis=0), 0.0)
            high[row] = _part(bounds.high[row], bounds.low[others].sum(axis=0), 1.0)
    return Bounds(low=low, middle=middle, high=high)


def _part(own: Floats, others: Floats, nothing: float) -> Floats:
    total = own + others
    return np.divide(own, total, out=np.full_like(total, nothing), where=total > 0)


def ties_rows(ties: Ties, *, variant: str = "") -> pd.DataFrame:
    """Return rows as in ``results.parquet``: capacity and share, with the dimension as variant.

    The value is the median over draws of what is known, NaN where too little is; low and high are the 5 % point of the lower
    and the 95 % point of the upper bounds, so that what is missing widens them.

    Parameters
    ----------
    ties : Ties
    variant : str
        Appended to the dimension, such as ``without_reexports``.
    """
    frames, held = [], capacity(ties)
    for indicator, bounds in (("ties_capacity", held), ("ties_share", shares(ties, held))):
        for i, level in enumerate(_LEVELS):
            keys = ties.cells[["scenario", "year", "actor", "target"]].assign(
                indicator=indicator, variant=f"{level}-{variant}" if variant else level, goods="", asset="", unit="1",
                value=_median(bounds.middle[:, i]),
                low=np.quantile(bounds.low[:, i], 0.05, axis=1), high=np.quantile(bounds.high[:, i], 0.95, axis=1),
                draws=np.isfinite(bounds.middle[:, i]).sum(axis=1),
            )  # fmt: skip
            frames.append(keys)
    rows = pd.concat(frames, ignore_index=True)[list(RESULT_COLUMNS)]
    return rows.sort_values(list(RESULT_COLUMNS[:9]), ignore_index=True)


def _median(values: Floats) -> Floats:
    out = np.full(len(values), np.nan)
    for i, row in enumerate(values):
        if np.isfinite(row).any():
            out[i] = np.median(row[np.isfinite(row)])
    return out
