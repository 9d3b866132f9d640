"""``deals`` and ``timeline`` on a small case: both streams, JSON, exit codes, and what must never be printed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Say = Callable[..., Any]
SMALL = Path(__file__).resolve().parents[1] / "strategy" / "small_arrangements.toml"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter case with arrangements, products of its states, and the packaged process on its own road."""
    from mackinder.case import find_case, scaffold

    folder = scaffold(tmp_path_factory.mktemp("deals") / "three")
    shutil.copy(SMALL, folder / "arrangements.toml")
    facts = folder / "tables" / "facts.csv"
    with facts.open("a", encoding="utf-8") as file:
        for actor, value in (("A", 10), ("B", 20), ("C", 40)):
            file.write(f"G{actor},state {actor},product,{value},,,,USD bn,2023,,2024,S1,high,Product of {actor}.,,\n")
    process = (find_case("south-caucasus") / "process.toml").read_text(encoding="utf-8")
    process = re.sub(r"facts = \[[^\]]*\]", 'facts = ["F004"]', process)
    process = re.sub(r"ramp_facts = \[[^\]]*\]", 'ramp_facts = ["F004"]', process)
    process = re.sub(r'\nscenario = "[^"]*"', '\nscenario = "south-road"', process)
    (folder / "process.toml").write_text(process, encoding="utf-8")
    return folder


def test_the_case_is_sound(say: Say, case: Path) -> None:
    said = say("check", case)
    assert said.code == 0, said.out


def test_deals_in_words_and_as_json(say: Say, case: Path) -> None:
    said = say("deals", case, "--model", "routes", "--model-draws", 2, "--threads", 1)
    assert said.code == 0, said.err
    assert "base rate" in said.out
    assert "must agree" in said.out
    assert "can obstruct" in said.out
    assert "chaos index" in said.out
    assert "A bridge for A as well" in said.out
    assert "one coder" in said.out
    assert "trajectory" not in said.out
    assert "Economics from half of freight savings" in said.out  # routes alone: no accounts, and it is said
    again = say("deals", case, "--model", "routes", "--model-draws", 2, "--threads", 1, "--json", "--quiet")
    assert (again.code, again.err) == (0, "")
    answer = json.loads(again.out)
    assert answer["schema"] == "mackinder.deals/1"
    assert set(answer["base_rates"]) == {"consent", "obstruction", "lasting"}
    assert answer["games"]["both"]["pure"]
    assert all(b["chaos_index"] is not None for b in answer["bargaining"])


def test_timeline_in_words_and_as_json(say: Say, case: Path) -> None:
    said = say("timeline", case, "-s", "with-us", "--draws", 20, "--no-analogues")
    assert said.code == 0, said.err
    assert "base rate of the class" in said.out
    assert "commitment problem" in said.out
    rows = [line.split("\t") for line in said.out.splitlines() if re.match(r"20\d\d\t", line)]
    assert all("." not in row[-1] for row in rows)  # war and collapse: whole numbers
    assert all("base" in cell for row in rows for cell in row[1:])
    answer = json.loads(say("timeline", case, "-s", "with-us", "--draws", 20, "--no-analogues", "--json", "-q").out)
    assert answer["schema"] == "mackinder.timeline/1"
    risk = [row for row in answer["rows"] if row["indicator"] == "process_risk"]
    assert risk
    assert all(row["value"] is None and row["low"] % 5 == 0 for row in risk)


def test_a_new_case_has_deals_and_a_timeline(say: Say, starter_folder: Path) -> None:
    """What `mackinder new` writes answers both, with trade that answers too."""
    said = say("deals", starter_folder, "--model", "trade", "--model-draws", 3, "--threads", 1, "--json", "-q")
    assert (said.code, said.err) == (0, "")
    answer = json.loads(said.out)
    assert (answer["model"], answer["left_out"], answer["economics_from"]) == ("trade", {}, "welfare accounts")
    worth = [r for r in answer["rows"] if r["indicator"] == "deal_value" and r["variant"] == "economics"]
    assert any(r["value"] for r in worth)
    said = say("timeline", starter_folder, "--draws", 20, "--no-analogues", "-q")
    assert said.code == 0
    assert "2 of 3" in said.out


def test_a_case_without_documents_says_so(say: Say, starter_folder: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(starter_folder, bare)
    for command, file in (("deals", "arrangements.toml"), ("timeline", "process.toml")):
        (bare / file).unlink()
        said = say(command, bare, "-q")
        assert said.code == 3
        assert f"no {file}" in said.err


def test_bad_options_are_refused(say: Say, case: Path) -> None:
    said = say("timeline", case, "-s", "with-uz")
    assert said.code == 2
    assert "did you mean" in said.err
    said = say("timeline", case, "--draws", 3, "-q")
    assert said.code == 2
    assert "at least 20" in said.err
    said = say("deals", case, "--run", case / "nowhere", "-q")
    assert said.code != 0
    assert "nowhere" in said.err
