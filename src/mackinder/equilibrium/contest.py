"""Two corridors and the flows that may use the first: who changes over at which price, hours or rate; arrays only.

Under a price on the first corridor all routes over it are dearer by the same amount, so the sums of their weights are all
that is needed. A rate differs from route to route, so those routes are kept one by one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["Contest", "best_toll", "carried", "crossing", "detours", "gap_at_price", "gap_at_rate"]

Floats = NDArray[np.float64]

_HALVINGS = 45  # of some hundreds of USD/t or h: below 1e-10
_GRID = 90
_STEEPEST = 700.0  # the exponential of more overflows
_GOLDEN = (5**0.5 - 1) / 2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """F flows with a route over the first corridor, K draws; E routes over the first corridor of contested flows.

    Attributes
    ----------
    weight : ndarray, shape (4, K, F)
        Sum of the weights of a flow's routes over neither corridor, the first only, the second only, both.
    away : ndarray, shape (K, F)
        Weight of not shipping (convention C27).
    theta, vot, tonnes : ndarray, shape (K, F), t/USD, USD/(t h), t/yr
    contested : ndarray of bool, shape (F,)
        Whether the flow can use either corridor at a reasonable cost.
    captive : ndarray of bool, shape (F,)
        Whether all routes of the flow use the first corridor.
    route_flow : ndarray of int64, shape (E,)
    route_both : ndarray of bool, shape (E,)
        Whether the route uses the second corridor too.
    route_weight, route_rate : ndarray, shape (K, E), 1, USD/t
        Weight, and the price of carriage on the first corridor's line.
    """

    weight: Floats
    away: Floats
    theta: Floats
    vot: Floats
    tonnes: Floats
    contested: NDArray[np.bool_]
    captive: NDArray[np.bool_]
    route_flow: NDArray[np.int64]
    route_both: NDArray[np.bool_]
    route_weight: Floats
    route_rate: Floats


def _shift(contest: Contest, price: Floats, hours: Floats, chosen: slice | NDArray[np.bool_]) -> Floats:
    """Factor on the weights of routes over the first corridor, for prices and hours (K,)."""
    theta, vot = contest.theta[:, chosen], contest.vot[:, chosen]
    dearer = theta * (price[:, None] + vot * hours[:, None])
    return np.asarray(np.exp(np.clip(-dearer, -_STEEPEST, _STEEPEST)))


def gap_at_price(contest: Contest, price: Floats, hours: Floats) -> Floats:
    """Return the tonnes of contested flows on the first corridor less those on the second, shape (K,), t/yr.

    Parameters
    ----------
    contest : Contest
    price, hours : ndarray, shape (K,), USD/t, h
        What the first corridor costs more than today.
    """
    own = contest.contested
    shift = _shift(contest, price, hours, own)
    neither, first, second, both = contest.weight[:, :, own]
    total = neither + second + (first + both) * shift + contest.away[:, own]
    return np.asarray((contest.tonnes[:, own] * (first * shift - second) / total).sum(axis=1))


def gap_at_rate(contest: Contest, factor: Floats) -> Floats:
    """Return the same if the price of carriage on the first corridor's line is ``factor`` (K,) times today's."""
    own = contest.contested
    n, flow = own.shape[0], contest.route_flow
    theta = contest.theta[:, flow]
    dearer = theta * (factor[:, None] - 1.0) * contest.route_rate
    weight = contest.route_weight * np.exp(np.clip(-dearer, -_STEEPEST, _STEEPEST))
    first, both = (_by_flow(weight * (contest.route_both == kind), flow, n)[:, own] for kind in (False, True))
    neither, _, second, _ = contest.weight[:, :, own]
    total = neither + second + first + both + contest.away[:, own]
    return np.asarray((contest.tonnes[:, own] * (first - second) / total).sum(axis=1))


def carried(contest: Contest, price: Floats, hours: Floats) -> Floats:
    """Return all tonnes on the first corridor at a price and hours beyond today's, shape (K,), t/yr."""
    return np.asarray(_on_first(contest, price, hours).sum(axis=1))


def _on_first(contest: Contest, price: Floats, hours: Floats) -> Floats:
    shift = _shift(contest, price, hours, slice(None))
    neither, first, second, both = contest.weight
    mine = (first + both) * shift
    return np.asarray(contest.tonnes * mine / (mine + neither + second + contest.away))


def _by_flow(values: Floats, flow: NDArray[np.int64], n: int) -> Floats:
    out = np.zeros((values.shape[0], n))
    for k, row in enumerate(values):
        out[k] = np.bincount(flow, weights=row, minlength=n)
    return out


def crossing(gap: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Find where the first corridor stops carrying more, by bisection in every draw.

    Parameters
    ----------
    gap : callable
        First less second, shape (K,), which falls in its argument (K,).
    low, high : ndarray, shape (K,)
        Bounds of the search.

    Returns
    -------
    ndarray, shape (K,)
        ``-inf`` where the second carries more even at `low`, ``inf`` where the first does even at `high`; nan where neither
        corridor carries anything at either bound.
    """
    at_low, at_high = gap(low), gap(high)
    below, above = low.astype(float), high.astype(float)
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        more = gap(middle) > 0
        below, above = np.where(more, middle, below), np.where(more, above, middle)
    found = np.where(at_low < 0, -np.inf, np.where(at_high > 0, np.inf, (below + above) / 2))
    return np.where((at_low == 0) & (at_high == 0), np.nan, found)


def best_toll(contest: Contest) -> tuple[Floats, Floats, Floats]:
    """Find the toll on the first corridor, beyond what is charged today, that earns most.

    Earnings over all flows may have several peaks: the best of a grid is refined by golden section, draw by draw.

    Returns
    -------
    toll, revenue, tonnes : ndarray, shape (K,), USD/t, USD/yr, t/yr
    """
    draws = contest.theta.shape[0]
    none = np.zeros(draws)
    top = max(1.0, 1.5 * float(_losses(contest).max(initial=0.0)))
    grid = np.concatenate([[0.0], np.geomspace(min(0.05, top / 2), top, _GRID)])

    def earned(toll: Floats) -> Floats:
        return toll * carried(contest, toll, none)

    best = np.argmax(np.stack([earned(np.full(draws, x)) for x in grid]), axis=0)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, _GRID)]
    for _ in range(_HALVINGS):
        span = _GOLDEN * (high - low)
        left, right = high - span, low + span
        rises = earned(left) < earned(right)
        low, high = np.where(rises, left, low), np.where(rises, high, right)
    toll = (low + high) / 2
    tonnes = carried(contest, toll, none)
    return toll, toll * tonnes, tonnes


def _losses(contest: Contest) -> Floats:
    """What a tonne on the first corridor would lose without it, shape (K, F), USD/t.

    With share ``x`` of the flow on it that is ``-ln(1 - x) / (theta x)`` (convention C30 with path sizes held); the
    area under the flow's demand for the corridor, over its tonnes there.
    """
    neither, first, second, both = contest.weight
    rest = neither + second + contest.away
    odds = (first + both) / rest
    share = odds / (1.0 + odds)
    return np.asarray(np.divide(np.log1p(odds), share, out=np.ones_like(share), where=share > 0) / contest.theta)


def detours(contest: Contest, points: tuple[float, ...]) -> tuple[Floats, Floats, Floats]:
    """Return what the tonnes on the first corridor would lose without it: the captive bound of any toll.

    Returns
    -------
    ndarray, shape (K, len(points)), USD/t
        Quantiles over tonnes.
    ndarray, shape (K,), USD/yr
        All of it: what a toll could earn that takes its whole loss from each flow. A toll that is the same for all takes
        less, since what it earns is a rectangle under each flow's demand.
    ndarray, shape (K,), dimensionless
        Share of the tonnes without a route round.
    """
    none = np.zeros(contest.theta.shape[0])
    tonnes, loss = _on_first(contest, none, none), _losses(contest)
    total = tonnes.sum(axis=1)
    spread = np.full((len(none), len(points)), np.nan)
    for k in np.flatnonzero(total > 0):
        order = np.argsort(loss[k], kind="stable")
        up_to = np.cumsum(tonnes[k, order]) / total[k]
        spread[k] = loss[k, order[np.minimum(np.searchsorted(up_to, points), len(order) - 1)]]
    stuck = np.divide((tonnes * contest.captive).sum(axis=1), total, out=np.full(len(none), np.nan), where=total > 0)
    return spread, (tonnes * loss).sum(axis=1), stuck
