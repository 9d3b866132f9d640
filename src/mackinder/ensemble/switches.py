"""Structural switches: choices of model and of reading that no interval can express, sampled as categories (C136).

In the words of Lempert's XLRM: scenarios are the levers, inputs and switches the uncertainties, the chain the relationships,
indicators the measures.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from mackinder.case import Case
from mackinder.draws import keyed_generator
from mackinder.ensemble.options import with_options
from mackinder.equilibrium.loading import MODELS
from mackinder.errors import UsageError, did_you_mean

__all__ = ["SWITCHES", "Switch", "apply_switches", "combinations", "combo_of_chunk"]

_BOUNDS = ("low", "mode", "high")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A choice between options; the first is the case as it stands.

    Attributes
    ----------
    label : str
    options : tuple of str
    apply : callable, optional
        ``(case, option) -> case``; None: the option is the model.
    """

    label: str
    options: tuple[str, ...]
    apply: Callable[[Case, str], Case] | None = None


def _closing(case: Case, option: str) -> Case:
    if option == "sovereign":
        return case.with_settings(closing_rights=("sovereign",))
    if option == "all":
        return case.with_settings(
            closing_rights=("sovereign", "owner", "operator", "customs", "security", "toll", "finance")
        )
    return case


def _statuses(case: Case, option: str) -> Case:
    return case if option == "stated" else case.with_settings(closing_statuses=tuple(option.split("+")))


def _reexports(case: Case, option: str) -> Case:
    return case if option == "with" else with_options(case, reexports=option)


def _horizon(case: Case, option: str) -> Case:
    return case if option == "long" else with_options(case, horizon=option)


def _dispersion(case: Case, option: str) -> Case:
    if option == "stated":
        return case
    goods = case.table("goods")
    for bound in _BOUNDS:  # a dear good is indifferent to a dollar: elasticity over price, as in Allen and Arkolakis
        goods[f"route_dispersion_t_per_usd_{bound}"] = (
            goods[f"trade_elasticity_{bound}"] / goods["value_usd_per_t_mode"]
        )
    return case.with_tables(goods=goods)


def _players(case: Case, option: str) -> Case:
    if option == "parents":
        return case
    actors = case.table("actors")
    actors["parent"] = actors["parent"].where(actors["kind"].ne("company"), "")
    return case.with_tables(actors=actors)


SWITCHES: Final[Mapping[str, Switch]] = {
    "model": Switch(label="what answers: routes, capacities, trade", options=tuple(reversed(MODELS))),
    "closing": Switch(
        label="which rights can close a link", options=("stated", "sovereign", "all"), apply=_closing
    ),
    "standing": Switch(
        label="which standing of a right counts",
        options=("stated", "binding", "binding+framework+claimed"),
        apply=_statuses,
    ),
    "dispersion": Switch(
        label="where the dispersion of route choice comes from",
        options=("stated", "trade-elasticity"),
        apply=_dispersion,
    ),
    "reexports": Switch(
        label="whether goods that are only sent on count as trade", options=("with", "without"), apply=_reexports
    ),
    "horizon": Switch(
        label="trade answers in full, or as in the first year", options=("long", "short"), apply=_horizon
    ),
    "players": Switch(
        label="companies act with their parents or alone", options=("parents", "companies"), apply=_players
    ),
}  # fmt: skip


def combinations(chosen: Sequence[str]) -> tuple[dict[str, str], ...]:
    """Return all combinations of the options of some switches.

    Parameters
    ----------
    chosen : sequence of str
        ``name`` (all its options) or ``name=option,option``.

    Raises
    ------
    UsageError
        If there is no such switch or option.

    Examples
    --------
    >>> combinations(["closing=stated,sovereign"])
    ({'closing': 'stated'}, {'closing': 'sovereign'})
    """
    options: dict[str, tuple[str, ...]] = {}
    for item in chosen:
        name, _, some = item.partition("=")
        if name not in SWITCHES:
            raise UsageError(did_you_mean(name, SWITCHES, what="switch"))
        known = SWITCHES[name].options
        mine = tuple(dict.fromkeys(some.split(","))) if some else known
        for option in mine:
            if option not in known:
                raise UsageError(did_you_mean(option, known, what=f"option of switch {name}"))
        options[name] = mine
    return tuple(dict(zip(options, combo, strict=True)) for combo in itertools.product(*options.values()))


def apply_switches(case: Case, model: str, combo: Mapping[str, str]) -> tuple[Case, str]:
    """Return the case and the model under a combination of options."""
    for name, option in combo.items():
        apply = SWITCHES[name].apply
        if apply is None:
            model = option
        else:
            case = apply(case, option)
    return case, model


def combo_of_chunk(seed: int, n_chunks: int, n_combos: int) -> list[int]:
    """Deal the combinations to chunks: equally often, in keyed random order.

    Examples
    --------
    >>> sorted(combo_of_chunk(0, 4, 2))
    [0, 0, 1, 1]
    """
    dealt = np.arange(n_chunks) % n_combos
    return [int(i) for i in keyed_generator(seed, "switches").permutation(dealt)]
