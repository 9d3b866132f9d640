"""Rules about where numbers come from. Codes MK060 to MK069."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

import pandas as pd

from mackinder.case.checks.registry import Material, hits, items, rule, some
from mackinder.case.findings import Hit
from mackinder.case.schema import table_schema

__all__: list[str] = []

_PARTIAL: Final = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
_SAME_GROUND: Final = 25
_STALE_DAYS: Final = 180


def _with_provenance(material: Material) -> Iterator[tuple[str, pd.DataFrame]]:
    for table, frame in material.tables.items():
        if table_schema(table).has("basis"):
            yield table, frame


@rule("MK060", "cited without facts", cure="Name fact ids in facts; or make it an estimate and say on what ground")
def no_facts(material: Material) -> Iterator[Hit]:
    """Find rows that say they are cited or derived and name no fact."""
    for table, frame in _with_provenance(material):
        for basis in ("cited", "derived"):
            bad = (frame["basis"] == basis) & (frame["facts"] == "")
            yield from hits(table, frame, bad, f"{{ids}} is {basis} and names no fact")


@rule("MK061", "a number without ground", cure="Say in ground why this number and not another, for this row")
def no_ground(material: Material) -> Iterator[Hit]:
    """Find rows that are derived or estimated and do not say how."""
    for table, frame in _with_provenance(material):
        bad = frame["basis"].isin(["derived", "estimate"]) & (frame["ground"] == "")
        yield from hits(table, frame, bad, "{ids} is derived or estimated and has no ground")


@rule("MK062", "the same ground again and again", cure="Say what is specific to each row", severity="warning")
def worn_ground(material: Material) -> Iterator[Hit]:
    """Find grounds that more than twenty-five rows of a table repeat word for word."""
    for table, frame in _with_provenance(material):
        grounds = frame.loc[frame["ground"] != "", "ground"]
        counts = grounds.value_counts()
        for ground in sorted(counts[counts > _SAME_GROUND].index):
            message = f"{counts[ground]} rows have the ground {str(ground)[:60]!r}"
            yield from hits(table, frame, frame["ground"] == ground, message)


@rule("MK063", "a fact outside its own bounds", cure="Correct value, low or high", needs=("facts",))
def outside_bounds(material: Material) -> Iterator[Hit]:
    """Compare value, low and high of each fact."""
    facts = material.tables["facts"]
    low, value, high = facts["low"], facts["value"], facts["high"]
    yield from hits("facts", facts, (low > high) | (value < low) | (value > high), "{ids} has not low <= value <= high")


@rule("MK064", "a malformed date of evidence", cure="Write 2025, 2025-08 or 2025-08-08")
def partial_dates(material: Material) -> Iterator[Hit]:
    """Check the form of dates that may be a year or a month."""
    for table, names in (("facts", ("valid_from", "valid_to", "known_on")), ("sources", ("published_on",))):
        for name in names if table in material.tables else ():
            frame = material.tables[table]
            bad = (frame[name] != "") & ~frame[name].str.fullmatch(_PARTIAL)
            yield from hits(table, frame, bad, f"{name} of {{ids}} is {some(frame.loc[bad, name])}")


@rule("MK065", "evidence from the future", cure="Correct the day, or raise newest_evidence in case.toml")
def from_the_future(material: Material) -> Iterator[Hit]:
    """Find evidence newer than the newest evidence that case.toml states."""
    if material.settings is None:
        return
    newest = str(material.settings.newest_evidence)
    columns = [(table, "known_on") for table in material.tables if table_schema(table).has("known_on")]
    for table, name in (*columns, ("sources", "published_on")):
        if table in material.tables:
            frame = material.tables[table]
            # a year is compared with the year of the newest evidence, a month with its month
            newest_alike = frame[name].str.len().map({4: newest[:4], 7: newest[:7], 10: newest}).fillna("9999")
            bad = frame[name] > newest_alike
            yield from hits(table, frame, bad, f"{{ids}}: {name} is later than newest_evidence {newest}")


@rule(
    "MK066",
    "old facts",
    cure="Look for newer evidence where it matters, or give valid_to where the fact is about a period that is over",
    needs=("facts",),
    severity="warning",
)
def stale_facts(material: Material) -> Iterator[Hit]:
    """Count facts that claim to hold still and were known more than 180 days before the newest evidence."""
    if material.settings is None:
        return
    facts = material.tables["facts"]
    known = facts["known_on"]
    if "sources" in material.tables:
        published = dict(
            zip(material.tables["sources"]["source_id"], material.tables["sources"]["published_on"], strict=True)
        )
        known = known.where(known != "", pd.Series([published.get(name, "") for name in facts["source"]], dtype="str"))
    limit = (material.settings.newest_evidence - dt.timedelta(days=_STALE_DAYS)).isoformat()
    day = (known + "-12-31").where(known.str.len() == 4, (known + "-31").where(known.str.len() == 7, known))
    old = (known != "") & (day < limit) & (facts["valid_to"] == "")
    if old.any():
        share = f"{int(old.sum())} of {len(facts)} facts without an end"
        message = f"{share} were known before {limit}, {_STALE_DAYS} days before newest_evidence"
        yield Hit("facts.csv", facts.loc[old, "file_row"], message)


@rule(
    "MK067",
    "conflicts that do not meet",
    cure="Name facts that exist; if A conflicts with B, then B with A",
    needs=("facts",),
)
def conflicts(material: Material) -> Iterator[Hit]:
    """Find conflicts with unknown facts, with oneself, and on one side only."""
    facts = material.tables["facts"]
    other = items(facts["conflicts_with"])
    own = facts.loc[other.index, "fact_id"].to_numpy()
    pairs = pd.DataFrame({"own": own, "other": other.to_numpy(), "row": facts.loc[other.index, "file_row"].to_numpy()})
    unknown = ~pairs["other"].isin(facts["fact_id"])
    itself = pairs["own"] == pairs["other"]
    back = pairs[["other", "own"]].set_axis(["own", "other"], axis=1).assign(back=True).drop_duplicates()
    one_sided = pairs.merge(back, on=["own", "other"], how="left")["back"].isna() & ~unknown & ~itself
    for bad, say in (
        (unknown, "unknown facts"),
        (itself, "themselves"),
        (one_sided, "facts that do not say so in turn"),
    ):
        if bad.any():
            named = f"{some(pairs.loc[bad, 'own'])} with {some(pairs.loc[bad, 'other'])}"
            yield Hit("facts.csv", sorted(set(pairs.loc[bad, "row"])), f"facts conflict with {say}: {named}")


@rule(
    "MK068",
    "sources that repeat each other in a circle",
    cure="Let independence_group name where the news comes from first",
    needs=("sources",),
)
def circular_sources(material: Material) -> Iterator[Hit]:
    """Find sources whose groups, read as names of sources, lead back to them by way of another."""
    sources = material.tables["sources"]
    group = dict(zip(sources["source_id"], sources["independence_group"], strict=True))
    circular = []
    for source in sources["source_id"]:
        seen, above = {source}, group[source]
        while above in group and above not in seen:
            seen.add(above)
            above = group[above]
        circular.append(above == source and len(seen) > 1)
    yield from hits("sources", sources, pd.Series(circular, dtype=bool), "{ids} repeat each other in a circle")


@rule("MK069", "a fact that says nothing", cure="Give value, or value_text if it is not a number", needs=("facts",))
def empty_fact(material: Material) -> Iterator[Hit]:
    """Find facts without a value of any kind."""
    facts = material.tables["facts"]
    bad = facts["value"].isna() & (facts["value_text"] == "") & facts["low"].isna() & facts["high"].isna()
    yield from hits("facts", facts, bad, "{ids} has neither value nor value_text")
