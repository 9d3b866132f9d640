"""Control: of each country's trade by each actor, as the other end (partner) or in between (transit), never added up.

Exposure, captive share and closure cost answer different questions and are not merged into a score (conventions, C28
to C31).
"""

from __future__ import annotations

import numpy as np

from mackinder.equilibrium.loading import Loading
from mackinder.indicators.measure import Measure
from mackinder.units import USD_PER_MUSD

__all__ = ["measure_control"]

_KINDS = ("partner", "transit")
_UNITS = ("tonnes", "value")


def measure_control(loading: Loading) -> list[Measure]:
    """Measure exposure, captive share and closure cost of every target by every actor that touches its trade."""
    network, loads = loading.network, loading.loads
    out = []
    for s, state in enumerate(network.states):
        touched = np.argwhere((loads.exposure[:, s] > 0).any(axis=(0, 4)))  # rows: target, actor, kind
        target, actor, kind = touched.T
        labels = [
            {
                "scenario": state.scenario,
                "year": state.year,
                "target": network.actors[t],
                "actor": network.actors[a],
                "variant": _KINDS[k],
            }
            for t, a, k in touched
        ]
        for u, unit in enumerate(_UNITS):
            trade = loads.trade[:, s][:, target, u]
            for stem, amount in (("exposure", loads.exposure), ("captive", loads.captive)):
                share = amount[:, s][:, target, actor, kind, u] / trade
                out.append(Measure.of(f"{stem}_{unit}", share, labels))
        out.append(Measure.of("closure_cost", loads.closure[:, s][:, target, actor, kind] / USD_PER_MUSD, labels))
    return out
