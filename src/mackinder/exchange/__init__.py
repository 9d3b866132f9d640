"""Readers and writers of foreign formats.

Names load on first use: importing this package imports no pandas.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mackinder.exchange.folder import export
    from mackinder.exchange.geopackage import read_geopackage_layer

__all__ = ["export", "read_geopackage_layer"]

_HOME: Final = {"export": "folder", "read_geopackage_layer": "geopackage"}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
