"""What is left of trade shares when foreign goods that are only sent on are taken out (convention C57)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case, sovereigns
from mackinder.case.rights import active_on
from mackinder.draws import Design
from mackinder.network.demand import draw_demand

__all__ = ["banned_shares", "reexport_factors"]

Floats = NDArray[np.float64]


def reexport_factors(
    case: Case, design: Design, senders: Sequence[str], targets: Sequence[str]
) -> dict[tuple[str, str, str], Floats]:
    """Return by how much trade shares of the base year change when re-exports are taken out.

    Own exports are what is not sent on; own imports are without what is sent on (taken from the origins that the row names, in
    proportion to what they sent) and without what the exporter itself only sent on.

    Parameters
    ----------
    case : Case
    design : Design
        Draws of the shares that are sent on; trade itself is at its central values.
    senders, targets : sequence of str

    Returns
    -------
    dict of (sender, target, indicator) to ndarray, shape (K,)
        ``export_share`` and ``import_share``; a pair without trade in the table has no entry.
    """
    flow, codes, every = _flows(case)
    kept, sent_on = _own(case, design, flow, codes, every)
    members = _members(case, codes)
    factors = {}
    for target in targets:
        here = members(target)
        for sender in senders:
            there = members(sender)
            for indicator, before, after in (
                ("export_share", flow[here], kept[:, here]),
                ("import_share", flow[:, here].swapaxes(0, 1), sent_on[:, :, here].swapaxes(1, 2)),
            ):
                was = before[:, there].sum() / before.sum() if before.sum() > 0 else 0.0
                if was > 0:
                    now = after[:, :, there].sum(axis=(1, 2, 3)) / after.sum(axis=(1, 2, 3))
                    factors[sender, target, indicator] = now / was
    return factors


def banned_shares(
    case: Case, base: Case, senders: Sequence[str], targets: Sequence[str], day: str
) -> dict[tuple[str, str, str], float]:
    """Return which part of a target's exports to a sender, and imports from it, bans of a scenario forbid on a day.

    Only bans on trade as such that the base case does not have; by value and goods class of the base year.

    Parameters
    ----------
    case, base : Case
        With and without the scenario.
    senders, targets : sequence of str
    day : str
        ISO day.

    Returns
    -------
    dict of (sender, target, indicator) to float
        ``export_share`` and ``import_share``; only what is above zero.
    """
    table = case.table("restrictions")
    fresh = ~table["restriction_id"].isin(base.table("restrictions")["restriction_id"])
    bans = table[fresh & (table["asset"] == "trade") & (table["effect"] == "deny") & active_on(table, day)]
    if bans.empty:
        return {}
    flow, codes, every = _flows(base)
    denied = np.zeros(flow.shape, dtype=bool)
    for row in bans.to_dict("records"):
        sides = [
            np.array([str(row[c]) == "*" or code in str(row[c]).split(";") for code in codes])
            for c in ("origin", "destination")
        ]
        classes = np.array([str(row["goods"]) == "*" or g in str(row["goods"]).split(";") for g in every])
        spared = [text for text in str(row["except_pairs"]).split(";") if text]
        pairs = sides[0][:, None] & sides[1][None, :]
        for i, j in np.argwhere(pairs):
            pairs[i, j] = not ({codes[i], codes[j], f"{codes[i]}>{codes[j]}"} & set(spared))
        denied |= pairs[:, :, None] & classes
    members = _members(base, codes)
    found = {}
    for target in targets:
        for sender in senders:
            out = np.ix_(members(target), members(sender))
            back = np.ix_(members(sender), members(target))
            for indicator, place in (("export_share", out), ("import_share", back)):
                whole = float(flow[place].sum())
                gone = float((flow[place] * denied[place]).sum())
                if gone > 0:
                    found[sender, target, indicator] = gone / whole
    return found


def _members(case: Case, codes: Sequence[str]) -> Callable[[str], list[int]]:
    """Return a function that says which countries an actor answers for, as positions."""
    actors = case.table("actors")
    owner = sovereigns(actors)
    union = {
        str(a): set(filter(None, str(c).split(";")))
        for a, c in zip(actors["actor_id"], actors["countries"], strict=True)
    }
    return lambda actor: [i for i, c in enumerate(codes) if owner.get(c) == actor or c in union.get(actor, set())]


def _flows(case: Case) -> tuple[Floats, list[str], tuple[str, ...]]:
    """Return trade between countries by goods at central values, USD/yr, with the codes and the goods."""
    middle = Design(seed=0, draws=1, common_share=0.0, central=True)
    goods = case.table("goods")
    freight = tuple(goods.loc[goods["is_freight"].fillna(True).astype(bool), "goods_id"])
    density = goods.set_index("goods_id").loc[list(freight), "value_usd_per_t_mode"].to_numpy(dtype=np.float64)
    demand = draw_demand(case.with_settings(reexports="with"), freight, density[None], middle)
    value, zones = demand.every_value[0], case.table("zones")
    codes = sorted(set(zones["country"]))
    place = np.array([codes.index(c) for c in zones["country"]])
    flow = np.zeros((len(codes), len(codes), value.shape[2]))
    np.add.at(flow, (place[:, None], place[None, :]), value)
    return flow, codes, demand.every


def _own(case: Case, design: Design, flow: Floats, codes: Sequence[str], every: Sequence[str]) -> tuple[Floats, Floats]:
    """Return exports of own goods, and imports for own use of the exporter's own goods, shape (K, C, C, G) each."""
    table = case.table("reexports")
    bounds = (table[f"share_{b}"].to_numpy(dtype=np.float64) for b in ("low", "mode", "high"))
    drawn = design.quantity([f"reexports/{r}" for r in table["reexport_id"]], *bounds)
    exports = np.broadcast_to(flow, (design.draws, *flow.shape)).copy()
    passing = []
    for i, row in enumerate(table.to_dict("records")):
        if row["exporter"] not in codes or row["importer"] not in codes:
            continue
        e, m = codes.index(row["exporter"]), codes.index(row["importer"])
        chosen = range(len(every)) if row["goods"] == "*" else [every.index(row["goods"])]
        for g in chosen:
            exports[:, e, m, g] = flow[e, m, g] * (1.0 - drawn[:, i])
            passing.append(
                (e, g, flow[e, m, g] * drawn[:, i], [c for c in str(row["origins"]).split(";") if c in codes])
            )
    imports = exports.copy()
    for through, g, amount, origins in passing:
        rows = [codes.index(c) for c in origins]
        supply = imports[:, rows, through, g]
        total = supply.sum(axis=1)
        part = np.divide(amount, total, out=np.zeros_like(total), where=total > 0)
        imports[:, rows, through, g] = supply * (1.0 - np.minimum(part, 1.0))[:, None]
    return exports, imports
