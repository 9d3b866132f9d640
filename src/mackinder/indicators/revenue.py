"""Revenue: what actors earn from trade that passes through."""

from __future__ import annotations

import numpy as np

from mackinder.equilibrium.loading import Loading
from mackinder.indicators.measure import Label, Measure
from mackinder.units import USD_PER_MUSD

__all__ = ["measure_revenue"]


def measure_revenue(loading: Loading) -> list[Measure]:
    """Measure transit fees, gross transit haulage and scarcity rents by actor."""
    network, out = loading.network, []
    for s, state in enumerate(network.states):
        for i, indicator in enumerate(("transit_fees", "transit_haulage", "scarcity_rents")):
            money = loading.loads.revenue[:, s, :, i] / USD_PER_MUSD
            there = np.flatnonzero(money.any(axis=0))
            labels: list[Label] = [
                {"scenario": state.scenario, "year": state.year, "actor": network.actors[a]} for a in there
            ]
            out.append(Measure.of(indicator, money[:, there], labels))
    return out
