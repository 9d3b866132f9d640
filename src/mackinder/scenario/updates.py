"""``updates/*.toml``: what became known after the first vintage, one file for each dated event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mackinder.case.case import Case
from mackinder.errors import ScenarioError, did_you_mean
from mackinder.scenario.document import read_changes, read_document, read_id, read_sentence
from mackinder.scenario.grammar import read_day, read_names
from mackinder.scenario.knowledge import later_facts
from mackinder.scenario.model import Change

__all__ = ["UPDATE_KEYS", "Update", "read_update", "read_updates"]

#: keys of an update file
UPDATE_KEYS: Final = ("change", "changes_nothing", "date", "disputed", "facts", "id", "known_on", "label")


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A dated event and what it changes in the tables.

    Attributes
    ----------
    name : str
        Id, the name of the file.
    label : str
        What happened, in one neutral sentence.
    date : str
        ISO day of the event; its first day if it lasted.
    known_on : str
        ISO day from which the evidence held supports it; not before the event.
    facts : tuple of str
        Fact ids it rests on.
    disputed : str
        In what the evidence disagrees; empty if it does not.
    changes_nothing : str
        Why no table changes; empty if there are changes.
    changes : tuple of Change
        In the grammar of scenarios.
    """

    name: str
    label: str
    date: str
    known_on: str
    facts: tuple[str, ...]
    disputed: str = ""
    changes_nothing: str = ""
    changes: tuple[Change, ...] = ()

    @property
    def evidence(self) -> tuple[str, ...]:
        """Facts of the update and of its changes, each once."""
        return tuple(dict.fromkeys([*self.facts, *(fact for change in self.changes for fact in change.facts)]))


def read_updates(case: Case) -> tuple[Update, ...]:
    """Read the updates of a case, in the order in which they became known.

    Parameters
    ----------
    case : Case
        Of any vintage: all files in its folder are read.

    Returns
    -------
    tuple of Update
        By ``known_on``, then event day, then id; empty if the case has no folder ``updates``.

    Raises
    ------
    ScenarioError
        If a file is malformed, names facts that the case does not have, or says nothing about the tables.

    Examples
    --------
    >>> from mackinder.case import read_case  # doctest: +SKIP
    >>> read_updates(read_case("south-caucasus"))[0].date  # doctest: +SKIP
    '2025-08-08'
    """
    updates = [read_update(path) for path in sorted((case.folder / "updates").glob("*.toml"))]
    known = set(case.table("facts")["fact_id"])
    if any(fact not in known for update in updates for fact in update.evidence):
        known |= later_facts(case)
    for update in updates:
        for fact in update.evidence:
            if fact not in known:
                msg = f"{update.name}.toml: {did_you_mean(fact, known, what='fact')}"
                raise ScenarioError(msg)
    return tuple(sorted(updates, key=lambda update: (update.known_on, update.date, update.name)))


def read_update(path: Path) -> Update:
    """Read one update file; whether its facts exist is for `read_updates` to say."""
    raw, text = read_document(path, UPDATE_KEYS)
    date = _required_day(raw, "date", path)
    known_on = _required_day(raw, "known_on", path) if "known_on" in raw else date
    if known_on < date:
        msg = f"{path.name}: known_on {known_on} lies before the event, {date}; date is the day on which it happened"
        raise ScenarioError(msg)
    facts = read_names(raw.get("facts", []), where=f"{path.name}.facts")
    if not facts:
        msg = f'{path.name}: an update needs facts = ["..."], ids of facts.csv'
        raise ScenarioError(msg)
    # an update tells what happened, the lifting of a ban included: it is no hypothesis
    changes = read_changes(raw, text, path, hypothetical=True)
    reason = " ".join(read_sentence(raw, "changes_nothing", path).split()) if "changes_nothing" in raw else ""
    if bool(changes) == bool(reason):
        seen = "both" if changes else "neither"
        msg = f'{path.name}: give [[change]] or changes_nothing = "why no table changes", one of them; it has {seen}'
        raise ScenarioError(msg)
    return Update(
        name=read_id(raw, path),
        label=" ".join(read_sentence(raw, "label", path).split()),
        date=date,
        known_on=known_on,
        facts=facts,
        disputed=" ".join(read_sentence(raw, "disputed", path).split()) if "disputed" in raw else "",
        changes_nothing=reason,
        changes=changes,
    )


def _required_day(raw: Mapping[str, object], key: str, path: Path) -> str:
    day = read_day(raw.get(key, ""), where=f"{path.name}.{key}")
    if not day:
        msg = f"{path.name}: key {key!r} is missing; it is a day such as 2025-10-21"
        raise ScenarioError(msg)
    return day
