"""Delivered cost and days: of headline pairs, and of each country's trade."""

from __future__ import annotations

import numpy as np

from mackinder.equilibrium.loading import Loading
from mackinder.indicators.measure import Label, Measure
from mackinder.units import HOURS_PER_DAY

__all__ = ["measure_cost"]


def measure_cost(loading: Loading) -> list[Measure]:
    """Measure what it costs and how long it takes, per tonne."""
    network, loads = loading.network, loading.loads
    out = []
    for s, state in enumerate(network.states):
        here: Label = {"scenario": state.scenario, "year": state.year}
        pairs = [here | {"asset": f"{o}>{d}", "goods": g} for o, d, g in loading.watched]
        watched = loads.watched[:, s]
        tonnes = loads.trade[:, s, :, 0]
        there = np.flatnonzero((tonnes > 0).all(axis=0))
        mean = loads.delivered[:, s][:, there] / tonnes[:, there, None]
        targets = [here | {"target": network.actors[i]} for i in there]
        for i, (stem, scale) in enumerate((("cost", 1.0), ("price", 1.0), ("days", HOURS_PER_DAY))):
            out.append(Measure.of(f"pair_{stem}", watched[:, :, i] / scale, pairs))
            out.append(Measure.of(f"delivered_{stem}", mean[:, :, i] / scale, targets))
    return out
