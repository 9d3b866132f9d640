"""Checks of arrangements.toml and process.toml: each finds its defect and spares the sound case."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from mackinder.case import Case, check, read_case, scaffold

SMALL = Path(__file__).resolve().parents[1] / "strategy" / "small_arrangements.toml"
PROCESS = """
commitment_problem = "none"
states = ["talks", "signed", "collapsed"]
ends = ["collapsed"]
until_year = 2040
corridor = "south-road"
opening = "open"
ramp_years = { low = 1, mode = 2, high = 3 }
ramp_facts = ["F001"]
traits = ["a"]
own_traits = ["a"]
step = [
  { id = "sign", label = "Sign", kind = "state", source = "talks", target = "signed", group = "g", facts = ["F001"] },
  { id = "open", label = "Open", kind = "condition", group = "g", facts = ["F001"] },
]
world = [{ id = "w", label = "W", scenario = "south-road", facts = ["F001"] }]
milestone = [{ id = "signature", label = "Signed", of = "signed", group = "g" }]
reference = [
  { id = "a", label = "A", group = "g", starts_on = 2000-01-01, until = 2001-01-01, happened = true, facts = ["F001"] },
  { id = "b", label = "B", group = "g", starts_on = 2000-01-01, until = 2002-01-01, happened = true, facts = ["F001"] },
  { id = "c", label = "C", group = "g", starts_on = 2000-01-01, until = 2003-01-01, happened = false, facts = ["F001"] },
]
"""


@pytest.fixture
def small(tmp_path: Path) -> Case:
    folder = scaffold(tmp_path / "three")
    shutil.copy(SMALL, folder / "arrangements.toml")
    (folder / "process.toml").write_text(PROCESS, encoding="utf-8")
    case = read_case(folder)
    facts = case.table("facts")
    gdp = [facts.iloc[[0]].assign(fact_id=f"G{a}", value=10.0, value_text="", unit="USD bn") for a in "ABC"]
    return case.with_tables(facts=pd.concat([facts, *gdp], ignore_index=True))


def codes(case: Case) -> dict[str, str]:
    return {found.code: f"{found.file}: {found.message}" for found in check(case) if "MK150" <= found.code <= "MK159"}


def test_a_sound_case_is_spared(small: Case) -> None:
    assert codes(small) == {}


def test_a_case_without_either_is_spared(starter: Case) -> None:
    assert codes(starter) == {}


@pytest.mark.parametrize(
    ("code", "file", "old", "new", "says"),
    [
        ("MK150", "arrangements.toml", "must_consent =", "must_concent =", "must_concent"),
        ("MK150", "process.toml", 'group = "g", facts', 'group = "h", facts', "'h' is not known"),
        ("MK151", "arrangements.toml", 'yes = ["F001"]', 'yes = ["F0O1"]', "F0O1"),
        ("MK151", "process.toml", 'ramp_facts = ["F001"]', 'ramp_facts = ["F901"]', "F901"),
        ("MK152", "arrangements.toml", '["BBB", "CCC"]\nterms', '["BBB", "CCD"]\nterms', "CCD"),
        (
            "MK152",
            "arrangements.toml",
            'shifts = [{ actor = "AAA", issue = "ROAD"',
            'shifts = [{ actor = "AAA", issue = "RAOD"',
            "RAOD",
        ),
        (
            "MK153",
            "arrangements.toml",
            'scenario = "south-road"\nterms',
            'scenario = "south-raod"\nterms',
            "did you mean",
        ),
        ("MK153", "process.toml", 'scenario = "south-road"', 'scenario = "south-road+north"', "north"),
        (
            "MK154",
            "arrangements.toml",
            'must_consent = ["BBB", "CCC"]',
            'must_consent = ["BBB", "ARW"]',
            "ARW is no party",
        ),
        (
            "MK155",
            "arrangements.toml",
            'terms = [{ issue = "ROAD", low = 55, mode = 60, high = 65 }]',
            "terms = []",
            "says nothing on ROAD",
        ),
        (
            "MK156",
            "process.toml",
            'id = "c", label = "C", group = "g"',
            'id = "c", label = "C", group = "i"',
            "2 cases",
        ),
    ],
)
def test_a_defect_is_found(small: Case, code: str, file: str, old: str, new: str, says: str) -> None:
    path = small.folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = codes(small)
    assert code in found
    assert says in found[code]
    assert found[code].startswith(file)
