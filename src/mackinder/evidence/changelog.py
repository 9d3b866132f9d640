"""How headlines moved from the first vintage to the newest, event by event (convention C128)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.indicators.ties import ALL, capacity, ties_capacity
from mackinder.indicators.tiescales import DIMENSIONS
from mackinder.scenario import apply, read_scenario
from mackinder.scenario.events import Event, chronology
from mackinder.scenario.vintage import read_vintage
from mackinder.strategy.timelineanswer import timeline_answer

__all__ = ["Headline", "LogEntry", "change_log", "headlines"]

#: draws of each headline at each vintage: they are many, and medians are compared
_DRAWS = 60
_PATHS = 20
#: milestones of the process that are told, by id
_MILESTONES = ("signature", "ground-breaking", "rail-opening")


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One number of a vintage.

    Attributes
    ----------
    id, label, unit : str
    value, low, high : float
        Median and 90 % interval; a count has no interval.
    """

    id: str
    label: str
    unit: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A day on which something became known.

    Attributes
    ----------
    day : str
    events : tuple of Event
        What became known; contradictory reports are in their `contradictions` and `disputed`.
    sources : tuple of str
        ``fact: publisher, date`` of what the events rest on.
    moved : tuple of (Headline, Headline)
        Headlines before and after that are not the same.
    facts_gained : int
        Facts in sight since the day before in the log.
    """

    day: str
    events: tuple[Event, ...]
    sources: tuple[str, ...]
    moved: tuple[tuple[Headline, Headline], ...]
    facts_gained: int


def headlines(case: Case, *, seed: int = 0) -> tuple[Headline, ...]:
    """Return the headlines of a vintage that cost seconds: the process, ties, and what is open and restricted.

    Flows are not among them: they need a route set for each vintage. `mackinder run --as-of` gives them for a day.

    Parameters
    ----------
    case : Case
        A vintage.
    seed : int
    """
    found = [_usable(case), _restricted(case), _evidence(case)]
    if (case.folder / "process.toml").is_file():
        found += _process(case, seed)
    if "ties" in case.tables and len(case.table("ties")):
        found += _ties(case, seed)
    return tuple(found)


def _count(name: str, label: str, unit: str, n: float) -> Headline:
    return Headline(id=name, label=label, unit=unit, value=n, low=n, high=n)


def _usable(case: Case) -> Headline:
    links = apply(case, read_scenario(case.settings.baseline, case)).table("links")
    shut = links["status"].isin(["planned", "closed", "destroyed", "building"])
    return _count("links-not-usable", "Links planned, being built or shut", "links", float(shut.sum()))


def _restricted(case: Case) -> Headline:
    table = case.table("restrictions")
    day = case.settings.newest_evidence.isoformat()
    on = (table["starts_on"] <= day) & ((table["ends_on"] == "") | (table["ends_on"] >= day))
    return _count("restrictions", "Restrictions in force", "restrictions", float(on.sum()))


def _evidence(case: Case) -> Headline:
    facts = case.table("facts")
    return _count(
        "conflicts", "Facts with a contradictory report", "facts", float((facts["conflicts_with"] != "").sum())
    )


def _process(case: Case, seed: int) -> list[Headline]:
    answer = timeline_answer(case, analogues=False, draws=_DRAWS, paths=_PATHS, seed=seed)
    world, out = answer.worlds[0], []
    found = answer.incidence[world.id]
    for mark in answer.spec.milestone:
        if mark.id not in _MILESTONES:
            continue
        low, value, high = found.interval(mark.of)[:, int((found.years == answer.horizon).argmax())]
        out.append(
            Headline(
                id=f"process-{mark.id}", label=f"{mark.label} by {answer.horizon} ({world.label})", unit="chance",
                value=float(value), low=float(low), high=float(high),
            )
        )  # fmt: skip
    return out


def _ties(case: Case, seed: int) -> list[Headline]:
    table, settings = case.table("ties"), case.settings
    senders = [actor for actor in settings.focus if actor in set(table["sender"])][:2]
    targets = sorted(set(table["target"]))[:2]
    if not senders:
        return []
    design = Design(seed=seed, draws=_DRAWS, common_share=settings.common_share)
    year = settings.newest_evidence.year
    ties = ties_capacity(case, (), design=design, senders=senders, targets=targets, years=[year - 1])
    middle = capacity(ties).middle[:, (*DIMENSIONS, ALL).index(ALL)]
    out = []
    for sender in senders:
        for target in targets:
            here = ties.cells[(ties.cells["actor"] == sender) & (ties.cells["target"] == target)]
            values = middle[here.index[here["day"] <= ties.newest][-1]]
            if np.isnan(values).any():
                continue
            low, value, high = (float(x) for x in np.quantile(values, [0.05, 0.5, 0.95]))
            out.append(
                Headline(id=f"ties-{sender}-{target}", label=f"Ties capacity of {sender} on {target}", unit="0 to 1",
                         value=value, low=low, high=high)
            )  # fmt: skip
    return out


def change_log(
    case: Case, *, seed: int = 0, days: Sequence[str] | None = None, narrate: Callable[[str], None] | None = None
) -> tuple[tuple[Headline, ...], tuple[LogEntry, ...], tuple[Headline, ...]]:
    """Follow the headlines through the vintages of a case.

    Parameters
    ----------
    case : Case
        The newest vintage.
    seed : int
    days : sequence of str, optional
        ISO days to look at; default: every day on which an event became known. Each costs a second or two.
    narrate : callable, optional

    Returns
    -------
    first : tuple of Headline
        At the first vintage.
    log : tuple of LogEntry
        Oldest first.
    last : tuple of Headline
        At the newest vintage.
    """
    say = narrate or (lambda _: None)
    start = case.settings.article_date.isoformat()
    events = [event for event in chronology(case) if event.known_on > start]
    chosen = sorted(set(days) if days is not None else {event.known_on for event in events})
    vintage = read_vintage(case.folder, start)
    first = before = headlines(vintage, seed=seed)
    known, since = set(vintage.table("facts")["fact_id"]), start
    log = []
    for day in chosen:
        say(day)
        vintage = read_vintage(case.folder, day)
        after = headlines(vintage, seed=seed)
        facts = vintage.table("facts").set_index("fact_id")
        told = tuple(e for e in events if since < e.known_on <= day)
        log.append(
            LogEntry(
                day=day, events=told, sources=_sources(vintage, [f for e in told for f in e.facts]),
                moved=_moved(before, after), facts_gained=len(set(facts.index) - known),
            )
        )  # fmt: skip
        known, before, since = set(facts.index), after, day
    return first, tuple(log), before


def _moved(before: Sequence[Headline], after: Sequence[Headline]) -> tuple[tuple[Headline, Headline], ...]:
    """Pairs of headlines whose number is not the same to two figures."""
    old = {item.id: item for item in before}
    pairs = [(old[item.id], item) for item in after if item.id in old]
    return tuple((a, b) for a, b in pairs if f"{a.value:.2g}" != f"{b.value:.2g}")


def _sources(case: Case, facts: Sequence[str]) -> tuple[str, ...]:
    rows = case.table("facts").set_index("fact_id")
    sources = case.table("sources").set_index("source_id")
    lines = []
    for name in dict.fromkeys(facts):
        if name in rows.index:
            source = sources.loc[str(rows.loc[name, "source"])]
            lines.append(f"{name}: {source['publisher']}, {source['published_on']}".rstrip(", "))
    return tuple(lines)
