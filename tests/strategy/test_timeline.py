"""The process of the packaged case and of a small one in closed form; conventions C105 to C108."""

from __future__ import annotations

import datetime as dt
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mackinder.case.locate import find_case
from mackinder.case.peaceprocess import ProcessSpec, read_process
from mackinder.draws import Design
from mackinder.errors import CaseError, UsageError
from mackinder.report.dealsection import timeline_section
from mackinder.strategy import cumulative_incidence, state_probabilities
from mackinder.strategy.timeline import class_rate, opening_flow, run_world
from mackinder.strategy.timelineanswer import TimelineAnswer, timeline_answer, timeline_rows, whole_percent

DAY = dt.date(2026, 6, 29)
SURE = {"low": 1.0, "mode": 1.0, "high": 1.0}


def judged(rate: float) -> dict[str, object]:
    return {"per_year": dict.fromkeys(("low", "mode", "high"), rate), "basis": "estimate", "ground": "a test"}


def spec(**changes: object) -> ProcessSpec:
    """Talks that end in signature or collapse; works that wait for a company, and an opening in two phases."""
    case = {
        "id": "one",
        "label": "One",
        "group": "g",
        "starts_on": dt.date(2000, 1, 1),
        "until": dt.date(2010, 1, 1),
        "happened": True,
        "traits": ("a",),
        "facts": ("F",),
    }
    document: dict[str, object] = {
        "commitment_problem": "none",
        "states": ("talks", "signed", "collapsed"),
        "ends": ("collapsed",),
        "until_year": 2060,
        "corridor": "c",
        "opening": "open",
        "ramp_years": SURE,
        "ramp_facts": ("F",),
        "traits": ("a", "b"),
        "own_traits": ("a",),
        "step": [
            {"id": "sign", "label": "Sign", "kind": "state", "source": "talks", "target": "signed", **judged(0.1)},
            {
                "id": "fail",
                "label": "Fail",
                "kind": "state",
                "source": "talks",
                "target": "collapsed",
                "severe": True,
                **judged(0.05),
            },
            {"id": "company", "label": "Company", "kind": "condition", "met_on": dt.date(2026, 1, 1), **judged(0.2)},
            {"id": "open", "label": "Open", "kind": "condition", "requires": ("company",), "phases": 2, **judged(0.2)},
        ],
        "world": [{"id": "w", "label": "W", "scenario": "s", "facts": ("F",)}],
        "milestone": [
            {"id": "signature", "label": "Signed", "of": "signed", "group": "g"},
            {"id": "rail-opening", "label": "Open", "of": "open", "group": "g"},
            {"id": "collapse", "label": "Collapse", "of": "collapsed", "group": "g", "severe": True},
        ],
        "reference": [case, case | {"id": "two", "until": dt.date(2020, 1, 1), "happened": False, "traits": ()}],
    }
    return ProcessSpec.model_validate(document | changes)


DESIGN = Design(seed=3, draws=20, common_share=0.0)


def test_exits_that_compete_are_exact_and_the_simulation_agrees() -> None:
    """Constant hazards: F = h / H (1 - exp(-H t)) of the analytic units; the paths come near."""
    process = spec()
    found = run_world(process, process.world[0], DAY, DESIGN, paths=400)
    ends = np.array([(dt.date(int(y), 12, 31) - DAY).days / 365.25 for y in found.years])
    closed = cumulative_incidence([0.1, 0.05], ends)
    np.testing.assert_allclose(found.exact["signed"], np.tile(closed[:, 0], (20, 1)), atol=1e-12)
    np.testing.assert_allclose(found.exact["collapsed"][0], closed[:, 1], atol=1e-12)
    sampled = found.chance[:, found.names.index("signed")].mean(axis=0)
    np.testing.assert_allclose(sampled, closed[:, 0], atol=4 * np.sqrt(0.25 / 8000))


def test_an_opening_in_phases_competes_with_collapse() -> None:
    """Convention C105 and C107: against the matrix exponential of the chain talks x phases."""
    process = spec(step=[*[s.model_dump() for s in spec().step if s.id != "sign"]])
    found = run_world(process, process.world[0], DAY, DESIGN, paths=400)
    ends = np.array([(dt.date(int(y), 12, 31) - DAY).days / 365.25 for y in found.years])
    rates = np.zeros((4, 4))  # waiting, first phase done, open, collapsed
    rates[0, 1] = rates[1, 2] = 2 * 0.2
    rates[0, 3] = rates[1, 3] = 0.05
    opened = state_probabilities(rates, ends)[:, 2]
    sampled = found.chance[:, found.names.index("open")].mean(axis=0)
    np.testing.assert_allclose(sampled, opened, atol=4 * np.sqrt(0.25 / 8000))


def test_what_is_not_met_waits_for_its_day() -> None:
    late = [s.model_dump() | ({"not_before": dt.date(2030, 1, 1)} if s.id == "open" else {}) for s in spec().step]
    process = spec(step=late)
    found = run_world(process, process.world[0], DAY, DESIGN, paths=50)
    opened = found.chance[:, found.names.index("open")]
    assert (opened[:, found.years < 2030] == 0).all()
    assert (opened[:, found.years == 2040] > 0).all()
    before = run_world(process, process.world[0], dt.date(2025, 12, 1), DESIGN, paths=50)
    assert (before.chance[:, before.names.index("company"), 0] < 1).all()  # met in 2026: not known in 2025


def test_a_class_is_seen_as_on_its_day() -> None:
    """Convention C106: what happened later is censored, and what had not begun is left out."""
    process = spec()
    now, then = (
        class_rate(process, "g", DAY, weighted=False),
        class_rate(process, "g", dt.date(2005, 1, 1), weighted=False),
    )
    assert (now.events, then.events) == (1.0, 0.0)
    assert then.exposure == pytest.approx(10.0, abs=0.01)
    with pytest.raises(UsageError, match="no reference case"):
        class_rate(process, "g", dt.date(1999, 1, 1), weighted=False)


@pytest.fixture(scope="module")
def packaged() -> ProcessSpec:
    return read_process(find_case("south-caucasus"))


def test_leaving_a_case_out_never_narrows_a_rate(packaged: ProcessSpec) -> None:
    """High over low of each class, with every case left out in turn, plain and by likeness."""
    for group in {case.group for case in packaged.reference}:
        for weighted in (False, True):
            whole = class_rate(packaged, group, DAY, weighted=weighted)
            for case, _, _ in packaged.cases(group, DAY):
                less = class_rate(packaged, group, DAY, weighted=weighted, without=case.id)
                assert less.high / less.low >= whole.high / whole.low * (1 - 1e-9), case.id


def test_a_guarantor_and_its_absence_are_worlds_of_their_own(packaged: ProcessSpec) -> None:
    found = {
        world.id: run_world(packaged, world, DAY, DESIGN, paths=60)
        for world in packaged.world
        if world.id in ("with-us", "without-us")
    }
    lost = {name: run.chance[:, run.names.index("collapsed"), -1].mean() for name, run in found.items()}
    assert lost["with-us"] < lost["without-us"]
    bounds = [e.log_factor for e in packaged.effect if e.covariate == "us-guarantor" and e.step.startswith("collapse")]
    assert len(bounds) == 3
    assert all(bound.high == 0 for bound in bounds)  # an assumption that leaves no effect possible


def test_every_case_has_dates_and_sources(packaged: ProcessSpec) -> None:
    assert {
        "zangezur-1919",
        "karabakh-1994",
        "statement-2020",
        "rasht-astara-works",
        "btk-build",
        "btc-build",
        "anaklia-build",
    } <= {case.id for case in packaged.reference}
    for case in packaged.reference:
        assert case.facts
        assert case.until >= case.starts_on
    assert sum(case.own for case in packaged.reference) >= 4


@pytest.fixture(scope="module")
def answer(packaged: ProcessSpec, tmp_path_factory: pytest.TempPathFactory) -> TimelineAnswer:
    folder = tmp_path_factory.mktemp("process")
    source = (find_case("south-caucasus") / "process.toml").read_text(encoding="utf-8")
    (folder / "process.toml").write_text(source, encoding="utf-8")
    grow = types.SimpleNamespace(low=0.01, mode=0.02, high=0.03)
    settings = types.SimpleNamespace(newest_evidence=DAY, horizon_year=2035, demand_growth_per_year=grow)
    case = types.SimpleNamespace(folder=folder, settings=settings, name="x")
    flow = pd.DataFrame(
        [
            {
                "indicator": "corridor_flow",
                "variant": "",
                "goods": "",
                "scenario": "trump-route",
                "year": 2035,
                "asset": "trump-route",
                "value": 6.0,
            }
        ]
    )
    return timeline_answer(
        case,
        scenarios=["trump-route", "consortium"],
        results=flow,
        model_draws=np.array([[5.0], [7.0]]),
        draws=20,
        paths=10,
        analogues=False,
    )


def test_rows_have_base_rates_and_no_decimals_for_collapse(answer: TimelineAnswer) -> None:
    """Convention C107: war and collapse are ranges in whole per cent, without a middle."""
    rows = timeline_rows(answer)
    assert not rows.duplicated(list(rows.columns[:9])).any()
    severe = rows[rows["indicator"] == "process_risk"]
    assert severe["value"].isna().all()
    assert (severe[["low", "high"]] % 5 == 0).all().all()
    assert (severe["unit"] == "%").all()
    assert not rows[rows["variant"].str.startswith("collapse") & (rows["indicator"] != "process_risk")].size
    chances = rows[rows["indicator"] == "process_chance"]
    base = rows[rows["indicator"] == "process_base_rate"].set_index(["variant", "year"]).index
    assert set(zip(chances["variant"], chances["year"], strict=True)) <= set(base)
    for _, path in chances.groupby(["asset", "variant"]):
        assert (np.diff(path.sort_values("year")["value"]) >= -1e-12).all()


def test_flow_is_weighted_by_the_chance_of_being_open(answer: TimelineAnswer) -> None:
    assert set(answer.flow) == {"with-us", "without-us"}  # the run has no consortium
    low, middle, high = answer.flow["with-us"]
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert high[0] < 1
    one = np.ones(1)
    open_now = opening_flow(
        np.ones((1, 3)), np.array([2034, 2035, 2036]), 4 * one, horizon=2035, growth=0.1 * one, ramp=one
    )
    np.testing.assert_allclose(open_now[0], [4 / 1.1, 4, 4.4])  # convention C108


def test_the_report_shows_a_fan_and_the_base_rate(answer: TimelineAnswer) -> None:
    section = timeline_section(timeline_rows(answer), {w.id: w.label for w in answer.worlds})
    assert section.tables[0].rows[-1][0] == "Base rate of the class"
    assert section.tables[0].rows[0][-1].endswith(" %")
    assert "." not in section.tables[0].rows[0][-1]
    assert "stroke-dasharray" in str(section.figures[0].svg)
    assert timeline_section(pd.DataFrame(columns=timeline_rows(answer).columns), {}) is None


def test_ranges_are_rounded_outwards() -> None:
    assert whole_percent(0.05, 0.30) == (5, 30)
    assert whole_percent(0.051, 0.301) == (5, 35)
    assert whole_percent(0.0, 1.0) == (0, 100)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('group = "ratify"', 'group = "ratifie"', "'ratifie' is not known"),
        ('requires = ["constitution"]', 'requires = ["konstitution"]', "'konstitution' is not known"),
        ("happened = true", 'happened = "yes"', "happened"),
        ('kind = "condition"', 'kind = "state"', "source and target"),
        ("until = 1979-03-26", "until = 1970-03-26", "lies before"),
    ],
)
def test_a_bad_process_says_where(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = (find_case("south-caucasus") / "process.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "process.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CaseError, match=says):
        read_process(tmp_path)


def test_unknown_worlds_are_refused(answer: TimelineAnswer) -> None:
    case = types.SimpleNamespace(
        folder=find_case("south-caucasus"),
        name="x",
        settings=types.SimpleNamespace(newest_evidence=DAY, horizon_year=2035),
    )
    with pytest.raises(UsageError, match="trump-rout"):
        timeline_answer(case, scenarios=["trump-rout"])
    with pytest.raises(UsageError, match="at least 20"):
        timeline_answer(case, draws=5)
