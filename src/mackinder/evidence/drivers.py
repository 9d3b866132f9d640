"""Which inputs a number goes with over draws: rank correlation with the keyed scores that made the draws (convention C124)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.draws import Design

__all__ = ["find_drivers"]

Floats = NDArray[np.float64]
_GOODS = (
    "value_usd_per_t", "value_of_time_usd_per_t_day", "route_dispersion_t_per_usd", "trade_elasticity"
)  # fmt: skip
_WORDS = {
    "value_usd_per_t": "value density", "value_of_time_usd_per_t_day": "value of time",
    "route_dispersion_t_per_usd": "dispersion of route choice", "trade_elasticity": "trade elasticity",
}  # fmt: skip
#: inputs named at most
_MOST = 3


def find_drivers(case: Case, *, seed: int, draws: int) -> Callable[[Floats], Sequence[str]]:
    """Return a function from a number in each draw to the inputs that it goes with, strongest first.

    Looked at are the factors that costs and times of one country and mode share, the properties of goods and the growth of
    demand. An input counts if its rank correlation could come by chance in one case of a hundred for all looked at together.
    """
    design = Design(seed=seed, draws=draws, common_share=case.settings.common_share)
    names: dict[str, str] = {"settings/demand_growth_per_year": "growth of demand"}
    links = case.table("links")
    where = links["territory"].str.split(";").str[0].where(links["territory"] != "", "XXX")
    for group in sorted(set(where + "/" + links["mode"])):
        country, mode = group.split("/")
        place = "at sea" if country == "XXX" else f"in {country}"
        names[f"common/{group}/cost"] = f"cost by {mode} {place}"
        names[f"common/{group}/time"] = f"time by {mode} {place}"
    for goods in case.table("goods")["goods_id"]:
        for column in _GOODS:
            names[f"goods/{goods}/{column}"] = f"{_WORDS[column]} of {goods}"
    ranks = np.stack([_ranks(design.normal(key)) for key in names], axis=1)

    def drivers(values: Floats) -> list[str]:
        if not np.isfinite(values).all() or np.ptp(values) == 0:
            return []
        rank = _ranks(values)
        strength = ranks.T @ rank / np.sqrt((ranks**2).sum(axis=0) * (rank @ rank))
        bound = _bound(draws, len(names))
        order = np.argsort(-np.abs(strength), kind="stable")[:_MOST]
        labels = list(names.values())
        return [f"{labels[i]} (rank correlation {strength[i]:+.2f})" for i in order if abs(strength[i]) >= bound]

    return drivers


def _ranks(values: Floats) -> Floats:
    rank = np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(np.float64)
    return np.asarray(rank - rank.mean())


def _bound(draws: int, inputs: int) -> float:
    """Rank correlation beyond which pure chance lies with one in a hundred over all inputs (normal approximation)."""
    from scipy.special import ndtri

    return float(min(ndtri(1 - 0.005 / inputs) / np.sqrt(max(draws - 1, 1)), 1.0))
