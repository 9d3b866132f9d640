"""Records of the network layer: arrays with their meaning. Nothing here needs pandas, so that `route` starts fast."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

__all__ = ["BOUNDS", "MODE_GROUPS", "GoodsPrices", "Graph", "Labels", "Network", "PriceDraws", "Regimes", "StateKey"]

BOUNDS = ("low", "mode", "high")
#: mode -> group with a cost factor of its own (columns rail_, road_, water_, transfer_cost_factor of goods)
MODE_GROUPS = {"rail": 0, "road": 1, "sea": 2, "ferry": 2, "inland_water": 2, "transfer": 3}

Array = NDArray[np.float64]
Node = tuple[str, str, int]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Arrays of the network; N nodes, A assets, 2 A arcs, Z zones.

    Attributes
    ----------
    nodes : tuple of (place, mode, gauge)
        Sorted; gauge is 0 off the rails.
    assets : tuple of str
        Link ids, then transfer ids, each sorted.
    n_links : int
        The first assets are links.
    mode : ndarray of uint8, shape (A,)
        Mode group of the asset, see `MODE_GROUPS`.
    arc_head : ndarray of int32, shape (2 A,)
    out_first, out_arc : ndarray of int32
        Forward star, arcs of a node in the order of their ids.
    length_km : ndarray, shape (A,)
        Zero for transfers.
    zones : tuple of str
    zone_node : ndarray of int32, shape (Z,)
        Road node at the zone's anchor place, where demand starts and ends.
    """

    nodes: tuple[Node, ...]
    assets: tuple[str, ...]
    n_links: int
    mode: NDArray[np.uint8]
    arc_head: NDArray[np.int32]
    out_first: NDArray[np.int32]
    out_arc: NDArray[np.int32]
    length_km: NDArray[np.float64]
    zones: tuple[str, ...]
    zone_node: NDArray[np.int32]

    @property
    def n_assets(self) -> int:
        """Number of assets."""
        return len(self.assets)

    def asset_index(self) -> dict[str, int]:
        """Return the index of each asset id."""
        return {asset: i for i, asset in enumerate(self.assets)}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Regimes:
    """What restrictions do; R regimes, M restrictions, S states, Z zones, G goods, A assets.

    Attributes
    ----------
    of_flow : ndarray of int64, shape (S, Z, Z, G)
        Regime of each flow.
    denied : ndarray of bool, shape (R, A)
        Assets a regime forbids.
    members : ndarray of bool, shape (R, M)
        Restrictions in force under a regime.
    restriction : tuple of str
        Ids of the M restrictions; an id stands twice if two states give it different content.
    surcharge : ndarray, shape (M, 3), USD/t
        Low, mode and high; zero for those that deny.
    per_link : ndarray of bool, shape (M, A)
        Links on which a surcharge is due each time.
    per_use : ndarray of bool, shape (M, A)
        Links of which a shipment must use any for a surcharge to be due, once.
    per_shipment : ndarray of bool, shape (M,)
        Surcharges due once a shipment.
    """

    of_flow: NDArray[np.int64]
    denied: NDArray[np.bool_]
    members: NDArray[np.bool_]
    restriction: tuple[str, ...]
    surcharge: NDArray[np.float64]
    per_link: NDArray[np.bool_]
    per_use: NDArray[np.bool_]
    per_shipment: NDArray[np.bool_]

    def link_charges(self, amount: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn amounts per restriction, shape (M,), into amounts per regime and asset, shape (R, A)."""
        return np.asarray(self.members.astype(float) @ (self.per_link * amount[:, None]))

    def shipment_charges(self, amount: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn amounts per restriction, shape (K, M), into amounts per shipment and regime, shape (K, R)."""
        return np.asarray((amount * self.per_shipment) @ self.members.T.astype(float))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StateKey:
    """A scenario in a year, and the day as which the year is solved."""

    scenario: str
    year: int
    day: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Arrays of all states; S states, A assets, V price vectors, N actors, Z zones, G goods, C corridors.

    Attributes
    ----------
    graph : Graph
    states : tuple of StateKey
        Distinct states, each named after the first scenario and year that it stands for.
    same : tuple of tuples of StateKey, length S
        All scenarios and years that each state stands for: scenarios that change nothing by a year share its state.
    usable : ndarray of bool, shape (S, A)
    closers : ndarray of uint64, shape (S, A)
        Bit per actor who can close the asset.
    vector : ndarray of int64, shape (S,)
        Price vector of each state.
    cost, hours : ndarray, shape (V, A, 3)
        Low, mode, high in USD/t and h; nan where no case of the vector has the asset.
    price_group : tuple of str
        Group of each asset whose prices move together: country and mode.
    capacity : ndarray, shape (C, A, 3), Mt/yr
        Low, mode, high of each capacity vector; nan where no capacity is known to bind.
    capacity_vector : ndarray of int64, shape (S,)
        Capacity vector of each state.
    capacity_rule : tuple of str
        ``price``, ``quota`` or ``queue`` for each asset; empty without a capacity.
    actors : tuple of str
        Root actors with a zone or a right to close: the bits of `closers`.
    zone_actor : ndarray of int64, shape (Z,)
        Actor that answers for a zone, -1 for none.
    goods : tuple of str
        Freight classes.
    regimes : Regimes
    corridors : tuple of str
    screenline : ndarray of uint64, shape (A,)
        Bit per corridor counted at the asset.
    """

    graph: Graph
    states: tuple[StateKey, ...]
    same: tuple[tuple[StateKey, ...], ...]
    usable: NDArray[np.bool_]
    closers: NDArray[np.uint64]
    vector: NDArray[np.int64]
    cost: NDArray[np.float64]
    hours: NDArray[np.float64]
    price_group: tuple[str, ...]
    capacity: NDArray[np.float64]
    capacity_vector: NDArray[np.int64]
    capacity_rule: tuple[str, ...]
    actors: tuple[str, ...]
    zone_actor: NDArray[np.int64]
    goods: tuple[str, ...]
    regimes: Regimes
    corridors: tuple[str, ...]
    screenline: NDArray[np.uint64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GoodsPrices:
    """What differs between goods classes, in every draw; K draws, G classes.

    Attributes
    ----------
    density : ndarray, shape (K, G), USD/t
    value_of_time : ndarray, shape (K, G), USD/(t h)
    dispersion : ndarray, shape (K, G), t/USD
    no_ship : ndarray, shape (K, G), USD/t
        Loss from not shipping: value density over trade elasticity (convention C27).
    factor : ndarray, shape (K, G, 4)
        Price over the container price, by mode group.
    """

    density: Array
    value_of_time: Array
    dispersion: Array
    no_ship: Array
    factor: Array


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PriceDraws:
    """Prices in every draw; K draws, V price vectors, A assets, R regimes.

    Attributes
    ----------
    money, hours, spread : ndarray, shape (K, V, A), USD/t, h, h
        ``spread`` is the standard deviation of the time, read off its interval.
    capacity : ndarray, shape (K, C, A), t/yr
        Infinite where none is known to bind.
    reliability : ndarray, shape (K,)
        Value of an hour of spread over the value of an hour (reliability ratio).
    surcharge : ndarray, shape (K, M), USD/t
        Amount of each restriction.
    shipment : ndarray, shape (K, R), USD/t
    goods : GoodsPrices
    """

    money: Array
    hours: Array
    spread: Array
    capacity: Array
    reliability: Array
    surcharge: Array
    shipment: Array
    goods: GoodsPrices


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Names and places for people, in the order of the arrays of a network.

    Attributes
    ----------
    places, place_label, place_country : tuple of str
        Every place of the case, its display name and alpha-3 code.
    place_zone : ndarray of int64
        Zone of each place, -1 for none.
    asset_label, asset_mode : tuple of str
        Display name and mode of each asset; ``transfer`` for transfers.
    actor_label : tuple of str
        Display name of each actor of the network.
    goods_label : tuple of str
        Display name of each freight class.
    """

    places: tuple[str, ...]
    place_label: tuple[str, ...]
    place_country: tuple[str, ...]
    place_zone: NDArray[np.int64]
    asset_label: tuple[str, ...]
    asset_mode: tuple[str, ...]
    actor_label: tuple[str, ...]
    goods_label: tuple[str, ...]
