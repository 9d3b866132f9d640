"""Levers off freight: stated formulas on cited rows, or what is known without a money value (convention C93)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.conduits import open_conduits
from mackinder.draws import Design
from mackinder.indicators.levers import Lever, countries_of
from mackinder.network.network import day_of
from mackinder.units import USD_PER_MUSD

__all__ = ["Money", "money_of"]

Floats = NDArray[np.float64]
_BOUNDS = ("low", "mode", "high")
_GAS_GOODS: Final = "energy_pipeline"
_USD_PER_BCM_PRICE: Final = 1e6  # 1 USD per 1,000 m3 on 1 bcm
#: what a sum of money is, by kind; the money moved is not always what the target gains
_SUMS: Final = {
    "aid": "the grant itself",
    "loan": "the sum lent; what it is worth to the target, below the sum, is not known",
    "investment": "the sum put in, not its yield",
    "arms_supply": "what was paid for and not delivered",
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Worth of a lever a year while it is kept up.

    Attributes
    ----------
    short, long : ndarray, shape (K,), USD/yr, or None
        Harm or gain of the target before and after it can turn elsewhere; None: no money value.
    cost : ndarray, shape (K,), USD/yr, or None
        Of the sender; negative where it earns. None: known in words only.
    rule : str
        The formula and its rows; or what is known instead.
    """

    short: Floats | None
    long: Floats | None
    cost: Floats | None
    rule: str


def money_of(case: Case, lever: Lever, year: int, design: Design) -> Money:
    """Value a lever that does not run through freight.

    Parameters
    ----------
    case : Case
        With the scenario applied: ties that it scales are scaled.
    lever : Lever
    year : int
    design : Design
    """
    size = lever.draw_size(design)
    if lever.kind in ("gas_price", "gas_volume"):
        return _gas(case, lever, year, design, size)
    if lever.kind in ("remittances", "migrants"):
        return _remittances(case, lever, year, design, size)
    if lever.kind in ("flights", "tourism"):
        return _visitors(case, lever, year, size)
    if lever.kind in ("grain_supply", "fuel_supply"):
        return _saving(case, lever, design, size)
    if lever.unit in ("musd", "musd_per_year") and size is not None:
        usd = size * USD_PER_MUSD
        if lever.unit == "musd" and lever.years is not None:
            years = np.maximum(_interval(design, f"levers/{lever.lever_id}/duration_years", lever.years), 1.0)
            usd = usd / years
        spread = "spread over its years" if lever.unit == "musd" else "a year"
        cost = usd if not lever.harms else -usd
        what = _SUMS.get(lever.kind, "the sum itself")
        return Money(short=usd, long=usd, cost=cost, rule=f"the sum of the table, {spread}: {what}")
    if lever.kind == "nuclear_fuel":
        return _unknown(
            _known(case, lever, year, "power_share", "of the target's power is made in a plant that the sender fuels")
        )
    return _unknown(lever.ground or "only that it can be done")


def _unknown(known: str) -> Money:
    return Money(short=None, long=None, cost=None, rule=f"no money value: what is known is: {known}")


def _interval(design: Design, key: str, bounds: Sequence[float]) -> Floats:
    return np.asarray(design.quantity([key], *(np.array([x]) for x in bounds))[:, 0])


def _tie(case: Case, lever: Lever, indicator: str, year: int) -> pd.Series | None:
    """Return the newest row of a tie of sender and target by the year, or None."""
    ties = case.table("ties")
    mine = (ties["sender"] == lever.sender) & (ties["target"] == lever.target) & (ties["indicator"] == indicator)
    rows = ties[mine & (ties["starts_on"] <= day_of(year))]
    return None if rows.empty else rows.sort_values(["starts_on", "tie_id"]).iloc[-1]


def _drawn_tie(row: pd.Series, design: Design) -> Floats:
    return _interval(design, f"ties/{row['tie_id']}/value", tuple(float(row[f"value_{b}"]) for b in _BOUNDS))


def _known(case: Case, lever: Lever, year: int, indicator: str, words: str) -> str:
    row = _tie(case, lever, indicator, year)
    if row is None:
        return lever.ground or "only that it can be done"
    return f"{row['value_mode']:.0%} {words} ({row['tie_id']}, {row['starts_on'][:4]})"


def _gas_volume(case: Case, lever: Lever, year: int, design: Design) -> tuple[Floats | None, str]:
    """Gas that the target takes from the sender, bcm/yr: ties first, else the flow of the conduit."""
    row = _tie(case, lever, "gas_import", year)
    if row is not None:
        return _drawn_tie(row, design), str(row["tie_id"])
    conduits = case.table("conduits").set_index("conduit_id")
    for name in lever.conduits:
        bounds = tuple(float(str(conduits.loc[name, f"flow_{b}"])) for b in _BOUNDS)
        to_target = str(conduits.loc[name, "to_country"]) in countries_of(case, lever.target)
        if not np.isnan(bounds[1]) and to_target and conduits.loc[name, "flow_unit"] == "bcm/yr":
            return _interval(design, f"conduits/{name}/flow", bounds), name
    return None, ""


def _spare(case: Case, lever: Lever, year: int, design: Design) -> tuple[Floats, list[str]]:
    """Room in other gas lines that end in the target and cross no ground of the sender, bcm/yr."""
    table = case.table("conduits")
    table = table[open_conduits(table, day_of(year)) & (table["kind"] == "gas").to_numpy(bool)]
    own, sender = countries_of(case, lever.target), countries_of(case, lever.sender)
    room, names = np.zeros(design.draws), []
    for row in table.to_dict("records"):
        ground = str(row["territory"]).split(";")
        if row["conduit_id"] in lever.conduits or row["to_country"] not in own or set(ground) & set(sender):
            continue
        capacity, flow = (tuple(float(row[f"{stem}_{b}"]) for b in _BOUNDS) for stem in ("capacity", "flow"))
        if np.isnan(capacity[1]) or np.isnan(flow[1]):
            continue
        held = _interval(design, f"conduits/{row['conduit_id']}/capacity", capacity)
        used = _interval(design, f"conduits/{row['conduit_id']}/flow", flow)
        room += np.maximum(held - used, 0.0)
        names.append(str(row["conduit_id"]))
    return room, names


def _gas(case: Case, lever: Lever, year: int, design: Design, size: Floats | None) -> Money:
    if size is None:
        return _unknown(lever.ground)
    volume, volume_row = _gas_volume(case, lever, year, design)
    price = _tie(case, lever, "gas_price", year)
    if volume is None or price is None:
        return _gas_trade(case, lever, design, size)
    bill = _drawn_tie(price, design) * volume * _USD_PER_BCM_PRICE
    rows = f"{price['tie_id']} (price) and {volume_row} (volume)"
    if lever.kind == "gas_price":
        change = bill * size
        if not lever.harms:
            return Money(short=change, long=change, cost=change, rule=f"price x volume x fall: {rows}")
        room, names = _spare(case, lever, year, design)
        kept = 1.0 - np.minimum(room / volume, 1.0)
        dearness = design.normal(f"levers/{lever.lever_id}/dearness-of-others")
        part = np.clip(0.5 + dearness / 3.29, 0.0, 1.0)  # anywhere between the old price and the new one
        long = change * (kept + (1.0 - kept) * part)
        cost = -change
        other = ", ".join(names) or "no other line"
        rule = (
            f"price x volume x rise: {rows}, passed on whole; in the long run what {other} could carry costs something "
            f"between the old price and the new one. The sender earns it"
        )
        return Money(short=change, long=long, cost=cost, rule=rule)
    if not lever.harms:
        return Money(
            short=bill * size, long=bill * size, cost=None, rule=f"sales, not gain: price x volume x rise: {rows}"
        )
    room, names = _spare(case, lever, year, design)
    lost = volume * size
    gone = np.maximum(lost - room, 0.0) / volume
    other = ", ".join(names) or "no other line"
    rule = (
        f"price x volume cut: {rows}; at least this, since whoever buys gas values it at its price or more; in the long run "
        f"only what {other} cannot carry. The sender loses the sales"
    )
    return Money(short=bill * size, long=bill * gone, cost=bill * size, rule=rule)


def _gas_trade(case: Case, lever: Lever, design: Design, size: Floats) -> Money:
    """Without price or volume: the value of piped energy in the trade table."""
    trade, goods = case.table("trade"), _GAS_GOODS
    codes = (countries_of(case, lever.sender), countries_of(case, lever.target))
    rows = pd.concat(
        [
            trade[trade["exporter"].isin(a) & trade["importer"].isin(b) & trade["goods"].eq(goods)]
            for a, b in (codes, codes[::-1])
        ]
    )
    if rows.empty:
        return _unknown(lever.ground)
    value = sum(
        (_interval(design, f"trade/{r['trade_id']}/value_musd", tuple(float(r[f"value_musd_{b}"]) for b in _BOUNDS))
         for r in rows.to_dict("records")),
        np.zeros(design.draws),
    )  # fmt: skip
    moved = value * USD_PER_MUSD * size
    sells = bool(rows["exporter"].isin(codes[1]).any())
    rule = f"value of piped energy between the two in the trade table ({len(rows)} rows), times the change"
    if not lever.harms:
        return Money(short=moved, long=moved, cost=None, rule=f"{rule}: {'sales' if sells else 'purchases'}, not gain")
    return Money(short=moved, long=moved, cost=-moved if lever.kind == "gas_price" else moved, rule=rule)


def _remittances(case: Case, lever: Lever, year: int, design: Design, size: Floats | None) -> Money:
    row = _tie(case, lever, "remittances", year)
    table = case.table("remittances")
    codes = countries_of(case, lever.sender), countries_of(case, lever.target)
    table = table[table["payer"].isin(codes[0]) & table["recipient"].isin(codes[1])]
    if size is None or (row is None and table.empty):
        return _unknown(lever.ground)
    if row is not None and (table.empty or str(row["starts_on"])[:4] >= str(table["year"].iloc[0])):
        sent, name = _drawn_tie(row, design), str(row["tie_id"])
    else:
        first = table.iloc[0]
        bounds = tuple(float(first[f"value_musd_{b}"]) for b in _BOUNDS)
        sent, name = (
            _interval(design, f"remittances/{first['remittance_id']}/value_musd", bounds),
            str(first["remittance_id"]),
        )
    lost = sent * USD_PER_MUSD * size
    whose = (
        "workers sent home send nothing"
        if lever.kind == "migrants"
        else "the part that is cut does not come by another way"
    )
    return Money(short=lost, long=lost, cost=None, rule=f"transfers of persons ({name}) x share: {whose}")


def _visitors(case: Case, lever: Lever, year: int, size: Floats | None) -> Money:
    known = _known(case, lever, year, "visitor_share", "of the target's visitors come from the sender")
    if size is not None and lever.size is not None:
        known += f", and {lever.size[1]:.0%} ({lever.size[0]:.0%} to {lever.size[2]:.0%}) of them would be kept away"
    return _unknown(f"{known}; what a visitor spends is in no table")


def _saving(case: Case, lever: Lever, design: Design, size: Floats | None) -> Money:
    """Part of imports that the sender could serve, times what a tonne was observed to be cheaper in the episode named."""
    episodes = case.table("episodes").set_index("episode_id")
    found = [e for e in lever.episodes if e in episodes.index and episodes.loc[e, "effect_measure"] == "usd_per_t"]
    goods = case.table("goods").set_index("goods_id")
    trade = case.table("trade")
    rows = trade[trade["importer"].isin(countries_of(case, lever.target)) & trade["goods"].isin(lever.goods)]
    if size is None or not found or rows.empty:
        return _unknown(lever.ground)
    episode = found[0]
    cheaper = _interval(
        design, f"episodes/{episode}/effect", tuple(float(str(episodes.loc[episode, f"effect_{b}"])) for b in _BOUNDS)
    )  # fmt: skip
    tonnes = np.zeros(design.draws)
    for row in rows.to_dict("records"):
        value = _interval(
            design, f"trade/{row['trade_id']}/value_musd", tuple(float(row[f"value_musd_{b}"]) for b in _BOUNDS)
        )
        density = float(str(goods.loc[row["goods"], "value_usd_per_t_mode"]))
        tonnes += value * USD_PER_MUSD / density
    gain = tonnes * size * cheaper
    rule = f"imports of the target in tonnes x part served x what a tonne was cheaper in {episode}"
    return Money(short=gain, long=gain, cost=None, rule=rule)
