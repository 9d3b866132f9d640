"""What this cannot tell you: the same page in every report, with what the case itself says about its evidence (C132)."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from mackinder.case import Case
from mackinder.case.claimsdoc import read_claims
from mackinder.case.questionsdoc import read_questions
from mackinder.case.schema import table_schema
from mackinder.scenario.knowledge import rows_in_hindsight

__all__ = ["Limit", "cannot_tell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One thing that cannot be told.

    Attributes
    ----------
    question : str
        What a reader might ask.
    answer : str
        Why there is no answer, with numbers of the case where it has some.
    """

    question: str
    answer: str


def cannot_tell(case: Case, reality: pd.DataFrame | None = None) -> tuple[Limit, ...]:
    """Return what neither the case nor the models can tell.

    Parameters
    ----------
    case : Case
        A vintage.
    reality : DataFrame, optional
        Table of `compare_with_reality`: adds how many modelled figures missed what was observed.

    Returns
    -------
    tuple of Limit

    Examples
    --------
    >>> from mackinder.case import read_case
    >>> cannot_tell(read_case("south-caucasus"))[0].question
    'Who will win?'
    """
    settings = case.settings
    rows = [
        Limit(
            question="Who will win?",
            answer="Nothing here says what anyone will do or should want. Exposure, leverage, power and ties are capacities; "
            "what was done when it counted stands in the episodes, which were found and not sampled. The word influence is "
            "kept for them.",
        ),
        Limit(
            question="Will there be war, and when will it come?",
            answer="War and collapse are given as ranges from classes of few and chosen cases. They are no warning and no "
            "reassurance; a range that begins at nothing does not say that nothing will happen.",
        ),
        Limit(
            question="How likely is it that a claim is true?",
            answer="A share of draws says how often a statement holds when uncertain numbers are drawn from their intervals. It "
            "says nothing of what is wrong in the same way in all draws: the routes, the rules of choice, the sources."
            + _claims(case),
        ),
        Limit(question="How good are the numbers?", answer=_evidence(case)),
        Limit(question="Has it been right before?", answer=_record(case, reality)),
        Limit(
            question=f"What happens between {settings.base_year} and {settings.horizon_year}, or after?",
            answer="Two years are solved, each as it stands on 1 July; growth is a rate, firms that would be born of a route are "
            "not there, and nobody learns. Ties and the process alone have yearly paths.",
        ),
        Limit(
            question="What happens to people, towns and firms?",
            answer="Freight of countries and zones is modelled, no passengers, households or places. A gain of a country is "
            "not a gain of everybody in it. Illicit trade, gold and gems, and arms are not on the network.",
        ),
        Limit(
            question="Which bridge, station or day would hurt most?",
            answer="Not computed and not wanted: coercion is shown at the level of countries, with cushions and what would "
            "mitigate it.",
        ),
        Limit(
            question="Whose ground is it?",
            answer=f"No view of status is implied. {' '.join(settings.boundaries_note.split())}",
        ),
        Limit(
            question="Who has checked this?",
            answer="Nobody outside of the project has reviewed the case, from either side. One reader coded positions, "
            f"saliences and stakes. The newest evidence is of {settings.newest_evidence}; what came later is not in it.",
        ),
    ]  # fmt: skip
    return tuple(rows)


def _evidence(case: Case) -> str:
    facts, sources = case.table("facts"), case.table("sources").set_index("source_id")
    graded: dict[str, int] = {}
    judged = total = 0
    for name, frame in case.tables.items():
        if table_schema(name).has("basis"):
            judged += int((frame["basis"] == "estimate").sum())
            total += len(frame)
    for level in facts["confidence"]:
        graded[str(level)] = graded.get(str(level), 0) + 1
    groups = facts["source"].map(sources["independence_group"]).nunique()
    clash = int((facts["conflicts_with"] != "").sum())
    late = sum(len(ids) for ids in rows_in_hindsight(case).values())
    text = (
        f"{len(facts):,} facts from {len(sources):,} sources of {groups:,} independent origins, mostly public pages read once; "
        f"{graded.get('low', 0)} are of low confidence and {clash} are contradicted by another. {judged:,} of {total:,} rows "
        f"of the tables ({judged / max(total, 1):.0%}) are judged and not cited: their grounds say on what."
    )
    return text + (f" At this vintage {late:,} rows rest on evidence that came later." if late else "")


def _claims(case: Case) -> str:
    document = read_claims(case.folder)
    if document is None:
        return ""
    bare = sum(1 for c in document.claim if all(t.kind == "untestable" for t in c.test))
    return f" Of {len(document.claim)} claims of the text {bare} cannot be tested at all, and say why."


def _record(case: Case, reality: pd.DataFrame | None) -> str:
    parts = []
    if reality is not None and len(reality):
        counts = {str(k): int(v) for k, v in reality["verdict"].value_counts().items()}
        parts.append(
            f"Of {len(reality)} observed figures {counts.get('inside', 0)} are met, {counts.get('near', 0)} nearly and "
            f"{counts.get('off', 0)} missed."
        )
    document = read_questions(case.folder)
    if document is not None:
        past = sum(q.retrospective for q in document.question)
        waiting = sum(q.answer is None for q in document.question)
        parts.append(
            f"Of {len(document.question)} forecasts {past} were written after the answer and prove nothing; {waiting} wait for "
            "theirs. Until they are scored this is an analysis of scenarios and no forecast."
        )
    return " ".join(parts) or "No record is kept in this case: it has neither observed figures nor dated questions."
