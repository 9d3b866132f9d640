"""What the app may ask, checked at the edge: every string is an id of known form, every number has bounds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["AnswerRequest", "DraftChange", "DraftRequest", "JobRequest", "LeverRequest", "LiveRequest", "RouteRequest"]

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$", max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Factor = Annotated[float, Field(ge=0.0, le=100.0, allow_inf_nan=False)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Message(BaseModel):
    """No unknown keys, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LiveRequest(Message):
    """Two scenarios, sliders moved away from where they start, links shut in B; `sequence` grows with every question."""

    first: Id
    second: Id
    actions: dict[Id, Factor] = Field(default_factory=dict, max_length=40)
    corridor: Id | None = None
    closed: list[Id] = Field(default_factory=list, max_length=60)
    assumptions: dict[Id, Factor] = Field(default_factory=dict, max_length=40)
    sequence: int = Field(default=0, ge=0)


class RouteRequest(Message):
    """A question to the route finder, as `mackinder route` takes it."""

    origin: Name
    destination: Name
    goods: Id | None = None
    scenario: Id | None = None
    year: int | None = Field(default=None, ge=1990, le=2100)
    avoid: list[Id] = Field(default_factory=list, max_length=12)
    most: int = Field(default=5, ge=1, le=10)


class JobRequest(Message):
    """A run with intervals, as `mackinder run` makes it."""

    scenarios: list[Id] = Field(min_length=1, max_length=6)
    draws: int = Field(default=40, ge=1, le=400)
    seed: int = Field(default=0, ge=0, le=2**31)
    model: Literal["routes", "capacity", "trade"] = "trade"


class LeverRequest(Message):
    """What a sender can do to a target, as `mackinder levers` takes it."""

    sender: Id
    target: Id
    scenario: Id


class AnswerRequest(Message):
    """Deals or claims, on a run of the list where one is named."""

    run: Id | None = None


class DraftChange(Message):
    """One change made by clicking: open or close links, or multiply their cost, time or capacity."""

    op: Literal["open", "close", "cost", "time", "capacity"]
    links: list[Id] = Field(min_length=1, max_length=200)
    starts_on: Day | None = None
    factor: Annotated[float, Field(gt=0.0, le=100.0, allow_inf_nan=False)] | None = None


class DraftRequest(Message):
    """A scenario built by clicking, on top of another."""

    name: Id
    label: Name
    base: Id
    changes: list[DraftChange] = Field(min_length=1, max_length=50)
