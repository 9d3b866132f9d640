"""Observed compliance: what targets did when pressed, counted from episodes; beside ties, never added to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from mackinder.case import Case

__all__ = ["PERIODS", "RESPONSES", "SELECTION_WARNING", "observed_compliance"]

#: first year of each period, and its name
PERIODS: Final = ((1991, "1991-2007"), (2008, "2008-2021"), (2022, "since 2022"))
RESPONSES: Final = ("defied", "partly", "complied", "unclear")
SELECTION_WARNING: Final = (
    "Episodes were found, not sampled: pressure that nobody reported, and demands met before any pressure, are missing. A state "
    "is pressed where it is expected to give in or has already refused, so counts are no rate of obedience, and what followed "
    "is not what was caused."
)


def observed_compliance(case: Case, senders: Sequence[str], targets: Sequence[str]) -> pd.DataFrame:
    """Count how targets responded to what each sender demanded, by period and kind.

    Parameters
    ----------
    case : Case
    senders, targets : sequence of str
        Actors; an episode of several counts for each.

    Returns
    -------
    DataFrame
        ``sender, target, period, kind`` (sanction, threat, inducement), ``defied, partly, complied, unclear`` and ``episodes``,
        the ids joined by ``;``. Sorted; a period without an episode has no row, which says nothing.

    Examples
    --------
    >>> from mackinder.case import read_case, scaffold  # doctest: +SKIP
    >>> observed_compliance(read_case(scaffold("demo")), ["AAA"], ["CCC"]).defied.tolist()  # doctest: +SKIP
    [1]
    """
    table = case.table("episodes")
    rows = [
        {
            "sender": sender,
            "target": target,
            "period": _period(str(episode["starts_on"])),
            "kind": episode["kind"],
            "episode": episode["episode_id"],
            "response": episode["target_response"],
        }
        for episode in table.to_dict("records")
        for sender in str(episode["sender"]).split(";")
        for target in str(episode["target"]).split(";")
        if sender in senders and target in targets
    ]
    keys = ["sender", "target", "period", "kind"]
    found = pd.DataFrame(rows, columns=[*keys, "episode", "response"])
    counted = [
        dict(zip(keys, key, strict=True))
        | {name: int((group["response"] == name).sum()) for name in RESPONSES}
        | {"episodes": ";".join(sorted(group["episode"]))}
        for key, group in found.groupby(keys, sort=True)
    ]
    return pd.DataFrame(counted, columns=[*keys, *RESPONSES, "episodes"])


def _period(day: str) -> str:
    began = [name for first, name in PERIODS if int(day[:4]) >= first]
    return began[-1] if began else f"before {PERIODS[0][0]}"
