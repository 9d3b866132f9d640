"""Exponentials and logarithms of many numbers at once, in a form that compilers turn into parallel lanes."""

from __future__ import annotations

from mackinder.kernels.inner import viewing

# isort: split
import numpy as np
from numpy.typing import NDArray

__all__ = ["exponentials", "logarithms"]

_PER_LOG2 = 1.4426950408889634
# ln 2 in two parts, so that the argument is reduced without loss (Cody and Waite 1980)
_LOG2_HIGH = 0.693147180369123816490
_LOG2_LOW = 1.90821492927058770002e-10
#: adding and subtracting this rounds to an integer, which then stands in the last bits of the sum
_ROUND = 6755399441055744.0
_LEAST = -700.0
#: the bits of the root of one half
_ROOT_HALF = np.int64(0x3FE6A09E667F3BCD)


@viewing(error_model="numpy", fastmath={"contract", "nsz"})
def exponentials(x: NDArray[np.float64], work: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    r"""Write :math:`e^x` for ``x <= 700`` into ``out``, to one unit in the last place; below -700 it stays at that.

    ``out`` must be another array than ``x``, or the loops are not made parallel; ``work`` is of the same shape (n,). The standard
    function takes one number at a time.
    """
    bits = work.view(np.int64)
    for k in range(x.shape[0]):
        y = x[k] if x[k] > _LEAST else _LEAST
        z = y * _PER_LOG2 + _ROUND
        n = z - _ROUND
        r = (y - n * _LOG2_HIGH) - n * _LOG2_LOW
        p = 1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * (1 / 39916800 + r * (1 / 479001600)))))
        p = 1.0 + r * (1.0 + r * (0.5 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * p))))))
        work[k] = z
        out[k] = p
    for k in range(x.shape[0]):
        bits[k] = (bits[k] + 1023) << 52
    for k in range(x.shape[0]):
        out[k] *= work[k]


@viewing(error_model="numpy", fastmath={"contract", "nsz"})
def logarithms(x: NDArray[np.float64], work: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    r"""Write :math:`\ln x` for normal ``x > 0`` into ``out``, to two units in the last place of the larger of it and 1.

    ``out`` must be another array than ``x``; ``work`` is of the same shape (n,). The number is split
    into :math:`2^e m` with m next to 1, and
    :math:`\ln m = 2 \operatorname{artanh}((m - 1) / (m + 1))`.
    """
    bits = work.view(np.int64)
    for k in range(x.shape[0]):
        work[k] = x[k]
    for k in range(x.shape[0]):  # the exponent changes where m passes the root of two
        bits[k] = (bits[k] - _ROOT_HALF) >> 52
    for k in range(x.shape[0]):
        out[k] = x[k]
    left = out.view(np.int64)
    for k in range(x.shape[0]):
        left[k] -= bits[k] << 52
    for k in range(x.shape[0]):
        t = (out[k] - 1.0) / (out[k] + 1.0)
        q = t * t
        p = 1 / 13 + q * (1 / 15 + q * (1 / 17 + q * (1 / 19 + q * (1 / 21))))
        p = 1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q * p))))
        e = np.float64(bits[k])
        out[k] = e * _LOG2_HIGH + (2.0 * t + (2.0 * t * q * p + e * _LOG2_LOW))
