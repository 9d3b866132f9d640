"""Delivered costs of every flow where routes, capacities and trade rest: for what is asked of a solution afterwards."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.equilibrium.loading import SettleInputs, settle_inputs
from mackinder.equilibrium.settling import block_bounds, settle_block
from mackinder.kernels.block import cut_block
from mackinder.kernels.books import Loads
from mackinder.kernels.economy import Economy
from mackinder.network.records import Network, PriceDraws
from mackinder.network.routes import RouteSet

__all__ = ["Delivered", "delivered_costs"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """Solution of the whole model; K draws, S states, P pairs, G freight classes.

    Attributes
    ----------
    economy : Economy
    change : ndarray, shape (K, S, P, G)
        Delivered cost over that in the base year; 1 where demand does not answer, infinite where a flow has lost its route.
    real : ndarray, shape (K, S, Z), USD/yr
        Real expenditure of zones, at base-year prices.
    gap : ndarray, shape (K, S)
        The larger of the relative gaps of capacities and of trade.
    """

    economy: Economy
    change: NDArray[np.float64]
    real: NDArray[np.float64]
    gap: NDArray[np.float64]


def delivered_costs(
    cases: Mapping[str, Case], network: Network, routes: RouteSet, prices: PriceDraws, design: Design, *, threads: int
) -> Delivered:
    """Solve the whole model and return what every flow costs delivered.

    Parameters
    ----------
    cases, network, routes, prices, design, threads
        As in `mackinder.equilibrium.loading.load_network`.
    """
    given = settle_inputs(cases, network, routes, prices, design, threads=threads)
    n_states, n_pairs, n_goods = given.menu.available.shape
    found = Delivered(
        economy=given.economy,
        change=np.ones((design.draws, n_states, n_pairs, n_goods)),
        real=np.zeros((design.draws, n_states, len(given.zone_actor))),
        gap=np.zeros((design.draws, n_states)),
    )
    with ThreadPoolExecutor(threads) as pool:
        blocks = itertools.pairwise(block_bounds(design.draws))
        for job in [pool.submit(_follow, given, network, *block, found) for block in blocks]:
            job.result()
    return found


def _follow(given: SettleInputs, network: Network, start: int, stop: int, found: Delivered) -> None:
    """Settle all states of a block of draws."""
    n_states = len(given.like)
    no_loads = _no_loads(network, stop, n_states)
    block, sums, _ = cut_block(start, stop, given.prices, given.shipments, given.payees, no_loads)
    for x in settle_block(given, block, sums, np.ones(n_states, dtype=bool)):
        reference = x.wants.reference
        answers = reference > 0.0
        ratio = np.divide(x.answer.delivered, reference, out=np.ones_like(reference), where=answers)
        ratio[(given.offers.number[x.s] < 0)[:, :, None] & answers] = np.inf
        found.change[start:stop, x.s] = ratio.transpose(2, 0, 1)
        found.real[start:stop, x.s] = x.market.outlay * np.exp(-x.market.price)
        found.gap[start:stop, x.s] = x.gap.max(axis=0)


def _no_loads(network: Network, draws: int, n_states: int) -> Loads:
    """Loads of no size: `cut_block` wants some."""
    from mackinder.equilibrium.loading import _empty_loads

    return _empty_loads(network, draws, 0, 0, n_states)
