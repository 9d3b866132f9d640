"""Calibration (convention C89): a fit in closed form, factors recovered from counts made with them, and what it refuses."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mackinder.errors import NotConvergedError, UsageError
from mackinder.evidence.calibrate import CountModel, better, calibrate, fitted_table
from mackinder.evidence.counts import count_errors, counts_to_fit
from mackinder.evidence.fitting import BEND, fit_factors, prior_driven
from mackinder.evidence.targets import Target

FACTORS = ("rail", "road", "patience")
LINKS = {
    "north-rail": "link=a-city-b-north-rail",
    "north-roads": "link=b-second|a-pass-b-north-road",
    "coast": "link=b-coast",
    "round": "link=b-round",
    "sea": "link=a-port-c-harbour-sea",
}


def fits(case: Any, **modes: float) -> pd.DataFrame:
    """Three factors with wide priors; modes are what the table says now."""
    what = {"rail": ("link_cost", "mode=rail"), "road": ("link_cost", "mode=road"), "patience": ("value_of_time", "")}
    rows = [
        {"fit_id": name, "parameter": what[name][0], "links": what[name][1], "goods": "", "prior_driven": True, "facts": "",
         "basis": "estimate", "ground": "wide"}
        | {f"factor_{b}": modes.get(name, 1.0) for b in ("low", "mode", "high")}
        | {"prior_low": 0.3, "prior_mode": 1.0, "prior_high": 1.0 / 0.3}
        for name in FACTORS
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"prior_driven": "boolean"})


def count(name: str, observed: float = 1.0, low: float = 1.0, high: float = 1.0, **more: Any) -> Target:
    given: dict[str, Any] = {
        "year": 2023,
        "use": "fit",
        "metric": {"kind": "flow", "links": LINKS.get(name, "*")},
    } | more
    return Target(
        id=name,
        label=name,
        observed=observed,
        low=low,
        high=high,
        unit="Mt/yr",
        facts=("F001",),
        counts="both",
        **given,
    )


@pytest.fixture(scope="module")
def fitting(rich: Any) -> Any:
    """The richer case with factors to fit, whose baseline can be applied."""
    links = rich.table("links")
    bounds = [f"capacity_mt_per_year_{bound}" for bound in ("low", "mode", "high")]
    links.loc[links["link_id"] == "b-south-c-harbour-road", bounds] = [8.0, 9.0, 10.0]
    return rich.with_tables(links=links, fits=fits(rich))


def test_a_linear_model_in_closed_form() -> None:
    """Normal prior and errors: posterior mean and covariance by the textbook formula."""
    generator = np.random.default_rng(5)
    slope, y = generator.normal(size=(6, 3)), generator.normal(size=6) * 0.1
    error, mean, sd = np.full(6, 0.3), np.array([0.1, -0.1, 0.0]), np.array([0.2, 0.5, 1.0])
    fit = fit_factors(lambda x: x @ slope.T, y, error, mean, sd, widen=False)
    covariance = np.linalg.inv(slope.T @ slope / 0.3**2 + np.diag(sd**-2))
    expected = covariance @ (slope.T @ y / 0.3**2 + mean / sd**2)
    assert np.abs((y - slope @ expected) / error).max() < BEND  # else the loss would not be a square
    np.testing.assert_allclose(fit.mean, expected, atol=1e-9)
    np.testing.assert_allclose(fit.covariance, covariance, rtol=1e-7)
    np.testing.assert_allclose(fit.rise, 2.0, rtol=1e-6)  # a normal posterior rises by z^2 / 2


def test_a_count_that_says_nothing_leaves_the_prior() -> None:
    fit = fit_factors(lambda x: x[:, :1], np.array([0.4]), np.array([0.1]), np.zeros(2), np.array([0.5, 0.3]))
    assert prior_driven(fit.ratio).tolist() == [False, True]
    assert fit.mean[1] == 0.0
    np.testing.assert_allclose(fit.ratio[1], 1.0)


def test_one_mad_count_does_not_bend_the_others() -> None:
    """Four counts say 0, one says 5 standard deviations of the prior: the mean of squares would be drawn to a fifth of it."""
    y = np.array([0.0, 0.0, 0.0, 0.0, 5.0])
    fit = fit_factors(lambda x: np.repeat(x, 5, axis=1), y, np.full(5, 0.2), np.zeros(1), np.ones(1), widen=False)
    assert abs(fit.mean[0]) < 0.2 < y.mean() / 2


def test_errors_widen_to_the_residuals() -> None:
    y = np.tile([0.5, -0.5], 10)
    fit = fit_factors(lambda x: np.repeat(x, 20, axis=1), y, np.full(20, 0.25), np.zeros(1), np.ones(1))
    np.testing.assert_allclose(fit.error, 0.5, rtol=0.05)


def test_a_fit_that_runs_away_is_an_error() -> None:
    with pytest.raises(NotConvergedError, match="still move after 2 rounds"):
        fit_factors(lambda x: 0.01 * x, np.array([0.9]), np.array([1e-4]), np.zeros(1), np.full(1, 1e3), most=2)


def test_factors_are_recovered_from_counts_made_with_them(fitting: Any) -> None:
    counts = [count(name) for name in LINKS]
    model = CountModel(fitting, counts, np.zeros(3), threads=1)
    truth = np.log([1.3, 0.8, 1.5])
    made = model.predict(truth[None])[0]
    assert np.abs(made - model.predict(np.zeros((1, 3)))[0]).max() > 0.1  # the factors do something
    sd = np.full(3, 0.7)
    fit = fit_factors(model.predict, made, np.full(len(made), 0.02), np.zeros(3), sd, widen=False)
    known = ~prior_driven(fit.ratio)
    assert known[:2].all()
    assert (np.abs(fit.mean - truth) < 2.0 * fit.sd).all()
    np.testing.assert_allclose(fit.predicted, made, atol=0.04)


def test_a_case_without_factors_is_refused(starter: Any) -> None:
    with pytest.raises(UsageError, match=r"fits\.csv of .* has no rows"):
        calibrate(starter)


def test_which_counts_are_fitted(fitting: Any) -> None:
    counts = [
        count("coast"), count("round"), count("sea", use="held_out"), count("old", year=2019),
        count("both", metric={"kind": "flow", "links": "link=b-coast|b-round"}),
    ]  # fmt: skip
    assert [t.id for t in counts_to_fit(fitting, counts)] == ["coast", "round"]


def test_errors_of_counts_add_in_squares(fitting: Any) -> None:
    plain, wide = count_errors(fitting, [count("coast"), count("coast", low=0.5, high=1.2, year=2025, mismatch=0.3)])
    assert plain == 0.4
    np.testing.assert_allclose(wide, np.sqrt(0.16 + (np.log(2) / 1.6448536) ** 2 + (2 * 0.08) ** 2 + 0.09))


def test_the_table_says_who_speaks(fitting: Any) -> None:
    sd = np.log(1.0 / 0.3) / 1.6448536 * np.array([0.2, 1.0, 1.0])
    table = fitted_table(fitting, np.array([0.4, 0.0, 0.0]), sd, [[count("coast")], [], []])
    np.testing.assert_allclose(table["factor_mode"], [np.exp(0.4), 1.0, 1.0], rtol=1e-3)
    np.testing.assert_allclose(table["factor_high"][1:], table["prior_high"][1:], rtol=1e-3)
    assert table["prior_driven"].tolist() == [False, True, True]
    assert table["facts"].tolist() == ["F001", "", ""]
    assert (table["factor_low"] < table["factor_mode"]).all()


def test_a_fit_is_adopted_only_if_held_out_counts_allow_it() -> None:
    counts = pd.DataFrame({
        "use": ["fit", "held_out", "held_out", "held_out", "held_out"],
        "what": ["volume", "volume", "volume", "volume", "path"],
        "before": [9.0, 2.0, 0.5, 1.0, 9.0],
        "after": [1.0, 2.0, 0.4, 3.0, 1.0],
    })  # fmt: skip
    assert not better(counts)  # medians of volumes: ln 2, then ln 2.5; that of paths falls
    assert better(counts.assign(after=counts["before"]))
    assert better(counts[:1])
