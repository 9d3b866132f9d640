"""Who is paid where: fees on links, the operators' share of the price of haulage, and permits where they ration capacity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.actors import sovereigns, top_parents
from mackinder.case.rights import active_on, rights_on
from mackinder.case.selectors import LinkIndex
from mackinder.draws import Design, split_quantile
from mackinder.kernels.loading import Payees
from mackinder.network.records import BOUNDS, MODE_GROUPS, Network

__all__ = ["build_payees", "with_permits"]

#: hauliers on the road belong to nobody in the actor table, so only these modes earn an operator's revenue
_HAULED = (MODE_GROUPS["rail"], MODE_GROUPS["sea"])


def build_payees(cases: Sequence[Case], network: Network, design: Design) -> Payees:
    """Build the record of payees.

    Parameters
    ----------
    cases : sequence of Case
        Case of each state of the network.
    network : Network
    design : Design
        Draws of the fees.

    Returns
    -------
    Payees
        Fees of an actor whose root parent is not among the network's actors are left out; so is haulage.
    """
    frames = []
    for s, (case, state) in enumerate(zip(cases, network.states, strict=True)):
        frames += [frame.assign(state=s) for frame in (_fees(case, state.day), _haulage(case, network, state.day))]
    rows = pd.concat(frames, ignore_index=True)
    rows["asset"] = pd.Index(network.graph.assets).get_indexer(pd.Index(rows["link_id"]))
    rows["who"] = pd.Index(network.actors).get_indexer(pd.Index(rows["root"]))
    rows = rows[rows["who"] >= 0]
    identity = ["asset", "who", "key", "transit_only", "low", "mode", "high"]
    table = rows.drop_duplicates(identity).sort_values(identity, ignore_index=True)
    number = pd.MultiIndex.from_frame(table[identity]).get_indexer(pd.MultiIndex.from_frame(rows[identity]))
    holds = np.zeros((len(network.states), len(table)), dtype=bool)
    holds[rows["state"].to_numpy(int), number] = True
    is_fee = table["key"].str.startswith("charges/").to_numpy(bool)
    bounds = [table[b].to_numpy(float) for b in BOUNDS]
    amount = np.where(is_fee, _draw(table["key"], bounds, is_fee, design), bounds[1])
    return Payees(
        first=np.searchsorted(table["asset"], np.arange(network.graph.n_assets + 1)).astype(np.int64),
        actor=np.array(table["who"], dtype=np.int64),  # copies: a frame hands out read-only views, another kernel type
        amount=np.array(np.broadcast_to(amount, (design.draws, len(table))), order="C"),
        is_fee=np.array(is_fee),
        transit_only=np.array(table["transit_only"], dtype=bool),
        holds=holds,
    )


def _draw(keys: pd.Series[str], bounds: list[np.ndarray], is_fee: np.ndarray, design: Design) -> np.ndarray:
    """Draw the fees; a charge that stands on several links has one score."""
    unique = sorted(set(keys[is_fee]))
    score = dict(zip(unique, design.normals(unique).T, strict=True)) if unique else {}
    scores = np.zeros((design.draws, len(keys)))
    for i, key in enumerate(keys):
        scores[:, i] = score.get(key, 0.0)
    return split_quantile(scores, *bounds)


def _fees(case: Case, day: str) -> pd.DataFrame:
    charges, links = case.table("charges"), case.table("links")
    parents = top_parents(case.table("actors"))
    rows = []
    index = LinkIndex(links)
    for charge in charges[active_on(charges, day)].to_dict("records"):
        row = {
            "root": parents[charge["actor"]],
            "key": f"charges/{charge['charge_id']}",
            "transit_only": charge["traffic"] == "transit",
            **{b: charge[f"charge_usd_per_t_{b}"] for b in BOUNDS},
        }
        rows += [{"link_id": link, **row} for link in links["link_id"][index.mask(charge["asset"])]]
    return pd.DataFrame(rows, columns=["link_id", "root", "key", "transit_only", *BOUNDS])


def _haulage(case: Case, network: Network, day: str) -> pd.DataFrame:
    rights = rights_on(case, day, statuses=case.settings.closing_statuses)
    rights = rights[rights["right"] == "operator"].groupby(["link_id", "root"], as_index=False).agg({"share": "sum"})
    mode = dict(zip(network.graph.assets, network.graph.mode, strict=True))
    rights = rights[rights["link_id"].map(mode).isin(_HAULED)]
    share = rights["share"].to_numpy(float)
    return rights[["link_id", "root"]].assign(key="haulage", transit_only=True, low=share, mode=share, high=share)


def with_permits(
    payees: Payees, cases: Sequence[Case], network: Network, members: Sequence[NDArray[np.int64]]
) -> tuple[Payees, NDArray[np.int64]]:
    """Add who gives the permits where capacity is rationed by quota, and say at which asset each limit pays its rent (C121).

    A quota pays at an asset of its own behind all others, over which nothing is hauled: so its rent reaches the states
    that give the permits, in equal parts, and no operator.

    Parameters
    ----------
    payees : Payees
        As `build_payees` gives them.
    cases : sequence of Case
        Case of each state of the network.
    network : Network
    members : sequence of ndarray of int64
        Assets of each limit.

    Returns
    -------
    Payees
        With further assets, one for each limit under rule ``quota``.
    ndarray of int64, length of `members`
        Asset whose payees have the rent of a limit.
    """
    where = np.array([group[0] for group in members], dtype=np.int64)
    quotas = [i for i, asset in enumerate(where) if network.capacity_rule[asset] == "quota"]
    assets = [int(where[i]) for i in quotas]
    given = [
        _givers(case, network, state.day, assets) for case, state in zip(cases, network.states, strict=True)
    ]  # fmt: skip
    rows = sorted(
        {(at, who, share) for state in given for at, holders in enumerate(state) for who, share in holders.items()}
    )
    end = payees.first[-1]
    counts = np.bincount([at for at, _, _ in rows], minlength=len(quotas)).astype(np.int64)
    where[quotas] = network.graph.n_assets + np.arange(len(quotas))
    amount = np.broadcast_to([share for _, _, share in rows], (len(payees.amount), len(rows)))
    holds = np.array([[state[at].get(who) == share for at, who, share in rows] for state in given], dtype=bool)
    return Payees(
        first=np.concatenate([payees.first, end + np.cumsum(counts)]),
        actor=np.concatenate([payees.actor, np.array([who for _, who, _ in rows], dtype=np.int64)]),
        amount=np.ascontiguousarray(np.concatenate([payees.amount, amount], axis=1)),
        is_fee=np.concatenate([payees.is_fee, np.zeros(len(rows), dtype=bool)]),
        transit_only=np.concatenate([payees.transit_only, np.zeros(len(rows), dtype=bool)]),
        holds=np.ascontiguousarray(np.concatenate([payees.holds, holds.reshape(len(given), len(rows))], axis=1)),
    ), where


def _givers(case: Case, network: Network, day: str, assets: Sequence[int]) -> list[dict[int, float]]:
    """Return who gives the permits for each asset, and the part of each: sovereigns of the link, or of the place."""
    rights = rights_on(case, day, statuses=case.settings.closing_statuses)
    rights = rights[rights["right"] == "sovereign"]
    roots = {link: sorted(set(group)) for link, group in rights.groupby("link_id")["root"]}
    actors, transfers = case.table("actors"), case.table("transfers")
    parents, of_code = top_parents(actors), sovereigns(actors)
    country = case.table("places").set_index("place_id")["country"].to_dict()
    for name, place in zip(transfers["transfer_id"], transfers["place"], strict=True):
        ruler = of_code.get(country[place])
        roots[name] = [] if ruler is None else [parents[ruler]]
    known = {name: i for i, name in enumerate(network.actors)}
    names = [roots.get(network.graph.assets[asset], []) for asset in assets]
    return [{known[name]: 1.0 / len(who) for name in who if name in known} for who in names]
