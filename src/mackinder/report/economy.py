"""The section on the economy: who gains and who loses, what is full, and what a project is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mackinder.report.answer import Names
from mackinder.report.content import Section, Table
from mackinder.report.estimate import Estimate
from mackinder.report.lookup import Key, Lookup

__all__ = ["economy_section", "gain_sentence", "largest_gain"]

_PARTS = ("trade", "fees", "rents", "transfers", "capital", "total")
_HEADS = ("Trade gain", "Fees", "Scarcity rents", "Transfers of persons", "Capital cost", "Sum")
_FULL_SHOWN = 15


def economy_section(
    lookup: Lookup, names: Names, focus: Sequence[str], assets: Mapping[str, str], *, note: str = ""
) -> Section:
    """Joint gain first, then the account of each country in focus, full assets, and appraisal of what is built.

    Parameters
    ----------
    lookup : Lookup
    names : Names
    focus : sequence of str
        Countries shown; empty = all.
    assets : mapping of str to str
        Display names of links and transfers.
    note : str
        On economies that stand for more than one country.
    """
    tables: list[Table] = []
    if names.second:
        tables += _account(lookup, names, focus)
        tables += _every_scenario(lookup, names, focus)
        tables += _projects(lookup, names, focus)
    tables += _full(lookup, names, assets)
    found = bool(lookup.keys("welfare_account", names.scenarios, "total"))
    words = (
        "Trade gain: what a country's spending buys more or less at base-year prices when delivered costs change and trade "
        "answers; saved time is inside it. Fees and scarcity rents go to whoever collects them; building is borne as the table "
        "of projects says. What the intervals do not tell apart from zero is called not detectable."
        if found
        else "This run holds demand fixed: it says nothing about gains and losses of countries. Run with --model trade."
    )
    return Section(
        section_id="economy",
        heading="Who gains and who loses; what is full",
        paragraphs=(words, *((note,) if note and found else ())),
        tables=tuple(tables),
    )


def largest_gain(lookup: Lookup, names: Names, focus: Sequence[str]) -> tuple[Key, Estimate] | None:
    """Pick the country in focus whose account changes most, detectable changes first; None without accounts to compare."""
    if not names.second:
        return None
    keys = [k for k in lookup.keys("welfare_account", [names.second], "total") if not focus or k.target in focus]
    changes = [(k, e) for k in keys if (e := lookup.change(names.second, k, "total")) is not None]
    return max(changes, key=lambda item: (item[1].detectable, abs(item[1].value), item[0].target), default=None)


def gain_sentence(lookup: Lookup, names: Names, focus: Sequence[str]) -> str:
    """Say in one sentence whose account changes most; empty if the run has no accounts to compare."""
    found = largest_gain(lookup, names, focus)
    if found is None:
        return ""
    key, most = found
    first, second = f"“{names.scenario(names.first)}”", f"“{names.scenario(names.second)}”"
    amount = names.text(most, names.second, signed=True)
    if not most.detectable:
        who = names.economy(key.target)
        return f"No country in focus gains or loses detectably: the largest change, that of {who}, is {amount}."
    word = "gains" if most.value > 0 else "loses"
    return (
        f"In {names.year} {names.economy(key.target)} {word} most in {second} against {first}: trade, fees, rents, transfers and "
        f"cost of building change its account by {amount}."
    )


def _text(estimate: Estimate | None, scenario: str, names: Names, *, judged: bool = True) -> str:
    """A change without its unit, which the caption tells; `judged` says so where it is not detectable."""
    if estimate is None:
        return "none"
    if estimate.low == estimate.high == 0:
        return estimate.cite("0")
    words = names.text(estimate, scenario, signed=True, unit=False)
    return estimate.cite(f"{words}; not detectable") if judged and not estimate.detectable else words


def _account(lookup: Lookup, names: Names, focus: Sequence[str]) -> tuple[Table, ...]:
    keys = [k for k in lookup.keys("welfare_account", [names.second], "total") if not focus or k.target in focus]
    if not keys:
        return ()
    order = {actor: i for i, actor in enumerate(focus)}
    rows = tuple(
        (
            names.economy(k.target),
            *(
                _text(lookup.change(names.second, k, part), names.second, names, judged=part == "total")
                for part in _PARTS
            ),
        )
        for k in sorted(keys, key=lambda k: (order.get(k.target, len(order)), k.target))
    )
    caption = (
        f"Change of each country's account in {names.year}, “{names.scenario(names.second)}” against "
        f"“{names.scenario(names.first)}”, USD m a year (90 % interval)"
    )
    shown = [i for i in range(1, len(_HEADS) + 1) if any(row[i] not in ("0", "none") for row in rows)] or [len(_HEADS)]
    still = [head for i, head in enumerate(_HEADS, 1) if i not in shown]
    return (
        Table(
            caption=caption,
            columns=("Country", *(_HEADS[i - 1] for i in shown)),
            rows=tuple((row[0], *(row[i] for i in shown)) for row in rows),
            note=f"Nothing changes in: {', '.join(still).lower()}." if still else "",
        ),
    )


def _every_scenario(lookup: Lookup, names: Names, focus: Sequence[str]) -> tuple[Table, ...]:
    others = [s for s in names.scenarios if s != names.first]
    keys = [k for k in lookup.keys("welfare_account", others, "total") if not focus or k.target in focus]
    if len(others) < 2 or not keys:
        return ()
    order = {actor: i for i, actor in enumerate(focus)}
    rows = tuple(
        (names.economy(k.target), *(_text(lookup.change(s, k, "total"), s, names) for s in others))
        for k in sorted(keys, key=lambda k: (order.get(k.target, len(order)), k.target))
    )
    caption = f"Sum of the account in {names.year} against the baseline, every scenario, USD m a year (90 % interval)"
    return (Table(caption=caption, columns=("Country", *(names.scenario(s) for s in others)), rows=rows),)


def _projects(lookup: Lookup, names: Names, focus: Sequence[str]) -> tuple[Table, ...]:
    rows = []
    for indicator, head in (("project_npv", "Net present value"), ("project_eirr", "Economic rate of return")):
        for key in lookup.keys(indicator, [names.second]):
            estimate = lookup.get(names.second, key)
            if estimate is None or (key.target and focus and key.target not in focus):
                continue
            who = names.economy(key.target) if key.target else "all countries"
            text = (
                f"no value in any draw of {estimate.draws}"
                if estimate.draws == 0
                else names.text(estimate, names.second)
            )
            rows.append((key.asset.replace("+", ", "), head, who, text))
    if not rows:
        return ()
    caption = f"What “{names.scenario(names.second)}” builds and the baseline does not (90 % interval)"
    note = "The gain is that of the whole scenario in the horizon year, taken as the same every year; upkeep is in."
    return (
        Table(
            caption=caption, columns=("Projects", "Measure", "Of", "Value"), rows=tuple(rows), note=note, folded=True
        ),
    )


def _full(lookup: Lookup, names: Names, assets: Mapping[str, str]) -> tuple[Table, ...]:
    shown = [s for s in (names.first, names.second) if s]
    found: list[tuple[float, tuple[str, ...]]] = []
    for indicator, variants in (("scarcity_price", ("price", "quota")), ("queue_hours", ("queue",))):
        for variant in variants:
            for key in lookup.keys(indicator, shown, variant):
                estimates = [lookup.get(s, key, variant) for s in shown]
                size = max((e.value for e in estimates if e is not None), default=0.0)
                cells = tuple(
                    names.text(e, s) if e is not None else "not full" for s, e in zip(shown, estimates, strict=True)
                )
                found.append((size, (assets.get(key.asset, key.asset), variant, *cells)))
    if not found:
        return ()
    rows = tuple(row for _, row in sorted(found, key=lambda item: (-item[0], item[1]))[:_FULL_SHOWN])
    caption = f"Links and transfers that are full in {names.year}: scarcity price, or hours of queue (90 % interval)"
    note = (
        f"The {len(rows)} with the highest median of {len(found)} that are full in some draw. Price: collected by the "
        "operator; quota: by the states that give permits; queue: hours lost to all. A zero low end says that it is not full in "
        "every draw."
    )
    columns = ("Link or transfer", "Rule", *(names.scenario(s) for s in shown))
    return (Table(caption=caption, columns=columns, rows=rows, note=note, folded=True),)
