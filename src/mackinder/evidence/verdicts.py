"""Verdicts: what a test found, and how findings become one verdict (convention C123)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

__all__ = ["CONTRADICTED_TO", "SUPPORTED_FROM", "UNTESTABLE", "VERDICTS", "Finding", "combine", "verdict_of_share"]

#: share of draws from which a claim is supported, and up to which it is contradicted
SUPPORTED_FROM: Final = 0.90
CONTRADICTED_TO: Final = 0.10
UNTESTABLE: Final = "not testable"
VERDICTS: Final = ("supported", "contradicted", "depends", UNTESTABLE)
_NAN: Final = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one test found.

    Attributes
    ----------
    verdict : str
        One of `VERDICTS`.
    kind : str
        Kind of the test.
    value, low, high : float
        The number tested, with its interval; NaN where there is none.
    unit : str
    share : float
        Share of draws in which the test holds; NaN where it does not rest on draws. It is no probability of truth.
    variants : mapping of str to str
        Verdict of each structural variant (models of a run).
    deciding : tuple of str
        Inputs, elements or sources on which it turns.
    facts : tuple of str
        Facts used.
    flags : tuple of str
        What is wrong with the evidence: circular, stale, of one origin, in conflict.
    reason : str
        In words.
    """

    verdict: str
    kind: str
    value: float = _NAN
    low: float = _NAN
    high: float = _NAN
    unit: str = ""
    share: float = _NAN
    variants: Mapping[str, str] = field(default_factory=dict)
    deciding: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    reason: str = ""


def verdict_of_share(share: float) -> str:
    """Return the verdict of a share of draws.

    Examples
    --------
    >>> verdict_of_share(0.95), verdict_of_share(0.5), verdict_of_share(0.02), verdict_of_share(float("nan"))
    ('supported', 'depends', 'contradicted', 'not testable')
    """
    if math.isnan(share):
        return UNTESTABLE
    return "supported" if share >= SUPPORTED_FROM else "contradicted" if share <= CONTRADICTED_TO else "depends"


def combine(verdicts: Sequence[str], how: str = "all") -> str:
    """Return the verdict of several tests that must ``all`` hold, or of which ``any`` must.

    A test that cannot be made leaves the others to decide, except that what it leaves open is never supported as a whole.

    Examples
    --------
    >>> combine(["supported", "contradicted"]), combine(["supported", "depends"]), combine(["supported", "not testable"])
    ('contradicted', 'depends', 'depends')
    >>> combine(["supported", "contradicted"], "any")
    'supported'
    """
    if len(set(verdicts)) == 1:
        return verdicts[0]
    decisive, other = ("supported", "contradicted") if how == "any" else ("contradicted", "supported")
    if decisive in verdicts:
        return decisive
    return "depends" if set(verdicts) - {other} else other
