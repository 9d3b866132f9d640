"""What scale_transfers means for the table of ties: which series it reaches, and what they are from a day on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from mackinder.case.schema import BOUNDS
from mackinder.errors import ScenarioError
from mackinder.scenario.edits import Cell, Edits, Rescale
from mackinder.scenario.model import FOREVER, Change, day_after, day_before
from mackinder.scenario.selection import Rows, require_ids

__all__ = ["plan_ties", "rescaled_pieces"]

_KEYS: Final = ("sender", "target", "indicator", "variant")
_VALUES: Final = tuple(f"value_{bound}" for bound in BOUNDS)


def plan_ties(changes: Iterable[Change], rows: Rows, horizon: str, edits: Edits) -> None:
    """Turn scale_transfers into edits of ties.

    A state is reached while it holds; of an observed series the last observation before the day is carried on.

    Parameters
    ----------
    changes : iterable of Change
        Only this operation.
    rows : Rows
        Tables to select from.
    horizon : str
        ISO day to which an observation is carried on.
    edits : Edits
        Added to.

    Raises
    ------
    ScenarioError
        If a name does not exist, a factor is negative, no tie is reached, or what only is there would be scaled by
        another factor than 0 or 1.
    """
    for change in changes:
        ties = rows.table("ties", change)
        factors = dict(change.interval("value").bounds())
        if factors["low"] < 0:
            msg = f"{change.where}.value: a factor cannot be negative, got {factors['low']:g}"
            raise ScenarioError(msg)
        chosen = pd.Series(True, index=ties.index)
        for key in (*_KEYS, "ids"):
            wanted = change.names(key)
            column = "tie_id" if key == "ids" else key
            if wanted:
                if not change.optional:
                    require_ids(wanted, ties[column], where=f"{change.where}.{key}", what=f"{column} of ties")
                chosen &= ties[column].isin(wanted)
        reached = _reached(ties[chosen], change)
        if not reached and not change.optional:
            seen = "; ".join(f"{key} {', '.join(change.names(key))}" for key in (*_KEYS, "ids") if change.names(key))
            days = f"{change.starts_on} to {change.ends_on}" if change.ends_on else f"{change.starts_on} on"
            msg = f"{change.where}: no tie with {seen or 'any ends'} holds or was observed from {days}; widen it"
            raise ScenarioError(msg)
        for row in reached:
            if row["value_unit"] == "1" and set(factors.values()) not in ({0.0}, {1.0}):
                msg = f"{change.where}: {row['tie_id']} only is there or not: scale it by 0, which ends it"
                raise ScenarioError(msg)
            edits.rescales.append(
                Rescale(
                    row=str(row["tie_id"]), factors=factors, horizon=horizon, first=change.starts_on, last=change.ends_on,
                    change=change,
                )
            )  # fmt: skip


def _reached(ties: pd.DataFrame, change: Change) -> list[dict[str, Any]]:
    """Return the states that hold on some day of the change, and the last observation of each series before it."""
    last = change.ends_on or FOREVER
    ends = ties["ends_on"].where(ties["ends_on"] != "", FOREVER)
    states = ties[(ties["kind"] == "state") & (ties["starts_on"] <= last) & (ends >= change.starts_on)]
    seen = ties[(ties["kind"] == "observation") & (ties["starts_on"] <= change.starts_on)]
    seen = seen.sort_values([*_KEYS, "starts_on", "tie_id"]).drop_duplicates(list(_KEYS), keep="last")
    return [*_records(states), *_records(seen)]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): cell for key, cell in row.items()} for row in frame.to_dict("records")]


def rescaled_pieces(row: Mapping[str, Cell], rescales: Sequence[Rescale]) -> list[tuple[dict[str, Cell], set[Change]]]:
    """Cut one row of ties at the days on which factors begin and end.

    Parameters
    ----------
    row : mapping
        Cells by column.
    rescales : sequence of Rescale
        All of this row.

    Returns
    -------
    list of (dict, set of Change)
        Rows that take its place, by day, and what changed each. The first keeps the id. A state whose factor is 0 is
        left out: it does not hold. Where several factors of one file hold they multiply.

    Raises
    ------
    ScenarioError
        If a share comes out above one.
    """
    first, observed = str(row["starts_on"]), row["kind"] == "observation"
    end = str(row["ends_on"] or "") or FOREVER
    changes = [(scale.first, scale.last or FOREVER, scale) for scale in rescales]
    stop = max([end, *(scale.horizon for scale in rescales)]) if observed else end
    cuts = {start for start, _, _ in changes} | {day_after(last) for _, last, _ in changes if last != FOREVER}
    begins = sorted({day for day in cuts if first < day <= stop} | {first})
    pieces: list[tuple[dict[str, Cell], set[Change]]] = []
    if observed and first not in cuts:  # what was measured stays as it was
        following = begins[1] if len(begins) > 1 else ""
        until = day_before(following) if following and following <= end else end
        pieces.append(({**row, "ends_on": until}, set()))
        begins = begins[1:]
    for start, following in zip(begins, [*begins[1:], ""], strict=True):
        last = day_before(following) if following else stop
        piece = {**row, "starts_on": start, "ends_on": "" if last == FOREVER else last}
        if start != first:
            piece["tie_id"] = f"{row['tie_id']}.from-{start}"
        active = [scale for begin, until, scale in changes if begin <= start <= until]
        if active and not observed and all(scale.factors["mode"] == 0 for scale in active):
            continue
        for scale in active:
            for name, bound in zip(_VALUES, BOUNDS, strict=True):
                piece[name] = float(str(piece[name])) * scale.factors[bound]
        if piece["value_unit"] == "share" and float(str(piece["value_high"])) > 1:
            who = " and ".join(sorted(scale.change.where for scale in active))
            msg = f"{who}: {row['tie_id']} comes out as a share of {float(str(piece['value_high'])):g}, above one"
            raise ScenarioError(msg)
        pieces.append((piece, {scale.change for scale in active}))
    return pieces
