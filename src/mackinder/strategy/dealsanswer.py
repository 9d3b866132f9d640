"""Deals over a corridor, answered: values, consent, linkages, bargaining and games of the arrangements of a case."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.arrangements import Arrangements, ArrangementSpec, Linkage, read_arrangements
from mackinder.case.documents import require_document
from mackinder.case.settings import Quantity
from mackinder.draws import Design
from mackinder.errors import RunError, UsageError, did_you_mean
from mackinder.scenario import read_scenario
from mackinder.strategy.consent import Consent, Frequency, consent_matrix, frequency
from mackinder.strategy.dealgame import DealGame, Player, game_payoffs, play_deal, play_tree, threats
from mackinder.strategy.dealspace import (
    Bargain,
    Split,
    VetoSpace,
    capability_mappings,
    lottery_splits,
    spatial_bargains,
    veto_space,
)
from mackinder.strategy.flips import Flip, linked_factor, linked_positions, smallest_flips, turned
from mackinder.strategy.spatial_ensemble import LEAST_DRAWS
from mackinder.strategy.stated import draw_stated, newest_positions
from mackinder.strategy.tiescapacity import ties_capacity
from mackinder.strategy.valuation import Valuation, draw_terms, model_change, value_arrangements

__all__ = ["DealsAnswer", "deals_answer", "document_of", "left_out", "needed_scenarios"]

Floats = NDArray[np.float64]
#: parts of the worth that games and consent are shown with
PARTS = ("economics", "stakes", "both")
_GAME_DRAWS, _SPACE_DRAWS, _LOTTERY_DRAWS = 20, 40, 20
_CAPABILITY_NOISE = 0.2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DealsAnswer:
    """All that `mackinder deals` shows.

    Attributes
    ----------
    document : Arrangements
        As read.
    valuation : Valuation
        Values by draw, arrangement and actor.
    consent : mapping of str to mapping of str to Consent
        Part of the worth (economics, stakes, both) -> arrangement -> who consents and blocks.
    linkages : mapping of str to list
        Linkage -> what it turns: (arrangement, what, share before, share after).
    flips : list of Flip
        What it would take.
    bargains : list of Bargain
        The spatial model, one a capability mapping.
    space : mapping of str to VetoSpace
        Win sets by arrangement.
    splits : list of Split
        Nash and Kalai-Smorodinsky without side payments.
    games : mapping of str to DealGame
        Part of the worth -> the game on the chosen arrangement.
    sequence : mapping
        The same in turns, at central payoffs.
    threats : mapping of str to mapping of str to ndarray
        Outsider -> ends of the threat game.
    base : mapping of str to Frequency
        Base rates.
    draws : int
        Draws of positions, terms and stakes.
    model_draws : int
        Draws of the model behind the economics.
    """

    document: Arrangements
    valuation: Valuation
    consent: Mapping[str, Mapping[str, Consent]]
    linkages: Mapping[str, list[tuple[str, str, float, float]]]
    flips: list[Flip]
    bargains: list[Bargain]
    space: Mapping[str, VetoSpace]
    splits: list[Split]
    games: Mapping[str, DealGame]
    sequence: Mapping[str, Mapping[str, float]]
    threats: Mapping[str, Mapping[str, Floats]]
    base: Mapping[str, Frequency]
    draws: int
    model_draws: int


def document_of(case: Case) -> Arrangements:
    """Read the arrangements of a case.

    Raises
    ------
    CaseError
        The case has none, or they cannot be read.
    """
    return require_document(read_arrangements(case.folder), case.name, "arrangements.toml", "are no deals to value")


def needed_scenarios(case: Case) -> list[str]:
    """Return the scenarios that a run must have: of arrangements, of obstruction, and what these are compared with."""
    document = document_of(case)
    used = dict.fromkeys(document.scenarios)
    for item in document.arrangement:
        used |= dict.fromkeys(_needs(case, document, item))
    return [name for name in used if name != case.settings.baseline]


def _needs(case: Case, document: Arrangements, item: ArrangementSpec) -> list[str]:
    """Scenarios of one arrangement: its own, what obstructs it, what that is compared with, and the status quo."""
    quo = document.get(document.status_quo).scenario
    used = [quo, item.scenario]
    for way in item.can_obstruct:
        used += [way.scenario, read_scenario(way.scenario, case).counterfactual or quo]
    return list(dict.fromkeys(used))


def left_out(case: Case, scenarios: Collection[str]) -> dict[str, list[str]]:
    """Return the arrangements that a run with some scenarios cannot value, and the scenarios that each lacks (convention C163).

    Parameters
    ----------
    case : Case
        With arrangements.toml.
    scenarios : collection of str
        Those of the run; the baseline is in every run.

    Examples
    --------
    >>> from mackinder.case import read_case
    >>> left_out(read_case("south-caucasus"), ["trump-route", "iran-blocks"])["tripp"]
    ['russia-retaliates']
    """
    document, held = document_of(case), {*scenarios, case.settings.baseline}
    lacking = {item.id: [s for s in _needs(case, document, item) if s not in held] for item in document.arrangement}
    return {name: missing for name, missing in lacking.items() if missing}


def _held(case: Case, scenarios: Collection[str] | None) -> Arrangements:
    """Cut the document down to the arrangements that can be valued."""
    document = document_of(case)
    gone = {} if scenarios is None else left_out(case, scenarios)
    kept = tuple(item for item in document.arrangement if item.id not in gone)
    playable = [item.id for item in kept if item.id != document.status_quo]
    if document.status_quo in gone or not playable:
        lacks = sorted({name for missing in gone.values() for name in missing})
        msg = f"the run holds all scenarios of no arrangement; missing are some of {', '.join(lacks)}: add them with -s"
        raise RunError(msg)
    chosen = document.chosen if document.chosen in playable else playable[0]
    return document.model_copy(update={"arrangement": kept, "chosen": chosen})


def deals_answer(
    case: Case,
    results: pd.DataFrame,
    model_draws: Floats,
    *,
    chosen: str | None = None,
    scenarios: Collection[str] | None = None,
    draws: int = LEAST_DRAWS,
    seed: int = 0,
) -> DealsAnswer:
    """Value the arrangements of a case and say who agrees.

    Parameters
    ----------
    case : Case
        With arrangements.toml.
    results, model_draws : DataFrame, ndarray
        Results and draws of a run with the scenarios of `needed_scenarios`.
    chosen : str, optional
        Arrangement that games are played on; the document says which if left out.
    scenarios : collection of str, optional
        Those that the run holds: arrangements that need others are left out (`left_out`). None: it holds all.
    draws : int
        At least 1,000, for the spatial model.
    seed : int
        Names the streams.

    Raises
    ------
    CaseError, RunError, UsageError
        No arrangements; a run without the scenarios; too few draws.
    """
    document = _held(case, scenarios)
    if draws < LEAST_DRAWS:
        msg = f"draws={draws}: positions and stakes are judged and the spatial model is chaotic, so at least {LEAST_DRAWS:,}"
        raise UsageError(msg)
    names = [item.id for item in document.arrangement if item.id != document.status_quo]
    if chosen is not None and chosen not in names:
        raise UsageError(did_you_mean(chosen, names, what="arrangement"))
    item = document.get(chosen or document.chosen)
    design = Design(seed=seed, draws=draws, common_share=case.settings.common_share)
    positions = newest_positions(case.table("positions"), case.settings.newest_evidence)
    actors = [party.actor for party in document.party]
    issues = list(dict.fromkeys((*document.security_issues, *document.status_issues, *(t.issue for t in item.terms))))
    stated, terms = draw_stated(positions, actors, issues, design), draw_terms(document, issues, design)
    year, facts = case.settings.horizon_year, case.table("facts")
    wide = model_draws.astype(np.float64)

    valuation = value_arrangements(document, facts, results, wide, stated, terms, design, year=year)

    def linked(link: Linkage) -> Valuation:
        said, factor = linked_positions(stated, link, design), linked_factor(link, design)
        return value_arrangements(
            document, facts, results, wide, said, terms, design, year=year, factor=factor, like=valuation
        )

    effects = _obstruction(case, document, results, wide, actors, year, draws)
    parts = {
        "economics": valuation.economics_percent,
        "stakes": valuation.security + valuation.status,
        "both": valuation.total,
    }
    consent = {part: consent_matrix(document, valuation, effects, design, worth) for part, worth in parts.items()}
    linkages = {
        link.id: turned(
            consent["both"],
            consent_matrix(document, linked(link), effects, design),
        )
        for link in document.linkage
    }
    held = _withholding(document, results, wide, actors, year)
    ties = ties_capacity(case, document.leverage_over, seed=seed)
    mappings = capability_mappings(actors, valuation.gdp, held, ties, document.leverage_over)
    games, sequence = _games(document, item, valuation, effects, consent["both"][item.id], parts, design)
    space = {
        name: veto_space(stated, terms, name, document.status_quo, document.get(name).must_consent, draws=_SPACE_DRAWS, seed=seed)
        for name in names
    }  # fmt: skip
    return DealsAnswer(
        document=document,
        valuation=valuation,
        consent=consent,
        linkages=linkages,
        flips=smallest_flips(document, valuation, stated, terms, positions),
        bargains=spatial_bargains(stated, terms, mappings, document.status_quo, noise=_CAPABILITY_NOISE, seed=seed),
        space={name: found for name, found in space.items() if found is not None},
        splits=lottery_splits(valuation, item.must_consent, draws=_LOTTERY_DRAWS),
        games=games,
        sequence=sequence,
        threats=_threats(document, item, valuation, effects, consent["both"][item.id], design),
        base={rate.id: frequency(rate) for rate in document.base_rate},
        draws=draws,
        model_draws=len(wide),
    )


def _obstruction(
    case: Case,
    document: Arrangements,
    results: pd.DataFrame,
    model: Floats,
    actors: Sequence[str],
    year: int,
    draws: int,
) -> dict[str, dict[str, Floats]]:
    """Change of each party's account by each obstruction, against the scenario that its own file names (C102)."""
    pick = np.arange(draws) % len(model)
    found = {}
    for name in dict.fromkeys(way.scenario for item in document.arrangement for way in item.can_obstruct):
        against = read_scenario(name, case).counterfactual or document.get(document.status_quo).scenario
        found[name] = {p: model_change(results, model, name, against, p, year=year)[pick] for p in actors}
    return found


def _withholding(
    document: Arrangements, results: pd.DataFrame, model: Floats, actors: Sequence[str], year: int
) -> Floats:
    """Closure cost of each actor on the local states in transit under the status quo, mean over draws, USD m/yr."""
    quo = document.get(document.status_quo).scenario
    rows = results[
        (results["indicator"] == "closure_cost")
        & (results["variant"] == "transit")
        & (results["year"] == year)
        & (results["scenario"] == quo)
        & results["target"].isin(list(document.leverage_over))
    ]
    means = pd.Series(model[:, rows.index.to_numpy()].mean(axis=0), index=rows["actor"].to_numpy())
    return np.array([float(means[means.index == p].sum()) for p in actors])


def _quantity(design: Design, key: str, quantity: Quantity) -> Floats:
    ends = [np.array([value]) for value in (quantity.low, quantity.mode, quantity.high)]
    return np.maximum(design.quantity([key], *ends)[:, 0], 0.0)


def _players(
    document: Arrangements, item: ArrangementSpec, valuation: Valuation, effects: Mapping[str, Mapping[str, Floats]],
    agreed: Consent, worth: Floats, relish: Floats, pick: object, money: bool,
) -> list[Player]:  # fmt: skip
    """Build the players at one draw, or at the medians where ``pick`` is a slice."""

    def at(values: Floats) -> float:
        return float(np.median(values[pick]))  # type: ignore[call-overload]  # an index or a slice

    a = valuation.arrangements.index(item.id)
    ways = {way.actor: way for way in item.can_obstruct}
    found = []
    for name in document.play:
        i = valuation.actors.index(name)
        way = ways.get(name)
        effect = {} if way is None or way.scenario == item.scenario else effects[way.scenario]
        harm = {
            p: max(at(-100.0 * effect[p] / valuation.gdp[valuation.actors.index(p)]), 0.0)
            for p in document.play
            if p != name and p in effect
        }
        hurt = sum(share * valuation.gdp[valuation.actors.index(p)] for p, share in harm.items())
        cost = at(-100.0 * effect[name] / valuation.gdp[i]) if name in effect else 0.0
        found.append(
            Player(
                name=name,
                role="insider" if name in item.must_consent else "outsider",
                worth=at(worth[:, a, i]),
                cost=cost if money else 0.0,
                stops=at(agreed.stops[name]) if name in agreed.stops else 0.0,
                harm=harm if money else {},
                relish=at(relish) * hurt / valuation.gdp[i] if money else 0.0,
            )
        )
    return found


def _games(
    document: Arrangements, item: ArrangementSpec, valuation: Valuation, effects: Mapping[str, Mapping[str, Floats]],
    agreed: Consent, parts: Mapping[str, Floats], design: Design,
) -> tuple[dict[str, DealGame], dict[str, dict[str, float]]]:  # fmt: skip
    """Play the chosen arrangement with each part of the worth, and in turns with all of it."""
    relish = _quantity(design, "game/retaliation", document.retaliation)
    sharp = _quantity(design, "game/precision", document.precision)
    rows = range(min(_GAME_DRAWS, design.draws))

    def players(part: str, pick: object) -> list[Player]:
        return _players(document, item, valuation, effects, agreed, parts[part], relish, pick, part != "stakes")

    scales = np.array([[float(np.ptp(table)) for table in game_payoffs(players("both", d))] for d in rows])
    games = {
        part: play_deal([players(part, d) for d in rows], scales, sharp[: len(rows)], players(part, slice(None)))
        for part in PARTS
    }
    centre = players("both", slice(None))
    ranges = [float(np.ptp(table)) or 1.0 for table in game_payoffs(centre)]
    own = [
        dataclasses.replace(
            p, worth=p.worth / r, cost=p.cost / r, relish=p.relish / r,
            harm={name: share / ranges[[q.name for q in centre].index(name)] for name, share in p.harm.items()},
        )
        for p, r in zip(centre, ranges, strict=True)
    ]  # fmt: skip
    return games, play_tree(own, float(np.median(sharp)))


def _threats(
    document: Arrangements, item: ArrangementSpec, valuation: Valuation, effects: Mapping[str, Mapping[str, Floats]],
    agreed: Consent, design: Design,
) -> dict[str, dict[str, Floats]]:  # fmt: skip
    """Play each obstructor's threat against the first of those whose consent is needed: the host."""
    a, host = valuation.arrangements.index(item.id), item.must_consent[0]
    money = valuation.money(valuation.total)
    h = valuation.actors.index(host)
    common = {
        "precision": _quantity(design, "game/precision", document.precision),
        "expectation": np.clip(_quantity(design, "threat/expectation", document.conflict_expectation), 0.0, 1.0),
        "audience": _quantity(design, "threat/audience", document.audience_cost),
    }
    found = {}
    for way in item.can_obstruct:
        effect = effects[way.scenario] if way.scenario != item.scenario else {}
        none = np.zeros(design.draws)
        found[way.actor] = threats(
            -money[:, a, valuation.actors.index(way.actor)], -effect.get(way.actor, none), -effect.get(host, none),
            money[:, a, h], success=agreed.stops[way.actor], **common,
        )  # fmt: skip
    return found
