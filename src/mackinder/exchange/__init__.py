"""Readers and writers of foreign formats.

Names load on first use: importing this package imports no pandas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mackinder.lazy import lazy_names

if TYPE_CHECKING:
    from mackinder.exchange.folder import export
    from mackinder.exchange.geopackage import read_geopackage_layer

__all__ = ["export", "read_geopackage_layer"]

_HOME: Final = {"export": "folder", "read_geopackage_layer": "geopackage"}

__getattr__, __dir__ = lazy_names(__name__, _HOME)
