"""Selectors: the small language in which tables and scenarios name links.

::

    selector  = clause { ";" clause }           union, from left to right
    clause    = [ "-" ] ( "*" | condition { "&" condition } )     "-" takes away what it selects
    condition = key "=" value { "|" value }
    key       = link | place | territory | mode | tag | tier

``place`` selects links that touch the place; ``territory`` those whose territory contains the code. The word ``trade``
alone (restrictions only) means the flow itself, whatever its route, and selects no link.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mackinder.case.schema import table_schema
from mackinder.errors import CaseError, did_you_mean

__all__ = ["KEYS", "Clause", "LinkIndex", "is_trade", "parse", "select"]

KEYS: Final = ("link", "place", "territory", "mode", "tag", "tier")
_VALUE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class Clause:
    """Conditions that a link must meet together; no condition means every link."""

    conditions: tuple[tuple[str, tuple[str, ...]], ...]
    subtract: bool


def is_trade(selector: str) -> bool:
    """Say whether a selector means the flow itself, whatever its route."""
    return selector.strip() == "trade"


@lru_cache(maxsize=4096)
def parse(selector: str) -> tuple[Clause, ...]:
    """Parse a selector.

    Parameters
    ----------
    selector : str
        Text in the grammar above.

    Returns
    -------
    tuple of Clause

    Raises
    ------
    CaseError
        If the text is not in the grammar, or means ``trade`` where links are asked for.

    Examples
    --------
    >>> parse("tag=btk&mode=rail;-territory=TUR")[1].subtract
    True
    """
    if is_trade(selector):
        msg = "selector 'trade' means the flow whatever its route and selects no link: it is for restrictions only"
        raise CaseError(msg)
    clauses = tuple(_clause(text.strip(), selector) for text in selector.split(";"))
    if clauses[0].subtract:
        msg = f"selector {selector!r} begins by taking away: begin with what it selects, such as '*;{selector}'"
        raise CaseError(msg)
    return clauses


def _clause(text: str, selector: str) -> Clause:
    subtract = text.startswith("-")
    body = text.removeprefix("-").strip()
    if not body:
        msg = f"selector {selector!r} has an empty clause: remove a ';', or write '*' for all links"
        raise CaseError(msg)
    if body == "*":
        return Clause((), subtract)
    return Clause(tuple(_condition(part.strip(), selector) for part in body.split("&")), subtract)


def _condition(text: str, selector: str) -> tuple[str, tuple[str, ...]]:
    key, equals, values = text.partition("=")
    key = key.strip()
    if not equals:
        msg = f"selector {selector!r}: {text!r} is not key=value; a link is named by 'link={text}', all links by '*'"
        raise CaseError(msg)
    if key not in KEYS:
        raise CaseError(f"selector {selector!r}: " + did_you_mean(key, KEYS, what="key"))
    items = tuple(value.strip() for value in values.split("|"))
    for item in items:
        if not _VALUE.fullmatch(item):
            msg = f"selector {selector!r}: {item!r} is not a name; values are joined by '|'"
            raise CaseError(msg)
        if key == "mode" and item not in _modes():
            raise CaseError(f"selector {selector!r}: " + did_you_mean(item, _modes(), what="mode"))
        if key == "tier" and not item.isdigit():
            msg = f"selector {selector!r}: tier is a whole number, seen {item!r}"
            raise CaseError(msg)
    return key, items


def _modes() -> tuple[str, ...]:
    return next(column.allowed for column in table_schema("links").columns if column.name == "mode")


class LinkIndex:
    """Links prepared for many selectors; columns are looked up once per key and value.

    Parameters
    ----------
    links : DataFrame
        Table ``links``, n_links rows.
    """

    def __init__(self, links: pd.DataFrame) -> None:
        self._links = links.reset_index(drop=True)
        self._rows: dict[str, dict[str, npt.NDArray[np.intp]]] = {}
        self._masks: dict[str, npt.NDArray[np.bool_]] = {}

    def mask(self, selector: str) -> npt.NDArray[np.bool_]:
        """Return which links a selector selects.

        Returns
        -------
        ndarray of bool, shape (n_links,)
            In the order of the table.

        Raises
        ------
        CaseError
            If the selector does not parse. A name that no link has selects nothing; `unknown` lists such names.
        """
        if selector not in self._masks:
            chosen = np.zeros(len(self._links), dtype=np.bool_)
            for clause in parse(selector):
                meets = self._clause_mask(clause)
                chosen = chosen & ~meets if clause.subtract else chosen | meets
            self._masks[selector] = chosen
        return self._masks[selector].copy()

    def unknown(self, selector: str) -> list[str]:
        """Return the conditions ``key=value`` of a selector that no link meets."""
        return [
            f"{key}={value}"
            for clause in parse(selector)
            for key, values in clause.conditions
            for value in values
            if value not in self.values(key)
        ]

    def values(self, key: str) -> dict[str, npt.NDArray[np.intp]]:
        """Return, for each value that links have under a key, the positions of those links."""
        if key not in self._rows:
            self._rows[key] = _positions(self._links, key)
        return self._rows[key]

    def _clause_mask(self, clause: Clause) -> npt.NDArray[np.bool_]:
        meets = np.ones(len(self._links), dtype=np.bool_)
        for key, values in clause.conditions:
            rows = self.values(key)
            part = np.zeros(len(self._links), dtype=np.bool_)
            for value in values:
                if value in rows:
                    part[rows[value]] = True
            meets &= part
        return meets


def _positions(links: pd.DataFrame, key: str) -> dict[str, npt.NDArray[np.intp]]:
    """Group link positions by the values that they have under a key (a link may have several)."""
    columns = {"link": ["link_id"], "place": ["from_place", "to_place"], "territory": ["territory"], "tag": ["tags"]}
    listed: dict[str, list[int]] = {}
    for column in columns.get(key, [key]):
        for position, text in enumerate(links[column].astype(str).to_list()):
            for value in text.split(";") if key in ("territory", "tag") else (text,):
                if value:
                    listed.setdefault(value, []).append(position)
    return {value: np.array(rows, dtype=np.intp) for value, rows in listed.items()}


def select(selector: str, links: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which links a selector selects; for many selectors build one `LinkIndex`.

    Parameters
    ----------
    selector : str
        Text in the grammar of this module.
    links : DataFrame
        Table ``links`` with a RangeIndex, n_links rows.

    Returns
    -------
    ndarray of bool, shape (n_links,)

    Raises
    ------
    CaseError
        If the selector does not parse.
    """
    return LinkIndex(links).mask(selector)
