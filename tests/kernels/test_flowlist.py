"""The list of flows reproduces what the loading kernel ships, and feeds the transit game."""

from __future__ import annotations

import dataclasses
import types

import numpy as np
import pytest

from mackinder.equilibrium.menu import build_menu, price_record
from mackinder.indicators import shapley, transit_values
from mackinder.kernels.flowlist import list_flows
from mackinder.kernels.offers import build_offers
from mackinder.network.demand import draw_demand
from mackinder.network.prices import draw_prices


@pytest.fixture(scope="module")
def listed(rich_solved: types.SimpleNamespace) -> types.SimpleNamespace:
    """The base year of the richer case (no growth of demand) in its second draw."""
    it, s, k = rich_solved, 0, 1
    assert it.network.states[s].year == it.case.settings.base_year
    table = np.zeros(len(it.network.states), dtype=np.int64)
    menu = build_menu(it.network, it.routes, table)
    central = draw_prices(it.case, it.network, dataclasses.replace(it.design, draws=1, central=True))
    zone = it.network.zone_actor
    ends = np.zeros(len(it.routes.origin), dtype=np.uint64)
    for actor in (zone[it.routes.origin], zone[it.routes.destination]):
        ends[actor >= 0] |= np.uint64(1) << actor[actor >= 0].astype(np.uint64)
    offers = build_offers(menu, price_record(it.network, central), ends, 0, len(ends))
    flows = list_flows(s, k, menu, price_record(it.network, it.prices), offers)
    demand = draw_demand(it.case, it.network.goods, it.prices.goods.density, it.design).tonnes[k]
    tonnes = demand[it.routes.origin[flows.pair], it.routes.destination[flows.pair], flows.goods]
    return types.SimpleNamespace(it=it, s=s, k=k, menu=menu, flows=flows, tonnes=tonnes, ends=ends)


def test_shares_of_the_list_are_those_of_the_loading(listed: types.SimpleNamespace) -> None:
    flows, it = listed.flows, listed.it
    theta = it.prices.goods.dispersion[listed.k][flows.goods]
    count = np.diff(flows.first)
    least = np.minimum.reduceat(flows.cost, flows.first[:-1])
    weight = flows.size * np.exp(-np.repeat(theta, count) * (flows.cost - np.repeat(least, count)))
    share = weight / np.repeat(np.add.reduceat(weight, flows.first[:-1]), count)
    shipped = share * np.repeat(listed.tonnes, count)
    used = np.zeros(it.network.graph.n_assets)
    for tonnes, r in zip(shipped, flows.route, strict=True):
        arcs = it.routes.arcs[it.routes.route_first[r] : it.routes.route_first[r + 1]]
        np.add.at(used, arcs // 2, tonnes)
    # the loading drops routes below 1e-9 of the best one's weight (convention C24)
    np.testing.assert_allclose(used, it.loads.asset_tonnes[listed.k, listed.s], rtol=1e-6, atol=1e-6)
    assert (flows.closers == listed.menu.closers[listed.s, flows.route]).all()


def test_the_list_feeds_the_transit_game(listed: types.SimpleNamespace) -> None:
    flows, goods, k = listed.flows, listed.it.prices.goods, listed.k
    actors = len(listed.it.network.actors)
    values = transit_values(
        pair_start=flows.first, cost=flows.cost, path_size=flows.size, closers=flows.closers,
        players=[1 << i for i in range(actors)], endpoints=listed.ends[flows.pair],
        dispersion=goods.dispersion[k][flows.goods], quantity=listed.tonnes, no_ship=goods.no_ship[k][flows.goods],
    )  # fmt: skip
    power = shapley(values)
    assert power.sum() == pytest.approx(values[-1], rel=1e-12)
    assert values[-1] > 0
    present = np.bitwise_or.reduce(flows.closers | np.repeat(listed.ends[flows.pair], np.diff(flows.first)))
    for i in range(actors):
        assert (power[i] == 0.0) == (not (int(present) >> i) & 1)
