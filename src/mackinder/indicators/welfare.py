"""Welfare: one additive account of each country, from trade, fees, rents and capital cost; and appraisal of what is built."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mackinder.case import Case
from mackinder.equilibrium.loading import Loading
from mackinder.indicators.appraised import capital_of_states, measure_appraisal
from mackinder.indicators.measure import Label, Measure
from mackinder.units import USD_PER_MUSD

__all__ = ["ACCOUNT", "measure_welfare"]

#: parts of the account; they add up to ``total`` in every draw
ACCOUNT = ("trade", "fees", "rents", "transfers", "capital", "total")


def measure_welfare(
    loading: Loading, cases: Mapping[str, Case] | None = None, baseline: str | None = None
) -> list[Measure]:
    """Measure the account of each actor with a zone, USD m/yr: real expenditure, fees, scarcity rents, transfers, capital cost.

    Only differences between scenarios mean anything (``trade`` is real expenditure over that of the base year, grown).
    Nothing is measured if trade does not answer to costs (model ``routes`` or ``capacity``).

    Parameters
    ----------
    loading : Loading
    cases : mapping of str to Case, optional
        Case of each scenario; None: nothing is built.
    baseline : str, optional
        Scenario that projects are compared with; given if `cases` is.
    """
    if loading.model != "trade":
        return []
    network, loads, out = loading.network, loading.loads, []
    capital = {} if cases is None or baseline is None else capital_of_states(cases, network, baseline, loading.design)
    spends = sorted({int(a) for a in network.zone_actor if a >= 0})
    for s, state in enumerate(network.states):
        fees, rents = loads.revenue[:, s, :, 0], loads.revenue[:, s, :, 2]
        who = [network.actors[a] for a in sorted({*spends, *np.flatnonzero((fees + rents).any(axis=0)).tolist()})]
        built = capital.get(s)
        if built is not None:
            who = sorted({*who, *(actor for shares in built.bearers for actor in shares)})
        at = np.array([network.actors.index(a) if a in network.actors else -1 for a in who], dtype=np.int64)

        def of(values: np.ndarray, at: np.ndarray = at) -> np.ndarray:  # who pays and has nothing else is in no array
            return np.where(at >= 0, values[:, at], 0.0)

        paid = np.zeros((len(fees), len(who)))
        if built is not None:
            paid = 0.0 - np.column_stack([built.annual() @ built.shares(actor) for actor in who])
        parts = {
            "trade": of(loads.income[:, s]), "fees": of(fees), "rents": of(rents), "transfers": of(loading.transfers[:, s]),
            "capital": paid,
        }  # fmt: skip
        parts["total"] = sum(parts.values(), start=np.zeros_like(paid))
        for variant in ACCOUNT:
            labels: list[Label] = [
                {"scenario": state.scenario, "year": state.year, "target": actor, "variant": variant} for actor in who
            ]
            out.append(Measure.of("welfare_account", parts[variant] / USD_PER_MUSD, labels))
    if baseline is not None:
        gain = loads.income + loads.revenue[..., 0] + loads.revenue[..., 2]
        out += measure_appraisal(network, capital, gain, baseline, loading.design)
    return out
