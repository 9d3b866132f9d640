"""Names for people, taken from the tables in the order of a network's arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mackinder.case import Case
from mackinder.network.records import Labels, Network

__all__ = ["build_labels"]


def build_labels(cases: Sequence[Case], network: Network) -> Labels:
    """Collect display names of places, assets, actors and goods; scenarios may have added links."""
    places = cases[0].table("places")
    links = pd.concat([case.table("links") for case in cases]).drop_duplicates("link_id").set_index("link_id")
    transfers = pd.concat([case.table("transfers") for case in cases]).drop_duplicates("transfer_id")
    name = dict(zip(places["place_id"], places["label"], strict=True))
    label = dict(links["label"]) | {
        row.transfer_id: f"{name[row.place]}: {row.from_mode} to {row.to_mode}"
        for row in transfers.itertuples(index=False)
    }
    zone = pd.Index(network.graph.zones).get_indexer(pd.Index(places["zone"]))
    actors, goods = (
        cases[0].table(t).set_index(f"{k}_id")["label"] for t, k in (("actors", "actor"), ("goods", "goods"))
    )
    return Labels(
        places=tuple(places["place_id"]),
        place_label=tuple(places["label"]),
        place_country=tuple(places["country"]),
        place_zone=zone.astype(np.int64),
        asset_label=tuple(str(label[asset]) for asset in network.graph.assets),
        asset_mode=tuple(str(links["mode"].get(asset, "transfer")) for asset in network.graph.assets),
        actor_label=tuple(str(actors.get(actor, actor)) for actor in network.actors),
        goods_label=tuple(str(goods[g]) for g in network.goods),
    )
