"""`diff`: what differs between two cases, in plain words with units."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mackinder.case.case import Case
from mackinder.case.schema import BOUNDS, TableSchema, table_names, table_schema
from mackinder.scenario.model import Interval
from mackinder.units import unit_of

__all__ = ["Difference", "diff"]

#: columns that say where numbers come from, not what they are
_SILENT = frozenset({"facts", "basis", "ground", "file_row", "note"})
#: up to so many rows are named one by one
_NAMED = 3
_DAYS = ("status", "opens_on", "closed_since")
#: tables whose rows open and close by these columns
_DATED = ("links", "conduits")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that differs, for one row or for several that differ in the same way.

    Attributes
    ----------
    text : str
        The sentence.
    table : str
        Name of the table.
    ids : tuple of str
        Rows that it is true of.
    column : str
        Column (stem of an interval), ``status`` for the days of a link, empty for whole rows.
    before, after : str
        What stood there and what stands there; empty = no row or nothing.
    unit : str
        Unit of both; ``1`` if there is none.
    """

    text: str
    table: str
    ids: tuple[str, ...]
    column: str
    before: str
    after: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Atom:
    """A difference of one row; `sentence` is what follows the name."""

    row: str
    label: str
    column: str
    before: str
    after: str
    sentence: str
    unit: str


def diff(a: Case, b: Case) -> list[Difference]:
    """Say what is different in `b`, seen from `a`.

    Parameters
    ----------
    a, b : Case
        Usually a case, and the same under a scenario.

    Returns
    -------
    list of Difference
        By table in alphabetical order, rows that differ in the same way together; empty if nothing differs but where
        the numbers come from.

    Examples
    --------
    >>> from mackinder.case import read_case  # doctest: +SKIP
    >>> case = read_case("south-caucasus")  # doctest: +SKIP
    >>> diff(case, case)  # doctest: +SKIP
    []
    """
    found: list[Difference] = []
    names = _labels(a, b)
    for table in table_names():
        before, after = a.table(table), b.table(table)
        if before.equals(after):
            continue
        schema = table_schema(table)
        alike = _alike(before, after, schema)
        cut = {row.rpartition(".from-")[0] for row in after[schema.id_column]}  # rows that go on in rows of their own
        old, new = _records(before, schema, alike - cut), _records(after, schema, alike)
        atoms: list[_Atom] = []
        for row in sorted((old.keys() | new.keys()) - alike):
            if row not in new:
                atoms.append(_whole(schema, row, old[row], names, gone=True))
            elif row not in old and row.rpartition(".from-")[0] in old:
                atoms.append(_rest(schema, row, old[row.rpartition(".from-")[0]], new[row], names))
            elif row not in old:
                atoms.append(_whole(schema, row, new[row], names, gone=False))
            else:
                later = f"{row}.from-"
                split = schema.name == "ties" and any(other.startswith(later) for other in new.keys() - old.keys())
                atoms += _changed(schema, row, old[row], new[row], names, skip=("ends_on",) if split else ())
        found += _together(schema, atoms)
    return found


def _labels(a: Case, b: Case) -> dict[str, str]:
    """Return display names of places, links and actors by id."""
    labels: dict[str, str] = {}
    for case in (a, b):
        for table, column in (
            ("links", "link_id"),
            ("places", "place_id"),
            ("actors", "actor_id"),
            ("zones", "zone_id"),
            ("conduits", "conduit_id"),
        ):
            frame = case.table(table)
            labels |= dict(zip(frame[column], frame["label"], strict=True))
    return labels


def _records(frame: pd.DataFrame, schema: TableSchema, without: Collection[str]) -> dict[str, Row]:
    frame = frame[~frame[schema.id_column].isin(list(without))]
    keys = [str(column) for column in frame.columns]
    rows = (dict(zip(keys, cells, strict=True)) for cells in frame.itertuples(index=False, name=None))
    return {str(row[schema.id_column]): row for row in rows}


def _alike(before: pd.DataFrame, after: pd.DataFrame, schema: TableSchema) -> set[str]:
    """Return the ids of rows that are in both tables, cell by cell the same."""
    left, right = (frame.drop(columns="file_row").set_index(schema.id_column) for frame in (before, after))
    both = left.index.intersection(right.index)
    left, right = left.loc[both], right.loc[both]
    same = np.ones(len(both), dtype=bool)
    for column in left.columns:
        x, y = left[column], right[column]
        same &= ((x == y) | (x.isna() & y.isna())).to_numpy(dtype=bool, na_value=False)
    return set(both[same].astype(str))


def _changed(
    schema: TableSchema, row: str, old: Row, new: Row, names: Mapping[str, str], skip: tuple[str, ...] = ()
) -> list[_Atom]:
    """Compare two states of one row, column by column; what goes on in rows of its own is said there."""
    atoms: list[_Atom] = []
    label = _label(schema, row, new, names)
    if schema.name in _DATED and any(old[column] != new[column] for column in _DAYS):
        before, after = _days(old), _days(new)
        sentence = f"{after} (was: {before})"
        atoms.append(
            _Atom(row=row, label=label, column="status", before=before, after=after, sentence=sentence, unit="1")
        )
    for column in schema.columns:
        if column.name in _SILENT or column.name in skip or (schema.name in _DATED and column.name in _DAYS):
            continue
        mine, theirs = [old[name] for name in column.names], [new[name] for name in column.names]
        if all(_same(x, y) for x, y in zip(mine, theirs, strict=True)):
            continue
        unit = column.unit or str(new.get(f"{column.name}_unit") or unit_of(column.name))
        before, after = _say(mine), _say(theirs)
        shown = "" if unit == "1" else f" {unit}"
        what = column.name.removesuffix(_suffix(column.name)).replace("_", " ")
        ratio = _ratio(mine, theirs)
        sentence = f"{what} x {ratio:g}" if ratio else f"{what} {after}{shown if after != _NONE else ''} (was {before})"
        atoms.append(
            _Atom(row=row, label=label, column=column.name, before=before, after=after, sentence=sentence, unit=unit)
        )
    return atoms


_NONE = "none"


def _suffix(column: str) -> str:
    """Return the part of a column name that only says the unit."""
    for suffix in ("_usd_per_t_day", "_usd_per_t", "_mt_per_year", "_usd_bn", "_musd", "_kt", "_km", "_mm", "_h"):
        if column.endswith(suffix):
            return suffix
    return ""


def _same(x: Any, y: Any) -> bool:
    return bool(pd.isna(x) and pd.isna(y)) or (not pd.isna(x) and not pd.isna(y) and x == y)


def _say(values: list[Any]) -> str:
    """Return one value, or an interval, as text."""
    if any(pd.isna(value) for value in values) or values == [""]:
        return _NONE
    if len(values) == len(BOUNDS):
        low, mode, high = (float(str(value)) for value in values)
        return str(Interval(low=low, mode=mode, high=high))
    value = values[0]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _ratio(mine: list[Any], theirs: list[Any]) -> float:
    """Return the factor between two intervals if all three bounds share it, else 0."""
    if len(mine) != len(BOUNDS) or any(pd.isna(x) or not x for x in (*mine, *theirs)):
        return 0.0
    factors = [float(str(y)) / float(str(x)) for x, y in zip(mine, theirs, strict=True)]
    return round(factors[1], 6) if max(factors) - min(factors) <= 1e-9 * max(factors) else 0.0


def _days(link: Row) -> str:
    """Say when a link is open."""
    status, opens, closed = (str(link[column]) for column in _DAYS)
    if status == "planned":
        return f"planned{f', expected {opens}' if opens else ', no opening'}"
    if status in ("closed", "destroyed"):
        if not closed:
            return status
        return f"opens on {opens}, closes on {closed}" if opens and opens < closed else f"{status} since {closed}"
    words = f"opens on {opens}" if opens else "open"
    if status == "restricted":
        words += " (restricted)"
    return f"{words}, closes on {closed}" if closed else words


def _label(schema: TableSchema, row: str, cells: Row, names: Mapping[str, str]) -> str:
    if schema.name == "transfers":
        place = str(cells["place"])
        return f"transfer at {names.get(place, place)} ({cells['from_mode']} to {cells['to_mode']})"
    if schema.name == "ties":
        ends = " on ".join(names.get(str(cells[end]), str(cells[end])) for end in ("sender", "target"))
        what = f", {cells['variant']}" if cells["variant"] else ""
        return f"tie of {ends}, {str(cells['indicator']).replace('_', ' ')}{what}".replace("_", " ")
    if schema.name in ("trade", "restrictions", "controls", "charges"):
        return {"trade": "trade", "restrictions": "restriction", "controls": "right", "charges": "charge"}[
            schema.name
        ] + f" {row}"
    return str(cells.get("label") or row)


def _whole(schema: TableSchema, row: str, cells: Row, names: Mapping[str, str], *, gone: bool) -> _Atom:
    """Describe a row that only one side has."""
    said = _content(schema, cells, names)
    verb = "no longer there" if gone else "new"
    label = _asset(str(cells["asset"]), names) if schema.name == "controls" else _label(schema, row, cells, names)
    return _Atom(
        row=row,
        label=label,
        column="",
        before=said if gone else "",
        after="" if gone else said,
        sentence=f"{verb}: {said}",
        unit="1",
    )


def _rest(schema: TableSchema, row: str, whole: Row, rest: Row, names: Mapping[str, str]) -> _Atom:
    """Describe what goes on of a restriction or right of which a part was lifted, or of a tie that was scaled."""
    if schema.name == "ties":
        return _scaled(schema, row, whole, rest, names)
    out = str(rest["asset"])[len(str(whole["asset"])) :].removeprefix(";-link=")
    said = []
    if out:
        links = [names.get(link, link) for link in out.split("|")]
        said.append(f"without {', '.join(links) if len(links) <= _NAMED else f'{len(links)} links'}")
    pairs = [
        p
        for p in str(rest.get("except_pairs", "")).split(";")
        if p not in str(whole.get("except_pairs", "")).split(";")
    ]
    if pairs:
        said.append(f"with {', '.join(pairs)} exempt")
    label = _label(schema, row.rpartition(".from-")[0], whole, names)
    sentence = f"goes on{_span(rest)} {' and '.join(said)}".rstrip()
    return _Atom(row=row, label=label, column="", before="", after=sentence, sentence=sentence, unit="1")


def _scaled(schema: TableSchema, row: str, whole: Row, rest: Row, names: Mapping[str, str]) -> _Atom:
    """Describe what a tie is from a day on."""
    unit = str(rest["value_unit"])
    before, after = (_say([cells[f"value_{bound}"] for bound in BOUNDS]) for cells in (whole, rest))
    last = f", as measured {whole['starts_on'][:4]}" if whole["kind"] == "observation" else ""
    shown = "" if unit == "1" else f" {unit}"
    sentence = f"{after}{shown}{_span(rest)} (was {before}{last})" if unit != "1" else f"holds{_span(rest)}"
    label = _label(schema, row, whole, names)
    return _Atom(row=row, label=label, column="value", before=before, after=after, sentence=sentence, unit=unit)


def _codes(codes: str) -> str:
    """Return a list of countries, counted if it is long."""
    names = codes.replace("*", "anywhere").split(";")
    return ", ".join(names) if len(names) <= 6 else f"{len(names)} countries"


def _content(schema: TableSchema, cells: Row, names: Mapping[str, str]) -> str:
    """Say in words what a restriction, a right or another row states."""
    if schema.name == "restrictions":
        low, mode, high = (float(str(cells[f"surcharge_usd_per_t_{bound}"])) for bound in BOUNDS)
        charge = (
            f"charged {_say([low, mode, high])} USD/t{' on each link' if cells['charge_basis'] == 'per_link' else ''}"
        )
        if math.isnan(mode):
            charge = "charged"
        goods = "all goods" if cells["goods"] == "*" else str(cells["goods"]).replace(";", ", ")
        ends = [_codes(str(cells[key])) for key in ("origin", "destination")]
        way = "" if cells["asset"] == "trade" else f" on {_asset(str(cells['asset']), names)}"
        verb = "denied" if cells["effect"] == "deny" else charge
        return f"{goods} from {ends[0]} to {ends[1]} {verb}{way}{_span(cells)} ({str(cells['kind']).replace('_', ' ')})"
    if schema.name == "controls":
        actor = names.get(str(cells["actor"]), str(cells["actor"]))
        share = f" {100 * float(str(cells['share'])):g} %" if float(str(cells["share"])) < 1 else ""
        return f"{actor} holds{share} {cells['right']}{_span(cells)} ({cells['status']})"
    if schema.name == "links":
        return f"{cells['mode']} of {cells['length_km']:g} km, {_days(cells)}"
    if schema.name == "conduits":
        return f"{str(cells['kind']).replace('_', ' ')}, {_days(cells)}"
    if schema.name == "ties":
        size = _say([cells[f"value_{bound}"] for bound in BOUNDS])
        return f"{size} {cells['value_unit']}{_span(cells)}" if cells["value_unit"] != "1" else f"holds{_span(cells)}"
    return str(cells.get("label") or cells[schema.id_column])


def _asset(asset: str, names: Mapping[str, str]) -> str:
    """Return the name of a link or place, or a selector, cut if it is long."""
    text = names.get(asset.removeprefix("link="), asset)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _span(cells: Row) -> str:
    first, last = str(cells["starts_on"]), str(cells["ends_on"])
    return (f" from {first}" if first else "") + (f" to {last}" if last else "")


def _together(schema: TableSchema, atoms: list[_Atom]) -> list[Difference]:
    """Join rows that differ in the same way."""
    groups: dict[tuple[str, str], list[_Atom]] = {}
    for atom in atoms:
        alone = not atom.column and schema.name != "controls"
        key = (atom.column, f"{atom.row}: {atom.sentence}" if alone else atom.sentence)
        groups.setdefault(key, []).append(atom)
    found = []
    for group in groups.values():
        first = group[0]
        many = len(group) > _NAMED
        who = f"{len(group)} {schema.name}" if many else ", ".join(atom.label for atom in group)
        plain = len(group) == 1 and schema.name == "links" and bool(first.column)
        same = len({(atom.before, atom.after) for atom in group}) == 1
        found.append(
            Difference(
                text=f"{who}{' ' if plain else ': '}{first.sentence}",
                table=schema.name,
                ids=tuple(atom.row for atom in group),
                column=first.column,
                before=first.before if same else "several",
                after=first.after if same else "several",
                unit=first.unit,
            )
        )
    return found
