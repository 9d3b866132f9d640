"""Rates from reference cases: how often, per unit of time, what has happened to others happens.

Cases that have not ended yet count with the time they have lasted. Few cases give wide intervals: that is the result.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import gamma

from mackinder.errors import UsageError

__all__ = ["RateEstimate", "reference_rate", "reference_rates_without"]

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RateEstimate:
    """A rate with its interval and what it rests on.

    Attributes
    ----------
    mean, median, low, high : float, 1/time
        Of the posterior; low and high are its 5 and 95 % points.
    events : float
        Weighted cases that ended.
    exposure : float, time
        Weighted time at risk.
    cases : int
        Cases that were counted.
    effective_cases : float
        Kish's effective sample size of the weights.
    effective_events : float
        Squared mean over variance of the posterior: as many events would say as much on their own.
    prior_share : float
        Part of the effective events that comes from the prior, or from other classes, in [0, 1].
    shape, scale_time : float, time
        Of the Gamma posterior: events and time, the prior's included; not numbers with classes.
    grid, chance : ndarray, shape (m,)
        With classes: rates, and the chance that the rate is lower; else empty.
    """

    mean: float
    median: float
    low: float
    high: float
    events: float
    exposure: float
    cases: int
    effective_cases: float
    effective_events: float
    prior_share: float
    shape: float
    scale_time: float
    grid: Floats
    chance: Floats

    def quantile(self, chance: ArrayLike) -> Floats:
        """Return quantiles of the rate at given chances in (0, 1), 1/time; use them to draw rates."""
        wanted = np.asarray(chance, dtype=np.float64)
        if not ((wanted > 0) & (wanted < 1)).all():
            msg = "chances must lie strictly between 0 and 1"
            raise UsageError(msg)
        return _quantile(wanted, self.shape, self.scale_time, self.grid, self.chance)


def _quantile(wanted: Floats, shape: float, time: float, grid: Floats, chance: Floats) -> Floats:
    if len(grid):
        return np.asarray(np.exp(np.interp(wanted, chance, np.log(grid))), dtype=np.float64)
    return np.asarray(gamma.ppf(wanted, shape, scale=1 / time), dtype=np.float64)


@dataclasses.dataclass(frozen=True, slots=True)
class _Cases:
    durations: Floats
    ended: NDArray[np.bool_]
    weights: Floats


def _read(durations: ArrayLike, censored: ArrayLike, weights: ArrayLike | None) -> _Cases:
    time = np.asarray(durations, dtype=np.float64)
    open_ = np.asarray(censored, dtype=bool)
    weight = np.ones_like(time) if weights is None else np.asarray(weights, dtype=np.float64)
    if time.ndim != 1 or open_.shape != time.shape or weight.shape != time.shape or not len(time):
        msg = f"durations {time.shape}, censored {open_.shape}, weights {weight.shape}: needed is one of each a case"
        raise UsageError(msg)
    bad = ~(np.isfinite(time) & (time >= 0) & np.isfinite(weight) & (weight >= 0))
    if bad.any() or weight.sum() <= 0:
        rows = ", ".join(map(str, np.flatnonzero(bad)[:5])) or "all"
        msg = (
            f"cases {rows} (counted from 0) have a duration or weight that is missing or negative, or no weight at all"
        )
        raise UsageError(msg)
    return _Cases(time, ~open_, weight)


def _estimate(
    cases: _Cases, moments: tuple[float, float], gamma_: tuple[float, float], grid: Floats, chance: Floats
) -> RateEstimate:
    mean, variance = moments
    effective = mean**2 / variance
    events = float(cases.weights @ cases.ended)
    low, median, high = _quantile(np.array([0.05, 0.5, 0.95]), *gamma_, grid, chance)
    return RateEstimate(
        mean=mean,
        median=float(median),
        low=float(low),
        high=float(high),
        events=events,
        exposure=float(cases.weights @ cases.durations),
        cases=int((cases.weights > 0).sum()),
        effective_cases=float(cases.weights.sum() ** 2 / (cases.weights**2).sum()) if cases.weights.any() else 0.0,
        effective_events=effective,
        prior_share=float(np.clip(1.0 - events / effective, 0.0, 1.0)),
        shape=gamma_[0],
        scale_time=gamma_[1],
        grid=grid,
        chance=chance,
    )


def _hierarchy(
    cases: _Cases, classes: Sequence[str], target: str, prior: tuple[float, float], heterogeneity: float
) -> tuple[Floats, Floats]:
    """Posterior density of the target class's log rate on a grid: (rates, weights that add up to one)."""
    labels = np.asarray(classes)
    totals = {
        str(c): (cases.weights[labels == c] @ cases.ended[labels == c], cases.weights[labels == c] @ cases.durations[labels == c])
        for c in np.unique(labels)
    }  # fmt: skip
    events, time = (sum(pair[k] for pair in totals.values()) + prior[k] for k in (0, 1))
    middle = np.log(events / time)
    log_rate = middle + np.linspace(-12, 8, 801)
    log_mean = middle + np.linspace(-9, 6, 151)
    fit = {name: n * (log_rate - middle) - t * np.exp(log_rate) for name, (n, t) in totals.items()}
    fit = {name: log_fit - log_fit.max() for name, log_fit in fit.items()}
    found = np.zeros(len(log_rate))
    for spread in heterogeneity * np.linspace(0.1, 3.0, 30):
        link = np.exp(-0.5 * ((log_rate[None, :] - log_mean[:, None]) / spread) ** 2)
        link /= link.sum(axis=1, keepdims=True)
        log_weight = prior[0] * (log_mean - middle) - prior[1] * np.exp(log_mean) - 0.5 * (spread / heterogeneity) ** 2
        for name, log_fit in fit.items():
            if name != target:
                log_weight = log_weight + np.log(np.maximum(link @ np.exp(log_fit), 1e-300))
        found += np.exp(log_weight) @ link
    found *= np.exp(fit[target]) if target in fit else 1.0
    return np.exp(log_rate), found / found.sum()


def reference_rate(
    durations: ArrayLike,
    censored: ArrayLike,
    *,
    prior_events: float = 0.5,
    prior_exposure: float = 0.0,
    weights: ArrayLike | None = None,
    classes: Sequence[str] | None = None,
    target: str | None = None,
    heterogeneity: float | None = None,
) -> RateEstimate:
    """Estimate a constant hazard from reference cases, some of which have not ended.

    Parameters
    ----------
    durations : array_like, shape (cases,), time
        Until the event, or until now.
    censored : array_like of bool, shape (cases,)
        Whether the case has not had the event yet.
    prior_events, prior_exposure : float
        Gamma prior: as if so many events had been seen in so much time. The default (0.5 events in no time) is
        Jeffreys's, which lets the cases speak.
    weights : array_like, shape (cases,), optional
        Similarity of each case in [0, 1] or any common unit of weight; one if left out.
    classes : sequence of str, shape (cases,), optional
        Class of each case. Classes then have rates of their own, drawn around a common mean: few cases in a class lean
        on the others, as far as the classes are alike.
    target : str, optional
        The class whose rate is wanted; one that has no cases gets the rate of a new class. Needed with classes.
    heterogeneity : float, optional
        Prior scale (of a half-normal) of the standard deviation of log rates between classes. Needed with classes: it
        is a judgement, and a result should be shown for several.

    Returns
    -------
    RateEstimate

    Raises
    ------
    UsageError
        Missing or negative durations, no time at risk, or classes without a target.

    Notes
    -----
    Gamma posterior of a Poisson process with right censoring; the hierarchy is lognormal between classes and integrated
    on a grid of the rate, the mean and the spread. Without classes the ratio high to low depends on the events alone: a
    case less never narrows it.

    Examples
    --------
    >>> rate = reference_rate([2.0, 5.0, 9.0], [False, False, True])
    >>> round(rate.mean, 5), round(rate.effective_events, 5)
    (0.15625, 2.5)
    >>> reference_rate([2.0, 5.0, 9.0], [True, True, True]).high > 0
    True
    """
    cases = _read(durations, censored, weights)
    if not (np.isfinite([prior_events, prior_exposure]).all() and prior_events > 0 and prior_exposure >= 0):
        msg = f"prior of {prior_events} events in {prior_exposure}: needed are positive events and time not negative"
        raise UsageError(msg)
    if float(cases.weights @ cases.durations) + prior_exposure <= 0:
        msg = "no time at risk in the cases and none in the prior: a rate has no estimate"
        raise UsageError(msg)
    nothing = np.zeros(0)
    if classes is None:
        shape = prior_events + float(cases.weights @ cases.ended)
        total = prior_exposure + float(cases.weights @ cases.durations)
        return _estimate(cases, (shape / total, shape / total**2), (shape, total), nothing, nothing)
    if target is None or len(classes) != len(cases.durations) or heterogeneity is None or not heterogeneity > 0:
        msg = "classes need one name a case, a target, and a positive heterogeneity (standard deviation of log rates)"
        raise UsageError(msg)
    rates, weight = _hierarchy(cases, classes, target, (prior_events, prior_exposure), heterogeneity)
    mean = float(weight @ rates)
    mine = np.asarray(classes) == target
    own = _Cases(cases.durations[mine], cases.ended[mine], cases.weights[mine])
    below = np.cumsum(weight) - 0.5 * weight
    used = np.flatnonzero((below > 1e-12) & (below < 1 - 1e-12))
    moments = (mean, float(weight @ (rates - mean) ** 2))
    return _estimate(own, moments, (np.nan, np.nan), rates[used], below[used])


def reference_rates_without(durations: ArrayLike, censored: ArrayLike, **options: object) -> list[RateEstimate]:
    """Estimate the rate again with each case left out in turn, to see how much the answer rests on one of them.

    Parameters
    ----------
    durations, censored, **options
        As in `reference_rate`; at least two cases.

    Returns
    -------
    list of RateEstimate
        In the order of the cases.

    Examples
    --------
    >>> [round(rate.mean, 3) for rate in reference_rates_without([2.0, 5.0, 9.0], [False, False, True])]
    [0.107, 0.136, 0.357]
    """
    time, open_ = np.asarray(durations, dtype=np.float64), np.asarray(censored, dtype=bool)
    if len(time) < 2:
        msg = "leaving one case out needs at least two cases"
        raise UsageError(msg)
    found = []
    for row in range(len(time)):
        rest = np.delete(np.arange(len(time)), row)
        kept = dict(options)
        if kept.get("weights") is not None:
            kept["weights"] = np.asarray(kept["weights"], dtype=np.float64)[rest]
        if kept.get("classes") is not None:
            kept["classes"] = [kept["classes"][k] for k in rest]  # type: ignore[index]  # a sequence, as documented
        found.append(reference_rate(time[rest], open_[rest], **kept))  # type: ignore[arg-type]  # checked there
    return found
