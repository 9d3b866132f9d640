"""The page of a case: what it holds, what it rests on, and where it is weakest. Made from the tables, never by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from mackinder.case.schema import table_names
from mackinder.case.selectors import LinkIndex
from mackinder.report.basis import BASES, basis_by_table, basis_by_use, basis_shares, estimated_trade, used_links
from mackinder.report.bonds import bond_sections
from mackinder.report.income import income_sections
from mackinder.report.lookup import flows_by_scenario
from mackinder.report.map import flow_map
from mackinder.report.markdown import NOTICE, interval, number, percent, percent_interval, table
from mackinder.report.network import actor_labels, map_network
from mackinder.report.pressure import pressure_sections
from mackinder.report.projection import VIEWS
from mackinder.scenario import chronology, read_scenario, scenario_names

if TYPE_CHECKING:
    from mackinder.case import Case

__all__ = ["case_map", "case_page"]

Row = dict[str, Any]
_MOST = 10  # rows in a list of weak inputs
_BUSY = 60  # links among which the widest intervals are looked for


def case_map(case: Case, flows: pd.DataFrame) -> str:
    """Draw the network of the core region with the flows of the baseline in the base year, as SVG that stands alone.

    Parameters
    ----------
    case : Case
    flows : DataFrame
        link, quantity_mt, quantity_mt_low, quantity_mt_high.
    """
    settings = case.settings
    rows = flows.assign(scenario=settings.baseline, year=settings.base_year)
    figure = flow_map(
        "case-map",
        view=VIEWS[0],
        network=map_network(case),
        flows=flows_by_scenario(rows, settings.base_year).get(settings.baseline, {}),
        scenario_label=read_scenario(settings.baseline, case).label,
        year=settings.base_year,
        actor_names=actor_labels(case.table("actors")),
    )
    return str(figure.svg) + "\n"


def case_page(case: Case, flows: pd.DataFrame, *, region: Sequence[str], map_file: str) -> str:
    """Write the page of a case.

    Parameters
    ----------
    case : Case
        The vintage to describe.
    flows : DataFrame
        link, quantity_mt (with bounds) of the baseline in the base year: they weigh the links.
    region : sequence of str
        Alpha-3 codes of the countries the case is about.
    map_file : str
        Address of the map from the page.

    Returns
    -------
    str
        Markdown; equal for equal inputs.
    """
    settings = case.settings
    parts = [
        NOTICE,
        f"# {settings.title}: the case",
        settings.description.strip(),
        f"Base year {settings.base_year}, horizon {settings.horizon_year}. The tables are the state known on "
        f"{settings.article_date}; updates bring them to {settings.newest_evidence}, the newest evidence, and this page "
        "describes that vintage. Names are neutral.\n\n" + " ".join(settings.boundaries_note.split()),
        f"![Freight on the network of the core region in {settings.base_year}]({map_file})\n\n"
        f"Freight in {settings.base_year} as the model loads it without capacity limits: line width is the median flow, "
        "colour says who is sovereign over the link, dashes say the mode. How it compares with counts: "
        "[the reality table](reality.md).",
        *_contents(case),
        *_evidence(case, flows, tuple(region)),
        *_goods(case),
        *_zones(case),
        *income_sections(case),
        *_actors(case),
        *_rights(case),
        *_restrictions(case),
        *bond_sections(case),
        *pressure_sections(case),
        *_scenarios(case),
        *_chronology(case),
        *_weakest(case, flows, tuple(region)),
        "## What is left out",
        "Passengers; crude oil, gas and power (pipelines and wires are conduits, outside the flows); "
        "gold and gems (by air); trade inside a "
        "country except between mainland Azerbaijan and Nakhchivan; empty runs of trucks, wagons and boxes; schedules. "
        "Registers and extracts whose licence forbids it are not shipped. The numbered paragraphs of "
        "[conventions](conventions.md) say how numbers are read, "
        "[vintages](vintages.md) how the case changes with the news.",
    ]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _contents(case: Case) -> list[str]:
    links = case.table("links")
    by_mode = {str(mode): group["length_km"] for mode, group in links.groupby("mode")}
    by_status = links["status"].value_counts().sort_index()
    return [
        "## What it holds",
        table(["table", "rows"], [(name, f"{len(case.table(name)):,}") for name in table_names()]),
        table(
            ["links by mode", "number", "km"],
            [(mode, len(length), f"{length.sum():,.0f}") for mode, length in by_mode.items()],
        ),
        table(["links by status", "number"], list(by_status.items())),
    ]


def _evidence(case: Case, flows: pd.DataFrame, region: tuple[str, ...]) -> list[str]:
    facts = case.table("facts")
    confidence = facts["confidence"].value_counts()
    sources = case.table("sources")
    groups = sources["independence_group"].nunique()
    disputed = int((facts["conflicts_with"] != "").sum())

    def line(name: str, shares: Mapping[str, float], *more: object) -> list[object]:
        return [name, *more, *(percent(shares[basis]) for basis in BASES)]

    return [
        "## What it rests on",
        f"{len(facts):,} facts (confidence high {confidence.get('high', 0):,}, medium {confidence.get('medium', 0):,}, low "
        f"{confidence.get('low', 0):,}) from {len(sources):,} sources in {groups:,} independent groups; {disputed} facts are "
        "contradicted by another, and both stay. A number is *cited* if a fact states it, *derived* if it is computed from "
        "facts as its row says, and an *estimate* if it is judgement; each has an interval.",
        "A row has one basis for all its numbers, that of the weakest: a link whose length is cited and whose time or price is "
        "judged counts as an estimate. So these shares are the strictest reading.",
        table(
            ["rows of", "number", *BASES], [line(name, shares, f"{n:,}") for name, n, shares in basis_by_table(case)]
        ),
        "By use: what the numbers of a run rest on. Links weigh by the tonne-km that they carry in the base year, trade by "
        "its value. A flow that is cited in dollars becomes tonnes by the value density of its goods, which is derived (below).",
        table(["what counts", *BASES], [line(name, shares) for name, shares in basis_by_use(case, flows, region)]),
        "By corridor: the basis of the links at which it is counted, weighed by their flow in the base year (flows of links are "
        "added up, so a tonne that uses two links of a port counts twice here).",
        table(["corridor", "Mt on its links", *BASES], _corridor_rows(case, flows)),
    ]


def _corridor_rows(case: Case, flows: pd.DataFrame) -> list[list[object]]:
    used, index = used_links(case, flows), LinkIndex(case.table("links"))
    rows: list[list[object]] = []
    for corridor in case.table("corridors").itertuples(index=False):
        here = used[index.mask(str(corridor.screenline))]
        moved = here["quantity_mt"].sum() > 0
        shares = basis_shares(here["basis"], here["quantity_mt"] if moved else None)
        rows.append([corridor.label, number(float(here["quantity_mt"].sum())), *(percent(shares[b]) for b in BASES)])
    return rows


def _goods(case: Case) -> list[str]:
    rows = []
    names = ("value_usd_per_t", "value_of_time_usd_per_t_day", "route_dispersion_t_per_usd", "trade_elasticity")
    for row in _records(case.table("goods")):
        spans = [_span(row, name) for name in names]
        rows.append([row["label"], *spans, row["basis"]])
    head = [
        "class",
        "value, USD/t",
        "value of time, USD/(t day)",
        "route dispersion, t/USD",
        "trade elasticity",
        "basis",
    ]
    return [
        "## Goods",
        "Central value with 5 and 95 %. Classes without numbers are trade that is not freight.",
        table(head, rows),
    ]


def _zones(case: Case) -> list[str]:
    place = case.table("places").set_index("place_id")["label"]
    rows = [
        [
            zone["zone_id"],
            zone["label"],
            place[zone["anchor_place"]],
            number(float(zone["gdp_usd_bn"])),
            _percents(zone, "gdp_growth_per_year", digits=1),
            _percents(zone, "trade_share"),
            zone["tier"],
        ]
        for zone in _records(case.table("zones"))
    ]
    head = [
        "id",
        "zone",
        "trade starts and ends at",
        "GDP, USD bn",
        "its growth a year",
        "of its country's trade",
        "tier",
    ]
    return ["## Zones", table(head, rows)]


def _actors(case: Case) -> list[str]:
    controls = case.table("controls")
    rows = []
    for actor in _records(case.table("actors")):
        counts = controls.loc[controls["actor"] == actor["actor_id"], "right"].value_counts().sort_index()
        held = ", ".join(f"{right} {count}" for right, count in counts.items())
        rows.append([actor["actor_id"], actor["label"], actor["kind"], actor["parent"], held])
    return [
        "## Actors",
        "States are sovereign over the links on their territory; the last column counts rows of `controls` beside that.",
        table(["id", "actor", "kind", "parent", "rights listed"], rows),
    ]


def _rights(case: Case) -> list[str]:
    controls = case.table("controls")
    terms = controls.assign(extension_years=controls["extension_years"].astype("string").fillna(""))
    keys = ["actor", "right", "starts_on", "ends_on", "extension_years", "status"]
    label = actor_labels(case.table("actors"))
    rows = []
    for (actor, right, starts, ends, years, status), group in terms.groupby(keys, sort=True):
        share = "/".join(f"{value:g}" for value in sorted(set(group["share"].astype(float)), reverse=True))
        facts = sorted({fact for cell in group["facts"] for fact in str(cell).split(";") if fact})
        assets = "; ".join(sorted(group["asset"]))
        until = f"{ends} (+{years} years)" if years else ends
        rows.append([label.get(str(actor), actor), right, share, starts, until, status, assets, ", ".join(facts)])
    return [
        "## Rights",
        "Beside sovereignty. One line for each holder, right, term and standing; shares of money rights, 1 for a right to "
        "close. *framework*: a text that binds nobody yet; *claimed*: asserted by one side.",
        table(["holder", "right", "share", "from", "until", "standing", "on", "facts"], rows),
    ]


def _restrictions(case: Case) -> list[str]:
    rows = []
    for row in _records(case.table("restrictions")):
        price = _span(row, "surcharge_usd_per_t")
        effect = (
            f"{price} USD/t {str(row['charge_basis']).replace('_', ' ')}" if row["effect"] == "surcharge" else "denied"
        )
        ends = [_few(str(row[key])) for key in ("origin", "destination", "goods")]
        term = f"{row['starts_on']} to {row['ends_on']}" if row["starts_on"] or row["ends_on"] else ""
        rows.append(
            [
                row["restriction_id"],
                row["kind"],
                *ends,
                effect,
                term,
                row["basis"],
                str(row["facts"]).replace(";", ", "),
            ]
        )
    head = ["id", "kind", "from", "to", "goods", "effect", "term", "basis", "facts"]
    return ["## Restrictions", table(head, rows)]


def _few(text: str, most: int = 4) -> str:
    """Shorten a long list: the first names and how many more."""
    names = ["all" if name == "*" else name for name in text.split(";")]
    return ", ".join(names) if len(names) <= most else f"{', '.join(names[:most])} and {len(names) - most} more"


def _scenarios(case: Case) -> list[str]:
    rows = []
    for name in scenario_names(case):
        scenario = read_scenario(name, case)
        rows.append([f"`{name}`", scenario.label, scenario.description])
    first = ", ".join(f"`{name}`" for name in case.settings.scenarios)
    return [
        "## Scenarios",
        f"Hypotheses, not forecasts. A run takes {first} if none is named; the baseline is `{case.settings.baseline}`.",
        table(["id", "scenario", "what it supposes"], rows),
    ]


def _chronology(case: Case) -> list[str]:
    rows = [
        [
            event.date,
            event.label,
            event.disputed,
            f"{event.changes} changes" if event.changes else "",
            ", ".join(event.facts),
        ]
        for event in chronology(case)
    ]
    return [
        "## Chronology",
        "Events since the first vintage, in whose order the tables change (`--as-of` shows an earlier day).",
        table(["day", "event", "where the evidence disagrees", "changes of the tables", "facts"], rows),
    ]


def _weakest(case: Case, flows: pd.DataFrame, region: tuple[str, ...]) -> list[str]:
    used = used_links(case, flows)
    head = ["link", "Mt", "cost, USD/t", "hours", "high over low", "basis"]
    parts = ["## Weakest inputs"]
    for tier, where in ((1, "the core region"), (2, "its corridors")):
        here = used[(used["tier"] == tier) & (used["quantity_mt"] > 0)]
        busy = here.sort_values(["quantity_mt", "link_id"], ascending=[False, True]).head(_BUSY)
        wide = busy.sort_values(["spread", "link_id"], ascending=[False, True]).head(_MOST)
        guessed = (
            here[here["basis"] == "estimate"].sort_values(["tonne_km", "link_id"], ascending=[False, True]).head(_MOST)
        )
        parts += [
            f"Widest intervals of cost or time among the {len(busy)} busiest links of {where}.",
            table(head, [_link_row(row) for row in _records(wide)]),
            f"Links of {where} that rest on judgement and carry most tonne-km.",
            table([*head, "ground"], [[*_link_row(row), row["ground"]] for row in _records(guessed)]),
        ]
    flow_rows = [
        [row["trade_id"], _span(row, "value_musd"), row["ground"]]
        for row in _records(estimated_trade(case, region, _MOST))
    ]
    return [
        *parts,
        f"Largest estimated flows of trade with {', '.join(region)}.",
        table(["flow", "USD m", "ground"], flow_rows),
    ]


def _records(frame: pd.DataFrame) -> list[Row]:
    """Turn a frame into plain rows."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _percents(row: Row, name: str, digits: int = 0) -> str:
    return percent_interval(*(float(row[f"{name}_{bound}"]) for bound in ("mode", "low", "high")), digits=digits)


def _span(row: Row, name: str) -> str:
    return interval(*(float(row[f"{name}_{bound}"]) for bound in ("mode", "low", "high")))


def _link_row(row: Row) -> list[object]:
    spans = [_span(row, name) for name in ("cost_usd_per_t", "time_h")]
    return [row["link_id"], number(float(row["quantity_mt"])), *spans, number(float(row["spread"])), row["basis"]]
