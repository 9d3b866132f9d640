"""How time grows with the network: ``python benchmarks/sizing.py [--links N …] [--zones N …]``; prints a Markdown table.

Networks are square grids of two-way roads with random times; zones are random nodes, and every pair of them trades. Timed are the
search for one least-cost tree (the kernel that looks for routes of a case), and user equilibrium under capacity to a relative gap
of 1e-6, in processor seconds of all threads, so that other work on the machine matters little. Kernels are compiled before.
"""

from __future__ import annotations

import argparse
import math
import resource
import time

import numpy as np

SEED = 0
#: trips of a zone over the capacity of a link, so that the middle of the grid is full
DEMAND = 0.5


def grid(links: int):
    """Two-way grid with about so many one-way links: tail, head, minutes."""
    side = max(3, round((1 + math.sqrt(1 + links)) / 2))
    node = np.arange(side * side).reshape(side, side)
    ends = [(node[:, :-1].ravel(), node[:, 1:].ravel()), (node[:-1].ravel(), node[1:].ravel())]
    one, two = (np.concatenate(part) for part in zip(*ends, strict=True))
    tail, head = (
        np.stack([one, two], axis=1).ravel(),
        np.stack([two, one], axis=1).ravel(),
    )  # arcs 2 i and 2 i + 1: both ways
    minutes = np.repeat(np.random.default_rng(SEED).uniform(5.0, 15.0, len(one)), 2)
    return side * side, tail, head, minutes


def tree_seconds(links: int, repeat: int = 40) -> float:
    """Processor seconds of one tree over the grid."""
    from mackinder.kernels.shortest import least_cost_tree

    nodes, tail, head, minutes = grid(links)
    order = np.argsort(tail, kind="stable").astype(np.int32)
    first = np.searchsorted(tail[order], np.arange(nodes + 1)).astype(np.int32)
    cost, pred = np.empty(nodes), np.empty(nodes, dtype=np.int32)
    keys, items = np.empty(len(tail) + 1), np.empty(len(tail) + 1, dtype=np.int32)
    heads, price = head.astype(np.int32), minutes[::2].copy()
    roots = np.random.default_rng(SEED).integers(nodes, size=repeat + 1)
    least_cost_tree(int(roots[0]), first, order, heads, price, cost, pred, keys, items)
    begin = time.process_time()
    for root in roots[1:]:
        least_cost_tree(int(root), first, order, heads, price, cost, pred, keys, items)
    return (time.process_time() - begin) / repeat


def assign_seconds(links: int, zones: int) -> tuple[float, int]:
    """Processor seconds and iterations of a user equilibrium on the grid."""
    from mackinder.equilibrium import assign, road_network

    nodes, tail, head, minutes = grid(links)
    generator = np.random.default_rng(SEED)
    place = generator.permutation(nodes)
    place = np.argsort(place)  # zones are the first nodes: the grid is numbered anew
    network = road_network(
        n_nodes=nodes, tail=place[tail], head=place[head], free_flow_time=minutes, b=0.15, power=4.0, capacity=100.0
    )
    trips = generator.exponential(DEMAND * 100.0 / zones, (zones, zones))
    np.fill_diagonal(trips, 0.0)
    begin = time.process_time()
    result = assign(network, trips, gap=1e-6)
    return time.process_time() - begin, result.iterations


def main() -> None:
    """Time every size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--zones", type=int, nargs="+", default=[25, 50])
    parser.add_argument("--most", type=int, default=100_000, help="links up to which equilibria are solved")
    options = parser.parse_args()
    assign_seconds(100, 5)
    print("| one-way links | zones | one tree, ms | equilibrium, s | iterations | peak memory, MB |")
    print("|---|---|---|---|---|---|")
    for links in options.links:
        tree = 1e3 * tree_seconds(links)
        for zones in options.zones:
            seconds, iterations = assign_seconds(links, zones) if links <= options.most else (math.nan, 0)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"| {links:,} | {zones} | {tree:.2f} | {seconds:.1f} | {iterations} | {peak:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
