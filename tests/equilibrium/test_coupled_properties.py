"""What must change nothing in the whole model (routes, capacities, trade), and what must be refused: on the starter."""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mackinder.case import read_case, scaffold
from mackinder.ensemble.unsolved import refuse_unsolved, solved_gaps, without_unsolved
from mackinder.equilibrium.loading import load_network
from mackinder.errors import CaseError, NotConvergedError
from mackinder.indicators.measure import Measure

BOUNDS = ("low", "mode", "high")
Solve = Callable[..., types.SimpleNamespace]
#: wages and scarcity are solved to a relative 1e-6, and incomes here are differences of about 1e-3 of levels
LEVEL = 1e-7


@pytest.fixture(scope="module")
def whole(solve: Solve, scenes: Callable[..., Any]) -> Callable[..., Any]:
    """Solve the whole model of a case under its scenarios at central values."""

    def run(case: Any) -> Any:
        solved = solve(scenes(case), draws=1, central=True)
        return load_network(
            solved.cases, solved.network, solved.routes, solved.prices, solved.design, threads=1, model="trade"
        )

    return run


@pytest.fixture(scope="module")
def busy(starter: Any) -> Any:
    """The starter with a railway that cannot take what wants to pass."""
    links = starter.table("links")
    at = links["link_id"] == "a-city-b-north-rail"
    links.loc[at, [f"capacity_mt_per_year_{b}" for b in BOUNDS]] = [0.03, 0.05, 0.07]
    return starter.with_tables(links=links)


@pytest.fixture(scope="module")
def usual(busy: Any, whole: Callable[..., Any]) -> Any:
    return whole(busy)


def gains(loading: Any) -> dict[tuple[str, str, int], float]:
    """Real expenditure (less that of the base, grown), fees and rents of each actor with a zone, USD/yr."""
    loads, network = loading.loads, loading.network
    money = loads.income + loads.revenue[..., 0] + loads.revenue[..., 2]
    found = {}
    for s, group in enumerate(network.same):
        for key in group:
            for a in sorted(set(network.zone_actor.tolist())):
                found[network.actors[a], key.scenario, key.year] = float(money[0, s, a])
    return found


def assert_like(one: dict[Any, float], other: dict[Any, float], scale: float = 1.0) -> None:
    assert one.keys() == other.keys()
    most = max(abs(v) for v in one.values())
    for key, value in one.items():
        assert other[key] * scale == pytest.approx(value, rel=1e-5, abs=1e-5 * most), key


def test_the_capacity_binds_and_the_model_is_solved(usual: Any) -> None:
    """Or the tests below would test less than they say."""
    assert usual.loads.scarcity.max() > 0
    assert solved_gaps(usual)["not_solved"] == 0
    assert max(abs(v) for v in gains(usual).values()) > 1e6


def test_a_hopeless_route_changes_nothing(busy: Any, whole: Callable[..., Any], usual: Any, more: Any) -> None:
    hopeless = {"link_id": "b-hopeless", "status": "open", "opens_on": ""}
    hopeless |= {f"cost_usd_per_t_{b}": 3000.0 for b in BOUNDS} | {f"time_h_{b}": 3000.0 for b in BOUNDS}
    links = more(
        busy.table("links"), ("a-city-a-pass-road", hopeless | {"from_place": "a-city", "to_place": "b-north-city"})
    )
    assert_like(gains(usual), gains(whole(busy.with_tables(links=links))))


@pytest.mark.parametrize("unit", ["usd", "t"])
def test_units_change_nothing(busy: Any, whole: Callable[..., Any], usual: Any, unit: str) -> None:
    """In thousands of dollars, or of tonnes: prices by tonne, dispersion and quantities all follow."""
    tables = {}
    for name in ("charges", "goods", "links", "restrictions", "trade", "transfers", "zones"):
        frame = busy.table(name).copy()
        for column in frame.select_dtypes("number"):
            power = 0
            if unit == "usd" and "usd" in column:
                power = 1 if "t_per_usd" in column else -1
            elif unit == "t" and "t_per_usd" in column:
                power = -1
            elif unit == "t" and "usd_per_t" in column:
                power = 1
            elif unit == "t" and ("_kt" in column or "_mt_" in column):
                power = -1
            frame[column] = frame[column] * 1000.0**power
        tables[name] = frame
    changed = whole(busy.with_tables(**tables))
    assert_like(gains(usual), gains(changed), scale=1000.0 if unit == "usd" else 1.0)
    tonnes = changed.loads.asset_tonnes * (1000.0 if unit == "t" else 1.0)
    np.testing.assert_allclose(tonnes, usual.loads.asset_tonnes, rtol=1e-4, atol=1.0)


def test_names_of_zones_and_places_change_nothing(whole: Callable[..., Any], tmp_path: Path, usual: Any) -> None:
    """Zones and places under names that turn their order round."""
    folder = scaffold(tmp_path / "renamed")
    names = {"a-land": "z-land", "c-land": "a-aland", "a-city": "x-city", "c-harbour": "a-aharbour"}
    for path in [*folder.rglob("*.csv"), *folder.rglob("*.toml")]:
        text = path.read_text(encoding="utf-8")
        for old, new in names.items():
            text = re.sub(rf"(?<![\w-]){old}(?![\w-])", new, text)
        path.write_text(text, encoding="utf-8", newline="\n")
    case = read_case(folder)
    assert "z-land" in set(case.table("zones")["zone_id"])
    links = case.table("links")
    at = links["link_id"] == "a-city-b-north-rail"
    links.loc[at, [f"capacity_mt_per_year_{b}" for b in BOUNDS]] = [0.03, 0.05, 0.07]
    assert_like(gains(usual), gains(whole(case.with_tables(links=links))))


def test_a_country_cut_in_two_like_halves_gains_the_same(
    busy: Any, whole: Callable[..., Any], usual: Any, more: Any
) -> None:
    """Two zones of half the size at the same place, which do not trade with each other."""
    half = {"zone_id": "c-twin", "gdp_usd_bn": 75.0, "population_million": 6.0} | {
        f"trade_share_{b}": 0.5 for b in BOUNDS
    }
    zones = more(busy.table("zones"), ("c-land", half))
    first = zones["zone_id"] == "c-land"
    for column, value in half.items():
        if column != "zone_id":
            zones.loc[first, column] = value
    assert_like(gains(usual), gains(whole(busy.with_tables(zones=zones))))


def test_pairs_without_a_route_and_without_demand_are_finite_and_solved(
    busy: Any, whole: Callable[..., Any], more: Any
) -> None:
    """CCC is cut off from the first day: its trade has no reference and moves nothing; then it has no trade at all."""
    links = busy.table("links")
    touched = (links["from_place"] == "c-harbour") | (links["to_place"] == "c-harbour")
    cut = busy.with_tables(links=links.assign(status=links["status"].where(~touched, "planned")))
    trade = busy.table("trade")
    none = (trade["exporter"] == "CCC") | (trade["importer"] == "CCC")
    amounts = [f"{c}_{b}" for c in ("value_musd", "quantity_kt") for b in BOUNDS]
    empty = trade.copy()
    empty.loc[none, amounts] = empty.loc[none, amounts] * 0.0
    for case in (cut, busy.with_tables(trade=empty)):
        loading = whole(case)
        assert solved_gaps(loading)["not_solved"] == 0
        assert all(
            np.isfinite(x).all() for x in loading.loads._replace(watched=np.zeros(0))
        )  # a pair without a route has no cost
        year = [s for s, state in enumerate(loading.network.states) if state.year == 2035]
        at = loading.network.actors.index("CCC")
        assert np.ptp(loading.loads.income[0, year, at]) < LEVEL * 150e9
        assert loading.loads.income[0, year, at] == pytest.approx(0.0, abs=0.02 * 150e9)


@pytest.mark.parametrize("cost", [-5.0, float("nan"), float("inf")])
def test_a_cost_that_is_no_price_is_refused(busy: Any, whole: Callable[..., Any], cost: float) -> None:
    """Convention C146: whoever made it, a change of a scenario or of a table in memory."""
    links = busy.table("links")
    at = links["link_id"] == "a-city-a-pass-road"
    links.loc[at, [f"cost_usd_per_t_{b}" for b in BOUNDS]] = cost
    with pytest.raises(CaseError, match=r"links\.csv: cost_usd_per_t of a-city-a-pass-road"):
        whole(busy.with_tables(links=links))


def test_what_is_not_solved_is_left_out_and_refused(usual: Any) -> None:
    """Convention C144: a state that misses its gap takes its numbers and the differences from it along."""
    gap = usual.loads.gap.copy()
    states = [(key.scenario, key.year) for group in usual.network.same for key in group]
    bad = next(
        s for s, group in enumerate(usual.network.same) if ("south-road", 2035) in [(k.scenario, k.year) for k in group]
    )
    gap[0, bad, 0] = 1e-3
    loading = dataclasses.replace(usual, loads=usual.loads._replace(gap=gap))
    rows = [(*state, variant) for state in states for variant in ("", "minus-baseline")]
    keys = pd.DataFrame(rows, columns=["scenario", "year", "variant"])
    measure = Measure(keys=keys, draws=np.ones((1, len(keys))))
    found = without_unsolved(measure, loading, "status-quo")
    lost = {tuple(rows[i]) for i in np.flatnonzero(np.isnan(found.draws[0]))}
    assert lost == {("south-road", 2035, ""), ("south-road", 2035, "minus-baseline")}
    assert np.isfinite(measure.draws).all()
    with pytest.raises(NotConvergedError, match=r"1 of .*1\.0e-03 of capacities.*allow"):
        refuse_unsolved(solved_gaps(loading))
    assert without_unsolved(measure, usual, "status-quo") is measure


def test_a_gap_that_is_no_number_is_not_solved(usual: Any) -> None:
    gap = np.full_like(usual.loads.gap, np.nan)
    loading = dataclasses.replace(usual, loads=usual.loads._replace(gap=gap))
    assert solved_gaps(loading)["solved"] == 0
