"""The answer in three sentences and the key numbers, computed from the results and never beyond them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mackinder.report.content import Tile
from mackinder.report.estimate import Estimate
from mackinder.report.lookup import Key, Lookup

__all__ = ["Names", "Pick", "Question", "largest_change", "questions", "sentence", "tile"]

_NEGLIGIBLE = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Display names and the scenarios compared: `first` is A (the baseline, or ``''``), `second` is B (or ``''``)."""

    actors: Mapping[str, str]
    economies: Mapping[str, str]
    corridors: Mapping[str, str]
    scenarios: Mapping[str, str]
    first: str
    second: str
    year: int
    range_only: frozenset[str]

    def actor(self, actor: str) -> str:
        """Display name of an actor; its id where the table has none."""
        return self.actors.get(actor, actor)

    def economy(self, code: str) -> str:
        """Name of whose trade or account it is: of the zones behind the code, where they hold more than its own country."""
        return self.economies.get(code) or self.actor(code)

    def scenario(self, scenario: str) -> str:
        """Plain name of a scenario."""
        return self.scenarios.get(scenario, scenario)

    def text(self, estimate: Estimate | None, scenario: str, *, signed: bool = False, unit: bool = True) -> str:
        """Print an estimate, as a range without decimals where the scenario is one of `range_only`."""
        if estimate is None:
            return "not in the results"
        return estimate.text(signed=signed, range_only=scenario in self.range_only, unit=unit)

    def shown(self, estimate: Estimate | None, scenario: str) -> Estimate | None:
        """Return what a chart draws: of a scenario of `range_only` the range alone."""
        if estimate is None or scenario not in self.range_only:
            return estimate
        return dataclasses.replace(estimate, value=math.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A thing asked of many keys, of which the largest change is told: what it is called for one key."""

    what: Callable[[Key], str]
    keys: Sequence[Key]
    variant: str
    compared: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """The key with the largest change, its estimates, and among how many it was chosen."""

    key: Key
    level: Estimate | None
    change: Estimate | None
    among: int


def largest_change(question: Question, lookup: Lookup, names: Names) -> Pick | None:
    """Pick the key whose change is largest, the detectable ones first; without a baseline, the largest level."""
    scenario = names.second or names.first
    picks = []
    for key in question.keys:
        level = lookup.get(scenario, key, question.variant)
        change = lookup.change(names.second, key, question.variant) if names.second else None
        if level is not None or change is not None:
            size = abs(change.value) if change is not None else 0.0
            tie = level.value if level is not None else 0.0
            rank = (change is not None and change.detectable, size, tie)
            picks.append((rank, Pick(key=key, level=level, change=change, among=len(question.keys))))
    return max(picks, key=lambda item: item[0])[1] if picks else None


def _negligible(pick: Pick) -> bool:
    """Whether a change is detectable (the draws agree on its sign) and yet below half a per cent of the level."""
    if pick.change is None or pick.level is None or pick.level.is_share or not pick.change.detectable:
        return False
    return max(abs(pick.change.low), abs(pick.change.high)) < _NEGLIGIBLE * abs(pick.level.value)


def sentence(question: Question, pick: Pick | None, names: Names) -> str:
    """Say it in one sentence: a change if its 90 % interval leaves out zero, else that none is detectable."""
    scenario = names.second or names.first
    if pick is None:
        return f"The results hold nothing on {question.compared}."
    what = question.what(pick.key)
    level = names.text(pick.level, scenario)
    first, second = f"“{names.scenario(names.first)}”", f"“{names.scenario(scenario)}”"
    if pick.change is None:
        return f"In {names.year} {what} comes to {level} in {second}; the results hold no comparison with a baseline."
    change = names.text(pick.change, scenario, signed=True)
    if _negligible(pick):
        return (
            f"In {names.year} {what} is practically the same in {second} as in {first}: {level}, a change of {change}."
        )
    if pick.change.detectable:
        word = "higher" if pick.change.value > 0 else "lower"
        return f"In {names.year} {what} is {word} in {second} than in {first}: {level}, a change of {change}."
    return (
        f"There is no detectable change in {question.compared}: the largest of {pick.among}, in {what}, is {change}, and "
        "its interval spans zero."
    )


def tile(question: Question, pick: Pick | None, names: Names) -> Tile | None:
    """Make the tile of a pick, or None if there is nothing to show."""
    if pick is None or pick.level is None:
        return None
    scenario = names.second or names.first
    value, interval = pick.level.parts(range_only=scenario in names.range_only)
    what = question.what(pick.key)
    if pick.change is None:
        change = "no comparison in the results"
    elif _negligible(pick):
        change = f"practically unchanged against {names.scenario(names.first)}: {names.text(pick.change, scenario, signed=True)}"
    elif pick.change.detectable:
        change = f"{names.text(pick.change, scenario, signed=True)} against {names.scenario(names.first)}"
    else:
        words = names.text(pick.change, scenario, signed=True)
        change = f"no detectable change against {names.scenario(names.first)}: {words}"
    return Tile(
        label=what[0].upper() + what[1:],
        value=pick.level.cite(f"{value or interval} {pick.level.unit_text}"),
        interval=f"90 % interval {interval} {pick.level.unit_text}",
        change=change,
    )


def questions(lookup: Lookup, names: Names, focus: Sequence[str]) -> list[Question]:
    """List what the answer and the tiles ask: flows, transit without bypass, delivered cost, transit fees."""
    scenarios = [s for s in (names.first, names.second) if s]
    watched = set(focus)

    def among(indicator: str, variant: str = "", *, actors: bool, targets: bool) -> list[Key]:
        return [
            key
            for key in lookup.keys(indicator, scenarios, variant)
            if (not actors or not watched or key.actor in watched)
            and (not targets or not watched or key.target in watched)
            and (not (actors and targets) or key.actor != key.target)
            and key.goods == ""
        ]

    return [
        Question(
            what=lambda k: f"the flow on {names.corridors.get(k.asset, k.asset)}",
            keys=among("corridor_flow", actors=False, targets=False),
            variant="",
            compared="the flows on the corridors",
        ),
        Question(
            what=lambda k: (
                f"the share of the trade of {names.economy(k.target)}, by value, that {names.actor(k.actor)} could close in "
                "transit with no permitted way round"
            ),
            keys=among("captive_value", "transit", actors=True, targets=True),
            variant="transit",
            compared="captive transit among the countries in focus",
        ),
        Question(
            what=lambda k: f"the delivered cost of the trade of {names.economy(k.target)}",
            keys=among("delivered_cost", actors=False, targets=True),
            variant="",
            compared="the delivered cost of the trade of the countries in focus",
        ),
        Question(
            what=lambda k: f"the transit fees of {names.actor(k.actor)}",
            keys=among("transit_fees", actors=True, targets=False),
            variant="",
            compared="the transit fees of the countries in focus",
        ),
    ]
