"""Capacities of assets as limits that the equilibrium can clear: which routes meet them, how much they take, by what rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.errors import CaseError
from mackinder.kernels.limits import Limits
from mackinder.network.records import Network
from mackinder.network.routes import RouteSet

__all__ = ["build_limits", "with_capacity"]


def build_limits(
    network: Network, routes: RouteSet, capacity: NDArray[np.float64]
) -> tuple[Limits, tuple[NDArray[np.int64], ...]]:
    """Group limited assets that the same routes use, and say which routes of each pair meet them.

    Parameters
    ----------
    network : Network
    routes : RouteSet
    capacity : ndarray, shape (K, C, A), t/yr
        Capacity in every draw and capacity vector; infinite where there is none.

    Returns
    -------
    Limits
    members : tuple of ndarray of int64
        Assets of each limit.

    Raises
    ------
    CaseError
        If a capacity is zero, negative or not a number: no price clears it. What takes nothing is closed.
    """
    _require_room(network, capacity)
    limited = np.asarray(np.isfinite(capacity).any(axis=(0, 1)))
    segment = np.repeat(np.arange(len(routes.segment_mask)), np.diff(routes.asset_first))
    used = limited[routes.asset]
    rows = pd.DataFrame({"segment": segment[used], "asset": routes.asset[used].astype(np.int64)})
    where = rows.groupby("asset")["segment"].agg(tuple)
    rule = network.capacity_rule
    alike: dict[tuple[tuple[int, ...], str], list[int]] = {}
    for asset, segments in zip(where.index.tolist(), where.tolist(), strict=True):
        alike.setdefault((segments, rule[asset]), []).append(asset)
    members = tuple(np.array(group, dtype=np.int64) for group in alike.values())
    of_asset = np.full(network.graph.n_assets, -1, dtype=np.int64)
    for i, group in enumerate(members):
        of_asset[group[0]] = i
    rows = rows[of_asset[rows["asset"]] >= 0]
    groups = rows["segment"].to_numpy()
    first = np.flatnonzero(np.r_[True, np.diff(groups) > 0]) if len(groups) else np.zeros(0, dtype=np.int64)
    here = groups[first]
    pair = np.searchsorted(routes.segment_first, here, side="right") - 1
    n_pairs, mask = len(routes.origin), routes.segment_mask[here]
    meets = (mask[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    return Limits(
        group_first=np.concatenate([[0], np.cumsum(np.bincount(pair, minlength=n_pairs))]).astype(np.int64),
        mask=mask,
        meets_first=np.concatenate([[0], np.cumsum(meets.sum(axis=1))]).astype(np.int64),
        meets=np.nonzero(meets)[1].astype(np.uint8),
        first=np.append(first, len(groups)).astype(np.int64),
        limit=of_asset[rows["asset"].to_numpy()],
        capacity=_of_members(capacity, members),
        vector=network.capacity_vector,
        is_queue=np.array([rule[group[0]] == "queue" for group in members]),
    ), members


def with_capacity(
    limits: Limits, members: tuple[NDArray[np.int64], ...], network: Network, capacity: NDArray[np.float64]
) -> Limits:
    """Return the same limits with other capacities (K, C, A), finite for the same assets.

    Raises
    ------
    CaseError
        As `build_limits`.
    """
    _require_room(network, capacity)
    return limits._replace(capacity=_of_members(capacity, members))


def _of_members(capacity: NDArray[np.float64], members: tuple[NDArray[np.int64], ...]) -> NDArray[np.float64]:
    """Capacity of each limit, that of its tightest asset, shape (K, C, L)."""
    return np.ascontiguousarray(np.stack([capacity[..., group].min(axis=-1) for group in members], axis=-1))


def _require_room(network: Network, capacity: NDArray[np.float64]) -> None:
    """See that every capacity is above zero."""
    bad = np.flatnonzero(~(capacity > 0).all(axis=(0, 1)))
    if len(bad):
        names = ", ".join(network.graph.assets[a] for a in bad[:5]) + (" and others" if len(bad) > 5 else "")
        states = [
            f"{s.scenario} in {s.year}"
            for s, vector in zip(network.states, network.capacity_vector, strict=True)
            if not (capacity[:, vector][:, bad] > 0).all()
        ]
        seen = capacity[..., bad].min()
        msg = (
            f"capacity of {names}: {seen:g} t a year in {'; '.join(states[:3])}. No price clears that: close the link in the "
            'scenario (op = "close") or give what it can take; an empty cell has no bound'
        )
        raise CaseError(msg)
