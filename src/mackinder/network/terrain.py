"""What searches see of a network: prices, permissions and closing masks in one record."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mackinder.kernels.pool import Terrain
from mackinder.network.records import Network, PriceDraws

__all__ = ["terrain_of"]


def terrain_of(
    network: Network, prices: PriceDraws, project: NDArray[np.bool_]
) -> tuple[Terrain, NDArray[np.int64]]:
    """Put a network and prices into the record that searches read.

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
    )
    return terrain, effect.ravel().astype(np.int64)
