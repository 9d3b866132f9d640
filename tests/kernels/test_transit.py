"""The transit kernel against a sum over routes for each coalition, and against the closure cost of the loading kernel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mackinder.indicators.routegame import transit_values
from mackinder.kernels.control import closure_loss
from mackinder.kernels.transit import squeeze

N = 5


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """A few flows over five actors, each with up to six routes; some have none, some no player at the ends."""
    counts = draw(st.lists(st.integers(0, 6), min_size=1, max_size=5))
    n_routes, n_pairs = sum(counts), len(counts)

    def some(strategy: st.SearchStrategy[Any], size: int) -> list[Any]:
        return draw(st.lists(strategy, min_size=size, max_size=size))

    return {
        "pair_start": np.cumsum([0, *counts]),
        "cost": np.array(some(st.floats(0.0, 300.0), n_routes)),
        "path_size": np.array(some(st.sampled_from([0.0, 0.2, 0.5, 1.0]), n_routes)),
        "closers": np.array(some(st.integers(0, 2**N - 1), n_routes), dtype=np.int64),
        "players": [1 << i for i in range(N)],
        "endpoints": np.array(some(st.sampled_from([0, 0b1, 0b11, 0b10010]), n_pairs), dtype=np.int64),
        "dispersion": np.array(some(st.floats(0.01, 0.3), n_pairs)),
        "quantity": np.array(some(st.floats(0.0, 1e6), n_pairs)),
        "no_ship": np.array(some(st.floats(0.0, 500.0), n_pairs)),
    }


def by_sets(case: dict[str, Any], coalition: int) -> float:
    """USD/yr of one coalition: expected cost with not shipping as one more alternative, from sums over routes."""
    total = 0.0
    start = case["pair_start"]
    for p in range(len(start) - 1):
        theta, end = case["dispersion"][p], int(case["endpoints"][p])
        routes = [
            (float(case["cost"][r]), float(case["path_size"][r]), int(case["closers"][r]) | end)
            for r in range(start[p], start[p + 1])
            if case["path_size"][r] > 0
        ]
        if not routes:
            continue
        least = min(c for c, _, _ in routes)
        whole = least - math.log(math.fsum(z * math.exp(-theta * (c - least)) for c, z, _ in routes)) / theta
        giving_up = whole + case["no_ship"][p]

        def expected(s: int, routes: list[Any] = routes, theta: float = theta, up: float = giving_up) -> float:
            terms = [(c, z) for c, z, m in routes if m & ~s == 0] + [(up, 1.0)]
            low = min(c for c, _ in terms)
            return low - math.log(math.fsum(z * math.exp(-theta * (c - low)) for c, z in terms)) / theta

        total += case["quantity"][p] * (expected(0) - expected(coalition))
    return total


@settings(deadline=None, max_examples=150)
@given(cases())
def test_every_coalition_is_worth_what_its_routes_are(case: dict[str, Any]) -> None:
    values = transit_values(**case)
    wanted = [by_sets(case, s) for s in range(2**N)]
    np.testing.assert_allclose(values, wanted, rtol=1e-9, atol=1e-6)  # 1e-6 USD beside flows of 1e8
    assert values[0] == 0.0


@settings(deadline=None, max_examples=50)
@given(cases(), st.integers(0, N - 1))
def test_who_closes_nothing_adds_nothing_by_a_single_bit(case: dict[str, Any], actor: int) -> None:
    bit = 1 << actor
    case["closers"] &= ~bit
    case["endpoints"] &= ~bit
    values = transit_values(**case)
    everyone = np.arange(2**N)
    assert (values[everyone | bit] == values[everyone & ~bit]).all()


@settings(deadline=None, max_examples=50)
@given(cases())
def test_no_player_lowers_a_value_by_joining(case: dict[str, Any]) -> None:
    values = transit_values(**case)
    everyone = np.arange(2**N)
    for i in range(N):
        assert (values[everyone | 1 << i] >= values - 1e-9 * values.max()).all()


def test_the_last_to_join_brings_the_closure_cost_of_the_loading_kernel() -> None:
    """Convention C30: two routes to one number, path sizes held."""
    cost, size, theta, no_ship = np.array([50.0, 58.0, 90.0]), np.array([0.8, 0.6, 1.0]), 0.07, 140.0
    weight = size * np.exp(-theta * cost)
    values = transit_values(
        pair_start=[0, 3], cost=cost, path_size=size, closers=[0b01, 0b01, 0b10], players=[1, 2], endpoints=[0],
        dispersion=theta, quantity=2000.0, no_ship=no_ship,
    )  # fmt: skip
    for actor, kept in ((0, weight[2] / weight.sum()), (1, weight[:2].sum() / weight.sum())):
        assert values[3] - values[3 ^ 1 << actor] == pytest.approx(
            2000.0 * closure_loss(kept, theta, no_ship), rel=1e-12
        )


def test_weights_that_underflow_are_not_taken_for_no_route() -> None:
    """At 0.5 t/USD a detour of 4000 USD/t has the weight exp(-2000); not shipping costs 9000."""
    values = transit_values(
        pair_start=[0, 2], cost=[100.0, 4100.0], path_size=[1.0, 1.0], closers=[0b01, 0b10], players=[1, 2],
        endpoints=[0], dispersion=0.5, quantity=1.0, no_ship=9000.0,
    )  # fmt: skip
    np.testing.assert_allclose(values, [0.0, 9000.0, 5000.0, 9000.0], rtol=1e-12)


def test_squeeze_moves_bits_together() -> None:
    assert squeeze(0b101100, 0b111000) == 0b101
    assert squeeze(0b111, 0) == 0
