"""What searches see of a network: prices, permissions and closing masks in one record."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.pool import Terrain
from mackinder.network.records import Network, PriceDraws

__all__ = ["terrain_of", "terrain_of_flow"]


def terrain_of(
    network: Network, prices: PriceDraws, project: NDArray[np.bool_], scarcity: NDArray[np.float64]
) -> tuple[Terrain, NDArray[np.int64]]:
    """Put a network, prices and trials of scarcity (N, A) into the record that searches read.

    Regimes that forbid and charge the same are one to a search: the second value says which each regime becomes.
    """
    hours = prices.hours + prices.reliability[:, None, None] * prices.spread
    charge = network.regimes.link_charges(prices.surcharge[0])
    both = np.concatenate([network.regimes.denied.astype(float), charge], axis=1)
    _, first, effect = np.unique(both, axis=0, return_index=True, return_inverse=True)
    terrain = Terrain(
        usable=network.usable,
        closers=network.closers,
        money=np.ascontiguousarray(np.nan_to_num(prices.money[:, network.vector])),
        hours=np.ascontiguousarray(np.nan_to_num(hours[:, network.vector])),
        denied=network.regimes.denied[first],
        surcharge=charge[first],
        mode=network.graph.mode,
        factor=prices.goods.factor,
        value_of_time=prices.goods.value_of_time,
        project=project,
        scarcity=np.concatenate([np.zeros((1, network.graph.n_assets)), scarcity]),
    )
    return terrain, effect.ravel().astype(np.int64)


def terrain_of_flow(network: Network, prices: PriceDraws, state: int, regime: int) -> Terrain:
    """Do the same for one flow: one state, one regime (row 0 of each)."""
    v, regimes = network.vector[state], network.regimes
    hours = prices.hours[:, v] + prices.reliability[:, None] * prices.spread[:, v]
    charge = (regimes.members[regime] * prices.surcharge[0]) @ regimes.per_link.astype(float)
    return Terrain(
        usable=network.usable[[state]],
        closers=network.closers[[state]],
        money=np.nan_to_num(prices.money[:, [v]]),
        hours=np.nan_to_num(hours[:, None]),
        denied=regimes.denied[[regime]],
        surcharge=charge[None],
        mode=network.graph.mode,
        factor=prices.goods.factor,
        value_of_time=prices.goods.value_of_time,
        project=np.zeros(network.graph.n_assets, dtype=bool),
        scarcity=np.zeros((1, network.graph.n_assets)),
    )
