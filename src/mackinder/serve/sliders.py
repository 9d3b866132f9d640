"""The sliders of the app: Actions change scenario B alone, Assumptions change A and B alike (convention C115)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.errors import UsageError, did_you_mean
from mackinder.network.records import MODE_GROUPS, Network, PriceDraws

__all__ = [
    "ACTIONS",
    "ASSUMPTIONS",
    "Slider",
    "own_state",
    "own_vectors",
    "with_actions",
    "with_assumptions",
    "with_growth",
]

Bools = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Slider:
    """One slider: a factor on central values, 1 where it starts (growth is in per cent a year)."""

    slider_id: str
    label: str
    unit: str
    low: float
    high: float
    step: float
    start: float
    meaning: str


ACTIONS: Final = (
    Slider(slider_id="cost", label="Cost on the corridor", unit="x", low=0.25, high=4, step=0.05, start=1,
           meaning="price of carriage on the links of the chosen corridor in B"),
    Slider(slider_id="time", label="Time on the corridor", unit="x", low=0.25, high=4, step=0.05, start=1,
           meaning="hours on the links of the chosen corridor in B, borders included"),
    Slider(slider_id="capacity", label="Capacity of the corridor", unit="x", low=0.1, high=5, step=0.1, start=1,
           meaning="tonnes a year that its links and transfers can carry in B, where a capacity is known"),
)  # fmt: skip
ASSUMPTIONS: Final = (
    Slider(slider_id="value_of_time", label="Value of time", unit="x", low=0.25, high=4, step=0.05, start=1,
           meaning="what a day in transit costs the shipper, all goods"),
    Slider(slider_id="dispersion", label="How strictly shippers take the cheapest route", unit="x", low=0.25, high=4,
           step=0.05, start=1, meaning="dispersion parameter of route choice, all goods"),
    Slider(slider_id="rail_cost", label="Cost of rail", unit="x", low=0.5, high=2, step=0.05, start=1,
           meaning="price of carriage on all railways"),
    Slider(slider_id="road_cost", label="Cost of road", unit="x", low=0.5, high=2, step=0.05, start=1,
           meaning="price of carriage on all roads"),
    Slider(slider_id="capacity", label="All capacities", unit="x", low=0.25, high=4, step=0.05, start=1,
           meaning="tonnes a year that links and transfers can carry, where a capacity is known"),
    Slider(slider_id="growth", label="Growth of demand", unit="% a year", low=0, high=6, step=0.1, start=-1,
           meaning="growth of freight and incomes where none is given for the country"),
)  # fmt: skip


def _checked(values: Mapping[str, float], sliders: Sequence[Slider]) -> dict[str, float]:
    known = {slider.slider_id: slider for slider in sliders}
    for name, value in values.items():
        if name not in known:
            raise UsageError(did_you_mean(name, known, what="slider"))
        if not known[name].low <= value <= known[name].high:
            msg = f"slider {name} is {value:g}: it goes from {known[name].low:g} to {known[name].high:g}"
            raise UsageError(msg)
    return dict(values)


def own_state(network: Network, scenario: str, year: int) -> tuple[Network, int]:
    """Give a scenario a state of its own in a year, if it shares one; return the network and the row of that state."""
    row = next(
        i for i, group in enumerate(network.same) if any((k.scenario, k.year) == (scenario, year) for k in group)
    )
    if len(network.same[row]) == 1:
        return network, row
    mine = next(key for key in network.same[row] if (key.scenario, key.year) == (scenario, year))
    rest = tuple(key for key in network.same[row] if key is not mine)
    same = [*network.same, (mine,)]
    same[row] = rest
    twice = [*range(len(network.states)), row]
    states = [group[0] for group in same]
    regimes = dataclasses.replace(network.regimes, of_flow=network.regimes.of_flow[twice])
    return (
        dataclasses.replace(
            network, states=tuple(states), same=tuple(same), usable=network.usable[twice], closers=network.closers[twice],
            vector=network.vector[twice], capacity_vector=network.capacity_vector[twice], regimes=regimes,
        ),
        len(states) - 1,
    )  # fmt: skip


def own_vectors(network: Network, prices: PriceDraws) -> tuple[Network, PriceDraws]:
    """Give every state price and capacity vectors of its own, so that one can be changed and not the others."""
    count = len(network.states)
    v, c = network.vector, network.capacity_vector
    mine = np.arange(count, dtype=np.int64)
    return (
        dataclasses.replace(
            network, vector=mine, capacity_vector=mine, cost=network.cost[v], hours=network.hours[v],
            capacity=network.capacity[c],
        ),
        dataclasses.replace(
            prices, money=prices.money[:, v], hours=prices.hours[:, v], spread=prices.spread[:, v],
            capacity=prices.capacity[:, c],
        ),
    )  # fmt: skip


def with_assumptions(prices: PriceDraws, network: Network, values: Mapping[str, float]) -> PriceDraws:
    """Return prices under assumptions; factors that are 1 change nothing at all.

    Raises
    ------
    UsageError
        If a slider is not known or out of its range.
    """
    given = _checked(values, ASSUMPTIONS)
    goods = dataclasses.replace(
        prices.goods,
        value_of_time=prices.goods.value_of_time * given.get("value_of_time", 1.0),
        dispersion=prices.goods.dispersion * given.get("dispersion", 1.0),
    )
    money = prices.money.copy()
    for name, mode in (("rail_cost", "rail"), ("road_cost", "road")):
        money[..., network.graph.mode == MODE_GROUPS[mode]] *= given.get(name, 1.0)
    return dataclasses.replace(prices, goods=goods, money=money, capacity=prices.capacity * given.get("capacity", 1.0))


def with_actions(
    prices: PriceDraws, network: Network, values: Mapping[str, float], assets: Bools, closed: Bools, states: Bools
) -> tuple[PriceDraws, Network]:
    """Return prices and network with actions on some assets in some states.

    Parameters
    ----------
    prices, network
        From `own_vectors`.
    values : mapping of str to float
        Slider id to factor.
    assets, closed : ndarray of bool, shape (A,)
        Assets of the chosen corridor, and those that are shut.
    states : ndarray of bool, shape (S,)
        States of scenario B.

    Raises
    ------
    UsageError
        If a slider is not known or out of its range.
    """
    given = _checked(values, ACTIONS)
    at = np.ix_(np.flatnonzero(states), np.flatnonzero(assets))
    money, hours, capacity = prices.money.copy(), prices.hours.copy(), prices.capacity.copy()
    for k in range(money.shape[0]):
        money[k][at] *= given.get("cost", 1.0)
        hours[k][at] *= given.get("time", 1.0)
        capacity[k][at] *= given.get("capacity", 1.0)
    usable = network.usable.copy()
    usable[np.ix_(np.flatnonzero(states), np.flatnonzero(closed))] = False
    return (
        dataclasses.replace(prices, money=money, hours=hours, capacity=capacity),
        dataclasses.replace(network, usable=usable),
    )


def with_growth(case: Case, percent: float | None) -> Case:
    """Return the case with another growth of demand, in per cent a year; None leaves it."""
    if percent is None:
        return case
    _checked({"growth": percent}, ASSUMPTIONS)
    rate = percent / 100.0
    growth = case.settings.demand_growth_per_year.model_copy(update={"low": rate, "mode": rate, "high": rate})
    return dataclasses.replace(case, settings=case.settings.model_copy(update={"demand_growth_per_year": growth}))
