"""Flows with capacity; trade; the coupling of both.

Public names are loaded on first use: the kernels behind them take a second to load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mackinder.lazy import lazy_names

if TYPE_CHECKING:
    from mackinder.equilibrium._assign import assign
    from mackinder.equilibrium.assignment import AssignedPairs, AssignedRoutes, Assignment
    from mackinder.equilibrium.road import Demand, RoadNetwork, RouteSet, demand_from_matrix, road_network
    from mackinder.equilibrium.switching import SwitchAnswer, SwitchPoint, TollAnswer, profitable_toll, switch_points
    from mackinder.equilibrium.trade import HatResult, hat_algebra, purge_deficits

__all__ = [
    "AssignedPairs",
    "AssignedRoutes",
    "Assignment",
    "Demand",
    "HatResult",
    "RoadNetwork",
    "RouteSet",
    "SwitchAnswer",
    "SwitchPoint",
    "TollAnswer",
    "assign",
    "demand_from_matrix",
    "hat_algebra",
    "profitable_toll",
    "purge_deficits",
    "road_network",
    "switch_points",
]

#: public name -> module that defines it; a function must not share its name with a module of this package
_HOME: Final = {
    "AssignedPairs": "assignment",
    "AssignedRoutes": "assignment",
    "Assignment": "assignment",
    "Demand": "road",
    "HatResult": "trade",
    "RoadNetwork": "road",
    "RouteSet": "road",
    "SwitchAnswer": "switching",
    "SwitchPoint": "switching",
    "TollAnswer": "switching",
    "assign": "_assign",
    "demand_from_matrix": "road",
    "hat_algebra": "trade",
    "profitable_toll": "switching",
    "purge_deficits": "trade",
    "road_network": "road",
    "switch_points": "switching",
}

__getattr__, __dir__ = lazy_names(__name__, _HOME)
