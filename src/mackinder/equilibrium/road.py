"""The network, demand and route sets of the array engine: checked, read-only records that need no case.

Units are the caller's: flow per period, cost in one unit throughout (minutes for the road networks of the literature,
USD per tonne for freight). Nodes and links are numbered from 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mackinder.errors import DataError

__all__ = ["Demand", "RoadNetwork", "RouteSet", "demand_from_matrix", "road_network"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def _numbers(name: str, value: npt.ArrayLike, shape: tuple[int, ...], *, infinite: bool = False) -> Floats:
    try:
        array = np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), shape))
    except (TypeError, ValueError) as error:
        msg = f"{name}: an array of numbers of shape {shape} is needed, got shape {np.shape(value)}: {error}"
        raise DataError(msg) from error
    bad = np.isnan(array) | (array < 0)
    if not infinite:
        bad |= np.isinf(array)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        what = "a number that is at least zero" if infinite else "a finite number that is at least zero"
        msg = f"{name}: {int(bad.sum())} bad values, first at index {where}: {array[where]}; give {what} (missing is not zero)"
        raise DataError(msg)
    array.flags.writeable = False
    return array


def _indices(name: str, value: npt.ArrayLike, below: int) -> Ints:
    raw = np.asarray(value)
    if raw.ndim != 1 or (raw.size and not np.issubdtype(raw.dtype, np.integer)):
        msg = f"{name}: a one-dimensional array of integers is needed, got {raw.dtype} of shape {raw.shape}"
        raise DataError(msg)
    array = raw.astype(np.int64)
    bad = (array < 0) | (array >= below)
    if bad.any():
        where = int(np.flatnonzero(bad)[0])
        msg = f"{name}: index {where} is {int(array[where])}; numbers run from 0 to {below - 1}"
        raise DataError(msg)
    array.flags.writeable = False
    return array


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadNetwork:
    """Directed links with ``cost(x) = t0 (1 + B (x / capacity)^power) + fixed``; build it with `road_network`.

    Attributes
    ----------
    n_nodes : int
    tail, head : ndarray of int64, shape (n_links,)
        Nodes from 0. Parallel links are allowed.
    free_flow_time, b, capacity, power, fixed_cost : ndarray, shape (n_links,)
        Parameters of the cost. A link whose ``t0 B`` is zero has a constant cost and needs no capacity. With power 0 the
        formula is taken at its word: the cost is ``t0 (1 + B) + fixed``.
    limit : ndarray, shape (n_links,)
        Hard capacity; inf: none; 0: the link is closed.
    first_thru : int
        Nodes below it are left and entered, but never passed through.
    """

    n_nodes: int
    tail: Ints
    head: Ints
    free_flow_time: Floats
    b: Floats
    capacity: Floats
    power: Floats
    fixed_cost: Floats
    limit: Floats
    first_thru: int = 0

    @property
    def n_links(self) -> int:
        """Number of links."""
        return int(self.tail.size)


def road_network(
    *,
    n_nodes: int,
    tail: npt.ArrayLike,
    head: npt.ArrayLike,
    free_flow_time: npt.ArrayLike,
    b: npt.ArrayLike = 0.0,
    capacity: npt.ArrayLike = np.inf,
    power: npt.ArrayLike = 1.0,
    fixed_cost: npt.ArrayLike = 0.0,
    limit: npt.ArrayLike = np.inf,
    first_thru: int = 0,
) -> RoadNetwork:
    """Check and freeze a network; single numbers hold for all links.

    Parameters
    ----------
    n_nodes : int
    tail, head : array_like of int, shape (n_links,)
    free_flow_time, fixed_cost : array_like, shape (n_links,), cost units
    b, power : array_like, shape (n_links,), dimensionless
    capacity, limit : array_like, shape (n_links,), flow units
    first_thru : int

    Returns
    -------
    RoadNetwork

    Raises
    ------
    DataError
        A value is missing (NaN), negative or out of range, or a link with delay has no positive capacity.

    Examples
    --------
    >>> net = road_network(n_nodes=2, tail=[0, 0], head=[1, 1], free_flow_time=[1, 2], b=[1, 0], capacity=[10, 10])
    >>> net.n_links
    2
    """
    tails = _indices("tail", tail, n_nodes)
    heads = _indices("head", head, n_nodes)
    if tails.size != heads.size:
        msg = f"tail has {tails.size} links and head has {heads.size}; they must agree"
        raise DataError(msg)
    if not 0 <= first_thru <= n_nodes:
        msg = f"first_thru is {first_thru}; it is the first node that may be passed, from 0 to {n_nodes}"
        raise DataError(msg)
    shape = (tails.size,)
    network = RoadNetwork(
        n_nodes=int(n_nodes),
        tail=tails,
        head=heads,
        free_flow_time=_numbers("free_flow_time", free_flow_time, shape),
        b=_numbers("b", b, shape),
        capacity=_numbers("capacity", capacity, shape, infinite=True),
        power=_numbers("power", power, shape),
        fixed_cost=_numbers("fixed_cost", fixed_cost, shape),
        limit=_numbers("limit", limit, shape, infinite=True),
        first_thru=int(first_thru),
    )
    delayed = (network.free_flow_time * network.b > 0) & (network.power > 0)
    bad = np.flatnonzero(delayed & (network.capacity <= 0))
    if bad.size:
        msg = (
            f"capacity: link {int(bad[0])} (of {bad.size} such links) has a flow-dependent delay and capacity 0; "
            "give a positive capacity, or limit=0 to close the link"
        )
        raise DataError(msg)
    return network


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Quantities between nodes by class: equal-length columns, one row a pair and class.

    Attributes
    ----------
    origin, destination, klass : ndarray of int64, shape (n_rows,)
    quantity : ndarray, shape (n_rows,), flow units
    """

    origin: Ints
    destination: Ints
    quantity: Floats
    klass: Ints

    @classmethod
    def of(
        cls,
        origin: npt.ArrayLike,
        destination: npt.ArrayLike,
        quantity: npt.ArrayLike,
        *,
        klass: npt.ArrayLike | None = None,
        n_nodes: int,
    ) -> Demand:
        """Check and freeze demand columns; without `klass` all rows are of class 0.

        Examples
        --------
        >>> Demand.of([0, 0], [1, 2], [3.0, 4.5], n_nodes=3).quantity.sum()
        np.float64(7.5)
        """
        starts = _indices("demand origin", origin, n_nodes)
        ends = _indices("demand destination", destination, n_nodes)
        classes = np.zeros(starts.size, np.int64) if klass is None else _indices("demand class", klass, 1 << 31)
        if not starts.size == ends.size == classes.size:
            msg = f"demand columns differ in length: {starts.size} origins, {ends.size} destinations, {classes.size} classes"
            raise DataError(msg)
        amounts = _numbers("demand quantity", quantity, (starts.size,))
        return cls(origin=starts, destination=ends, quantity=amounts, klass=classes)


def demand_from_matrix(matrix: npt.ArrayLike, *, n_nodes: int) -> Demand:
    """Turn an origin-destination matrix, or a stack of them (one a class), into demand rows; zeros make no row.

    Parameters
    ----------
    matrix : array_like, shape (n_zones, n_zones) or (n_classes, n_zones, n_zones), flow units
        Zone z is node z.
    n_nodes : int

    Examples
    --------
    >>> demand_from_matrix([[0, 5], [0, 0]], n_nodes=2).quantity
    array([5.])
    """
    try:
        array = np.asarray(matrix, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"demand: a matrix of numbers is needed: {error}"
        raise DataError(msg) from error
    if array.ndim == 2:
        array = array[None]
    if array.ndim != 3 or array.shape[1] != array.shape[2] or array.shape[1] > n_nodes:
        msg = (
            f"demand: shape (n_zones, n_zones) or (n_classes, n_zones, n_zones) with at most {n_nodes} zones is needed, "
            f"got {np.shape(matrix)}"
        )
        raise DataError(msg)
    checked = _numbers("demand", array, array.shape)
    klass, origin, destination = np.nonzero(checked)
    return Demand.of(origin, destination, checked[klass, origin, destination], klass=klass, n_nodes=n_nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSet:
    """Routes for the rows of a `Demand`, compressed: row i has routes ``pointer[i]`` to ``pointer[i + 1]``.

    Attributes
    ----------
    pointer : ndarray of int64, shape (n_rows + 1,)
    link_pointer : ndarray of int64, shape (n_routes + 1,)
    links : ndarray of int64, shape (n_uses,)
        Links of the network in travel order.
    weight : ndarray, shape (n_routes,)
        Factor of the route in a logit (its path size); positive.
    """

    pointer: Ints
    link_pointer: Ints
    links: Ints
    weight: Floats
