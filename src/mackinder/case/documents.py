"""Documents beside the tables of a case: TOML read into a checked model, with one message for all its mistakes."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mackinder.case.settings import Id
from mackinder.errors import CaseError, did_you_mean

__all__ = ["Document", "Sourced", "read_toml"]

Model = TypeVar("Model", bound=BaseModel)


class Document(BaseModel):
    """What all parts of a document share: no unknown keys, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sourced(Document):
    """Something that was judged or cited: facts, how it was reached, and in words why."""

    facts: tuple[Id, ...] = ()
    basis: str = Field(default="cited", pattern="^(cited|derived|estimate)$")
    ground: str = ""

    @model_validator(mode="after")
    def _grounded(self) -> Self:
        if self.basis != "cited" and not self.ground.strip():
            msg = f"basis {self.basis!r} needs a ground: say in words how it was judged"
            raise ValueError(msg)
        if self.basis == "cited" and not self.facts:
            msg = "basis 'cited' needs facts: name their ids, or say 'estimate' and give a ground"
            raise ValueError(msg)
        return self


def read_toml(path: Path, model: type[Model]) -> Model | None:
    """Read a document of a case; None where there is no such file.

    Raises
    ------
    CaseError
        If the file is not UTF-8 or TOML, or does not fit the model: all mistakes at once, each with the path of its key.
    """
    try:
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        msg = f"{path.name}: not UTF-8 at byte {error.start}; save it as UTF-8"
        raise CaseError(msg) from None
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{path.name}: malformed TOML: {error}"
        raise CaseError(msg) from None
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise CaseError(f"{path.name}: " + "; ".join(_line(item, model) for item in error.errors())) from None


def _line(item: object, model: type[BaseModel]) -> str:
    found = dict(item)  # type: ignore[call-overload]  # a typed dictionary of pydantic
    where = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in found["loc"]).removeprefix(".")
    if found["type"] == "missing":
        return f"{where} is missing: add it"
    if found["type"] == "extra_forbidden":
        known = list(model.model_fields) if len(found["loc"]) == 1 else []
        key = str(found["loc"][-1])
        return f"{where}: " + (did_you_mean(key, known, what="key") if known else f"unknown key {key!r}")
    seen = "" if isinstance(found["input"], dict | BaseModel | list) else f", seen {found['input']!r}"
    reason = str(found.get("ctx", {}).get("error", found["msg"]))
    return f"{where or 'the document'}: {reason[:1].lower()}{reason[1:]}{seen}"
