"""The loss from a closure: limits and monotony (conventions C27, C30)."""

from __future__ import annotations

import math
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mackinder.kernels.loading import closure_loss

theta = st.floats(0.005, 0.5)
no_ship = st.floats(1.0, 1400.0)  # times the greatest theta: below the 745 where an exponential vanishes
part = st.floats(1e-12, 1.0)


@settings(deadline=None)
@given(theta, no_ship)
def test_nothing_is_lost_if_everything_is_kept(theta: float, no_ship: float) -> None:
    assert closure_loss(1.0, theta, no_ship) == 0.0


@settings(deadline=None)
@given(theta, no_ship)
def test_what_has_no_route_left_loses_the_no_ship_cost(theta: float, no_ship: float) -> None:
    """Convention C27: the limit is n, and at most ln 2 / theta above it, which is what the choice not to ship was worth."""
    lost = closure_loss(0.0, theta, no_ship)
    assert lost == pytest.approx(no_ship + math.log1p(math.exp(-theta * no_ship)) / theta, rel=1e-9)
    if theta * no_ship > 20:
        assert lost == pytest.approx(no_ship, rel=1e-6)


@settings(deadline=None)
@given(theta, no_ship, part, part)
def test_the_less_is_kept_the_more_is_lost_within_bounds(
    theta: float, no_ship: float, one: float, other: float
) -> None:
    less, more = sorted((one, other))
    assert closure_loss(less, theta, no_ship) >= closure_loss(more, theta, no_ship) >= 0.0
    assert closure_loss(less, theta, no_ship) <= closure_loss(0.0, theta, no_ship)


@settings(deadline=None)
@given(theta, no_ship, st.floats(0.0, 400.0))
def test_it_is_the_rise_of_the_expected_cost_with_one_more_way_out(
    plain: ModuleType, theta: float, no_ship: float, rise: float
) -> None:
    kept = math.exp(-theta * rise)
    # logarithms of 1 + x lose all digits of an x below 1e-16
    assert closure_loss(kept, theta, no_ship) == pytest.approx(
        plain.loss(rise, theta, no_ship), rel=1e-9, abs=1e-12 / theta
    )


def test_a_dear_tonne_loses_a_finite_sum() -> None:
    """Convention C27: no loss is infinite. Phones at 60,000 USD/t, elasticity 4, theta 0.06."""
    assert closure_loss(0.0, 0.06, 15000.0) == pytest.approx(15000.0)


def test_far_below_the_no_ship_cost_the_rise_is_the_loss() -> None:
    assert closure_loss(math.exp(-0.05 * 40.0), 0.05, 2000.0) == pytest.approx(40.0)


@settings(deadline=None)
@given(theta, no_ship, part, st.floats(0.01, 100.0))
def test_losses_scale_with_the_currency(theta: float, no_ship: float, kept: float, k: float) -> None:
    wanted = k * closure_loss(kept, theta, no_ship)
    assert closure_loss(kept, theta / k, no_ship * k) == pytest.approx(wanted, rel=1e-9, abs=1e-12 * k / theta)
