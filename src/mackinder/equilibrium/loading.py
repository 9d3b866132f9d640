"""Loading: demand onto routes by path-size logit in every draw and state, under capacities and with trade that answers."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.equilibrium.freight import (
    GAP,
    SETTLED,
    START,
    Memory,
    SettleInputs,
    build_freight,
    build_market,
    common_pairs,
    require_observed,
    settle_inputs,
)
from mackinder.equilibrium.limits import with_capacity
from mackinder.equilibrium.menu import price_record
from mackinder.equilibrium.settling import block_bounds, settle_block
from mackinder.equilibrium.transfers import changed_transfers
from mackinder.kernels.alone_books import book_alone
from mackinder.kernels.block import cut_block, hand_back
from mackinder.kernels.desk import new_desk
from mackinder.kernels.economy import Economy
from mackinder.kernels.loading import BLOCK, Loads, Shipments, load_draws
from mackinder.kernels.settled import book_state
from mackinder.network.records import Network, PriceDraws
from mackinder.network.routes import RouteSet

__all__ = ["GAP", "MODELS", "Held", "Loading", "SettleInputs", "load_again", "load_network", "settle_inputs"]

#: what is solved: routes alone; routes under capacities; trade that answers too
MODELS = ("routes", "capacity", "trade")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """Result of a loading: `loads` as the kernel's record describes them, all states of `network`.

    Attributes
    ----------
    network : Network
    loads : Loads
        First axis draw, second axis state. ``income`` is less the spending of the base year, grown as incomes grow: what
        changes of cost, wages and prices are worth. Large levels would swallow small differences.
    watched : tuple of (origin zone, destination zone, goods)
        Rows of ``loads.watched``.
    limits : tuple of ndarray of int64
        Assets of each limit, rows of ``loads.scarcity``; empty for routes alone.
    model : str
        One of `MODELS`.
    design : Design
    transfers : ndarray, shape (K, S, N), USD/yr
        What each actor gets more from persons abroad because of the scenario (convention C142); zero unless trade answers.
    """

    network: Network
    loads: Loads
    watched: tuple[tuple[str, str, str], ...]
    limits: tuple[NDArray[np.int64], ...]
    model: str
    design: Design
    transfers: NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a solution leaves to the next one of the same states under other prices (see `load_again`).

    Attributes
    ----------
    loading : Loading
    of_state : tuple of Case
        Case of each state.
    inputs : SettleInputs
        As they were given; ``memory`` is where the solution ended.
    limited : ndarray of bool, shape (A,)
        Assets with a capacity.
    """

    loading: Loading
    of_state: tuple[Case, ...]
    inputs: SettleInputs
    limited: NDArray[np.bool_]


def load_network(
    cases: Mapping[str, Case],
    network: Network,
    routes: RouteSet,
    prices: PriceDraws,
    design: Design,
    *,
    threads: int,
    model: str = "routes",
) -> Loading:
    """Load the demand of every state onto its routes, draw by draw.

    Parameters
    ----------
    cases : mapping of str to Case
        Case of each scenario.
    network, routes, prices, design
        What `build_network`, `route_set` and `draw_prices` gave, and the draws they used.
    threads : int
        Draws loaded at once; results do not depend on it.
    model : {"routes", "capacity", "trade"}
        Routes alone; routes under capacities at fixed demand; both with trade that answers to delivered costs. The first
        state must then be the baseline in the base year: its trade is the trade observed.

    Raises
    ------
    UsageError
        If it is not.
    """
    if model != "routes":
        return load_again(None, cases, network, routes, prices, design, threads=threads, model=model).loading
    of_state = [cases[state.scenario] for state in network.states]
    watched = _watched(of_state)
    menu, record, offers, shipments, payees = build_freight(
        of_state, network, routes, prices, design, watched, threads
    )[:5]
    shipments = shipments._replace(common=common_pairs(menu, routes, payees, shipments))
    loads = _empty_loads(network, design.draws, len(watched), 0, _rows(network, shipments))
    step = max(1, min(BLOCK, -(-design.draws // threads)))

    def load(start: int, stop: int) -> None:
        load_draws(start, stop, menu, record, offers, shipments, payees, loads)

    _in_blocks(load, [*range(0, design.draws, step), design.draws], threads)
    return Loading(
        network=network, loads=_of_states(loads, network), watched=watched, limits=(), model=model, design=design,
        transfers=np.zeros((design.draws, len(network.states), len(network.actors))),
    )  # fmt: skip


def load_again(
    before: Held | None,
    cases: Mapping[str, Case],
    network: Network,
    routes: RouteSet,
    prices: PriceDraws,
    design: Design,
    *,
    threads: int,
    model: str = "trade",
    control: bool = True,
) -> Held:
    """Do what `load_network` does under capacities, starting where another solution of the same states ended.

    What prices do not change (routes on offer, demand, payees) is taken over if cases and usable links are the same ones.
    The result is the same to the gap that is asked for; where it starts from only decides how soon it is there.

    Parameters
    ----------
    before : Held or None
        Of the same states, routes and draws.
    cases, network, routes, prices, design, threads
        As in `load_network`.
    model : {"capacity", "trade"}
    control : bool
        Book who could close what; without it exposure, captive shares and costs of closing are zero, and not told.

    Raises
    ------
    UsageError
        As `load_network`.
    """
    of_state = tuple(cases[state.scenario] for state in network.states)
    require_observed(network, of_state[0].settings)
    watched = _watched(of_state)
    limited = np.asarray(np.isfinite(prices.capacity).any(axis=(0, 1)))
    same = before is not None and _prepared_alike(before, of_state, network, limited, model)
    if before is not None and same:
        members, transfers = before.loading.limits, before.loading.transfers
        inputs = before.inputs._replace(
            prices=price_record(network, prices), density=prices.goods.density,
            limits=with_capacity(before.inputs.limits, members, network, prices.capacity),
        )  # fmt: skip
    else:
        freight = build_freight(of_state, network, routes, prices, design, watched, threads)
        inputs, members = build_market(of_state, network, routes, prices, design, model, freight)
        transfers = np.zeros((design.draws, len(network.states), len(network.actors)))
        if model == "trade":
            transfers = _of_actors(changed_transfers(of_state, network, inputs.economy, design), network)
    inputs = inputs._replace(rules=inputs.rules._replace(control=control))
    known = np.zeros(len(network.states), dtype=np.int64)
    if before is not None and before.inputs.memory.scarcity.shape == inputs.memory.scarcity.shape:
        solved = before.loading.loads.gap[..., :2].max(axis=(0, 2)) <= GAP
        known = np.where(solved & same & _unmoved(before.inputs, inputs), SETTLED, START)
        past = before.inputs.memory
        inputs = inputs._replace(memory=Memory(past.scarcity.copy(), past.market.copy(), known, past.reference.copy()))
    loads = _empty_loads(network, design.draws, len(watched), len(members), _rows(network, inputs.shipments))

    def load(start: int, stop: int) -> None:
        _settle(inputs, start, stop, loads)

    _in_blocks(load, block_bounds(design.draws), threads)  # blocks are always the same
    loads = _of_states(loads, network)
    if model == "trade":
        loads = loads._replace(income=loads.income - _grown(inputs.economy, network))
    if before is not None:
        loads = _taken_over(loads, before.loading.loads, known == SETTLED)
    loading = Loading(
        network=network, loads=loads, watched=watched, limits=members, model=model, design=design, transfers=transfers
    )
    return Held(loading=loading, of_state=of_state, inputs=inputs, limited=limited)


def _settle(given: SettleInputs, start: int, stop: int, loads: Loads) -> None:
    """Settle a block of draws and write its books into ``loads``."""
    n_states, n_pairs, n_goods = given.menu.available.shape
    block, sums, sheet = cut_block(start, stop, given.prices, given.shipments, given.payees, loads)
    desk = new_desk(n_states, loads.trade.shape[2], block)
    worth = np.zeros((n_pairs, n_goods, stop - start))
    book = book_alone if stop - start == 1 else book_state
    for x in settle_block(given, block, sums, given.memory.known < SETTLED):
        if given.memory.known[x.s] == SETTLED:  # the base again, for the costs that others are measured by
            continue
        book(
            x.s, given.menu, given.offers, given.shipments, given.payees, block, sums, given.limits, given.first_asset,
            given.zone_actor, given.economy, x.market, given.rules.trade and x.s > 0, x.wants, x.scarcity, x.answer, x.counter,
            worth, given.rules.control, desk, sheet,
        )  # fmt: skip
        sheet.gap[x.s] = (*x.gap, x.turns)
    hand_back(n_states, start, given.shipments, sheet, loads)
    if start == 0:
        loads.identity_gap[:n_states] = sheet.identity_gap[:n_states, :, 0]


def _prepared_alike(
    before: Held, of_state: Sequence[Case], network: Network, limited: NDArray[np.bool_], model: str
) -> bool:
    """Say whether what prices do not change can be taken over."""
    return (
        before.loading.model == model
        and len(before.of_state) == len(of_state)
        and all(a is b for a, b in zip(before.of_state, of_state, strict=True))
        and np.array_equal(before.loading.network.usable, network.usable)
        and np.array_equal(before.limited, limited)
    )


def _unmoved(before: SettleInputs, now: SettleInputs) -> NDArray[np.bool_]:
    """Say of which states, and of the base, no price and no capacity is another one, shape (S,)."""
    by_vector = ("money", "hours", "spread")
    old, new = before.prices, now.prices
    if (
        before.limits.capacity.shape != now.limits.capacity.shape
        or not np.array_equal(before.density, now.density)
        or not all(
            np.array_equal(getattr(old, name), getattr(new, name)) for name in new._fields if name not in by_vector
        )
    ):
        return np.zeros(len(new.vector), dtype=bool)
    same = [
        all(np.array_equal(getattr(old, name)[:, v], getattr(new, name)[:, v]) for name in by_vector)
        and np.array_equal(before.limits.capacity[:, c], now.limits.capacity[:, c])
        for v, c in zip(new.vector, now.limits.vector, strict=True)
    ]
    return np.array(same) & same[0]


def _taken_over(loads: Loads, before: Loads, settled: NDArray[np.bool_]) -> Loads:
    """Put in what is known of the states that were not solved again."""
    for x, old in zip(loads, before, strict=True):
        if x.ndim == 2:
            x[settled] = old[settled]
        else:
            x[:, settled] = old[:, settled]
    return loads


def _watched(of_state: Sequence[Case]) -> tuple[tuple[str, str, str], ...]:
    return tuple((pair.origin, pair.destination, pair.goods) for pair in of_state[0].settings.headline_pairs)


def _rows(network: Network, shipments: Shipments) -> int:
    """States, and room for what groups of states share."""
    return len(network.states) + int(shipments.group.max()) + 1


def _of_states(loads: Loads, network: Network) -> Loads:
    n = len(network.states)
    return Loads(*(x[:n] if x.ndim == 2 else x[:, :n] for x in loads))


def _in_blocks(load: Callable[[int, int], None], bounds: Sequence[int], threads: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        for job in [pool.submit(load, start, stop) for start, stop in itertools.pairwise(bounds)]:
            job.result()


def _grown(economy: Economy, network: Network) -> NDArray[np.float64]:
    """Spending of the base year, grown as incomes grow at base wages, by actor, shape (K, S, N), USD/yr."""
    return _of_actors(economy.growth * economy.flows.sum(axis=(1, 2))[:, None], network)


def _of_actors(amount: NDArray[np.float64], network: Network) -> NDArray[np.float64]:
    """Add up amounts of zones (K, S, Z) by actor, shape (K, S, N)."""
    out = np.zeros((*amount.shape[:2], len(network.actors)))
    for zone, actor in enumerate(network.zone_actor):
        if actor >= 0:
            out[..., actor] += amount[..., zone]
    return out


def _empty_loads(network: Network, draws: int, n_watched: int, n_limits: int, rows: int) -> Loads:
    lead = (draws, rows)
    assets, actors = network.graph.n_assets, len(network.actors)
    return Loads(
        asset_tonnes=np.zeros((*lead, assets)),
        asset_value=np.zeros((*lead, assets)),
        corridor=np.zeros((*lead, len(network.corridors), len(network.goods))),
        exposure=np.zeros((*lead, actors, actors, 2, 2)),
        captive=np.zeros((*lead, actors, actors, 2, 2)),
        closure=np.zeros((*lead, actors, actors, 2)),
        trade=np.zeros((*lead, actors, 2)),
        unserved=np.zeros((*lead, actors)),
        delivered=np.zeros((*lead, actors, 3)),
        watched=np.zeros((*lead, n_watched, 3)),
        revenue=np.zeros((*lead, actors, 3)),
        income=np.zeros((*lead, actors)),
        scarcity=np.zeros((*lead, n_limits)),
        gap=np.zeros((*lead, 3)),
        identity_gap=np.zeros((rows, 2)),
    )
