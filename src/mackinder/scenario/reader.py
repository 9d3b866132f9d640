"""Scenario files: found by name, read from TOML, composed with ``+`` and ``includes``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mackinder.case.case import Case
from mackinder.errors import ScenarioError, UsageError, did_you_mean
from mackinder.scenario.document import read_changes, read_document, read_id, read_sentence
from mackinder.scenario.grammar import SCENARIO_KEYS, read_names
from mackinder.scenario.knowledge import later_facts, without_facts
from mackinder.scenario.model import Change, Scenario

__all__ = ["AS_IT_STANDS", "read_file", "read_scenario", "scenario_names"]

#: what `counterfactual` says when a scenario is compared with the case without any change
AS_IT_STANDS: Final = "case"


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One scenario file, read."""

    name: str
    label: str
    description: str
    counterfactual: str
    hypothetical: bool
    range_only: bool
    includes: tuple[str, ...]
    overrides: tuple[str, ...]
    changes: tuple[Change, ...]
    sources: tuple[str, ...]


def scenario_names(case: Case) -> list[str]:
    """Return the ids of the scenarios in a case folder: those of its settings in their order, then others by name."""
    found = {path.stem for path in (case.folder / "scenarios").glob("*.toml")}
    first = [name for name in case.settings.scenarios if name in found]
    return first + sorted(found - set(first))


def read_scenario(name: str | Path, case: Case) -> Scenario:
    """Read a scenario of a case by id, a scenario file by path, or several joined by ``+``.

    Parameters
    ----------
    name : str or Path
        ``trump-route``, ``my/own.toml`` or ``trump-route+iran-blocks``. Included files come along, each once.
    case : Case
        Where ids are looked up, and whose facts the changes may name.

    Returns
    -------
    Scenario
        Its changes are checked against the grammar; whether they fit the tables is for `apply` to say.

    Raises
    ------
    UsageError
        If there is no such scenario.
    ScenarioError
        If a file is malformed, includes itself, or names facts that the case does not have.

    Examples
    --------
    >>> from mackinder.case import read_case  # doctest: +SKIP
    >>> read_scenario("trump-route+war-resumes", read_case("south-caucasus")).parts  # doctest: +SKIP
    ('no-corridor', 'trump-route', 'war-resumes')
    """
    whole = str(name)
    pieces = [whole] if Path(whole).is_file() else whole.split("+")
    files: dict[str, _File] = {}
    asked = [_collect(piece.strip(), case, files, trail=()) for piece in pieces]
    known = set(scenario_names(case)) | set(files)
    for file in files.values():
        for other in (*file.overrides, *([file.counterfactual] if file.counterfactual else [])):
            if other not in known:
                msg = f"{file.name}.toml: {did_you_mean(other, known, what='scenario')}"
                raise ScenarioError(msg)
    later = _later_facts(case, list(files.values()))
    changes = tuple(without_facts(change, later) for file in files.values() for change in file.changes)
    return Scenario(
        name="+".join(file.name for file in asked),
        label=" + ".join(file.label for file in asked),
        description=" ".join(file.description for file in asked),
        counterfactual=asked[0].counterfactual if len(asked) == 1 else "+".join(file.name for file in asked[:-1]),
        hypothetical=any(file.hypothetical for file in files.values()),
        range_only=any(file.range_only for file in files.values()),
        parts=tuple(files),
        overrides=frozenset((file.name, weaker) for file in files.values() for weaker in file.overrides),
        changes=changes,
        sources=tuple(dict.fromkeys(fact for file in files.values() for fact in file.sources if fact not in later)),
    )


def _collect(name: str, case: Case, files: dict[str, _File], *, trail: tuple[str, ...]) -> _File:
    """Read a file and, before it, what it includes; `files` keeps each id once."""
    path = _find(name, case)
    if path.stem in trail:
        msg = f"{path.name}: includes itself by way of {' > '.join((*trail, path.stem))}; break the circle"
        raise ScenarioError(msg)
    if path.stem in files:
        return files[path.stem]
    file = read_file(path)
    for other in file.includes:
        try:
            _collect(other, case, files, trail=(*trail, file.name))
        except UsageError as error:
            msg = f"{path.name}.includes: {error}"
            raise ScenarioError(msg) from None
    files[file.name] = file
    return file


def _find(name: str, case: Case) -> Path:
    """Return the file that a scenario name or path means."""
    if name.endswith(".toml") or "/" in name or "\\" in name:
        path = Path(name)
        if not path.is_file():
            msg = f"scenario file {name!r} does not exist; scenarios of the case are named without a path"
            raise UsageError(msg)
        return path
    if name not in scenario_names(case):
        raise UsageError(did_you_mean(name, scenario_names(case), what="scenario"))
    return case.folder / "scenarios" / f"{name}.toml"


def read_file(path: Path) -> _File:
    """Read one scenario file by itself, without what it includes."""
    raw, text = read_document(path, SCENARIO_KEYS)
    name = read_id(raw, path)
    hypothetical, range_only = (_read_yes(raw, key, path) for key in ("hypothetical", "range_only"))
    counterfactual = read_sentence(raw, "counterfactual", path, default=AS_IT_STANDS)
    return _File(
        name=name,
        label=read_sentence(raw, "label", path),
        description=" ".join(read_sentence(raw, "description", path).split()),
        counterfactual="" if counterfactual == AS_IT_STANDS else counterfactual,
        hypothetical=hypothetical,
        range_only=range_only,
        includes=read_names(raw.get("includes", []), where=f"{path.name}.includes"),
        overrides=read_names(raw.get("overrides", []), where=f"{path.name}.overrides"),
        changes=read_changes(raw, text, path, hypothetical=hypothetical),
        sources=read_names(raw.get("sources", []), where=f"{path.name}.sources"),
    )


def _later_facts(case: Case, files: Iterable[_File]) -> frozenset[str]:
    """Return the facts named that this vintage of the case does not know yet; refuse those that no vintage holds.

    A number without a source does not enter by a scenario either.
    """
    known = set(case.table("facts")["fact_id"])
    named = [(file.name + ".toml.sources", fact) for file in files for fact in file.sources]
    named += [(change.where, fact) for file in files for change in file.changes for fact in change.facts]
    missing = [(where, fact) for where, fact in named if fact not in known]
    later = later_facts(case) if missing else frozenset()
    for where, fact in missing:
        if fact not in later:
            msg = f"{where}: {did_you_mean(fact, known | later, what='fact')}"
            raise ScenarioError(msg)
    return frozenset(fact for _, fact in missing)


def _read_yes(raw: Mapping[str, object], key: str, path: Path) -> bool:
    value = raw.get(key, False)
    if not isinstance(value, bool):
        msg = f"{path.name}: {key} is true or false, got {value!r}"
        raise ScenarioError(msg)
    return value
