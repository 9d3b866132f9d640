"""Appraisal of capital projects: annuity, present values, internal rate of return; over draws at once.

Amounts are real. A flow of year t falls t years after the day of valuation; a stream flows evenly within its years.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from mackinder.errors import UsageError

__all__ = ["InternalRate", "annuity", "internal_rate_of_return", "net_present_value", "present_value"]

Floats = npt.NDArray[np.float64]
_LOWEST: Final = float(np.log(1e-3))  # of 1 + rate: a loss of 99.9 percent a year
_HIGHEST: Final = float(np.log(1e4))
_GRID: Final = 2001  # rates at which flows that change sign more than once are looked at
_TOUCH: Final = 1e-4  # of the gross flows: what comes closer to zero without crossing it may hide two rates
_HALVINGS: Final = 60  # 16 / 2**60 is below the rounding of the logarithm


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalRate:
    """Rates at which flows are worth nothing.

    Attributes
    ----------
    rate : ndarray, shape (...), 1/yr
        The internal rate; NaN where there is none or more than one.
    status : ndarray of str, shape (...)
        ``one``, ``none`` or ``several``: several rates have no meaning as a return, and none is no number.
    """

    rate: Floats
    status: npt.NDArray[np.str_]


def annuity(capex: npt.ArrayLike, rate: npt.ArrayLike, life: npt.ArrayLike) -> Floats:
    """Return the equal yearly amount that pays back a sum with interest.

    Parameters
    ----------
    capex : array_like, USD
        What is spent, at the start of the first year.
    rate : array_like, 1/yr
        Real rate, above -1.
    life : array_like, yr
        Number of payments, each at the end of a year; above 0, need not be whole.

    Returns
    -------
    ndarray, USD/yr
        ``capex * rate / (1 - (1 + rate) ** -life)``, and ``capex / life`` at a rate of zero; broadcast.

    Raises
    ------
    UsageError
        If a number is not finite or out of its range.

    Examples
    --------
    >>> annuity(100.0, [0.0, 0.05], 20).round(4).tolist()
    [5.0, 8.0243]
    """
    spent, force, years = _finite("capex", capex), _force(rate), _finite("life", life)
    if np.any(years <= 0):
        msg = f"life is above zero years, got {years.min():g}"
        raise UsageError(msg)
    # e^force - 1 is the rate; written so that small rates lose no digits
    return np.asarray(spent * _mean_discount(-force) / (years * _mean_discount(force * years)))


def present_value(
    amount: npt.ArrayLike,
    rate: npt.ArrayLike,
    *,
    start: npt.ArrayLike,
    years: npt.ArrayLike,
    growth: npt.ArrayLike = 0.0,
) -> Floats:
    """Return what a stream is worth today: of spending while a line is built, of upkeep and gains while it lasts.

    Parameters
    ----------
    amount : array_like, USD/yr
        Flow per year when it begins.
    rate : array_like, 1/yr
        Real rate, above -1.
    start : array_like, yr
        From today to the beginning of the stream; negative if it began before.
    years : array_like, yr
        How long it flows; not negative, need not be whole.
    growth : array_like, 1/yr
        By which the flow grows, above -1.

    Returns
    -------
    ndarray, USD
        Broadcast.

    Raises
    ------
    UsageError
        If a number is not finite or out of its range.

    Examples
    --------
    Five years of building at 20 a year, then thirty years of gains of 12, at eight percent:

    >>> cost = present_value(20.0, 0.08, start=0, years=5)
    >>> gain = present_value(12.0, 0.08, start=5, years=30)
    >>> float((gain - cost).round(2))
    12.57
    """
    flow, force, begin, length = (
        _finite("amount", amount),
        _force(rate),
        _finite("start", start),
        _finite("years", years),
    )
    if np.any(length < 0):
        msg = f"years is not negative, got {length.min():g}"
        raise UsageError(msg)
    net = (force - _force(growth, "growth")) * length
    return np.asarray(flow * np.exp(-force * begin) * length * _mean_discount(net))


def net_present_value(flows: npt.ArrayLike, rate: npt.ArrayLike) -> Floats:
    """Return what yearly flows are worth in the year of the first.

    Parameters
    ----------
    flows : array_like, shape (..., n_years), USD
        Gains less costs, year by year.
    rate : array_like, shape (...), 1/yr
        Real rate, above -1.

    Returns
    -------
    ndarray, shape (...), USD

    Raises
    ------
    UsageError
        If a number is not finite, the rate is not above -1, or there is no year.

    Examples
    --------
    >>> net_present_value([-100.0, 60.0, 60.0], [0.0, 0.1]).round(4).tolist()
    [20.0, 4.1322]
    """
    cash = _yearly(flows)
    discount = np.exp(-_force(rate)[..., None] * np.arange(cash.shape[-1]))
    return np.asarray((cash * discount).sum(axis=-1))


def internal_rate_of_return(flows: npt.ArrayLike) -> InternalRate:
    """Return the rate at which yearly flows are worth nothing, where there is exactly one.

    Flows that change sign once have one such rate (rule of signs of Descartes). Others are looked at over all rates from
    -99.9 percent to ten-thousandfold; where zero is crossed more than once, or nearly touched, that is ``several``.

    Parameters
    ----------
    flows : array_like, shape (..., n_years), USD
        Gains less costs, year by year.

    Returns
    -------
    InternalRate
        With `rate` NaN wherever `status` is not ``one``.

    Raises
    ------
    UsageError
        If a number is not finite or there is no year.

    Examples
    --------
    >>> found = internal_rate_of_return([[-100.0, 110.0, 0.0], [100.0, 10.0, 0.0], [-100.0, 230.0, -132.0]])
    >>> found.status.tolist(), float(found.rate[0].round(6))
    (['one', 'none', 'several'], 0.1)
    """
    cash = _yearly(flows)
    rows = cash.reshape(-1, cash.shape[-1])
    signs = [np.sign(row[row != 0]) for row in rows]
    changes = np.array([np.count_nonzero(sign[1:] != sign[:-1]) for sign in signs], dtype=np.int64)
    lower, upper = np.full(len(rows), _LOWEST), np.full(len(rows), _HIGHEST)
    status = np.full(len(rows), "none", dtype="<U7")
    status[changes == 1] = "one"
    for i in np.flatnonzero(changes > 1):
        status[i], lower[i], upper[i] = _searched(rows[i])
    single = np.flatnonzero(status == "one")
    rate = np.full(len(rows), np.nan)
    if len(single):
        root, inside = _bisected(rows[single], lower[single], upper[single])
        rate[single] = np.where(inside, np.expm1(root), np.nan)
        status[single[~inside]] = "none"  # only beyond the bounds
    return InternalRate(rate=rate.reshape(cash.shape[:-1]), status=status.reshape(cash.shape[:-1]))


def _searched(row: Floats) -> tuple[str, float, float]:
    """Look at flows of several changes of sign over a grid of rates; return status and bracket."""
    grid = np.linspace(_LOWEST, _HIGHEST, _GRID)
    worth = _scaled(row[None, :], grid)
    crossed = np.flatnonzero(np.sign(worth[1:]) != np.sign(worth[:-1]))
    size = np.abs(worth)
    dips = 1 + np.flatnonzero((size[1:-1] <= size[:-2]) & (size[1:-1] <= size[2:]) & (size[1:-1] < _TOUCH))
    touched = [d for d in dips if not np.any((crossed == d) | (crossed == d - 1))]
    if len(crossed) + len(touched) == 0:
        return "none", _LOWEST, _HIGHEST
    if len(crossed) == 1 and not touched:
        return "one", float(grid[crossed[0]]), float(grid[crossed[0] + 1])
    return "several", _LOWEST, _HIGHEST


def _bisected(rows: Floats, lower: Floats, upper: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Halve brackets of one crossing; return logarithms of 1 + rate, and whether zero is crossed within."""
    below = np.sign(_scaled(rows, lower))
    inside = below != np.sign(_scaled(rows, upper))
    for _ in range(_HALVINGS):
        middle = (lower + upper) / 2
        same = np.sign(_scaled(rows, middle)) == below
        lower, upper = np.where(same, middle, lower), np.where(same, upper, middle)
    return (lower + upper) / 2, inside


def _scaled(rows: Floats, force: Floats) -> Floats:
    """Return present values over those of the gross flows: same sign, and no overflow at extreme rates."""
    weight = -force[:, None] * np.arange(rows.shape[-1])
    weight = np.exp(weight - weight.max(axis=-1, keepdims=True))
    gross = (np.abs(rows) * weight).sum(axis=-1)
    return np.asarray(np.divide((rows * weight).sum(axis=-1), gross, out=np.zeros_like(gross), where=gross > 0))


def _mean_discount(exponent: Floats) -> Floats:
    """Return the mean of ``exp(-x)`` for x from 0 to `exponent`: ``(1 - exp(-e)) / e``, and 1 at zero."""
    return np.divide(-np.expm1(-exponent), exponent, out=np.ones_like(exponent), where=exponent != 0)


def _force(rate: npt.ArrayLike, name: str = "rate") -> Floats:
    values = _finite(name, rate)
    if np.any(values <= -1):
        msg = f"{name} is a part of one a year and above -1, got {values.min():g}"
        raise UsageError(msg)
    return np.asarray(np.log1p(values))


def _finite(name: str, values: npt.ArrayLike) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        msg = f"{name} has {np.count_nonzero(~np.isfinite(array))} numbers that are missing or not finite; leave such draws out"
        raise UsageError(msg)
    return array


def _yearly(flows: npt.ArrayLike) -> Floats:
    cash = _finite("flows", flows)
    if cash.ndim == 0 or cash.shape[-1] == 0:
        msg = f"flows is one number a year along its last axis, got shape {cash.shape}"
        raise UsageError(msg)
    return cash
