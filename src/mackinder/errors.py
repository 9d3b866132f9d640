"""The one exception tree of mackinder.

::

    MackinderError                exit code 1
    ├── UsageError                exit code 2: a name, option or selector that does not exist
    ├── DataError                 exit code 3: a file or table is missing or wrong
    │   ├── CaseError             a case folder cannot be read
    │   ├── CheckError            a case was read and fails its checks
    │   ├── ScenarioError         a scenario file is malformed, or its changes conflict
    │   └── ExchangeError         a foreign file (TNTP, CSV, GeoPackage) is malformed
    ├── NotConvergedError         exit code 4: a solver stopped before its tolerance
    ├── NoRouteError              exit code 1: two places have no permitted route
    ├── NoAgreementError          exit code 1: no outcome is better for all than no agreement
    ├── NotRankedError            exit code 1: a ranking was asked for where intervals overlap
    └── RunError                  exit code 1: a run could not be finished or read back

A message says what, where (file, row), what was seen, and the cure.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "CaseError",
    "CheckError",
    "DataError",
    "ExchangeError",
    "MackinderError",
    "NoAgreementError",
    "NoRouteError",
    "NotConvergedError",
    "NotRankedError",
    "RunError",
    "ScenarioError",
    "UsageError",
    "did_you_mean",
]


class MackinderError(Exception):
    """Root of all errors that mackinder raises on purpose."""

    exit_code = 1


class UsageError(MackinderError):
    """A name, option or selector that the program does not know."""

    exit_code = 2


class DataError(MackinderError):
    """A file or table is missing or wrong."""

    exit_code = 3


class CaseError(DataError):
    """A case folder cannot be read."""


class CheckError(DataError):
    """A case was read, and fails its checks."""


class ScenarioError(DataError):
    """A scenario file is malformed, or its changes conflict."""


class ExchangeError(DataError):
    """A file in a foreign format is malformed."""


class NotConvergedError(MackinderError):
    """A solver stopped before it met its tolerance."""

    exit_code = 4


class NoRouteError(MackinderError):
    """Two places have no permitted route between them."""


class NoAgreementError(MackinderError):
    """No feasible outcome is better for every party than no agreement."""


class NotRankedError(MackinderError):
    """A ranking was asked for where the intervals of neighbours overlap."""


class RunError(MackinderError):
    """A run could not be finished, or its folder cannot be read."""


def did_you_mean(name: str, known: Iterable[str], *, what: str = "name") -> str:
    """Say that a name is unknown and which known names come near.

    Parameters
    ----------
    name : str
        What the user typed.
    known : iterable of str
        The names that exist.
    what : str
        What kind of name it is, for the sentence.

    Returns
    -------
    str
        One sentence, ending in the nearest names or the whole short list.

    Examples
    --------
    >>> did_you_mean("trump-rout", ["trump-route", "no-corridor"], what="scenario")
    "unknown scenario 'trump-rout': did you mean 'trump-route'?"
    """
    names = sorted(set(known))
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        return f"unknown {what} {name!r}: did you mean {' or '.join(repr(n) for n in near)}?"
    if len(names) <= 20:
        return f"unknown {what} {name!r}: known are {', '.join(names) or 'none'}"
    return f"unknown {what} {name!r}, and nothing known comes near it ({len(names)} are known)"
