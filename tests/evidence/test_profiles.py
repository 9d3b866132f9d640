"""Identification (convention C153): profiles of linear models in closed form, and what is bounded."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mackinder.evidence.profiles import RISE, TRIED, Moved, profile_parameters, told_apart

Z = np.linspace(-0.5, 0.5, TRIED)


F = Moved(name="f", values=np.exp(Z), own=0)


def test_a_linear_model_in_closed_form() -> None:
    """Of a linear model with normal errors the profile is a parabola with the curvature of the Schur complement."""
    generator = np.random.default_rng(3)
    slope, sd, error = generator.normal(size=(8, 3)), np.array([0.5, 0.4, 0.6]), np.full(8, 2.0)
    found = profile_parameters(lambda x: x @ slope.T, [F], np.zeros(8), error, np.zeros(3), sd)
    weighted = slope.T @ slope / 4.0
    inner = weighted[1:, 1:] + np.diag(sd[1:] ** -2.0)
    curvature = weighted[0, 0] - weighted[0, 1:] @ np.linalg.solve(inner, weighted[1:, 0])
    np.testing.assert_allclose(found["counts"], 0.5 * curvature * Z**2, atol=1e-9)
    np.testing.assert_allclose(found["refitted"], 0.5 * (curvature + sd[0] ** -2.0) * Z**2, atol=1e-9)
    np.testing.assert_allclose(found["held"], 0.5 * (weighted[0, 0] + sd[0] ** -2.0) * Z**2, atol=1e-9)


def test_two_that_do_the_same_are_not_told_apart() -> None:
    """One count of the sum of two factors: held, each seems sharp; refitted, the other takes it all up to its prior."""
    slope = np.array([[1.0, 1.0]])
    found = profile_parameters(lambda x: x @ slope.T, [F], np.zeros(1), np.array([0.05]), np.zeros(2), np.ones(2))
    assert found["held"].max() > 10
    assert found["counts"].max() < RISE
    assert told_apart(found)["identified"].tolist() == ["no"]
    sharp = profile_parameters(lambda x: x[:, :1], [F], np.zeros(1), np.array([0.05]), np.zeros(2), np.ones(2))
    assert told_apart(sharp)["identified"].tolist() == ["yes"]


def test_what_is_no_factor_is_moved_too() -> None:
    """A premium outside the fit has no prior of its own here: held and counts are the misfit alone."""
    shift = np.linspace(0.0, 0.4, TRIED)
    item = Moved(name="premium", values=shift, own=-1, change=lambda at, logs: logs[:, :1] * 0 + shift[at][:, None])
    found = profile_parameters(lambda x: x[:, :1] * 0, [item], np.zeros(1), np.array([0.2]), np.zeros(1), np.ones(1))
    np.testing.assert_allclose(found["held"], 0.5 * (shift / 0.2) ** 2)
    np.testing.assert_allclose(found["counts"], found["held"])
    told = told_apart(found).iloc[0]
    assert (told["identified"], told["best"], told["low"]) == ("above", 0.0, 0.0)
    assert abs(0.5 * (told["high"] / 0.2) ** 2 - RISE) < 0.05  # read off straight lines between the values tried


def test_ends_are_read_between_the_values_tried() -> None:
    profile = pd.DataFrame({
        "parameter": ["a"] * 3 + ["b"] * 3, "value": [1.0, 2.0, 3.0] * 2,
        "counts": [2 * RISE, 0.0, 2 * RISE, 0.0, 0.5, 4.0],
    })  # fmt: skip
    told = told_apart(profile).set_index("parameter")
    assert told.loc["a", ["low", "high", "identified"]].tolist() == [1.5, 2.5, "yes"]
    assert told.loc["b", ["low", "identified"]].tolist() == [1.0, "above"]
    assert 2.0 < told.loc["b", "high"] < 3.0
