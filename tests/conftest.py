"""Shared by the layers from network upwards: the starter case, a richer sister, a solver of both, and plain twins of kernels.

Imports of the package are inside the functions: most tests need none of this, and should not wait for it.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

Solve = Callable[..., types.SimpleNamespace]


@pytest.fixture(scope="session")
def plain() -> types.ModuleType:
    """The neighbour file, imported by path: tests are not a package (import-mode importlib)."""
    path = Path(__file__).with_name("plain.py")
    spec = importlib.util.spec_from_file_location("mackinder_plain", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["mackinder_plain"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The starter case as it is scaffolded: four zones, three states, one missing road."""
    from mackinder.case import read_case, scaffold

    return read_case(scaffold(tmp_path_factory.mktemp("starter") / "three"))


def like(frame: pd.DataFrame, name: str, **cells: object) -> pd.DataFrame:
    """One row of a table under a new id, some cells changed."""
    row = frame[frame[frame.columns[0]] == name].copy()
    assert len(row) == 1, name
    return row.assign(**cells)


@pytest.fixture(scope="session")
def more() -> Callable[..., pd.DataFrame]:
    """Add rows to a table, each like an old one: ``more(frame, ("old-id", {"id": "new-id", ...}), ...)``."""

    def add(frame: pd.DataFrame, *rows: tuple[str, dict[str, object]]) -> pd.DataFrame:
        return pd.concat([frame, *(like(frame, name, **cells) for name, cells in rows)], ignore_index=True)

    return add


@pytest.fixture(scope="session")
def rich(starter: Any, more: Callable[..., pd.DataFrame]) -> Any:
    """The starter with alternatives that overlap, three freight classes, a surcharge per link, denials and a charge.

    Grain has the least value of time, manufactures the middle one and parts the greatest.
    """
    three = {"_low": 0.6, "_mode": 1.0, "_high": 1.8}

    def triple(stem: str, mode: float) -> dict[str, object]:
        return {stem + bound: factor * mode for bound, factor in three.items()}

    links = starter.table("links")
    built = {"status": "open", "opens_on": "", "capacity_mt_per_year_mode": 9.0}
    road = "a-city-a-pass-road"
    new_links = [
        # a second road over the border, one along the coast, one round the south
        ("b-second", road, "a-city", "b-north-city", "AAA;BBB", 16.0, 8.0),
        ("b-coast", road, "a-port", "c-harbour", "AAA;CCC", 40.0, 20.0),
        ("b-round", road, "a-pass", "b-south-town", "BBB", 30.0, 12.0),
    ]
    rows = [
        (base, {"link_id": name, "from_place": start, "to_place": end, "territory": where, "tags": "new"}
         | triple("cost_usd_per_t", cost) | triple("time_h", time))
        for name, base, start, end, where, cost, time in new_links
    ]  # fmt: skip
    links = more(links, *rows)
    south = links["link_id"] == "b-south-c-harbour-road"
    links.loc[south, list(built)] = list(built.values())
    goods = more(
        starter.table("goods"),
        ("manufactures", {"goods_id": "grain"} | triple("value_usd_per_t", 250.0)
         | triple("value_of_time_usd_per_t_day", 1.0) | triple("route_dispersion_t_per_usd", 0.12)
         | {f"rail_cost_factor{b}": f for b, f in zip(three, (0.6, 0.7, 0.8), strict=True)}),
        ("manufactures", {"goods_id": "parts"} | triple("value_usd_per_t", 9000.0)
         | triple("value_of_time_usd_per_t_day", 30.0) | triple("route_dispersion_t_per_usd", 0.04)),
    )  # fmt: skip
    shares = more(
        starter.table("goods_shares"),
        ("any-manufactures", {"goods_share_id": "any-grain", "goods": "grain"} | triple("share", 0.2)),
        ("any-manufactures", {"goods_share_id": "any-parts", "goods": "parts"} | triple("share", 0.3)),
    )
    charge = triple("surcharge_usd_per_t", 5.0)
    restrictions = more(
        starter.table("restrictions"),
        ("b-permit", {"restriction_id": "road-toll", "origin": "*", "asset": "territory=AAA&mode=road",
                      "charge_basis": "per_link"} | charge),
        ("b-permit", {"restriction_id": "trade-duty", "origin": "CCC", "asset": "trade"} | charge),
        ("aaa-ccc-embargo", {"restriction_id": "no-grain-south", "origin": "BBB", "destination": "CCC", "goods": "grain",
                             "asset": "link=b-south-c-harbour-road"}),
        ("aaa-ccc-embargo", {"restriction_id": "no-parts-by-rail", "origin": "*", "destination": "*", "goods": "parts",
                             "asset": "mode=rail"}),
    )  # fmt: skip
    restrictions = restrictions[restrictions["restriction_id"] != "b-permit"]
    charges = more(
        starter.table("charges"),
        ("a-transit-fee", {"charge_id": "c-toll", "actor": "CCC", "asset": "link=b-coast", "traffic": "all"}),
    )
    trade = more(
        starter.table("trade"),
        ("aaa-bbb", {"trade_id": "inland", "exporter": "b-north", "importer": "b-south"} | triple("value_musd", 90.0)),
        ("bbb-aaa", {"trade_id": "bbb-ccc-rest", "importer": "CCC"} | triple("value_musd", 700.0)),
    )
    return starter.with_tables(
        links=links, goods=goods, goods_shares=shares, restrictions=restrictions, charges=charges, trade=trade
    )


@pytest.fixture(scope="session")
def solve() -> Solve:
    """Run the chain up to the loading on cases by name, and keep every step."""
    from mackinder.draws import Design
    from mackinder.equilibrium.loading import load_network
    from mackinder.network.network import build_network
    from mackinder.network.prices import draw_prices, pilot_prices
    from mackinder.network.routes import build_route_set

    def solve_cases(
        cases: Mapping[str, Any],
        *,
        years: Sequence[int] = (2023, 2035),
        draws: int = 3,
        seed: int = 0,
        central: bool = False,
        threads: int = 1,
        pilots: int = 3,
    ) -> types.SimpleNamespace:
        case = next(iter(cases.values()))
        network = build_network(cases, years)
        middle = Design(seed=0, draws=1, common_share=0.5, central=True)
        trial = pilot_prices(case, network, pilots) if pilots else draw_prices(case, network, middle)
        routes = build_route_set(network, trial, case.settings.coalitions, threads=threads)
        design = Design(seed=seed, draws=draws, common_share=case.settings.common_share, central=central)
        prices = draw_prices(case, network, design)
        loading = load_network(cases, network, routes, prices, design, threads=threads)
        return types.SimpleNamespace(
            cases=cases, case=case, network=network, pilots=trial, routes=routes, design=design, prices=prices,
            loading=loading, loads=loading.loads,
        )  # fmt: skip

    return solve_cases


@pytest.fixture(scope="session")
def scenes() -> Callable[..., dict[str, Any]]:
    """Apply scenarios of a case by name."""
    from mackinder.scenario import apply, read_scenario

    def apply_all(case: Any, *names: str) -> dict[str, Any]:
        return {name: apply(case, read_scenario(name, case)) for name in names or case.settings.scenarios}

    return apply_all


@pytest.fixture(scope="session")
def starter_solved(starter: Any, solve: Solve, scenes: Callable[..., dict[str, Any]]) -> types.SimpleNamespace:
    """The starter under its two scenarios."""
    return solve(scenes(starter))


@pytest.fixture(scope="session")
def rich_solved(rich: Any, solve: Solve) -> types.SimpleNamespace:
    """The richer case as it stands."""
    return solve({"as-it-stands": rich})


@pytest.fixture(scope="session")
def packaged_run() -> Any:
    """The packaged case under two scenarios and the whole model: minutes, so all who ask stand in one xdist group.

    Mark them ``@pytest.mark.xdist_group("packaged")``: each worker has its own session fixtures. Route sets come from the user's
    cache, twenty draws are one block.
    """
    from mackinder.ensemble import run

    return run("south-caucasus", ["trump-route"], draws=20, seed=0)
