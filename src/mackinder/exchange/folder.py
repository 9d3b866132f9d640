"""Export a case and a run to a folder that spreadsheets, QGIS and data-package tools read."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mackinder.errors import ExchangeError, UsageError, did_you_mean
from mackinder.exchange.geopackage import write_geopackage
from mackinder.exchange.geoparquet import geoparquet_bytes
from mackinder.exchange.layers import case_layers
from mackinder.exchange.tables import LICENCE_FILE, PACKAGE_FILE, Provenance, csv_files, package_text
from mackinder.exchange.workbook import workbook_bytes

if TYPE_CHECKING:
    from mackinder.archive import Run
    from mackinder.case import Case

__all__ = ["FORMATS", "export"]

#: of these, the first two are written if nothing is said
FORMATS: Final = ("csv", "gpkg", "geoparquet", "xlsx")
_USUAL: Final = FORMATS[:2]
_GEOPACKAGE: Final = "case.gpkg"
_WORKBOOK: Final = "case.xlsx"


def export(case: Case, folder: str | Path, *, run: Run | None = None, formats: Sequence[str] = _USUAL) -> list[Path]:
    """Write a case, and the results of a run, for use elsewhere.

    ``csv``: every table of the case under ``tables/``, and results, flows and routes under ``run/``. ``gpkg``: one
    GeoPackage with the layers links, places, zones and, with a run, flows. ``geoparquet``: the same layers, one file each
    under ``layers/``. ``xlsx``: all tables in one workbook, ``case.xlsx``. All come with ``datapackage.json``, which
    describes what this call wrote, and ``LICENCES.md``. Nothing depends on the clock: same input, same bytes.

    Parameters
    ----------
    case : Case
    folder : str or Path
        Where to; made if it is not there. Files of an earlier export are replaced, each at once and only when all are
        written; others are left alone.
    run : Run, optional
        A run of this very case.
    formats : sequence of {"csv", "gpkg", "geoparquet", "xlsx"}

    Returns
    -------
    list of Path
        The files, sorted.

    Raises
    ------
    UsageError
        If a format is not known.
    ExchangeError
        If the run is of another case, the case has no valid places or citations, or the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from mackinder.case import read_case, scaffold
    >>> with tempfile.TemporaryDirectory() as room:
    ...     case = read_case(scaffold(f"{room}/three"))
    ...     [path.name for path in export(case, f"{room}/out", formats=["gpkg"])]
    ['LICENCES.md', 'case.gpkg', 'datapackage.json']
    """
    chosen = _formats(formats)
    if run is not None and run.manifest.get("case_digest") != case.digest:
        seen = str(run.manifest.get("case_digest", ""))[:12]
        msg = (
            f"the run is of another case or of another state of it (digest {seen}, the case has {case.digest[:12]}): "
            "read the case that it was made of, or run again"
        )
        raise ExchangeError(msg)
    provenance = Provenance(case)
    texts = csv_files(case, run) if "csv" in chosen else {}
    layers = case_layers(case, run) if {"gpkg", "geoparquet"} & set(chosen) else []
    target = Path(folder)
    stage: Path | None = None
    try:
        target.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".export.", suffix=".part", dir=target))
        contents = {path: text.encode() for path, text in texts.items()}
        if "gpkg" in chosen:
            write_geopackage(stage / _GEOPACKAGE, layers, last_change=case.settings.newest_evidence)
            contents[_GEOPACKAGE] = (stage / _GEOPACKAGE).read_bytes()
        if "geoparquet" in chosen:
            contents |= {f"layers/{layer.name}.parquet": geoparquet_bytes(layer) for layer in layers}
        if "xlsx" in chosen:
            contents[_WORKBOOK] = workbook_bytes(case, run, licences=provenance.licence_text())
        package = package_text(case, contents, run=run, provenance=provenance)
        contents |= {LICENCE_FILE: provenance.licence_text().encode(), PACKAGE_FILE: package.encode()}
        return _publish(contents, stage, target)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        msg = f"{target}: cannot be written ({reason}); free some room, or name a folder that you may write to"
        raise ExchangeError(msg) from error
    finally:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)


def _formats(formats: Sequence[str]) -> tuple[str, ...]:
    chosen = (formats,) if isinstance(formats, str) else tuple(dict.fromkeys(formats))
    for name in chosen:
        if name not in FORMATS:
            raise UsageError(did_you_mean(name, FORMATS, what="format"))
    if not chosen:
        msg = f"no format is asked for: name one of {', '.join(FORMATS)}"
        raise UsageError(msg)
    return chosen


def _publish(contents: dict[str, bytes], stage: Path, target: Path) -> list[Path]:
    """Write all files beside their places, then rename them; the package file, which speaks of the others, last."""
    order = sorted(contents, key=lambda path: (path == PACKAGE_FILE, path))
    for path in order:
        if (target / path).is_dir():
            raise IsADirectoryError(None, f"{path} is a folder there")
        (stage / path).parent.mkdir(parents=True, exist_ok=True)
        (stage / path).write_bytes(contents[path])
    for path in order:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (stage / path).replace(target / path)
    return sorted(target / path for path in order)
