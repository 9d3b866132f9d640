"""Books of a settled state: flows, control, revenue with scarcity rents, and incomes of a block of draws."""

from __future__ import annotations

from mackinder.kernels import CACHE
from mackinder.kernels.block import Block, Sums
from mackinder.kernels.books import Loads, Payees, Shipments
from mackinder.kernels.desk import Desk
from mackinder.kernels.economy import Economy, Market
from mackinder.kernels.inner import inner
from mackinder.kernels.limits import Answer, Limits, Wants
from mackinder.kernels.loading import Scarce, load_pair
from mackinder.kernels.offers import Offers
from mackinder.kernels.pricing import Menu
from mackinder.kernels.weights import Counter, scarcity_of_routes

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["book_rents", "book_state", "value_shipped"]


@inner(arrays=False)
def value_shipped(
    s: int, p: int, g: int, shipments: Shipments, start: int, economy: Economy, market: Market, trade: bool, wants: Wants,
    answer: Answer, out: NDArray[np.float64],
) -> None:  # fmt: skip
    """Value shipped: tonnes at what they cost delivered, relative to the base year."""
    table = shipments.table[s]
    for k in range(out.shape[0]):
        tonnes = shipments.tonnes[start + k, table, p, g]
        out[k] = 0.0
        if tonnes > 0.0:
            out[k] = shipments.value[start + k, table, p, g] * answer.shipped[p, g, k] / tonnes
            if trade and wants.share[p, g, k] > 0.0:
                dearer = answer.delivered[p, g, k] / wants.reference[p, g, k]
                out[k] *= dearer * np.exp(market.log_wage[k, economy.origin[p]])


@inner(arrays=False)
def book_rents(
    s: int, limits: Limits, first_asset: NDArray[np.int64], payees: Payees, block: Block, scarcity: NDArray[np.float64],
    answer: Answer, loads: Loads,
) -> None:  # fmt: skip
    """Hand scarcity rents to those who are paid the price of the asset; queues are nobody's revenue."""
    for a in range(first_asset.shape[0]):
        price, load = scarcity[a], answer.load[a]
        if limits.is_queue[a]:
            continue
        at = first_asset[a]
        for row in range(payees.first[at], payees.first[at + 1]):
            if payees.is_fee[row] or not payees.holds[s, row]:
                continue
            out, share = loads.revenue[s, payees.actor[row], 2], block.amount[row]
            for k in range(out.shape[0]):
                out[k] += price[k] * load[k] * share[k]


@nb.njit(cache=CACHE, nogil=True)
def book_state(
    s: int, menu: Menu, offers: Offers, shipments: Shipments, payees: Payees, block: Block, sums: Sums,
    limits: Limits, first_asset: NDArray[np.int64], zone_actor: NDArray[np.int64], economy: Economy, market: Market,
    trade: bool, wants: Wants, scarcity: NDArray[np.float64], answer: Answer, counter: Counter, worth: NDArray[np.float64],
    control: bool, desk: Desk, loads: Loads,
) -> None:  # fmt: skip
    """Book flows, revenue and incomes of a settled state, and if asked who could close what."""
    n_pairs, n_goods, b = wants.tonnes.shape
    slot = np.full(limits.is_queue.shape[0], -1, np.int64)
    for a in range(slot.shape[0]):
        loads.scarcity[s, a] = scarcity[a]
        slot[a] = a if scarcity[a].max() > 0.0 else -1
    scarce = Scarce(
        True,
        counter.rent.reshape((64, b)),
        counter.wait.reshape((64, b)),
        answer.shipped,
        answer.tonnes,
        worth,
    )
    for p in range(n_pairs):
        if scarcity_of_routes(p, menu, limits, scarcity, slot, counter) == 0:
            counter.rent[:] = 0.0
            counter.wait[:] = 0.0
        for g in range(n_goods):
            value_shipped(s, p, g, shipments, block.start, economy, market, trade, wants, answer, worth[p, g])
        load_pair(p, s, s + 1, menu, offers, shipments, payees, block, sums, scarce, control, desk, loads)
    book_rents(s, limits, first_asset, payees, block, scarcity, answer, loads)
    for j in range(zone_actor.shape[0]):
        if zone_actor[j] >= 0:
            for k in range(b):
                loads.income[s, zone_actor[j], k] += market.outlay[k, j] * np.exp(-market.price[k, j])
