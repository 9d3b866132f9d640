"""The exponential of many numbers at once, in a form that compilers turn into parallel lanes."""

from __future__ import annotations

from mackinder.kernels import CACHE

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["exponentials"]

_PER_LOG2 = 1.4426950408889634
# ln 2 in two parts, so that the argument is reduced without loss (Cody and Waite 1980)
_LOG2_HIGH = 0.693147180369123816490
_LOG2_LOW = 1.90821492927058770002e-10
#: adding and subtracting this rounds to an integer, which then stands in the last bits of the sum
_ROUND = 6755399441055744.0
_LEAST = -700.0


@nb.njit(cache=CACHE, nogil=True, error_model="numpy", fastmath={"contract", "nsz"})
def exponentials(x: NDArray[np.float64], work: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    r"""Write :math:`e^x` for ``x <= 0`` into ``out``, to one unit in the last place; below -700 it stays at that.

    ``out`` may be ``x``; ``work`` is of the same shape (n,). The standard function takes one number at a time.
    """
    bits = work.view(np.int64)
    for k in range(x.shape[0]):
        y = x[k] if x[k] > _LEAST else _LEAST
        z = y * _PER_LOG2 + _ROUND
        n = z - _ROUND
        r = (y - n * _LOG2_HIGH) - n * _LOG2_LOW
        p = 1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * (1 / 39916800 + r / 479001600))))
        p = 1.0 + r * (1.0 + r * (0.5 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * p))))))
        work[k] = z
        out[k] = p
    for k in range(x.shape[0]):
        bits[k] = (bits[k] + 1023) << 52
    for k in range(x.shape[0]):
        out[k] *= work[k]
