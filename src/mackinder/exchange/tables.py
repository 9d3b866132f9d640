"""CSV tables with a ``datapackage.json`` beside them (Data Package 2.0): fields, units, keys, licences and sources.

Source: Data Package standard, version 2.0 (Frictionless, 2024).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import mackinder.cases
from mackinder.case.schema import ID_PATTERN, table_names, table_schema
from mackinder.case.write import table_text
from mackinder.errors import ExchangeError
from mackinder.exchange.fields import RUN_TABLES, Field, run_fields, table_fields

if TYPE_CHECKING:
    from mackinder.archive import Run
    from mackinder.case import Case

__all__ = ["LICENCE_FILE", "PACKAGE_FILE", "Provenance", "csv_files", "package_text"]

LICENCE_FILE: Final = "LICENCES.md"
PACKAGE_FILE: Final = "datapackage.json"
_PROFILE: Final = "https://datapackage.org/profiles/2.0/{}.json"
_APACHE: Final = {
    "name": "Apache-2.0",
    "path": "https://www.apache.org/licenses/LICENSE-2.0",
    "title": "Apache License 2.0",
}
_UNSTATED: Final = "The author of the case states no licence for it: ask before passing it on"
_FORMATS: Final = {
    ".csv": ("csv", "text/csv"),
    ".gpkg": ("gpkg", "application/geopackage+sqlite3"),
    ".parquet": ("parquet", "application/vnd.apache.parquet"),
    ".xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


class Provenance:
    """Which sources stand behind a table, and what they say about use.

    Parameters
    ----------
    case : Case

    Raises
    ------
    ExchangeError
        If a row cites a fact, or a fact a source, that does not exist.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        self._sources = {str(row["source_id"]): row for row in case.table("sources").to_dict("records")}
        facts = case.table("facts")
        self._source_of = dict(zip(facts["fact_id"].map(str), facts["source"].map(str), strict=True))
        home = Path(next(iter(mackinder.cases.__path__))).resolve()
        self._own = _APACHE if case.folder.resolve().parent == home else {"title": _UNSTATED, "path": LICENCE_FILE}

    def source_ids(self, table: str) -> list[str]:
        """Return the sources of the facts that a case table cites, sorted; of a table without citations, all."""
        schema = table_schema(table)
        columns = [name for name in schema.of_type("fact_list") if name in self._case.table(table).columns]
        if not columns:
            return sorted(self._sources)
        frame, found = self._case.table(table), set()
        for name in columns:
            for cell, row in zip(frame[name], frame["file_row"], strict=True):
                found |= {self._source(fact, f"{table}.csv, row {row}") for fact in str(cell).split(";") if fact}
        return sorted(found)

    def _source(self, fact: str, where: str) -> str:
        source = self._source_of.get(fact)
        if source not in self._sources:
            seen = (
                f"fact {fact}, which facts.csv lacks"
                if source is None
                else f"fact {fact} of source {source!r}, unknown"
            )
            msg = f"{where}: cites {seen}; `mackinder check` lists all such rows"
            raise ExchangeError(msg)
        return source

    def sources(self, ids: Iterable[str]) -> list[dict[str, str]]:
        """Return sources as a data package names them."""
        out = []
        for row in (self._sources[name] for name in ids):
            title = ": ".join(str(row[k]) for k in ("publisher", "title") if row[k])
            entry = {"title": title or str(row["source_id"])}
            if re.match(r"https?://\S+$", str(row["url"])):
                entry["path"] = str(row["url"])
            if row["published_on"]:
                entry["version"] = str(row["published_on"])
            out.append(entry)
        return out

    def licences(self, ids: Iterable[str]) -> list[dict[str, str]]:
        """Return the licence of the case and the terms that these sources state, each once."""
        terms = dict.fromkeys(str(self._sources[name]["licence"]) for name in ids)
        return [self._own, *({"title": text, "path": LICENCE_FILE} for text in terms if text)]

    def licence_text(self) -> str:
        """Return the text of `LICENCE_FILE`."""
        own = self._own["title"] + (f", {self._own['path']}" if "name" in self._own else "")
        lines = [f"# Licences of {self._case.settings.title}", "", f"The case: {own}.", ""]
        stated = [row for _, row in sorted(self._sources.items()) if row["licence"]]
        if stated:
            lines += ["Terms that sources state:", ""]
            lines += [f"- {row['source_id']}, {row['publisher']}: {row['licence']}" for row in stated]
            lines.append("")
        lines.append("Every number names its facts, and every fact its source (tables facts and sources).")
        return "\n".join(lines) + "\n"


def csv_files(case: Case, run: Run | None = None) -> dict[str, str]:
    """Return the text of each CSV file by relative path: ``tables/`` of the case, ``run/`` of the run."""
    files = {f"tables/{name}.csv": table_text(name, case.table(name)) for name in table_names()}
    if run is not None:
        for name in RUN_TABLES:
            frame = getattr(run, name)
            run_fields(name, frame)  # a table without its key is refused
            files[f"run/{name}.csv"] = frame.to_csv(index=False, lineterminator="\n")
    return files


def package_text(
    case: Case, contents: Mapping[str, bytes], *, run: Run | None = None, provenance: Provenance | None = None
) -> str:
    """Return ``datapackage.json`` for some files.

    Parameters
    ----------
    case : Case
    contents : mapping of str to bytes
        The files of the package by relative path, ``.csv``, ``.gpkg``, ``.parquet`` and ``.xlsx``.
    run : Run, optional
        The run that the files under ``run/`` come from.
    provenance : Provenance, optional
        Of this case, if the caller has one already.

    Returns
    -------
    str
        JSON; no clock in it.
    """
    known = Provenance(case) if provenance is None else provenance
    everything = known.source_ids("sources")
    settings = case.settings
    about: dict[str, Any] = {
        "case": case.name,
        "case_digest": case.digest,
        "newest_evidence": str(settings.newest_evidence),
        "base_year": settings.base_year,
        "horizon_year": settings.horizon_year,
        "boundaries_note": settings.boundaries_note,
    }
    if run is not None:
        about["run"] = dict(run.manifest)
    package = {
        "$schema": _PROFILE.format("datapackage"),
        "name": re.sub(r"[^a-z0-9._-]+", "-", case.name.lower()).strip("-.") or "case",
        "title": settings.title,
        "description": settings.description,
        "licenses": known.licences(everything),
        "sources": known.sources(everything),
        "resources": [_resource(path, data, case, run, known) for path, data in sorted(contents.items())],
        "mackinder": about,
    }
    lacking = [key for key in ("description", "sources") if not package[key]]
    for key in lacking:  # the standard wants them filled or absent
        del package[key]
    return json.dumps(package, indent=1, ensure_ascii=False) + "\n"


def _resource(path: str, data: bytes, case: Case, run: Run | None, known: Provenance) -> dict[str, Any]:
    stem, suffix = path.rpartition("/")[2].rsplit(".", 1)
    form, media = _FORMATS[f".{suffix}"]
    own = path.startswith("tables/")
    ids = known.source_ids(stem) if own else known.source_ids("sources")
    out: dict[str, Any] = {
        "$schema": _PROFILE.format("dataresource"),
        "name": stem if suffix == "csv" else f"{stem}-{suffix}",
        "path": path,
        "format": form,
        "mediatype": media,
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "licenses": known.licences(ids),
    }
    if own and ids:  # the others inherit the sources of the package
        out["sources"] = known.sources(ids)
    if suffix == "csv":
        out |= {"type": "table", "encoding": "utf-8", "dialect": {"$schema": _PROFILE.format("tabledialect")}}
        out["schema"] = _case_schema(stem) if own else _run_schema(stem, run_fields(stem, getattr(run, stem)))
    return out


def _case_schema(table: str) -> dict[str, Any]:
    schema = table_schema(table)
    keys = [
        {"fields": [column.name], "reference": {"resource": column.refers_to, "fields": [_id_of(column.refers_to)]}}
        for column in schema.columns
        if column.type == "id" and column.refers_to in table_names()
    ]
    out: dict[str, Any] = {
        "$schema": _PROFILE.format("tableschema"),
        "fields": [_described(field) for field in table_fields(table)],
        "missingValues": [""],
        "primaryKey": [schema.id_column],
    }
    return out | ({"foreignKeys": keys} if keys else {})


def _id_of(table: str) -> str:
    return table_schema(table).id_column


def _run_schema(table: str, fields: Sequence[Field]) -> dict[str, Any]:
    """Schema of a table of a run; empty text is a value there (all goods, no variant), not a missing one."""
    described = [_described(field) for field in fields]
    for entry in described:
        if entry["type"] == "string":
            entry["missingValues"] = []
    return {
        "$schema": _PROFILE.format("tableschema"),
        "fields": described,
        "missingValues": [""],
        "primaryKey": list(RUN_TABLES[table]),
    }


def _described(field: Field) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": field.name, "type": field.type}
    if field.type == "list":
        # 2.0 knows no lists: text to it, and a hint to those who look
        entry |= {"type": "string", "listDelimiter": ";"}
    elif field.type == "boolean":
        entry |= {"trueValues": ["yes"], "falseValues": ["no"]}
    if field.description:
        entry["description"] = field.description
    if field.unit:
        entry["unit"] = field.unit
    column = field.column
    rules: dict[str, Any] = {}
    if column is not None:
        if column.required:
            rules["required"] = True
        if column.type == "enum":
            rules["enum"] = list(column.allowed)
        if column.type == "id" and not column.refers_to:
            rules |= {"unique": True, "pattern": ID_PATTERN}
    return entry | ({"constraints": rules} if rules else {})
