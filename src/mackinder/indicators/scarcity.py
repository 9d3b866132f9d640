"""Scarcity: which assets are full, what that is worth, and who has the rent."""

from __future__ import annotations

import numpy as np

from mackinder.equilibrium.loading import Loading
from mackinder.indicators.measure import Label, Measure

__all__ = ["measure_scarcity"]

#: unit of the scarcity of each rule, and the indicator that holds it
_INDICATOR = {"price": "scarcity_price", "quota": "scarcity_price", "queue": "queue_hours"}


def measure_scarcity(loading: Loading) -> list[Measure]:
    """Measure the scarcity price, or the hours of queue, of every asset that is full in some draw.

    Of assets that exactly the same routes use, only the tightest can be full: it is found draw by draw, and named after
    the first of them.
    """
    network, out = loading.network, []
    rule = [network.capacity_rule[members[0]] for members in loading.limits]
    for s, state in enumerate(network.states):
        scarcity = loading.loads.scarcity[:, s]
        for indicator in sorted(set(_INDICATOR.values())):
            full = [
                i for i in np.flatnonzero(scarcity.any(axis=0)) if _INDICATOR[rule[i]] == indicator
            ]  # fmt: skip
            labels: list[Label] = [
                {
                    "scenario": state.scenario,
                    "year": state.year,
                    "asset": network.graph.assets[loading.limits[i][0]],
                    "variant": rule[i],
                }
                for i in full
            ]
            out.append(Measure.of(indicator, scarcity[:, full], labels))
    return out
