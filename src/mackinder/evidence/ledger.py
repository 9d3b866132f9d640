"""The ledger: from a number of a result to the rows, facts and settings it rests on; and what a deleted fact does (C131)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.actors import top_parents
from mackinder.case.arrangements import read_arrangements
from mackinder.case.peaceprocess import read_process
from mackinder.case.schema import BOUNDS, Column, table_schema
from mackinder.case.selectors import LinkIndex
from mackinder.case.settings import Quantity
from mackinder.errors import CheckError, UsageError, did_you_mean
from mackinder.indicators.measure import catalogue
from mackinder.scenario import read_scenario
from mackinder.scenario.updates import read_updates

__all__ = ["LEDGER_COLUMNS", "ledger", "without_fact"]

LEDGER_COLUMNS: Final = (
    "table", "id", "column", "low", "mode", "high", "unit", "basis", "facts", "sources", "conflicts", "ground", "role"
)  # fmt: skip
#: families whose numbers come out of flows over the network
_FREIGHT: Final = frozenset(
    {"flows", "cost", "revenue", "control", "capacity", "welfare", "appraisal", "bottleneck", "power"}
)
Bools = NDArray[np.bool_]
Key = Mapping[str, str | int]


def ledger(case: Case, key: Key) -> pd.DataFrame:
    """List what a number rests on, direct inputs first.

    Parameters
    ----------
    case : Case
        A vintage, without a scenario.
    key : mapping
        Of a row of results: ``indicator`` at least; ``scenario``, ``actor``, ``target``, ``asset``, ``goods`` narrow it.

    Returns
    -------
    DataFrame
        Columns `LEDGER_COLUMNS`, a row for each cell: ``role`` is *direct* (its own links, rights, rows), *shared* (goods and
        settings that enter every number of the family) or *scenario* (changes that the scenario makes). Numbers of flows rest
        on the whole network too: what is not direct is not listed row by row, and ``attrs["also"]`` counts it by table.

    Raises
    ------
    UsageError
        The indicator is not known, or the key names a corridor or project that the case does not have.

    Examples
    --------
    >>> from mackinder.case import read_case
    >>> found = ledger(read_case("south-caucasus"), {"indicator": "corridor_flow", "asset": "btk"})
    >>> "links" in set(found["table"])
    True
    """
    name = str(key.get("indicator", ""))
    known = catalogue()
    if name not in known:
        raise UsageError(did_you_mean(name, known, what="indicator"))
    family = known[name].family
    frames = [_cells(case, table, mask, "direct") for table, mask in _direct(case, family, key) if mask.any()]
    if family in _FREIGHT or family == "leverage":
        goods = case.table("goods")
        chosen = goods["goods_id"].eq(str(key["goods"])) if key.get("goods") else goods["is_freight"].astype(bool)
        frames += [_cells(case, "goods", chosen.to_numpy(dtype=bool), "shared")]
    if family in ("deals", "process"):
        frames.append(_document(case, family, str(key.get("asset", ""))))
    frames += [_settings(case), _changes(case, str(key.get("scenario", "")))]
    whole = pd.concat([f for f in frames if len(f)], ignore_index=True)
    whole = whole.drop_duplicates(["table", "id", "column"], ignore_index=True)
    whole.attrs["also"] = _also(case, whole) if family in _FREIGHT else {}
    return whole[list(LEDGER_COLUMNS)]


def _direct(case: Case, family: str, key: Key) -> Iterator[tuple[str, Bools]]:
    actor, target, asset = (str(key.get(k, "")) for k in ("actor", "target", "asset"))
    if family in _FREIGHT:
        if asset:
            yield "links", _line(case, asset)
        if actor:
            yield "controls", _held(case, actor)
            yield "charges", _is(case, "charges", actor=actor)
        if target:
            yield "trade", _trade_of(case, target)
        if family == "appraisal":
            projects = case.table("projects")
            yield "projects", (projects["project_id"] == asset).to_numpy() if asset else np.ones(len(projects), bool)
    elif family == "ties":
        yield "ties", _is(case, "ties", sender=actor, target=target)
        yield "reexports", np.ones(len(case.table("reexports")), dtype=bool)
    elif family == "leverage":
        own = _is(case, "levers", lever_id=asset) if asset else _is(case, "levers", sender=actor, target=target)
        yield "levers", own
        named = {e for cell in case.table("levers").loc[own, "episodes"] for e in cell.split(";")} - {""}
        yield "episodes", case.table("episodes")["episode_id"].isin(named).to_numpy()
        yield "stakes", _is(case, "stakes", sender=actor, target=target)
    elif family == "deals":
        yield "positions", _is(case, "positions", actor=actor)
        yield "stakes", _is(case, "stakes", sender=actor)


def _document(case: Case, family: str, asset: str) -> pd.DataFrame:
    """Rows of arrangements.toml or process.toml: everything in it that has a ground or facts."""
    file = "arrangements.toml" if family == "deals" else "process.toml"
    found = read_arrangements(case.folder) if family == "deals" else read_process(case.folder)
    rows = []
    for where, item in _sourced("" if found is None else found.model_dump(), ""):
        if family == "deals" and asset and where.startswith("arrangement ") and where.split()[1] != asset:
            continue
        spans = {k: v for k, v in item.items() if isinstance(v, dict) and set(BOUNDS) <= set(v)}
        cells = {
            "facts": ";".join(item.get("facts", ())),
            "basis": item.get("basis", ""),
            "ground": item.get("ground", ""),
        }
        for column, span in (spans or {"": dict.fromkeys(BOUNDS, np.nan)}).items():
            rows.append(_row(case, file, where, column, tuple(float(span[b]) for b in BOUNDS), "", cells, "direct"))
    return pd.DataFrame(rows, columns=list(LEDGER_COLUMNS))


def _sourced(value: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        name = value.get("id", value.get("actor", ""))
        here = f"{where} {name}".strip() if name else where
        if value.get("facts") or value.get("ground"):
            yield here, value
        for key, item in value.items():
            if not isinstance(item, dict) or not set(BOUNDS) <= set(item):
                yield from _sourced(item, key if not where else here)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _sourced(item, where)


def _is(case: Case, table: str, **cells: str) -> Bools:
    frame = case.table(table)
    mask = np.ones(len(frame), dtype=bool)
    for column, value in cells.items():
        if value:
            mask &= frame[column].map(lambda cell, v=value: v in str(cell).split(";")).to_numpy(dtype=bool)
    return mask


def _line(case: Case, asset: str) -> Bools:
    """Links of a corridor, of a project, or one link; those of a headline pair are the whole network: none is direct."""
    links, corridors = case.table("links"), case.table("corridors").set_index("corridor_id")
    projects = case.table("projects").set_index("project_id")
    if asset in set(links["link_id"]):
        return (links["link_id"] == asset).to_numpy()
    if asset in corridors.index:
        own = LinkIndex(links).mask(str(corridors.loc[asset, "screenline"]))
        tag = str(corridors.loc[asset, "route_tag"])
        tagged = links["tags"].map(lambda cell: tag in cell.split(";")).to_numpy(dtype=bool) if tag else False
        return np.asarray(own | tagged)
    if asset in projects.index:
        return LinkIndex(links).mask(str(projects.loc[asset, "links"]))
    labels = {pair.label for pair in case.settings.headline_pairs}
    if asset in labels or asset in set(case.table("transfers")["transfer_id"]):
        return np.zeros(len(links), dtype=bool)
    raise UsageError(
        did_you_mean(asset, {*corridors.index, *projects.index, *labels}, what="corridor, project or pair")
    )


def _held(case: Case, actor: str) -> Bools:
    parents = top_parents(case.table("actors"))
    return np.asarray(
        [parents.get(a, a) == parents.get(actor, actor) for a in case.table("controls")["actor"]], dtype=bool
    )


def _trade_of(case: Case, target: str) -> Bools:
    trade, zones = case.table("trade"), case.table("zones")
    own = {target, *zones.loc[zones["country"] == target, "zone_id"]}
    return (trade["exporter"].isin(own) | trade["importer"].isin(own)).to_numpy()


def _cells(case: Case, table: str, mask: Bools, role: str) -> pd.DataFrame:
    """One row for each quantity of the chosen rows; rows without any quantity give one row."""
    schema, frame = table_schema(table), case.table(table)[mask]
    quantities: list[Column | None] = [c for c in schema.columns if c.interval] or [None]
    rows = []
    for record in frame.to_dict("records"):
        row = {str(k): v for k, v in record.items()}
        for column in quantities:
            span = (np.nan,) * 3 if column is None else tuple(row[f"{column.name}_{b}"] for b in BOUNDS)
            if column is not None and np.isnan(span[1]):
                continue
            rows.append(
                _row(case, table, str(row[schema.id_column]), "" if column is None else column.name, span,
                     "" if column is None else column.unit, row, role)
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(LEDGER_COLUMNS))


def _row(
    case: Case,
    table: str,
    name: str,
    column: str,
    span: tuple[float, ...],
    unit: str,
    row: Mapping[str, Any],
    role: str,
) -> tuple[object, ...]:
    names = [f for f in str(row.get("facts", "")).split(";") if f]
    sources, conflicts = _sources(case, names)
    return (
        table, name, column, *span, unit, str(row.get("basis", "")), ";".join(names), sources, conflicts,
        str(row.get("ground", "")), role,
    )  # fmt: skip


def _sources(case: Case, facts: list[str]) -> tuple[str, str]:
    table, sources = case.table("facts"), case.table("sources")
    publisher = dict(zip(sources["source_id"], sources["publisher"], strict=True))
    source = dict(zip(table["fact_id"], table["source"], strict=True))
    rivals = dict(zip(table["fact_id"], table["conflicts_with"], strict=True))
    told = [f"{publisher[source[f]]} ({f})" for f in facts if f in source]
    clash = [f"{f} against {rivals[f]}" for f in facts if rivals.get(f)]
    return "; ".join(told), "; ".join(clash)


def _settings(case: Case) -> pd.DataFrame:
    rows = []
    for name in type(case.settings).model_fields:
        value = getattr(case.settings, name)
        if isinstance(value, Quantity):
            cells = {"facts": ";".join(value.facts), "basis": value.basis, "ground": value.ground}
            rows.append(_row(case, "case.toml", name, name, (value.low, value.mode, value.high), "", cells, "shared"))
    return pd.DataFrame(rows, columns=list(LEDGER_COLUMNS))


def _changes(case: Case, scenario: str) -> pd.DataFrame:
    rows = []
    if scenario:
        for change in read_scenario(scenario, case).changes:
            cells = {"facts": ";".join(change.facts), "basis": change.basis, "ground": change.ground}
            rows.append(
                _row(case, f"scenarios/{scenario}.toml", change.where, change.op, (np.nan,) * 3, "", cells, "scenario")
            )
    return pd.DataFrame(rows, columns=list(LEDGER_COLUMNS))


def _also(case: Case, listed: pd.DataFrame) -> dict[str, int]:
    """Rows of the network that are not listed, by table: a flow rests on all routes that it could have taken."""
    names = ("links", "transfers", "trade", "zone_shares", "goods_shares", "restrictions", "fits")
    own = listed.groupby("table")["id"].nunique()
    return {n: len(case.table(n)) - int(own.get(n, 0)) for n in names if n in case.tables}


def without_fact(case: Case, fact: str, *, refuse: bool = True) -> Case:
    """Return a case from which a fact is deleted: what rests on it widens, or is refused.

    A row with n facts of which one goes widens its intervals by sqrt(n / (n - 1)) in logarithms (C4). A row that has no other
    has nothing left to rest on: that is refused, or, with ``refuse=False``, becomes an estimate three times as wide.

    Raises
    ------
    UsageError
        The case has no such fact.
    CheckError
        Something rests on that fact alone, an update included.

    Examples
    --------
    >>> from mackinder.case import read_case
    >>> case = read_case("south-caucasus")
    >>> "BT009" in set(without_fact(case, "BT009").table("facts")["fact_id"])
    False
    """
    if fact not in set(case.table("facts")["fact_id"]):
        raise UsageError(did_you_mean(fact, case.table("facts")["fact_id"], what="fact"))
    facts = case.table("facts")
    changed: dict[str, pd.DataFrame] = {"facts": facts[facts["fact_id"] != fact].reset_index(drop=True)}
    alone = [f"updates/{u.name}.toml" for u in read_updates(case) if set(u.evidence) == {fact}]
    for name, frame in case.tables.items():
        schema = table_schema(name)
        if name == "facts" or not schema.has("facts"):
            continue
        named = frame["facts"].map(lambda cell: [f for f in cell.split(";") if f])
        hit = named.map(lambda items: fact in items).to_numpy(dtype=bool)
        if not hit.any():
            continue
        count = named.map(len).to_numpy()
        alone += [f"{schema.file}: {i}" for i in frame.loc[hit & (count == 1), schema.id_column]]
        changed[name] = _widened(frame, schema.columns, named, hit, count, fact)
    if alone and refuse:
        more = f" and {len(alone) - 5} more" if len(alone) > 5 else ""
        msg = f"{fact} is all that {', '.join(alone[:5])}{more} rests on: name another fact first, or take the row out"
        raise CheckError(msg)
    return case.with_tables(**changed)


def _widened(
    frame: pd.DataFrame, columns: Any, named: pd.Series, hit: Bools, count: NDArray[Any], fact: str
) -> pd.DataFrame:
    frame = frame.copy()
    factor = np.where(count > 1, np.sqrt(count / np.maximum(count - 1, 1)), 3.0)[hit]
    for column in columns:
        if not column.interval:
            continue
        low, mode, high = (frame.loc[hit, f"{column.name}_{b}"].to_numpy(dtype=np.float64) for b in BOUNDS)
        with np.errstate(divide="ignore", invalid="ignore"):
            below = np.where(low > 0, mode * (low / mode) ** factor, mode - factor * (mode - low))
            above = np.where(low > 0, mode * (high / mode) ** factor, mode + factor * (high - mode))
        frame.loc[hit, f"{column.name}_low"] = below
        frame.loc[hit, f"{column.name}_high"] = above
    frame.loc[hit, "facts"] = [";".join(f for f in items if f != fact) for items in named[hit]]
    bare = hit & (count == 1)
    frame.loc[bare, "basis"] = "estimate"
    said = f"[{fact}, the only fact of it, was deleted]"
    frame.loc[bare, "ground"] = [f"{ground} {said}".strip() for ground in frame.loc[bare, "ground"]]
    return frame
