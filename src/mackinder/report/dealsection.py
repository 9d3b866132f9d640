"""Sections of the report on deals and on the timeline, from rows of a run folder."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from mackinder.report.content import Section, Table
from mackinder.report.estimate import Estimate
from mackinder.report.fan import fan_chart

__all__ = ["deals_section", "timeline_section"]

_WORDS = {
    "signature": "Treaty signed", "ratification": "Treaty ratified", "constitution": "Constitution changed",
    "ground-breaking": "Ground broken", "rail-opening": "Railway open", "road-opening": "Road open",
    "collapse": "War or collapse",
}  # fmt: skip


def _percent(row: Any) -> str:
    """A share with its interval; what has no value (war, collapse) is a range of whole per cent."""
    value, low, high = (float(row[name]) for name in ("value", "low", "high"))
    place = int(row["row"]) if "row" in row else -1
    return Estimate(value=value, low=low, high=high, unit=str(row["unit"]), draws=0, row=place).text()


def deals_section(
    rows: pd.DataFrame, labels: Mapping[str, str], actors: Mapping[str, str] = MappingProxyType({})
) -> Section | None:
    """Write the section on deals: who agrees, who blocks, what is stable, beside base rates.

    Parameters
    ----------
    rows : DataFrame
        Rows of `mackinder.strategy.dealrows.deal_rows`, with the columns of results, and ``row`` if they are to be cited.
    labels : mapping of str to str
        Arrangement id to label.
    actors : mapping of str to str
        Actor id to display name.

    Returns
    -------
    Section or None
        None if there are no such rows.
    """
    chance = rows[rows["indicator"] == "deal_chance"]
    if chance.empty:
        return None
    base = rows[rows["indicator"] == "deal_base_rate"].set_index("variant")
    table = []
    for name in dict.fromkeys(chance["asset"]):
        here = chance[chance["asset"] == name].set_index("variant")
        blocks = rows[(rows["indicator"] == "deal_obstruction") & (rows["asset"] == name) & (rows["variant"] == "both")]
        who = ", ".join(f"{actors.get(r['actor'], r['actor'])} {100 * r['value']:.0f} %" for _, r in blocks.iterrows())
        who = who or "nobody"
        table.append(
            (labels.get(name, name),
             *(f"{100 * here.loc[f'agreed-{part}', 'value']:.0f} %" for part in ("economics", "stakes", "both")),
             who, _percent(here.loc["stable-both"]))
        )  # fmt: skip
    table.append(
        (
            "Base rate",
            _percent(base.loc["consent"]),
            "",
            "",
            _percent(base.loc["obstruction"]),
            _percent(base.loc["lasting"]),
        )
    )
    return Section(
        section_id="deals",
        heading="Deals: who agrees, who can block",
        paragraphs=(
            "Shares of draws in which the inputs imply it, with what reference cases give in the last row. Stakes and positions "
            "were judged by one coder; economics alone leave great powers indifferent. `mackinder deals` shows the rest.",
        ),
        tables=(
            Table(
                caption="Arrangements, share of draws (stable: all who must agree gain and nobody would block)",
                columns=(
                    "Arrangement", "Agreed: economics alone", "Security and status alone", "Together", "Blocked by", "Stable",
                ),
                rows=tuple(table),
            ),
        ),
    )  # fmt: skip


def timeline_section(rows: pd.DataFrame, worlds: Mapping[str, str], milestone: str = "rail-opening") -> Section | None:
    """Write the section on the timeline: chances by milestone and world, and a fan of one of them by year.

    Parameters
    ----------
    rows : DataFrame
        Rows of `mackinder.strategy.timelineanswer.timeline_rows`, and ``row`` if they are to be cited.
    worlds : mapping of str to str
        World id to label; the first is drawn.
    milestone : str
        What the fan shows; if the process has no such milestone, its last one that is no risk.

    Returns
    -------
    Section or None
        None if there are no such rows.
    """
    chance = rows[
        rows["indicator"].isin(("process_chance", "process_risk")) & ~rows["variant"].str.endswith("-base_rate")
    ]
    if chance.empty:
        return None
    known = [name for name in worlds if (chance["asset"] == name).any()]
    year = min(2035, int(chance["year"].max()))
    marks = [name for name in _WORDS if (chance["variant"] == name).any()]
    base = rows[(rows["indicator"] == "process_base_rate") | rows["variant"].str.endswith("-base_rate")]
    base = base.assign(variant=base["variant"].str.removesuffix("-base_rate"))
    table = []
    for name in known:
        here = chance[(chance["asset"] == name) & (chance["year"] == year)].set_index("variant")
        table.append((worlds[name], *(_percent(here.loc[mark]) for mark in marks)))
    last = base[base["year"] == year].set_index("variant")
    table.append(("Base rate of the class", *(_percent(last.loc[mark]) for mark in marks)))
    if milestone not in marks:
        milestone = next((name for name in reversed(marks) if name != "collapse"), "")
    one = chance[(chance["asset"] == known[0]) & (chance["variant"] == milestone)].sort_values("year")
    beside = base[base["variant"] == milestone].sort_values("year")
    span = list(zip(one["low"].tolist(), one["value"].tolist(), one["high"].tolist(), strict=True))
    picture = milestone and fan_chart(
        "timeline-fan",
        title=f"{_WORDS.get(milestone, '')}, {worlds[known[0]]}",
        source="peace process of the case (process.toml)",
        years=[int(y) for y in one["year"]],
        span=span,
        beside=beside["value"].tolist(),
        beside_label="base rate of comparable projects",
    )
    return Section(
        section_id="timeline",
        heading="Timeline: when it may come",
        paragraphs=(
            "Median and 90 % interval over rates of reference classes and assumed effects; war and collapse as a range only. The "
            "effect of a guarantor is an assumption with bounds. `mackinder timeline` shows cases, dates and what each moves.",
        ),
        figures=(picture,) if picture else (),
        tables=(
            Table(
                caption=f"Chance by the end of {year}",
                columns=("World", *(_WORDS[m] for m in marks)),
                rows=tuple(table),
            ),
        ),
    )
