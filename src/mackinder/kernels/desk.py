"""Work space of the loading kernel: what one block of draws keeps about the pair in hand."""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.block import Block
from mackinder.kernels.exponential import logarithms
from mackinder.kernels.pool import N_MODES

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["Desk", "new_desk"]


class Desk(NamedTuple):
    """Work space of one block of B draws; the first four hold a flow's choice for the states that share it."""

    share: NDArray[np.float64]  # (states, goods, 64, B) by place in the offer
    used: NDArray[np.int64]  # (states, goods, 65): how many routes carry something in any draw, and their places
    mean: NDArray[np.float64]  # (states, goods, generalised | money | hours, B)
    control: NDArray[np.float64]  # (states, goods, actor rows, touch | loss | loss with path sizes held, B)
    appeal: NDArray[np.float64]  # (64, B)
    cost: NDArray[np.float64]  # (64, B)
    line: NDArray[np.float64]  # (5, B): least cost, best weight, total weight, and two sums
    flow: NDArray[np.float64]  # (tonnes | value, B) of the flow in hand
    route_flow: NDArray[np.float64]  # (64, 2 + modes, B): tonnes, value, tonnes weighted by the mode's cost factor
    moved: NDArray[np.bool_]  # (64,): the route carries something
    segment_flow: NDArray[np.float64]  # (2 + modes, B)
    actor_flow: NDArray[np.float64]  # (actors, tonnes | value | captive tonnes | captive value | loss | held, B)
    met: NDArray[np.bool_]  # (actors,)
    away: NDArray[np.float64]  # (goods, B): weight of not shipping
    whole: NDArray[np.float64]  # (goods, B): log of the weight of all routes, which is one, and of not shipping
    argument: NDArray[
        np.float64
    ]  # (64 * B,), as the next two: what is made exponential or logarithm, for all draws at once
    work: NDArray[np.float64]
    result: NDArray[np.float64]


@nb.njit(cache=CACHE, nogil=True)
def new_desk(n_states: int, n_actors: int, block: Block) -> Desk:
    """Return empty work space for a block of draws."""
    n_goods, b = block.dispersion.shape
    away, whole = np.empty((n_goods, b)), np.empty((n_goods, b))
    work = np.empty(64 * b)
    for g in range(n_goods):
        away[g] = np.exp(-block.dispersion[g] * block.no_ship[g])
        logarithms(1.0 + away[g], work[:b], whole[g])
    return Desk(
        np.zeros((n_states, n_goods, 64, b)), np.zeros((n_states, n_goods, 65), np.int64),
        np.zeros((n_states, n_goods, 3, b)), np.zeros((n_states, n_goods, n_actors, 3, b)), np.empty((64, b)),
        np.empty((64, b)), np.empty((5, b)), np.empty((2, b)), np.zeros((64, 2 + N_MODES, b)), np.zeros(64, np.bool_),
        np.empty((2 + N_MODES, b)), np.zeros((n_actors, 6, b)), np.zeros(n_actors, np.bool_), away, whole,
        np.empty(64 * b), work, np.empty(64 * b),
    )  # fmt: skip
