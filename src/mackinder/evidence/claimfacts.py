"""Claims judged from sources: numbers of facts, and facts that support or deny (convention C124)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mackinder.case import Case
from mackinder.case.claimsdoc import Claim, Test
from mackinder.evidence.verdicts import UNTESTABLE, Finding
from mackinder.scenario.knowledge import last_day

__all__ = ["Evidence", "judge_number", "judge_sources", "target_range"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Facts of a vintage, with what is needed to weigh them.

    Attributes
    ----------
    facts : DataFrame
        Facts with the columns ``publisher, published_on, group`` of their sources, by fact id.
    own_group : str
        Independence group of the text that makes the claims.
    """

    facts: pd.DataFrame
    own_group: str

    @classmethod
    def of(cls, case: Case, own_group: str) -> Evidence:
        """Join facts and sources of a case."""
        sources = case.table("sources").set_index("source_id")
        facts = case.table("facts").set_index("fact_id")
        joined = facts.assign(
            publisher=facts["source"].map(sources["publisher"]),
            published_on=facts["source"].map(sources["published_on"]),
            group=facts["source"].map(sources["independence_group"]),
        )
        return cls(facts=joined, own_group=own_group)

    def row(self, name: str) -> dict[str, Any]:
        """Return one fact."""
        return {str(k): v for k, v in self.facts.loc[name].to_dict().items()}

    def known(self, names: Iterable[str]) -> list[str]:
        """Those of the facts that this vintage has."""
        return [name for name in dict.fromkeys(names) if name in self.facts.index]

    def with_rivals(self, names: Sequence[str]) -> list[str]:
        """The facts, and all that are in conflict with one of them, in either direction."""
        rivals: list[str] = []
        listed = self.facts["conflicts_with"]
        for name in names:
            rivals += [r for r in str(listed[name]).split(";") if r in self.facts.index]
            rivals += [str(r) for r in listed.index[listed.str.split(";").map(lambda c, n=name: n in c)]]
        return list(dict.fromkeys([*names, *rivals]))

    def tells_of(self, name: str) -> str:
        """Last day that a fact tells of: end or start of its period, else the day on which it became known."""
        row = self.row(name)
        return last_day(str(row["valid_to"] or row["valid_from"] or row["known_on"] or row["published_on"]))

    def sift(self, names: Sequence[str], since: str) -> tuple[list[str], list[str]]:
        """Return the facts that count, and why the others do not."""
        kept, flags = [], []
        for name in names:
            if self.own_group and self.facts.loc[name, "group"] == self.own_group:
                flags.append(f"circular: {name} rests on the text itself and is left out")
            elif since and self.tells_of(name) < since:
                flags.append(f"stale: {name} tells of {self.tells_of(name)}, before {since}, and is left out")
            else:
                kept.append(name)
        groups = {self.facts.loc[name, "group"] for name in kept}
        if len(kept) > 1 and len(groups) == 1:
            flags.append(f"one origin: {', '.join(kept)} repeat each other ({next(iter(map(str, groups)))})")
        return kept, flags


def target_range(test: Test, claim: Claim) -> tuple[float, float]:
    """Return the numbers for which a test of a number holds."""
    value = 0.0 if test.value is None else test.value
    if test.operator == "between":
        return value, float(test.upper if test.upper is not None else value)
    if test.operator in (">", ">="):
        return value, np.inf
    if test.operator in ("<", "<="):
        return -np.inf, value
    if test.within:
        return value - abs(value) * test.within, value + abs(value) * test.within
    same = [said.bounds for said in claim.says if said.form == "value" and float(said.value) == value]
    return same[0] if same else (value, value)


def judge_number(claim: Claim, test: Test, evidence: Evidence) -> Finding:
    """Judge a number from its sources and from those that contradict them.

    Each independent group of sources counts once: it supports if the central value of one of its facts lies in the range
    claimed, and denies if none of its ranges meets it.
    """
    named = evidence.with_rivals(evidence.known(test.facts))
    kept, flags = evidence.sift(named, test.since)
    usable: list[str] = []
    other: list[str] = []
    for name in kept:
        row = evidence.row(name)
        same = not test.unit or row["unit"] == test.unit
        (usable if same and not np.isnan(row["value"]) else other).append(name)
    flags += [f"not compared: {n} is in {evidence.row(n)['unit']}" for n in other]
    if not usable:
        return Finding(verdict=UNTESTABLE, kind="number", flags=tuple(flags), facts=tuple(kept),
                       reason="no fact with such a number was known on this day")  # fmt: skip
    low, high = target_range(test, claim)

    def strict(x: float) -> bool:
        return x > low if test.operator == ">" else x < high if test.operator == "<" else low <= x <= high

    sides: dict[str, str] = {}
    spans = []
    for name in usable:
        row = evidence.row(name)
        value = float(row["value"])
        bottom = value if np.isnan(row["low"]) else min(float(row["low"]), value)
        top = value if np.isnan(row["high"]) else max(float(row["high"]), value)
        spans.append((value, bottom, top))
        side = "for" if strict(value) else "open" if bottom <= high and top >= low else "against"
        group = str(row["group"])
        ranked = ("against", "open", "for")
        sides[group] = max(sides.get(group, side), side, key=ranked.index)
    verdict = _weigh(list(sides.values()))
    clash = [name for name, span in zip(usable, spans, strict=True) if not strict(span[0])]
    if clash and verdict != "contradicted" and len(usable) > 1:
        flags.append(f"contradictory reports: {', '.join(_named(evidence, clash))} say otherwise")
    values = np.array(spans)
    unit = str(evidence.facts.loc[usable[0], "unit"])
    return Finding(
        verdict=verdict, kind="number", value=float(np.median(values[:, 0])), low=float(values[:, 1].min()),
        high=float(values[:, 2].max()), unit=unit, facts=tuple(usable), flags=tuple(flags),
        deciding=tuple(_named(evidence, usable if verdict == "depends" else [])),
        reason=_count(sides), wanted=_wanted(test, low, high),
    )  # fmt: skip


def _wanted(test: Test, low: float, high: float) -> str:
    """Say for which numbers the claim holds: a stated number means what its digits allow."""
    if test.operator in (">", ">=", "<", "<="):
        return f"{test.operator} {test.value:g}"
    return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"


def judge_sources(test: Test, evidence: Evidence) -> Finding:
    """Judge a statement from the facts that support it and those that deny it; independent groups count once."""
    flags: list[str] = []
    sides: dict[str, str] = {}
    used: list[str] = []
    for side, names in (("for", test.supports), ("against", test.denies)):
        kept, why = evidence.sift(evidence.known(names), test.since)
        flags += why
        used += kept
        for name in kept:
            row = evidence.row(name)
            group = str(row["group"])
            weak = row["confidence"] == "low"
            mine = "open" if weak else side
            if {sides.get(group), mine} == {"for", "against"}:
                mine = "both"
            sides[group] = mine if sides.get(group) in (None, "open") else sides[group] if mine == "open" else mine
    if not used:
        return Finding(
            verdict=UNTESTABLE, kind="sources", flags=tuple(flags), reason="no evidence of it was known on this day"
        )
    verdict = _weigh(list(sides.values()))
    return Finding(
        verdict=verdict, kind="sources", facts=tuple(used), flags=tuple(flags), reason=_count(sides),
        deciding=tuple(_named(evidence, used if verdict == "depends" else [])),
    )  # fmt: skip


def _weigh(sides: Sequence[str]) -> str:
    if "both" in sides or ("for" in sides and "against" in sides):
        return "depends"
    if "for" in sides:
        return "supported"
    return "depends" if "open" in sides else "contradicted"


def _count(sides: dict[str, str]) -> str:
    words = {
        "for": ("supports it", "support it"), "against": ("denies it", "deny it"),
        "open": ("leaves it open", "leave it open"), "both": ("reports both", "report both"),
    }  # fmt: skip
    counts = {side: sum(1 for s in sides.values() if s == side) for side in words}
    return ", ".join(
        f"{n} independent origins {words[side][1]}" if n > 1 else f"1 origin {words[side][0]}"
        for side, n in counts.items()
        if n
    )


def _named(evidence: Evidence, names: Iterable[str]) -> list[str]:
    return [f"{name} ({evidence.facts.loc[name, 'publisher']!s})" for name in names]
