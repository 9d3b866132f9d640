"""``ties``, ``power`` and ``show`` of a corridor on the starter case: both streams, JSON, exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Say = Callable[..., Any]


@pytest.fixture
def case(starter_folder: Path) -> Path:
    return starter_folder


def test_ties_in_words(say: Say, case: Path) -> None:
    said = say("ties", case, "--draws", 5)
    assert said.code == 0, said.err
    assert "reading" in said.err
    assert "power\teconomic\tpolitical" in said.out
    assert "AAA: ties on BBB are not gone, 2025" in said.out
    assert "nothing can be said" in said.out
    assert "not influence" in said.out
    assert "not sampled" in said.out


def test_ties_as_json(say: Say, case: Path) -> None:
    said = say("ties", case, "--draws", 5, "--target", "BBB", "--actor", "AAA", "-s", "south-road", "--json", "--quiet")
    assert (said.code, said.err) == (0, "")
    answer = json.loads(said.out)
    assert answer["schema"] == "mackinder.ties/1"
    assert {row["scenario"] for row in answer["rows"]} == {"status-quo", "south-road"}
    assert any(row["value"] is None for row in answer["rows"])  # missing is null, not zero
    assert answer["claims"]
    assert answer["notes"]


def test_power_in_words(say: Say, case: Path) -> None:
    said = say("power", case, "--target", "bbb", "--draws", 3)
    assert said.code == 0, said.err
    assert "player\tShapley\tof it as partner\tin transit\tBanzhaf\tnucleolus\tcore" in said.out
    assert "The game is superadditive" in said.out
    assert "south-road" in said.out


def test_power_as_json_and_definitions(say: Say, case: Path) -> None:
    said = say("power", case, "--target", "BBB", "--draws", 3, "--players", "ccc=contractor", "--json", "-q")
    assert (said.code, said.err) == (0, "")
    game = json.loads(said.out)["games"][0]
    assert game["players"] == ["BBB", "AAA"]
    assert game["not_asked"] == ["CCC"]
    assert {row["indicator"] for row in game["rows"]} == {"shapley_value", "banzhaf_value"}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("ties", "--actor", "AAB"), "AAA"),
        (("power", "--target", "BBC"), "BBB"),
        (("power", "--players", "AAA=boss"), "contractor"),
        (("power", "--option", "south-rod"), "south-road"),
    ],
)
def test_bad_asks_are_usage_errors_with_the_cure(say: Say, case: Path, arguments: tuple[str, ...], word: str) -> None:
    said = say(arguments[0], case, *arguments[1:])
    assert said.code == 2
    assert word in said.err


def test_show_a_corridor_link_by_link(say: Say, case: Path) -> None:
    said = say("show", "south", "--case", case)
    assert said.code == 0
    assert "who_can_close:" in said.out
    assert "carries_today: False" in said.out
