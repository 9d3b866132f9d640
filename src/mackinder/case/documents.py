"""Documents beside the tables of a case: TOML read into a checked model, with one message for all its mistakes."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import BaseModel, Field, ValidationError, model_validator

from mackinder.case.settings import Id
from mackinder.case.toml import Document, mistakes, parse_toml
from mackinder.errors import CaseError

__all__ = ["Document", "Sourced", "read_toml", "require_document"]

Model = TypeVar("Model", bound=BaseModel)


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
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    found: Model = _checked(raw, path.name, model)
    return found


@functools.lru_cache(maxsize=64)  # models are frozen; checks of forty vintages read the same bytes
def _checked(raw: bytes, name: str, model: type[BaseModel]) -> Any:
    try:
        return model.model_validate(parse_toml(raw, name))
    except ValidationError as error:
        top = list(model.model_fields)
        raise CaseError(mistakes(error, name, lambda loc: top if len(loc) == 1 else [])) from None


def require_document(found: Model | None, case: str, file: str, lack: str) -> Model:
    """Return a document that a command cannot do without.

    Parameters
    ----------
    found : model or None
        As read.
    case, file : str
        Name of the case and of the document.
    lack : str
        What there is not without it.

    Raises
    ------
    CaseError
        If the case has none.
    """
    if found is None:
        msg = f"case {case!r} has no {file}, so there {lack}: write one (`mackinder new DIR` writes a small one to follow)"
        raise CaseError(msg)
    return found
