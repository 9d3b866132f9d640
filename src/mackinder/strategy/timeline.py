"""The peace process of a case in time: hazards from reference cases, worlds by scenario, cumulative incidence (C105 to C107)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mackinder.case.arrangements import Interval
from mackinder.case.peaceprocess import Level, ProcessSpec, ReferenceCase, World
from mackinder.draws import Design, keyed_generator
from mackinder.errors import UsageError
from mackinder.strategy.process import Process, Transition, simulate_process
from mackinder.strategy.reference import RateEstimate, reference_rate

__all__ = ["Incidence", "class_rate", "draw_rates", "opening_flow", "run_world", "similarity"]

Floats = NDArray[np.float64]
_QUANTILES = (0.05, 0.5, 0.95)
#: a case that shares no trait still counts for this much
_LEAST_LIKENESS = 0.1


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Incidence:
    """Chance that each step has come by each year, in each draw of the rates.

    Attributes
    ----------
    world : str
        Which.
    years : ndarray of int64, shape (years,)
        By the end of each.
    names : tuple of str
        States and conditions.
    chance : ndarray, shape (draws, names, years)
        Share of the paths of a draw that had reached it.
    exact : mapping of str to ndarray, shape (draws, years)
        The same in closed form where the hazards that compete are known from the start.
    """

    world: str
    years: NDArray[np.int64]
    names: tuple[str, ...]
    chance: Floats
    exact: Mapping[str, Floats]

    def interval(self, name: str) -> Floats:
        """5, 50 and 95 % points over draws of the rates, shape (3, years)."""
        values = self.exact.get(name, self.chance[:, self.names.index(name)])
        return np.asarray(np.quantile(values, _QUANTILES, axis=0), dtype=np.float64)


def similarity(case: ReferenceCase, own: Sequence[str], traits: Sequence[str]) -> float:
    """Share of traits on which a case agrees with the process, at least a tenth.

    Examples
    --------
    >>> import datetime as dt
    >>> from mackinder.case.peaceprocess import ReferenceCase
    >>> case = ReferenceCase(id="x", label="X", group="g", starts_on=dt.date(2000, 1, 1), until=dt.date(2001, 1, 1),
    ...     happened=True, traits=("a",), facts=("F",))
    >>> similarity(case, ["a", "b"], ["a", "b"])
    0.5
    """
    agree = sum((trait in case.traits) == (trait in own) for trait in traits)
    return max(agree / max(len(traits), 1), _LEAST_LIKENESS)


def class_rate(
    spec: ProcessSpec, group: str, day: dt.date, *, weighted: bool, without: str | None = None
) -> RateEstimate:
    """Rate of a class as seen on a day: every case alike, or each by its similarity; one may be left out (C106).

    Raises
    ------
    UsageError
        No case of the class had begun by then.
    """
    seen = [item for item in spec.cases(group, day) if item[0].id != without]
    if not seen:
        msg = f"process.toml: no reference case of class {group!r} had begun on {day}: add one, or judge a rate"
        raise UsageError(msg)
    return reference_rate(
        [years for _, years, _ in seen],
        [not happened for _, _, happened in seen],
        weights=[similarity(case, spec.own_traits, spec.traits) for case, _, _ in seen] if weighted else None,
    )


def _drawn(design: Design, key: str, interval: Interval) -> Floats:
    ends = [np.array([value]) for value in (interval.low, interval.mode, interval.high)]
    return design.quantity([key], *ends)[:, 0]


def draw_rates(spec: ProcessSpec, day: dt.date, design: Design, *, without: str | None = None) -> dict[str, Floats]:
    """Draw the rate of each step, 1/yr, shape (draws,).

    Every second draw weighs the cases by similarity: how alike they are is a structural switch, not a fact.
    """
    from scipy.special import ndtr

    rates = {}
    switch = np.arange(design.draws) % 2 == 1
    chances: dict[str, Floats] = {}
    for step in spec.step:
        if step.per_year is not None:
            rates[step.id] = np.maximum(_drawn(design, f"rate/{step.id}", step.per_year), 0.0)
            continue
        if step.group not in chances:
            score = np.clip(ndtr(design.normal(f"rate/class/{step.group}")), 1e-6, 1 - 1e-6)
            both = [
                class_rate(spec, step.group, day, weighted=weighted, without=without).quantile(score)
                for weighted in (False, True)
            ]
            chances[step.group] = np.where(switch, both[1], both[0])
        factor = np.ones(design.draws)
        if step.factor is not None:
            factor = _drawn(design, f"factor/{step.id}", step.factor)
        rates[step.id] = chances[step.group] * np.maximum(factor, 0.0)
    return rates


def _breaks(spec: ProcessSpec, world: World, day: dt.date) -> list[float]:
    """Times, in years from the day, at which a level or a step changes."""
    days = [level.starts_on for level in (*spec.base_level, *world.levels)] + [step.not_before for step in spec.step]
    return sorted({(d - day).days / 365.25 for d in days if d is not None and d > day})


def _levels(levels: Sequence[Level], day: dt.date, breaks: Sequence[float], design: Design) -> dict[str, Floats]:
    """Levels of covariates, shape (draws, pieces): the last that has begun by a piece holds there; none is zero."""
    found: dict[str, Floats] = {}
    edges = [0.0, *breaks]
    for k, level in enumerate(levels):
        start = -np.inf if level.starts_on is None else (level.starts_on - day).days / 365.25
        row = found.setdefault(level.covariate, np.zeros((design.draws, len(edges))))
        drawn = _drawn(design, f"level/{level.covariate}/{k}", level.level)
        for piece, edge in enumerate(edges):
            if edge >= start - 1e-9:
                row[:, piece] = drawn
    return found


def _hazards(
    spec: ProcessSpec, world: World, day: dt.date, rates: Mapping[str, Floats], design: Design, breaks: Sequence[float]
) -> dict[str, Floats]:
    """Hazard of each step with its covariates, shape (draws, pieces)."""
    base = _levels(spec.base_level, day, breaks, design)
    own = _levels(world.levels, day, breaks, design)
    level = {**base, **{name: np.maximum(row, base[name]) if name in base else row for name, row in own.items()}}
    edges = np.array([0.0, *breaks])
    table = {}
    for step in spec.step:
        row = np.repeat(rates[step.id][:, None], len(edges), axis=1)
        for effect in spec.effect:
            if effect.step == step.id and effect.covariate in level:
                size = _drawn(design, f"effect/{effect.covariate}/{step.id}", effect.log_factor)
                row = row * np.exp(size[:, None] * level[effect.covariate])
        if step.not_before is not None and step.not_before > day:
            row = np.where(edges < (step.not_before - day).days / 365.25 - 1e-9, 0.0, row)
        table[step.id] = np.zeros_like(row) if step.id in world.without else row
    return table


def _start(spec: ProcessSpec, day: dt.date) -> tuple[str, dict[str, float]]:
    """State on a day, and what has been met by then with its time."""
    state, met = spec.states[0], {}
    for step in spec.step:
        if step.met_on is None or step.met_on > day:
            continue
        if step.kind == "condition":
            met[step.id] = -(day - step.met_on).days / 365.25
        elif step.source == state:
            state = step.target
    return state, met


def _transitions(
    spec: ProcessSpec, hazards: Mapping[str, Floats], paths: int, met: Mapping[str, float]
) -> list[Transition]:
    """Transitions of the simulation; a step in phases is a chain of conditions, each as many times as fast."""
    found = []
    for step in spec.step:
        row = np.repeat(hazards[step.id], paths, axis=0)
        if step.kind == "state":
            found.append(
                Transition(name=step.id, hazard=row, source=step.source, target=step.target, requires=step.requires)
            )
            continue
        if step.id in met:
            found.append(Transition(name=step.id, hazard=np.zeros_like(row), requires=()))
            continue
        before = step.requires
        for phase in range(1, step.phases):
            name = f"{step.id}/{phase}"
            found.append(Transition(name=name, hazard=step.phases * row, requires=before))
            before = (name,)
        found.append(Transition(name=step.id, hazard=step.phases * row, requires=before))
    return found


def run_world(
    spec: ProcessSpec, world: World, day: dt.date, design: Design, *, paths: int = 40, without: str | None = None,
    faster: Mapping[str, float] | None = None,
) -> Incidence:  # fmt: skip
    """Simulate one world from a day on.

    Parameters
    ----------
    spec : ProcessSpec
        The process.
    world : World
        What a scenario means for it.
    day : date
        Where it starts; what was met by then is met, and no case is seen beyond it.
    design : Design
        Draws of rates, levels and effects: their spread is the interval of a chance.
    paths : int
        Paths within each draw: their share is the chance.
    without : str, optional
        A reference case to leave out.
    faster : mapping of str to float, optional
        Factors on the rates of steps, to see what it would take.

    Returns
    -------
    Incidence
    """
    from mackinder.strategy.hazards import cumulative_incidence

    breaks = _breaks(spec, world, day)
    rates = draw_rates(spec, day, design, without=without)
    rates = {name: rate * (faster or {}).get(name, 1.0) for name, rate in rates.items()}
    hazards = _hazards(spec, world, day, rates, design, breaks)
    state, met = _start(spec, day)
    process = Process(
        states=spec.states, transitions=tuple(_transitions(spec, hazards, paths, met)), breaks=tuple(breaks)
    )
    years = np.arange(day.year, spec.until_year + 1)
    ends = np.array([(dt.date(int(year), 12, 31) - day).days / 365.25 for year in years])
    run = simulate_process(
        process, horizon=float(ends[-1]) + 1e-9, draws=design.draws * paths, seed=design.seed, start=state, met=met
    )
    first = run.first.copy()
    over = np.min([first[:, run.names.index(end)] for end in spec.ends], axis=0)
    conditions = [k for k, name in enumerate(run.names) if name not in spec.states]
    first[:, conditions] = np.where(first[:, conditions] <= over[:, None], first[:, conditions], np.inf)  # C107
    names = tuple(name for name in run.names if "/" not in name)
    keep = [run.names.index(name) for name in names]
    chance = (first[:, keep, None] <= ends).reshape(design.draws, paths, len(names), len(ends)).mean(axis=1)
    leaving = [s for s in spec.step if s.kind == "state" and s.source == state]
    exact = {}
    if (
        leaving
        and all(set(s.requires) <= set(met) for s in leaving)
        and not any(t.kind == "state" and t.target == s.target for s in leaving for t in spec.step if t.source != state)
    ):
        table = np.stack([hazards[s.id] for s in leaving], axis=-1)
        found = cumulative_incidence(table if breaks else table[:, 0], ends, breaks=breaks)
        for target in dict.fromkeys(s.target for s in leaving):
            exact[target] = found[..., [k for k, s in enumerate(leaving) if s.target == target]].sum(axis=-1)
    return Incidence(world=world.id, years=years, names=names, chance=chance, exact=exact)


def opening_flow(
    chance: Floats, years: NDArray[np.int64], flow: Floats, *, horizon: int, growth: Floats, ramp: Floats, seed: int = 0
) -> Floats:
    """Probability-weighted flow of a corridor by year: chance of being open, times what it would then carry (C108).

    Parameters
    ----------
    chance : ndarray, shape (draws, years)
        Chance that it has opened by the end of each year.
    years : ndarray of int64, shape (years,)
        Ascending, one a year.
    flow : ndarray, shape (model draws,), Mt/yr
        Flow at the horizon if open.
    horizon : int
        Year of the flow.
    growth : ndarray, shape (draws,), 1/yr
        Growth of demand, back and forth from the horizon.
    ramp : ndarray, shape (draws,), years
        From opening to the whole flow, in equal steps.

    Returns
    -------
    ndarray, shape (draws, years), Mt/yr

    Examples
    --------
    >>> one = np.ones(1)
    >>> opening_flow(np.array([[0.0, 0.5, 0.5]]), np.array([2034, 2035, 2036]), 4 * one, horizon=2035, growth=0 * one,
    ...     ramp=2 * one).round(3).tolist()
    [[0.0, 1.0, 2.0]]
    """
    pick = keyed_generator(seed, "timeline/flow").permutation(len(chance)) % len(flow)
    opened = np.diff(np.concatenate([np.zeros((len(chance), 1)), chance], axis=1), axis=1)
    age = years[None, :] - years[:, None] + 1  # row: year of opening; column: year of traffic
    full = np.clip(age[None] / np.maximum(ramp, 1.0)[:, None, None], 0.0, 1.0) * (age[None] > 0)
    part = np.einsum("do,doy->dy", opened, full)
    scale = (1.0 + growth[:, None]) ** (years[None, :] - horizon)
    return np.asarray(part * scale * flow[pick][:, None], dtype=np.float64)
