"""The transit game of a case: by hand on the starter, and properties that any case has (conventions C68 to C70)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mackinder.draws import Design
from mackinder.errors import DataError, NoRouteError, UsageError
from mackinder.indicators.appraisal import annuity
from mackinder.indicators.caseflows import case_flows, open_projects
from mackinder.indicators.casepower import PowerAnswer, power_answer, power_rows, read_definitions
from mackinder.indicators.measure import RESULT_COLUMNS, catalogue
from mackinder.indicators.projects import unopened_projects
from mackinder.scenario import apply, read_scenario

YEAR = 2035


@pytest.fixture(scope="module")
def still(starter: Any) -> Any:
    """Without the south road: AAA carries everything."""
    return apply(starter, read_scenario("status-quo", starter))


def play(case: Any, **options: Any) -> PowerAnswer:
    given: dict[str, Any] = {"target": "BBB", "draws": 4, "options": ()}
    return power_answer(case, "status-quo", YEAR, **(given | options))


@pytest.fixture(scope="module")
def short(still: Any) -> PowerAnswer:
    return play(still)


@pytest.fixture(scope="module")
def invested(still: Any) -> PowerAnswer:
    return play(still, options=None)


def test_shapley_by_hand(still: Any, short: PowerAnswer) -> None:
    """Trade with AAA needs two, trade with CCC through AAA needs three: halves of the one, thirds of the other."""
    place = {name: i for i, name in enumerate(short.players)}
    assert set(place) == {"AAA", "BBB", "CCC"}
    a, b, c = (1 << place[name] for name in ("AAA", "BBB", "CCC"))
    values = short.short.values
    assert values[a] == values[b] == values[c] == values[b | c] == values[a | c] == 0.0
    with_a, with_c = values[a | b], values[a | b | c] - values[a | b]
    assert min(with_a, with_c) > 0
    wanted = {"AAA": with_a / 2 + with_c / 3, "BBB": with_a / 2 + with_c / 3, "CCC": with_c / 3}
    for name, value in wanted.items():
        assert short.short.shapley[place[name]] == pytest.approx(value, rel=1e-12)
    assert short.short.superadditive
    core = short.short.core
    assert core is not None
    assert core.high[place["CCC"]] == pytest.approx(with_c, rel=1e-6)


def test_values_are_what_giving_up_would_lose(still: Any, short: PowerAnswer) -> None:
    """One route set, nobody to agree: each flow gains ln(1 + exp(theta n)) / theta, summed by hand over the flows."""
    design = Design(seed=0, draws=1, common_share=still.settings.common_share, central=True)
    flows = case_flows(still, YEAR, target="BBB", projects=(), design=design, threads=1)
    theta, no_ship, tonnes = flows.dispersion[0], flows.no_ship[0], flows.tonnes[0]
    assert short.short.values[-1] == pytest.approx((tonnes / theta * np.log1p(np.exp(theta * no_ship))).sum(), rel=1e-9)


def test_partner_and_transit_by_hand(short: PowerAnswer) -> None:
    """Convention C70: AAA's own trade with BBB is partner, what it carries to CCC is transit."""
    place = {name: i for i, name in enumerate(short.players)}
    transit = short.shapley - short.partner
    np.testing.assert_allclose(transit[0][:, place["AAA"]], short.shapley[0][:, place["CCC"]], rtol=1e-9)
    np.testing.assert_allclose(transit[0][:, place["CCC"]], 0.0, atol=1e-6)
    np.testing.assert_array_equal(transit[:, :, place["BBB"]], 0.0)


def test_shapley_adds_up_in_every_draw(invested: PowerAnswer) -> None:
    assert invested.shapley.shape == (2, 4, len(invested.players))
    np.testing.assert_allclose(invested.invested.shapley.sum(), invested.invested.values[-1], rtol=1e-12)


def test_a_road_past_it_costs_the_carrier_power(still: Any, invested: PowerAnswer) -> None:
    """The option changes the ranking, and nobody is worse off together: the best is built or nothing is."""
    assert [option.project for option in invested.options] == ["south-road"]
    assert invested.options[0].sponsors == tuple(p for p in invested.players if p in ("BBB", "CCC"))
    assert (invested.invested.values >= invested.short.values - 1e-6).all()
    place = {name: i for i, name in enumerate(invested.players)}
    transit = invested.shapley - invested.partner
    if invested.options[0].built_by_all:
        assert (transit[1][:, place["AAA"]] < transit[0][:, place["AAA"]]).all()
    # a road that costs as good as nothing is built, and one that costs the earth is not
    table = still.table("projects")
    for factor, built in ((1e-6, True), (1e6, False)):
        dear = {f"capex_musd_{b}": table[f"capex_musd_{b}"] * factor for b in ("low", "mode", "high")}
        other = play(still.with_tables(projects=table.assign(**dear)), options=None)
        assert other.options[0].built_by_all is built
        if not built:
            np.testing.assert_allclose(other.shapley[1], other.shapley[0], rtol=1e-12)


def test_annual_cost_is_the_annuity_and_upkeep(still: Any) -> None:
    """Convention C69, at the central values of the table."""
    row = still.table("projects").iloc[0]
    answer = play(still, options=None, draws=500)
    capex = row["capex_musd_mode"] * 1e6
    wanted = float(annuity(capex, row["discount_rate_mode"], row["life_years_mode"])) + capex * row["upkeep_share_mode"]
    assert np.median(answer.options[0].annual_cost) == pytest.approx(wanted, rel=0.1)


def test_a_dummy_has_exactly_nothing(still: Any) -> None:
    """Who can close only what no route uses adds nothing, to the last bit, and changes no one else's number."""
    actors, controls = still.table("actors"), still.table("controls")
    actors = pd.concat([actors, actors.tail(1).assign(actor_id="DDD", label="D", parent="", countries="")])
    right = controls.head(1).assign(
        control_id="d-guards", actor="DDD", asset_type="link", asset="b-south-c-harbour-road", right="security", share=1.0,
        starts_on="", ends_on="", status="binding",
    )  # fmt: skip
    case = still.with_tables(actors=actors, controls=pd.concat([controls, right]))
    answer, plain = play(case, definitions={"DDD": "player"}), play(still)
    place = {name: i for i, name in enumerate(answer.players)}
    assert set(place) == {"AAA", "BBB", "CCC", "DDD"}
    assert (answer.shapley[:, :, place["DDD"]] == 0.0).all()
    assert (answer.banzhaf[:, :, place["DDD"]] == 0.0).all()
    for i, name in enumerate(plain.players):
        np.testing.assert_allclose(answer.shapley[0][:, place[name]], plain.shapley[0][:, i], rtol=1e-12)


def test_money_scales(still: Any) -> None:
    """Twice the trade is worth twice as much to everybody, at the same shares."""
    trade = still.table("trade")
    twice = trade.assign(**{c: trade[c] * 2 for c in trade.columns if c.startswith(("value_musd", "quantity_kt"))})
    np.testing.assert_allclose(play(still.with_tables(trade=twice)).shapley, 2 * play(still).shapley, rtol=1e-9)


def test_a_contractor_is_not_asked_and_its_seat_stays_empty(still: Any, short: PowerAnswer) -> None:
    answer = play(still, definitions={"CCC": "contractor"}, most=3)
    assert "CCC" not in answer.players
    assert answer.unasked == ("CCC",)
    place = {name: i for i, name in enumerate(answer.players)}
    whole = short.short.values[-1]
    np.testing.assert_allclose(answer.short.shapley[[place["AAA"], place["BBB"]]], whole / 2, rtol=1e-9)


def test_a_bloc_decides_as_one(still: Any, short: PowerAnswer) -> None:
    answer = play(still, definitions={"AAA+CCC": "bloc"})
    assert set(answer.players) == {"BBB", "AAA+CCC"}
    np.testing.assert_allclose(answer.short.shapley, short.short.values[-1] / 2, rtol=1e-9)


def test_members_of_a_union_one_by_one(still: Any) -> None:
    actors = still.table("actors").copy()
    actors.loc[actors["actor_id"] == "CCC", "countries"] = ""
    actors.loc[actors["actor_id"] == "AAA", "countries"] = "AAA;CCC"
    union = still.with_tables(actors=actors)
    assert set(play(union).players) == {"AAA", "BBB"}
    assert set(play(union, definitions={"AAA": "many"}).players) == {"AAA", "BBB", "CCC"}
    with pytest.raises(DataError, match="cannot be many"):
        play(union, definitions={"BBB": "many"})


def test_rows_have_the_keys_of_the_catalogue(invested: PowerAnswer) -> None:
    rows = power_rows(invested)
    assert list(rows.columns) == list(RESULT_COLUMNS)
    assert not rows.duplicated(list(RESULT_COLUMNS[:9])).any()
    for name, group in rows.groupby("indicator"):
        assert set(group["variant"]) == set(catalogue()[str(name)].variants)
        assert set(group["unit"]) == {catalogue()[str(name)].unit}
    assert (rows["low"] <= rows["value"]).all()


def test_projects_that_are_open_are_no_options(starter: Any, still: Any) -> None:
    assert unopened_projects(still, YEAR) == ["south-road"]
    assert unopened_projects(starter, YEAR) == []
    assert unopened_projects(open_projects(still, ("south-road",)), 2023) == []
    answer = power_answer(starter, "plan", YEAR, target="BBB", draws=2, options=["south-road"])
    assert answer.options == ()
    assert any("south-road is open" in note for note in answer.notes)


def test_all_trade_is_a_target_too(still: Any) -> None:
    answer = play(still, target="all")
    assert {"AAA", "BBB", "CCC"} == set(answer.players)
    assert set(power_rows(answer)["target"]) == {""}


def test_bad_asks_say_what_to_do(still: Any, more: Callable[..., pd.DataFrame]) -> None:
    with pytest.raises(UsageError, match=r"BBC.*BBB"):
        play(still, target="BBC")
    with pytest.raises(UsageError, match=r"south-rod.*south-road"):
        play(still, options=["south-rod"])
    with pytest.raises(UsageError, match="ZZZ has no zone"):
        play(still, definitions={"ZZZ": "player"})
    for text in ("AAA", "AAA=boss", "AAA+BBB=player", "AAA=bloc"):
        with pytest.raises(UsageError, match="--players"):
            read_definitions([text])
    links = still.table("links").assign(status="planned")
    with pytest.raises(NoRouteError, match="there is no game"):
        play(still.with_tables(links=links))


def test_draws_do_not_depend_on_threads(still: Any, short: PowerAnswer) -> None:
    again = play(still, threads=2)
    assert (again.shapley == short.shapley).all()
    assert dataclasses.astuple(again)[:4] == dataclasses.astuple(short)[:4]
