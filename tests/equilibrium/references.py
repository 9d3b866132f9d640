"""Independent checks: nothing here calls the code under test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from mackinder.equilibrium.road import RoadNetwork, road_network

#: published networks; not shipped, as their licence is for research only
TNTP = Path(__file__).resolve().parents[3] / "shared" / "tntp"


def link_costs(network: RoadNetwork, flow: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        delay = network.free_flow_time * network.b * (flow / network.capacity) ** network.power
    return network.free_flow_time + np.nan_to_num(delay) + network.fixed_cost


def beckmann(network: RoadNetwork, flow: np.ndarray) -> float:
    delay = network.free_flow_time * network.b * flow * (flow / network.capacity) ** network.power / (network.power + 1)
    return float(np.sum((network.free_flow_time + network.fixed_cost) * flow + delay))


def least_costs(network: RoadNetwork, cost: np.ndarray, n_zones: int) -> np.ndarray:
    """Zone to zone, nodes below first_thru not passed: they are split into a way out and a way in."""
    n = network.n_nodes
    head = np.where(network.head < network.first_thru, network.head + n, network.head)
    order = np.lexsort((cost, head, network.tail))
    tail, head, cost = network.tail[order], head[order], cost[order]
    first = np.append(True, (np.diff(tail) != 0) | (np.diff(head) != 0))  # the cheapest of parallel links
    matrix = csr_matrix((np.maximum(cost[first], 1e-14), (tail[first], head[first])), shape=(2 * n, 2 * n))
    zones = np.arange(n_zones)
    return dijkstra(matrix, indices=zones)[:, np.where(zones < network.first_thru, zones + n, zones)]


def relative_gap(network: RoadNetwork, flow: np.ndarray, trips: np.ndarray) -> float:
    cost = link_costs(network, flow)
    trips = trips.copy()
    np.fill_diagonal(trips, 0.0)
    least = np.where(trips > 0, least_costs(network, cost, len(trips)), 0.0)
    total = float(cost @ flow)
    return (total - float(np.sum(least * trips))) / total


def imbalance(network: RoadNetwork, flow: np.ndarray, trips: np.ndarray) -> float:
    """Worst violation of flow conservation over the nodes."""
    trips = trips.copy()
    np.fill_diagonal(trips, 0.0)
    net = np.bincount(network.tail, flow, network.n_nodes) - np.bincount(network.head, flow, network.n_nodes)
    net[: len(trips)] -= trips.sum(axis=1) - trips.sum(axis=0)
    return float(np.abs(net).max())


def simple_routes(network: RoadNetwork, origin: int, target: int) -> list[list[int]]:
    """All routes that pass no node twice, by plain recursion."""
    out: list[list[int]] = []

    def go(node: int, links: list[int], seen: set[int]) -> None:
        if node == target:
            out.append(links)
            return
        if links and node < network.first_thru:
            return
        for link in np.flatnonzero(network.tail == node).tolist():
            ahead = int(network.head[link])
            if ahead not in seen:
                go(ahead, [*links, link], seen | {ahead})

    go(origin, [], {origin})
    return out


def ring_and_chords(seed: int, n_nodes: int = 8, n_chords: int = 12, **changes: object) -> RoadNetwork:
    rng = np.random.default_rng(seed)
    ring = np.arange(n_nodes)
    tail = np.concatenate((ring, rng.integers(0, n_nodes, n_chords)))
    head = np.concatenate(((ring + 1) % n_nodes, rng.integers(0, n_nodes, n_chords)))
    keep = tail != head
    tail, head = tail[keep], head[keep]
    n = tail.size
    columns: dict[str, object] = {
        "free_flow_time": rng.uniform(1, 10, n),
        "b": rng.uniform(0.1, 1.0, n),
        "capacity": rng.uniform(5, 20, n),
        "power": rng.choice([1.0, 2.0, 4.0], n),
        "fixed_cost": rng.uniform(0, 1, n),
    }
    return road_network(n_nodes=n_nodes, tail=tail, head=head, **{**columns, **changes})  # type: ignore[arg-type]


def random_trips(seed: int, n_zones: int = 5) -> np.ndarray:
    return np.random.default_rng(seed + 1).uniform(0, 8, (n_zones, n_zones)).round(2)
