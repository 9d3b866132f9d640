"""``switch`` and ``ablation`` on the starter case: words, JSON, bad asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Say = Callable[..., Any]

SWITCH = ("--draws", 3, "--threads", 1, "--within", 3)


@pytest.fixture
def case(starter_folder: Path) -> Path:
    return starter_folder


def test_switch_in_words(say: Say, case: Path) -> None:
    """The scenario that opens both is found without being asked for."""
    code, out, err = say("switch", case, "south", "north", *SWITCH, "--toll")
    assert code == 0, err
    assert "lever on south\ttoday\ttraffic goes over at\tdraws with a flip" in out
    for lever in ("fees on its line", "hours at its screenline", "rate level", "capacity"):
        assert lever in out
    assert "toll that earns most" in out
    assert "Neglected: routes are chosen without congestion" in out
    assert "south-road, 2035" in err


def test_switch_as_json(say: Say, case: Path) -> None:
    code, out, err = say("switch", case, "south", "north", *SWITCH, "--toll", "--json", "-q")
    assert (code, err) == (0, "")
    answer: dict[str, Any] = json.loads(out)
    assert answer["schema"] == "mackinder.switch/1"
    assert [p["lever"] for p in answer["switch"]["points"]] == ["fee", "hours", "rate", "capacity"]
    for point in answer["switch"]["points"]:
        counts = [
            point[k] for k in ("draws_with_flip", "draws_first_leads_throughout", "draws_second_leads_throughout")
        ]
        assert sum(counts) == point["draws"] == 3
    assert answer["toll"]["revenue_usd"]["high"] <= answer["toll"]["bound_usd"]["high"]


def test_toll_alone_needs_one_corridor(say: Say, case: Path) -> None:
    code, out, err = say("switch", case, "south", "--draws", 2, "--threads", 1, "--toll", "--json", "-q")
    assert (code, err) == (0, "")
    assert json.loads(out)["switch"] is None


def test_bad_asks(say: Say, case: Path) -> None:
    code, _, err = say("switch", "south")
    assert code == 2
    assert "[CASE] A B" in err
    code, _, err = say("switch", case, "south", "nort", *SWITCH, "-q")
    assert code == 2
    assert "north" in err


def test_ablation_in_words_and_json(say: Say, case: Path) -> None:
    code, out, err = say("ablation", case, "--draws", 3, "--threads", 1, "--target", "BBB", "--json", "-q")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    rows = answer["rows"]
    assert answer["models"] == ["routes", "capacity", "trade-short", "trade"]
    assert {row["verdict"] for row in rows} <= set(answer["verdicts"])
    account = [row for row in rows if row["indicator"] == "welfare_account"]
    assert {row["target"] for row in account} == {"BBB"}
    assert all(row["routes"] is None and row["capacity"] is None and row["trade"] is not None for row in account)
    opened = next(row for row in rows if row["asset"] == "south")
    assert [opened[f"{m}_sign"] for m in answer["models"]] == [1, 1, 1, 1]
    assert opened["verdict"] == "holds"
    assert any(row["indicator"] == "pair_cost" for row in rows)
