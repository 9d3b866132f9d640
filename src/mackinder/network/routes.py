"""Route sets: explicit routes of every pair of zones, found once for all scenarios, years and draws of a run.

Searches, for each origin, permission regime and goods class: the best route; the best routes under pilot draws of the
prices (column generation: what no pilot draw prefers is hardly ever competitive); the best route that avoids each actor,
each coalition and each mode; and the best route when project links are nearly free. Kept are competitive routes, and
those that come near the best of what remains when somebody closes; hopeless ones change nothing and are dropped.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.pool import Jobs, Star, Terrain, collect_routes
from mackinder.kernels.rank import NEEDED, mark_shadows, route_rank
from mackinder.kernels.segments import build_segments, or_over_routes
from mackinder.network.records import Network, PriceDraws
from mackinder.network.terrain import terrain_of

__all__ = ["MOST_ROUTES", "PILOT_DRAWS", "RouteSet", "build_route_set", "pair_list"]

#: routes kept for a pair, those of the lowest rank; more if more are needed, for somebody may close
MOST_ROUTES = 20
#: a set of routes must fit one 64-bit mask
_LIMIT = 64
#: pilot draws of the prices under which routes are looked for, beside the central one
PILOT_DRAWS = 10
#: routes of a higher rank are dropped: dearer than the best by so many units of logit utility (weight 3e-4), and dearer by
#: six than the best that is left when somebody closes
_HOPELESS = 8.0
#: a route that shares this part of its cost with a better one adds nothing to it
_ALIKE = 0.9
#: USD/(t h), to weigh time against money when overlap is measured
_TYPICAL_VALUE_OF_TIME = 0.4
#: penalised alternatives to each best route
_ROUNDS = 3
#: cost factor of project links in the search that is drawn to them
_PROJECT_FACTOR = 0.2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RouteSet:
    """Routes of all pairs; P pairs, R routes, Q segments.

    Attributes
    ----------
    origin, destination : ndarray of int64, shape (P,)
        Zones; every ordered pair of different zones, sorted.
    pair_first : ndarray of int64, shape (P + 1,)
        Routes of pair ``p`` are ``pair_first[p]:pair_first[p + 1]``.
    route_first : ndarray of int64, shape (R + 1,)
    arcs : ndarray of int32
        Arcs of each route in travel order.
    segment_first, segment_mask, asset_first, asset
        Segments of each pair: see `mackinder.kernels.segments.build_segments`.
    dropped : int
        Needed routes that found no room among the 64 of their pair; 0 unless the case is large.
    """

    origin: NDArray[np.int64]
    destination: NDArray[np.int64]
    pair_first: NDArray[np.int64]
    route_first: NDArray[np.int64]
    arcs: NDArray[np.int32]
    segment_first: NDArray[np.int64]
    segment_mask: NDArray[np.uint64]
    asset_first: NDArray[np.int64]
    asset: NDArray[np.int32]
    dropped: int


def pair_list(n_zones: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return origin and destination of every ordered pair of different zones, sorted."""
    origin, destination = np.divmod(np.arange(n_zones * n_zones), n_zones)
    different = origin != destination
    return origin[different], destination[different]


def build_route_set(
    network: Network,
    prices: PriceDraws,
    coalitions: Sequence[Sequence[str]],
    *,
    threads: int,
    scarcity: NDArray[np.float64] | None = None,
) -> RouteSet:
    """Find the routes of all pairs of zones.

    Parameters
    ----------
    network : Network
    prices : PriceDraws
        Row 0 central, the others pilot draws; they do not depend on the seed of a run, so that the set does not either.
    coalitions : sequence of sequences of actor ids
        Groups to be avoided together, beside each actor alone; actors that can close nothing are left out.
    threads : int
        Origins searched at once; the result does not depend on it.
    scarcity : ndarray, shape (N, A), USD/t, optional
        Trials of scarcity: what full assets would cost more. Each adds the routes that are best, or nearly, under it.
    """
    graph = network.graph
    trials = np.zeros((0, graph.n_assets)) if scarcity is None else scarcity
    project = np.asarray(network.usable.any(axis=0) & ~network.usable.all(axis=0))
    terrain, effect = terrain_of(network, prices, project, trials)
    star = Star(graph.out_first, graph.out_arc, graph.arc_head)
    avoid = _avoidances(network, coalitions)

    def search(origin: int) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]]:
        jobs = _jobs(effect[network.regimes.of_flow[:, origin]], terrain, avoid)
        return collect_routes(star, terrain, jobs, int(graph.zone_node[origin]), graph.zone_node)

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(search, range(len(graph.zones))))
    return _select(network, terrain, effect, avoid, prices.goods.dispersion[0], found)


def _avoidances(network: Network, coalitions: Sequence[Sequence[str]]) -> NDArray[np.uint64]:
    """Bit sets of actors to avoid: each that can close something, then each coalition."""
    present = np.bitwise_or.reduce(network.closers, axis=None)
    single = [1 << i for i in range(len(network.actors)) if (int(present) >> i) & 1]
    number = {actor: i for i, actor in enumerate(network.actors)}
    joint = [sum({1 << number[a] for a in group if a in number}) for group in coalitions]
    return np.array(sorted({*single, *(bits for bits in joint if bits)}), dtype=np.uint64)


def _jobs(wanted: NDArray[np.int64], terrain: Terrain, avoid: NDArray[np.uint64]) -> Jobs:
    """List the searches from one origin, given the regimes of its flows (S, Z, G).

    States that allow and cost the same are searched once, for the destinations of all of them.
    """
    n_states, n_zones, n_goods = wanted.shape
    typical = {int(np.argmin(terrain.value_of_time[0])), int(np.argmax(terrain.value_of_time[0]))}
    seen: dict[bytes, int] = {}
    seeable = (terrain.usable, terrain.closers, terrain.money[0], terrain.hours[0])
    sight = [seen.setdefault(b"".join(x[s].tobytes() for x in seeable), s) for s in range(n_states)]
    serves: dict[tuple[int, int, int], NDArray[np.bool_]] = {}
    for s in range(n_states):
        for g in range(n_goods):
            for effect in np.unique(wanted[s, :, g]):
                mine = wanted[s, :, g] == effect
                for priced in {g, *typical}:  # whoever avoids an actor looks at every regime, at typical prices
                    key = (sight[s], priced, int(effect))
                    serves[key] = serves.get(key, np.zeros(n_zones, dtype=bool)) | mine
    rows = []  # state, goods, effect, draw, avoid, avoid_modes, project_factor, rounds, scarcity
    for key in serves:
        rows += [
            (*key, k, 0, 0, 1.0, _ROUNDS if k == 0 and key[1] in typical else 0, 0)
            for k in range(terrain.money.shape[0])
        ]
        rows += [(*key, 0, 0, 0, _PROJECT_FACTOR, 0, 0)] if terrain.project.any() else []
        rows += [(*key, 0, 0, 0, 1.0, 0, n) for n in range(1, terrain.scarcity.shape[0])]
        if key[1] in typical:
            rows += [(*key, 0, int(bits), 0, 1.0, 0, 0) for bits in avoid]
            rows += [(*key, 0, 0, 1 << mode, 1.0, 0, 0) for mode in range(3)]
    columns = list(zip(*rows, strict=True))
    kinds = (np.int64, np.int64, np.int64, np.int64, np.uint64, np.uint8, np.float64, np.int64, np.int64)
    served = np.stack([serves[row[0], row[1], row[2]] for row in rows])
    return Jobs._make([*(np.array(c, dtype=kind) for c, kind in zip(columns, kinds, strict=True)), served])


def _select(
    network: Network,
    terrain: Terrain,
    effect: NDArray[np.int64],
    avoid: NDArray[np.uint64],
    dispersion: NDArray[np.float64],
    found: list[tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]]],
) -> RouteSet:
    """Sort what was found by pair, drop the hopeless and what has no room, and compute segments."""
    n_zones = len(network.graph.zones)
    origin, destination = pair_list(n_zones)
    where = np.concatenate([o * n_zones + f[0].astype(np.int64) for o, f in enumerate(found)])
    length = np.concatenate([np.diff(f[1]) for f in found])
    arcs = np.concatenate([f[2] for f in found])
    start = np.concatenate([[0], np.cumsum(length)])
    order = np.argsort(where, kind="stable")
    first, packed = _gather(order, start, length, arcs)
    pair_first = np.searchsorted(where[order], origin * n_zones + destination)
    pair_first = np.append(pair_first, len(order)).astype(np.int64)
    wanted = effect[network.regimes.of_flow[:, origin, destination]]
    closers = np.stack([or_over_routes(first, packed, mask) for mask in network.closers])
    rank = route_rank(pair_first, first, packed, closers, avoid, wanted, terrain, dispersion)
    central = terrain.money[0].max(axis=0) + _TYPICAL_VALUE_OF_TIME * terrain.hours[0].max(axis=0)
    rank[mark_shadows(pair_first, first, packed, closers, rank, central, _ALIKE)] = np.inf
    chosen, dropped = _room(pair_first, rank)
    route_first, kept_arcs = _gather(chosen, first, np.diff(first), packed)
    count = np.searchsorted(chosen, pair_first)
    segments = build_segments(count.astype(np.int64), route_first, kept_arcs, network.graph.n_assets)
    return RouteSet(
        origin=origin,
        destination=destination,
        pair_first=count.astype(np.int64),
        route_first=route_first,
        arcs=kept_arcs,
        segment_first=segments[0],
        segment_mask=segments[1],
        asset_first=segments[2],
        asset=segments[3],
        dropped=dropped,
    )


def _room(pair_first: NDArray[np.int64], rank: NDArray[np.float64]) -> tuple[NDArray[np.int64], int]:
    """Choose the routes of each pair by rank, needed ones whatever their number; count the needed that find no room."""
    chosen, dropped = [], 0
    for a, b in itertools.pairwise(pair_first):
        good = np.flatnonzero(rank[a:b] <= _HOPELESS) + a
        needed = int((rank[good] == NEEDED).sum())
        dropped += max(needed - _LIMIT, 0)
        most = min(max(needed, MOST_ROUTES), _LIMIT)
        if len(good) > most:
            good = np.sort(good[np.argsort(rank[good], kind="stable")[:most]])
        chosen.append(good)
    return np.concatenate(chosen).astype(np.int64), dropped


def _gather(
    order: NDArray[np.int64], start: NDArray[np.int64], length: NDArray[np.int64], arcs: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Copy variable-length rows in a new order; return their CSR form."""
    size = length[order]
    first = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    index = np.repeat(start[:-1][order] - first[:-1], size) + np.arange(first[-1])
    return first, arcs[index]
