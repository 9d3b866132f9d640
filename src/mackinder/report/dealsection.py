"""Sections of the report on deals and on the timeline, from rows of a run folder."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from mackinder.report.content import Section, Table
from mackinder.report.fan import fan_chart

__all__ = ["deals_section", "timeline_section"]

_WORDS = {
    "signature": "Treaty signed", "ratification": "Treaty ratified", "constitution": "Constitution changed",
    "ground-breaking": "Ground broken", "rail-opening": "Railway open", "road-opening": "Road open",
    "collapse": "War or collapse",
}  # fmt: skip


def _percent(row: Any, *, span: bool = True) -> str:
    """A share with its interval; what has no value (war, collapse) is a range of whole per cent."""
    if row["unit"] == "%" and math.isnan(float(row["value"])):
        return f"{row['low']:.0f} to {row['high']:.0f} %"
    text = f"{row['value']:.0%}"
    return f"{text} ({row['low']:.0%} to {row['high']:.0%})" if span else text


def deals_section(rows: pd.DataFrame, labels: Mapping[str, str]) -> Section | None:
    """Write the section on deals: who agrees, who blocks, what is stable, beside base rates.

    Parameters
    ----------
    rows : DataFrame
        Rows of `mackinder.strategy.dealrows.deal_rows`, with the columns of results.
    labels : mapping of str to str
        Arrangement id to label.

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
        who = ", ".join(f"{r['actor']} {r['value']:.0%}" for _, r in blocks.iterrows()) or "nobody"
        table.append(
            (labels.get(name, name), *(f"{here.loc[f'agreed-{part}', 'value']:.0%}" for part in ("economics", "stakes", "both")),
             who, _percent(here.loc["stable-both"]))
        )  # fmt: skip
    table.append(
        (
            "base rate",
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
                    "arrangement", "agreed: economics alone", "security and status alone", "together", "blocked by", "stable",
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
        Rows of `mackinder.strategy.timelineanswer.timeline_rows`.
    worlds : mapping of str to str
        World id to label; the first is drawn.
    milestone : str
        What the fan shows.

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
    table.append(("base rate of the class", *(_percent(last.loc[mark]) for mark in marks)))
    one = chance[(chance["asset"] == known[0]) & (chance["variant"] == milestone)].sort_values("year")
    beside = base[base["variant"] == milestone].sort_values("year")
    span = list(zip(one["low"].tolist(), one["value"].tolist(), one["high"].tolist(), strict=True))
    picture = fan_chart(
        "timeline-fan",
        title=f"{_WORDS[milestone]}, {worlds[known[0]]}",
        source="process.toml of the case",
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
        figures=(picture,),
        tables=(
            Table(
                caption=f"Chance by the end of {year}",
                columns=("world", *(_WORDS[m] for m in marks)),
                rows=tuple(table),
            ),
        ),
    )
