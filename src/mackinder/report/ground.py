"""What numbers of the page rest on: links with their rights, corridors, facts and sources of a case."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from mackinder.case.closing import closing_rights, corridor_links
from mackinder.report.network import MapPlace, countries_to_actors, map_network, place_name
from mackinder.report.style import holder_of

if TYPE_CHECKING:
    import pandas as pd

    from mackinder.case import Case

__all__ = ["corridor_table", "fact_tables", "link_rows", "place_rows", "rights_by_link", "subject_facts"]

_MOST_FACTS: Final = 30  # of one subject
_GROUND_CHARACTERS: Final = 420
_TIER_RANK: Final = 100


def _ids(cell: object) -> list[str]:
    return [fact for fact in str(cell).split(";") if fact]


def _rank(place: MapPlace) -> int:
    """Anchors of zones are named first, then places by tier; a waypoint at sea has no name (9999)."""
    if place.kind_rank > 9:
        return 9999
    return 9 * place.tier + place.kind_rank if place.anchor else _TIER_RANK * place.tier + 10 * place.kind_rank


def place_rows(case: Case, names: str) -> list[dict[str, Any]]:
    """List the places as the map names them; waypoints at sea, which have no name there, rank above 9000."""
    places = map_network(case, names=names).places
    return [
        {
            "id": p.place_id,
            "label": p.label,
            "at": [round(x, 4) for x in p.point],
            "rank": _rank(p),
        }
        for p in places
    ]


def rights_by_link(case: Case, day: str) -> dict[str, dict[bool, dict[str, list[str]]]]:
    """Who can close each link, and who only claims to: link -> counts -> root actor -> rights."""
    out: dict[str, dict[bool, dict[str, list[str]]]] = {}
    held: pd.DataFrame = closing_rights(case, day)
    for link, root, right, counts in zip(held["link_id"], held["root"], held["right"], held["counts"], strict=True):
        found = out.setdefault(str(link), {True: {}, False: {}})[bool(counts)].setdefault(str(root), [])
        if right not in found:
            found.append(str(right))
    return out


def link_rows(case: Case, cases: Mapping[str, Case], day: str, places: Sequence[str]) -> list[dict[str, Any]]:
    """List the links: ends, holder, who can close them in the baseline and, where it differs, under other scenarios.

    Parameters
    ----------
    case : Case
    cases : mapping of str to Case
        By scenario; the first is the baseline.
    day : str
        ISO day of the rights.
    places : sequence of str
        Place ids in the order of the page.
    """
    number = {place: i for i, place in enumerate(places)}
    actor_of = countries_to_actors(case.table("actors"))
    rights = {name: rights_by_link(one, day) for name, one in cases.items()}
    first = next(iter(rights))
    nobody: dict[bool, dict[str, list[str]]] = {True: {}, False: {}}
    rows = []
    for row in case.table("links").to_dict("records"):
        link = str(row["link_id"])
        base = rights[first].get(link, nobody)
        other = {
            name: found[True] for name, of in rights.items() if (found := of.get(link, nobody))[True] != base[True]
        }
        rows.append(
            {
                "id": link,
                "label": str(row["label"]),
                "mode": str(row["mode"]),
                "from": number[str(row["from_place"])],
                "to": number[str(row["to_place"])],
                "holder": holder_of(str(row["territory"]), actor_of),
                "territory": [code for code in str(row["territory"]).split(";") if code],
                "closers": base[True],
                "claimed": base[False],
                "other": other,
                "facts": _ids(row["facts"]),
                "basis": str(row["basis"]),
                "ground": str(row["ground"])[:_GROUND_CHARACTERS],
            }
        )
    return rows


def corridor_table(case: Case, names: str = "neutral") -> dict[str, dict[str, Any]]:
    """Corridor id -> label in the wanted usage, and the links at which its freight is counted."""
    return {
        str(row["corridor_id"]): {
            "label": place_name({str(k): v for k, v in row.items()}, names),
            "links": corridor_links(case, str(row["corridor_id"]))[0],
        }
        for row in case.table("corridors").to_dict("records")
    }


def subject_facts(case: Case) -> dict[str, list[str]]:
    """Facts that numbers about an actor, a target or an asset rest on, the largest trades first, `_MOST_FACTS` at most."""
    found: dict[str, list[str]] = {}

    def note(key: str, facts: Iterable[str]) -> None:
        held = found.setdefault(key, [])
        held += [fact for fact in facts if fact not in held][: _MOST_FACTS - len(held)]

    for actor, facts in _pairs(case, "controls", "actor"):
        note(f"actor:{actor}", _ids(facts))
    for corridor, facts in _pairs(case, "corridors", "corridor_id"):
        note(f"asset:{corridor}", _ids(facts))
    for transfer, facts in _pairs(case, "transfers", "transfer_id"):
        note(f"asset:{transfer}", _ids(facts))
    trade = case.table("trade") if "trade" in case.tables else None
    if trade is not None and "value_musd_mode" in trade.columns:
        rows = trade.sort_values("value_musd_mode", ascending=False, kind="stable")
        for exporter, importer, facts in zip(rows["exporter"], rows["importer"], rows["facts"], strict=True):
            for end in (str(exporter), str(importer)):
                if len(found.get(f"target:{end}", ())) < _MOST_FACTS:
                    note(f"target:{end}", _ids(facts))
    return {key: facts for key, facts in found.items() if facts}


def _pairs(case: Case, table: str, column: str) -> list[tuple[str, str]]:
    if table not in case.tables or column not in case.table(table).columns:
        return []
    rows = case.table(table)
    return [(str(a), str(b)) for a, b in zip(rows[column], rows["facts"], strict=True)]


def fact_tables(case: Case, used: Iterable[Iterable[str]]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the facts used (statement, source) and their sources (words, address)."""
    wanted = set(itertools.chain.from_iterable(used))
    facts = {}
    if "facts" in case.tables:
        rows = case.table("facts")
        for fact, statement, source in zip(rows["fact_id"], rows["statement"], rows["source"], strict=True):
            if fact in wanted:
                facts[str(fact)] = [str(statement), str(source)]
    sources = {}
    cited = {source for _, source in facts.values()}
    for row in case.table("sources").to_dict("records"):
        if row["source_id"] in cited:
            words = ", ".join(str(row[c]) for c in ("publisher", "title", "published_on") if row[c])
            sources[str(row["source_id"])] = [words, str(row["url"])]
    return facts, sources
