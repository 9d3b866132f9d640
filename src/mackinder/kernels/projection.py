"""Gradient projection on route sets: Gauss-Seidel over pairs, exact exchange of flow between two routes.

For each pair the cheapest of its routes takes flow from every dearer one. The amount is a Newton step on the cost
difference, taken over the links in which the two routes differ, kept inside what can be moved and corrected by
bracketing where the step overshoots (after Jayakrishnan et al. 1994; the adaptive passes after Xie, Nie and Liu 2018).
Every exchange lowers the Beckmann function, so no step length is needed. Where many passes are needed, their common
direction is extrapolated now and then (partan). One thread, one order: same bits each time.
"""

from __future__ import annotations

from mackinder.kernels import CACHE

# isort: split
import numba
import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.columns import link_flows
from mackinder.kernels.linkcost import link_state, refresh_links
from mackinder.kernels.problem import LinkArrays, Pairs, Routes, most_routes

__all__ = ["equilibrate"]

Floats = NDArray[np.float64]
SmallInts = NDArray[np.int32]
Ints = NDArray[np.int64]
#: a step is taken if it leaves at most this share of the cost difference
_GOOD_STEP = 0.3
_MAX_TRIALS = 40
#: every so many passes all pairs are looked at, in between only those that still cost something
_FULL_EVERY = 6
#: an extrapolation goes at most so many times the way of the last passes
_FURTHEST = 50.0
#: and begins after so many passes: before, new routes gain more
_PATIENCE = 12


@numba.njit(cache=CACHE)
def _difference(
    giving: SmallInts, n_giving: int, taking: SmallInts, n_taking: int, amount: float, flow: Floats, parameters: Floats
) -> tuple[float, float]:
    """Cost of the giving links minus the taking ones after moving an amount, and how fast it falls."""
    gap = 0.0
    fall = 0.0
    for i in range(n_giving):
        c, d = link_state(parameters, giving[i], flow[giving[i]] - amount)
        gap += c
        fall += d
    for i in range(n_taking):
        c, d = link_state(parameters, taking[i], flow[taking[i]] + amount)
        gap -= c
        fall += d
    return gap, fall


@numba.njit(cache=CACHE)
def _step(
    giving: SmallInts,
    n_giving: int,
    taking: SmallInts,
    n_taking: int,
    offset: float,
    gap: float,
    fall: float,
    most: float,
    flow: Floats,
    parameters: Floats,
) -> float:
    """How much to move (at most `most`) so that the cost difference `gap` > 0 all but vanishes."""
    amount = most
    if fall > 0.0:
        amount = min(most, gap / fall)
    low = 0.0
    high = most
    for _ in range(_MAX_TRIALS):
        new_gap, new_fall = _difference(giving, n_giving, taking, n_taking, amount, flow, parameters)
        new_gap += offset
        if abs(new_gap) <= _GOOD_STEP * gap or (new_gap > 0.0 and amount >= most):
            return amount
        if new_gap > 0.0:
            low = amount
        else:
            high = amount
        trial = amount + new_gap / new_fall if new_fall > 0.0 else low
        # Newton inside the bracket, else the middle of it
        amount = trial if low < trial < high else 0.5 * (low + high)
        if new_gap > 0.0 and trial >= high:
            amount = high if high >= most else 0.5 * (low + high)
    return low


@numba.njit(cache=CACHE)
def _split(
    routes: Routes,
    one: int,
    other: int,
    mark: Ints,
    stamp: int,
    state: LinkArrays,
    giving: SmallInts,
    taking: SmallInts,
) -> tuple[int, int, float, float]:
    """Links of one route only (giving) and of the other only (taking), their cost difference and its slope."""
    n_giving = 0
    n_taking = 0
    gap = 0.0
    fall = 0.0
    for slot in range(routes.link_pointer[other], routes.link_pointer[other + 1]):
        mark[routes.links[slot]] = stamp
    for slot in range(routes.link_pointer[one], routes.link_pointer[one + 1]):
        link = routes.links[slot]
        if mark[link] == stamp:
            mark[link] = stamp + 1
        else:
            giving[n_giving] = link
            n_giving += 1
            gap += state.cost[link]
            fall += state.slope[link]
    for slot in range(routes.link_pointer[other], routes.link_pointer[other + 1]):
        link = routes.links[slot]
        if mark[link] == stamp:
            taking[n_taking] = link
            n_taking += 1
            gap -= state.cost[link]
            fall += state.slope[link]
    return n_giving, n_taking, gap, fall


@numba.njit(cache=CACHE)
def _move(state: LinkArrays, some: SmallInts, count: int, amount: float) -> None:
    for i in range(count):
        link = some[i]
        state.flow[link] += amount
        state.cost[link], state.slope[link] = link_state(state.parameters, link, state.flow[link])


@numba.njit(cache=CACHE)
def _exchange(
    routes: Routes,
    source: int,
    target: int,
    reserve: float,
    mark: Ints,
    stamp: int,
    state: LinkArrays,
    giving: SmallInts,
    taking: SmallInts,
) -> None:
    """Move flow between two routes of a pair until they cost the same, or one is empty."""
    n_giving, n_taking, gap, fall = _split(routes, source, target, mark, stamp, state, giving, taking)
    offset = 0.0
    if routes.link_pointer[source] == routes.link_pointer[source + 1]:
        offset += reserve
    if routes.link_pointer[target] == routes.link_pointer[target + 1]:
        offset -= reserve
    gap += offset
    if gap < 0.0:  # earlier exchanges made the best route the dearer one
        giving, taking = taking, giving
        n_giving, n_taking = n_taking, n_giving
        source, target = target, source
        gap = -gap
        offset = -offset
    most = routes.flow[source]
    if gap == 0.0 or most <= 0.0:
        return
    amount = _step(giving, n_giving, taking, n_taking, offset, gap, fall, most, state.flow, state.parameters)
    if amount > 0.0:
        routes.flow[target] += amount
        routes.flow[source] = 0.0 if amount >= most else most - amount
        _move(state, giving, n_giving, -amount)
        _move(state, taking, n_taking, amount)


@numba.njit(cache=CACHE)
def _extrapolate(pairs: Pairs, state: LinkArrays, routes: Routes, old: Floats) -> None:
    """Go on in the direction of the last passes, as far as the Beckmann function falls along it.

    Routes that would turn negative are emptied at the expense of the others of their pair. Flows, costs and slopes of
    the links are refreshed.
    """
    n_links = state.flow.size
    change = np.zeros(n_links)
    fixed = 0.0
    klass = 0
    for group in range(pairs.origin.size):
        klass = pairs.group_class[group]
        for pair in range(pairs.pointer[group], pairs.pointer[group + 1]):
            for route in range(routes.pointer[pair], routes.pointer[pair + 1]):
                step = routes.flow[route] - old[route]
                if step == 0.0:
                    continue
                if routes.link_pointer[route] == routes.link_pointer[route + 1]:
                    fixed += step * pairs.reserve[pair]
                for slot in range(routes.link_pointer[route], routes.link_pointer[route + 1]):
                    change[routes.links[slot]] += step
                    fixed += step * state.constants[klass, routes.links[slot]]
    low = 0.0
    high = np.inf
    share = 1.0
    for _ in range(12):
        rise = fixed
        curve = 0.0
        for link in range(n_links):
            if change[link] != 0.0:
                cost, slope = link_state(state.parameters, link, state.flow[link] + share * change[link])
                rise += change[link] * (cost - state.parameters[link, 0])
                curve += change[link] * change[link] * slope
        if rise <= 0.0:
            low = share
        else:
            high = share
        newton = share - rise / curve if curve > 0.0 else 2.0 * share
        if low < newton < high:
            share = newton
        elif high < np.inf:
            share = 0.5 * (low + high)
        else:
            share *= 2.0
    low = min(low, _FURTHEST)
    if low <= 0.0:
        return
    for pair in range(pairs.node.size):
        first = routes.pointer[pair]
        last = routes.pointer[pair + 1]
        if last < first + 2:
            continue
        total = 0.0
        for route in range(first, last):
            routes.flow[route] = max(routes.flow[route] + low * (routes.flow[route] - old[route]), 0.0)
            total += routes.flow[route]
        for route in range(first, last):
            routes.flow[route] *= pairs.flow[pair] / total
    link_flows(routes, state.flow)
    refresh_links(state, klass)


@numba.njit(cache=CACHE)
def equilibrate(
    pairs: Pairs, state: LinkArrays, routes: Routes, tolerance: float, max_passes: int
) -> tuple[int, float]:
    """Pass over all pairs until the excess cost within the route sets is at most `tolerance`; returns passes, excess.

    The state and the route flows are changed in place.
    """
    n_links = state.flow.size
    mark = np.zeros(n_links, np.int64)
    stamp = 0
    giving = np.empty(n_links, np.int32)
    taking = np.empty(n_links, np.int32)
    n_pairs = pairs.node.size
    route_cost = np.empty(most_routes(routes))
    idle = np.zeros(n_pairs, np.int8)
    threshold = 0.0
    total = np.inf
    done = 0
    old = routes.flow.copy()
    for sweep in range(max_passes):
        full = sweep % _FULL_EVERY == 0
        seen = 0.0
        current = -1
        for group in range(pairs.origin.size):
            if pairs.group_class[group] != current:
                current = pairs.group_class[group]
                refresh_links(state, current)
            for pair in range(pairs.pointer[group], pairs.pointer[group + 1]):
                begin = routes.pointer[pair]
                n_routes = routes.pointer[pair + 1] - begin
                if n_routes < 2 or (idle[pair] == 1 and not full):
                    continue
                best = 0
                for k in range(n_routes):
                    first = routes.link_pointer[begin + k]
                    last = routes.link_pointer[begin + k + 1]
                    value = pairs.reserve[pair] if first == last else 0.0
                    for slot in range(first, last):
                        value += state.cost[routes.links[slot]]
                    route_cost[k] = value
                    if value < route_cost[best]:
                        best = k
                excess = 0.0
                for k in range(n_routes):
                    excess += routes.flow[begin + k] * (route_cost[k] - route_cost[best])
                seen += excess
                idle[pair] = 1 if excess <= threshold else 0
                if excess <= 0.0:
                    continue
                for k in range(n_routes):
                    if k != best and routes.flow[begin + k] > 0.0 and route_cost[k] > route_cost[best]:
                        stamp += 2
                        _exchange(
                            routes, begin + k, begin + best, pairs.reserve[pair], mark, stamp, state, giving, taking
                        )
        done = sweep + 1
        if full:
            falling = seen < total
            total = seen
            if total <= tolerance:
                break
            threshold = 0.1 * total / n_pairs
            if sweep >= _PATIENCE and falling:
                _extrapolate(pairs, state, routes, old)
            old[:] = routes.flow
    return done, total
