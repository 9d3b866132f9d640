"""Levers that run through freight, as changes of the case (conventions C90 and C91)."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any, Final

from mackinder.case import Case
from mackinder.indicators.levers import Lever, countries_of
from mackinder.network.network import day_of
from mackinder.network.regimes import in_force
from mackinder.scenario import Scenario, apply
from mackinder.scenario.grammar import read_change

__all__ = ["FreightLever", "freight_lever", "with_levers"]

_BANS: Final = {"ban_imports": "imports", "ban_exports": "exports", "ban_trade": "both"}
_HOURS_A_DAY: Final = 24.0
_ANY: Final = ("*",)
Raw = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FreightLever:
    """What a lever does to the case if it is used in full.

    Attributes
    ----------
    changes : tuple of str
        Changes in the words of the scenario grammar, as JSON; levers with the same changes share a solution.
    solved_at : float or None
        Size for which the state is solved: the effect is scaled by the drawn size over it (convention C90), shares from
        the whole. None: sizes are drawn inside the state.
    mirror : bool
        Worth what it would cost to lose it: the changes take away what the sender gives.
    factors : tuple of (str, float, float, float)
        Further shares that the effect is multiplied with: key of the draw, low, mode, high.
    rule : str
        In words.
    """

    changes: tuple[str, ...]
    solved_at: float | None
    mirror: bool = False
    factors: tuple[tuple[str, float, float, float], ...] = ()
    rule: str


def freight_lever(case: Case, lever: Lever, year: int) -> FreightLever | str:
    """Turn a lever into changes of the case from the first day of a year on.

    Parameters
    ----------
    case : Case
        With the scenario applied: what is open and barred in it.
    lever : Lever
    year : int

    Returns
    -------
    FreightLever or str
        The reason in words if it does not run through freight, or no size is known.
    """
    maker = _Maker(case, lever, year)
    if lever.kind in _BANS and lever.unit == "share":
        return maker.ban()
    if lever.kind == "financial_sanction" and lever.unit == "share" and not lever.asset:
        return maker.reexport_ban()
    if lever.kind == "allow_transit" and lever.asset:
        return maker.passage()
    if lever.kind == "market_access" and lever.asset:
        return maker.opening()
    if (
        lever.kind in ("deny_transit", "close_border", "obstruct_railway", "financial_sanction")
        and lever.unit == "share"
    ):
        return maker.denial(everyone=lever.kind != "deny_transit")
    if lever.unit == "hours":
        return maker.hours()
    if lever.unit == "share_of_value":
        return maker.premium()
    if lever.unit == "usd_per_t":
        return maker.fee()
    return "it does not run through freight"


def with_levers(case: Case, name: str, changes: Sequence[str]) -> Case:
    """Return the case with the changes of levers made, all together.

    Parameters
    ----------
    case : Case
    name : str
        For messages.
    changes : sequence of str
        Of `FreightLever`; the same one twice counts once.
    """
    read = [
        read_change(json.loads(text), scenario=name, where=f"lever change {i}", hypothetical=True)
        for i, text in enumerate(dict.fromkeys(changes), start=1)
    ]
    return apply(case, Scenario(name=name, label=name, hypothetical=True, changes=tuple(read)))


class _Maker:
    """Writes the changes of one lever."""

    def __init__(self, case: Case, lever: Lever, year: int) -> None:
        self.case, self.lever, self.year = case, lever, year
        self.sender, self.target = countries_of(case, lever.sender), countries_of(case, lever.target)
        self.goods = lever.goods or _ANY

    def _raw(self, op: str, **more: Any) -> str:
        common = {"op": op, "starts_on": f"{self.year}-01-01", "basis": "estimate", "ground": "a lever used"}
        return json.dumps(common | more, sort_keys=True)

    def _pairs(self) -> list[str]:
        """Ordered pairs of sender and target: their own trade is no transit."""
        return [f"{a}>{b}" for s in self.sender for t in self.target for a, b in ((s, t), (t, s))]

    def _flows(self, everyone: bool, *, own: bool) -> list[Raw]:
        """Which flows are met: all, or those with an end at the target, with or without what it trades with the sender."""
        if everyone:
            return [{}]
        more: Raw = {} if own else {"except_pairs": self._pairs()}
        return [{"origin": list(self.target)} | more, {"destination": list(self.target)} | more]

    def _bilateral(self) -> list[Raw]:
        """Return what the two trade with each other, both ways."""
        ends = (self.sender, self.target)
        return [{"origin": list(a), "destination": list(b)} for a, b in (ends, ends[::-1])]

    def _zones(self, *actors: tuple[str, ...]) -> str:
        return "" if all(actors) else "sender or target has no zone in this case, so no trade of its own"

    def ban(self) -> FreightLever | str:
        missing = self._zones(self.sender, self.target)
        if missing:
            return missing
        which = _BANS[self.lever.kind]
        ways = [(self.target, self.sender)] if which != "exports" else []
        ways += [(self.sender, self.target)] if which != "imports" else []
        kept = [g for g in self.goods if g in ("*", *self._freight())]
        if not kept:
            return "the goods do not move over this network"
        changes = [
            self._raw("ban_trade", origin=list(a), destination=list(b), goods=kept) for a, b in ways
        ]  # fmt: skip
        whose = "sales of the target to the sender" if which == "imports" else "sales of the sender to the target"
        return self._made(
            changes, solved_at=1.0, rule=f"{'trade' if which == 'both' else whose} stops, times the share denied"
        )

    def reexport_ban(self) -> FreightLever | str:
        table = self.case.table("reexports")
        rows = table[table["exporter"].isin(self.target) & table["goods"].isin([*self.goods, "*"])]
        if rows.empty or not self.target:
            return "no re-exports of the target are in the table, and without an asset there is nothing to act on"
        row = rows.iloc[0]
        change = self._raw("ban_trade", origin=list(self.target), destination=[row["importer"]], goods=list(self.goods))
        key = f"reexports/{row['reexport_id']}/share"
        factor = (key, float(row["share_low"]), float(row["share_mode"]), float(row["share_high"]))
        rule = (
            f"sales of the target to {row['importer']} stop, times the part that is re-exports, times the share stopped"
        )
        return self._made([change], solved_at=1.0, factors=(factor,), rule=rule)

    def denial(self, *, everyone: bool) -> FreightLever | str:
        if not self.lever.asset:
            return "it names no links"
        if not everyone and not self.target:
            return self._zones(self.target)
        changes = [
            self._raw("restrict", kind="ban", links=self.lever.asset, goods=list(self.goods), **flow)
            for flow in self._flows(everyone, own=False)
        ]
        who = "nobody may" if everyone else "trade of the target with third countries may not"
        return self._made(changes, solved_at=1.0, rule=f"{who} use the links, times the share denied")

    def passage(self) -> FreightLever | str:
        found = self.denial(everyone=False)
        if isinstance(found, str):
            return found
        barred = self._bars()
        if barred:
            rule = "the sender's bar on these links is lifted"
            return self._made([self._raw("allow", ids=barred)], solved_at=None, rule=rule)
        rule = "it is allowed already: what the target would lose if it were not"
        return self._made(list(found.changes), solved_at=None, mirror=True, rule=rule)

    def _bars(self) -> list[str]:
        """Return restrictions in force that deny the target the links of the lever, under the same selector."""
        table = self.case.table("restrictions")
        table = table[in_force(table, day_of(self.year), str(self.case.settings.newest_evidence))]
        mine = table["effect"].eq("deny") & table["asset"].eq(self.lever.asset)
        ends = [
            set(str(row[c]).split(";")) for row in table[mine].to_dict("records") for c in ("origin", "destination")
        ]
        hit = [bool(set(self.target) & (a | b)) for a, b in zip(ends[::2], ends[1::2], strict=True)]
        return [str(name) for name, yes in zip(table.loc[mine, "restriction_id"], hit, strict=True) if yes]

    def opening(self) -> FreightLever | str:
        return self._made(
            [self._raw("open", links=self.lever.asset)],
            solved_at=1.0 if self.lever.unit == "share" else None,
            rule="the links open to all",
        )

    def hours(self) -> FreightLever | str:
        """Turn hours into money of the target's flows, by the value of time of each class."""
        table = self.case.table("goods").set_index("goods_id")
        changes = []
        for name in self._freight():
            if self.goods == _ANY or name in self.goods:
                value = self._mode() * float(str(table.loc[name, "value_of_time_usd_per_t_day_mode"])) / _HOURS_A_DAY
                changes += [
                    self._raw(
                        "surcharge", links=self.lever.asset or "trade", goods=[name], value=value, kind="permit",
                        charge_basis="per_shipment", **flow,
                    )
                    for flow in self._flows(False, own=True)
                ]  # fmt: skip
        return self._made(
            changes,
            solved_at=self._mode(),
            rule="hours at the value of time of the goods, on the freight of the target",
        )

    def premium(self) -> FreightLever | str:
        """Turn a part of the value into money per tonne: of all that use the links, or of what the two trade."""
        sign = 1.0 if self.lever.harms else -1.0
        if self.lever.asset:
            flows, whose = self._flows(True, own=True), "all freight over the links"
        elif self.lever.kind == "market_access":
            flows = [{"origin": list(self.target), "destination": list(self.sender)}]
            whose = "what the target sells to the sender"
        else:
            flows, whose = self._bilateral(), "what the two trade with each other"
        if not self.lever.asset and not (self.sender and self.target):
            return self._zones(self.sender, self.target)
        table = self.case.table("goods").set_index("goods_id")
        changes = []
        for name in self._freight():
            if self.goods == _ANY or name in self.goods:
                value = sign * self._mode() * float(str(table.loc[name, "value_usd_per_t_mode"]))
                changes += [
                    self._raw(
                        "surcharge", links=self.lever.asset or "trade", goods=[name], value=value, kind="risk",
                        charge_basis="per_shipment", **flow,
                    )
                    for flow in flows
                ]  # fmt: skip
        word = "added to" if self.lever.harms else "taken off"
        return self._made(changes, solved_at=self._mode(), rule=f"a part of the value {word} the price of {whose}")

    def fee(self) -> FreightLever | str:
        everyone = self.lever.kind in ("financial_sanction", "investment")
        if not self.lever.asset:
            return "it names no links"
        sign = 1.0 if self.lever.harms else -1.0
        low, mode, high = sorted(sign * x for x in self.lever.size or (0.0, 0.0, 0.0))
        changes = [
            self._raw(
                "surcharge", links=self.lever.asset, goods=list(self.goods), kind="permit", charge_basis="per_shipment",
                value={"low": low, "mode": mode, "high": high}, **flow,
            )
            for flow in self._flows(everyone, own=self.lever.kind != "tariff")
        ]  # fmt: skip
        whose = "everybody's" if everyone else "the target's"
        return self._made(changes, solved_at=None, rule=f"money per tonne on {whose} freight over the links")

    def _freight(self) -> list[str]:
        table = self.case.table("goods")
        return [str(g) for g in table.loc[table["is_freight"].fillna(False).astype(bool), "goods_id"]]

    def _mode(self) -> float:
        return self.lever.size[1] if self.lever.size else 1.0

    def _made(
        self, changes: list[str], *, solved_at: float | None, rule: str, mirror: bool = False, factors: Any = ()
    ) -> FreightLever | str:
        if self.lever.size is None and not mirror and self.lever.kind != "allow_transit":
            return "no size is known"
        if not changes:
            return "the goods do not move over this network"
        return FreightLever(
            changes=tuple(sorted(changes)), solved_at=solved_at, mirror=mirror, factors=tuple(factors), rule=rule
        )
