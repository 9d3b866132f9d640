"""A run's network: one graph, and for each state (scenario and year) what is open, who can close it and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.actors import sovereigns, top_parents
from mackinder.case.rights import active_on, rights_on
from mackinder.case.selectors import LinkIndex
from mackinder.errors import CaseError
from mackinder.network.graph import build_graph
from mackinder.network.persons import newest_remittances
from mackinder.network.records import BOUNDS, Graph, Network, StateKey
from mackinder.network.regimes import build_regimes, in_force

__all__ = ["build_network", "day_of", "is_open"]

_REMARKS = ("facts", "basis", "ground")
_WHOLE = ("trade", "goods", "goods_shares", "zone_shares", "zones", "corridors")  # tables of which every row counts


def day_of(year: int) -> str:
    """Return the day as which a year is solved: 1 July (convention C10)."""
    return f"{year:04d}-07-01"


def is_open(links: pd.DataFrame, day: str) -> NDArray[np.bool_]:
    """Say which links are open on a day, shape (n_links,) (convention C9).

    A planned link never opens by itself; a closed or destroyed one without a day of closing is closed always; any other
    is open from ``opens_on`` to the day before ``closed_since``, empty meaning unbounded.
    """
    status, opens, closed = links["status"], links["opens_on"], links["closed_since"]
    never = (status == "planned") | (status.isin(["closed", "destroyed"]) & (closed == ""))
    now = ((opens == "") | (opens <= day)) & ((closed == "") | (day < closed))
    never |= (status == "building") & (opens == "")
    return (now & ~never).to_numpy(bool)


def build_network(cases: Mapping[str, Case], years: Sequence[int]) -> Network:
    """Build the network of several scenarios in several years.

    Parameters
    ----------
    cases : mapping of str to Case
        The case under each scenario, by scenario id.
    years : sequence of int
        Years to solve; each is taken as it stands on 1 July.

    Returns
    -------
    Network

    Raises
    ------
    CaseError
        If more than 64 actors can close something, more than 64 corridors are counted, or a price is no number.
    """
    keys = [StateKey(scenario=name, year=year, day=day_of(year)) for name in cases for year in years]
    indexes = {name: LinkIndex(case.table("links")) for name, case in cases.items()}
    groups: dict[tuple[object, ...], list[StateKey]] = {}
    numbers = _Numbers()
    for key in keys:
        groups.setdefault(_signature(cases[key.scenario], key, indexes[key.scenario], numbers), []).append(key)
    states = tuple(group[0] for group in groups.values())
    of_state = [cases[state.scenario] for state in states]
    index = [indexes[state.scenario] for state in states]
    days = [state.day for state in states]
    first = of_state[0]
    graph = build_graph(list(cases.values()))
    rights = [_closing_rights(case, day, here) for case, day, here in zip(of_state, days, index, strict=True)]
    actors, zone_actor = _index_actors(first, rights)
    vector, cost, hours = _price_vectors(of_state, graph)
    capacity_vector, capacity, rule = _capacity_vectors(of_state, days, graph)
    goods_table = first.table("goods")
    goods = tuple(goods_table.loc[goods_table["is_freight"].fillna(False).astype(bool), "goods_id"])
    corridors, screenline = _screenlines(cases, indexes, graph)
    evidence = str(first.settings.newest_evidence)
    return Network(
        graph=graph,
        states=states,
        same=tuple(tuple(group) for group in groups.values()),
        usable=np.stack([_usable(case, graph, day) for case, day in zip(of_state, days, strict=True)]),
        closers=np.stack([_closer_bits(frame, actors, graph) for frame in rights]),
        vector=vector,
        cost=cost,
        hours=hours,
        price_group=_price_groups(list(cases.values()), graph),
        capacity=capacity,
        capacity_vector=capacity_vector,
        capacity_rule=rule,
        actors=actors,
        zone_actor=zone_actor,
        goods=goods,
        regimes=build_regimes(of_state, index, days, goods, graph, newest_evidence=evidence),
        corridors=corridors,
        screenline=screenline,
    )


class _Numbers:
    """Numbers for frames: those of one kind that hold the same get the same."""

    def __init__(self) -> None:
        self._seen: dict[str, list[pd.DataFrame]] = {}

    def of(self, kind: str, frame: pd.DataFrame) -> int:
        seen, frame = self._seen.setdefault(kind, []), frame.reset_index(drop=True)
        number = next((i for i, other in enumerate(seen) if other.equals(frame)), len(seen))
        if number == len(seen):
            seen.append(frame)
        return number


def _signature(case: Case, key: StateKey, index: LinkIndex, numbers: _Numbers) -> tuple[object, ...]:
    """All that a state takes from a case: equal signatures have equal solutions."""
    evidence = str(case.settings.newest_evidence)
    links, restrictions, charges = case.table("links"), case.table("restrictions"), case.table("charges")
    there, collected = in_force(restrictions, key.day, evidence), active_on(charges, key.day)
    parts = {
        "links": links.drop(columns=["status", "opens_on", "closed_since", "file_row", *_REMARKS]),
        "transfers": case.table("transfers").drop(columns=["file_row", *_REMARKS]),
        "rights": rights_on(case, key.day, index=index).drop(columns=["control_id", "via", "asset"]),
        "restrictions": restrictions[there].drop(columns=["starts_on", "ends_on", "file_row", *_REMARKS]),
        "charges": charges[collected].drop(columns=["starts_on", "ends_on", "file_row", *_REMARKS]),
        **{name: case.table(name).drop(columns=["file_row"]) for name in _WHOLE},
        "remittances": newest_remittances(case, key.day),
    }
    return key.year, is_open(links, key.day).tobytes(), *(numbers.of(kind, frame) for kind, frame in parts.items())


def _usable(case: Case, graph: Graph, day: str) -> NDArray[np.bool_]:
    links, index = case.table("links"), pd.Index(graph.assets)
    usable = np.zeros(graph.n_assets, dtype=bool)
    usable[index.get_indexer(pd.Index(links["link_id"]))] = is_open(links, day)
    usable[index.get_indexer(pd.Index(case.table("transfers")["transfer_id"]))] = True
    return usable


def _closing_rights(case: Case, day: str, index: LinkIndex) -> pd.DataFrame:
    rights = rights_on(case, day, statuses=case.settings.closing_statuses, index=index)
    return rights[rights["right"].isin(case.settings.closing_rights)]


def _index_actors(case: Case, rights: Sequence[pd.DataFrame]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Number the root actors that can close something or answer for a zone."""
    table = case.table("actors")
    parents = top_parents(table)
    answer = {code: parents[actor] for code, actor in sovereigns(table).items()}
    country = case.table("zones")["country"]
    found = {root for frame in rights for root in frame["root"]} | {answer[c] for c in country if c in answer}
    actors = tuple(sorted(found))
    if len(actors) > 64:
        many = f"{len(actors)} actors can close something, and at most 64 can be told apart"
        msg = f"{many}: give minor ones a parent in actors.csv"
        raise CaseError(msg)
    number = {actor: i for i, actor in enumerate(actors)}
    return actors, np.array([number[answer[c]] if c in answer else -1 for c in country], dtype=np.int64)


def _closer_bits(rights: pd.DataFrame, actors: tuple[str, ...], graph: Graph) -> NDArray[np.uint64]:
    bits = np.zeros(graph.n_assets, dtype=np.uint64)
    asset = pd.Index(graph.assets).get_indexer(pd.Index(rights["link_id"]))
    actor = pd.Index(actors).get_indexer(pd.Index(rights["root"]))
    np.bitwise_or.at(bits, asset, np.uint64(1) << actor.astype(np.uint64))
    return bits


def _require_prices(table: str, names: pd.Series, quantity: str, given: NDArray[np.float64]) -> None:
    """See that what a change may have made is a price: tables as read were checked already."""
    bad = np.flatnonzero(~((given >= 0) & np.isfinite(given)).all(axis=1))
    if len(bad):
        some = ", ".join(names.iloc[bad[:5]]) + (" and others" if len(bad) > 5 else "")
        seen = ", ".join(f"{x:g}" for x in given[bad[0]])
        msg = (
            f"{table}.csv: {quantity} of {some} is missing, below zero or not finite ({seen}). Missing is not zero (C1): give a "
            "number, or close what cannot be used"
        )
        raise CaseError(msg)


def _price_vectors(
    cases: Sequence[Case], graph: Graph
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    seen: dict[bytes, int] = {}
    vectors: list[NDArray[np.float64]] = []
    which = []
    for case in cases:
        prices = np.full((2, graph.n_assets, 3), np.nan)
        for table, key in (("links", "link_id"), ("transfers", "transfer_id")):
            frame = case.table(table)
            position = pd.Index(graph.assets).get_indexer(pd.Index(frame[key]))
            for i, quantity in enumerate(("cost_usd_per_t", "time_h")):
                given = frame[[f"{quantity}_{b}" for b in BOUNDS]].to_numpy(float)
                _require_prices(table, frame[key], quantity, given)
                prices[i, position] = given
        content = prices.tobytes()
        if content not in seen:
            seen[content] = len(vectors)
            vectors.append(prices)
        which.append(seen[content])
    stacked = np.stack(vectors)
    return np.array(which, dtype=np.int64), stacked[:, 0], stacked[:, 1]


def _capacity_vectors(
    cases: Sequence[Case], days: Sequence[str], graph: Graph
) -> tuple[NDArray[np.int64], NDArray[np.float64], tuple[str, ...]]:
    """Capacities in Mt/yr with their works done by the day, shape (C, A, 3); which a state has; rule of each asset."""
    seen: dict[bytes, int] = {}
    vectors: list[NDArray[np.float64]] = []
    which = []
    rule = [""] * graph.n_assets
    for case, day in zip(cases, days, strict=True):
        capacity = np.full((graph.n_assets, 3), np.nan)
        for table, key in (("links", "link_id"), ("transfers", "transfer_id")):
            frame = case.table(table)
            position = pd.Index(graph.assets).get_indexer(pd.Index(frame[key]))
            capacity[position] = frame[[f"capacity_mt_per_year_{b}" for b in BOUNDS]].to_numpy(float)
            for at, name in zip(position, frame["capacity_rule"], strict=True):
                rule[at] = name or rule[at]
        links = case.table("links")
        done = ((links["upgrade_on"] != "") & (links["upgrade_on"] <= day)).to_numpy(bool)
        position = pd.Index(graph.assets).get_indexer(pd.Index(links["link_id"]))[done]
        raised = links.loc[done, "upgrade_capacity_mt_per_year"].to_numpy(float)
        capacity[position] *= (raised / capacity[position, 1])[:, None]
        if capacity.tobytes() not in seen:
            seen[capacity.tobytes()] = len(vectors)
            vectors.append(capacity)
        which.append(seen[capacity.tobytes()])
    return np.array(which, dtype=np.int64), np.stack(vectors), tuple(rule)


def _price_groups(cases: Sequence[Case], graph: Graph) -> tuple[str, ...]:
    group: dict[str, str] = {}
    for case in cases:
        country = case.table("places").set_index("place_id")["country"]
        links, transfers = case.table("links"), case.table("transfers")
        where = links["territory"].str.split(";").str[0].where(links["territory"] != "", "XXX")
        group |= dict(zip(links["link_id"], where + "/" + links["mode"], strict=True))
        group |= dict(zip(transfers["transfer_id"], transfers["place"].map(country) + "/transfer", strict=True))
    return tuple(group[asset] for asset in graph.assets)


def _screenlines(
    cases: Mapping[str, Case], indexes: Mapping[str, LinkIndex], graph: Graph
) -> tuple[tuple[str, ...], NDArray[np.uint64]]:
    """Number the corridors and mark the links at which each is counted, in any scenario."""
    table = next(iter(cases.values())).table("corridors")
    if len(table) > 64:
        msg = f"corridors.csv has {len(table)} rows, and at most 64 corridors can be counted at once"
        raise CaseError(msg)
    bits = np.zeros(graph.n_assets, dtype=np.uint64)
    for name, case in cases.items():
        position = pd.Index(graph.assets).get_indexer(pd.Index(case.table("links")["link_id"]))
        for i, selector in enumerate(table["screenline"]):
            bits[position[indexes[name].mask(selector)]] |= np.uint64(1) << np.uint64(i)
    return tuple(table["corridor_id"]), bits
