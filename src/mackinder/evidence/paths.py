"""The cheapest way along named places: the model's counterpart of a cited distance or transit time."""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.selectors import LinkIndex
from mackinder.errors import NoRouteError
from mackinder.evidence.targets import Path
from mackinder.network.network import build_network
from mackinder.network.prices import pilot_prices
from mackinder.network.records import Network, PriceDraws
from mackinder.scenario import apply, read_scenario
from mackinder.units import HOURS_PER_DAY

__all__ = ["Measured", "PathFinder"]

#: draws behind the interval of days and prices
_DRAWS = 100
Array = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A path and what it measures.

    Attributes
    ----------
    length_km : float
    days, price : ndarray, shape (1 + draws,)
        Central value first; price in USD/t of the default goods.
    links : tuple of str
        In travel order.
    assets : tuple of str
        Links and transfers, in travel order.
    """

    length_km: float
    days: Array
    price: Array
    links: tuple[str, ...]
    assets: tuple[str, ...]


class PathFinder:
    """Finds paths in the states of a case; each state is built once.

    Restrictions are left out: a path is a statement about links and transfers. The path is the one of least generalised
    cost of the default goods at central prices, from the first place on any of the allowed modes to the last.

    Parameters
    ----------
    case : Case
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        self._states: dict[tuple[str, int], tuple[Network, PriceDraws, Case]] = {}

    def find(self, path: Path) -> Measured:
        """Find a path.

        Raises
        ------
        NoRouteError
            If the places cannot be joined by open links of these modes.
        """
        settings = self._case.settings
        network, prices, case = self._state(path.scenario or settings.baseline, path.year or settings.base_year)
        cost, hours, money = _costs(network, prices, settings.default_goods)
        arcs = _search(network, _allowed(network, case, path), cost[0], path.via)
        if arcs is None:
            by = f"{', '.join(path.modes)}{f' on {path.links}' if path.links else ''}"
            key = network.states[0]
            msg = f"no open way along {' - '.join(path.via)} by {by} under {key.scenario} in {key.year}"
            raise NoRouteError(msg)
        assets = np.array(arcs, dtype=np.int64) >> 1
        graph = network.graph
        return Measured(
            length_km=float(graph.length_km[assets].sum()),
            days=hours[:, assets].sum(axis=1) / HOURS_PER_DAY,
            price=money[:, assets].sum(axis=1),
            links=tuple(graph.assets[a] for a in assets if a < graph.n_links),
            assets=tuple(graph.assets[a] for a in assets),
        )

    def _state(self, scenario: str, year: int) -> tuple[Network, PriceDraws, Case]:
        key = (scenario, year)
        if key not in self._states:
            case = apply(self._case, read_scenario(scenario, self._case))
            network = build_network({scenario: case}, [year])
            self._states[key] = (network, pilot_prices(case, network, _DRAWS), case)
        return self._states[key]


def _costs(network: Network, prices: PriceDraws, goods: str) -> tuple[Array, Array, Array]:
    """Generalised cost, hours and price of each asset in every draw, shape (K, A)."""
    v, g, table = network.vector[0], network.goods.index(goods), prices.goods
    hours = np.nan_to_num(prices.hours[:, v])
    money = np.nan_to_num(prices.money[:, v]) * table.factor[:, g][:, network.graph.mode]
    return money + table.value_of_time[:, g, None] * hours, hours, money


def _allowed(network: Network, case: Case, path: Path) -> NDArray[np.bool_]:
    """Assets that a path may use: open links of its modes and selector, and transfers between them."""
    graph, links = network.graph, case.table("links")
    fits = links["mode"].isin(path.modes).to_numpy(bool)
    if path.links:
        fits = fits & LinkIndex(links).mask(path.links)
    fit = set(links["link_id"][fits])
    chosen = np.array([i >= graph.n_links or asset in fit for i, asset in enumerate(graph.assets)])
    allowed: NDArray[np.bool_] = chosen & network.usable[0]
    return allowed


def _search(network: Network, allowed: NDArray[np.bool_], cost: Array, via: tuple[str, ...]) -> list[int] | None:
    """Dijkstra over (node, places of `via` reached): the node keeps its mode and gauge where a place is passed."""
    graph = network.graph
    place = [node[0] for node in graph.nodes]
    came: dict[tuple[int, int], tuple[tuple[int, int], int]] = {}
    queue = [(0.0, i, 1) for i, name in enumerate(place) if name == via[0]]
    best = {(i, 1): 0.0 for _, i, _ in queue}
    heapq.heapify(queue)
    while queue:
        so_far, node, stage = heapq.heappop(queue)
        here = (node, stage)
        if so_far > best[here]:
            continue
        if stage == len(via):
            return _walk_back(came, here)
        for arc in graph.out_arc[graph.out_first[node] : graph.out_first[node + 1]]:
            if not allowed[arc >> 1]:
                continue
            head = int(graph.arc_head[arc])
            there = (head, stage + (place[head] == via[stage]))
            total = so_far + float(cost[arc >> 1])
            if total < best.get(there, np.inf):
                best[there] = total
                came[there] = (here, int(arc))
                heapq.heappush(queue, (total, *there))
    return None


def _walk_back(came: Mapping[tuple[int, int], tuple[tuple[int, int], int]], end: tuple[int, int]) -> list[int]:
    arcs = []
    while end in came:
        end, arc = came[end]
        arcs.append(arc)
    return arcs[::-1]
