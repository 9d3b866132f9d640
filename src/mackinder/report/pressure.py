"""What the page of a case says of levers, episodes, positions and projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from mackinder.case.bearers import bearer_shares
from mackinder.report.markdown import interval, number, percent, table
from mackinder.report.network import actor_labels

if TYPE_CHECKING:
    from mackinder.case import Case

__all__ = ["pressure_sections"]

_MOST: Final = 10  # rows in a list of weak inputs
#: units of a lever's size in words; the others speak for themselves
_UNITS: Final = {
    "share": "share cut or granted",
    "relative_rise": "rise of the price",
    "relative_fall": "fall of the price",
    "usd_per_t": "USD/t",
    "hours": "hours a passage",
    "share_of_value": "share of the goods' value",
    "musd": "USD m",
    "musd_per_year": "USD m/yr",
}


def pressure_sections(case: Case) -> list[str]:
    """Return the parts of the page about pressure and money: counts first, then what is known least.

    Parameters
    ----------
    case : Case

    Returns
    -------
    list of str
        Markdown; a table without rows is passed over.
    """
    label = {str(key): str(name) for key, name in actor_labels(case.table("actors")).items()}
    parts = [*_levers(case, label), *_episodes(case), *_positions(case, label), *_projects(case, label)]
    return ["## Levers, episodes, positions and projects", *parts] if parts else []


def _levers(case: Case, label: dict[str, str]) -> list[str]:
    levers = case.table("levers")
    if levers.empty:
        return []
    rows = []
    for (sender, target), group in levers.groupby(["sender", "target"], sort=True):
        standing = group["status"].value_counts().reindex(["used", "threatened", "available"], fill_value=0)
        gifts = int((group["direction"] == "inducement").sum())
        pair = [label.get(str(sender), sender), label.get(str(target), target)]
        rows.append([*pair, len(group) - gifts, gifts, *standing])
    sized = levers[(levers["magnitude_low"] > 0) & (levers["basis"] == "estimate")]
    spread = sized.assign(spread=sized["magnitude_high"] / sized["magnitude_low"])
    wide = spread.sort_values(["spread", "lever_id"], ascending=[False, True]).head(_MOST)
    weak = [
        [
            row["lever_id"],
            _span(row, "magnitude"),
            _UNITS.get(row["magnitude_unit"], row["magnitude_unit"]),
            row["ground"],
        ]
        for row in _records(wide)
    ]
    return [
        f"{len(levers)} levers of states and unions on each other, at the level of a country's policy; each with its cost "
        "to the sender, its cushions and what would mitigate it (`mackinder show lever:ID`).",
        "Each lever counts once by what it does (harm or inducement) and once by how far it has gone.",
        table(["sender", "target", "harms", "inducements", "used", "threatened", "available"], rows),
        "Levers whose size is judged and widest.",
        table(["lever", "size", "counted in", "ground"], weak),
    ]


def _episodes(case: Case) -> list[str]:
    episodes = case.table("episodes")
    if episodes.empty:
        return []
    counts = pd.crosstab(episodes["kind"], episodes["target_response"])
    names = [str(name) for name in counts.columns]
    rows = [[kind, *(int(counts.loc[kind, name]) for name in counts.columns)] for kind in counts.index]
    sized = int(episodes["effect_mode"].notna().sum())
    return [
        f"{len(episodes)} observed episodes, {sized} of them with an effect made comparable. What followed is not what was "
        "caused, and they were found, not sampled: what was dropped in silence is missing.",
        table(["kind", *names], rows),
    ]


def _positions(case: Case, label: dict[str, str]) -> list[str]:
    positions = case.table("positions")
    if positions.empty:
        return []
    rows = []
    for scale in _records(case.table("position_scales")):
        mine = positions[positions["issue"] == scale["issue"]]
        actors = ", ".join(f"{label.get(str(a), a)} {n}" for a, n in mine["actor"].value_counts().sort_index().items())
        rows.append([scale["label"], scale["anchor_0"], scale["anchor_50"], scale["anchor_100"], actors])
    coders = ", ".join(sorted(set(positions["coded_by"])))
    return [
        f"{len(positions)} stated positions, placed on scales by {coders}: the range of each is the coder's doubt, and who "
        "is silent has none.",
        table(["issue", "0", "50", "100", "statements"], rows),
    ]


def _projects(case: Case, label: dict[str, str]) -> list[str]:
    rows = []
    for row in _records(case.table("projects")):
        shares = sorted(bearer_shares(str(row["bearers"])).items(), key=lambda pair: -pair[1])
        borne = ", ".join(f"{label.get(actor, actor)} {percent(share)}" for actor, share in shares)
        dates = [row["starts_on"], row["opens_on"]]
        rows.append([row["label"], _span(row, "capex_musd"), borne, *dates, row["basis"]])
    head = ["project", "cost, USD m", "borne by", "works from", "opening", "basis"]
    return [f"{number(len(rows))} projects with a cost.", table(head, rows)] if rows else []


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _span(row: dict[str, Any], name: str) -> str:
    return interval(*(float(row[f"{name}_{bound}"]) for bound in ("mode", "low", "high")))
