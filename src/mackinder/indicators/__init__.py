"""Families of indicators, one module each; catalogue.csv names them all.

Public names are loaded on first use: the kernels behind them take a second to load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mackinder.lazy import lazy_names

if TYPE_CHECKING:
    from mackinder.indicators.coalitions import is_convex, is_superadditive, superadditive_cover
    from mackinder.indicators.excess import CoreInterval, core_interval
    from mackinder.indicators.indices import banzhaf, myerson, owen, shapley
    from mackinder.indicators.nuclei import EmptyImputationsError, nucleolus, prenucleolus
    from mackinder.indicators.power import GamePower, game_power
    from mackinder.indicators.routegame import best_investment, transit_values
    from mackinder.indicators.sampling import SampledShapley, shapley_sampled

__all__ = [
    "CoreInterval",
    "EmptyImputationsError",
    "GamePower",
    "SampledShapley",
    "banzhaf",
    "best_investment",
    "core_interval",
    "game_power",
    "is_convex",
    "is_superadditive",
    "myerson",
    "nucleolus",
    "owen",
    "prenucleolus",
    "shapley",
    "shapley_sampled",
    "superadditive_cover",
    "transit_values",
]

#: public name -> module that defines it; a function must not share its name with a module of this package
_HOME: Final = {
    "CoreInterval": "excess",
    "EmptyImputationsError": "nuclei",
    "GamePower": "power",
    "SampledShapley": "sampling",
    "banzhaf": "indices",
    "best_investment": "routegame",
    "core_interval": "excess",
    "game_power": "power",
    "is_convex": "coalitions",
    "is_superadditive": "coalitions",
    "myerson": "indices",
    "nucleolus": "nuclei",
    "owen": "indices",
    "prenucleolus": "nuclei",
    "shapley": "indices",
    "shapley_sampled": "sampling",
    "superadditive_cover": "coalitions",
    "transit_values": "routegame",
}

__getattr__, __dir__ = lazy_names(__name__, _HOME)
