"""From the frames of a run to the content of the report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mackinder.errors import UsageError, did_you_mean
from mackinder.evidence.cannot import cannot_tell
from mackinder.report.answer import Names, largest_change, questions, sentence, tile
from mackinder.report.basemap import read_basemap
from mackinder.report.content import MapSheet, ReportContent, Section, SourceLine, Table
from mackinder.report.documents import PageDocument, document_section
from mackinder.report.drivers import driver_section
from mackinder.report.economy import economy_section, gain_sentence, largest_gain
from mackinder.report.estimate import Estimate
from mackinder.report.extra import extra_sections
from mackinder.report.lookup import Lookup, flows_by_scenario
from mackinder.report.map import difference_map, flow_map, shared_parts
from mackinder.report.naming import asset_labels, build_names, economy_note, scenarios_of
from mackinder.report.network import MapNetwork, map_network
from mackinder.report.projection import VIEWS
from mackinder.report.sections import Pair, corridor_section, cost_section, exposure_section, revenue_section
from mackinder.report.texts import METHOD, QUESTION_ALONE, QUESTION_COMPARED, limits_section

if TYPE_CHECKING:
    import pandas as pd

    from mackinder.case import Case
    from mackinder.ensemble.drivers import Drivers

__all__ = ["MAP_BUDGET", "build_content"]

_NOT_STATED = "not stated"
_CHECKS = ("status", "statuses", "gaps", "equilibrium", "routes", "closure_identity_gap", "kernel_cache")
MAP_BUDGET = 1_250_000  # characters; a report must stay small enough for e-mail (2 MB)


def _maps(
    network: MapNetwork, flows: Mapping[str, Mapping[str, Estimate]], names: Names, budget: int
) -> tuple[MapSheet, ...]:
    """Draw A, and B and B - A of every scenario, the telling ones first, until the budget of characters is spent."""
    others = [s for s in names.scenarios if s in flows and s != names.first]
    base = flows.get(names.first)
    region, eurasia = VIEWS
    wanted = [(view, "a", names.first) for view in VIEWS if base is not None]
    wanted += [(view, kind, others[0]) for view in VIEWS for kind in "bd" if others]
    wanted += [(region, kind, s) for s in others[1:] for kind in "bd"]
    wanted += [(eurasia, kind, s) for kind in "db" for s in others[1:]]
    sheets, spent = [], 0
    for view, kind, scenario in wanted:
        if kind == "d" and base is None:
            continue
        figure_id = f"map-{view.view_id}-{scenario}-{kind}"
        if kind == "d" and base is not None:
            figure = difference_map(
                figure_id,
                view=view,
                network=network,
                flows=flows[scenario],
                baseline=base,
                scenario_label=names.scenario(scenario),
                baseline_label=names.scenario(names.first),
                year=names.year,
                shared=True,
            )
        else:
            figure = flow_map(
                figure_id,
                view=view,
                network=network,
                flows=flows[scenario],
                scenario_label=names.scenario(scenario),
                year=names.year,
                actor_names=names.actors,
                shared=True,
            )
        spent += len(figure.svg)
        if spent > budget:
            break
        sheets.append(MapSheet(view=view.view_id, kind=kind, scenario=scenario, figure=figure))
    return tuple(sheets)


def _flat(document: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Flatten nested mappings into (path, text) rows."""
    rows: list[tuple[str, str]] = []
    for key in document:
        value, path = document[key], f"{prefix}{key}"
        if isinstance(value, Mapping):
            rows += _flat(value, f"{path} / ")
        elif isinstance(value, list | tuple):
            rows.append((path, ", ".join(str(v) for v in value)))
        else:
            rows.append((path, str(value)))
    return rows


def _stamp(case: Case, manifest: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    versions = manifest.get("versions") or {"mackinder": manifest.get("version", _NOT_STATED)}
    version = versions.get("mackinder", _NOT_STATED) if isinstance(versions, Mapping) else versions
    return (
        ("Newest evidence", case.settings.newest_evidence.isoformat()),
        ("As known on", str(manifest.get("as_of") or case.settings.newest_evidence.isoformat())),
        ("Case", case.name),
        ("Version", str(version)),
        ("Seed", str(manifest.get("seed", _NOT_STATED))),
        ("Draws", str(manifest.get("draws", _NOT_STATED))),
        ("Hash of the inputs", str(manifest.get("case_digest") or case.digest)[:32]),
        ("Reviewed by", "nobody yet"),
    )


def _difference_section(differences: Mapping[str, Sequence[str]], names: Names) -> Section:
    rows = tuple(
        (names.scenario(scenario), line) for scenario in names.scenarios for line in differences.get(scenario, ())
    )
    tables: tuple[Table, ...] = ()
    if rows:
        tables = (
            Table(
                caption=f"Changes of the inputs against {names.scenario(names.first) if names.first else 'the case'}",
                columns=("Scenario", "What differs"),
                rows=rows,
                folded=len(rows) > 25,
            ),
        )
    missing = () if rows else ("No list of differing inputs was handed to this report.",)
    return Section(section_id="inputs", heading="What differs between the scenarios", paragraphs=missing, tables=tables)


def _status_section(manifest: Mapping[str, Any]) -> Section:
    """What the run says of its own solution: one status for all, or one per solve."""
    checks = {key: manifest[key] for key in _CHECKS if key in manifest}
    rows = tuple((path.replace("_", " "), text) for path, text in _flat(checks))
    tables = (Table(caption="What the run reports of itself", columns=("Item", "Value"), rows=rows),) if rows else ()
    statuses = manifest.get("statuses")
    if isinstance(statuses, Mapping) and statuses:
        texts = [text for _, text in _flat(statuses)]
        bad = sorted({text for text in texts if text != "converged"})
        words = f"All {len(texts)} solves converged."
        if bad:
            words = (
                f"Not every solve converged: among {len(texts)} statuses there are {', '.join(bad)}. Read with care."
            )
    elif manifest.get("status"):
        words = f"Status of the run: {manifest['status']}."
    else:
        words = "The manifest of this run states no solver status."
    return Section(section_id="status", heading="Convergence and status", paragraphs=(words,), tables=tables)


def _evidence_section(case: Case) -> tuple[Section, tuple[SourceLine, ...]]:
    sources = case.table("sources")
    kinds = sources["kind"].astype(str).value_counts()
    kind_rows = tuple((kind.replace("_", " "), str(int(kinds[kind]))) for kind in sorted(kinds.index))
    bases = []
    for name in case.tables:
        frame = case.table(name)
        if "basis" in frame.columns and len(frame):
            counts = frame["basis"].astype(str).value_counts()
            cells = [f"{100 * int(counts.get(b, 0)) / len(frame):.0f} %" for b in ("cited", "derived", "estimate")]
            bases.append((name, str(len(frame)), *cells))
    tables = (
        Table(caption="Sources by kind", columns=("Kind", "Sources"), rows=kind_rows),
        Table(
            caption="How the rows of each table are grounded",
            columns=("Table", "Rows", "Cited", "Derived", "Estimate"),
            rows=tuple(bases),
            note="Cited: a fact states the number. Derived: computed from facts. Estimate: judgement with a stated ground.",
        ),
    )
    groups = sources["independence_group"].astype(str).nunique()
    words = f"{len(sources)} sources in {groups} independent groups; sources that repeat each other share a group."
    lines = []
    for row in sources.to_dict("records"):
        text = ", ".join(str(row[c]) for c in ("publisher", "title", "published_on") if row[c])
        lines.append(
            SourceLine(text=f"{row['source_id']}: {text} ({str(row['kind']).replace('_', ' ')})", url=str(row["url"]))
        )
    return Section(section_id="sources", heading="Sources", paragraphs=(words,), tables=tables), tuple(lines)


def build_content(
    results: pd.DataFrame,
    flows: pd.DataFrame,
    case: Case,
    manifest: Mapping[str, Any],
    *,
    scenario_labels: Mapping[str, str] | None = None,
    differences: Mapping[str, Sequence[str]] | None = None,
    range_only: Collection[str] = (),
    descriptions: Mapping[str, str] | None = None,
    drivers: Callable[[Sequence[int]], Sequence[Drivers]] | None = None,
    headline: str = "",
    names: str = "neutral",
    documents: Sequence[PageDocument] = (),
    map_budget: int = MAP_BUDGET,
) -> ReportContent:
    """Compute everything that the page prints.

    Parameters
    ----------
    results : DataFrame
        Columns scenario, indicator, variant, year, actor, target, goods, asset, unit, value, low, high, draws. Paired
        differences to the baseline carry a variant that ends in ``minus-baseline``.
    flows : DataFrame
        Columns scenario, year, link, quantity_mt, quantity_mt_low, quantity_mt_high (Mt/yr).
    case : Case
        The case as run, for names, places, sources and settings.
    manifest : mapping
        Of the run: seed, draws, case_digest, versions, status or statuses, gaps, as_of, scenario_labels, differences.
        What is absent is printed as not stated.
    scenario_labels : mapping, optional
        Scenario id to plain name; else ``manifest["scenario_labels"]``, else the id in words.
    differences : mapping, optional
        Scenario id to sentences on what differs in its inputs; else ``manifest["differences"]``.
    range_only : collection of str
        Scenarios (war, collapse) that are printed as ranges without decimals.
    descriptions : mapping, optional
        Scenario id to what it is, in a sentence or two.
    drivers : callable, optional
        From rows of the results to what drives them; without it the section says that nothing was looked at.
    headline : str
        Scenario that answer, tiles and charts compare with the baseline; by default the first other one of case.toml.
    names : {'neutral', 'armenian', 'azerbaijani'}
        Usage of place and corridor names.
    documents : sequence of PageDocument
        Levers, deals, timeline, claims of the run: sections after those of the results.
    map_budget : int
        Characters that the static maps may take.

    Returns
    -------
    ReportContent

    Raises
    ------
    RunError
        If a frame lacks a column or the results are empty.
    UsageError
        If `headline` is not a scenario of the run other than the baseline.
    """
    settings = case.settings
    baseline, others = scenarios_of(results, case, manifest)
    if headline:
        if headline not in others:
            raise UsageError(did_you_mean(headline, others, what="scenario to put first"))
        others = [headline, *(s for s in others if s != headline)]
    labels = scenario_labels if scenario_labels is not None else manifest.get("scenario_labels", {})
    named = build_names(case, baseline, others, labels, names, range_only)
    lookup = Lookup(frame=results, year=named.year)
    focus = list(settings.focus)
    asked = [(q, largest_change(q, lookup, named)) for q in questions(lookup, named, focus)]
    tiles = [tile(q, pick, named) for q, pick in asked]
    network = map_network(case, names=names)
    pairs = [Pair(asset=f"{p.origin}>{p.destination}", goods=p.goods, label=p.label) for p in settings.headline_pairs]
    evidence, sources = _evidence_section(case)
    gain = gain_sentence(lookup, named, focus)
    won = largest_gain(lookup, named, focus)
    changes = [p.change if p.change is not None and p.change.detectable else p.level for _, p in asked if p is not None]
    driven = [e.row for e in [*changes, *([won[1]] if won else [])] if e is not None]
    told = descriptions or {}
    sides = [(side, s) for side, s in (("A", named.first), ("B", named.second)) if s]
    question = QUESTION_COMPARED if named.first and named.second else QUESTION_ALONE
    basemap = read_basemap()
    given = differences if differences is not None else manifest.get("differences", {})
    return ReportContent(
        title=settings.title,
        question=question.format(
            year=named.year,
            first=named.scenario(named.first or named.second),
            second=named.scenario(named.second),
        ),
        answer=(*(sentence(q, pick, named) for q, pick in asked[: 2 if gain else 3]), *((gain,) if gain else ())),
        answer_note=(
            "Each sentence tells the largest change among those compared, detectable ones first: one whose 90 % interval "
            "leaves out zero. Intervals are not adjusted for that choice. Results of a model, not observations."
        ),
        stamp=_stamp(case, manifest),
        tiles=tuple(t for t in tiles if t is not None),
        baseline_label=named.scenario(named.first) if named.first else "",
        scenarios=tuple((s, named.scenario(s)) for s in others),
        map_parts=tuple(part for view in VIEWS for part in shared_parts(view, network, named.actors).items()),
        maps=_maps(network, flows_by_scenario(flows, named.year), named, map_budget),
        compared=tuple((f"{side}: {named.scenario(s)}", told[s]) for side, s in sides if told.get(s)),
        sections=(
            economy_section(lookup, named, focus, asset_labels(case), note=economy_note(case, focus)),
            exposure_section(lookup, named, focus),
            *extra_sections(lookup, named, case, focus),
            corridor_section(lookup, named),
            cost_section(lookup, named, pairs, focus),
            revenue_section(lookup, named),
            driver_section(drivers(driven) if drivers else (), lookup, named, case),
            *(document_section(document) for document in documents),
            _difference_section(given, named),
            limits_section(str(manifest.get("model", "routes")), cannot_tell(case)),
            Section(section_id="method", heading="Method", paragraphs=(METHOD,)),
            _status_section(manifest),
            evidence,
        ),
        sources=sources,
        boundaries=(
            settings.boundaries_note,
            basemap.note,
            f"Drawn dotted: {'; '.join(label for label, _ in basemap.disputed)}.",
            f"Land and borders: {basemap.source}.",
        ),
    )
