"""Keyed draws (conventions C4, C34, C35, C41)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from mackinder.draws import Design, keyed_generator, split_quantile

ids = st.text(st.characters(min_codepoint=33, max_codepoint=0x17F), min_size=1, max_size=12)


def design(**changes: object) -> Design:
    return Design(**({"seed": 0, "draws": 64, "common_share": 0.5} | changes))  # type: ignore[arg-type]  # mixed kinds


@given(st.integers(0, 2**31), ids, ids)
def test_a_generator_belongs_to_its_seed_and_key(seed: int, one: str, other: str) -> None:
    first, again = keyed_generator(seed, one), keyed_generator(seed, one)
    np.testing.assert_array_equal(first.random(5), again.random(5))
    assert (keyed_generator(seed, one).random() == keyed_generator(seed, other).random()) == (one == other)
    assert keyed_generator(seed, one).random() != keyed_generator(seed + 1, one).random()


def test_seed_and_key_are_not_run_together() -> None:
    assert keyed_generator(1, "1a").random() != keyed_generator(11, "a").random()


@given(ids, st.integers(1, 200), st.integers(0, 99))
def test_every_stratum_is_hit_once(key: str, draws: int, seed: int) -> None:
    """Convention C34: a Latin hypercube column has one point in each of N equal strata."""
    scores = design(seed=seed, draws=draws).normal(key)
    strata = np.floor(norm.cdf(scores) * draws + 1e-9 * draws).astype(int)
    edge = np.abs(norm.cdf(scores) * draws - np.round(norm.cdf(scores) * draws)) < 1e-6
    if not edge.any():  # a point on the edge of a stratum may round to either side
        np.testing.assert_array_equal(np.sort(strata), np.arange(draws))
    assert np.isfinite(scores).all()


def test_orders_of_two_inputs_are_not_the_same() -> None:
    one, other = design(draws=400).normal("a"), design(draws=400).normal("b")
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.2  # four standard errors of 400 independent pairs


@settings(max_examples=30)
@given(st.lists(ids, min_size=1, max_size=8, unique=True), st.data())
def test_no_input_moves_another(keys: list[str], data: st.DataObject) -> None:
    """Convention C34: adding, removing or reordering inputs moves no other input's draws."""
    groups = [data.draw(st.sampled_from(["g", "h"])) for _ in keys]
    whole = design(draws=16).normals(keys, groups)
    order = data.draw(st.permutations(range(len(keys))))
    kept = order[: data.draw(st.integers(1, len(keys)))]
    part = design(draws=16).normals([keys[i] for i in kept], [groups[i] for i in kept])
    np.testing.assert_array_equal(part, whole[:, kept])


def test_seeds_differ_and_nought_is_a_seed() -> None:
    assert not np.allclose(design(seed=0).normal("x"), design(seed=1).normal("x"))
    np.testing.assert_array_equal(design(seed=0).normal("x"), design(seed=0).normal("x"))


def test_common_share_of_one_moves_a_group_as_one_and_of_nought_each_alone() -> None:
    """Convention C35."""
    keys, groups = ["a", "b", "c"], ["g", "g", "h"]
    together = design(common_share=1.0).normals(keys, groups)
    np.testing.assert_array_equal(together[:, 0], together[:, 1])
    assert not np.allclose(together[:, 0], together[:, 2])
    np.testing.assert_array_equal(design(common_share=0.0).normals(keys, groups), design().normals(keys))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 1.0])
def test_common_share_is_the_correlation_in_a_group_and_keeps_the_variance(share: float) -> None:
    drawn = design(draws=4000, common_share=share).normals(["a", "b", "c"], ["g", "g", "h"])
    assert np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1] == pytest.approx(share, abs=0.06)
    assert np.corrcoef(drawn[:, 0], drawn[:, 2])[0, 1] == pytest.approx(0.0, abs=0.06)
    np.testing.assert_allclose(drawn.std(axis=0), 1.0, atol=0.05)  # 4000 draws: 0.011 is one standard error


positive = st.floats(1e-3, 1e4)
step = st.just(0.0) | positive


@given(positive, positive, positive)
def test_split_quantile_meets_its_three_points(a: float, b: float, c: float) -> None:
    """Convention C4: the mode is the median, low and high are the 5 and 95 % points."""
    low, mode, high = (np.array([x]) for x in sorted((a, b, c)))
    for z, wanted in ((norm.ppf(0.05), low), (0.0, mode), (norm.ppf(0.95), high)):
        np.testing.assert_allclose(split_quantile(np.array([z]), low, mode, high), wanted, rtol=1e-12)


@given(st.just(0.0) | positive | st.floats(-50, -1e-3), step, step)
def test_split_quantile_rises_with_the_score_and_stops_at_nought(low: float, up: float, upper: float) -> None:
    mode = low + up
    high = mode + upper
    z = np.linspace(-4, 4, 33)
    x = split_quantile(z, np.array([low]), np.array([mode]), np.array([high]))
    assert (np.diff(x) >= -1e-9 * np.abs(x[1:])).all()
    if low >= 0:
        assert (x >= 0).all()


def test_split_quantile_is_split_lognormal_or_linear() -> None:
    """Convention C4, at one standard deviation: mode (high / mode)^(1 / 1.645), and linear if low is not positive."""
    one, bound = np.array([1.0, -1.0]), norm.ppf(0.95)
    x = split_quantile(one, np.array([2.0]), np.array([3.0]), np.array([5.0]))
    np.testing.assert_allclose(x, [3 * (5 / 3) ** (1 / bound), 3 * (2 / 3) ** (1 / bound)])
    x = split_quantile(one, np.array([-2.0]), np.array([3.0]), np.array([5.0]))
    np.testing.assert_allclose(x, [3 + 2 / bound, 3 - 5 / bound])
    assert split_quantile(np.array([-9.0]), np.array([0.0]), np.array([0.1]), np.array([5.0])) == 0.0
    assert split_quantile(np.array([-9.0]), np.array([-1.0]), np.array([0.1]), np.array([5.0])) < 0.0


def test_what_is_certain_does_not_vary_and_what_is_missing_stays_missing() -> None:
    seven = np.array([7.0])
    np.testing.assert_array_equal(design().quantity(["x"], seven, seven, seven), np.full((64, 1), 7.0))
    gap = np.array([np.nan])
    assert np.isnan(design().quantity(["x"], gap, gap, gap)).all()


def test_central_design_sits_at_the_modes() -> None:
    low, mode, high = np.array([1.0, 0.0]), np.array([2.0, 0.5]), np.array([9.0, 0.7])
    drawn = design(central=True, draws=3).quantity(["a", "b"], low, mode, high, groups=["g", "g"])
    np.testing.assert_array_equal(drawn, [[2.0, 0.5]] * 3)


share = st.just(0.0) | st.floats(1e-6, 1.0)


@given(st.lists(st.tuples(share, share, share), min_size=1, max_size=6))
def test_shares_add_up_to_one_in_each_draw(intervals: list[tuple[float, float, float]]) -> None:
    """Convention C41."""
    low, mode, high = np.array([sorted(i) for i in intervals]).T
    drawn = design(draws=20).shares([f"k{i}" for i in range(len(low))], low, mode, high)
    assert (drawn >= 0).all()
    total = drawn.sum(axis=1)
    np.testing.assert_allclose(total[total > 0], 1.0, rtol=1e-12)
    if (mode > 0).any():
        central = design(draws=2, central=True).shares([f"k{i}" for i in range(len(low))], low, mode, high)
        np.testing.assert_allclose(central, np.stack([mode / mode.sum()] * 2), rtol=1e-12)


def test_no_inputs_give_no_columns() -> None:
    assert design(draws=5).normals([]).shape == (5, 0)
    assert design(draws=5).normals([], []).shape == (5, 0)
