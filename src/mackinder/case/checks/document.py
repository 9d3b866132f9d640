"""Rules about case.toml and what lies beside the tables. Codes MK090 to MK099."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mackinder.case.checks.registry import Material, rule
from mackinder.case.findings import Finding, Hit
from mackinder.case.schema import table_names
from mackinder.case.settings import Quantity, Settings
from mackinder.errors import did_you_mean

__all__ = ["unreadable"]

_FILE = "case.toml"


def unreadable(message: str) -> Finding:
    """Return the finding for a case.toml that could not be read: without it there are no settings to look at."""
    text = message.removeprefix(f"{_FILE}: ").rstrip(".?")
    cure = "Correct case.toml; docs/conventions.md lists its keys"
    return Finding(code="MK090", severity="error", file=_FILE, rows=(), message=text, cure=cure)


@rule("MK090", "case.toml cannot be read", cure="Correct case.toml; docs/conventions.md lists its keys")
def no_settings(_material: Material) -> Iterator[Hit]:
    """Hold the code: the finding itself comes from reading (`unreadable`), before there is material to look at."""
    yield from ()


@rule("MK091", "a name in case.toml that no table has", cure="Correct the name")
def unknown_names(material: Material) -> Iterator[Hit]:
    """Look up actors, zones, goods and facts that the settings name."""
    settings = material.settings
    if settings is None:
        return
    pairs = settings.headline_pairs
    used = (
        ("focus", "actors", "actor_id", settings.focus),
        ("coalitions", "actors", "actor_id", [name for group in settings.coalitions for name in group]),
        ("default_goods", "goods", "goods_id", [settings.default_goods]),
        ("headline_pairs", "zones", "zone_id", [name for pair in pairs for name in (pair.origin, pair.destination)]),
        ("headline_pairs", "goods", "goods_id", [pair.goods for pair in pairs]),
        *((f"{key}.facts", "facts", "fact_id", quantity.facts) for key, quantity in _quantities(settings)),
    )
    for key, table, column, names in used:
        if table in material.tables:
            known: Collection[str] = set(material.tables[table][column])
            for name in dict.fromkeys(names):
                if name not in known:
                    yield Hit(_FILE, (), f"{key}: {did_you_mean(name, known, what=f'name in {table}.csv')}".rstrip("?"))


@rule("MK092", "a scenario without a file", cure="Add scenarios/<id>.toml, or take the id out")
def missing_scenario(material: Material) -> Iterator[Hit]:
    """Look for the files of the scenarios that the settings name."""
    if material.settings is None or material.folder is None:
        return
    known = {path.stem for path in (material.folder / "scenarios").glob("*.toml")}
    named = dict.fromkeys((material.settings.baseline, *material.settings.scenarios))
    missing = [name for name in named if name not in known]
    if missing and not known:
        yield Hit(_FILE, (), f"the folder scenarios/ has no file for {', '.join(missing)}")
    else:
        for name in missing:
            yield Hit(_FILE, (), did_you_mean(name, known, what="scenario").rstrip("?"))


def _quantities(settings: Settings) -> list[tuple[str, Quantity]]:
    fields = [(key, getattr(settings, key)) for key in type(settings).model_fields]
    return [(key, value) for key, value in fields if isinstance(value, Quantity)]


@rule("MK093", "a number in case.toml without source or ground", cure="Name facts, or say on what ground")
def number_ground(material: Material) -> Iterator[Hit]:
    """Ask of the numbers in case.toml what is asked of rows."""
    for key, number in _quantities(material.settings) if material.settings else []:
        if number.basis in ("cited", "derived") and not number.facts:
            yield Hit(_FILE, (), f"{key} is {number.basis} and names no fact")
        if number.basis in ("derived", "estimate") and not number.ground:
            yield Hit(_FILE, (), f"{key} is derived or estimated and has no ground")


@rule("MK094", "a file that nothing reads", cure="Correct its name, or move it out of tables/", severity="warning")
def stray_table(material: Material) -> Iterator[Hit]:
    """Find files in tables/ that are no table of the schema."""
    if material.folder is not None:
        for path in sorted((material.folder / "tables").glob("*")):
            if path.name not in {f"{name}.csv" for name in table_names()} and not path.name.startswith("."):
                yield Hit(f"tables/{path.name}", (), did_you_mean(path.stem, table_names(), what="table").rstrip("?"))


@rule("MK095", "the article after the evidence", cure="Correct article_date or newest_evidence")
def article_late(material: Material) -> Iterator[Hit]:
    """Compare the two dates of the settings."""
    settings = material.settings
    if settings is not None and settings.article_date > settings.newest_evidence:
        message = f"article_date {settings.article_date} is after newest_evidence {settings.newest_evidence}"
        yield Hit(_FILE, (), message)
