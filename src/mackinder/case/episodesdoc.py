"""``episodes/<id>/episode.toml``: an event of the past, what was known on its eve, and how it came out (convention C129)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mackinder.case.documents import Document, Sourced, read_toml
from mackinder.case.settings import Id, Number
from mackinder.case.toml import in_order
from mackinder.errors import CaseError

__all__ = ["Episode", "Input", "Outcome", "Replay", "Span", "read_episodes"]

_NEEDS = {
    "trend": ("last", "growth", "damping", "noise"),
    "pivot": ("last", "share", "cost", "dispersion"),
    "ratio": ("plan", "ratio"),
    "durations": (),
    "none": (),
}


class Input(Sourced):
    """A number known (or judged) on the eve: low, mode and high are 5 %, median and 95 %."""

    low: Number
    mode: Number
    high: Number
    unit: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        in_order(self.low, self.mode, self.high)
        return self


class Span(Sourced):
    """A member of a class of durations; ``ended`` is no where it still lasted on the eve."""

    id: Id
    days: Annotated[float, Field(gt=0)]
    ended: bool = True


class Replay(Document):
    """How the prediction is made from the inputs.

    Attributes
    ----------
    kind : str
        ``trend``: the last value grows by the last growth, damped, with noise, up to a capacity; ``pivot``: a share of route
        choice answers to a change of cost (C24), from what it was; ``ratio``: a plan times what came of plans of its class;
        ``durations``: how long the cases of a class lasted; ``none``: it cannot be replayed, and `why` says so.
    change : str
        ``percent`` if the change in percent is predicted and not the level (pivot).
    """

    kind: Literal["trend", "pivot", "ratio", "durations", "none"]
    input: dict[str, Input] = Field(default_factory=dict)
    span: tuple[Span, ...] = ()
    change: Literal["", "percent"] = ""
    why: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [name for name in _NEEDS[self.kind] if name not in self.input]
        if missing:
            msg = f"a replay of kind {self.kind!r} needs the input {', '.join(missing)}"
            raise ValueError(msg)
        extra = sorted(set(self.input) - set(_NEEDS[self.kind]) - {"capacity"})
        if extra:
            msg = f"a replay of kind {self.kind!r} does not take the input {', '.join(extra)}"
            raise ValueError(msg)
        if (self.kind == "durations") != bool(self.span) or (self.kind == "none") != bool(self.why):
            msg = "durations take [[...span]], none takes `why`; no other kind does"
            raise ValueError(msg)
        return self


class Outcome(Document):
    """What was predicted from the eve, what came, and what others said.

    Attributes
    ----------
    eve : date
        The day before; every fact of the inputs was known by then.
    observed : Input
        With the range of sources; its facts are later.
    no_change : Input
        The naive forecast: the world as it was.
    plan : Input, optional
        Of officials.
    """

    id: Id
    label: str
    unit: str
    eve: dt.date
    observed: Input
    no_change: Input
    plan: Input | None = None
    replay: Replay


class Episode(Document):
    """One episode."""

    id: Id
    label: str
    event_on: dt.date
    mechanism: str
    limits: str
    outcome: tuple[Outcome, ...]

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        names = [item.id for item in self.outcome]
        if len(set(names)) < len(names):
            msg = f"outcomes {', '.join(sorted(n for n in set(names) if names.count(n) > 1))} stand twice"
            raise ValueError(msg)
        return self


def read_episodes(folder: Path) -> tuple[Episode, ...]:
    """Read the episodes of a case folder, oldest event first; empty where it has none.

    Raises
    ------
    CaseError
        If a file cannot be read, does not fit, or is named otherwise than its folder.

    Examples
    --------
    >>> from mackinder.case.locate import find_case
    >>> [episode.id for episode in read_episodes(find_case("south-caucasus"))][:2]
    ['btk-2017', 'middle-corridor']
    """
    found = []
    for path in sorted((folder / "episodes").glob("*/episode.toml")):
        episode = read_toml(path, Episode)
        if episode is None:  # it went between listing and reading
            continue
        if episode.id != path.parent.name:
            msg = f"episodes/{path.parent.name}/episode.toml: id {episode.id!r} is not the name of its folder; make them one"
            raise CaseError(msg)
        found.append(episode)
    return tuple(sorted(found, key=lambda item: (item.event_on, item.id)))
