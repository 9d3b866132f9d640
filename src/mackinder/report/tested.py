"""What a run adds to its results: the claims of the case's text judged on it, forecasts scored, history replayed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Final

from mackinder.archive import Run
from mackinder.case import Case, read_case
from mackinder.case.episodesdoc import read_episodes
from mackinder.case.questionsdoc import read_questions
from mackinder.ensemble import assess_claims
from mackinder.errors import MackinderError
from mackinder.evidence.backtests import replay_episodes
from mackinder.evidence.forecasts import questions_at, score_forecasts
from mackinder.report.documents import DOCUMENTS
from mackinder.report.evidencedocs import EVIDENCE_SCHEMA, backtests_document, claims_document, forecasts_document

__all__ = ["EVIDENCE", "evidence_documents"]

Document = dict[str, Any]
#: file stem -> what is read of the case
EVIDENCE: Final[Mapping[str, str]] = {
    "claims": "claims.toml",
    "forecasts": "questions.toml",
    "backtests": "episodes",
}


def evidence_documents(
    run: Run, case: Case, *, names: Collection[str] = tuple(EVIDENCE), narrate: Callable[[str], None] | None = None
) -> dict[str, Document]:
    """Put a case to the test on a run: one document for each kind of evidence that the case has.

    Only what the vintage knows counts: an answer or an outcome that became known later is not shown.

    Parameters
    ----------
    run : Run
    case : Case
        As run: the vintage, before scenarios.
    names : collection of str
        Which of `EVIDENCE`.
    narrate : callable, optional

    Returns
    -------
    dict of str to dict
        File stem and document; one that could not be made says why instead of its rows.

    Examples
    --------
    >>> evidence_documents(run, case)  # doctest: +SKIP
    """
    say = narrate or (lambda _: None)
    makers = {"claims": _claims, "forecasts": _forecasts, "backtests": _backtests}
    found: dict[str, Document] = {}
    for name, source in EVIDENCE.items():
        if name not in names or not (case.folder / source).exists():
            continue
        say(name)
        try:
            found[name] = makers[name](run, case)
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
    return {name: document for name, document in found.items() if document}


_NO_COLUMN: Final = [{"key": "id", "label": "Id"}]


def _claims(run: Run, case: Case) -> Document:
    settings = case.settings
    then, newest = str(settings.article_date), str(settings.newest_evidence)
    return claims_document(assess_claims(case, runs=[run]), then=then, newest=newest)


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
