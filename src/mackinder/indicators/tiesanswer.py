"""Everything that is said of ties between powers and targets: capacity, compliance, claims, trends; one call for the faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from mackinder.case import Case
from mackinder.draws import Design, keyed_generator
from mackinder.indicators.compliance import SELECTION_WARNING, observed_compliance
from mackinder.indicators.tieclaims import TieClaim, capacity_trend, fallen, larger, not_gone
from mackinder.indicators.ties import ANCHORS, POWERS, Ties, ties_capacity, ties_rows
from mackinder.indicators.tiescales import DIMENSIONS

__all__ = ["TiesAnswer", "ties_answer"]

_DRAWS = 200
_FIRST_FALL = 1994  # the first year with data of trade and votes


@dataclass(frozen=True, slots=True, kw_only=True)
class TiesAnswer:
    """What is known of ties.

    Attributes
    ----------
    rows : DataFrame
        As in ``results.parquet``: indicators ``ties_capacity`` and ``ties_share``.
    missing : DataFrame
        ``scenario, year, actor, target, dimension, missing``: elements on which nothing is known.
    compliance : DataFrame
        See `observed_compliance`: what targets did, never merged with the rows.
    claims : tuple of TieClaim
    trends : tuple of str
        What can be said of a bend in 2022.
    notes : tuple of str
    """

    rows: pd.DataFrame
    missing: pd.DataFrame
    compliance: pd.DataFrame
    claims: tuple[TieClaim, ...]
    trends: tuple[str, ...]
    notes: tuple[str, ...]


def ties_answer(
    case: Case,
    scenarios: Sequence[str] = (),
    *,
    senders: Sequence[str] = (),
    targets: Sequence[str] = (),
    results: pd.DataFrame | None = None,
    draws: int = _DRAWS,
    seed: int = 0,
) -> TiesAnswer:
    """Measure ties of powers on targets, and test what can be said of them.

    Parameters
    ----------
    case : Case
    scenarios : sequence of str
        For the horizon year.
    senders, targets : sequence of str
        Actors; empty: the powers (or, in a case without them, all senders) and all targets of the table.
    results : DataFrame, optional
        Of a run: gives the corridor dimension.
    draws, seed : int

    Returns
    -------
    TiesAnswer

    Raises
    ------
    UsageError
        An actor or scenario is not known.
    """
    table = case.table("ties")
    known = set(table["sender"])
    senders = tuple(senders) or tuple(p for p in POWERS if p in known) or tuple(sorted(known))
    targets = tuple(targets) or tuple(sorted(set(table["target"])))
    design = Design(seed=seed, draws=draws, common_share=case.settings.common_share)
    ties = ties_capacity(
        case, scenarios, design=design, senders=senders, targets=targets, years=ANCHORS, results=results
    )
    frames = [ties_rows(ties)]
    if len(case.table("reexports")):
        base = case.settings.base_year
        without = ties_capacity(
            case, scenarios, design=design, senders=senders, targets=targets, results=results, reexports=False,
            years=[year for year in ANCHORS if year >= base],
        )  # fmt: skip
        rows = ties_rows(without, variant="without_reexports")
        frames.append(rows[rows["variant"].str.startswith("economic")])
    notes = [
        "Capacity is bandwidth times dependence on frozen scales; it is not use, and not influence. Value: what is known; the "
        "interval leaves open what is missing, an old observation widens with age, weights are drawn (conventions C63 to C66).",
    ]
    if results is None:
        notes.append(
            "The corridor dimension lacks traffic and transit: give a run (--run DIR) to have them in its years."
        )
    return TiesAnswer(
        rows=pd.concat(frames, ignore_index=True),
        missing=_missing(ties),
        compliance=observed_compliance(case, senders, targets),
        claims=_claims(ties, senders[0], targets) if senders and targets else (),
        trends=_trends(ties, senders[0], targets, seed) if senders and targets else (),
        notes=(*notes, SELECTION_WARNING),
    )


def _missing(ties: Ties) -> pd.DataFrame:
    known = ties.known()
    rows = []
    for i, cell in enumerate(ties.cells.to_dict("records")):
        for dimension in DIMENSIONS:
            own = [(e.name, known[i, j]) for j, e in enumerate(ties.elements) if e.dimension == dimension]
            gone = [name for name, there in own if not there]
            if gone:
                key = {k: cell[k] for k in ("scenario", "year", "actor", "target")}
                rows.append(key | {"dimension": dimension, "missing": ";".join(gone)})
    return pd.DataFrame(rows, columns=["scenario", "year", "actor", "target", "dimension", "missing"])


def _claims(ties: Ties, actor: str, targets: Sequence[str]) -> tuple[TieClaim, ...]:
    """Compare targets in pairs today, and each with its first year: fallen, and not gone."""
    past, now = ties.cells[ties.cells["day"] <= ties.newest], ties.newest
    claims = [
        larger(
            ties, ties.find(actor=actor, target=one, day=now), ties.find(actor=actor, target=two, day=now), "economic",
            f"{actor}: economic ties are larger on {one} than on {two}, {now[:4]}",
        )
        for i, one in enumerate(targets)
        for two in targets[i + 1 :]
    ]  # fmt: skip
    first = f"{_FIRST_FALL}-12-31"
    for target in targets:
        there = ties.find(actor=actor, target=target, day=now)
        if (past["day"] == first).any():
            then = ties.find(actor=actor, target=target, day=first)
            claims += [
                fallen(ties, then, there, d, f"{actor}: {d} ties on {target} have fallen since {_FIRST_FALL}")
                for d in ("economic", "political", "security", "energy", "all")
            ]
        claims.append(not_gone(ties, there, "all", f"{actor}: ties on {target} are not gone, {now[:4]}"))
    return tuple(claims)


def _trends(ties: Ties, actor: str, targets: Sequence[str], seed: int) -> tuple[str, ...]:
    said = []
    for target in targets:
        for dimension in ("economic", "political", "security"):
            key = f"ties/trend/{actor}/{target}/{dimension}"
            trend = capacity_trend(ties, actor, target, dimension, generator=keyed_generator(seed, key))
            said.append(trend if isinstance(trend, str) else trend.statement)
    return tuple(said)
