"""Scarcity and the account by closed forms: one shipper, two roads side by side, of which the cheaper one fills up."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mackinder.indicators.measure import Measure, stack
from mackinder.indicators.revenue import measure_revenue
from mackinder.indicators.scarcity import measure_scarcity
from mackinder.indicators.welfare import ACCOUNT, measure_welfare

NEAR, FAR = 30.0, 42.0  # USD/t
VALUE_OF_TIME, DISPERSION = 10.0, 0.05  # USD/t/day, t/USD: central values of manufactures in the starter case
FEE = 3.0  # USD/t, to CCC, a part of the price of the near road


def flat(stem: str, value: float) -> dict[str, object]:
    return {f"{stem}_{bound}": value for bound in ("low", "mode", "high")}


@pytest.fixture(scope="module")
def two_roads(starter: Any, more: Callable[..., Any]) -> Callable[..., Any]:
    """All trade goes from A-City to B-South, by either of two roads that differ in their price alone."""

    def case(capacity: float = np.nan, rule: str = "", far: float = FAR) -> Any:
        links = starter.table("links")
        links = links[links["link_id"] != "b-north-b-south-road"]
        ends = {"from_place": "a-city", "to_place": "b-south-town", "territory": "AAA;BBB"} | flat("time_h", 10.0)
        limit = flat("capacity_mt_per_year", capacity) | {"capacity_rule": rule}
        near = {"link_id": "near"} | ends | flat("cost_usd_per_t", NEAR) | limit
        links = more(
            links,
            ("a-city-a-pass-road", near),
            ("a-city-a-pass-road", {"link_id": "far"} | ends | flat("cost_usd_per_t", far)),
        )
        trade = more(
            starter.table("trade"),
            ("aaa-bbb", {"trade_id": "all", "exporter": "a-land", "importer": "b-south"} | flat("value_musd", 600.0)),
        )
        fee = {"charge_id": "fee", "actor": "CCC", "asset": "link=near", "traffic": "all"}
        charges = more(starter.table("charges"), ("a-transit-fee", fee | flat("charge_usd_per_t", FEE)))
        return starter.with_tables(links=links, trade=trade[trade["trade_id"] == "all"], charges=charges)

    return case


@pytest.fixture(scope="module")
def load(solve: Callable[..., Any]) -> Callable[..., Any]:
    from mackinder.equilibrium.loading import load_network

    def run(cases: dict[str, Any], model: str) -> Any:
        found = solve(cases, years=(2023,), draws=1, central=True)
        return load_network(
            cases, found.network, found.routes, found.prices, found.design, threads=1, model=model
        )  # fmt: skip

    return run


@pytest.fixture(scope="module")
def demand(two_roads: Any, load: Any) -> float:
    """Tonnes a year, all of which one of the two roads takes while neither is full."""
    tonnes = carried(load({"free": two_roads()}, "routes"))
    share = 1 / (1 + math.exp(-DISPERSION * (FAR - NEAR)))
    assert tonnes["near"] / sum(tonnes.values()) == pytest.approx(share)
    return sum(tonnes.values())


def carried(loading: Any, state: int = 0) -> dict[str, float]:
    assets = loading.network.graph.assets
    return {name: float(loading.loads.asset_tonnes[0, state, assets.index(name)]) for name in ("near", "far")}


def number(measure: Measure, **key: object) -> float:
    found = np.ones(len(measure.keys), dtype=bool)
    for column, value in key.items():
        found &= (measure.keys[column] == value).to_numpy()
    assert found.sum() == 1, (key, measure.keys)
    return float(measure.draws[0, found][0])


@pytest.mark.parametrize("part", [0.5, 0.25])
def test_the_price_makes_the_near_road_as_dear_as_its_share_asks(
    two_roads: Any, load: Any, demand: float, part: float
) -> None:
    """Convention C72. Room for half: the price is what the far road costs more. For less, ln of the odds on top."""
    loading = load({"tight": two_roads(part * demand / 1e6, "price")}, "capacity")
    wanted = FAR - NEAR + math.log((1 - part) / part) / DISPERSION
    measure = stack(measure_scarcity(loading))
    assert set(measure.keys["indicator"]) == {"scarcity_price"}
    assert number(measure, asset="near", variant="price", year=2023) == pytest.approx(wanted, rel=1e-4)
    assert carried(loading)["near"] == pytest.approx(part * demand, rel=2e-6)
    assert carried(loading)["far"] == pytest.approx((1 - part) * demand, rel=2e-6)


def test_a_queue_is_as_long_as_the_price_would_be_high(two_roads: Any, load: Any, demand: float) -> None:
    """Hours at the value of time are worth the price, and nobody has them (convention C53)."""
    loading = load({"tight": two_roads(0.5 * demand / 1e6, "queue")}, "capacity")
    measure = stack(measure_scarcity(loading))
    assert set(measure.keys["indicator"]) == {"queue_hours"}
    assert number(measure, asset="near") == pytest.approx((FAR - NEAR) / VALUE_OF_TIME * 24, rel=1e-4)
    assert "scarcity_rents" not in set(stack(measure_revenue(loading)).keys["indicator"])


def test_room_enough_is_worth_nothing(two_roads: Any, load: Any, demand: float) -> None:
    loading = load({"loose": two_roads(2 * demand / 1e6, "price")}, "capacity")
    assert all(len(measure.keys) == 0 for measure in measure_scarcity(loading))


def test_the_account_adds_up_and_fees_go_to_their_holder(two_roads: Any, load: Any, demand: float) -> None:
    """Convention C76: three dollars on each tonne of the near road are CCC's, in either state, and no one else's."""
    loading = load({"base": two_roads(), "dear": two_roads(far=FAR + 20)}, "trade")
    measure = stack(measure_welfare(loading))
    keys = measure.keys
    assert set(keys["variant"]) == set(ACCOUNT)
    for scenario in ("base", "dear"):
        for target in set(keys["target"]):
            at = {"scenario": scenario, "target": target}
            parts = [number(measure, variant=v, **at) for v in ACCOUNT if v != "total"]
            assert number(measure, variant="total", **at) == pytest.approx(sum(parts), abs=1e-9)
            assert number(measure, variant="capital", **at) == 0
    for state, scenario in enumerate(("base", "dear")):
        fees = {t: number(measure, variant="fees", scenario=scenario, target=t) for t in set(keys["target"])}
        assert fees.pop("CCC") == pytest.approx(FEE * carried(loading, state)["near"] / 1e6, rel=1e-9)
        assert not any(fees.values())
    more = [number(measure, variant="fees", scenario=s, target="CCC") for s in ("base", "dear")]
    assert more[1] > more[0]  # a dearer far road sends traffic, and its fees, over the near one
    loss = [number(measure, variant="trade", scenario="dear", target=t) for t in ("AAA", "BBB")]
    assert max(loss) < 0
