"""Delivered costs of every flow where routes, capacities and trade rest: for what is asked of a solution afterwards."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.equilibrium.loading import SettleInputs, settle_inputs
from mackinder.kernels.block import cut_block
from mackinder.kernels.books import Loads
from mackinder.kernels.economy import Economy, copy_market, new_market, open_market
from mackinder.kernels.equilibrium import new_settled, new_wants, settle_base, settle_state
from mackinder.kernels.settle import BLOCK
from mackinder.kernels.weights import new_counter, quote_offers
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

    The same steps as in `mackinder.kernels.settle.settle_draws`, without its books.

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
        starts = range(0, design.draws, BLOCK)
        for job in [pool.submit(_follow, given, network, k, min(k + BLOCK, design.draws), found) for k in starts]:
            job.result()
    return found


def _follow(given: SettleInputs, network: Network, start: int, stop: int, found: Delivered) -> None:
    """Settle all states of a block of draws."""
    n_states, n_pairs, n_goods = given.menu.available.shape
    n_limits, n_zones, b = len(given.limits.is_queue), len(given.zone_actor), stop - start
    economy, shipments = given.economy, given.shipments
    widest = max(1, int(np.diff(given.limits.group_first).max(initial=1)))
    block, sums, _ = cut_block(start, stop, given.prices, shipments, given.payees, _no_loads(network, stop, n_states))
    counter = new_counter(n_zones, widest, given.menu, given.offers, economy.destination, block)
    quotes = quote_offers(given.shared, given.offers, block, sums, np.ones(n_states, dtype=bool), counter)
    market = new_market(start, b, economy)
    wants = new_wants(start, b, n_pairs, n_goods, given.density, economy)
    kept, past = np.zeros((n_states, n_limits, b)), np.zeros((n_states, 4, b, n_zones))
    for s in range(n_states):
        settled = new_settled(n_limits, n_pairs, n_goods, n_zones, b)
        like = int(given.like[s])
        if like >= 0:
            settled.scarcity[:] = kept[like]
        base = shipments.tonnes[:, shipments.table[s]]
        if s == 0:
            wants.tonnes[:] = base[start:stop].transpose(1, 2, 0)
            market.outlay[:], market.price[:] = market.base_outlay, 0.0
            settled = settle_base(
                s, start, given.menu, given.offers, quotes, block, wants, given.limits, given.rules, counter, settled
            )
        else:
            if like != 0:
                copy_market(past[like], market, False)
            else:
                open_market(s, start, economy, market)
            settled = settle_state(
                s, start, given.menu, given.offers, quotes, block, base, wants, given.limits, economy, given.rules, counter,
                market, settled,
            )  # fmt: skip
        kept[s] = settled.scarcity
        copy_market(past[s], market, True)
        answers = wants.reference > 0.0
        ratio = np.divide(settled.answer.delivered, wants.reference, out=np.ones_like(wants.reference), where=answers)
        ratio[(given.offers.number[s] < 0)[:, :, None] & answers] = np.inf
        found.change[start:stop, s] = ratio.transpose(2, 0, 1)
        found.real[start:stop, s] = market.outlay * np.exp(-market.price)
        found.gap[start:stop, s] = settled.gap.max(axis=0)


def _no_loads(network: Network, draws: int, n_states: int) -> Loads:
    """Loads of no size: `cut_block` wants some."""
    from mackinder.equilibrium.loading import _empty_loads

    return _empty_loads(network, draws, 0, 0, n_states)
