"""The page of switch points: at which fee, hours, rate or capacity traffic goes over between corridors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.report.markdown import NOTICE, interval, number, table
from mackinder.units import TONNES_PER_MT

if TYPE_CHECKING:
    from mackinder.equilibrium import SwitchAnswer

__all__ = ["switch_page", "switch_rows"]

_LEVERS: Final = {
    "fee": "fees on its line, USD/t",
    "hours": "hours at its screenline, h",
    "rate": "rate level on its line, today = 1",
    "capacity": "capacity, Mt a year",
}
_ENDS: Final = ("low", "value", "high")


def _span(values: NDArray[np.float64], scale: float = 1.0) -> tuple[float, float, float]:
    """5 per cent point, median and 95 per cent point; infinite where they lie beyond the range."""
    known = values[~np.isnan(values)]
    if not len(known):
        return (math.nan,) * 3
    low, value, high = np.quantile(known, [0.05, 0.5, 0.95], method="inverted_cdf") / scale
    return float(low), float(value), float(high)


def switch_rows(answer: SwitchAnswer) -> list[dict[str, Any]]:
    """Return a row for each lever: present range, switch point, share of draws with a flip; contested tonnes.

    Parameters
    ----------
    answer : SwitchAnswer
        As `mackinder.equilibrium.switch_points` gives it.

    Returns
    -------
    list of dict
        Capacity and tonnes in Mt a year.
    """
    rows = []
    tonnes = {name: _span(getattr(answer, name), TONNES_PER_MT) for name in ("contested", "on_first", "on_second")}
    for point in answer.points:
        scale = TONNES_PER_MT if point.lever == "capacity" else 1.0
        row: dict[str, Any] = {"first": answer.first, "second": answer.second, "lever": point.lever}
        spans = {"today": _span(point.today, scale), "switch": _span(point.threshold, scale), **tonnes}
        for name, span in spans.items():
            row |= {f"{name}_{end}": x for end, x in zip(_ENDS, span, strict=True)}
        rows.append(row | {"flips": point.flips, "bound": point.bounds[1] / scale})
    return rows


def switch_page(rows: pd.DataFrame, facts: Mapping[str, Any], *, labels: Mapping[str, str]) -> str:
    """Write the page.

    Parameters
    ----------
    rows : DataFrame
        Of `switch_rows`, for each pair of corridors.
    facts : mapping
        ``scenario``, ``year``, ``draws``, ``seed``, ``newest_evidence``.
    labels : mapping of str to str
        Names of corridors.

    Returns
    -------
    str
        Markdown; equal for equal inputs.
    """
    parts = [
        NOTICE,
        "# Where traffic goes over from one corridor to another",
        f"Scenario `{facts['scenario']}`, {facts['year']}, {facts['draws']} draws, seed {facts['seed']}, evidence to "
        f"{facts['newest_evidence']}; median and 90 % interval over all draws. Made with `mackinder switch A B`; the levers are "
        "those of the corridor named first, one at a time, the others as they are today. Contested are the flows whose best way "
        "over either corridor costs at most a quarter more than their best way of all (C80); at the switch point both carry the "
        "same of them (C81).",
    ]
    for (first, second), some in rows.groupby(["first", "second"], sort=False):
        head = some.iloc[0]
        contested, on_first, on_second = (
            interval(head[f"{n}_value"], head[f"{n}_low"], head[f"{n}_high"])
            for n in ("contested", "on_first", "on_second")
        )
        parts += [
            f"## {labels[str(first)]} against {labels[str(second)]}",
            f"Contested: {contested} Mt a year, of which {on_first} go over `{first}` only and {on_second} over `{second}` only.",
            table(
                [f"lever on `{first}`", "today", "traffic goes over at", "draws with a flip"],
                [_cells(row, str(first), str(second)) for row in some.to_dict("records")],
            ),
        ]
    parts.append(
        "Neglected: a full link elsewhere on either way; who ships less or elsewhere because of the price; a lever of the other "
        "corridor that answers."
    )
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _cells(row: Mapping[Any, Any], first: str, second: str) -> list[str]:
    today = tuple(float(row[f"today_{end}"]) for end in _ENDS)
    switch = tuple(float(row[f"switch_{end}"]) for end in _ENDS)
    bound = number(float(row["bound"])) if math.isfinite(row["bound"]) else ""
    below, above = f"{second} leads at 0", f"{first} leads at {bound}"
    if row["lever"] == "capacity":
        below, above = f"{first} leads at any", f"{second} leads without limit"
    words = {-math.inf: below, math.inf: above}
    if math.isnan(switch[1]):
        told = "nothing is contested"
    elif switch[0] == switch[1] == switch[2] and switch[1] in words:
        told = f"no flip: {words[switch[1]]}"
    else:
        low, middle, high = (words.get(x) or number(x) for x in switch)
        told = f"{middle} ({low} to {high})"
    now = "no bound known" if today[1] == math.inf else interval(today[1], today[0], today[2])
    return [_LEVERS[str(row["lever"])], now, told, f"{float(row['flips']):.0%}"]
