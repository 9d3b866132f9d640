"""Shapley, Banzhaf, Owen and Myerson values against published games, closed forms and axioms."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mackinder.errors import DataError
from mackinder.indicators import banzhaf, is_convex, is_superadditive, myerson, owen, shapley, superadditive_cover
from mackinder.indicators.coalitions import coalition_sums, read_values, worst_split

numbers = st.floats(-100, 100)


@st.composite
def games(draw: st.DrawFn, least: int = 1, most: int = 6) -> np.ndarray:
    n = draw(st.integers(least, most))
    return np.array([0.0, *draw(st.lists(numbers, min_size=2**n - 1, max_size=2**n - 1))])


def voting(weights: list[int], quota: int) -> np.ndarray:
    return (coalition_sums(weights) >= quota).astype(float)


def relabelled(values: np.ndarray, order: list[int]) -> np.ndarray:
    """Player i of the old game is player order[i] of the new one."""
    out = np.empty_like(values)
    for s in range(len(values)):
        out[sum(1 << order[i] for i in range(len(order)) if (s >> i) & 1)] = values[s]
    return out


#: published or structural, in the order of bit masks: values, Shapley value
GAMES = {
    "three players (R package CoopGame, check 15.1)": ([0, 2, 4, 18, 5, 14, 9, 24], [9.5, 8, 6.5]),
    "glove: one left, two right (CoopGame, check 15.2)": ([0, 0, 0, 1, 0, 1, 0, 1], [2 / 3, 1 / 6, 1 / 6]),
    "serial transit: all three needed": ([0, 0, 0, 0, 0, 0, 0, 1], [1 / 3, 1 / 3, 1 / 3]),
    "serial transit, own bypass worth 0.6": ([0, 0.6, 0, 0.6, 0, 0.6, 0, 1], [11 / 15, 2 / 15, 2 / 15]),
    "estate of 300 (Aumann and Maschler 1985)": ([0, 0, 0, 0, 0, 100, 200, 300], [50, 100, 150]),
}


@pytest.mark.parametrize("name", GAMES)
def test_shapley_of_published_games(name: str) -> None:
    values, wanted = GAMES[name]
    np.testing.assert_allclose(shapley(values), wanted, atol=1e-12)


def test_united_nations_security_council() -> None:
    """Five vetoes and 9 of 15 votes, as weights 7 and 1 with quota 39 (Shapley and Shubik 1954; Felsenthal and Machover 1998)."""
    values = voting([7] * 5 + [1] * 10, 39)
    np.testing.assert_allclose(shapley(values), [421 / 2145] * 5 + [4 / 2145] * 10, rtol=1e-12)
    np.testing.assert_allclose(banzhaf(values, normalised=True), [106 / 635] * 5 + [21 / 1270] * 10, rtol=1e-12)


EU15 = {10: 4, 8: 1, 5: 4, 4: 2, 3: 3, 2: 1}


def test_council_of_fifteen() -> None:
    """Council of the EU from 1995: 87 votes, quota 62; published indices (Felsenthal and Machover 1998, four digits)."""
    weights = [w for w, count in EU15.items() for _ in range(count)]
    assert sum(weights) == 87
    values = voting(weights, 62)
    by_votes = dict(zip(weights, shapley(values).round(4).tolist(), strict=True))
    assert by_votes == {10: 0.1167, 8: 0.0955, 5: 0.0552, 4: 0.0454, 3: 0.0353, 2: 0.0207}
    by_votes = dict(zip(weights, banzhaf(values, normalised=True).round(4).tolist(), strict=True))
    assert by_votes == {10: 0.1116, 8: 0.0924, 5: 0.0587, 4: 0.0479, 3: 0.0359, 2: 0.0226}


def swings(weights: list[int], quota: int, player: int) -> list[int]:
    """Number of coalitions of each size that the player makes win: a generating function (Mann and Shapley 1962)."""
    ways = {(0, 0): 1}
    for j, w in enumerate(weights):
        if j != player:
            grown = dict(ways)
            for (size, votes), count in ways.items():
                key = (size + 1, votes + w)
                grown[key] = grown.get(key, 0) + count
            ways = grown
    found = [0] * len(weights)
    for (size, votes), count in ways.items():
        found[size] += count if quota - weights[player] <= votes < quota else 0
    return found


@pytest.mark.parametrize("quota", [44, 62, 65])
def test_voting_by_generating_functions(quota: int) -> None:
    weights = [w for w, count in EU15.items() for _ in range(count)]
    n = len(weights)
    values = voting(weights, quota)
    counts = [swings(weights, quota, i) for i in range(n)]
    pivots = [sum(c / (n * math.comb(n - 1, k)) for k, c in enumerate(row)) for row in counts]
    np.testing.assert_allclose(shapley(values), pivots, rtol=1e-12)
    np.testing.assert_allclose(banzhaf(values), [sum(row) / 2 ** (n - 1) for row in counts], rtol=1e-12)


def test_a_voter_without_power_gets_exactly_zero() -> None:
    """Luxembourg in the Council of six, 1958 to 1972: weights 4, 4, 4, 2, 2, 1 and quota 12."""
    values = voting([4, 4, 4, 2, 2, 1], 12)
    assert shapley(values)[5] == banzhaf(values)[5] == 0.0
    np.testing.assert_allclose(shapley(values)[:5], [7 / 30] * 3 + [3 / 20] * 2, rtol=1e-12)
    np.testing.assert_allclose(banzhaf(values, normalised=True)[:5], [5 / 21] * 3 + [1 / 7] * 2, rtol=1e-12)


def test_airport_games_have_a_closed_form() -> None:
    """Who needs a stretch of the runway shares it equally (Littlechild and Owen 1973); here 16 aircraft."""
    cost = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0, 5.0, 8.0, 9.0, 7.0, 9.0, 3.0])
    n = len(cost)
    values = np.zeros(2**n)
    for i, c in enumerate(cost):
        values[1 << i : 2 << i] = np.maximum(values[: 1 << i], c)
    order = np.argsort(cost, kind="stable")
    wanted = np.empty(n)
    wanted[order] = np.cumsum(np.diff(cost[order], prepend=0.0) / np.arange(n, 0, -1))
    np.testing.assert_allclose(shapley(values), wanted, rtol=1e-12)


def test_twenty_players_add_up() -> None:
    values = np.random.default_rng(3).normal(size=2**20)
    values[0] = 0.0
    assert shapley(values).sum() == pytest.approx(values[-1], abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(games(), st.data())
def test_axioms(values: np.ndarray, data: st.DataObject) -> None:
    n = len(values).bit_length() - 1
    order = data.draw(st.permutations(range(n)))
    other = np.append(0.0, data.draw(st.lists(numbers, min_size=2**n - 1, max_size=2**n - 1)))
    alone = np.array(data.draw(st.lists(numbers, min_size=n, max_size=n)))
    assert shapley(values).sum() == pytest.approx(values[-1], abs=1e-9)
    for index in (shapley, banzhaf):
        value = index(values)
        np.testing.assert_allclose(index(relabelled(values, order))[order], value, atol=1e-9)
        np.testing.assert_allclose(index(values + other), value + index(other), atol=1e-9)
        np.testing.assert_allclose(index(3.0 * values + coalition_sums(alone)), 3.0 * value + alone, atol=1e-9)
        np.testing.assert_allclose(index(np.stack([values, other])), [value, index(other)], atol=0)
        # one more player who adds nothing, at any place, gets nothing and changes nothing
        at = data.draw(st.integers(0, n))
        masks = np.arange(2 ** (n + 1))
        with_null = values[(masks & ((1 << at) - 1)) | (masks >> (at + 1) << at)]
        found = index(with_null)
        assert found[at] == 0.0
        np.testing.assert_allclose(np.delete(found, at), value, atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(games(most=5), st.data())
def test_owen_is_the_mean_over_orders_that_keep_unions_together(values: np.ndarray, data: st.DataObject) -> None:
    n = len(values).bit_length() - 1
    group = data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    unions = [[i for i in range(n) if group[i] == g] for g in set(group)]
    gains = []
    for order in itertools.permutations(range(n)):
        if sum(a != b for a, b in itertools.pairwise(group[i] for i in order)) == len(unions) - 1:
            masks = list(itertools.accumulate((1 << i for i in order), initial=0))
            gains.append({i: values[b] - values[a] for i, (a, b) in zip(order, itertools.pairwise(masks), strict=True)})
    wanted = [np.mean([gain[i] for gain in gains]) for i in range(n)]
    np.testing.assert_allclose(owen(values, unions), wanted, atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(games())
def test_unions_and_graphs_that_say_nothing_change_nothing(values: np.ndarray) -> None:
    n = len(values).bit_length() - 1
    wanted = shapley(values)
    np.testing.assert_allclose(owen(values, []), wanted, atol=1e-9)
    np.testing.assert_allclose(owen(values, [range(n)]), wanted, atol=1e-9)
    np.testing.assert_allclose(myerson(values, np.ones((n, n), dtype=bool)), wanted, atol=1e-9)
    np.testing.assert_allclose(myerson(values, []), values[1 << np.arange(n)], atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(games(least=3), st.data())
def test_myerson_shares_by_part_and_contracts_gain_both_alike(values: np.ndarray, data: st.DataObject) -> None:
    """Its two axioms: component efficiency and fairness (Myerson 1977)."""
    n = len(values).bit_length() - 1
    pairs = [(i, j) for i in range(n) for j in range(i)]
    edges = data.draw(st.lists(st.sampled_from(pairs), min_size=1, unique=True))
    found = myerson(values, edges)
    i, j = edges[-1]
    before = myerson(values, edges[:-1])
    assert found[i] - before[i] == pytest.approx(found[j] - before[j], abs=1e-9)
    part, grown = set(), {0}
    while part != grown:
        part, grown = grown, grown | {b for e in edges for a, b in (e, e[::-1]) if a in grown}
    assert found[sorted(part)].sum() == pytest.approx(values[sum(1 << k for k in part)], abs=1e-9)


def test_myerson_of_the_published_example() -> None:
    """Two of three earn as much as all, and the links are 1-2 and 2-3: Myerson (1977), (5, 14, 5) / 24 of 24."""
    np.testing.assert_allclose(myerson([0, 0, 0, 12, 0, 12, 12, 24], [(0, 1), (1, 2)]), [6, 12, 6], atol=1e-12)


def test_kinds_of_games() -> None:
    apart = [0, 5, 5, 8]
    assert not is_superadditive(apart)
    assert worst_split(apart) == (2.0, 1, 2)
    assert superadditive_cover(apart).tolist() == [0, 5, 5, 10]
    assert is_superadditive(superadditive_cover(apart))
    glove = [0, 0, 0, 1, 0, 1, 0, 1]
    assert is_superadditive(glove)
    assert not is_convex(glove)
    additive = coalition_sums([0.1, 0.2, 0.3, 0.7])  # equal up to rounding
    assert is_superadditive(additive)
    assert is_convex(additive)
    assert is_superadditive([0, 1])
    assert is_convex([0, 1])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0, 1, 2], r"there are 3 values.*2\*\*n"),
        ([0], "there are 1 values"),
        ([1, 2, 3, 4], r"values\[0\] is 1"),
        ([0, 1, math.nan, 4], r"values\[2\] is nan"),
        ([0, math.inf], r"values\[1\] is inf"),
        (3.0, "shape"),
    ],
)
def test_bad_values_are_refused(values: object, said: str) -> None:
    for function in (shapley, banzhaf, is_superadditive):
        with pytest.raises(DataError, match=said):
            function(values)


def test_other_bad_input_is_refused() -> None:
    with pytest.raises(DataError, match="exact solutions go to 24: use shapley_sampled"):
        read_values(np.broadcast_to(0.0, (2**25,)))
    with pytest.raises(DataError, match="shape"):
        is_convex(np.zeros((2, 4)))
    with pytest.raises(DataError, match=r"players \[1\] of the unions"):
        owen([0, 1, 2, 3], [[0, 1], [1]])
    with pytest.raises(DataError, match="names player 2; players are 0 to 1"):
        myerson([0, 1, 2, 3], [(0, 2)])
    with pytest.raises(DataError, match="joins player 0 to 1 but not 1 to 0"):
        myerson([0, 1, 2, 3], np.array([[0, 1], [0, 0]]))
    with pytest.raises(DataError, match="give pairs of players"):
        myerson([0, 1, 2, 3], [0, 1, 1])
    with pytest.raises(DataError, match="cannot be normalised"):
        banzhaf([0, 1, -1, 0], normalised=True)
    assert banzhaf([0, 0, 0, 0], normalised=True).tolist() == [0.0, 0.0]
