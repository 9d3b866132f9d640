"""Equilibrium and books of every state, block by block of draws: routes, capacities, trade, then control and revenue."""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.block import Block, Sums, cut_block, flat_loads, flat_sheet, hand_back
from mackinder.kernels.books import Loads, Payees, Shipments
from mackinder.kernels.desk import Desk, new_desk
from mackinder.kernels.economy import Economy, Market, copy_market, new_market, open_market
from mackinder.kernels.equilibrium import Rules, Settled, new_settled, new_wants, settle_base, settle_state
from mackinder.kernels.limits import Limits, Wants
from mackinder.kernels.loading import Scarce, load_pair
from mackinder.kernels.offers import Offers
from mackinder.kernels.pricing import Menu, Prices
from mackinder.kernels.weights import Counter, new_counter, quote_offers, scarcity_of_routes

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "SETTLED", "START", "Memory", "settle_draws"]

#: draws settled together: a block's quotes must fit the memory, and its slowest draw holds up the rest
BLOCK = 32
_NOTHING, START, SETTLED = 0, 1, 2


class Memory(NamedTuple):
    """Where scarcity and trade of every state end, and from where they may start: S states, L limits, K draws, Z zones.

    ``known`` (S,) says what there is of a state: `_NOTHING`, so that it starts from nothing or from a like state; a `START`; or
    that it is `SETTLED` already, and is neither solved nor booked again.
    """

    scarcity: NDArray[np.float64]  # (S, L, K) USD/t, hours for queues
    market: NDArray[np.float64]  # (S, 4, K, Z) log wage, spending over the base, log price index, outlay
    known: NDArray[np.int64]


@nb.njit(cache=CACHE, nogil=True)
def _worth(
    s: int, p: int, g: int, shipments: Shipments, start: int, economy: Economy, market: Market, trade: bool, wants: Wants,
    settled: Settled, out: NDArray[np.float64],
) -> None:  # fmt: skip
    """Value shipped: tonnes at what they cost delivered, relative to the base year."""
    answer, table = settled.answer, shipments.table[s]
    for k in range(out.shape[0]):
        tonnes = shipments.tonnes[start + k, table, p, g]
        out[k] = 0.0
        if tonnes > 0.0:
            out[k] = shipments.value[start + k, table, p, g] * answer.shipped[p, g, k] / tonnes
            if trade and wants.share[p, g, k] > 0.0:
                dearer = answer.delivered[p, g, k] / wants.reference[p, g, k]
                out[k] *= dearer * np.exp(market.log_wage[k, economy.origin[p]])


@nb.njit(cache=CACHE, nogil=True)
def _book_rents(
    s: int, limits: Limits, first_asset: NDArray[np.int64], payees: Payees, block: Block, settled: Settled, loads: Loads
) -> None:
    """Hand scarcity rents to those who are paid the price of the asset; queues are nobody's revenue."""
    for a in range(first_asset.shape[0]):
        price, load = settled.scarcity[a], settled.answer.load[a]
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
def _book_state(
    s: int, start: int, menu: Menu, offers: Offers, shipments: Shipments, payees: Payees, block: Block, sums: Sums,
    limits: Limits, first_asset: NDArray[np.int64], zone_actor: NDArray[np.int64], economy: Economy, market: Market,
    trade: bool, wants: Wants, settled: Settled, counter: Counter, worth: NDArray[np.float64], desk: Desk, loads: Loads,
) -> None:  # fmt: skip
    """Book flows, control and revenue of a settled state, and its incomes."""
    n_pairs, n_goods, b = wants.tonnes.shape
    slot = np.full(limits.is_queue.shape[0], -1, np.int64)
    for a in range(slot.shape[0]):
        loads.scarcity[s, a] = settled.scarcity[a]
        slot[a] = a if settled.scarcity[a].max() > 0.0 else -1
    scarce = Scarce(
        True,
        counter.rent.reshape((64, b)),
        counter.wait.reshape((64, b)),
        settled.answer.shipped,
        settled.answer.tonnes,
        worth,
    )
    for p in range(n_pairs):
        if scarcity_of_routes(p, menu, limits, settled.scarcity, slot, counter) == 0:
            counter.rent[:] = 0.0
            counter.wait[:] = 0.0
        for g in range(n_goods):
            _worth(s, p, g, shipments, start, economy, market, trade, wants, settled, worth[p, g])
        load_pair(p, s, s + 1, menu, offers, shipments, payees, block, sums, scarce, desk, loads)
    _book_rents(s, limits, first_asset, payees, block, settled, loads)
    for j in range(zone_actor.shape[0]):
        if zone_actor[j] >= 0:
            for k in range(b):
                loads.income[s, zone_actor[j], k] += market.outlay[k, j] * np.exp(-market.price[k, j])
    for k in range(b):
        loads.gap[s, 0, k], loads.gap[s, 1, k], loads.gap[s, 2, k] = (
            settled.gap[0, k],
            settled.gap[1, k],
            settled.turns[k],
        )


@nb.njit(cache=CACHE, nogil=True)
def settle_draws(
    start: int, stop: int, base: int, shared: Menu, menu: Menu, prices: Prices, density: NDArray[np.float64],
    offers: Offers, shipments: Shipments, payees: Payees, limits: Limits,
    first_asset: NDArray[np.int64], zone_actor: NDArray[np.int64],
    economy: Economy, rules: Rules, like: NDArray[np.int64], memory: Memory, loads: Loads,
) -> None:  # fmt: skip
    """Settle draws ``start:stop`` of all states and write them into ``loads``.

    Parameters
    ----------
    base : int
        State in which trade was observed.
    shared, menu : Menu
        The menu whose states share choices (for prices), and the same with every state on its own.
    density : ndarray, shape (K, G), USD/t
    first_asset : ndarray of int64, shape (L,)
        An asset of each limit, whose payees have the rent.
    like : ndarray of int64, shape (S,)
        Earlier state from whose scarcity a state starts, -1 for none.
    memory : Memory
        Read where it is known, and written.
    """
    n_states, n_pairs, n_goods = menu.available.shape
    n_limits, n_zones = limits.is_queue.shape[0], zone_actor.shape[0]
    widest = 1
    for p in range(n_pairs):
        widest = max(widest, limits.group_first[p + 1] - limits.group_first[p])
    for at in range(start, stop, BLOCK):
        b = min(at + BLOCK, stop) - at
        block, sums, sheet = cut_block(at, at + b, prices, shipments, payees, loads)
        counter = new_counter(n_zones, widest, menu, offers, economy.destination, block)
        desk = new_desk(n_states, n_goods, loads.trade.shape[2], b)
        wanted = memory.known < SETTLED
        wanted[base] = True
        quotes = quote_offers(shared, offers, block, sums, wanted, counter)
        market, wants = new_market(at, b, economy), new_wants(at, b, n_pairs, n_goods, density, economy)
        worth, kept = np.zeros((n_pairs, n_goods, b)), np.zeros((n_states, n_limits, b))
        past = np.zeros((n_states, 4, b, n_zones))
        for turn in range(n_states):
            s = base if turn == 0 else (turn - 1 if turn <= base else turn)
            if not wanted[s]:
                kept[s], past[s] = memory.scarcity[s][:, at : at + b], memory.market[s][:, at : at + b]
                continue
            settled = new_settled(n_limits, n_pairs, n_goods, n_zones, b)
            if memory.known[s] != _NOTHING:
                settled.scarcity[:] = memory.scarcity[s][:, at : at + b]
            elif like[s] >= 0:  # scarcity of the same year is near
                settled.scarcity[:] = kept[like[s]]
            if turn == 0:
                for p in range(n_pairs):
                    for k in range(b):
                        wants.tonnes[p, :, k] = shipments.tonnes[at + k, shipments.table[s], p]
                for k in range(b):
                    market.outlay[k], market.price[k] = market.base_outlay[k], 0.0
                settled = settle_base(s, at, menu, offers, quotes, block, wants, limits, rules, counter, settled)
            else:
                if rules.trade and memory.known[s] != _NOTHING:
                    copy_market(memory.market[s][:, at : at + b].copy(), market, False)
                elif rules.trade and like[s] != base:  # and so are its wages
                    copy_market(past[like[s]], market, False)
                else:
                    open_market(s, at, economy, market)
                settled = settle_state(
                    s, at, menu, offers, quotes, block, shipments.tonnes[:, shipments.table[s]], wants, limits, economy,
                    rules, counter, market, settled,
                )  # fmt: skip
            kept[s] = settled.scarcity
            copy_market(past[s], market, True)
            memory.scarcity[s][:, at : at + b] = settled.scarcity
            memory.market[s][:, at : at + b] = past[s]
            if memory.known[s] == SETTLED:  # the base again, for the costs that it is measured by
                continue
            _book_state(
                s, at, menu, offers, shipments, payees, block, sums, limits, first_asset, zone_actor, economy, market,
                rules.trade and turn > 0, wants, settled, counter, worth, desk, sheet,
            )  # fmt: skip
        hand_back(n_states, at, shipments, flat_sheet(sheet), flat_loads(loads))
        if at == 0:
            for s in range(n_states):
                for j in range(2):
                    loads.identity_gap[s, j] = sheet.identity_gap[s, j, 0]
