"""Reading ensembles: PRIM (V13, convention C139), decisive inputs (C140), regret and ranks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mackinder.archive import Run
from mackinder.case import Case
from mackinder.ensemble.compared import aim_of, compare_scenarios
from mackinder.ensemble.conditions import find_conditions
from mackinder.ensemble.grounds import grounds_of
from mackinder.ensemble.origins import origin_of
from mackinder.ensemble.prim import find_boxes, pick_box, quasi_p, resampled
from mackinder.ensemble.robust import rank_stability, regret
from mackinder.ensemble.why import decisive_inputs
from mackinder.errors import UsageError
from mackinder.evidence.ledger import ledger
from mackinder.indicators.measure import KEY

PUBLISHED = Path(__file__).parents[3] / "shared" / "validation" / "V13_prim_bryant"


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published data are not beside this checkout")
def test_peeling_of_bryant_and_lempert() -> None:
    """V13: data of Bryant and Lempert (2010); trajectory of ema_workbench 2.5.3."""
    table = pd.read_csv(PUBLISHED / "data.csv")
    wanted = json.loads((PUBLISHED / "expected.json").read_text())
    x, y = table.iloc[:, 2:11].to_numpy(float), table.iloc[:, 15].to_numpy() == 1
    assert y.sum() == wanted["n_of_interest"]
    boxes = find_boxes(x, y, alpha=wanted["peel_alpha"])
    for step, row in wanted["trajectory"].items():
        box = boxes[int(step)]
        assert [box.coverage, box.density, box.mass] == pytest.approx(
            [row["coverage"], row["density"], row["mass"]], abs=1e-4
        )
    limits = {
        table.columns[2 + j]: [boxes[21].low[j], boxes[21].high[j]] for j in boxes[21].limited()
    }  # fmt: skip
    for name, (low, high) in wanted["box21"].items():
        found = limits.pop(name)
        assert found == pytest.approx([-np.inf if low is None else low, np.inf if high is None else high], abs=1e-4)
    assert not limits


@pytest.fixture(scope="module")
def corner() -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).random((1200, 5))
    return x, (x[:, 1] > 0.6) & (x[:, 3] < 0.4)


def test_a_corner_is_found(corner: tuple[np.ndarray, np.ndarray]) -> None:
    """Convention C139: the outcome is a box of two of five inputs; nothing else matters."""
    x, y = corner
    box = pick_box(find_boxes(x, y))
    assert box.limited().tolist() == [1, 3]
    assert box.low[1] == pytest.approx(0.6, abs=0.05)
    assert box.high[3] == pytest.approx(0.4, abs=0.05)
    assert min(box.coverage, box.density) > 0.9
    fresh = np.random.default_rng(1).random((1200, 5))
    chance = quasi_p(box, fresh, (fresh[:, 1] > 0.6) & (fresh[:, 3] < 0.4))
    assert max(chance.values()) < 1e-6
    assert resampled(x, y, seed=0, times=4)[[1, 3]].tolist() == [1.0, 1.0]


def test_noise_has_no_conditions() -> None:
    """Out of sample, boxes of noise are no denser than without their limits."""
    generator = np.random.default_rng(2)
    x, y = generator.random((800, 4)), generator.random(800) < 0.2
    box = pick_box(find_boxes(x[:400], y[:400]))
    chance = quasi_p(box, x[400:], y[400:])
    assert min(chance.values(), default=1.0) > 0.01


def test_no_case_of_interest_is_refused() -> None:
    with pytest.raises(UsageError, match="0 of 10"):
        find_boxes(np.zeros((10, 1)), np.zeros(10, dtype=bool))


def test_decisive_inputs_are_told_from_a_thousand_others() -> None:
    """Convention C140: y = 2 a + b + noise of variance one: shares 4/6 and 1/6 by construction."""
    z = np.random.default_rng(0).normal(size=(600, 1000))
    y = 2 * z[:, 10] - z[:, 500] + np.random.default_rng(1).normal(size=600)
    found = decisive_inputs(y, z, [f"x{i}" for i in range(1000)])
    assert found.names == ("x10", "x500")
    assert found.table["direction"].tolist() == [1, -1]
    np.testing.assert_allclose(found.table["share"], [4 / 6, 1 / 6], atol=0.06)
    assert found.explained == pytest.approx(5 / 6, abs=0.04)
    assert (found.table["share_low"] < found.table["share"]).all()


def test_pure_chance_is_seldom_taken_for_a_cause() -> None:
    """Convention C140: at most one case in twenty, by construction; seeds fixed, at most three of twenty allowed here."""
    hits = 0
    for seed in range(20):
        generator = np.random.default_rng(seed)
        hits += bool(decisive_inputs(generator.normal(size=200), generator.normal(size=(200, 300)), ["x"] * 300).names)
    assert hits <= 3


def test_a_constant_has_no_cause() -> None:
    assert decisive_inputs(np.ones(50), np.zeros((50, 3)), list("abc")).names == ()


def test_regret_by_hand() -> None:
    """Best of each future: 3, 5, 4; so a misses by 0, 4, 2 and b by 1, 0, 0."""
    found = regret(["a", "b"], np.array([[3.0, 2.0], [1.0, 5.0], [2.0, 4.0]])).set_index("choice")
    assert found["worst"].to_dict() == {"b": 1.0, "a": 4.0}
    assert found["regret"].to_dict() == {"b": 0.0, "a": 2.0}
    assert found["best_share"].to_dict() == pytest.approx({"b": 2 / 3, "a": 1 / 3})
    assert regret(["a", "b"], np.array([[3.0, 2.0]]), more_is_better=False)["choice"].tolist() == ["b", "a"]


def test_rank_stability_by_hand() -> None:
    found = rank_stability(["a", "b", "c"], np.array([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0], [2.0, 3.0, 1.0]]))
    assert found["item"].tolist() == ["a", "b", "c"]
    assert found["above_next"].tolist()[:2] == pytest.approx([2 / 3, 1.0])
    assert found["rank"].tolist() == [1.0, 2.0, 3.0]


def hand_made(draws: list[list[float]], variant: str = "") -> Run:
    """Three scenarios of one number, b and c level, and another number beside them."""
    names = [("a", "corridor_flow"), ("b", "corridor_flow"), ("c", "corridor_flow"), ("a", "pair_cost")]
    keys = pd.DataFrame({k: [""] * 4 for k in KEY}).assign(
        scenario=[s for s, _ in names], indicator=[i for _, i in names], year=2035, variant=variant
    )  # fmt: skip
    drawn = np.array(draws, dtype=np.float32)
    return Run(
        manifest={"baseline": "base", "horizon_year": 2035}, results=keys, flows=keys, routes=keys,
        draws=np.hstack([drawn, drawn[:, :1]]),
    )  # fmt: skip


def test_scenarios_are_compared_in_the_same_futures() -> None:
    """Convention C154, by hand: b and c are level, so they share their ranks; a misses the best by 0, 3 and 1."""
    run = hand_made([[3.0, 1.0, 1.0], [1.0, 4.0, 4.0], [2.0, 3.0, 3.0]])
    table = compare_scenarios(run, 0, aim="more").set_index("scenario")
    assert table["worst"].to_dict() == {"b": 2.0, "c": 2.0, "a": 3.0}
    assert table["regret"].to_dict() == {"b": 0.0, "c": 0.0, "a": 1.0}
    assert table["best_share"].to_dict() == pytest.approx({"b": 1 / 3, "c": 1 / 3, "a": 1 / 3})
    assert table["rank"].to_dict() == {"b": 1.5, "c": 1.5, "a": 3.0}
    assert table.loc["c", "above_next"] == pytest.approx(2 / 3)
    assert compare_scenarios(run, 0)["regret"].isna().all()  # no aim, no regret
    assert compare_scenarios(run, 3, aim="less").empty  # only one scenario has it


def test_the_baseline_stands_among_changes_with_zero() -> None:
    """Convention C154: a draw that a scenario lacks is left out for all."""
    run = hand_made([[-1.0, 1.0, 2.0], [np.nan, 9.0, 9.0]], variant="minus-baseline")
    table = compare_scenarios(run, 0, aim="less").set_index("scenario")
    assert table["value"].to_dict() == {"base": 0.0, "a": -1.0, "b": 1.0, "c": 2.0}
    assert table["regret"].to_dict() == {"a": 0.0, "base": 1.0, "b": 2.0, "c": 3.0}


def test_what_is_better_is_said_or_known() -> None:
    assert [aim_of(name) for name in ("pair_cost", "welfare_account", "captive_value")] == ["less", "more", "none"]
    with pytest.raises(UsageError, match="did you mean 'less'"):
        aim_of("pair_cost", "les")


def test_few_draws_take_no_chance_for_a_cause() -> None:
    """Convention C140: 32 draws of thousands of inputs; the best of them explains half by chance alone."""
    hits = 0
    for seed in range(20):
        generator = np.random.default_rng(seed)
        names = [f"x{i}" for i in range(3000)]
        hits += bool(decisive_inputs(generator.normal(size=32), generator.normal(size=(32, 3000)), names).names)
    assert hits <= 3


def test_conditions_are_of_the_outcome_asked_for() -> None:
    """Convention C139: y is the first input, so its lower tail is that of the input."""
    z = np.random.default_rng(0).normal(size=(600, 3))
    found = find_conditions(z[:, 0], z, ["a", "b", "c"], seed=0, below=-1.0)
    assert found is not None
    assert found["limits"][0]["input"] == "a"
    assert found["limits"][0]["to"] == pytest.approx(0.16, abs=0.04)  # P(z < -1)
    assert found["often"] == pytest.approx(0.16, abs=0.04)
    with pytest.raises(UsageError, match="600 of 600 draws have that outcome"):
        find_conditions(z[:, 0], z, ["a", "b", "c"], seed=0, below=99.0)


def test_grounds_carry_the_share_of_the_input_drawn_from_them(starter: Case) -> None:
    """Convention C155: a cell has the share of its own input; what many rows have in common is a row of its own."""
    key = {"indicator": "corridor_flow", "asset": "south", "scenario": "south-road"}
    names = ["b-south-c-harbour-road/cost", "common/BBB/road/cost", "settings/demand_growth_per_year"]
    origins = [origin_of(starter, name) for name in names]
    found = grounds_of(starter, key, origins, dict(zip(names, (0.5, 0.3, 0.1), strict=True)))
    told = found.table[found.table["share"].notna()]
    assert told["share"].tolist() == [0.5, 0.3, 0.1]
    assert told["role"].tolist() == ["direct", "network", "shared"]
    assert told["id"].tolist() == ["b-south-c-harbour-road", "3 rows in common", "demand_growth_per_year"]
    plain = ledger(starter, key)
    assert len(found.table) == len(plain) + 1
    assert found.rest == plain.attrs["also"]
    named = {f for cell in found.table["facts"] for f in str(cell).split(";") if f}
    assert set(found.facts["fact"]) == named
    assert grounds_of(starter, {"indicator": "pair_cost", "asset": "a>c"}).rest  # a pair has no row of its own
