"""Demand: the trade matrix as tonnes and dollars between zones, by goods class, in every draw.

A row that names its goods gives that class alone. A row for all goods (``*``) is a total: what the rows that name their
goods account for is taken off, and the rest is shared out over the other classes by the exporter's goods shares. Tonnes are
value over value density unless the row gives them. Country flows are then shared out over zones: by `zone_shares` where the
country has rows for the partner or the goods, by the trade shares of its zones elsewhere (conventions C41, C42, C55, C56).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.network.sent_on import left_of_trade
from mackinder.units import TONNES_PER_KT, USD_PER_MUSD

__all__ = ["Demand", "distinct_demand", "draw_demand"]

_ALL = "*"
#: tables that decide demand
_TABLES = ("trade", "goods_shares", "zones", "zone_shares")
_BOUNDS = ("low", "mode", "high")

Array = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Demand in every draw; K draws, Z zones, G freight classes.

    Attributes
    ----------
    tonnes : ndarray, shape (K, Z, Z, G), t/yr
    value : ndarray, shape (K, Z, Z, G), USD/yr
    every_value : ndarray, shape (K, Z, Z, all goods), USD/yr
        Trade that does not move over the network included.
    every : tuple of str
        Goods of the last axis of `every_value`.
    """

    tonnes: Array
    value: Array
    every_value: Array
    every: tuple[str, ...]


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
        Trade inside a country is there only where a row names two zones. Goods that are only sent on are left out if the
        settings of the case say so (convention C141).
    """
    zones, table = case.table("zones"), case.table("goods")
    every = list(table["goods_id"])
    freight = np.array([every.index(g) for g in goods], dtype=int)
    unit_value = np.full((design.draws, len(every)), np.nan)
    unit_value[:, freight] = density
    trade = case.table("trade")
    trade = trade[trade["zero"] == ""].reset_index(drop=True)
    value, mass = _amounts(trade, every, unit_value, _goods_split(case, every, design), zones, design)
    split = _zone_split(case, design, every)
    out_value, out_mass = (np.zeros((design.draws, len(zones), len(zones), len(every))) for _ in range(2))
    for i, (exporter, importer) in enumerate(zip(trade["exporter"], trade["importer"], strict=True)):
        usd, tonnes = value[:, i], mass[:, i]
        sinks = split.of(importer, "import", exporter)
        for o, w_o in split.of(exporter, "export", importer).items():
            for d, w_d in sinks.items():
                if o != d:
                    part = w_o * w_d
                    out_value[:, o, d] += usd * part
                    out_mass[:, o, d] += tonnes * part
    if case.settings.reexports == "without":
        left = left_of_trade(case, every, out_value, design)
        out_value, out_mass = out_value * left, out_mass * left
    return Demand(
        tonnes=out_mass[..., freight], value=out_value[..., freight], every_value=out_value, every=tuple(every)
    )


def distinct_demand(cases: Sequence[Case]) -> tuple[NDArray[np.int64], list[Case]]:
    """Number the different demands of several cases of equal settings: most scenarios move no trade of the base year.

    Parameters
    ----------
    cases : sequence of Case

    Returns
    -------
    ndarray of int64, shape (cases,)
        Number of each case's demand.
    list of Case
        A case that holds each.
    """
    held: list[Case] = []
    which = []
    for case in cases:
        number = next((i for i, other in enumerate(held) if _alike(case, other)), len(held))
        if number == len(held):
            held.append(case)
        which.append(number)
    return np.array(which, dtype=np.int64), held


def _alike(one: Case, other: Case) -> bool:
    return one is other or all(one.table(name).equals(other.table(name)) for name in _TABLES)


def _interval(frame: pd.DataFrame, column: str) -> tuple[Array, Array, Array]:
    low, mode, high = (frame[f"{column}_{bound}"].to_numpy(float) for bound in _BOUNDS)
    return low, mode, high


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _ZoneSplit:
    """Weights of zones in a country's trade.

    `usual` by country, `special` by country, direction, partner and goods; then by zone, each of shape (K,). `found` keeps
    answers by trader, direction and partner.
    """

    goods: Sequence[str]
    home: dict[str, str]
    index: dict[str, int]
    usual: dict[str, dict[int, Array]]
    special: dict[tuple[str, str, str, str], dict[int, Array]]
    found: dict[tuple[str, str, str], dict[int, Array]]

    def of(self, trader: str, direction: str, partner: str) -> dict[int, Array]:
        """Weights of the trader's zones, each of shape (K, G), or (K, 1) or (1, 1) if they do not differ."""
        if trader in self.index:
            return {self.index[trader]: np.ones((1, 1))}
        key = (trader, direction, self.home.get(partner, partner))
        if key not in self.found:
            self.found[key] = self._weights(*key)
        return self.found[key]

    def _weights(self, trader: str, direction: str, partner: str) -> dict[int, Array]:
        usual = self.usual[trader]
        sets = [self._set(trader, direction, partner, g) for g in self.goods]
        if all(chosen is usual for chosen in sets):
            return {zone: weight[:, None] for zone, weight in usual.items()}
        none = np.zeros_like(next(iter(usual.values())))
        return {zone: np.column_stack([chosen.get(zone, none) for chosen in sets]) for zone in usual}

    def _set(self, trader: str, direction: str, partner: str, goods: str) -> dict[int, Array]:
        """The most specific set of weights: for partner and goods, else the partner, else the goods, else all."""
        for key in ((partner, goods), (partner, _ALL), (_ALL, goods), (_ALL, _ALL)):
            if (trader, direction, *key) in self.special:
                return self.special[trader, direction, *key]
        return self.usual[trader]


def _zone_split(case: Case, design: Design, goods: Sequence[str]) -> _ZoneSplit:
    """Draw the weights of zones; those of each country, and of each set of `zone_shares`, add up to one."""
    zones, table = case.table("zones"), case.table("zone_shares")
    index = {str(zone): i for i, zone in enumerate(zones["zone_id"])}
    home = dict(zip(zones["zone_id"], zones["country"], strict=True))
    usual: dict[str, dict[int, Array]] = {}
    special: dict[tuple[str, str, str, str], dict[int, Array]] = {}
    for country, group in zones.groupby("country"):
        keys = [f"zones/{zone}/trade_share" for zone in group["zone_id"]]
        drawn = design.shares(keys, *_interval(group, "trade_share"))
        usual[str(country)] = {int(z): drawn[:, i] for i, z in enumerate(group.index)}
    owner = table["zone"].map(home).rename("country")
    for key, group in table.groupby([owner, "direction", "partner", "goods"]):
        of, direction, partner, good = (str(part) for part in key)
        drawn = design.shares([f"zone_shares/{i}" for i in group["zone_share_id"]], *_interval(group, "share"))
        weights = {index[str(zone)]: drawn[:, i] for i, zone in enumerate(group["zone"])}
        for one in ("export", "import") if direction == "both" else (direction,):
            special[of, one, partner, good] = weights
    return _ZoneSplit(goods=goods, home=home, index=index, usual=usual, special=special, found={})


def _goods_split(case: Case, every: list[str], design: Design) -> dict[tuple[str, str], Array]:
    """Goods shares of trade, shape (K, all goods), by country codes of exporter and importer; ``*`` for all others."""
    shares = {}
    for (exporter, importer), group in case.table("goods_shares").groupby(["exporter", "importer"]):
        drawn = design.shares([f"goods_shares/{i}" for i in group["goods_share_id"]], *_interval(group, "share"))
        full = np.zeros((design.draws, len(every)))
        full[:, [every.index(g) for g in group["goods"]]] = drawn
        shares[str(exporter), str(importer)] = full
    return shares


def _amounts(
    trade: pd.DataFrame,
    every: list[str],
    unit_value: Array,
    shares: dict[tuple[str, str], Array],
    zones: pd.DataFrame,
    design: Design,
) -> tuple[Array, Array]:
    """Value (USD/yr) and tonnes (t/yr) of each row by goods class, each of shape (K, rows, all goods)."""
    country = dict(zip(zones["zone_id"], zones["country"], strict=True))
    in_usd, in_tonnes = (trade[f"{column}_mode"].notna().to_numpy() for column in ("value_musd", "quantity_kt"))
    keys = [f"trade/{i}" for i in trade["trade_id"]]
    usd = design.quantity(keys, *_interval(trade, "value_musd")) * USD_PER_MUSD
    keys = [f"{key}/quantity" if both else key for key, both in zip(keys, in_usd & in_tonnes, strict=True)]
    tonnes = design.quantity(keys, *_interval(trade, "quantity_kt")) * TONNES_PER_KT
    density = np.nan_to_num(unit_value)  # goods that are not freight have no tonnes here
    value, mass = (np.zeros((design.draws, len(trade), len(every))) for _ in range(2))
    dyad = list(zip(trade["exporter"], trade["importer"], strict=True))
    named: dict[tuple[str, str], list[int]] = {}
    for i, goods in enumerate(trade["goods"]):
        if goods != _ALL:
            g = every.index(goods)
            value[:, i, g] = usd[:, i] if in_usd[i] else tonnes[:, i] * density[:, g]
            mass[:, i, g] = tonnes[:, i] if in_tonnes[i] else np.nan_to_num(usd[:, i] / unit_value[:, g])
            named.setdefault(dyad[i], []).append(i)
    for i, goods in enumerate(trade["goods"]):
        if goods != _ALL:
            continue
        exporter, importer = (country.get(end, end) for end in dyad[i])
        pairs = ((exporter, importer), (exporter, _ALL), (_ALL, importer), (_ALL, _ALL))
        share = shares[next(pair for pair in pairs if pair in shares)].copy()
        taken = named.get(dyad[i], [])
        share[:, [every.index(trade["goods"].iloc[n]) for n in taken]] = 0.0
        if in_usd[i]:
            value[:, i] = _rest(usd[:, i], value[:, taken]) * _normalised(share)
            mass[:, i] = np.nan_to_num(value[:, i] / unit_value)
            if in_tonnes[i]:
                mass[:, i] = _rest(tonnes[:, i], mass[:, taken]) * _normalised(mass[:, i])
        else:
            mass[:, i] = _rest(tonnes[:, i], mass[:, taken]) * _normalised(np.nan_to_num(share / unit_value))
            value[:, i] = mass[:, i] * density
    return value, mass


def _rest(total: Array, named: Array) -> Array:
    """What the rows that name their goods leave of a total, shape (K, 1)."""
    left: Array = np.maximum(total - named.sum(axis=(1, 2)), 0.0)
    return left[:, None]


def _normalised(weights: Array) -> Array:
    total = weights.sum(axis=1, keepdims=True)
    shares: Array = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    return shares
