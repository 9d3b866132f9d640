"""Welfare: one additive account of each country, from trade, fees and rents."""

from __future__ import annotations

import numpy as np

from mackinder.equilibrium.loading import Loading
from mackinder.indicators.measure import Label, Measure
from mackinder.units import USD_PER_MUSD

__all__ = ["ACCOUNT", "measure_welfare"]

#: parts of the account; they add up to ``total`` in every draw
ACCOUNT = ("trade", "fees", "rents", "total")


def measure_welfare(loading: Loading) -> list[Measure]:
    """Measure the account of each actor with a zone: real expenditure, fees and scarcity rents, USD m/yr.

    Only differences between scenarios mean anything (the level of ``trade`` is all that a country spends, at base-year
    prices). Nothing is measured if trade does not answer to costs (model ``routes`` or ``capacity``).
    """
    if loading.model != "trade":
        return []
    network, loads, out = loading.network, loading.loads, []
    spends = sorted({int(a) for a in network.zone_actor if a >= 0})
    for s, state in enumerate(network.states):
        fees, rents = loads.revenue[:, s, :, 0], loads.revenue[:, s, :, 2]
        parts = {"trade": loads.income[:, s], "fees": fees, "rents": rents}
        there = np.flatnonzero((fees + rents).any(axis=0))
        rows = sorted({*spends, *there.tolist()})
        parts["total"] = np.add(np.add(parts["trade"], fees), rents)
        for variant in ACCOUNT:
            labels: list[Label] = [
                {"scenario": state.scenario, "year": state.year, "target": network.actors[a], "variant": variant}
                for a in rows
            ]
            out.append(Measure.of("account", parts[variant][:, rows] / USD_PER_MUSD, labels))
    return out
