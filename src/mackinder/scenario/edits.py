"""What changes come down to: settings, factors, shifts, new rows and lifts, and who wins where settings meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from mackinder.errors import ScenarioError
from mackinder.scenario.model import Change

__all__ = ["Cell", "CellSet", "Edits", "Factor", "Lift", "NewRow", "Rescale", "Shift", "strongest"]

Cell = str | float | int | bool | None


class _Edit(Protocol):
    @property
    def change(self) -> Change: ...


E = TypeVar("E", bound=_Edit)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellSet:
    """One cell gets one value; None = missing."""

    table: str
    row: str
    column: str
    value: Cell
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One numeric cell is multiplied."""

    table: str
    row: str
    column: str
    factor: float
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One date cell moves by years."""

    table: str
    row: str
    column: str
    years: float
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRow:
    """A row that no table holds yet; cells by column, missing ones left out."""

    table: str
    row: str
    cells: Mapping[str, Cell]
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """A row of restrictions or controls stops holding for some days: wholly, for some links, or for some pairs.

    ``first`` empty = since ever, ``last`` empty = for good; ``links`` None = all.
    """

    table: str
    row: str
    first: str
    last: str
    links: frozenset[str] | None
    pairs: tuple[str, ...]
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescale:
    """A row of ties is multiplied, bound by bound, on the days of the change; observations go on to the horizon."""

    row: str
    factors: Mapping[str, float]
    horizon: str
    change: Change


@dataclass(slots=True, kw_only=True)
class Edits:
    """All edits of a scenario, collected; the only mutable thing in this layer, and private to `apply`."""

    sets: list[CellSet] = field(default_factory=list)
    factors: list[Factor] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    rows: list[NewRow] = field(default_factory=list)
    lifts: list[Lift] = field(default_factory=list)
    rescales: list[Rescale] = field(default_factory=list)

    def settle(self, overrides: frozenset[tuple[str, str]]) -> None:
        """Leave one setting per cell and one row per id, or raise.

        Raises
        ------
        ScenarioError
            If two changes set a cell, or define a row, differently and neither file overrides the other.
        """
        self.sets = _settle(
            self.sets,
            key=lambda edit: (edit.table, edit.row, edit.column),
            says=lambda edit: repr(edit.value),
            what=lambda edit: f"{edit.table}, {edit.row}, {edit.column}",
            overrides=overrides,
        )
        self.rows = _settle(
            self.rows,
            key=lambda edit: (edit.table, edit.row),
            says=lambda edit: repr(sorted((k, str(v)) for k, v in edit.cells.items())),
            what=lambda edit: f"{edit.table}, new row {edit.row}",
            overrides=overrides,
        )


def _settle(
    edits: Iterable[E],
    *,
    key: Callable[[E], tuple[str, ...]],
    says: Callable[[E], str],
    what: Callable[[E], str],
    overrides: frozenset[tuple[str, str]],
) -> list[E]:
    groups: dict[tuple[str, ...], list[E]] = {}
    for edit in edits:
        groups.setdefault(key(edit), []).append(edit)
    settled: list[E] = []
    for group in groups.values():
        if len({says(edit) for edit in group}) == 1:
            settled.append(min(group, key=lambda edit: edit.change.where))
            continue
        winners = strongest([(edit.change, says(edit)) for edit in group], what=what(group[0]), overrides=overrides)
        settled.append(group[winners])
    return settled


def strongest(claims: list[tuple[Change, str]], *, what: str, overrides: frozenset[tuple[str, str]]) -> int:
    """Return the position of the claim that overrides all that differ from it.

    Parameters
    ----------
    claims : list of (Change, str)
        Who claims what.
    what : str
        What is claimed, for the message.
    overrides : frozenset of (str, str)
        Pairs (stronger, weaker) of scenario ids.

    Raises
    ------
    ScenarioError
        If there is none: the changes conflict.
    """
    for position, (change, said) in enumerate(claims):
        rivals = [other for other, theirs in claims if theirs != said]
        if all((change.scenario, rival.scenario) in overrides for rival in rivals):
            return position
    (first, said), (second, theirs) = sorted(_two_that_differ(claims), key=lambda claim: claim[0].where)
    message = (
        f"conflict over {what}: {first.where} says {said}, {second.where} says {theirs}. "
        f'Drop one, or let one file declare overrides = ["{second.scenario}"] (or the other way round)'
    )
    raise ScenarioError(message)


def _two_that_differ(claims: list[tuple[Change, str]]) -> list[tuple[Change, str]]:
    first = min(claims, key=lambda claim: (claim[0].where, claim[1]))
    return [first, min((c for c in claims if c[1] != first[1]), key=lambda claim: (claim[0].where, claim[1]))]
