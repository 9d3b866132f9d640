"""Observed compliance: counted from episodes, with a warning (convention C67)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mackinder.indicators.compliance import observed_compliance


def test_compliance_is_counted_and_warned_of(starter: Any) -> None:
    """Convention C67."""
    table = starter.table("episodes")
    two = table.assign(episode_id="again", sender="AAA;BBB", starts_on="2023-01-01", target_response="complied")
    both = pd.concat([table, two], ignore_index=True)
    counts = observed_compliance(starter.with_tables(episodes=both), ["AAA", "BBB"], ["CCC"])
    assert counts[["sender", "period", "defied", "complied"]].to_numpy().tolist() == [
        ["AAA", "2008-2021", 1, 0], ["AAA", "since 2022", 0, 1], ["BBB", "since 2022", 0, 1],
    ]  # fmt: skip
    assert observed_compliance(starter, ["CCC"], ["AAA"]).empty
