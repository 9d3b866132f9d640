"""Restrictions, tariffs and rights: the rows that changes add, and those that they lift."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator

import pandas as pd

from mackinder.errors import ScenarioError
from mackinder.scenario.edits import Cell, Edits, Lift, NewRow, strongest
from mackinder.scenario.model import FOREVER, Change, Interval
from mackinder.scenario.selection import Rows, require_ids

__all__ = ["LEGAL_KINDS", "plan_allow", "plan_restriction", "plan_rights", "require_hypothetical"]

#: kinds of restriction that are law; lifting one is a hypothesis, and the scenario must say so
LEGAL_KINDS = frozenset({"ban", "sanction"})

_KIND = {"risk": "risk", "tariff": "permit", "surcharge": "permit", "ban_trade": "ban"}


def plan_restriction(change: Change, rows: Rows, edits: Edits) -> None:
    """Add the rows of restrict, surcharge, risk, tariff and ban_trade.

    Raises
    ------
    ScenarioError
        If the links, countries or goods named do not exist.
    """
    asset = "trade" if change.op in {"tariff", "ban_trade"} else change.text("links")
    if asset != "trade":
        rows.links(change)
    goods = change.names("goods") or ("*",)
    known = rows.frame("goods")["goods_id"]
    require_ids([name for name in goods if name != "*"], known, where=f"{change.where}.goods", what="goods class")
    ends = [(_codes(change, "origin", rows), _codes(change, "destination", rows))]
    if change.options.get("both_ways") is True:
        ends.append((ends[0][1], ends[0][0]))
    for origin, destination in ends:
        cells: dict[str, Cell] = {
            "kind": change.text("kind") or _KIND[change.op],
            "origin": origin,
            "destination": destination,
            "goods": ";".join(goods),
            "asset": asset,
            "effect": "deny" if change.op in {"restrict", "ban_trade"} else "surcharge",
            "except_pairs": ";".join(change.names("except_pairs")),
            "starts_on": change.starts_on,
            "ends_on": change.ends_on,
            "structural": change.options.get("structural", True) is True,
        }
        suffix = "" if (origin, destination) == ends[0] else ".back"
        for name, more in _surcharges(change, rows, cells):
            _add(change, cells | more, suffix + name, edits)


def _surcharges(change: Change, rows: Rows, cells: dict[str, Cell]) -> Iterator[tuple[str, dict[str, Cell]]]:
    """Yield (end of the id, further cells) of each row: one, except a tariff, which has one a goods class."""
    if cells["effect"] == "deny":
        yield "", {}
        return
    value = change.interval("value")
    if change.op != "tariff":
        basis = change.text("charge_basis") or ("per_link" if change.op == "risk" else "per_shipment")
        if basis == "per_link" and cells["asset"] == "trade":
            msg = f"{change.where}: a charge on the flow itself is per_shipment, there are no links to count"
            raise ScenarioError(msg)
        yield "", {"charge_basis": basis, **_spread(value)}
        return
    wanted = str(cells["goods"]).split(";")
    for item in rows.records("goods"):
        if not item["is_freight"] or math.isnan(item["value_usd_per_t_mode"]):
            continue
        if wanted != ["*"] and item["goods_id"] not in wanted:
            continue
        density = Interval(**{b: float(item[f"value_usd_per_t_{b}"]) for b in ("low", "mode", "high")})
        duty = Interval(
            low=value.low / 100 * density.low,
            mode=value.mode / 100 * density.mode,
            high=value.high / 100 * density.high,
        )
        yield f".{item['goods_id']}", {"goods": item["goods_id"], "charge_basis": "per_shipment", **_spread(duty)}


def _spread(value: Interval) -> dict[str, Cell]:
    return {f"surcharge_usd_per_t_{bound}": number for bound, number in value.bounds()}


def _codes(change: Change, key: str, rows: Rows) -> str:
    """Return origin or destination as a list cell, every code known to the zones of the case."""
    codes = change.names(key) or ("*",)
    zones = rows.frame("zones")
    known = set(zones["country"]) | {code for members in zones["members"] for code in members.split(";") if code}
    require_ids([code for code in codes if code != "*"], known, where=f"{change.where}.{key}", what="country")
    return ";".join(codes)


def _add(change: Change, cells: dict[str, Cell], suffix: str, edits: Edits) -> None:
    """Add a restriction under the id given, or one made from its content, so that order means nothing."""
    content = repr(sorted((key, str(value)) for key, value in cells.items()))
    stem = change.text("id") or f"{change.scenario}.{change.op}.{hashlib.sha256(content.encode()).hexdigest()[:8]}"
    name = f"{stem}{suffix}"
    edits.rows.append(NewRow(table="restrictions", row=name, cells={"restriction_id": name, **cells}, change=change))


def require_hypothetical(change: Change, restrictions: pd.DataFrame, ids: tuple[str, ...]) -> None:
    """Raise unless the scenario says that it is hypothetical to lift or loosen a legal prohibition."""
    legal = restrictions[restrictions["restriction_id"].isin(ids) & restrictions["kind"].isin(LEGAL_KINDS)]
    if len(legal) and not change.hypothetical:
        row = legal.iloc[0]
        message = (
            f"{change.where}: {row['restriction_id']} is a legal prohibition (kind {row['kind']}). A scenario that "
            f"overrides one must say so: hypothetical = true at the top of the file"
        )
        raise ScenarioError(message)


def plan_allow(change: Change, rows: Rows, edits: Edits) -> None:
    """Lift the restrictions that an `allow` names.

    Raises
    ------
    ScenarioError
        If a restriction does not exist, does not hold on the links, or is a legal prohibition and the scenario is not
        marked hypothetical.
    """
    table = rows.frame("restrictions")
    ids = change.names("ids")
    if not change.optional:
        require_ids(ids, table["restriction_id"], where=f"{change.where}.ids", what="restriction")
    require_hypothetical(change, table, ids)
    links = frozenset(rows.links(change)) if "links" in change.options else None
    for row in (row for row in rows.records("restrictions") if row["restriction_id"] in ids):
        if row["ends_on"] and change.starts_on and row["ends_on"] < change.starts_on:
            msg = f"{change.where}: {row['restriction_id']} has ended by itself on {row['ends_on']}; nothing to lift"
            raise ScenarioError(msg)
        held = links if links is None or row["asset"] == "trade" else links & rows.selected(str(row["asset"]))
        if held is not None and (row["asset"] == "trade" or not held):
            msg = f"{change.where}: {row['restriction_id']} ({row['asset']}) does not hold on the links selected"
            raise ScenarioError(msg)
        lift = Lift(
            table="restrictions",
            row=str(row["restriction_id"]),
            first=change.starts_on,
            last=change.ends_on,
            links=held,
            pairs=change.names("pairs"),
            change=change,
        )
        edits.lifts.append(lift)


def plan_rights(changes: list[Change], rows: Rows, overrides: frozenset[tuple[str, str]], edits: Edits) -> None:
    """Turn transfers of rights into lifts of the old rows of controls and new rows.

    Raises
    ------
    ScenarioError
        If an actor or place does not exist, `from` holds nothing there, or two changes give one right
        to different actors.
    """
    claims: dict[tuple[str, str, str], list[Change]] = {}
    for change in changes:
        actors = [actor for actor, _ in _holders(change)]
        known = rows.frame("actors")["actor_id"]
        require_ids([*actors, *change.names("from")], known, where=change.where, what="actor")
        if sum(key in change.options for key in ("links", "places", "conduits")) != 1:
            msg = f'{change.where}: say where the right lies: links = "...", places = [...] or conduits = [...], one'
            raise ScenarioError(msg)
        assets: list[tuple[str, str]] = []
        for kind in ("place", "conduit"):
            names, known = change.names(f"{kind}s"), rows.frame(f"{kind}s")[f"{kind}_id"]
            require_ids(names, known, where=f"{change.where}.{kind}s", what=kind)
            assets += [(kind, name) for name in names]
        assets += [("link", link) for link in (rows.links(change) if "links" in change.options else ())]
        for kind, asset in assets:
            claims.setdefault((kind, asset, change.text("right")), []).append(change)
    ended: dict[str, int] = {}
    for (kind, asset, right), group in sorted(claims.items()):
        for change in _heirs(group, what=f"right {right} on {kind} {asset}", overrides=overrides):
            ended[change.where] = ended.get(change.where, 0) + _hand_over(change, kind, asset, rows, edits)
    for change in changes:
        if change.names("from") and not change.optional and ended.get(change.where) == 0:
            holders = ", ".join(change.names("from"))
            message = f"{change.where}: {holders} holds no right {change.text('right')} there on {change.starts_on}"
            raise ScenarioError(message)


def _holders(change: Change) -> tuple[tuple[str, float], ...]:
    to = change.options["to"]
    return to if isinstance(to, tuple) else ()


def _heirs(group: list[Change], *, what: str, overrides: frozenset[tuple[str, str]]) -> list[Change]:
    """Return the transfers that hold: those that concern different old holders all do, others must agree."""
    heirs: list[Change] = []
    for change in sorted(group, key=lambda c: c.where):
        rivals = [other for other in group if _same_holders(change, other)]
        claims = [(rival, f"{_heard(rival)} from {rival.starts_on}") for rival in rivals]
        if len({said for _, said in claims}) == 1:
            if rivals[0] is change:
                heirs.append(change)
        elif rivals[strongest(claims, what=what, overrides=overrides)] is change:
            heirs.append(change)
    return heirs


def _heard(change: Change) -> str:
    """Return to whom a transfer gives a right."""
    return ", ".join(f"{actor} {100 * share:g} %" for actor, share in _holders(change)) or "nobody"


def _same_holders(one: Change, other: Change) -> bool:
    mine, theirs = set(one.names("from")), set(other.names("from"))
    return not mine or not theirs or bool(mine & theirs)


def _hand_over(change: Change, kind: str, asset: str, rows: Rows, edits: Edits) -> int:
    """End the old rows of one right on one asset and add the new ones; return how many were ended."""
    right, old, ended = change.text("right"), change.names("from"), 0
    for row in (row for row in rows.records("controls") if row["right"] == right):
        here = (
            row["asset"] == asset if row["asset_type"] == kind else row["asset_type"] == "selector" and kind == "link"
        )
        if not here or (old and row["actor"] not in old) or (row["ends_on"] or FOREVER) < change.starts_on:
            continue
        if row["asset_type"] == "selector" and asset not in rows.selected(str(row["asset"])):
            continue
        links = frozenset({asset}) if row["asset_type"] == "selector" else None
        edits.lifts.append(
            Lift(
                table="controls",
                row=str(row["control_id"]),
                first=change.starts_on,
                last=change.ends_on,
                links=links,
                pairs=(),
                change=change,
            )
        )
        ended += 1
    if old and not ended and not change.optional:
        return 0
    for actor, share in _holders(change):
        name = f"{change.scenario}.{right}.{actor}.{asset}.{change.starts_on}"
        cells: dict[str, Cell] = {
            "control_id": name,
            "actor": actor,
            "asset_type": kind,
            "asset": asset,
            "right": right,
            "share": share,
            "starts_on": change.starts_on,
            "ends_on": change.ends_on,
            "status": change.text("standing", "binding"),
        }
        years = change.options.get("extension_years")
        if isinstance(years, float):
            cells["extension_years"] = int(years)
        edits.rows.append(NewRow(table="controls", row=name, cells=cells, change=change))
    return ended
