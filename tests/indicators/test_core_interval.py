"""The core: hand-computed games, balancedness, and a direct linear programme."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from mackinder.indicators import core_interval
from mackinder.indicators import excess as excess_module
from mackinder.indicators.coalitions import coalition_sums


@st.composite
def games(draw: st.DrawFn) -> np.ndarray:
    n = draw(st.integers(2, 5))
    values = np.array([0.0, *draw(st.lists(st.integers(-5, 12).map(float), min_size=2**n - 1, max_size=2**n - 1))])
    values[-1] = draw(st.integers(5, 40))
    return values


@settings(deadline=None, max_examples=60)
@given(games())
def test_interval_is_that_of_a_programme_with_every_row(values: np.ndarray) -> None:
    n = len(values).bit_length() - 1
    member = ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(float)
    core = core_interval(values)

    def best(objective: np.ndarray) -> float | None:
        done = linprog(objective, -member[1:-1], -values[1:-1], member[-1:], values[-1:], bounds=(None, None))
        return None if done.status == 2 else float(done.fun)

    low = [best(row) for row in np.eye(n)]
    if low[0] is None:
        assert core.empty
        assert core.least_core > 0
        assert np.isnan(core.low).all()
        cover = np.zeros(n)
        for mask, weight in zip(core.blocking, core.weights, strict=True):
            cover += weight * member[mask]
        np.testing.assert_allclose(cover, 1.0, atol=1e-9)  # balanced, and worth more than all: Bondareva and Shapley
        worth = sum(w * values[m] for m, w in zip(core.blocking, core.weights, strict=True))
        assert worth - values[-1] == pytest.approx(core.least_core * sum(core.weights), abs=1e-7)
        return
    assert not core.empty
    assert core.blocking == ()
    np.testing.assert_allclose(core.low, low, atol=1e-7)
    np.testing.assert_allclose(core.high, [-best(-row) for row in np.eye(n)], atol=1e-7)


def test_rows_added_on_demand_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above 14 players rows are added when broken; here from the start."""
    values = coalition_sums([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 2.0, 2.0]) ** 2
    whole = core_interval(values)
    monkeypatch.setattr(excess_module, "_ALL_ROWS", 0)
    part = core_interval(values)
    np.testing.assert_allclose(part.low, whole.low, atol=1e-7)
    np.testing.assert_allclose(part.high, whole.high, atol=1e-7)
    assert part.least_core == pytest.approx(whole.least_core, abs=1e-7)


def test_convex_games_reach_both_bounds() -> None:
    """Shapley (1971): every order's contributions are a corner of the core, so its bounds are the first and last ones."""
    values = coalition_sums([1.0, 2.0, 3.0, 4.0]) ** 2
    core = core_interval(values)
    alone = 1 << np.arange(4)
    np.testing.assert_allclose(core.low, values[alone], atol=1e-9)
    np.testing.assert_allclose(core.high, values[-1] - values[15 ^ alone], atol=1e-9)


def test_an_empty_core_says_by_how_much() -> None:
    """Seven voters, simple majority, 1 to share: each of the seven gets 1/7, so a majority of four lacks 3/7."""
    core = core_interval((coalition_sums([1] * 7) >= 4).astype(float))
    assert core.empty
    assert core.least_core == pytest.approx(3 / 7)
    # one with a veto gets everything
    core = core_interval((coalition_sums([4, 1, 1, 1]) >= 5).astype(float))
    assert not core.empty
    np.testing.assert_allclose([core.low, core.high], [[1, 0, 0, 0]] * 2, atol=1e-9)


def test_who_adds_nothing_has_an_interval_of_exactly_zero() -> None:
    glove = np.array([0, 0, 0, 7.3, 0, 7.3, 0, 7.3])
    core = core_interval(np.concatenate([glove, glove]))
    assert core.low[3] == core.high[3] == 0.0


def test_money_scales() -> None:
    values = np.array([0, 1, 2, 9, 3, 8, 11, 20.0])
    small, large = core_interval(values), core_interval(1e9 * values)
    np.testing.assert_allclose(large.low, 1e9 * small.low, rtol=1e-9)
    np.testing.assert_allclose(large.high, 1e9 * small.high, rtol=1e-9)
    assert large.least_core == pytest.approx(1e9 * small.least_core)


def test_degenerate_games() -> None:
    one = core_interval([0, 4])
    assert (one.low.tolist(), one.high.tolist(), one.empty, one.least_core) == ([4.0], [4.0], False, -np.inf)
    additive = core_interval(coalition_sums([0.1, 0.2, 0.7]))
    np.testing.assert_allclose([additive.low, additive.high], [[0.1, 0.2, 0.7]] * 2, atol=1e-12)
    assert additive.least_core == 0.0
