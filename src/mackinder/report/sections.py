"""The sections of the report that come from results: corridors, control, cost and days, revenue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mackinder.report.answer import Names
from mackinder.report.charts import Bar, Row, Series, dot_chart, share_chart
from mackinder.report.content import Section, Table
from mackinder.report.estimate import Estimate
from mackinder.report.figure import Figure
from mackinder.report.lookup import Key, Lookup
from mackinder.report.style import BASELINE, actor_colour

__all__ = ["Pair", "corridor_section", "cost_section", "exposure_section", "revenue_section"]

_SOURCE = "model run of this report"
_SECOND = "#0b62a8"
_ACTORS_SHOWN = 7
_TARGETS_SHOWN = 6
_TARGETS_DRAWN = 3
_PANEL_RATIO = 12.0
_SMALLEST_FLOW_MT = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A headline pair of zones: key of its results and how it is called."""

    asset: str
    goods: str
    label: str


def _shown(names: Names) -> list[str]:
    return [s for s in (names.first, names.second) if s]


def _series(names: Names) -> list[Series]:
    first = [Series(label=names.scenario(names.first), colour=BASELINE, hollow=True)] if names.first else []
    second = [Series(label=names.scenario(names.second), colour=_SECOND)] if names.second else []
    return first + second


def _chart(
    figure_id: str, title: str, unit: str, keys: Sequence[tuple[str, Key]], lookup: Lookup, names: Names
) -> tuple[Figure, ...]:
    if not keys:
        return ()
    rows = [
        Row(label=label, values=tuple(names.shown(lookup.get(s, key), s) for s in _shown(names))) for label, key in keys
    ]
    return (dot_chart(figure_id, title=title, unit=unit, source=_SOURCE, rows=rows, series=_series(names)),)


def _change(estimate: Estimate | None, scenario: str, names: Names) -> str:
    text = names.text(estimate, scenario, signed=True)
    if estimate is None or estimate.detectable:
        return text
    return estimate.cite(f"{text}; no detectable change")


def _columns(names: Names) -> tuple[str, ...]:
    change = (f"Change against {names.scenario(names.first)}",) if names.first and names.second else ()
    return (*(names.scenario(s) for s in _shown(names)), *change)


def _cells(key: Key, variant: str, lookup: Lookup, names: Names) -> tuple[str, ...]:
    cells = [names.text(lookup.get(s, key, variant), s) for s in _shown(names)]
    if names.first and names.second:
        cells.append(_change(lookup.change(names.second, key, variant), names.second, names))
    return tuple(cells)


def _compare(
    caption: str, head: str, keys: Sequence[tuple[str, Key]], lookup: Lookup, names: Names, *, folded: bool = False
) -> tuple[Table, ...]:
    """A table of A, B and B minus A; empty without keys."""
    if not keys:
        return ()
    rows = tuple((label, *_cells(key, "", lookup, names)) for label, key in keys)
    return (Table(caption=caption, columns=(head, *_columns(names)), rows=rows, folded=folded),)


def _all_scenarios(
    caption: str, head: str, keys: Sequence[tuple[str, Key]], lookup: Lookup, names: Names
) -> tuple[Table, ...]:
    """A folded table of every scenario of the run, one line each; empty if only A and B were run."""
    if not keys or set(names.scenarios) <= set(_shown(names)):
        return ()
    rows = []
    for label, key in keys:
        for scenario in names.scenarios:
            change = "baseline" if scenario == names.first else _change(lookup.change(scenario, key), scenario, names)
            rows.append((label, names.scenario(scenario), names.text(lookup.get(scenario, key), scenario), change))
    columns = (head, "Scenario", "Median (90 % interval)", "Change against the baseline")
    return (Table(caption=caption, columns=columns, rows=tuple(rows), appendix=True),)


def _absent(keys: Sequence[object], what: str) -> tuple[str, ...]:
    return () if keys else (f"The results of this run hold nothing on {what}.",)


def _panels(keys: Sequence[tuple[str, Key]], size: dict[Key, float]) -> list[list[tuple[str, Key]]]:
    """Cut rows sorted by size where the next is below a twelfth of the first: 1 Mt/yr cannot be seen beside 500."""
    panels: list[list[tuple[str, Key]]] = []
    for label, key in keys:
        if not panels or size[key] < size[panels[-1][0][1]] / _PANEL_RATIO:
            panels.append([])
        panels[-1].append((label, key))
    return panels


def _moves(lookup: Lookup, names: Names, key: Key) -> bool:
    change = lookup.change(names.second, key) if names.second else None
    return change is not None and change.detectable


def _sorted_by_size(
    found: Sequence[Key], name: Callable[[Key], str], lookup: Lookup, names: Names
) -> tuple[list[tuple[str, Key]], dict[Key, float]]:
    """Label keys, the largest value in any scenario shown first; also return these values."""
    size = {k: max((e.value for s in _shown(names) if (e := lookup.get(s, k)) is not None), default=0.0) for k in found}
    return sorted(((name(k), k) for k in found), key=lambda row: (-size[row[1]], row[1].asset, row[1].actor)), size


def _moving_charts(
    figure_id: str, title: str, unit: str, keys: Sequence[tuple[str, Key]], size: dict[Key, float], smallest: float,
    lookup: Lookup, names: Names,
) -> tuple[tuple[Figure, ...], tuple[str, ...]]:  # fmt: skip
    """Draw the rows that change detectably (all if none does), small ones apart; say which are left out."""
    moved = [(label, k) for label, k in keys if _moves(lookup, names, k)]
    panels = _panels([(label, k) for label, k in moved or keys if size[k] >= smallest], size)
    figures: tuple[Figure, ...] = ()
    for number, panel in enumerate(panels):
        part = f", part {number + 1} of {len(panels)}, each on its own scale" if len(panels) > 1 else ""
        figures += _chart(f"{figure_id}-{number}", f"{title}{part}", unit, panel, lookup, names)
    still = len(keys) - len(moved)
    told = (f"Drawn are those that change detectably; {still} of {len(keys)} do not, and stand in the table.",)
    return figures, told if moved and still else ()


def corridor_section(lookup: Lookup, names: Names) -> Section:
    """Flows on the corridors, each tonne counted once at the corridor's screenline."""
    found = [k for k in lookup.keys("corridor_flow", names.scenarios) if not k.goods]
    keys, size = _sorted_by_size(found, lambda k: names.corridors.get(k.asset, k.asset), lookup, names)
    title = f"Flows on the corridors, {names.year}"
    figures, left_out = _moving_charts("fig-corridors", title, "Mt/yr", keys, size, _SMALLEST_FLOW_MT, lookup, names)
    return Section(
        section_id="corridors",
        heading="Corridor flows",
        paragraphs=(
            "Each tonne is counted once, where it crosses the corridor's screenline, both directions together.",
            *_absent(keys, "corridor flows"),
            *left_out,
        ),
        figures=figures,
        tables=(
            *_compare(f"Flows on the corridors, {names.year}, Mt/yr (90 % interval)", "Corridor", keys, lookup, names),
            *_all_scenarios(f"All scenarios: flows on the corridors, {names.year}", "Corridor", keys, lookup, names),
        ),
    )


def _closers(target: str, lookup: Lookup, names: Names) -> list[str]:
    """Actors that touch most of a country's trade, in either scenario, largest first."""
    best: dict[str, float] = {}
    for variant in ("partner", "transit"):
        for key in lookup.keys("exposure_value", _shown(names), variant):
            if key.target == target and key.actor != target and key.goods == "":
                shares = [e.value for s in _shown(names) if (e := lookup.get(s, key, variant)) is not None]
                best[key.actor] = best.get(key.actor, 0.0) + max(shares, default=0.0)
    order = sorted(best, key=lambda actor: (-best[actor], actor))
    return [actor for actor in order if best[actor] >= 0.005][:_ACTORS_SHOWN]


def _share_figure(target: str, actors: Sequence[str], lookup: Lookup, names: Names) -> Figure:
    bars = []
    for actor in actors:
        key = Key(indicator="exposure_value", actor=actor, target=target)
        shares = tuple((lookup.get(s, key, "partner"), lookup.get(s, key, "transit")) for s in _shown(names))
        bars.append(Bar(label=names.actor(actor), colour=actor_colour(actor), shares=shares))
    return share_chart(
        f"fig-exposure-{target}",
        title=f"Who touches the trade of {names.economy(target)}, {names.year}",
        unit="% of the value of its trade",
        source=_SOURCE,
        bars=bars,
        scenario_labels=[names.scenario(s) for s in _shown(names)],
    )


def _control_table(
    indicator: str, caption: str, note: str, pairs: Sequence[tuple[str, str]], lookup: Lookup, names: Names
) -> tuple[Table, ...]:
    rows = []
    for target, actor in pairs:
        for variant in ("partner", "transit"):
            key = Key(indicator=indicator, actor=actor, target=target)
            if any(lookup.get(s, key, variant) is not None for s in _shown(names)):
                label = f"{names.economy(target)} ← {names.actor(actor)}"
                rows.append((label, variant, *_cells(key, variant, lookup, names)))
    if not rows:
        return ()
    columns = ("Country ← who could close", "As", *_columns(names))
    return (Table(caption=caption, columns=columns, rows=tuple(rows), note=note, folded=True),)


def _targets(lookup: Lookup, names: Names, focus: Sequence[str]) -> list[str]:
    """Countries in focus whose trade most depends on one transit country, in either scenario, largest first."""
    best: dict[str, float] = {}
    for key in lookup.keys("exposure_value", _shown(names), "transit"):
        if (not focus or key.target in focus) and key.actor != key.target and not key.goods:
            shares = [e.value for s in _shown(names) if (e := lookup.get(s, key, "transit")) is not None]
            best[key.target] = max(best.get(key.target, 0.0), *shares)
    return sorted(best, key=lambda target: (-best[target], target))[:_TARGETS_SHOWN]


def exposure_section(lookup: Lookup, names: Names, focus: Sequence[str]) -> Section:
    """Who can close whose trade: exposure, captive share and closure cost, partner and transit apart."""
    targets = _targets(lookup, names, focus)
    chosen = {t: _closers(t, lookup, names) for t in targets}
    pairs = [(target, actor) for target in targets for actor in chosen[target]]
    spec = [
        ("exposure_value", "Exposure: share of trade by value that touches the actor", ""),
        ("captive_value", "Captive: share of trade by value with no permitted way round the actor", ""),
        ("exposure_tonnes", "Exposure: share of trade by weight that touches the actor", ""),
        ("captive_tonnes", "Captive: share of trade by weight with no permitted way round the actor", ""),
        (
            "closure_cost",
            "Closure cost: what a closure by the actor would cost the country a year, after rerouting",
            "Giving the trade up is one of the ways out, at its value over the trade elasticity. What the closure would cost "
            "the actor itself is not in this table; other routes, stocks and other suppliers soften it.",
        ),
    ]
    tables: list[Table] = []
    for indicator, caption, note in spec:
        tables += _control_table(indicator, f"{caption}, {names.year} (90 % interval)", note, pairs, lookup, names)
    return Section(
        section_id="control",
        heading="Who can close whose trade",
        paragraphs=(
            "Exposure is trade that touches an actor with a right to close; it says nothing about willingness, and being "
            "able to close is not the same as having influence. As a partner the actor is the other end of the trade; in "
            "transit it lies on the way. The two are never added up, and shares of several actors overlap. Drawn are the "
            "countries in focus that depend most on one transit country; the tables have more.",
            *_absent(pairs, "exposure of the countries in focus"),
        ),
        figures=tuple(_share_figure(t, chosen[t], lookup, names) for t in targets[:_TARGETS_DRAWN] if chosen[t]),
        tables=tuple(tables),
    )


def cost_section(lookup: Lookup, names: Names, pairs: Sequence[Pair], focus: Sequence[str]) -> Section:
    """Delivered cost and days: headline pairs, and trade-weighted means of the countries in focus."""
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    missing = []
    for indicator, what, unit in (
        ("pair_cost", "Generalised cost (money, time and risk)", "USD/t"),
        ("pair_price", "Price in money", "USD/t"),
        ("pair_days", "Door-to-door time", "days"),
    ):
        keys = [(p.label, Key(indicator=indicator, asset=p.asset, goods=p.goods)) for p in pairs]
        keys = [(label, k) for label, k in keys if any(lookup.get(s, k) for s in names.scenarios)]
        if not keys and pairs:
            missing.append(what[0].lower() + what[1:])
        title = f"{what} of the headline pairs, {names.year}"
        if indicator != "pair_price":
            figures += _chart(f"fig-{indicator.replace('_', '-')}", title, unit, keys, lookup, names)
        tables += _compare(f"{title}, {unit} (90 % interval)", "From and to", keys, lookup, names, folded=True)
    for indicator, what in (
        ("delivered_cost", "Delivered cost, mean over the country's trade"),
        ("delivered_days", "Days, mean over the country's trade"),
        ("trade_tonnes", "Trade by weight"),
        ("unserved_tonnes", "Trade without a permitted route (reported, never loaded)"),
    ):
        found = [k for k in lookup.keys(indicator, names.scenarios) if (not focus or k.target in focus) and not k.goods]
        keys = [(names.economy(k.target), k) for k in found]
        tables += _compare(f"{what}, {names.year} (90 % interval)", "Country", keys, lookup, names, folded=True)
    return Section(
        section_id="cost",
        heading="Delivered cost and days",
        paragraphs=(
            "Generalised cost adds the value of time, unreliability and risk to the price; all of them are uncertain.",
            *(
                (f"The results of this run hold nothing on the {', the '.join(missing)} of these pairs.",)
                if missing
                else ()
            ),
        ),
        figures=figures,
        tables=tables,
    )


def revenue_section(lookup: Lookup, names: Names) -> Section:
    """Transit fees and haulage by actor."""
    found = [k for k in lookup.keys("transit_fees", _shown(names)) if not k.goods and not k.asset]

    fees, size = _sorted_by_size(found, lambda k: names.actor(k.actor), lookup, names)
    title = f"Transit fees, {names.year}"
    figures, left_out = _moving_charts("fig-fees", title, "USD m/yr", fees, size, 0.0, lookup, names)
    haulage = [(label, Key(indicator="transit_haulage", actor=k.actor)) for label, k in fees]
    haulage = [(label, k) for label, k in haulage if any(lookup.get(s, k) for s in _shown(names))]
    return Section(
        section_id="revenue",
        heading="Transit revenue",
        paragraphs=(
            "Fees go to whoever may charge for passage; haulage is what carriers earn on the same tonnes and is mostly "
            "spent on running them. Neither is profit.",
            *_absent(fees, "transit revenue"),
            *left_out,
        ),
        figures=figures,
        tables=(
            *_compare(
                f"Transit fees, {names.year}, USD m/yr (90 % interval)", "Actor", fees, lookup, names, folded=True
            ),
            *_compare(
                f"Haulage in transit, {names.year}, USD m/yr (90 % interval)",
                "Actor",
                haulage,
                lookup,
                names,
                folded=True,
            ),
        ),
    )
