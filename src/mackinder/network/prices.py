"""Prices in every draw: links, transfers, surcharges and goods classes, with factors in common where they move together."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.draws import Design, split_quantile
from mackinder.network.fitted import draw_factors, fit_scopes, scale_prices
from mackinder.network.horizon import elasticity_factors
from mackinder.network.records import BOUNDS, GoodsPrices, Network, PriceDraws
from mackinder.units import HOURS_PER_DAY, TONNES_PER_MT

__all__ = ["draw_prices", "pilot_prices"]

#: pilot draws are keyed by a seed of their own: route sets do not depend on the seed of a run
_PILOT_SEED = 1904

#: the 5 % and 95 % points of a normal distribution lie this many standard deviations apart
_RANGE = 2 * 1.6448536269514722
_FACTOR = ("rail_cost_factor", "road_cost_factor", "water_cost_factor", "transfer_cost_factor")

Array = NDArray[np.float64]
T = TypeVar("T", "GoodsPrices", "PriceDraws")


def draw_prices(case: Case, network: Network, design: Design) -> PriceDraws:
    """Draw the prices of all states of a network.

    Assets of one country and mode share a factor in cost and another in time; surcharges and goods are drawn one by one,
    keyed by their ids. Price vectors of different states use the same scores: common random numbers. Factors of the table
    ``fits`` multiply what was drawn (convention C88).
    """
    assets, groups = network.graph.assets, network.price_group
    cost_score = design.normals([f"{a}/cost" for a in assets], [f"{g}/cost" for g in groups])
    time_score = design.normals([f"{a}/time" for a in assets], [f"{g}/time" for g in groups])
    capacity_score = design.normals([f"{a}/capacity" for a in assets], [f"{g}/capacity" for g in groups])
    regimes, settings = network.regimes, case.settings
    amount = design.quantity([f"restrictions/{r}" for r in regimes.restriction], *regimes.surcharge.T)
    ratio = settings.reliability_ratio
    drawn = PriceDraws(
        money=_at(cost_score, network.cost),
        hours=_at(time_score, network.hours),
        spread=np.broadcast_to(
            (network.hours[..., 2] - network.hours[..., 0]) / _RANGE, (design.draws, *network.hours.shape[:2])
        ),
        capacity=_unlimited(_at(capacity_score, network.capacity) * TONNES_PER_MT),
        reliability=design.quantity(
            ["settings/reliability_ratio"], *(np.array([b]) for b in (ratio.low, ratio.mode, ratio.high))
        )[:, 0],
        surcharge=amount,
        shipment=regimes.shipment_charges(amount),
        goods=_draw_goods(case, network.goods, design),
    )
    return scale_prices(drawn, fit_scopes(case, network), draw_factors(case, design))


def pilot_prices(case: Case, network: Network, draws: int) -> PriceDraws:
    """Return central prices (row 0) and pilot draws of them: the prices under which routes are looked for."""
    share, case = case.settings.common_share, case.with_settings(trade_run="long")  # the same routes in either run
    central = draw_prices(case, network, Design(seed=_PILOT_SEED, draws=1, common_share=share, central=True))
    pilots = draw_prices(case, network, Design(seed=_PILOT_SEED, draws=draws, common_share=share))
    return _stack(central, pilots)


def _stack(first: T, second: T) -> T:
    both: dict[str, Any] = {}
    for field in dataclasses.fields(first):
        a, b = getattr(first, field.name), getattr(second, field.name)
        both[field.name] = _stack(a, b) if isinstance(a, GoodsPrices) else np.concatenate([a, b])
    return type(first)(**both)


def _at(score: Array, interval: Array) -> Array:
    """Values at the given scores, shape (K, V, A), from intervals (V, A, 3)."""
    return np.stack([split_quantile(score, *vector.T) for vector in interval], axis=1)


def _unlimited(capacity: Array) -> Array:
    """Put infinity where there is no capacity."""
    return np.where(np.isnan(capacity), np.inf, capacity)


def _draw_goods(case: Case, goods: tuple[str, ...], design: Design) -> GoodsPrices:
    rows = case.table("goods").set_index("goods_id").loc[list(goods)]

    def draw(column: str, factors: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> Array:
        bounds = (rows[f"{column}_{b}"].to_numpy(float) * factor for b, factor in zip(BOUNDS, factors, strict=True))
        return design.quantity([f"goods/{g}/{column}" for g in goods], *bounds)

    density = draw("value_usd_per_t")
    return GoodsPrices(
        density=density,
        value_of_time=draw("value_of_time_usd_per_t_day") / HOURS_PER_DAY,
        dispersion=draw("route_dispersion_t_per_usd"),
        no_ship=density / draw("trade_elasticity", elasticity_factors(case.settings)),
        factor=np.stack([draw(column) for column in _FACTOR], axis=2),
    )
