"""Fewer lanes: the records of some draws of a block, so that those that have come to rest do not hold up the others."""

from __future__ import annotations

from typing import Any

from mackinder.kernels import CACHE
from mackinder.kernels.block import Block
from mackinder.kernels.limits import Answer, Quotes, Wants
from mackinder.kernels.offers import Offers

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["give_back", "narrow_2", "narrow_answer", "narrow_block", "narrow_quotes", "narrow_wants"]


@nb.njit(cache=CACHE, nogil=True)
def narrow_2(x: NDArray[np.float64], lanes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return columns ``lanes`` of ``x`` (N, B)."""
    out = np.empty((x.shape[0], lanes.shape[0]), x.dtype)
    for i in range(x.shape[0]):
        for k in range(lanes.shape[0]):
            out[i, k] = x[i, lanes[k]]
    return out


@nb.njit(cache=CACHE, nogil=True)
def _narrow_3(x: NDArray[Any], lanes: NDArray[np.int64]) -> NDArray[Any]:
    """Return columns ``lanes`` of ``x`` (M, N, B)."""
    out = np.empty((x.shape[0], x.shape[1], lanes.shape[0]), x.dtype)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            for k in range(lanes.shape[0]):
                out[i, j, k] = x[i, j, lanes[k]]
    return out


@nb.njit(cache=CACHE, nogil=True)
def narrow_block(block: Block, lanes: NDArray[np.int64]) -> Block:
    """Return the block with what the answers to scarcity read of it narrowed; the rest stays wide."""
    return Block(
        block.start, block.vector, block.mode, block.money, block.hours, block.spread, block.factor,
        narrow_2(block.value_of_time, lanes), block.reliability[lanes], narrow_2(block.dispersion, lanes),
        narrow_2(block.no_ship, lanes), block.surcharge, block.holds, block.once, block.shipment, block.growth, block.amount,
    )  # fmt: skip


@nb.njit(cache=CACHE, nogil=True)
def narrow_quotes(s: int, offers: Offers, quotes: Quotes, lanes: NDArray[np.int64]) -> Quotes:
    """Return the quotes of the offers of state ``s``; those of other offers are left undefined."""
    b = lanes.shape[0]
    out = Quotes(
        np.empty((quotes.cost.shape[0], b)), np.empty((quotes.least.shape[0], b)), np.empty((quotes.least.shape[0], b))
    )
    for p in range(offers.number.shape[1]):
        for g in range(offers.number.shape[2]):
            u = offers.number[s, p, g]
            if u < 0:
                continue
            for k in range(b):
                out.least[u, k], out.away[u, k] = quotes.least[u, lanes[k]], quotes.away[u, lanes[k]]
            for i in range(offers.first[u], offers.first[u + 1]):
                for k in range(b):
                    out.cost[i, k] = quotes.cost[i, lanes[k]]
    return out


@nb.njit(cache=CACHE, nogil=True)
def narrow_wants(wants: Wants, lanes: NDArray[np.int64]) -> Wants:
    """Return what some draws want."""
    return Wants(
        _narrow_3(wants.tonnes, lanes), _narrow_3(wants.reference, lanes), narrow_2(wants.density, lanes),
        narrow_2(wants.elasticity, lanes), _narrow_3(wants.share, lanes), _narrow_3(wants.rest, lanes), wants.importer,
    )  # fmt: skip


@nb.njit(cache=CACHE, nogil=True)
def narrow_answer(answer: Answer, lanes: NDArray[np.int64]) -> Answer:
    """Return the answer of some draws, slopes included."""
    return Answer(
        narrow_2(answer.load, lanes), _narrow_3(answer.slope, lanes),
        _narrow_3(answer.delivered, lanes), _narrow_3(answer.price_index, lanes), _narrow_3(answer.tonnes, lanes),
        _narrow_3(answer.shipped, lanes),
    )  # fmt: skip


@nb.njit(cache=CACHE, nogil=True)
def _give_back_3(x: NDArray[np.float64], lanes: NDArray[np.int64], out: NDArray[np.float64]) -> None:
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            for k in range(lanes.shape[0]):
                out[i, j, lanes[k]] = x[i, j, k]


@nb.njit(cache=CACHE, nogil=True)
def give_back(answer: Answer, lanes: NDArray[np.int64], out: Answer) -> None:
    """Write the answer of some draws back into that of all; slopes stay apart."""
    for i in range(out.load.shape[0]):
        for k in range(lanes.shape[0]):
            out.load[i, lanes[k]] = answer.load[i, k]
    _give_back_3(answer.delivered, lanes, out.delivered)
    _give_back_3(answer.price_index, lanes, out.price_index)
    _give_back_3(answer.tonnes, lanes, out.tonnes)
    _give_back_3(answer.shipped, lanes, out.shipped)
