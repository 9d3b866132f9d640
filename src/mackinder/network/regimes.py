"""Permission regimes: which restrictions hold for a flow, and so which links it may not use or pays more for.

Flows (origin, destination, goods, state) under the same set of restrictions share a *regime*. Restrictions are told
apart by content, so that a scenario that leaves them alone leaves the regimes alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.selectors import LinkIndex, is_trade
from mackinder.network.records import Graph, Regimes

__all__ = ["build_regimes", "in_force"]

_CONTENT = [
    "restriction_id", "effect", "charge_basis", "surcharge_usd_per_t_low", "surcharge_usd_per_t_mode",
    "surcharge_usd_per_t_high",
]  # fmt: skip


def build_regimes(
    cases: Sequence[Case],
    indexes: Sequence[LinkIndex],
    days: Sequence[str],
    goods: Sequence[str],
    graph: Graph,
    *,
    newest_evidence: str,
) -> Regimes:
    """Build the regimes of several states.

    Parameters
    ----------
    cases, indexes, days : sequence
        Case, its prepared links, and ISO day of each state.
    goods : sequence of str
        Goods classes that are freight.
    graph : Graph
        Union graph.
    newest_evidence : str
        ISO day; restrictions that are not structural do not hold on later days.
    """
    zones = cases[0].table("zones")
    country = zones["country"].to_numpy(str)
    known: dict[tuple[object, ...], int] = {}
    rows: list[_Row] = []
    holding: list[NDArray[np.bool_]] = []  # per state, (m, Z, Z, G) of the restrictions in force
    numbers: list[list[int]] = []
    for case, index, day in zip(cases, indexes, days, strict=True):
        table = case.table("restrictions")
        table = table[in_force(table, day, newest_evidence)]
        links = case.table("links")
        position = pd.Index(graph.assets).get_indexer(pd.Index(links["link_id"]))
        here, applies = [], []
        for row in table.to_dict("records"):
            assets = np.zeros(graph.n_assets, dtype=bool)
            if not is_trade(row["asset"]):
                assets[position[index.mask(row["asset"])]] = True
            else:
                assets[: graph.n_links] = row["effect"] == "deny"
            content = (*(str(row[c]) for c in _CONTENT), assets.tobytes())  # as text: nan is not equal to itself
            if content not in known:
                known[content] = len(rows)
                rows.append(_row(row, assets))
            here.append(known[content])
            applies.append(_applies(row, country, goods))
        numbers.append(here)
        holding.append(np.array(applies, dtype=bool).reshape(len(here), len(zones), len(zones), len(goods)))
    return _assemble(rows, numbers, holding, graph.n_assets)


def in_force(table: pd.DataFrame, day: str, newest_evidence: str) -> pd.Series[bool]:
    """Say which restrictions hold on a day: one that is not structural does not outlast the newest evidence."""
    starts, ends = table["starts_on"], table["ends_on"]
    now = ((starts == "") | (starts <= day)) & ((ends == "") | (day <= ends))
    return now & (table["structural"].fillna(True).astype(bool) | (day <= newest_evidence))


class _Row(NamedTuple):
    """A restriction: what it charges (low, mode, high), where, and how; one that does not charge denies."""

    name: str
    interval: NDArray[np.float64]
    assets: NDArray[np.bool_]
    charge: bool
    once: bool
    whole: bool


def _row(row: Mapping[Hashable, Any], assets: NDArray[np.bool_]) -> _Row:
    charge = row["effect"] == "surcharge"
    interval = np.array([row[f"surcharge_usd_per_t_{b}"] if charge else 0.0 for b in ("low", "mode", "high")], float)
    once = charge and row["charge_basis"] == "per_shipment"
    return _Row(str(row["restriction_id"]), interval, assets, charge, once, is_trade(row["asset"]))


def _applies(row: Mapping[Hashable, Any], country: NDArray[np.str_], goods: Sequence[str]) -> NDArray[np.bool_]:
    """Say for which origins, destinations and goods a restriction holds, shape (Z, Z, G)."""

    def listed(column: str, values: NDArray[np.str_]) -> NDArray[np.bool_]:
        text = str(row[column])
        return np.ones(len(values), bool) if text == "*" else np.isin(values, text.split(";"))

    pairs = listed("origin", country)[:, None] & listed("destination", country)[None, :]
    for exempt in filter(None, str(row["except_pairs"]).split(";")):
        origin, ordered, destination = exempt.partition(">")
        if ordered:
            pairs &= ~((country == origin)[:, None] & (country == destination)[None, :])
        else:
            pairs &= ~((country == exempt)[:, None] | (country == exempt)[None, :])
    return pairs[:, :, None] & listed("goods", np.array(goods, dtype=str))[None, None, :]


def _assemble(
    rows: list[_Row],
    numbers: list[list[int]],
    holding: list[NDArray[np.bool_]],
    n_assets: int,
) -> Regimes:
    n_states, shape = len(holding), holding[0].shape[1:]
    patterns = np.zeros((n_states, *shape, max(len(rows), 1)), dtype=bool)
    for s, (here, applies) in enumerate(zip(numbers, holding, strict=True)):
        patterns[s][..., here] = np.moveaxis(applies, 0, -1)
    packed = np.packbits(patterns.reshape(-1, patterns.shape[-1]), axis=1)
    _, first, inverse = np.unique(
        np.ascontiguousarray(packed).view([("", np.void, packed.shape[1])]).ravel(),
        return_index=True,
        return_inverse=True,
    )
    members = patterns.reshape(-1, patterns.shape[-1])[first][:, : len(rows)]
    assets = np.array([row.assets for row in rows], dtype=bool).reshape(len(rows), n_assets)
    charges, once, whole = (
        np.array([getattr(row, name) for row in rows], dtype=bool) for name in ("charge", "once", "whole")
    )
    return Regimes(
        of_flow=inverse.reshape(n_states, *shape).astype(np.int64),
        denied=(members[:, ~charges].astype(np.int64) @ assets[~charges].astype(np.int64)) > 0,
        members=members,
        restriction=tuple(row.name for row in rows),
        surcharge=np.array([row.interval for row in rows], dtype=float).reshape(len(rows), 3),
        per_link=assets & (charges & ~once)[:, None],
        per_use=assets & (charges & once & ~whole)[:, None],
        per_shipment=once & whole,
    )
