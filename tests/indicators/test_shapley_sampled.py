"""Sampled Shapley values against exact ones and closed forms; intervals cover as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from mackinder.errors import DataError, UsageError
from mackinder.indicators import shapley, shapley_sampled
from mackinder.indicators.coalitions import coalition_sums

#: movements of ten kinds of aircraft, costs 1 to 10: the airport game of Castro, Gómez and Tejada (2009)
RUNWAY = np.repeat(np.arange(1.0, 11.0), [8, 12, 6, 14, 8, 9, 13, 10, 10, 10])


def runway_shares() -> np.ndarray:
    return np.cumsum(np.diff(RUNWAY, prepend=0.0) / np.arange(len(RUNWAY), 0, -1))


def test_airport_of_a_hundred() -> None:
    """Littlechild and Owen (1973): the closed form is published to nine digits for this airport."""
    wanted = runway_shares()
    np.testing.assert_allclose(wanted[[0, 8, 99]], [0.01, 0.020869565, 0.289369662], atol=5e-10)
    found = shapley_sampled(lambda mask: RUNWAY[mask.bit_length() - 1] if mask else 0.0, 100, 3000, seed=1)
    assert found.orders >= 3000
    assert found.value.sum() == pytest.approx(10.0, abs=1e-9)
    # rounding shows where the interval has no width; errors are dependent: single seeds cover 0.9 to 1, 0.95 on average
    assert ((found.low <= wanted + 1e-12) & (wanted - 1e-12 <= found.high)).mean() >= 0.9
    # four standard errors: a chance of 6e-5 for each of 100
    assert (np.abs(found.value - wanted) <= 4 * found.error + 1e-12).all()
    assert found.error.max() < 0.03


WEIGHTS = np.array([10] * 4 + [8] + [5] * 4 + [4] * 2 + [3] * 3 + [2])


def test_voting_of_fifteen() -> None:
    exact = shapley((coalition_sums(WEIGHTS) >= 62).astype(float))
    found = shapley_sampled(lambda inside: (inside @ WEIGHTS >= 62).astype(float), 15, 6000, seed=2, form="members")
    assert (np.abs(found.value - exact) <= 4 * found.error).all()
    assert ((found.low <= exact) & (exact <= found.high)).sum() >= 12
    assert found.error.max() < 0.01


@pytest.mark.parametrize("n", [3, 15, 40])
def test_three_ways_to_ask_are_one(n: int) -> None:
    weight = np.arange(1.0, n + 1)

    def by_mask(mask: int) -> float:
        return float(sum(weight[i] for i in range(n) if (mask >> i) & 1)) ** 2

    def by_masks(masks: np.ndarray) -> np.ndarray:
        return (((masks[:, None] >> np.arange(n)) & 1) @ weight) ** 2

    one = shapley_sampled(by_mask, n, 64, seed=5)
    two = shapley_sampled(by_masks, n, 64, seed=5, form="masks")
    three = shapley_sampled(lambda inside: (inside @ weight) ** 2, n, 64, seed=5, form="members")
    for field in ("value", "low", "high", "error"):
        np.testing.assert_array_equal(getattr(one, field), getattr(two, field))
        np.testing.assert_array_equal(getattr(one, field), getattr(three, field))


def test_intervals_cover_as_often_as_they_say() -> None:
    """A rough game of seven players, 200 seeds: 95 % of 1400 intervals, within what dependence allows."""
    values = np.random.default_rng(8).normal(size=128) ** 3
    values[0] = 0.0
    exact = shapley(values)
    hits, sums = [], np.zeros(7)
    for seed in range(200):
        found = shapley_sampled(lambda masks: values[masks], 7, 120, seed=seed, form="masks")
        hits.append((found.low <= exact) & (exact <= found.high))
        sums += found.value
    assert 0.92 <= np.mean(hits) <= 0.98
    spread = shapley_sampled(lambda masks: values[masks], 7, 120 * 200, seed=0, form="masks").error
    assert (np.abs(sums / 200 - exact) <= 5 * spread).all()  # unbiased


def test_more_orders_are_nearer_and_rotations_help() -> None:
    few = shapley_sampled(lambda m: (m * RUNWAY).max(axis=1), 100, 500, seed=3, form="members")
    many = shapley_sampled(lambda m: (m * RUNWAY).max(axis=1), 100, 8000, seed=3, form="members")
    assert many.error.mean() < few.error.mean() / 2
    generator = np.random.default_rng(4)
    plain = np.empty((500, 100))
    for k in range(500):
        order = generator.permutation(100)
        plain[k, order] = np.diff(np.maximum.accumulate(RUNWAY[order]), prepend=0.0)
    assert few.error.mean() < plain.std(axis=0, ddof=1).mean() / np.sqrt(few.orders)


def test_who_adds_nothing_gets_exactly_zero_and_names_are_kept() -> None:
    found = shapley_sampled(lambda mask: float((mask & 0b101).bit_count() ** 2), ["A", "B", "C"], 40, seed=0)
    assert found.players == ("A", "B", "C")
    assert found.value[1] == found.low[1] == found.high[1] == 0.0
    np.testing.assert_allclose(found.value[[0, 2]], [2.0, 2.0])  # antithetic: exact with each pair


def test_the_seed_decides() -> None:
    def draw(seed: int) -> np.ndarray:
        return shapley_sampled(lambda mask: float(mask.bit_length() ** 2), 30, 50, seed=seed).value

    np.testing.assert_array_equal(draw(1), draw(1))
    assert (draw(1) != draw(2)).any()


def test_coalitions_of_few_players_are_asked_once() -> None:
    asked: list[int] = []

    def value(mask: int) -> float:
        asked.append(mask)
        return float(mask.bit_count())

    shapley_sampled(value, 4, 200, seed=0)
    assert len(asked) == len(set(asked)) == 16


def test_bad_input_is_refused() -> None:
    with pytest.raises(DataError, match="the empty coalition is worth 1"):
        shapley_sampled(lambda _: 1.0, 3, 10, seed=0)
    with pytest.raises(DataError, match=r"coalition of players \[1\] is worth nan"):
        shapley_sampled(lambda mask: np.nan if mask == 2 else 0.0, 2, 10, seed=0)
    with pytest.raises(DataError, match="must return one each"):
        shapley_sampled(lambda masks: np.zeros(2), 3, 10, seed=0, form="masks")
    with pytest.raises(UsageError, match="unknown form 'mass': did you mean"):
        shapley_sampled(lambda _: 0.0, 3, 10, seed=0, form="mass")
    with pytest.raises(UsageError, match="at least one player and four draws"):
        shapley_sampled(lambda _: 0.0, 3, 3, seed=0)
    with pytest.raises(UsageError, match="level is 95"):
        shapley_sampled(lambda _: 0.0, 3, 10, seed=0, level=95)
    with pytest.raises(UsageError, match="use form='members'"):
        shapley_sampled(lambda _: 0.0, 100, 10, seed=0, form="masks")
