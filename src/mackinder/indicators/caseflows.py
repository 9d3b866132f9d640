"""The trade of a target as flows with routes, in every draw: what a transit game of the case is played with."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case, LinkIndex
from mackinder.draws import Design
from mackinder.equilibrium.menu import build_menu, end_bits, price_record
from mackinder.errors import NoRouteError, UsageError, did_you_mean
from mackinder.kernels.flowlist import FlowList, list_flows
from mackinder.kernels.offers import build_offers
from mackinder.kernels.segments import build_segments, or_over_routes
from mackinder.network.cache import route_set
from mackinder.network.demand import draw_demand
from mackinder.network.network import build_network, day_of, is_open
from mackinder.network.prices import draw_prices, pilot_prices
from mackinder.network.records import Network
from mackinder.network.routes import PILOT_DRAWS, RouteSet

__all__ = ["CaseFlows", "case_flows", "open_projects"]

Floats = NDArray[np.float64]
Bits = NDArray[np.uint64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CaseFlows:
    """Flows of one year: F flows (pair of zones, goods), R routes, K draws and N actors.

    Attributes
    ----------
    actors : tuple of str, length N
        Bits of `closers` and `ends`.
    first : ndarray of int64, shape (F + 1,)
        Routes of flow f are ``first[f]:first[f + 1]``.
    closers, projects : ndarray of uint64, shape (R,)
        Actors who can close a route; projects that it needs, as bits.
    size : ndarray, shape (R,)
        Path sizes at central prices, all projects built.
    cost : ndarray, shape (K, R), USD/t
    ends : ndarray of uint64, shape (F,)
        Actors at both ends.
    dispersion, tonnes, no_ship : ndarray, shape (K, F), t/USD, t/yr, USD/t
    dropped : int
        Needed routes that found no room in the route set.
    """

    actors: tuple[str, ...]
    first: NDArray[np.int64]
    closers: Bits
    projects: Bits
    size: Floats
    cost: Floats
    ends: Bits
    dispersion: Floats
    tonnes: Floats
    no_ship: Floats
    dropped: int

    def touched(self) -> Floats:
        """Return the tonnes a year of which each actor is an end or can close the way, mean over draws, shape (N,)."""
        pair = np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))
        total, asked = np.zeros(len(self.actors)), self.closers | self.ends[pair]
        for cost, theta, tonnes in zip(self.cost, self.dispersion, self.tonnes, strict=True):
            least = np.minimum.reduceat(cost, self.first[:-1])
            weight = self.size * np.exp(-theta[pair] * (cost - least[pair]))
            share = weight / np.add.reduceat(weight, self.first[:-1])[pair]
            shipped = share * tonnes[pair]
            total += [float(shipped[(asked >> np.uint64(i)) & np.uint64(1) == 1].sum()) for i in range(len(total))]
        return total / len(self.cost)


def open_projects(case: Case, projects: tuple[str, ...]) -> Case:
    """Return the case with all links of some projects open, rights and restrictions as they are.

    Raises
    ------
    UsageError
        A project is not known.
    """
    links, table = case.table("links").copy(), case.table("projects").set_index("project_id")
    index = LinkIndex(links)
    for name in projects:
        if name not in table.index:
            raise UsageError(did_you_mean(name, list(table.index), what="project"))
        chosen = index.mask(str(table.loc[name, "links"]))
        links.loc[chosen, ["status", "opens_on", "closed_since"]] = ["open", "", ""]
    return case.with_tables(links=links) if projects else case


def case_flows(
    case: Case, year: int, *, target: str, projects: tuple[str, ...], design: Design, threads: int
) -> CaseFlows:
    """List the flows with an end at a target, over the network with all named projects open.

    Parameters
    ----------
    case : Case
        With the scenario applied.
    year : int
    target : str
        Root actor whose exports and imports count; ``all``: all trade.
    projects : tuple of str
        Options to invest, open here; at most 63.
    design : Design
    threads : int
        Threads of the search for routes, which are kept in the user's cache.

    Raises
    ------
    UsageError
        No zone belongs to the target.
    NoRouteError
        None of its trade has a permitted route.
    """
    built = open_projects(case, projects)
    network = build_network({"game": built}, [year])
    if target != "all" and target not in {network.actors[i] for i in network.zone_actor if i >= 0}:
        known = sorted({network.actors[i] for i in network.zone_actor if i >= 0})
        raise UsageError(did_you_mean(target, ["all", *known], what="actor with a zone"))
    whole, _ = route_set(network, pilot_prices(built, network, PILOT_DRAWS), built.settings.coalitions, threads=threads)
    routes = whole if target == "all" else _of_target(whole, network, network.actors.index(target))
    prices = draw_prices(built, network, design)
    middle = draw_prices(built, network, dataclasses.replace(design, draws=1, central=True))
    menu = build_menu(network, routes, np.zeros(1, dtype=np.int64))
    ends = end_bits(network, routes)
    offers = build_offers(menu, price_record(network, middle), ends, 0, len(ends))
    record = price_record(network, prices)
    lists: list[FlowList] = [list_flows(0, k, menu, record, offers) for k in range(design.draws)]
    flows, goods = lists[0], prices.goods
    if not len(flows.pair):
        msg = f"no trade of {target} has an open and permitted route in {year}: there is no game"
        raise NoRouteError(msg)
    demand = draw_demand(built, network.goods, goods.density, design).tonnes
    tonnes = demand[:, routes.origin[flows.pair], routes.destination[flows.pair], flows.goods]
    growth = built.settings.demand_growth_per_year
    rate = design.quantity(
        ["settings/demand_growth_per_year"], *(np.array([getattr(growth, b)]) for b in ("low", "mode", "high"))
    )  # fmt: skip
    return CaseFlows(
        actors=network.actors,
        first=flows.first,
        closers=flows.closers,
        projects=_project_bits(case, year, network, routes, projects)[flows.route],
        size=flows.size,
        cost=np.stack([flow.cost for flow in lists]),
        ends=ends[flows.pair],
        dispersion=goods.dispersion[:, flows.goods],
        tonnes=tonnes * (1.0 + rate) ** (year - built.settings.base_year),
        no_ship=goods.no_ship[:, flows.goods],
        dropped=whole.dropped,
    )


def _of_target(routes: RouteSet, network: Network, actor: int) -> RouteSet:
    """Keep the pairs with an end at an actor."""
    at = (network.zone_actor[routes.origin] == actor) | (network.zone_actor[routes.destination] == actor)
    pairs = np.flatnonzero(at)
    kept = np.repeat(at, np.diff(routes.pair_first))
    length, used = np.diff(routes.route_first), np.repeat(kept, np.diff(routes.route_first))
    pair_first = np.concatenate([[0], np.cumsum(np.diff(routes.pair_first)[pairs])]).astype(np.int64)
    route_first = np.concatenate([[0], np.cumsum(length[kept])]).astype(np.int64)
    arcs = np.ascontiguousarray(routes.arcs[used])
    segments = build_segments(pair_first, route_first, arcs, network.graph.n_assets)
    return RouteSet(
        origin=routes.origin[pairs], destination=routes.destination[pairs], pair_first=pair_first, route_first=route_first,
        arcs=arcs, segment_first=segments[0], segment_mask=segments[1], asset_first=segments[2], asset=segments[3],
        dropped=routes.dropped,
    )  # fmt: skip


def _project_bits(case: Case, year: int, network: Network, routes: RouteSet, projects: tuple[str, ...]) -> Bits:
    """Return for each route the projects without which it is shut: what carries without them needs none."""
    links = case.table("links")
    shut = ~is_open(links, day_of(year))
    position = {name: i for i, name in enumerate(network.graph.assets)}
    place = np.array([position[name] for name in links["link_id"]])
    index, mask = LinkIndex(links), np.zeros(network.graph.n_assets, dtype=np.uint64)
    selector = case.table("projects").set_index("project_id")["links"]
    for bit, name in enumerate(projects):
        mask[place[index.mask(str(selector[name])) & shut]] |= np.uint64(1 << bit)
    return np.asarray(or_over_routes(routes.route_first, routes.arcs, mask))
