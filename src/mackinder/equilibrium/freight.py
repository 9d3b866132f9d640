"""What a loading is given: routes on offer, demand, payees, capacities and the economy, as the records of the kernels."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.settings import Settings
from mackinder.draws import Design
from mackinder.equilibrium.economy import build_economy
from mackinder.equilibrium.limits import build_limits
from mackinder.equilibrium.menu import build_menu, end_bits, price_record, route_bits
from mackinder.equilibrium.payees import build_payees, with_permits
from mackinder.errors import UsageError
from mackinder.kernels.economy import Economy
from mackinder.kernels.limits import Limits
from mackinder.kernels.loading import Payees, Shipments
from mackinder.kernels.offers import Offers, build_offers, join_offers
from mackinder.kernels.pricing import Menu, Prices
from mackinder.kernels.segments import or_over_routes
from mackinder.network.demand import Demand, distinct_demand, draw_demand
from mackinder.network.prices import draw_prices
from mackinder.network.records import Network, PriceDraws
from mackinder.network.routes import RouteSet

__all__ = [
    "GAP",
    "KNOWN_NOTHING",
    "SETTLED",
    "START",
    "Freight",
    "Memory",
    "Rules",
    "SettleInputs",
    "build_freight",
    "build_market",
    "common_pairs",
    "require_observed",
    "settle_inputs",
]

#: relative gap to which capacities and trade are solved, and answers a clearing may ask for
GAP = 1e-6
MOST_ANSWERS = 80

_BOUNDS = ("low", "mode", "high")


#: what `Memory` knows of a state: nothing, so that it starts from nothing or from a like state; where to start; all there is
KNOWN_NOTHING, START, SETTLED = 0, 1, 2


class Rules(NamedTuple):
    """Which parts are on, and when to stop: relative gap, answers a clearing may ask for.

    ``control``: who could close what is booked too.
    """

    capacity: bool
    trade: bool
    control: bool
    tolerance: float
    most: int


class Memory(NamedTuple):
    """Where scarcity and trade of every state end, and from where they may start: S states, L limits, K draws, Z zones.

    ``known`` (S,) says what there is of a state; one that is `SETTLED` is neither solved nor booked again. ``reference`` are the
    delivered costs by which demand is measured, those of the first state; they are kept for a single draw, and not for many.
    """

    scarcity: NDArray[np.float64]  # (S, L, K) USD/t, hours for queues
    market: NDArray[np.float64]  # (S, 4, K, Z) log wage, spending over the base, log price index, outlay
    known: NDArray[np.int64]
    reference: NDArray[np.float64]  # (P, G, 1) USD/t, or (P, G, 0)


class SettleInputs(NamedTuple):
    """What `mackinder.equilibrium.settling` solves: S states, L limits.

    ``shared`` is the menu whose states share choices (for prices), ``menu`` the same with every state on its own; ``density``
    (K, G) USD/t; ``first_asset`` (L,) an asset of each limit, whose payees have the rent; ``like`` (S,) an earlier state from
    whose scarcity a state starts, -1 for none.
    """

    shared: Menu
    menu: Menu
    prices: Prices
    density: NDArray[np.float64]
    offers: Offers
    shipments: Shipments
    payees: Payees
    limits: Limits
    first_asset: NDArray[np.int64]
    zone_actor: NDArray[np.int64]
    economy: Economy
    rules: Rules
    like: NDArray[np.int64]
    memory: Memory


class Freight(NamedTuple):
    """What all models share; ``observed`` is the demand of the first state."""

    menu: Menu
    record: Prices
    offers: Offers
    shipments: Shipments
    payees: Payees
    observed: Demand


def settle_inputs(
    cases: Mapping[str, Case], network: Network, routes: RouteSet, prices: PriceDraws, design: Design, *, threads: int
) -> SettleInputs:
    """Return what the kernels of the whole model are given, for those who follow a solution step by step.

    Parameters
    ----------
    cases, network, routes, prices, design, threads
        As in `load_network`.
    """
    of_state = [cases[state.scenario] for state in network.states]
    require_observed(network, of_state[0].settings)
    freight = build_freight(of_state, network, routes, prices, design, (), threads)
    return build_market(of_state, network, routes, prices, design, "trade", freight)[0]


def build_freight(
    of_state: Sequence[Case],
    network: Network,
    routes: RouteSet,
    prices: PriceDraws,
    design: Design,
    watched: Sequence[tuple[str, str, str]],
    threads: int,
) -> Freight:
    """Prepare routes on offer, demand and payees."""
    table, owners = distinct_demand(of_state)
    menu = build_menu(network, routes, table)
    demands = [draw_demand(case, network.goods, prices.goods.density, design) for case in owners]
    shipments = _shipments(demands, of_state[0].settings, table, network, routes, design, watched)
    central = draw_prices(of_state[0], network, dataclasses.replace(design, draws=1, central=True))
    return Freight(
        menu=menu,
        record=price_record(network, prices),
        offers=_offers(menu, price_record(network, central), end_bits(network, routes), threads),
        shipments=shipments,
        payees=build_payees(of_state, network, design),
        observed=demands[table[0]],
    )


def build_market(
    of_state: Sequence[Case],
    network: Network,
    routes: RouteSet,
    prices: PriceDraws,
    design: Design,
    model: str,
    freight: Freight,
) -> tuple[SettleInputs, tuple[NDArray[np.int64], ...]]:
    """Add capacities and the economy; also say which assets each limit holds."""
    limits, members = build_limits(network, routes, prices.capacity)
    payees, first_asset = with_permits(freight.payees, of_state, network, members)
    return SettleInputs(
        shared=freight.menu,
        menu=freight.menu._replace(same_as=_alone(freight.menu.same_as.shape)),
        prices=freight.record,
        density=prices.goods.density,
        offers=freight.offers,
        shipments=freight.shipments,
        payees=payees,
        limits=limits,
        first_asset=first_asset,
        zone_actor=network.zone_actor,
        economy=build_economy(of_state[0], network, routes, freight.observed, design),
        rules=Rules(capacity=True, trade=model == "trade", control=True, tolerance=GAP, most=MOST_ANSWERS),
        like=_like([state.year for state in network.states]),
        memory=_no_memory(len(network.states), len(members), design.draws, len(network.graph.zones), freight.menu),
    ), members


def _no_memory(states: int, limits: int, draws: int, zones: int, menu: Menu) -> Memory:
    return Memory(
        np.zeros((states, limits, draws)), np.zeros((states, 4, draws, zones)), np.zeros(states, dtype=np.int64),
        np.zeros((*menu.available.shape[1:], int(draws == 1))),
    )  # fmt: skip


def require_observed(network: Network, settings: Settings) -> None:
    """See that the first state is the one in which trade was observed."""
    first = network.states[0]
    later = any((state.scenario, state.year) == (settings.baseline, settings.base_year) for state in network.states[1:])
    if first.year != settings.base_year or later:
        msg = (
            f"the first state is {first.scenario} in {first.year}: under capacities the baseline {settings.baseline} in "
            f"{settings.base_year} comes first, for its trade is the trade observed; build the network with both"
        )
        raise UsageError(msg)


def _like(years: Sequence[int]) -> NDArray[np.int64]:
    """For each state, the first of its year if it is not itself, else the very first; -1 for the first of all."""
    return np.array([years.index(year) if years.index(year) < s else (0 if s else -1) for s, year in enumerate(years)])


def _alone(shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Let every state choose on its own: scarcity differs between states."""
    return np.ascontiguousarray(np.broadcast_to(np.arange(shape[0])[:, None, None], shape))


def _shipments(
    demands: Sequence[Demand],
    settings: Settings,
    table: NDArray[np.int64],
    network: Network,
    routes: RouteSet,
    design: Design,
    watched: Sequence[tuple[str, str, str]],
) -> Shipments:
    growth = settings.demand_growth_per_year
    rate = design.quantity(
        ["settings/demand_growth_per_year"], *(np.array([getattr(growth, b)]) for b in _BOUNDS)
    )[:, 0]  # fmt: skip
    years = np.array([state.year - settings.base_year for state in network.states])
    kinds = [(int(year), int(t)) for year, t in zip(years, table, strict=True)]
    order = {kind: i for i, kind in enumerate(dict.fromkeys(kinds))}
    zone, goods = {z: i for i, z in enumerate(network.graph.zones)}, {g: i for i, g in enumerate(network.goods)}
    pair = {(int(o), int(d)): p for p, (o, d) in enumerate(zip(routes.origin, routes.destination, strict=True))}
    watch = np.full((len(routes.origin), len(network.goods)), -1, dtype=np.int64)
    for h, (origin, destination, name) in enumerate(watched):
        watch[pair[zone[origin], zone[destination]], goods[name]] = h
    return Shipments(
        tonnes=np.ascontiguousarray(
            np.stack([d.tonnes[:, routes.origin, routes.destination] for d in demands], axis=1)
        ),
        value=np.ascontiguousarray(np.stack([d.value[:, routes.origin, routes.destination] for d in demands], axis=1)),
        table=table,
        growth=(1.0 + rate[:, None]) ** years[None, :],
        group=np.array([order[kind] for kind in kinds], dtype=np.int64),
        leader=np.array([kinds.index(kind) for kind in kinds], dtype=np.int64),
        common=np.zeros((len(order), len(routes.origin)), dtype=bool),
        origin_actor=network.zone_actor[routes.origin],
        destination_actor=network.zone_actor[routes.destination],
        watch=watch,
    )


def common_pairs(menu: Menu, routes: RouteSet, payees: Payees, shipments: Shipments) -> NDArray[np.bool_]:
    """Say which pairs all states of a group load alike, shape (groups, P): same choices, same payees on the way."""
    common = np.ones((shipments.group.max() + 1, len(routes.origin)), dtype=bool)
    rows = np.repeat(np.arange(len(payees.first) - 1), np.diff(payees.first))
    for s, (group, leader) in enumerate(zip(shipments.group, shipments.leader, strict=True)):
        alike = (menu.same_as[s] == menu.same_as[leader]) & (menu.available[s] == menu.available[leader])
        paid = np.zeros(len(payees.first) - 1, dtype=np.uint64)
        paid[rows[payees.holds[s] != payees.holds[leader]]] = 1
        touched = or_over_routes(routes.route_first, routes.arcs, paid) > 0
        bits = route_bits(touched, routes.pair_first)[:, None] & menu.available[s]
        common[group] &= (alike & (bits == 0)).all(axis=1)
    for group in range(len(common)):  # a group of one has nothing to share
        common[group] &= (shipments.group == group).sum() > 1
    return common


def _offers(menu: Menu, prices: Prices, ends: NDArray[np.uint64], threads: int) -> Offers:
    """Build the offers of all pairs, in as many ranges as there are threads (and a few more, for balance)."""
    bounds = np.linspace(0, len(ends), 4 * threads + 1).astype(int)
    with ThreadPoolExecutor(threads) as pool:
        return join_offers(list(pool.map(lambda a, b: build_offers(menu, prices, ends, a, b), bounds[:-1], bounds[1:])))
