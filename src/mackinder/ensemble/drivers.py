"""What drives several numbers of one run: their decisive inputs, with where each comes from (conventions C140 and C158)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy import stats

from mackinder.archive import Run
from mackinder.case import Case
from mackinder.ensemble.origins import Origin, origin_of
from mackinder.ensemble.sensitivity import tornado
from mackinder.ensemble.why import decisive_inputs, design_of

__all__ = ["FEWEST_DRAWS", "Driver", "Drivers", "find_drivers_of"]

#: with fewer draws hardly an input that decides half of a number can be told from chance
FEWEST_DRAWS = 40
_LOOKED_AT = 4096


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """One input that decides a number.

    Attributes
    ----------
    origin : Origin
        What it is and where it comes from.
    share, share_low, share_high : float
        Of the variance of the number's ranks, first order, with a 90 % interval.
    low, high : float
        Median of the number where the input is in its lowest and in its highest fifth.
    """

    origin: Origin
    share: float
    share_low: float
    share_high: float
    low: float
    high: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Drivers:
    """What drives one number.

    Attributes
    ----------
    row : int
        Of ``results.parquet``.
    median : float
    found : tuple of Driver
        Largest share first; empty if none stands out.
    explained : float
        Share of the variance that they explain together.
    least : float
        Share below which an input cannot be told from chance with so many draws.
    draws : int
        With a value.
    """

    row: int
    median: float
    found: tuple[Driver, ...]
    explained: float
    least: float
    draws: int


def find_drivers_of(run: Run, case: Case, rows: Sequence[int]) -> tuple[Drivers, ...]:
    """Return what drives each of some numbers of a run: inputs are taken up as in `mackinder why`, for the ranks of the number.

    Ranks, because numbers with a long tail make inputs seem decisive that are not: the bound of chance holds for a normal one.

    Parameters
    ----------
    run : Run
    case : Case
        Its vintage, for the origins of inputs.
    rows : sequence of int
        Rows of ``run.results``.

    Returns
    -------
    tuple of Drivers
        In the order of `rows`. Left out are numbers that are the same in all draws, or have a value in fewer than
        `FEWEST_DRAWS`; all are if the run does not name its inputs or its draws are not there.
    """
    inputs = list(run.manifest.get("inputs", ()))
    if not inputs or not rows or len(run.draws) < FEWEST_DRAWS:
        return ()
    used = min(len(run.draws), _LOOKED_AT)
    design = design_of(run).window(0, used)
    scores = np.stack([design.normal(key) for key in inputs], axis=1)
    out = []
    for row in rows:
        values = run.draws[:used, row].astype(np.float64)
        fine = np.isfinite(values)
        if fine.sum() < FEWEST_DRAWS or np.ptp(values[fine]) == 0:
            continue
        y, z = values[fine], scores[fine]
        ranks = stats.norm.ppf((stats.rankdata(y) - 0.5) / len(y))
        decided = decisive_inputs(ranks, z, inputs, seed=design.seed)
        swing = tornado(y, z[:, decided.columns], decided.names).set_index("input")
        found = tuple(
            Driver(
                origin=origin_of(case, str(line["input"])),
                share=float(line["share"]),
                share_low=float(line["share_low"]),
                share_high=float(line["share_high"]),
                low=float(swing.loc[line["input"], "low"]),
                high=float(swing.loc[line["input"], "high"]),
            )
            for line in decided.table.to_dict("records")
        )
        out.append(
            Drivers(
                row=int(row),
                median=float(np.median(y)),
                found=found,
                explained=decided.explained,
                least=decided.least,
                draws=int(fine.sum()),
            )
        )
    return tuple(out)
