"""Equilibrium of routes, capacities and trade, state by state, for a block of draws."""

from __future__ import annotations

from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.block import Block
from mackinder.kernels.clearing import clear_limits
from mackinder.kernels.economy import Economy, Market, answer_costs, copy_market, set_wants
from mackinder.kernels.hat import CONVERGED
from mackinder.kernels.hatmodel import new_work
from mackinder.kernels.limits import Answer, Limits, Quotes, Wants
from mackinder.kernels.offers import Offers
from mackinder.kernels.pricing import Menu
from mackinder.kernels.weights import Counter

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["Rules", "Settled", "new_settled", "new_wants", "settle_base", "settle_state"]

#: limits are cleared to this part of the last change of wages, and roughly at first: wages move anyway
_PART = 0.1
_ROUGH = 0.03
_MOST_ROUNDS = 20


class Rules(NamedTuple):
    """Which parts are on, and when to stop: relative gap, answers a clearing may ask for."""

    capacity: bool
    trade: bool
    tolerance: float
    most: int


class Settled(NamedTuple):
    """Equilibrium of one state in a block of B draws.

    ``scarcity`` (L, B) USD/t, hours for queues; ``gap`` (2, B) of capacities and of trade; ``turns`` (B,); ``answer``.
    """

    scarcity: NDArray[np.float64]
    gap: NDArray[np.float64]
    turns: NDArray[np.int64]
    answer: Answer


@nb.njit(cache=CACHE, nogil=True)
def new_settled(n_limits: int, n_pairs: int, n_goods: int, n_zones: int, b: int) -> Settled:
    """Return an empty record."""
    answer = Answer(
        np.zeros((n_limits, b)), np.zeros((1, 1, b), np.float32), np.ones((n_pairs, n_goods, b)), np.ones((n_zones, n_goods, b)),
        np.zeros((n_pairs, n_goods, b)), np.zeros((n_pairs, n_goods, b)),
    )  # fmt: skip
    return Settled(np.zeros((n_limits, b)), np.zeros((2, b)), np.zeros(b, np.int64), answer)


@nb.njit(cache=CACHE, nogil=True)
def new_wants(start: int, b: int, n_pairs: int, n_goods: int, density: NDArray[np.float64], economy: Economy) -> Wants:
    """Return demand that does not answer to anything yet; ``density`` (K, G) USD/t."""
    n_zones = economy.flows.shape[2]
    price, elasticity = np.empty((n_goods, b)), np.empty((n_goods, b))
    for g in range(n_goods):
        for k in range(b):
            price[g, k] = density[start + k, g]
            elasticity[g, k] = economy.elasticity[start + k, economy.sector[g]]
    return Wants(
        np.zeros((n_pairs, n_goods, b)), np.zeros((n_pairs, n_goods, b)), price, elasticity,
        np.zeros((n_pairs, n_goods, b)), np.ones((n_zones, n_goods, b)), economy.destination,
    )  # fmt: skip


@nb.njit(cache=CACHE, nogil=True)
def _capacity(s: int, start: int, b: int, limits: Limits, on: bool) -> NDArray[np.float64]:
    capacity = np.full((limits.is_queue.shape[0], b), np.inf)
    if on:
        for a in range(capacity.shape[0]):
            for k in range(b):
                capacity[a, k] = limits.capacity[start + k, limits.vector[s], a]
    return capacity


@nb.njit(cache=CACHE, nogil=True)
def settle_base(
    s: int, start: int, menu: Menu, offers: Offers, quotes: Quotes, block: Block, wants: Wants, limits: Limits, rules: Rules,
    counter: Counter, settled: Settled,
) -> Settled:  # fmt: skip
    """Settle the state in which trade was observed: demand is what it was, and its delivered costs are the reference."""
    n_pairs, n_goods, b = wants.tonnes.shape
    capacity = _capacity(s, start, b, limits, rules.capacity)
    answer = clear_limits(
        s, capacity, menu, offers, quotes, block, wants, limits, False, np.full(b, rules.tolerance), rules.most, settled.scarcity,
        counter, settled.answer, np.full(capacity.shape[0], -1, np.int64), settled.turns, settled.gap[0],
    )  # fmt: skip
    for p in range(n_pairs):
        for g in range(n_goods):
            u = offers.number[s, p, g]
            for k in range(b):
                known = u >= 0 and wants.tonnes[p, g, k] > 0.0
                wants.reference[p, g, k] = answer.delivered[p, g, k] if known else 0.0
    return Settled(settled.scarcity, settled.gap, settled.turns, answer)


@nb.njit(cache=CACHE, nogil=True)
def settle_state(
    s: int, start: int, menu: Menu, offers: Offers, quotes: Quotes, block: Block, base: NDArray[np.float64], wants: Wants,
    limits: Limits, economy: Economy, rules: Rules, counter: Counter, market: Market, settled: Settled,
) -> Settled:  # fmt: skip
    """Settle any other state; ``base`` (K, P, G) tonnes of the base year, ``wants.reference`` from `settle_base`.

    With trade, rounds of clearing and trade go on until wages and spending rest; without, demand only grows.
    """
    n_pairs, n_goods, b = wants.tonnes.shape
    capacity = _capacity(s, start, b, limits, rules.capacity)
    number, answer = offers.number[s], settled.answer
    done = np.zeros(b, np.bool_)
    work = new_work(economy.flows.shape[1], economy.flows.shape[2])
    for k in range(b):
        if rules.trade:
            set_wants(k, start, economy, market, base[start + k], number, wants)
        else:
            for p in range(n_pairs):
                for g in range(n_goods):
                    wants.tonnes[p, g, k] = base[start + k, p, g] * market.spent[k, wants.importer[p]]
    tolerance, slot = np.full(b, rules.tolerance), np.full(capacity.shape[0], -1, np.int64)
    if rules.trade:
        tolerance[:] = max(_ROUGH, rules.tolerance)
    opened = np.empty((4, market.log_wage.shape[0], market.log_wage.shape[1]))
    copy_market(opened, market, True)
    for turn in range(_MOST_ROUNDS):
        answer = clear_limits(
            s, capacity, menu, offers, quotes, block, wants, limits, rules.trade, tolerance, rules.most, settled.scarcity,
            counter, answer, slot, settled.turns, settled.gap[0],
        )  # fmt: skip
        if not rules.trade:
            break
        for k in range(b):
            if done[k]:
                continue
            settled.gap[1, k], status = answer_costs(
                k, s, start, 0.01 * rules.tolerance, economy, number, wants, answer, market, work
            )
            solved = settled.gap[1, k] <= rules.tolerance and settled.gap[0, k] <= rules.tolerance
            if solved or status != CONVERGED or settled.gap[0, k] > tolerance[k] or settled.turns[k] >= rules.most:
                done[k], tolerance[k] = True, np.inf
                if solved and turn == 0:  # as it was opened: what changes nothing must leave exactly what was there
                    market.log_wage[k], market.spent[k] = opened[0, k], opened[1, k]
                    market.price[k], market.outlay[k] = opened[2, k], opened[3, k]
            else:
                tolerance[k] = min(max(_PART * settled.gap[1, k], rules.tolerance), _ROUGH)
                set_wants(k, start, economy, market, base[start + k], number, wants)
        if done.all():
            break
    return Settled(settled.scarcity, settled.gap, settled.turns, answer)
