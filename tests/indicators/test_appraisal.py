"""Annuities, present values and internal rates against closed forms, and statuses where there is no one rate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mackinder.errors import UsageError
from mackinder.indicators.appraisal import annuity, internal_rate_of_return, net_present_value, present_value

RATES = st.floats(-0.3, 2.0)


@given(rate=RATES.filter(lambda r: abs(r) > 1e-3), life=st.integers(1, 60), capex=st.floats(0, 1e12))
def test_an_annuity_pays_back_what_was_spent(rate: float, life: int, capex: float) -> None:
    paid = [float(annuity(capex, rate, life))] * life
    value = sum(amount / (1 + rate) ** (year + 1) for year, amount in enumerate(paid))
    assert value == pytest.approx(capex, rel=1e-9, abs=1e-9)


def test_an_annuity_is_continuous_at_a_rate_of_zero() -> None:
    near = annuity(100.0, [-1e-9, -1e-13, 0.0, 1e-13, 1e-9], 25)
    # first order: capex / life * (1 + rate * (life + 1) / 2)
    assert np.allclose(near, 4.0 * (1 + np.array([-1e-9, -1e-13, 0.0, 1e-13, 1e-9]) * 13), rtol=1e-14)


def test_an_annuity_of_a_textbook() -> None:
    # capital recovery factor of 10 percent over 10 years: 0.162745
    assert float(annuity(1.0, 0.1, 10)) == pytest.approx(0.16274539488251152, rel=1e-14)


@given(rate=RATES, start=st.floats(-3, 20), years=st.floats(0, 60), growth=st.floats(-0.1, 0.2))
def test_a_stream_is_the_sum_of_its_days(rate: float, start: float, years: float, growth: float) -> None:
    middle = (np.arange(20_000) + 0.5) * years / 20_000
    slices = (1 + growth) ** middle * (1 + rate) ** -(start + middle) * years / 20_000
    whole = float(present_value(3.0, rate, start=start, years=years, growth=growth))
    assert whole == pytest.approx(
        3.0 * slices.sum(), rel=1e-4
    )  # the midpoint rule errs by (force * years / 20,000)**2 / 24


def test_a_stream_that_grows_at_the_rate_keeps_its_worth() -> None:
    assert float(present_value(7.0, 0.04, start=0, years=13, growth=0.04)) == pytest.approx(91.0, rel=1e-14)


@given(
    flows=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40),
    rate=RATES,
)
def test_a_net_present_value_is_the_discounted_sum(flows: list[float], rate: float) -> None:
    expected = sum(flow * (1 + rate) ** -year for year, flow in enumerate(flows))
    gross = sum(abs(flow) * (1 + rate) ** -year for year, flow in enumerate(flows))
    assert abs(float(net_present_value(flows, rate)) - expected) <= 1e-11 * gross + 1e-300


def test_draws_go_along_the_leading_axes() -> None:
    flows = np.array([[-100.0, 60.0, 60.0], [-100.0, 0.0, 121.0]])
    assert np.allclose(net_present_value(flows, [0.1, 0.1]), [60 / 1.1 + 60 / 1.21 - 100, 0.0], atol=1e-12)
    found = internal_rate_of_return(flows.reshape(2, 1, 3))
    assert found.rate.shape == found.status.shape == (2, 1)
    # -100 + 60 x + 60 x^2 = 0
    assert found.rate[0, 0] == pytest.approx(1 / ((-60 + np.sqrt(3600 + 24_000)) / 120) - 1, rel=1e-12)
    assert found.rate[1, 0] == pytest.approx(0.1, rel=1e-12)


@given(rate=st.floats(-0.5, 50.0), life=st.integers(1, 60))
def test_the_internal_rate_of_an_annuity_is_its_rate(rate: float, life: int) -> None:
    flows = [-1.0, *([float(annuity(1.0, rate, life))] * life)]
    found = internal_rate_of_return(flows)
    assert str(found.status) == "one"
    assert float(found.rate) == pytest.approx(rate, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("flows", "status"),
    [
        ([0.0, 0.0, 0.0], "none"),
        ([5.0], "none"),
        ([-5.0, -1.0], "none"),
        ([-100.0, 230.0, -132.0], "several"),  # 10 and 20 percent
        ([-1.0, 6.0, -11.0, 6.0], "several"),  # 0, 100 and 200 percent
        ([-100.0, 220.0, -121.0], "several"),  # 10 percent twice: worth nothing there and less everywhere else
        ([-100.0, 150.0, -100.0], "none"),  # never worth anything
        ([100.0, -150.0, 100.0], "none"),
        ([-1.0, 1e7], "none"),  # beyond ten-thousandfold
    ],
)
def test_no_number_where_there_is_no_one_rate(flows: list[float], status: str) -> None:
    found = internal_rate_of_return(flows)
    assert str(found.status) == status
    assert np.isnan(found.rate)


def test_one_rate_in_spite_of_several_changes_of_sign() -> None:
    # a line that is built, pays, and is rebuilt once: 50, 4 a year, 10 in year 15
    flows = np.full(31, 4.0)
    flows[0], flows[15] = -50.0, -10.0
    found = internal_rate_of_return(flows)
    assert str(found.status) == "one"
    assert abs(float(net_present_value(flows, found.rate))) < 1e-9


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=12))
def test_a_rate_that_is_given_is_a_root_and_the_only_one(flows: list[float]) -> None:
    found = internal_rate_of_return(flows)
    if str(found.status) == "one":
        gross = float(net_present_value(np.abs(flows), found.rate))
        assert abs(float(net_present_value(flows, found.rate))) <= 1e-9 * gross
        others = np.geomspace(1e-3, 1e4, 501) - 1
        signs = np.sign(
            np.round(net_present_value(np.array(flows), others) / net_present_value(np.abs(flows), others), 9)
        )
        below, above = signs[others < float(found.rate)], signs[others > float(found.rate)]
        assert len(set(below[below != 0])) <= 1
        assert len(set(above[above != 0])) <= 1
    else:
        assert np.isnan(found.rate)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_missing_numbers_are_refused(bad: float) -> None:
    with pytest.raises(UsageError, match="not finite"):
        net_present_value([1.0, bad], 0.1)
    with pytest.raises(UsageError, match="not finite"):
        internal_rate_of_return([1.0, bad])
    with pytest.raises(UsageError, match="capex"):
        annuity(bad, 0.1, 10)


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(UsageError, match="life"):
        annuity(1.0, 0.1, 0)
    with pytest.raises(UsageError, match="above -1"):
        annuity(1.0, -1.0, 5)
    with pytest.raises(UsageError, match="shape"):
        net_present_value([], 0.1)
    with pytest.raises(UsageError, match="years"):
        present_value(1.0, 0.1, start=0, years=-1)
