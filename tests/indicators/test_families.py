"""Families of indicators against sums over the loading, by hand on the starter case (conventions C22, C28 to C31)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mackinder.indicators.control import measure_control
from mackinder.indicators.cost import measure_cost
from mackinder.indicators.flows import link_flows, measure_flows, repeat_flows
from mackinder.indicators.measure import KEY, Measure, catalogue, stack
from mackinder.indicators.revenue import measure_revenue
from mackinder.indicators.scarcity import measure_scarcity
from mackinder.indicators.welfare import measure_welfare

FAMILIES = {
    "flows": measure_flows,
    "cost": measure_cost,
    "revenue": measure_revenue,
    "control": measure_control,
    "capacity": measure_scarcity,
    "welfare": measure_welfare,
}
#: in the case solved here everything is served, nothing is full, and trade does not answer to costs
NEVER = {"unserved_tonnes", "scarcity_rents", "scarcity_price", "queue_hours", "welfare_account"}


@pytest.fixture(scope="module")
def whole(starter_solved: Any) -> Measure:
    return stack(m for family in FAMILIES.values() for m in family(starter_solved.loading))


def draws(measure: Measure, **key: object) -> np.ndarray:
    found = np.ones(len(measure.keys), dtype=bool)
    for column, value in key.items():
        found &= (measure.keys[column] == value).to_numpy()
    assert found.sum() == 1, (key, found.sum())
    return measure.draws[:, found][:, 0]


@pytest.mark.parametrize("family", FAMILIES)
def test_families_measure_what_the_catalogue_gives_them(rich_solved: Any, family: str) -> None:
    found = [measure for measure in FAMILIES[family](rich_solved.loading) if len(measure.keys)]
    keys = stack(found).keys if found else pd.DataFrame(columns=list(KEY))
    wanted = {name for name, i in catalogue().items() if i.family == family}
    assert set(keys["indicator"]) <= wanted
    missing = wanted - set(keys["indicator"])
    assert missing <= NEVER
    for name, rows in keys.groupby("indicator"):
        entry = catalogue()[name]
        assert set(rows["unit"]) == {entry.unit}
        assert set(rows["variant"]) <= set(entry.variants or ("",))
        for column in ("actor", "target", "goods", "asset"):
            if column not in entry.dimensions:
                assert set(rows[column]) == {""}, (name, column)


def test_keys_are_unique_and_whole(whole: Measure) -> None:
    """Convention C37."""
    assert not whole.keys.duplicated(list(KEY)).any()
    assert not whole.keys.isna().any(axis=None)
    assert whole.draws.shape == (3, len(whole.keys))


def test_corridors_add_up_over_goods(rich_solved: Any) -> None:
    measure = stack(measure_flows(rich_solved.loading))
    for corridor in rich_solved.network.corridors:
        key = {"indicator": "corridor_flow", "asset": corridor, "year": 2035}
        parts = sum(draws(measure, goods=g, **key) for g in rich_solved.network.goods
                    if ((measure.keys["goods"] == g) & (measure.keys["asset"] == corridor)).any())  # fmt: skip
        np.testing.assert_allclose(draws(measure, goods="", **key), parts)


def test_freight_of_a_country_by_hand(starter_solved: Any, whole: Measure) -> None:
    """Exports and imports of BBB are all trade there is in the starter."""
    key = {"indicator": "trade_tonnes", "scenario": "status-quo", "year": 2023}
    a, b, c = (draws(whole, target=t, **key) for t in ("AAA", "BBB", "CCC"))
    np.testing.assert_allclose(b, a + c)


def test_corridor_is_counted_once(starter_solved: Any, whole: Measure) -> None:
    """North: all trade of BBB without the south road, both zones, by rail or road."""
    key = {"scenario": "status-quo", "year": 2023}
    np.testing.assert_allclose(
        draws(whole, indicator="corridor_flow", asset="north", goods="", **key),
        draws(whole, indicator="trade_tonnes", target="BBB", **key),
    )


def test_shares_of_control_by_hand(whole: Measure) -> None:
    """Without the south road AAA carries all trade between BBB and CCC; partner and transit stay apart."""
    key = {"scenario": "status-quo", "year": 2023, "actor": "AAA"}
    for indicator in ("exposure_tonnes", "exposure_value", "captive_tonnes", "captive_value"):
        np.testing.assert_allclose(draws(whole, indicator=indicator, target="CCC", variant="transit", **key), 1.0)
    both = [draws(whole, indicator="captive_value", target="BBB", variant=v, **key) for v in ("partner", "transit")]
    np.testing.assert_allclose(sum(both), 1.0)
    assert not (
        (whole.keys["target"] == "CCC") & (whole.keys["actor"] == "AAA") & (whole.keys["variant"] == "partner")
    ).any()


def test_cost_is_price_and_time(starter_solved: Any, whole: Measure) -> None:
    """Convention C23: what the generalised cost has over the price is time, at its value, and unreliability."""
    key = {"scenario": "status-quo", "year": 2023, "asset": "b-south>c-land"}
    cost, price, days = (draws(whole, indicator=f"pair_{x}", **key) for x in ("cost", "price", "days"))
    per_day = starter_solved.prices.goods.value_of_time[:, 0] * 24
    assert (cost > price + per_day * days).all()
    assert (cost < price + per_day * days * 1.5).all()
    assert ((days > 1) & (days < 40)).all()


def test_link_flows_are_quantiles(starter_solved: Any) -> None:
    flows = link_flows(starter_solved.loading)
    links = starter_solved.network.graph.assets[: starter_solved.network.graph.n_links]
    row = flows[(flows["link"] == "a-city-a-pass-road") & (flows["year"] == 2023)].iloc[0]
    drawn = starter_solved.loads.asset_tonnes[:, 0, links.index("a-city-a-pass-road")] / 1e6
    wanted = np.quantile(drawn, [0.5, 0.05, 0.95])
    assert [row["quantity_mt"], row["quantity_mt_low"], row["quantity_mt_high"]] == pytest.approx(wanted.tolist())
    assert "b-south-c-harbour-road" not in set(flows.loc[flows["scenario"] == "status-quo", "link"])
    assert "b-south-c-harbour-road" in set(flows.loc[flows["scenario"] == "south-road", "link"])
    same = [[(k.scenario, k.year) for k in group] for group in starter_solved.network.same]
    whole = repeat_flows(flows, same)
    assert set(zip(whole["scenario"], whole["year"], strict=True)) == {
        (s, y) for s in ("status-quo", "south-road") for y in (2023, 2035)
    }
    assert not whole.duplicated(["scenario", "year", "link"]).any()
