"""Units stand in column names; this module is where their conversions live.

A column that carries a dimension ends in one of `SUFFIXES`; intervals add ``_low``, ``_mode`` and ``_high``.
"""

from __future__ import annotations

from typing import Final

__all__ = ["HOURS_PER_DAY", "SUFFIXES", "TONNES_PER_KT", "TONNES_PER_MT", "USD_PER_BN", "USD_PER_MUSD", "unit_of"]

HOURS_PER_DAY: Final = 24.0
TONNES_PER_KT: Final = 1e3
TONNES_PER_MT: Final = 1e6
USD_PER_MUSD: Final = 1e6
USD_PER_BN: Final = 1e9

#: column suffix -> unit as printed
SUFFIXES: Final[dict[str, str]] = {
    "_usd_per_t_day": "USD/(t day)",
    "_usd_per_t": "USD/t",
    "_t_per_usd": "t/USD",
    "_mt_per_year": "Mt/yr",
    "_usd_bn": "USD bn",
    "_musd": "USD m",
    "_kt": "kt",
    "_km": "km",
    "_mm": "mm",
    "_h": "h",
    "_deg": "degree",
    "_million": "million",
    "_years": "yr",
}


def unit_of(column: str) -> str:
    """Return the unit that a column name announces, or ``1`` if it announces none.

    Examples
    --------
    >>> unit_of("cost_usd_per_t_low"), unit_of("share_mode")
    ('USD/t', '1')
    """
    stem = column
    for bound in ("_low", "_mode", "_high"):
        stem = stem.removesuffix(bound)
    for suffix, unit in SUFFIXES.items():
        if stem.endswith(suffix):
            return unit
    return "1"
