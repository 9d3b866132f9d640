"""When links are open: the claims of open, close and delay, and what they mean for the table of links."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from mackinder.case.schema import table_schema
from mackinder.errors import ScenarioError, did_you_mean
from mackinder.scenario.edits import Cell, CellSet, Edits, Lift, NewRow, Shift, strongest
from mackinder.scenario.model import FOREVER, Change, day_after, day_before, years_later
from mackinder.scenario.selection import Rows

__all__ = ["plan_links"]


Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """A change wants a link open or closed from `first` to `last`."""

    opens: bool
    first: str
    last: str
    change: Change

    def meets(self, other: _Claim) -> bool:
        return self.first <= other.last and other.first <= self.last

    def says(self) -> str:
        end = "" if self.last == FOREVER else f" to {self.last}"
        return f"{'open' if self.opens else 'closed'} from {self.first}{end}"


def plan_links(
    changes: list[Change], rows: Rows, base_year: int, overrides: frozenset[tuple[str, str]], edits: Edits
) -> None:
    """Turn open, close and delay into edits.

    Parameters
    ----------
    changes : list of Change
        Only these three operations.
    rows : Rows
        Tables to select from.
    base_year : int
        A life of a link that ended before it is forgotten when the link opens again.
    overrides : frozenset of (str, str)
        Pairs (stronger, weaker) of scenario ids.
    edits : Edits
        Added to.

    Raises
    ------
    ScenarioError
        If a change selects nothing, an opening has no day, or open and close meet.
    """
    if not changes:
        return
    links = {row["link_id"]: row for row in rows.records("links")}
    opening = {link for change in changes if change.op == "open" for link in rows.links(change)}
    delays = _plan_delays(changes, rows, links, opening, edits)
    claims: dict[str, list[_Claim]] = {}
    for change in changes:
        for link in rows.links(change) if change.op != "delay" else ():
            claims.setdefault(link, []).append(_claim(change, links[link], delays.get(link, 0.0)))
    opened: list[tuple[str, _Claim]] = []
    for link in sorted(claims):
        kept = _settle(link, claims[link], overrides)
        _edit_link(links[link], kept, base_year, edits)
        opened += [(link, claim) for claim in kept if claim.opens]
    _lift_borders(opened, rows, edits)


def _plan_delays(
    changes: list[Change], rows: Rows, links: Mapping[str, Row], opening: set[str], edits: Edits
) -> dict[str, float]:
    """Return the years by which openings of this scenario move; delays of other dates become shifts at once."""
    years_by_link: dict[str, float] = {}
    for change in sorted((c for c in changes if c.op == "delay"), key=lambda c: c.where):
        column, years = change.text("column", "opens_on"), change.options["years"]
        if not isinstance(years, float):
            raise TypeError(column)
        dates = table_schema("links").of_type("date")
        if column not in dates:
            msg = f"{change.where}.column: {did_you_mean(column, dates, what='date column of links')}"
            raise ScenarioError(msg)
        moved = 0
        for link in rows.links(change):
            if column == "opens_on" and link in opening:
                years_by_link[link] = years_by_link.get(link, 0.0) + years
            elif links[link][column]:
                edits.shifts.append(Shift(table="links", row=link, column=column, years=years, change=change))
            else:
                continue
            moved += 1
        if not moved:
            message = (
                f"{change.where}: none of the links selected has a day in {column} or is opened here; nothing to move"
            )
            raise ScenarioError(message)
    return years_by_link


def _claim(change: Change, link: Row, delay: float) -> _Claim:
    first = change.starts_on or str(link["opens_on"])
    if not first:
        message = f"{change.where}: link {link['link_id']} has no opens_on of its own; give starts_on"
        raise ScenarioError(message)
    if change.op == "open" and delay:
        first = years_later(first, delay)
    last = change.ends_on or FOREVER
    if last < first:
        msg = f"{change.where}: link {link['link_id']} would open on {first}, after ends_on {last}"
        raise ScenarioError(msg)
    return _Claim(opens=change.op == "open", first=first, last=last, change=change)


def _settle(link: str, claims: list[_Claim], overrides: frozenset[tuple[str, str]]) -> list[_Claim]:
    """Leave at most one opening and one closing for good, none overlapping an opposite one."""
    kept: list[_Claim] = []
    lasting = {kind: [c for c in claims if kind == (c.opens, c.opens or c.last == FOREVER)] for kind in _KINDS}
    for group in lasting.values():
        if group:
            said = [(claim.change, claim.says()) for claim in group]
            same = len({text for _, text in said}) == 1
            best = 0 if same else strongest(said, what=f"link {link}", overrides=overrides)
            kept.append(min((c for c in group if c.says() == group[best].says()), key=lambda c: c.change.where))
    kept += [claim for claim in claims if not claim.opens and claim.last != FOREVER]
    opening = next((claim for claim in kept if claim.opens), None)
    if opening is None:
        return kept
    settled: list[_Claim] = []
    for closing in (claim for claim in kept if not claim.opens):
        if not opening.meets(closing):
            settled.append(closing)
            continue
        said = [(opening.change, opening.says()), (closing.change, closing.says())]
        if strongest(said, what=f"link {link}", overrides=overrides) == 1:
            settled.append(closing)
        elif closing.first < opening.first:  # the weaker closing holds until the stronger opening
            settled.append(replace(closing, last=day_before(opening.first)))
    lasting_end = min((claim.first for claim in settled if claim.last == FOREVER), default=FOREVER)
    if opening.first >= lasting_end:
        return settled
    if opening.last >= lasting_end:  # the weaker opening holds until the stronger closing
        opening = replace(opening, last=day_before(lasting_end)) if lasting_end != FOREVER else opening
    return [opening, *settled]


#: (opens, for good): openings, and closings without an end; closings with an end never exclude each other
_KINDS: Final = ((True, True), (False, True))


def _edit_link(link: Row, claims: list[_Claim], base_year: int, edits: Edits) -> None:
    """Write the days of one link."""
    name = str(link["link_id"])
    cells: dict[str, tuple[Cell, Change]] = {}
    opening = next((claim for claim in claims if claim.opens), None)
    closing = next((claim for claim in claims if not claim.opens and claim.last == FOREVER), None)
    if opening is not None and (closing is None or opening.first < closing.first):
        cells |= {
            column: (value, opening.change) for column, value in _opening(link, opening, base_year, edits).items()
        }
    if closing is not None and not (opening is None and _never_opens(link)):
        until = str(link["closed_since"]) if opening is None else ""
        if not until or until > closing.first:
            cells |= {"status": ("closed", closing.change), "closed_since": (closing.first, closing.change)}
    for column, (value, change) in cells.items():
        edits.sets.append(CellSet(table="links", row=name, column=column, value=value, change=change))
    for claim in claims:
        if not claim.opens and claim.last != FOREVER:
            edits.rows.append(_closed_for_a_while(name, claim.first, claim.last, claim.change))


def _never_opens(link: Row) -> bool:
    return link["status"] == "planned" or (link["status"] in ("closed", "destroyed") and not link["closed_since"])


def _opening(link: Row, claim: _Claim, base_year: int, edits: Edits) -> dict[str, Cell]:
    """Return the cells that an opening sets; a link that is open already by that day keeps its history."""
    status, opens_on, closed = (str(link[column]) for column in ("status", "opens_on", "closed_since"))
    cells: dict[str, Cell] = {}
    lived = not _never_opens(link) and (not closed or closed[:4] >= f"{base_year:04d}") and status != "building"
    if lived and closed and closed < claim.first:  # one life in the table; the gap becomes a denial
        cells |= {"status": "restricted" if status == "restricted" else "open", "closed_since": ""}
        edits.rows.append(_closed_for_a_while(str(link["link_id"]), closed, day_before(claim.first), claim.change))
    elif lived:
        cells |= {"status": "open" if closed and status != "restricted" else status, "closed_since": ""}
        cells |= {"opens_on": claim.first} if opens_on > claim.first else {}
    else:
        cells |= {"status": "building", "opens_on": claim.first, "closed_since": ""}
    if claim.last != FOREVER:
        cells["closed_since"] = day_after(claim.last)
    if not math.isnan(link["upgrade_capacity_mt_per_year"]) and not "" < str(link["upgrade_on"]) <= claim.first:
        cells["upgrade_on"] = claim.first
    return cells


def _closed_for_a_while(link: str, first: str, last: str, change: Change) -> NewRow:
    name = f"closed.{link}.{first}"
    cells: dict[str, Cell] = {
        "restriction_id": name,
        "kind": "border_closed",
        "origin": "*",
        "destination": "*",
        "goods": "*",
        "asset": f"link={link}",
        "effect": "deny",
        "starts_on": first,
        "ends_on": last,
        "structural": True,
    }
    return NewRow(table="restrictions", row=name, cells=cells, change=change)


def _lift_borders(opened: list[tuple[str, _Claim]], rows: Rows, edits: Edits) -> None:
    """Take opened links out of border closures, and refuse to open what another blanket denial keeps shut."""
    lifted = {edit.row for edit in edits.lifts}
    for row in rows.records("restrictions"):
        if row["effect"] != "deny" or row["asset"] == "trade":
            continue
        selected = rows.selected(row["asset"])
        blanket = row["origin"] == row["destination"] == row["goods"] == "*" and not row["except_pairs"]
        for link, claim in opened:
            if link not in selected or (row["ends_on"] and row["ends_on"] < claim.first):
                continue
            if row["kind"] == "border_closed":
                lift = Lift(
                    table="restrictions",
                    row=str(row["restriction_id"]),
                    first=claim.first,
                    last="" if claim.last == FOREVER else claim.last,
                    links=frozenset({link}),
                    pairs=(),
                    change=claim.change,
                )
                edits.lifts.append(lift)
            elif blanket and not row["ends_on"] and row["restriction_id"] not in lifted:
                message = (
                    f"{claim.change.where}: link {link} would open, yet"
                    f" restriction {row['restriction_id']} (kind {row['kind']}) "
                    f'denies it to all; lift that too with op = "allow", ids = ["{row["restriction_id"]}"]'
                )
                raise ScenarioError(message)
