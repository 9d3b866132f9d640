"""The page that puts models beside each other: what survives, other closures, trade without re-exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from mackinder.indicators.measure import catalogue
from mackinder.report.markdown import NOTICE, interval, number, table

__all__ = ["ablation_page"]

_MODELS: Final = {
    "routes": "routes alone",
    "capacity": "+ capacity",
    "trade-short": "+ trade, short run",
    "trade": "+ trade, long run",
}
_VERDICTS: Final = ("holds", "fades", "turns", "none")
_MEANING: Final = {
    "holds": "the same sign in every model that has the number",
    "fades": "a sign in some model, no detectable change in another",
    "turns": "one sign in one model and the other in another",
    "none": "no detectable change in any model",
}
_TRIFLE: Final = 1e-5
_CLOSURES: Final = ("model", "additive", "multiplicative", "balanced")


def ablation_page(
    nested: pd.DataFrame,
    closed: pd.DataFrame,
    own: pd.DataFrame,
    facts: Mapping[str, Any],
    *,
    labels: Mapping[str, str],
    focus: Sequence[str],
) -> str:
    """Write the page.

    Parameters
    ----------
    nested : DataFrame
        ``table`` of `mackinder.ensemble.ablation`.
    closed : DataFrame
        Of `mackinder.ensemble.closures.compare_closures`.
    own : DataFrame
        The same numbers as `nested` (``value``, ``low``, ``high``) in a run without re-exports.
    facts : mapping
        ``scenario``, ``baseline``, ``year``, ``draws``, ``seed``, ``newest_evidence``, ``models``.
    labels : mapping of str to str
        Names of corridors.
    focus : sequence of str
        Countries shown under other closures.

    Returns
    -------
    str
        Markdown; equal for equal inputs.
    """
    models = [str(m) for m in facts["models"]]
    counts = nested["verdict"].value_counts()
    told = "; ".join(f"{counts.get(v, 0)} {v} ({_MEANING[v]})" for v in _VERDICTS)
    shown = nested[nested["verdict"] != "none"]
    parts = [
        NOTICE,
        "# What survives from model to model",
        f"Changes of `{facts['scenario']}` against `{facts['baseline']}` in {facts['year']}, {facts['draws']} draws, "
        f"seed {facts['seed']}, evidence to {facts['newest_evidence']}; median and 90 % interval of the difference, draw "
        "by draw. Made with `mackinder ablation`. A change whose interval holds zero is not detectable (n.d.). In the short "
        "run capacities are as they are and trade has 0.4 (0.3 to 0.6) of its elasticities (C143); in the long run it has "
        "them in full. Nothing is built but what the scenario opens.",
        f"Of {len(nested)} numbers: {told}.",
        table(
            ["change of", "unit", *(_MODELS[m] for m in models), "conclusion"],
            [
                [_subject(r, labels), r["unit"], *(_cell(r, m) for m in models), r["verdict"]]
                for r in shown.to_dict("records")
            ],
        ),
        "## Other rules for deficits",
        _closures_words(closed, focus),
        table(
            ["country", *(_closure_head(c) for c in _CLOSURES)],
            [[actor, *(_closure_cell(closed, actor, c) for c in _CLOSURES)] for actor in _countries(closed, focus)],
        ),
        "## Without re-exports",
        "The same numbers in the whole model (long run) when goods that are only sent on are taken out of trade (C141: "
        "`mackinder run --reexports without`).",
        table(
            ["change of", "unit", "trade as customs count it", "own goods only"],
            [
                [_subject(r, labels), r["unit"], _cell(r, "trade"), _own_cell(own, r)]
                for r in shown.to_dict("records")
                if r["trade"] == r["trade"]
            ],
        ),
    ]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _subject(row: Mapping[Any, Any], labels: Mapping[str, str]) -> str:
    actor, target, asset = (str(row[c] or "") for c in ("actor", "target", "asset"))
    who = f"{actor} over {target}" if actor and target else actor or target
    label = catalogue()[str(row["indicator"])].label
    return ", ".join(part for part in (label, labels.get(asset, asset), who) if part)


def _words(value: float, low: float, high: float) -> str:
    if value != value:
        return "not in this model"
    text = interval(value, low, high)
    least = _TRIFLE * max(abs(low), abs(high))  # a bound that is zero but for the solver
    if low > least or high < -least:
        return text
    return f"n.d.: {interval(value, *(0.0 if abs(x) <= least else x for x in (low, high)))}"


def _cell(row: Mapping[Any, Any], model: str) -> str:
    return _words(float(row[model]), float(row[f"{model}_low"]), float(row[f"{model}_high"]))


def _own_cell(own: pd.DataFrame, row: Mapping[Any, Any]) -> str:
    keys = ("scenario", "indicator", "variant", "actor", "target", "asset", "unit")
    same = own
    for key in keys:
        same = same[same[key] == row[key]]
    return _words(*(float(same.iloc[0][c]) for c in ("value", "low", "high"))) if len(same) else "none"


def _countries(closed: pd.DataFrame, focus: Sequence[str]) -> list[str]:
    known = set(closed["target"])
    return [actor for actor in focus if actor in known]


def _closure_head(closure: str) -> str:
    return "whole model" if closure == "model" else closure


def _closure_row(closed: pd.DataFrame, actor: str, closure: str) -> pd.Series:
    return closed[(closed["target"] == actor) & (closed["closure"] == closure)].iloc[0]


def _closure_cell(closed: pd.DataFrame, actor: str, closure: str) -> str:
    row = _closure_row(closed, actor, closure)
    return f"{_words(float(row['value']), float(row['low']), float(row['high']))} [{number(float(row['percent']))} %]"


def _closures_words(closed: pd.DataFrame, focus: Sequence[str]) -> str:
    signs = 0
    for actor in _countries(closed, focus):
        found = {
            int(row["low"] > 0) - int(row["high"] < 0)
            for row in (_closure_row(closed, actor, c) for c in _CLOSURES)
        }  # fmt: skip
        signs += len(found) == 1
    n = len(_countries(closed, focus))
    return (
        "Change of real expenditure, USD m a year, and in per cent of spending [median]. The whole model keeps deficits in "
        "proportion to world income (additive) and stands in the horizon year; beside it, at its delivered costs, the trade "
        "model of the base year's economy with deficits kept in amount, in proportion to the country's income "
        "(multiplicative), and purged (balanced) (C145). The finding (gain, loss or no detectable change) is the same "
        f"under all rules for {signs} of "
        f"{n} countries."
    )
