"""Who gains, who loses and who gets a say when a transport corridor opens, closes or changes hands.

Public names are loaded on first use, so that ``import mackinder`` costs nothing and the command line starts at once.

Examples
--------
>>> import mackinder
>>> "read_case" in dir(mackinder)
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mackinder.lazy import lazy_names

if TYPE_CHECKING:
    from mackinder.archive import Run, compare, read_run
    from mackinder.case import Case, check, read_case
    from mackinder.ensemble import assess_claims, run, sweep
    from mackinder.report import write_report
    from mackinder.scenario import Scenario, apply, read_scenario

__all__ = [
    "Case",
    "Run",
    "Scenario",
    "apply",
    "assess_claims",
    "check",
    "compare",
    "read_case",
    "read_run",
    "read_scenario",
    "run",
    "sweep",
    "write_report",
]
__version__ = "0.1.0"

#: public name -> module that defines it (a new name also goes into `__all__`, and above for type checkers)
_HOME: Final = {
    "Case": "mackinder.case",
    "Run": "mackinder.archive",
    "Scenario": "mackinder.scenario",
    "apply": "mackinder.scenario",
    "assess_claims": "mackinder.ensemble",
    "check": "mackinder.case",
    "compare": "mackinder.archive",
    "read_case": "mackinder.case",
    "read_run": "mackinder.archive",
    "read_scenario": "mackinder.scenario",
    "run": "mackinder.ensemble",
    "sweep": "mackinder.ensemble",
    "write_report": "mackinder.report",
}

__getattr__, __dir__ = lazy_names(__name__, _HOME)
