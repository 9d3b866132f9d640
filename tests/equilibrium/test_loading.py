"""Loading against a plain Python twin, closed forms and properties (conventions C23 to C31, C36)."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mackinder.equilibrium.freight as freight_module
from mackinder.draws import Design
from mackinder.equilibrium.loading import load_network
from mackinder.network.demand import draw_demand
from mackinder.network.prices import draw_prices

Solve = Callable[..., types.SimpleNamespace]
More = Callable[..., pd.DataFrame]
BOUNDS = ("low", "mode", "high")
#: routes below 1e-9 of the best weight are given nothing, and closed path sizes are kept in single precision
RTOL = 3e-7


def demand_of(solved: Any) -> types.SimpleNamespace:
    """Demand by pair, and the growth factor of convention C10."""
    settings, routes = solved.case.settings, solved.routes
    demand = draw_demand(solved.case, solved.network.goods, solved.prices.goods.density, solved.design)
    growth = settings.demand_growth_per_year
    rate = solved.design.quantity(
        ["settings/demand_growth_per_year"], *(np.array([x]) for x in (growth.low, growth.mode, growth.high))
    )
    years = np.array([key.year - settings.base_year for key in solved.network.states])
    return types.SimpleNamespace(
        tonnes=demand.tonnes[:, routes.origin, routes.destination],
        value=demand.value[:, routes.origin, routes.destination],
        growth=(1 + rate) ** years,
    )


def central_prices(solved: Any) -> Any:
    design = Design(seed=0, draws=1, common_share=0.5, central=True)
    return draw_prices(solved.case, solved.network, design)


@pytest.fixture(params=["starter_solved", "rich_solved"])
def solved(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def test_it_is_what_sets_and_loops_give(plain: ModuleType, solved: Any) -> None:
    """Conventions C23, C24, C28 to C31: every field, every state and draw."""
    shipments, central = demand_of(solved), central_prices(solved)
    for s in range(len(solved.network.states)):
        for k in range(solved.design.draws):
            wanted = plain.load(solved, shipments, central, k, s)
            for name in (
                "asset_tonnes",
                "asset_value",
                "corridor",
                "trade",
                "unserved",
                "delivered",
                "exposure",
                "captive",
                "closure",
            ):
                got = getattr(solved.loads, name)[k, s]
                scale = np.abs(wanted[name]).max()
                np.testing.assert_allclose(got, wanted[name], rtol=RTOL, atol=RTOL * scale, err_msg=f"{name} {s} {k}")
            assert wanted["trade"].any()


def test_transit_fees_and_haulage_are_paid_where_they_are_due(plain: ModuleType, solved: Any) -> None:
    """Convention C22: transit charges spare the collector's own trade; operators earn the price of what they haul."""
    network, shipments, central = solved.network, demand_of(solved), central_prices(solved)
    actor = {name: i for i, name in enumerate(network.actors)}
    asset = network.graph.asset_index()
    links = solved.case.table("links")
    roads = [asset[i] for i in links["link_id"][(links["territory"].str.contains("AAA")) & (links["mode"] == "road")]]
    fee = solved.design.quantity(["charges/a-transit-fee"], np.array([1.0]), np.array([2.0]), np.array([4.0]))[:, 0]
    toll = solved.design.quantity(["charges/c-toll"], np.array([1.0]), np.array([2.0]), np.array([4.0]))[:, 0]
    for s in range(len(network.states)):
        for k in range(solved.design.draws):
            wanted = plain.load(solved, shipments, central, k, s)
            fees = np.zeros(len(actor))
            fees[actor["AAA"]] = fee[k] * wanted["transit"][actor["AAA"], roads].sum()
            if "b-coast" in asset:
                fees[actor["CCC"]] = toll[k] * wanted["asset_tonnes"][asset["b-coast"]]
            np.testing.assert_allclose(solved.loads.revenue[k, s, :, 0], fees, rtol=RTOL)
            haul = np.zeros(len(actor))
            haul[actor["AAA"]] = wanted["transit_haulage"][actor["AAA"], asset["a-city-b-north-rail"]]
            np.testing.assert_allclose(solved.loads.revenue[k, s, :, 1], haul, rtol=RTOL)


def one_flow(case: Any, exporter: str, importer: str) -> Any:
    """The case with one row of trade between two zones."""
    trade = case.table("trade")
    row = trade[trade["trade_id"] == "bbb-ccc"].assign(
        trade_id="only", exporter=exporter, importer=importer, goods="manufactures"
    )
    return case.with_tables(trade=row)


@pytest.mark.parametrize(
    ("exporter", "importer"), [("b-south", "c-land"), ("c-land", "b-north"), ("a-land", "b-south")]
)
def test_flow_is_conserved_at_every_node(rich: Any, solve: Solve, exporter: str, importer: str) -> None:
    """All that leaves an origin arrives, and what enters any other node leaves it: by arcs, from shares and route sets."""
    solved = solve({"x": one_flow(rich, exporter, importer)}, years=(2023,))
    graph, loads = solved.network.graph, solved.loads
    demand = demand_of(solved)
    ends = [graph.zone_node[graph.zones.index(z)] for z in (exporter, importer)]
    p = next(p for p, o in enumerate(solved.routes.origin) if graph.zone_node[o] == ends[0]
             and graph.zone_node[solved.routes.destination[p]] == ends[1])  # fmt: skip
    g = solved.network.goods.index("manufactures")
    for k in range(solved.design.draws):
        tonnes = demand.tonnes[k, p, g]
        assert tonnes > 0
        # assets are used one way only, or one pair's routes would cross: the flow on an asset is then that of one arc
        arcs = solved.routes.arcs[
            solved.routes.route_first[solved.routes.pair_first[p]] : solved.routes.route_first[
                solved.routes.pair_first[p + 1]
            ]
        ]
        used = {int(a) for a in arcs if loads.asset_tonnes[k, 0, a >> 1] > 0}
        both = {a >> 1 for a in used if a ^ 1 in used}
        balance = np.zeros(len(graph.nodes))
        for arc in used:
            if arc >> 1 in both:
                continue
            flow = loads.asset_tonnes[k, 0, arc >> 1]
            balance[graph.arc_head[arc ^ 1]] -= flow
            balance[graph.arc_head[arc]] += flow
        wanted = np.zeros(len(graph.nodes))
        wanted[ends] = [-tonnes, tonnes]
        touched = {int(graph.arc_head[2 * a + i]) for a in both for i in range(2)}
        free = [n for n in range(len(graph.nodes)) if n not in touched]
        np.testing.assert_allclose(balance[free], wanted[free], atol=1e-9 * tonnes)
        assert len(free) > len(graph.nodes) / 2
        assert loads.trade[k, 0, :, 0].max() == pytest.approx(tonnes)


def test_exposure_is_bounded_by_captive_and_trade(solved: Any) -> None:
    """Conventions C28, C29: captive share <= exposure <= 1, and closing costs something where somebody is touched."""
    loads = solved.loads
    share = loads.exposure / loads.trade[:, :, :, None, None, :]
    assert (share <= 1 + 1e-9).all()
    assert (loads.captive <= loads.exposure * (1 + 1e-9)).all()
    assert (loads.closure >= 0).all()
    np.testing.assert_array_equal(loads.closure[..., 1] > 0, loads.exposure[..., 1, 0] > 0)


def test_an_actor_is_partner_or_in_between_for_a_flow_never_both(starter_solved: Any) -> None:
    """Convention C31, by hand: CCC touches the trade of AAA and BBB as a partner only; AAA stands between BBB and CCC."""
    network, loads = starter_solved.network, starter_solved.loads
    a, b, c = (network.actors.index(x) for x in ("AAA", "BBB", "CCC"))
    exposure = loads.exposure[:, 0, :, :, :, 0]
    assert not exposure[:, a, c].any()
    assert (exposure[:, b, a] > 0).all()
    assert (exposure[:, c, a, 1] > 0).all()
    assert not exposure[:, c, a, 0].any()
    assert not np.diagonal(loads.exposure[:, 0, :, :, :, 0], axis1=1, axis2=2).any()


def test_the_starter_without_the_south_road_is_captive_to_aaa(starter_solved: Any) -> None:
    """All trade of BBB with CCC passes AAA (convention C29): exposure and captive share are one, closure is not shipping."""
    network, loads = starter_solved.network, starter_solved.loads
    a, c = network.actors.index("AAA"), network.actors.index("CCC")
    for s in (0, 1):
        np.testing.assert_allclose(loads.captive[:, s, c, a, 1], loads.trade[:, s, c])
        np.testing.assert_allclose(loads.exposure[:, s, c, a, 1], loads.trade[:, s, c])
        per_tonne = loads.closure[:, s, c, a, 1] / loads.trade[:, s, c, 0]
        theta, n = starter_solved.prices.goods.dispersion[:, 0], starter_solved.prices.goods.no_ship[:, 0]
        np.testing.assert_allclose(per_tonne, n + np.log1p(np.exp(-theta * n)) / theta)
    assert not loads.captive[:, 2, c, a, 1].any()


def test_closed_form_is_exact_where_routes_are_disjoint(starter: Any, solve: Solve, more: More) -> None:
    """Convention C30: with path sizes held the closure cost is -ln(1 - s) / theta; disjoint routes have nothing to hold."""
    trade = one_flow(starter, "b-south", "c-land").table("trade")
    links = starter.table("links")
    south = links["link_id"] == "b-south-c-harbour-road"
    links.loc[south, ["status", "opens_on"]] = ["open", ""]
    links = links[~links["link_id"].isin(["a-city-b-north-rail", "b-north-b-south-road", "a-pass-b-north-road"])]
    links = more(
        links, ("a-city-a-pass-road", {"link_id": "long-way", "from_place": "a-city", "to_place": "b-south-town"})
    )
    links.loc[links["mode"] == "sea", [f"time_h_{b}" for b in BOUNDS]] = 1.0
    cheap = links["link_id"] != "b-south-c-harbour-road"
    links.loc[cheap, [f"cost_usd_per_t_{b}" for b in BOUNDS]] = 6.0
    transfers = starter.table("transfers")
    transfers[[f"time_h_{b}" for b in BOUNDS]] = 1.0
    solved = solve(
        {"x": starter.with_tables(links=links, trade=trade, transfers=transfers)}, years=(2023,), central=True, draws=1
    )
    loads, goods = solved.loads, solved.prices.goods
    total, gap = loads.identity_gap[0]
    assert total > 0
    assert gap < 1e-6 * total
    a, c = (solved.network.actors.index(x) for x in ("AAA", "CCC"))
    s = loads.exposure[0, 0, c, a, 1, 0] / loads.trade[0, 0, c, 0]
    assert 0.01 < s < 0.99
    wanted = -np.log(1 - s) / goods.dispersion[0, 0]
    assert loads.closure[0, 0, c, a, 1] / loads.trade[0, 0, c, 0] == pytest.approx(wanted, rel=1e-6)


def test_what_has_no_route_is_reported_and_not_loaded(starter: Any, solve: Solve) -> None:
    """Convention C15: a ban on trade; convention C1: its watched cost is missing, not zero."""
    restrictions = starter.table("restrictions")
    ban = restrictions["restriction_id"] == "aaa-ccc-embargo"
    restrictions.loc[ban, "origin"] = "BBB"
    base, cut = (
        solve({"x": starter}, years=(2023,)),
        solve({"x": starter.with_tables(restrictions=restrictions)}, years=(2023,)),
    )
    routes, zones = base.routes, base.network.graph.zones
    lost = demand_of(base).tonnes[
        :, [zones[o][0] == "b" and zones[d] == "c-land" for o, d in zip(routes.origin, routes.destination, strict=True)]
    ]
    b, c = (base.network.actors.index(x) for x in ("BBB", "CCC"))
    assert not base.loads.unserved.any()
    for actor in (b, c):
        np.testing.assert_allclose(cut.loads.unserved[:, 0, actor], lost.sum(axis=(1, 2)))
        np.testing.assert_allclose(
            base.loads.trade[:, 0, actor, 0] - cut.loads.trade[:, 0, actor, 0], lost.sum(axis=(1, 2))
        )
    assert not cut.loads.unserved[:, 0, base.network.actors.index("AAA")].any()
    assert np.isnan(cut.loads.watched).all()
    assert np.isfinite(base.loads.watched).all()


def test_watched_cost_is_that_of_the_pair(plain: ModuleType, starter: Any, solve: Solve) -> None:
    """Convention C26: the mean over routes; with one flow alone it is also the country's delivered cost."""
    solved = solve({"x": one_flow(starter, "b-south", "c-land")}, years=(2023,))
    c = solved.network.actors.index("CCC")
    mean = solved.loads.delivered[:, 0, c] / solved.loads.trade[:, 0, c, :1]
    np.testing.assert_allclose(solved.loads.watched[:, 0, 0], mean)


def test_a_surcharge_per_shipment_is_due_only_if_a_selected_link_is_used(starter: Any, solve: Solve) -> None:
    """Convention C15: the permit for roads of AAA is not due on the south road."""
    links = starter.table("links")
    south = links["link_id"] == "b-south-c-harbour-road"
    links.loc[south, ["status", "opens_on"]] = ["open", ""]
    links.loc[~south, "status"] = "planned"
    case = starter.with_tables(links=links)
    free = case.with_tables(restrictions=starter.table("restrictions").iloc[:1])
    assert free.table("restrictions")["restriction_id"].tolist() == ["aaa-ccc-embargo"]
    with_permit, without = (solve({"x": x}, years=(2023,)).loads.watched for x in (case, free))
    np.testing.assert_allclose(with_permit, without)


def equal_loads(one: Any, other: Any, **tolerance: float) -> None:
    for name in one._fields:
        if tolerance:
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), err_msg=name, **tolerance)
        else:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def again(solved: Any, **options: int) -> Any:
    return load_network(
        solved.cases, solved.network, solved.routes, solved.prices, solved.design, **({"threads": 1} | options)
    ).loads


def test_threads_and_chunks_change_nothing(rich: Any, solve: Solve) -> None:
    """21 draws: in one thread chunks of 8, 8 and 5; in four 6, 6, 6 and 3; in thirty one by one."""
    solved = solve({"x": rich}, draws=21)
    for threads in (4, 30):
        equal_loads(again(solved, threads=threads), solved.loads)


def test_each_draw_stands_alone(rich: Any, solve: Solve) -> None:
    """A draw's result does not depend on which draws are loaded beside it: prices and demand of one row give its row."""
    solved = solve({"x": rich}, draws=6)
    rows = {f.name: getattr(solved.prices, f.name) for f in dataclasses.fields(solved.prices) if f.name != "goods"}
    goods = {f.name: getattr(solved.prices.goods, f.name)[::-1].copy() for f in dataclasses.fields(solved.prices.goods)}
    turned = dataclasses.replace(
        solved.prices,
        goods=dataclasses.replace(solved.prices.goods, **goods),
        **{n: x[::-1].copy() for n, x in rows.items()},
    )
    backwards = Backwards(seed=solved.design.seed, draws=6, common_share=solved.design.common_share)
    loads = load_network(solved.cases, solved.network, solved.routes, turned, backwards, threads=1).loads
    for name in set(loads._fields) - {"identity_gap"}:
        np.testing.assert_array_equal(getattr(loads, name)[::-1], getattr(solved.loads, name), err_msg=name)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Backwards(Design):
    """The same draws, the last one first."""

    def normal(self, key: str) -> np.ndarray:
        return Design.normal(self, key)[::-1].copy()


def test_sharing_choices_among_states_is_exact(rich: Any, solve: Solve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each state computed by itself gives the same as states that take the choice of an earlier one, up to the order of sums."""
    links = rich.table("links")
    dear = links.copy()
    dear.loc[dear["link_id"] == "b-second", [f"cost_usd_per_t_{b}" for b in BOUNDS]] *= 2.0
    shut = links.copy()
    shut.loc[shut["link_id"] == "b-coast", "status"] = "planned"
    controls = rich.table("controls")
    controls = controls[controls["control_id"] != "railway-operator"]
    cases = {
        "x": rich,
        "dear": rich.with_tables(links=dear),
        "shut": rich.with_tables(links=shut),
        "sold": rich.with_tables(controls=controls),
    }
    shared = solve(cases)
    build = freight_module.build_menu
    numbers = []

    def apart(*arguments: Any) -> Any:
        menu = build(*arguments)
        numbers.append(menu.same_as.copy())
        own = np.broadcast_to(np.arange(len(menu.same_as))[:, None, None], menu.same_as.shape)
        return menu._replace(same_as=own.copy())

    monkeypatch.setattr(freight_module, "build_menu", apart)
    equal_loads(again(shared), shared.loads, rtol=1e-12, atol=1e-6)
    assert (numbers[0] < np.arange(len(numbers[0]))[:, None, None]).mean() > 0.3


def test_rescaled_money_rescales_money_and_nothing_else(rich: Any, solve: Solve) -> None:
    """Convention C8: all dollars times seven, dispersion over seven; tonnes and shares stay."""

    def scaled(name: str, factor: dict[str, float]) -> pd.DataFrame:
        frame = rich.table(name)
        for stem, k in factor.items():
            columns = [f"{stem}_{b}" for b in BOUNDS]
            frame[columns] = frame[columns] * k
        return frame

    tables = {
        "links": scaled("links", {"cost_usd_per_t": 7}), "transfers": scaled("transfers", {"cost_usd_per_t": 7}),
        "goods": scaled("goods", {"value_usd_per_t": 7, "value_of_time_usd_per_t_day": 7, "route_dispersion_t_per_usd": 1 / 7}),
        "restrictions": scaled("restrictions", {"surcharge_usd_per_t": 7}), "charges": scaled("charges", {"charge_usd_per_t": 7}),
        "trade": scaled("trade", {"value_musd": 7}),
    }  # fmt: skip
    before, after = solve({"x": rich}).loads, solve({"x": rich.with_tables(**tables)}).loads
    scale = {"asset_value": 7, "closure": 7, "revenue": 7, "identity_gap": 7}
    scale |= {"exposure": [1, 7], "captive": [1, 7], "trade": [1, 7], "delivered": [7, 7, 1], "watched": [7, 7, 1]}
    for name in before._fields:
        wanted = getattr(before, name) * np.array(scale.get(name, 1))
        np.testing.assert_allclose(
            getattr(after, name), wanted, rtol=1e-7, atol=1e-9 * np.nanmax(np.abs(wanted), initial=1), err_msg=name
        )


def test_rescaled_demand_rescales_flows(rich: Any, solve: Solve) -> None:
    """Nothing is congested: three times the trade is three times every sum, and the same cost per tonne."""
    trade = rich.table("trade")
    columns = [f"{stem}_{b}" for stem in ("value_musd", "quantity_kt") for b in BOUNDS]
    trade[columns] = trade[columns] * 3.0
    before, after = solve({"x": rich}).loads, solve({"x": rich.with_tables(trade=trade)}).loads
    for name in before._fields:
        k = 1.0 if name == "watched" else 3.0
        np.testing.assert_allclose(getattr(after, name), getattr(before, name) * k, rtol=1e-12, atol=1e-6, err_msg=name)


def test_a_case_without_charges_and_operators_earns_nothing(starter: Any, solve: Solve) -> None:
    controls = starter.table("controls")
    case = starter.with_tables(
        charges=starter.table("charges").iloc[:0], controls=controls[controls["right"] != "operator"]
    )
    assert not solve({"x": case}, years=(2023,)).loads.revenue.any()
