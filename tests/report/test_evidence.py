"""Evidence in the run: claims, forecasts and back-tests as documents beside the tables, as known at the vintage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from mackinder.archive import write_documents, write_run
from mackinder.case import Case, read_case
from mackinder.case.questionsdoc import read_questions
from mackinder.cli import app
from mackinder.ensemble import assess_claims, run
from mackinder.errors import RunError
from mackinder.evidence.claims import CLAIM_COLUMNS
from mackinder.evidence.forecasts import questions_at, score_forecasts
from mackinder.report import report_of_run
from mackinder.report.documents import read_documents
from mackinder.report.evidencedocs import EVIDENCE_SCHEMA, forecasts_document
from mackinder.report.tested import EVIDENCE, put_to_test, write_evidence
from mackinder.scenario import read_vintage


@pytest.fixture(scope="module")
def packaged() -> Case:
    return read_case("south-caucasus")


@pytest.fixture(scope="module")
def done(starter: Any) -> Any:
    return run(starter, None, draws=20, threads=1, model="routes")


def cells(document: dict[str, Any], key: str) -> list[str]:
    at = [column["key"] for column in document["columns"]].index(key)
    return [row[at] for row in document["rows"]]


def test_claims_of_the_run_are_those_of_the_command(starter, done):
    """Convention C167."""
    document = put_to_test(done, starter).documents["claims"]
    own = assess_claims(starter, runs=[done])
    assert cells(document, "id") == [r.claim.id for r in own]
    assert cells(document, "verdict") == [r.verdict for r in own]
    assert all(cells(document, "decided_by"))
    assert f"{len(own)} claims" in document["text"][0]


def test_a_report_shows_them_and_a_later_run_removes_them(starter, done, tmp_path):
    written = write_run(done, tmp_path)
    assert write_evidence(written, starter, EVIDENCE) == ("claims",)
    table = pd.read_parquet(tmp_path / "claims.parquet")
    assert tuple(table.columns) == CLAIM_COLUMNS
    assert list(table["id"]) == [r.claim.id for r in assess_claims(starter, runs=[done])]
    (tmp_path / "levers.json").write_text(json.dumps({"schema": "mine/1", "rows_": [{"lever": "own"}]}))
    _, report = report_of_run(written, starter, tmp_path / "report.html")
    page = report.read_text(encoding="utf-8")
    assert 'id="doc-claims"' in page
    assert "Claims and what the evidence says" in page
    assert write_evidence(written, starter, ()) == ()
    assert not (tmp_path / "claims.parquet").exists()
    assert [d.document_id for d in read_documents(tmp_path)] == ["levers"], "what somebody else wrote stays"
    assert not list(tmp_path.glob(".*part"))


def test_a_mistake_in_the_claims_is_told_in_their_place(starter, done, tmp_path):
    import dataclasses
    import shutil

    folder = tmp_path / "copy"
    shutil.copytree(starter.folder, folder)
    claims = folder / "claims.toml"
    claims.write_text(claims.read_text(encoding="utf-8") + "\nnonsense = 1\n", encoding="utf-8")
    said: list[str] = []
    found = put_to_test(done, dataclasses.replace(starter, folder=folder), narrate=said.append).documents["claims"]
    assert found["rows"] == []
    assert "nonsense" in found["text"][0]
    assert any("left out" in line for line in said)
    write_documents(tmp_path, {"claims": found}, schema=EVIDENCE_SCHEMA)
    assert read_documents(tmp_path)[0].rows == ()


def test_forecasts_show_only_what_the_vintage_knows(packaged):
    asked = read_questions(packaged.folder).question
    early = read_vintage(packaged, "2025-10-31")
    then = questions_at(early, asked)
    known = set(early.table("facts")["fact_id"])
    assert all(q.asked_on.isoformat() <= "2025-10-31" for q in then)
    assert all(set(q.answer.facts) <= known for q in then if q.answer is not None)
    assert 0 < len(then) < len(asked)
    assert questions_at(read_vintage(packaged, None), asked) == tuple(asked)
    document = forecasts_document(then, score_forecasts(then))
    states = dict(zip(cells(document, "id"), cells(document, "state"), strict=True))
    assert {name for name, state in states.items() if state == "open"} == {q.id for q in then if q.answer is None}
    now = forecasts_document(asked, score_forecasts(asked))
    missed = {m for m, hit in zip(cells(now, "id"), cells(now, "hit"), strict=True) if hit == "missed"}
    assert missed == set(score_forecasts(asked).misses["id"])


def test_replays_of_later_events_are_not_in_an_early_vintage(packaged, done):
    class Known:
        manifest = done.manifest | {"case": packaged.name, "seed": 0}

    from mackinder.report.tested import _backtests

    now, then = (_backtests(Known, read_vintage(packaged, day)) for day in (None, "2025-09-01"))  # type: ignore[arg-type]
    late = {"Azerbaijan stops trucks at the Iranian border", "Poland shuts its border with Belarus"}
    assert late <= set(cells(now, "episode"))
    assert not late & set(cells(then, "episode"))
    own = json.loads(CliRunner().invoke(app, ["backtests", "--json"]).stdout)["rows"]
    assert len(own) == len(now["rows"])


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path):
    with pytest.raises(RunError, match="cannot be written"):
        write_documents(tmp_path / "none", {"claims": {"schema": "x"}}, schema="x")
