"""What changes come down to: settings, factors, shifts, new rows and lifts, and who wins where settings meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Protocol, TypeVar

from mackinder.errors import ScenarioError
from mackinder.scenario.model import FOREVER, Change, day_after, day_before

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
    """A row of ties is multiplied, bound by bound, from `first` to `last` (or for good); observations go on to the horizon."""

    row: str
    factors: Mapping[str, float]
    horizon: str
    first: str
    last: str
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
        """Leave one setting per cell, one row per id, and factors of one file on each cell and day of a tie, or raise.

        Raises
        ------
        ScenarioError
            If two changes set a cell or define a row differently, or two files multiply one cell or tie differently,
            and neither file overrides the other.
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
        self.factors = _of_one_file(self.factors, overrides)
        self.rescales = _of_one_file_each_day(self.rescales, overrides)


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


def _of_one_file(factors: list[Factor], overrides: frozenset[tuple[str, str]]) -> list[Factor]:
    """Leave the factors of one file on each cell: those of two would count one cause twice (convention C120)."""
    cells: dict[tuple[str, str, str], dict[str, list[Factor]]] = {}
    for edit in factors:
        cells.setdefault((edit.table, edit.row, edit.column), {}).setdefault(edit.change.scenario, []).append(edit)
    kept: list[Factor] = []
    for cell, by_file in cells.items():
        groups = [by_file[name] for name in sorted(by_file)]
        claims = [(group[0].change, " and ".join(sorted(f"times {e.factor:g}" for e in group))) for group in groups]
        alike = len({said for _, said in claims}) == 1
        kept += groups[0 if alike else strongest(claims, what=", ".join(cell), overrides=overrides)]
    return kept


def _of_one_file_each_day(rescales: list[Rescale], overrides: frozenset[tuple[str, str]]) -> list[Rescale]:
    """Leave the factors of one file on each day of a tie; the weaker file's hold on the days that are left (C120)."""
    rows: dict[str, list[Rescale]] = {}
    for scale in rescales:
        rows.setdefault(scale.row, []).append(scale)
    kept: list[Rescale] = []
    for row, group in rows.items():
        gone: dict[int, list[Rescale]] = {}
        ordered = sorted(group, key=lambda scale: (scale.change.where, scale.first))
        for (i, one), (j, other) in combinations(enumerate(ordered), 2):
            if one.change.scenario == other.change.scenario or not _meet(one, other):
                continue
            claims = [(scale.change, _times(scale)) for scale in (one, other)]
            alike = claims[0][1] == claims[1][1]
            first_wins = alike or strongest(claims, what=f"tie {row}", overrides=overrides) == 0
            gone.setdefault(j if first_wins else i, []).append(one if first_wins else other)
        for i, scale in enumerate(ordered):
            kept += _without_days(scale, gone.get(i, []))
    return kept


def _times(scale: Rescale) -> str:
    low, mode, high = (scale.factors[bound] for bound in ("low", "mode", "high"))
    return f"times {mode:g}" if low == high else f"times {mode:g} ({low:g} to {high:g})"


def _meet(one: Rescale, other: Rescale) -> bool:
    return one.first <= (other.last or FOREVER) and other.first <= (one.last or FOREVER)


def _without_days(scale: Rescale, stronger: Iterable[Rescale]) -> list[Rescale]:
    """Cut the days of others out of the days of one."""
    pieces = [scale]
    for other in stronger:
        left: list[Rescale] = []
        for piece in pieces:
            if not _meet(piece, other):
                left.append(piece)
                continue
            if piece.first < other.first:
                left.append(replace(piece, last=day_before(other.first)))
            if other.last and other.last < (piece.last or FOREVER):
                left.append(replace(piece, first=day_after(other.last)))
        pieces = left
    return pieces


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
