"""Claims of a text put to the test: facts from their sources, arithmetic by the program, the rest by the models (C123)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from mackinder.case import Case
from mackinder.case.claimsdoc import Claim, Claims, Test
from mackinder.evidence.claimcounts import judge_count, judge_rank
from mackinder.evidence.claimfacts import Evidence, judge_number, judge_sources
from mackinder.evidence.claimrows import RowBook, judge_rows
from mackinder.evidence.claimstated import Contradiction, contradictions, judge_stated
from mackinder.evidence.claimties import TiesBook
from mackinder.evidence.verdicts import UNTESTABLE, Finding, combine

__all__ = ["CLAIM_COLUMNS", "ClaimResult", "claim_frame", "judge_claims"]

CLAIM_COLUMNS = (
    "id", "claim", "place", "kind", "verdict", "value", "low", "high", "unit", "share_of_draws", "variants_agreeing",
    "variants", "deciding", "flags", "facts", "sources", "reason", "changes_if", "verdict_then", "left_out", "needs_run",
)  # fmt: skip


#: inputs named of those that decide a claim
_NAMED = 2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ClaimResult:
    """A claim and what was found.

    Attributes
    ----------
    claim : Claim
    verdict : str
        ``supported``, ``contradicted``, ``depends`` or ``not testable``.
    findings : tuple of Finding
        One a test, in order.
    sources : tuple of str
        ``publisher, date`` of the facts used.
    verdict_then : str
        The verdict at the first vintage; empty if it was not asked for.
    """

    claim: Claim
    verdict: str
    findings: tuple[Finding, ...]
    sources: tuple[str, ...]
    verdict_then: str = ""

    @property
    def main(self) -> Finding:
        """The finding whose number is shown: the first that decided, else the first with a number; the text's own last."""
        numbers = sorted((f for f in self.findings if not np.isnan(f.value)), key=lambda f: f.kind == "stated")
        deciding = [f for f in numbers if f.verdict == self.verdict]
        return (deciding or numbers or list(self.findings))[0]

    @property
    def left_out(self) -> tuple[str, ...]:
        """Why some tests were not made, where others were: the verdict rests on these others alone."""
        left = [finding.reason for finding in self.findings if finding.verdict == UNTESTABLE]
        return tuple(dict.fromkeys(left)) if len(left) < len(self.findings) else ()

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Scenarios that a run must hold for the tests that were not made for want of one."""
        return self.of("scenarios")

    @property
    def decided_by(self) -> tuple[str, ...]:
        """What decides, the first few; else why the verdict is what it is; and what was left out."""
        if self.verdict == UNTESTABLE and self.scenarios:
            return (self.main.reason,)
        flags = (flag for flag in self.of("flags") if not flag.startswith(("not compared", "internal")))
        named = tuple(dict.fromkeys((*self.of("deciding"), *flags)))[:_NAMED]
        return (*(named or (self.main.reason,)), *(f"left out: {why}" for why in self.left_out))

    def of(self, name: str) -> tuple[str, ...]:
        """Collect the facts, flags or deciding inputs of all findings, each once."""
        return tuple(dict.fromkeys(item for finding in self.findings for item in getattr(finding, name)))


def judge_claims(
    case: Case, document: Claims, book: RowBook | None = None, *, draws: int = 200, seed: int = 0
) -> tuple[ClaimResult, ...]:
    """Judge every claim of a document on a vintage of a case.

    Parameters
    ----------
    case : Case
        A vintage: facts that were not known on its day do not count.
    document : Claims
    book : RowBook, optional
        Results that claims about the model ask; without any such claims are not testable, and say so.
    draws, seed : int
        Of ties.

    Returns
    -------
    tuple of ClaimResult
        In the order of the document.
    """
    evidence = Evidence.of(case, document.article.independence_group)
    clashes = contradictions(document)
    book, ties = book or RowBook(), TiesBook(case, document, draws, seed)
    out = []
    for claim in document.claim:
        findings = tuple(_find(claim, test, case, evidence, clashes, book, ties) for test in claim.test)
        verdict = combine([finding.verdict for finding in findings], claim.combine)
        facts = dict.fromkeys(fact for finding in findings for fact in finding.facts)
        named = evidence.facts.loc[list(facts)]
        labels = [f"{p}, {d}" if d else str(p) for p, d in zip(named["publisher"], named["published_on"], strict=True)]
        out.append(ClaimResult(claim=claim, verdict=verdict, findings=findings, sources=tuple(dict.fromkeys(labels))))
    return tuple(out)


def _find(
    claim: Claim,
    test: Test,
    case: Case,
    evidence: Evidence,
    clashes: Sequence[Contradiction],
    book: RowBook,
    ties: TiesBook,
) -> Finding:
    if test.kind == "number":
        return judge_number(claim, test, evidence)
    if test.kind == "sources":
        return judge_sources(test, evidence)
    if test.kind == "stated":
        return judge_stated(claim, clashes)
    if test.kind == "rows":
        return judge_rows(test, book)
    if test.kind == "count":
        return judge_count(test, case)
    if test.kind == "rank":
        return judge_rank(test, case)
    if test.kind == "ties":
        return ties.judge(test)
    return Finding(verdict=UNTESTABLE, kind="untestable", reason=test.why)


def claim_frame(results: Iterable[ClaimResult]) -> pd.DataFrame:
    """Return one row a claim with the columns `CLAIM_COLUMNS`; lists are joined by ``;``. The form of ``claims.parquet``."""
    rows = []
    for item in results:
        main = item.main
        models = {k: v for f in item.findings for k, v in f.variants.items()}
        agreeing = sum(1 for v in models.values() if v == item.verdict)
        reasons = " / ".join(f.reason for f in item.findings if f.reason)
        rows.append(
            (
                item.claim.id, item.claim.text, item.claim.place, item.claim.kind, item.verdict, main.value, main.low,
                main.high, main.unit, main.share, agreeing, len(models), ";".join(item.of("deciding")),
                ";".join(item.of("flags")), ";".join(item.of("facts")), ";".join(item.sources), reasons,
                item.claim.changes_if, item.verdict_then, ";".join(item.left_out), ";".join(item.scenarios),
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(CLAIM_COLUMNS))
