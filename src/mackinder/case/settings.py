"""``case.toml``: what a case says about itself, as a checked document."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from mackinder.case.schema import ID_PATTERN
from mackinder.case.toml import Document, in_order, load_toml, mistakes
from mackinder.errors import CaseError

__all__ = ["HeadlinePair", "Quantity", "Settings", "parse_settings", "read_settings"]

Right = Literal["sovereign", "owner", "operator", "customs", "security", "toll", "finance"]
Status = Literal["binding", "framework", "claimed"]
Basis = Literal["cited", "derived", "estimate"]


def _day(value: object) -> object:
    """Take an ISO day in quotes as well as a TOML date, but no date with a clock time."""
    if isinstance(value, dt.datetime):
        msg = "give a day (2025-08-08), without a time"
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns ValueError, not TypeError, into a message
    if isinstance(value, str):
        return dt.date.fromisoformat(value)
    if isinstance(value, dt.date):
        return value
    msg = "give a day, such as 2025-08-08"
    raise ValueError(msg)


def _name(value: str) -> str:
    if not re.fullmatch(ID_PATTERN, value):
        msg = f"{value!r} is not an id: letters, digits, '_', '.', '-', and not a sign first"
        raise ValueError(msg)
    return value


Day = Annotated[dt.date, BeforeValidator(_day)]
Id = Annotated[str, AfterValidator(_name)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Year = Annotated[int, Field(strict=True, ge=1900, le=2200)]


class Quantity(Document):
    """A number with its interval and where it comes from."""

    low: Number
    mode: Number
    high: Number
    facts: tuple[Id, ...] = ()
    basis: Basis
    ground: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        in_order(self.low, self.mode, self.high)
        return self


class HeadlinePair(Document):
    """A pair of zones whose cost and days are shown first."""

    origin: Id
    destination: Id
    goods: Id
    label: str


class Settings(Document):
    """All of ``case.toml``."""

    title: str
    description: str = ""
    base_year: Year
    horizon_year: Year
    article_date: Day
    newest_evidence: Day
    baseline: Id
    scenarios: tuple[Id, ...]
    closing_rights: tuple[Right, ...]
    closing_statuses: tuple[Status, ...]
    common_share: Annotated[float, Field(strict=True, ge=0.0, le=1.0)]
    demand_growth_per_year: Quantity
    reliability_ratio: Quantity
    gross_output_ratio: Quantity
    goods_output_share: Quantity
    focus: tuple[Id, ...] = ()
    coalitions: tuple[tuple[Id, ...], ...] = ()
    headline_pairs: tuple[HeadlinePair, ...] = ()
    default_goods: Id
    boundaries_note: str
    reexports: Literal["with", "without"] = "with"
    trade_run: Literal["long", "short"] = "long"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.horizon_year < self.base_year:
            msg = f"horizon_year {self.horizon_year} lies before base_year {self.base_year}"
            raise ValueError(msg)
        return self


def parse_settings(document: Mapping[str, Any], *, where: str = "case.toml") -> Settings:
    """Turn a parsed document into settings.

    Parameters
    ----------
    document : mapping
        What `tomllib` returned.
    where : str
        Name of the file, for messages.

    Returns
    -------
    Settings

    Raises
    ------
    CaseError
        All mistakes at once, each with the path of its key.
    """
    try:
        return Settings.model_validate(dict(document))
    except ValidationError as error:
        raise CaseError(mistakes(error, where, _keys, first=0)) from None


def read_settings(folder: Path) -> Settings:
    """Read ``case.toml`` of a case folder.

    Raises
    ------
    CaseError
        If the file is missing, is not UTF-8 or TOML, or does not fit the settings.
    """
    document = load_toml(folder / "case.toml")
    if document is None:
        hint = "`mackinder new DIR` writes a case to start from"
        msg = f"case.toml: there is none in {folder.name!r}, so it is not a case; {hint}"
        raise CaseError(msg)
    return parse_settings(document)


def _keys(location: tuple[int | str, ...]) -> list[str]:
    """Return the keys that are legal where an unknown one was seen."""
    nested: dict[str, type[Document]] = {"headline_pairs": HeadlinePair}
    nested |= {name: Quantity for name, field in Settings.model_fields.items() if field.annotation is Quantity}
    model = nested.get(str(location[0]), Settings) if len(location) > 1 else Settings
    return list(model.model_fields)


#: the rights and statuses a case may name, as `get_args` gives them: for messages and docs
RIGHTS: tuple[str, ...] = get_args(Right)
