"""Plain Python twins of the kernels: sets, dictionaries and loops, written from the conventions and not from the code."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

Sets = Sequence[frozenset[int]]
Costs = Sequence[float] | dict[int, float]


def route_costs(routes: Sets, asset_cost: Costs) -> list[float]:
    return [math.fsum(asset_cost[a] for a in route) for route in routes]


def path_sizes(routes: Sets, asset_cost: Costs, theta: float, once: Costs | None = None) -> list[float]:
    """Path sizes of routes given as sets of assets, and what each owes once a shipment (convention C24)."""
    once = [0.0] * len(routes) if once is None else once
    cost, sizes = [c + extra for c, extra in zip(route_costs(routes, asset_cost), once, strict=True)], []
    for r, route in enumerate(routes):
        size = once[r] / cost[r] if once[r] else 0.0
        for a in route:
            users = [s for s, other in enumerate(routes) if a in other]
            size += asset_cost[a] / cost[r] / sum(min(1.0, math.exp(-theta * (cost[s] - cost[r]))) for s in users)
        sizes.append(size)
    return sizes


def path_size_logit(routes: Sets, asset_cost: Costs, theta: float) -> tuple[list[float], float, float]:
    """Shares, expected cost and mean cost (conventions C24, C26)."""
    cost, sizes = route_costs(routes, asset_cost), path_sizes(routes, asset_cost, theta)
    weight = [size * math.exp(-theta * (c - min(cost))) for size, c in zip(sizes, cost, strict=True)]
    total = sum(weight)
    share = [w / total for w in weight]
    mean = sum(x * c for x, c in zip(share, cost, strict=True))
    return share, min(cost) - math.log(total) / theta, mean


def plain_path_size_logit(routes: Sets, asset_cost: Costs, theta: float) -> tuple[list[float], float, float]:
    """The same with the classical path size, in which every route counts as overlap: the trap of methods.md."""
    cost = [sum(asset_cost[a] for a in route) for route in routes]
    weight = [
        sum(asset_cost[a] / cost[r] / sum(a in other for other in routes) for a in route) * math.exp(-theta * cost[r])
        for r, route in enumerate(routes)
    ]
    total = sum(weight)
    share = [w / total for w in weight]
    return share, -math.log(total) / theta, sum(x * c for x, c in zip(share, cost, strict=True))


def segments(routes: Sequence[Sequence[int]]) -> dict[int, set[int]]:
    """Assets by the set of routes (as a bit mask) that use them, of one pair."""
    users: dict[int, int] = {}
    for r, arcs in enumerate(routes):
        for arc in arcs:
            users[arc >> 1] = users.get(arc >> 1, 0) | (1 << r)
    out: dict[int, set[int]] = {}
    for asset, mask in users.items():
        out.setdefault(mask, set()).add(asset)
    return out


def least_costs(n_nodes: int, tail: Sequence[int], head: Sequence[int], cost: Sequence[float], root: int) -> np.ndarray:
    """Least costs from a node over directed arcs by scipy's Dijkstra; infinite arcs are left out, parallel ones kept least."""
    best: dict[tuple[int, int], float] = {}
    for t, h, c in zip(tail, head, cost, strict=True):
        if np.isfinite(c) and t != h:
            best[int(t), int(h)] = min(float(c), best.get((int(t), int(h)), np.inf))
    if not best:
        out = np.full(n_nodes, np.inf)
        out[root] = 0.0
        return out
    ends = np.array(list(best))
    # an explicit zero would read as no arc: a tiny cost stands for it
    matrix = csr_matrix((np.maximum(list(best.values()), 1e-300), (ends[:, 0], ends[:, 1])), shape=(n_nodes, n_nodes))
    return dijkstra(matrix, indices=root)


def asset_costs(solved, prices, k: int, s: int, p: int, g: int) -> np.ndarray:
    """Generalised cost of each asset for a flow (convention C23), infinity where it is shut or denied."""
    network, o, d = solved.network, solved.routes.origin[p], solved.routes.destination[p]
    regime, v = network.regimes.of_flow[s, o, d, g], network.vector[s]
    vot = prices.goods.value_of_time[k, g]
    out = np.empty(network.graph.n_assets)
    for a in range(network.graph.n_assets):
        money = prices.goods.factor[k, g, network.graph.mode[a]] * prices.money[k, v, a]
        time = prices.hours[k, v, a] + prices.reliability[k] * prices.spread[k, v, a]
        extra = sum(
            prices.surcharge[k, m]
            for m in range(len(network.regimes.restriction))
            if network.regimes.members[regime, m] and network.regimes.per_link[m, a]
        )
        shut = not network.usable[s, a] or network.regimes.denied[regime, a]
        out[a] = math.inf if shut else money + vot * time + extra
    return out


def arcs_of(routes, r: int) -> list[int]:
    return [int(a) for a in routes.arcs[routes.route_first[r] : routes.route_first[r + 1]]]


def routes_of(routes, p: int) -> list[list[int]]:
    return [arcs_of(routes, r) for r in range(routes.pair_first[p], routes.pair_first[p + 1])]


def best_cost(solved, cost: np.ndarray, p: int) -> float:
    """Least cost of a pair over the whole network."""
    graph, o, d = solved.network.graph, solved.routes.origin[p], solved.routes.destination[p]
    arc_cost = np.repeat(cost, 2)
    tail = graph.arc_head.reshape(-1, 2)[:, ::-1].ravel()
    return float(
        least_costs(len(graph.nodes), tail, graph.arc_head, arc_cost, int(graph.zone_node[o]))[graph.zone_node[d]]
    )


def bits(mask: int) -> set[int]:
    return {i for i in range(64) if (int(mask) >> i) & 1}


def loss(rise: float, theta: float, no_ship: float) -> float:
    """Rise of the expected cost if not shipping is one more alternative, before and after."""
    before = -math.log(1.0 + math.exp(-theta * no_ship)) / theta
    after = -math.log(math.exp(-theta * rise) + math.exp(-theta * no_ship)) / theta
    return after - before


def per_shipment(solved, prices, k: int, s: int, p: int, g: int, routes: Sets) -> np.ndarray:
    """What each route owes once because it uses a selected link, however many of them (convention C15)."""
    regimes = solved.network.regimes
    regime = regimes.of_flow[s, solved.routes.origin[p], solved.routes.destination[p], g]
    due = [m for m in range(len(regimes.restriction)) if regimes.members[regime, m]]
    return np.array([
        sum(prices.surcharge[k, m] for m in due if any(regimes.per_use[m, a] for a in route)) for route in routes
    ])  # fmt: skip


def load(solved, shipments, central, k: int, s: int) -> dict[str, np.ndarray]:
    """Load one draw of one state: flows, cost, exposure, captive share and closure cost, all by sets of assets.

    Path sizes belong to the route set: they are those of the central prices, in the open and in each closed network.
    """
    network, routes, prices = solved.network, solved.routes, solved.prices
    n, n_assets, goods = len(network.actors), network.graph.n_assets, network.goods
    out = {
        "asset_tonnes": np.zeros(n_assets), "asset_value": np.zeros(n_assets), "trade": np.zeros((n, 2)),
        "corridor": np.zeros((len(network.corridors), len(goods))), "exposure": np.zeros((n, n, 2, 2)),
        "captive": np.zeros((n, n, 2, 2)), "closure": np.zeros((n, n, 2)), "delivered": np.zeros((n, 3)),
        "unserved": np.zeros(n), "transit": np.zeros((n, n_assets)),
        "transit_haulage": np.zeros((n, n_assets)),
    }  # fmt: skip
    for p, g in itertools.product(range(len(routes.origin)), range(len(goods))):
        tonnes = shipments.tonnes[k, p, g] * shipments.growth[k, s]
        value = shipments.value[k, p, g] * shipments.growth[k, s]
        if tonnes == 0:
            continue
        o, d = routes.origin[p], routes.destination[p]
        ends = (int(network.zone_actor[o]), int(network.zone_actor[d]))
        cost = asset_costs(solved, prices, k, s, p, g)
        offered = [[a >> 1 for a in r] for r in routes_of(routes, p) if np.isfinite(cost[np.array(r) >> 1]).all()]
        if not offered:
            out["unserved"][list(set(ends))] += tonnes
            continue
        sets = [frozenset(route) for route in offered]
        middle, mid_theta = asset_costs(solved, central, 0, s, p, g), central.goods.dispersion[0, g]
        theta, no_ship = prices.goods.dispersion[k, g], prices.goods.no_ship[k, g]
        owed, mid_owed = (per_shipment(solved, x, row, s, p, g, sets) for x, row in ((prices, k), (central, 0)))
        c = np.array(route_costs(sets, cost)) + owed
        appeal = np.exp(-theta * (c - c.min()))
        weight = np.array(path_sizes(sets, middle, mid_theta, mid_owed)) * appeal
        share = weight / weight.sum()
        once = prices.shipment[k, network.regimes.of_flow[s, o, d, g]]
        time, spread = prices.hours[k, network.vector[s]], prices.spread[k, network.vector[s]]
        for x, route in zip(share, sets, strict=True):
            on = np.array(sorted(route))
            out["asset_tonnes"][on] += tonnes * x
            out["asset_value"][on] += value * x
            paid = prices.goods.factor[k, g][network.graph.mode[on]] * prices.money[k, network.vector[s], on]
            for who in set(range(n)) - set(ends):
                out["transit"][who, on] += tonnes * x
                out["transit_haulage"][who, on] += tonnes * x * paid
            for crossed in set().union(*(bits(network.screenline[a]) for a in route)):
                out["corridor"][crossed, g] += tonnes * x
        hours = share @ [time[list(route)].sum() for route in sets]
        wait = share @ [spread[list(route)].sum() for route in sets]
        vot = prices.goods.value_of_time[k, g]
        mean = share @ c + once
        money = mean - vot * (hours + prices.reliability[k] * wait)
        for e in set(ends):
            out["trade"][e] += [tonnes, value]
            out["delivered"][e] += tonnes * np.array([mean, money, hours])
        closers = [set().union(*(bits(network.closers[s, a]) for a in route)) for route in sets]
        for b in range(n):
            touch = sum(x for x, who in zip(share, closers, strict=True) if b in who)
            captive = all(b in who for who in closers)
            rest = [r for r, who in enumerate(closers) if b not in who]
            kept = 0.0
            if rest:
                closed = path_sizes([sets[r] for r in rest], middle, mid_theta, mid_owed[rest])
                kept = min(float(np.array(closed) @ appeal[rest] / weight.sum()), 1.0)
            rise = -math.log(kept) / theta if kept else math.inf
            for target, other in {(ends[0], ends[1]), (ends[1], ends[0])}:
                if b == target:
                    continue
                kind = 0 if b == other else 1
                out["exposure"][target, b, kind] += touch * np.array([tonnes, value])
                out["captive"][target, b, kind] += captive * np.array([tonnes, value])
                out["closure"][target, b, kind] += tonnes * (
                    no_ship if kind == 0 and captive else loss(rise, theta, no_ship)
                )
    return out
