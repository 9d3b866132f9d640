"""Frozen forecasts: a hash over the canonical text of question and forecasts, so that an edit is seen (convention C126)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

from mackinder.case.questionsdoc import Question
from mackinder.errors import CaseError

__all__ = ["canonical", "edited", "freeze", "root_hash", "verify"]


def canonical(question: Question) -> str:
    """Return the text that is hashed: everything but the hash itself and the answer, keys sorted, no spaces.

    Examples
    --------
    >>> from mackinder.case.locate import find_case
    >>> from mackinder.case.questionsdoc import read_questions
    >>> canonical(read_questions(find_case("south-caucasus")).question[0])[:12]
    '{"asked_on":'
    """
    content = question.model_dump(mode="json", exclude={"frozen", "answer"})
    return json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def freeze(question: Question) -> str:
    """Return the SHA-256 of the canonical text, in hexadecimal.

    Examples
    --------
    >>> from mackinder.case.locate import find_case
    >>> from mackinder.case.questionsdoc import read_questions
    >>> one = read_questions(find_case("south-caucasus")).question[0]
    >>> freeze(one) == one.frozen
    True
    """
    return hashlib.sha256(canonical(question).encode()).hexdigest()


def root_hash(questions: Iterable[Question]) -> str:
    """Return one hash over the hashes of all questions, sorted by id: what a page or a letter has to quote."""
    lines = "\n".join(f"{q.id} {freeze(q)}" for q in sorted(questions, key=lambda q: q.id))
    return hashlib.sha256(lines.encode()).hexdigest()


def edited(questions: Iterable[Question]) -> Iterator[tuple[str, str, str]]:
    """Yield id, hash as written and hash as computed of the questions that are not what was frozen."""
    for question in questions:
        found = freeze(question)
        if question.frozen != found:
            yield question.id, question.frozen, found


def verify(questions: Iterable[Question]) -> None:
    """Raise if a frozen forecast was edited.

    Raises
    ------
    CaseError
        Naming each question, the hash it was frozen with and the one its text has now.
    """
    found = [f"{name}: frozen as {was[:12] or 'nothing'}, now {now[:12]}" for name, was, now in edited(questions)]
    if found:
        msg = (
            f"questions.toml: edited after freezing: {'; '.join(found)}. Restore the text; a new opinion is a new question "
            "with a later frozen_on and its own hash (mackinder forecasts --freeze prints it)"
        )
        raise CaseError(msg)
