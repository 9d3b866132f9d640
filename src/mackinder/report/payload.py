"""What the interactive page knows of a run: numbers, links, rights and facts, as one JSON document (convention C113)."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from mackinder.exchange.blank import NOTE_BYTES, blank_links
from mackinder.exchange.layers import straight
from mackinder.indicators.measure import catalogue
from mackinder.report.content import ReportContent
from mackinder.report.documents import PageDocument
from mackinder.report.drivers import driver_inputs
from mackinder.report.ground import corridor_table, fact_tables, link_rows, place_rows, subject_facts
from mackinder.report.naming import economy_labels
from mackinder.report.network import actor_labels
from mackinder.report.shell import PAYLOAD_SCHEMA
from mackinder.report.style import ACTOR_COLOURS, GAIN, LOSS, MODE_DASHES, MODE_LABELS, OTHER

if TYPE_CHECKING:
    import datetime as dt

    from mackinder.case import Case
    from mackinder.ensemble.drivers import Drivers

__all__ = ["build_payload", "case_payload", "pack_flows", "pack_results", "run_command_line"]

_DIGITS: Final = 7  # more than any number is printed with
_WORDS: Final = ("scenario", "indicator", "variant", "actor", "target", "goods", "asset", "unit")
_MOST_ROWS: Final = 40_000
_INPUT_FACTS: Final = 24  # as many as the drawer shows
FAMILIES: Final[Mapping[str, str]] = {
    "flows": "Freight",
    "cost": "Cost and days",
    "revenue": "Revenue",
    "control": "Who can close",
    "capacity": "What is full",
    "welfare": "Gains and losses",
    "appraisal": "Projects",
    "bottleneck": "Bottlenecks",
    "ties": "Ties",
    "power": "Power",
    "leverage": "Levers",
    "deals": "Deals",
    "process": "Timeline",
    "ablation": "What survives",
}


def _short(values: pd.Series[float]) -> list[float | None]:
    """Round to `_DIGITS` significant digits; what is not a number is None."""
    return [float(f"{v:.{_DIGITS}g}") if np.isfinite(v) else None for v in values.to_numpy(float)]


def run_command_line(manifest: Mapping[str, Any]) -> str:
    """Return the command that makes the run again.

    Examples
    --------
    >>> run_command_line({"case": "demo", "baseline": "a", "scenarios": ["a", "b"], "draws": 9, "seed": 1, "model": "trade"})
    'mackinder run demo --scenario b --draws 9 --seed 1 --model trade'
    """
    others = [s for s in manifest.get("scenarios", ()) if s != manifest.get("baseline")]
    wanted = "".join(f" --scenario {s}" for s in others or manifest.get("scenarios", ()))
    options = "".join(f" --{key} {manifest[key]}" for key in ("draws", "seed", "model") if key in manifest)
    return f"mackinder run {manifest.get('case', '')}{wanted}{options}"


def pack_results(results: pd.DataFrame, focus: Sequence[str], cited: Collection[int] = ()) -> dict[str, Any]:
    """Pack the rows that the page can show: whole freight, actors in focus, and every row that its text cites.

    Raises nothing; what is left out stays in ``results.parquet``, and the page says so.
    """
    watched = {"", *focus}
    both = results["actor"].isin(watched) & results["target"].isin(watched) if focus else True
    few = results["goods"].eq("") | results["indicator"].str.startswith("pair_")
    alone = (results["actor"].eq("") | results["target"].eq("")) & results["goods"].eq("")
    keep = np.array((few & both) | alone, dtype=bool)
    if keep.sum() > _MOST_ROWS:
        keep = np.array(few & both, dtype=bool)
    keep[np.array(sorted(cited), dtype=np.int64)] = True
    rows = results[keep]
    packed: dict[str, Any] = {"row": np.flatnonzero(keep).tolist(), "words": {}}
    for name in _WORDS:
        codes, words = pd.factorize(rows[name].astype(str), sort=True)
        packed[name], packed["words"][name] = codes.tolist(), [str(w) for w in words]
    packed["year"] = [int(year) for year in rows["year"]]
    return packed | {name: _short(rows[name]) for name in ("value", "low", "high")}


def pack_flows(flows: pd.DataFrame, links: Sequence[str]) -> dict[str, dict[str, list[list[Any]]]]:
    """Pack flows: year, scenario -> link number, median, low, high in Mt/yr."""
    order = {link: i for i, link in enumerate(links)}
    known = flows[flows["link"].isin(order)]
    out: dict[str, dict[str, list[list[Any]]]] = {}
    for (year, scenario), rows in known.groupby(["year", "scenario"]):
        columns = (_short(rows[f"quantity_mt{end}"].round(6)) for end in ("", "_low", "_high"))
        out.setdefault(str(year), {})[str(scenario)] = [[order[link] for link in rows["link"]], *columns]
    return out


def _cited(content: ReportContent) -> set[int]:
    """Rows of the results that the static text shows."""
    cells = [cell for s in content.sections for t in s.tables for row in t.rows for cell in row]
    found = (getattr(cell, "row", -1) for cell in [*cells, *(tile.value for tile in content.tiles)])
    return {row for row in found if row >= 0}


def case_payload(case: Case, cases: Mapping[str, Case], *, names: str = "neutral") -> dict[str, Any]:
    """Return what the page knows of a case without any run: actors, links, rights, facts, words and colours.

    Parameters
    ----------
    case : Case
    cases : mapping of str to Case
        The case under each scenario: rights are those of the horizon year there. The first is the baseline.
    names : {'neutral', 'armenian', 'azerbaijani'}
        Usage of place names.
    """
    settings = case.settings
    labels = actor_labels(case.table("actors"))
    for code, label in zip(case.table("zones")["country"], case.table("zones")["label"], strict=True):
        labels.setdefault(str(code), str(label))
    places = place_rows(case, names)
    links = link_rows(case, cases or {"": case}, f"{settings.horizon_year}-07-01", [p["id"] for p in places])
    corridors = corridor_table(case, names)
    subjects = subject_facts(case)
    facts, sources = fact_tables(case, [*(link["facts"] for link in links), *subjects.values()])
    return {
        "schema": PAYLOAD_SCHEMA,
        "title": settings.title,
        "case": case.name,
        "year": settings.horizon_year,
        "years": sorted({settings.base_year, settings.horizon_year}),
        "baseline": settings.baseline,
        "focus": list(settings.focus),
        "evidence": settings.newest_evidence.isoformat(),
        "actors": labels,
        "economies": economy_labels(case),
        "colours": {a: c for a, c in ACTOR_COLOURS.items() if a in labels},
        "other": OTHER,
        "gain": GAIN,
        "loss": LOSS,
        "modes": {mode: {"label": MODE_LABELS[mode], "dash": dash} for mode, dash in MODE_DASHES.items()},
        "families": dict(FAMILIES),
        "catalogue": [
            {"indicator": name, "unit": e.unit, "family": e.family, "label": e.label, "description": e.description}
            for name, e in catalogue().items()
        ],
        "corridors": corridors,
        "places": places,
        "links": links,
        "geopackage": _blank_geopackage(links, places, settings.newest_evidence),
        "facts": facts,
        "sources": sources,
        "subjects": subjects,
    }


def _blank_geopackage(
    links: Sequence[Mapping[str, Any]], places: Sequence[Mapping[str, Any]], day: dt.date
) -> dict[str, Any]:
    """A GeoPackage of the links into which the page writes the numbers that it shows (convention C170)."""
    at = [tuple(place["at"]) for place in places]
    rows = [(str(k["id"]), str(k["label"]), str(k["mode"]), str(k["holder"])) for k in links]
    blank = blank_links(rows, [straight(at[link["from"]], at[link["to"]]) for link in links], day=day)
    packed = base64.b64encode(gzip.compress(blank.content, mtime=0)).decode()
    return {"file": packed, "at": list(blank.at), "note": [blank.note_at, NOTE_BYTES]}


def build_payload(
    content: ReportContent,
    results: pd.DataFrame,
    flows: pd.DataFrame,
    case: Case,
    manifest: Mapping[str, Any],
    *,
    cases: Mapping[str, Case],
    assets: Mapping[str, str] | None = None,
    documents: Sequence[PageDocument] = (),
    range_only: Collection[str] = (),
    drivers: Sequence[Drivers] = (),
    names: str = "neutral",
    notices: str = "",
) -> dict[str, Any]:
    """Assemble the payload of a report.

    Parameters
    ----------
    content : ReportContent
        The static page of the same run.
    results, flows, case, manifest
        As for `build_content`.
    cases : mapping of str to Case
        The case under each scenario of the run, for the rights of the horizon year.
    assets : mapping of str to str, optional
        Display names of links and transfers.
    documents : sequence of PageDocument
        What else the run folder holds.
    range_only, names
        As for `build_content`.
    drivers : sequence of Drivers
        What drives the headline numbers: the page shows the facts of each input.
    notices : str
        Licences of the libraries inside the page.
    """
    base = case_payload(case, cases, names=names)
    baseline = case.settings.baseline
    present = {str(s) for s in results["scenario"].unique()}
    scenarios = [(baseline, content.baseline_label)] if baseline in present else []
    scenarios += list(content.scenarios)
    first = scenarios[0][0]
    pairs = {f"{p.origin}>{p.destination}": p.label for p in case.settings.headline_pairs}
    inputs = driver_inputs(drivers)
    facts, sources = fact_tables(case, [base["facts"], *(found["facts"][:_INPUT_FACTS] for found in inputs.values())])
    return base | {
        "title": content.title,
        "years": sorted({int(y) for y in flows["year"].unique()}) or base["years"],
        "baseline": baseline if baseline in present else first,
        "scenarios": [{"id": s, "label": label} for s, label in scenarios],
        "headline": content.scenarios[0][0] if content.scenarios else first,
        "ranges": sorted(range_only),
        "draws": manifest.get("draws", 0),
        "seed": manifest.get("seed", 0),
        "model": str(manifest.get("model", "routes")),
        "command": run_command_line(manifest),
        "unknown_rights": [s for s, _ in scenarios if s not in cases],
        "assets": {**(assets or {}), **pairs},
        "flows": pack_flows(flows, [link["id"] for link in base["links"]]),
        "results": pack_results(results, case.settings.focus, _cited(content)),
        "documents": [document.as_payload() for document in documents],
        "boundaries": list(content.boundaries),
        "notices": notices,
        "inputs": inputs,
        "facts": facts,
        "sources": sources,
    }
