"""``process.toml``: steps of a peace process, what they wait for, reference cases and covariates (C105 to C108)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mackinder.case.arrangements import Interval
from mackinder.case.documents import Document, Sourced, read_toml
from mackinder.case.settings import Day, Id
from mackinder.case.toml import none_twice

__all__ = ["Effect", "Level", "Milestone", "ProcessSpec", "ReferenceCase", "Step", "World", "read_process"]

Flag = Annotated[bool, Field(strict=True)]
Phases = Annotated[int, Field(strict=True, ge=1, le=9)]


class ReferenceCase(Sourced):
    """One case of a class: from when it was at risk, and until it happened or was last seen."""

    id: Id
    label: str
    group: Id
    starts_on: Day
    precision: Literal["day", "month", "year"] = "day"
    until: Day
    happened: Flag
    own: Flag = False
    traits: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.until < self.starts_on:
            msg = f"until {self.until} lies before starts_on {self.starts_on}"
            raise ValueError(msg)
        return self


class Effect(Sourced):
    """Logarithm of the factor on the hazard of a step for one unit of a covariate: an assumption with bounds."""

    covariate: Id
    step: Id
    log_factor: Interval


class Step(Sourced):
    """A move between states, or a condition that is met once."""

    id: Id
    label: str
    kind: Literal["state", "condition"]
    source: str = ""
    target: str = ""
    requires: tuple[Id, ...] = ()
    group: str = ""
    per_year: Interval | None = None
    factor: Interval | None = None
    phases: Phases = 1
    not_before: Day | None = None
    met_on: Day | None = None
    severe: Flag = False

    @model_validator(mode="after")
    def _one_rate(self) -> Self:
        if bool(self.group) == (self.per_year is not None):
            msg = f"step {self.id!r}: give a reference class (group) or a judged rate (per_year), one of the two"
            raise ValueError(msg)
        if (self.kind == "state") != bool(self.source and self.target):
            msg = f"step {self.id!r}: a state has source and target, a condition has neither"
            raise ValueError(msg)
        return self


class Level(Document):
    """Level of a covariate from a day on (or always), until another takes over."""

    covariate: Id
    level: Interval
    starts_on: Day | None = None


class World(Sourced):
    """What a scenario means for the process."""

    id: Id
    label: str
    scenario: str
    levels: tuple[Level, ...] = ()
    without: tuple[Id, ...] = ()


class Milestone(Document):
    """What the timeline shows, and the class that says how often and how fast it came before."""

    id: Id
    label: str
    of: Id
    group: Id
    severe: Flag = False


class ProcessSpec(Document):
    """All of ``process.toml``."""

    commitment_problem: str
    states: tuple[Id, ...]
    ends: tuple[Id, ...]
    until_year: Annotated[int, Field(strict=True, ge=1900, le=2200)]
    corridor: Id
    opening: Id
    ramp_years: Interval
    ramp_facts: tuple[Id, ...]
    traits: tuple[Id, ...]
    own_traits: tuple[Id, ...]
    step: tuple[Step, ...]
    effect: tuple[Effect, ...] = ()
    base_level: tuple[Level, ...] = ()
    world: tuple[World, ...]
    milestone: tuple[Milestone, ...]
    reference: tuple[ReferenceCase, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        steps = {item.id for item in self.step}
        groups = {item.group for item in self.reference}
        places = set(self.states) | {item.id for item in self.step if item.kind == "condition"}
        for item in self.step:
            self._known(f"step {item.id}: group", item.group, groups | {""})
            for need in item.requires:
                self._known(f"step {item.id}: requires", need, places)
            for state in (item.source, item.target):
                self._known(f"step {item.id}: state", state, {*self.states, ""})
        for effect in self.effect:
            self._known("effect: step", effect.step, steps)
        for mark in self.milestone:
            self._known(f"milestone {mark.id}: of", mark.of, places)
            self._known(f"milestone {mark.id}: group", mark.group, groups)
        for case in self.reference:
            for trait in case.traits:
                self._known(f"reference {case.id}: trait", trait, set(self.traits))
        for end in self.ends:
            self._known("ends", end, set(self.states))
        self._known("opening", self.opening, places)
        for what, names in (("step", [s.id for s in self.step]), ("world", [w.id for w in self.world]),
                            ("reference", [r.id for r in self.reference])):  # fmt: skip
            none_twice(what, names)
        return self

    @staticmethod
    def _known(where: str, name: str, known: set[str]) -> None:
        if name not in known:
            msg = f"{where} {name!r} is not known: there are {', '.join(sorted(known - {''}))}"
            raise ValueError(msg)

    def cases(self, group: str, day: dt.date) -> list[tuple[ReferenceCase, float, bool]]:
        """Return the cases of a class as seen on a day: (case, years at risk, happened by then).

        What happened later is censored on that day, and a case that had not begun is left out (C106).
        """
        seen = []
        for case in self.reference:
            if case.group == group and case.starts_on < day:
                end = min(case.until, day)
                seen.append((case, (end - case.starts_on).days / 365.25, case.happened and case.until <= day))
        return seen


def read_process(folder: Path) -> ProcessSpec | None:
    """Read ``process.toml`` of a case folder; None where the case has none.

    Raises
    ------
    CaseError
        If it cannot be read or does not fit.

    Examples
    --------
    >>> from mackinder.case.locate import find_case
    >>> found = read_process(find_case("south-caucasus"))
    >>> "signed" in found.states, len(found.reference) > 40
    (True, True)
    """
    return read_toml(folder / "process.toml", ProcessSpec)
