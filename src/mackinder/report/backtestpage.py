"""The page of back-tests: history replayed from the eve, with misses and with what cannot be replayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mackinder.report.markdown import NOTICE, interval, number, table

if TYPE_CHECKING:
    from mackinder.case.episodesdoc import Episode
    from mackinder.evidence.backtests import Backtest

__all__ = ["backtest_page"]

_SCORES = (
    "crps", "crps_no_change", "crps_plan", "interval_score", "interval_score_no_change", "interval_score_plan"
)  # fmt: skip


def backtest_page(episodes: Sequence[Episode], found: Backtest) -> str:
    """Write the page.

    Parameters
    ----------
    episodes : sequence of Episode
    found : Backtest
        Of the same episodes.

    Returns
    -------
    str
        Markdown; equal for equal inputs.
    """
    rows = {f"{r['episode']}/{r['outcome']}": {str(k): v for k, v in r.items()} for r in found.table.to_dict("records")}
    made = found.table[found.table["crps"].notna()]
    won, covered = int((made["beats_no_change"] == "yes").sum()), int((made["covered"] == "yes").sum())
    parts = [
        NOTICE,
        "# Back-tests: history replayed from its eve",
        f"{len(episodes)} episodes with {len(rows)} outcomes; {len(rows) - len(made)} refused. **{covered} of {len(made)} "
        f"intervals at 90 % cover what came, {won} of {len(made)} predictions beat no change by CRPS.** So few outcomes, of few "
        "kinds, prove little; and the episodes were known when the rules were written.",
        "What is replayed are mechanisms of the model (route choice from where a market was, a series under a capacity, "
        "classes of cases), not the whole network: its tables are the state of late August 2025, and with later costs and "
        "trade a run of 2022 or 2024 would know what was to come. `mackinder run --as-of` before the first vintage is refused "
        "for the same reason. Every fact of an input was known on the eve: the program checks it and the manifest shows the "
        "days; an input without facts is judged, today, and hindsight cannot be kept out of it.",
        "CRPS and interval score are losses in the unit of the outcome; a single number as a forecast has no width, so its "
        "interval score is twenty times its error.",
    ]  # fmt: skip
    for episode in episodes:
        parts += [
            f"## {episode.label}",
            f"*{episode.event_on}.* {episode.mechanism} **Limits:** {episode.limits}",
            table(
                ["outcome", "eve", "predicted", "came", "unit", "covered", "CRPS", "no change", "plan", "interval score",
                 "no change", "plan", "beats no change"],
                [_line(o.label, rows[f"{episode.id}/{o.id}"]) for o in episode.outcome],
            ),
            "\n".join(_proof(o.label, found.manifest["outcomes"][f"{episode.id}/{o.id}"], o.replay.why) for o in episode.outcome),
        ]  # fmt: skip
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _line(label: str, row: Mapping[str, Any]) -> list[object]:
    told = "refused" if row["refused"] else interval(row["value"], row["low"], row["high"])
    scores = [
        number(row[n])
        for n in (
            "crps",
            "crps_no_change",
            "crps_plan",
            "interval_score",
            "interval_score_no_change",
            "interval_score_plan",
        )
    ]
    return [
        label,
        row["eve"],
        told,
        number(row["observed"]),
        row["unit"],
        row["covered"],
        *scores,
        row["beats_no_change"],
    ]


def _proof(label: str, proof: Mapping[str, Any], why: str) -> str:
    if why:
        return f"- *{label}*: refused, {why}."
    items = [*proof["inputs"].items(), *proof["spans"].items()]
    known = [
        f"{name} by {', '.join(f'{f} ({d})' if d else f for f, d in item['facts'].items())}"
        for name, item in items
        if item["facts"]
    ]
    judged = f"; judged now: {', '.join(proof['judged'])}" if proof["judged"] else ""
    return f"- *{label}*: known on the eve: {'; '.join(known) or 'nothing'}{judged}."
