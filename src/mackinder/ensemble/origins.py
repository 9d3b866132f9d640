"""Where an input comes from: the cells it is drawn from, their basis, facts and sources."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from mackinder.case import Case
from mackinder.case.schema import BOUNDS, table_schema
from mackinder.case.settings import Quantity

__all__ = ["Origin", "origin_of"]

#: last part of an input id of a link or transfer -> column
_ASSET_COLUMNS = {"cost": "cost_usd_per_t", "time": "time_h", "capacity": "capacity_mt_per_year"}
#: tables whose rows are drawn under ``table/row`` and have one quantity
_ONE = {
    "trade": "value_musd", "charges": "charge_usd_per_t", "restrictions": "surcharge_usd_per_t", "fits": "factor",
    "goods_shares": "share", "zone_shares": "share",
}  # fmt: skip
_NAMES = {"route_dispersion_t_per_usd": "dispersion of route choice", "value_usd_per_t": "value of a tonne"}
_WORDS = {"cost": "cost", "time": "time", "capacity": "capacity"}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What an input is.

    Attributes
    ----------
    input : str
    label : str
        In words.
    table, column, unit : str
        Empty where it belongs to no cell.
    rows : tuple of str
        Ids of the rows it moves.
    interval : tuple of float or None
        Low, mode, high of the cell, if it is one.
    basis : dict
        How many of the rows are cited, derived, estimate.
    facts : tuple of str
    sources : tuple of str
        Publisher and title.
    ground : str
        Of the row, if it is one.
    """

    input: str
    label: str
    table: str
    column: str
    unit: str
    rows: tuple[str, ...]
    interval: tuple[float, float, float] | None
    basis: dict[str, int]
    facts: tuple[str, ...]
    sources: tuple[str, ...]
    ground: str


def origin_of(case: Case, key: str) -> Origin:
    """Return where an input comes from.

    Parameters
    ----------
    case : Case
    key : str
        Input id; one that no table has (a scenario's own change) has no rows.

    Examples
    --------
    >>> from mackinder.case import read_case
    >>> origin_of(read_case("south-caucasus"), "settings/demand_growth_per_year").table
    'case.toml'
    """
    head, _, rest = key.partition("/")
    if head == "settings":
        value = getattr(case.settings, rest, None)
        if isinstance(value, Quantity):
            return _of_setting(case, key, rest, value)
    if head == "common":
        return _in_common(case, key, rest)
    if head in ("goods", "zones", "projects"):
        row, _, column = rest.partition("/")
        return _of_rows(case, key, head, [row], column, f"{_spoken(column)} of {row}")
    if head in _ONE:
        row, _, of_quantity = rest.partition("/")
        column = "quantity_kt" if of_quantity else _ONE[head]
        return _of_rows(case, key, head, [row], column, f"{_spoken(head)}: {_spoken(column)} of {row}")
    row, _, what = key.rpartition("/")
    for table in ("links", "transfers") if what in _ASSET_COLUMNS else ():
        frame = case.table(table)
        id_column = frame.columns[0]
        if (frame[id_column] == row).any():
            label = str(frame.loc[frame[id_column] == row, "label"].iloc[0]) if "label" in frame else row
            return _of_rows(case, key, table, [row], _ASSET_COLUMNS[what], f"{_WORDS[what]} of {label or row}")
    return Origin(
        input=key, label=key, table="", column="", unit="", rows=(), interval=None, basis={}, facts=(), sources=(), ground=""
    )  # fmt: skip


def _spoken(name: str) -> str:
    name = _NAMES.get(name, name)
    for end in ("_usd_per_t_day", "_t_per_usd", "_usd_per_t", "_per_year", "_musd", "_kt"):
        name = name.removesuffix(end)
    return name.replace("_", " ")


def _in_common(case: Case, key: str, rest: str) -> Origin:
    country, mode, what = (*rest.split("/"), "", "")[:3]
    places = case.table("places").set_index("place_id")["country"]
    if mode == "transfer":
        table, frame = "transfers", case.table("transfers")
        mine = frame["place"].map(places) == country
    else:
        table, frame = "links", case.table("links")
        where = frame["territory"].str.split(";").str[0].where(frame["territory"] != "", "XXX")
        mine = (where == country) & (frame["mode"] == mode)
    place = "on the high seas" if country == "XXX" else f"in {country}"
    noun = "transfers" if mode == "transfer" else f"{mode} links".replace("_", " ")
    label = f"{_WORDS.get(what, what)} of all {int(mine.sum())} {noun} that begin {place}, in common"
    if mode == "transfer":
        label = label.replace(" that begin", "")
    return _of_rows(case, key, table, frame.loc[mine, frame.columns[0]].tolist(), _ASSET_COLUMNS.get(what, ""), label)


def _of_setting(case: Case, key: str, name: str, value: Quantity) -> Origin:
    return Origin(
        input=key, label=_spoken(name), table="case.toml", column=name, unit="", rows=(),
        interval=(value.low, value.mode, value.high), basis={value.basis: 1}, facts=tuple(value.facts),
        sources=_sources(case, list(value.facts)), ground=value.ground,
    )  # fmt: skip


def _of_rows(case: Case, key: str, table: str, rows: list[str], column: str, label: str) -> Origin:
    frame = case.table(table)
    mine = frame[frame[frame.columns[0]].isin(rows)]
    facts = sorted({name for cell in mine["facts"] for name in str(cell).split(";") if name}) if "facts" in mine else []
    interval = _interval(mine, column) if len(mine) == 1 else None
    units = {item.name: item.unit for item in table_schema(table).columns}
    return Origin(
        input=key, label=label, table=table, column=column, unit=units.get(column, ""),
        rows=tuple(mine[frame.columns[0]].tolist()), interval=interval,
        basis={str(k): int(v) for k, v in mine["basis"].value_counts().items()} if "basis" in mine else {},
        facts=tuple(facts), sources=_sources(case, facts),
        ground=str(mine["ground"].iloc[0]) if len(mine) == 1 and "ground" in mine else "",
    )  # fmt: skip


def _interval(row: pd.DataFrame, column: str) -> tuple[float, float, float] | None:
    names = [f"{column}_{bound}" for bound in BOUNDS]
    if not set(names) <= set(row.columns):
        return None
    low, mode, high = (float(row[name].iloc[0]) for name in names)
    return None if np.isnan(mode) else (low, mode, high)


def _sources(case: Case, facts: list[str]) -> tuple[str, ...]:
    table, sources = case.table("facts").set_index("fact_id"), case.table("sources").set_index("source_id")
    ids = dict.fromkeys(str(table.loc[fact, "source"]) for fact in facts if fact in table.index)
    return tuple(": ".join(str(sources.loc[s, c]) for c in ("publisher", "title")) for s in ids if s in sources.index)
