"""Competing hazards, processes and reference rates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import gamma

from mackinder.errors import UsageError
from mackinder.strategy import (
    Process,
    Transition,
    cumulative_incidence,
    expected_visits,
    reference_rate,
    reference_rates_without,
    simulate_process,
    state_probabilities,
)

SEEDS = st.integers(0, 100_000)


def test_closed_form() -> None:
    total = 1 - np.exp(-0.45)
    np.testing.assert_allclose(cumulative_incidence([0.1, 0.05], 3.0), [total * 2 / 3, total / 3], atol=1e-12)


def test_analytic_units(published_json: Callable[[str], Any]) -> None:
    unit = published_json("V14_analytic_units.json")
    case = unit["competing_hazards"]
    found = cumulative_incidence([case["h_sign"], case["h_collapse"]], case["t"])
    np.testing.assert_allclose(found, [case["p_sign"], case["p_collapse"]], atol=1e-12)
    chain = unit["absorbing_chain"]
    np.testing.assert_allclose(expected_visits(chain["Q"]), chain["fundamental"], atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_incidence_against_its_integral(seed: int) -> None:
    """F_s(t) is the integral of h_s S: by quadrature, with hazards that change at two times."""
    rng = np.random.default_rng(seed)
    rates, breaks = rng.uniform(0, 1, (3, 2)), np.sort(rng.uniform(0.2, 3, 2))
    assume(breaks[1] - breaks[0] > 0.05)
    horizon = float(rng.uniform(0.1, 5))

    def hazard(t: float) -> np.ndarray:
        return rates[np.searchsorted(breaks, t, side="right")]

    def survival(t: float) -> float:
        edges = np.concatenate([[0], breaks, [np.inf]])
        return float(np.exp(-sum(rates[k].sum() * max(0, min(t, edges[k + 1]) - edges[k]) for k in range(3))))

    cuts = [b for b in breaks if b < horizon]
    found = cumulative_incidence(rates, horizon, breaks=breaks)
    for cause in (0, 1):
        exact = quad(lambda t: hazard(t)[cause] * survival(t), 0, horizon, points=cuts or None, epsabs=1e-11)[0]  # noqa: B023  # used at once
        assert found[cause] == pytest.approx(exact, abs=1e-8)
    assert found.sum() == pytest.approx(1 - survival(horizon), abs=1e-12)


@settings(deadline=None)
@given(SEEDS)
def test_incidence_grows_adds_up_and_cutting_a_piece_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rates, times = rng.uniform(0, 2, (5, 3)), np.sort(rng.uniform(0, 20, 6))
    found = cumulative_incidence(rates, times)
    assert found.shape == (5, 6, 3)
    assert (np.diff(found, axis=1) >= -1e-15).all()
    assert (found.sum(axis=-1) <= 1 + 1e-12).all()
    twice = cumulative_incidence(np.stack([rates, rates], axis=1), times, breaks=[4.0])
    np.testing.assert_allclose(twice, found, atol=1e-12)
    more = rates.copy()
    more[:, 0] += 0.5  # a rival that gains takes from the others
    assert (cumulative_incidence(more, times)[..., 1:] <= found[..., 1:] + 1e-12).all()


def test_incidence_refuses_what_is_no_hazard() -> None:
    with pytest.raises(UsageError, match="not negative"):
        cumulative_incidence([-0.1], 1.0)
    with pytest.raises(UsageError, match="one fewer than pieces"):
        cumulative_incidence([[0.1], [0.2]], 1.0, breaks=[1.0, 2.0])
    with pytest.raises(UsageError, match="never absorbed"):
        expected_visits([[0, 1], [1, 0]])


def walk(*moves: tuple[str, str, float], **options: Any) -> Process:
    states = tuple(dict.fromkeys(s for a, b, _ in moves for s in (a, b)))
    return Process(
        states=states,
        transitions=tuple(Transition(name=f"{a}-{b}", source=a, target=b, hazard=h) for a, b, h in moves),
        **options,
    )


def test_a_chain_that_comes_back_against_its_exact_probabilities() -> None:
    process = walk(
        ("talks", "signed", 0.3), ("signed", "talks", 0.5), ("signed", "opened", 0.2), ("talks", "collapsed", 0.1)
    )
    rates = np.zeros((4, 4))
    where = {name: k for k, name in enumerate(process.states)}
    for t in process.transitions:
        rates[where[t.source], where[t.target]] = t.hazard
    paths = simulate_process(process, horizon=10.0, draws=20_000, seed=3)
    share = np.bincount(paths.last_state, minlength=4) / 20_000
    np.testing.assert_allclose(share, state_probabilities(rates, 10.0), atol=4 * 0.5 / 20_000**0.5)
    for time in (3.0, 10.0):
        low, _, high = paths.incidence("opened", time)[:, 0]
        exact = state_probabilities(rates, time)[where["opened"]]
        assert low - 0.005 < exact < high + 0.005


def test_pieces_and_covariates_against_the_exact_incidence() -> None:
    """A guarantor doubles one hazard from year 2 on; the other falls then."""
    process = Process(
        states=("talks", "signed", "collapsed"),
        breaks=(2.0,),
        transitions=(
            Transition(name="sign", source="talks", target="signed", hazard=0.1, effects={"guarantor": np.log(2.0)}),
            Transition(name="fall", source="talks", target="collapsed", hazard=np.array([0.2, 0.05])),
        ),
    )
    paths = simulate_process(process, horizon=8.0, draws=20_000, seed=0, covariates={"guarantor": [0.0, 1.0]})
    exact = cumulative_incidence([[0.1, 0.2], [0.2, 0.05]], [1.0, 8.0], breaks=[2.0])
    for k, name in enumerate(("signed", "collapsed")):
        low, _, high = paths.incidence(name, [1.0, 8.0])
        assert (low - 0.004 < exact[:, k]).all()
        assert (exact[:, k] < high + 0.004).all()


def test_a_precondition_delays_and_a_met_one_does_not() -> None:
    """Referendum then signature: the sum of two exponential waits, in closed form."""
    process = Process(
        states=("talks", "signed"),
        transitions=(
            Transition(name="sign", source="talks", target="signed", hazard=0.5, requires=("referendum",)),
            Transition(name="referendum", hazard=0.2),
        ),
    )
    paths = simulate_process(process, horizon=20.0, draws=20_000, seed=5)
    exact = 1 - (0.5 * np.exp(-0.2 * 6) - 0.2 * np.exp(-0.5 * 6)) / 0.3
    low, _, high = paths.incidence("signed", 6.0)[:, 0]
    assert low - 0.005 < exact < high + 0.005
    waits = paths.first[:, paths.names.index("signed")] >= paths.first[:, paths.names.index("referendum")]
    assert waits.all()
    ready = simulate_process(process, horizon=20.0, draws=20_000, seed=5, met={"referendum": -1.0})
    low, _, high = ready.incidence("signed", 6.0)[:, 0]
    assert low - 0.005 < 1 - np.exp(-3) < high + 0.005
    assert (ready.first[:, 1] <= paths.first[:, 1]).all()  # the same luck: sooner in every draw


def test_streams_belong_to_transitions() -> None:
    """An added rival moves no draw of another: where it does not strike first, nothing changes; never does a rival help."""
    alone = simulate_process(walk(("talks", "signed", 0.2)), horizon=9.0, draws=500, seed=1)
    rival = simulate_process(
        walk(("talks", "signed", 0.2), ("talks", "collapsed", 0.1)), horizon=9.0, draws=500, seed=1
    )
    spared = np.isinf(rival.first[:, 2])
    np.testing.assert_array_equal(rival.first[spared, 1], alone.first[spared, 1])
    again = simulate_process(walk(("talks", "signed", 0.2)), horizon=9.0, draws=500, seed=1)
    np.testing.assert_array_equal(again.first, alone.first)
    faster = simulate_process(walk(("talks", "signed", 0.4)), horizon=9.0, draws=500, seed=1)
    assert (faster.first[:, 1] <= alone.first[:, 1]).all()


def test_hazards_may_differ_by_draw() -> None:
    hazard = np.repeat([[0.0], [100.0]], 50, axis=0)
    process = Process(
        states=("talks", "signed"), transitions=(Transition(name="s", source="talks", target="signed", hazard=hazard),)
    )
    paths = simulate_process(process, horizon=5.0, draws=100, seed=0)
    assert np.isinf(paths.first[:50, 1]).all()
    assert np.isfinite(paths.first[50:, 1]).all()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: walk(("a", "b", 0.1), ("a", "b", 0.2)), "used twice"),
        (lambda: Process(states=("a",), transitions=(Transition(name="t", hazard=1.0, source="a"),)), "only one end"),
        (lambda: Process(states=("talks",), transitions=(Transition(name="t", hazard=1.0, source="talks", target="talk"),)),
         "did you mean 'talks'"),
        (lambda: Process(states=("a",), transitions=(Transition(name="t", hazard=1.0, requires=("x",)),)), "requirement 'x'"),
        (lambda: Process(states=("a",), transitions=(), breaks=(2.0, 1.0)), "ascending"),
        (lambda: simulate_process(walk(("a", "b", -0.1)), horizon=1.0, draws=5, seed=0), "'a-b'.*not negative"),
        (lambda: simulate_process(walk(("a", "b", 0.1)), horizon=1.0, draws=5, seed=0, start="c"), "unknown state 'c'"),
        (lambda: simulate_process(walk(("a", "b", 0.1)), horizon=1.0, draws=5, seed=0).incidence("b", 2.0), "horizon"),
    ],
)  # fmt: skip
def test_malformed_processes_are_refused(build: Callable[[], object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build()


def test_reference_rate_is_the_gamma_posterior() -> None:
    rate = reference_rate([2.0, 5.0, 9.0], [False, False, True], prior_events=1.5, prior_exposure=4.0)
    shape, time = 3.5, 20.0
    assert rate.mean == pytest.approx(shape / time)
    np.testing.assert_allclose([rate.low, rate.median, rate.high], gamma.ppf([0.05, 0.5, 0.95], shape, scale=1 / time))
    assert (rate.events, rate.exposure, rate.cases) == (2, 16, 3)
    assert rate.prior_share == pytest.approx(1.5 / 3.5)
    assert rate.effective_events == pytest.approx(shape)
    half = reference_rate([2.0, 5.0, 9.0], [False, False, True], weights=[0.5, 0.5, 0.5])
    assert half.effective_cases == pytest.approx(3)
    assert half.effective_events == pytest.approx(1.5)
    assert reference_rate([2.0, 5.0, 9.0], [0, 0, 1], weights=[1, 1, 0]).effective_cases == pytest.approx(2)


CASES = st.lists(st.tuples(st.floats(0.1, 50.0), st.booleans()), min_size=2, max_size=12)


@settings(deadline=None)
@given(CASES, st.floats(0.1, 5), st.floats(0, 50))
def test_a_case_less_never_narrows_the_ratio_of_the_bounds(
    cases: list[tuple[float, bool]], events: float, time: float
) -> None:
    durations, censored = zip(*cases, strict=True)
    options = {"prior_events": events, "prior_exposure": time}
    full = reference_rate(durations, censored, **options)
    for rest in reference_rates_without(durations, censored, **options):
        assert rest.high / rest.low >= full.high / full.low * (1 - 1e-9)


@settings(deadline=None)
@given(CASES, st.floats(0.1, 5), st.floats(0.1, 50))
def test_an_agreeing_case_less_never_narrows_the_interval(
    cases: list[tuple[float, bool]], events: float, time: float
) -> None:
    """Agreeing: the case's own event rate, one over its duration, is the mean of the others."""
    durations, censored = map(list, zip(*cases, strict=True))
    options = {"prior_events": events, "prior_exposure": time}
    without = reference_rate(durations, censored, **options)
    together = reference_rate([*durations, 1 / without.mean], [*censored, False], **options)
    assert together.mean == pytest.approx(without.mean)
    assert without.high - without.low >= (together.high - together.low) * (1 - 1e-9)
    open_ = reference_rate([*durations, 3.0], [*censored, True], **options)
    assert without.high - without.low >= (open_.high - open_.low) * (1 - 1e-9)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.sampled_from([0.3, 0.6, 1.0]))
def test_an_agreeing_case_less_never_narrows_the_interval_among_classes(seed: int, heterogeneity: float) -> None:
    rng = np.random.default_rng(seed)
    durations, censored = list(rng.exponential(8.0, 8) + 0.1), list(rng.random(8) < 0.3)
    classes = [str(c) for c in rng.integers(0, 3, 8)]
    options: dict[str, Any] = {"target": classes[0], "heterogeneity": heterogeneity}
    without = reference_rate(durations, censored, classes=classes, **options)
    agreeing = ([*durations, 1 / without.mean], [*censored, False])
    together = reference_rate(*agreeing, classes=[*classes, classes[0]], **options)
    assert without.high / without.low >= together.high / together.low * (1 - 1e-3)  # grid of the rate


def test_classes_alike_are_pooled_and_classes_apart_are_not() -> None:
    durations, classes = [4.0] * 6 + [40.0] * 6, ["quick"] * 6 + ["slow"] * 6
    ended = [False] * 12
    pooled = reference_rate(durations, ended)
    alike = reference_rate(durations, ended, classes=classes, target="slow", heterogeneity=0.01)
    assert alike.mean == pytest.approx(pooled.mean, rel=0.05)
    apart = reference_rate(durations, ended, classes=classes, target="slow", heterogeneity=5.0)
    alone = reference_rate([40.0] * 6, [False] * 6)
    assert apart.mean == pytest.approx(alone.mean, rel=0.15)
    between = reference_rate(durations, ended, classes=classes, target="slow", heterogeneity=0.5)
    assert apart.mean < between.mean < alike.mean
    new = reference_rate(durations, ended, classes=classes, target="unseen", heterogeneity=0.5)
    assert new.low < between.low
    assert new.high > between.high
    assert new.prior_share == 1


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.floats(0.01, 100))
def test_rates_follow_the_unit_of_time_and_not_the_order(seed: int, unit: float) -> None:
    rng = np.random.default_rng(seed)
    durations, censored = rng.exponential(5, 7) + 0.1, rng.random(7) < 0.3
    classes = [str(c) for c in rng.integers(0, 2, 7)]
    options: dict[str, Any] = {"target": classes[0], "heterogeneity": 0.7}
    order = rng.permutation(7)
    plain = reference_rate(durations, censored, classes=classes, **options)
    other = reference_rate(unit * durations[order], censored[order], classes=[classes[k] for k in order], **options)
    np.testing.assert_allclose(
        [unit * other.low, unit * other.mean, unit * other.high], [plain.low, plain.mean, plain.high], rtol=1e-8
    )


def test_quantiles_draw_rates() -> None:
    rate = reference_rate([2.0, 5.0], [0, 0], classes=["a", "b"], target="a", heterogeneity=0.4)
    drawn = rate.quantile((np.arange(4000) + 0.5) / 4000)
    assert drawn.mean() == pytest.approx(rate.mean, rel=0.01)
    with pytest.raises(UsageError, match="strictly between"):
        rate.quantile([0.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: reference_rate([1.0, np.nan], [0, 0]), "cases 1 "),
        (lambda: reference_rate([0.0], [0]), "no time at risk"),
        (lambda: reference_rate([1.0], [0], prior_events=0.0), "positive events"),
        (lambda: reference_rate([1.0], [0], classes=["a"]), "a target"),
        (lambda: reference_rate([1.0], [0], classes=["a"], target="a"), "heterogeneity"),
        (lambda: reference_rates_without([1.0], [0]), "two cases"),
        (lambda: reference_rate([1.0, 2.0], [0]), "one of each a case"),
    ],
)
def test_malformed_cases_are_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        call()
