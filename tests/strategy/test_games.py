"""Quantal response, Nash equilibria, trees and the threat game."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit, softmax

from mackinder.errors import NotConvergedError, UsageError
from mackinder.strategy import (
    Chance,
    Decision,
    Outcome,
    agent_qre,
    fit_qre,
    logit_qre,
    nash_equilibria,
    pure_equilibria,
    threat_game,
)
from mackinder.strategy.branch import follow
from mackinder.strategy.quantal import expected_payoffs

SEEDS = st.integers(0, 100_000)


def game(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = [(2, 2), (3, 2), (3, 3), (2, 2, 2), (2, 3, 2), (4,)][rng.integers(6)]
    return rng.normal(size=(len(shape), *shape))


def test_published_profiles(published_json: Callable[[str], Any]) -> None:
    for case in published_json("V10_qre.json")["games"]:
        lams = [point["lam"] for point in case["expected"]]
        found = logit_qre([case["payoff_row"], case["payoff_col"]], lams)
        for k, point in enumerate(case["expected"]):
            np.testing.assert_allclose(found[0][k], point["row"], atol=case["tol"])
            np.testing.assert_allclose(found[1][k], point["col"], atol=case["tol"])


def test_published_fit() -> None:
    """Asymmetric matching pennies of Ochs (1995) as fitted by Gambit: precision 1.8456, log likelihood -174.7645."""
    payoffs = [[[1.1141, 0.0], [0.0, 0.2785]], [[0.0, 1.1141], [1.1141, 0.0]]]
    counts = [[128 * 0.527, 128 * 0.473], [128 * 0.366, 128 * 0.634]]
    fit = fit_qre(payoffs, counts)
    assert fit.precision == pytest.approx(1.8456, abs=1e-4)
    assert fit.log_likelihood == pytest.approx(-174.7645, abs=1e-4)
    assert fit.bounded
    for edge in (fit.low, fit.high):  # the profile likelihood falls by half the 95 % point of chi-squared with 1 degree
        at = logit_qre(payoffs, edge)
        loss = fit.log_likelihood - sum(c @ np.log(s) for c, s in zip(np.array(counts), at.strategies, strict=True))
        assert loss == pytest.approx(3.841458820694124 / 2, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.floats(0.01, 40))
def test_responses_are_fixed_points_and_units_do_not_count(seed: int, precision: float) -> None:
    payoffs = game(seed)
    found = logit_qre(payoffs, precision)
    for i, table in enumerate(payoffs):
        np.testing.assert_allclose(
            found[i], softmax(precision * expected_payoffs(table, found.strategies, [i])), atol=1e-9
        )
    tenth = logit_qre(10 * payoffs, precision / 10)
    shifted = logit_qre(payoffs + 5.0, precision)
    for i in range(len(payoffs)):
        np.testing.assert_allclose(tenth[i], found[i], atol=1e-12)
        np.testing.assert_allclose(shifted[i], found[i], atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_relabelling_a_game_relabels_its_response(seed: int) -> None:
    payoffs = game(seed)
    rng = np.random.default_rng(seed)
    n = len(payoffs)
    players = rng.permutation(n)
    moved = np.transpose(payoffs[players], [0, *(1 + players)])
    actions = rng.permutation(moved.shape[1])
    moved = moved[:, actions]
    plain, other = logit_qre(payoffs, [0.7, 6.0]), logit_qre(moved, [0.7, 6.0])
    for new, old in enumerate(players):
        expected = plain[old][:, actions] if new == 0 else plain[old]
        np.testing.assert_allclose(other[new], expected, atol=1e-9)


def test_precision_zero_is_uniform_and_order_of_precisions_is_kept() -> None:
    payoffs = game(1)
    found = logit_qre(payoffs, [3.0, 0.0, 1.0])
    np.testing.assert_allclose(found[0][1], 1 / payoffs.shape[1])
    np.testing.assert_allclose(found[0][2], logit_qre(payoffs, 1.0)[0], atol=1e-10)
    assert found[0].shape == (3, payoffs.shape[1])


def test_the_branch_of_a_dominance_solvable_game_ends_at_its_equilibrium() -> None:
    dilemma = [[[3.0, 0.0], [5.0, 1.0]], [[3.0, 5.0], [0.0, 1.0]]]
    found = logit_qre(dilemma, 200.0)
    np.testing.assert_allclose(found[0], [0, 1], atol=1e-9)
    assert found.turns == 0


def test_symmetric_coordination_stays_on_the_symmetric_branch() -> None:
    """The branch from uniform play meets a fork, and by symmetry goes straight on."""
    both = [[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]]
    np.testing.assert_allclose(logit_qre(both, [1.0, 1.9])[0], 0.5, atol=1e-9)


def test_a_fold_is_passed() -> None:
    """A curve x^3 - x = p - 0.6, followed from its lower branch, must round its knees to reach p = 2."""

    def system(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, p = point
        return np.array([x**3 - x - p + 0.6]), np.array([[3 * x * x - 1, -1.0]])

    start = brentq(lambda x: x**3 - x + 0.6, -3, -1)
    branch = follow(system, np.array([start]), [0.5, 2.0])
    assert branch.turns >= 2
    low = brentq(lambda x: x**3 - x + 0.1, -3, -1)
    high = brentq(lambda x: x**3 - x - 1.4, 1, 3)
    np.testing.assert_allclose(branch.found[:, 0], [low, high], atol=1e-9)


def test_a_branch_that_does_not_get_there_is_an_error() -> None:
    def system(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, p = point
        return np.array([x * x + p - 1]), np.array([[2 * x, 1.0]])

    with pytest.raises(NotConvergedError, match="did not reach"):
        follow(system, np.array([1.0]), [2.0], most_steps=200)


def test_fit_recovers_the_precision_that_made_the_counts() -> None:
    payoffs = [[[1.0, 0.0], [0.0, 2.0]], [[0.0, 3.0], [1.0, 0.0]]]
    made = logit_qre(payoffs, 1.3)
    fit = fit_qre(payoffs, [1e5 * made[0], 1e5 * made[1]])
    assert fit.precision == pytest.approx(1.3, abs=1e-5)
    assert fit.low < 1.3 < fit.high < 1.4
    scaled = fit_qre(10 * np.array(payoffs), [1e5 * made[0], 1e5 * made[1]])
    assert 10 * scaled.precision == pytest.approx(fit.precision, rel=1e-6)


def test_play_without_error_bounds_precision_from_below_only() -> None:
    dilemma = [[[3.0, 0.0], [5.0, 1.0]], [[3.0, 5.0], [0.0, 1.0]]]
    fit = fit_qre(dilemma, [[0, 20], [0, 20]])
    assert not fit.bounded
    assert fit.high == np.inf
    assert fit.low > 0.5
    uniform = fit_qre(dilemma, [[10, 10], [10, 10]])
    assert uniform.precision == pytest.approx(0.0, abs=1e-6)
    assert uniform.low == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: logit_qre([[1, 2], [3, 4]], 1.0), r"one axis a player \(2\)"),
        (lambda: logit_qre([[[1, np.nan]], [[1, 2]]], 1.0), "missing payoff"),
        (lambda: logit_qre([[[1, 2]], [[1, 2]]], -1.0), "not negative"),
        (lambda: fit_qre([[[1, 2]], [[1, 2]]], [[1], [1]]), r"needed are \(1, 2\)"),
        (lambda: fit_qre([[[1, 2]], [[1, 2]]], [[0], [0, 0]]), "all zero"),
        (lambda: nash_equilibria(np.zeros((2, 12, 12))), "too many supports"),
    ],
)
def test_malformed_games_are_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        call()


def test_equilibria_of_textbook_games() -> None:
    """Von Stengel's 3 by 2 example has three equilibria; matching pennies one; battle of the sexes three."""
    found = nash_equilibria([[[3, 3], [2, 5], [0, 6]], [[3, 2], [2, 6], [3, 1]]])
    rows = sorted(tuple(row.round(9)) for row, _ in found)
    np.testing.assert_allclose(rows, [(0, 1 / 3, 2 / 3), (0.8, 0.2, 0), (1, 0, 0)], atol=1e-9)
    pennies = [[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]
    assert pure_equilibria(pennies) == []
    ((row, column),) = nash_equilibria(pennies)
    np.testing.assert_allclose([row, column], 0.5)
    assert len(nash_equilibria([[[3, 0], [0, 2]], [[2, 0], [0, 3]]])) == 3


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_games_without_ties_have_an_odd_number_of_equilibria(seed: int) -> None:
    rng = np.random.default_rng(seed)
    payoffs = rng.normal(size=(2, int(rng.integers(2, 5)), int(rng.integers(2, 5))))
    found = nash_equilibria(payoffs)
    assert len(found) % 2 == 1
    for row, column in found:
        assert (payoffs[0] @ column).max() <= row @ payoffs[0] @ column + 1e-8
        assert (row @ payoffs[1]).max() <= row @ payoffs[1] @ column + 1e-8


def test_pure_equilibria_of_three_players_by_search() -> None:
    payoffs = np.random.default_rng(7).integers(0, 3, (3, 2, 3, 2)).astype(float)
    brute = []
    for cell in itertools.product(range(2), range(3), range(2)):
        better = False
        for i in range(3):
            for action in range(payoffs.shape[1 + i]):
                other = tuple(action if k == i else c for k, c in enumerate(cell))
                better |= payoffs[i][other] > payoffs[i][cell]
        if not better:
            brute.append(cell)
    assert pure_equilibria(payoffs) == brute


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.floats(0.1, 20))
def test_a_tree_of_simultaneous_moves_is_the_normal_form(seed: int, precision: float) -> None:
    payoffs = np.random.default_rng(seed).normal(size=(2, 3, 2))
    tree = Decision(
        0, "row",
        {str(i): Decision(1, "column", {str(j): Outcome(tuple(payoffs[:, i, j])) for j in range(2)}) for i in range(3)},
    )  # fmt: skip
    agents, normal = agent_qre(tree, precision), logit_qre(payoffs, precision)
    for player, name in enumerate(("row", "column")):
        for k, chance in enumerate(agents.strategies[name].values()):
            assert chance == pytest.approx(normal[player][k], abs=1e-9)
    expected = [normal[0] @ payoffs[k] @ normal[1] for k in (0, 1)]
    np.testing.assert_allclose(agents.expected, expected, atol=1e-9)


def test_chance_moves_are_averaged() -> None:
    toss = Decision(
        0, "bet", {"yes": Chance(((0.25, Outcome((3.0,))), (0.75, Outcome((-2.0,))))), "no": Outcome((0.0,))}
    )
    assert agent_qre(toss, 2.0).strategies["bet"]["yes"] == pytest.approx(expit(2 * -0.75))


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (Decision(0, "a", {"l": Outcome((1.0, 0.0)), "r": Outcome((1.0,))}), "a > r.*one finite number a player"),
        (Chance(((0.5, Outcome((1.0,))), (0.4, Outcome((0.0,))))), "add up to one"),
        (Decision(0, "a", {"l": Decision(1, "a", {"l": Outcome((1.0, 1.0))})}), "met twice"),
        (Decision(0, "a", {"l": Decision(1, "b", {"x": Outcome((1.0, 1.0))}),
                           "r": Decision(1, "b", {"y": Outcome((1.0, 1.0))})}), "differs from its other nodes"),
    ],
)  # fmt: skip
def test_malformed_trees_are_refused_with_their_path(tree: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        agent_qre(tree, 1.0)


STAKES = st.floats(0.0, 10.0)


@settings(max_examples=25, deadline=None)
@given(STAKES, STAKES, STAKES, STAKES, st.floats(0, 1), st.floats(0, 1), STAKES, st.floats(0.05, 3))
def test_the_threat_game_is_its_tree(
    g: float, harm: float, own: float, k: float, p: float, e: float, shame: float, precision: float
) -> None:
    solved = threat_game(
        g, harm, own, concession_cost=k, precision=precision, success=p, conflict_expectation=e, audience_cost=shame
    )
    impose = Outcome((p * g - own, -p * k - harm))
    respond = Decision(0, "respond", {"impose": impose, "back down": Outcome((-shame, 0.0))})
    resist = Decision(1, "demand", {"concede": Outcome((g, -k * (1 + e))), "resist": respond})
    tree = agent_qre(Decision(0, "open", {"threaten": resist, "nothing": Outcome((0.0, 0.0))}), precision)
    assert solved.threat == pytest.approx(tree.strategies["open"]["threaten"], abs=1e-9)
    assert solved.concede_if_threatened == pytest.approx(tree.strategies["demand"]["concede"], abs=1e-9)
    assert solved.impose_if_resisted == pytest.approx(tree.strategies["respond"]["impose"], abs=1e-9)
    np.testing.assert_allclose([solved.sender_payoff, solved.target_payoff], tree.expected, atol=1e-8)
    ends = solved.no_threat + solved.concession + solved.backdown + solved.imposition
    assert ends == pytest.approx(1.0)


def test_conflict_expectations_and_selection() -> None:
    """Adversaries concede less; successes come mostly before imposition; imposed cases alone understate coercion."""
    expectation = np.linspace(0, 1, 5)
    solved = threat_game(
        2.0,
        4.0,
        0.2,
        concession_cost=1.5,
        precision=2.0,
        success=0.3,
        conflict_expectation=expectation,
        audience_cost=1.0,
    )
    assert (np.diff(solved.concede_if_threatened) < 0).all()
    assert (solved.success_if_threatened > solved.success_if_imposed).all()
    assert (solved.threat_stage_share > 0.5).all()
    with pytest.raises(UsageError, match="success reaches"):
        threat_game(1, 1, 1, concession_cost=1, precision=1, success=1.2)
