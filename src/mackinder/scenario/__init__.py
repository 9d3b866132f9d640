"""The change grammar: read, apply, diff.

Names load on first use: importing this package imports no pandas.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mackinder.scenario.applied import apply
    from mackinder.scenario.difference import Difference, diff
    from mackinder.scenario.model import Change, Interval, Scenario
    from mackinder.scenario.reader import read_scenario, scenario_names
    from mackinder.scenario.wording import describe

__all__ = [
    "Change",
    "Difference",
    "Interval",
    "Scenario",
    "apply",
    "describe",
    "diff",
    "read_scenario",
    "scenario_names",
]

_HOME: Final = {
    "Change": "model",
    "Difference": "difference",
    "Interval": "model",
    "Scenario": "model",
    "apply": "applied",
    "describe": "wording",
    "diff": "difference",
    "read_scenario": "reader",
    "scenario_names": "reader",
}


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return [*__all__]
