"""At which fee, hours, rate or capacity of a corridor traffic goes over to another; and the toll that would earn most."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.equilibrium.contest import (
    Contest,
    best_toll,
    carried,
    crossing,
    detours,
    gap_at_price,
    gap_at_rate,
)
from mackinder.equilibrium.ways import Ways, build_ways
from mackinder.errors import UsageError
from mackinder.network.lines import on_screenline
from mackinder.network.network import build_network
from mackinder.scenario import apply, read_scenario

__all__ = ["LEVERS", "SwitchAnswer", "SwitchPoint", "TollAnswer", "profitable_toll", "switch_points"]

Floats = NDArray[np.float64]

#: lever -> unit and largest value looked at; what it is today may lie beyond
LEVERS: Mapping[str, tuple[str, float]] = {
    "fee": ("USD/t", 200.0),
    "hours": ("h", 480.0),
    "rate": ("1", 5.0),
    "capacity": ("t/yr", np.inf),
}
#: a flow is contested if its best way over either corridor costs at most this part more than its best way of all
WITHIN = 0.25
_QUANTILES = (0.1, 0.5, 0.9)
_NOTES = (
    "routes are chosen without congestion: a full link elsewhere on either way is not felt",
    "demand is given: who ships less or elsewhere because of the price is not counted, only who would not ship at all (C27)",
    "each lever moves alone, the others and the second corridor as they are; reliability stays as it is",
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SwitchPoint:
    """Where one lever of the first corridor tips the balance; K draws.

    Attributes
    ----------
    lever : {"fee", "hours", "rate", "capacity"}
    unit : str
    today : ndarray, shape (K,)
        What it is now; infinite where no capacity is known to bind, nan where the corridor carries nothing contested.
    threshold : ndarray, shape (K,)
        Level at which both corridors carry the same. The first corridor carries more below it (of a capacity: above it).
        ``-inf`` and ``inf``: beyond the range, so there is no flip.
    bounds : (float, float)
        Range looked at.
    """

    lever: str
    unit: str
    today: Floats
    threshold: Floats
    bounds: tuple[float, float]

    @property
    def flips(self) -> float:
        """Share of draws in which there is a flip within the range."""
        return float(np.isfinite(self.threshold).mean())


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SwitchAnswer:
    """Switch points of two corridors; K draws.

    Attributes
    ----------
    scenario : str
    year : int
    first, second, goods : str
        Corridors, and the freight class, empty for all.
    on_first, on_second, contested, all_first : ndarray, shape (K,), t/yr
        Today, of contested flows: on the first only, on the second only, and in all; all tonnes on the first.
    points : tuple of SwitchPoint
    notes : tuple of str
        What this neglects.
    """

    scenario: str
    year: int
    first: str
    second: str
    goods: str
    on_first: Floats
    on_second: Floats
    contested: Floats
    all_first: Floats
    points: tuple[SwitchPoint, ...]
    notes: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TollAnswer:
    """The toll on a corridor, beyond what is charged today, that earns most; K draws.

    Attributes
    ----------
    scenario : str
    year : int
    corridor, goods : str
    toll : ndarray, shape (K,), USD/t
    revenue : ndarray, shape (K,), USD/yr
    tonnes, tonnes_free : ndarray, shape (K,), t/yr
        On the corridor at that toll, and without it.
    detour : ndarray, shape (K, 3), USD/t
        What a tonne on it would lose without the corridor, by going round or staying at home: 10, 50 and 90 percent points
        over tonnes. The captive bound.
    bound : ndarray, shape (K,), USD/yr
        All of that: no toll earns more.
    captive : ndarray, shape (K,), dimensionless
        Share of the tonnes without a route round.
    notes : tuple of str
    """

    scenario: str
    year: int
    corridor: str
    goods: str
    toll: Floats
    revenue: Floats
    tonnes: Floats
    tonnes_free: Floats
    detour: Floats
    bound: Floats
    captive: Floats
    notes: tuple[str, ...]


def switch_points(
    case: Case, first: str, second: str, *, scenario: str | None = None, year: int | None = None, goods: str | None = None,
    within: float = WITHIN, draws: int = 100, seed: int = 0, threads: int = 1,
) -> SwitchAnswer:  # fmt: skip
    """Find at which fee, hours, rate and capacity of one corridor it carries as much as another (conventions C80, C81).

    Parameters
    ----------
    case : Case
        Without a scenario applied.
    first, second : str
        Corridors; the levers are those of the first.
    scenario : str, optional
        None: the baseline if both corridors are open there, else the first of the case's scenarios in which they are.
    year : int, optional
        None: the horizon year.
    goods : str, optional
        One freight class; None: all.
    within : float
        A flow is contested if its best way over each of the two costs at most this part more than its best way of all.
    draws, seed, threads : int

    Raises
    ------
    UsageError
        If a name is not known, the corridors are the same, or a number is out of its range.
    NoRouteError
        If no trade has an open and permitted route over the first corridor.

    Examples
    --------
    >>> from mackinder import read_case
    >>> from mackinder.equilibrium import switch_points
    >>> answer = switch_points(read_case("south-caucasus"), "trump-route", "btk")  # doctest: +SKIP
    >>> answer.points[0].threshold  # doctest: +SKIP
    """
    if first == second:
        msg = f"{first} is compared with itself: give two corridors"
        raise UsageError(msg)
    name, year, ways = _solve(case, (first, second), scenario, year, goods, within, draws, seed, threads)
    contest, none = ways.contest, np.zeros(draws)
    own = contest.contested
    share = contest.tonnes[:, own] / (contest.weight[:, :, own].sum(axis=0) + contest.away[:, own])
    return SwitchAnswer(
        scenario=name,
        year=year,
        first=first,
        second=second,
        goods=goods or "",
        on_first=(share * contest.weight[1][:, own]).sum(axis=1),
        on_second=(share * contest.weight[2][:, own]).sum(axis=1),
        contested=contest.tonnes[:, own].sum(axis=1),
        all_first=carried(contest, none, none),
        points=_points(ways),
        notes=_NOTES,
    )


def profitable_toll(
    case: Case, corridor: str, *, scenario: str | None = None, year: int | None = None, goods: str | None = None,
    draws: int = 100, seed: int = 0, threads: int = 1,
) -> TollAnswer:  # fmt: skip
    """Find the toll on a corridor that earns most, beside what going round would cost its users (convention C82).

    Parameters and errors are those of `switch_points`.

    Examples
    --------
    >>> from mackinder import read_case
    >>> from mackinder.equilibrium import profitable_toll
    >>> profitable_toll(read_case("south-caucasus"), "trump-route").toll  # doctest: +SKIP
    """
    name, year, ways = _solve(case, (corridor, corridor), scenario, year, goods, WITHIN, draws, seed, threads)
    toll, revenue, tonnes = best_toll(ways.contest)
    detour, bound, captive = detours(ways.contest, _QUANTILES)
    return TollAnswer(
        scenario=name,
        year=year,
        corridor=corridor,
        goods=goods or "",
        toll=toll,
        revenue=revenue,
        tonnes=tonnes,
        tonnes_free=carried(ways.contest, np.zeros(draws), np.zeros(draws)),
        detour=detour,
        bound=bound,
        captive=captive,
        notes=(*_NOTES[:2], "nobody else changes a charge in answer; costs of collecting are not deducted"),
    )


def _solve(
    case: Case, corridors: tuple[str, str], scenario: str | None, year: int | None, goods: str | None, within: float,
    draws: int, seed: int, threads: int,
) -> tuple[str, int, Ways]:  # fmt: skip
    if draws < 1:
        msg = f"draws is {draws}: at least one draw is needed"
        raise UsageError(msg)
    if not 0.0 <= within < np.inf:
        msg = f"within is {within}: give a part of the cost, such as 0.25"
        raise UsageError(msg)
    settings = case.settings
    year = settings.horizon_year if year is None else year
    name = scenario or _first_open(case, corridors, year)
    applied = apply(case, read_scenario(name, case))
    design = Design(seed=seed, draws=draws, common_share=settings.common_share)
    ways = build_ways(applied, name, year, corridors, goods=goods, within=within, design=design, threads=threads)
    return name, year, ways


def _first_open(case: Case, corridors: tuple[str, str], year: int) -> str:
    """Return the baseline if it has some link of each screenline open, else the first scenario that has, else the baseline."""
    settings = case.settings
    for name in dict.fromkeys((settings.baseline, *settings.scenarios)):
        network = build_network({name: apply(case, read_scenario(name, case))}, [year])
        if all((network.usable[0] & on_screenline(network, c)).any() for c in corridors):
            return name
    return settings.baseline


def _points(ways: Ways) -> tuple[SwitchPoint, ...]:
    contest, present = ways.contest, ways.present
    none = np.zeros(contest.theta.shape[0])
    fee, hours = (np.nan_to_num(x) for x in (present.fee, present.hours))
    by_fee = crossing(lambda x: gap_at_price(contest, x, none), -fee, LEVERS["fee"][1] - fee)
    by_hours = crossing(lambda x: gap_at_price(contest, none, x), -hours, LEVERS["hours"][1] - hours)
    by_rate = crossing(lambda x: gap_at_rate(contest, x), none, none + LEVERS["rate"][1])
    rate_today = present.rate / np.nanmedian(present.rate) if np.isfinite(present.rate).any() else present.rate
    found = {
        "fee": (present.fee, fee + by_fee),
        "hours": (present.hours, hours + by_hours),
        # a factor on the price of each draw; against the median price, like what it is today
        "rate": (rate_today, np.where(np.isfinite(by_rate), by_rate * rate_today, by_rate)),
        "capacity": (
            present.capacity,
            _capacity(contest, by_hours if present.queues else by_fee, queues=present.queues),
        ),
    }
    return tuple(
        SwitchPoint(lever=lever, unit=LEVERS[lever][0], today=today, threshold=threshold, bounds=(0.0, LEVERS[lever][1]))
        for lever, (today, threshold) in found.items()
    )  # fmt: skip


def _capacity(contest: Contest, scarcity: Floats, *, queues: bool) -> Floats:
    """Capacity at which scarcity has driven so many away that both carry the same; infinite if the second always carries more."""
    inside = np.isfinite(scarcity) & (scarcity > 0)
    level, none = np.where(inside, scarcity, 0.0), np.zeros(len(scarcity))
    load = carried(contest, none, level) if queues else carried(contest, level, none)
    found = np.where(inside, load, np.where(scarcity == np.inf, -np.inf, np.inf))
    return np.where(np.isnan(scarcity), np.nan, found)
