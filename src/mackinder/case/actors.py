"""Who directs whom: roll-up of companies to the powers behind them, and which actor answers for which country."""

from __future__ import annotations

import pandas as pd

__all__ = ["children", "sovereigns", "top_parents"]


def top_parents(actors: pd.DataFrame) -> dict[str, str]:
    """Return the top parent of each actor.

    An actor without a parent is its own. Parents that are not in the table are taken at their word; in a circle (which
    `check` reports) the actor itself is returned.

    Parameters
    ----------
    actors : DataFrame
        Table ``actors``.

    Returns
    -------
    dict of str to str

    Examples
    --------
    >>> table = pd.DataFrame({"actor_id": ["RUS", "RZD", "SCR"], "parent": ["", "RUS", "RZD"]})
    >>> top_parents(table)["SCR"]
    'RUS'
    """
    parent = dict(zip(actors["actor_id"], actors["parent"], strict=True))
    roots = {}
    for actor in parent:
        seen, top = {actor}, actor
        while parent.get(top, ""):
            top = parent[top]
            if top in seen:
                top = actor
                break
            seen.add(top)
        roots[actor] = top
    return roots


def children(actors: pd.DataFrame, actor: str) -> list[str]:
    """Return the actors that an actor directs, over all levels, sorted."""
    found: list[str] = []
    fresh = [actor]
    while fresh:
        below = actors.loc[actors["parent"].isin(fresh), "actor_id"]
        fresh = [name for name in below if name not in found and name != actor]
        found += fresh
    return sorted(found)


def sovereigns(actors: pd.DataFrame) -> dict[str, str]:
    """Return which actor answers for each country code.

    A code may stand with a state and with a union that it belongs to: the state is sovereign. Else the first by id.

    Parameters
    ----------
    actors : DataFrame
        Table ``actors``.

    Returns
    -------
    dict of str to str
        Alpha-3 code to actor id.
    """
    ranked = actors.assign(_rank=(actors["kind"] != "state").astype(int)).sort_values(["_rank", "actor_id"])
    found: dict[str, str] = {}
    for actor, codes in zip(ranked["actor_id"], ranked["countries"], strict=True):
        for code in filter(None, codes.split(";")):
            found.setdefault(code, actor)
    return found
