"""The timeline of a case, answered: milestones by world and year, base rates, analogues, what it would take (C105 to C108)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.documents import require_document
from mackinder.case.peaceprocess import Milestone, ProcessSpec, World, read_process
from mackinder.draws import Design
from mackinder.errors import UsageError, did_you_mean
from mackinder.indicators.measure import RESULT_COLUMNS
from mackinder.strategy.timeline import Incidence, class_rate, opening_flow, run_world, similarity

__all__ = [
    "Analogue",
    "BaseRateOf",
    "TimelineAnswer",
    "Wanted",
    "process_of",
    "timeline_answer",
    "timeline_rows",
    "whole_percent",
]

Floats = NDArray[np.float64]
#: draws and paths of the runs that leave one case out, or speed one step up: differences in the same draws
_SMALL_DRAWS, _SMALL_PATHS = 40, 10
_FACTORS = (1.5, 2.0, 3.0, 5.0, 10.0, 100.0)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BaseRateOf:
    """How often and how fast it came before: chance by a year from the class alone, and the count behind it."""

    milestone: str
    group: str
    happened: int
    cases: int
    chance: Floats  # (3, years): 5, 50, 95 %


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Analogue:
    """A reference case: how alike it is, and how the answer moves if it is left out."""

    case: str
    label: str
    group: str
    likeness: float
    years: float
    happened: bool
    move_opening: float
    move_signature: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What it would take: the least factor on the rate of one step after which a milestone is likelier than not."""

    milestone: str
    step: str
    factor: float | None
    chance: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TimelineAnswer:
    """All that `mackinder timeline` shows.

    Attributes
    ----------
    spec : ProcessSpec
        As read.
    day : date
        From when.
    worlds : tuple of World
        Those asked for.
    incidence : mapping of str to Incidence
        By world.
    base : mapping of str to BaseRateOf
        By milestone.
    analogues : tuple of Analogue
        Every reference case, those that move the answer most first.
    wanted : tuple of Wanted
        What it would take, in the first world.
    flow : mapping of str to ndarray, shape (3, years), Mt/yr
        Flow weighted by the chance of being open, by world; empty without a run.
    horizon : int
        Year that the tables show in full.
    draws, paths : int
        Draws of rates, and paths in each.
    """

    spec: ProcessSpec
    day: dt.date
    worlds: tuple[World, ...]
    incidence: dict[str, Incidence]
    base: dict[str, BaseRateOf]
    analogues: tuple[Analogue, ...]
    wanted: tuple[Wanted, ...]
    flow: dict[str, Floats]
    horizon: int
    draws: int
    paths: int


def process_of(case: Case) -> ProcessSpec:
    """Read the process of a case.

    Raises
    ------
    CaseError
        The case has none, or it cannot be read.
    """
    return require_document(read_process(case.folder), case.name, "process.toml", "is no timeline")


def _worlds(spec: ProcessSpec, scenarios: Sequence[str] | None) -> tuple[World, ...]:
    if not scenarios:
        return spec.world
    found = []
    for name in scenarios:
        here = [world for world in spec.world if name in (world.id, world.scenario)]
        if not here:
            known = sorted({world.id for world in spec.world} | {world.scenario for world in spec.world})
            raise UsageError(did_you_mean(name, known, what="world or scenario in process.toml"))
        found += [world for world in here if world not in found]
    return tuple(found)


def timeline_answer(
    case: Case,
    *,
    scenarios: Sequence[str] | None = None,
    results: pd.DataFrame | None = None,
    model_draws: Floats | None = None,
    draws: int = 200,
    paths: int = 40,
    seed: int = 0,
    analogues: bool = True,
) -> TimelineAnswer:
    """Run the process of a case from the day of its newest evidence.

    Parameters
    ----------
    case : Case
        With process.toml.
    scenarios : sequence of str, optional
        Worlds or scenarios; all worlds if left out.
    results, model_draws : DataFrame, ndarray, optional
        Results and draws of a run: the flow of the corridor if open.
    draws, paths : int
        Draws of rates, at least 20, and paths within each.
    seed : int
        Names the streams.
    analogues : bool
        Whether to leave each reference case out in turn.

    Raises
    ------
    CaseError, UsageError
        No process; a world that it does not have; too few draws.
    """
    spec = process_of(case)
    if draws < 20 or paths < 1:
        msg = f"draws={draws}, paths={paths}: an interval needs at least 20 draws of rates, and a chance some paths in each"
        raise UsageError(msg)
    worlds, day = _worlds(spec, scenarios), case.settings.newest_evidence
    design = Design(seed=seed, draws=draws, common_share=0.5)
    incidence = {world.id: run_world(spec, world, day, design, paths=paths) for world in worlds}
    horizon = min(case.settings.horizon_year, spec.until_year)
    years = incidence[worlds[0].id].years
    flow = {}
    if results is not None and model_draws is not None:
        for world in worlds:
            found = _flow(case, spec, world, incidence[world.id], results, model_draws, design)
            if found is not None:
                flow[world.id] = found
    return TimelineAnswer(
        spec=spec,
        day=day,
        worlds=worlds,
        incidence=incidence,
        base={mark.id: _base(spec, mark, day, years) for mark in spec.milestone},
        analogues=_analogues(spec, worlds[0], day, seed, horizon) if analogues else (),
        wanted=_wanted(spec, worlds[0], day, seed, horizon) if analogues else (),
        flow=flow,
        horizon=horizon,
        draws=draws,
        paths=paths,
    )


def _base(spec: ProcessSpec, mark: Milestone, day: dt.date, years: NDArray[np.int64]) -> BaseRateOf:
    rate = class_rate(spec, mark.group, day, weighted=False)
    span = np.array([(dt.date(int(year), 12, 31) - day).days / 365.25 for year in years])
    chance = np.stack([-np.expm1(-value * span) for value in (rate.low, rate.median, rate.high)])
    return BaseRateOf(milestone=mark.id, group=mark.group, happened=round(rate.events), cases=rate.cases, chance=chance)


def _flow(
    case: Case, spec: ProcessSpec, world: World, found: Incidence, results: pd.DataFrame, model: Floats, design: Design
) -> Floats | None:
    """Flow path of a world, 5, 50 and 95 %; None where the run lacks the scenario."""
    horizon = case.settings.horizon_year
    mask = (results["indicator"] == "corridor_flow") & (results["variant"] == "") & (results["goods"] == "")
    mask &= (results["scenario"] == world.scenario) & (results["year"] == horizon) & (results["asset"] == spec.corridor)
    if not mask.any():
        return None
    flow = model[:, results.index[mask][0]].astype(np.float64)
    grow, ramp = case.settings.demand_growth_per_year, spec.ramp_years

    def drawn(key: str, low: float, mode: float, high: float) -> Floats:
        return design.quantity([key], np.array([low]), np.array([mode]), np.array([high]))[:, 0]

    path = opening_flow(
        found.chance[:, found.names.index(spec.opening)], found.years, flow, horizon=horizon,
        growth=drawn("timeline/growth", grow.low, grow.mode, grow.high),
        ramp=drawn("timeline/ramp", ramp.low, ramp.mode, ramp.high), seed=design.seed,
    )  # fmt: skip
    return np.asarray(np.quantile(path, [0.05, 0.5, 0.95], axis=0), dtype=np.float64)


def _chances(
    spec: ProcessSpec, world: World, day: dt.date, seed: int, horizon: int, **options: object
) -> dict[str, float]:
    """Mean chance of each step by the horizon in a small run."""
    design = Design(seed=seed, draws=_SMALL_DRAWS, common_share=0.5)
    found = run_world(spec, world, day, design, paths=_SMALL_PATHS, **options)  # type: ignore[arg-type]  # passed on
    at = int(np.flatnonzero(found.years == horizon)[0])
    return {name: float(found.chance[:, k, at].mean()) for k, name in enumerate(found.names)}


def _analogues(spec: ProcessSpec, world: World, day: dt.date, seed: int, horizon: int) -> tuple[Analogue, ...]:
    """Leave each reference case out, and say how far the chances of opening and signature by the horizon move."""
    whole = _chances(spec, world, day, seed, horizon)
    used = {step.group for step in spec.step}
    rows = []
    for case in spec.reference:
        seen = [item for item in spec.cases(case.group, day) if item[0].id == case.id]
        if not seen:
            continue
        alone = len(spec.cases(case.group, day)) == 1
        moved = whole if case.group not in used or alone else _chances(spec, world, day, seed, horizon, without=case.id)
        signed = spec.milestone[0].of
        rows.append(
            Analogue(
                case=case.id, label=case.label, group=case.group, years=seen[0][1], happened=seen[0][2],
                likeness=similarity(case, spec.own_traits, spec.traits),
                move_opening=moved[spec.opening] - whole[spec.opening], move_signature=moved[signed] - whole[signed],
            )
        )  # fmt: skip
    return tuple(sorted(rows, key=lambda row: -max(abs(row.move_opening), abs(row.move_signature))))


def _wanted(spec: ProcessSpec, world: World, day: dt.date, seed: int, horizon: int) -> tuple[Wanted, ...]:
    """For opening and signature by the horizon: which single step, how much faster, makes it likelier than not."""
    now = _chances(spec, world, day, seed, horizon)
    found = []
    for mark in spec.milestone:
        if mark.of not in (spec.opening, spec.milestone[0].of):
            continue
        likely = now[mark.of] >= 0.5
        for step in spec.step:
            if step.severe or step.id in world.without or (step.met_on is not None and step.met_on <= day):
                continue
            reached, chance = None, now[mark.of]
            for factor in _FACTORS:
                tried = _chances(spec, world, day, seed, horizon, faster={step.id: 1 / factor if likely else factor})[
                    mark.of
                ]
                if (tried >= 0.5) != likely:
                    reached, chance = (1 / factor if likely else factor), tried
                    break
            if reached is not None:
                found.append(Wanted(milestone=mark.id, step=step.id, factor=reached, chance=chance))
        if not any(item.milestone == mark.id for item in found):
            found.append(Wanted(milestone=mark.id, step="", factor=None, chance=now[mark.of]))
    return tuple(found)


def whole_percent(low: float, high: float) -> tuple[int, int]:
    """Round a range of chances outwards to whole per cent, in steps of five: how war and collapse are given (C107).

    Examples
    --------
    >>> whole_percent(0.034, 0.312)
    (0, 35)
    """
    return 5 * int(np.floor(20 * low + 1e-9)), 5 * int(np.ceil(20 * high - 1e-9))


def timeline_rows(answer: TimelineAnswer) -> pd.DataFrame:
    """Rows of the run folder: chances and base rates by milestone, world and year, and the weighted flow.

    War and collapse have no value, only a range in whole per cent.
    """
    rows: list[dict[str, object]] = []
    blank = dict.fromkeys(("actor", "target", "goods"), "")
    for world in answer.worlds:
        found = answer.incidence[world.id]
        for mark in answer.spec.milestone:
            spans = found.interval(mark.of)
            for k, year in enumerate(found.years):
                low, value, high = spans[:, k]
                row = {"scenario": world.scenario, "indicator": "process_chance", "variant": mark.id, "year": int(year)}
                row |= blank | {"asset": world.id, "unit": "1", "value": value, "low": low, "high": high}
                if mark.severe:
                    bounds = whole_percent(low, high)
                    row |= {
                        "indicator": "process_risk",
                        "unit": "%",
                        "value": np.nan,
                        "low": float(bounds[0]),
                        "high": float(bounds[1]),
                    }
                rows.append(row | {"draws": answer.draws})
        if world.id in answer.flow:
            for k, year in enumerate(found.years):
                low, value, high = answer.flow[world.id][:, k]
                rows.append(
                    {"scenario": world.scenario, "indicator": "process_flow", "variant": world.id, "year": int(year)}
                    | blank | {"asset": answer.spec.corridor, "unit": "Mt/yr", "value": value, "low": low, "high": high,
                               "draws": answer.draws}
                )  # fmt: skip
    years = answer.incidence[answer.worlds[0].id].years
    for mark in answer.spec.milestone:
        base = answer.base[mark.id]
        for k, year in enumerate(years):
            low, value, high = base.chance[:, k]
            row = {"scenario": "", "indicator": "process_base_rate", "variant": mark.id, "year": int(year)}
            row |= blank | {"asset": base.group, "unit": "1", "value": value, "low": low, "high": high}
            if mark.severe:
                bounds = whole_percent(low, high)
                row |= {"indicator": "process_risk", "variant": f"{mark.id}-base_rate", "unit": "%", "value": np.nan,
                        "low": float(bounds[0]), "high": float(bounds[1])}  # fmt: skip
            rows.append(row | {"draws": base.cases})
    return pd.DataFrame(rows, columns=list(RESULT_COLUMNS)).sort_values(list(RESULT_COLUMNS[:9]), ignore_index=True)
