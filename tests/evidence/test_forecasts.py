"""Frozen forecasts, scores, back-tests, ledger, limits (conventions C126 to C132)."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from mackinder.case import Case, check, read_case
from mackinder.case.episodesdoc import read_episodes
from mackinder.case.freezing import freeze, root_hash, verify
from mackinder.case.questionsdoc import Questions, read_questions
from mackinder.errors import CaseError, CheckError, UsageError
from mackinder.evidence.backtests import replay_episodes
from mackinder.evidence.cannot import cannot_tell
from mackinder.evidence.changelog import change_log
from mackinder.evidence.forecasts import score_forecasts
from mackinder.evidence.ledger import ledger, without_fact
from mackinder.evidence.scoring import brier, crps, interval_score, log_score
from mackinder.scenario import read_vintage

#: quoted here too, so that text and hash cannot be changed together unseen
ROOT = "12858e43d9abf56fda5e6faea220cc9ed9712f480bc885240c94813e6582ddca"


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case("south-caucasus")


@pytest.fixture(scope="module")
def questions(case: Case) -> Questions:
    found = read_questions(case.folder)
    assert found is not None
    return found


def test_an_edited_forecast_is_found(questions: Questions) -> None:
    """A changed chance is an error that names the question; the answer may still come in (convention C126)."""
    verify(questions.question)
    assert root_hash(questions.question) == ROOT
    first = questions.question[0]
    assert freeze(first.model_copy(update={"answer": None})) == first.frozen
    changed = first.model_copy(update={"forecast": first.forecast.model_copy(update={"chance": 0.99})})
    with pytest.raises(CaseError, match=f"{first.id}: frozen as"):
        verify([changed])


def test_enough_questions_and_retrospective_ones_say_so(questions: Questions) -> None:
    """25 resolved and 15 open; what was frozen after the answer is retrospective (convention C126)."""
    found = score_forecasts(questions.question)
    assert len(set(found.scores["id"])) >= 25
    assert len(found.open) >= 15
    assert all(q.retrospective for q in questions.question if q.answer is not None)
    assert not any(q.retrospective for q in questions.question if q.answer is None)
    assert found.disputed == ("Q06",)


def test_scores_against_closed_forms() -> None:
    """Brier and log by hand; CRPS of a normal against its integral; interval score by hand (convention C127)."""
    assert brier(0.3, 0) == pytest.approx(0.09)
    assert log_score(0.0, 1) == pytest.approx(-math.log(0.01))
    z = norm.ppf(0.95)
    law = norm(0.0, 2.0 / z)  # linear halves: low -2, mode 0, high 2 is this normal
    left, right = quad(lambda x: law.cdf(x) ** 2, -12, 1.5)[0], quad(lambda x: law.sf(x) ** 2, 1.5, 12)[0]
    assert crps(-2.0, 0.0, 2.0, 1.5) == pytest.approx(left + right, rel=2e-3)  # 2,000 strata
    assert interval_score(1, 3, 0) == pytest.approx(2 + 20)


def test_later_evidence_is_refused(case: Case) -> None:
    """The eve of an episode brought forward: its facts are then of the future (convention C129)."""
    middle = next(e for e in read_episodes(case.folder) if e.id == "middle-corridor")
    found = replay_episodes(case, [middle])
    for proof in found.manifest["outcomes"].values():
        assert proof["newest_input"] <= proof["eve"]
    outcome = middle.outcome[1].model_copy(update={"eve": middle.outcome[0].eve})
    with pytest.raises(CaseError, match=r"volume-2023: .*BT002, known on 2023-05-23, after the eve 2022-02-23"):
        replay_episodes(case, [middle.model_copy(update={"outcome": (outcome,)})])


def test_replays_by_hand(case: Case) -> None:
    """Medians from the formulas at central inputs (convention C130)."""
    table = replay_episodes(case, read_episodes(case.folder)).table.set_index(["episode", "outcome"])
    trend = table.loc[("middle-corridor", "volume-2023")]
    assert trend["value"] == pytest.approx(1.5 * 2.5**0.5, rel=0.05)  # sampling of 2,000 draws
    w = math.exp(-0.03 * 40)
    pivot = table.loc[("northern-corridor-2022", "transit-2022")]
    assert pivot["value"] == pytest.approx(546.9 * w / (0.05 * w + 0.95), rel=0.3)  # skewed product of two lognormals
    assert math.isnan(table.loc[("middle-corridor", "volume-2022"), "crps"])
    assert table.loc[("btk-2017", "volume-2022"), "covered"] == "no"  # a miss, and it stays


def test_ledger_and_deleted_facts(case: Case) -> None:
    """Direct rows carry their facts; a fact among others widens, a lonely one is refused (convention C131)."""
    found = ledger(case, {"indicator": "ties_capacity", "actor": "RUS", "target": "ARM"})
    assert set(found.loc[found["role"] == "direct", "table"]) == {"ties", "reexports"}
    flows = ledger(case, {"indicator": "corridor_flow", "asset": "btk", "scenario": "trump-route"})
    assert "kartsakhi-canbaz-tr-rail" in set(flows["id"])
    assert (flows["role"] == "scenario").any()
    with pytest.raises(UsageError, match="did you mean 'btk'"):
        ledger(case, {"indicator": "corridor_flow", "asset": "btkk"})
    goods = case.table("goods").set_index("goods_id").loc["agri_food"]
    fact = goods["facts"].split(";")[0]
    n = len(goods["facts"].split(";"))
    wide = without_fact(case, fact, refuse=False).table("goods").set_index("goods_id").loc["agri_food"]
    ratio = np.log(wide["value_usd_per_t_high"] / wide["value_usd_per_t_mode"])
    assert ratio == pytest.approx(
        np.sqrt(n / (n - 1)) * np.log(goods["value_usd_per_t_high"] / goods["value_usd_per_t_mode"])
    )
    lonely = case.table("levers").loc[lambda t: ~t["facts"].str.contains(";") & (t["facts"] != ""), "facts"].iloc[0]
    with pytest.raises(CheckError, match=lonely):
        without_fact(case, lonely)


def test_change_log_follows_events(case: Case) -> None:
    """The lifting of the transit ban is told with its source, and restrictions fall (convention C128)."""
    first, log, last = change_log(read_vintage(case), days=["2025-11-05"])
    assert [entry.day for entry in log] == ["2025-11-05"]
    assert any("transit" in event.label for event in log[0].events)
    assert log[0].sources
    before, after = ({h.id: h.value for h in side} for side in (first, last))
    assert after["restrictions"] != before["restrictions"]


def test_limits_are_of_the_case(case: Case, starter: Case) -> None:
    """The page counts what the case holds (convention C132)."""
    text = " ".join(item.answer for item in cannot_tell(case))
    assert f"{len(case.table('facts')):,} facts" in text
    assert "neither observed figures nor dated questions" in " ".join(item.answer for item in cannot_tell(starter))


def test_checks_of_documents(starter: Case, tmp_path: Path) -> None:
    """A question that names no fact of the case is found, as is one whose text is not what was frozen (MK170 to MK173, MK175)."""
    import shutil

    folder = tmp_path / "three"
    shutil.copytree(starter.folder, folder)
    given = '{ chance = 0.5, ground = "g", facts = ["NOPE"] }'
    (folder / "questions.toml").write_text(
        '[[question]]\nid = "q"\ntext = "t"\nkind = "binary"\nasked_on = 2026-01-01\nresolves_on = 2027-01-01\nrule = "r"\n'
        f'source = "s"\nclimatology = {given}\nno_change = {given}\nforecast = {given}\nfrozen_on = 2026-01-02\nfrozen = "x"\n'
    )
    assert {"MK171", "MK175"} <= {finding.code for finding in check(folder)}
    (folder / "questions.toml").write_text('[[question]]\nid = "q"\n')
    fact, source = starter.table("facts").iloc[0][["fact_id", "source"]]
    group = starter.table("sources").set_index("source_id").loc[source, "independence_group"]
    (folder / "claims.toml").write_text(
        f'[article]\ntitle = "T"\nauthor = "A"\npublisher = "P"\npublished_on = 2025-01-01\nindependence_group = "{group}"\n'
        '[[claim]]\nid = "c"\ntext = "t"\nplace = "p"\nkind = "fact"\ntest = [\n'
        f'{{ kind = "sources", supports = ["{fact}"] }},\n'
        '{ kind = "count", table = "tables", where = { x = "y" }, operator = ">", value = 0 },\n]\n'
    )
    assert {"MK172", "MK173"} <= {finding.code for finding in check(folder)}
    assert "MK170" in {finding.code for finding in check(folder)}
