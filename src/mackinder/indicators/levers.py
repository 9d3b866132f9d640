"""Levers of the case as objects: who can do what to whom, how much of it, for how long."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.actors import sovereigns, top_parents
from mackinder.draws import Design
from mackinder.errors import UsageError, did_you_mean

__all__ = ["Lever", "countries_of", "read_levers", "span_of"]

Floats = NDArray[np.float64]
_BOUNDS = ("low", "mode", "high")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One row of ``levers``, sender and target rolled up to their top parents.

    Attributes
    ----------
    lever_id, sender, target, kind, direction, asset, unit, status, starts_on, ends_on : str
        Columns of the table; ``unit`` is ``magnitude_unit``.
    goods, conduits, episodes, facts : tuple of str
    size, years : tuple of three floats, or None
        Low, mode and high of magnitude and duration; None where the table has none.
    sender_cost, cushions, mitigations, ground : str
    """

    lever_id: str
    sender: str
    target: str
    kind: str
    direction: str
    asset: str
    unit: str
    status: str
    starts_on: str
    ends_on: str
    goods: tuple[str, ...]
    conduits: tuple[str, ...]
    episodes: tuple[str, ...]
    facts: tuple[str, ...]
    size: tuple[float, float, float] | None
    years: tuple[float, float, float] | None
    sender_cost: str
    cushions: str
    mitigations: str
    ground: str

    @property
    def harms(self) -> bool:
        """Whether it is to hurt the target (else it is an inducement)."""
        return self.direction == "harm"

    @property
    def in_force(self) -> bool:
        """Whether it is used and has no last day."""
        return self.status == "used" and not self.ends_on

    def draw_size(self, design: Design) -> Floats | None:
        """Draw the magnitude, shape (K,); shares stay between nothing and all. None: no size is known."""
        if self.size is None:
            return None
        drawn = _drawn(design, f"levers/{self.lever_id}/magnitude", self.size)
        return np.clip(drawn, 0.0, 1.0) if self.unit == "share" else drawn

    def draw_first_year(self, design: Design) -> Floats:
        """Draw the part of the first twelve months in which it is kept up, shape (K,): all of them where no end is in view."""
        if self.years is None:
            return np.ones(design.draws)
        return np.clip(_drawn(design, f"levers/{self.lever_id}/duration_years", self.years), 0.0, 1.0)


def _drawn(design: Design, key: str, bounds: tuple[float, float, float]) -> Floats:
    return np.asarray(design.quantity([key], *(np.array([x]) for x in bounds))[:, 0])


def countries_of(case: Case, actor: str) -> tuple[str, ...]:
    """Return the codes of the zones for which a root actor answers, sorted; empty if there is none."""
    actors = case.table("actors")
    parents, owner = top_parents(actors), sovereigns(actors)
    codes = set(case.table("zones")["country"])
    return tuple(sorted(c for c in codes if c in owner and parents.get(owner[c], owner[c]) == actor))


def read_levers(
    case: Case, *, senders: Collection[str] | None = None, targets: Collection[str] | None = None
) -> tuple[Lever, ...]:
    """Read the levers of a case, in the order of the table.

    Parameters
    ----------
    case : Case
    senders, targets : collection of str, optional
        Only levers of these root actors; None: all.

    Raises
    ------
    UsageError
        An actor named is in no lever.

    Examples
    --------
    >>> from mackinder.case import read_case, scaffold  # doctest: +SKIP
    >>> [lever.kind for lever in read_levers(read_case(scaffold("demo")), senders=["AAA"])]  # doctest: +SKIP
    ['slow_border', 'ban_exports']
    """
    parents = top_parents(case.table("actors"))
    every = tuple(_lever(row, parents) for row in case.table("levers").to_dict("records"))
    for wanted, role in ((senders, "sender"), (targets, "target")):
        known = sorted({getattr(lever, role) for lever in every})
        for name in wanted or ():
            if name not in known:
                msg = f"table levers names no {role} {name!r}. {did_you_mean(name, known, what=role)}"
                raise UsageError(msg)
    return tuple(
        lever
        for lever in every
        if (senders is None or lever.sender in senders) and (targets is None or lever.target in targets)
    )


def _lever(row: dict[Any, Any], parents: dict[str, str]) -> Lever:
    def words(name: str) -> tuple[str, ...]:
        return tuple(filter(None, str(row[name]).split(";")))

    def bounds(name: str) -> tuple[float, float, float] | None:
        low, mode, high = (float(row[f"{name}_{b}"]) for b in _BOUNDS)
        return None if np.isnan(mode) else (low, mode, high)

    texts = ("lever_id", "kind", "direction", "asset", "status", "starts_on", "ends_on", "sender_cost", "cushions",
             "mitigations", "ground")  # fmt: skip
    return Lever(
        sender=parents.get(str(row["sender"]), str(row["sender"])),
        target=parents.get(str(row["target"]), str(row["target"])),
        unit=str(row["magnitude_unit"]),
        goods=words("goods"),
        conduits=words("conduit"),
        episodes=words("episodes"),
        facts=words("facts"),
        size=bounds("magnitude"),
        years=bounds("duration_years"),
        **{name: str(row[name]) for name in texts},
    )


def span_of(drawn: Floats | None) -> tuple[float, float, float]:
    """Return median, 5 % and 95 % points over the draws that have a value; nan where none has.

    Examples
    --------
    >>> span_of(np.array([1.0, np.nan, 3.0]))[0]
    2.0
    """
    known = np.empty(0) if drawn is None else drawn[np.isfinite(drawn)]
    if not len(known):
        return (np.nan, np.nan, np.nan)
    middle, low, high = np.quantile(known, [0.5, 0.05, 0.95])
    return float(middle), float(low), float(high)
