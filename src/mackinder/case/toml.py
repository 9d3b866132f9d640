"""How every TOML document of a case is read: UTF-8, one base for its parts, one message for all its mistakes."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from mackinder.errors import CaseError, did_you_mean

__all__ = ["Document", "in_order", "load_toml", "mistakes", "none_twice", "parse_toml"]

Location = tuple[int | str, ...]


class Document(BaseModel):
    """What all parts of a document share: no unknown keys, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def load_toml(path: Path) -> dict[str, Any] | None:
    """Return what a TOML file says; None where there is no such file.

    Raises
    ------
    CaseError
        If it is not UTF-8 or not TOML.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    return parse_toml(raw, path.name)


def parse_toml(raw: bytes, name: str) -> dict[str, Any]:
    """Return what the bytes of a TOML file say; ``name`` is told with mistakes.

    Raises
    ------
    CaseError
        If they are not UTF-8 or not TOML.
    """
    try:
        return tomllib.loads(raw.decode("utf-8").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        msg = f"{name}: not UTF-8 at byte {error.start}; save it as UTF-8"
        raise CaseError(msg) from None
    except tomllib.TOMLDecodeError as error:
        marked = raw[:3] == b"\xef\xbb\xbf"
        hint = "; it starts with a byte order mark: save it without one" if marked else ""
        msg = f"{name}: malformed TOML: {error}{hint}"
        raise CaseError(msg) from None


def mistakes(error: ValidationError, where: str, keys: Callable[[Location], Sequence[str]], *, first: int = 1) -> str:
    """Write all mistakes of a document in one line, each with the path of its key.

    Parameters
    ----------
    error : ValidationError
    where : str
        Name of the file.
    keys : callable
        Keys that are legal where an unknown one was seen; empty: not told.
    first : int
        Number of the first entry of a list.
    """
    return f"{where}: " + "; ".join(_line(dict(item), keys, first) for item in error.errors())


def _line(item: dict[str, Any], keys: Callable[[Location], Sequence[str]], first: int) -> str:
    steps = (f"[{s + first}]" if isinstance(s, int) else f".{s}" for s in item["loc"])
    where = "".join(steps).removeprefix(".")
    if item["type"] == "missing":
        return f"{where} is missing: add it"
    if item["type"] == "extra_forbidden":
        known, key = keys(item["loc"]), str(item["loc"][-1])
        return f"{where}: " + (did_you_mean(key, known, what="key") if known else f"unknown key {key!r}")
    seen = "" if isinstance(item["input"], dict | BaseModel | list) else f", seen {item['input']!r}"
    reason = str(item.get("ctx", {}).get("error", item["msg"]))
    return f"{where or 'the document'}: {reason[:1].lower()}{reason[1:]}{seen}"


def in_order(low: float, mode: float, high: float) -> None:
    """Refuse an interval whose ends are not in order.

    Raises
    ------
    ValueError
        For pydantic to turn into a message.
    """
    if not low <= mode <= high:
        msg = f"low {low}, mode {mode}, high {high} are not in order"
        raise ValueError(msg)


def none_twice(what: str, names: Sequence[str]) -> None:
    """Refuse names that stand twice.

    Raises
    ------
    ValueError
        For pydantic to turn into a message.

    Examples
    --------
    >>> none_twice("party", ["ARM", "AZE"])
    """
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"{what} {', '.join(twice)} stands twice: give each a name of its own"
        raise ValueError(msg)
