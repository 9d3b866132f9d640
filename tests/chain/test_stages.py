"""The chain as a table: every stage finds what it needs, and gives what it says."""

from __future__ import annotations

from typing import Any

import pytest

from mackinder.chain import STAGES, run_stages
from mackinder.draws import Design

GIVEN = ("case", "scenarios", "years", "design", "model", "threads", "baseline")


def test_each_stage_needs_only_what_is_known() -> None:
    known = set(GIVEN)
    for stage in STAGES:
        assert set(stage.needs) <= known, stage.name
        assert not set(stage.gives) & known, stage.name
        known |= set(stage.gives)
    assert len({stage.name for stage in STAGES}) == len(STAGES)


def test_a_chain_may_stop_early_and_says_where_it_is(starter: Any) -> None:
    heard: list[str] = []
    given = {
        "case": starter, "scenarios": ("status-quo", "south-road"), "years": (2023, 2035), "threads": 1, "baseline": "status-quo",
        "design": Design(seed=0, draws=2, common_share=0.5), "model": "routes",
    }  # fmt: skip
    before = dict(given)
    known = run_stages(given, until="network", narrate=heard.append)
    assert heard == ["scenarios", "network"]
    assert set(known) == {*GIVEN, "cases", "network"}
    assert given == before
    assert list(known["cases"]) == ["status-quo", "south-road"]


def test_a_stage_without_its_needs_is_told() -> None:
    with pytest.raises(KeyError, match="case"):
        run_stages({"scenarios": ()})
