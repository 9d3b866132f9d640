"""A bend in a series, against exact lines and against coverage of its own interval."""

from __future__ import annotations

import numpy as np
import pytest

from mackinder.errors import DataError
from mackinder.indicators.trend import broken_trend

YEARS = np.array([2008, 2010, 2013, 2015, 2018, 2020, 2022, 2023, 2024, 2025], dtype=float)


def line(before: float, after: float) -> np.ndarray:
    return 1.0 + before * (YEARS - 2022) * (YEARS <= 2022) + after * (YEARS - 2022) * (YEARS > 2022)


def test_exact_lines_are_found() -> None:
    trend = broken_trend(YEARS, line(-0.01, -0.05)[None], seed=np.random.default_rng(0))
    assert trend.before == pytest.approx((-0.01,) * 3, abs=1e-9)
    assert trend.after == pytest.approx((-0.05,) * 3, abs=1e-9)
    assert trend.falls_faster == 1.0
    assert (trend.points, trend.points_after) == (10, 3)
    assert "faster since 2022" in trend.statement


def test_without_a_bend_the_interval_covers_none_nine_times_in_ten() -> None:
    noise = np.random.default_rng(1)
    hits = 0
    for _ in range(300):
        values = line(-0.01, -0.01) + 0.02 * noise.standard_normal(len(YEARS))
        change = broken_trend(YEARS, np.repeat(values[None], 400, axis=0), seed=noise).change
        hits += change[1] <= 0.0 <= change[2]
    assert 0.85 < hits / 300 < 0.95  # three standard errors of a binomial about 0.9


def test_scatter_hides_what_is_smaller_than_detectable() -> None:
    noise = np.random.default_rng(2)
    values = line(-0.01, -0.012)[None] + 0.05 * noise.standard_normal((1, len(YEARS)))
    trend = broken_trend(YEARS, np.repeat(values, 200, axis=0), seed=noise)
    assert trend.detectable > 0.002
    assert "cannot tell a bend" in trend.statement


def test_gaps_are_left_out() -> None:
    values = line(-0.01, -0.05)[None].copy()
    values[0, 3] = np.nan
    assert broken_trend(YEARS, values, seed=np.random.default_rng(0)).points == 9


@pytest.mark.parametrize(
    "years",
    [
        [2015, 2020, 2023, 2024],
        [2010, 2015, 2020, 2021, 2024],
        [2021, 2023, 2024, 2025, 2026],
        [2010, 2012, 2014, 2016, 2018],
    ],
    ids=["four", "one after", "one before", "none after"],
)
def test_too_few_points_say_nothing(years: list[float]) -> None:
    with pytest.raises(DataError, match="nothing can be said"):
        broken_trend(years, np.ones((1, len(years))), seed=np.random.default_rng(0))


def test_shapes_must_agree() -> None:
    with pytest.raises(DataError, match="draws by years"):
        broken_trend(YEARS, np.ones((1, 3)), seed=np.random.default_rng(0))
