"""What states lose at once: demand given, roads and rails free, in closed form over the routes (convention C92)."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.equilibrium.menu import build_menu, price_record
from mackinder.kernels.flowlist import FlowList, list_flows
from mackinder.kernels.offers import build_offers
from mackinder.kernels.segments import build_segments
from mackinder.network.demand import draw_demand
from mackinder.network.prices import draw_prices
from mackinder.network.records import Network, PriceDraws
from mackinder.network.routes import RouteSet

__all__ = ["losses_at_once", "pairs_of"]

Floats = NDArray[np.float64]
_MUCH = 1.0  # USD/t: flows that lose less are not those that a lever hits


def pairs_of(routes: RouteSet, network: Network, actors: Collection[str]) -> RouteSet:
    """Keep the pairs of a route set with an end at one of some actors."""
    wanted = [i for i, name in enumerate(network.actors) if name in set(actors)]
    at = np.isin(network.zone_actor[routes.origin], wanted) | np.isin(network.zone_actor[routes.destination], wanted)
    pairs = np.flatnonzero(at)
    kept = np.repeat(at, np.diff(routes.pair_first))
    length, used = np.diff(routes.route_first), np.repeat(kept, np.diff(routes.route_first))
    pair_first = np.concatenate([[0], np.cumsum(np.diff(routes.pair_first)[pairs])]).astype(np.int64)
    route_first = np.concatenate([[0], np.cumsum(length[kept])]).astype(np.int64)
    arcs = np.ascontiguousarray(routes.arcs[used])
    segments = build_segments(pair_first, route_first, arcs, network.graph.n_assets)
    return dataclasses.replace(
        routes, origin=routes.origin[pairs], destination=routes.destination[pairs], pair_first=pair_first,
        route_first=route_first, arcs=arcs, segment_first=segments[0], segment_mask=segments[1],
        asset_first=segments[2], asset=segments[3],
    )  # fmt: skip


def losses_at_once(
    case: Case, network: Network, routes: RouteSet, prices: PriceDraws, design: Design, actors: Collection[str],
    base: NDArray[np.int64], *, threads: int = 1,
) -> tuple[Floats, Floats]:  # fmt: skip
    r"""Return what each actor's trade loses in each state against another state, at given demand, USD/yr.

    Each flow loses the rise of its logsum over routes, at the path sizes of the state it is compared with, and at most what
    not shipping costs: :math:`\frac{1}{\theta}\ln\frac{1+e^{-\theta n}}{e^{-\theta\Delta}+e^{-\theta n}}`, and a flow
    that gains gains :math:`-\Delta`. An actor is charged all that the flows with an end at it lose.

    Parameters
    ----------
    case : Case
        Whose trade is loaded, in all states.
    network, routes, prices, design
        The routes may be those of other states, as long as the graph is the same.
    actors : collection of str
        Whose losses are wanted.
    base : ndarray of int64, shape (S,)
        State that each state is compared with.
    threads : int

    Returns
    -------
    losses : ndarray, shape (K, S, n), USD/yr
        In the order of ``sorted(actors)``.
    per_tonne : ndarray, shape (K, S, n), USD/t
        Mean loss of the freight that loses at least 1 USD/t; zero where none does.
    """
    own = pairs_of(routes, network, actors)
    middle = draw_prices(case, network, dataclasses.replace(design, draws=1, central=True))
    menu = build_menu(network, own, np.zeros(len(network.states), dtype=np.int64))
    ends = np.zeros(len(own.origin), dtype=np.uint64)
    offers = build_offers(menu, price_record(network, middle), ends, 0, len(ends))
    same = menu.same_as == menu.same_as[base]  # flows with the choices of the state compared with: nothing to list
    alone = base == np.arange(len(base))
    offers = offers._replace(number=np.where(same & ~alone[:, None, None], -1, offers.number))
    record, goods = price_record(network, prices), prices.goods
    demand = draw_demand(case, network.goods, goods.density, design).tonnes[:, own.origin, own.destination]
    growth = case.settings.demand_growth_per_year
    rate = design.quantity(
        ["settings/demand_growth_per_year"], *(np.array([getattr(growth, b)]) for b in ("low", "mode", "high"))
    )[:, 0]  # fmt: skip
    who = sorted(set(actors))
    number = {name: i for i, name in enumerate(network.actors)}
    origin, destination = network.zone_actor[own.origin], network.zone_actor[own.destination]
    touched = [
        ((origin == number[a]) | (destination == number[a])) if a in number else np.zeros(len(origin), bool)
        for a in who
    ]
    years = np.array([state.year for state in network.states]) - case.settings.base_year
    out, hit = (np.zeros((design.draws, len(network.states), len(who))) for _ in range(2))

    def of_draw(k: int) -> None:
        shape = (len(own.origin), len(network.goods))
        size = np.zeros((len(own.route_first) - 1, shape[1]))
        theta, no_ship = goods.dispersion[k], goods.no_ship[k]
        sums: dict[int, Floats] = {}
        for b in np.unique(base):
            flows: FlowList = list_flows(int(b), k, menu, record, offers)
            held = np.zeros_like(size)
            held[flows.route, np.repeat(flows.goods, np.diff(flows.first))] = flows.size
            for s in [b, *np.flatnonzero((base == b) & ~alone)]:
                if s == b:
                    sums[int(s)] = _logsum(flows, held, theta, shape, prices.shipment[k], menu.regime[s])
                    continue
                there: FlowList = list_flows(int(s), k, menu, record, offers)
                found = _logsum(there, held, theta, shape, prices.shipment[k], menu.regime[s])
                sums[int(s)] = np.where(same[s], sums[int(b)], found)
        for s in range(len(base)):
            a_tonne = _loss(sums[s], sums[int(base[s])], theta, no_ship)
            tonnes = demand[k] * (1.0 + rate[k]) ** years[s]
            much = (a_tonne >= _MUCH) * tonnes
            for i, mine in enumerate(touched):
                out[k, s, i] = (a_tonne[mine] * tonnes[mine]).sum()
                if (met := much[mine].sum()) > 0:
                    hit[k, s, i] = (a_tonne[mine] * much[mine]).sum() / met

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(of_draw, range(design.draws)))
    return out, hit


def _logsum(
    flows: FlowList, held: Floats, theta: Floats, shape: tuple[int, int], shipment: Floats, regime: NDArray[np.int64]
) -> Floats:
    """Return what a tonne of each flow pays, all routes taken together, shape (P, G), USD/t; infinite without a route."""
    out = np.full(shape, np.inf)
    if not len(flows.pair):
        return out
    goods = np.repeat(flows.goods, np.diff(flows.first))
    size = held[flows.route, goods]
    size = np.where(size > 0, size, flows.size)  # a route that was shut before has no size but its own
    scaled = -theta[goods] * flows.cost + np.log(np.maximum(size, 1e-300))
    most = np.maximum.reduceat(scaled, flows.first[:-1])
    total = np.add.reduceat(np.exp(scaled - np.repeat(most, np.diff(flows.first))), flows.first[:-1])
    once = shipment[regime[flows.pair, flows.goods]]
    out[flows.pair, flows.goods] = -(most + np.log(total)) / theta[flows.goods] + once
    return out


def _loss(now: Floats, before: Floats, theta: Floats, no_ship: Floats) -> Floats:
    """Loss of each flow, USD/t: nothing where nothing changes, or where there was no route before."""
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        rise = np.where(np.isfinite(before), now - before, 0.0)
        away = np.exp(-theta * no_ship)
        whole = np.log(1.0 + away)
        lost = np.minimum(
            (whole - np.log(np.exp(-theta * np.maximum(rise, 0.0)) + away)) / theta, no_ship + whole / theta
        )
    return np.asarray(np.where(rise > 0, lost, rise))
