"""What was put to the test, as documents of a run: the claims of the text, forecasts that were scored, history replayed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from mackinder.case.episodesdoc import Episode
from mackinder.case.questionsdoc import Question
from mackinder.evidence.backtests import Backtest
from mackinder.evidence.claims import ClaimResult
from mackinder.evidence.forecasts import ForecastScores
from mackinder.evidence.verdicts import VERDICTS, percent
from mackinder.report.estimate import Estimate
from mackinder.report.forecastpage import given_text, outcome_text
from mackinder.report.markdown import interval, number

__all__ = [
    "CLAIM_HEADS",
    "EVIDENCE_SCHEMA",
    "backtests_document",
    "claim_cells",
    "claims_document",
    "forecasts_document",
]

#: documents that `mackinder run` writes carry it, so that a later run may remove them
EVIDENCE_SCHEMA: Final = "mackinder.evidence/1"
CLAIM_HEADS: Final = (
    "Id", "Claim", "Verdict", "Then", "Number (90 % interval)", "Holds in", "Decided by", "What would change it",
)  # fmt: skip
_SCORES: Final = {"brier": "Brier score of chances", "crps": "CRPS of numbers, as part of the outcome"}


def _document(
    title: str, text: Sequence[str], heads: Sequence[str], rows: Any, filters: Sequence[str]
) -> dict[str, Any]:
    keys = [head.lower().replace(" ", "_") for head in heads]
    return {
        "schema": EVIDENCE_SCHEMA,
        "title": title,
        "text": list(text),
        "columns": [{"key": key, "label": head} for key, head in zip(keys, heads, strict=True)],
        "rows": [list(row) for row in rows],
        "filters": [head.lower().replace(" ", "_") for head in filters],
    }


def claim_cells(result: ClaimResult) -> tuple[str, ...]:
    """Set one claim as the cells of `CLAIM_HEADS`."""
    main = result.main
    told = ""
    if not math.isnan(main.value):
        told = Estimate(value=main.value, low=main.low, high=main.high, unit=main.unit, draws=0).text()
    share = "" if math.isnan(main.share) else percent(main.share)
    return (
        result.claim.id, result.claim.text, result.verdict, result.verdict_then, told, share, "; ".join(result.decided_by),
        result.claim.changes_if or "",
    )  # fmt: skip


def claims_document(results: Sequence[ClaimResult], *, then: str, newest: str) -> dict[str, Any]:
    """Set the claims of a text, judged on a run, as a document.

    Parameters
    ----------
    results : sequence of ClaimResult
    then, newest : str
        Day on which the text was written, and of the newest evidence.
    """
    counts = [f"{sum(r.verdict == verdict for r in results)} {verdict}" for verdict in VERDICTS]
    moved = [r.claim.id for r in results if r.verdict_then in VERDICTS and r.verdict_then != r.verdict]
    text = (
        f"{len(results)} claims of the text that this case examines, judged on the evidence of {newest}: {', '.join(counts)}.",
        f"“Then” is the verdict on the evidence of {then}, when the text was written"
        + (f"; it has changed for {', '.join(moved)}." if moved else "."),
        "“Holds in” is the share of draws in which the test holds: no probability that the claim is true. Facts are judged "
        "from their sources, independent origins counting once; what one reader judged decides nothing alone.",
    )
    rows = [(*claim_cells(r), r.claim.kind, "; ".join(r.sources)) for r in results]
    heads = (*CLAIM_HEADS, "Kind", "Sources")
    return _document("Claims and what the evidence says", text, heads, rows, ("Verdict", "Then", "Kind"))


def forecasts_document(questions: Sequence[Question], found: ForecastScores) -> dict[str, Any]:
    """Set dated questions and how their forecasts did as a document.

    Parameters
    ----------
    questions : sequence of Question
    found : ForecastScores
        Of the same questions.
    """
    past = sum(q.retrospective for q in questions)
    means = found.summary[found.summary["score"].isin(list(_SCORES))]
    told = [
        f"{_SCORES[str(score)]}: "
        + ", ".join(f"{r['forecaster']} {number(r['mean'])} (of {r['questions']})" for r in part.to_dict("records"))
        + "; lower is better."
        for score, part in means.groupby("score", sort=False)
    ]
    text = (
        f"{len(questions)} dated questions, {len(set(found.scores['id']))} of them scored, {len(found.disputed)} disputed and "
        f"{len(found.open)} open. {past} forecasts are retrospective: written when the answer was known, they are no "
        f"pre-registration. Frozen under the root hash {found.root[:16]}.",
        *told,
        f"Misses, on the wrong side of even odds or outside of the 90 % interval: {len(found.misses)}; they are kept.",
    )
    missed = set(found.misses["id"])
    heads = ("Id", "Question", "State", "Resolves on", "Ours", "Climatology", "No change", "Plan", "Came out", "Hit",
             "Retrospective", "Rule")  # fmt: skip
    rows = [
        (
            q.id, q.text, _state(q), str(q.resolves_on), given_text(q.forecast), given_text(q.climatology),
            given_text(q.no_change), given_text(q.plan), outcome_text(q),
            "" if _state(q) != "scored" else "missed" if q.id in missed else "hit",
            "yes" if q.retrospective else "no", q.rule,
        )
        for q in questions
    ]  # fmt: skip
    return _document("Forecasts and how earlier ones did", text, heads, rows, ("State", "Hit", "Retrospective"))


def backtests_document(episodes: Sequence[Episode], found: Backtest) -> dict[str, Any]:
    """Set history replayed from its eve as a document.

    Parameters
    ----------
    episodes : sequence of Episode
    found : Backtest
        Of the same episodes.
    """
    label = {f"{e.id}/{o.id}": (e.label, o.label, e.limits) for e in episodes for o in e.outcome}
    records: list[dict[str, Any]] = found.table.to_dict("records")  # type: ignore[assignment]
    made = [r for r in records if not math.isnan(r["crps"])]
    text = (
        f"{sum(r['covered'] == 'yes' for r in made)} of {len(made)} intervals hold what came, "
        f"{sum(r['beats_no_change'] == 'yes' for r in made)} beat no change by CRPS (a loss in the unit of the outcome); "
        f"{len(records) - len(made)} refused. So few outcomes, of few kinds, prove little.",
        "Mechanisms of the model are replayed, not the whole network. Every fact of an input was known on the eve; judged "
        "inputs were judged now, and hindsight cannot be kept out of them.",
    )
    heads = ("Episode", "Outcome", "Eve", "Predicted on the eve", "Came", "Unit", "Covered", "CRPS", "CRPS of no change",
             "CRPS of the plan", "Limits")  # fmt: skip
    rows = [_replayed(r, label[f"{r['episode']}/{r['outcome']}"]) for r in records]
    return _document("History replayed from its eve", text, heads, rows, ("Covered",))


def _replayed(row: Mapping[str, Any], label: tuple[str, str, str]) -> tuple[str, ...]:
    refused = bool(row["refused"])
    return (
        label[0], label[1], str(row["eve"]),
        f"refused: {row['refused']}" if refused else interval(row["value"], row["low"], row["high"]),
        number(row["observed"]), row["unit"], "" if refused else row["covered"],
        *("" if math.isnan(row[n]) else number(row[n]) for n in ("crps", "crps_no_change", "crps_plan")), label[2],
    )  # fmt: skip


def _state(q: Question) -> str:
    if q.answer is None:
        return "open"
    return "disputed" if q.answer.value is None else "scored"
