"""Everything a case knows about one thing, as plain data: for `mackinder show`, in a terminal or as JSON."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from mackinder.case.actors import children, top_parents
from mackinder.case.case import Case
from mackinder.case.closing import (
    closing_rights,
    conduit_closing_rights,
    corridor_links,
    screenline_closers,
)
from mackinder.case.conduits import conduit_closers, conduit_rights_on, open_conduits
from mackinder.case.itemised import ITEM_KINDS, items_of, show_item, used_in_documents
from mackinder.case.plain import Plain, plain_cell, plain_facts, plain_row, plain_rows
from mackinder.case.rights import active_on, rights_on
from mackinder.case.schema import table_names, table_schema
from mackinder.case.selectors import LinkIndex, is_trade
from mackinder.case.ties import last_ties, tie_indicators
from mackinder.errors import UsageError, did_you_mean

__all__ = ["Plain", "show"]

#: kinds in the order in which an id is looked up, and their tables
_KINDS: Final = {
    "link": "links",
    "place": "places",
    "zone": "zones",
    "actor": "actors",
    "goods": "goods",
    "corridor": "corridors",
    "fact": "facts",
    "source": "sources",
    "transfer": "transfers",
    "restriction": "restrictions",
    "control": "controls",
    "charge": "charges",
    "trade": "trade",
    "goods_share": "goods_shares",
    "conduit": "conduits",
    "tie": "ties",
    "lever": "levers",
    "episode": "episodes",
    "stake": "stakes",
    "position": "positions",
    "scale": "position_scales",
    "project": "projects",
}


def show(case: Case, what: str = "") -> Plain:
    """Return everything that is known about a case, or about one thing in it.

    Parameters
    ----------
    case : Case
        The case.
    what : str
        Nothing for the case itself; an id of any table or document (arrangements, claims, questions, the process);
        ``kind:id`` where an id stands in several, such as ``zone:baku``; or a pair of traders, such as ``ARM>RUS``.

    Returns
    -------
    dict
        Plain data; ``kind`` and ``id`` first. Missing cells are None; an interval is ``{low, mode, high, unit}``.

    Raises
    ------
    UsageError
        If nothing has that id; the message names ids that come near.
    """
    if not what:
        return _summary(case)
    if ">" in what:
        return _pair(case, what)
    kind, _, name = what.partition(":") if what.partition(":")[0] in (*_KINDS, *ITEM_KINDS) else ("", "", what)
    ids = {each: _ids(case, each) for each in ([kind] if kind else (*_KINDS, *ITEM_KINDS))}
    found = [each for each, names in ids.items() if name in names]
    if not found:
        known = [each for names in ids.values() for each in names]
        raise UsageError(did_you_mean(name, known, what=kind or "id"))
    shown = _item(case, found[0], name)
    if len(found) > 1:
        shown["also"] = [f"{other}:{name}" for other in found[1:]]
    return shown


def _item(case: Case, kind: str, name: str) -> Plain:
    if kind in ITEM_KINDS:
        return show_item(case, kind, items_of(case, kind)[name])
    row = plain_row(case, _KINDS[kind], name)
    shown = {"kind": kind, "id": name, "row": row} | _MORE.get(kind, _nothing_more)(case, name)
    return shown | {"facts": plain_facts(case, str(row.get("facts") or ""))}


def _ids(case: Case, kind: str) -> list[str]:
    if kind in ITEM_KINDS:
        return list(items_of(case, kind))
    table = _KINDS[kind]
    return list(case.table(table)[table_schema(table).id_column])


def _nothing_more(_case: Case, _name: str) -> Plain:
    return {}


def _summary(case: Case) -> Plain:
    bases: Plain = {}
    for name in table_names():
        if table_schema(name).has("basis") and len(case.table(name)):
            shares = case.table(name)["basis"].value_counts(normalize=True)
            bases[name] = {basis: round(float(shares.get(basis, 0.0)), 4) for basis in ("cited", "derived", "estimate")}
    settings = case.settings
    links = case.table("links")
    return {
        "kind": "case",
        "id": case.name,
        "title": settings.title,
        "description": settings.description,
        "digest": case.digest,
        "base_year": settings.base_year,
        "horizon_year": settings.horizon_year,
        "article_date": settings.article_date.isoformat(),
        "newest_evidence": settings.newest_evidence.isoformat(),
        "scenarios": list(settings.scenarios),
        "rows": {name: len(case.table(name)) for name in table_names()},
        "links_by_mode": {str(key): int(count) for key, count in links["mode"].value_counts().sort_index().items()},
        "links_by_status": {str(key): int(count) for key, count in links["status"].value_counts().sort_index().items()},
        "basis_shares": bases,
        "boundaries_note": settings.boundaries_note,
    }


def _today(case: Case) -> dt.date:
    return case.settings.newest_evidence


def _link(case: Case, name: str) -> Plain:
    links = case.table("links")
    index = LinkIndex(links)
    position = int(np.flatnonzero(links["link_id"] == name)[0])

    def selected(table: str, column: str) -> list[Plain]:
        frame = case.table(table)
        chosen = [not is_trade(text) and bool(index.mask(text)[position]) for text in frame[column]]
        return plain_rows(case, table, frame[np.array(chosen, dtype=np.bool_)])

    held = rights_on(case, _today(case))
    return {
        "rights": _rights(case, held[held["link_id"] == name]),
        "rights_at_other_times": _other_times(case, index, position, held[held["link_id"] == name]),
        "restrictions": selected("restrictions", "asset"),
        "charges": selected("charges", "asset"),
        "counted_in": [row["corridor_id"] for row in selected("corridors", "screenline")],
    }


def _rights(case: Case, held: pd.DataFrame) -> list[Plain]:
    """Add dates to resolved rights."""
    dates = case.table("controls").set_index("control_id")[["starts_on", "ends_on", "extension_years"]]
    with_dates = held.join(dates, on="control_id")
    return [{str(key): plain_cell(value) for key, value in row.items()} for row in with_dates.to_dict("records")]


def _conduit(case: Case, name: str) -> Plain:
    held, closers = conduit_rights_on(case, _today(case)), conduit_closers(case, _today(case))
    closers = closers[closers["conduit_id"] == name].drop(columns="conduit_id")
    closing = conduit_closing_rights(case, _today(case))
    return {
        "rights": _rights(case, held[held["conduit_id"] == name]),
        "can_close_today": _records(closers),
        "by_which_right": _records(closing[closing["conduit_id"] == name].drop(columns="conduit_id")),
    }


def _records(frame: pd.DataFrame) -> list[Plain]:
    return [{str(key): plain_cell(value) for key, value in row.items()} for row in frame.to_dict("records")]


def _tie(case: Case, name: str) -> Plain:
    ties = case.table("ties")
    key = ["sender", "target", "indicator", "variant"]
    own = ties[ties["tie_id"] == name].iloc[0]
    series = ties[(ties[key] == own[key]).all(axis=1)].sort_values(["starts_on", "tie_id"])
    word = tie_indicators().get(str(own["indicator"]))
    return {"meaning": None if word is None else word.meaning, "series": plain_rows(case, "ties", series)}


def _other_times(case: Case, index: LinkIndex, position: int, held: pd.DataFrame) -> list[Plain]:
    """Return the rows of controls that reach a link and do not hold today: ended, to come, or replaced."""
    links, controls = case.table("links"), case.table("controls")
    link = links.loc[position]
    ends = (link["from_place"], link["to_place"])
    reaches = [
        asset == link["link_id"]
        if kind == "link"
        else asset in ends
        if kind == "place"
        else index.mask(asset)[position]
        for kind, asset in zip(controls["asset_type"], controls["asset"], strict=True)
    ]
    chosen = np.asarray(reaches, dtype=bool) & ~controls["control_id"].isin(list(held["control_id"])).to_numpy()
    active = active_on(controls, _today(case))
    rows = plain_rows(case, "controls", controls[chosen])
    return [{**row, "replaced": bool(now)} for row, now in zip(rows, active[chosen], strict=True)]


def _place(case: Case, name: str) -> Plain:
    links, transfers, controls = case.table("links"), case.table("transfers"), case.table("controls")
    touches = (links["from_place"] == name) | (links["to_place"] == name)
    named = (controls["asset_type"] == "place") & (controls["asset"] == name)
    return {
        "links": list(links.loc[touches, "link_id"]),
        "transfers": plain_rows(case, "transfers", transfers[transfers["place"] == name]),
        "rights": plain_rows(case, "controls", controls[named]),
        "anchor_of": list(case.table("zones").query("anchor_place == @name")["zone_id"]),
    }


def _zone(case: Case, name: str) -> Plain:
    zones, places, trade = case.table("zones"), case.table("places"), case.table("trade")
    row = zones[zones["zone_id"] == name].iloc[0]
    codes = {name, str(row["country"]), *filter(None, str(row["members"]).split(";"))}
    return {
        "places": list(places.loc[places["zone"] == name, "place_id"]),
        "trade_of": sorted(codes),
        "exports": list(trade.loc[trade["exporter"].isin(list(codes)), "trade_id"]),
        "imports": list(trade.loc[trade["importer"].isin(list(codes)), "trade_id"]),
    }


def _actor(case: Case, name: str) -> Plain:
    actors, controls, charges = case.table("actors"), case.table("controls"), case.table("charges")
    below = children(actors, name)
    closers, ties = conduit_closers(case, _today(case)), case.table("ties")
    held = rights_on(case, _today(case))
    mine = held[held["actor"].isin([name, *below])]
    unique = mine[["link_id", "right", "status"]].drop_duplicates()
    counts = Counter(zip(unique["right"], unique["status"], strict=True))
    return {
        "root": top_parents(actors)[name],
        "children": below,
        "links_today": [
            {"right": str(right), "status": str(status), "links": int(count)}
            for (right, status), count in sorted(counts.items())
        ],
        "rights": plain_rows(case, "controls", controls[controls["actor"] == name]),
        "rights_of_children": plain_rows(case, "controls", controls[controls["actor"].isin(below)]),
        "charges": plain_rows(case, "charges", charges[charges["actor"].isin([name, *below])]),
        "conduits_it_can_close_today": list(closers.loc[closers["root"] == top_parents(actors)[name], "conduit_id"]),
        "ties_today": [
            {"tie": row["tie_id"], "value": row["value_mode"], "unit": row["value_unit"], "age_years": row["age_years"]}
            for row in last_ties(ties[(ties["sender"] == name) | (ties["target"] == name)], _today(case)).to_dict(
                "records"
            )
        ],
    }


def _goods(case: Case, name: str) -> Plain:
    shares, trade = case.table("goods_shares"), case.table("trade")
    return {
        "shares": plain_rows(case, "goods_shares", shares[shares["goods"] == name]),
        "trade": list(trade.loc[trade["goods"] == name, "trade_id"]),
    }


def _corridor(case: Case, name: str) -> Plain:
    """Explain a corridor link by link: does it carry today, who can close it, by which right, since and until when."""
    screenline, route = corridor_links(case, name)
    links = case.table("links").set_index("link_id")
    carries = dict(zip(links.index, open_conduits(case.table("links"), _today(case)), strict=True))
    closing = closing_rights(case, _today(case))
    own = {str(link): group.drop(columns="link_id") for link, group in closing.groupby("link_id")}
    none = closing.iloc[:0]
    return {
        "screenline_links": screenline,
        "route_links": route,
        "can_close_whole_screenline_today": screenline_closers(closing, screenline),
        "who_can_close": [
            {
                "link": link,
                "label": plain_cell(links.loc[link, "label"]),
                "carries_today": bool(carries[link]),
                "opens_on": plain_cell(links.loc[link, "opens_on"]),
                "on_screenline": link in screenline,
                "closers": _records(own.get(link, none)),
            }
            for link in dict.fromkeys([*screenline, *route])
        ],
    }


def _fact(case: Case, name: str) -> Plain:
    used: list[Plain] = []
    for table in table_names():
        schema = table_schema(table)
        if schema.of_type("fact_list"):
            frame = case.table(table)
            uses = (";" + frame["facts"] + ";").str.contains(f";{name};", regex=False)
            used += [{"table": table, "id": each} for each in frame.loc[uses, schema.id_column]]
    source = str(case.table("facts").set_index("fact_id").loc[name, "source"])
    known = source in set(case.table("sources")["source_id"])
    used += used_in_documents(case, name)
    return {"source": plain_row(case, "sources", source) if known else None, "used_by": used}


def _source(case: Case, name: str) -> Plain:
    facts, sources = case.table("facts"), case.table("sources")
    group = sources.loc[sources["source_id"] == name, "independence_group"].iloc[0]
    alike = (sources["independence_group"] == group) & (sources["source_id"] != name)
    return {
        "facts_of_source": plain_rows(case, "facts", facts[facts["source"] == name]),
        "same_group": list(sources.loc[alike, "source_id"]),
    }


def _pair(case: Case, what: str) -> Plain:
    """Return the trade of a pair of countries or zones, both ways, and the restrictions that name it."""
    exporter, _, importer = (part.strip() for part in what.partition(">"))
    trade, restrictions = case.table("trade"), case.table("restrictions")
    known = set(trade["exporter"]) | set(trade["importer"])
    for end in (exporter, importer):
        if end not in known:
            raise UsageError(did_you_mean(end, known, what="exporter or importer"))

    def flows(one: str, two: str) -> list[Plain]:
        rows = plain_rows(case, "trade", trade[(trade["exporter"] == one) & (trade["importer"] == two)])
        return [{**row, "facts": plain_facts(case, str(row["facts"] or ""))} for row in rows]

    named = _holds_for(restrictions["origin"], exporter) & _holds_for(restrictions["destination"], importer)
    return {
        "kind": "pair",
        "id": f"{exporter}>{importer}",
        "exports": flows(exporter, importer),
        "imports": flows(importer, exporter),
        "restrictions": plain_rows(case, "restrictions", restrictions[named]),
    }


def _holds_for(cells: pd.Series, code: str) -> pd.Series:
    return (cells == "*") | (";" + cells + ";").str.contains(f";{code};", regex=False)


_MORE: Final[dict[str, Callable[[Case, str], Plain]]] = {
    "link": _link,
    "place": _place,
    "zone": _zone,
    "actor": _actor,
    "goods": _goods,
    "conduit": _conduit,
    "corridor": _corridor,
    "fact": _fact,
    "source": _source,
    "tie": _tie,
}
