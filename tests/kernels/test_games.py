"""Kernels of cooperative games against sets and loops."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mackinder.kernels.games import (
    best_cover,
    convex_gap,
    graph_components,
    subset_sums,
    superadditive_gap,
    weigh_marginals,
)

numbers = st.integers(-50, 50).map(float)


@st.composite
def games(draw: st.DrawFn, most: int = 5) -> np.ndarray:
    n = draw(st.integers(1, most))
    return np.array([0.0, *draw(st.lists(numbers, min_size=2**n - 1, max_size=2**n - 1))])


def submasks(mask: int) -> list[int]:
    return [s for s in range(mask + 1) if s & mask == s]


def partitions(mask: int) -> Iterator[list[int]]:
    """Every way to split a set, as lists of masks."""
    if not mask:
        yield []
        return
    low = mask & -mask
    for part in submasks(mask ^ low):
        for rest in partitions(mask ^ low ^ part):
            yield [low | part, *rest]


@settings(deadline=None, max_examples=50)
@given(games(), st.lists(numbers, min_size=5, max_size=5))
def test_marginals_are_weighed_by_size(values: np.ndarray, weights: list[float]) -> None:
    n = len(values).bit_length() - 1
    wanted = [
        sum(weights[s.bit_count()] * (values[s | 1 << i] - values[s]) for s in range(2**n) if not (s >> i) & 1)
        for i in range(n)
    ]
    found = weigh_marginals(np.stack([values, 2 * values]), np.array(weights[:n]))
    np.testing.assert_allclose(found, [wanted, [2 * w for w in wanted]], atol=1e-9)


def test_large_and_small_contributions_do_not_swamp_each_other() -> None:
    """A player adds 1e16 to one coalition, -1e16 to another of its size, and 1 to the rest: plain sums lose the ones."""
    n = 12
    values = np.zeros(2**n)
    values[1::2] = 1.0
    values[0b000000111], values[0b000001101] = 1e16, -1e16
    ones = sum(math.comb(n - 1, k) for k in range(n)) - 2
    assert weigh_marginals(values[None], np.ones(n))[0, 0] == ones


@settings(deadline=None, max_examples=30)
@given(games())
def test_subset_sums(values: np.ndarray) -> None:
    wanted = [sum(values[t] for t in submasks(s)) for s in range(len(values))]
    subset_sums(values)
    assert values.tolist() == wanted


@settings(deadline=None, max_examples=50)
@given(games())
def test_superadditive_gap_and_cover_are_those_of_all_splits(values: np.ndarray) -> None:
    n_sets = len(values)
    splits = [(values[a] + values[b] - values[a | b]) for a in range(1, n_sets) for b in range(1, n_sets) if not a & b]
    gap, first, second = superadditive_gap(values)
    assert gap == max(splits, default=-math.inf)
    if splits:
        assert first & second == 0
        assert values[first] + values[second] - values[first | second] == gap
    cover = best_cover(values)
    assert cover.tolist() == [max(sum(values[t] for t in parts) for parts in partitions(s)) for s in range(n_sets)]
    assert (superadditive_gap(cover)[0] <= 0) == (n_sets > 2) or n_sets == 2


@settings(deadline=None, max_examples=50)
@given(games())
def test_convex_gap_is_that_of_all_pairs_of_coalitions(values: np.ndarray) -> None:
    """Convexity by its other definition: v(A) + v(B) <= v(A or B) + v(A and B) for all A, B."""
    every = range(len(values))
    broken = any(values[a] + values[b] > values[a | b] + values[a & b] for a in every for b in every)
    assert (convex_gap(values) > 0) == broken


@settings(deadline=None, max_examples=50)
@given(games(), st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6))
def test_connected_parts_act_alone(values: np.ndarray, edges: set[tuple[int, int]]) -> None:
    n = len(values).bit_length() - 1
    edges = {(i, j) for i, j in edges if i < n and j < n and i != j}
    neighbours = np.array([sum({1 << j for e in edges for i, j in (e, e[::-1]) if i == k}) for k in range(n)])
    found = graph_components(values, neighbours)
    for s in range(2**n):
        label = {i: i for i in range(n) if (s >> i) & 1}
        for _, (i, j) in itertools.product(range(n), edges):  # labels spread along the edges
            if i in label and j in label:
                label[i] = label[j] = min(label[i], label[j])
        parts = [sum(1 << i for i in label if label[i] == k) for k in set(label.values())]
        assert found[s] == sum(values[p] for p in parts)


def test_one_player() -> None:
    assert weigh_marginals(np.array([[0.0, 7.0]]), np.ones(1)).tolist() == [[7.0]]
    assert superadditive_gap(np.array([0.0, 7.0])) == (-math.inf, 0, 0)
    assert best_cover(np.array([0.0, 7.0])).tolist() == [0.0, 7.0]
    assert convex_gap(np.array([0.0, 7.0])) == pytest.approx(-math.inf)
