"""Path-size logit against its formula in plain Python, closed forms, and properties (conventions C24, C25, C26)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mackinder.kernels.choice import path_size_logit, path_sizes

Sets = list[frozenset[int]]


def choose(
    routes: Sequence[frozenset[int]], cost: dict[int, float], theta: float, available: int | None = None
) -> tuple[np.ndarray, float, float, float]:
    """Run the kernel: segments are single assets, which the formula does not mind."""
    n = len(routes)
    assets = sorted(set().union(*routes))
    mask = np.array([sum(1 << r for r, route in enumerate(routes) if a in route) for a in assets], dtype=np.uint64)
    route_cost = np.array([math.fsum(cost[a] for a in route) for route in routes])
    share = np.full(64, np.nan)
    segment_cost = np.array([cost[a] for a in assets])
    every = np.uint64((1 << n) - 1 if available is None else available)
    result = path_size_logit(
        every, n, route_cost, mask, segment_cost, theta, share, np.full(64, np.nan), np.full(128, -1, dtype=np.int64)
    )
    return share[:n], *result[:3]


@st.composite
def offers(draw: st.DrawFn, most: int = 8) -> tuple[Sets, dict[int, float], float]:
    """Routes over nine assets (distinct, overlapping at will), costs and a dispersion."""
    cost = dict(enumerate(draw(st.lists(st.floats(1.0, 60.0), min_size=9, max_size=9))))
    asset = st.integers(0, 8)
    routes = draw(st.lists(st.frozensets(asset, min_size=1), min_size=1, max_size=most, unique=True))
    return routes, cost, draw(st.floats(0.01, 0.3))


@settings(deadline=None, max_examples=200)
@given(offers())
def test_it_is_the_formula(plain: ModuleType, offer: tuple[Sets, dict[int, float], float]) -> None:
    """Convention C24, evaluated by sets and loops."""
    share, logsum, mean, least = choose(*offer)
    wanted = plain.path_size_logit(*offer)
    # a running remainder of attractiveness cancels: what hopeless routes share may lose digits, and weighs nothing
    np.testing.assert_allclose(share, wanted[0], rtol=1e-8, atol=1e-14)
    np.testing.assert_allclose([logsum, mean], wanted[1:], rtol=1e-8, atol=1e-8)
    assert least == pytest.approx(min(plain.route_costs(*offer[:2])))


@settings(deadline=None, max_examples=100)
@given(offers(), st.integers(0, 255))
def test_probabilities_add_up_to_one_over_what_is_available(
    offer: tuple[Sets, dict[int, float], float], available: int
) -> None:
    routes, cost, theta = offer
    available &= (1 << len(routes)) - 1
    share, logsum, mean, least = choose(routes, cost, theta, available)
    there = [r for r in range(len(routes)) if available >> r & 1]
    if not there:
        assert (share == 0).all()
        assert logsum == mean == least == np.inf
        return
    assert share.sum() == pytest.approx(1.0, rel=1e-12)
    assert (share >= 0).all()
    assert (share[[r for r in range(len(routes)) if r not in there]] == 0).all()
    alone = choose([routes[r] for r in there], cost, theta)
    np.testing.assert_allclose(share[there], alone[0], rtol=1e-12)
    np.testing.assert_allclose([logsum, mean, least], alone[1:], rtol=1e-12)
    assert logsum <= mean + 1e-9
    assert least <= mean + 1e-9


def test_one_route_is_taken_and_costs_what_it_costs() -> None:
    share, logsum, mean, least = choose([frozenset({0, 1})], {0: 30.0, 1: 12.5}, 0.05)
    assert share.tolist() == [1.0]
    assert (logsum, mean, least) == pytest.approx((42.5, 42.5, 42.5))


@pytest.mark.parametrize("theta", [0.01, 0.05, 0.4])
def test_disjoint_routes_share_by_logit(theta: float) -> None:
    cost = {0: 50.0, 1: 57.0, 2: 61.0}
    share, logsum, mean, _ = choose([frozenset({a}) for a in cost], cost, theta)
    weight = np.exp(-theta * np.array(list(cost.values())))
    np.testing.assert_allclose(share, weight / weight.sum(), rtol=1e-12)
    assert logsum == pytest.approx(-math.log(weight.sum()) / theta)
    assert mean == pytest.approx(weight @ list(cost.values()) / weight.sum())


def test_identical_routes_share_like_one() -> None:
    cost = {0: 50.0, 1: 55.0}
    twice = choose([frozenset({0}), frozenset({0}), frozenset({1})], cost, 0.05)
    once = choose([frozenset({0}), frozenset({1})], cost, 0.05)
    assert twice[0][0] == twice[0][1] == pytest.approx(once[0][0] / 2)
    assert twice[1:] == pytest.approx(once[1:])


@pytest.mark.parametrize("copies", [1, 2, 5, 64])
def test_equal_routes_that_overlap_fully_count_as_one(copies: int) -> None:
    share, logsum, mean, _ = choose([frozenset({0, 1})] * copies, {0: 20.0, 1: 60.0}, 0.1)
    np.testing.assert_allclose(share, 1 / copies, rtol=1e-12)
    assert (logsum, mean) == pytest.approx((80.0, 80.0))


def test_half_overlapping_equal_routes_have_the_closed_form() -> None:
    """Two routes of cost c that share the part x: path sizes are 1 - x / 2c each, the expected cost c - ln(2 - x / c) / theta."""
    theta, c, x = 0.08, 100.0, 40.0
    share, logsum, mean, _ = choose([frozenset({0, 1}), frozenset({0, 2})], {0: x, 1: c - x, 2: c - x}, theta)
    np.testing.assert_allclose(share, 0.5)
    assert logsum == pytest.approx(c - math.log(2 - x / c) / theta)
    assert mean == pytest.approx(c)


def test_a_route_100_usd_dearer_that_shares_80_of_100_km_costs_nothing(plain: ModuleType) -> None:
    """Convention C25 on the numbers of the methods note, where plain path size adds about 10 USD/t."""
    theta, cost = 0.05, {0: 80.0, 1: 20.0, 2: 120.0}
    routes = [frozenset({0, 1}), frozenset({0, 2})]
    share, logsum, mean, _ = choose(routes, cost, theta)
    weight = math.exp(-theta * 100.0)
    assert logsum == pytest.approx(100.0, abs=0.2)
    assert abs(logsum - 100.0) < 2 * weight / theta
    assert share[1] < weight
    assert mean < 100.0 + 100.0 * weight
    trap = plain.plain_path_size_logit(routes, cost, theta)
    assert trap[1] - 100.0 == pytest.approx(10.0, abs=0.5)


@settings(deadline=None, max_examples=100)
@given(offers(most=6), st.floats(40.0, 700.0), st.frozensets(st.integers(0, 8)))
def test_a_hopeless_route_changes_nothing(
    offer: tuple[Sets, dict[int, float], float], excess: float, shared: frozenset[int]
) -> None:
    """Convention C25: 40 units of utility leave a weight of 4e-18, whatever it shares."""
    routes, cost, theta = offer
    before = choose(routes, cost, theta)
    own = before[3] + excess / theta
    after = choose([*routes, shared | {99}], cost | {99: own}, theta)
    np.testing.assert_allclose(after[0][:-1], before[0], rtol=1e-8, atol=1e-12)
    assert after[0][-1] < 1e-15
    np.testing.assert_allclose(after[1:], before[1:], rtol=1e-12)


@settings(deadline=None, max_examples=60)
@given(offers(most=6), st.floats(0.0, 40.0), st.frozensets(st.integers(0, 8)))
def test_a_poor_route_moves_the_expected_cost_by_no_more_than_its_weight(
    offer: tuple[Sets, dict[int, float], float], excess: float, shared: frozenset[int]
) -> None:
    """What convention C25 tends to: the trap of plain path size moves it by a multiple of 1 / theta instead."""
    routes, cost, theta = offer
    before = choose(routes, cost, theta)
    after = choose([*routes, shared | {99}], cost | {99: before[3] + excess / theta}, theta)
    assert theta * abs(after[1] - before[1]) < 3 * (len(routes) + 1) * math.exp(-excess) + 1e-12


@settings(deadline=None, max_examples=100)
@given(offers(), st.randoms(use_true_random=False))
def test_the_order_of_routes_and_assets_means_nothing(
    offer: tuple[Sets, dict[int, float], float], random: object
) -> None:
    """Convention C6."""
    routes, cost, theta = offer
    order = list(range(len(routes)))
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    names = list(range(9))
    random.shuffle(names)  # type: ignore[attr-defined]  # as above
    renamed = [frozenset(names[a] for a in routes[i]) for i in order]
    before, after = choose(routes, cost, theta), choose(renamed, {names[a]: c for a, c in cost.items()}, theta)
    np.testing.assert_allclose(after[0], before[0][order], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(after[1:], before[1:], rtol=1e-8)


@settings(deadline=None, max_examples=100)
@given(offers(), st.floats(0.01, 100.0))
def test_costs_in_another_currency_give_the_same_shares(
    offer: tuple[Sets, dict[int, float], float], factor: float
) -> None:
    """Convention C8: k times the costs and theta over k is the same choice, k times as dear."""
    routes, cost, theta = offer
    before, after = (
        choose(routes, cost, theta),
        choose(routes, {a: factor * c for a, c in cost.items()}, theta / factor),
    )
    np.testing.assert_allclose(after[0], before[0], rtol=1e-8, atol=1e-14)
    np.testing.assert_allclose(after[1:], np.array(before[1:]) * factor, rtol=1e-8)


@settings(deadline=None, max_examples=50)
@given(offers(), st.integers(0, 255))
def test_path_sizes_are_shares_of_a_route_and_nought_where_there_is_none(
    plain: ModuleType, offer: tuple[Sets, dict[int, float], float], available: int
) -> None:
    routes, cost, theta = offer
    mask = np.array([sum(1 << r for r, route in enumerate(routes) if a in route) for a in cost], dtype=np.uint64)
    size, member = np.full(64, np.nan), np.zeros(128, dtype=np.int64)
    total = np.array(plain.route_costs(routes, cost))
    path_sizes(
        np.uint64(available), len(routes), total, mask, np.array(list(cost.values())), theta, size, np.zeros(64), member
    )
    there = [r for r in range(len(routes)) if available >> r & 1]
    np.testing.assert_allclose(size[there], plain.path_sizes([routes[r] for r in there], cost, theta), rtol=1e-8)
    assert ((size[there] > 0) & (size[there] <= 1 + 1e-12)).all()
    assert not np.delete(size[: len(routes)], there).any()


def test_free_routes_share_alike() -> None:
    """A route that costs nothing has no overlap in cost: its path size is one."""
    share, logsum, mean, _ = choose([frozenset({0}), frozenset({1})], {0: 0.0, 1: 0.0}, 0.1)
    np.testing.assert_allclose(share, 0.5)
    assert logsum == pytest.approx(-math.log(2) / 0.1)
    assert mean == 0.0
