"""`check_case`: the tables, the scenarios and updates beside them, and the vintages that they make. Codes MK130 to MK139.

A light route keeps it quick: the first and the newest vintage meet every rule; a vintage between them meets the rules
about tables that its updates have changed, but for the slow ones.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Final

from mackinder.case.case import Case
from mackinder.case.checks.registry import CASE_RULES, Material
from mackinder.case.checks.run import check
from mackinder.case.findings import Finding, Hit, Register, Rule
from mackinder.case.locate import find_case
from mackinder.case.read import read_case
from mackinder.errors import MackinderError, ScenarioError, did_you_mean
from mackinder.scenario.applied import plan
from mackinder.scenario.filing import Filed, filed, plain
from mackinder.scenario.knowledge import fact_days
from mackinder.scenario.model import Change, Scenario
from mackinder.scenario.reader import AS_IT_STANDS, read_scenario
from mackinder.scenario.updates import Update, read_updates
from mackinder.scenario.vintage import untimely

__all__ = ["check_case", "document_rules"]

#: paths, rights on all days, embargoes pair by pair, ties one by one: at the first and the newest vintage only
_SLOW: Final = ("MK054", "MK070", "MK086", "MK102")
#: evidence after the day is left out by `read_vintage`, not here
_UNCUT: Final = ("MK065",)
_EARLIEST: Final = "1900-01-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Changes that could not be applied.

    Attributes
    ----------
    file : str
        Whose changes they are.
    error : MackinderError
        What was said of them together.
    alone : tuple of (Change, MackinderError)
        Those that fail by themselves; none means that they contradict each other.
    """

    file: str
    error: MackinderError
    alone: tuple[tuple[Change, MackinderError], ...]


@dataclass(frozen=True, kw_only=True)
class Documents:
    """A case that could be read, with the files of changes beside it."""

    case: Case

    @cached_property
    def files(self) -> list[Filed]:
        """Every scenario and update, as far as it can be read."""
        folders = (self.case.folder / name for name in ("scenarios", "updates"))
        return [filed(path) for folder in folders for path in sorted(folder.glob("*.toml"))]

    @cached_property
    def updates(self) -> tuple[Update, ...]:
        """The updates; none unless all are sound, since what one of them adds others may change."""
        try:
            return read_updates(self.case)
        except ScenarioError:
            return ()

    @cached_property
    def vintages(self) -> list[tuple[str, Case, frozenset[str]]]:
        """Day, case and tables that changed, for the first vintage and each day of updates, as far as these apply.

        The evidence is not cut to the day.
        """
        found: list[tuple[str, Case, frozenset[str]]] = []
        found.append((self.case.settings.article_date.isoformat(), self.case, frozenset()))
        for day, changes in self.days:
            case = found[-1][1]
            try:
                planned = plan(case, _together(changes)) if changes else None
            except MackinderError:
                planned = None  # `trials` say so, and the next day goes on from here
            if planned is None:
                found.append((day, case, frozenset()))
            else:
                found.append((day, planned.carried_out(), frozenset(planned.touched)))
        return found

    @cached_property
    def days(self) -> list[tuple[str, tuple[Change, ...]]]:
        """Days of updates with their changes."""
        ordered = sorted(self.updates, key=lambda update: (update.known_on, update.name))
        by_day = groupby(ordered, key=lambda update: update.known_on)
        return [(day, tuple(change for update in group for change in update.changes)) for day, group in by_day]

    @cached_property
    def trials(self) -> list[Trial]:
        """What fails when scenarios are applied to the newest vintage, and updates to the vintages before them."""
        tried: dict[tuple[str, str], Trial] = {}
        sound = [file for file in self.files if file.folder == "scenarios" and not file.problems]
        for file in sound:
            try:
                scenario = read_scenario(file.path.stem, self.newest)
            except MackinderError:
                continue  # a fact or scenario that is not there, or a file with problems: other rules say so
            trial = _tried(self.newest, scenario, file.name)
            if trial is not None:
                tried.setdefault((str(trial.error), ""), trial)  # what one includes fails in each that includes it
        for (_, before, _), (day, after, _), (_, changes) in zip(
            self.vintages, self.vintages[1:], self.days, strict=False
        ):
            trial = _tried(before, _together(changes), f"updates of {day}") if changes and after is before else None
            if trial is not None:
                tried.setdefault((str(trial.error), day), trial)
        return list(tried.values())

    @property
    def newest(self) -> Case:
        """The newest vintage, or as near to it as the updates go."""
        return self.vintages[-1][1]


DOCUMENT_RULES: Final[Register[Documents]] = Register()
_rule = DOCUMENT_RULES.rule


def document_rules() -> list[Rule[Documents]]:
    """Return the rules about scenarios, updates and vintages, by code: for docs and tests."""
    return [DOCUMENT_RULES.rules[code] for code in sorted(DOCUMENT_RULES.rules)]


def check_case(name_or_folder: str | Path) -> list[Finding]:
    """Return everything that is wrong with a case: its tables, its scenarios and updates, and the vintages they make.

    Parameters
    ----------
    name_or_folder : str or Path
        Folder, or name of a packaged case.

    Returns
    -------
    list of Finding
        As of `mackinder.case.check`. Where tables cannot be read, nothing is said about the documents beside them.

    Raises
    ------
    UsageError
        If there is no such case.
    """
    folder = find_case(name_or_folder)
    findings = check(folder)
    try:
        documents = Documents(case=read_case(folder))
    except MackinderError:
        return findings  # `check` has said why
    for entry in DOCUMENT_RULES.rules.values():
        findings += entry.run(documents)
    findings += _of_vintages(documents, {_key(found) for found in findings})
    return sorted(findings, key=lambda found: (found.severity, found.code, found.file, found.rows[:1], found.message))


def _problems(code: str) -> Callable[[Documents], Iterator[Hit]]:
    """Return the rule that hands on what reading has found under a code."""

    def hand_on(documents: Documents) -> Iterator[Hit]:
        for file in documents.files:
            yield from (Hit(file.name, (), message) for found, message in file.problems if found == code)

    return hand_on


_rule(
    "MK130", "a document that cannot be read", cure="Correct the file; docs/vintages.md and the grammar list its keys"
)(_problems("MK130"))
_rule("MK131", "a change outside the grammar", cure="Use the ops, keys and values of the grammar")(_problems("MK131"))
_rule("MK132", "a change without source", cure="Name facts; or make it an estimate and say on what ground")(
    _problems("MK132")
)


@_rule("MK133", "a fact that facts.csv lacks", cure="Correct the id, or add the fact and its source")
def _unknown_fact(documents: Documents) -> Iterator[Hit]:
    known = frozenset(documents.case.table("facts")["fact_id"])
    for file in documents.files:
        for where, fact in file.named:
            if fact not in known:
                yield Hit(file.name, (), f"{where}: {did_you_mean(fact, known, what='fact')}".rstrip("?"))


@_rule("MK134", "a change that does not fit the tables", cure="Name what the tables hold when the change is made")
def _unfit(documents: Documents) -> Iterator[Hit]:
    for trial in documents.trials:
        for change, error in trial.alone:
            yield Hit(_home(documents, change, trial.file), (), plain(error, _path(documents, change)))


@_rule("MK135", "a scenario that names one that is not there", cure="Correct the id, or take it out")
def _unknown_scenario(documents: Documents) -> Iterator[Hit]:
    known = {file.path.stem for file in documents.files if file.folder == "scenarios"}
    for file in documents.files:
        for key, name in file.others:
            if name not in known and not (key == "counterfactual" and name == AS_IT_STANDS):
                yield Hit(file.name, (), f"{key}: {did_you_mean(name, known, what='scenario')}".rstrip("?"))
        if file.path.stem in [name for key, name in file.others if key == "includes"]:
            yield Hit(file.name, (), "includes: names itself")


@_rule("MK136", "a date out of range", cure="Give days in order, between 1900 and the end of the horizon year")
def _odd_day(documents: Documents) -> Iterator[Hit]:
    yield from _problems("MK136")(documents)
    latest = f"{documents.case.settings.horizon_year}-12-31"
    for file in documents.files:
        for change in file.changes:
            if change.starts_on and not _EARLIEST <= change.starts_on <= latest:
                where = plain(change.where, file.path)
                yield Hit(file.name, (), f"{where}: starts_on {change.starts_on} is not from {_EARLIEST} to {latest}")


@_rule("MK137", "an update out of its time", cure="Let known_on be the day of its evidence, within the vintages")
def _untimely(documents: Documents) -> Iterator[Hit]:
    settings = documents.case.settings
    days = fact_days(documents.case, documents.updates)
    first, newest = settings.article_date.isoformat(), settings.newest_evidence.isoformat()
    for where, message in untimely(documents.updates, days, first=first, newest=newest):
        file, _, rest = where.partition(", ")
        yield Hit(f"updates/{file}", (), f"{rest}: {message}" if rest else message)


@_rule("MK138", "changes that contradict each other", cure="Take one out, or let a scenario override the other")
def _contradiction(documents: Documents) -> Iterator[Hit]:
    for trial in documents.trials:
        if not trial.alone:
            yield Hit(trial.file, (), str(trial.error).rstrip(".?"))


def _tried(case: Case, scenario: Scenario, file: str) -> Trial | None:
    """Plan changes together and, if that fails, one by one; None if all is well."""
    error = _failure(case, scenario)
    if error is None:
        return None
    single = [(change, _failure(case, _together((change,)))) for change in scenario.changes]
    return Trial(file=file, error=error, alone=tuple((change, bad) for change, bad in single if bad is not None))


def _failure(case: Case, scenario: Scenario) -> MackinderError | None:
    """Return what is said of changes when they are planned; None if nothing is."""
    try:
        plan(case, scenario)
    except MackinderError as error:
        return error
    return None


def _together(changes: tuple[Change, ...]) -> Scenario:
    return Scenario(name="updates", label="updates", hypothetical=True, changes=changes)


def _path(documents: Documents, change: Change) -> Path:
    """Return the file that a change stands in, which may be one that a scenario includes."""
    name = change.where.partition(".toml")[0] + ".toml"
    return next((file.path for file in documents.files if file.path.name == name), Path(name))


def _home(documents: Documents, change: Change, default: str) -> str:
    path = _path(documents, change)
    return next((file.name for file in documents.files if file.path == path), default)


def _of_vintages(documents: Documents, seen: set[tuple[str, str, str]]) -> Iterator[Finding]:
    """Yield what is wrong with later vintages and was not wrong before, each defect once."""
    quick = [rule for code, rule in CASE_RULES.rules.items() if code not in (*_SLOW, *_UNCUT)]
    ever: set[str] = set()
    for day, case, changed in documents.vintages[1:]:
        ever |= changed
        yield from _news(day, _findings(quick, case, day, changed), seen)
    day = documents.case.settings.newest_evidence.isoformat()
    rest = [rule for code, rule in CASE_RULES.rules.items() if code in (*_SLOW, *_UNCUT)]
    yield from _news(day, _findings(rest, documents.newest, day, ever), seen)


def _findings(rules: Iterable[Rule[Material]], case: Case, day: str, changed: Collection[str]) -> Iterator[Finding]:
    """Run the rules that changed tables can break: those that need one, and the general ones on what changed."""
    settings = case.settings.model_copy(update={"newest_evidence": dt.date.fromisoformat(day)})
    whole = Material(tables=dict(case.tables), settings=settings, folder=None)
    part = replace(whole, tables={name: frame for name, frame in whole.tables.items() if name in changed})
    for entry in rules if changed else ():
        if not entry.needs or set(entry.needs) & set(changed):
            yield from entry.run(whole if entry.needs else part)


def _news(day: str, findings: Iterable[Finding], seen: set[tuple[str, str, str]]) -> Iterator[Finding]:
    for finding in findings:
        if _key(finding) not in seen:
            seen.add(_key(finding))
            yield replace(finding, rows=(), message=f"at the vintage of {day}: {finding.message}")


def _key(finding: Finding) -> tuple[str, str, str]:
    """Tell defects apart; numbers in messages count rows and days, which differ between vintages."""
    return finding.code, finding.file, re.sub(r"\d[\d-]*", "#", finding.message)
