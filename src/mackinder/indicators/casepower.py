"""Power over the trade of a target: the transit game of a case, short run and with investment, over draws."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case, sovereigns, top_parents
from mackinder.case.bearers import bearer_shares
from mackinder.draws import Design
from mackinder.errors import DataError, UsageError
from mackinder.indicators.caseflows import CaseFlows, case_flows
from mackinder.indicators.indices import banzhaf, shapley
from mackinder.indicators.measure import RESULT_COLUMNS
from mackinder.indicators.power import GamePower, game_power
from mackinder.indicators.projects import draw_projects, unopened_projects
from mackinder.indicators.routegame import best_investment, transit_values
from mackinder.units import USD_PER_MUSD

__all__ = ["MOST_OPTIONS", "Option", "PowerAnswer", "power_answer", "power_rows", "read_definitions"]

Floats = NDArray[np.float64]

#: options beyond these are left out, those that carry least first
MOST_OPTIONS = 4
#: players unless more are asked for: the focus of the packaged case
_DEFAULT_PLAYERS = 9
_ALL = "all"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A project that a coalition may build.

    Attributes
    ----------
    project, label : str
    annual_cost : ndarray, shape (K,), USD/yr
        Annuity of what is not sunk, and upkeep.
    sponsors : tuple of str
        Players among those who bear the cost: without them it is not built.
    built_by_all : bool
        Whether all players together would build it, at central values.
    """

    project: str
    label: str
    annual_cost: Floats
    sponsors: tuple[str, ...]
    built_by_all: bool


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PowerAnswer:
    """Power of those who can close routes over the trade of one target, USD/yr; n players, K draws.

    Attributes
    ----------
    scenario, target : str
    year : int
    players : tuple of str
    options : tuple of Option
    short, invested : GamePower
        Solutions at central values: nothing can be built; the best can.
    shapley, banzhaf, partner : ndarray, shape (2, K, n)
        Short run and with investment. `partner` is the part of the Shapley value from flows of which the player is the other end;
        the rest is transit. For the target itself all is its own trade.
    unasked : tuple of str
        Actors who can close something on the way and are no players: taken to agree.
    notes : tuple of str
    """

    scenario: str
    target: str
    year: int
    players: tuple[str, ...]
    options: tuple[Option, ...]
    short: GamePower
    invested: GamePower
    shapley: Floats
    banzhaf: Floats
    partner: Floats
    unasked: tuple[str, ...]
    notes: tuple[str, ...]


def read_definitions(texts: Sequence[str]) -> dict[str, str]:
    """Read definitions of players such as ``usa=contractor``, ``eu=many`` or ``RUS+IRN=bloc``.

    Raises
    ------
    UsageError
        A text is malformed.

    Examples
    --------
    >>> read_definitions(["usa=contractor", "RUS+IRN=bloc"])
    {'USA': 'contractor', 'RUS+IRN': 'bloc'}
    """
    known = ("player", "contractor", "many", "bloc")
    found = {}
    for text in texts:
        name, equals, kind = text.partition("=")
        if not equals or kind not in known or ("+" in name) != (kind == "bloc"):
            msg = (
                f"--players {text!r}: give ACTOR=player (asked), ACTOR=contractor (not asked), UNION=many (member by member) "
                "or A+B=bloc (decide as one)"
            )
            raise UsageError(msg)
        found[name.upper()] = kind
    return found


def power_answer(
    case: Case,
    scenario: str,
    year: int,
    *,
    target: str = _ALL,
    definitions: Mapping[str, str] | None = None,
    options: Sequence[str] | None = None,
    most: int = _DEFAULT_PLAYERS,
    draws: int = 20,
    seed: int = 0,
    threads: int = 1,
) -> PowerAnswer:
    """Play the transit game of a target's trade.

    A coalition is worth what the trade gains, over what nobody's cooperation leaves, from routes that only its members can close.
    Players are the target, its partners, and those who can close routes that the trade uses: the focus of the case first, then by
    tonnage. Others are taken to agree; the game knows side payments and no reaction of outsiders.

    Parameters
    ----------
    case : Case
        With the scenario applied.
    scenario : str
        Its name, for the rows.
    year : int
    target : str
        Root actor; ``all``: all trade of the case.
    definitions : mapping, optional
        See `read_definitions`.
    options : sequence of str, optional
        Projects that may be built; None: those not open in that year that would carry most, at most four.
    most : int
        Players, beside those named as such; 12 with the target is the bound of core and nucleolus.
    draws, seed, threads : int

    Raises
    ------
    UsageError
        An actor or project is not known, or too many players are asked for.
    NoRouteError
        The trade has no permitted route.
    """
    definitions = dict(definitions or {})
    case = _split_unions(case, definitions)
    design = Design(seed=seed, draws=draws, common_share=case.settings.common_share)
    shut = unopened_projects(case, year)
    wanted = tuple(shut) if options is None else tuple(options)
    notes = [f"{name} is open in {year}: no option" for name in wanted if name not in shut and name in _projects(case)]
    wanted = tuple(name for name in wanted if name in shut or name not in _projects(case))
    middle = dataclasses.replace(design, draws=1, central=True)
    flows, centre = (
        case_flows(case, year, target=target, projects=wanted, design=d, threads=threads) for d in (design, middle)
    )
    kept = _useful(centre, wanted, options is None)
    names, bits, unasked = _players(centre, target, definitions, case.settings.focus, most)
    chosen = [wanted[i] for i in kept]
    sums = _Game(names=names, bits=bits, options=kept, target=target)
    cost, sponsors = draw_projects(case, chosen, design).annual(), _sponsors(case, chosen, names)
    central_cost = draw_projects(case, chosen, middle).annual()
    values, middle_values = sums.values(flows), sums.values(centre)
    n = len(names)
    best, built = best_investment(middle_values[0], central_cost[0].tolist(), sponsors)
    short, invested = game_power(middle_values[0, : 1 << n], names), game_power(best, names)
    pair = np.stack([values[:, : 1 << n], _invest(values, cost, sponsors)])
    partner = _partner(sums, flows, cost, sponsors, values, pair)
    notes += [f"{len(names)} players; those not asked are taken to agree"] if unasked else []
    if flows.dropped:
        notes.append(f"{flows.dropped} needed routes found no room in the route set")
    return PowerAnswer(
        scenario=scenario, target=target, year=year, players=names,
        options=tuple(
            Option(
                project=name, label=str(_projects(case)[name]["label"]), annual_cost=cost[:, i],
                sponsors=tuple(p for j, p in enumerate(names) if (sponsors[i] >> j) & 1),
                built_by_all=bool((int(built[-1]) >> i) & 1),
            )
            for i, name in enumerate(chosen)
        ),
        short=short, invested=invested, shapley=shapley(pair), banzhaf=banzhaf(pair), partner=partner,
        unasked=unasked, notes=tuple(notes),
    )  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Game:
    """Players and options as bits: of actors, and of projects."""

    names: tuple[str, ...]
    bits: tuple[int, ...]
    options: tuple[int, ...]
    target: str

    def values(self, flows: CaseFlows, only: NDArray[np.bool_] | None = None) -> Floats:
        """Return the values of all coalitions of players and options, shape (K, 2**(n + m)), of all flows or some."""
        room = len(flows.actors)
        mask = flows.closers.copy()
        for i, option in enumerate(self.options):
            mask |= ((flows.projects >> np.uint64(option)) & np.uint64(1)) << np.uint64(room + i)
        used = self._without_unwanted(flows)
        pick = np.ones(len(flows.first) - 1, dtype=bool) if only is None else only
        route = np.repeat(pick, np.diff(flows.first))
        first = np.concatenate([[0], np.cumsum(np.diff(flows.first)[pick])])
        return transit_values(
            pair_start=first, cost=flows.cost[:, route], path_size=np.where(used, flows.size, 0.0)[route],
            closers=mask[route], players=[*self.bits, *(1 << (room + i) for i in range(len(self.options)))],
            endpoints=flows.ends[pick], dispersion=flows.dispersion[:, pick], quantity=flows.tonnes[:, pick],
            no_ship=flows.no_ship[:, pick],
        )  # fmt: skip

    def _without_unwanted(self, flows: CaseFlows) -> NDArray[np.bool_]:
        """Say which routes need only options that are in the game."""
        allowed = np.uint64(sum(1 << option for option in self.options))
        return np.asarray(flows.projects & ~allowed == 0)


def _invest(values: Floats, cost: Floats, sponsors: Sequence[int]) -> Floats:
    return np.stack([best_investment(v, c.tolist(), sponsors)[0] for v, c in zip(values, cost, strict=True)])


def _partner(
    game: _Game, flows: CaseFlows, cost: Floats, sponsors: Sequence[int], values: Floats, pair: Floats
) -> Floats:
    """Return the part of each player's Shapley value from flows of which it is the other end, (2, K, n).

    The value of a sum of games is the sum of their values. With options the games are not a plain sum, so the part is what the
    player loses if its own trade is taken out of the game.
    """
    n = len(game.names)
    out, whole = np.zeros((2, len(flows.cost), n)), shapley(pair)
    for i, (name, bits) in enumerate(zip(game.names, game.bits, strict=True)):
        own = (flows.ends & np.uint64(bits)) != 0
        if name == game.target or own.all():
            out[:, :, i] = whole[:, :, i]
        elif own.any():
            others = values - game.values(flows, own)
            less = np.stack([others[:, : 1 << n], _invest(others, cost, sponsors)])
            out[:, :, i] = whole[:, :, i] - shapley(less)[:, :, i]
    return out


def _projects(case: Case) -> dict[str, dict[str, object]]:
    return {
        str(row["project_id"]): {str(k): v for k, v in row.items()} for row in case.table("projects").to_dict("records")
    }


def _useful(flows: CaseFlows, wanted: Sequence[str], choose: bool) -> tuple[int, ...]:
    """Return the options whose routes would carry something, those that carry most first, in the order of the table."""
    pair = np.repeat(np.arange(len(flows.first) - 1), np.diff(flows.first))
    cost, theta = flows.cost[0], flows.dispersion[0]
    least = np.minimum.reduceat(cost, flows.first[:-1])
    weight = flows.size * np.exp(-theta[pair] * (cost - least[pair]))
    tonnes = weight / np.add.reduceat(weight, flows.first[:-1])[pair] * flows.tonnes[0][pair]
    carried = [float(tonnes[(flows.projects >> np.uint64(i)) & np.uint64(1) == 1].sum()) for i in range(len(wanted))]
    best = sorted(range(len(wanted)), key=lambda i: (-carried[i], i))
    kept = [i for i in best if carried[i] > 0 or not choose][: MOST_OPTIONS if choose else len(wanted)]
    return tuple(sorted(kept))


def _players(
    flows: CaseFlows, target: str, definitions: Mapping[str, str], focus: Sequence[str], most: int
) -> tuple[tuple[str, ...], tuple[int, ...], tuple[str, ...]]:
    """Choose players among those who can close what the trade uses; return names, actor bits, and who is not asked.

    The focus of the case comes first, others by the tonnage that touches what they can close.
    """
    touched = dict(zip(flows.actors, flows.touched(), strict=True))
    number = {name: i for i, name in enumerate(flows.actors)}
    blocs = [name.split("+") for name, kind in definitions.items() if kind == "bloc"]
    named = [name for name, kind in definitions.items() if kind == "player"] + [a for bloc in blocs for a in bloc]
    for name in (*named, *(name for name, kind in definitions.items() if kind == "contractor")):
        if name not in number:
            msg = f"{name} has no zone and can close nothing in this scenario and year: it cannot be a player. Leave it out"
            raise UsageError(msg)
    barred = {name for name, kind in definitions.items() if kind == "contractor"}
    able = [a for a in touched if touched[a] > 0 and a not in barred]
    ranked = sorted(able, key=lambda a: (a not in focus, -touched[a], a))
    first = [target] if target in number else []
    members = [*first, *named, *(a for a in ranked if a not in first and a not in named)]
    # whoever is not asked leaves an empty seat: with another in it the two definitions could not be compared
    seats = most - len(barred & {a for a in touched if touched[a] > 0})
    members = list(dict.fromkeys(members))[: max(seats, len(first) + len(named))]
    groups = [[a] for a in members if not any(a in bloc for bloc in blocs)] + blocs
    if len(groups) + MOST_OPTIONS > 20:
        msg = f"{len(groups)} players: at most 16 beside the options; ask for fewer with --most"
        raise UsageError(msg)
    groups.sort(key=lambda group: (group != first, min(ranked.index(a) if a in ranked else 99 for a in group)))
    asked = {a for group in groups for a in group}
    unasked = tuple(a for a in sorted(touched) if touched[a] > 0 and a not in asked)
    return (
        tuple("+".join(group) for group in groups),
        tuple(sum(1 << number[a] for a in group) for group in groups),
        unasked,
    )


def _sponsors(case: Case, chosen: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return who must be in a coalition that builds: players among the bearers of the cost."""
    parents, table = top_parents(case.table("actors")), _projects(case)
    masks = []
    for name in chosen:
        roots = {parents.get(actor, actor) for actor in bearer_shares(str(table[name]["bearers"]))}
        masks.append(sum(1 << i for i, player in enumerate(names) if roots & set(player.split("+"))))
    return masks


def _split_unions(case: Case, definitions: Mapping[str, str]) -> Case:
    """Let the members of a union that are zones of their own act one by one."""
    actors = case.table("actors").copy()
    zones, owner = set(case.table("zones")["country"]), sovereigns(actors)
    for union in [name for name, kind in definitions.items() if kind == "many"]:
        codes = sorted(code for code, actor in owner.items() if actor == union and code in zones)
        if len(codes) < 2:
            msg = f"{union} answers for {len(codes)} countries of the case: it cannot be many"
            raise DataError(msg)
        for code in codes:
            own = actors["actor_id"] == code
            if own.any():
                actors.loc[own, ["kind", "parent", "countries"]] = ["state", "", code]
            else:
                row = actors[actors["actor_id"] == union].assign(
                    actor_id=code, label=code, kind="state", parent="", countries=code
                )
                actors = pd.concat([actors, row], ignore_index=True)
    changed = any(kind == "many" for kind in definitions.values())
    return case.with_tables(actors=actors) if changed else case


def power_rows(answer: PowerAnswer) -> pd.DataFrame:
    """Return rows as in ``results.parquet``: ``shapley_value`` and ``banzhaf_value``, USD m/yr.

    Variants are ``short_run`` and ``with_investment``; of the Shapley value also ``-partner`` and ``-transit`` of each.
    """
    rows = []
    for r, run in enumerate(("short_run", "with_investment")):
        parts = (
            ("shapley_value", run, answer.shapley[r]),
            ("shapley_value", f"{run}-partner", answer.partner[r]),
            ("shapley_value", f"{run}-transit", answer.shapley[r] - answer.partner[r]),
            ("banzhaf_value", run, answer.banzhaf[r]),
        )
        for indicator, variant, drawn in parts:
            value, low, high = np.quantile(drawn / USD_PER_MUSD, [0.5, 0.05, 0.95], axis=0)
            rows += [
                {
                    "scenario": answer.scenario, "indicator": indicator, "variant": variant, "year": answer.year,
                    "actor": player, "target": "" if answer.target == _ALL else answer.target, "goods": "", "asset": "",
                    "unit": "USD m/yr", "value": value[i], "low": low[i], "high": high[i], "draws": len(drawn),
                }
                for i, player in enumerate(answer.players)
            ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(RESULT_COLUMNS)).sort_values(list(RESULT_COLUMNS[:9]), ignore_index=True)
