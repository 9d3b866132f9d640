"""Measures: the catalogue, keys, differences and summaries (conventions C33, C36, C37)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mackinder.indicators
import mackinder.strategy
from mackinder.indicators.measure import KEY, RESULT_COLUMNS, Measure, catalogue, difference, repeat, stack, summarise

DRAWS = np.random.default_rng(7).normal(size=(50, 3))  # arbitrary numbers, the same in every run


def flow(scenario: str, values: np.ndarray, assets: str = "abc", year: int = 2035) -> Measure:
    labels = [{"scenario": scenario, "year": year, "asset": a} for a in assets]
    return Measure.of("corridor_flow", values[:, : len(assets)], labels)


def test_every_indicator_named_in_the_layer_is_in_the_catalogue() -> None:
    """The catalogue is the only place of names: whatever a family measures is there, and nothing is there in vain."""
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for layer in (mackinder.indicators, mackinder.strategy)
        for path in Path(layer.__file__).parent.glob("*.py")
    )
    written = set(re.findall(r'"([a-z]+(?:_[a-z]+)+)"', text)) | {"captive_tonnes", "captive_value"}
    stems = {name.split("_")[0] for name in catalogue()}
    for name in catalogue():
        stem, _, rest = name.partition("_")
        assert rest, f"{name}: an indicator has a name of two words, which nothing else is called by"
        assert name in written or f'f"{stem}_{{' in text or f'"{stem}"' in text, name
    assert {"exposure", "captive", "closure"} <= stems


def test_the_catalogue_is_complete() -> None:
    for name, indicator in catalogue().items():
        assert indicator.indicator == name
        assert indicator.unit
        assert indicator.label
        assert indicator.description
        assert set(indicator.dimensions) <= {"actor", "target", "goods", "asset"}
        assert indicator.family in {
            "appraisal", "bottleneck", "flows", "cost", "revenue", "control", "capacity", "welfare", "power", "ties", "leverage",
            "deals", "process", "ablation",
        }  # fmt: skip


def test_an_indicator_that_the_catalogue_lacks_is_refused() -> None:
    with pytest.raises(KeyError, match="influence"):
        Measure.of("influence", DRAWS[:, :1], [{"scenario": "x"}])


def test_keys_have_units_and_no_nulls() -> None:
    """Convention C37: dimensions that do not apply hold the empty string."""
    keys = flow("s", DRAWS).keys
    assert list(keys.columns) == list(KEY)
    assert keys.iloc[0].to_dict() == dict.fromkeys(KEY, "") | {
        "scenario": "s", "indicator": "corridor_flow", "year": 2035, "asset": "a", "unit": "Mt/yr",
    }  # fmt: skip
    assert keys["year"].dtype == np.int64
    assert not keys.isna().any(axis=None)


@settings(max_examples=30)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_summaries_are_the_quantiles_of_numpy(values: list[float]) -> None:
    """Convention C33: median, 5 and 95 %, and the count."""
    drawn = np.array(values)[:, None]
    (row,) = summarise(flow("s", drawn, "a")).to_dict("records")
    assert row["value"] == pytest.approx(np.median(drawn))
    assert [row["low"], row["high"]] == pytest.approx(np.quantile(drawn, [0.05, 0.95]).tolist())
    assert row["draws"] == len(values)


def test_draws_without_a_value_do_not_count() -> None:
    drawn = DRAWS.copy()
    drawn[:20, 0] = np.nan
    drawn[:, 1] = np.nan
    rows = summarise(flow("s", drawn))
    assert list(rows.columns) == list(RESULT_COLUMNS)
    assert rows["draws"].tolist() == [30, 0, 50]
    assert rows["value"][0] == pytest.approx(np.median(drawn[20:, 0]))
    assert rows.loc[1, ["value", "low", "high"]].isna().all()


def test_stacking_sorts_by_key_and_keeps_columns_with_their_draws() -> None:
    whole = stack([flow("z", DRAWS), flow("a", DRAWS + 9, "cb"), flow("m", DRAWS[:, :0], "")])
    assert whole.keys[["scenario", "asset"]].to_numpy().tolist() == [
        ["a", "b"],
        ["a", "c"],
        ["z", "a"],
        ["z", "b"],
        ["z", "c"],
    ]
    np.testing.assert_array_equal(whole.draws, np.column_stack([DRAWS[:, 1] + 9, DRAWS[:, 0] + 9, DRAWS]))


def test_repeat_gives_a_state_to_all_it_stands_for() -> None:
    measured = stack([flow("a", DRAWS, year=2023), flow("b", DRAWS + 1, year=2035)])
    whole = repeat(measured, [[("a", 2023), ("b", 2023), ("c", 2023)], [("b", 2035)]])
    assert sorted({(s, y) for s, y in zip(whole.keys["scenario"], whole.keys["year"], strict=True)}) == [
        ("a", 2023), ("b", 2023), ("b", 2035), ("c", 2023),
    ]  # fmt: skip
    for scenario in "abc":
        mine = ((whole.keys["scenario"] == scenario) & (whole.keys["year"] == 2023)).to_numpy()
        np.testing.assert_array_equal(whole.draws[:, mine], DRAWS)
    assert not whole.keys.duplicated().any()


def test_differences_are_taken_draw_by_draw() -> None:
    """Convention C36: the interval is that of the differences. Both sides vary widely, and together."""
    both = stack([flow("base", DRAWS * 100), flow("other", DRAWS * 100 + 1)])
    change = difference(both, "base", [2035])
    assert set(change.keys["variant"]) == {"minus-baseline"}
    assert set(change.keys["scenario"]) == {"other"}
    np.testing.assert_allclose(change.draws, 1.0)
    rows = summarise(change)
    assert rows["low"].to_numpy() == pytest.approx(1.0)


def test_a_flow_that_one_side_lacks_is_compared_with_nothing() -> None:
    change = difference(stack([flow("base", DRAWS, "ab"), flow("other", DRAWS + 5, "bc")]), "base", [2035])
    by_asset = {a: change.draws[:, i] for i, a in enumerate(change.keys["asset"])}
    np.testing.assert_allclose(by_asset["a"], -DRAWS[:, 0])
    np.testing.assert_allclose(by_asset["b"], DRAWS[:, 0] + 5 - DRAWS[:, 1])
    np.testing.assert_allclose(by_asset["c"], DRAWS[:, 1] + 5)


def test_a_cost_that_one_side_lacks_has_no_difference() -> None:
    """Convention C1: missing is not zero. A country without any trade left has no delivered cost; it did not save it."""

    def cost(scenario: str, targets: str) -> Measure:
        labels = [{"scenario": scenario, "year": 2035, "target": t} for t in targets]
        return Measure.of("delivered_cost", np.abs(DRAWS[:, : len(targets)]) + 50, labels)

    rows = summarise(difference(stack([cost("base", "ab"), cost("cut", "a")]), "base", [2035])).set_index("target")
    assert "b" not in rows.index or np.isnan(rows.loc["b", "value"])


def test_differences_keep_variants_apart_and_leave_other_years_out() -> None:
    def closure(scenario: str, year: int, add: float) -> Measure:
        labels = [
            {"scenario": scenario, "year": year, "target": "A", "actor": "B", "variant": v}
            for v in ("partner", "transit")
        ]
        return Measure.of("closure_cost", DRAWS[:, :2] + add, labels)

    whole = stack([closure("base", 2023, 0), closure("base", 2035, 0), closure("x", 2023, 7), closure("x", 2035, 2)])
    change = difference(whole, "base", [2035])
    assert change.keys["variant"].tolist() == ["partner-minus-baseline", "transit-minus-baseline"]
    np.testing.assert_allclose(change.draws, 2.0)


def test_the_baseline_alone_has_no_difference() -> None:
    assert len(difference(flow("base", DRAWS), "base", [2035]).keys) == 0
