"""Route sets under capacity: columns are generated until the prices of full assets have called for theirs.

Routes that are hopeless in an empty network carry traffic where the good ones are full. So the network is solved at central
prices with the routes known, the scarcity found is put on the assets as a further trial of the search, and again.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.equilibrium.loading import load_network
from mackinder.network.cache import kept, route_set_key
from mackinder.network.demand import distinct_demand, draw_demand
from mackinder.network.prices import draw_prices
from mackinder.network.records import Network, PriceDraws
from mackinder.network.routes import RouteSet, build_route_set

__all__ = ["ROUNDS", "route_set_under_capacity"]

#: solves whose scarcity calls for routes
ROUNDS = 2
#: USD/t for an hour of queue, in the search
_TYPICAL_VALUE_OF_TIME = 0.4


def route_set_under_capacity(
    cases: Mapping[str, Case], network: Network, pilots: PriceDraws, design: Design, *, threads: int
) -> tuple[RouteSet, bool]:
    """Find the routes of all pairs, those that scarcity calls for included; kept in the cache.

    Parameters
    ----------
    cases : mapping of str to Case
        Case of each scenario.
    network : Network
    pilots : PriceDraws
        See `mackinder.network.prices.pilot_prices`.
    design : Design
        Only its share of common factors matters: the solves are at central values.
    threads : int

    Returns
    -------
    RouteSet
    bool
        Whether it was in the cache.
    """
    # routes are the same whatever trade is taken out and in either run (C141, C143): results then differ by that alone
    cases = {name: case.with_settings(reexports="with", trade_run="long") for name, case in cases.items()}
    first = cases[network.states[0].scenario]
    coalitions = first.settings.coalitions
    central = dataclasses.replace(design, draws=1, central=True)
    prices = draw_prices(first, network, central)
    digest = hashlib.sha256(route_set_key(network, pilots, coalitions).encode())
    which, held = distinct_demand(list(cases.values()))
    wanted = [draw_demand(case, network.goods, prices.goods.density, central).tonnes.tobytes() for case in held]
    for number in which:
        digest.update(wanted[number])
    digest.update(f"rounds {ROUNDS}".encode())

    def build() -> RouteSet:
        trials = np.zeros((0, network.graph.n_assets))
        routes = build_route_set(network, pilots, coalitions, threads=threads)
        for _ in range(ROUNDS):
            trials = np.concatenate([trials, _scarcity(cases, network, routes, prices, central, threads)])
            routes = build_route_set(network, pilots, coalitions, threads=threads, scarcity=trials)
        return routes

    return kept(digest.hexdigest(), build)


def _scarcity(
    cases: Mapping[str, Case], network: Network, routes: RouteSet, prices: PriceDraws, central: Design, threads: int
) -> NDArray[np.float64]:
    """Scarcity of each asset at central values, shape (1 to 3, A), USD/t: base year, baseline later, worst of all states."""
    solved = load_network(cases, network, routes, prices, central, threads=threads, model="capacity")
    found = np.zeros((len(network.states), network.graph.n_assets))
    for limit, members in enumerate(solved.limits):
        worth = _TYPICAL_VALUE_OF_TIME if network.capacity_rule[members[0]] == "queue" else 1.0
        found[:, members[0]] = solved.loads.scarcity[0, :, limit] * worth
    chosen = np.stack([found[0], found[min(1, len(found) - 1)], found.max(axis=0)])
    return np.unique(chosen, axis=0)
