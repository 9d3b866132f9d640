"""Column generation for route-based equilibrium: first loading, pricing of new routes, link flows of routes."""

from __future__ import annotations

from mackinder.kernels import CACHE

# isort: split
import numba
import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.linkcost import link_state, refresh_links
from mackinder.kernels.problem import Graph, LinkArrays, Pairs, Routes
from mackinder.kernels.trees import dijkstra_tree, ordered_tree

__all__ = ["class_link_flows", "link_flows", "load_first", "price_routes", "route_costs"]

Floats = NDArray[np.float64]
SmallInts = NDArray[np.int32]
#: a route joins only if it is cheaper by more than this share: less is round-off of the sum over its links
_ROUND_OFF = 1e-14


@numba.njit(cache=CACHE)
def _room(store: SmallInts, used: int, wanted: int) -> SmallInts:
    if used + wanted <= store.size:
        return store
    larger = np.empty(max(store.size + store.size // 2, used + wanted), store.dtype)
    larger[:used] = store[:used]
    return larger


@numba.njit(cache=CACHE)
def _trace(links: SmallInts, used: int, node: int, origin: int, graph: Graph, into: SmallInts) -> int:
    """Write the tree's route to a node at the end of the store, in travel order; returns its length."""
    length = 0
    at = node
    while at != origin:
        at = graph.tail[into[at]]
        length += 1
    at = node
    for slot in range(used + length - 1, used - 1, -1):
        links[slot] = into[at]
        at = graph.tail[into[at]]
    return length


@numba.njit(cache=CACHE)
def load_first(graph: Graph, pairs: Pairs, state: LinkArrays, orders: SmallInts) -> tuple[Routes, int]:
    """Load each origin on its tree, at the costs that the origins before it left; one route a pair.

    The second value is the number of pairs that have neither a route nor a reserve price; their route is empty and the
    result must not be used. `state.flow` and `orders` (n_groups, n_nodes) are written.
    """
    n_nodes = graph.pointer.size - 1
    n_pairs = pairs.node.size
    distance = np.empty(n_nodes)
    into = np.empty(n_nodes, np.int32)
    heap = np.empty(n_nodes, np.int32)
    place = np.empty(n_nodes, np.int32)
    link_pointer = np.zeros(n_pairs + 1, np.int64)
    links = np.empty(n_pairs * 8 + n_nodes, np.int32)
    used = 0
    lost = 0
    current = -1
    for group in range(pairs.origin.size):
        if pairs.group_class[group] != current:
            current = pairs.group_class[group]
            refresh_links(state, current)
        origin = pairs.origin[group]
        dijkstra_tree(origin, graph, state.cost, distance, into, orders[group], heap, place)
        for pair in range(pairs.pointer[group], pairs.pointer[group + 1]):
            node = pairs.node[pair]
            if distance[node] < np.inf and distance[node] <= pairs.reserve[pair]:
                links = _room(links, used, n_nodes)
                length = _trace(links, used, node, origin, graph, into)
                for slot in range(used, used + length):
                    state.flow[links[slot]] += pairs.flow[pair]
                used += length
            elif pairs.reserve[pair] == np.inf:
                lost += 1
            link_pointer[pair + 1] = used
        for link in range(state.flow.size):
            state.cost[link], state.slope[link] = link_state(state.parameters, link, state.flow[link])
    weight = np.ones(n_pairs)
    return Routes(np.arange(n_pairs + 1), link_pointer, links[:used].copy(), pairs.flow.copy(), weight), lost


@numba.njit(cache=CACHE)
def link_flows(routes: Routes, out: Floats) -> None:
    """Sum route flows over links, in place."""
    out[:] = 0.0
    for route in range(routes.flow.size):
        for slot in range(routes.link_pointer[route], routes.link_pointer[route + 1]):
            out[routes.links[slot]] += routes.flow[route]


@numba.njit(cache=CACHE)
def class_link_flows(pairs: Pairs, routes: Routes, n_classes: int, n_links: int) -> Floats:
    """Return the flow of each class on each link, (n_classes, n_links)."""
    out = np.zeros((n_classes, n_links))
    for group in range(pairs.origin.size):
        row = out[pairs.group_class[group]]
        for route in range(routes.pointer[pairs.pointer[group]], routes.pointer[pairs.pointer[group + 1]]):
            for slot in range(routes.link_pointer[route], routes.link_pointer[route + 1]):
                row[routes.links[slot]] += routes.flow[route]
    return out


@numba.njit(cache=CACHE)
def route_costs(pairs: Pairs, state: LinkArrays, routes: Routes) -> Floats:
    """Return the cost of each route at the link flows of `state`, whose costs are refreshed."""
    out = np.zeros(routes.flow.size)
    current = -1
    for group in range(pairs.origin.size):
        if pairs.group_class[group] != current:
            current = pairs.group_class[group]
            refresh_links(state, current)
        for pair in range(pairs.pointer[group], pairs.pointer[group + 1]):
            for route in range(routes.pointer[pair], routes.pointer[pair + 1]):
                if routes.link_pointer[route + 1] == routes.link_pointer[route]:
                    out[route] = pairs.reserve[pair]
                for slot in range(routes.link_pointer[route], routes.link_pointer[route + 1]):
                    out[route] += state.cost[routes.links[slot]]
    return out


@numba.njit(cache=CACHE)
def price_routes(
    graph: Graph, pairs: Pairs, state: LinkArrays, orders: SmallInts, routes: Routes, generate: bool
) -> tuple[Routes, float, float, int]:
    """Find each pair's best route at fixed link flows; returns the new store, total cost, excess cost, routes added.

    Total cost is the sum of route flow times cost, excess cost the sum of route flow times (cost - least cost), so that
    their ratio is the relative gap. With `generate` the least cost is over all routes of the network, a better route
    joins with flow zero and unused routes are dropped; without it the given routes are all there are.
    """
    n_nodes = graph.pointer.size - 1
    n_pairs = pairs.node.size
    n_old = routes.flow.size
    distance = np.full(n_nodes, np.inf)
    into = np.empty(n_nodes, np.int32)
    heap = np.empty(n_nodes, np.int32)
    place = np.empty(n_nodes, np.int32)
    pointer = np.zeros(n_pairs + 1, np.int64)
    link_pointer = np.zeros(n_old + n_pairs + 1, np.int64)
    flow = np.empty(n_old + n_pairs)
    weight = np.empty(n_old + n_pairs)
    links = np.empty(routes.links.size + routes.links.size // 8 + n_nodes, np.int32)
    used = 0
    n_routes = 0
    added = 0
    total = 0.0
    excess = 0.0
    current = -1
    for group in range(pairs.origin.size):
        if pairs.group_class[group] != current:
            current = pairs.group_class[group]
            refresh_links(state, current)
        origin = pairs.origin[group]
        if generate:
            ordered_tree(origin, graph, state.cost, distance, into, orders[group], heap, place)
        for pair in range(pairs.pointer[group], pairs.pointer[group + 1]):
            node = pairs.node[pair]
            first = n_routes
            biggest = n_routes
            least = np.inf
            served = 0.0
            pair_total = 0.0
            for route in range(routes.pointer[pair], routes.pointer[pair + 1]):
                amount = routes.flow[route]
                if generate and amount <= 0.0:
                    continue
                begin = routes.link_pointer[route]
                end = routes.link_pointer[route + 1]
                links = _room(links, used, end - begin)
                route_cost = pairs.reserve[pair] if begin == end else 0.0
                for slot in range(begin, end):
                    links[used] = routes.links[slot]
                    used += 1
                    route_cost += state.cost[routes.links[slot]]
                least = min(least, route_cost)
                served += amount
                pair_total += amount * route_cost
                if n_routes == first or amount > flow[biggest]:
                    biggest = n_routes
                flow[n_routes] = amount
                weight[n_routes] = routes.weight[route]
                n_routes += 1
                link_pointer[n_routes] = used
            # round-off of many exchanges goes to the biggest route, so that demand holds to the last digit
            flow[biggest] += pairs.flow[pair] - served
            total += pair_total
            best = least
            if generate:
                best = min(distance[node], pairs.reserve[pair])
            excess += max(pair_total - served * min(best, least), 0.0)
            if best < least - _ROUND_OFF * abs(least):
                if distance[node] <= pairs.reserve[pair]:
                    links = _room(links, used, n_nodes)
                    used += _trace(links, used, node, origin, graph, into)
                flow[n_routes] = 0.0
                weight[n_routes] = 1.0
                n_routes += 1
                link_pointer[n_routes] = used
                added += 1
            pointer[pair + 1] = n_routes
    store = Routes(
        pointer,
        link_pointer[: n_routes + 1].copy(),
        links[:used].copy(),
        flow[:n_routes].copy(),
        weight[:n_routes].copy(),
    )
    return store, total, excess, added
