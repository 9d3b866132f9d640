"""Who holds which right on which link on a day: ``controls`` and territory resolved into one table.

Rules, in this order:

1. A row counts from ``starts_on`` to ``ends_on``, both days included; an extension counts only where a scenario
   grants it.
2. Where the caller names statuses, rows of another status are left out before anything else.
3. The state whose ``countries`` contain a code of the link's territory is sovereign over the link, unless a row of
   ``controls`` with right ``sovereign`` names the link or one of its ends.
4. A row that names a link replaces rows with a selector, for the same right on that link; on a link across a border,
   write a row for either side. A row that names a place holds for all links that end there, and replaces rows with a
   selector for the rights that are not money (sovereign, customs, security), but not those of the state beyond the
   border. A money right in a place (the owner of a terminal) is held beside the rights in the line.
5. A row of status ``claimed`` replaces nothing: who only claims a right does not end another's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mackinder.case.actors import sovereigns, top_parents
from mackinder.case.case import Case
from mackinder.case.selectors import LinkIndex
from mackinder.memo import Memo

__all__ = ["MONEY_RIGHTS", "RIGHTS_COLUMNS", "active_on", "reach", "resolve", "rights_on"]

#: rights that are shares of money: they add up to at most one; the others close, and do not add
MONEY_RIGHTS: Final = ("owner", "operator", "toll", "finance")
#: rights of cases by digest and day: a run asks for them when it builds its network, its payees and its report
_RESOLVED: Final = Memo[pd.DataFrame](most=128)
RIGHTS_COLUMNS: Final = ("link_id", "actor", "root", "right", "share", "status", "control_id", "via", "asset")


def active_on(rows: pd.DataFrame, day: str | dt.date) -> npt.NDArray[np.bool_]:
    """Return which rows with ``starts_on`` and ``ends_on`` count on a day, both ends included.

    Parameters
    ----------
    rows : DataFrame
        Any table with these two columns (ISO days as str, '' = no bound).
    day : str or date
        ISO day.

    Returns
    -------
    ndarray of bool, shape (n_rows,)
    """
    text = str(day)
    started = (rows["starts_on"] == "") | (rows["starts_on"] <= text)
    return np.asarray(started & ((rows["ends_on"] == "") | (rows["ends_on"] >= text)), dtype=np.bool_)


def rights_on(
    case: Case, day: str | dt.date, *, statuses: Collection[str] | None = None, index: LinkIndex | None = None
) -> pd.DataFrame:
    """Return every right on every link on a day.

    Parameters
    ----------
    case : Case
        The case.
    day : str or date
        ISO day.
    statuses : collection of str, optional
        Legal standings that count (binding, framework, claimed); all if None. Sovereignty by territory is binding.
    index : LinkIndex, optional
        The case's links, prepared; saves preparing them again where many days are asked.

    Returns
    -------
    DataFrame
        Columns ``link_id, actor, root, right, share, status, control_id, via, asset``, sorted by link, right, actor.
        ``root`` is the top parent; ``via`` says how the right reaches the link: territory, selector, place or link;
        ``asset`` is what the row names (the country code for territory); ``control_id`` is '' for territory.

    Examples
    --------
    >>> from mackinder.case import read_case, scaffold  # doctest: +SKIP
    >>> rights_on(read_case(scaffold("demo")), "2025-01-01").query("actor == 'ARW'").root.tolist()  # doctest: +SKIP
    ['AAA']
    """
    tables = ("links", "places", "controls", "actors")
    key = (case.digest, str(day), None if statuses is None else frozenset(statuses))
    found = _RESOLVED.get(
        key, lambda: resolve({name: case.table(name) for name in tables}, day, statuses=statuses, index=index)
    )
    return found.copy(deep=False)


def resolve(
    tables: Mapping[str, pd.DataFrame],
    day: str | dt.date,
    *,
    statuses: Collection[str] | None = None,
    index: LinkIndex | None = None,
    territory: bool = True,
) -> pd.DataFrame:
    """Do what `rights_on` does, from tables.

    `index` saves preparing the links again where many days are asked; ``territory=False`` leaves sovereignty by
    territory out.
    """
    links, controls, actors = tables["links"], tables["controls"], tables["actors"]
    counts = active_on(controls, day)
    if statuses is not None:
        counts = counts & controls["status"].isin(list(statuses)).to_numpy()
    held = reach(controls[counts], index or LinkIndex(links))
    if territory and (statuses is None or "binding" in statuses):
        held = pd.concat([held, _from_territory(links, actors)], ignore_index=True)
    held = held.assign(root=held["actor"].map(top_parents(actors)).fillna(held["actor"]).astype("str"))
    held = _without_replaced(held, tables)
    held.insert(0, "link_id", links["link_id"].to_numpy()[held["link"].to_numpy(dtype=np.intp)])
    ordered = held.sort_values(["link_id", "right", "actor", "control_id", "asset"], ignore_index=True)
    return ordered[list(RIGHTS_COLUMNS)]


def reach(controls: pd.DataFrame, index: LinkIndex) -> pd.DataFrame:
    """Repeat each row of controls for each link that it reaches, whatever the day.

    Parameters
    ----------
    controls : DataFrame
        Rows of table ``controls``.
    index : LinkIndex
        The links.

    Returns
    -------
    DataFrame
        Columns ``actor, right, share, status, control_id, asset, via, link``; ``link`` is the position of the link.
    """
    by_link, by_place = index.values("link"), index.values("place")
    nothing = np.empty(0, dtype=np.intp)
    reached = []
    for kind, asset in zip(controls["asset_type"], controls["asset"], strict=True):
        if kind == "link":
            reached.append(by_link.get(asset, nothing))
        elif kind == "place":
            reached.append(np.unique(by_place.get(asset, nothing)))
        elif kind == "conduit":
            reached.append(nothing)  # no link: see `mackinder.case.conduits`
        else:
            reached.append(np.flatnonzero(index.mask(asset)).astype(np.intp))
    repeated = np.repeat(np.arange(len(controls)), [len(rows) for rows in reached])
    columns = ["actor", "right", "share", "status", "control_id", "asset", "asset_type"]
    held = controls[columns].iloc[repeated].reset_index(drop=True).rename(columns={"asset_type": "via"})
    held["link"] = np.concatenate([*reached, nothing])
    return held


def _ground(links: pd.DataFrame, actors: pd.DataFrame) -> pd.DataFrame:
    """Return position of link, code and sovereign actor, one row for each code of each territory."""
    codes = links["territory"].str.split(";").explode()
    ground = pd.DataFrame({"link": codes.index.to_numpy(), "code": codes.to_numpy()})
    ground["actor"] = ground["code"].map(sovereigns(actors))
    return ground.dropna(subset="actor")  # `check` reports codes that no actor answers for


def _from_territory(links: pd.DataFrame, actors: pd.DataFrame) -> pd.DataFrame:
    ground = _ground(links.reset_index(drop=True), actors)
    return ground.rename(columns={"code": "asset"}).assign(
        right="sovereign", share=1.0, status="binding", control_id="", via="territory"
    )


def _without_replaced(held: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Drop rows by selector or territory where a row that is closer to the link holds the same right (rules 3 to 5)."""
    firm = held["status"] != "claimed"
    key = held["link"].astype("int64") * 64 + pd.Categorical(held["right"]).codes
    by_link = held["via"] == "link"
    by_selector, by_territory = held["via"] == "selector", held["via"] == "territory"
    # a selector row of right sovereign departs from the map as a row that names the link does
    departs = by_selector & (held["right"] == "sovereign")
    replaced = (by_selector | by_territory) & key.isin(key[by_link & firm])
    replaced |= by_territory & key.isin(key[departs & firm])
    at_place = (held["via"] == "place") & firm & ~held["right"].isin(MONEY_RIGHTS)
    if at_place.any():
        replaced |= _replaced_at_places(held, (by_selector | by_territory) & key.isin(key[at_place]), at_place, tables)
    return held[~replaced]


def _replaced_at_places(
    held: pd.DataFrame, general: pd.Series, at_place: pd.Series, tables: Mapping[str, pd.DataFrame]
) -> pd.Series:
    """Say which general rows give way to a row for a place: all but those of a state beyond the border."""
    actors = tables["actors"]
    ground = _ground(tables["links"].reset_index(drop=True), actors)
    ground["root"] = ground["actor"].map(top_parents(actors))
    country = tables["places"].set_index("place_id")["country"]
    place = held.loc[at_place, ["link", "right", "asset"]].assign(country=lambda rows: rows["asset"].map(country))
    rows = held.loc[general, ["link", "right", "root"]].rename_axis("row").reset_index()
    pairs = rows.merge(place[["link", "right", "country"]], on=["link", "right"])
    own = pairs.merge(ground[["link", "root", "code"]], on=["link", "root"])
    beyond = own.loc[own["code"] != own["country"], ["row", "country"]].drop_duplicates()
    kept = pairs.merge(beyond.assign(beyond=True), on=["row", "country"], how="left")
    return pd.Series(held.index.isin(kept.loc[kept["beyond"].isna(), "row"]), index=held.index)
