"""What the page of a case says of trade inside and beyond a country: splits over zones, re-exports, money sent home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from mackinder.report.markdown import interval, percent, percent_interval, table
from mackinder.report.network import actor_labels

if TYPE_CHECKING:
    from mackinder.case import Case

__all__ = ["income_sections"]


def income_sections(case: Case) -> list[str]:
    """Write the section on the tables ``zone_shares``, ``reexports`` and ``remittances``.

    Parameters
    ----------
    case : Case

    Returns
    -------
    list of str
        Markdown; a table without rows is passed over.
    """
    label = {str(key): str(name) for key, name in actor_labels(case.table("actors")).items()}
    parts = [*_zone_shares(case, label), *_reexports(case, label), *_remittances(case, label)]
    return ["## Splits, re-exports and money sent home", *parts] if parts else []


def _zone_shares(case: Case, label: dict[str, str]) -> list[str]:
    shares, zones = case.table("zone_shares"), case.table("zones")
    if shares.empty:
        return []
    country = dict(zip(zones["zone_id"], zones["country"], strict=True))
    whose = shares.assign(country=shares["zone"].map(country))
    rows = []
    for (code, direction, partner, goods), group in whose.groupby(["country", "direction", "partner", "goods"]):
        split = [f"{row['zone']} {percent(float(row['share_mode']))}" for row in _records(group)]
        rows.append(
            [label.get(str(code), code), direction, _name(partner, label), _goods(case, goods), ", ".join(split)]
        )
    return [
        f"{len(shares)} shares of zones in a country's trade where population or product would mislead; the rest follows "
        "`trade_share` of `zones`. Central values; what names partner and goods goes first (convention C56).",
        table(["country", "direction", "partner", "goods", "split"], rows),
    ]


def _reexports(case: Case, label: dict[str, str]) -> list[str]:
    rows = [
        [
            *(_name(row[end], label) for end in ("exporter", "importer")),
            _goods(case, row["goods"]),
            percent_interval(*(float(row[f"share_{bound}"]) for bound in ("mode", "low", "high"))),
            ", ".join(_name(origin, label) for origin in str(row["origins"]).split(";") if origin),
            row["basis"],
            str(row["facts"]).replace(";", ", "),
        ]
        for row in _records(case.table("reexports"))
    ]
    head = ["exporter", "importer", "goods", "foreign", "made in", "basis", "facts"]
    return (
        ["Foreign goods sent on, as a share of the flow of which they are part (convention C57).", table(head, rows)]
        if rows
        else []
    )


def _remittances(case: Case, label: dict[str, str]) -> list[str]:
    rows = [
        [
            *(_name(row[end], label) for end in ("payer", "recipient")),
            row["year"],
            interval(*(float(row[f"value_musd_{bound}"]) for bound in ("mode", "low", "high"))),
            row["basis"],
            str(row["facts"]).replace(";", ", "),
        ]
        for row in _records(case.table("remittances"))
    ]
    head = ["from", "to", "year", "USD m", "basis", "facts"]
    return ["Money that workers abroad send home.", table(head, rows)] if rows else []


def _name(code: object, label: dict[str, str]) -> str:
    return "all" if code == "*" else label.get(str(code), str(code))


def _goods(case: Case, code: object) -> str:
    goods = case.table("goods")
    known = dict(zip(goods["goods_id"], goods["label"], strict=True))
    return "all" if code == "*" else str(known.get(str(code), code))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
