"""Options of a run that are settings of its case: re-exports in or out, trade in the long or the short run."""

from __future__ import annotations

from typing import Final

from mackinder.case import Case
from mackinder.errors import UsageError, did_you_mean

__all__ = ["with_options"]

_REEXPORTS: Final = ("with", "without")
_HORIZONS: Final = ("long", "short")


def with_options(case: Case, *, reexports: str | None = None, horizon: str | None = None) -> Case:
    """Return the case with goods that are only sent on in or out, and with trade in the long or the short run.

    Parameters
    ----------
    case : Case
    reexports : {"with", "without"}, optional
        Convention C141; None: as the case says.
    horizon : {"long", "short"}, optional
        Convention C143; None: as the case says.

    Raises
    ------
    UsageError
        If there is no such option.

    Examples
    --------
    >>> from mackinder.case import read_case
    >>> with_options(read_case("south-caucasus"), reexports="without").settings.reexports
    'without'
    """
    changed: dict[str, object] = {}
    for name, option, known, what in (
        ("reexports", reexports, _REEXPORTS, "option of reexports"),
        ("trade_run", horizon, _HORIZONS, "horizon"),
    ):
        if option is not None:
            if option not in known:
                raise UsageError(did_you_mean(option, known, what=what))
            changed[name] = option
    return case.with_settings(**changed) if changed else case
