"""Draws whose equilibrium is not solved: counted, left out of the numbers, and an error unless allowed (convention C144)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mackinder.equilibrium.loading import GAP, Loading
from mackinder.errors import NotConvergedError
from mackinder.indicators.measure import Measure

__all__ = ["refuse_unsolved", "solved_gaps", "without_unsolved"]

_MINUS = "minus-baseline"


def solved_gaps(loading: Loading) -> dict[str, Any]:
    """Return how well the equilibrium of every draw and state is solved, for the manifest."""
    gap = loading.loads.gap
    open_ = _open(loading)
    return {
        "tolerance": GAP,
        "solved": int((~open_).sum()),
        "not_solved": int(open_.sum()),
        "largest_gap_capacity": float(gap[..., 0].max()),
        "largest_gap_trade": float(gap[..., 1].max()),
        "answers_median": float(np.median(gap[..., 2])),
    }


def without_unsolved(measure: Measure, loading: Loading, baseline: str) -> Measure:
    """Return the measure with nan for what rests on a state that is not solved in a draw.

    A difference rests on both its states, and trade that answers on the state in which it was observed.
    """
    open_ = _open(loading)
    if not open_.any():
        return measure
    if loading.model == "trade":
        open_ = open_ | open_[:, :1]
    of_state = {(state.scenario, state.year): s for s, group in enumerate(loading.network.same) for state in group}
    draws = measure.draws.copy()
    names = ("scenario", "year", "variant")
    for i, (scenario, year, variant) in enumerate(zip(*(measure.keys[n].tolist() for n in names), strict=True)):
        bad = open_[:, of_state[scenario, year]]
        if variant.endswith(_MINUS):
            bad = bad | open_[:, of_state[baseline, year]]
        draws[bad, i] = np.nan
    return Measure(keys=measure.keys, draws=draws)


def refuse_unsolved(equilibrium: dict[str, Any]) -> None:
    """Raise if any state of a draw is not solved.

    Raises
    ------
    NotConvergedError
        Says how many and how far off.

    Examples
    --------
    >>> refuse_unsolved({"not_solved": 0})
    """
    if not equilibrium["not_solved"]:
        return
    whole = equilibrium["not_solved"] + equilibrium["solved"]
    msg = (
        f"{equilibrium['not_solved']} of {whole} states (scenario, year and draw) are not solved to a relative gap of "
        f"{equilibrium['tolerance']:.0e} (the largest is {equilibrium['largest_gap_capacity']:.1e} of capacities, "
        f"{equilibrium['largest_gap_trade']:.1e} of trade): their numbers are left out; look for a capacity near zero or a "
        "market that nobody can reach, or allow it (--allow-unsolved, allow_unsolved=True)"
    )
    raise NotConvergedError(msg)


def _open(loading: Loading) -> np.ndarray:
    return np.asarray(~(loading.loads.gap[..., :2] <= GAP).all(axis=2))
