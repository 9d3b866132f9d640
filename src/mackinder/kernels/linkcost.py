"""Cost of one link as a function of its flow, and of all links at once.

A link is one row of a packed parameter array, so that a cost update touches one cache line:

====== ============================================================
column meaning
====== ============================================================
0      constant part (free-flow time + fixed cost of the class at hand)
1      delay coefficient (free-flow time x B); 0 for a constant link
2      1 / capacity
3      power
4      hard capacity (inf: none)
5      multiplier of the hard capacity
6      penalty of the augmented Lagrangian, per unit of excess flow
7      unused, pads the row to 64 bytes
====== ============================================================
"""

from __future__ import annotations

from mackinder.kernels import CACHE

# isort: split
import numba
import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.problem import LinkArrays

__all__ = ["N_PARAMETERS", "link_integrals", "link_state", "refresh_links"]

#: columns of the packed parameter array
N_PARAMETERS = 8
#: below this volume/capacity ratio a power below one has its slope cut off, as it is infinite at zero
_FLOOR = 1e-9

Floats = NDArray[np.float64]


@numba.njit(cache=CACHE)
def link_state(parameters: Floats, link: int, flow: float) -> tuple[float, float]:
    """Return cost and its derivative of one link at a flow (negative round-off counts as zero)."""
    coefficient = parameters[link, 1]
    cost = parameters[link, 0]
    slope = 0.0
    if coefficient > 0.0:
        scale = parameters[link, 2]
        power = parameters[link, 3]
        ratio = max(flow, 0.0) * scale
        if power == 4.0:
            cube = ratio * ratio * ratio
            cost += coefficient * cube * ratio
            slope = 4.0 * coefficient * cube * scale
        elif power == 1.0:
            cost += coefficient * ratio
            slope = coefficient * scale
        else:
            if power < 1.0:
                cost += coefficient * ratio**power
                ratio = max(ratio, _FLOOR)
                slope = power * coefficient * ratio ** (power - 1.0) * scale
            else:
                rest = ratio ** (power - 1.0)
                cost += coefficient * rest * ratio
                slope = power * coefficient * rest * scale
    if parameters[link, 4] < np.inf:
        price = parameters[link, 5] + parameters[link, 6] * (flow - parameters[link, 4])
        if price > 0.0:
            cost += price
            slope += parameters[link, 6]
    return cost, slope


@numba.njit(cache=CACHE)
def refresh_links(state: LinkArrays, klass: int) -> None:
    """Put a class's constant part into the parameters and evaluate all links at their flows, in place."""
    for link in range(state.flow.size):
        state.parameters[link, 0] = state.constants[klass, link]
        state.cost[link], state.slope[link] = link_state(state.parameters, link, state.flow[link])


@numba.njit(cache=CACHE)
def link_integrals(parameters: Floats, flow: Floats) -> Floats:
    """Integrate the flow-dependent delay of each link from zero to its flow (no constant, no multiplier)."""
    out = np.zeros(flow.size)
    for link in range(flow.size):
        coefficient = parameters[link, 1]
        if coefficient > 0.0 and flow[link] > 0.0:
            power = parameters[link, 3]
            ratio = flow[link] * parameters[link, 2]
            out[link] = coefficient * flow[link] * ratio**power / (power + 1.0)
    return out
