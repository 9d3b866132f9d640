"""Segments, masks and availability against sets."""

from __future__ import annotations

from types import ModuleType

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mackinder.kernels.segments import (
    and_masks,
    available_routes,
    build_segments,
    or_over_routes,
    surcharged_segments,
)

N_ASSETS = 7
Pool = list[list[list[int]]]  # pairs, routes, arcs

arcs_of_route = st.lists(st.integers(0, 2 * N_ASSETS - 1), min_size=1, max_size=6, unique_by=lambda arc: arc >> 1)
pools = st.lists(st.lists(arcs_of_route, max_size=5), min_size=1, max_size=4)
masks = st.lists(st.integers(0, 2**64 - 1), min_size=N_ASSETS, max_size=N_ASSETS)


def csr(pool: Pool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    routes = [route for pair in pool for route in pair]
    pair_first = np.cumsum([0, *map(len, pool)]).astype(np.int64)
    route_first = np.cumsum([0, *map(len, routes)]).astype(np.int64)
    return pair_first, route_first, np.array([arc for route in routes for arc in route], dtype=np.int32)


@settings(deadline=None)
@given(pools)
def test_segments_are_the_assets_by_the_routes_that_use_them(plain: ModuleType, pool: Pool) -> None:
    segment_first, mask, asset_first, asset = build_segments(*csr(pool), N_ASSETS)
    for p, pair in enumerate(pool):
        rows = range(segment_first[p], segment_first[p + 1])
        got = {int(mask[q]): set(asset[asset_first[q] : asset_first[q + 1]].tolist()) for q in rows}
        assert got == plain.segments(pair)
        assert len(got) == len(rows)
        assert sum(asset_first[q + 1] - asset_first[q] for q in rows) == len(set().union(*got.values()))
    assert segment_first[-1] == len(mask)
    assert asset_first[-1] == len(asset)


def test_64_routes_fill_the_mask() -> None:
    pool = [[[0, 2 + 2 * (r % 6)] for r in range(64)]]
    _, mask, _, _ = build_segments(*csr(pool), N_ASSETS)
    assert 2**64 - 1 in mask.tolist()
    assert sum(mask.tolist()) == 2 * (2**64 - 1)


@settings(deadline=None)
@given(pools, masks)
def test_masks_of_a_route_are_the_union_over_its_assets(pool: Pool, asset_mask: list[int]) -> None:
    _, route_first, arcs = csr(pool)
    got = or_over_routes(route_first, arcs, np.array(asset_mask, dtype=np.uint64))
    wanted = []
    for route in (route for pair in pool for route in pair):
        union = 0
        for arc in route:
            union |= asset_mask[arc >> 1]
        wanted.append(union)
    assert got.tolist() == wanted


@settings(deadline=None)
@given(pools, st.data())
def test_available_routes_use_nothing_shut_or_denied(pool: Pool, data: st.DataObject) -> None:
    flags = st.lists(st.booleans(), min_size=N_ASSETS, max_size=N_ASSETS)
    usable = data.draw(flags)
    denied = data.draw(st.lists(flags, min_size=3, max_size=3))
    regime = data.draw(
        st.lists(st.lists(st.integers(-1, 2), min_size=3, max_size=3), min_size=len(pool), max_size=len(pool))
    )
    got = available_routes(
        *csr(pool), np.array(usable), np.array(denied), np.array(regime, dtype=np.int64)
    )  # fmt: skip
    for p, pair in enumerate(pool):
        for g, number in enumerate(regime[p]):
            wanted = 0
            for r, route in enumerate(pair):
                free = number >= 0 and all(usable[arc >> 1] and not denied[number][arc >> 1] for arc in route)
                wanted |= free << r
            assert int(got[p, g]) == wanted


@settings(deadline=None)
@given(pools, masks, st.data())
def test_and_masks_is_the_intersection_over_available_routes(
    pool: Pool, asset_mask: list[int], data: st.DataObject
) -> None:
    pair_first, route_first, arcs = csr(pool)
    route_mask = or_over_routes(route_first, arcs, np.array(asset_mask, dtype=np.uint64))
    available = [[data.draw(st.integers(0, 2 ** len(pair) - 1)) for _ in range(2)] for pair in pool]
    got = and_masks(pair_first, route_mask, np.array(available, dtype=np.uint64))
    for p, pair in enumerate(pool):
        for g in range(2):
            there = [int(route_mask[pair_first[p] + r]) for r in range(len(pair)) if available[p][g] >> r & 1]
            wanted = 0 if not there else 2**64 - 1
            for mask in there:
                wanted &= mask
            assert int(got[p, g]) == wanted


@settings(deadline=None)
@given(pools, st.lists(st.lists(st.booleans(), min_size=N_ASSETS, max_size=N_ASSETS), max_size=4))
def test_surcharges_are_counted_once_for_each_selected_asset(pool: Pool, per_link: list[list[bool]]) -> None:
    """Convention C15, ``per_link``: the sum over a route's segments is how many selected links it uses."""
    segment_first, mask, asset_first, asset = build_segments(*csr(pool), N_ASSETS)
    due = np.array(per_link, dtype=bool).reshape(-1, N_ASSETS)
    first, segment, restriction, count = surcharged_segments(segment_first, asset_first, asset, due)
    assert first[-1] == len(segment) == len(restriction) == len(count)
    for p, pair in enumerate(pool):
        met = np.zeros((len(pair), len(due)))
        for at in range(first[p], first[p + 1]):
            assert segment_first[p] <= segment[at] < segment_first[p + 1]
            for r in range(len(pair)):
                met[r, restriction[at]] += count[at] * (int(mask[segment[at]]) >> r & 1)
        wanted = [[sum(row[arc >> 1] for arc in route) for row in per_link] for route in pair]
        np.testing.assert_array_equal(met, np.array(wanted, dtype=float).reshape(len(pair), len(due)))


def test_more_rows_than_the_first_room_holds() -> None:
    pool: Pool = [[[2 * a for a in range(N_ASSETS)]] for _ in range(600)]
    segment_first, _, asset_first, asset = build_segments(*csr(pool), N_ASSETS)
    first, _, _, count = surcharged_segments(segment_first, asset_first, asset, np.ones((3, N_ASSETS), dtype=bool))
    assert first.tolist() == list(range(0, 1801, 3))
    assert (count == N_ASSETS).all()
