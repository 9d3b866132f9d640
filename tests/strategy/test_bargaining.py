"""Nash, Kalai-Smorodinsky, Rubinstein; veto players; the expected-utility benchmark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mackinder.errors import NoAgreementError, UsageError
from mackinder.strategy import (
    HalfSpaces,
    expected_utility_round,
    kalai_smorodinsky,
    nash_bargaining,
    rubinstein_shares,
    unanimity_core,
    win_set,
)

SEEDS = st.integers(0, 100_000)


def outcomes(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Payoffs of outcomes, a disagreement point below their mean, and weights."""
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(3, 8)), int(rng.integers(2, 5))
    points = rng.normal(size=(m, n))
    return points, points.mean(axis=0) - rng.uniform(0.05, 0.5, n), rng.uniform(0.2, 1, n)


def test_published_splits() -> None:
    """The figures of two worked splits: a pie of 1 over 0.2 and 0.1, at equal weights and at 0.7 to 0.3."""
    np.testing.assert_allclose(nash_bargaining(1.0, [0.2, 0.1]).utilities, [0.55, 0.45], atol=1e-12)
    np.testing.assert_allclose(nash_bargaining(1.0, [0.2, 0.1], [0.7, 0.3]).utilities, [0.69, 0.31], atol=1e-12)
    assert rubinstein_shares(0.9, 0.8)[0] == pytest.approx(0.2 / 0.28, abs=1e-12)


def test_analytic_units(published_json: Callable[[str], Any]) -> None:
    unit = published_json("V14_analytic_units.json")
    nash = unit["nash"]
    np.testing.assert_allclose(nash_bargaining(nash["pie"], nash["d"]).utilities, nash["x"], atol=1e-12)
    alpha = [nash["alpha2"], 1 - nash["alpha2"]]
    np.testing.assert_allclose(nash_bargaining(nash["pie"], nash["d"], alpha).utilities, nash["x2"], atol=1e-12)
    pair = unit["rubinstein"]
    assert rubinstein_shares(pair["delta1"], pair["delta2"])[0] == pytest.approx(pair["x1"], abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_the_program_agrees_with_the_closed_form_of_a_pie(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 6))
    floor, alpha = rng.normal(size=n), rng.uniform(0.1, 1, n)
    pie = floor.sum() + rng.uniform(0.1, 10)
    cake = HalfSpaces(matrix=np.vstack([np.ones(n), -np.eye(n)]), bound=np.append(pie, -floor))
    np.testing.assert_allclose(
        nash_bargaining(cake, floor, alpha).utilities,
        nash_bargaining(pie, floor, alpha).utilities,
        atol=2e-6 * abs(pie),
    )
    np.testing.assert_allclose(
        kalai_smorodinsky(cake, floor).utilities, kalai_smorodinsky(pie, floor).utilities, atol=1e-8 * abs(pie)
    )


def test_a_round_frontier() -> None:
    """On the unit circle the Nash point has gains in proportion to the roots of the weights."""
    alpha = np.array([0.64, 0.36])
    found = nash_bargaining(lambda u: 1 - u @ u, [0.0, 0.0], alpha)
    np.testing.assert_allclose(found.utilities, np.sqrt(alpha), atol=1e-6)
    equal = kalai_smorodinsky(lambda u: 1 - u @ u, [0.0, 0.0, 0.0])
    np.testing.assert_allclose(equal.utilities, np.full(3, 3**-0.5), atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_nash_axioms(seed: int) -> None:
    """Units and zero points of utilities, order of parties and outcomes, and outcomes not chosen do not count."""
    points, floor, alpha = outcomes(seed)
    found = nash_bargaining(points, floor, alpha)
    assert (found.gains > 0).all()
    np.testing.assert_allclose(found.mixture @ points, found.utilities, atol=1e-7)
    rng = np.random.default_rng(seed)
    unit, zero = 10 ** rng.uniform(-4, 6, len(floor)), rng.normal(size=len(floor))
    moved = nash_bargaining(points * unit + zero, floor * unit + zero, alpha)
    np.testing.assert_allclose(moved.gains / unit, found.gains, atol=2e-5)
    parties, rows = rng.permutation(len(floor)), rng.permutation(len(points))
    shuffled = nash_bargaining(points[rows][:, parties], floor[parties], alpha[parties])
    np.testing.assert_allclose(shuffled.gains, found.gains[parties], atol=2e-5)
    doubled = nash_bargaining(points, floor, 7 * alpha)
    np.testing.assert_allclose(doubled.gains, found.gains, atol=1e-7)
    fewer = nash_bargaining(np.vstack([points[found.mixture > 1e-9], found.utilities]), floor, alpha)
    np.testing.assert_allclose(fewer.gains, found.gains, atol=2e-5)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_kalai_smorodinsky_gives_equal_parts_of_what_each_could_gain(seed: int) -> None:
    points, floor, _ = outcomes(seed)
    found = kalai_smorodinsky(points, floor)
    np.testing.assert_allclose(found.mixture @ points >= found.utilities - 1e-8, True)
    better = np.vstack([points, found.utilities + 0.1])  # more for all: nobody may lose
    more = kalai_smorodinsky(better, floor)
    if len(floor) == 2:
        assert (more.gains >= found.gains - 1e-7).all()
    unit = np.random.default_rng(seed).uniform(0.01, 100, len(floor))
    np.testing.assert_allclose(kalai_smorodinsky(points * unit, floor * unit).gains / unit, found.gains, atol=1e-7)


@pytest.mark.parametrize("solve", [nash_bargaining, kalai_smorodinsky])
@pytest.mark.parametrize(
    "given_",
    [
        (1.0, [0.6, 0.5]),
        (1.0, [0.5, 0.5]),
        ([[1.0, 0.0], [0.0, 1.0]], [0.5, 0.5]),
        ([[1.0, 0.0], [0.0, 0.0]], [0.0, 0.0]),
        ([[1.0, 0.0], [0.0, 1.0]], [2.0, 2.0]),
        (
            HalfSpaces(matrix=np.array([[1.0, 1.0], [-1.0, 0.0], [0.0, -1.0]]), bound=np.array([1.0, 0.0, 0.0])),
            [0.5, 0.5],
        ),
        (lambda u: 1 - u @ u, [2.0, 0.0]),
    ],
    ids=["pie too small", "pie just split", "frontier", "one cannot gain", "none feasible", "half-spaces", "outside"],
)
def test_no_agreement_is_said(solve: Callable[..., object], given_: tuple[Any, Any]) -> None:
    with pytest.raises(NoAgreementError, match=r"bargain over"):
        solve(*given_)


def test_malformed_problems_are_refused() -> None:
    with pytest.raises(UsageError, match="positive number for each of 2"):
        nash_bargaining(1.0, [0.0, 0.0], [1.0, 0.0])
    with pytest.raises(UsageError, match="one row an outcome of 3"):
        nash_bargaining([[1, 2]], [0, 0, 0])
    with pytest.raises(UsageError, match="no bound"):
        nash_bargaining(HalfSpaces(matrix=np.array([[-1.0, 0.0]]), bound=np.array([0.0])), [0, 0])
    with pytest.raises(UsageError, match="discount"):
        rubinstein_shares(1.0, 0.5)


def test_rubinstein_patience_pays_and_goes_to_the_nash_split() -> None:
    assert rubinstein_shares(0.9, 0.5)[0] > rubinstein_shares(0.9, 0.8)[0]
    assert rubinstein_shares(0.0, 0.8) == pytest.approx((0.2, 0.8))
    assert rubinstein_shares(1 - 1e-9, 1 - 1e-9)[0] == pytest.approx(0.5, abs=1e-8)


@settings(deadline=None)
@given(SEEDS)
def test_win_set_in_one_dimension_is_the_overlap_of_intervals(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ideals, here = rng.uniform(0, 100, int(rng.integers(1, 6))), float(rng.uniform(0, 100))
    found = win_set(here, ideals, rng.uniform(0.1, 1, len(ideals)))
    low, high = (ideals - abs(ideals - here)).max(), (ideals + abs(ideals - here)).min()
    assert found.size == pytest.approx(max(high - low, 0.0), abs=1e-9)
    assert found.can_move == (not ideals.min() <= here <= ideals.max())
    assert found.size_low == found.size_high == found.size


def test_win_set_of_two_circles_is_their_lens() -> None:
    found = win_set([0.0, 0.75**0.5], [[-0.5, 0.0], [0.5, 0.0]], samples=200_000)
    assert found.size_low < 2 * np.pi / 3 - 0.75**0.5 < found.size_high
    assert found.size_high - found.size_low < 0.02
    boxed = win_set([0.0, 0.75**0.5], [[-0.5, 0.0], [0.5, 0.0]], bounds=[[-2, 2], [0, 2]], samples=200_000)
    assert boxed.size == pytest.approx(found.size / 2, rel=0.02)
    assert boxed.share == pytest.approx(boxed.size / 8)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_one_more_veto_never_widens_the_win_set(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ideals, care = rng.uniform(0, 1, (4, 2)), rng.uniform(0.1, 1, (4, 2))
    here = rng.uniform(0, 1, 2)
    box = [[-3, 4], [-3, 4]]
    few, many = (win_set(here, ideals[:k], care[:k], bounds=box, samples=4000) for k in (3, 4))
    assert many.size_low <= few.size_high
    core = unanimity_core(ideals, care)
    if core.contains(here)[0]:
        assert not many.can_move
    small, large = unanimity_core(ideals[:3], care[:3]), core
    points = rng.uniform(0, 1, (20, 2))
    assert (large.contains(points) >= small.contains(points)).all()
    assert large.contains(ideals).all()


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_the_core_of_equal_saliences_is_the_hull(seed: int) -> None:
    from scipy.spatial import Delaunay

    rng = np.random.default_rng(seed)
    ideals, points = rng.uniform(0, 1, (6, 2)), rng.uniform(0, 1, (40, 2))
    np.testing.assert_array_equal(unanimity_core(ideals).contains(points), Delaunay(ideals).find_simplex(points) >= 0)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_outside_of_the_core_something_suits_all(seed: int) -> None:
    """Against the definition: a small step that all prefer exists just where the point is not in the core."""
    rng = np.random.default_rng(seed)
    ideals, care, here = rng.uniform(0, 1, (3, 2)), rng.uniform(0.2, 1, (3, 2)), rng.uniform(0, 1, 2)
    angle = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    steps = here + 1e-5 * np.stack([np.cos(angle), np.sin(angle)], axis=1)

    def loss(points: np.ndarray) -> np.ndarray:
        return (((points[:, None] - ideals) * care) ** 2).sum(axis=2)

    gain = (loss(here[None]) - loss(steps)).min(axis=1).max()
    assume(abs(gain) > 1e-7)
    assert unanimity_core(ideals, care).contains(here)[0] == (gain < 0)


def test_win_set_refuses_what_has_no_end() -> None:
    with pytest.raises(UsageError, match="no end"):
        win_set([0.0, 0.0], [[1.0, 1.0]], [[1.0, 0.0]])
    with pytest.raises(UsageError, match="must fit"):
        win_set([0.0, 0.0, 0.0], [[1.0, 1.0]])
    with pytest.raises(UsageError, match="not all zero"):
        unanimity_core([1.0], [0.0])


def test_published_first_round(published_json: Callable[[str], Any]) -> None:
    """Emission standards in an open replication of Bueno de Mesquita (see the source in the file)."""
    case = published_json("V11_bdm_emission.json")
    actors, expected = case["actors"], case["expected"]
    names = [a["name"] for a in actors]
    found = expected_utility_round(*([a[k] for a in actors] for k in ("capability", "position", "salience")))
    assert found.condorcet_winner == expected["condorcet_winner"]
    assert found.weighted_mean == pytest.approx(expected["weighted_mean"], abs=1e-9)
    np.testing.assert_allclose(found.risk_exponents, [expected["risk_exponent_r"][n] for n in names], atol=1e-9)
    for challenger, key in (("Belgium", "EU_Belgium_vs"), ("UK", "EU_UK_vs")):
        for other, value in expected[key].items():
            got = found.expected_utility[names.index(challenger), names.index(other)]
            assert got == pytest.approx(value, abs=1e-9), (challenger, other)
    got = found.expected_utility[names.index("Luxembourg"), names.index("France")]
    assert got == pytest.approx(expected["EU_Luxembourg_vs_France"], abs=1e-9)


@settings(deadline=None)
@given(SEEDS, st.sampled_from(["masad", "paper", "mckibben"]), st.floats(0, 1), st.floats(0, 1))
def test_first_round_follows_order_scale_and_mirror(seed: int, rule: str, stay: float, better: float) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 9))
    capability, position, salience = rng.uniform(0.1, 2, n), rng.uniform(0, 10, n), rng.uniform(0.1, 1, n)
    options = {"probability_rule": rule, "status_quo_chance": stay, "improvement_chance": better}
    plain = expected_utility_round(capability, position, salience, **options)
    assert (plain.risk_exponents >= 0.5 - 1e-12).all()
    assert (plain.risk_exponents <= 2 + 1e-12).all()
    assert (plain.probability >= 0).all()
    assert (plain.probability <= 1).all()
    order = rng.permutation(n)
    other = expected_utility_round(3 * capability[order], 5 - 7 * position[order], salience[order], **options)
    np.testing.assert_allclose(other.expected_utility, plain.expected_utility[np.ix_(order, order)], atol=1e-9)
    np.testing.assert_allclose(other.risk_exponents, plain.risk_exponents[order], atol=1e-9)


def test_rules_of_probability_differ_as_described() -> None:
    """Votes of 3 for and 1 against: net over cast 1/2, for over cast 3/4, for over all pairs' votes less still."""
    actors = ([3.0, 1.0], [0.0, 1.0], [1.0, 1.0])
    chances = {
        r: expected_utility_round(*actors, probability_rule=r).probability for r in ("masad", "paper", "mckibben")
    }
    assert chances["masad"][0, 1] == pytest.approx(0.5)
    assert chances["masad"][1, 0] == 0
    assert chances["paper"][0, 1] == pytest.approx(0.75)
    assert chances["mckibben"][0, 1] == pytest.approx(3 / 4)
    with pytest.raises(UsageError, match="did you mean 'paper'"):
        expected_utility_round(*actors, probability_rule="papers")
    with pytest.raises(UsageError, match="actors 1 "):
        expected_utility_round([1, 1], [0, 1], [0.5, 1.5])
