"""What actors have said: positions on issues and how much each matters, drawn from their intervals (convention C100)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.draws import Design

__all__ = ["Stated", "draw_stated", "newest_positions"]

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """Drawn positions and saliences.

    Attributes
    ----------
    actors, issues : tuple of str
        Axes.
    position : ndarray, shape (draws, actors, issues), 0 to 100
        Not a number where nothing was stated.
    salience : ndarray, shape (draws, actors, issues), 0 to 1
        0 where nothing was stated.
    """

    actors: tuple[str, ...]
    issues: tuple[str, ...]
    position: Floats
    salience: Floats

    def shifted(self, add: Floats, factor: Floats) -> Stated:
        """Return the same with positions moved by points and saliences multiplied, both of the shape of positions."""
        return dataclasses.replace(
            self,
            position=np.clip(self.position + add, 0.0, 100.0),
            salience=np.clip(self.salience * factor, 0.0, 1.0),
        )


def newest_positions(positions: pd.DataFrame, day: dt.date | str | None = None) -> pd.DataFrame:
    """Return the newest row of each actor and issue, as of a day.

    Rows of the same day speak with several voices: they become one row whose interval spans theirs, with the mean of
    their modes. A wider interval is the price of a government that says two things.

    Examples
    --------
    >>> rows = pd.DataFrame({"actor": "IRN", "issue": "OPER", "as_of": ["2025-08-01", "2025-08-09", "2025-08-09"],
    ...     "position_low": [0.0, 40, 90], "position_mode": [5.0, 50, 98], "position_high": [10.0, 60, 100],
    ...     "salience_low": 0.5, "salience_mode": 0.7, "salience_high": 0.9, "facts": ["P1", "P2", "P3"]})
    >>> newest_positions(rows)[["position_low", "position_mode", "position_high"]].values.tolist()
    [[40.0, 74.0, 100.0]]
    """
    frame = positions if day is None else positions[positions["as_of"] <= str(day)]
    last = frame.groupby(["actor", "issue"])["as_of"].transform("max")
    frame = frame[frame["as_of"] == last]
    how: Any = {
        **{f"{stem}_{end}": rule for stem in ("position", "salience") for end, rule in
           (("low", "min"), ("mode", "mean"), ("high", "max"))},
        "as_of": "max", "facts": lambda cells: ";".join(sorted(set(cells))),
    }  # fmt: skip
    newest: pd.DataFrame = frame.groupby(["actor", "issue"], as_index=False).agg(how)
    return newest


def draw_stated(positions: pd.DataFrame, actors: Sequence[str], issues: Sequence[str], design: Design) -> Stated:
    """Draw positions and saliences of actors on issues; each has a stream of its own.

    Parameters
    ----------
    positions : DataFrame
        As `newest_positions` returns it.
    actors, issues : sequence of str
        Wanted, in this order.
    design : Design
        Streams of draws.

    Returns
    -------
    Stated
    """
    shape = (design.draws, len(actors), len(issues))
    place, care = np.full(shape, np.nan), np.zeros(shape)
    known = positions.set_index(["actor", "issue"])
    for i, actor in enumerate(actors):
        for k, issue in enumerate(issues):
            if (actor, issue) not in known.index:
                continue
            row: Any = known.loc[(actor, issue)]
            for stem, into, top in (("position", place, 100.0), ("salience", care, 1.0)):
                ends = [np.array([float(row[f"{stem}_{end}"])]) for end in ("low", "mode", "high")]
                drawn = design.quantity([f"stated/{stem}/{actor}/{issue}"], *ends)[:, 0]
                into[:, i, k] = np.clip(drawn, 0.0, top)
    return Stated(actors=tuple(actors), issues=tuple(issues), position=place, salience=care)
