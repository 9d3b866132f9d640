"""What a sweep says besides its chain: levers, power and ties under every scenario, in ``strategy.parquet`` (convention C156).

Power is played in the draws of the sweep themselves if they are no more than 256, else in so many of its own. Levers are states
of their own, dozens a scenario, so they are solved in fewer draws; ties take what flows they need from the results of the sweep.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from mackinder.ensemble.prepared import Prepared
from mackinder.indicators.casepower import power_answer, power_rows
from mackinder.indicators.headline import run_lever_rows
from mackinder.indicators.measure import KEY, RESULT_COLUMNS
from mackinder.indicators.tiesanswer import ties_answer

__all__ = ["LEVER_DRAWS", "POWER_DRAWS", "besides", "said_of_draws"]

#: draws of levers, as in a run: one costs about as much as a draw of the whole chain
LEVER_DRAWS: Final = 20
#: draws of power: all are held at once, two megabytes each
POWER_DRAWS: Final = 256
#: draws of ties: scores of elements, each drawn from its own scale
_TIES_DRAWS: Final = 200


def besides(
    prepared: Prepared,
    results: pd.DataFrame,
    *,
    draws: int,
    seed: int,
    threads: int,
    say: Callable[[str], None],
) -> pd.DataFrame:
    """Compute levers, power and ties under the scenarios of a sweep.

    Levers are those of the first power of the focus on the targets of the table of ties; power is played over the trade of each
    of these targets, in the base year and at the horizon under every scenario.

    Parameters
    ----------
    prepared : Prepared
    results : DataFrame
        Of the sweep: ties take exposure and transit from it.
    draws, seed : int
        Of the sweep.
    threads : int
    say : callable

    Returns
    -------
    DataFrame
        Columns of ``results.parquet``, keys unique, sorted; empty if the case has neither levers nor ties.

    Examples
    --------
    >>> besides(prepared, results, draws=1000, seed=0, threads=2, say=print)  # doctest: +SKIP
    """
    case, frames = prepared.case, []
    scenarios = list(prepared.cases)
    if len(case.table("levers")):
        say(f"levers under {len(scenarios)} scenarios, {min(draws, LEVER_DRAWS)} draws")
        others = [name for name in scenarios if name != prepared.baseline]
        frames.append(
            run_lever_rows(
                case, others, draws=min(draws, LEVER_DRAWS), seed=seed, threads=threads, routes=prepared.routes
            )[0]
        )  # fmt: skip
    if len(case.table("ties")):
        say("ties")
        frames.append(ties_answer(case, scenarios, results=results, seed=seed, draws=min(draws, _TIES_DRAWS)).rows)
        targets = [a for a in case.settings.focus if a in set(case.table("ties")["target"])]
        say(f"power over the trade of {', '.join(targets)}, {min(draws, POWER_DRAWS)} draws")
        frames += [
            power_rows(
                power_answer(
                    prepared.cases[name],
                    name,
                    year,
                    target=target,
                    draws=min(draws, POWER_DRAWS),
                    seed=seed,
                    threads=threads,
                )
            )
            for name, year in _asked(prepared)
            for target in targets
        ]
    known = [frame[list(RESULT_COLUMNS)] for frame in frames if len(frame)]
    if not known:
        return pd.DataFrame(columns=list(RESULT_COLUMNS))
    return pd.concat(known, ignore_index=True).sort_values(list(KEY), kind="stable", ignore_index=True)


def _asked(prepared: Prepared) -> list[tuple[str, int]]:
    settings = prepared.case.settings
    return [(prepared.baseline, settings.base_year), *((name, settings.horizon_year) for name in prepared.cases)]


def said_of_draws(draws: int, *, latin: bool) -> dict[str, Any]:
    """Return, for the manifest, in which draws each part was solved, and how well medians of fewer draws are known.

    Parameters
    ----------
    draws : int
        Of the sweep.
    latin : bool
        A Latin hypercube of the case as it stands: then parts with as many draws have those of the sweep.

    Examples
    --------
    >>> said_of_draws(1000, latin=True)["levers"]["error"]
    'medians known to about 14 % of the width of their 90 % interval'
    """
    levers, ties, power = (min(draws, most) for most in (LEVER_DRAWS, _TIES_DRAWS, POWER_DRAWS))
    same = latin and power == draws
    return {
        "levers": {"draws": levers, "same_draws": latin and levers == draws, "error": _error(levers)},
        "ties": {"draws": ties, "same_draws": False, "error": f"{_error(ties)}; flows as medians and intervals"},
        "power": {"draws": power, "same_draws": same, "error": "none" if same else _error(power)},
    }


def _error(draws: int) -> str:
    """Half the 90 % interval of a median of normal draws, over the width of theirs: sqrt(pi / 2) / 2 / sqrt(n)."""
    part = 100 * math.sqrt(math.pi / 2) / 2 / math.sqrt(draws)
    return f"medians known to about {part:.0f} % of the width of their 90 % interval"
