"""Itineraries: the routes between two places, told so that a person can follow and question them.

Needs no pandas: with a stored network `mackinder route` starts in the time that numba takes to load.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mackinder.errors import NoRouteError, UsageError, did_you_mean
from mackinder.kernels.choice import path_size_logit
from mackinder.kernels.pool import Jobs, Star, collect_routes
from mackinder.kernels.segments import build_segments
from mackinder.network.records import Labels, Network, PriceDraws
from mackinder.network.terrain import terrain_of_flow
from mackinder.units import HOURS_PER_DAY

__all__ = ["Itinerary", "Leg", "find_itineraries"]

Array = NDArray[np.float64]

#: routes that share more than this part of their cost with a better one are not listed beside it
_ALIKE = 0.9


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A stretch by one mode: places passed, length and running time."""

    mode: str
    places: tuple[str, ...]
    length_km: float
    days: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Itinerary:
    """One route.

    Attributes
    ----------
    cost, price, days : tuple of float
        Central value, 5 % and 95 % over draws: generalised cost and price in USD/t, transit time in days.
    share : float
        Share of the flow by path-size logit at central prices, among all routes found.
    length_km : float
    legs : tuple of Leg
    borders : tuple of str
        Countries entered, in order, as alpha-3 codes.
    transfers : tuple of str
        Changes of mode or gauge.
    closers : tuple of str
        Actors who can close it.
    links : tuple of str
        Link ids in travel order.
    """

    cost: tuple[float, float, float]
    price: tuple[float, float, float]
    days: tuple[float, float, float]
    share: float
    length_km: float
    legs: tuple[Leg, ...]
    borders: tuple[str, ...]
    transfers: tuple[str, ...]
    closers: tuple[str, ...]
    links: tuple[str, ...]


def find_itineraries(
    network: Network,
    labels: Labels,
    prices: PriceDraws,
    origin: str,
    destination: str,
    *,
    goods: str,
    state: int,
    avoid: Sequence[str] = (),
    most: int = 5,
) -> list[Itinerary]:
    """Find and rank the routes between two places.

    Parameters
    ----------
    network, labels : Network, Labels
    prices : PriceDraws
        Row 0 central, the others draws: routes are looked for under each of them, and spreads are over them.
    origin, destination : str
        Place ids; both need a road, where freight starts and ends.
    goods : str
        Freight class.
    state : int
        Row of ``network.states``.
    avoid : sequence of str
        Actors that the routes must avoid, each of them.
    most : int
        Routes listed; of routes that are nearly alike only the best is.

    Returns
    -------
    list of Itinerary
        Cheapest first (central generalised cost).

    Raises
    ------
    UsageError
        If a place, goods class or actor is not known, or a place cannot be reached by road.
    NoRouteError
        If no open and permitted route is left.
    """
    ends = [_place(name, labels) for name in (origin, destination)]
    nodes = [_road_node(network, labels.places[i]) for i in ends]
    if nodes[0] == nodes[1]:
        msg = f"{origin} and {destination} are the same place: there is no way to go"
        raise UsageError(msg)
    g = _index(goods, network.goods, "freight class")
    bits = sum(1 << _index(name, network.actors, "actor that can close something") for name in dict.fromkeys(avoid))
    zones = [int(labels.place_zone[i]) for i in ends]
    if min(zones) < 0:
        msg = f"{origin if zones[0] < 0 else destination} lies in no zone, so no rule says what may be sent from there"
        raise UsageError(msg)
    regime = int(network.regimes.of_flow[state, zones[0], zones[1], g])
    terrain = terrain_of_flow(network, prices, state, regime)
    jobs = _jobs(network, g, bits, prices.money.shape[0])
    star = Star(network.graph.out_first, network.graph.out_arc, network.graph.arc_head)
    _, first, arcs = collect_routes(star, terrain, jobs, nodes[0], np.array([nodes[1]], dtype=np.int32))
    if len(first) == 1:
        without = f" that avoids {' and '.join(avoid)}" if avoid else ""
        key, way = network.states[state], f"{goods} from {origin} to {destination}"
        msg = f"no open and permitted route{without} for {way} under {key.scenario} in {key.year}"
        raise NoRouteError(msg)
    first, arcs = _at_most_64(first, arcs, network, prices, state, g, regime)
    return _ranked(network, labels, prices, first, arcs, state=state, g=g, regime=regime, most=most)


def _index(name: str, known: Sequence[str], what: str) -> int:
    if name not in known:
        raise UsageError(did_you_mean(name, known, what=what))
    return list(known).index(name)


def _place(name: str, labels: Labels) -> int:
    if name in labels.places:
        return labels.places.index(name)
    same = [i for i, label in enumerate(labels.place_label) if label.casefold() == name.casefold()]
    if len(same) == 1:
        return same[0]
    raise UsageError(did_you_mean(name, labels.places, what="place"))


def _road_node(network: Network, place: str) -> int:
    node = (place, "road", 0)
    if node not in network.graph.nodes:
        msg = f"{place!r} has no road, and freight starts and ends by road: name a place beside it"
        raise UsageError(msg)
    return network.graph.nodes.index(node)


def _jobs(network: Network, g: int, bits: int, draws: int) -> Jobs:
    """Searches for one pair: all draws, then the central prices avoiding each actor and each mode."""
    actors = [1 << i for i in range(len(network.actors))]
    rows = [(k, bits, 0) for k in range(draws)]
    rows += [(0, bits | actor, 0) for actor in actors]
    rows += [(0, bits, 1 << mode) for mode in range(3)]
    n = len(rows)
    columns = list(zip(*rows, strict=True))
    return Jobs(
        state=np.zeros(n, dtype=np.int64),
        goods=np.full(n, g),
        regime=np.zeros(n, dtype=np.int64),
        draw=np.array(columns[0], dtype=np.int64),
        avoid=np.array(columns[1], dtype=np.uint64),
        avoid_modes=np.array(columns[2], dtype=np.uint8),
        project_factor=np.ones(n),
        rounds=np.where(np.arange(n) == 0, 10, 0),
        scarcity=np.zeros(n, dtype=np.int64),
        serves=np.ones((n, 1), dtype=bool),
    )


def _asset_costs(network: Network, prices: PriceDraws, state: int, g: int, regime: int) -> tuple[Array, Array, Array]:
    """Generalised cost, price and hours of each asset in every draw, shape (K, A)."""
    v = network.vector[state]
    goods = prices.goods
    hours = np.nan_to_num(prices.hours[:, v])
    money = np.nan_to_num(prices.money[:, v]) * goods.factor[:, g][:, network.graph.mode]
    money = money + (prices.surcharge * network.regimes.members[regime]) @ network.regimes.per_link.astype(float)
    priced = hours + prices.reliability[:, None] * np.nan_to_num(prices.spread[:, v])
    return money + goods.value_of_time[:, g, None] * priced, money, hours


def _at_most_64(
    first: NDArray[np.int64],
    arcs: NDArray[np.int32],
    network: Network,
    prices: PriceDraws,
    state: int,
    g: int,
    regime: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Keep the 64 cheapest routes at central prices."""
    cost = _asset_costs(network, prices, state, g, regime)[0][0]
    total = np.array([cost[arcs[a:b] >> 1].sum() for a, b in itertools.pairwise(first)])
    best = np.sort(np.argsort(total, kind="stable")[:64])
    parts = [arcs[first[r] : first[r + 1]] for r in best]
    return np.concatenate([[0], np.cumsum([len(part) for part in parts])]), np.concatenate(parts)


def _ranked(
    network: Network,
    labels: Labels,
    prices: PriceDraws,
    first: NDArray[np.int64],
    arcs: NDArray[np.int32],
    *,
    state: int,
    g: int,
    regime: int,
    most: int,
) -> list[Itinerary]:
    asset = _asset_costs(network, prices, state, g, regime)
    routes = [arcs[a:b] for a, b in itertools.pairwise(first)]
    charge = prices.shipment[:, regime, None] + _due_once(network, prices, routes, regime)
    once = (charge, charge, np.zeros_like(charge))
    sums = [
        np.stack([table[:, route >> 1].sum(axis=1) for route in routes], axis=1) + extra
        for table, extra in zip(asset, once, strict=True)
    ]
    share = _shares(first, arcs, network.graph.n_assets, asset[0][0], sums[0][0], float(prices.goods.dispersion[0, g]))
    listed: list[int] = []
    for r in np.argsort(sums[0][0], kind="stable"):
        if len(listed) == most:
            break
        if all(_overlap(routes[r], routes[other], asset[0][0]) <= _ALIKE for other in listed):
            listed.append(int(r))
    return [_tell(network, labels, routes[r], [s[:, r] for s in sums], float(share[r]), asset, state) for r in listed]


def _due_once(network: Network, prices: PriceDraws, routes: Sequence[NDArray[np.int32]], regime: int) -> Array:
    """Surcharges that are due once if a route uses any of their links, shape (K, routes)."""
    amount = prices.surcharge * network.regimes.members[regime]
    met = np.stack([network.regimes.per_use[:, route >> 1].any(axis=1) for route in routes], axis=1)
    return np.asarray(amount @ met.astype(float))


def _overlap(route: NDArray[np.int32], other: NDArray[np.int32], cost: Array) -> float:
    shared = np.intersect1d(route >> 1, other >> 1)
    return float(cost[shared].sum() / cost[route >> 1].sum())


def _shares(
    first: NDArray[np.int64], arcs: NDArray[np.int32], n_assets: int, asset_cost: Array, route_cost: Array, theta: float
) -> Array:
    n = len(route_cost)
    pair = np.array([0, n])
    _, mask, asset_first, asset = build_segments(pair, first, arcs, n_assets)
    cost = np.add.reduceat(asset_cost[asset], asset_first[:-1])
    share, work, member = np.zeros(64), np.zeros(64), np.zeros(128, dtype=np.int64)
    everything = np.uint64((1 << n) - 1)
    path_size_logit(everything, n, np.ascontiguousarray(route_cost), mask, cost, theta, share, work, member)
    return share[:n]


def _tell(
    network: Network,
    labels: Labels,
    route: NDArray[np.int32],
    sums: Sequence[Array],
    share: float,
    asset: tuple[Array, Array, Array],
    state: int,
) -> Itinerary:
    graph = network.graph
    bits = int(np.bitwise_or.reduce(network.closers[state][route >> 1]))
    spans = [_span(s / scale) for s, scale in zip(sums, (1.0, 1.0, HOURS_PER_DAY), strict=True)]
    country = dict(zip(labels.places, labels.place_country, strict=True))
    passed = [country[graph.nodes[graph.arc_head[arc ^ 1]][0]] for arc in route[:1]]
    for arc in route:
        here = country[graph.nodes[graph.arc_head[arc]][0]]
        if here not in ("XXX", passed[-1]):
            passed.append(here)
    return Itinerary(
        cost=spans[0],
        price=spans[1],
        days=spans[2],
        share=share,
        length_km=float(graph.length_km[route >> 1].sum()),
        legs=_legs(network, labels, route, asset[2][0]),
        borders=tuple(passed[1:]),
        transfers=tuple(labels.asset_label[arc >> 1] for arc in route if arc >> 1 >= graph.n_links),
        closers=tuple(actor for i, actor in enumerate(network.actors) if bits >> i & 1),
        links=tuple(graph.assets[arc >> 1] for arc in route if arc >> 1 < graph.n_links),
    )


def _span(values: Array) -> tuple[float, float, float]:
    """Return the central value, which stands first, and the 5 % and 95 % points of all."""
    low, high = np.quantile(values, [0.05, 0.95])
    return float(values[0]), float(low), float(high)


def _legs(network: Network, labels: Labels, route: NDArray[np.int32], hours: Array) -> tuple[Leg, ...]:
    graph = network.graph
    legs: list[tuple[str, list[str], float, float]] = []
    label = dict(zip(labels.places, labels.place_label, strict=True))
    for arc in route:
        a = int(arc) >> 1
        if a >= graph.n_links:
            continue
        tail, head = (label[graph.nodes[node][0]] for node in (graph.arc_head[arc ^ 1], graph.arc_head[arc]))
        if legs and legs[-1][0] == labels.asset_mode[a] and legs[-1][1][-1] == tail:
            mode, places, km, spent = legs[-1]
            legs[-1] = (mode, [*places, head], km + graph.length_km[a], spent + hours[a])
        else:
            legs.append((labels.asset_mode[a], [tail, head], graph.length_km[a], hours[a]))
    return tuple(
        Leg(mode=mode, places=tuple(places), length_km=float(km), days=float(h / HOURS_PER_DAY))
        for mode, places, km, h in legs
    )
