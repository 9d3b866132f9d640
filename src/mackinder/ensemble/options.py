"""Options of a run that are settings of its case: re-exports in or out, trade in the long or the short run."""

from __future__ import annotations

from typing import Final

from mackinder.case import Case
from mackinder.errors import UsageError, did_you_mean

__all__ = ["asked_horizons", "with_options"]

_REEXPORTS: Final = ("with", "without")
_HORIZONS: Final = ("long", "short")


def asked_horizons(case: Case, horizon: str | None, *, model: str = "trade") -> tuple[str, ...]:
    """Return the runs of trade that are asked for: one, or the long and the short one to stand beside each other.

    Parameters
    ----------
    case : Case
    horizon : {"long", "short", "both"}, optional
        None: as the case says.
    model : str
        Without trade that answers there is one run only.

    Raises
    ------
    UsageError
        If there is no such horizon, or both are asked of a model without trade.

    Examples
    --------
    >>> from mackinder.case import read_case
    >>> asked_horizons(read_case("south-caucasus"), "both")
    ('long', 'short')
    """
    if horizon is None:
        return (case.settings.trade_run,)
    if horizon == "both":
        if model != "trade":
            msg = f"--horizon both needs --model trade: under {model!r} demand is given, so that short and long run are the same"
            raise UsageError(msg)
        return _HORIZONS
    if horizon not in _HORIZONS:
        raise UsageError(did_you_mean(horizon, (*_HORIZONS, "both"), what="horizon"))
    return (horizon,)


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
