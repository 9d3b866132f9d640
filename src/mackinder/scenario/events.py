"""`chronology`: what happened, in order, on which evidence, and where the evidence disagrees."""

from __future__ import annotations

from dataclasses import dataclass

from mackinder.case.case import Case
from mackinder.scenario.updates import read_updates

__all__ = ["Event", "chronology"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a chronology.

    Attributes
    ----------
    date, known_on : str
        ISO days: when it happened, and from when the evidence held supports it.
    label : str
        What happened.
    facts : tuple of str
        Fact ids known at the vintage.
    contradictions : tuple of (str, str)
        Pairs of known facts that say otherwise of the same thing, the event's own first.
    disputed : str
        The contradiction in words; empty if there is none, or if it is not known yet.
    update : str
        Id of its file in ``updates``.
    changes : int
        How many changes of the tables it makes; if 0, `reason` says why.
    reason : str
        Why no table changes.
    """

    date: str
    known_on: str
    label: str
    facts: tuple[str, ...]
    contradictions: tuple[tuple[str, str], ...]
    disputed: str
    update: str
    changes: int
    reason: str


def chronology(case: Case) -> list[Event]:
    """Return the events of a case that were known at its vintage, oldest first.

    Parameters
    ----------
    case : Case
        From `read_vintage`; events known after its newest evidence and facts that it does not hold are left out.

    Raises
    ------
    ScenarioError
        If an update file is malformed.

    Examples
    --------
    >>> from mackinder.scenario.vintage import read_vintage  # doctest: +SKIP
    >>> [event.date for event in chronology(read_vintage("south-caucasus", "2025-08-31"))]  # doctest: +SKIP
    ['2025-08-08', '2025-08-22']
    """
    facts = case.table("facts")
    rivals = dict(zip(facts["fact_id"], facts["conflicts_with"], strict=True))
    newest = case.settings.newest_evidence.isoformat()
    events = []
    for update in read_updates(case):
        if update.known_on > newest:
            continue
        known = tuple(fact for fact in update.facts if fact in rivals)
        pairs: list[tuple[str, str]] = []
        for fact in known:
            for rival in str(rivals[fact]).split(";"):
                if rival and rival in rivals and (rival, fact) not in pairs:
                    pairs.append((fact, rival))
        event = Event(
            date=update.date,
            known_on=update.known_on,
            label=update.label,
            facts=known,
            contradictions=tuple(pairs),
            disputed=update.disputed if len(known) == len(update.facts) else "",
            update=update.name,
            changes=len(update.changes),
            reason=update.changes_nothing,
        )
        events.append(event)
    return sorted(events, key=lambda event: (event.date, event.known_on, event.update))
