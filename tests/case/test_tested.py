"""Checks of claims.toml and questions.toml: what each finds, and what it spares."""

from __future__ import annotations

from pathlib import Path

import pytest

from mackinder.case import check, scaffold

ARTICLE = """[article]
title = "T"
author = "A"
publisher = "P"
published_on = 2025-01-01
independence_group = "own"
"""
CLAIM = """[[claim]]
id = "c"
text = "t"
place = "p"
kind = "fact"
test = [{test}]
"""
QUESTION = """[[question]]
id = "q"
text = "t"
kind = "binary"
asked_on = {asked}
resolves_on = 2027-01-01
rule = "r"
source = "s"
climatology = {given}
no_change = {given}
forecast = {given}
frozen_on = 2025-09-01
frozen = "x"
answer = {{ value = 1, facts = ["{fact}"] }}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return scaffold(tmp_path / "three")


def codes(folder: Path) -> list[str]:
    return [finding.code for finding in check(folder) if finding.code.startswith("MK17")]


def test_the_claims_of_the_starter_case_are_sound(folder: Path) -> None:
    assert (folder / "claims.toml").is_file()
    assert codes(folder) == []


@pytest.mark.parametrize(("asked", "early"), [("2025-08-01", False), ("2025-09-20", True)])
def test_an_answer_known_before_the_question_is_found(folder: Path, asked: str, early: bool) -> None:
    """MK174: F003 became known on 2025-09-15; asked after that day it was no forecast, asked before it was one."""
    given = '{ chance = 0.5, ground = "g" }'
    (folder / "questions.toml").write_text(QUESTION.format(asked=asked, given=given, fact="F003"))
    assert ("MK174" in codes(folder)) == early
    assert "MK170" not in codes(folder)


@pytest.mark.parametrize(
    ("table", "rows_are", "found"),
    [("episodes", "all", True), ("episodes", "found", False), ("zones", "all", False)],
)
def test_rows_found_are_not_all_there_are(folder: Path, table: str, rows_are: str, found: bool) -> None:
    """MK176 warns of collected tables taken for a census, and spares the others (convention C150)."""
    key = {"episodes": "sender", "zones": "zone_id"}[table]
    where = f'where = {{ {key} = ">=A" }}, operator = ">", value = 0'
    test = f'{{ kind = "count", table = "{table}", {where}, rows_are = "{rows_are}" }}'
    (folder / "claims.toml").write_text(ARTICLE + CLAIM.format(test=test))
    assert ("MK176" in codes(folder)) == found
    assert set(codes(folder)) <= {"MK176"}


@pytest.mark.parametrize(
    ("test", "code"),
    [
        ('{ kind = "sources", supports = ["F003"] }', ""),
        ('{ kind = "sources", supports = ["NOPE"] }', "MK171"),
        ('{ kind = "count", table = "zone", where = { zone_id = "x" }, operator = ">", value = 0 }', "MK172"),
        ('{ kind = "count", table = "zones", where = { zone = "x" }, operator = ">", value = 0 }', "MK172"),
        ('{ kind = "ties", relation = "not_gone", actor = "AAA", target = "BBX" }', "MK172"),
        ('{ kind = "sources" }', "MK170"),
    ],
)
def test_names_and_forms(folder: Path, test: str, code: str) -> None:
    """MK170, MK171 and MK172 are found one by one, and nothing else with them."""
    (folder / "claims.toml").write_text(ARTICLE + CLAIM.format(test=test))
    assert codes(folder) == ([code] if code else [])


def test_a_fact_of_the_text_itself_is_found(folder: Path) -> None:
    """MK173: the source of F003 is of the group that the article is said to be of."""
    article = ARTICLE.replace('"own"', '"government-bbb"')
    (folder / "claims.toml").write_text(article + CLAIM.format(test='{ kind = "sources", supports = ["F003"] }'))
    assert codes(folder) == ["MK173"]
