"""``questions.toml``: dated questions, how each is resolved, and frozen forecasts (conventions C126, C127)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mackinder.case.documents import Document, read_toml
from mackinder.case.settings import Id, Number
from mackinder.case.toml import none_twice

__all__ = ["Answer", "Given", "Question", "Questions", "read_questions"]

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Given(Document):
    """A forecast: the chance of yes, or low, mode and high of a number (5 %, median, 95 %)."""

    chance: Share | None = None
    low: Number | None = None
    mode: Number | None = None
    high: Number | None = None
    ground: str
    facts: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        triple = (self.low, self.mode, self.high)
        if (self.chance is None) != all(x is not None for x in triple):
            msg = "give `chance`, or `low`, `mode` and `high`"
            raise ValueError(msg)
        if (
            self.low is not None
            and self.mode is not None
            and self.high is not None
            and not self.low <= self.mode <= self.high
        ):
            msg = f"low {self.low}, mode {self.mode}, high {self.high} are not in order"
            raise ValueError(msg)
        return self


class Answer(Document):
    """How the question came out. ``value`` is 1 for yes and 0 for no; ``disputed`` keeps both readings and is not scored."""

    value: Number | None = None
    disputed: str = ""
    facts: tuple[Id, ...]
    note: str = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.value is None) == (not self.disputed):
            msg = "give the `value` it came out at, or in `disputed` why the sources do not settle it"
            raise ValueError(msg)
        return self


class Question(Document):
    """A dated question.

    Attributes
    ----------
    asked_on, resolves_on : date
    rule, source : str
        When it counts as yes (or which figure counts), and who says so.
    climatology : Given
        What the class of such events gives, or the spread of its own past.
    no_change : Given
        What would be if the world stayed as it was on `asked_on`.
    plan : Given, optional
        What officials had announced.
    forecast : Given
        Ours, frozen by `frozen`.
    frozen : str
        SHA-256 of the canonical text of question and forecasts (`mackinder.case.freezing`).
    frozen_on : date
        The day on which it was frozen. After `resolves_on`, or after the answer was known, it is retrospective.
    """

    id: Id
    text: str
    kind: Literal["binary", "number"]
    unit: str = ""
    asked_on: dt.date
    resolves_on: dt.date
    rule: str
    source: str
    climatology: Given
    no_change: Given
    plan: Given | None = None
    forecast: Given
    frozen_on: dt.date
    frozen: str
    answer: Answer | None = None
    severe: bool = False

    @property
    def retrospective(self) -> bool:
        """Whether the forecast was frozen after the day on which the question resolves: then it is no pre-registration."""
        return self.frozen_on > self.asked_on and (self.frozen_on > self.resolves_on or self.answer is not None)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.resolves_on <= self.asked_on:
            msg = f"resolves_on {self.resolves_on} does not come after asked_on {self.asked_on}"
            raise ValueError(msg)
        for name in ("climatology", "no_change", "plan", "forecast"):
            given = getattr(self, name)
            if given is not None and (given.chance is not None) != (self.kind == "binary"):
                needed = "a chance" if self.kind == "binary" else "low, mode and high"
                msg = f"{name} of a question of kind {self.kind!r} needs {needed}"
                raise ValueError(msg)
        if self.kind == "binary" and self.answer is not None and self.answer.value not in (None, 0, 1):
            msg = f"a yes-no question came out at 1 or 0, seen {self.answer.value}"
            raise ValueError(msg)
        return self


class Questions(Document):
    """All of ``questions.toml``."""

    question: tuple[Question, ...]

    @model_validator(mode="after")
    def _own_names(self) -> Self:
        none_twice("question", [item.id for item in self.question])
        return self


def read_questions(source: Path) -> Questions | None:
    """Read the questions of a case folder, or a file of questions; None where the folder has none.

    Raises
    ------
    CaseError
        If it cannot be read or does not fit. Whether a frozen forecast was edited is for `verify` to say.

    Examples
    --------
    >>> from mackinder.case.locate import find_case
    >>> found = read_questions(find_case("south-caucasus"))
    >>> len(found.question) >= 40
    True
    """
    return read_toml(source / "questions.toml" if source.is_dir() else source, Questions)
