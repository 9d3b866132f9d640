"""What the routes of a pair share: assets grouped by the set of routes that use them."""

from __future__ import annotations

from mackinder.kernels import CACHE

# isort: split
import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["and_masks", "available_routes", "build_segments", "or_over_routes", "surcharged_segments"]


@nb.njit(cache=CACHE, nogil=True)
def build_segments(
    pair_first: NDArray[np.int64], route_first: NDArray[np.int64], arcs: NDArray[np.int32], n_assets: int
) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64], NDArray[np.int32]]:
    """Group the assets of each pair's routes by the set of routes that use them.

    Parameters
    ----------
    pair_first : ndarray of int64, shape (n_pairs + 1,)
        Routes of pair ``p`` are ``pair_first[p]:pair_first[p + 1]``, at most 64.
    route_first, arcs
        Arcs of each route; the asset of arc ``i`` is ``i >> 1``.
    n_assets : int
        Number of assets.

    Returns
    -------
    segment_first : ndarray of int64, shape (n_pairs + 1,)
    segment_mask : ndarray of uint64, shape (n_segments,)
        Bit r = the pair's r-th route uses the segment.
    asset_first : ndarray of int64, shape (n_segments + 1,)
    asset : ndarray of int32, shape (asset_first[-1],)
    """
    n_pairs = pair_first.shape[0] - 1
    total = arcs.shape[0]
    segment_first = np.zeros(n_pairs + 1, np.int64)
    segment_mask = np.empty(total, np.uint64)
    asset_first = np.zeros(total + 1, np.int64)
    asset = np.empty(total, np.int32)
    mask = np.zeros(n_assets, np.uint64)
    touched = np.empty(n_assets, np.int32)
    n_segments, n_out = 0, 0
    for p in range(n_pairs):
        n_touched = 0
        for r in range(pair_first[p], pair_first[p + 1]):
            bit = np.uint64(1) << np.uint64(r - pair_first[p])
            for i in range(route_first[r], route_first[r + 1]):
                a = arcs[i] >> 1
                if mask[a] == np.uint64(0):
                    touched[n_touched] = a
                    n_touched += 1
                mask[a] |= bit
        here = np.sort(touched[:n_touched])
        order = np.argsort(mask[here], kind="mergesort")
        for i in range(n_touched):
            a = here[order[i]]
            if i == 0 or mask[a] != segment_mask[n_segments - 1]:
                segment_mask[n_segments] = mask[a]
                n_segments += 1
            asset[n_out] = a
            n_out += 1
            asset_first[n_segments] = n_out
        segment_first[p + 1] = n_segments
        for i in range(n_touched):
            mask[here[i]] = np.uint64(0)
    return segment_first, segment_mask[:n_segments].copy(), asset_first[: n_segments + 1].copy(), asset[:n_out].copy()


@nb.njit(cache=CACHE, nogil=True)
def or_over_routes(
    route_first: NDArray[np.int64], arcs: NDArray[np.int32], asset_mask: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Return, for each route, the union of its assets' masks, shape (n_routes,)."""
    n_routes = route_first.shape[0] - 1
    out = np.zeros(n_routes, np.uint64)
    for r in range(n_routes):
        for i in range(route_first[r], route_first[r + 1]):
            out[r] |= asset_mask[arcs[i] >> 1]
    return out


@nb.njit(cache=CACHE, nogil=True)
def available_routes(
    pair_first: NDArray[np.int64],
    route_first: NDArray[np.int64],
    arcs: NDArray[np.int32],
    usable: NDArray[np.bool_],
    denied: NDArray[np.bool_],
    regime: NDArray[np.int64],
) -> NDArray[np.uint64]:
    """Return which routes each pair may use for each goods class.

    Parameters
    ----------
    usable : ndarray of bool, shape (n_assets,)
        Assets that are open in this state.
    denied : ndarray of bool, shape (n_regimes, n_assets)
        Assets that a permission regime forbids.
    regime : ndarray of int64, shape (n_pairs, n_goods)
        Regime of each flow; -1 = no flow, which has no routes.

    Returns
    -------
    ndarray of uint64, shape (n_pairs, n_goods)
    """
    n_pairs, n_goods = regime.shape
    out = np.zeros((n_pairs, n_goods), np.uint64)
    for p in range(n_pairs):
        for r in range(pair_first[p], pair_first[p + 1]):
            bit = np.uint64(1) << np.uint64(r - pair_first[p])
            is_open = True
            for i in range(route_first[r], route_first[r + 1]):
                if not usable[arcs[i] >> 1]:
                    is_open = False
                    break
            if not is_open:
                continue
            for g in range(n_goods):
                if regime[p, g] < 0:
                    continue
                if g > 0 and regime[p, g] == regime[p, g - 1]:
                    out[p, g] |= out[p, g - 1] & bit
                    continue
                allowed = True
                for i in range(route_first[r], route_first[r + 1]):
                    if denied[regime[p, g], arcs[i] >> 1]:
                        allowed = False
                        break
                if allowed:
                    out[p, g] |= bit
    return out


@nb.njit(cache=CACHE, nogil=True)
def and_masks(
    pair_first: NDArray[np.int64], route_mask: NDArray[np.uint64], available: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Return the intersection of the available routes' masks, shape (n_pairs, n_goods); 0 where none is available.

    With masks of actors who can close each route, a set bit says that no available route avoids that actor.
    """
    n_pairs, n_goods = available.shape
    out = np.zeros((n_pairs, n_goods), np.uint64)
    for p in range(n_pairs):
        for g in range(n_goods):
            if available[p, g] == np.uint64(0):
                continue
            common = ~np.uint64(0)
            for r in range(pair_first[p], pair_first[p + 1]):
                if (available[p, g] >> np.uint64(r - pair_first[p])) & np.uint64(1):
                    common &= route_mask[r]
            out[p, g] = common
    return out


@nb.njit(cache=CACHE, nogil=True)
def surcharged_segments(
    segment_first: NDArray[np.int64],
    asset_first: NDArray[np.int64],
    asset: NDArray[np.int32],
    per_link: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """List, pair by pair, how many assets of a segment meet a restriction that charges per link.

    Parameters
    ----------
    per_link : ndarray of bool, shape (n_restrictions, n_assets)

    Returns
    -------
    first : ndarray of int64, shape (n_pairs + 1,)
    segment, restriction : ndarray of int64, shape (first[-1],)
    count : ndarray of float64, shape (first[-1],)
    """
    n_pairs, n_restrictions = segment_first.shape[0] - 1, per_link.shape[0]
    first = np.zeros(n_pairs + 1, np.int64)
    n = 0
    segment, restriction, count = np.empty(1024, np.int64), np.empty(1024, np.int64), np.empty(1024)
    for p in range(n_pairs):
        for q in range(segment_first[p], segment_first[p + 1]):
            for m in range(n_restrictions):
                met = 0
                for at in range(asset_first[q], asset_first[q + 1]):
                    met += per_link[m, asset[at]]
                if met == 0:
                    continue
                if n == segment.shape[0]:
                    segment = np.concatenate((segment, np.empty_like(segment)))
                    restriction = np.concatenate((restriction, np.empty_like(restriction)))
                    count = np.concatenate((count, np.empty_like(count)))
                segment[n], restriction[n], count[n] = q, m, met
                n += 1
        first[p + 1] = n
    return first, segment[:n].copy(), restriction[:n].copy(), count[:n].copy()
