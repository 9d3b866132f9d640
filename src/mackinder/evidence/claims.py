"""Claims of a text put to the test: facts from their sources, arithmetic by the program, the rest by the models (C123)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from mackinder.case import Case
from mackinder.case.claimsdoc import Claim, Claims, Test
from mackinder.draws import Design, keyed_generator
from mackinder.errors import UsageError
from mackinder.evidence.claimfacts import Evidence, judge_number, judge_sources
from mackinder.evidence.claimrows import RowBook, judge_count, judge_rows
from mackinder.evidence.claimstated import Contradiction, contradictions, judge_stated
from mackinder.evidence.verdicts import UNTESTABLE, Finding, combine, verdict_of_share
from mackinder.indicators.tieclaims import capacity_trend, fallen, larger, not_gone
from mackinder.indicators.ties import ANCHORS, Ties, ties_capacity

__all__ = ["CLAIM_COLUMNS", "ClaimResult", "claim_frame", "judge_claims"]

#: the first year with data of trade and votes
_FIRST_YEAR = 1994
CLAIM_COLUMNS = (
    "id", "claim", "place", "kind", "verdict", "value", "low", "high", "unit", "share_of_draws", "variants_agreeing",
    "variants", "deciding", "flags", "facts", "sources", "reason", "changes_if", "verdict_then",
)  # fmt: skip


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
        """The finding whose number is shown: the first that decided, else the first with a number."""
        deciding = [f for f in self.findings if f.verdict == self.verdict and not np.isnan(f.value)]
        numbers = [f for f in self.findings if not np.isnan(f.value)]
        return (deciding or numbers or list(self.findings))[0]

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
    book, ties = book or RowBook(), _Ties(case, document, draws, seed)
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
    ties: _Ties,
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
    if test.kind == "ties":
        return ties.judge(test)
    return Finding(verdict=UNTESTABLE, kind="untestable", reason=test.why)


class _Ties:
    """Ties of all actors and targets that tests ask about, computed once and only if one does."""

    def __init__(self, case: Case, document: Claims, draws: int, seed: int) -> None:
        tests = [test for claim in document.claim for test in claim.test if test.kind == "ties"]
        self._case, self._draws, self._seed = case, draws, seed
        self._actors = list(dict.fromkeys(test.actor for test in tests))
        self._targets = list(dict.fromkeys(t for test in tests for t in (test.target, test.other) if t))
        self._ties: Ties | None = None

    def judge(self, test: Test) -> Finding:
        if self._ties is None:
            design = Design(seed=self._seed, draws=self._draws, common_share=self._case.settings.common_share)
            self._ties = ties_capacity(
                self._case, (), design=design, senders=self._actors, targets=self._targets, years=ANCHORS
            )
        ties = self._ties
        now = {"actor": test.actor, "day": ties.newest}
        try:
            here = ties.find(target=test.target, **now)
            if test.relation == "faster":
                return self._bend(test, ties)
            if test.relation == "larger":
                found = larger(ties, here, ties.find(target=test.other, **now), test.dimension, "")
            elif test.relation == "fallen":
                then = ties.find(actor=test.actor, target=test.target, day=f"{test.since_year or _FIRST_YEAR}-12-31")
                found = fallen(ties, then, here, test.dimension, "")
            else:
                found = not_gone(ties, here, test.dimension, "")
        except UsageError as error:
            return Finding(verdict=UNTESTABLE, kind="ties", reason=str(error))
        return Finding(
            verdict=verdict_of_share(found.share), kind="ties", value=found.share, low=min(found.share, found.whatever),
            high=max(found.share, found.whatever), unit="share of draws", share=found.share, deciding=found.against[:4],
            flags=(f"not known at one of the ends: {', '.join(found.missing)}",) if found.missing else (),
            reason=f"{test.dimension} ties of {test.actor} on {test.target}; whatever is missing, {found.whatever:.0%} of draws. "
            f"Fails if: {found.fails_if}",
        )  # fmt: skip

    def _bend(self, test: Test, ties: Ties) -> Finding:
        key = f"ties/trend/{test.actor}/{test.target}/{test.dimension}"
        found = capacity_trend(
            ties, test.actor, test.target, test.dimension, generator=keyed_generator(self._seed, key),
            since=float(test.since_year or 2022),
        )  # fmt: skip
        if isinstance(found, str):
            return Finding(verdict=UNTESTABLE, kind="ties", reason=found)
        middle, low, high = found.change
        verdict = "depends" if low <= 0 <= high else verdict_of_share(found.falls_faster)
        return Finding(
            verdict=verdict, kind="ties", value=middle, low=low, high=high, unit="1/yr", share=found.falls_faster,
            reason=found.statement,
        )  # fmt: skip


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
                item.claim.changes_if, item.verdict_then,
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(CLAIM_COLUMNS))
