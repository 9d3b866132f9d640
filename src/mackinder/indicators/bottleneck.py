"""Bottlenecks: of the limited assets that most of a corridor's traffic passes, the one nearest to its capacity."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.equilibrium.loading import Loading
from mackinder.equilibrium.menu import build_menu, price_record
from mackinder.indicators.measure import Label, Measure
from mackinder.kernels.flowlist import list_flows
from mackinder.kernels.offers import build_offers
from mackinder.network.demand import distinct_demand, draw_demand
from mackinder.network.prices import draw_prices
from mackinder.network.routes import RouteSet

__all__ = ["corridor_shares", "measure_bottleneck"]

Floats = NDArray[np.float64]

#: an asset is on a corridor's way if at least this part of its tonnes uses it
_MOST = 0.5


def measure_bottleneck(
    loading: Loading, cases: Mapping[str, Case], routes: RouteSet, capacity: Floats
) -> list[Measure]:
    """Measure traffic over capacity at the first bottleneck of each corridor (convention C85).

    Parameters
    ----------
    loading : Loading
    cases : mapping of str to Case
        Case of each scenario.
    routes : RouteSet
    capacity : ndarray, shape (K, C, A), t/yr
        Of `PriceDraws`; infinite where none is known to bind.

    Returns
    -------
    list of Measure
        One asset a corridor and state: the fullest in the mean over draws, the scarcest of those equally full. None for a
        corridor without traffic or without a known capacity on its way; nothing at all for model ``routes``.
    """
    if loading.model == "routes":
        return []
    network, loads = loading.network, loading.loads
    scarcity = np.zeros(loads.asset_tonnes.shape[1:])
    for i, members in enumerate(loading.limits):
        scarcity[:, members] = loads.scarcity[:, :, i].mean(axis=0)[:, None]
    share = corridor_shares(loading, cases, routes)
    values: list[Floats] = []
    labels: list[Label] = []
    for s, state in enumerate(network.states):
        room = capacity[:, network.capacity_vector[s]]
        full = np.divide(loads.asset_tonnes[:, s], room, out=np.zeros_like(room), where=room > 0)
        limited = np.isfinite(room).all(axis=0) & (room > 0).all(axis=0)
        for c, corridor in enumerate(network.corridors):
            there = np.flatnonzero(limited & (share[s, c] >= _MOST))
            if not len(there):
                continue
            mean = full[:, there].mean(axis=0).round(6)
            best = there[np.lexsort((there, -scarcity[s, there], -mean))[0]]
            values.append(full[:, best])
            labels.append(
                {"scenario": state.scenario, "year": state.year, "asset": f"{corridor}>{network.graph.assets[best]}"}
            )
    return [Measure.of("corridor_bottleneck", np.column_stack(values), labels)] if values else []


def corridor_shares(loading: Loading, cases: Mapping[str, Case], routes: RouteSet) -> Floats:
    """Return the part of each corridor's tonnes that uses each asset, shape (S, C, A), at central values without scarcity.

    Zero throughout for a corridor without traffic.
    """
    network, middle = loading.network, dataclasses.replace(loading.design, draws=1, central=True)
    of_state = [cases[state.scenario] for state in network.states]
    prices = draw_prices(of_state[0], network, middle)
    record, goods = price_record(network, prices), prices.goods
    menu = build_menu(network, routes, np.zeros(len(of_state), dtype=np.int64))
    menu = menu._replace(closers=np.zeros_like(menu.closers))  # nobody closes anything here: no offers without them
    offers = build_offers(menu, record, np.zeros(len(routes.origin), dtype=np.uint64), 0, len(routes.origin))
    asset = routes.arcs >> 1
    length = np.diff(routes.route_first)
    out = np.zeros((len(of_state), len(network.corridors), network.graph.n_assets))
    which, held = distinct_demand(of_state)
    demands = [
        draw_demand(case, network.goods, goods.density, middle).tonnes[0, routes.origin, routes.destination]
        for case in held
    ]
    for s in range(len(of_state)):
        flows = list_flows(s, 0, menu, record, offers)
        flow = np.repeat(np.arange(len(flows.pair)), np.diff(flows.first))
        least = np.minimum.reduceat(flows.cost, flows.first[:-1])
        weight = flows.size * np.exp(-goods.dispersion[0, flows.goods][flow] * (flows.cost - least[flow]))
        wanted = demands[which[s]][flows.pair, flows.goods] / np.add.reduceat(weight, flows.first[:-1])
        tonnes = np.bincount(flows.route, weights=weight * wanted[flow], minlength=len(length))
        for c in range(len(network.corridors)):
            mine = np.where((menu.corridors >> np.uint64(c)) & np.uint64(1), tonnes, 0.0)
            if mine.sum() > 0:
                used = np.bincount(asset, weights=np.repeat(mine, length), minlength=network.graph.n_assets)
                out[s, c] = used / mine.sum()
    return out
