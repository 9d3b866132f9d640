"""Levers beside what was observed: episodes in the same measure, how often threats were carried out (convention C95)."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.indicators.levers import Lever

__all__ = ["BaseRate", "Beside", "base_rate", "beside_episodes"]

Floats = NDArray[np.float64]
_BOUNDS = ("low", "mode", "high")
_RELATIVE: Final = {"share": "relative_fall", "relative_fall": "relative_fall", "relative_rise": "relative_rise"}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One episode beside a lever.

    Attributes
    ----------
    episode, response : str
        Id, and what the target did.
    observed : str
        What was observed, in words.
    measure : str
        In which both are counted; empty where the episode has no number.
    effect : tuple of three floats, or None
        Observed: low, mode, high.
    own : ndarray, shape (K,), or None
        The same of the lever.
    ratio : ndarray, shape (K,), or None
        Own over observed.
    why_not : str
        Why the two cannot be compared; empty where they can.
    """

    episode: str
    response: str
    observed: str
    measure: str
    effect: tuple[float, float, float] | None
    own: Floats | None
    ratio: Floats | None
    why_not: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BaseRate:
    """How many episodes of a kind were carried out (sanctions) of those in which it was used or only threatened.

    ``low`` and ``high`` are the 5 and 95 % points of the share under Jeffreys' prior. Episodes were found and not sampled.
    """

    used: int
    cases: int
    low: float
    high: float


def base_rate(case: Case, kind: str, sender: str | None = None) -> BaseRate:
    """Count how often a kind of lever was used when it was used or threatened.

    Examples
    --------
    >>> from mackinder.case import read_case, scaffold  # doctest: +SKIP
    >>> base_rate(read_case(scaffold("demo")), "ban_exports").used  # doctest: +SKIP
    1
    """
    table = case.table("episodes")
    mine = table["lever"].eq(kind) & table["kind"].isin(["sanction", "threat"])
    if sender is not None:
        mine &= table["sender"].map(lambda names: sender in str(names).split(";"))
    used, cases = int((table.loc[mine, "kind"] == "sanction").sum()), int(mine.sum())
    low, high = (float(beta.ppf(p, 0.5 + used, 0.5 + cases - used)) for p in (0.05, 0.95))
    return BaseRate(used=used, cases=cases, low=low, high=high)


def beside_episodes(case: Case, lever: Lever, design: Design, loss_per_tonne: Floats | None) -> tuple[Beside, ...]:
    """Put a lever beside the episodes that it names.

    Parameters
    ----------
    case : Case
    lever : Lever
    design : Design
    loss_per_tonne : ndarray, shape (K,), USD/t, or None
        Of the target's freight that the lever hits, in the model.
    """
    table = case.table("episodes").set_index("episode_id")
    return tuple(
        _beside(lever, name, dict(table.loc[name]), design, loss_per_tonne)
        for name in lever.episodes
        if name in table.index
    )


def _beside(lever: Lever, name: str, row: dict[Any, Any], design: Design, loss_per_tonne: Floats | None) -> Beside:
    bounds = tuple(float(row[f"effect_{b}"]) for b in _BOUNDS)
    known = not np.isnan(bounds[1])
    own: Floats | None = None
    why = ""
    measure = str(row["effect_measure"])
    if not known:
        why = "the episode has no size in numbers"
    elif str(row["lever"]) != lever.kind and not (measure == "usd_per_t" and loss_per_tonne is not None):
        why = f"the episode was by another means ({str(row['lever']).replace('_', ' ')})"
    else:
        own, why = _own(lever, measure, design, loss_per_tonne)
    effect = (bounds[0], bounds[1], bounds[2]) if known else None
    ratio: Floats | None = None
    if own is not None and effect is not None:
        seen = design.quantity([f"episodes/{name}/effect"], *(np.array([b]) for b in effect))[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(seen > 0, own / seen, np.nan)
    return Beside(
        episode=name, response=str(row["target_response"]), observed=str(row["observed"]), measure=measure if known else "",
        effect=effect, own=own, ratio=ratio, why_not=why,
    )  # fmt: skip


def _own(lever: Lever, measure: str, design: Design, loss_per_tonne: Floats | None) -> tuple[Floats | None, str]:
    """The lever in the measure of the episode, or why it has none."""
    size = lever.draw_size(design)
    if measure == "usd_per_t":
        if lever.unit == "usd_per_t" and lever.kind == "tariff":
            return size, ""
        return (loss_per_tonne, "") if loss_per_tonne is not None else (None, "the model has no loss per tonne of it")
    if size is None:
        return None, "no size of the lever is known"
    if measure == "price_ratio" and lever.unit in ("relative_rise", "relative_fall"):
        return (1.0 + size if lever.unit == "relative_rise" else 1.0 - size), ""
    if measure == "musd" and lever.unit in ("musd", "musd_per_year"):
        return size, ""
    if _RELATIVE.get(lever.unit) == measure and lever.kind not in (
        "flights",
        "tourism",
        "close_border",
        "deny_transit",
    ):
        return size, ""
    return None, f"the episode is measured as {measure.replace('_', ' ')}, the lever is not"
