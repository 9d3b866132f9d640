"""What flows choose from: captive bits, corridors, and which states may share a choice."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from mackinder.equilibrium.menu import build_menu

Scenes = Callable[..., dict[str, Any]]


def menu_of(solved: Any, table: list[int] | None = None) -> Any:
    return build_menu(
        solved.network, solved.routes, np.array(table or [0] * len(solved.network.states), dtype=np.int64)
    )


def test_masks_of_routes(plain: ModuleType, rich_solved: Any) -> None:
    network, routes, menu = rich_solved.network, rich_solved.routes, menu_of(rich_solved)
    for r in range(len(routes.route_first) - 1):
        assets = [arc >> 1 for arc in plain.arcs_of(routes, r)]
        assert plain.bits(menu.corridors[r]) == set().union(*(plain.bits(network.screenline[a]) for a in assets))
        for s in range(len(network.states)):
            assert plain.bits(menu.closers[s, r]) == set().union(*(plain.bits(network.closers[s, a]) for a in assets))


def test_states_share_a_choice_only_where_it_is_the_same(starter_solved: Any) -> None:
    """The south road changes what is available between south and CCC; all other flows keep their choice of 2023."""
    network, routes, menu = starter_solved.network, starter_solved.routes, menu_of(starter_solved)
    s2035, south = 1, 2
    np.testing.assert_array_equal(menu.same_as[s2035], 0)
    for p in range(len(routes.origin)):
        same = menu.available[south, p, 0] == menu.available[0, p, 0]
        assert menu.same_as[south, p, 0] == (0 if same else south)
    assert (menu.same_as[south] == south).any()
    assert len(network.states) == 3


def test_states_with_other_demand_share_nothing(starter_solved: Any) -> None:
    np.testing.assert_array_equal(menu_of(starter_solved, [0, 1, 1]).same_as[1], 1)


def test_same_as_names_a_state_that_answers_for_itself(starter: Any, solve: Any, scenes: Scenes) -> None:
    """The first state of each group is its own, and agrees with its members on what they choose from."""
    links = starter.table("links")
    rail = links["link_id"] == "a-city-b-north-rail"
    links.loc[rail, ["cost_usd_per_t_low", "cost_usd_per_t_mode", "cost_usd_per_t_high"]] = [1.0, 2.0, 3.0]
    solved = solve({**scenes(starter), "cheap": starter.with_tables(links=links)})
    menu = menu_of(solved)
    index = np.indices(menu.same_as.shape)
    first = menu.same_as[menu.same_as, index[1], index[2]]
    np.testing.assert_array_equal(first, menu.same_as)
    np.testing.assert_array_equal(menu.available[menu.same_as, index[1], index[2]], menu.available)
    cheap = [key.scenario for key in solved.network.states].index("cheap")
    assert (menu.same_as[cheap] == cheap).any()
    for p, g in np.argwhere((menu.same_as[cheap] != cheap) & (menu.available[cheap] != 0)):
        on_rail = np.flatnonzero(rail)[0]
        routes = range(solved.routes.pair_first[p], solved.routes.pair_first[p + 1])
        offered = [r for i, r in enumerate(routes) if int(menu.available[cheap, p, g]) >> i & 1]
        for r in offered:
            arcs = solved.routes.arcs[solved.routes.route_first[r] : solved.routes.route_first[r + 1]]
            assert solved.network.graph.assets.index(links["link_id"][on_rail]) not in arcs >> 1
