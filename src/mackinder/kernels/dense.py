"""Small dense linear algebra, single-threaded, the same bits each time: sums, symmetric updates, LU with pivoting."""

from __future__ import annotations

from mackinder.kernels import CACHE

# isort: split
import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["lu_factor", "lu_solve", "rank_update", "row_sum"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@numba.njit(cache=CACHE, nogil=True)
def row_sum(left: Floats, right: Floats) -> float:
    """Scalar product in a fixed order of four partial sums, which the processor can take together."""
    n = left.size
    a = 0.0
    b = 0.0
    c = 0.0
    d = 0.0
    whole = n - n % 4
    for place in range(0, whole, 4):
        a += left[place] * right[place]
        b += left[place + 1] * right[place + 1]
        c += left[place + 2] * right[place + 2]
        d += left[place + 3] * right[place + 3]
    for place in range(whole, n):
        a += left[place] * right[place]
    return (a + b) + (c + d)


@numba.njit(cache=CACHE, nogil=True)
def rank_update(matrix: Floats, rows: Floats, factor: Floats) -> None:
    """Add ``sum of factor[m] * outer(rows[m], rows[m])`` over four rows to the lower triangle of a matrix."""
    n = matrix.shape[0]
    if factor[0] == 0.0 and factor[1] == 0.0 and factor[2] == 0.0 and factor[3] == 0.0:
        return
    one, two, three, four = rows[0], rows[1], rows[2], rows[3]
    for i in range(n):
        a = factor[0] * one[i]
        b = factor[1] * two[i] if factor[1] != 0.0 else 0.0
        c = factor[2] * three[i] if factor[2] != 0.0 else 0.0
        d = factor[3] * four[i] if factor[3] != 0.0 else 0.0
        target = matrix[i]
        for k in range(i + 1):
            target[k] += a * one[k] + b * two[k] + c * three[k] + d * four[k]


@numba.njit(cache=CACHE, nogil=True)
def lu_factor(matrix: Floats, pivot: Ints) -> bool:
    """Factorise in place with partial pivoting; False if the matrix is singular to rounding or not finite."""
    n = matrix.shape[0]
    for column in range(n):
        best = column
        for row in range(column + 1, n):
            if abs(matrix[row, column]) > abs(matrix[best, column]):
                best = row
        pivot[column] = best
        if not 1e-14 < abs(matrix[best, column]) < np.inf:
            return False
        if best != column:
            for k in range(n):
                held = matrix[column, k]
                matrix[column, k] = matrix[best, k]
                matrix[best, k] = held
        top = matrix[column]
        inverse = 1.0 / top[column]
        for row in range(column + 1, n):
            target = matrix[row]
            if target[column] == 0.0:
                continue
            share = target[column] * inverse
            target[column] = share
            for k in range(column + 1, n):
                target[k] -= share * top[k]
    return True


@numba.njit(cache=CACHE, nogil=True)
def lu_solve(matrix: Floats, pivot: Ints, right: Floats) -> None:
    """Solve with the factors of `lu_factor`; the right-hand side becomes the solution."""
    n = right.size
    for row in range(n):
        swap = pivot[row]
        if swap != row:
            held = right[row]
            right[row] = right[swap]
            right[swap] = held
    for row in range(n):
        total = right[row]
        for column in range(row):
            total -= matrix[row, column] * right[column]
        right[row] = total
    for row in range(n - 1, -1, -1):
        total = right[row]
        for column in range(row + 1, n):
            total -= matrix[row, column] * right[column]
        right[row] = total / matrix[row, row]
