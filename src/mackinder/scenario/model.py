"""What a scenario is, once read: frozen records without tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

__all__ = ["FOREVER", "Change", "Interval", "Scenario", "day_after", "day_before", "years_later"]

#: Greater than any other ISO day; stands for "no end" in comparisons.
FOREVER: Final = "9999-12-31"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A number with its bounds: ``low`` and ``high`` are the 5 % and 95 % values, ``mode`` the central one."""

    low: float
    mode: float
    high: float

    def bounds(self) -> tuple[tuple[str, float], ...]:
        """Return ``(suffix, value)`` for the three columns of an interval quantity."""
        return (("low", self.low), ("mode", self.mode), ("high", self.high))

    def __str__(self) -> str:
        if self.low == self.mode == self.high:
            return f"{self.mode:g}"
        return f"{self.mode:g} ({self.low:g} to {self.high:g})"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """One ``[[change]]`` of a scenario file, checked against the grammar; equal only to itself.

    Attributes
    ----------
    scenario : str
        Id of the file that says it.
    where : str
        File, line, number and operation, for messages.
    op : str
        One of the operations of `mackinder.scenario.grammar.OPS`.
    options : mapping
        The keys of the operation, typed (see `grammar`).
    starts_on, ends_on : str
        ISO days, both included; empty = no bound.
    facts, basis, ground, note
        Where it comes from, as in the case tables.
    hypothetical : bool
        Whether its file may override legal prohibitions.
    optional : bool
        Whether it may select nothing, because what it selects came by a later update.
    """

    scenario: str
    where: str
    op: str
    options: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    starts_on: str = ""
    ends_on: str = ""
    facts: tuple[str, ...] = ()
    basis: str = "estimate"
    ground: str = ""
    note: str = ""
    hypothetical: bool = False
    optional: bool = False

    def text(self, key: str, default: str = "") -> str:
        """Return an option that is one word or sentence."""
        value = self.options.get(key, default)
        return value if isinstance(value, str) else default

    def names(self, key: str) -> tuple[str, ...]:
        """Return an option that is a list of words; empty if it is not given."""
        value = self.options.get(key, ())
        return value if isinstance(value, tuple) else ()

    def interval(self, key: str) -> Interval:
        """Return an option that is a number with bounds."""
        value = self.options[key]
        if not isinstance(value, Interval):  # the grammar has made it one
            raise TypeError(key)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario, or a composition of several: what it is called, and its changes.

    Attributes
    ----------
    name : str
        Id, or ids joined by ``+`` as typed.
    label, description : str
        For people; the parts' joined for a composition.
    counterfactual : str
        Id of the scenario that this one is to be compared with; empty = the case as it stands.
    hypothetical : bool
        True if any part overrides legal prohibitions.
    range_only : bool
        True if any part is of war or collapse: its results are told as ranges, without a middle and without decimals.
    parts : tuple of str
        Ids of all files in it, the included ones first, each once.
    overrides : frozenset of (str, str)
        Pairs (stronger, weaker) of ids, declared by the stronger one's file.
    changes : tuple of Change
        All changes; their order carries no meaning.
    sources : tuple of str
        Fact ids of the scenario as a whole.
    """

    name: str
    label: str
    description: str = ""
    counterfactual: str = ""
    hypothetical: bool = False
    range_only: bool = False
    parts: tuple[str, ...] = ()
    overrides: frozenset[tuple[str, str]] = frozenset()
    changes: tuple[Change, ...] = ()
    sources: tuple[str, ...] = ()


def day_before(day: str) -> str:
    """Return the ISO day before.

    Examples
    --------
    >>> day_before("2027-01-01")
    '2026-12-31'
    """
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()


def day_after(day: str) -> str:
    """Return the ISO day after.

    Examples
    --------
    >>> day_after("2026-12-31")
    '2027-01-01'
    """
    return (dt.date.fromisoformat(day) + dt.timedelta(days=1)).isoformat()


def years_later(day: str, years: float) -> str:
    """Return the ISO day some years later: whole years keep the day of the year, the rest is 365.25 days a year.

    Examples
    --------
    >>> years_later("2028-12-31", 2), years_later("2028-02-29", 1), years_later("2028-12-31", 0.5)
    ('2030-12-31', '2029-02-28', '2029-07-02')
    """
    date = dt.date.fromisoformat(day)
    whole = int(years // 1)
    try:
        date = date.replace(year=date.year + whole)
    except ValueError:  # 29 February in a common year
        date = date.replace(year=date.year + whole, day=28)
    return (date + dt.timedelta(days=round((years - whole) * 365.25))).isoformat()
