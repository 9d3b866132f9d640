"""Money that persons send home, as scenarios change it: transfers between zones beside the deficits of the base year."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case, sovereigns
from mackinder.draws import Design
from mackinder.kernels.economy import Economy
from mackinder.network.network import day_of
from mackinder.network.persons import newest_remittances
from mackinder.network.records import BOUNDS, Network
from mackinder.units import USD_PER_MUSD

__all__ = ["changed_transfers"]

Array = NDArray[np.float64]


def changed_transfers(cases: Sequence[Case], network: Network, economy: Economy, design: Design) -> Array:
    """Return what each zone gets more than it would without the scenario, by state (convention C142).

    Deficits of the base year hold what was sent then, and keep their part of the world's income; so does what is sent. A
    scenario multiplies it by what it makes of the newest tie ``remittances`` of payer and recipient. What is not sent stays
    with the payer. Zones of a country share by their income.

    Parameters
    ----------
    cases : sequence of Case
        Of each state; the first is the baseline.
    network : Network
    economy : Economy
        Gives incomes and their growth.
    design : Design
        Draws of what is sent, ``remittances/<id>/value_musd``, and of the factor, ``remittances/<id>/factor``.

    Returns
    -------
    ndarray, shape (K, S, Z), USD/yr
        Adds up to zero over zones.
    """
    income = economy.flows.sum(axis=(1, 3))  # (K, Z)
    out = np.zeros((design.draws, len(network.states), income.shape[1]))
    table = cases[0].table("remittances")
    if table.empty:
        return out
    zones = cases[0].table("zones").set_index("zone_id").loc[list(network.graph.zones)]
    country = zones["country"].to_numpy()
    owner = sovereigns(cases[0].table("actors"))
    sent = design.quantity(
        [f"remittances/{i}/value_musd" for i in table["remittance_id"]],
        *(table[f"value_musd_{b}"].to_numpy(float) for b in BOUNDS),
    )
    world = income.sum(axis=1)
    base = cases[0]
    world = income.sum(axis=1)
    for s, (state, case) in enumerate(zip(network.states, cases, strict=True)):
        factors = _factors(base, case, day_of(state.year))
        grown = (income * economy.growth[:, s]).sum(axis=1) / world
        for i, row in enumerate(table.to_dict("records")):
            bounds = factors.get((owner.get(str(row["payer"])), owner.get(str(row["recipient"]))))
            if bounds is None:
                continue
            factor = design.quantity([f"remittances/{row['remittance_id']}/factor"], *(np.array([b]) for b in bounds))
            more = (factor[:, 0] - 1.0) * sent[:, i] * USD_PER_MUSD * grown
            for end, sign in (("recipient", 1.0), ("payer", -1.0)):
                at = np.flatnonzero(country == row[end])
                out[:, s, at] += sign * more[:, None] * income[:, at] / income[:, at].sum(axis=1, keepdims=True)
    return out


def _factors(base: Case, case: Case, day: str) -> dict[tuple[str | None, str | None], tuple[float, ...]]:
    """By sender and target, the newest tie on a day over that of the baseline, low, mode and high, where it is another."""
    was, now = (
        {
            (str(r["sender"]), str(r["target"])): [float(r[f"value_{b}"]) for b in BOUNDS]
            for r in rows.to_dict("records")
        }
        for rows in (newest_remittances(c, day) for c in (base, case))
    )
    found: dict[tuple[str | None, str | None], tuple[float, ...]] = {}
    for ends, before in was.items():
        after = now.get(ends, [0.0, 0.0, 0.0])  # a tie that a scenario ends
        if after != before:
            found[ends] = tuple(sorted(b / a if a > 0 else 1.0 for a, b in zip(before, after, strict=True)))
    return found
