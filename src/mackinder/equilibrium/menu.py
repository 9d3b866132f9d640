"""What each flow may choose from in each state: available routes, who can close them, and which states agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.pricing import Menu, Prices
from mackinder.kernels.segments import and_masks, available_routes, or_over_routes, surcharged_segments
from mackinder.network.records import Network, PriceDraws
from mackinder.network.routes import RouteSet

__all__ = ["build_menu", "end_bits", "price_record", "route_bits"]


def build_menu(network: Network, routes: RouteSet, table: NDArray[np.int64]) -> Menu:
    """Build the record that the loading kernel reads.

    Parameters
    ----------
    network : Network
    routes : RouteSet
    table : ndarray of int64, shape (S,)
        Demand table of each state: only states with one table share their choices.
    """
    states = range(len(network.states))
    # contiguous, so that the kernels are compiled for one layout only
    regime = np.ascontiguousarray(network.regimes.of_flow[:, routes.origin, routes.destination])
    available = np.stack([
        available_routes(
            routes.pair_first, routes.route_first, routes.arcs, network.usable[s], network.regimes.denied, regime[s]
        )
        for s in states
    ])  # fmt: skip
    closers = np.stack([or_over_routes(routes.route_first, routes.arcs, network.closers[s]) for s in states])
    due_first, due_segment, due_restriction, due_count = surcharged_segments(
        routes.segment_first, routes.asset_first, routes.asset, network.regimes.per_link | network.regimes.per_use
    )
    return Menu(
        pair_first=routes.pair_first,
        segment_first=routes.segment_first,
        segment_mask=routes.segment_mask,
        asset_first=routes.asset_first,
        asset=routes.asset,
        available=available,
        same_as=_same_as(network, routes, table, regime, available, closers, due_first, due_restriction),
        regime=regime,
        closers=closers,
        captive=np.stack([and_masks(routes.pair_first, closers[s], available[s]) for s in states]),
        corridors=or_over_routes(routes.route_first, routes.arcs, network.screenline),
        due_first=due_first,
        due_segment=due_segment,
        due_restriction=due_restriction,
        due_count=due_count,
    )


def _same_as(
    network: Network,
    routes: RouteSet,
    table: NDArray[np.int64],
    regime: NDArray[np.int64],
    available: NDArray[np.uint64],
    closers: NDArray[np.uint64],
    due_first: NDArray[np.int64],
    due_restriction: NDArray[np.int64],
) -> NDArray[np.int64]:
    """For each state and flow, the first state with the same choice, shape (S, P, G).

    Two states agree on a flow if the same routes are available, the same actors can close them, they cost the same, and
    the same surcharges are due. Regimes need not be equal: a ban that meets no route of the pair makes no difference.
    """
    n_states = available.shape[0]
    same = np.broadcast_to(np.arange(n_states)[:, None, None], available.shape).copy()
    regimes = network.regimes
    met = np.zeros((len(routes.origin), len(regimes.restriction)), dtype=bool)  # charged on some route of the pair
    met[np.repeat(np.arange(len(routes.origin)), np.diff(due_first)), due_restriction] = True
    met |= regimes.per_shipment
    for s in range(1, n_states):
        free = np.ones(available.shape[1:], dtype=bool)  # flows not yet matched with an earlier state
        for earlier in range(s):
            if table[earlier] != table[s]:
                continue
            differs = closers[earlier] != closers[s]
            if network.vector[earlier] != network.vector[s]:
                differs |= _touches(network, routes, earlier, s)
            moved = route_bits(differs, routes.pair_first)[:, None] & available[s]
            equal = (available[earlier] == available[s]) & (moved == 0)
            p, g = np.nonzero(equal & free)
            due = (regimes.members[regime[earlier, p, g]] != regimes.members[regime[s, p, g]]) & met[p]
            equal[p, g] = ~due.any(axis=1)
            same[s][free & equal] = same[earlier][free & equal]
            free &= ~equal
    return same


def _touches(network: Network, routes: RouteSet, one: int, other: int) -> NDArray[np.bool_]:
    """Say which routes use an asset whose price differs between two states, shape (R,)."""
    a, b = network.vector[one], network.vector[other]
    differs = np.zeros(network.graph.n_assets, dtype=bool)
    for interval in (network.cost, network.hours):
        differs |= ~((interval[a] == interval[b]) | (np.isnan(interval[a]) & np.isnan(interval[b]))).all(axis=1)
    return or_over_routes(routes.route_first, routes.arcs, differs.astype(np.uint64)) > 0


def route_bits(flag: NDArray[np.bool_], pair_first: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return, for each pair, a bit per flagged route, shape (P,)."""
    pair = np.repeat(np.arange(len(pair_first) - 1), np.diff(pair_first))
    place = np.arange(len(flag)) - pair_first[pair]
    bits = np.zeros(len(pair_first) - 1, dtype=np.uint64)
    np.bitwise_or.at(bits, pair[flag], np.uint64(1) << place[flag].astype(np.uint64))
    return bits


def end_bits(network: Network, routes: RouteSet) -> NDArray[np.uint64]:
    """Return the actors at either end of each pair as bits, shape (P,)."""
    bits = np.zeros(len(routes.origin), dtype=np.uint64)
    for actor in (network.zone_actor[routes.origin], network.zone_actor[routes.destination]):
        known = actor >= 0
        bits[known] |= np.uint64(1) << actor[known].astype(np.uint64)
    return bits


def price_record(network: Network, prices: PriceDraws) -> Prices:
    """Put prices into the record that the kernels read (missing prices are of assets that no state uses)."""
    goods = prices.goods
    return Prices(
        vector=network.vector,
        money=np.nan_to_num(prices.money),
        hours=np.nan_to_num(prices.hours),
        spread=np.ascontiguousarray(np.nan_to_num(prices.spread)),
        mode=network.graph.mode,
        factor=goods.factor,
        value_of_time=goods.value_of_time,
        reliability=prices.reliability,
        dispersion=goods.dispersion,
        no_ship=goods.no_ship,
        surcharge=prices.surcharge,
        holds=network.regimes.members,
        once=np.asarray(network.regimes.per_use.any(axis=1)),
        shipment=prices.shipment,
    )
