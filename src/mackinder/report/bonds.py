"""Sections of the page of a case on ties and conduits: what there is, since when, who can close it, and the weakest rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from mackinder.case.conduits import conduit_closers
from mackinder.case.ties import tie_indicators
from mackinder.report.markdown import interval, number, table

if TYPE_CHECKING:
    from mackinder.case import Case

__all__ = ["bond_sections"]

_MOST: Final = 10  # rows in a list of weak inputs


def bond_sections(case: Case) -> list[str]:
    """Write the sections on ties and conduits of a vintage.

    Parameters
    ----------
    case : Case

    Returns
    -------
    list of str
        Markdown, in order; empty if the case has neither ties nor conduits.
    """
    ties, conduits = case.table("ties"), case.table("conduits")
    return [*(_ties(case, ties) if len(ties) else []), *(_conduits(case, conduits) if len(conduits) else [])]


def _ties(case: Case, ties: pd.DataFrame) -> list[str]:
    targets = [actor for actor in case.table("actors")["actor_id"] if (ties["target"] == actor).any()]
    rows: list[list[object]] = []
    for name, word in tie_indicators().items():
        own = ties[ties["indicator"] == name]
        if len(own):
            counts = [len(own[own["target"] == target]) or "" for target in targets]
            first = own["starts_on"].min()[:4]
            last = "now" if (own["ends_on"] == "").any() else own["ends_on"].max()[:4]
            years = first if first == last else f"{first} to {last}"
            rows.append([name, word.meaning, ", ".join(word.units), years, *counts])
    spread = ties["value_high"] / ties["value_low"]
    judged = (ties["value_low"] > 0) & (ties["basis"] != "cited") & (ties["indicator"] != "un_vote_distance")
    weak = ties.assign(spread=spread)[judged]
    weak = weak.sort_values(["spread", "tie_id"], ascending=[False, True]).head(_MOST)
    return [
        "## Ties",
        f"{len(ties):,} rows: what binds {', '.join(targets)} to the powers. States hold from day to day, observations say "
        "nothing of days that they do not cover: a gap is a gap, not a zero (conventions C48 to C50). The last columns count "
        "rows by target.",
        table(["indicator", "what it measures", "unit", "years", *targets], rows),
        "Widest intervals of what is derived or estimated, high over low (without distances of votes, which can be near zero).",
        table(
            ["tie", "value", "unit", "high over low", "basis", "ground"],
            [
                [
                    row["tie_id"],
                    _span(row, "value"),
                    row["value_unit"],
                    number(row["spread"]),
                    row["basis"],
                    row["ground"],
                ]
                for row in weak.to_dict("records")
            ],
        ),
    ]


def _conduits(case: Case, conduits: pd.DataFrame) -> list[str]:
    closers = conduit_closers(case, case.settings.newest_evidence).groupby("conduit_id")["root"].agg(", ".join)
    rows = []
    for row in conduits.sort_values(["kind", "conduit_id"]).to_dict("records"):
        capacity, flow = (f"{_span(row, name)} {row[f'{name}_unit']}".strip() for name in ("capacity", "flow"))
        year = f" ({row['flow_year']})" if flow else ""
        rows.append(
            [
                row["conduit_id"],
                row["label"],
                row["kind"],
                row["status"],
                capacity,
                f"{flow}{year}",
                closers.get(row["conduit_id"], ""),
                row["basis"],
                str(row["facts"]).replace(";", ", "),
            ]
        )
    return [
        "## Conduits",
        "Pipelines, power lines and fibre, outside the freight network (convention C51). Who can close one alone on the day of "
        "the newest evidence: states by their ground, operators by their hands. An empty capacity or flow was not found.",
        table(
            ["id", "conduit", "kind", "status", "capacity", "flow", "can close it", "basis", "facts"],
            rows,
        ),
    ]


def _span(row: dict[Any, Any], name: str) -> str:
    values = [float(row[f"{name}_{bound}"]) for bound in ("mode", "low", "high")]
    return "" if any(pd.isna(value) for value in values) else interval(*values)
