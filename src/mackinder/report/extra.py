"""Sections on levers, deals and the timeline: there when the results of a run hold their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mackinder.case.arrangements import read_arrangements
from mackinder.case.peaceprocess import read_process
from mackinder.report.answer import Names
from mackinder.report.content import Section
from mackinder.report.dealsection import deals_section, timeline_section
from mackinder.report.hold import hold_section
from mackinder.report.levers import lever_section
from mackinder.report.lookup import Lookup
from mackinder.strategy.dealsanswer import left_out

if TYPE_CHECKING:
    from mackinder.case import Case

__all__ = ["extra_sections", "plan_labels"]


def plan_labels(case: Case) -> dict[str, str]:
    """Display names of the arrangements of a case and of the worlds of its process."""
    arrangements, process = read_arrangements(case.folder), read_process(case.folder)
    labels = {item.id: item.label for item in arrangements.arrangement} if arrangements else {}
    return labels | ({item.id: item.label for item in process.world} if process else {})


def extra_sections(
    lookup: Lookup, names: Names, case: Case, focus: Sequence[str], labels: Mapping[str, str] | None = None
) -> tuple[Section, ...]:
    """Return the sections for which the results hold rows, in the order of the page.

    Parameters
    ----------
    lookup, names, case, focus
        As the other sections take them.
    labels : mapping of str to str, optional
        Display names of arrangements and of worlds; ids where there is none.
    """
    rows, given = lookup.frame.assign(row=range(len(lookup.frame))), labels or plan_labels(case)
    kind = rows["indicator"].astype(str)
    found: list[Section | None] = []
    found.append(hold_section(rows, names, case))
    if kind.eq("lever_worth").any() and "levers" in case.tables:
        found.append(lever_section(lookup, names, case, focus))
    if kind.str.startswith("deal_").any():
        found.append(deals_section(rows[kind.str.startswith("deal_")], given, names.actors))
    elif read_arrangements(case.folder):
        gone = left_out(case, [str(s) for s in rows["scenario"].unique()])
        lacking = "; ".join(f"{given.get(name, name)} ({', '.join(missing)})" for name, missing in gone.items())
        words = (
            "Not computed: an arrangement is valued from its own scenario and those by which it can be obstructed, and this run "
            f"lacks some for each: {lacking}. `mackinder deals {case.name}` runs what is needed and prints who agrees, who can "
            "block and what would change that."
        )
        found.append(Section(section_id="deals", heading="Deals: who agrees, who can block", paragraphs=(words,)))
    process = rows[kind.str.startswith("process_")]
    if len(process):
        chance = process[process["indicator"].eq("process_chance") & process["asset"].ne("")]
        order = sorted(
            dict.fromkeys(zip(chance["asset"].astype(str), chance["scenario"].astype(str), strict=True)),
            key=lambda pair: (
                pair[1] != names.second,
                pair[1] != names.first,
            ),  # those of B first, and of them one is drawn
        )
        worlds = {world: given.get(world, world) for world, _ in order}
        found.append(timeline_section(process, worlds))
    return tuple(section for section in found if section is not None)
