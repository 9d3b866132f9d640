"""What a run adds to its results: the claims of the case's text judged on it, forecasts scored, history replayed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from mackinder.archive import Run, write_documents, write_table
from mackinder.case import Case, read_case
from mackinder.case.episodesdoc import read_episodes
from mackinder.case.questionsdoc import read_questions
from mackinder.ensemble import assess_claims
from mackinder.errors import MackinderError, RunError
from mackinder.evidence.backtests import replay_episodes
from mackinder.evidence.claims import claim_frame
from mackinder.evidence.forecasts import questions_at, score_forecasts
from mackinder.report.documents import DOCUMENTS
from mackinder.report.evidencedocs import EVIDENCE_SCHEMA, backtests_document, claims_document, forecasts_document

__all__ = ["EVIDENCE", "Evidence", "put_to_test", "write_evidence"]

Document = dict[str, Any]
#: file stem -> what is read of the case
EVIDENCE: Final[Mapping[str, str]] = {
    "claims": "claims.toml",
    "forecasts": "questions.toml",
    "backtests": "episodes",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What a case was put to.

    Attributes
    ----------
    documents : dict of str to dict
        File stem and document; one that could not be made says why instead of its rows.
    claims : DataFrame or None
        The form of ``claims.parquet``, columns `mackinder.evidence.claims.CLAIM_COLUMNS`.
    """

    documents: dict[str, Document]
    claims: pd.DataFrame | None


def put_to_test(
    run: Run, case: Case, names: Collection[str] = tuple(EVIDENCE), *, narrate: Callable[[str], None] | None = None
) -> Evidence:
    """Put a case to the test on a run: one document for each kind of evidence that the case has.

    Only what the vintage knows counts: an answer or an outcome that became known later is not shown (convention C167).

    Parameters
    ----------
    run : Run
    case : Case
        As run: the vintage, before scenarios.
    names : collection of str
        Which of `EVIDENCE`.
    narrate : callable, optional

    Examples
    --------
    >>> put_to_test(run, case).documents["claims"]  # doctest: +SKIP
    """
    say = narrate or (lambda _: None)
    claims: pd.DataFrame | None = None
    found: dict[str, Document] = {}
    for name, source in EVIDENCE.items():
        if name not in names or not (case.folder / source).exists():
            continue
        say(name)
        try:
            if name == "claims":
                results = assess_claims(case, runs=[run])
                then, newest = str(case.settings.article_date), str(case.settings.newest_evidence)
                found[name], claims = claims_document(results, then=then, newest=newest), claim_frame(results)
            else:
                found[name] = _MAKERS[name](run, case)
        except MackinderError as error:
            say(f"{name} left out: {error}")
            text = [f"Left out: {error}"]
            found[name] = {
                "schema": EVIDENCE_SCHEMA,
                "title": DOCUMENTS[name],
                "text": text,
                "columns": _NO_COLUMN,
                "rows": [],
            }
    return Evidence(documents={name: document for name, document in found.items() if document}, claims=claims)


def write_evidence(
    run: Run, case: Case, names: Collection[str], *, narrate: Callable[[str], None] | None = None
) -> tuple[str, ...]:
    """Put a case to the test and write what came of it into the folder of the run; return the names of the documents.

    What an earlier run wrote there is removed, also if there is nothing new.

    Raises
    ------
    RunError
        If the folder cannot be written.
    """
    if run.folder is None:
        msg = "the run has no folder: write it first with mackinder.archive.write_run"
        raise RunError(msg)
    found = put_to_test(run, case, names, narrate=narrate)
    write_documents(run.folder, found.documents, schema=EVIDENCE_SCHEMA)
    write_table(run.folder, "claims", found.claims)
    return tuple(found.documents)


_NO_COLUMN: Final = [{"key": "id", "label": "Id"}]


def _forecasts(run: Run, case: Case) -> Document:
    document = read_questions(Path(case.folder))
    questions = () if document is None else questions_at(case, document.question)
    return forecasts_document(questions, score_forecasts(questions)) if questions else {}


def _backtests(run: Run, case: Case) -> Document:
    known = set(case.table("facts")["fact_id"])
    episodes = [
        episode.model_copy(update={"outcome": tuple(o for o in episode.outcome if set(o.observed.facts) <= known)})
        for episode in read_episodes(Path(case.folder))
        if episode.event_on <= case.settings.newest_evidence
    ]
    episodes = [episode for episode in episodes if episode.outcome]
    if not episodes:
        return {}
    seed = int(run.manifest["seed"])
    return backtests_document(episodes, replay_episodes(read_case(str(case.folder)), episodes, seed=seed))


_MAKERS: Final = {"forecasts": _forecasts, "backtests": _backtests}
