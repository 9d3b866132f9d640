"""One projected Newton step on all routes at once, by conjugate gradients.

Exchange between two routes at a time crawls where pairs or classes push one another along a narrow valley: what one
gains by a link the other loses, and only a joint move helps. The step solves ``H d = -g`` for the routes in use, measured
against the biggest route of their pair; H is never formed, a product with it is two passes over the routes.
"""

from __future__ import annotations

from mackinder.kernels import CACHE

# isort: split
import numba
import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.columns import link_flows, route_costs
from mackinder.kernels.problem import LinkArrays, Pairs, Routes

__all__ = ["newton_logit_step", "newton_step"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_CG_STEPS = 60
_CG_ACCURACY = 1e-3
_HALVINGS = 8
#: part of a route's own curvature that is added to H, which has no curvature at all where two pairs swap routes
_PROXIMAL = 1e-3
#: a step that is cut to less than this share by routes with less than that share of their pair's flow is tried without them
_SHORTEST = 0.05
_SMALL = 1e-4
_TRIALS = 10
#: flow below which a logarithm is out of reach of the arithmetic
_EMPTY = 1e-290


@numba.njit(cache=CACHE)
def _curvature(
    routes: Routes, base: Ints, slope: Floats, active: Ints, vector: Floats, links: Floats, out: Floats
) -> None:
    """Multiply by the Hessian of the Beckmann function, for moves between a route and its base."""
    links[:] = 0.0
    for place in range(active.size):
        route = int(active[place])
        for slot in range(routes.link_pointer[route], routes.link_pointer[route + 1]):
            links[routes.links[slot]] += vector[route]
        for slot in range(routes.link_pointer[base[route]], routes.link_pointer[base[route] + 1]):
            links[routes.links[slot]] -= vector[route]
    for link in range(links.size):
        links[link] *= slope[link]
    for place in range(active.size):
        route = int(active[place])
        total = 0.0
        for slot in range(routes.link_pointer[route], routes.link_pointer[route + 1]):
            total += links[routes.links[slot]]
        for slot in range(routes.link_pointer[base[route]], routes.link_pointer[base[route] + 1]):
            total -= links[routes.links[slot]]
        out[route] = total


@numba.njit(cache=CACHE)
def _own_slope(routes: Routes, one: int, other: int, slope: Floats, mark: Ints) -> float:
    """Sum slopes over the links in which two routes differ."""
    total = 0.0
    for slot in range(routes.link_pointer[other], routes.link_pointer[other + 1]):
        mark[routes.links[slot]] = one
        total += slope[routes.links[slot]]
    for slot in range(routes.link_pointer[one], routes.link_pointer[one + 1]):
        total += slope[routes.links[slot]] if mark[routes.links[slot]] != one else -slope[routes.links[slot]]
    return total


@numba.njit(cache=CACHE)
def _direction(
    routes: Routes, base: Ints, slope: Floats, active: Ints, residual: Floats, scale: Floats, step: Floats
) -> None:
    """Fill `step` with an approximate solution of ``H step = residual`` on the active routes."""
    n_routes = routes.flow.size
    work = np.zeros(slope.size)
    product = np.zeros(n_routes)
    way = np.zeros(n_routes)
    step[:] = 0.0
    norm = 0.0
    for place in range(active.size):
        route = int(active[place])
        way[route] = scale[route] * residual[route]
        norm += residual[route] * way[route]
    begin = norm
    for _ in range(_CG_STEPS):
        if norm <= _CG_ACCURACY * _CG_ACCURACY * begin:
            break
        _curvature(routes, base, slope, active, way, work, product)
        curve = 0.0
        for place in range(active.size):
            route = int(active[place])
            product[route] += _PROXIMAL * way[route] / scale[route]
            curve += way[route] * product[route]
        if curve <= 0.0:
            break
        length = norm / curve
        new_norm = 0.0
        for place in range(active.size):
            route = int(active[place])
            step[route] += length * way[route]
            residual[route] -= length * product[route]
            new_norm += residual[route] * residual[route] * scale[route]
        for place in range(active.size):
            route = int(active[place])
            way[route] = scale[route] * residual[route] + new_norm / norm * way[route]
        norm = new_norm
    for place in range(active.size):
        route = int(active[place])
        step[base[route]] -= step[route]


@numba.njit(cache=CACHE)
def newton_step(pairs: Pairs, state: LinkArrays, routes: Routes) -> bool:
    """Move all route flows together and say whether they moved; the Beckmann function does not rise.

    The step is cut where the first route is empty, so that what balances on a link goes on doing so; routes that would
    be empty almost at once are left out of it, and left to the exchange between two routes. Link flows of the state are
    those of the routes afterwards.
    """
    n_routes = routes.flow.size
    link_flows(routes, state.flow)
    cost = route_costs(pairs, state, routes)
    base = np.empty(n_routes, np.int64)
    residual = np.zeros(n_routes)
    scale = np.ones(n_routes)
    active = np.empty(n_routes, np.int64)
    blocked = np.zeros(n_routes, np.int8)
    mark = np.full(state.flow.size, -1, np.int64)
    step = np.zeros(n_routes)
    longest = 0.0
    for _ in range(_TRIALS):
        count = 0
        for pair in range(pairs.node.size):
            first = routes.pointer[pair]
            last = routes.pointer[pair + 1]
            biggest = first
            for route in range(first, last):
                if routes.flow[route] > routes.flow[biggest]:
                    biggest = route
            for route in range(first, last):
                base[route] = biggest
                gain = cost[biggest] - cost[route]
                if route != biggest and blocked[route] == 0 and (routes.flow[route] > 0.0 or gain > 0.0):
                    residual[route] = gain
                    own = _own_slope(routes, route, biggest, state.slope, mark)
                    scale[route] = 1.0 / max(own, 1e-12 * (1.0 + abs(cost[route])))
                    active[count] = route
                    count += 1
        _direction(routes, base, state.slope, active[:count], residual, scale, step)
        longest = 1.0
        for route in range(n_routes):
            if step[route] < 0.0 and routes.flow[route] + step[route] < 0.0:
                longest = min(longest, -routes.flow[route] / step[route])
        if longest >= _SHORTEST:
            break
        cut = 0
        for pair in range(pairs.node.size):
            for route in range(routes.pointer[pair], routes.pointer[pair + 1]):
                small = routes.flow[route] <= _SMALL * pairs.flow[pair]
                if small and step[route] < 0.0 and routes.flow[route] + _SHORTEST * step[route] <= 0.0:
                    blocked[route] = 1
                    cut += 1
        if cut == 0:
            break
    if longest <= 0.0:
        return False
    old = routes.flow.copy()
    for _ in range(_HALVINGS):
        for route in range(n_routes):
            routes.flow[route] = max(old[route] + longest * step[route], 0.0)
        link_flows(routes, state.flow)
        # convexity: if the costs at the new point still favour the step, the function has fallen
        if np.sum(route_costs(pairs, state, routes) * (routes.flow - old)) <= 0.0:
            return True
        longest *= 0.5
    routes.flow[:] = old
    link_flows(routes, state.flow)
    return False


@numba.njit(cache=CACHE)
def _logit_costs(pairs: Pairs, state: LinkArrays, routes: Routes, theta: float) -> Floats:
    """Route costs plus the slope of the entropy; zero for routes that are empty to all digits."""
    out = route_costs(pairs, state, routes)
    for route in range(out.size):
        if routes.flow[route] > _EMPTY:
            out[route] += np.log(routes.flow[route] / routes.weight[route]) / theta
        else:
            out[route] = 0.0
    return out


@numba.njit(cache=CACHE)
def newton_logit_step(pairs: Pairs, state: LinkArrays, routes: Routes, theta: float) -> bool:
    """As `newton_step` for the logit: the entropy keeps every route in use and the Hessian regular."""
    n_routes = routes.flow.size
    link_flows(routes, state.flow)
    cost = _logit_costs(pairs, state, routes, theta)
    base = np.empty(n_routes, np.int64)
    residual = np.zeros(n_routes)
    scale = np.ones(n_routes)
    entropy = np.zeros(n_routes)
    active = np.empty(n_routes, np.int64)
    mark = np.full(state.flow.size, -1, np.int64)
    count = 0
    for pair in range(pairs.node.size):
        first = routes.pointer[pair]
        last = routes.pointer[pair + 1]
        biggest = first
        for route in range(first, last):
            if routes.flow[route] > routes.flow[biggest]:
                biggest = route
        for route in range(first, last):
            base[route] = biggest
            if routes.flow[route] > _EMPTY:
                entropy[route] = 1.0 / (theta * routes.flow[route])
                if route != biggest:
                    active[count] = route
                    count += 1
    active = active[:count]
    norm = 0.0
    way = np.zeros(n_routes)
    for place in range(active.size):
        route = int(active[place])
        residual[route] = cost[base[route]] - cost[route]
        own = _own_slope(routes, route, base[route], state.slope, mark)
        scale[route] = 1.0 / (own + entropy[route] + entropy[base[route]])
        way[route] = scale[route] * residual[route]
        norm += residual[route] * way[route]
    begin = norm
    step = np.zeros(n_routes)
    product = np.zeros(n_routes)
    work = np.zeros(state.flow.size)
    for _ in range(2 * _CG_STEPS):
        if norm <= 1e-6 * _CG_ACCURACY * _CG_ACCURACY * begin:
            break
        _curvature(routes, base, state.slope, active, way, work, product)
        for place in range(active.size):
            route = int(active[place])
            way[base[route]] -= way[route]
        curve = 0.0
        for place in range(active.size):
            route = int(active[place])
            product[route] += entropy[route] * way[route] - entropy[base[route]] * way[base[route]]
            curve += way[route] * product[route]
        for place in range(active.size):
            route = int(active[place])
            way[base[route]] = 0.0
        if curve <= 0.0:
            break
        length = norm / curve
        new_norm = 0.0
        for place in range(active.size):
            route = int(active[place])
            step[route] += length * way[route]
            residual[route] -= length * product[route]
            new_norm += residual[route] * residual[route] * scale[route]
        for place in range(active.size):
            route = int(active[place])
            way[route] = scale[route] * residual[route] + new_norm / norm * way[route]
        norm = new_norm
    for place in range(active.size):
        route = int(active[place])
        step[base[route]] -= step[route]
    longest = 1.0
    for route in range(n_routes):
        if step[route] < 0.0 and routes.flow[route] + step[route] <= 0.0:
            longest = min(longest, -0.9 * routes.flow[route] / step[route])
    old = routes.flow.copy()
    for _ in range(_HALVINGS):
        routes.flow[:] = old + longest * step
        link_flows(routes, state.flow)
        if np.sum(_logit_costs(pairs, state, routes, theta) * (routes.flow - old)) <= 0.0:
            return True
        longest *= 0.5
    routes.flow[:] = old
    link_flows(routes, state.flow)
    return False
