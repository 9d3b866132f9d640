"""The change grammar: read, apply, diff; and the vintages of a case, which are changes with a day.

Names load on first use: importing this package imports no pandas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mackinder.lazy import lazy_names

if TYPE_CHECKING:
    from mackinder.scenario.applied import apply
    from mackinder.scenario.checks import check_case, document_rules
    from mackinder.scenario.difference import Difference, diff
    from mackinder.scenario.events import Event, chronology
    from mackinder.scenario.knowledge import rows_in_hindsight
    from mackinder.scenario.model import Change, Interval, Scenario
    from mackinder.scenario.reader import read_scenario, scenario_names
    from mackinder.scenario.updates import Update, read_updates
    from mackinder.scenario.vintage import read_vintage, vintage_days
    from mackinder.scenario.wording import describe

__all__ = [
    "Change",
    "Difference",
    "Event",
    "Interval",
    "Scenario",
    "Update",
    "apply",
    "check_case",
    "chronology",
    "describe",
    "diff",
    "document_rules",
    "read_scenario",
    "read_updates",
    "read_vintage",
    "rows_in_hindsight",
    "scenario_names",
    "vintage_days",
]

_HOME: Final = {
    "Change": "model",
    "Difference": "difference",
    "Event": "events",
    "Interval": "model",
    "Scenario": "model",
    "Update": "updates",
    "apply": "applied",
    "check_case": "checks",
    "chronology": "events",
    "describe": "wording",
    "diff": "difference",
    "document_rules": "checks",
    "read_scenario": "reader",
    "read_updates": "updates",
    "read_vintage": "vintage",
    "rows_in_hindsight": "knowledge",
    "scenario_names": "reader",
    "vintage_days": "vintage",
}

__getattr__, __dir__ = lazy_names(__name__, _HOME)
