"""Designs: windows, correlations, Saltelli and Morris (conventions C133 to C136); V12 in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from mackinder.draws import PAGE, Design, keyed_column, recorded
from mackinder.ensemble.designs import MorrisPlan, SobolPlan, build_plan, cluster, runs_of
from mackinder.ensemble.factors import Factor, assign_factors, default_factors
from mackinder.ensemble.sensitivity import convergence, morris_effects, sobol_indices, tornado
from mackinder.ensemble.switches import SWITCHES, apply_switches, combinations, combo_of_chunk
from mackinder.errors import UsageError


def single(names: str) -> tuple[Factor, ...]:
    return tuple(Factor(name=n, inputs=(n,)) for n in names)


def points(plan: SobolPlan | MorrisPlan, runs: int, names: str) -> np.ndarray:
    design = Design(seed=0, draws=runs, common_share=0.5, plan=plan)
    return np.stack([ndtr(design.normal(n)) for n in names], axis=1)


def test_windows_are_parts_of_the_whole() -> None:
    """Convention C133: also across pages, and a window of a window."""
    whole = Design(seed=3, draws=2 * PAGE + 100, common_share=0.3)
    keys, groups = ["a", "b"], ["g", "g"]
    part = whole.window(PAGE - 50, PAGE + 300)
    np.testing.assert_array_equal(part.normals(keys, groups), whole.normals(keys, groups)[PAGE - 50 : PAGE + 300])
    np.testing.assert_array_equal(part.window(20, 80).normal("a"), whole.normal("a")[PAGE - 30 : PAGE + 30])


def test_each_page_is_a_latin_hypercube_and_more_draws_move_none_before() -> None:
    """Convention C133."""
    two = keyed_column(0, "x", 0, 2 * PAGE, 2 * PAGE)
    for page in range(2):
        strata = np.sort(np.floor(two[page * PAGE : (page + 1) * PAGE] * PAGE))
        np.testing.assert_array_equal(strata, np.arange(PAGE))
    np.testing.assert_array_equal(two, keyed_column(0, "x", 0, 4 * PAGE, 4 * PAGE)[: 2 * PAGE])


def test_a_cluster_has_its_correlation_and_leaves_others_alone() -> None:
    """Convention C134."""
    plain = Design(seed=0, draws=4000, common_share=0.5)
    tied = Design(seed=0, draws=4000, common_share=0.5, clusters=cluster({("x", "y"): 0.8, ("y", "z"): -0.3}))
    scores = np.stack([tied.normal(k) for k in "xyz"])
    found = np.corrcoef(scores)
    np.testing.assert_allclose([found[0, 1], found[1, 2], found[0, 2]], [0.8, -0.3, 0.0], atol=0.04)  # 3 / sqrt(4000)
    np.testing.assert_allclose(scores.std(axis=1), 1.0, atol=0.03)
    np.testing.assert_array_equal(tied.normal("w"), plain.normal("w"))


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ({("x", "y"): 1.2}, "between -1 and 1"),
        ({("x", "x"): 0.5}, "two different inputs"),
        ({("x", "y"): 0.9, ("y", "z"): 0.9, ("x", "z"): -0.9}, "contradict"),
    ],
)
def test_impossible_correlations_are_refused(pairs: dict[tuple[str, str], float], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        cluster(pairs)


def test_sobol_indices_of_ishigami() -> None:
    """V12, closed form of Ishigami and Homma (1990), a = 7, b = 0.1; tolerance of the reference at N = 8192."""
    n = 8192
    x = points(SobolPlan(seed=0, base=n, factors=single("abc")), 5 * n, "abc") * 2 * np.pi - np.pi
    y = 1e6 + np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    found = sobol_indices(y, list("abc"), resamples=50)
    np.testing.assert_allclose(found["share"], [0.31390519, 0.44241114, 0.0], atol=0.01)
    np.testing.assert_allclose(found["total"], [0.55758886, 0.44241114, 0.24368366], atol=0.01)
    assert ((found["share_low"] < found["share"]) & (found["share"] < found["share_high"])).all()


def test_blocks_have_the_indices_of_their_sums() -> None:
    """Convention C135: y = x1 + x2 + 2 x3 of normal scores; the block of the first two has 2/6, the other 4/6."""
    factors = (Factor(name="two", inputs=("a", "b")), Factor(name="one", inputs=("c",)))
    n = 4096
    design = Design(seed=1, draws=n * 4, common_share=0.5, plan=SobolPlan(seed=1, base=n, factors=factors))
    y = design.normal("a") + design.normal("b") + 2 * design.normal("c")
    found = sobol_indices(y, ["two", "one"], resamples=20)
    np.testing.assert_allclose(found["share"], [1 / 3, 2 / 3], atol=0.04)
    np.testing.assert_allclose(found["total"], [1 / 3, 2 / 3], atol=0.04)


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_windows_of_other_plans(method: str) -> None:
    """Convention C133 holds for every design."""
    factors = (Factor(name="two", inputs=("a", "b")), Factor(name="one", inputs=("c",)))
    runs = runs_of(method, 16, 2)
    whole = Design(seed=1, draws=runs, common_share=0.5, plan=build_plan(method, 1, 16, factors))
    for key in "abcd":
        np.testing.assert_array_equal(whole.window(5, 30).normal(key), whole.normal(key)[5:30])


def test_morris_finds_a_linear_function_exactly() -> None:
    """Closed form: an elementary effect of a linear function is its slope, times the step between levels (3/4 of the range)."""
    plan = MorrisPlan(seed=0, base=10, factors=single("abc"))
    x = points(plan, 40, "abc")
    found = morris_effects(plan.levels(), 3 * x[:, 0] - x[:, 1], list("abc"))
    np.testing.assert_allclose(found["effect"], [3 * 0.75, 0.75, 0.0], atol=1e-9)
    np.testing.assert_allclose(found["spread"], 0.0, atol=1e-9)


def test_one_factor_moves_at_a_time() -> None:
    plan = MorrisPlan(seed=0, base=4, factors=(Factor(name="two", inputs=("a", "b")), *single("c")))
    moved = np.diff(points(plan, 12, "abc"), axis=0) != 0
    inside = np.arange(11) % 3 != 2  # steps within a trajectory
    assert (moved[inside][:, 0] == moved[inside][:, 1]).all()  # a block moves together
    assert (moved[inside][:, 0] ^ moved[inside][:, 2]).all()


def test_every_input_has_one_factor() -> None:
    """Convention C135."""
    inputs = ["trade/a-b", "x/cost", "goods/g/trade_elasticity", "new/thing", "trade/b-a"]
    factors = assign_factors(inputs, ["first=trade/a-*"])
    assert sorted(k for f in factors for k in f.inputs) == sorted(inputs)
    assert factors[0] == Factor(name="first", inputs=("trade/a-b",))
    assert default_factors(["new/thing"])[0].name == "rest"
    with pytest.raises(UsageError, match="did you mean"):
        assign_factors(inputs, ["trade/a-c"])


@pytest.mark.parametrize(
    ("method", "draws", "words"), [("sobol", 100, "power of two"), ("morris", 1, "two traj"), ("x", 9, "lhs")]
)
def test_designs_that_cannot_be(method: str, draws: int, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        build_plan(method, 0, draws, single("a"))


def test_values_that_fit_no_design_are_refused() -> None:
    with pytest.raises(UsageError, match="no sobol design"):
        sobol_indices(np.zeros(7), ["a", "b"])
    with pytest.raises(UsageError, match="have no value"):
        sobol_indices(np.full(8, np.nan), ["a", "b"])


def test_recording_sees_what_is_drawn() -> None:
    with recorded() as seen:
        Design(seed=0, draws=2, common_share=0.5).normals(["a", "b"], ["g", "g"])
    assert set(seen) == {"a", "b", "common/g"}


def test_switches_are_dealt_evenly_and_change_the_case(starter: object) -> None:
    """Convention C136."""
    dealt = combo_of_chunk(5, 12, 3)
    assert [dealt.count(i) for i in range(3)] == [4, 4, 4]
    assert dealt == combo_of_chunk(5, 12, 3)
    for name, switch in SWITCHES.items():
        found = [apply_switches(starter, "trade", {name: option}) for option in switch.options]  # type: ignore[arg-type]
        assert found[0] == (starter, "trade")
        assert len({(case.digest, model) for case, model in found}) > 1, name  # an option may be what the case says
    with pytest.raises(UsageError, match="closing"):
        combinations(["closin"])
    with pytest.raises(UsageError, match="sovereign"):
        combinations(["closing=sovereing"])


def test_tornado_and_convergence() -> None:
    x = np.random.default_rng(0).normal(size=(2000, 2))
    swing = tornado(5 * x[:, 0] + x[:, 1], x, ["a", "b"])
    assert swing["input"].tolist() == ["a", "b"]
    # medians of the outer fifths of a normal score lie 2.56 apart: its 10 and 90 % points
    assert swing["swing"].iloc[0] == pytest.approx(5 * 2.56, rel=0.1)
    rows = convergence(x[:, 0])
    assert rows["draws"].tolist() == [250, 500, 1000, 2000]
    # 90 % interval of the median of normals: 1.645 * 1.2533 / sqrt(n)
    assert rows["error"].iloc[-1] == pytest.approx(1.645 * 1.2533 / np.sqrt(2000), rel=0.25)
