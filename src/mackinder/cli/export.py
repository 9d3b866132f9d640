"""``export``: a case and its results as CSV, GeoPackage, GeoParquet and a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mackinder.cli.output import DEFAULT_CASE, CaseName, Json, print_json

__all__ = ["export_command"]


def export_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write into.")],
    case: CaseName = DEFAULT_CASE,
    run: Annotated[Path | None, typer.Option("--run", help="Folder of a run whose results go along.")] = None,
    formats: Annotated[
        str, typer.Option("--formats", help="csv, gpkg, geoparquet, xlsx: one, or several joined by a comma.")
    ] = "csv,gpkg",
    as_json: Json = False,
) -> None:
    """Write a case, and the results of a run, for QGIS, spreadsheets and data tools, with a data package."""
    from mackinder.archive import read_run
    from mackinder.exchange import export
    from mackinder.scenario import read_vintage

    result = None if run is None else read_run(run)
    vintage = read_vintage(case, None if result is None else result.manifest["newest_evidence"])
    paths = export(vintage, folder, run=result, formats=tuple(formats.split(",")))
    if as_json:
        print_json("mackinder.export/1", {"folder": str(folder), "files": [str(path) for path in paths]})
        return
    for path in paths:
        typer.echo(str(path))
