"""What must change nothing, on the whole chain up to the loading (conventions C6, C25, C34, C40), and what closing may do."""

from __future__ import annotations

import csv
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mackinder.case import read_case, scaffold
from mackinder.network.network import build_network
from mackinder.network.prices import pilot_prices
from mackinder.network.routes import PILOT_DRAWS, build_route_set

Solve = Callable[..., types.SimpleNamespace]
More = Callable[..., pd.DataFrame]
BOUNDS = ("low", "mode", "high")


def equal_loads(one: Any, other: Any, *, keep: dict[str, Any] | None = None, **tolerance: float) -> None:
    """Compare every field; ``keep`` selects from the fields of the second."""
    for name in one._fields:
        a, b = getattr(one, name), getattr(other, name)
        b = b if keep is None or name not in keep else keep[name](b)
        if tolerance:
            scale = np.nanmax(np.abs(a), initial=1.0)
            np.testing.assert_allclose(b, a, err_msg=name, rtol=tolerance["rtol"], atol=tolerance["rtol"] * scale)
        else:
            np.testing.assert_array_equal(b, a, err_msg=name)


def test_the_order_of_rows_means_nothing(
    starter: Any, solve: Solve, scenes: Callable[..., Any], tmp_path: Path
) -> None:
    """Convention C6: every table of the case upside down gives the same bits."""
    folder = scaffold(tmp_path / "three")
    for path in (folder / "tables").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            header, *rows = list(csv.reader(stream))
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([header, *reversed(rows)])
    turned = read_case(folder)
    assert turned == starter
    equal_loads(solve(scenes(starter)).loads, solve(scenes(turned)).loads)


def test_an_unused_actor_changes_nothing(rich: Any, rich_solved: Any, solve: Solve, more: More) -> None:
    actors = more(
        rich.table("actors"),
        ("ARW", {"actor_id": "AAB", "parent": ""}),
        ("CCC", {"actor_id": "ZZZ", "countries": "ZZZ"}),
    )
    controls = more(
        rich.table("controls"), ("railway-operator", {"control_id": "zz", "actor": "AAB", "status": "claimed"})
    )
    equal_loads(rich_solved.loads, solve({"as-it-stands": rich.with_tables(actors=actors, controls=controls)}).loads)


def test_a_link_that_never_opens_changes_nothing(rich: Any, rich_solved: Any, solve: Solve, more: More) -> None:
    """It stands first, in the middle and last in the order of ids, and joins a place that no other link touches."""
    rows = [
        ("b-second", {"link_id": name, "status": "planned", "to_place": to, "mode": mode})
        for name, to, mode in (
            ("a-aa", "c-harbour", "road"),
            ("b-n", "b-south-town", "road"),
            ("z-zz", "b-south-town", "sea"),
        )
    ]
    solved = solve({"as-it-stands": rich.with_tables(links=more(rich.table("links"), *rows))})
    old = [solved.network.graph.assets.index(a) for a in rich_solved.network.graph.assets]
    keep = {name: lambda x: x[..., old] for name in ("asset_tonnes", "asset_value")}
    equal_loads(rich_solved.loads, solved.loads, keep=keep)


def test_a_hopeless_link_moves_no_flow_and_no_cost(rich: Any, rich_solved: Any, solve: Solve, more: More) -> None:
    """Convention C25: a road at 20,000 USD/t carries nothing. That it exists still counts: it frees captives (C29)."""
    row = {"link_id": "b-bad", "from_place": "a-port", "to_place": "b-south-town", "territory": "AAA;BBB"}
    row |= {f"cost_usd_per_t_{b}": 20000.0 for b in BOUNDS}
    solved = solve({"as-it-stands": rich.with_tables(links=more(rich.table("links"), ("b-second", row)))})
    old = [solved.network.graph.assets.index(a) for a in rich_solved.network.graph.assets]
    new = solved.network.graph.assets.index("b-bad")
    for name in (
        "asset_tonnes",
        "asset_value",
        "corridor",
        "trade",
        "unserved",
        "delivered",
        "watched",
        "exposure",
        "revenue",
    ):
        after = getattr(solved.loads, name)
        after = after[..., old] if name.startswith("asset") else after
        before = getattr(rich_solved.loads, name)
        np.testing.assert_allclose(after, before, rtol=1e-6, atol=1e-6 * np.abs(before).max(), err_msg=name)
    assert solved.loads.asset_tonnes[..., new].max() < 1e-6 * solved.loads.trade.max()


def test_an_empty_scenario_is_the_case(rich: Any, solve: Solve, tmp_path: Path) -> None:
    """Convention C40: it shares the state of what it does not change."""
    from mackinder.scenario import apply, read_scenario

    path = tmp_path / "nothing.toml"
    path.write_text('label = "Nothing"\ndescription = "Changes nothing."\n', encoding="utf-8")
    same = apply(rich, read_scenario(str(path), rich))
    assert same == rich
    both = solve({"as-it-stands": rich, "nothing": same})
    assert [[(k.scenario, k.year) for k in group] for group in both.network.same] == [
        [("as-it-stands", 2023), ("nothing", 2023)],
        [("as-it-stands", 2035), ("nothing", 2035)],
    ]
    equal_loads(solve({"as-it-stands": rich}).loads, both.loads)


def renamed(case: Any, new: dict[str, str]) -> Any:
    """Give things new ids, in every column and list that names them."""
    columns = {
        "actors": ("actor_id", "parent"), "controls": ("actor", "asset"), "charges": ("actor", "asset"),
        "links": ("link_id", "from_place", "to_place"), "places": ("place_id",), "zones": ("anchor_place",),
        "transfers": ("transfer_id", "place"), "corridors": ("screenline",), "restrictions": ("asset",),
    }  # fmt: skip

    def name(text: str) -> str:
        for separator in ";&|":
            if separator in text:
                return separator.join(name(part) for part in text.split(separator))
        key, equals, value = text.partition("=")
        return f"{key}={new.get(value, value)}" if equals else new.get(text, text)

    tables = {}
    for table, names in columns.items():
        frame = case.table(table)
        for column in names:
            frame[column] = frame[column].map(name)
        tables[table] = frame
    return case.with_tables(**tables)


def test_new_names_for_actors_change_nothing(rich: Any, solve: Solve) -> None:
    """Convention C6. Keyed draws belong to ids (C34), so this holds for central values."""
    new = {"AAA": "ZAA", "BBB": "MBB", "CCC": "ACC", "ARW": "BRW"}
    case = renamed(rich, new)
    actors = case.table("actors")
    assert set(actors["actor_id"]) == set(new.values())
    links = case.table("links")  # territory holds country codes, which are no ids of actors
    links["territory"] = rich.table("links")["territory"]
    case = case.with_tables(links=links, charges=rich.table("charges").assign(actor=case.table("charges")["actor"]),
                            controls=case.table("controls").assign(asset=rich.table("controls")["asset"]),
                            restrictions=rich.table("restrictions"), corridors=rich.table("corridors"))  # fmt: skip
    before, after = (solve({"x": c}, central=True, draws=1) for c in (rich, case))  # actors are no keys of pilot draws
    place = [after.network.actors.index(new[a]) for a in before.network.actors]
    assert place != sorted(place)
    keep = {name: lambda x: x[:, :, place][:, :, :, place] for name in ("exposure", "captive", "closure")}
    keep |= {name: lambda x: x[:, :, place] for name in ("trade", "unserved", "delivered", "revenue")}
    equal_loads(before.loads, after.loads, keep=keep, rtol=1e-12)


def with_other_ids(case: Any) -> tuple[Any, dict[str, str]]:
    """New ids for links, places and transfers: orders of nodes, arcs and assets turn round."""
    ids = [*case.table("links")["link_id"], *case.table("places")["place_id"], *case.table("transfers")["transfer_id"]]
    new = {name: f"{chr(ord('z') - i)}-{name}" for i, name in enumerate(sorted(ids))}
    return renamed(case, new), new


def assert_same_by_name(before: Any, after: Any, new: dict[str, str], rtol: float) -> None:
    place = [after.network.graph.assets.index(new[a]) for a in before.network.graph.assets]
    keep = {name: lambda x: x[..., place] for name in ("asset_tonnes", "asset_value")}
    equal_loads(before.loads, after.loads, keep=keep, rtol=rtol)


def test_new_names_for_places_and_links_change_nothing(rich: Any, solve: Solve) -> None:
    """Convention C6, for central values and without pilot draws, which are keyed by ids (C34)."""
    case, new = with_other_ids(rich)
    before, after = (solve({"x": c}, central=True, draws=1, pilots=0) for c in (rich, case))
    assert_same_by_name(before, after, new, 1e-12)


def test_more_pilot_draws_move_no_large_flow_by_a_fifth(rich: Any, solve: Solve) -> None:
    """Convention C24 sums over all routes: a set that is large enough does not gain from being searched ten times longer."""
    few, many = (
        solve({"x": rich}, central=True, draws=1, pilots=n).loads.asset_tonnes[0, 0]
        for n in (PILOT_DRAWS, 10 * PILOT_DRAWS)
    )
    large = many > 1e5
    np.testing.assert_allclose(few[large], many[large], rtol=0.2)


def least_costs(plain: types.ModuleType, cases: dict[str, Any]) -> np.ndarray:
    """Least cost of every flow in every scenario, shape (S, P, G), at central prices, over the common route set."""
    case = next(iter(cases.values()))
    network = build_network(cases, [2023])
    assert len(network.states) == len(cases)
    pilots = pilot_prices(case, network, 1)
    routes = build_route_set(network, pilots, (), threads=1)
    solved = types.SimpleNamespace(network=network, routes=routes)
    best = np.full((len(cases), len(routes.origin), len(network.goods)), np.inf)
    for s, p, g in np.ndindex(best.shape):
        cost = plain.asset_costs(solved, pilots, 0, s, p, g)
        best[s, p, g] = min((cost[np.array(r) >> 1].sum() for r in plain.routes_of(routes, p)), default=np.inf)
    return best


LINKS = st.sets(st.integers(0, 9), min_size=1, max_size=5)


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINKS, LINKS)
def test_closing_more_never_lowers_a_least_cost(
    plain: types.ModuleType, rich: Any, first: set[int], second: set[int]
) -> None:
    """Nothing is congested here (convention C30). The three networks share one route set, as scenarios of a run do."""
    links = rich.table("links")

    def closed(chosen: set[int]) -> Any:
        frame = links.copy()
        frame.loc[list(chosen), "status"] = "planned"
        return rich.with_tables(links=frame)

    more = first | second
    if more == first:
        more = first | {min(set(range(10)) - first)}
    best = least_costs(plain, {"open": rich, "some": closed(first), "more": closed(more)})
    assert (best[1] >= best[0]).all()
    assert (best[2] >= best[1]).all()


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 9), st.floats(1.0, 20.0))
def test_a_dearer_link_never_lowers_a_least_cost(plain: types.ModuleType, rich: Any, link: int, factor: float) -> None:
    links = rich.table("links")
    links.loc[link, [f"cost_usd_per_t_{b}" for b in BOUNDS]] *= 1.0 + factor
    best = least_costs(plain, {"as-it-stands": rich, "dear": rich.with_tables(links=links)})
    assert (best[1] >= best[0]).all()


@pytest.mark.parametrize("table", ["charges", "restrictions", "corridors"])
def test_tables_may_be_empty(starter: Any, solve: Solve, table: str) -> None:
    solved = solve({"x": starter.with_tables(**{table: starter.table(table).iloc[:0]})}, years=(2023,))
    assert solved.loads.trade.any()
