"""Re-exports taken out, money of persons abroad, the short run, capacities of zero: on the starter, by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mackinder.draws import Design
from mackinder.equilibrium.loading import load_network
from mackinder.errors import CaseError, UsageError
from mackinder.indicators.welfare import ACCOUNT, measure_welfare
from mackinder.network.demand import draw_demand
from mackinder.units import USD_PER_MUSD

A, N, S, C = range(4)  # a-land, b-north, b-south, c-land
BOUNDS = ("low", "mode", "high")
MIDDLE = Design(seed=0, draws=1, common_share=0.5, central=True)


def row(case: Any, table: str, **cells: object) -> pd.DataFrame:
    """A new row of a table that may be empty."""
    frame = case.table(table)
    blank = {c: "" if frame[c].dtype == object or str(frame[c].dtype) in ("str", "string") else np.nan for c in frame}
    made = pd.DataFrame([blank | {"file_row": 0} | cells])
    return (
        pd.concat([frame, made.astype(frame.dtypes.to_dict())], ignore_index=True)
        if len(frame)
        else made.astype(frame.dtypes.to_dict())
    )


@pytest.fixture(scope="module")
def sends_on(starter: Any) -> Any:
    """Two fifths of what BBB sells to CCC are goods of AAA."""
    return starter.with_tables(
        reexports=row(
            starter, "reexports", reexport_id="b-c", exporter="BBB", importer="CCC", goods="manufactures", share_low=0.4,
            share_mode=0.4, share_high=0.4, origins="AAA", basis="estimate", ground="for the test",
        )
    )  # fmt: skip


def test_goods_sent_on_leave_both_flows(sends_on: Any) -> None:
    """Convention C141: of 300 to CCC 120 go, and the same 120 of the 570 manufactures that AAA sold to BBB."""
    whole, own = (
        draw_demand(case, ("manufactures",), np.array([[2500.0]]), MIDDLE)
        for case in (sends_on, sends_on.with_settings(reexports="without"))
    )
    before, after = (d.value[0, :, :, 0] / USD_PER_MUSD for d in (whole, own))
    np.testing.assert_allclose(before[[N, S], C].sum(), 300)
    np.testing.assert_allclose(after[[N, S], C], 0.6 * before[[N, S], C])
    np.testing.assert_allclose(after[A, [N, S]], before[A, [N, S]] * (570 - 120) / 570)
    np.testing.assert_allclose(before.sum() - after.sum(), 240)
    rest = np.ones((4, 4), dtype=bool)
    rest[[N, S], C] = rest[A, [N, S]] = False
    np.testing.assert_array_equal(before[rest], after[rest])
    np.testing.assert_allclose(own.tonnes * whole.value, own.value * whole.tonnes)
    np.testing.assert_allclose(own.every_value[..., own.every.index("manufactures")], own.value[..., 0])


def test_origins_that_sent_too_little_give_what_they_sent(sends_on: Any) -> None:
    """Convention C141: CCC sells 475 manufactures to BBB, all bound on to AAA if 380 x 1.5 were sent on; never below zero."""
    table = sends_on.table("reexports").assign(
        exporter="BBB", importer="AAA", origins="CCC", share_low=1.0, share_mode=1.0, share_high=1.0
    )
    trade = sends_on.table("trade")
    trade.loc[trade["trade_id"] == "ccc-bbb", [f"value_musd_{b}" for b in BOUNDS]] = 100.0
    case = sends_on.with_tables(reexports=table, trade=trade).with_settings(reexports="without")
    value = draw_demand(case, ("manufactures",), np.array([[2500.0]]), MIDDLE).value[0, :, :, 0]
    assert not value[C, [N, S]].any()
    assert not value[[N, S], A].any()


def loaded(case: Any, scenes: Callable[..., Any], solve: Any, model: str = "trade", draws: int = 3) -> Any:
    cases = scenes(case)
    solved = solve(cases, draws=draws)
    return load_network(
        cases, solved.network, solved.routes, solved.prices, solved.design, threads=1, model=model
    ), cases  # fmt: skip


def account(loading: Any, cases: Any) -> dict[tuple[str, str, str, int], np.ndarray]:
    found = {}
    for measure in measure_welfare(loading, cases, next(iter(cases))):
        if (measure.keys["indicator"] == "welfare_account").all():
            for i, key in enumerate(measure.keys.to_dict("records")):
                found[key["target"], key["variant"], key["scenario"], key["year"]] = measure.draws[:, i]
    return found


@pytest.fixture(scope="module")
def paid(starter: Any) -> Any:
    """CCC's workers send 50 USD m home to BBB; the scenario halves it from 2027 on."""
    return starter.with_tables(
        remittances=row(
            starter, "remittances", remittance_id="c-b", payer="CCC", recipient="BBB", year=2023, value_musd_low=40.0,
            value_musd_mode=50.0, value_musd_high=65.0, basis="estimate", ground="for the test",
        ),
        ties=row(
            starter, "ties", tie_id="c-b-money", sender="CCC", target="BBB", dimension="people", indicator="remittances",
            kind="observation", status="active", starts_on="2023-01-01", ends_on="2023-12-31", value_low=40.0, value_mode=50.0,
            value_high=65.0, value_unit="USD m", basis="estimate", ground="for the test",
        ),
    )  # fmt: skip


def test_money_not_sent_leaves_the_recipient_and_stays_with_the_payer(paid: Any, scenes: Any, solve: Any) -> None:
    """Convention C142: half of what is sent, grown with the world's income; accounts still add up in every draw."""
    from mackinder.equilibrium.economy import build_economy

    cases = {paid.settings.baseline: scenes(paid, paid.settings.baseline)[paid.settings.baseline]}
    ties = paid.table("ties")
    half = row(paid, "ties", **{c: ties[ties["tie_id"] == "c-b-money"].iloc[0][c] for c in ties if c != "file_row"}
               | {"tie_id": "c-b-money-2", "starts_on": "2027-01-01", "ends_on": "2035-12-31", "value_low": 20.0,
                  "value_mode": 25.0, "value_high": 32.5})  # fmt: skip
    cases["less-money"] = cases[paid.settings.baseline].with_tables(ties=half)
    solved = solve(cases, draws=3)
    loading = load_network(cases, solved.network, solved.routes, solved.prices, solved.design, threads=1, model="trade")
    parts = account(loading, cases)
    sent = solved.design.quantity(["remittances/c-b/value_musd"], *(np.array([v]) for v in (40.0, 50.0, 65.0)))[:, 0]
    demand = draw_demand(
        cases[paid.settings.baseline], solved.network.goods, solved.prices.goods.density, solved.design
    )
    economy = build_economy(cases[paid.settings.baseline], solved.network, solved.routes, demand, solved.design)
    s = next(
        i for i, g in enumerate(solved.network.same) if any(x.scenario == "less-money" and x.year == 2035 for x in g)
    )
    income = economy.flows.sum(axis=(1, 3))
    grown = (income * economy.growth[:, s]).sum(axis=1) / income.sum(axis=1)
    assert (grown > 1.0).all()
    np.testing.assert_allclose(parts["BBB", "transfers", "less-money", 2035], -0.5 * sent * grown, rtol=1e-9)
    np.testing.assert_allclose(parts["CCC", "transfers", "less-money", 2035], 0.5 * sent * grown, rtol=1e-9)
    np.testing.assert_allclose(loading.transfers.sum(axis=2), 0.0, atol=1e-6)
    assert not any(v.any() for k, v in parts.items() if k[1] == "transfers" and k[2] != "less-money")
    for target, variant, scenario, year in parts:
        if variant == "total":
            added = sum(parts[target, v, scenario, year] for v in ACCOUNT if v != "total")
            np.testing.assert_allclose(parts[target, "total", scenario, year], added, rtol=1e-9, atol=1e-9)


def test_the_short_run_has_less_elasticity_and_dearer_waiting(starter: Any, scenes: Any, solve: Any) -> None:
    """Convention C143: elasticities at 0.3 to 0.6 of their own, so what not shipping costs is above it by the inverse."""
    from mackinder.network.horizon import SHORT_RUN
    from mackinder.network.network import build_network
    from mackinder.network.prices import draw_prices, pilot_prices

    short = starter.with_settings(trade_run="short")
    network = build_network(scenes(starter), (2023, 2035))
    long_run, short_run = (draw_prices(case, network, MIDDLE).goods.no_ship for case in (starter, short))
    np.testing.assert_allclose(short_run, long_run / SHORT_RUN[1])
    np.testing.assert_array_equal(
        pilot_prices(short, network, 2).goods.no_ship, pilot_prices(starter, network, 2).goods.no_ship
    )


def test_the_short_run_is_in_the_economy(starter: Any, scenes: Any, solve: Any) -> None:
    """Convention C143."""
    from mackinder.equilibrium.economy import build_economy
    from mackinder.network.horizon import SHORT_RUN

    solved = solve(scenes(starter), draws=1, central=True)
    demand = draw_demand(starter, solved.network.goods, solved.prices.goods.density, MIDDLE)
    long_run, short_run = (
        build_economy(case, solved.network, solved.routes, demand, MIDDLE)
        for case in (starter, starter.with_settings(trade_run="short"))
    )
    np.testing.assert_allclose(short_run.elasticity[:, :-1], SHORT_RUN[1] * long_run.elasticity[:, :-1])
    np.testing.assert_array_equal(short_run.flows, long_run.flows)


@pytest.mark.parametrize("capacity", [0.0, -1.0])
def test_a_capacity_of_nothing_is_refused(starter: Any, scenes: Any, solve: Any, capacity: float) -> None:
    """Convention C146."""
    links = starter.table("links")
    at = links["link_id"] == "a-city-b-north-rail"
    links.loc[at, [f"capacity_mt_per_year_{b}" for b in BOUNDS]] = capacity
    links.loc[at, "capacity_rule"] = "price"
    with pytest.raises(CaseError, match=r"a-city-b-north-rail.*close the link"):
        loaded(starter.with_tables(links=links), scenes, solve, model="capacity")


def test_options_of_a_run_are_settings(starter: Any) -> None:
    from mackinder.ensemble.options import with_options

    case = with_options(starter, reexports="without", horizon="short")
    assert (case.settings.reexports, case.settings.trade_run) == ("without", "short")
    assert case.digest != starter.digest
    assert with_options(starter) is starter
    assert with_options(starter, reexports="with") is starter
    with pytest.raises(UsageError, match="without"):
        with_options(starter, reexports="witout")
    with pytest.raises(CaseError, match="reexports"):
        starter.with_settings(reexports="no")


def test_delivered_costs_are_those_of_the_solution(starter: Any, scenes: Any, solve: Any) -> None:
    """Convention C145: the same steps without books give the same real expenditure; what nobody asked has not moved."""
    from mackinder.equilibrium.delivered import delivered_costs
    from mackinder.equilibrium.loading import _grown, _of_actors

    cases = scenes(starter)
    solved = solve(cases, draws=3)
    given = (cases, solved.network, solved.routes, solved.prices, solved.design)
    loading = load_network(*given, threads=1, model="trade")
    found = delivered_costs(*given, threads=1)
    real = _of_actors(found.real, solved.network) - _grown(found.economy, solved.network)
    np.testing.assert_allclose(real, loading.loads.income, rtol=1e-9, atol=1e-3)
    assert (found.gap <= 1e-6).all()
    assert (found.change[:, 0] == 1.0).all()
    assert found.change[:, 1:].min() < 1.0
