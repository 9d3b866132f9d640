"""Case tables: schema as data, reading, checks, sources and facts.

Names load on first use: importing this package imports no pandas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mackinder.lazy import lazy_names

if TYPE_CHECKING:
    from mackinder.case.actors import children, sovereigns, top_parents
    from mackinder.case.case import Case
    from mackinder.case.checks.run import check, require_sound
    from mackinder.case.conduits import conduit_closers, conduit_rights_on, open_conduits
    from mackinder.case.describe import show
    from mackinder.case.findings import Finding
    from mackinder.case.locate import case_digest, case_names, find_case
    from mackinder.case.read import read_case
    from mackinder.case.rights import rights_on
    from mackinder.case.selectors import LinkIndex, select
    from mackinder.case.settings import Settings
    from mackinder.case.starter import scaffold
    from mackinder.case.ties import last_ties, tie_indicators
    from mackinder.case.write import write_case

__all__ = [
    "Case",
    "Finding",
    "LinkIndex",
    "Settings",
    "case_digest",
    "case_names",
    "check",
    "children",
    "conduit_closers",
    "conduit_rights_on",
    "find_case",
    "last_ties",
    "open_conduits",
    "read_case",
    "require_sound",
    "rights_on",
    "scaffold",
    "select",
    "show",
    "sovereigns",
    "tie_indicators",
    "top_parents",
    "write_case",
]

_HOME: Final = {
    "Case": "case",
    "Finding": "findings",
    "LinkIndex": "selectors",
    "Settings": "settings",
    "case_digest": "locate",
    "case_names": "locate",
    "check": "checks.run",
    "children": "actors",
    "conduit_closers": "conduits",
    "conduit_rights_on": "conduits",
    "find_case": "locate",
    "last_ties": "ties",
    "open_conduits": "conduits",
    "read_case": "read",
    "require_sound": "checks.run",
    "rights_on": "rights",
    "scaffold": "starter",
    "select": "selectors",
    "show": "describe",
    "sovereigns": "actors",
    "tie_indicators": "ties",
    "top_parents": "actors",
    "write_case": "write",
}

__getattr__, __dir__ = lazy_names(__name__, _HOME)
