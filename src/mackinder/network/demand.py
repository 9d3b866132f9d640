"""Demand: the trade matrix as tonnes and dollars between zones, by goods class, in every draw.

A row that names its goods gives that class alone. A row for all goods (``*``) is a total: what the rows that name their
goods account for is taken off, and the rest is shared out over the other classes by the exporter's goods shares. Country
flows are then shared out over zones by their trade shares.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.units import TONNES_PER_KT, USD_PER_MUSD

__all__ = ["Demand", "draw_demand"]

_ALL = "*"
_BOUNDS = ("low", "mode", "high")

Array = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Demand in every draw; K draws, Z zones, G freight classes.

    Attributes
    ----------
    tonnes : ndarray, shape (K, Z, Z, G), t/yr
    value : ndarray, shape (K, Z, Z, G), USD/yr
    """

    tonnes: Array
    value: Array


def draw_demand(case: Case, goods: Sequence[str], density: Array, design: Design) -> Demand:
    """Draw the demand of the base year.

    Parameters
    ----------
    case : Case
    goods : sequence of str
        Freight classes, in the order of the last axis.
    density : ndarray, shape (K, G), USD/t
        Value density of the freight classes in every draw.
    design : Design
        Draws of trade values, goods shares and zone shares.

    Returns
    -------
    Demand
        Trade inside a country is there only where a row names two zones.
    """
    zones, table = case.table("zones"), case.table("goods")
    every = list(table["goods_id"])
    freight = np.array([every.index(g) for g in goods], dtype=int)
    unit_value = np.full((design.draws, len(every)), np.nan)
    unit_value[:, freight] = density
    trade = case.table("trade")
    trade = trade[trade["zero"] == ""].reset_index(drop=True)
    value = _value_by_goods(trade, every, unit_value, _exporter_shares(case, every, design), zones, design)
    weight = _zone_weights(zones, design)
    out = np.zeros((design.draws, len(zones), len(zones), len(goods)))
    for i, (exporter, importer) in enumerate(zip(trade["exporter"], trade["importer"], strict=True)):
        flow = value[:, i, :][:, freight]
        for o, w_o in weight[exporter].items():
            for d, w_d in weight[importer].items():
                if o != d:
                    out[:, o, d] += flow * (w_o * w_d)[:, None]
    return Demand(tonnes=out / density[:, None, None, :], value=out)


def _interval(frame: pd.DataFrame, column: str) -> tuple[Array, Array, Array]:
    low, mode, high = (frame[f"{column}_{bound}"].to_numpy(float) for bound in _BOUNDS)
    return low, mode, high


def _zone_weights(zones: pd.DataFrame, design: Design) -> dict[str, dict[int, Array]]:
    """Weights of zones in a country's trade, by country code and (weight one) by zone id; each of shape (K,)."""
    weight: dict[str, dict[int, Array]] = {}
    for country, group in zones.groupby("country"):
        keys = [f"zones/{zone}/trade_share" for zone in group["zone_id"]]
        drawn = design.shares(keys, *_interval(group, "trade_share"))
        weight[str(country)] = {int(z): drawn[:, i] for i, z in enumerate(group.index)}
    one = np.ones(design.draws)
    return weight | {str(zone): {i: one} for i, zone in enumerate(zones["zone_id"])}


def _exporter_shares(case: Case, every: list[str], design: Design) -> dict[str, Array]:
    """Goods shares of each exporter's trade, shape (K, all goods), by country code; ``*`` for all others."""
    shares = {}
    for exporter, group in case.table("goods_shares").groupby("exporter"):
        drawn = design.shares([f"goods_shares/{i}" for i in group["goods_share_id"]], *_interval(group, "share"))
        full = np.zeros((design.draws, len(every)))
        full[:, [every.index(g) for g in group["goods"]]] = drawn
        shares[str(exporter)] = full
    return shares


def _value_by_goods(
    trade: pd.DataFrame,
    every: list[str],
    unit_value: Array,
    shares: dict[str, Array],
    zones: pd.DataFrame,
    design: Design,
) -> Array:
    """Value of each row by goods class, shape (K, rows, all goods), USD/yr."""
    country = dict(zip(zones["zone_id"], zones["country"], strict=True))
    by_tonnes = trade["value_musd_mode"].isna().to_numpy()
    keys = [f"trade/{i}" for i in trade["trade_id"]]
    bounds = [
        np.where(by_tonnes, kt, usd)
        for kt, usd in zip(_interval(trade, "quantity_kt"), _interval(trade, "value_musd"), strict=True)
    ]
    amount = design.quantity(keys, *bounds) * np.where(by_tonnes, TONNES_PER_KT, USD_PER_MUSD)
    value = np.zeros((design.draws, len(trade), len(every)))
    dyad = list(zip(trade["exporter"], trade["importer"], strict=True))
    named: dict[tuple[str, str], list[int]] = {}
    for i, goods in enumerate(trade["goods"]):
        if goods != _ALL:
            g = every.index(goods)
            value[:, i, g] = amount[:, i] * (unit_value[:, g] if by_tonnes[i] else 1.0)
            named.setdefault(dyad[i], []).append(i)
    for i, goods in enumerate(trade["goods"]):
        if goods != _ALL:
            continue
        exporter = dyad[i][0]
        share = shares.get(country.get(exporter, exporter), shares[_ALL]).copy()
        taken = named.get(dyad[i], [])
        share[:, [every.index(trade["goods"].iloc[n]) for n in taken]] = 0.0
        if by_tonnes[i]:
            tonnes = np.nan_to_num(share / unit_value)  # goods that are not freight have no tonnes here
            value[:, i] = amount[:, [i]] * _normalised(tonnes) * np.nan_to_num(unit_value)
        else:
            rest = np.maximum(amount[:, i] - value[:, taken].sum(axis=(1, 2)), 0.0)
            value[:, i] = rest[:, None] * _normalised(share)
    return value


def _normalised(weights: Array) -> Array:
    total = weights.sum(axis=1, keepdims=True)
    shares: Array = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    return shares
