"""Who can close this, and by which right: of links, of a corridor link by link, and of conduits; with dates and standing."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from mackinder.case.case import Case
from mackinder.case.conduits import conduit_rights_on
from mackinder.case.rights import rights_on
from mackinder.case.selectors import LinkIndex

__all__ = ["CLOSING_COLUMNS", "closing_rights", "conduit_closing_rights", "corridor_links", "screenline_closers"]

CLOSING_COLUMNS: Final = (
    "root", "actor", "right", "status", "counts", "via", "control_id", "starts_on", "ends_on", "extension_years",
)  # fmt: skip


def closing_rights(case: Case, day: str | dt.date) -> pd.DataFrame:
    """Return every right that would close a link on a day, whatever its standing.

    Parameters
    ----------
    case : Case
    day : str or date
        ISO day.

    Returns
    -------
    DataFrame
        Columns ``link_id`` and `CLOSING_COLUMNS`. ``counts`` says whether the standing is one of ``closing_statuses`` of
        case.toml, so that the model lets the root close the link; a right that is only claimed is shown and does not.

    Examples
    --------
    >>> from mackinder.case import read_case, scaffold  # doctest: +SKIP
    >>> held = closing_rights(read_case(scaffold("demo")), "2025-01-01")  # doctest: +SKIP
    >>> held.query("link_id == 'a-city-b-north-rail' and right == 'operator'").actor.tolist()  # doctest: +SKIP
    ['ARW']
    """
    everything = rights_on(case, day)
    # without a claim in the way: what counts is resolved among the standings that count
    firm = rights_on(case, day, statuses=case.settings.closing_statuses)
    return _closing(case, everything, firm, "link_id")


def conduit_closing_rights(case: Case, day: str | dt.date) -> pd.DataFrame:
    """Do the same for conduits: columns ``conduit_id`` and `CLOSING_COLUMNS`."""
    everything = conduit_rights_on(case, day)
    firm = conduit_rights_on(case, day, statuses=case.settings.closing_statuses)
    return _closing(case, everything, firm, "conduit_id")


def _closing(case: Case, everything: pd.DataFrame, firm: pd.DataFrame, asset: str) -> pd.DataFrame:
    key = [asset, "actor", "right", "control_id", "asset"]
    held = pd.concat([firm.assign(counts=True), everything.assign(counts=False)], ignore_index=True)
    held = held.drop_duplicates(key, keep="first")
    held = held[held["right"].isin(case.settings.closing_rights)]
    dates = case.table("controls").set_index("control_id")[["starts_on", "ends_on", "extension_years"]]
    dated = held.join(dates, on="control_id")
    order = dated.sort_values([asset, "counts", "root", "right", "actor"], ascending=[True, False, True, True, True])
    return order[[asset, *CLOSING_COLUMNS]].reset_index(drop=True)


def corridor_links(case: Case, corridor: str) -> tuple[list[str], list[str]]:
    """Return the links of a corridor's screenline, and those tagged as its route.

    Raises
    ------
    KeyError
        The case has no such corridor.
    """
    links, corridors = case.table("links"), case.table("corridors").set_index("corridor_id")
    index, row = LinkIndex(links), corridors.loc[corridor]
    tagged = index.mask(f"tag={row['route_tag']}") if row["route_tag"] else np.zeros(len(links), dtype=bool)
    return list(links.loc[index.mask(str(row["screenline"])), "link_id"]), list(links.loc[tagged, "link_id"])


def screenline_closers(rights: pd.DataFrame, links: list[str]) -> list[str]:
    """Return the roots that can each close all of some links alone, sorted; nobody where there is no link.

    Examples
    --------
    >>> rights = pd.DataFrame({"link_id": ["x", "y", "x"], "root": ["A", "A", "B"], "counts": [True, True, True]})
    >>> screenline_closers(rights, ["x", "y"])
    ['A']
    """
    firm = rights[rights["counts"]]
    held = [set(firm.loc[firm["link_id"] == link, "root"]) for link in links]
    return sorted(set.intersection(*held)) if held else []
