"""Equilibrium of given demand on a congested network: the public function of the array engine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mackinder.equilibrium._problem import Problem, all_simple_routes, build_problem, import_routes
from mackinder.equilibrium._solvers import Trace, first_routes, solve_capacity, solve_logit, solve_wardrop
from mackinder.equilibrium.assignment import AssignedPairs, AssignedRoutes, Assignment, Choice
from mackinder.equilibrium.road import Demand, RoadNetwork, RouteSet, demand_from_matrix
from mackinder.errors import DataError, NotConvergedError, UsageError
from mackinder.kernels.columns import class_link_flows, route_costs
from mackinder.kernels.linkcost import link_integrals, refresh_links
from mackinder.kernels.problem import Routes

__all__ = ["assign"]

Floats = npt.NDArray[np.float64]


def _check_options(
    choice: str, dispersion: float | None, gap: float, max_iterations: int, capacity_tolerance: float
) -> None:
    if choice not in ("wardrop", "logit"):
        msg = f"choice is {choice!r}; known are 'wardrop' and 'logit'"
        raise UsageError(msg)
    if choice == "logit" and (dispersion is None or not 0 < dispersion < np.inf):
        msg = (
            f"a logit needs a positive, finite dispersion (1/cost unit), got {dispersion}; infinite is choice='wardrop'"
        )
        raise UsageError(msg)
    if choice == "wardrop" and dispersion is not None:
        msg = "dispersion belongs to choice='logit'; leave it out or set the choice"
        raise UsageError(msg)
    if not 0 < gap < np.inf or not 0 < capacity_tolerance < np.inf or max_iterations < 1:
        msg = (
            "gap and capacity_tolerance must be positive and max_iterations at least 1, "
            f"got {gap}, {capacity_tolerance} and {max_iterations}"
        )
        raise UsageError(msg)


def _no_ship_costs(value: npt.ArrayLike | None, demand: Demand, shape: tuple[int, ...] | None) -> Floats:
    n_rows = demand.quantity.size
    if value is None:
        return np.full(n_rows, np.inf)
    array = np.asarray(value, dtype=np.float64)
    if array.ndim == 0:
        array = np.full(n_rows, float(array))
    elif shape is not None and array.shape == shape:
        cube = array.reshape(-1, *shape[-2:])
        array = cube[demand.klass, demand.origin, demand.destination]
    if array.shape != (n_rows,) or np.isnan(array).any() or (array < 0).any():
        msg = (
            f"no_ship_cost: one number, or one per demand entry, at least zero (inf: no such option), is needed; "
            f"got shape {np.shape(value)}"
        )
        raise DataError(msg)
    return array


def _class_array(name: str, value: npt.ArrayLike | None, width: int | None) -> Floats | None:
    if value is None:
        return None
    array = np.asarray(value, dtype=np.float64)
    ndim = 1 if width is None else 2
    fits = array.ndim == ndim and (width is None or array.shape[1] == width)
    if not fits or np.isnan(array).any() or (array < 0).any() or (width is None and np.isinf(array).any()):
        shape = "(n_classes,)" if width is None else f"(n_classes, {width})"
        msg = f"{name}: an array of shape {shape} of numbers at least zero is needed, got {array.shape}"
        raise DataError(msg)
    return array


def assign(
    network: RoadNetwork,
    demand: Demand | npt.ArrayLike,
    *,
    choice: Choice = "wardrop",
    dispersion: float | None = None,
    gap: float = 1e-6,
    max_iterations: int = 2000,
    routes: RouteSet | None = None,
    no_ship_cost: npt.ArrayLike | None = None,
    fixed_weights: npt.ArrayLike | None = None,
    class_cost: npt.ArrayLike | None = None,
    capacity_tolerance: float = 1e-6,
    max_routes: int = 20_000,
    detour: float = np.inf,
    allow_unconverged: bool = False,
) -> Assignment:
    """Find the flows at which nobody gains by another route (Wardrop), or the logit equilibrium.

    Route-based gradient projection with column generation; one thread, the same bits each time.

    Parameters
    ----------
    network : RoadNetwork
    demand : Demand, or array_like of shape (n_zones, n_zones) or (n_classes, n_zones, n_zones), flow units
        Zone z is node z. Classes share the links' delays.
    choice : {"wardrop", "logit"}
    dispersion : float, 1/cost units
        Logit only.
    gap : float
        Relative gap to reach; see `Assignment.relative_gap`.
    max_iterations : int
    routes : RouteSet, optional
        The only routes there are, with their path sizes. Without it Wardrop generates routes as they are needed, and a
        logit is over all routes that pass no node twice.
    no_ship_cost : array_like, cost units
        One number, or one per demand entry (of the matrix, or of the rows of `Demand`): demand whose cost would exceed it
        is not shipped and is reported as `unserved`. In a logit it is one more alternative.
    fixed_weights : array_like, shape (n_classes,)
        Factor of ``network.fixed_cost`` per class (for money, one over the value of time).
    class_cost : array_like, shape (n_classes, n_links), cost units
        Added fixed cost per class; inf: the class may not use the link.
    capacity_tolerance : float
        Share of a hard capacity by which flow may exceed it, or stay below it while it has a price.
    max_routes, detour : int, float
        Bounds of the enumeration for a logit: routes a pair, and cost over the least one at free flow.
    allow_unconverged : bool
        Return a result whose `status` says so instead of raising.

    Returns
    -------
    Assignment

    Raises
    ------
    NotConvergedError
        A tolerance was not met and `allow_unconverged` is false.
    NoRouteError
        Demand between nodes that no permitted route joins, without a no-ship cost.
    DataError, UsageError
        Input that is malformed, or options that do not exist.

    Notes
    -----
    Jayakrishnan, Tsai, Prashker and Rajadhyaksha (1994), Transp. Res. Record 1443; Xie, Nie and Liu (2018), Transp. Sci.
    52; for the logit Fisk (1980), Transp. Res. B 14.

    Examples
    --------
    Braess: with the bridge everybody takes 92 instead of 83 minutes.

    >>> from mackinder.equilibrium.road import road_network
    >>> net = road_network(
    ...     n_nodes=4, tail=[0, 0, 1, 2, 1], head=[1, 2, 3, 3, 2], free_flow_time=[1e-9, 50, 50, 1e-9, 10],
    ...     b=[1e10, 0.02, 0.02, 1e10, 0.1],
    ...     capacity=1.0,
    ... )
    >>> flow = assign(net, [[0, 0, 0, 6], [0] * 4, [0] * 4, [0] * 4], gap=1e-12)
    >>> flow.link_flow.round(6).tolist(), round(float(flow.pairs.least_cost[0]), 6)
    ([4.0, 2.0, 2.0, 4.0, 2.0], 92.0)
    """
    _check_options(choice, dispersion, gap, max_iterations, capacity_tolerance)
    shape = None if isinstance(demand, Demand) else np.shape(demand)
    rows = demand if isinstance(demand, Demand) else demand_from_matrix(demand, n_nodes=network.n_nodes)
    problem = build_problem(
        network,
        rows,
        fixed_weights=_class_array("fixed_weights", fixed_weights, None),
        class_cost=_class_array("class_cost", class_cost, network.n_links),
        no_ship_cost=_no_ship_costs(no_ship_cost, rows, shape),
    )
    trace = Trace()
    orders = np.empty((problem.pairs.origin.size, network.n_nodes), np.int32)
    if routes is not None:
        store = import_routes(problem, network, routes, rows.quantity.size)
    elif choice == "logit":
        store = all_simple_routes(problem, max_routes=max_routes, detour=detour)
    else:
        store = first_routes(problem, orders)

    def solve(start: Routes, target: float) -> tuple[Routes, bool]:
        if dispersion is not None:
            return solve_logit(problem, start, float(dispersion), target, max_iterations, trace)
        return solve_wardrop(problem, start, orders, target, max_iterations, trace, generate=routes is None)

    store, status, violation = solve_capacity(problem, store, solve, float(gap), capacity_tolerance, trace)
    result = _result(problem, rows, store, choice, dispersion, status, violation, trace)
    if not result.converged and not allow_unconverged:
        raise NotConvergedError(_complaint(result, network, gap, capacity_tolerance))
    return result


def _complaint(result: Assignment, network: RoadNetwork, gap: float, capacity_tolerance: float) -> str:
    if result.status == "capacity_not_met":
        over = np.flatnonzero(result.link_flow > network.limit * (1.0 + capacity_tolerance))
        return (
            f"hard capacities are missed by {result.capacity_violation:.3g} of their size (asked {capacity_tolerance:g}) after "
            f"{result.iterations} iterations, {over.size} links stay above theirs (first: link {over[:1].tolist()}): the demand "
            "probably does not fit; give no_ship_cost to see what stays behind"
        )
    return (
        f"relative gap {result.relative_gap:.3g} after {result.iterations} iterations, asked {gap:g}; "
        "raise max_iterations or gap, or pass allow_unconverged=True and read the status"
    )


def _result(
    problem: Problem,
    demand: Demand,
    routes: Routes,
    choice: Choice,
    dispersion: float | None,
    status: str,
    violation: float,
    trace: Trace,
) -> Assignment:
    state, pairs = problem.state, problem.pairs
    over = np.where(np.isfinite(problem.limit), state.flow - problem.limit, 0.0)
    multiplier = np.maximum(0.0, state.parameters[:, 5] + state.parameters[:, 6] * over)
    multiplier[problem.limit == 0] = np.nan
    costs = route_costs(pairs, state, routes)
    counts = np.diff(routes.pointer)
    pair_of = np.repeat(np.arange(counts.size), counts)
    empty = np.diff(routes.link_pointer) == 0
    unserved = np.zeros(counts.size)
    np.add.at(unserved, pair_of[empty], routes.flow[empty])
    spent = np.bincount(pair_of, weights=routes.flow * costs, minlength=counts.size)
    least = np.minimum.reduceat(costs, routes.pointer[:-1]) if costs.size else np.zeros(0)
    class_flow = class_link_flows(pairs, routes, problem.n_classes, problem.n_links)
    open_links = np.isfinite(state.constants)
    objective = float(
        link_integrals(state.parameters, state.flow).sum()
        + np.sum(np.where(open_links, state.constants, 0.0) * class_flow)
        + pairs.reserve[unserved > 0] @ unserved[unserved > 0]
    )
    if dispersion is not None:
        used = routes.flow > 0
        objective += float(np.sum(routes.flow[used] * np.log(routes.flow[used] / routes.weight[used])) / dispersion)
    state.parameters[:, 5:7] = 0.0  # from here on costs without the prices of hard capacities
    class_costs = np.empty_like(state.constants)
    for klass in range(problem.n_classes):
        refresh_links(state, klass)
        class_costs[klass] = state.cost
    class_costs = problem.unsort(class_costs)
    return Assignment(
        status=status,  # type: ignore[arg-type]  # one of the three by construction
        choice=choice,
        dispersion=dispersion,
        link_flow=problem.unsort(state.flow),
        class_flow=problem.unsort(class_flow),
        link_cost=class_costs[0],
        class_cost=class_costs,
        multipliers=problem.unsort(multiplier),
        pairs=AssignedPairs(
            row=problem.row,
            origin=demand.origin[problem.row],
            destination=demand.destination[problem.row],
            klass=demand.klass[problem.row],
            quantity=pairs.flow,
            unserved=unserved,
            least_cost=least,
            mean_cost=spent / pairs.flow,
            logsum_cost=least if trace.logsum is None else trace.logsum,
        ),
        routes=AssignedRoutes(
            pair=pair_of,
            link_pointer=routes.link_pointer,
            links=problem.link_order[routes.links],
            flow=routes.flow,
            cost=costs,
        ),
        objective=objective,
        relative_gap=trace.gaps[-1],
        gaps=tuple(trace.gaps),
        capacity_violation=violation,
        iterations=len(trace.gaps),
        intrazonal=problem.intrazonal,
    )
