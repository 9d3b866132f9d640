"""Claims tested on ties: larger on one target than on another, fallen, faster, not gone (conventions C123, C152)."""

from __future__ import annotations

import numpy as np

from mackinder.case import Case
from mackinder.case.claimsdoc import Claims, Test
from mackinder.draws import Design, keyed_generator
from mackinder.errors import UsageError
from mackinder.evidence.verdicts import (
    CONTRADICTED_TO,
    SUPPORTED_FROM,
    UNTESTABLE,
    Finding,
    Floats,
    percent,
    verdict_of_share,
)
from mackinder.indicators.tieclaims import TieClaim, capacity_trend, larger, not_gone
from mackinder.indicators.ties import ALL, ANCHORS, Ties, capacity, ties_capacity
from mackinder.indicators.tiescales import DIMENSIONS

__all__ = ["TiesBook", "verdict_with_unknown"]

#: the first year with data of trade and votes
FIRST_YEAR = 1994
_CAPACITY = "on the scale of ties capacity (0 to 1)"
#: elements named at most
_MOST = 4


def verdict_with_unknown(share: float, holds: float, fails: float, unknown: int) -> str:
    """Return the verdict of a comparison of ties some elements of which are not known at one end (convention C152).

    Parameters
    ----------
    share : float
        Share of draws in which it holds on what is known at both ends.
    holds, fails : float
        Share in which it holds, and in which it fails, whatever the unknown elements are.
    unknown : int
        Number of unknown elements.

    Examples
    --------
    Known elements speak against it, but the unknown ones could turn it round; then not; then none is unknown:

    >>> verdict_with_unknown(0.02, 0.0, 0.2, 11), verdict_with_unknown(0.02, 0.0, 0.95, 11), verdict_with_unknown(0.02, 0, 0, 0)
    ('depends', 'contradicted', 'contradicted')
    """
    verdict = verdict_of_share(share)
    sure = {"supported": holds, "contradicted": fails}.get(verdict, 1.0)
    return "depends" if unknown and sure < SUPPORTED_FROM else verdict


class TiesBook:
    """Ties of all actors and targets that tests ask about, computed once and only if one does."""

    def __init__(self, case: Case, document: Claims, draws: int, seed: int) -> None:
        tests = [test for claim in document.claim for test in claim.test if test.kind == "ties"]
        self._case, self._draws, self._seed = case, draws, seed
        self._actors = list(dict.fromkeys(test.actor for test in tests))
        self._targets = list(dict.fromkeys(t for test in tests for t in (test.target, test.other) if t))
        self._ties: Ties | None = None

    def judge(self, test: Test) -> Finding:
        """Judge one test."""
        if self._ties is None:
            design = Design(seed=self._seed, draws=self._draws, common_share=self._case.settings.common_share)
            self._ties = ties_capacity(
                self._case, (), design=design, senders=self._actors, targets=self._targets, years=ANCHORS
            )
        ties = self._ties
        try:
            here = ties.find(actor=test.actor, target=test.target, day=ties.newest)
            if test.relation == "faster":
                return self._bend(test, ties)
            if test.relation == "not_gone":
                return _not_gone(test, ties, here)
            if test.relation == "larger":
                there = ties.find(actor=test.actor, target=test.other, day=ties.newest)
                words = f"{_level(test)} ties of {test.actor} on {test.target} against those on {test.other}: larger"
                return _compared(test, ties, here, there, words)
            year = test.since_year or FIRST_YEAR
            then = ties.find(actor=test.actor, target=test.target, day=f"{year}-12-31")
            words = f"{_level(test)} ties of {test.actor} on {test.target} at the end of {year} against {ties.newest}: fallen"
            return _compared(test, ties, then, here, words)
        except UsageError as error:
            return Finding(verdict=UNTESTABLE, kind="ties", reason=str(error))

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
            verdict=verdict, kind="ties", value=middle, low=low, high=high, unit="change of slope a year",
            share=found.falls_faster, reason=found.statement,
        )  # fmt: skip


def _level(test: Test) -> str:
    return "all" if test.dimension == ALL else test.dimension


def _at(dimension: str) -> int:
    return (*DIMENSIONS, ALL).index(dimension)


def _compared(test: Test, ties: Ties, high: int, low: int, words: str) -> Finding:
    """Judge that the capacity in one cell is above that in another, on the elements known in both."""
    found = larger(ties, high, low, test.dimension, "")
    fails = larger(ties, low, high, test.dimension, "").whatever
    verdict = verdict_with_unknown(found.share, found.whatever, fails, len(found.missing))
    middle, bottom, top = _gap(ties, high, low, _at(test.dimension))
    reason = f"{words} in {percent(found.share)} of draws on what is known at both ends"
    deciding = found.against[:_MOST]
    if found.missing:
        reason += (
            f"; whatever the {len(found.missing)} unknown elements are, it holds in {percent(found.whatever)} and fails in "
            f"{percent(fails)} of draws"
        )
        if verdict != verdict_of_share(found.share):
            deciding = (f"elements unknown at one end: {_some(found.missing)}", *deciding)
    return Finding(
        verdict=verdict, kind="ties", value=middle, low=bottom, high=top, unit=_CAPACITY, share=found.share,
        deciding=deciding, flags=_unknown(found), reason=f"{reason}. {_fails(found, verdict)}".rstrip(". "),
    )  # fmt: skip


def _not_gone(test: Test, ties: Ties, here: int) -> Finding:
    """Judge that something is left: a claim of existence, which an unknown element cannot undo (convention C152)."""
    found = not_gone(ties, here, test.dimension, "")
    drawn = capacity(ties).middle[here, _at(test.dimension)]
    middle, low, high = _span(np.asarray(drawn, dtype=np.float64))
    held = len(found.in_favour)
    reason = (
        f"{_level(test)} ties of {test.actor} on {test.target} are more than nearly nothing in {percent(found.share)} of draws; "
        f"{held} elements would have to end: {', '.join(found.in_favour)}"
    )
    return Finding(
        verdict=verdict_of_share(found.share), kind="ties", value=middle, low=low, high=high, unit=_CAPACITY, share=found.share,
        flags=_unknown(found), reason=reason,
    )  # fmt: skip


def _fails(found: TieClaim, verdict: str) -> str:
    if np.isnan(found.share) or (verdict == "depends" and found.share <= CONTRADICTED_TO):
        return ""
    return f"It fails if: {found.fails_if}"


def _unknown(found: TieClaim) -> tuple[str, ...]:
    if not found.missing:
        return ()
    return (f"{len(found.missing)} elements are unknown at one end: {', '.join(found.missing)}",)


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" and {more} more" if more > 0 else "")


def _gap(ties: Ties, a: int, b: int, level: int) -> tuple[float, float, float]:
    known = ties.known()
    middle = capacity(ties, only=np.broadcast_to(known[a] & known[b], known.shape)).middle[:, level]
    return _span(np.asarray(middle[a] - middle[b], dtype=np.float64))


def _span(drawn: Floats) -> tuple[float, float, float]:
    """Median and 90 percent interval; nothing where some draw has no value."""
    if np.isnan(drawn).any():
        return (float("nan"),) * 3
    low, middle, high = (float(x) for x in np.quantile(drawn, [0.05, 0.5, 0.95]))
    return middle, low, high
