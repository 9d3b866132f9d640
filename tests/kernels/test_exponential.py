"""Exponentials and logarithms of many numbers against the standard functions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mackinder.kernels.exponential import exponentials, logarithms


def run(function, x):
    out, work = np.empty_like(x), np.empty_like(x)
    function(x, work, out)
    return out


@pytest.mark.parametrize("n", [1, 3, 16, 1001])
def test_exponentials_meet_the_standard_function_to_the_last_places(n):
    x = np.random.default_rng(n).uniform(-690.0, 690.0, n)
    np.testing.assert_allclose(run(exponentials, x), [math.exp(v) for v in x], rtol=5e-16)


def test_very_negative_arguments_stay_positive_and_do_not_overflow():
    out = run(exponentials, np.array([-700.0, -1e4, -np.inf]))
    assert (out > 0.0).all()
    assert (out < 1e-300).all()


@pytest.mark.parametrize("n", [1, 5, 16, 1001])
def test_logarithms_meet_the_standard_function(n):
    rng = np.random.default_rng(n)
    x = np.concatenate(
        [10.0 ** rng.uniform(-290.0, 290.0, n), 1.0 + rng.normal(0.0, 1e-7, n), [0.5, 1.0, 2.0, 2.0**0.5]]
    )
    true = np.array([math.log(v) for v in x])
    assert (np.abs(run(logarithms, x) - true) <= 4.5e-16 * np.maximum(np.abs(true), 1.0)).all()


def test_the_logarithm_of_one_is_nothing():
    assert run(logarithms, np.ones(7)).tolist() == [0.0] * 7
