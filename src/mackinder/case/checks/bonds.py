"""Rules about ties and conduits. Codes MK100 to MK109."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from mackinder.case.actors import sovereigns, top_parents
from mackinder.case.checks.registry import Material, hits, items, rule, some
from mackinder.case.findings import Hit
from mackinder.case.rights import MONEY_RIGHTS, active_on
from mackinder.case.ties import tie_indicators
from mackinder.errors import did_you_mean

__all__: list[str] = []

_SERIES: Final = ["sender", "target", "indicator", "variant"]
#: what each kind of conduit is measured in: capacity, flow
_UNITS: Final = {
    "gas": ("bcm/yr", "bcm/yr"),
    "oil": ("Mt/yr", "Mt/yr"),
    "power": ("MW", "GWh/yr"),
    "fibre": ("Tbit/s", "Tbit/s"),
    "nuclear_fuel": ("t/yr", "t/yr"),
}
_HOURS_PER_YEAR: Final = 8.76  # GWh/yr of a MW that never stops
_TOLERANCE: Final = 1e-6


@rule("MK100", "a tie with oneself", cure="Name two powers that do not direct each other", needs=("ties", "actors"))
def own_tie(material: Material) -> Iterator[Hit]:
    """Find ties whose ends are one actor, or roll up to one."""
    ties, top = material.tables["ties"], top_parents(material.tables["actors"])
    roots = [[top.get(actor, actor) for actor in ties[end]] for end in ("sender", "target")]
    alike = pd.Series([sender == target for sender, target in zip(*roots, strict=True)], dtype=bool)
    yield from hits("ties", ties, alike, "{ids} ties an actor to itself")


@rule("MK101", "an indicator that is not in the vocabulary", cure="Use a word of tie_indicators.csv", needs=("ties",))
def unknown_indicator(material: Material) -> Iterator[Hit]:
    """Look up the indicators of ties."""
    ties, known = material.tables["ties"], tie_indicators()
    wrong = ties[~ties["indicator"].isin(list(known)) & (ties["indicator"] != "")]
    for name, rows in wrong.groupby("indicator", sort=True):
        yield Hit("ties.csv", rows["file_row"], did_you_mean(str(name), known, what="indicator of a tie").rstrip("?"))


@rule(
    "MK102",
    "a tie that does not fit its indicator",
    cure="Write dimension, kind and value_unit as tie_indicators.csv says",
    needs=("ties",),
)
def unfit_tie(material: Material) -> Iterator[Hit]:
    """Compare dimension, kind and unit of each tie with those of its indicator."""
    ties = material.tables["ties"]
    for name, rows in ties.groupby("indicator", sort=True):
        word = tie_indicators().get(str(name))
        if word is None:
            continue
        for column, allowed in (
            ("dimension", word.dimensions),
            ("kind", (word.kind,)),
            ("value_unit", word.units),
        ):
            bad = ~rows[column].isin(allowed) & (rows[column] != "")
            says = f"{column} of {name} should be {' or '.join(allowed)}, seen {some(rows.loc[bad, column])}: {{ids}}"
            yield from hits("ties", rows, bad, says)


@rule(
    "MK103",
    "a share above one in ties",
    cure="Write a share from 0 to 1, not a percentage; 1 where a tie only is there",
    needs=("ties",),
)
def tie_above_one(material: Material) -> Iterator[Hit]:
    """Find shares and mere facts that are larger than one."""
    ties = material.tables["ties"]
    above = ties["value_high"] > 1
    yield from hits("ties", ties, above & (ties["value_unit"] == "share"), "{ids} is a share above one")
    flag = ties["value_unit"] == "1"
    yield from hits("ties", ties, flag & (ties["value_mode"] != 1), "{ids} only is there, so its value is 1")


@rule(
    "MK104",
    "a tie twice",
    cure="Join what contradicts into one interval, or tell the rows apart by variant or days",
    needs=("ties",),
)
def repeated_tie(material: Material) -> Iterator[Hit]:
    """Find rows of one sender, target, indicator and variant that begin on one day, or states that overlap."""
    ties = material.tables["ties"]
    twice = ties.duplicated([*_SERIES, "starts_on"], keep=False)
    yield from hits("ties", ties, twice, "the tie is there already with that first day: {ids}")
    states = ties[(ties["kind"] == "state") & ~twice].sort_values([*_SERIES, "starts_on"])
    ends = states["ends_on"].where(states["ends_on"] != "", "9999-12-31")
    before = ends.groupby([states[name] for name in _SERIES]).shift()
    overlap = before.notna() & (states["starts_on"] <= before.fillna(""))
    yield from hits("ties", states, overlap, "{ids} begins before the state of the same tie ends")


@rule(
    "MK105",
    "an observation without an end",
    cure="Give the last day of the period that was measured, or make it a state",
    needs=("ties",),
)
def endless_observation(material: Material) -> Iterator[Hit]:
    """Find observations that do not say of which days they are."""
    ties = material.tables["ties"]
    yield from hits("ties", ties, (ties["kind"] == "observation") & (ties["ends_on"] == ""), "{ids} has no ends_on")


@rule(
    "MK106",
    "a conduit in the wrong unit",
    cure="Gas in bcm/yr, oil in Mt/yr, power in MW and GWh/yr, fibre in Tbit/s, fuel in t/yr; a flow has a year",
    needs=("conduits",),
)
def conduit_units(material: Material) -> Iterator[Hit]:
    """Compare units with kinds, and find numbers without unit or year."""
    frame = material.tables["conduits"]
    for place, name in enumerate(("capacity", "flow")):
        unit, there = frame[f"{name}_unit"], frame[f"{name}_mode"].notna()
        right = frame["kind"].map({kind: units[place] for kind, units in _UNITS.items()}).fillna("")
        yield from hits("conduits", frame, there & (unit == ""), f"{name} of {{ids}} has no {name}_unit")
        bad = (unit != "") & (right != "") & (unit != right)
        yield from hits("conduits", frame, bad, f"{name}_unit of {{ids}} is {some(unit[bad])}")
    yield from hits("conduits", frame, frame["flow_mode"].notna() & frame["flow_year"].isna(), "{ids} has no flow_year")


@rule(
    "MK107",
    "a conduit whose days contradict each other",
    cure="Let opens_on come before closed_since; give opens_on to what is building; what is planned was never closed",
    needs=("conduits",),
)
def conduit_days(material: Material) -> Iterator[Hit]:
    """Compare status, opening and closing of conduits."""
    frame = material.tables["conduits"]
    opens, closed, status = frame["opens_on"], frame["closed_since"], frame["status"]
    late = (opens != "") & (closed != "") & (closed < opens)
    yield from hits("conduits", frame, late, "{ids} closes before it opens")
    yield from hits("conduits", frame, (status == "building") & (opens == ""), "{ids} is building and has no opens_on")
    yield from hits("conduits", frame, (status == "planned") & (closed != ""), "{ids} is planned and has closed_since")
    shut = (closed != "") & status.isin(["open", "restricted"])
    if material.settings is not None:
        shut &= closed <= material.settings.newest_evidence.isoformat()
        yield from hits("conduits", frame, shut, "{ids} is closed since a day that is past, and its status says open")


@rule(
    "MK108",
    "a conduit on ground that nobody answers for",
    cure="Use alpha-3 codes in columns countries of actors.csv; the territory holds both ends that it touches",
    needs=("conduits", "actors"),
)
def conduit_ground(material: Material) -> Iterator[Hit]:
    """Find codes without a sovereign, and conduits that touch neither of their ends."""
    frame = material.tables["conduits"]
    known = sovereigns(material.tables["actors"])
    for name in ("from_country", "to_country", "territory"):
        codes = items(frame[name])
        orphans = codes[~codes.isin(list(known))]
        if len(orphans):
            rows = frame.loc[orphans.index.unique(), "file_row"]
            yield Hit("conduits.csv", rows, f"no actor answers for {name} {some(orphans)}")
    touches = [
        start in ground.split(";") or end in ground.split(";")
        for start, end, ground in zip(frame["from_country"], frame["to_country"], frame["territory"], strict=True)
    ]
    yield from hits("conduits", frame, ~np.array(touches, dtype=np.bool_), "the territory of {ids} holds neither end")


@rule(
    "MK109",
    "more than a conduit can hold",
    cure="Correct flow, capacity or shares: a flow fits its capacity, money rights of a kind add up to at most one",
    needs=("conduits", "controls"),
)
def conduit_overfull(material: Material) -> Iterator[Hit]:
    """Compare flow and capacity, and add up money rights in conduits on every day on which one begins."""
    frame, controls = material.tables["conduits"], material.tables["controls"]
    room = frame["capacity_high"].where(frame["kind"] != "power", frame["capacity_high"] * _HOURS_PER_YEAR)
    over = (frame["flow_low"] > room * (1 + _TOLERANCE)).fillna(value=False)
    yield from hits("conduits", frame, over, "flow of {ids} is above its capacity, low against high")
    money = controls[
        (controls["asset_type"] == "conduit")
        & controls["right"].isin(MONEY_RIGHTS)
        & (controls["status"] != "claimed")
        & controls["share"].notna()
    ]
    reported: set[tuple[str, ...]] = set()
    for day in sorted({"1000-01-01", *money["starts_on"]} - {""}):
        now = money[active_on(money, day)]
        for (asset, right), group in now.groupby(["asset", "right"]):
            key = tuple(sorted(group["control_id"]))
            if group["share"].sum() > 1 + _TOLERANCE and key not in reported:
                reported.add(key)
                message = f"{right} of conduit {str(asset)!r} adds up to {group['share'].sum():.3g} on {day}: {{ids}}"
                yield from hits("controls", controls, pd.Series(controls["control_id"].isin(key)), message)
