"""Rules about names: what a row refers to exists. Codes MK020 to MK029."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pandas as pd

from mackinder.case.actors import sovereigns
from mackinder.case.checks.registry import Material, hits, items, rule, some
from mackinder.case.findings import Hit
from mackinder.case.schema import table_names, table_schema
from mackinder.case.selectors import is_trade
from mackinder.errors import CaseError, did_you_mean

__all__: list[str] = []

#: selectors of each table; restrictions may say `trade`
_SELECTORS = {
    "charges": "asset",
    "controls": "asset",
    "corridors": "screenline",
    "fits": "links",
    "levers": "asset",
    "projects": "links",
    "restrictions": "asset",
}


def _unknown(
    table: str, frame: pd.DataFrame, used: pd.Series, known: Collection[str], column: str, what: str
) -> Iterator[Hit]:
    """Yield one hit a name that is used (index: row of the frame) and not known; at most ten."""
    wrong = used[~used.isin(list(known))]
    for name, rows in list(wrong.groupby(wrong, sort=True))[:10]:
        message = f"{column}: {did_you_mean(str(name), known, what=what)}".rstrip("?")
        yield Hit(f"{table}.csv", frame.loc[rows.index.unique(), "file_row"], message)
    if wrong.nunique() > 10:
        rows = frame.loc[wrong.index.unique(), "file_row"]
        yield Hit(f"{table}.csv", rows, f"{column}: {wrong.nunique()} unknown names in all, the first ten are listed")


def _words(cells: pd.Series) -> set[str]:
    """Return the different items of lists joined by ``;``."""
    return {word for cell in pd.unique(cells) for word in cell.split(";") if word}


@rule("MK020", "a name that no table has", cure="Correct the name, or add the row that it names")
def unknown_reference(material: Material) -> Iterator[Hit]:
    """Follow every column that the schema says refers to another table."""
    for table in table_names():
        for name, column in table_schema(table).expanded():
            if table in material.tables and column.refers_to in material.tables:
                target = table_schema(column.refers_to)
                known = frozenset(material.tables[column.refers_to][target.id_column])
                frame = material.tables[table]
                if not _words(frame[name]) <= known:  # a million rows are split only where there is something to find
                    yield from _unknown(table, frame, items(frame[name]), known, name, f"name in {target.file}")


@rule("MK021", "unknown goods", cure="Use an id of goods.csv, or *", needs=("goods",))
def unknown_goods(material: Material) -> Iterator[Hit]:
    """Look up goods in columns where ``*`` is legal too."""
    known = frozenset(material.tables["goods"]["goods_id"]) | {"*"}
    for table in ("charges", "levers", "restrictions", "trade"):
        if table in material.tables:
            frame = material.tables[table]
            if not _words(frame["goods"]) <= known:
                yield from _unknown(table, frame, items(frame["goods"]), known, "goods", "goods")


@rule(
    "MK022",
    "trade of a country without a zone",
    cure="Correct the code, or add a zone that stands for it",
    needs=("zones",),
)
def unknown_trader(material: Material) -> Iterator[Hit]:
    """Look up exporters and importers: countries of zones, or zones for trade inside a country."""
    known = material.zone_countries | set(material.tables["zones"]["zone_id"])
    for table, columns in (("trade", ("exporter", "importer")), ("goods_shares", ("exporter", "importer"))):
        for column in columns if table in material.tables else ():
            frame = material.tables[table]
            legal = known | ({"*"} if table == "goods_shares" else set())
            yield from _unknown(table, frame, frame[column], legal, column, "country or zone")


@rule(
    "MK023",
    "unknown country",
    cure="Use the alpha-3 code of a zone, place or actor",
    needs=("zones", "places", "actors"),
)
def unknown_country(material: Material) -> Iterator[Hit]:
    """Look up the codes in restrictions: one that nothing in the case has can never apply."""
    if "restrictions" not in material.tables:
        return
    frame = material.tables["restrictions"]
    known = material.countries | {"*"}
    for column in ("origin", "destination"):
        yield from _unknown("restrictions", frame, items(frame[column]), known, column, "country")
    ends = items(frame["except_pairs"]).str.split(">").explode()
    yield from _unknown("restrictions", frame, ends, known, "except_pairs", "country")


@rule("MK024", "a selector that does not parse", cure="Write key=value|value, joined by & and ; (docs/conventions.md)")
def malformed_selector(material: Material) -> Iterator[Hit]:
    """Parse each different selector once."""
    for table, frame, cells in _selectors(material):
        for text, rows in cells.groupby(cells, sort=True):
            try:
                if table != "restrictions" or not is_trade(str(text)):
                    material.links.mask(str(text))
            except CaseError as error:
                yield Hit(f"{table}.csv", frame.loc[rows.index, "file_row"], str(error).rstrip("?"))


@rule("MK025", "a selector that selects nothing", cure="Name links that are in links.csv", needs=("links",))
def empty_selector(material: Material) -> Iterator[Hit]:
    """Find selectors without any link."""
    for table, frame, cells in _selectors(material):
        for text, rows in cells.groupby(cells, sort=True):
            if not is_trade(str(text)) and _parses(material, str(text)) and not material.links.mask(str(text)).any():
                message = f"selector {str(text)!r} selects no link{_hint(material, str(text))}"
                yield Hit(f"{table}.csv", frame.loc[rows.index, "file_row"], message)


@rule("MK026", "a condition that no link meets", cure="Correct the name, or take it out", needs=("links",))
def idle_condition(material: Material) -> Iterator[Hit]:
    """Find names in selectors that no link has, though others of the same selector do select."""
    for table, frame, cells in _selectors(material):
        for text, rows in cells.groupby(cells, sort=True):
            if is_trade(str(text)) or not _parses(material, str(text)) or not material.links.mask(str(text)).any():
                continue
            idle = material.links.unknown(str(text))
            if idle:
                message = f"no link has {', '.join(idle[:5])}{_hint(material, str(text))}"
                yield Hit(f"{table}.csv", frame.loc[rows.index, "file_row"], message)


def _selectors(material: Material) -> Iterator[tuple[str, pd.DataFrame, pd.Series]]:
    for table, column in _SELECTORS.items():
        if table in material.tables and "links" in material.tables:
            frame = material.tables[table]
            cells = frame[column]
            if table == "controls":
                cells = cells[frame["asset_type"] == "selector"]
            yield table, frame, cells[cells != ""]


def _parses(material: Material, text: str) -> bool:
    try:
        material.links.mask(text)
    except CaseError:
        return False
    return True


def _hint(material: Material, text: str) -> str:
    for condition in material.links.unknown(text)[:1]:
        key, _, value = condition.partition("=")
        return f": {did_you_mean(value, material.links.values(key), what=key)}".rstrip("?")
    return ""


@rule(
    "MK027",
    "a right in something unknown",
    cure="Name a link, place or conduit that exists",
    needs=("controls", "links", "places", "conduits"),
)
def unknown_asset(material: Material) -> Iterator[Hit]:
    """Look up the assets of controls that name one link, place or conduit."""
    frame = material.tables["controls"]
    for kind, table in (("link", "links"), ("place", "places"), ("conduit", "conduits")):
        named = frame.loc[frame["asset_type"] == kind, "asset"]
        known = frozenset(material.tables[table][f"{kind}_id"])
        yield from _unknown("controls", frame, named, known, "asset", kind)


@rule(
    "MK028",
    "actors that direct each other in a circle",
    cure="Leave the parent of the top actor empty",
    needs=("actors",),
)
def circular_parents(material: Material) -> Iterator[Hit]:
    """Walk up from each actor; who comes by itself again is in a circle."""
    frame = material.tables["actors"]
    parent = dict(zip(frame["actor_id"], frame["parent"], strict=True))
    circular = []
    for actor in frame["actor_id"]:
        above, seen = parent[actor], set[str]()
        while above and above not in seen and above != actor:
            seen.add(above)
            above = parent.get(above, "")
        circular.append(above == actor)
    yield from hits("actors", frame, pd.Series(circular, dtype=bool), "the parents of {ids} lead back to themselves")


@rule(
    "MK029",
    "ground that nobody answers for",
    cure="Give the code to one state in column countries of actors.csv",
    needs=("actors",),
)
def unclaimed_ground(material: Material) -> Iterator[Hit]:
    """Find territory without a sovereign, and codes that two states answer for."""
    actors = material.tables["actors"]
    answered = frozenset(sovereigns(actors))
    if "links" in material.tables:
        links = material.tables["links"]
        codes = items(links["territory"])
        orphans = codes[~codes.isin(list(answered))]
        if len(orphans):
            rows = links.loc[orphans.index.unique(), "file_row"]
            yield Hit("links.csv", rows, f"no actor answers for territory {some(orphans)}")
    states = items(actors.loc[actors["kind"] == "state", "countries"])
    twice = states[states.duplicated(keep=False)]
    if len(twice):
        rows = actors.loc[twice.index.unique(), "file_row"]
        yield Hit("actors.csv", rows, f"two states answer for {some(twice)}")
