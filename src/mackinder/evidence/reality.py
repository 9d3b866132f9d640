"""The reality table: what the model says beside what was observed. Misses stay, with their reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from mackinder.case import Case
from mackinder.case.selectors import LinkIndex
from mackinder.errors import UsageError
from mackinder.evidence.paths import Measured, PathFinder
from mackinder.evidence.targets import Metric, Target, read_targets
from mackinder.units import TONNES_PER_MT

__all__ = ["REALITY_COLUMNS", "compare_with_reality", "judge"]

REALITY_COLUMNS: Final = (
    "id", "observed", "low", "high", "modelled", "modelled_low", "modelled_high", "ratio", "verdict", "reason",
)  # fmt: skip
#: part of the bound by which a number may lie outside and still be near
NEAR: Final = 0.10
Span = tuple[float, float, float]


def compare_with_reality(
    case: Case,
    flows: pd.DataFrame | None = None,
    results: pd.DataFrame | None = None,
    *,
    targets: Sequence[Target] | None = None,
) -> pd.DataFrame:
    """Compare a case, and a run of it, with the observed figures in its ``reality.toml``.

    Parameters
    ----------
    case : Case
        As it was run.
    flows, results : DataFrame, optional
        ``flows.parquet`` and ``results.parquet`` of a run. Without them only lengths, days and prices are compared, and the
        rows that need a run are left out.
    targets : sequence of Target, optional
        Default: those of the case.

    Returns
    -------
    DataFrame
        One row a target: id, observed with low and high, modelled (median, or central for paths) with 5 and 95 %, ratio
        of modelled to observed, verdict (``inside``, ``near``, ``off``: see `judge`) and the written reason.

    Raises
    ------
    CaseError
        If ``reality.toml`` is malformed.
    UsageError
        If only one of the frames is given, or they lack the baseline in the base year.
    NoRouteError
        If the places of a path cannot be joined.
    """
    if (flows is None) != (results is None):
        msg = "compare_with_reality takes both frames of a run, flows and results, or none of them"
        raise UsageError(msg)
    finder, rows = PathFinder(case), []
    for target in read_targets(case) if targets is None else targets:
        if not target.metric.needs_run:
            span = _path_span(target.metric, finder)
        elif flows is None or results is None:
            continue
        else:
            span = _run_span(target.metric, case, flows, results)
        ratio = span[0] / target.observed if target.observed else float("nan")
        verdict = judge(span, target.low, target.high)
        rows.append((target.id, target.observed, target.low, target.high, *span, ratio, verdict, target.reason))
    return pd.DataFrame(rows, columns=list(REALITY_COLUMNS))


def judge(modelled: Span, low: float, high: float) -> str:
    """Judge a modelled number (value, low, high) against an observed range.

    ``inside``: the value lies in the range. ``near``: it does not, but its interval meets the range, or it lies within a
    tenth of the nearer bound. ``off``: neither.

    Examples
    --------
    >>> judge((5.0, 4.0, 6.0), 4.5, 5.5), judge((7.0, 5.2, 9.0), 4.5, 5.5), judge((7.0, 6.0, 9.0), 4.5, 5.5)
    ('inside', 'near', 'off')
    """
    value, below, above = modelled
    if low <= value <= high:
        return "inside"
    meets = below <= high and above >= low
    return "near" if meets or low - NEAR * abs(low) <= value <= high + NEAR * abs(high) else "off"


def _path_span(metric: Metric, finder: PathFinder) -> Span:
    if metric.path is None:  # the document was checked: for the type checker
        raise UsageError(metric.kind)
    own = finder.find(metric.path)
    if metric.against is None:
        return _draw_span(_measure(metric.kind, own))
    other = finder.find(metric.against)
    if metric.kind == "length_saved":
        return (other.length_km - own.length_km,) * 3
    return _draw_span(100.0 * (1.0 - own.days / other.days))


def _measure(kind: str, found: Measured) -> np.ndarray:
    return {"length": np.array([found.length_km]), "days": found.days, "price": found.price}[kind]


def _draw_span(draws: np.ndarray) -> Span:
    """Central value, 5 and 95 % of draws whose first is central."""
    low, high = np.quantile(draws, [0.05, 0.95])
    return float(draws[0]), float(low), float(high)


def _run_span(metric: Metric, case: Case, flows: pd.DataFrame, results: pd.DataFrame) -> Span:
    settings = case.settings
    here, there = ((f["scenario"] == settings.baseline) & (f["year"] == settings.base_year) for f in (flows, results))
    if not here.any() or not there.any():
        msg = f"the frames have no rows of {settings.baseline} in {settings.base_year}, with which reality is compared: run them"
        raise UsageError(msg)
    if metric.kind in ("corridor", "result"):
        wanted = {"indicator": "corridor_flow", "asset": metric.corridor} if metric.corridor else metric.row
        scale = TONNES_PER_MT if metric.corridor and metric.divide else 1.0
        return _divided(tuple(scale * x for x in _one_row(results[there], wanted)), metric)
    links = LinkIndex(case.table("links"))
    span = _sum(flows[here], links, metric.links, case)
    if metric.kind == "flow_share":
        whole = _sum(flows[here], links, metric.of, case)
        rest = tuple(max(w - s, 0.0) for w, s in zip(whole, span, strict=True))
        return _share(span[0], rest[0]), _share(span[1], rest[2]), _share(span[2], rest[1])
    return _divided(tuple(x * (TONNES_PER_MT if metric.divide else 1.0) for x in span), metric)


def _one_row(results: pd.DataFrame, wanted: dict[str, str]) -> Span:
    """Return the one row of results with these keys; keys not given are empty."""
    keys = dict.fromkeys(("variant", "actor", "target", "goods", "asset"), "") | wanted
    chosen = results
    for key, value in keys.items():
        chosen = chosen[chosen[key] == value]
    if len(chosen) != 1:
        msg = f"{len(chosen)} rows of the results have {keys}, and one is wanted"
        raise UsageError(msg)
    row = chosen.iloc[0]
    return float(row["value"]), float(row["low"]), float(row["high"])


def _sum(flows: pd.DataFrame, index: LinkIndex, selector: str, case: Case) -> Span:
    """Sum flows over links in Mt; bounds are added up, as if all links moved together: the widest interval."""
    chosen = set(case.table("links")["link_id"][index.mask(selector)])
    moved = flows[flows["link"].isin(chosen)]
    value, low, high = (float(moved[f"quantity_mt{bound}"].sum()) for bound in ("", "_low", "_high"))
    return value, low, high


def _share(part: float, rest: float) -> float:
    return 100.0 * part / (part + rest) if part + rest > 0 else float("nan")


def _divided(span: tuple[float, ...], metric: Metric) -> Span:
    by = metric.divide
    mode, small, large = (by.mode, by.low, by.high) if by else (1.0, 1.0, 1.0)
    return span[0] / mode / metric.days, span[1] / large / metric.days, span[2] / small / metric.days
