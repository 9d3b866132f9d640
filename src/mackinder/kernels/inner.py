"""Kernels that only kernels call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from mackinder.kernels import CACHE

# isort: split
import numba as nb

__all__ = ["inner"]

Function = TypeVar("Function", bound=Callable[..., Any])


def inner(*, arrays: bool = True, **options: Any) -> Callable[[Function], Function]:
    """Compile a function that only kernels call, without the wrappers by which Python would call it.

    These unpack records of a hundred arrays, and would cost more to compile than many kernels do.

    Parameters
    ----------
    **options
        Of ``numba.njit``.
    """
    # two of these options are not in the stubs of numba
    compiled: Callable[[Function], Function] = nb.njit(  # type: ignore[call-overload]
        cache=CACHE, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=arrays, **options
    )
    return compiled
