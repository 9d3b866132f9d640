"""Money that persons send home: the newest that ties say of it on a day."""

from __future__ import annotations

import pandas as pd

from mackinder.case import Case
from mackinder.network.records import BOUNDS

__all__ = ["newest_remittances"]

_ENDS = ["sender", "target"]


def newest_remittances(case: Case, day: str) -> pd.DataFrame:
    """Return the newest tie ``remittances`` of each sender and target on a day (convention C142).

    Parameters
    ----------
    case : Case
        Table ``ties``; rows of a variant (a part of what is sent) are left out.
    day : str
        ISO day.

    Returns
    -------
    DataFrame
        Columns ``sender, target, value_low, value_mode, value_high``, sorted by sender and target.
    """
    ties = case.table("ties")
    mine = (ties["indicator"] == "remittances") & (ties["variant"] == "") & (ties["starts_on"] <= day)
    rows = ties[mine].sort_values([*_ENDS, "starts_on", "tie_id"]).drop_duplicates(_ENDS, keep="last")
    return rows[[*_ENDS, *(f"value_{b}" for b in BOUNDS)]].reset_index(drop=True)
