"""Kernels that only kernels call, and kernels that make no arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from mackinder.kernels import CACHE

# isort: split
import numba as nb

__all__ = ["inner", "viewing"]

Function = TypeVar("Function", bound=Callable[..., Any])


def viewing(**options: Any) -> Callable[[Function], Function]:
    """Compile a function that neither makes nor returns arrays, without the counts of references that these need.

    A count is a locked operation for every view of a row, and stands in the way of loops: a quarter of an answer's time.

    Parameters
    ----------
    **options
        Of ``numba.njit``.
    """
    # this option is not in the stubs of numba
    compiled: Callable[[Function], Function] = nb.njit(  # type: ignore[call-overload]
        cache=CACHE, nogil=True, _nrt=False, **options
    )
    return compiled


def inner(*, arrays: bool = True, **options: Any) -> Callable[[Function], Function]:
    """Compile a function that only kernels call, without the wrappers by which Python would call it.

    These unpack records of a hundred arrays, and would cost more to compile than many kernels do.

    Parameters
    ----------
    arrays : bool
        Whether it makes or returns arrays; if not, it is compiled as `viewing` does.
    **options
        Of ``numba.njit``.
    """
    # two of these options are not in the stubs of numba
    compiled: Callable[[Function], Function] = nb.njit(  # type: ignore[call-overload]
        cache=CACHE, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=arrays, **options
    )
    return compiled
