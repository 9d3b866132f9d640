"""Pipelines, power lines and fibre: which carry on a day, who holds which right in them, and who can close them.

They lie outside the freight network and follow its rules (`mackinder.case.rights`): each state is sovereign over what
crosses its ground, rows of ``controls`` with asset_type ``conduit`` say the rest. A row with right ``sovereign`` that
names a conduit replaces sovereignty by territory there, unless it is only claimed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mackinder.case.actors import sovereigns, top_parents
from mackinder.case.case import Case
from mackinder.case.rights import active_on

__all__ = ["CONDUIT_RIGHTS_COLUMNS", "conduit_closers", "conduit_rights_on", "open_conduits"]

CONDUIT_RIGHTS_COLUMNS: Final = (
    "conduit_id", "actor", "root", "right", "share", "status", "control_id", "via", "asset",
)  # fmt: skip
_SHUT: Final = ("closed", "destroyed")


def open_conduits(conduits: pd.DataFrame, day: str | dt.date) -> npt.NDArray[np.bool_]:
    """Return which conduits carry something on a day, by the rule for links (convention C9).

    Parameters
    ----------
    conduits : DataFrame
        Table ``conduits``.
    day : str or date
        ISO day.

    Returns
    -------
    ndarray of bool, shape (n_conduits,)
    """
    text = str(day)
    status, opens, closed = conduits["status"], conduits["opens_on"], conduits["closed_since"]
    never = (status == "planned") | (status.isin(_SHUT) & (closed == "")) | ((status == "building") & (opens == ""))
    begun = (opens == "") | (opens <= text)
    return np.asarray(~never & begun & ((closed == "") | (text < closed)), dtype=np.bool_)


def conduit_rights_on(case: Case, day: str | dt.date, *, statuses: Collection[str] | None = None) -> pd.DataFrame:
    """Return every right in every conduit on a day.

    Parameters
    ----------
    case : Case
    day : str or date
        ISO day.
    statuses : collection of str, optional
        Legal standings that count (binding, framework, claimed); all if None. Sovereignty by territory is binding.

    Returns
    -------
    DataFrame
        Columns ``conduit_id, actor, root, right, share, status, control_id, via, asset``, sorted by conduit, right,
        actor; ``via`` is territory or conduit, ``asset`` the country code or the conduit.

    Examples
    --------
    >>> from mackinder.case import read_case  # doctest: +SKIP
    >>> held = conduit_rights_on(read_case("south-caucasus"), "2025-09-01")  # doctest: +SKIP
    >>> held.query("conduit_id == 'gas-iran-armenia' and right == 'operator'").root.tolist()  # doctest: +SKIP
    ['RUS']
    """
    conduits, controls, actors = case.table("conduits"), case.table("controls"), case.table("actors")
    counts = active_on(controls, day) & (controls["asset_type"] == "conduit").to_numpy()
    if statuses is not None:
        counts = counts & controls["status"].isin(list(statuses)).to_numpy()
    named = controls.loc[counts, ["actor", "right", "share", "status", "control_id", "asset"]]
    named = named.assign(conduit_id=named["asset"], via="conduit")
    held = named[named["conduit_id"].isin(conduits["conduit_id"])]
    if statuses is None or "binding" in statuses:
        departs = held.loc[(held["right"] == "sovereign") & (held["status"] != "claimed"), "conduit_id"]
        ground = _from_territory(conduits, actors)
        held = pd.concat([held, ground[~ground["conduit_id"].isin(departs)]], ignore_index=True)
    held = held.assign(root=held["actor"].map(top_parents(actors)).fillna(held["actor"]).astype("str"))
    ordered = held.sort_values(["conduit_id", "right", "actor", "control_id", "asset"], ignore_index=True)
    return ordered[list(CONDUIT_RIGHTS_COLUMNS)]


def conduit_closers(case: Case, day: str | dt.date) -> pd.DataFrame:
    """Return who can close which conduit on a day, by ``closing_rights`` and ``closing_statuses`` of case.toml.

    Parameters
    ----------
    case : Case
    day : str or date
        ISO day.

    Returns
    -------
    DataFrame
        Columns ``conduit_id, root, rights, actors``, one row for each conduit that carries on the day and each top
        parent that can close it alone (convention C20); the last two are lists joined by ``;``, the reason why.

    Examples
    --------
    >>> from mackinder.case import read_case  # doctest: +SKIP
    >>> closers = conduit_closers(read_case("south-caucasus"), "2025-09-01")  # doctest: +SKIP
    >>> closers.query("conduit_id == 'gas-russia-georgia-armenia'").root.tolist()  # doctest: +SKIP
    ['ARM', 'GEO', 'RUS']
    """
    conduits = case.table("conduits")
    carrying = conduits.loc[open_conduits(conduits, day), "conduit_id"]
    held = conduit_rights_on(case, day, statuses=case.settings.closing_statuses)
    closing = held[held["right"].isin(case.settings.closing_rights) & held["conduit_id"].isin(carrying)]
    rows = [
        (conduit, root, ";".join(sorted(set(group["right"]))), ";".join(sorted(set(group["actor"]))))
        for (conduit, root), group in closing.groupby(["conduit_id", "root"], sort=True)
    ]
    return pd.DataFrame(rows, columns=["conduit_id", "root", "rights", "actors"], dtype="str")


def _from_territory(conduits: pd.DataFrame, actors: pd.DataFrame) -> pd.DataFrame:
    codes = conduits.assign(asset=conduits["territory"].str.split(";")).explode("asset")[["conduit_id", "asset"]]
    ground = codes.assign(actor=codes["asset"].map(sovereigns(actors))).dropna(subset="actor")
    return ground.assign(right="sovereign", share=1.0, status="binding", control_id="", via="territory")
