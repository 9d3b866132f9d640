"""What an equilibrium is, once found: frozen records with status, gaps, flows, costs and routes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["AssignedPairs", "AssignedRoutes", "Assignment", "Choice", "Status"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Choice = Literal["wardrop", "logit"]
Status = Literal["converged", "not_converged", "capacity_not_met"]


def _lock(record: object, names: Iterable[str]) -> None:
    for name in names:
        value = getattr(record, name)
        if isinstance(value, np.ndarray):
            value.flags.writeable = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignedRoutes:
    """Routes of an assignment, ordered by pair; a route without links is demand that is not shipped.

    Attributes
    ----------
    pair : ndarray of int64, shape (n_routes,)
        Row in `AssignedPairs`.
    link_pointer : ndarray of int64, shape (n_routes + 1,)
    links : ndarray of int64, shape (n_uses,)
        Links in travel order, the caller's numbers.
    flow : ndarray, shape (n_routes,), flow units
    cost : ndarray, shape (n_routes,), cost units
        Including the prices of hard capacities.
    """

    pair: Ints
    link_pointer: Ints
    links: Ints
    flow: Floats
    cost: Floats

    def __post_init__(self) -> None:
        _lock(self, (f.name for f in fields(self)))


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignedPairs:
    """Pairs of an assignment, sorted by class and origin; intrazonal and zero demand is left out.

    Attributes
    ----------
    row : ndarray of int64, shape (n_pairs,)
        Row of the demand.
    origin, destination, klass : ndarray of int64, shape (n_pairs,)
    quantity, unserved : ndarray, shape (n_pairs,), flow units
    least_cost, mean_cost : ndarray, shape (n_pairs,), cost units
        Over the routes of the result, prices of hard capacities included.
    logsum_cost : ndarray, shape (n_pairs,), cost units
        ``-ln(sum PS exp(-theta c)) / theta``; the least cost where choice is Wardrop.
    """

    row: Ints
    origin: Ints
    destination: Ints
    klass: Ints
    quantity: Floats
    unserved: Floats
    least_cost: Floats
    mean_cost: Floats
    logsum_cost: Floats

    def __post_init__(self) -> None:
        _lock(self, (f.name for f in fields(self)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """An equilibrium, with what is needed to judge it.

    Attributes
    ----------
    status : {"converged", "not_converged", "capacity_not_met"}
    choice : {"wardrop", "logit"}
    dispersion : float or None, 1/cost units
    link_flow : ndarray, shape (n_links,), flow units
    class_flow : ndarray, shape (n_classes, n_links), flow units
    link_cost : ndarray, shape (n_links,), cost units
        Delay and fixed cost of class 0, without the price of a hard capacity; inf on a closed link.
    class_cost : ndarray, shape (n_classes, n_links), cost units
    multipliers : ndarray, shape (n_links,), cost units
        Price of the hard capacity: zero where there is none or it does not bind, NaN where the link is closed.
    pairs : AssignedPairs
    routes : AssignedRoutes
    objective : float, flow x cost units
        Beckmann's function, plus what unserved demand costs; in a logit also ``sum f ln(f / PS) / theta``.
    relative_gap : float
        Wardrop: ``(TSTT - SPTT) / TSTT``, TSTT the sum of flow times cost, SPTT the same on least-cost routes. Logit:
        ``sum |f - q P(c(f))| / sum q``.
    gaps : tuple of float
        Relative gap at each iteration (with hard capacities at the prices of its round).
    capacity_violation : float
        Worst flow above a hard capacity, or slack under a priced one, as a share of that capacity.
    iterations : int
    intrazonal : float, flow units
        Demand that stays where it is, not assigned.
    """

    status: Status
    choice: Choice
    dispersion: float | None
    link_flow: Floats
    class_flow: Floats
    link_cost: Floats
    class_cost: Floats
    multipliers: Floats
    pairs: AssignedPairs
    routes: AssignedRoutes
    objective: float
    relative_gap: float
    gaps: tuple[float, ...]
    capacity_violation: float
    iterations: int
    intrazonal: float

    def __post_init__(self) -> None:
        _lock(self, (f.name for f in fields(self)))

    @property
    def converged(self) -> bool:
        """Whether all tolerances were met."""
        return self.status == "converged"

    @property
    def unserved(self) -> float:
        """Demand that took the no-ship option, in flow units."""
        return float(self.pairs.unserved.sum())
