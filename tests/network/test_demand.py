"""Demand in tonnes and dollars, by hand on the starter case (conventions C3, C41, C42)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mackinder.draws import Design
from mackinder.network.demand import Demand, distinct_demand, draw_demand

A, N, S, C = range(4)  # a-land, b-north, b-south, c-land
DESIGN = Design(seed=5, draws=30, common_share=0.5)
More = Callable[..., pd.DataFrame]


def central(case: Any, goods: tuple[str, ...], density: tuple[float, ...]) -> Demand:
    design = Design(seed=0, draws=1, common_share=0.5, central=True)
    return draw_demand(case, goods, np.array([density]), design)


def test_starter_by_hand(starter: Any) -> None:
    """Trade of BBB is split 3:1 over its zones; a twentieth is gems and flies; the rest goes at 2,500 USD a tonne."""
    value = central(starter, ("manufactures",), (2500.0,)).value[0, :, :, 0] / 1e6
    wanted = np.zeros((4, 4))
    wanted[A, [N, S]] = 600 * 0.95 * np.array([0.75, 0.25])
    wanted[[N, S], A] = 400 * 0.95 * np.array([0.75, 0.25])
    wanted[[N, S], C] = 300 * np.array([0.75, 0.25])
    wanted[C, [N, S]] = 500 * 0.95 * np.array([0.75, 0.25])
    np.testing.assert_allclose(value, wanted)
    tonnes = central(starter, ("manufactures",), (2500.0,)).tonnes[0, :, :, 0]
    np.testing.assert_allclose(tonnes, value * 1e6 / 2500)


def test_named_goods_come_first_and_the_rest_is_split(rich: Any) -> None:
    """Convention C42: of 700 to CCC, 300 are named manufactures; 400 are split over gems, grain and parts as 1 : 4 : 6."""
    goods, density = ("grain", "manufactures", "parts"), (250.0, 2500.0, 9000.0)
    value = central(rich, goods, density).value[0, [N, S], C].sum(axis=0) / 1e6
    np.testing.assert_allclose(value, [400 * 4 / 11, 300.0, 400 * 6 / 11])


def test_named_goods_beyond_the_total_leave_nothing(rich: Any) -> None:
    trade = rich.table("trade")
    rest = trade["trade_id"] == "bbb-ccc-rest"
    trade.loc[rest, [f"value_musd_{b}" for b in ("low", "mode", "high")]] = [100.0, 150.0, 200.0]
    value = central(rich.with_tables(trade=trade), ("grain", "manufactures", "parts"), (250.0, 2500.0, 9000.0)).value
    np.testing.assert_allclose(value[0, [N, S], C].sum(axis=0) / 1e6, [0.0, 300.0, 0.0])


def test_an_embargo_row_ships_nothing(starter: Any) -> None:
    """Convention C3."""
    assert not central(starter, ("manufactures",), (2500.0,)).value[0, [A, C], [C, A]].any()


def test_trade_inside_a_country_is_what_rows_between_zones_say(rich: Any) -> None:
    value = central(rich, ("grain", "manufactures", "parts"), (250.0, 2500.0, 9000.0)).value[0]
    total = 0.95 + 0.05 + 0.2 + 0.3
    np.testing.assert_allclose(value[N, S] / 1e6, 90 * np.array([0.2, 0.95, 0.3]) / total)
    assert not value[S, N].any()


def test_a_row_in_tonnes_gives_tonnes(starter: Any) -> None:
    """A total in tonnes is split so that its tonnes are kept: shares are of value."""
    trade = starter.table("trade")
    row = trade["trade_id"] == "aaa-bbb"
    bounds = ("low", "mode", "high")
    trade.loc[row, [f"value_musd_{b}" for b in bounds]] = np.nan
    trade.loc[row, [f"quantity_kt_{b}" for b in bounds]] = [80.0, 100.0, 120.0]
    demand = central(starter.with_tables(trade=trade), ("manufactures",), (2500.0,))
    np.testing.assert_allclose(demand.tonnes[0, A, [N, S], 0], [75e3, 25e3])
    np.testing.assert_allclose(demand.value[0, A, [N, S], 0], [75e3 * 2500, 25e3 * 2500])


def test_a_row_in_dollars_and_tonnes_gives_both(starter: Any) -> None:
    """Convention C42: tonnes are value over value density unless the row gives them."""
    trade = starter.table("trade")
    row = trade["trade_id"] == "bbb-ccc"
    trade.loc[row, [f"quantity_kt_{b}" for b in ("low", "mode", "high")]] = [150.0, 200.0, 250.0]
    demand = central(starter.with_tables(trade=trade), ("manufactures",), (2500.0,))
    np.testing.assert_allclose(demand.value[0, [N, S], C, 0].sum(), 300e6)
    np.testing.assert_allclose(demand.tonnes[0, [N, S], C, 0].sum(), 200e3)


def test_named_goods_are_taken_off_a_total_in_tonnes(rich: Any) -> None:
    """Convention C42: a row with goods * is the total of its pair, in tonnes as in dollars."""
    trade = rich.table("trade")
    bounds = ("low", "mode", "high")
    for name, amount in (("bbb-ccc", 120.0), ("bbb-ccc-rest", 500.0)):
        row = trade["trade_id"] == name
        trade.loc[row, [f"value_musd_{b}" for b in bounds]] = np.nan
        trade.loc[row, [f"quantity_kt_{b}" for b in bounds]] = amount
    demand = central(rich.with_tables(trade=trade), ("grain", "manufactures", "parts"), (250.0, 2500.0, 9000.0))
    np.testing.assert_allclose(demand.tonnes[0, [N, S], C].sum(), 500e3)


def test_every_draw_conserves_the_row(rich: Any) -> None:
    """Convention C41: zone shares add up to one in each draw, so the zones' flows add up to the country's."""
    goods = ("grain", "manufactures", "parts")
    density = np.full((30, 3), 1000.0)
    demand = draw_demand(rich, goods, density, DESIGN)
    keys = ["trade/bbb-aaa"]
    drawn = DESIGN.quantity(keys, np.array([350.0]), np.array([400.0]), np.array([450.0]))[:, 0]
    shares = DESIGN.shares(
        [f"goods_shares/any-{g}" for g in ("gems", "grain", "manufactures", "parts")],
        *(np.array(x) for x in ([0, 0.12, 0.9, 0.18], [0.05, 0.2, 0.95, 0.3], [0.1, 0.36, 1.0, 0.54])),
    )
    np.testing.assert_allclose(demand.value[:, [N, S], A].sum(axis=(1, 2)) / 1e6, drawn * shares[:, 1:].sum(axis=1))
    given = np.zeros(demand.tonnes.shape, dtype=bool)  # bbb-ccc gives its tonnes, all others follow from the value
    given[:, [N, S], C, goods.index("manufactures")] = True
    np.testing.assert_allclose(demand.tonnes[~given] * 1000.0, demand.value[~given])
    tonnes = DESIGN.quantity(["trade/bbb-ccc/quantity"], *(np.array([x]) for x in (100.0, 120.0, 150.0)))[:, 0]
    np.testing.assert_allclose(demand.tonnes[given].reshape(30, 2).sum(axis=1) / 1e3, tonnes)


def test_another_row_moves_no_flow(rich: Any, more: More) -> None:
    """Convention C34."""
    goods, density = ("grain", "manufactures", "parts"), np.full((30, 3), 1000.0)
    wider = rich.with_tables(trade=more(rich.table("trade"), ("bbb-aaa", {"trade_id": "a-new", "exporter": "CCC"})))
    before, after = (draw_demand(case, goods, density, DESIGN).value for case in (rich, wider))
    changed = np.zeros((4, 4), dtype=bool)
    changed[C, A] = True
    np.testing.assert_array_equal(after[:, ~changed], before[:, ~changed])
    assert after[:, C, A].all()


def test_goods_of_a_pair_go_before_those_of_the_exporter(rich: Any, more: More) -> None:
    """Convention C55: rows that name both ends replace the exporter's rows, for that pair alone."""
    shares = rich.table("goods_shares")
    pair = {"goods_share_id": "aaa-bbb-parts", "exporter": "AAA", "importer": "BBB", "goods": "parts"}
    first = shares["goods_share_id"].iloc[0]
    wider = more(shares, (first, pair | {f"share_{b}": 1.0 for b in ("low", "mode", "high")}))
    goods, density = ("grain", "manufactures", "parts"), (250.0, 2500.0, 9000.0)
    before = central(rich, goods, density).value[0]
    after = central(rich.with_tables(goods_shares=wider), goods, density).value[0]
    np.testing.assert_allclose(after[A, [N, S]].sum(axis=0) / 1e6, [0.0, 0.0, 600.0])
    before[A], after[A] = 0.0, 0.0
    np.testing.assert_allclose(after, before)


def zone_rows(*rows: tuple[str, str, str, str, float]) -> pd.DataFrame:
    """Rows of zone_shares: zone, direction, partner, goods, share without spread."""
    columns = ["zone", "direction", "partner", "goods", "share_mode"]
    frame = pd.DataFrame(rows, columns=columns).assign(facts="", basis="estimate", ground="judged")
    frame["share_low"] = frame["share_high"] = frame["share_mode"]
    frame["zone_share_id"] = frame[["zone", "direction", "partner", "goods"]].agg("-".join, axis=1)
    return frame


def test_zone_shares_replace_trade_shares_where_they_are_given(starter: Any) -> None:
    """Convention C56: exports of BBB to AAA leave the south, all else is split 3 : 1 as before."""
    rows = zone_rows(("b-north", "export", "AAA", "*", 0.1), ("b-south", "export", "AAA", "*", 0.9))
    value = central(starter.with_tables(zone_shares=rows), ("manufactures",), (2500.0,)).value[0, :, :, 0] / 1e6
    np.testing.assert_allclose(value[[N, S], A], 400 * 0.95 * np.array([0.1, 0.9]))
    np.testing.assert_allclose(value[A, [N, S]], 600 * 0.95 * np.array([0.75, 0.25]))
    np.testing.assert_allclose(value[[N, S], C], 300 * np.array([0.75, 0.25]))


def test_the_most_specific_zone_shares_win(rich: Any) -> None:
    """Convention C56: partner and goods before partner, partner before goods; a zone without a row has none."""
    rows = zone_rows(
        ("b-north", "both", "*", "*", 0.5), ("b-south", "both", "*", "*", 0.5),
        ("b-north", "export", "*", "grain", 1.0),
        ("b-south", "export", "AAA", "*", 1.0),
        ("b-north", "export", "AAA", "parts", 0.2), ("b-south", "export", "AAA", "parts", 0.8),
    )  # fmt: skip
    goods, density = ("grain", "manufactures", "parts"), (250.0, 2500.0, 9000.0)
    value = central(rich.with_tables(zone_shares=rows), goods, density).value[0]
    north = value[N, [A, C]] / value[[N, S]][:, [A, C]].sum(axis=0)
    np.testing.assert_allclose(north, [[0.0, 0.0, 0.2], [1.0, 0.5, 0.5]])
    np.testing.assert_allclose(value[A, N], value[A, S])


def test_cases_of_one_demand_are_numbered_alike(starter: Any) -> None:
    """Only the tables that decide demand count; what was read from a file twice is the same."""
    trade, links = starter.table("trade"), starter.table("links")
    more = starter.with_tables(trade=trade.assign(value_musd_mode=trade["value_musd_mode"] * 1.01))
    longer = starter.with_tables(links=links.assign(length_km=links["length_km"] + 1.0))
    again = starter.with_tables(trade=trade.copy())
    which, held = distinct_demand([starter, more, longer, again, more])
    assert which.tolist() == [0, 1, 0, 0, 1]
    assert held == [starter, more]
