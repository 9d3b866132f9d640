"""Items of the documents beside the tables of a case: arrangements, linkages, claims, questions, steps and worlds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from mackinder.case.arrangements import read_arrangements
from mackinder.case.case import Case
from mackinder.case.claimsdoc import read_claims
from mackinder.case.peaceprocess import read_process
from mackinder.case.plain import Plain, plain_facts
from mackinder.case.questionsdoc import read_questions

__all__ = ["ITEM_KINDS", "items_of", "show_item", "used_in_documents"]

#: kinds of items: what reads their document, and the key of the document that lists them
_LISTED: Final[dict[str, tuple[Callable[[Path], BaseModel | None], str]]] = {
    "arrangement": (read_arrangements, "arrangement"),
    "linkage": (read_arrangements, "linkage"),
    "claim": (read_claims, "claim"),
    "question": (read_questions, "question"),
    "step": (read_process, "step"),
    "world": (read_process, "world"),
}
ITEM_KINDS: Final = tuple(_LISTED)
#: keys whose texts are ids of facts
_CITING: Final = ("facts", "supports", "denies")


def items_of(case: Case, kind: str) -> dict[str, Plain]:
    """Return the items of a kind by id, as plain data; none where the case has no such document."""
    read, key = _LISTED[kind]
    document = read(case.folder)
    if document is None:
        return {}
    return {str(item["id"]): item for item in document.model_dump(mode="json", exclude_none=True)[key]}


def show_item(case: Case, kind: str, item: Plain) -> Plain:
    """Return an item with the facts that it names anywhere, and their sources."""
    names = dict.fromkeys(_cited(item))
    return {"kind": kind, "id": item["id"], "row": item, "facts": plain_facts(case, ";".join(names))}


def used_in_documents(case: Case, fact: str) -> list[Plain]:
    """Return the items that name a fact."""
    return [
        {"table": kind, "id": name}
        for kind in ITEM_KINDS
        for name, item in items_of(case, kind).items()
        if fact in _cited(item)
    ]


def _cited(value: object, key: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _cited(inner, str(name))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _cited(inner, key)
    elif isinstance(value, str) and key.endswith(_CITING):
        yield value
