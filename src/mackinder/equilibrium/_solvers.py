"""The outer loops: Wardrop, logit, and the augmented Lagrangian of hard capacities around either."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mackinder.equilibrium._problem import Problem, name_pairs
from mackinder.errors import DataError, NoRouteError
from mackinder.kernels.columns import link_flows, load_first, price_routes
from mackinder.kernels.newton import newton_logit_step, newton_step
from mackinder.kernels.problem import Routes
from mackinder.kernels.projection import equilibrate
from mackinder.kernels.sue import equilibrate_logit, logit_gap

__all__ = ["Trace", "first_routes", "solve_capacity", "solve_logit", "solve_wardrop"]

Floats = npt.NDArray[np.float64]
#: the inner passes stop when the excess within the route sets is this share of the whole: more is wasted before new routes
_INNER_SHARE = 0.1
_INNER_PASSES = 60
#: ... and where rounds gain little this share falls so far, and joint Newton steps help
_LEAST_SHARE = 1e-4
_NEWTON_STEPS = 8
#: rounds in a row that do not halve the gap before that
_PATIENCE = 2
#: rounds of the augmented Lagrangian; a feasible problem needs about ten
_CAPACITY_ROUNDS = 60
_MAX_PENALTY_GROWTH = 1e5


@dataclass(slots=True)
class Trace:
    """What a solver leaves behind while it works."""

    gaps: list[float] = field(default_factory=list)
    total: float = 0.0
    logsum: Floats | None = None


Solver = Callable[[Routes, float], tuple[Routes, bool]]


def _check_finite(value: float) -> None:
    if not math.isfinite(value):
        msg = (
            "link costs overflow at the flows that the demand forces on them; check the units of demand and capacity, "
            "and the powers of the cost functions"
        )
        raise DataError(msg)


def first_routes(problem: Problem, orders: npt.NDArray[np.int32]) -> Routes:
    """Load all demand once; raises NoRouteError where demand cannot move at all."""
    routes, lost = load_first(problem.graph, problem.pairs, problem.state, orders)
    if lost:
        empty = np.diff(routes.link_pointer) == 0
        bare = np.flatnonzero(empty & ~np.isfinite(problem.pairs.reserve))
        msg = (
            f"{lost} pairs with demand have no route: {name_pairs(problem, bare)}; "
            "connect them, remove the demand or give no_ship_cost"
        )
        raise NoRouteError(msg)
    return routes


def solve_wardrop(
    problem: Problem,
    routes: Routes,
    orders: npt.NDArray[np.int32],
    gap: float,
    max_iterations: int,
    trace: Trace,
    *,
    generate: bool,
) -> tuple[Routes, bool]:
    """Alternate pricing and gradient projection until ``(TSTT - SPTT) / TSTT <= gap``."""
    share, last, slow = _INNER_SHARE, np.inf, 0
    while True:
        link_flows(routes, problem.state.flow)
        routes, total, excess, _ = price_routes(problem.graph, problem.pairs, problem.state, orders, routes, generate)
        _check_finite(total)
        relative = excess / total if total > 0 else 0.0
        trace.gaps.append(relative)
        trace.total = total
        if relative <= gap:
            return routes, True
        if len(trace.gaps) >= max_iterations:
            return routes, False
        slow = slow + 1 if relative > 0.5 * last else 0
        share = max(0.3 * share, _LEAST_SHARE) if slow > 1 else min(2.0 * share, _INNER_SHARE)
        last = relative
        target = max(share * excess, 0.3 * min(1.0, 10.0 * share) * gap * total)
        if slow > _PATIENCE:
            for _ in range(_NEWTON_STEPS):
                if not newton_step(problem.pairs, problem.state, routes):
                    break
                if equilibrate(problem.pairs, problem.state, routes, target, 7)[1] <= target:
                    break
        equilibrate(problem.pairs, problem.state, routes, target, _INNER_PASSES)


def solve_logit(
    problem: Problem, routes: Routes, theta: float, gap: float, max_iterations: int, trace: Trace
) -> tuple[Routes, bool]:
    """Gauss-Seidel over pairs until ``sum |f - q P(c(f))| / sum q <= gap``."""
    demand = float(problem.pairs.flow.sum())
    last = np.inf
    while True:
        link_flows(routes, problem.state.flow)
        residual, trace.logsum = logit_gap(problem.pairs, problem.state, routes, theta)
        _check_finite(residual)
        relative = residual / demand if demand > 0 else 0.0
        trace.gaps.append(relative)
        trace.total = float(problem.pairs.flow @ np.abs(trace.logsum))
        if relative <= gap:
            return routes, True
        if len(trace.gaps) >= max_iterations:
            return routes, False
        if relative > 0.5 * last:
            for _ in range(_NEWTON_STEPS):
                if not newton_logit_step(problem.pairs, problem.state, routes, theta):
                    break
        last = relative
        equilibrate_logit(problem.pairs, problem.state, routes, theta, 0.3 * gap * demand, 20)


def _violation(problem: Problem, price: Floats, limited: npt.NDArray[np.intp]) -> float:
    """Worst of: flow above a limit, slack under a priced limit; as a share of the limit."""
    limit = problem.limit[limited]
    over = (problem.state.flow[limited] - limit) / limit
    return float(np.max(np.where(price > 0, np.abs(over), np.maximum(over, 0.0)), initial=0.0))


def solve_capacity(
    problem: Problem, routes: Routes, solve: Solver, gap: float, tolerance: float, trace: Trace
) -> tuple[Routes, str, float]:
    """Augmented Lagrangian of the hard capacities; returns routes, status and the worst relative violation.

    The price of a link is ``max(0, multiplier + penalty (flow - limit))``; it is part of the link cost during a round and
    the multiplier of the next, so that at the end flows are an equilibrium at exactly the prices reported.
    """
    limited = np.flatnonzero(np.isfinite(problem.limit) & (problem.limit > 0))
    parameters = problem.state.parameters
    parameters[:, 5:7] = 0.0
    if not limited.size:
        routes, done = solve(routes, gap)
        return routes, "converged" if done else "not_converged", 0.0
    limit = problem.limit[limited]
    demand = float(problem.pairs.flow.sum())
    inner = max(gap, 1e-4)
    last = np.inf
    growth = 1.0
    for _ in range(_CAPACITY_ROUNDS):
        routes, done = solve(routes, inner)
        price = np.maximum(0.0, parameters[limited, 5] + parameters[limited, 6] * (problem.state.flow[limited] - limit))
        worst = _violation(problem, price, limited)
        if not done:
            return routes, "not_converged", worst
        if worst <= tolerance and inner <= gap:
            return routes, "converged", worst
        if parameters[limited[0], 6] == 0.0:
            if worst > tolerance:
                # a limit exceeded by all of itself then costs as much as a mean journey
                parameters[limited, 6] = max(trace.total / demand, 1e-12) / limit
        else:
            parameters[limited, 5] = price
            if worst > 0.25 * last and growth < _MAX_PENALTY_GROWTH:
                parameters[limited, 6] *= 4.0
                growth *= 4.0
        last = worst
        inner = max(gap, min(0.1 * inner, 0.01 * worst))
    return routes, "capacity_not_met", worst
