"""Equilibrium of routes, capacities and trade: state by state, for a block of draws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mackinder.equilibrium.clearing import Site, clear_limits
from mackinder.equilibrium.freight import KNOWN_NOTHING, SETTLED, SettleInputs
from mackinder.kernels.alone_prices import quote_alone
from mackinder.kernels.block import Block, Sums
from mackinder.kernels.economy import Economy, Market, answer_costs, new_market, set_wants
from mackinder.kernels.limits import Answer, Wants
from mackinder.kernels.weights import Counter, new_counter, quote_offers

__all__ = ["BLOCK", "Settled", "block_bounds", "settle_block"]

#: draws settled together: a block's quotes must fit the memory, and its slowest draw holds up the rest
BLOCK: Final = 32
#: draws left over that are worth two blocks
_TAIL: Final = 8
#: limits are cleared to this part of the last change of wages, and roughly at first: wages move anyway
_PART: Final = 0.1
_ROUGH: Final = 0.03
_MOST_ROUNDS: Final = 20
#: answers of all rounds together after which a draw is given up, in those that one clearing may ask for
_MOST_STARTS: Final = 3
#: arrays of a market that say where it is
_WHERE: Final = ("log_wage", "spent", "price", "outlay")


def block_bounds(draws: int) -> list[int]:
    """Return where blocks begin, and after the last the number of draws, whatever the number of threads.

    What is left at the end is cut in two, if it is a quarter of a block or more: while one thread follows it alone, all
    others wait.

    Examples
    --------
    >>> block_bounds(80), block_bounds(70), block_bounds(64)
    ([0, 32, 64, 72, 80], [0, 32, 64, 70], [0, 32, 64])
    """
    bounds = list(range(0, draws, BLOCK))
    left = draws - bounds[-1]
    if _TAIL <= left < BLOCK:
        bounds.append(draws - left // 2)
    return [*bounds, draws]


class Settled(NamedTuple):
    """Equilibrium of one state in a block of B draws.

    ``scarcity`` (L, B) USD/t, hours for queues; ``gap`` (2, B) of capacities and of trade; ``turns`` (B,) answers asked for;
    ``wants``, ``market`` and ``counter`` are work space: what they hold is gone with the next state.
    """

    s: int
    scarcity: NDArray[np.float64]
    gap: NDArray[np.float64]
    turns: NDArray[np.int64]
    answer: Answer
    wants: Wants
    market: Market
    counter: Counter


def settle_block(
    given: SettleInputs, block: Block, sums: Sums, wanted: NDArray[np.bool_], *, base: int = 0
) -> Iterator[Settled]:
    """Settle the states that are ``wanted`` (S,) for a block of draws, that in which trade was observed first.

    ``given.memory`` is read where it knows something, and written.

    Parameters
    ----------
    given : SettleInputs
    block, sums : Block, Sums
        As `cut_block` returns them.
    wanted : ndarray of bool, shape (S,)
        ``base`` is settled in any case, if its costs are not remembered: the others are measured by them.
    base : int
        State in which trade was observed.

    Yields
    ------
    Settled
    """
    n_states = len(given.like)
    b, start, memory = len(block.reliability), block.start, given.memory
    n_limits, n_zones = len(given.limits.is_queue), len(given.zone_actor)
    widest = max(1, int(np.diff(given.limits.group_first).max(initial=1)))
    counter = new_counter(n_zones, n_limits, widest, given.menu, given.offers, given.economy.destination, block)
    asked, remembered = wanted.copy(), bool(memory.known[base] == SETTLED and memory.reference.shape[2])
    asked[base] = not remembered
    twin = _twins(given, block, asked, base)
    asked &= twin < 0
    quote = quote_alone if b == 1 else quote_offers
    quotes = quote(given.shared, given.offers, block, sums, asked, counter)
    market, wants = new_market(start, b, given.economy), new_wants(given, start, b)
    here = slice(start, start + b)
    kept, past = np.zeros((n_states, n_limits, b)), np.zeros((n_states, 4, b, n_zones))
    if remembered:
        wants.reference[:] = memory.reference
    for s in (base, *(s for s in range(n_states) if s != base)):
        known, like = memory.known[s] != KNOWN_NOTHING, int(given.like[s])
        if twin[s] >= 0:
            continue
        if not asked[s]:
            kept[s], past[s] = memory.scarcity[s][:, here], memory.market[s][:, here]
            continue
        site = Site(
            s, given.menu, given.offers, quotes, block, wants, given.limits, given.rules.trade and s != base, counter
        )
        settled = _new_settled(site, n_limits, n_zones, market)
        if known:
            settled.scarcity[:] = memory.scarcity[s][:, here]
        elif like >= 0:  # scarcity of the same year is near
            settled.scarcity[:] = kept[like]
        tonnes = np.ascontiguousarray(given.shipments.tonnes[here, given.shipments.table[s]])
        if s == base:
            settled = _settle_base(given, site, tonnes, settled)
        else:
            if given.rules.trade and known:
                _put(market, memory.market[s][:, here])
            elif given.rules.trade and like != base:  # and so are its wages
                _put(market, past[like])
            else:
                open_market(given.economy, s, start, market)
            settled = _settle_state(given, site, tonnes, settled)
        for t in (s, *np.flatnonzero(twin == s).tolist()):
            kept[t] = settled.scarcity
            past[t] = [getattr(market, name) for name in _WHERE]
            memory.scarcity[t][:, here], memory.market[t][:, here] = kept[t], past[t]
            yield settled._replace(s=t)


def _twins(given: SettleInputs, block: Block, asked: NDArray[np.bool_], base: int) -> NDArray[np.int64]:
    """Say with which earlier state a state shares its equilibrium, shape (S,), -1 for none.

    Such states differ only in who can close what and who is paid; that is for the books to tell apart.
    """
    n_states = len(given.like)
    twin = np.full(n_states, -1)
    for s in range(n_states):
        for t in range(s):
            if asked[s] and asked[t] and base not in (s, t) and twin[t] < 0 and _alike(given, block, s, t):
                twin[s] = t
                break
    return twin


def _alike(given: SettleInputs, block: Block, s: int, t: int) -> bool:
    menu, limits, here = given.menu, given.limits, slice(block.start, block.start + len(block.reliability))
    v, w, c, d = block.vector[s], block.vector[t], limits.vector[s], limits.vector[t]
    return (
        given.shipments.table[s] == given.shipments.table[t]
        and np.array_equal(menu.available[s], menu.available[t])
        and np.array_equal(menu.regime[s], menu.regime[t])
        and np.array_equal(given.economy.growth[here, s], given.economy.growth[here, t])
        and (v == w or all(np.array_equal(x[v], x[w]) for x in (block.money, block.hours, block.spread)))
        and (c == d or np.array_equal(limits.capacity[here, c], limits.capacity[here, d]))
    )


def new_wants(given: SettleInputs, start: int, b: int) -> Wants:
    """Return demand that does not answer to anything yet."""
    n_pairs, n_goods = given.menu.available.shape[1:]
    elasticity = given.economy.elasticity[start : start + b][:, given.economy.sector]
    flows = (n_pairs, n_goods, b)
    return Wants(
        np.zeros(flows), np.zeros(flows), np.ascontiguousarray(given.density[start : start + b].T),
        np.ascontiguousarray(elasticity.T), np.zeros(flows), np.ones((len(given.zone_actor), n_goods, b)),
        given.economy.destination,
    )  # fmt: skip


def _new_settled(site: Site, n_limits: int, n_zones: int, market: Market) -> Settled:
    n_pairs, n_goods, b = site.wants.tonnes.shape
    answer = Answer(
        np.zeros((n_limits, b)), np.zeros((1, 1, b), np.float32), np.ones((n_pairs, n_goods, b)), np.ones((n_zones, n_goods, b)),
        np.zeros((n_pairs, n_goods, b)), np.zeros((n_pairs, n_goods, b)),
    )  # fmt: skip
    return Settled(
        site.s,
        np.zeros((n_limits, b)),
        np.zeros((2, b)),
        np.zeros(b, np.int64),
        answer,
        site.wants,
        market,
        site.counter,
    )


def open_market(economy: Economy, s: int, start: int, market: Market) -> None:
    """Put the market at the base wages of a state, with spending grown as income grows."""
    market.log_wage[:] = 0.0
    market.price[:] = 0.0
    market.spent[:] = economy.growth[start : start + len(market.spent), s]
    market.outlay[:] = market.base_outlay * market.spent


def _put(market: Market, where: NDArray[np.float64]) -> None:
    for name, known in zip(_WHERE, where, strict=True):
        getattr(market, name)[:] = known


def _capacity(given: SettleInputs, s: int, start: int, b: int) -> NDArray[np.float64]:
    limits = given.limits
    if not given.rules.capacity:
        return np.full((len(limits.is_queue), b), np.inf)
    return np.ascontiguousarray(limits.capacity[start : start + b, limits.vector[s]].T)


def _settle_base(given: SettleInputs, site: Site, tonnes: NDArray[np.float64], settled: Settled) -> Settled:
    """Settle the state in which trade was observed: demand is what it was, and its delivered costs are the reference."""
    wants, market, b = site.wants, settled.market, len(tonnes)
    wants.tonnes[:] = tonnes.transpose(1, 2, 0)
    market.outlay[:], market.price[:] = market.base_outlay, 0.0
    capacity = _capacity(given, site.s, site.block.start, b)
    answer = clear_limits(
        site, capacity, np.full(b, given.rules.tolerance), given.rules.most, settled.scarcity, settled.answer,
        np.full(len(capacity), -1), settled.turns, settled.gap[0],
    )  # fmt: skip
    known = (given.offers.number[site.s] >= 0)[:, :, None] & (wants.tonnes > 0.0)
    wants.reference[:] = np.where(known, answer.delivered, 0.0)
    if given.memory.reference.shape[2]:
        given.memory.reference[:] = wants.reference
    return settled._replace(answer=answer)


def _settle_state(given: SettleInputs, site: Site, tonnes: NDArray[np.float64], settled: Settled) -> Settled:
    """Settle any other state; ``tonnes`` (B, P, G) of the base year.

    With trade, rounds of clearing and trade go on until wages and spending rest; without, demand only grows.
    """
    wants, market, rules, number = site.wants, settled.market, given.rules, given.offers.number[site.s]
    b, start = len(tonnes), site.block.start
    done, change, converged = np.zeros(b, dtype=bool), np.zeros(b), np.zeros(b, dtype=bool)
    if rules.trade:
        set_wants(start, given.economy, market, tonnes, number, wants, done)
    else:
        wants.tonnes[:] = tonnes.transpose(1, 2, 0) * market.spent.T[wants.importer][:, None, :]
    tolerance = np.full(b, max(_ROUGH, rules.tolerance) if rules.trade else rules.tolerance)
    capacity, slot = _capacity(given, site.s, start, b), np.full(len(settled.scarcity), -1)
    opened = np.array([getattr(market, name) for name in _WHERE])
    answer = settled.answer
    for turn in range(_MOST_ROUNDS):
        answer = clear_limits(
            site, capacity, tolerance, rules.most, settled.scarcity, answer, slot, settled.turns, settled.gap[0]
        )
        if not rules.trade:
            break
        was = done.copy()
        answer_costs(
            site.s, start, 0.01 * rules.tolerance, given.economy, number, wants, answer, market, done, change, converged
        )
        settled.gap[1, ~was] = change[~was]
        solved = (settled.gap <= rules.tolerance).all(axis=0)
        stuck = ~converged | (settled.gap[0] > tolerance) | (settled.turns >= _MOST_STARTS * rules.most)
        done |= solved | stuck
        if turn == 0:  # as it was opened: what changes nothing must leave exactly what was there
            _put_some(market, opened, solved & ~was)
        tolerance = np.where(
            done, np.inf, np.clip(_PART * settled.gap[1], rules.tolerance, max(_ROUGH, rules.tolerance))
        )
        if done.all():
            break
        set_wants(start, given.economy, market, tonnes, number, wants, done)
    return settled._replace(answer=answer)


def _put_some(market: Market, where: NDArray[np.float64], draws: NDArray[np.bool_]) -> None:
    for name, known in zip(_WHERE, where, strict=True):
        getattr(market, name)[draws] = known[draws]
