"""Prices in every draw (conventions C4, C34, C35, C36)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mackinder.draws import Design
from mackinder.network.network import build_network
from mackinder.network.prices import draw_prices, pilot_prices
from mackinder.network.records import BOUNDS

DESIGN = Design(seed=3, draws=40, common_share=0.5)
CENTRAL = Design(seed=3, draws=1, common_share=0.5, central=True)


def test_central_prices_are_the_modes(rich: Any) -> None:
    network = build_network({"x": rich}, [2023])
    prices, goods = draw_prices(rich, network, CENTRAL), rich.table("goods").set_index("goods_id")
    np.testing.assert_allclose(prices.money[0], network.cost[..., 1])
    np.testing.assert_allclose(prices.hours[0], network.hours[..., 1])
    for g, name in enumerate(network.goods):
        row = goods.loc[name]
        np.testing.assert_allclose(prices.goods.density[0, g], row["value_usd_per_t_mode"])
        np.testing.assert_allclose(prices.goods.value_of_time[0, g], row["value_of_time_usd_per_t_day_mode"] / 24)
        np.testing.assert_allclose(prices.goods.dispersion[0, g], row["route_dispersion_t_per_usd_mode"])
        # convention C27: giving up the trade costs value density over trade elasticity
        np.testing.assert_allclose(
            prices.goods.no_ship[0, g], row["value_usd_per_t_mode"] / row["trade_elasticity_mode"]
        )
        factors = [row[f"{mode}_cost_factor_mode"] for mode in ("rail", "road", "water", "transfer")]
        np.testing.assert_allclose(prices.goods.factor[0, g], factors)
    assert prices.reliability[0] == rich.settings.reliability_ratio.mode


def test_nine_in_ten_draws_lie_in_the_interval(rich: Any) -> None:
    """Convention C4: low and high are the 5 and 95 % points; a Latin hypercube of 40 without common part hits them."""
    network = build_network({"x": rich}, [2023])
    prices = draw_prices(rich, network, Design(seed=3, draws=40, common_share=0.0))
    for drawn, interval in ((prices.money, network.cost), (prices.hours, network.hours)):
        inside = (drawn >= interval[..., 0]) & (drawn <= interval[..., 2])
        assert (inside.sum(axis=0) == 36).all()


def test_things_of_one_country_and_mode_move_together(rich: Any) -> None:
    """Convention C35, at full weight: one score a group."""
    network = build_network({"x": rich}, [2023])
    prices = draw_prices(rich, network, Design(seed=3, draws=12, common_share=1.0))
    rank = {a: np.argsort(np.argsort(prices.money[:, 0, i])) for i, a in enumerate(network.graph.assets)}
    group = dict(zip(network.graph.assets, network.price_group, strict=True))
    assert group["a-city-a-port-road"] == "AAA/road"
    assert group["a-port-road-sea"] == "AAA/transfer"
    for one in rank:
        for other in rank:
            assert (rank[one] == rank[other]).all() == (group[one] == group[other])


def test_adding_a_link_moves_no_other_price(rich: Any, more: Callable[..., pd.DataFrame]) -> None:
    """Convention C34."""
    wider = rich.with_tables(links=more(rich.table("links"), ("b-coast", {"link_id": "aa-new-road"})))
    one, other = build_network({"x": rich}, [2023]), build_network({"x": wider}, [2023])
    kept = [other.graph.assets.index(a) for a in one.graph.assets]
    before, after = draw_prices(rich, one, DESIGN), draw_prices(wider, other, DESIGN)
    for name in ("money", "hours", "spread"):
        np.testing.assert_array_equal(getattr(after, name)[..., kept], getattr(before, name))
    np.testing.assert_array_equal(after.surcharge, before.surcharge)
    np.testing.assert_array_equal(after.goods.density, before.goods.density)


def test_scenarios_share_their_draws(starter: Any) -> None:
    """Convention C36: what a scenario leaves alone costs the same in each draw; what it scales is scaled in each draw."""
    links = starter.table("links")
    rail = links["link_id"] == "a-city-b-north-rail"
    links.loc[rail, [f"cost_usd_per_t_{b}" for b in BOUNDS]] *= 3.0
    network = build_network({"a": starter, "b": starter.with_tables(links=links)}, [2023])
    money = draw_prices(starter, network, DESIGN).money
    asset = network.graph.assets.index("a-city-b-north-rail")
    np.testing.assert_array_equal(np.delete(money[:, 0], asset, 1), np.delete(money[:, 1], asset, 1))
    np.testing.assert_allclose(money[:, 1, asset], 3 * money[:, 0, asset])


def test_missing_prices_stay_missing(starter: Any, more: Callable[..., pd.DataFrame]) -> None:
    """Convention C1."""
    links = more(starter.table("links"), ("a-city-a-port-road", {"link_id": "second-road"}))
    network = build_network({"a": starter, "b": starter.with_tables(links=links)}, [2023])
    prices = draw_prices(starter, network, DESIGN)
    asset = network.graph.assets.index("second-road")
    assert np.isnan(prices.money[:, 0, asset]).all()
    assert np.isfinite(prices.money[:, 1, asset]).all()


def test_pilots_begin_with_the_centre_and_do_not_follow_the_seed(starter: Any) -> None:
    network = build_network({"x": starter}, [2023])
    pilots = pilot_prices(starter, network, 4)
    assert pilots.money.shape[0] == pilots.goods.density.shape[0] == pilots.shipment.shape[0] == 5
    np.testing.assert_array_equal(pilots.money[0], draw_prices(starter, network, CENTRAL).money[0])
    np.testing.assert_array_equal(pilots.money, pilot_prices(starter, network, 4).money)
    assert not np.allclose(pilots.money[1], pilots.money[2])


def test_spread_is_read_off_the_interval_of_the_time(starter: Any) -> None:
    """The 5 and 95 % points of a normal lie 3.29 standard deviations apart."""
    network = build_network({"x": starter}, [2023])
    prices = draw_prices(starter, network, CENTRAL)
    np.testing.assert_allclose(prices.spread[0], (network.hours[..., 2] - network.hours[..., 0]) / 3.2897072539)
