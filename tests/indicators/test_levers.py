"""Levers: by hand on the starter and the richer case, and what holds in any case (conventions C90 to C97)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.errors import UsageError
from mackinder.indicators.leverage import LeverModel, LeverSolver, _eased, lever_effects
from mackinder.indicators.leverepisodes import base_rate, beside_episodes
from mackinder.indicators.leverfixed import losses_at_once
from mackinder.indicators.levermoney import money_of
from mackinder.indicators.leverrank import headline_pairs, lever_answer, lever_rows
from mackinder.indicators.levers import Lever, read_levers
from mackinder.indicators.leverstates import FreightLever, freight_lever
from mackinder.indicators.measure import RESULT_COLUMNS, catalogue
from mackinder.network.demand import draw_demand
from mackinder.network.network import build_network
from mackinder.network.prices import draw_prices

YEAR = 2023  # the base year: no growth to think of
AT_ONCE = LeverModel(runs=("at_once",), draws=4)

Add = Callable[..., Case]


@pytest.fixture(scope="module")
def add(more: Callable[..., pd.DataFrame]) -> Add:
    """Return a case with further levers, each like the embargo of the starter."""

    def with_rows(case: Case, *rows: dict[str, object]) -> Case:
        plain = {"goods": "*", "asset": "", "episodes": "", "status": "available", "starts_on": "", "facts": ""}
        share = {"magnitude_low": 1.0, "magnitude_mode": 1.0, "magnitude_high": 1.0, "magnitude_unit": "share"}
        table = case.table("levers")
        return case.with_tables(levers=more(table, *(("aaa-ccc-embargo", plain | share | row) for row in rows)))

    return with_rows


def effect_of(case: Case, name: str, sender: str, target: str, model: LeverModel = AT_ONCE, year: int = YEAR) -> Any:
    effects, _ = lever_effects(case, ["status-quo"], year, [(sender, target)], model)
    return next(e for e in effects if e.lever.lever_id == name)


BAN = {"lever_id": "ban", "sender": "BBB", "target": "AAA", "kind": "ban_imports"}


@pytest.fixture(scope="module")
def banned(starter: Case, add: Add) -> Case:
    """BBB bars what AAA sells; half of it; a ban of what nobody trades; the same by another actor without a zone."""
    half = {"magnitude_low": 0.5, "magnitude_mode": 0.5, "magnitude_high": 0.5}
    return add(
        starter,
        BAN,
        BAN | half | {"lever_id": "half-ban"},
        BAN | {"lever_id": "dummy", "sender": "AAA", "target": "CCC"},
        {
            "lever_id": "nobody",
            "sender": "BBB",
            "target": "CCC",
            "kind": "deny_transit",
            "asset": "link=a-city-a-port-road",
        },
    )


def test_a_ban_costs_what_not_shipping_costs(banned: Case) -> None:
    """At given demand (C92) a flow without any way loses n, and the trifle ln(1 + exp(-theta n)) / theta: summed by hand."""
    found = effect_of(banned, "ban", "BBB", "AAA")
    design = Design(seed=0, draws=4, common_share=banned.settings.common_share)
    network = build_network({"status-quo": banned}, (YEAR,))
    goods = draw_prices(banned, network, design).goods
    zones = banned.table("zones")["country"].to_numpy(str)
    tonnes = draw_demand(banned, network.goods, goods.density, design).tonnes
    sold = tonnes[:, zones == "AAA"][:, :, zones == "BBB"].sum(axis=(1, 2))
    n, theta = goods.no_ship, goods.dispersion
    by_hand = (sold * (n + np.log1p(np.exp(-theta * n)) / theta)).sum(axis=1)
    np.testing.assert_allclose(found.worth["at_once"], by_hand, rtol=1e-9)
    np.testing.assert_allclose(found.cost["at_once"], by_hand, rtol=1e-9)  # the buyer is the other end


def test_searched_routes_agree_where_all_routes_are_known(banned: Case) -> None:
    """The starter has few ways and a run knows them all: searching again with the lever used finds no other."""
    held, searched = (
        effect_of(banned, "ban", "BBB", "AAA", LeverModel(runs=("at_once",), draws=4, search=search)).worth["at_once"]
        for search in (False, True)
    )
    np.testing.assert_allclose(searched, held, rtol=1e-9)


def test_a_share_denied_is_that_share_of_the_whole(banned: Case) -> None:
    """Convention C90."""
    whole, half = (effect_of(banned, name, "BBB", "AAA").worth["at_once"] for name in ("ban", "half-ban"))
    np.testing.assert_allclose(half, whole / 2, rtol=1e-12)


@pytest.mark.parametrize("name", ["dummy", "nobody", "aaa-ccc-embargo"])
def test_a_lever_on_nothing_is_exactly_zero(banned: Case, name: str) -> None:
    lever = next(v for v in read_levers(banned) if v.lever_id == name)
    found = effect_of(banned, name, lever.sender, lever.target)
    assert not found.worth["at_once"].any()
    assert not found.cost["at_once"].any()
    assert any("nothing moves" in note for note in found.notes)


def test_a_lever_on_nothing_is_zero_when_trade_answers(banned: Case) -> None:
    model = LeverModel(runs=("short", "long"), draws=4)
    found = effect_of(banned, "aaa-ccc-embargo", "AAA", "CCC", model, 2035)
    assert not any(x.any() for x in (*found.worth.values(), *found.cost.values()))
    harm = effect_of(banned, "ban", "BBB", "AAA", model, 2035)
    solved = np.isfinite(harm.worth["short"]) & np.isfinite(harm.worth["long"])
    assert solved.sum() >= 2
    assert (harm.worth["short"] > harm.worth["long"])[solved].all()  # in the long run the seller sells elsewhere
    assert (harm.worth["long"] > 0)[solved].all()
    if not solved.all():  # AAA has one buyer only, and a draw without any trade need not have a solution: it is said
        assert any("not solved" in note for note in harm.notes)


def test_senders_without_overlap_add_up(starter: Case, add: Add) -> None:
    """AAA bars what BBB sells to it, CCC what BBB sells to it: other flows, so no interaction at given demand."""
    case = add(
        starter,
        {"lever_id": "by-aaa", "sender": "AAA", "target": "BBB", "kind": "ban_imports"},
        {"lever_id": "by-ccc", "sender": "CCC", "target": "BBB", "kind": "ban_imports"},
    )
    case = case.with_tables(
        levers=case.table("levers")[lambda t: t["lever_id"].str.startswith("by-")].reset_index(drop=True)
    )
    _, together = lever_effects(case, ["status-quo"], YEAR, [("AAA", "BBB"), ("CCC", "BBB")], AT_ONCE)
    joint = next(t for t in together if len(t.senders) == 2)
    assert (joint.worth["at_once"] > 0).all()
    np.testing.assert_allclose(joint.interaction["at_once"] / joint.worth["at_once"], 0.0, atol=1e-12)


def test_two_who_close_the_only_ways_do_more_than_both_alone(rich: Case, add: Add) -> None:
    """Two parallel ways, each closed by one: together the trade stops, alone it goes round."""
    ways = "link=b-coast|a-port-c-harbour-sea", "link=b-south-c-harbour-road"
    south = rich.table("links")["link_id"] == "b-south-c-harbour-road"
    links = rich.table("links").copy()
    links.loc[south, [f"capacity_mt_per_year_{b}" for b in ("low", "mode", "high")]] = 9.0
    rich = rich.with_tables(links=links)
    rows = [
        {"lever_id": f"shut-{s}", "sender": s, "target": "CCC", "kind": "close_border", "asset": way}
        for s, way in zip(("AAA", "BBB"), ways, strict=True)
    ]
    case = add(rich, *rows)
    case = case.with_tables(
        levers=case.table("levers")[lambda t: t["lever_id"].str.startswith("shut")].reset_index(drop=True)
    )
    effects, together = lever_effects(case, ["south-road"], 2035, [("AAA", "CCC"), ("BBB", "CCC")], AT_ONCE)
    joint = next(t for t in together if len(t.senders) == 2)
    assert (joint.interaction["at_once"] > 0).all()
    alone = sum(e.worth["at_once"] for e in effects)
    np.testing.assert_allclose(joint.worth["at_once"] - alone, joint.interaction["at_once"], rtol=1e-9)


def doubled(case: Case) -> Case:
    """The same case in half dollars."""
    frames = {}
    for name, stems in {
        "trade": ("value_musd",), "links": ("cost_usd_per_t",), "transfers": ("cost_usd_per_t",),
        "goods": ("value_usd_per_t", "value_of_time_usd_per_t_day"), "restrictions": ("surcharge_usd_per_t",),
    }.items():  # fmt: skip
        frame = case.table(name).copy()
        for stem in stems:
            frame[[f"{stem}_{b}" for b in ("low", "mode", "high")]] *= 2.0
        frames[name] = frame
    columns = [f"route_dispersion_t_per_usd_{b}" for b in ("low", "mode", "high")]
    frames["goods"][columns] /= 2.0
    return case.with_tables(**frames)


def test_doubling_money_doubles_harm(banned: Case) -> None:
    """Tonnes given by the table stay, values and prices double, so the loss doubles."""
    once, twice = (effect_of(case, "ban", "BBB", "AAA").worth["at_once"] for case in (banned, doubled(banned)))
    np.testing.assert_allclose(twice, 2 * once, rtol=1e-9)


def test_splitting_a_link_changes_no_lever(rich: Case, add: Add, more: Callable[..., pd.DataFrame]) -> None:
    """A link cut in two in series, by the same owner: a lever on the territory does what it did."""
    case = add(
        rich, {"lever_id": "shut", "sender": "AAA", "target": "BBB", "kind": "deny_transit", "asset": "territory=AAA"}
    )
    tolls = case.table("restrictions")  # one due on each link would be due twice
    case = case.with_tables(restrictions=tolls[tolls["restriction_id"] != "road-toll"].reset_index(drop=True))
    links, places = case.table("links"), case.table("places")
    half = {f"{s}_{b}": 0.5 for s in ("cost_usd_per_t", "time_h") for b in ("low", "mode", "high")}
    old = links[links["link_id"] == "b-coast"].iloc[0]
    cut = {k: old[k] * f for k, f in half.items()}
    split = more(
        links[links["link_id"] != "b-coast"].reset_index(drop=True),
        ("a-city-a-pass-road", dict(old.drop("file_row")) | cut | {"link_id": "b-coast", "to_place": "midway"}),
        ("a-city-a-pass-road", dict(old.drop("file_row")) | cut | {"link_id": "b-coast-2", "from_place": "midway"}),
    )
    places = more(places, (str(places["place_id"].iloc[0]), {"place_id": "midway", "label": "Midway"}))
    cut_case = case.with_tables(links=split, places=places)
    model = LeverModel(runs=("at_once",), draws=2)
    design = Design(seed=0, draws=1, common_share=0.5, central=True)
    losses = []
    for one in (case, cut_case):
        lever = next(v for v in read_levers(one) if v.lever_id == "shut")
        found = freight_lever(one, lever, YEAR)
        assert isinstance(found, FreightLever)
        losses.append(_central(one, found, design, model))
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-9)


def _central(case: Case, found: FreightLever, design: Design, model: LeverModel) -> Any:
    from mackinder.indicators.leverstates import with_levers
    from mackinder.network.routes import build_route_set

    network = build_network({"base": case, "used": with_levers(case, "used", found.changes)}, (YEAR,))
    prices = draw_prices(case, network, design)
    routes = build_route_set(network, prices, case.settings.coalitions, threads=model.threads)
    lost, _ = losses_at_once(case, network, routes, prices, design, ["AAA", "BBB"], np.array([0, 0]), threads=1)
    assert lost[0, 1, 1] > 0
    return lost[0]


def test_formulas_by_hand(starter: Case, add: Add, more: Callable[..., pd.DataFrame]) -> None:
    """Gas price: price x volume x rise; remittances: share; sums over their years (convention C93)."""
    point = dict.fromkeys(("value_low", "value_mode", "value_high"))
    ties = more(
        starter.table("ties"),
        *(
            (
                "bbb-pact",
                {"tie_id": name, "indicator": indicator, "starts_on": "2020-01-01"} | dict.fromkeys(point, value),
            )
            for name, indicator, value in (
                ("p", "gas_price", 100.0),
                ("v", "gas_import", 2.0),
                ("r", "remittances", 50.0),
            )
        ),
    )

    def size(low: float, unit: str) -> dict[str, object]:
        return {f"magnitude_{b}": low for b in ("low", "mode", "high")} | {"magnitude_unit": unit}

    years = {f"duration_years_{b}": 4.0 for b in ("low", "mode", "high")}
    row = {"sender": "AAA", "target": "BBB", "goods": ""}
    case = add(
        starter.with_tables(ties=ties),
        row | {"lever_id": "gas", "kind": "gas_price"} | size(0.5, "relative_rise"),
        row | {"lever_id": "cut", "kind": "gas_volume"} | size(0.25, "share"),
        row | {"lever_id": "home", "kind": "remittances"} | size(0.2, "share"),
        row | {"lever_id": "help", "kind": "aid", "direction": "inducement"} | size(100.0, "musd") | years,
        row | {"lever_id": "words", "kind": "diplomacy"} | size(np.nan, ""),
    )
    design = Design(seed=0, draws=2, common_share=0.5)
    money = {v.lever_id: money_of(case, v, 2035, design) for v in read_levers(case)}
    bill = 100.0 * 2.0 * 1e6
    wanted = {"gas": bill / 2, "cut": bill / 4, "home": 10e6, "help": 25e6}
    for name, value in wanted.items():
        found = money[name]
        assert found.short is not None
        assert found.long is not None
        np.testing.assert_allclose(found.short, value, rtol=1e-12)
        np.testing.assert_allclose(found.long, value, rtol=1e-12)  # no other pipe
    for name, value in {"gas": -bill / 2, "help": 25e6}.items():  # who sells dearer gas earns it
        cost = money[name].cost
        assert cost is not None
        np.testing.assert_allclose(cost, value, rtol=1e-12)
    assert money["words"].short is None
    assert "no money value" in money["words"].rule
    effects, _ = lever_effects(case, ["status-quo"], 2035, [("AAA", "BBB")], AT_ONCE)
    words = next(e for e in effects if e.lever.lever_id == "words")
    assert (words.how, words.worth) == ("unknown", {})


def test_episodes_beside_a_lever(starter: Case) -> None:
    """Convention C95: the same measure, a ratio; else the reason."""
    lever = next(v for v in read_levers(starter) if v.episodes)
    design = Design(seed=0, draws=9, common_share=0.5)
    (found,) = beside_episodes(starter, lever, design, None)
    assert (found.measure, found.effect, found.why_not) == ("relative_fall", (0.9, 1.0, 1.0), "")
    assert found.own is not None
    assert found.ratio is not None
    assert np.median(found.ratio) == pytest.approx(1.0)
    table = starter.table("episodes").assign(lever="tourism")
    (other,) = beside_episodes(starter.with_tables(episodes=table), lever, design, None)
    assert other.ratio is None
    assert "another means" in other.why_not
    empty = starter.table("episodes").assign(effect_low=np.nan, effect_mode=np.nan, effect_high=np.nan)
    (none,) = beside_episodes(starter.with_tables(episodes=empty), lever, design, None)
    assert (none.effect, none.ratio) == (None, None)
    assert base_rate(starter, "ban_exports").used == 1
    assert base_rate(starter, "flights").cases == 0


def test_credibility_is_a_share_of_draws(banned: Case) -> None:
    """Convention C96: below the stake in all draws, in none, or not said."""
    stakes = banned.table("stakes")

    def credible(**cells: object) -> Any:
        case = banned.with_tables(stakes=stakes.assign(sender="BBB", target="AAA", **cells))
        answer = lever_answer(case, ["status-quo"], YEAR, [("BBB", "AAA")], AT_ONCE)
        return next(r for r in answer.ranked if r.effect.lever.lever_id == "ban")

    much, little = ({f"value_musd_{b}": x for b in ("low", "mode", "high")} for x in (1e6, 1e-6))
    assert credible(**much).credibility == 1.0
    assert credible(**little).credibility == 0.0
    unknown = lever_answer(banned, ["status-quo"], YEAR, [("BBB", "AAA")], AT_ONCE).ranked[0]
    assert np.isnan(unknown.credibility)
    assert "no stake" in unknown.why_not


def test_rows_have_keys_units_and_catalogue(banned: Case) -> None:
    answer = lever_answer(banned, ["status-quo"], YEAR, headline_pairs(banned), AT_ONCE)
    rows = lever_rows(answer)
    assert list(rows.columns) == list(RESULT_COLUMNS)
    assert not rows.duplicated(list(RESULT_COLUMNS[:9])).any()
    for row in rows.to_dict("records"):
        entry = catalogue()[row["indicator"]]
        assert entry.unit == row["unit"]
        assert row["variant"] in (*entry.variants, "")
    assert (rows["low"].isna() | (rows["low"] <= rows["high"])).all()


def test_who_is_not_there_is_named(banned: Case) -> None:
    with pytest.raises(UsageError, match="no lever of CCC on AAA; it has: AAA BBB"):
        lever_answer(banned, ["status-quo"], YEAR, [("CCC", "AAA")], AT_ONCE)
    with pytest.raises(UsageError, match="run"):
        lever_answer(banned, ["status-quo"], YEAR, [("BBB", "AAA")], LeverModel(runs=("shrt",)))
    with pytest.raises(UsageError, match="no sender 'ZZZ'"):
        read_levers(banned, senders=["ZZZ"])


def test_every_kind_gives_changes_or_a_reason(starter: Case, add: Add) -> None:
    """Hours, premiums, fees, openings, passages and supplies, each in the words of the grammar."""
    rows: list[dict[str, object]] = [
        {"lever_id": "h", "kind": "slow_border", "asset": "link=a-pass-b-north-road", "magnitude_unit": "hours"},
        {"lever_id": "p", "kind": "raise_risk", "magnitude_unit": "share_of_value"},
        {"lever_id": "f", "kind": "tariff", "asset": "mode=rail", "magnitude_unit": "usd_per_t"},
        {"lever_id": "o", "kind": "market_access", "direction": "inducement", "asset": "link=b-south-c-harbour-road"},
        {
            "lever_id": "t",
            "kind": "allow_transit",
            "direction": "inducement",
            "asset": "territory=AAA",
            "magnitude_unit": "usd_per_t",
        },
        {"lever_id": "m", "kind": "suspend_membership", "magnitude_unit": "share_of_value"},
        {"lever_id": "r", "kind": "obstruct_railway", "asset": "mode=rail"},
        {"lever_id": "g", "kind": "ban_exports", "goods": "no-such-goods"},
    ]
    case = add(starter, *({"sender": "AAA", "target": "BBB"} | row for row in rows))
    found = {v.lever_id: freight_lever(case, v, 2035) for v in read_levers(case)}
    ops = {name: {json.loads(c)["op"] for c in f.changes} for name, f in found.items() if isinstance(f, FreightLever)}
    assert ops["h"] == ops["p"] == ops["f"] == ops["m"] == {"surcharge"}
    assert ops["o"] == {"open"}
    assert ops["t"] == ops["r"] == {"restrict"}
    mirrored = found["t"]
    assert isinstance(mirrored, FreightLever)
    assert mirrored.mirror
    assert found["g"] == "the goods do not move over this network"
    threat: Lever = next(v for v in read_levers(case) if v.lever_id == "p")
    assert (effect_of(case, threat.lever_id, "AAA", "BBB").worth["at_once"] > 0).all()


def test_full_links_of_a_lever_are_named(starter: Case, add: Add) -> None:
    """Convention C165: only its own links, only those that are full, and only where the short run is below half."""
    case = add(
        starter,
        {"lever_id": "shut", "sender": "AAA", "target": "BBB", "kind": "deny_transit", "asset": "territory=AAA"},
    )
    lever = next(v for v in read_levers(case) if v.lever_id == "shut")
    solver = LeverSolver(case, ["status-quo"], YEAR, AT_ONCE, lambda _: None)
    assert solver.crowded("status-quo", lever) == ""
    solver.full["status-quo"] = frozenset({"a-city-a-port-road", "b-south-c-harbour-road"})
    assert solver.crowded("status-quo", lever) == "a-city-a-port-road"
    ten = np.full(3, 10.0)
    assert _eased({"at_once": ten, "short": 0.4 * ten})
    assert not _eased({"at_once": ten, "short": 0.6 * ten})
    assert not _eased({"at_once": ten})
