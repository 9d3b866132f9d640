"""Lines of corridors: the screenline and whatever carries the corridor's route tag."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case, LinkIndex
from mackinder.errors import UsageError, did_you_mean
from mackinder.network.records import Network

__all__ = ["corridor_line", "on_screenline"]


def on_screenline(network: Network, corridor: str) -> NDArray[np.bool_]:
    """Say which assets a corridor is counted at, shape (A,).

    Raises
    ------
    UsageError
        If the case has no such corridor.
    """
    if corridor not in network.corridors:
        raise UsageError(did_you_mean(corridor, list(network.corridors), what="corridor"))
    bit = np.uint64(1 << network.corridors.index(corridor))
    return np.asarray((network.screenline & bit) != 0)


def corridor_line(case: Case, network: Network, corridor: str) -> NDArray[np.bool_]:
    """Say which assets belong to the line of a corridor (convention C87), shape (A,).

    Parameters
    ----------
    case : Case
        With the scenario of the state applied.
    network : Network
    corridor : str

    Raises
    ------
    UsageError
        If the case has no such corridor.
    """
    line = on_screenline(network, corridor).copy()
    links, position = case.table("links"), network.graph.asset_index()
    place = np.array([position[name] for name in links["link_id"]], dtype=np.int64)
    tag = str(case.table("corridors").set_index("corridor_id")["route_tag"].get(corridor, ""))
    if tag:
        line[place[LinkIndex(links).mask(f"tag={tag}")]] = True
    return line
