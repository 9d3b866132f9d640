"""One spoilt scenario or update per rule about documents, and none of them in the case that is not spoilt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from mackinder.case import scaffold
from mackinder.scenario import check_case, document_rules

CLOSE = """
[[change]]
op = "close"
links = "link=a-city-b-north-rail"
starts_on = 2026-01-01
facts = ["F003"]
"""
SCENARIO = 'label = "Something"\ndescription = "Something happens."\n'
UPDATE = 'label = "Something happens"\ndate = 2025-10-01\nfacts = ["F004"]\n'


@dataclass(frozen=True)
class Defect:
    code: str
    what: str
    file: str
    text: str
    says: str

    @property
    def id(self) -> str:
        return f"{self.code}-{self.what.replace(' ', '-')}"


def scenario(code: str, what: str, text: str, says: str) -> Defect:
    return Defect(code, what, "scenarios/bad.toml", text, says)


def update(code: str, what: str, text: str, says: str) -> Defect:
    return Defect(code, what, "updates/bad.toml", text, says)


DEFECTS = [
    scenario("MK130", "malformed", SCENARIO + "x = = 1\n", "malformed TOML"),
    scenario("MK130", "unknown key", SCENARIO + 'lable = "x"\n', "did you mean 'label'"),
    scenario("MK130", "no label", 'description = "Something."\n', "'label' is missing"),
    scenario("MK130", "single brackets", SCENARIO + '[change]\nop = "close"\n', "double brackets"),
    update("MK130", "no facts", 'label = "x"\ndate = 2025-10-01\nchanges_nothing = "why"\n', "needs facts"),
    update("MK130", "neither", UPDATE, "it has neither"),
    update("MK130", "known before", UPDATE + "known_on = 2025-09-01\n" + CLOSE, "lies before the event"),
    scenario("MK131", "unknown op", SCENARIO + CLOSE.replace("close", "shut"), "line 4, change 1: unknown op 'shut'"),
    scenario("MK131", "unknown key of change", SCENARIO + CLOSE.replace("links", "link"), "did you mean 'links'"),
    scenario("MK132", "no source", SCENARIO + CLOSE.replace('facts = ["F003"]', ""), "A change needs facts"),
    scenario(
        "MK132", "no ground", SCENARIO + CLOSE.replace('facts = ["F003"]', 'basis = "estimate"'), "needs a ground"
    ),
    scenario("MK133", "change", SCENARIO + CLOSE.replace("F003", "F033"), "did you mean 'F003'"),
    scenario("MK133", "sources", SCENARIO + 'sources = ["F999"]\n' + CLOSE, "sources: "),
    update("MK133", "update", UPDATE.replace("F004", "F044") + CLOSE, "did you mean 'F004'"),
    scenario("MK134", "unknown link", SCENARIO + CLOSE.replace("a-city-b", "a-city-c"), "did you mean"),
    update("MK134", "unknown link in an update", UPDATE + CLOSE.replace("a-city-b", "a-city-c"), "did you mean"),
    scenario("MK135", "includes", SCENARIO + 'includes = ["south-rod"]\n' + CLOSE, "did you mean 'south-road'"),
    scenario("MK135", "overrides", SCENARIO + 'overrides = ["nothing"]\n' + CLOSE, "overrides"),
    scenario("MK135", "itself", SCENARIO + 'includes = ["bad"]\n' + CLOSE, "names itself"),
    scenario("MK136", "reversed", SCENARIO + CLOSE + "ends_on = 2025-01-01\n", "lies before starts_on"),
    scenario("MK136", "far future", SCENARIO + CLOSE.replace("2026-01", "2226-01"), "2226-01-01 is not from"),
    update("MK137", "after the evidence", UPDATE.replace("2025-10-01", "2026-10-01") + CLOSE, "after newest_evidence"),
    update(
        "MK137", "before the first vintage", UPDATE.replace("2025-10-01", "2025-01-01") + CLOSE, "belongs in the tables"
    ),
    scenario(
        "MK138",
        "two ends",
        SCENARIO + CLOSE + CLOSE.replace("close", "open").replace('"F003"]', '"F003"]\nstatus = ["open"]'),
        "a-city-b-north-rail",
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return scaffold(tmp_path / "three")


def test_a_sound_case_has_no_findings(folder: Path) -> None:
    (folder / "updates").mkdir()
    (folder / "updates" / "close.toml").write_text(UPDATE + CLOSE.replace("2026-01", "2025-10"), encoding="utf-8")
    assert [str(found) for found in check_case(folder)] == []


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.id)
def test_the_defect_is_found_with_its_file(defect: Defect, folder: Path) -> None:
    path = folder / defect.file
    path.parent.mkdir(exist_ok=True)
    path.write_text(defect.text, encoding="utf-8")
    found = check_case(folder)
    assert any(f.code == defect.code and f.file == defect.file and defect.says in f.message for f in found), [
        str(f) for f in found
    ]
    assert all(f.cure for f in found)


def test_all_bad_changes_of_a_file_are_listed_at_once_beside_other_findings(folder: Path) -> None:
    text = (
        SCENARIO + CLOSE.replace("close", "shut") + CLOSE.replace('facts = ["F003"]', "") + CLOSE.replace("F003", "F9")
    )
    (folder / "scenarios" / "bad.toml").write_text(text, encoding="utf-8")
    links = folder / "tables" / "links.csv"
    links.write_text(links.read_text(encoding="utf-8").replace("a-pass,", "a-pas,"), encoding="utf-8")
    codes = {found.code for found in check_case(folder)}
    assert {"MK020", "MK131", "MK132", "MK133"} <= codes


def test_what_only_a_later_vintage_has_wrong_is_found_and_dated(folder: Path) -> None:
    (folder / "updates").mkdir()
    row = """
[[change]]
op = "set"
table = "links"
ids = ["a-city-b-north-rail"]
column = "length_km"
value = 900
facts = ["F004"]
"""
    (folder / "updates" / "longer.toml").write_text(UPDATE + row, encoding="utf-8")
    found = [found for found in check_case(folder) if found.code == "MK042"]
    assert [f.message.startswith("at the vintage of 2025-10-01: ") for f in found] == [True]


def test_tables_that_cannot_be_read_are_reported_alone(folder: Path) -> None:
    (folder / "tables" / "links.csv").unlink()
    assert {found.code for found in check_case(folder)} >= {"MK001"}


def test_every_rule_has_a_spoilt_case() -> None:
    assert {rule.code for rule in document_rules()} == {defect.code for defect in DEFECTS}
