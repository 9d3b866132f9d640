"""Rules about claims.toml, questions.toml and episodes. Codes MK170 to MK176."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from mackinder.case.checks.registry import Material, rule
from mackinder.case.claimsdoc import Claims, read_claims
from mackinder.case.episodesdoc import Episode, read_episodes
from mackinder.case.findings import Hit
from mackinder.case.freezing import edited
from mackinder.case.questionsdoc import Questions, read_questions
from mackinder.case.schema import table_names
from mackinder.errors import CaseError, did_you_mean

__all__: list[str] = []

T = TypeVar("T")
#: tables of what somebody looked for and found
_FOUND = frozenset({"episodes", "facts", "levers", "positions", "projects", "sources"})
_CLAIMS, _QUESTIONS, _EPISODES = "claims.toml", "questions.toml", "episodes"


def _read(material: Material, read: Callable[[Path], T]) -> T | None:
    try:
        return None if material.folder is None else read(material.folder)
    except CaseError:
        return None  # MK170 says so


def _claims(material: Material) -> Claims | None:
    return _read(material, read_claims)


def _questions(material: Material) -> Questions | None:
    return _read(material, read_questions)


def _episodes(material: Material) -> tuple[Episode, ...]:
    return _read(material, read_episodes) or ()


@rule(
    "MK170", "claims.toml, questions.toml or an episode cannot be read", cure="Correct the keys that the message names"
)
def unreadable_evidence(material: Material) -> Iterator[Hit]:
    """Read the documents of evidence and say what is wrong with them."""
    if material.folder is None:
        return
    readers: tuple[tuple[str, Callable[[Path], Any]], ...] = (
        (_CLAIMS, read_claims), (_QUESTIONS, read_questions), (_EPISODES, read_episodes)
    )  # fmt: skip
    for name, read in readers:
        try:
            read(material.folder)
        except CaseError as error:
            yield Hit(name, (), str(error).removeprefix(f"{name}: ").rstrip(".?"))


@rule("MK171", "a fact that facts.csv does not have", needs=("facts",), cure="Correct the id, or add the fact")
def unknown_evidence(material: Material) -> Iterator[Hit]:
    """Look up every fact that claims, questions and episodes name."""
    known = material.fact_ids
    for file, where, name in _named(material):
        if name not in known:
            yield Hit(file, (), f"{where}: {did_you_mean(name, known, what='fact')}".rstrip("?"))


def _named(material: Material) -> Iterator[tuple[str, str, str]]:
    claims, questions = _claims(material), _questions(material)
    for claim in () if claims is None else claims.claim:
        yield from ((_CLAIMS, f"claim {claim.id}", fact) for fact in claim.facts)
    for q in () if questions is None else questions.question:
        given = (q.climatology, q.no_change, q.plan, q.forecast, q.answer)
        yield from ((_QUESTIONS, f"question {q.id}", fact) for g in given if g is not None for fact in g.facts)
    for episode in _episodes(material):
        for outcome in episode.outcome:
            items = [
                outcome.observed,
                outcome.no_change,
                outcome.plan,
                *outcome.replay.input.values(),
                *outcome.replay.span,
            ]
            where = f"{episode.id}, outcome {outcome.id}"
            yield from ((_EPISODES, where, fact) for item in items if item is not None for fact in item.facts)


@rule("MK172", "a table, column or actor of a claim that the case does not have", cure="Correct the name")
def unknown_names(material: Material) -> Iterator[Hit]:
    """Look up tables, their columns and the actors of tests."""
    claims = _claims(material)
    if claims is None:
        return
    for claim in claims.claim:
        for test in claim.test:
            where = f"claim {claim.id}"
            if test.kind == "count":
                if test.table not in table_names():
                    yield Hit(
                        _CLAIMS, (), f"{where}: {did_you_mean(test.table, table_names(), what='table')}".rstrip("?")
                    )
                elif test.table in material.tables:
                    columns = list(material.tables[test.table].columns)
                    for name in {*test.where, *test.against} - set(columns):
                        yield Hit(_CLAIMS, (), f"{where}: {did_you_mean(name, columns, what='column')}".rstrip("?"))
            if test.kind == "ties" and "actors" in material.tables:
                actors = set(material.tables["actors"]["actor_id"])
                for name in (test.actor, test.target, test.other):
                    if name and name not in actors:
                        yield Hit(_CLAIMS, (), f"{where}: {did_you_mean(name, actors, what='actor')}".rstrip("?"))


@rule("MK173", "a fact that supports a claim and rests on the text itself", severity="warning", needs=("facts", "sources"),
      cure="Find a source of another origin; the fact counts for nothing")  # fmt: skip
def circular_evidence(material: Material) -> Iterator[Hit]:
    """Find facts of claims whose source is of the independence group of the text."""
    claims = _claims(material)
    if claims is None:
        return
    sources, facts = (  # ids that repeat are another rule's finding
        material.tables[name].drop_duplicates(key) for name, key in (("sources", "source_id"), ("facts", "fact_id"))
    )
    groups = sources.set_index("source_id")["independence_group"]
    origin = facts.set_index("fact_id")["source"].map(groups)
    for claim in claims.claim:
        own = [fact for fact in claim.facts if origin.get(fact) == claims.article.independence_group]
        if own:
            yield Hit(_CLAIMS, (), f"claim {claim.id}: {', '.join(own)} rest on the text whose claim it is")


@rule("MK174", "a question whose answer cites evidence from before it was asked", severity="warning", needs=("facts",),
      cure="Name the fact that settled it")  # fmt: skip
def early_answers(material: Material) -> Iterator[Hit]:
    """Find answers all facts of which tell of days before the question was asked."""
    questions = _questions(material)
    facts = material.tables["facts"].set_index("fact_id")["known_on"]
    for q in () if questions is None else questions.question:
        if q.answer is None:
            continue
        days = [str(facts[f]) for f in q.answer.facts if f in facts.index]
        if days and all(day and day < q.asked_on.isoformat()[: len(day)] for day in days):
            yield Hit(
                _QUESTIONS, (), f"question {q.id} was asked on {q.asked_on}, and its answer was known on {max(days)}"
            )


@rule(
    "MK175",
    "a frozen forecast that was edited",
    cure="Restore the text; a new opinion is a new question with its own hash",
)
def edited_forecasts(material: Material) -> Iterator[Hit]:
    """Compare each question with the hash that it was frozen under."""
    questions = _questions(material)
    for name, was, now in () if questions is None else edited(questions.question):
        yield Hit(_QUESTIONS, (), f"question {name}: frozen as {was[:12] or 'nothing'}, its text is now {now[:12]}")


@rule("MK176", "rows that were found counted as if they were all there are", severity="warning",
      cure="Leave out rows_are: what was found can show that there is something, not how much of it there is (C150)")  # fmt: skip
def found_as_all(material: Material) -> Iterator[Hit]:
    """Find counts of collected tables with ``rows_are = "all"``."""
    claims = _claims(material)
    for claim in () if claims is None else claims.claim:
        tables = {t.table for t in claim.test if t.kind == "count" and t.rows_are == "all" and t.table in _FOUND}
        if tables:
            yield Hit(_CLAIMS, (), f"claim {claim.id}: rows of {', '.join(sorted(tables))} are taken for all there are")
