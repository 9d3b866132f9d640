"""What is left of trade shares when foreign goods that are only sent on are taken out (convention C57)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case, sovereigns
from mackinder.draws import Design
from mackinder.network.demand import draw_demand

__all__ = ["reexport_factors"]

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
    middle = Design(seed=0, draws=1, common_share=design.common_share, central=True)
    goods = case.table("goods")
    freight = tuple(goods.loc[goods["is_freight"].fillna(True).astype(bool), "goods_id"])
    density = goods.set_index("goods_id").loc[list(freight), "value_usd_per_t_mode"].to_numpy(dtype=np.float64)
    demand = draw_demand(case, freight, density[None], middle)
    value, zones = demand.every_value[0], case.table("zones")
    codes = sorted(set(zones["country"]))
    place = np.array([codes.index(c) for c in zones["country"]])
    flow = np.zeros((len(codes), len(codes), value.shape[2]))
    np.add.at(flow, (place[:, None], place[None, :]), value)
    kept, sent_on = _own(case, design, flow, codes, demand.every)
    owner = sovereigns(case.table("actors"))
    union = {
        str(a): set(filter(None, str(c).split(";")))
        for a, c in zip(case.table("actors")["actor_id"], case.table("actors")["countries"], strict=True)
    }
    factors = {}
    for target in targets:
        here = [i for i, c in enumerate(codes) if owner.get(c) == target]
        for sender in senders:
            there = [i for i, c in enumerate(codes) if owner.get(c) == sender or c in union.get(sender, set())]
            for indicator, before, after in (
                ("export_share", flow[here], kept[:, here]),
                ("import_share", flow[:, here].swapaxes(0, 1), sent_on[:, :, here].swapaxes(1, 2)),
            ):
                was = before[:, there].sum() / before.sum() if before.sum() > 0 else 0.0
                if was > 0:
                    now = after[:, :, there].sum(axis=(1, 2, 3)) / after.sum(axis=(1, 2, 3))
                    factors[sender, target, indicator] = now / was
    return factors


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
