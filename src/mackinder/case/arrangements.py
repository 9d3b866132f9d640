"""``arrangements.toml``: how a corridor may be run, who must agree, who can obstruct, and what is at stake (C100, C101)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mackinder.case.documents import Document, Sourced, read_toml
from mackinder.case.settings import Id, Number, Quantity
from mackinder.case.toml import in_order, none_twice

__all__ = [
    "ArrangementSpec",
    "Arrangements",
    "BaseRate",
    "Interval",
    "Linkage",
    "Obstruction",
    "Party",
    "Shift",
    "Term",
    "read_arrangements",
]

Share = Annotated[float, Field(strict=True, ge=0.0, le=1.0)]


class Interval(Document):
    """Low, mode and high of a judged number; the ground stands with what holds it."""

    low: Number
    mode: Number
    high: Number

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        in_order(self.low, self.mode, self.high)
        return self


class Term(Interval):
    """Where an arrangement stands on an issue of `position_scales`, 0 to 100."""

    issue: Id

    @model_validator(mode="after")
    def _on_scale(self) -> Self:
        if not 0 <= self.low <= self.high <= 100:
            msg = f"{self.low} to {self.high} leave the scale of 0 to 100"
            raise ValueError(msg)
        return self


class Obstruction(Sourced):
    """What an actor outside can do: a scenario that the model runs, and the chance that it stops the arrangement."""

    actor: Id
    means: str
    scenario: str
    stops: Interval

    @model_validator(mode="after")
    def _chance(self) -> Self:
        if not 0 <= self.stops.low <= self.stops.high <= 1:
            msg = "stops is a chance: low, mode and high lie in 0 to 1"
            raise ValueError(msg)
        return self


class ArrangementSpec(Sourced):
    """One way to run the corridor."""

    id: Id
    label: str
    scenario: str
    terms_in_words: str
    operator: str
    security: str
    guarantor: tuple[Id, ...] = ()
    benefit_split: str
    must_consent: tuple[Id, ...]
    can_obstruct: tuple[Obstruction, ...] = ()
    terms: tuple[Term, ...]


class Party(Sourced):
    """An actor that deals: where its economy is measured, and what security and status are worth to it at most."""

    actor: Id
    gdp_facts: tuple[Id, ...]
    security: Interval
    status: Interval


class Shift(Document):
    """What a linkage does to one actor on one issue, or on all where none is named."""

    actor: Id
    issue: str = ""
    add: Interval | None = None
    salience: Interval | None = None


class Linkage(Sourced):
    """A matter outside of the corridor that could change minds about it."""

    id: Id
    label: str
    shifts: tuple[Shift, ...]


class BaseRate(Sourced):
    """How often it came to pass before, case by case."""

    id: Literal["consent", "obstruction", "lasting"]
    question: str
    yes: tuple[Id, ...]
    no: tuple[Id, ...]


class Arrangements(Document):
    """All of ``arrangements.toml``."""

    status_quo: Id
    chosen: Id
    corridor: Id
    security_issues: tuple[Id, ...]
    status_issues: tuple[Id, ...]
    leverage_over: tuple[Id, ...]
    play: tuple[Id, ...]
    retaliation: Quantity
    precision: Quantity
    audience_cost: Quantity
    conflict_expectation: Quantity
    arrangement: tuple[ArrangementSpec, ...]
    party: tuple[Party, ...]
    linkage: tuple[Linkage, ...] = ()
    base_rate: tuple[BaseRate, ...]

    def get(self, name: str) -> ArrangementSpec:
        """Return the arrangement of an id that the document has."""
        return next(item for item in self.arrangement if item.id == name)

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Every scenario that the model must have run, in order of first use."""
        used = [item.scenario for item in self.arrangement]
        used += [way.scenario for item in self.arrangement for way in item.can_obstruct]
        return tuple(dict.fromkeys(used))

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for what, names in (
            ("arrangement", [item.id for item in self.arrangement]),
            ("party", [item.actor for item in self.party]),
            ("linkage", [item.id for item in self.linkage]),
            ("base_rate", [str(item.id) for item in self.base_rate]),
        ):
            none_twice(what, names)
        known = {item.id for item in self.arrangement}
        for key in ("status_quo", "chosen"):
            if getattr(self, key) not in known:
                msg = f"{key} {getattr(self, key)!r} is no arrangement: known are {', '.join(sorted(known))}"
                raise ValueError(msg)
        missing = {"consent", "obstruction", "lasting"} - {item.id for item in self.base_rate}
        if missing:
            msg = f"base_rate {', '.join(sorted(missing))} is missing: no probability is shown without how often it was so"
            raise ValueError(msg)
        return self


def read_arrangements(folder: Path) -> Arrangements | None:
    """Read ``arrangements.toml`` of a case folder; None where the case has none.

    Raises
    ------
    CaseError
        If it cannot be read or does not fit.

    Examples
    --------
    >>> from mackinder.case.locate import find_case
    >>> found = read_arrangements(find_case("south-caucasus"))
    >>> found.get("tripp").must_consent
    ('ARM', 'USA', 'AZE')
    """
    return read_toml(folder / "arrangements.toml", Arrangements)
