"""Cited counts beside what a loading says of them: one number a draw and count, and how well each count is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.selectors import LinkIndex
from mackinder.equilibrium.loading import Loading
from mackinder.errors import UsageError
from mackinder.evidence.targets import PATH_KINDS, Metric, Target, read_targets
from mackinder.indicators.flows import measure_flows
from mackinder.indicators.measure import Measure, stack
from mackinder.indicators.revenue import measure_revenue
from mackinder.network.records import PriceDraws
from mackinder.units import HOURS_PER_DAY, TONNES_PER_MT

__all__ = ["count_errors", "counts_to_fit", "logarithms", "modelled_counts", "read_counts"]

Array = NDArray[np.float64]
_RANGE = 1.6448536269514722
#: what the model leaves out of a count (standard deviation of a logarithm): volumes, days and prices of a path
DISCREPANCY: Final = {"volume": 0.4, "path": 0.15}
#: drift of a volume by the year between the count and the base year, and years beyond which it says nothing
DRIFT: Final = 0.08
MOST_YEARS: Final = 2
#: part of a count that stands for no flow at all, so that its logarithm exists
NOTHING: Final = 1e-4


def read_counts(case: Case) -> tuple[Target, ...]:
    """Return the targets of a case that are volumes, or days or prices of a path in the base state; fitted and held out."""
    return tuple(
        target
        for target in read_targets(case)
        if target.low > 0 and (target.metric.needs_run or target.metric.kind in ("days", "price"))
        if target.metric.path is None or not (target.metric.path.scenario or target.metric.path.year)
    )


def counts_to_fit(case: Case, counts: Sequence[Target]) -> tuple[Target, ...]:
    """Choose the counts to fit: ``use = "fit"``, within two years of the base year, and no sum of other chosen ones.

    Shares are left out: they follow from volumes.
    """
    base, index = case.settings.base_year, LinkIndex(case.table("links"))
    chosen = [
        t for t in counts if t.use == "fit" and abs(t.year - base) <= MOST_YEARS and t.metric.kind != "flow_share"
    ]
    masks = {t.id: index.mask(t.metric.links) for t in chosen if t.metric.kind == "flow"}
    sums = set()
    for name, mask in masks.items():
        within = [
            other for n, other in masks.items() if n != name and not (other & ~mask).any() and other.sum() < mask.sum()
        ]
        if within and (np.any(within, axis=0) == mask).all():
            sums.add(name)
    return tuple(t for t in chosen if t.id not in sums)


def count_errors(case: Case, counts: Sequence[Target]) -> Array:
    """Return the standard deviation of the logarithm of each count, shape (N,).

    The wider side of the range of the sources, drift by the years to the base year, what the model leaves out, and the
    mismatch of what is counted.
    """
    base = case.settings.base_year
    errors = []
    for t in counts:
        cited = max(np.log(t.high / t.observed), np.log(t.observed / t.low)) / _RANGE
        path = t.metric.kind in PATH_KINDS
        drift = 0.0 if path else DRIFT * abs(t.year - base)
        model = DISCREPANCY["path" if path else "volume"]
        errors.append(np.sqrt(cited**2 + drift**2 + model**2 + t.mismatch**2))
    return np.array(errors)


def modelled_counts(
    case: Case,
    loading: Loading,
    prices: PriceDraws,
    counts: Sequence[Target],
    paths: Sequence[tuple[str, ...]],
) -> Array:
    """Return the model's counterpart of each count in the first state, shape (K, N), in the unit of the count.

    Parameters
    ----------
    case : Case
        Of the first state.
    loading : Loading
    prices : PriceDraws
        Those that were loaded.
    counts : sequence of Target
    paths : sequence of tuple of str
        Assets of the way of each count that is one; empty for the others.

    Raises
    ------
    UsageError
        If a count asks for a row of results that is no flow and no revenue.
    """
    index = LinkIndex(case.table("links"))
    ids = case.table("links")["link_id"].to_numpy()
    position = loading.network.graph.asset_index()
    results = stack([*measure_flows(loading), *measure_revenue(loading)], ordered=False)
    tonnes = loading.loads.asset_tonnes[:, 0]
    out = []
    for count, path in zip(counts, paths, strict=True):
        metric = count.metric
        if metric.kind in PATH_KINDS:
            value = _along(path, metric, case, loading, prices, position)
        elif metric.kind in ("flow", "flow_share"):
            own, whole = (tonnes[:, [position[i] for i in ids[index.mask(s)]]].sum(axis=1) if s else None
                          for s in (metric.links, metric.of))  # fmt: skip
            value = np.asarray(own) / TONNES_PER_MT if whole is None else 100.0 * np.asarray(own) / whole
        else:
            value = _one(results, metric, loading)
        if metric.divide is not None:
            scale = 1.0 if metric.kind == "result" else TONNES_PER_MT
            value = value * scale / metric.divide.mode
        out.append(value / metric.days)
    return np.stack(out, axis=1)


def logarithms(modelled: Array, counts: Sequence[Target]) -> Array:
    """Return logarithms of what is modelled, nothing at all counted as a ten-thousandth of the count."""
    floor = NOTHING * np.array([count.observed for count in counts])
    return np.asarray(np.log(np.maximum(modelled, floor)))


def _along(
    path: tuple[str, ...], metric: Metric, case: Case, loading: Loading, prices: PriceDraws, position: dict[str, int]
) -> Array:
    network, assets = loading.network, [position[name] for name in path]
    vector = network.vector[0]
    if metric.kind == "days":
        return np.asarray(np.nan_to_num(prices.hours[:, vector][:, assets]).sum(axis=1) / HOURS_PER_DAY)
    factor = prices.goods.factor[:, network.goods.index(case.settings.default_goods)][:, network.graph.mode[assets]]
    return np.asarray((np.nan_to_num(prices.money[:, vector][:, assets]) * factor).sum(axis=1))


def _one(results: Measure, metric: Metric, loading: Loading) -> Array:
    """Draws of the one number in the first state with the keys wanted; keys not given are empty."""
    state = loading.network.states[0]
    wanted = {"indicator": "corridor_flow", "asset": metric.corridor} if metric.corridor else metric.row
    keys = dict.fromkeys(("variant", "actor", "target", "goods", "asset"), "") | wanted
    keys |= {"scenario": state.scenario, "year": state.year}  # type: ignore[dict-item] # a year is a number
    at = np.flatnonzero((results.keys[list(keys)] == list(keys.values())).all(axis=1))
    if len(at) != 1:
        msg = f"{len(at)} flows or revenues have {keys}, and one is wanted; other results cannot be calibrated to"
        raise UsageError(msg)
    return results.draws[:, at[0]]
