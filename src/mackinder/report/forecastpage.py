"""The page of forecasts: scores, reliability, misses, open questions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from mackinder.report.figure import Figure, svg_root
from mackinder.report.markdown import NOTICE, interval, number, table
from mackinder.report.markup import el
from mackinder.report.style import GAIN, MUTED

if TYPE_CHECKING:
    from mackinder.case.questionsdoc import Given, Question
    from mackinder.evidence.forecasts import ForecastScores
    from mackinder.evidence.scoring import Reliability

__all__ = ["forecast_page", "given_text", "outcome_text", "reliability_chart"]

_SCORES: Final = {
    "brier": "Brier score (0 best, 0.25 for even odds)", "log": "logarithmic score (0 best, 0.69 for even odds)",
    "crps": "CRPS, part of the outcome", "interval_score": "interval score at 90 %, part of the outcome",
}  # fmt: skip
_SIZE, _LEFT, _TOP, _SIDE = (520.0, 470.0), 60.0, 30.0, 380.0


def reliability_chart(figure_id: str, bins: Sequence[Reliability], *, title: str, source: str) -> Figure:
    """Draw what came true against the chance given; bars are 90 % intervals, the diagonal is a perfect forecaster.

    Examples
    --------
    >>> from mackinder.evidence.scoring import reliability
    >>> figure = reliability_chart("r", reliability([0.1, 0.9], [0, 1]), title="Reliability", source="here")
    >>> "perfect" in str(figure.svg)
    True
    """

    def x(chance: float) -> float:
        return _LEFT + _SIDE * chance

    def y(share: float) -> float:
        return _TOP + _SIDE * (1.0 - share)

    parts = []
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(el("path", d=f"M{_LEFT:g} {y(mark):.1f}H{_LEFT + _SIDE:g}", stroke="#dde1e6"))
        parts.append(el("text", f"{mark:.0%}", x=_LEFT - 8, y=f"{y(mark) + 4:.1f}", text_anchor="end", fill=MUTED))
        parts.append(
            el("text", f"{mark:.0%}", x=f"{x(mark):.1f}", y=_TOP + _SIDE + 18, text_anchor="middle", fill=MUTED)
        )
    diagonal = f"M{x(0):.1f} {y(0):.1f}L{x(1):.1f} {y(1):.1f}"
    parts.append(el("path", el("title", "perfect"), d=diagonal, stroke=MUTED, stroke_dasharray="6 4", fill="none"))
    told = []
    for b in bins:
        if not b.count:
            continue
        at = x(b.chance)
        words = f"{b.chance:.0%} given, {b.frequency:.0%} came true, {b.count} questions"
        told.append(words)
        bar = f"M{at:.1f} {y(b.frequency_low):.1f}V{y(b.frequency_high):.1f}"
        parts.append(el("path", d=bar, stroke=GAIN, stroke_width=2))
        parts.append(el("circle", el("title", words), cx=f"{at:.1f}", cy=f"{y(b.frequency):.1f}", r=5, fill=GAIN))
        parts.append(el("text", str(b.count), x=f"{at + 9:.1f}", y=f"{y(b.frequency) + 4:.1f}", fill=MUTED))
    parts.append(el("text", "chance given", x=_LEFT + _SIDE / 2, y=_TOP + _SIDE + 40, text_anchor="middle"))
    parts.append(el("text", "came true", x=_LEFT, y=_TOP - 12, text_anchor="start"))
    description = f"{title}: {'; '.join(told) or 'no question is resolved'}."
    return Figure(
        figure_id=figure_id, title=title, unit="share of questions", source=source,
        interval="Bars: 90 % interval of the share (Jeffreys); numbers: questions in the bin.", description=description,
        svg=svg_root(figure_id, title, description, _SIZE, *parts),
    )  # fmt: skip


def forecast_page(questions: Sequence[Question], found: ForecastScores, *, chart: str) -> str:
    """Write the page.

    Parameters
    ----------
    questions : sequence of Question
    found : ForecastScores
        Of the same questions.
    chart : str
        Path of the reliability diagram, from the page.

    Returns
    -------
    str
        Markdown; equal for equal inputs.
    """
    scored = sorted(set(found.scores["id"]))
    past = [q for q in questions if q.retrospective]
    by_id = {q.id: q for q in questions}
    parts = [
        NOTICE,
        "# Forecasts: asked, frozen, scored",
        f"{len(questions)} dated questions: {len(scored)} resolved and scored, {len(found.disputed)} disputed (both readings "
        f"kept, not scored), {len(found.open)} open. **{len(past)} forecasts are retrospective: they were written after the "
        "answer was known and are no pre-registration**, however good their score. Chances follow one rule that was fixed before "
        "scoring (a third of the way from the class of such events to what officials had announced); but one person who knew "
        "the answers chose the questions, the classes and the ranges of numbers, so hindsight is in them. The open ones were "
        "frozen before they resolve: those will count.",
        f"Frozen under the root hash `{found.root}` (SHA-256 over the hashes of all questions, sorted by id). An edit of a "
        "question or of a forecast is an error of `mackinder check` (MK175) and of `mackinder forecasts`.",
        "## Scores",
        "Lower is better. Official plans exist for some questions only; our mean over the same questions stands beside "
        "each. A mean over few questions of one region and one year is weak evidence: they hang together.",
        table(
            ["score", "forecaster", "mean", "questions", "ours on the same", "ours better"],
            [
                [
                    _SCORES[row["score"]], row["forecaster"], number(row["mean"]), row["questions"], number(row["ours_there"]),
                    "" if row["forecaster"] == "ours" else "yes" if row["ours_there"] < row["mean"] else "no",
                ]
                for row in found.summary.to_dict("records")
            ],
        ),
        "## Reliability",
        f"![Reliability diagram: share that came true against chance given]({chart})",
        table(
            ["chances", "questions", "mean chance", "came true", "90 % interval"],
            [
                [f"{b.low:.0%} to {b.high:.0%}", b.count, _percent(b.chance), _percent(b.frequency),
                 f"{_percent(b.frequency_low)} to {_percent(b.frequency_high)}" if b.count else ""]
                for b in found.bins
            ],
        ),
        "## Misses",
        f"{len(found.misses)} of {len(scored)}: on the wrong side of even odds, or outside of the 90 % interval.",
        table(
            ["id", "question", "ours", "came out", "facts"],
            [
                [m["id"], by_id[m["id"]].text, given_text(by_id[m["id"]].forecast), outcome_text(by_id[m["id"]]),
                 ", ".join(_facts(by_id[m["id"]]))]
                for m in found.misses.to_dict("records")
            ],
        ),
        "## Open",
        table(
            ["id", "question", "resolves on", "rule", "ours", "climatology", "no change", "plan", "hash"],
            [_open(by_id[name]) for name in found.open],
        ),
        "## Resolved",
        table(
            ["id", "question", "asked", "resolved by", "ours", "climatology", "no change", "plan", "came out", "facts"],
            [
                [q.id, q.text, q.asked_on, q.resolves_on, *_all(q), outcome_text(q), ", ".join(_facts(q))]
                for q in questions
                if q.answer is not None
            ],
        ),
    ]  # fmt: skip
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _percent(share: float) -> str:
    return "" if math.isnan(share) else f"{share:.0%}"


def given_text(given: Given | None) -> str:
    """Write a forecast: a chance, or a number with its interval; nothing where there is none."""
    if given is None:
        return ""
    if given.chance is not None:
        return f"{given.chance:.0%}"
    low, mode, high = (float(x) for x in (given.low, given.mode, given.high) if x is not None)
    return number(mode) if low == high else interval(mode, low, high)


def _all(q: Question) -> list[str]:
    return [given_text(q.forecast), given_text(q.climatology), given_text(q.no_change), given_text(q.plan)]


def _open(q: Question) -> list[object]:
    return [q.id, q.text, q.resolves_on, q.rule, *_all(q), f"`{q.frozen[:12]}`"]


def outcome_text(q: Question) -> str:
    """Write how a question came out; nothing while it is open."""
    if q.answer is None:
        return ""
    if q.answer.value is None:
        return f"disputed: {q.answer.disputed}"
    return ("yes" if q.answer.value else "no") if q.kind == "binary" else f"{number(float(q.answer.value))} {q.unit}"


def _facts(q: Question) -> tuple[str, ...]:
    return () if q.answer is None else q.answer.facts
