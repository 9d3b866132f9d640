"""``levers`` on the starter case: ranking, table of pairs, project, JSON, exit codes."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from mackinder.case import scaffold
from mackinder.cli import main


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


def say(*arguments: object) -> Said:
    """Run the program in this process."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setattr(sys, "argv", ["mackinder", *map(str, arguments)])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scaffold(tmp_path_factory.mktemp("levers") / "three")


def test_ranking(case: Path) -> None:
    said = say("levers", case, "aaa", "bbb", "--draws", 3)
    assert said.code == 0, said.err
    assert "aaa-bbb-slow-border\tavailable" in said.out
    assert "Cushions: the railway." in said.out
    assert "Would mitigate: a line for goods that spoil." in said.out
    assert "says nothing of will" in said.out


def test_ranking_as_json(case: Path) -> None:
    said = say("levers", case, "AAA", "CCC", "--draws", 2, "--model", "trade", "--json", "-q")
    assert (said.code, said.err) == (0, "")
    answer = json.loads(said.out)
    assert answer["schema"] == "mackinder.levers/1"
    (lever,) = answer["levers"]
    assert set(lever["worth_musd_per_year"]) == {"at_once", "short", "long"}
    assert lever["worth_musd_per_year"]["long"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert lever["credibility"] is None  # it does nothing, so nothing is said
    assert lever["episodes"][0]["measure"] == "relative_fall"
    assert {row["indicator"] for row in answer["rows"]} >= {"lever_worth", "lever_cost", "lever_joint"}


def test_table_of_pairs(case: Path) -> None:
    said = say("levers", case, "--draws", 2)
    assert said.code == 0, said.err
    assert said.out.startswith("sender\ttarget")
    assert "AAA\tBBB\tstatus-quo\tslow border" in said.out


def test_exposure_of_a_project(case: Path) -> None:
    said = say("levers", case, "--on", "South road", "--draws", 2)
    assert said.code == 0, said.err
    assert "of the flow" in said.out
    assert "link by link" in said.out
    answer = json.loads(say("levers", case, "--on", "south-road", "--draws", 2, "--json", "-q").out)
    assert answer["schema"] == "mackinder.levers-on/1"
    assert answer["scenario"] == "south-road"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("AAA",), "name both the actor and the target"),
        (("AAA", "DDD"), "it has: AAA BBB, AAA CCC"),
        (("--with", "AAA"), "name the first and the target"),
        (("--draws", 0), "at least one draw"),
        (("--model", "rout"), "routes"),
        (("--on", "no-such-road"), "no-such-road"),
    ],
)
def test_bad_input(case: Path, arguments: tuple[object, ...], words: str) -> None:
    said = say("levers", case, *arguments)
    assert said.code == 2
    assert words in said.err
