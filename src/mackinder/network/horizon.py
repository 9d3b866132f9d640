"""Short and long run: how much of its elasticity trade has (conventions C92, C143)."""

from __future__ import annotations

from typing import Final

from mackinder.case.settings import Settings

__all__ = ["SHORT_RUN", "elasticity_factors"]

#: trade elasticities of the first year over those of the long run, low, mode and high: 0.76 over 2.12 in Boehm, Levchenko and
#: Pandalai-Nayar (2023, American Economic Review 113), about a half in Gallaway, McDaniel and Rivera (2003)
SHORT_RUN: Final = (0.3, 0.4, 0.6)


def elasticity_factors(settings: Settings) -> tuple[float, float, float]:
    """Return what trade elasticities are multiplied with, low, mode and high: one in the long run."""
    return SHORT_RUN if settings.trade_run == "short" else (1.0, 1.0, 1.0)
