"""The answer of ``why``: a number of a run, what decides it, what it rests on, and the same number under other scenarios."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pandas as pd

from mackinder.archive import Run
from mackinder.case import Case
from mackinder.ensemble.compared import aim_of, compare_scenarios
from mackinder.ensemble.grounds import Grounds, grounds_of
from mackinder.ensemble.options import with_options
from mackinder.ensemble.origins import Origin, origin_of
from mackinder.ensemble.why import Why, explain, find_number, read_futures
from mackinder.errors import UsageError

__all__ = ["WhyAnswer", "answer_why"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class WhyAnswer:
    """All that is said of one number.

    Attributes
    ----------
    key : dict
        Its key, with value, low, high and draws.
    found : Why or None
        What decides it; None where its draws are not kept, or too few.
    origins : tuple of Origin
        Where the deciding inputs come from.
    grounds : Grounds
    scenarios : DataFrame
        See `compare_scenarios`.
    aim : str
        What counted as better: more, less or none.
    notes : tuple of str
        What could not be said, and why.
    """

    key: Mapping[str, Any]
    found: Why | None
    origins: tuple[Origin, ...]
    grounds: Grounds
    scenarios: pd.DataFrame
    aim: str
    notes: tuple[str, ...]


def answer_why(
    run: Run,
    case: Case,
    indicator: str,
    key: Mapping[str, str | int | None],
    *,
    better: str | None = None,
    conditions: bool = False,
    above: float | None = None,
    below: float | None = None,
) -> WhyAnswer:
    """Say what a number rests on.

    Parameters
    ----------
    run : Run
        A run or a sweep.
    case : Case
        Its vintage, without a scenario.
    indicator : str
    key : mapping
        Further parts of the key; None: not asked for.
    better : str, optional
        See `mackinder.ensemble.compared.aim_of`.
    conditions : bool
        Look for conditions; implied by ``above`` and ``below``.
    above, below : float, optional
        See `mackinder.ensemble.why.explain`.

    Raises
    ------
    UsageError
        If no number, or more than one, has this key, or an outcome is asked for that all draws have or none.

    Examples
    --------
    >>> answer_why(run, case, "pair_cost", {"asset": "arm-north>deu"}).grounds.facts  # doctest: +SKIP
    """
    notes = []
    same = with_options(case, reexports=run.manifest.get("reexports"), horizon=run.manifest.get("horizon"))
    if run.manifest["case_digest"] not in (case.digest, same.digest):
        notes.append("The tables of the case are no longer those of the run: what it rests on is said of today's.")
    aim = aim_of(indicator, better)
    told = run.strategy
    if told is not None and indicator not in set(run.results["indicator"]) and indicator in set(told["indicator"]):
        row = find_number(dataclasses.replace(run, results=told), indicator, **key)
        number = {str(k): v for k, v in told.loc[row].to_dict().items()}
        notes.append(
            "This number is of another model, whose draws are not kept with the run: shares of its variance are not known, and "
            "scenarios cannot be compared draw by draw."
        )
        return WhyAnswer(
            key=number, found=None, origins=(), grounds=grounds_of(case, number), notes=tuple(notes),
            scenarios=pd.DataFrame(), aim=aim,
        )  # fmt: skip
    row = find_number(run, indicator, **key)
    asked = conditions or above is not None or below is not None
    found: Why | None = None
    origins: tuple[Origin, ...] = ()
    try:
        found = explain(run, row, futures=read_futures(run), above=above, below=below)
        origins = tuple(origin_of(case, name) for name in found.inputs["input"])
    except UsageError as error:
        if asked:
            raise
        notes.append(f"What decides it cannot be said: {error}.")
    if found is not None and not asked:
        found = dataclasses.replace(found, conditions=None)
    elif found is not None and found.conditions is None:
        notes.append(
            "Conditions cannot be said: no input decides it beyond chance, or fewer than 100 draws have a value."
        )
    number = {str(k): v for k, v in run.results.loc[row].to_dict().items()}
    shares = {} if found is None else dict(zip(found.inputs["input"], found.inputs["share"], strict=True))
    return WhyAnswer(
        key=number, found=found, origins=origins, grounds=grounds_of(case, number, origins, shares), aim=aim,
        scenarios=compare_scenarios(run, row, aim=aim), notes=tuple(notes),
    )  # fmt: skip
