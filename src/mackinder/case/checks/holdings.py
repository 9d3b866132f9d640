"""Rules about rights, charges and restrictions. Codes MK070 to MK079 and MK160."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from mackinder.case.checks.registry import Material, hits, rule
from mackinder.case.findings import Hit
from mackinder.case.rights import MONEY_RIGHTS, active_on, reach, resolve
from mackinder.case.selectors import parse
from mackinder.errors import CaseError

__all__: list[str] = []

_TOLERANCE: Final = 1e-6


@rule(
    "MK070",
    "money rights above one",
    cure="Correct shares or dates: owner, operator, toll or finance of one thing add up to at most one",
    needs=("controls", "links", "places", "actors"),
)
def money_above_one(material: Material) -> Iterator[Hit]:
    """Add up money rights in each link and place on every day on which one of them begins or follows an end.

    Claims do not count. Frameworks count beside binding rights. Rights in a place are added up apart from those in the
    line (see `mackinder.case.rights`).
    """
    controls = material.tables["controls"]
    money = controls[
        controls["right"].isin(MONEY_RIGHTS) & controls["share"].notna() & (controls["status"] != "claimed")
    ]
    legible = [_selects(kind, asset) for kind, asset in zip(money["asset_type"], money["asset"], strict=True)]
    money = money[np.array(legible, dtype=np.bool_)]
    # whatever the days: only where all shares together exceed one can those of some day do so
    ever = reach(money, material.links)
    crowded = ever[ever.groupby(["link", "right"])["share"].transform("sum") > 1 + _TOLERANCE]
    together = money.groupby(["asset", "right"])["share"].transform("sum") > 1 + _TOLERANCE
    money = money[money["control_id"].isin(crowded["control_id"]) | (together & (money["asset_type"] == "place"))]
    tables = {**material.tables, "controls": money}
    reported: set[tuple[str, ...]] = set()
    for day in _days(money):
        held = resolve(tables, day, statuses=("framework", "binding"), index=material.links, territory=False)
        in_line = held[held["right"].isin(MONEY_RIGHTS) & (held["via"] != "place")]
        now = money[active_on(money, day) & (money["asset_type"] == "place")]
        in_place = now[["asset", "right", "share", "control_id"]].rename(columns={"asset": "link_id"})
        for rows in (in_line, in_place):
            sums = rows.groupby(["link_id", "right"])["share"].transform("sum")
            for (asset, right), group in rows[sums > 1 + _TOLERANCE].groupby(["link_id", "right"]):
                key = tuple(sorted(group["control_id"]))
                if key not in reported:
                    reported.add(key)
                    message = f"{right} of {str(asset)!r} adds up to {group['share'].sum():.3g} on {day}: {{ids}}"
                    yield from hits("controls", controls, controls["control_id"].isin(key), message)


def _selects(kind: str, asset: str) -> bool:
    if kind != "selector":
        return True
    try:
        parse(asset)
    except CaseError:
        return False
    return True


def _days(rows: pd.DataFrame) -> list[str]:
    """Return the days on which the set of rows that count changes."""
    days = {"1000-01-01", *rows["starts_on"]}
    for text in rows["ends_on"]:
        try:
            days.add((dt.date.fromisoformat(text) + dt.timedelta(days=1)).isoformat())
        except (ValueError, OverflowError):
            continue  # empty, or not a day (MK011)
    return sorted(days - {""})


@rule("MK071", "dates reversed", cure="Let starts_on come before ends_on, and valid_from before valid_to")
def reversed_dates(material: Material) -> Iterator[Hit]:
    """Compare the first and last day of rights, charges, restrictions and facts."""
    pairs = (("starts_on", "ends_on"), ("valid_from", "valid_to"))
    for table, frame in material.tables.items():
        for first, last in pairs:
            if first in frame.columns and last in frame.columns:
                start, end = frame[first], frame[last]
                size = pd.concat([start.str.len(), end.str.len()], axis=1).min(axis=1)
                alike = (
                    [
                        (one[:length], two[:length])  # a year against a month: only what both say is compared
                        for one, two, length in zip(start, end, size, strict=True)
                    ]
                    if (start.str.len() != end.str.len()).any()
                    else list(zip(start, end, strict=True))
                )
                bad = pd.Series([one > two != "" and one != "" for one, two in alike], index=frame.index)
                yield from hits(table, frame, bad, f"{first} is after {last}: {{ids}}")


@rule(
    "MK072",
    "a share of a right to close",
    cure="Write 1: a right to close is held or not, and does not add up",
    needs=("controls",),
)
def partial_closing(material: Material) -> Iterator[Hit]:
    """Find rights that are not money and have a share other than one."""
    controls = material.tables["controls"]
    closing = (controls["right"] != "") & ~controls["right"].isin(MONEY_RIGHTS)
    bad = closing & controls["share"].notna() & (controls["share"] != 1.0)
    yield from hits("controls", controls, bad, "{ids} holds a right to close with a share other than 1")


@rule(
    "MK073",
    "a surcharge without amount",
    cure="Give surcharge_usd_per_t and charge_basis for a surcharge, neither for a denial",
    needs=("restrictions",),
)
def empty_surcharge(material: Material) -> Iterator[Hit]:
    """Find surcharges without amount or basis, and denials that have one."""
    rows = material.tables["restrictions"]
    surcharge, amount = rows["effect"] == "surcharge", rows["surcharge_usd_per_t_mode"]
    yield from hits("restrictions", rows, surcharge & amount.isna(), "{ids} is a surcharge without surcharge_usd_per_t")
    no_basis = surcharge & (rows["charge_basis"] == "")
    yield from hits("restrictions", rows, no_basis, "{ids} is a surcharge without charge_basis")
    yield from hits("restrictions", rows, (rows["effect"] == "deny") & amount.notna(), "{ids} denies and has an amount")
    flow = surcharge & (rows["asset"] == "trade") & (rows["charge_basis"] == "per_link")
    yield from hits(
        "restrictions", rows, flow, "{ids} is on the trade itself and is paid per link: make it per_shipment"
    )


@rule("MK074", "an extension of nothing", cure="Give ends_on, or leave extension_years empty", needs=("controls",))
def endless_extension(material: Material) -> Iterator[Hit]:
    """Find rights without an end that can be extended."""
    controls = material.tables["controls"]
    bad = controls["extension_years"].notna() & (controls["ends_on"] == "")
    yield from hits("controls", controls, bad, "{ids} can be extended and has no end")


@rule("MK075", "the same right twice", cure="Join the rows, or set their dates apart", needs=("controls",))
def repeated_right(material: Material) -> Iterator[Hit]:
    """Find rows that give one actor one right in one thing for overlapping days."""
    controls = material.tables["controls"]
    key = ["actor", "asset_type", "asset", "right", "status"]
    ordered = controls.assign(
        start=controls["starts_on"].where(controls["starts_on"] != "", "0000"),
        end=controls["ends_on"].where(controls["ends_on"] != "", "9999-12-31"),
    ).sort_values([*key, "start", "end"])
    before = ordered.groupby(key)["end"].shift()
    overlap = before.notna() & (ordered["start"] <= before.fillna(""))
    yield from hits(
        "controls", controls, overlap.reindex(controls.index), "{ids} repeats a right that its actor has already"
    )


@rule(
    "MK160",
    "a charge on some goods only",
    cure="Leave goods at *, with what its traffic pays on average; what some goods pay on top is a surcharge in restrictions",
    needs=("charges",),
)
def charge_on_some_goods(material: Material) -> Iterator[Hit]:
    """Find charges of which the books of a run would hand out too much: they know no goods (convention C122)."""
    charges = material.tables["charges"]
    yield from hits(
        "charges", charges, charges["goods"] != "*", "{ids} is due on some goods only; fees are booked for all"
    )
