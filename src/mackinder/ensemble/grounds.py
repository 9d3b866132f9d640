"""What a number rests on: the ledger's facts, estimates and settings, with the share of the variance that draws show (C155)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from mackinder.case import Case
from mackinder.ensemble.origins import Origin
from mackinder.evidence.ledger import LEDGER_COLUMNS, ledger
from mackinder.indicators.measure import KEY

__all__ = ["GROUND_COLUMNS", "Grounds", "grounds_of"]

#: of the ledger, then the input drawn from the cell and its share of the variance (nan: not told from chance)
GROUND_COLUMNS: Final = (*LEDGER_COLUMNS, "input", "share")
#: a row that the ledger leaves among the rest of the network, and that the draws show to matter
NETWORK: Final = "network"
_ROLES: Final = ("direct", "scenario", NETWORK, "shared")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Everything behind a number.

    Attributes
    ----------
    table : DataFrame
        Columns `GROUND_COLUMNS`, one row a cell: those that decide first, then by role, of each kind the widest first.
    rest : dict of str to int
        Rows of the network that are not listed one by one, by table.
    facts : DataFrame
        ``fact, cells, source``: facts named by the cells listed, those that most cells name first.
    """

    table: pd.DataFrame
    rest: dict[str, int]
    facts: pd.DataFrame


def grounds_of(
    case: Case, key: Mapping[str, Any], origins: Sequence[Origin] = (), shares: Mapping[str, float] | None = None
) -> Grounds:
    """Return what a number rests on.

    Parameters
    ----------
    case : Case
        The vintage of the run, without a scenario.
    key : mapping
        Of the number: columns of `mackinder.indicators.measure.KEY`.
    origins : sequence of Origin
        Of the inputs that decide it; an input that moves many rows in common is one row.
    shares : mapping of str to float, optional
        Share of the variance of each of these inputs.

    Examples
    --------
    >>> from mackinder.case import read_case
    >>> found = grounds_of(read_case("south-caucasus"), {"indicator": "corridor_flow", "asset": "btk"})
    >>> set(found.table["role"]) >= {"direct", "shared"}
    True
    """
    asked = {name: str(key.get(name, "")) for name in KEY if name in key}
    if ">" in asked.get("asset", ""):  # a pair of zones goes over the whole network: no row of it is its own
        asked["asset"] = ""
    listed = ledger(case, asked)
    table = listed.assign(input="", share=np.nan)
    more = []
    for origin in origins:
        share = float((shares or {}).get(origin.input, np.nan))
        own = (
            table["table"].eq(origin.table) & table["column"].eq(origin.column) & table["id"].isin(list(origin.rows))
        ).to_numpy()
        if origin.table == "case.toml":
            own = table["id"].eq(origin.column).to_numpy()
        if own.any() and (len(origin.rows) == 1 or origin.table == "case.toml"):
            table["input"] = table["input"].where(~own, origin.input)
            table["share"] = table["share"].where(~own, share)
        else:
            more.append(_row(origin, share))
    if more:
        table = pd.concat([table, pd.DataFrame(more, columns=list(GROUND_COLUMNS))], ignore_index=True)
    table["_role"] = table["role"].map({role: i for i, role in enumerate(_ROLES)}).fillna(len(_ROLES))
    span = (table["high"] - table["low"]).astype(float)  # of cells of one kind, what is least known comes first
    table["_width"] = span / span.groupby([table["table"], table["column"]]).transform("max")
    order = {"share": False, "_role": True, "_width": False}
    table = table.sort_values([*order], ascending=[*order.values()], kind="stable", ignore_index=True)
    table = table.drop(columns=["_role", "_width"])
    return Grounds(table=table, rest=dict(listed.attrs.get("also", {})), facts=_facts(case, table))


def _row(origin: Origin, share: float) -> tuple[object, ...]:
    """A row for an input that the ledger does not list: one cell, or many that have a factor in common."""
    span = origin.interval or (np.nan,) * 3
    name = (
        origin.rows[0]
        if len(origin.rows) == 1
        else f"{len(origin.rows)} rows in common"
        if origin.rows
        else origin.input
    )
    return (
        origin.table, name, origin.column, *span, origin.unit, ", ".join(f"{n} {b}" for b, n in origin.basis.items()),
        ";".join(origin.facts), "; ".join(origin.sources), "", origin.ground, NETWORK, origin.input, share,
    )  # fmt: skip


def _facts(case: Case, table: pd.DataFrame) -> pd.DataFrame:
    named = table["facts"].str.split(";").explode()
    counts = named[named.fillna("") != ""].value_counts(sort=False)
    facts = case.table("facts").set_index("fact_id")["source"]
    publisher = case.table("sources").set_index("source_id")["publisher"]
    rows = [
        (str(fact), int(n), str(publisher.get(facts.get(fact, ""), ""))) for fact, n in counts.items()
    ]  # fmt: skip
    rows.sort(key=lambda row: (-row[1], row[0]))
    return pd.DataFrame(rows, columns=["fact", "cells", "source"])
