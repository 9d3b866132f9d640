"""What it would take: the smallest change of one input that turns a prediction round, and what linkages turn (C103)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case.arrangements import Arrangements, Linkage
from mackinder.draws import Design
from mackinder.strategy.consent import Consent
from mackinder.strategy.stated import Stated
from mackinder.strategy.valuation import Terms, Valuation, spread

__all__ = ["Flip", "linked_factor", "linked_positions", "smallest_flips", "turned"]

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """The least change of one input after which an actor's median answer is the other one.

    Attributes
    ----------
    arrangement, actor : str
        Whose answer to what.
    now : str
        ``accepts`` or ``refuses``.
    change : str
        ``payment``, ``stake`` or an issue.
    size : float
        USD m/yr; factor on the stakes; or the position to which it would have to move.
    start : float
        Where the input stands now.
    relative : float
        Size of the change in half widths of the input's own 90 % interval: below one is within the coder's doubt.
    """

    arrangement: str
    actor: str
    now: str
    change: str
    size: float
    start: float
    relative: float


def smallest_flips(
    document: Arrangements, valuation: Valuation, stated: Stated, terms: Terms, positions: pd.DataFrame
) -> list[Flip]:
    """Search, for each actor whose consent counts, the least single change that turns its median answer.

    Parameters
    ----------
    document, valuation, stated, terms
        As valued; medians over draws are the centre.
    positions : DataFrame
        As `newest_positions` returns it: the widths of the intervals.
    """
    total = np.median(valuation.total, axis=0)
    stakes = np.median(valuation.security + valuation.status, axis=0)
    money = np.median(valuation.economics_percent, axis=0)
    width = positions.set_index(["actor", "issue"])
    found = []
    for item in document.arrangement:
        if item.id == document.status_quo:
            continue
        a = valuation.arrangements.index(item.id)
        for actor in dict.fromkeys((*item.must_consent, *(way.actor for way in item.can_obstruct))):
            i = valuation.actors.index(actor)
            now = total[a, i]
            half = np.ptp(np.quantile(valuation.money(valuation.total)[:, a, i], [0.05, 0.95])) / 2
            options = [
                ("payment", -now * valuation.gdp[i] / 100, 0.0, abs(now) * valuation.gdp[i] / 100 / max(half, 1e-9))
            ]
            if stakes[a, i] * now > 0 and money[a, i] * now < 0:
                factor = -money[a, i] / stakes[a, i]
                options.append(("stake", factor, 1.0, abs(np.log(max(factor, 1e-6))) / np.log(3.0)))
            options += _positions(document, valuation, stated, terms, width, a, i, now)
            found += [
                Flip(
                    arrangement=item.id, actor=actor, now="accepts" if now > 0 else "refuses", change=best[0],
                    size=float(best[1]), start=float(best[2]), relative=float(best[3]),
                )
                for best in (options[0], *sorted(options[1:], key=lambda option: option[3])[:1])
            ]  # fmt: skip
    return found


def _positions(
    document: Arrangements, valuation: Valuation, stated: Stated, terms: Terms, width: pd.DataFrame, a: int, i: int, now: float
) -> list[tuple[str, float, float, float]]:  # fmt: skip
    """For each issue that the actor has spoken on: the nearest position at which its answer turns, if there is one."""
    found = []
    money = float(np.median(valuation.economics_percent[:, a, i]))
    quo = terms.arrangements.index(document.status_quo)
    grid = np.linspace(0.0, 100.0, 101)
    for kind, issues in (("security", document.security_issues), ("status", document.status_issues)):
        mine = [stated.issues.index(k) for k in issues]
        theirs = [terms.issues.index(k) for k in issues]
        place, care = np.median(stated.position[:, i, mine], axis=0), np.median(stated.salience[:, i, mine], axis=0)
        party = next(p for p in document.party if p.actor == valuation.actors[i])
        other = "status" if kind == "security" else "security"
        rest = money + float(np.median(getattr(valuation, other)[:, a, i]))
        for k, issue in enumerate(issues):
            if not np.isfinite(place[k]) or (valuation.actors[i], issue) not in width.index:
                continue
            moved = np.tile(place, (len(grid), 1))
            moved[:, k] = grid
            near = [_distance(moved, np.median(terms.place[:, b, theirs], axis=0), care) for b in (a, quo)]
            worth = rest + getattr(party, kind).mode * (near[1] - near[0])
            worth += now - np.interp(place[k], grid, worth)  # medians do not add up; what counts is the change
            turned = np.flatnonzero(worth * now < 0)
            if len(turned):
                to = grid[turned[np.abs(grid[turned] - place[k]).argmin()]]
                row: Any = width.loc[(valuation.actors[i], issue)]
                half = max((row["position_high"] - row["position_low"]) / 2, 1.0)
                found.append((issue, float(to), float(place[k]), float(abs(to - place[k]) / half)))
    return found


def _distance(place: Floats, terms: Floats, care: Floats) -> Floats:
    known = np.isfinite(place) & np.isfinite(terms)
    weight = np.where(known, care, 0.0) ** 2
    gap = np.where(known, place - terms, 0.0)
    return np.asarray(np.sqrt((weight * gap**2).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-12)) / 100.0)


def linked_positions(stated: Stated, linkage: Linkage, design: Design) -> Stated:
    """Return positions and saliences as a linkage would make them, in the same draws."""
    add, factor = np.zeros_like(stated.position), np.ones_like(stated.salience)
    for shift in linkage.shifts:
        if shift.actor not in stated.actors:
            continue
        i = stated.actors.index(shift.actor)
        at: Sequence[int] = [stated.issues.index(shift.issue)] if shift.issue else range(len(stated.issues))
        key = f"linkage/{linkage.id}/{shift.actor}/{shift.issue}"
        for k in at:
            if shift.add is not None:
                add[:, i, k] += spread(design, key, shift.add)
            if shift.salience is not None:
                factor[:, i, k] *= spread(design, f"{key}/care", shift.salience)
    return stated.shifted(add, factor)


def linked_factor(linkage: Linkage, design: Design) -> Mapping[str, Floats]:
    """Return what a linkage multiplies the stakes of actors by: how much less, or more, they care about all issues."""
    return {
        shift.actor: spread(design, f"linkage/{linkage.id}/{shift.actor}//care", shift.salience)
        for shift in linkage.shifts
        if shift.salience is not None and not shift.issue
    }


def turned(
    before: Mapping[str, Consent], after: Mapping[str, Consent], least: float = 0.1
) -> list[tuple[str, str, float, float]]:
    """List (arrangement, what, share before, share after) of shares that move by at least a tenth."""
    found = []
    for name, old in before.items():
        new = after[name]
        pairs = [("stable", old.stable, new.stable), ("agreed", old.agreed, new.agreed)]
        pairs += [(f"{p} accepts", old.accepts[p], new.accepts[p]) for p in old.accepts]
        pairs += [(f"{p} blocks", old.blocks[p], new.blocks[p]) for p in old.blocks]
        for what, one, two in pairs:
            if abs(float(one.mean()) - float(two.mean())) >= least:
                found.append((name, what, float(one.mean()), float(two.mean())))
    return found
