"""Route sets against brute force: scipy's Dijkstra under each pair's own permissions (conventions C17, C29)."""

from __future__ import annotations

import dataclasses
import itertools
import types
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mackinder.draws import Design
from mackinder.equilibrium.menu import build_menu
from mackinder.network.network import build_network
from mackinder.network.prices import draw_prices, pilot_prices
from mackinder.network.routes import MOST_ROUTES, RouteSet, build_route_set, pair_list

More = Callable[..., pd.DataFrame]
Flow = tuple[int, int, int]


def flows(solved: Any) -> Iterator[Flow]:
    """State, pair, goods."""
    return itertools.product(
        range(len(solved.network.states)), range(len(solved.routes.origin)), range(len(solved.network.goods))
    )


def assert_best_routes(plain: ModuleType, solved: Any, draws: int) -> int:
    """The least cost in the set is Dijkstra's, at each of the first pilot draws; returns how many flows have a route."""
    found = 0
    for k, (s, p, g) in itertools.product(range(draws), flows(solved)):
        cost = plain.asset_costs(solved, solved.pilots, k, s, p, g)
        best = min((cost[np.array(r) >> 1].sum() for r in plain.routes_of(solved.routes, p)), default=np.inf)
        wanted = plain.best_cost(solved, cost, p)
        assert best == pytest.approx(wanted), (k, s, p, g)
        found += np.isfinite(wanted)
    return found


def assert_exact_captivity(plain: ModuleType, solved: Any) -> int:
    """A bit is set if and only if Dijkstra without what the actor can close finds nothing; returns how many are not."""
    network = solved.network
    menu = build_menu(network, solved.routes, np.zeros(len(network.states), dtype=np.int64))
    free = 0
    for s, p, g in flows(solved):
        cost = plain.asset_costs(solved, solved.pilots, 0, s, p, g)
        if not np.isfinite(plain.best_cost(solved, cost, p)):
            assert menu.available[s, p, g] == 0
            assert menu.captive[s, p, g] == 0
            continue
        for b in range(len(network.actors)):
            shut = (network.closers[s] >> np.uint64(b)) & np.uint64(1) > 0
            stuck = not np.isfinite(plain.best_cost(solved, np.where(shut, np.inf, cost), p))
            assert bool(int(menu.captive[s, p, g]) >> b & 1) == stuck, (s, p, g, network.actors[b])
            free += not stuck
    return free


def same_routes(one: RouteSet, other: RouteSet) -> None:
    for field in dataclasses.fields(RouteSet):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name), err_msg=field.name)


@pytest.fixture(params=["starter_solved", "rich_solved"])
def solved(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def test_pairs_are_all_ordered_pairs_sorted() -> None:
    origin, destination = pair_list(3)
    assert list(zip(origin.tolist(), destination.tolist(), strict=True)) == [
        (0, 1),
        (0, 2),
        (1, 0),
        (1, 2),
        (2, 0),
        (2, 1),
    ]


def test_every_pair_has_its_best_route(plain: ModuleType, solved: Any) -> None:
    """Column generation over pilot draws: the best of each pilot is in the set. Surcharges of searches are central."""
    draws = 1 if solved.network.regimes.per_link.any() else len(solved.pilots.money)
    assert assert_best_routes(plain, solved, draws) > 0


def test_captive_is_exact(plain: ModuleType, solved: Any) -> None:
    """Convention C29."""
    assert assert_exact_captivity(plain, solved) > 0


def test_coalitions_are_avoided_together(plain: ModuleType, starter: Any, rich: Any, solve: Any) -> None:
    """The starter names AAA and CCC as a coalition: where both can be avoided, a route of the set does."""
    solved = solve({"x": rich})
    network, seen = solved.network, 0
    shut = network.closers[0] & np.uint64(0b101) > 0
    assert starter.settings.coalitions == (("AAA", "CCC"),)
    for s, p, g in flows(solved):
        cost = np.where(shut, np.inf, plain.asset_costs(solved, solved.pilots, 0, s, p, g))
        if np.isfinite(plain.best_cost(solved, cost, p)):
            seen += 1
            assert any(np.isfinite(cost[np.array(r) >> 1]).all() for r in plain.routes_of(solved.routes, p))
    assert seen > 0


def test_routes_are_paths_of_their_pair(plain: ModuleType, solved: Any) -> None:
    graph, routes = solved.network.graph, solved.routes
    for p, (o, d) in enumerate(zip(routes.origin, routes.destination, strict=True)):
        pool = plain.routes_of(routes, p)
        assert len({tuple(r) for r in pool}) == len(pool) <= 64
        for route in pool:
            tails = [graph.arc_head[arc ^ 1] for arc in route]
            heads = [graph.arc_head[arc] for arc in route]
            assert tails[0] == graph.zone_node[o]
            assert heads[-1] == graph.zone_node[d]
            assert tails[1:] == heads[:-1]
            assert len(set(heads)) == len(heads)


def test_available_routes_use_nothing_shut_or_denied(plain: ModuleType, solved: Any) -> None:
    network, routes = solved.network, solved.routes
    menu = build_menu(network, routes, np.zeros(len(network.states), dtype=np.int64))
    for s, p, g in flows(solved):
        regime = network.regimes.of_flow[s, routes.origin[p], routes.destination[p], g]
        for r, route in enumerate(plain.routes_of(routes, p)):
            assets = np.array(route) >> 1
            free = network.usable[s, assets].all() and not network.regimes.denied[regime, assets].any()
            assert bool(int(menu.available[s, p, g]) >> r & 1) == free


def test_a_ban_on_trade_leaves_no_route(rich_solved: Any) -> None:
    """Convention C15: AAA may not export to CCC, but BBB may pass AAA on its way there."""
    network, routes = rich_solved.network, rich_solved.routes
    menu = build_menu(network, routes, np.zeros(len(network.states), dtype=np.int64))
    for p, pair in enumerate(zip(routes.origin, routes.destination, strict=True)):
        names = tuple(network.graph.zones[z] for z in pair)
        assert (menu.available[0, p] == 0).all() == (names == ("a-land", "c-land"))


def test_segments_belong_to_the_routes(plain: ModuleType, solved: Any) -> None:
    routes = solved.routes
    for p in range(len(routes.origin)):
        rows = range(routes.segment_first[p], routes.segment_first[p + 1])
        got = {
            int(routes.segment_mask[q]): set(routes.asset[routes.asset_first[q] : routes.asset_first[q + 1]])
            for q in rows
        }
        assert got == plain.segments(plain.routes_of(routes, p))


def test_threads_change_nothing(rich: Any, rich_solved: Any) -> None:
    for threads in (2, 5):
        same_routes(
            build_route_set(rich_solved.network, rich_solved.pilots, rich.settings.coalitions, threads=threads),
            rich_solved.routes,
        )


def test_a_hopeless_route_is_dropped_unless_it_avoids_somebody(
    rich: Any, solve: Any, more: More, plain: ModuleType
) -> None:
    """A road at 5,000 USD/t across AAA and BBB helps nobody; the same road across no country avoids everybody."""
    bad = {"link_id": "a-bad", "from_place": "a-city", "to_place": "b-north-city"}
    bad |= {f"cost_usd_per_t_{b}": 5000.0 for b in ("low", "mode", "high")}
    for where, kept in (("AAA;BBB", False), ("", True)):
        links = more(rich.table("links"), ("b-second", bad | {"territory": where}))
        solved = solve({"x": rich.with_tables(links=links)})
        asset = solved.network.graph.assets.index("a-bad")
        assert (asset in solved.routes.arcs >> 1) == kept


def test_a_scenario_that_only_changes_times_gets_its_own_best_routes(plain: ModuleType, rich: Any, solve: Any) -> None:
    """States are searched once only if prices *and* times agree."""
    links = rich.table("links")
    time = [f"time_h_{b}" for b in ("low", "mode", "high")]
    quick, slow = (
        links["link_id"] == "b-round",
        links["link_id"].isin(["b-north-b-south-road", "b-south-c-harbour-road"]),
    )
    links.loc[quick, time] = [1.0, 1.0, 1.0]
    links.loc[slow, time] = [400.0, 400.0, 400.0]
    solved = solve({"a": rich, "b": rich.with_tables(links=links)}, years=(2023,), pilots=1)
    assert len(solved.network.states) == 2
    assert_best_routes(plain, solved, 1)


def test_captive_is_exact_for_a_class_with_rules_of_its_own(
    plain: ModuleType, rich: Any, solve: Any, more: More
) -> None:
    """Manufactures lie between grain and parts in value of time; a denial for them alone leaves a dear bypass of AAA."""
    bypass = {"from_place": "b-south-town", "to_place": "c-harbour", "territory": "CCC"}
    bypass |= {f"cost_usd_per_t_{b}": 900.0 for b in ("low", "mode", "high")}
    links = more(rich.table("links"), ("b-round", {"link_id": "z-dear-bypass"} | bypass))
    restrictions = more(
        rich.table("restrictions"),
        (
            "no-grain-south",
            {"restriction_id": "no-manufactures-south", "destination": "*", "origin": "*", "goods": "manufactures"},
        ),
    )
    solved = solve({"x": rich.with_tables(links=links, restrictions=restrictions)})
    assert_exact_captivity(plain, solved)


def test_routes_do_not_depend_on_the_seed(rich: Any, rich_solved: Any) -> None:
    network = build_network({"as-it-stands": rich}, (2023, 2035))
    again = build_route_set(network, pilot_prices(rich, network, 3), rich.settings.coalitions, threads=1)
    same_routes(again, rich_solved.routes)


def test_a_pair_keeps_its_best_routes_where_room_is_short(plain: ModuleType, starter: Any, more: More) -> None:
    """Nine parallel roads on each of two legs make 81 routes: no pair holds more than there is room for, nor loses its best."""
    names = [f"p{i}" for i in range(8)]
    rows = []
    for base in ("a-city-a-pass-road", "a-pass-b-north-road"):
        for i, name in enumerate(names):
            cost = {"cost_usd_per_t_low": 5.0, "cost_usd_per_t_mode": 8.0 + 0.1 * i, "cost_usd_per_t_high": 14.0}
            rows.append((base, {"link_id": f"{name}-{base}"} | cost))
    case = starter.with_tables(links=more(starter.table("links"), *rows))
    network = build_network({"x": case}, [2023])
    trial = draw_prices(case, network, Design(seed=1, draws=400, common_share=0.0))
    routes = build_route_set(network, trial, (), threads=2)
    count = np.diff(routes.pair_first)
    assert count.max() == MOST_ROUTES
    assert routes.dropped == 0  # nothing that a set must hold was left out
    solved = types.SimpleNamespace(network=network, routes=routes, pilots=trial)
    assert assert_best_routes(plain, solved, 1) > 0
