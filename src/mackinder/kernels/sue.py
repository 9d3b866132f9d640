"""Logit equilibrium on given route sets: Gauss-Seidel over pairs with a separable second-order model.

The equilibrium minimises Beckmann's function plus ``(1/theta) sum f ln(f / PS)`` (Fisk, 1980). For one pair the costs are
taken as ``c_r + s_r (f'_r - f_r)``; the minimiser of that model solves ``s_r f'_r + ln(f'_r / PS_r) / theta = w - c_r + s_r f_r``
route by route (Wright's omega function) with one multiplier w. A line search along the step makes every visit a descent.
Both limits are exact: without congestion it is the logit itself, with a large theta a projected Newton step.
"""

from __future__ import annotations

import math

from mackinder.kernels import CACHE

# isort: split
import numba
import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.linkcost import link_state, refresh_links
from mackinder.kernels.problem import LinkArrays, Pairs, Routes, most_routes

__all__ = ["equilibrate_logit", "logit_gap", "wright_omega"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: a share below this is treated as empty: its logarithm is out of reach of the arithmetic
_TINY = 1e-290
_MAX_TRIALS = 40
#: a pair that is this close to its logit, as a share of its demand, is left alone
_ROUND_OFF = 1e-15


@numba.njit(cache=CACHE)
def wright_omega(z: float) -> float:
    """Return the y > 0 with ``y + ln y = z``."""
    if z < -500.0:
        return math.exp(z)
    y = z - math.log(z) if z > 1.0 else math.exp(z - 1.0)
    for _ in range(60):
        new = y * (1.0 + z - math.log(y)) / (1.0 + y)
        if abs(new - y) <= 1e-16 * new:
            return new
        y = new
    return y


@numba.njit(cache=CACHE)
def _pair_costs(pairs: Pairs, state: LinkArrays, routes: Routes, pair: int, cost: Floats) -> None:
    begin = routes.pointer[pair]
    for k in range(routes.pointer[pair + 1] - begin):
        first = routes.link_pointer[begin + k]
        last = routes.link_pointer[begin + k + 1]
        value = pairs.reserve[pair] if first == last else 0.0
        for slot in range(first, last):
            value += state.cost[routes.links[slot]]
        cost[k] = value


@numba.njit(cache=CACHE)
def _target(
    theta: float, demand: float, begin: int, count: int, routes: Routes, cost: Floats, slope: Floats, out: Floats
) -> None:
    """Fill `out` with the minimiser of the separable model of one pair; it adds up to the demand.

    The total rises with the level, but its logarithm is neither concave nor convex: steep routes fill up slowly, others at
    once. So Newton's steps are kept between the levels known to be too low and too high, or they may go to and fro for ever.
    """
    least = np.inf
    for k in range(count):
        least = min(least, cost[k])
    level = least
    low = -np.inf
    high = np.inf
    for _ in range(200):
        total = 0.0
        rise = 0.0
        for k in range(count):
            push = theta * (level - cost[k])
            weight = routes.weight[begin + k]
            curve = theta * slope[k]
            if curve * demand < 1e-14:
                out[k] = weight * np.exp(push)
                rise += theta * out[k]
            else:
                y = wright_omega(push + curve * routes.flow[begin + k] + np.log(weight * curve))
                out[k] = y / curve
                rise += theta * out[k] / (1.0 + y)
            total += out[k]
        miss = np.log(demand / total)
        if abs(miss) < 1e-14:
            break
        if miss > 0.0:
            low = level
        else:
            high = level
        before = level
        level += miss * total / rise
        if level == before:
            break
        if level <= low or level >= high:  # only where both are known: a step goes away from the one just found
            level = 0.5 * (low + high)
    for k in range(count):
        out[k] *= demand / total


@numba.njit(cache=CACHE)
def _descent(
    share: float,
    theta: float,
    begin: int,
    count: int,
    routes: Routes,
    target: Floats,
    touched: Ints,
    n_touched: int,
    change: Floats,
    state: LinkArrays,
    fixed: float,
) -> float:
    """Slope of the objective along the step, after taking a share of it."""
    out = fixed
    for i in range(n_touched):
        link = touched[i]
        out += change[link] * link_state(state.parameters, link, state.flow[link] + share * change[link])[0]
    for k in range(count):
        step = target[k] - routes.flow[begin + k]
        flow = routes.flow[begin + k] + share * step
        if flow > _TINY:
            out += step * np.log(flow / routes.weight[begin + k]) / theta
    return out


@numba.njit(cache=CACHE)
def equilibrate_logit(
    pairs: Pairs, state: LinkArrays, routes: Routes, theta: float, tolerance: float, max_passes: int
) -> tuple[int, float]:
    """Visit all pairs until flows differ from the logit of their costs by at most `tolerance`; returns passes, residual.

    The residual is the sum over routes of |flow - demand x logit share|, with costs as met during the pass. The state
    and the route flows are changed in place.
    """
    n_links = state.flow.size
    most = most_routes(routes)
    cost = np.empty(most)
    slope = np.empty(most)
    zero = np.zeros(most)
    target = np.empty(most)
    uses = np.zeros(n_links, np.int64)
    change = np.zeros(n_links)
    touched = np.empty(n_links, np.int64)
    residual = np.inf
    done = 0
    for sweep in range(max_passes):
        residual = 0.0
        current = -1
        for group in range(pairs.origin.size):
            if pairs.group_class[group] != current:
                current = pairs.group_class[group]
                refresh_links(state, current)
            for pair in range(pairs.pointer[group], pairs.pointer[group + 1]):
                begin = routes.pointer[pair]
                count = routes.pointer[pair + 1] - begin
                if count < 2:
                    continue
                demand = pairs.flow[pair]
                _pair_costs(pairs, state, routes, pair, cost)
                _target(theta, demand, begin, count, routes, cost, zero, target)
                off = 0.0
                for k in range(count):
                    off += abs(target[k] - routes.flow[begin + k])
                residual += off
                if off <= _ROUND_OFF * demand:
                    continue
                # own slope of a route: links that all routes of the pair share do not count
                n_touched = 0
                for slot in range(routes.link_pointer[begin], routes.link_pointer[begin + count]):
                    link = routes.links[slot]
                    if uses[link] == 0:
                        touched[n_touched] = link
                        n_touched += 1
                    uses[link] += 1
                for k in range(count):
                    slope[k] = 0.0
                    for slot in range(routes.link_pointer[begin + k], routes.link_pointer[begin + k + 1]):
                        if uses[routes.links[slot]] < count:
                            slope[k] += state.slope[routes.links[slot]]
                _target(theta, demand, begin, count, routes, cost, slope, target)
                fixed = 0.0
                for k in range(count):
                    step = target[k] - routes.flow[begin + k]
                    if routes.link_pointer[begin + k] == routes.link_pointer[begin + k + 1]:
                        fixed += step * pairs.reserve[pair]
                    for slot in range(routes.link_pointer[begin + k], routes.link_pointer[begin + k + 1]):
                        change[routes.links[slot]] += step
                now = _descent(0.0, theta, begin, count, routes, target, touched, n_touched, change, state, fixed)
                share = 1.0
                if now < 0.0:
                    low = 0.0
                    high = 1.0
                    for _ in range(_MAX_TRIALS):
                        then = _descent(
                            share, theta, begin, count, routes, target, touched, n_touched, change, state, fixed
                        )
                        if abs(then) <= 0.3 * abs(now) or (then <= 0.0 and share >= 1.0):
                            break
                        if then > 0.0:
                            high = share
                        else:
                            low = share
                        share = 0.5 * (low + high)
                for k in range(count):
                    routes.flow[begin + k] += share * (target[k] - routes.flow[begin + k])
                for i in range(n_touched):
                    link = touched[i]
                    state.flow[link] += share * change[link]
                    state.cost[link], state.slope[link] = link_state(state.parameters, link, state.flow[link])
                    change[link] = 0.0
                    uses[link] = 0
        done = sweep + 1
        if residual <= tolerance:
            break
    return done, residual


@numba.njit(cache=CACHE)
def logit_gap(pairs: Pairs, state: LinkArrays, routes: Routes, theta: float) -> tuple[float, Floats]:
    """Return sum |flow - demand x logit share| at fixed link flows, and the logsum cost of each pair."""
    most = most_routes(routes)
    cost = np.empty(most)
    zero = np.zeros(most)
    target = np.empty(most)
    logsum = np.empty(pairs.node.size)
    residual = 0.0
    current = -1
    for group in range(pairs.origin.size):
        if pairs.group_class[group] != current:
            current = pairs.group_class[group]
            refresh_links(state, current)
        for pair in range(pairs.pointer[group], pairs.pointer[group + 1]):
            begin = routes.pointer[pair]
            count = routes.pointer[pair + 1] - begin
            _pair_costs(pairs, state, routes, pair, cost)
            _target(theta, pairs.flow[pair], begin, count, routes, cost, zero, target)
            least = np.min(cost[:count])
            total = 0.0
            for k in range(count):
                residual += abs(target[k] - routes.flow[begin + k])
                total += routes.weight[begin + k] * np.exp(-theta * (cost[k] - least))
            logsum[pair] = least - np.log(total) / theta
    return residual, logsum
