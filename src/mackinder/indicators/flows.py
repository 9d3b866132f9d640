"""Flows: what moves, over which corridor and which link."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mackinder.equilibrium.loading import Loading
from mackinder.indicators.measure import Label, Measure
from mackinder.units import TONNES_PER_MT, USD_PER_MUSD

__all__ = ["link_flows", "measure_flows", "repeat_flows"]


def measure_flows(loading: Loading) -> list[Measure]:
    """Measure flows by corridor (and goods), and each country's freight, served and not."""
    network, loads = loading.network, loading.loads
    out = []
    for s, state in enumerate(network.states):
        here: Label = {"scenario": state.scenario, "year": state.year}
        by_goods = loads.corridor[:, s] / TONNES_PER_MT
        out.append(Measure.of("corridor_flow", by_goods.sum(axis=2), [here | {"asset": c} for c in network.corridors]))
        flows = by_goods.reshape(len(by_goods), -1)
        labels = [here | {"asset": c, "goods": g} for c in network.corridors for g in network.goods]
        moved = np.flatnonzero(flows.any(axis=0))
        out.append(Measure.of("corridor_flow", flows[:, moved], [labels[i] for i in moved]))
        for indicator, tonnes in (("trade_tonnes", loads.trade[:, s, :, 0]), ("unserved_tonnes", loads.unserved[:, s])):
            there = np.flatnonzero(tonnes.any(axis=0))
            labels = [here | {"target": network.actors[i]} for i in there]
            out.append(Measure.of(indicator, tonnes[:, there] / TONNES_PER_MT, labels))
    return out


def link_flows(loading: Loading) -> pd.DataFrame:
    """Return the flow of each link in each state, the rows of ``flows.parquet``.

    Returns
    -------
    DataFrame
        scenario, year, link, quantity_mt (median), quantity_mt_low, quantity_mt_high, value_musd (median); links without
        flow in any draw are left out.
    """
    network, loads = loading.network, loading.loads
    frames = []
    for s, state in enumerate(network.states):
        tonnes = loads.asset_tonnes[:, s, : network.graph.n_links] / TONNES_PER_MT
        value = loads.asset_value[:, s, : network.graph.n_links] / USD_PER_MUSD
        moved = np.flatnonzero(tonnes.any(axis=0))
        middle, low, high = np.quantile(tonnes[:, moved], [0.5, 0.05, 0.95], axis=0)
        frames.append(
            pd.DataFrame({
                "scenario": state.scenario,
                "year": state.year,
                "link": [network.graph.assets[i] for i in moved],
                "quantity_mt": middle,
                "quantity_mt_low": low,
                "quantity_mt_high": high,
                "value_musd": np.median(value[:, moved], axis=0),
            })
        )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def repeat_flows(flows: pd.DataFrame, same: Sequence[Sequence[tuple[str, int]]]) -> pd.DataFrame:
    """Give the flows of a state to every (scenario, year) that it stands for; sorted by scenario, year and link."""
    parts = [flows]
    for first, *others in same:
        mine = flows[(flows["scenario"] == first[0]) & (flows["year"] == first[1])]
        parts += [mine.assign(scenario=scenario, year=year) for scenario, year in others]
    return pd.concat(parts).sort_values(["scenario", "year", "link"], ignore_index=True)
