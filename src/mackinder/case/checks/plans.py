"""Rules about arrangements.toml and process.toml. Codes MK150 to MK156."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mackinder.case.arrangements import Arrangements, read_arrangements
from mackinder.case.checks.registry import Material, rule
from mackinder.case.findings import Hit
from mackinder.case.peaceprocess import ProcessSpec, read_process
from mackinder.errors import CaseError, did_you_mean

__all__: list[str] = []

_DEALS, _PROCESS = "arrangements.toml", "process.toml"
#: cases of a class from which a rate is taken, below which it says next to nothing
_FEW: Final = 3


def _deals(material: Material) -> Arrangements | None:
    try:
        return None if material.folder is None else read_arrangements(material.folder)
    except CaseError:
        return None  # MK150 says so


def _process(material: Material) -> ProcessSpec | None:
    try:
        return None if material.folder is None else read_process(material.folder)
    except CaseError:
        return None


@rule("MK150", "arrangements.toml or process.toml cannot be read", cure="Correct the keys that the message names")
def unreadable_plans(material: Material) -> Iterator[Hit]:
    """Read both documents and say what is wrong with them."""
    if material.folder is None:
        return
    for name, read in ((_DEALS, read_arrangements), (_PROCESS, read_process)):
        try:
            read(material.folder)
        except CaseError as error:
            yield Hit(name, (), str(error).removeprefix(f"{name}: ").rstrip(".?"))


@rule("MK151", "a fact that facts.csv does not have", needs=("facts",), cure="Correct the id, or add the fact")
def unknown_facts(material: Material) -> Iterator[Hit]:
    """Look up every fact that arrangements, parties, linkages, base rates, steps, effects and cases name."""
    known = material.fact_ids
    for file, document in ((_DEALS, _deals(material)), (_PROCESS, _process(material))):
        if document is not None:
            for where, name in _facts(document.model_dump(), ""):
                if name not in known:
                    yield Hit(file, (), f"{where}: {did_you_mean(name, known, what='fact')}".rstrip("?"))


def _facts(value: Any, where: str) -> Iterator[tuple[str, str]]:
    """Every fact id in a document, with the path to it."""
    if isinstance(value, dict):
        label = (
            f"{where} {value['id']}" if "id" in value else f"{where} {value['actor']}" if "actor" in value else where
        )
        for key, item in value.items():
            if key in ("facts", "gdp_facts", "ramp_facts", "yes", "no"):
                yield from ((label.strip() or key, str(name)) for name in item)
            else:
                yield from _facts(item, label if key in ("id", "actor") else f"{label} {key}".strip())
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _facts(item, where)


@rule("MK152", "an actor or issue that no table has", cure="Correct the name")
def unknown_actors(material: Material) -> Iterator[Hit]:
    """Look up actors and issues of arrangements."""
    document = _deals(material)
    if document is None:
        return
    named = [(f"party {p.actor}", p.actor) for p in document.party]
    for item in document.arrangement:
        named += [(f"arrangement {item.id}", p) for p in (*item.must_consent, *item.guarantor)]
        named += [(f"arrangement {item.id}", way.actor) for way in item.can_obstruct]
    named += [(f"linkage {link.id}", shift.actor) for link in document.linkage for shift in link.shifts]
    issues = [(f"arrangement {item.id}", term.issue) for item in document.arrangement for term in item.terms]
    issues += [
        ("security_issues, status_issues", name) for name in (*document.security_issues, *document.status_issues)
    ]
    issues += [(f"linkage {link.id}", s.issue) for link in document.linkage for s in link.shifts if s.issue]
    for table, column, what, uses in (
        ("actors", "actor_id", "actor", named),
        ("position_scales", "issue", "issue", issues),
    ):
        if table in material.tables:
            known = set(material.tables[table][column])
            for where, name in dict.fromkeys(uses):
                if name not in known:
                    yield Hit(_DEALS, (), f"{where}: {did_you_mean(name, known, what=what)}".rstrip("?"))


@rule("MK153", "a scenario that the case does not have", cure="Add scenarios/<id>.toml, or correct the name")
def unknown_scenarios(material: Material) -> Iterator[Hit]:
    """Look for the files of the scenarios of arrangements, obstruction and worlds; compositions by part."""
    if material.folder is None:
        return
    known = {path.stem for path in (material.folder / "scenarios").glob("*.toml")}
    deals, process = _deals(material), _process(material)
    uses = [] if deals is None else [(_DEALS, f"arrangement {item.id}", item.scenario) for item in deals.arrangement]
    if deals is not None:
        uses += [
            (_DEALS, f"arrangement {item.id}, obstruction by {way.actor}", way.scenario)
            for item in deals.arrangement
            for way in item.can_obstruct
        ]
    uses += [] if process is None else [(_PROCESS, f"world {world.id}", world.scenario) for world in process.world]
    for file, where, name in uses:
        for part in name.split("+"):
            if part not in known:
                yield Hit(file, (), f"{where}: {did_you_mean(part, known, what='scenario')}".rstrip("?"))


@rule("MK154", "an actor in an arrangement that is no party", cure="Add a [[party]] with its product and stakes")
def strangers(material: Material) -> Iterator[Hit]:
    """Find those whose consent or obstruction counts, or who play, without a stake that could be weighed."""
    document = _deals(material)
    if document is None:
        return
    parties = {party.actor for party in document.party}
    uses = [("play", name) for name in document.play]
    for item in document.arrangement:
        uses += [
            (f"arrangement {item.id}", name) for name in (*item.must_consent, *(w.actor for w in item.can_obstruct))
        ]
    for where, name in dict.fromkeys(uses):
        if name not in parties:
            yield Hit(_DEALS, (), f"{where}: {name} is no party")


@rule(
    "MK155",
    "an arrangement that is silent on an issue of the stakes",
    cure="Add a term: low, mode and high on the scale",
)
def silent(material: Material) -> Iterator[Hit]:
    """Find arrangements without a place on an issue of security or status: what they are worth could not be said."""
    document = _deals(material)
    if document is None:
        return
    for item in document.arrangement:
        told = {term.issue for term in item.terms}
        missing = [name for name in (*document.security_issues, *document.status_issues) if name not in told]
        if missing:
            yield Hit(_DEALS, (), f"arrangement {item.id} says nothing on {', '.join(missing)}")


@rule(
    "MK156",
    "a class of reference cases with few of them",
    severity="warning",
    cure="Add cases with dates and sources, or judge a rate with a ground",
)
def few_cases(material: Material) -> Iterator[Hit]:
    """Find classes of fewer than three cases that a step or a milestone takes a rate from."""
    document = _process(material)
    if document is None:
        return
    used = {step.group for step in document.step if step.group} | {mark.group for mark in document.milestone}
    for group in sorted(used):
        count = sum(case.group == group for case in document.reference)
        if count < _FEW:
            yield Hit(_PROCESS, (), f"class {group} has {count} case{'s' if count != 1 else ''}")
