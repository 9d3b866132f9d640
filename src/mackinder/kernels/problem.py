"""The four bundles of arrays that the equilibrium kernels hand to one another.

Links are sorted by tail, so that a link's number is its place in the forward star. Pairs are sorted by class and origin.
Routes are stored compressed and ordered by pair; a route without links is the *no-ship* option, whose cost is the
reserve price of its pair.
"""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE

# isort: split
import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["Graph", "LinkArrays", "Pairs", "Routes", "most_routes"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SmallInts = NDArray[np.int32]


class Graph(NamedTuple):
    """Forward star: links `pointer[node]` to `pointer[node + 1]` leave a node.

    Nodes below `first_thru` are not passed through, only left and entered.
    """

    pointer: Ints
    head: SmallInts
    tail: SmallInts
    first_thru: int


class Pairs(NamedTuple):
    """Group g has origin `origin[g]`, class `group_class[g]` and the pairs `pointer[g]` to `pointer[g + 1]`.

    `node`, `flow` and `reserve` (destination, demand, price of not shipping, inf: none) are per pair.
    """

    origin: Ints
    group_class: Ints
    pointer: Ints
    node: SmallInts
    flow: Floats
    reserve: Floats


class LinkArrays(NamedTuple):
    """Packed parameters (see `linkcost`), constants (n_classes, n_links), and the state: flow, cost, slope."""

    parameters: Floats
    constants: Floats
    flow: Floats
    cost: Floats
    slope: Floats


class Routes(NamedTuple):
    """Routes `pointer[pair]` to `pointer[pair + 1]` serve a pair; links `link_pointer[r]` to `link_pointer[r + 1]` make one.

    `weight` is the factor of a route in a logit (its path size; one where choice is Wardrop).
    """

    pointer: Ints
    link_pointer: Ints
    links: SmallInts
    flow: Floats
    weight: Floats


@numba.njit(cache=CACHE)
def most_routes(routes: Routes) -> int:
    """Count the routes of the pair that has most of them; at least 1."""
    most = 1
    for pair in range(routes.pointer.size - 1):
        most = max(most, routes.pointer[pair + 1] - routes.pointer[pair])
    return most
