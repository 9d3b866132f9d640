"""From the public records to the sorted arrays of the kernels, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mackinder.equilibrium.road import Demand, RoadNetwork, RouteSet
from mackinder.errors import DataError, NoRouteError, UsageError
from mackinder.kernels.linkcost import N_PARAMETERS
from mackinder.kernels.problem import Graph, LinkArrays, Pairs, Routes
from mackinder.kernels.simple_routes import simple_routes
from mackinder.kernels.trees import dijkstra_tree

__all__ = ["Problem", "all_simple_routes", "build_problem", "import_routes", "name_pairs"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What the kernels see: links sorted by tail, pairs sorted by class and origin.

    `link_order[i]` is the caller's number of sorted link i, `row[p]` the demand row of pair p.
    """

    graph: Graph
    pairs: Pairs
    state: LinkArrays
    limit: Floats
    link_order: Ints
    row: Ints
    n_classes: int
    intrazonal: float

    @property
    def n_links(self) -> int:
        """Number of links."""
        return int(self.link_order.size)

    def unsort(self, values: Floats) -> Floats:
        """Put values per sorted link (last axis) into the caller's order."""
        out = np.empty_like(values)
        out[..., self.link_order] = values
        return out


def build_problem(
    network: RoadNetwork,
    demand: Demand,
    *,
    fixed_weights: Floats | None,
    class_cost: Floats | None,
    no_ship_cost: Floats,
) -> Problem:
    """Sort links and pairs and pack the link parameters.

    Parameters
    ----------
    network, demand
        Checked records.
    fixed_weights : ndarray, shape (n_classes,), or None
        Factor of the fixed cost per class.
    class_cost : ndarray, shape (n_classes, n_links), or None
        Added cost per class; inf: the class may not use the link.
    no_ship_cost : ndarray, shape (n_rows,)
        inf: no such option.
    """
    n_classes = int(demand.klass.max()) + 1 if demand.klass.size else 1
    for name, array in (("fixed_weights", fixed_weights), ("class_cost", class_cost)):
        if array is not None and array.shape[0] < n_classes:
            msg = f"{name} has {array.shape[0]} rows and the demand {n_classes} classes; give one row a class"
            raise DataError(msg)
    order = np.argsort(network.tail, kind="stable")
    tail = network.tail[order].astype(np.int32)
    graph = Graph(
        np.searchsorted(tail, np.arange(network.n_nodes + 1)).astype(np.int64),
        network.head[order].astype(np.int32),
        tail,
        network.first_thru,
    )
    t0, b, power = network.free_flow_time[order], network.b[order], network.power[order]
    flat = power == 0
    parameters = np.zeros((order.size, N_PARAMETERS))
    parameters[:, 1] = np.where(flat, 0.0, t0 * b)
    with np.errstate(divide="ignore"):
        parameters[:, 2] = np.where(parameters[:, 1] > 0, 1.0 / network.capacity[order], 0.0)
    parameters[:, 3] = power
    limit = network.limit[order]
    closed = limit == 0
    parameters[:, 4] = np.where(closed, np.inf, limit)
    weights = np.ones(n_classes) if fixed_weights is None else fixed_weights
    constants = np.where(flat, t0 * (1.0 + b), t0)[None, :] + weights[:n_classes, None] * network.fixed_cost[order]
    if class_cost is not None:
        constants = constants + class_cost[:n_classes][:, order]
    constants = np.ascontiguousarray(np.where(closed, np.inf, constants))
    inside = demand.origin == demand.destination
    rows = np.flatnonzero(~inside & (demand.quantity > 0))
    rows = rows[np.lexsort((demand.origin[rows], demand.klass[rows]))]
    key = demand.klass[rows] * network.n_nodes + demand.origin[rows]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    pairs = Pairs(
        demand.origin[rows[starts]],
        demand.klass[rows[starts]],
        np.append(starts, rows.size).astype(np.int64),
        demand.destination[rows].astype(np.int32),
        demand.quantity[rows],
        no_ship_cost[rows],
    )
    n_links = order.size
    state = LinkArrays(parameters, constants, np.zeros(n_links), np.zeros(n_links), np.zeros(n_links))
    return Problem(
        graph=graph,
        pairs=pairs,
        state=state,
        limit=limit,
        link_order=order,
        row=rows,
        n_classes=n_classes,
        intrazonal=float(demand.quantity[inside].sum()),
    )


def name_pairs(problem: Problem, lost: Ints, most: int = 5) -> str:
    """Name a few pairs, for a message."""
    group = np.searchsorted(problem.pairs.pointer, lost[:most], side="right") - 1
    names = [f"{int(problem.pairs.origin[g])}->{int(problem.pairs.node[p])}" for g, p in zip(group, lost, strict=False)]
    return ", ".join(names) + (f" and {lost.size - most} more" if lost.size > most else "") + " (nodes from 0)"


def _with_no_ship(problem: Problem, counts: Ints, lengths: Ints, links: Ints, weight: Floats) -> Routes:
    """Build a store, with an empty route at the end of each pair that has a no-ship cost; flows in logit proportion."""
    optional = np.isfinite(problem.pairs.reserve)
    bare = np.flatnonzero((counts == 0) & ~optional)
    if bare.size:
        msg = (
            f"{bare.size} pairs with demand have no route: {name_pairs(problem, bare)}; "
            "connect them, remove the demand or give no_ship_cost"
        )
        raise NoRouteError(msg)
    ends = np.cumsum(counts)
    places = ends[optional]
    lengths = np.insert(lengths, places, 0)
    weight = np.insert(weight, places, 1.0)
    pointer = np.concatenate(([0], np.cumsum(counts + optional))).astype(np.int64)
    sums = np.add.reduceat(weight, pointer[:-1]) if weight.size else np.zeros(0)
    flow = weight * np.repeat(problem.pairs.flow / sums, counts + optional)
    link_pointer = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    return Routes(pointer, link_pointer, links.astype(np.int32), flow, weight)


def import_routes(problem: Problem, network: RoadNetwork, routes: RouteSet, n_rows: int) -> Routes:
    """Check a caller's routes and bring them into the order of the pairs.

    Raises
    ------
    DataError
        The arrays do not fit together, or a route does not lead from its origin to its destination.
    """
    pointer, link_pointer = np.asarray(routes.pointer), np.asarray(routes.link_pointer)
    links, weight = np.asarray(routes.links), np.asarray(routes.weight, dtype=np.float64)
    sound = (
        pointer.size == n_rows + 1
        and link_pointer.size == weight.size + 1
        and int(pointer[0]) == int(link_pointer[0]) == 0
        and int(pointer[-1]) == weight.size
        and int(link_pointer[-1]) == links.size
        and bool((np.diff(pointer) >= 0).all())
        and bool((np.diff(link_pointer) > 0).all())
        and bool((links >= 0).all() and (links < network.n_links).all())
        and bool((weight > 0).all() and np.isfinite(weight).all())
    )
    if not sound:
        msg = (
            f"routes: pointer must have {n_rows + 1} entries (one a demand row and one more), link_pointer one more than "
            "weight, no route may be empty, links must exist and weights be positive and finite"
        )
        raise DataError(msg)
    counts = np.diff(pointer)[problem.row]
    chosen = np.concatenate([np.arange(pointer[r], pointer[r + 1]) for r in problem.row] or [np.zeros(0, np.int64)])
    chosen = chosen.astype(np.int64)
    lengths = np.diff(link_pointer)[chosen]
    ends = np.cumsum(lengths)
    slots = np.repeat(link_pointer[chosen] - np.concatenate(([0], ends[:-1])), lengths) + np.arange(lengths.sum())
    used = links[slots]
    first = ends - lengths
    pair = np.repeat(np.arange(counts.size), counts)
    group = np.searchsorted(problem.pairs.pointer, pair, side="right") - 1
    joined = np.ones(used.size, dtype=bool)
    joined[1:] = network.head[used[:-1]] == network.tail[used[1:]]
    joined[first] = network.tail[used[first]] == problem.pairs.origin[group]
    broken = np.flatnonzero(~joined)
    wrong_end = np.flatnonzero(network.head[used[ends - 1]] != problem.pairs.node[pair])
    if broken.size or wrong_end.size:
        at = int(np.searchsorted(ends, broken[0], side="right")) if broken.size else int(wrong_end[0])
        msg = f"routes: route {int(chosen[at])} is no walk from its origin to its destination ({name_pairs(problem, pair[[at]])})"
        raise DataError(msg)
    rank = np.empty(problem.n_links, np.int64)
    rank[problem.link_order] = np.arange(problem.n_links)
    return _with_no_ship(problem, counts, lengths, rank[used], weight[chosen])


def all_simple_routes(problem: Problem, *, max_routes: int, detour: float) -> Routes:
    """Enumerate the routes of every pair that pass no node twice, at most `detour` times the least free-flow cost.

    Raises
    ------
    UsageError
        A pair has more than `max_routes` of them.
    """
    graph, pairs = problem.graph, problem.pairs
    n_nodes = graph.pointer.size - 1
    back = np.argsort(graph.head, kind="stable")
    # seen from the destination only the last link may enter a node that must not be passed
    reverse = Graph(
        np.searchsorted(graph.head[back], np.arange(n_nodes + 1)).astype(np.int64),
        graph.tail[back],
        graph.head[back],
        0,
    )
    work = [np.empty(n_nodes, np.int32) for _ in range(4)]
    distance = np.empty(n_nodes)
    counts = np.zeros(pairs.node.size, np.int64)
    lengths: list[Ints] = []
    links: list[npt.NDArray[np.int32]] = []
    known: dict[tuple[int, int], Floats] = {}
    for group in range(pairs.origin.size):
        klass, origin = int(pairs.group_class[group]), int(pairs.origin[group])
        cost = problem.state.constants[klass]
        for pair in range(int(pairs.pointer[group]), int(pairs.pointer[group + 1])):
            target = int(pairs.node[pair])
            if (klass, target) not in known:
                dijkstra_tree(target, reverse, cost[back], distance, *work)
                known[klass, target] = distance.copy()
            to_target = known[klass, target]
            bound = detour * to_target[origin] if np.isfinite(detour) else np.inf
            ends, used, whole = simple_routes(graph, cost, origin, target, to_target, bound, max_routes)
            if not whole:
                msg = (
                    f"pair {origin}->{target} has too many simple routes to list (max_routes={max_routes}); "
                    "give detour (e.g. 1.5), raise max_routes, or give a RouteSet"
                )
                raise UsageError(msg)
            counts[pair] = ends.size - 1
            lengths.append(np.diff(ends))
            links.append(used)
    lengths.append(np.zeros(0, np.int64))
    links.append(np.zeros(0, np.int32))
    return _with_no_ship(
        problem,
        counts,
        np.concatenate(lengths),
        np.concatenate(links).astype(np.int64),
        np.ones(int(counts.sum())),
    )
