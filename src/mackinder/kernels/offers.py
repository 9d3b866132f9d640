"""Offers: what each flow chooses from, with path sizes in the open network and in each closed one.

Path sizes are attributes of a route set: they are computed once, at central prices, for the network as it is and anew for
the network that each actor in between would leave by closing all it can close. Draws then move costs only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mackinder.kernels import CACHE
from mackinder.kernels.choice import path_sizes
from mackinder.kernels.inner import inner
from mackinder.kernels.pricing import (
    Bench,
    Menu,
    Prices,
    new_bench,
    price_routes,
    price_segments,
    sum_segments,
    sum_surcharges,
)

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["Offers", "build_offers", "join_offers"]

_ONE = np.uint64(1)
_NONE = np.uint64(0)


class Offers(NamedTuple):
    """Distinct flows (state, pair, goods), U of them, in CSR form.

    ``number`` (S, P, G): which offer a flow takes, -1 for none; ``first`` (U + 1,): its available routes are
    ``route[first[u]:first[u + 1]]`` (place among the pair's routes), with ``size`` their path sizes; ``actor_first``
    (U + 1,), ``actor``: actors that can close at least one of them, without ends that can close all; ``touched`` and
    ``closed_size``, from
    ``closed_first[row]`` one entry per route of the offer: 1 if the actor of the row can close the route, and the path
    size of the route in the network that the actor leaves (0 for what it closes).
    """

    number: NDArray[np.int64]
    first: NDArray[np.int64]
    route: NDArray[np.uint8]
    size: NDArray[np.float64]
    actor_first: NDArray[np.int64]
    actor: NDArray[np.uint8]
    closed_first: NDArray[np.int64]
    touched: NDArray[np.float32]
    closed_size: NDArray[np.float32]


@nb.njit(cache=CACHE, nogil=True)
def _count(menu: Menu, ends: NDArray[np.uint64], start: int, stop: int) -> tuple[int, int, int, int]:
    """Count offers, their routes, actor rows and cells, so that arrays are made once."""
    n_states, _, n_goods = menu.available.shape
    n_offers, n_routes, n_actors, n_cells = 0, 0, 0, 0
    for p in range(start, stop):
        for s in range(n_states):
            for g in range(n_goods):
                if menu.same_as[s, p, g] != s or menu.available[s, p, g] == _NONE or menu.regime[s, p, g] < 0:
                    continue
                n_offers += 1
                here, present = 0, _NONE
                for r in range(menu.pair_first[p + 1] - menu.pair_first[p]):
                    if (menu.available[s, p, g] >> np.uint64(r)) & _ONE:
                        here += 1
                        present |= menu.closers[s, menu.pair_first[p] + r]
                present &= ~(ends[p] & menu.captive[s, p, g])
                n_routes += here
                for b in range(64):
                    if (present >> np.uint64(b)) & _ONE:
                        n_actors += 1
                        n_cells += here
    return n_offers, n_routes, n_actors, n_cells


@nb.njit(cache=CACHE, nogil=True)
def build_offers(menu: Menu, prices: Prices, ends: NDArray[np.uint64], start: int, stop: int) -> Offers:
    """Build the offers of the pairs ``start:stop``; ``number`` then has rows for these pairs only, (S, stop - start, G).

    Parameters
    ----------
    menu : Menu
    prices : Prices
        Central prices in row 0.
    ends : ndarray of uint64, shape (P,)
        Bits of the actors at either end of a pair: an end that can close every route stops the trade, and needs no row.
    start, stop : int
        Pairs, so that threads can share the work; see `join_offers`.
    """
    n_states, _, n_goods = menu.available.shape
    n_offers, n_routes, n_rows, n_cells = _count(menu, ends, start, stop)
    offers = Offers(
        np.full((n_states, stop - start, n_goods), -1), np.zeros(n_offers + 1, np.int64), np.empty(n_routes, np.uint8),
        np.empty(n_routes), np.zeros(n_offers + 1, np.int64), np.empty(n_rows, np.uint8), np.zeros(n_rows + 1, np.int64),
        np.empty(n_cells, np.float32), np.empty(n_cells, np.float32),
    )  # fmt: skip
    bench = new_bench(menu)
    size = np.empty(64)
    # a bare 0 would compile what takes it a second time, for that number
    u: int = np.int64(0)  # type: ignore[assignment]
    draw: int = np.int64(0)  # type: ignore[assignment]
    for p in range(start, stop):
        vector = -1
        for s in range(n_states):
            regime = -1
            for g in range(n_goods):
                if menu.available[s, p, g] == _NONE or menu.regime[s, p, g] < 0:
                    continue
                if menu.same_as[s, p, g] != s:
                    offers.number[s, p - start, g] = offers.number[menu.same_as[s, p, g], p - start, g]
                    continue
                if prices.vector[s] != vector:
                    vector = prices.vector[s]
                    sum_segments(draw, vector, p, menu, prices, bench)
                    regime = -1
                if menu.regime[s, p, g] != regime:
                    regime = menu.regime[s, p, g]
                    sum_surcharges(draw, regime, p, menu, prices, bench)
                price_segments(draw, g, p, menu, prices, bench)
                price_routes(draw, g, p, menu, prices, bench)
                offers.number[s, p - start, g] = u
                _write_offer(u, s, p, g, prices.dispersion[0, g], ends[p], menu, bench, size, offers)
                u += 1
    return offers


@inner(arrays=False)
def _write_offer(
    u: int, s: int, p: int, g: int, theta: float, ends: np.uint64, menu: Menu, bench: Bench, size: NDArray[np.float64],
    offers: Offers,
) -> None:  # fmt: skip
    r0, n_routes = menu.pair_first[p], menu.pair_first[p + 1] - menu.pair_first[p]
    masks = menu.segment_mask[menu.segment_first[p] : menu.segment_first[p + 1]]
    available, present = menu.available[s, p, g], _NONE
    path_sizes(available, n_routes, bench.route_cost, masks, bench.segment_cost, theta, size, bench.work, bench.member)
    at = offers.first[u]
    for r in range(n_routes):
        if (available >> np.uint64(r)) & _ONE:
            offers.route[at], offers.size[at] = r, size[r]
            present |= menu.closers[s, r0 + r]
            at += 1
    offers.first[u + 1] = at
    row = offers.actor_first[u]
    present &= ~(ends & menu.captive[s, p, g])
    for b in range(64):
        if not (present >> np.uint64(b)) & _ONE:
            continue
        left = available
        for r in range(n_routes):
            if (menu.closers[s, r0 + r] >> np.uint64(b)) & _ONE:
                left &= ~(_ONE << np.uint64(r))
        path_sizes(left, n_routes, bench.route_cost, masks, bench.segment_cost, theta, size, bench.work, bench.member)
        cell = offers.closed_first[row]
        for i in range(offers.first[u], offers.first[u + 1]):
            r = offers.route[i]
            stays = (left >> np.uint64(r)) & _ONE
            offers.touched[cell] = 0.0 if stays else 1.0
            offers.closed_size[cell] = size[r] if stays else 0.0
            cell += 1
        offers.actor[row] = b
        row += 1
        offers.closed_first[row] = cell
    offers.actor_first[u + 1] = row


def join_offers(parts: Sequence[Offers]) -> Offers:
    """Join the offers of consecutive ranges of pairs."""
    offset = np.cumsum([0] + [len(part.first) - 1 for part in parts])
    numbers = [np.where(part.number < 0, -1, part.number + at) for part, at in zip(parts, offset, strict=False)]
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("route", "size", "actor", "touched", "closed_size")
    }
    return Offers(
        number=np.concatenate(numbers, axis=1),
        first=_join_pointers([part.first for part in parts]),
        actor_first=_join_pointers([part.actor_first for part in parts]),
        closed_first=_join_pointers([part.closed_first for part in parts]),
        **joined,
    )


def _join_pointers(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    size = np.concatenate([np.diff(part) for part in parts])
    return np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
