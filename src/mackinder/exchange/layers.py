"""Layers of a case and a run: places, zones, links and flows, as points and straight lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mackinder.errors import ExchangeError, MackinderError
from mackinder.exchange.fields import Cell, Field, cells_of, run_fields, table_fields
from mackinder.exchange.geopackage import Layer, Point, Shape
from mackinder.exchange.qgis import flow_style, link_style
from mackinder.scenario import apply, read_scenario

if TYPE_CHECKING:
    import pandas as pd

    from mackinder.archive import Run
    from mackinder.case import Case

__all__ = ["case_layers", "straight"]

_STRAIGHT = (
    "Lines are straight between their places, not the course of the way; two parts where one crosses 180 degrees."
)


def case_layers(case: Case, run: Run | None = None) -> list[Layer]:
    """Return the layers of a case: links, places, zones; and flows, if a run is given.

    Parameters
    ----------
    case : Case
    run : Run, optional
        A run of this case. Links that a scenario adds are looked up in that scenario.

    Raises
    ------
    ExchangeError
        If a place has no position on Earth, a row names a place or link that does not exist, or a scenario that a
        link of the run came from cannot be read any more.
    """
    points = _points(case)
    stamp = f"Case {case.name}, evidence to {case.settings.newest_evidence}, digest {case.digest[:12]}."
    links = case.table("links")
    zones = case.table("zones")
    layers = [
        Layer(
            name="links",
            kind="MULTILINESTRING",
            description=f"Links. {_STRAIGHT} {stamp}",
            fields=table_fields("links"),
            rows=cells_of(links, table_fields("links")),
            shapes=list(_lines(links, points).values()),
            style=link_style(),
        ),
        _point_layer("places", f"Places. {case.settings.boundaries_note} {stamp}", case, list(points.values())),
        _point_layer(
            "zones",
            f"Zones, at the place where their demand starts and ends. {stamp}",
            case,
            [_ends(row, (row["anchor_place"],), points, "zones.csv")[0] for row in zones.to_dict("records")],
        ),
    ]
    return layers if run is None else [_flow_layer(case, run, points, stamp), *layers]


def _point_layer(table: str, description: str, case: Case, points: list[Point]) -> Layer:
    fields = table_fields(table)
    return Layer(
        name=table,
        kind="POINT",
        description=description,
        fields=fields,
        rows=cells_of(case.table(table), fields),
        shapes=[((point,),) for point in points],
    )


def _points(case: Case) -> dict[str, Point]:
    """Position of each place; NaN and impossible angles are refused here, where file and row are known."""
    out: dict[str, Point] = {}
    for row in case.table("places").to_dict("records"):
        lon, lat = float(row["lon_deg"]), float(row["lat_deg"])
        if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
            msg = (
                f"places.csv, row {row['file_row']}: {row['place_id']} lies at longitude {lon}, latitude {lat}; "
                "longitudes go from -180 to 180, latitudes from -90 to 90: correct lon_deg and lat_deg"
            )
            raise ExchangeError(msg)
        out[str(row["place_id"])] = (lon, lat)
    return out


def _ends(
    row: Mapping[object, object], names: tuple[object, ...], points: Mapping[str, Point], file: str
) -> list[Point]:
    missing = [str(name) for name in names if name not in points]
    if missing:
        msg = f"{file}, row {row['file_row']}: places.csv has no {', '.join(missing)}; `mackinder check` lists all such rows"
        raise ExchangeError(msg)
    return [points[str(name)] for name in names]


def _lines(links: pd.DataFrame, points: Mapping[str, Point]) -> dict[str, Shape]:
    return {
        str(row["link_id"]): straight(*_ends(row, (row["from_place"], row["to_place"]), points, "links.csv"))
        for row in links.to_dict("records")
    }


def straight(start: Point, end: Point) -> Shape:
    """Return the straight line between two points on the shorter way round, cut where it crosses the antimeridian.

    Parameters
    ----------
    start, end : (longitude, latitude) in degrees, longitudes from -180 to 180

    Returns
    -------
    Shape
        One part; two where the line crosses 180 degrees.

    Examples
    --------
    >>> straight((170.0, 10.0), (-170.0, 20.0))
    (((170.0, 10.0), (180.0, 15.0)), ((-180.0, 15.0), (-170.0, 20.0)))
    """
    (x0, y0), (x1, y1) = start, end
    if abs(x1 - x0) <= 180.0:
        return ((start, end),)
    if x0 < x1:  # westwards: the same line, read from its other end
        return tuple(part[::-1] for part in straight(end, start)[::-1])
    gap = x1 + 360.0 - x0
    if gap == 0.0:
        return ((start, (x0, y1)),)
    y = y0 + (180.0 - x0) / gap * (y1 - y0)
    parts = ((start, (180.0, y)), ((-180.0, y), end))
    return tuple(part for part in parts if part[0] != part[1])


def _flow_layer(case: Case, run: Run, points: Mapping[str, Point], stamp: str) -> Layer:
    manifest, flows = run.manifest, run.flows
    labels = dict(manifest.get("scenario_labels", {}))
    fields = run_fields("flows", flows)
    found = _known_links(case, run, points)
    extra = [found[str(s), str(link)] for s, link in zip(flows["scenario"], flows["link"], strict=True)]
    names = [labels.get(str(s), str(s)) for s in flows["scenario"]]
    years = sorted({int(year) for year in flows["year"]})
    states = [(s, year, labels.get(s, s)) for s in manifest["scenarios"] for year in years]
    added = ("scenario_label", "display name of the scenario"), ("link_label", "display name of the link")
    more = (*added, ("mode", "mode of transport"))
    rows = cells_of(flows, fields)
    return Layer(
        name="flows",
        kind="MULTILINESTRING",
        description=(
            f"Freight over each link by scenario and year; filter by both, or the lines lie on top of each other. "
            f"{_STRAIGHT} {stamp} Seed {manifest['seed']}, {manifest['draws']} draws."
        ),
        fields=(*fields, *(Field(name=n, type="string", unit="", description=d) for n, d in more)),
        rows=[(*row, name, *about) for row, name, (about, _) in zip(rows, names, extra, strict=True)],
        shapes=[shape for _, shape in extra],
        style=flow_style(states),
    )


_Found = tuple[tuple[Cell, ...], Shape]


def _known_links(case: Case, run: Run, points: Mapping[str, Point]) -> dict[tuple[str, str], _Found]:
    """Label, mode and line of each link with a flow, by scenario and link."""
    base = _described(case, points)
    out: dict[tuple[str, str], _Found] = {}
    for scenario, rows in run.flows.groupby("scenario", sort=True):
        wanted, here = set(rows["link"]), base
        if not wanted <= set(base):  # the scenario adds links
            here = base | _added(case, run, str(scenario))
        lost = sorted(wanted - set(here))
        if lost:
            msg = (
                f"flows of the run: scenario {scenario} has link {lost[0]} ({len(lost)} such), which neither the case nor "
                "the scenario has; run again"
            )
            raise ExchangeError(msg)
        out |= {(str(scenario), link): here[link] for link in wanted}
    return out


def _described(case: Case, points: Mapping[str, Point]) -> dict[str, _Found]:
    links = case.table("links")
    lines = _lines(links, points)
    return {
        str(row["link_id"]): ((str(row["label"]), str(row["mode"])), lines[str(row["link_id"])])
        for row in links.to_dict("records")
    }


def _added(case: Case, run: Run, scenario: str) -> dict[str, _Found]:
    try:
        changed = apply(case, read_scenario(scenario, case))
    except MackinderError as error:
        msg = f"flows of the run: scenario {scenario} has links of its own and cannot be read now ({error}); run again"
        raise ExchangeError(msg) from error
    if run.manifest.get("scenario_digests", {}).get(scenario, changed.digest) != changed.digest:
        msg = f"flows of the run: scenario {scenario} has changed since the run; run again"
        raise ExchangeError(msg)
    return _described(changed, _points(changed))
