"""The arrays of a network against what the tables say (conventions C6, C9, C18, C21)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mackinder.case.selectors import select
from mackinder.errors import CaseError
from mackinder.network.graph import build_graph
from mackinder.network.network import build_network, day_of, is_open
from mackinder.network.records import MODE_GROUPS

More = Callable[..., pd.DataFrame]

#: status, opens_on, closed_since -> open on 2025-06-30, 2025-07-01, 2025-07-02
OPENNESS = {
    ("open", "", ""): (True, True, True),
    ("open", "2025-07-01", ""): (False, True, True),
    ("open", "", "2025-07-01"): (True, False, False),
    ("open", "2025-07-01", "2025-07-02"): (False, True, False),
    ("restricted", "", ""): (True, True, True),
    ("building", "2025-07-01", ""): (False, True, True),
    ("planned", "2020-01-01", ""): (False, False, False),
    ("planned", "", ""): (False, False, False),
    ("closed", "", ""): (False, False, False),
    ("closed", "2020-01-01", ""): (False, False, False),
    ("closed", "", "2025-07-01"): (True, False, False),
    ("destroyed", "", ""): (False, False, False),
    ("destroyed", "", "2025-07-02"): (True, True, False),
}


@pytest.mark.parametrize(("cells", "wanted"), OPENNESS.items())
def test_openness(cells: tuple[str, str, str], wanted: tuple[bool, ...]) -> None:
    """Convention C9."""
    links = pd.DataFrame([cells], columns=["status", "opens_on", "closed_since"])
    got = tuple(bool(is_open(links, day)[0]) for day in ("2025-06-30", "2025-07-01", "2025-07-02"))
    assert got == wanted


def test_the_order_of_rows_does_not_mix_openness_up() -> None:
    links = pd.DataFrame(list(OPENNESS), columns=["status", "opens_on", "closed_since"])
    np.testing.assert_array_equal(is_open(links, "2025-07-01"), [wanted[1] for wanted in OPENNESS.values()])


def test_a_year_is_solved_as_it_stands_on_the_first_of_july() -> None:
    """Which convention C10 says: half of what opens in the course of a year has opened by then."""
    assert day_of(2035) == "2035-07-01"


def closing(network: Any, state: int, asset: str) -> set[str]:
    bits = int(network.closers[state, network.graph.assets.index(asset)])
    return {actor for i, actor in enumerate(network.actors) if bits >> i & 1}


def test_states_that_agree_are_one(starter_solved: Any) -> None:
    network = starter_solved.network
    named = [[(key.scenario, key.year) for key in group] for group in network.same]
    assert named == [
        [("status-quo", 2023), ("south-road", 2023)],
        [("status-quo", 2035)],
        [("south-road", 2035)],
    ]
    south = network.graph.assets.index("b-south-c-harbour-road")
    assert network.usable[:, south].tolist() == [False, False, True]
    assert np.delete(network.usable, south, axis=1).all()


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("trade", "value_musd_mode"),
        ("links", "time_h_mode"),
        ("transfers", "cost_usd_per_t_high"),
        ("zones", "trade_share_mode"),
    ],
)
def test_states_of_other_tables_are_not_one(starter: Any, table: str, column: str) -> None:
    """The last digit of one number tells two scenarios apart; remarks and line numbers do not."""
    frame = starter.table(table)
    frame.loc[frame.index[-1], column] = np.nextafter(float(frame[column].iloc[-1]), np.inf)
    worded = starter.table(table).assign(file_row=7)
    cases = {"a": starter, "b": starter.with_tables(**{table: frame}), "c": starter.with_tables(**{table: worded})}
    network = build_network(cases, [2035])
    assert [[key.scenario for key in group] for group in network.same] == [["a", "c"], ["b"]]


def test_who_can_close_what(starter_solved: Any) -> None:
    """Conventions C18 and C21: both states on a border link; the railway counts for AAA; finance closes nothing."""
    network = starter_solved.network
    for state in range(3):
        assert closing(network, state, "a-city-a-pass-road") == {"AAA"}
        assert closing(network, state, "a-city-b-north-rail") == {"AAA", "BBB"}
        assert closing(network, state, "a-pass-b-north-road") == {"BBB"}
        assert closing(network, state, "a-port-c-harbour-sea") == set()
        assert closing(network, state, "b-south-c-harbour-road") == {"BBB", "CCC"}
    assert network.actors == ("AAA", "BBB", "CCC")
    assert [network.actors[i] for i in network.zone_actor] == ["AAA", "BBB", "BBB", "CCC"]


def test_which_statuses_close_is_a_setting(starter: Any, more: More) -> None:
    """Convention C20: a framework right closes only if the case says that framework rights do."""
    controls = more(
        starter.table("controls"),
        ("south-road-finance", {"control_id": "south-operator", "actor": "ARW", "right": "operator", "share": 1.0}),
    )
    case = starter.with_tables(controls=controls)
    south = "b-south-c-harbour-road"
    assert closing(build_network({"x": case}, [2035]), 0, south) == {"BBB", "CCC"}
    settings = case.settings.model_copy(update={"closing_statuses": ("binding", "framework")})
    assert closing(build_network({"x": dataclasses.replace(case, settings=settings)}, [2035]), 0, south) == {
        "AAA",
        "BBB",
        "CCC",
    }
    settings = settings.model_copy(update={"closing_rights": ("sovereign",)})
    assert closing(build_network({"x": dataclasses.replace(case, settings=settings)}, [2035]), 0, south) == {
        "BBB",
        "CCC",
    }


def test_graph_of_the_starter(starter: Any) -> None:
    """Convention C13: modes meet only in transfers, and each asset has one arc each way (convention C11)."""
    graph = build_graph([starter])
    links, transfers = starter.table("links"), starter.table("transfers")
    assert graph.assets == (*sorted(links["link_id"]), *sorted(transfers["transfer_id"]))
    assert graph.n_links == len(links)
    by_id = {**links.set_index("link_id").to_dict("index"), **transfers.set_index("transfer_id").to_dict("index")}
    for a, name in enumerate(graph.assets):
        row = by_id[name]
        back, there = graph.nodes[graph.arc_head[2 * a + 1]], graph.nodes[graph.arc_head[2 * a]]
        if a < graph.n_links:
            gauge = 0 if pd.isna(row["gauge_mm"]) else int(row["gauge_mm"])
            assert (back, there) == ((row["from_place"], row["mode"], gauge), (row["to_place"], row["mode"], gauge))
            assert graph.mode[a] == MODE_GROUPS[row["mode"]]
            assert graph.length_km[a] == row["length_km"]
        else:
            assert back[0] == there[0] == row["place"]
            assert (back[1], there[1]) == (row["from_mode"], row["to_mode"])
            assert graph.mode[a] == MODE_GROUPS["transfer"]
            assert graph.length_km[a] == 0
    for node in range(len(graph.nodes)):
        for arc in graph.out_arc[graph.out_first[node] : graph.out_first[node + 1]]:
            assert graph.arc_head[arc ^ 1] == node
    assert sorted(graph.out_arc) == list(range(2 * graph.n_assets))
    anchors = starter.table("zones")["anchor_place"]
    assert [graph.nodes[n] for n in graph.zone_node] == [(place, "road", 0) for place in anchors]


def test_a_link_that_moves_between_scenarios_is_refused(starter: Any) -> None:
    links = starter.table("links")
    links.loc[links["link_id"] == "b-south-c-harbour-road", "to_place"] = "a-port"
    with pytest.raises(CaseError, match=r"b-south-c-harbour-road.*two scenarios.*new id"):
        build_graph([starter, starter.with_tables(links=links)])


def test_screenlines(starter_solved: Any) -> None:
    network, links = starter_solved.network, starter_solved.case.table("links")
    assert network.corridors == ("north", "south")
    for i, selector in enumerate(starter_solved.case.table("corridors")["screenline"]):
        marked = {a for a, bits in zip(network.graph.assets, network.screenline, strict=True) if int(bits) >> i & 1}
        assert marked == set(links["link_id"][select(selector, links)])


def test_more_than_64_corridors_are_refused(starter: Any, more: More) -> None:
    table = starter.table("corridors")
    table = more(table, *(("north", {"corridor_id": f"c{i:02}"}) for i in range(63)))
    with pytest.raises(CaseError, match=r"corridors\.csv has 65 rows"):
        build_network({"x": starter.with_tables(corridors=table)}, [2023])


def test_more_than_64_closing_actors_are_refused(starter: Any, more: More) -> None:
    actors = more(starter.table("actors"), *(("ARW", {"actor_id": f"X{i:02}", "parent": ""}) for i in range(62)))
    controls = more(
        starter.table("controls"),
        *(("railway-operator", {"control_id": f"x{i:02}", "actor": f"X{i:02}", "share": 0.01}) for i in range(62)),
    )
    with pytest.raises(CaseError, match=r"65 actors can close.*parent"):
        build_network({"x": starter.with_tables(actors=actors, controls=controls)}, [2023])


def test_prices_follow_the_scenario(starter: Any, scenes: Callable[..., dict[str, Any]]) -> None:
    links = starter.table("links")
    rail = links["link_id"] == "a-city-b-north-rail"
    links.loc[rail, ["cost_usd_per_t_low", "cost_usd_per_t_mode", "cost_usd_per_t_high"]] = [1.0, 2.0, 3.0]
    network = build_network({**scenes(starter), "cheap": starter.with_tables(links=links)}, [2035])
    assert network.vector.tolist() == [0, 0, 1]
    asset = network.graph.assets.index("a-city-b-north-rail")
    assert network.cost[:, asset].tolist() == [[7.0, 9.0, 13.0], [1.0, 2.0, 3.0]]
    np.testing.assert_array_equal(np.delete(network.cost[0], asset, 0), np.delete(network.cost[1], asset, 0))
    np.testing.assert_array_equal(network.hours[0], network.hours[1])


def test_what_a_scenario_adds_has_no_price_elsewhere(starter: Any, more: More) -> None:
    """Convention C1: missing is not zero."""
    links = more(starter.table("links"), ("a-city-a-port-road", {"link_id": "second-road"}))
    network = build_network({"a": starter, "b": starter.with_tables(links=links)}, [2023])
    asset = network.graph.assets.index("second-road")
    assert np.isnan(network.cost[network.vector[0], asset]).all()
    assert network.cost[network.vector[1], asset].tolist() == [22.0, 28.0, 36.0]
    assert network.usable[:, asset].tolist() == [False, True]
