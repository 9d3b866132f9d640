"""Deals on a small case: consent, obstruction, payments, linkages, games; conventions C100 to C104."""

from __future__ import annotations

import dataclasses
import itertools
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mackinder.case import Case, read_case, scaffold
from mackinder.case.arrangements import BaseRate, read_arrangements
from mackinder.draws import Design
from mackinder.errors import CaseError, RunError, UsageError
from mackinder.report.dealsection import deals_section
from mackinder.strategy import agent_qre, logit_qre
from mackinder.strategy.consent import consent_matrix, frequency
from mackinder.strategy.dealgame import Player, game_payoffs, play_deal, play_tree, threats
from mackinder.strategy.dealrows import deal_rows
from mackinder.strategy.dealsanswer import DealsAnswer, deals_answer, left_out, needed_scenarios
from mackinder.strategy.dealspace import capability_mappings, money_split
from mackinder.strategy.flips import turned
from mackinder.strategy.stated import draw_stated, newest_positions
from mackinder.strategy.tree import Decision, Outcome
from mackinder.strategy.valuation import Terms, political_worth

TOML = Path(__file__).with_name("small_arrangements.toml")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The starter case with one issue, three positions, products of three states, and arrangements for its road."""
    folder = scaffold(tmp_path_factory.mktemp("deals") / "three")
    shutil.copy(TOML, folder / "arrangements.toml")
    case = read_case(folder)
    positions, facts = case.table("positions"), case.table("facts")
    rows = [
        positions.iloc[[0]].assign(
            position_id=f"{a.lower()}-road", actor=a, position_low=x - 5, position_mode=x, position_high=x + 5
        )
        for a, x in (("AAA", 90.0), ("BBB", 55.0), ("CCC", 30.0))
    ]
    gdp = [
        facts.iloc[[0]].assign(fact_id=f"G{a}", value=v, value_text="", unit="USD bn")
        for a, v in (("A", 10.0), ("B", 20.0), ("C", 40.0))
    ]
    return case.with_tables(
        positions=pd.concat(rows, ignore_index=True), facts=pd.concat([facts, *gdp], ignore_index=True)
    )


def results(**account: dict[str, float]) -> tuple[pd.DataFrame, np.ndarray]:
    """A run's accounts and closure costs in two draws, from accounts by scenario and actor."""
    keys = [("welfare_account", "total", s, "", a, v) for s, row in account.items() for a, v in row.items()]
    keys += [
        ("closure_cost", "transit", s, a, t, 5.0)
        for s in account
        for a in ("AAA", "BBB", "CCC")
        for t in ("AAA", "BBB")
        if a != t
    ]
    frame = pd.DataFrame(keys, columns=["indicator", "variant", "scenario", "actor", "target", "value"])
    frame = frame.assign(year=2035, goods="", asset="", unit="USD m/yr")
    return frame, np.stack([frame["value"], frame["value"] * 1.1])


ROAD = {
    "status-quo": dict.fromkeys(("AAA", "BBB", "CCC"), 100.0),
    "south-road": {"AAA": 80.0, "BBB": 160.0, "CCC": 130.0},
}


@pytest.fixture(scope="module")
def answer(small: Case) -> DealsAnswer:
    return deals_answer(small, *results(**{k.replace("_", "-"): v for k, v in ROAD.items()}), seed=1)


def test_needed_scenarios_are_those_named(small: Case) -> None:
    assert needed_scenarios(small) == ["south-road"]


def test_economics_are_the_change_of_accounts(answer: DealsAnswer) -> None:
    """Convention C101: money of the model, in per cent of the actor's own product; leverage apart."""
    v = answer.valuation
    at = v.arrangements.index("road")
    np.testing.assert_allclose(np.unique(v.economics[:, at, v.actors.index("BBB")].round(9)), [60.0, 66.0])
    np.testing.assert_allclose(v.economics_percent[::2, at, v.actors.index("AAA")], 100 * -20 / 10_000)
    np.testing.assert_allclose(v.leverage, 0, atol=1e-9)
    np.testing.assert_allclose(v.total, v.economics_percent + v.security + v.status)


def test_the_loser_blocks_only_if_it_pays(answer: DealsAnswer) -> None:
    """Convention C102: AAA loses by the road, obstructing costs it nothing here, so by money alone it always blocks."""
    economics = answer.consent["economics"]["road"]
    assert economics.agreed.all()
    assert economics.blocks["AAA"].all()
    assert not economics.stable.any()
    np.testing.assert_allclose(economics.stands, 1 - economics.stops["AAA"])
    owed = economics.stops["AAA"] * np.where(np.arange(1000) % 2, 22.0, 20.0)
    np.testing.assert_allclose(economics.payment["AAA"], owed)
    assert economics.payable.all()


def test_a_costly_obstruction_is_left_alone(small: Case, answer: DealsAnswer) -> None:
    design = Design(seed=1, draws=1000, common_share=0.5)
    dear = {"south-road": {"AAA": np.full(1000, -50.0), "BBB": np.full(1000, -7.0)}}
    document = answer.document
    ways = tuple(w.model_copy(update={"scenario": "blocked"}) for w in document.get("road").can_obstruct)
    items = tuple(a.model_copy(update={"can_obstruct": ways}) if a.id == "road" else a for a in document.arrangement)
    found = consent_matrix(
        document.model_copy(update={"arrangement": items}),
        answer.valuation,
        {"blocked": dear["south-road"]},
        design,
        answer.valuation.economics_percent,
    )["road"]
    assert not found.blocks["AAA"].any()
    assert found.stable.all()
    np.testing.assert_allclose(found.block_cost["AAA"], 50)
    np.testing.assert_allclose(found.block_harm["AAA"], 7)


def test_nothing_is_given_without_a_base_rate(answer: DealsAnswer) -> None:
    rows = deal_rows(answer, 2035)
    assert not rows.duplicated(list(rows.columns[:9])).any()
    assert set(rows.loc[rows["indicator"] == "deal_base_rate", "variant"]) == {"consent", "obstruction", "lasting"}
    assert (rows["low"] <= rows["value"] + 1e-12).all()
    assert (rows["value"] <= rows["high"] + 1e-12).all()
    rate = answer.base["consent"]
    assert (rate.happened, rate.cases) == (1, 2)
    assert rate.low < 0.5 < rate.high


def test_the_report_has_the_base_rate_in_its_last_row(answer: DealsAnswer) -> None:
    rows = deal_rows(answer, 2035)
    section = deals_section(rows, {"road": "The road"})
    first, last = section.tables[0].rows
    assert (first[0], first[1], first[4]) == (
        "The road",
        "100 %",
        f"AAA {answer.consent['both']['road'].blocks['AAA'].mean() * 100:.0f} %",
    )
    assert last[0] == "Base rate"
    assert deals_section(rows[:0], {}) is None


def test_a_linkage_moves_what_it_names(answer: DealsAnswer) -> None:
    """The linkage brings AAA round to the terms: its obstruction falls, nobody else's answer changes."""
    moved = answer.linkages["bridge"]
    assert {(a, what) for a, what, _, _ in moved} >= {("road", "AAA blocks")}
    assert all(after < before for _, what, before, after in moved if what == "AAA blocks")
    assert turned(answer.consent["both"], answer.consent["both"]) == []


def test_what_it_would_take_turns_the_answer(answer: DealsAnswer) -> None:
    """Convention C103: paid the amount, the median is at zero."""
    v = answer.valuation
    for flip in answer.flips:
        a, i = v.arrangements.index(flip.arrangement), v.actors.index(flip.actor)
        now = float(np.median(v.money(v.total)[:, a, i]))
        assert flip.now == ("accepts" if now > 0 else "refuses")
        if flip.change == "payment":
            assert now + flip.size == pytest.approx(0.0, abs=1e-9)


def test_no_single_trajectory_is_shown(answer: DealsAnswer) -> None:
    """Spatial bargaining is a spread over a thousand draws, beside mean and median, with its chaos index."""
    assert {b.mapping for b in answer.bargains} == {"equal", "economy", "withholding"}
    for bargain in answer.bargains:
        assert sum(bargain.nearest.values()) == pytest.approx(1.0)
        low, middle, high = bargain.outcome["ROAD"]
        assert low < middle < high or bargain.chaos_index > 0
        assert set(bargain.mean) == set(bargain.median) == {"ROAD"}


def test_capabilities_are_published_and_scale_free() -> None:
    rows = (["A", "B", "C"], np.array([1.0, 4.0, 9.0]), np.array([0.0, 2.0, 8.0]), {"B": 1.0, "C": 3.0}, ["A"])
    found = capability_mappings(*rows)
    assert list(found) == ["equal", "economy", "withholding", "ties"]
    np.testing.assert_allclose(found["economy"], [0.5, 1.0, 1.5])
    assert found["withholding"][0] == found["withholding"][2]  # the host weighs as much as the strongest outsider
    scaled = capability_mappings(rows[0], 7 * rows[1], 7 * rows[2], rows[3], rows[4])
    for name, weight in found.items():
        np.testing.assert_allclose(scaled[name], weight)


def test_a_division_in_money_is_that_of_nash() -> None:
    from mackinder.strategy import nash_bargaining

    np.testing.assert_allclose(money_split(6.0, [1, 2], 2), nash_bargaining(6.0, [0.0, 0.0], [1, 2]).gains, atol=1e-12)


def test_worth_is_seen_from_both_ends_alike() -> None:
    """Mirrored scales, and actors in another order, give the same worth to twelve digits (convention C101)."""
    rng = np.random.default_rng(3)
    place, care = rng.uniform(0, 100, (50, 4, 2)), rng.uniform(0.1, 1, (50, 4, 2))
    from mackinder.strategy.stated import Stated

    stated = Stated(actors=tuple("ABCD"), issues=("X", "Y"), position=place, salience=care)
    terms = Terms(arrangements=("none", "deal"), issues=("X", "Y"), place=rng.uniform(0, 100, (50, 2, 2)))
    luck = rng.random((50, 4))
    plain = political_worth(stated, terms, "none", ("X", "Y"), luck)
    other = political_worth(
        dataclasses.replace(stated, position=100 - place),
        dataclasses.replace(terms, place=100 - terms.place),
        "none",
        ("X", "Y"),
        luck,
    )
    np.testing.assert_allclose(other, plain, rtol=0, atol=1e-12)
    order = [2, 0, 3, 1]
    moved = dataclasses.replace(stated, position=place[:, order], salience=care[:, order])
    np.testing.assert_allclose(political_worth(moved, terms, "none", ("X", "Y"), luck), plain[:, :, order], atol=1e-12)
    silent = dataclasses.replace(stated, position=np.full_like(place, np.nan), salience=0 * care)
    np.testing.assert_allclose(political_worth(silent, terms, "none", ("X", "Y"), luck)[:, 1], 2 * luck - 1)


def test_two_voices_of_a_day_widen_the_interval() -> None:
    """Convention C100; taking an agreeing voice away never narrows it."""
    one = pd.DataFrame(
        {
            "actor": "A",
            "issue": "X",
            "as_of": "2025-01-01",
            "position_low": [40.0, 45],
            "position_mode": [50.0, 52],
            "position_high": [60.0, 62],
            "salience_low": 0.1,
            "salience_mode": 0.2,
            "salience_high": 0.3,
            "facts": "F",
        }
    )
    both = newest_positions(one).iloc[0]
    assert (both["position_low"], both["position_high"]) == (40.0, 62.0)
    design = Design(seed=0, draws=400, common_share=0.0)
    drawn = draw_stated(newest_positions(one), ["A", "B"], ["X"], design)
    assert np.isnan(drawn.position[:, 1]).all()
    assert np.quantile(drawn.position[:, 0, 0], [0.05, 0.95]) == pytest.approx([40.0, 62.0], abs=1.0)


def trio() -> list[Player]:
    return [
        Player(name="A", role="insider", worth=2.0, cost=0.0, stops=0.0),
        Player(name="B", role="insider", worth=1.0, cost=0.0, stops=0.0),
        Player(name="C", role="outsider", worth=-1.0, cost=0.2, stops=0.5, harm={"A": 0.3}, relish=0.1),
    ]


def test_payoffs_times_ten_and_a_tenth_of_precision_are_the_same_game() -> None:
    tables = game_payoffs(trio())
    one, ten = logit_qre(tables, 1.7), logit_qre([10 * t for t in tables], 0.17)
    for a, b in zip(one.strategies, ten.strategies, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)


def test_a_game_that_means_little_is_played_at_random() -> None:
    """Convention C104: with its own stakes left out, a player whose money is next to nothing chooses evenly."""
    full, money = trio(), [dataclasses.replace(p, worth=p.worth * 1e-6, harm={}, cost=0.0, relish=0.0) for p in trio()]
    scales = np.array([[float(np.ptp(t)) for t in game_payoffs(full)]])
    game = play_deal([money], scales, np.array([2.0]), money)
    for chance in game.chances.values():
        np.testing.assert_allclose(chance, 1 / 3, atol=1e-5)
    both = play_deal([full], scales, np.array([2.0]), full)
    assert both.chances["A"][0, 0] > 0.4


def test_play_in_turns_is_agent_quantal_response() -> None:
    """Backward induction against the branch-traced solution of the same tree."""
    players = trio()[1:]
    found = play_tree(players, 1.3)

    def leaf(*moves: str) -> Outcome:
        from mackinder.strategy.dealgame import _ends

        return Outcome(tuple(_ends(players, moves)))

    inner = {b: Decision(1, f"C after {b}", {c: leaf(b, c) for c in players[1].actions}) for b in players[0].actions}
    other = agent_qre(Decision(0, "B", inner), 1.3).strategies
    for action, chance in found["B"].items():
        assert chance == pytest.approx(float(other["B"][action]), abs=1e-9)
    for action, chance in found["C"].items():
        assert chance == pytest.approx(float(other["C after join"][action]), abs=1e-9)


def test_ends_of_a_threat_add_up_and_need_a_wish() -> None:
    one = np.ones(2)
    found = threats(
        np.array([1.0, -1.0]),
        0.1 * one,
        one,
        0.5 * one,
        precision=2 * one,
        success=0.3 * one,
        expectation=0.4 * one,
        audience=0.1 * one,
    )
    ends = found["concession"] + found["backdown"] + found["imposition"]
    np.testing.assert_allclose(ends, found["threat"], atol=1e-12)
    assert found["threat"][1] == 0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('status_quo = "none"', 'status_quo = "nought"', "'nought' is no arrangement"),
        ("mode = 60", "mode = 600", "not in order"),
        ('id = "lasting"', 'id = "consent"', "stands twice"),
        ("operator =", "operater =", "operater"),
        ('facts = ["F004"]\nbasis = "estimate"\nground = "B pays more."', 'basis = "cited"', "needs facts"),
        ("status_quo", "status_quo = [", "malformed TOML"),
    ],
)
def test_a_bad_document_says_where(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = TOML.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "arrangements.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CaseError, match=says):
        read_arrangements(tmp_path)


def test_refusals_name_the_cure(small: Case) -> None:
    frame, draws = results(**{"status-quo": ROAD["status-quo"]})
    with pytest.raises(RunError, match=r"south-road.*--scenario south-road"):
        deals_answer(small, frame, draws)
    with pytest.raises(UsageError, match="at least 1,000"):
        deals_answer(small, frame, draws, draws=50)
    with pytest.raises(UsageError, match="arrangement 'raod'"):
        deals_answer(small, frame, draws, chosen="raod")
    with pytest.raises(RunError, match=r"missing are some of south-road"):
        deals_answer(small, frame, draws, scenarios=["status-quo"])
    bare = dataclasses.replace(small, folder=small.folder / "nowhere")
    with pytest.raises(CaseError, match=r"no arrangements.toml"):
        deals_answer(bare, frame, draws)


def test_arrangements_that_a_run_does_not_hold_are_left_out(small: Case) -> None:
    """Convention C163: those that it holds are valued as if the others were not there, and the others are named."""
    text = (small.folder / "arrangements.toml").read_text(encoding="utf-8")
    assert left_out(small, ["south-road"]) == {}
    assert left_out(small, []) == {"road": ["south-road"]}
    road = text[text.index('[[arrangement]]\nid = "road"') : text.index("[[party]]")]
    more = (
        road.replace('id = "road"', 'id = "other"')
        .replace("south-road", "no-such-run")
        .replace('scenario = "no-such-run", stops', 'scenario = "south-road", stops')
    )
    folder = small.folder.parent / "more"
    shutil.copytree(small.folder, folder)
    (folder / "arrangements.toml").write_text(text + "\n" + more, encoding="utf-8")
    case = dataclasses.replace(small, folder=folder)
    assert left_out(case, ["south-road"]) == {"other": ["no-such-run"]}
    frame, draws = results(**{k.replace("_", "-"): v for k, v in ROAD.items()})
    cut = deals_answer(case, frame, draws, scenarios=["status-quo", "south-road"], seed=1)
    assert list(cut.consent["both"]) == ["road"]
    whole = deals_answer(small, frame, draws, seed=1)
    np.testing.assert_array_equal(cut.valuation.total, whole.valuation.total)


def test_the_only_local_state_has_no_leverage_over_itself(small: Case) -> None:
    text = (small.folder / "arrangements.toml").read_text(encoding="utf-8")
    folder = small.folder.parent / "one"
    shutil.copytree(small.folder, folder)
    one = text.replace('leverage_over = ["AAA", "BBB"]', 'leverage_over = ["BBB"]')
    (folder / "arrangements.toml").write_text(one, encoding="utf-8")
    frame, draws = results(**{k.replace("_", "-"): v for k, v in ROAD.items()})
    grown = (frame["indicator"] == "closure_cost") & (frame["scenario"] == "south-road")
    draws = np.where(grown.to_numpy(), 3.0, 1.0) * draws
    found = deals_answer(dataclasses.replace(small, folder=folder), frame, draws, seed=1).valuation
    at = found.arrangements.index("road")
    assert not found.leverage[:, at, found.actors.index("BBB")].any()
    assert (found.leverage[:, at, found.actors.index("AAA")] > 0).all()


def test_fewer_cases_never_narrow_a_base_rate() -> None:
    """Deleting an agreeing case: the interval of the chance is no narrower, whatever the count."""
    for yes, no in itertools.product(range(1, 6), range(1, 6)):
        whole = BaseRate(
            id="consent",
            question="?",
            yes=tuple(f"Y{k}" for k in range(yes)),
            no=tuple(f"N{k}" for k in range(no)),
            facts=("F",),
        )
        if yes == no:
            continue  # no case agrees with the rest
        majority = "yes" if yes > no else "no"
        less = whole.model_copy(update={majority: getattr(whole, majority)[1:]})
        a, b = frequency(whole), frequency(less)
        assert b.high - b.low >= a.high - a.low - 1e-12, (yes, no)
