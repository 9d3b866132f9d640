"""Rules about pressure and what surrounds it: episodes, levers, positions and projects. Codes MK110 to MK119."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from mackinder.case.bearers import bearer_shares
from mackinder.case.checks.registry import Material, hits, rule
from mackinder.case.findings import Hit
from mackinder.errors import CaseError, did_you_mean

__all__: list[str] = []

#: sizes and the columns that say in what they are counted
_MEASURED: Final = (
    ("episodes", "value", "value_unit"),
    ("episodes", "effect", "effect_measure"),
    ("levers", "magnitude", "magnitude_unit"),
)
#: what is a part of something, and so at most one
_PARTS: Final = ("share", "relative_fall", "share_of_trade", "share_of_value")
#: kinds of lever that can only harm, or only please
_HARMS: Final = (
    *("ban_exports", "ban_imports", "ban_trade", "close_border", "deny_transit", "financial_sanction"),
    *("military_threat", "obstruct_railway", "raise_risk", "slow_border", "suspend_membership", "tariff"),
)
_GIFTS: Final = ("allow_transit", "fuel_supply", "grain_supply", "guarantee", "investment", "loan", "market_access")
#: dates of which a column says how closely they are known
_DATED: Final = (
    ("episodes", "starts_on", "start_precision"),
    ("episodes", "ends_on", "end_precision"),
    ("positions", "as_of", "as_of_precision"),
)
_FIRST: Final = {"day": "", "month": "-01", "year": "-01-01"}
#: the day of what a row tells; it cannot be known before
_TOLD: Final = (("episodes", "starts_on"), ("positions", "as_of"))
_RATE: Final = 0.5  # a real rate of half a year's value a year is a percentage that was typed as such


@rule("MK110", "a size without its unit", cure="Give the size and what it is counted in together, or neither")
def half_measured(material: Material) -> Iterator[Hit]:
    """Find sizes of which nothing says what they count, and units of nothing."""
    for table, stem, unit in _MEASURED:
        if table in material.tables:
            frame = material.tables[table]
            there = frame[f"{stem}_mode"].notna()
            yield from hits(table, frame, there & (frame[unit] == ""), f"{{ids}} has {stem} without {unit}")
            yield from hits(table, frame, ~there & (frame[unit] != ""), f"{{ids}} has {unit} without {stem}")


@rule("MK111", "pressure on oneself", cure="Name another sender or target: a row is about two sides")
def on_oneself(material: Material) -> Iterator[Hit]:
    """Find rows in which a sender is a target as well."""
    for table in ("episodes", "levers"):
        if table in material.tables:
            frame = material.tables[table]
            both = [
                bool(set(one.split(";")) & set(two.split(";")) - {""})
                for one, two in zip(frame["sender"], frame["target"], strict=True)
            ]
            yield from hits(table, frame, pd.Series(both, dtype=bool), "{ids}: a sender is its own target")


@rule("MK112", "a part above the whole", cure="A part is a number from 0 to 1, not a percentage")
def above_the_whole(material: Material) -> Iterator[Hit]:
    """Find shares and falls of more than all there is."""
    for table, stem, unit in _MEASURED:
        if table in material.tables:
            frame = material.tables[table]
            bad = frame[unit].isin(_PARTS) & (frame[f"{stem}_high"] > 1)
            yield from hits(table, frame, bad, f"{stem} of {{ids}} is a part and is above one")


@rule(
    "MK113",
    "a lever that is shown without what softens it",
    cure="Say in cushions what softens it today, and in mitigations what would make the target safer",
    needs=("levers",),
)
def bare_harm(material: Material) -> Iterator[Hit]:
    """Find harm without cushions or mitigations: a threat is never shown alone."""
    levers = material.tables["levers"]
    for column in ("cushions", "mitigations"):
        bad = (levers["direction"] == "harm") & (levers[column] == "")
        yield from hits("levers", levers, bad, f"{{ids}} does harm and says nothing in {column}")


@rule("MK114", "a position off its scale", cure="Positions are 0 to 100, salience is 0 to 1", needs=("positions",))
def off_scale(material: Material) -> Iterator[Hit]:
    """Compare positions and salience with the ends of their scales."""
    positions = material.tables["positions"]
    for stem, end in (("position", 100.0), ("salience", 1.0)):
        yield from hits("positions", positions, positions[f"{stem}_high"] > end, f"{stem} of {{ids}} is above {end:g}")


@rule(
    "MK115",
    "bearers who do not add up",
    cure="Write ACTOR=share joined by ;, with actors of actors.csv and shares that add up to one",
    needs=("projects", "actors"),
)
def bearers(material: Material) -> Iterator[Hit]:
    """Read who bears the cost of each project."""
    projects, known = material.tables["projects"], frozenset(material.tables["actors"]["actor_id"])
    for text, rows in projects.groupby("bearers", sort=True):
        try:
            unknown = [actor for actor in bearer_shares(str(text)) if actor not in known]
        except CaseError as error:
            yield Hit("projects.csv", rows["file_row"], str(error))
            continue
        for actor in unknown:
            yield Hit("projects.csv", rows["file_row"], did_you_mean(actor, known, what="actor").rstrip("?"))


@rule(
    "MK116",
    "a project that does not hang together",
    cure="Give rates and shares of a year as parts of one, and an opening after the start of works",
    needs=("projects",),
)
def odd_project(material: Material) -> Iterator[Hit]:
    """Find percentages in place of rates, and projects that open before they are begun."""
    projects = material.tables["projects"]
    for stem in ("discount_rate", "upkeep_share"):
        yield from hits("projects", projects, projects[f"{stem}_high"] > _RATE, f"{stem} of {{ids}} is above {_RATE}")
    start, end = projects["starts_on"], projects["opens_on"]
    yield from hits("projects", projects, (start != "") & (end != "") & (end < start), "{ids} opens before works start")


@rule(
    "MK117",
    "a lever that cannot do what it says",
    cure="Correct kind or direction: a ban is no inducement, an investment no harm",
    needs=("levers",),
)
def wrong_direction(material: Material) -> Iterator[Hit]:
    """Compare kind and direction of levers."""
    levers = material.tables["levers"]
    for kinds, direction in ((_HARMS, "inducement"), (_GIFTS, "harm")):
        bad = levers["kind"].isin(kinds) & (levers["direction"] == direction)
        yield from hits("levers", levers, bad, f"{{ids}} cannot be an instance of {direction}")


@rule("MK118", "a date that claims too much", cure="Let a month known no closer be its first day, a year 1 January")
def too_precise(material: Material) -> Iterator[Hit]:
    """Compare dates with how closely they are said to be known."""
    for table, day, precision in _DATED:
        if table in material.tables:
            frame = material.tables[table]
            ends = frame[precision].map(_FIRST).fillna("")
            loose = pd.Series([not d.endswith(e) for d, e in zip(frame[day], ends, strict=True)], dtype=bool)
            yield from hits(table, frame, loose & (frame[day] != ""), f"{day} of {{ids}} is closer than {precision}")
            bad = (frame[day] == "") != (frame[precision] == "")
            yield from hits(table, frame, bad, f"{{ids}} has {day} or {precision} without the other")


@rule("MK119", "known before it happened", cure="Let known_on be the day of the event, or of its evidence, or later")
def foreseen(material: Material) -> Iterator[Hit]:
    """Find rows in sight before what they tell."""
    for table, day in _TOLD:
        if table in material.tables:
            frame = material.tables[table]
            bad = (frame["known_on"] != "") & (frame["known_on"] < frame[day])
            yield from hits(table, frame, bad, f"{{ids}} is known before its {day}")
