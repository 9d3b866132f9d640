"""Forecasts scored against climatology, no change and official plans; misses are kept (convention C127)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mackinder.case import Case
from mackinder.case.freezing import root_hash, verify
from mackinder.case.questionsdoc import Given, Question
from mackinder.evidence.scoring import Reliability, brier, crps, interval_score, log_score, reliability

__all__ = ["FORECASTERS", "ForecastScores", "questions_at", "score_forecasts"]

#: attribute of a question -> what it is called
FORECASTERS = {"forecast": "ours", "climatology": "climatology", "no_change": "no change", "plan": "official plan"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastScores:
    """Scores of resolved questions.

    Attributes
    ----------
    scores : DataFrame
        A row a question and forecaster: ``id, kind, forecaster, retrospective, given, low, high, outcome, brier, log,
        crps, interval_score, covered``; what does not apply is NaN. CRPS and interval score are over the size of the outcome.
    summary : DataFrame
        ``kind, score, forecaster, mean, questions, ours_there``: mean over the questions that the forecaster answers, and of ours
        on the same questions.
    bins : tuple of Reliability
        Of our chances.
    misses : DataFrame
        Our forecasts on the wrong side of even odds, or with the outcome outside of the interval.
    open, disputed : tuple of str
        Questions without an answer, and with one that sources dispute: not scored.
    root : str
        Hash over all frozen questions.
    """

    scores: pd.DataFrame
    summary: pd.DataFrame
    bins: tuple[Reliability, ...]
    misses: pd.DataFrame
    open: tuple[str, ...]
    disputed: tuple[str, ...]
    root: str


def questions_at(case: Case, questions: Sequence[Question]) -> tuple[Question, ...]:
    """Return the questions that were asked by the day of a vintage; what became known later leaves them open.

    Examples
    --------
    >>> from mackinder.case import read_case
    >>> from mackinder.case.questionsdoc import read_questions
    >>> from mackinder.scenario import read_vintage
    >>> case = read_case("south-caucasus")
    >>> asked = read_questions(case.folder).question
    >>> early = questions_at(read_vintage(case, "2025-08-31"), asked)
    >>> sum(q.answer is not None for q in early) < sum(q.answer is not None for q in asked)
    True
    """
    known, day = set(case.table("facts")["fact_id"]), case.settings.newest_evidence
    if all(
        q.answer is None or set(q.answer.facts) <= known for q in questions
    ):  # nothing is known later than this vintage
        return tuple(questions)
    return tuple(
        q if q.answer is None or set(q.answer.facts) <= known else q.model_copy(update={"answer": None})
        for q in questions
        if q.asked_on <= day
    )


def score_forecasts(questions: Sequence[Question], *, bins: int = 5) -> ForecastScores:
    """Score the answered questions.

    Raises
    ------
    CaseError
        If a frozen forecast was edited.

    Examples
    --------
    >>> from mackinder.case.locate import find_case
    >>> from mackinder.case.questionsdoc import read_questions
    >>> found = score_forecasts(read_questions(find_case("south-caucasus")).question)
    >>> len(found.open) >= 15
    True
    """
    verify(questions)
    rows = []
    for question in questions:
        answer = question.answer
        if answer is None or answer.value is None:
            continue
        for attribute, name in FORECASTERS.items():
            given = getattr(question, attribute)
            if given is not None:
                rows.append(_score(question, name, given, float(answer.value)))
    scores = pd.DataFrame(rows, columns=list(_COLUMNS))
    ours = scores[scores["forecaster"] == "ours"]
    chances = ours[ours["kind"] == "binary"]
    return ForecastScores(
        scores=scores,
        summary=_summary(scores),
        bins=reliability(list(chances["given"]), list(chances["outcome"]), bins=bins) if len(chances) else (),
        misses=ours[_missed(ours)].reset_index(drop=True),
        open=tuple(q.id for q in questions if q.answer is None),
        disputed=tuple(q.id for q in questions if q.answer is not None and q.answer.value is None),
        root=root_hash(questions),
    )


_COLUMNS = (
    "id", "kind", "forecaster", "retrospective", "given", "low", "high", "outcome", "brier", "log", "crps", "interval_score",
    "covered",
)  # fmt: skip


def _score(question: Question, name: str, given: Given, outcome: float) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(_COLUMNS, np.nan)
    row |= {
        "id": question.id, "kind": question.kind, "forecaster": name, "retrospective": question.retrospective,
        "outcome": outcome,
    }  # fmt: skip
    if given.chance is not None:
        return row | {
            "given": given.chance,
            "brier": brier(given.chance, outcome),
            "log": log_score(given.chance, outcome),
        }
    low, mode, high = (float(x) for x in (given.low, given.mode, given.high) if x is not None)
    size = abs(outcome) or 1.0
    return row | {
        "given": mode, "low": low, "high": high, "crps": crps(low, mode, high, outcome) / size,
        "interval_score": interval_score(low, high, outcome) / size, "covered": float(low <= outcome <= high),
    }  # fmt: skip


def _summary(scores: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for kind, measures in (("binary", ("brier", "log")), ("number", ("crps", "interval_score"))):
        here = scores[scores["kind"] == kind]
        ours = here[here["forecaster"] == "ours"].set_index("id")
        for measure in measures:
            for name in FORECASTERS.values():
                mine = here[here["forecaster"] == name]
                if len(mine):
                    rows.append(
                        (kind, measure, name, mine[measure].mean(), len(mine), ours.loc[mine["id"], measure].mean())
                    )
    return pd.DataFrame(rows, columns=["kind", "score", "forecaster", "mean", "questions", "ours_there"])


def _missed(ours: pd.DataFrame) -> pd.Series[bool]:
    wrong = (ours["given"] >= 0.5) != (ours["outcome"] == 1)
    return wrong.where(ours["kind"] == "binary", ours["covered"] == 0).astype(bool)
