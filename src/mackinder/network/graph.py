"""The graph under all states: nodes are (place, mode, gauge), assets are links and transfers.

One graph serves every scenario and year of a run, so that they differ only in costs and masks. Asset ``a`` has two arcs,
``2 a`` from its first to its second node and ``2 a + 1`` back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mackinder.case import Case
from mackinder.errors import CaseError
from mackinder.network.records import MODE_GROUPS, Graph

__all__ = ["build_graph"]


def build_graph(cases: Sequence[Case]) -> Graph:
    """Build the union graph of several states of one case.

    Parameters
    ----------
    cases : sequence of Case
        The case under each scenario: scenarios may add links and transfers, and never move one.

    Returns
    -------
    Graph

    Raises
    ------
    CaseError
        If a link or transfer joins different places in two of them.
    """
    links = _union([case.table("links") for case in cases], "link_id", ["from_place", "to_place", "mode", "gauge_mm"])
    transfers = _union(
        [case.table("transfers") for case in cases],
        "transfer_id",
        ["place", "from_mode", "from_gauge_mm", "to_mode", "to_gauge_mm"],
    )
    zones = cases[0].table("zones")
    gauge = _gauge(links["gauge_mm"])
    ends = [
        list(zip(links["from_place"], links["mode"], gauge, strict=True))
        + list(zip(transfers["place"], transfers["from_mode"], _gauge(transfers["from_gauge_mm"]), strict=True)),
        list(zip(links["to_place"], links["mode"], gauge, strict=True))
        + list(zip(transfers["place"], transfers["to_mode"], _gauge(transfers["to_gauge_mm"]), strict=True)),
    ]
    anchors = [(place, "road", 0) for place in zones["anchor_place"]]
    nodes = sorted({*ends[0], *ends[1], *anchors})
    number = {node: i for i, node in enumerate(nodes)}
    tail = np.array([number[node] for node in ends[0]], dtype=np.int32)
    head = np.array([number[node] for node in ends[1]], dtype=np.int32)
    arc_tail = np.stack([tail, head], axis=1).ravel()
    arc_head = np.stack([head, tail], axis=1).ravel()
    out_arc = np.argsort(arc_tail, kind="stable").astype(np.int32)
    out_first = np.searchsorted(arc_tail[out_arc], np.arange(len(nodes) + 1)).astype(np.int32)
    groups = [MODE_GROUPS[mode] for mode in links["mode"]] + [MODE_GROUPS["transfer"]] * len(transfers)
    return Graph(
        nodes=tuple(nodes),
        assets=(*links["link_id"], *transfers["transfer_id"]),
        n_links=len(links),
        mode=np.array(groups, dtype=np.uint8),
        arc_head=arc_head.astype(np.int32),
        out_first=out_first,
        out_arc=out_arc,
        length_km=np.concatenate([links["length_km"].to_numpy(float), np.zeros(len(transfers))]),
        zones=tuple(zones["zone_id"]),
        zone_node=np.array([number[node] for node in anchors], dtype=np.int32),
    )


def _gauge(column: pd.Series[int]) -> list[int]:
    return [int(value) for value in column.fillna(0)]


def _union(frames: Sequence[pd.DataFrame], key: str, fixed: list[str]) -> pd.DataFrame:
    """Stack tables of several scenarios, one row an id; what fixes the graph must be the same in all."""
    stacked = pd.concat(frames, ignore_index=True).drop_duplicates([key, *fixed])
    twice = stacked[key][stacked[key].duplicated()]
    if len(twice):
        msg = f"{key} {twice.iloc[0]!r} joins different places or modes in two scenarios: add a new id instead"
        raise CaseError(msg)
    return stacked.sort_values(key, ignore_index=True)
