"""Small dense algebra against numpy."""

from __future__ import annotations

import numpy as np
import pytest

from mackinder.kernels.dense import lu_factor, lu_solve, rank_update, row_sum


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 52])
def test_solve(n: int) -> None:
    rng = np.random.default_rng(n)
    matrix, right = rng.normal(size=(n, n)), rng.normal(size=n)
    factors, pivot, solution = matrix.copy(), np.empty(n, np.int64), right.copy()
    assert lu_factor(factors, pivot)
    lu_solve(factors, pivot, solution)
    np.testing.assert_allclose(matrix @ solution, right, atol=1e-10)


def test_pivoting_is_needed_and_done() -> None:
    factors, pivot, solution = np.array([[0.0, 1.0], [2.0, 0.0]]), np.empty(2, np.int64), np.array([3.0, 4.0])
    assert lu_factor(factors, pivot)
    lu_solve(factors, pivot, solution)
    np.testing.assert_allclose(solution, [2.0, 3.0])


@pytest.mark.parametrize("matrix", [[[1.0, 2.0], [2.0, 4.0]], [[np.nan, 1.0], [1.0, 1.0]], [[np.inf, 1.0], [1.0, 1.0]]])
def test_singular_or_not_finite_is_said(matrix: list[list[float]]) -> None:
    assert not lu_factor(np.array(matrix), np.empty(2, np.int64))


@pytest.mark.parametrize("n", [1, 3, 8, 9])
def test_row_sum_and_update(n: int) -> None:
    rng = np.random.default_rng(n)
    left, right = rng.normal(size=n), rng.normal(size=n)
    assert row_sum(left, right) == pytest.approx(left @ right, abs=1e-13)
    rows, factor, matrix = rng.normal(size=(4, n)), rng.normal(size=4), np.zeros((n, n))
    rank_update(matrix, rows, factor)
    np.testing.assert_allclose(matrix, np.tril(np.einsum("m,mi,mk->ik", factor, rows, rows)), atol=1e-12)


def test_an_unused_row_may_hold_anything() -> None:
    matrix, rows = np.zeros((2, 2)), np.ones((4, 2))
    rank_update(matrix, rows, np.array([1.0, 0.0, 0.0, 0.0]))
    np.testing.assert_array_equal(matrix, [[1.0, 0.0], [1.0, 1.0]])
