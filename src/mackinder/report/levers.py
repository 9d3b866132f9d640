"""The section on levers: what a power can do to its targets, beside control, power and ties; never one score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mackinder.report.answer import Names
from mackinder.report.content import Section, Table
from mackinder.report.lookup import Key, Lookup

if TYPE_CHECKING:
    from mackinder.case import Case

__all__ = ["lever_section"]

_SHOWN = 12
_NOTE = (
    "What a state can do to another by its policy, and what that costs it. Amounts are a year while a lever is kept up, at given "
    "demand on free roads; the first year counts only as long as a lever is likely to last. Levers of one sender overlap and do "
    "not add up. A lever without a money value is none of no weight: it is listed with what is known. Credibility is the share "
    "of draws in which the first year costs the sender less than an elicited stake; it says nothing of will."
)


def lever_section(lookup: Lookup, names: Names, case: Case, focus: Sequence[str]) -> Section:
    """Tell the levers in the results: exposure of targets first, then each lever with its cushions.

    Parameters
    ----------
    lookup : Lookup
    names : Names
    case : Case
        For cushions and mitigations.
    focus : sequence of str
        Senders and targets shown; empty = all.
    """
    scenarios = [s for s in (names.second, names.first) if s]
    keys = lookup.keys("lever_worth", scenarios, "at_once")
    keys = [k for k in keys if not focus or (k.actor in focus and k.target in focus)]
    if not keys:
        words = "No levers were computed in this run: `mackinder levers` does."
        return Section(section_id="levers", heading="Levers", paragraphs=(words,))
    tables = [_together(lookup, names)]
    told = {
        str(row["lever_id"]): {str(k): v for k, v in row.items()} for row in case.table("levers").to_dict("records")
    }
    for sender, target in dict.fromkeys((k.actor, k.target) for k in keys):
        mine = [k for k in keys if (k.actor, k.target) == (sender, target)]
        tables.append(_pair(lookup, names, mine, told))
    return Section(section_id="levers", heading="Levers", paragraphs=(_NOTE,), tables=tuple(tables))


def _together(lookup: Lookup, names: Names) -> Table:
    scenarios = [s for s in (names.first, names.second) if s]
    keys = lookup.keys("lever_joint", scenarios, "at_once")
    rows = tuple(
        (
            " and ".join(names.actor(a) for a in key.actor.split("+")), names.actor(key.target),
            *(names.text(lookup.get(s, key, "at_once"), s) for s in scenarios),
        )
        for key in keys
    )  # fmt: skip
    return Table(
        caption=f"All harms that run through freight, in full and at once, {names.year}",
        columns=("Sender", "Target", *(names.scenario(s) for s in scenarios)),
        rows=rows,
    )


def _pair(lookup: Lookup, names: Names, keys: Sequence[Key], told: dict[str, dict[str, object]]) -> Table:
    scenario = names.second or names.first

    def size(key: Key) -> float:
        found = lookup.get(
            scenario, Key(indicator="lever_first_year", actor=key.actor, target=key.target, asset=key.asset)
        )
        return -1.0 if found is None else found.value

    rows = []
    for key in sorted(keys, key=lambda k: (-size(k), k.asset))[:_SHOWN]:
        row = told.get(key.asset, {})
        rest = {"actor": key.actor, "target": key.target, "asset": key.asset}
        worth = lookup.get(scenario, key, "at_once")
        known = worth is not None and worth.value == worth.value
        cost = lookup.get(scenario, Key(indicator="lever_cost", **rest), "at_once")
        credible = lookup.get(scenario, Key(indicator="lever_credibility", **rest))
        first = lookup.get(scenario, Key(indicator="lever_first_year", **rest))
        rows.append(
            (
                f"{str(row.get('kind', key.asset)).replace('_', ' ')} ({key.asset})",
                str(row.get("direction", "")),
                str(row.get("status", "")),
                names.text(first, scenario) if first is not None else "no money value",
                names.text(worth, scenario) if known else "no money value",
                names.text(cost, scenario) if cost is not None else str(row.get("sender_cost", "")),
                f"{100 * credible.value:.0f} %" if credible is not None else "not said",
                str(row.get("cushions", "")),
                str(row.get("mitigations", "")),
            )
        )
    sender, target = names.actor(keys[0].actor), names.actor(keys[0].target)
    return Table(
        caption=f"Levers of {sender} on {target}, {names.scenario(scenario)}, {names.year}",
        columns=("Lever", "Kind", "Status", "First year", "A year, at once", "Cost to the sender", "Credible", "Cushions",
                 "Would mitigate"),
        rows=tuple(rows),
        note=f"The {len(rows)} largest of {len(keys)}; all are in the results." if len(keys) > len(rows) else "",
        folded=len(rows) > 6,
    )  # fmt: skip
