"""Verdicts: what a test found, and how findings become one verdict (convention C123)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mackinder.case.claimsdoc import Test

__all__ = [
    "CONTRADICTED_TO",
    "SUPPORTED_FROM",
    "UNTESTABLE",
    "VERDICTS",
    "Finding",
    "Floats",
    "combine",
    "holds",
    "percent",
    "verdict_of_share",
]

Floats = NDArray[np.float64]

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
    wanted : str
        The numbers for which the test holds, in words; empty where the claim says it.
    scenarios : tuple of str
        Scenarios that a run must hold for the test to be made; empty if it was made, or no run is lacking.
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
    wanted: str = ""
    scenarios: tuple[str, ...] = ()


def percent(share: float) -> str:
    """Write a share as a percentage; what is not quite all or nothing is not written as 100 or 0.

    Examples
    --------
    >>> percent(1.0), percent(0.998), percent(0.015), percent(0.0)
    ('100 %', '99.8 %', '1.5 %', '0 %')
    """
    digits = 0 if share in (0.0, 1.0) or 0.02 <= share <= 0.98 else 1
    return f"{100 * share:.{digits}f} %"


def holds(test: Test, gap: Floats) -> NDArray[np.bool_]:
    """Say of each number whether it is what a test asks for: beside its `value`, or zero if it has none."""
    value = 0.0 if test.value is None else test.value
    if test.operator == "between":
        top = value if test.upper is None else test.upper
        return np.asarray((gap >= value) & (gap <= top))
    compare = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal}[str(test.operator)]
    return np.asarray(compare(gap, value))


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
