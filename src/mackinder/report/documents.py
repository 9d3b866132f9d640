"""Documents that stand beside the tables of a run (claims, forecasts, back-tests ...): read as they are, shown as sections."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mackinder.errors import RunError
from mackinder.report.content import Section, Table
from mackinder.report.estimate import Estimate

__all__ = ["DOCUMENTS", "PageDocument", "as_document", "document_section", "read_documents"]

#: file stem -> heading, in the order of the page
DOCUMENTS: Final[Mapping[str, str]] = {
    "levers": "Levers: who can put pressure on whom",
    "deals": "Deals: what could be agreed",
    "timeline": "Timeline: what could happen when",
    "sensitivity": "What drives it",
    "claims": "Claims and what the evidence says",
    "forecasts": "Forecasts and how earlier ones did",
    "backtests": "History replayed from its eve",
}
_FOLD: Final = 30
_TRIPLE: Final = ({"value", "low", "high"}, {"median", "low", "high"}, {"mode", "low", "high"})
_FILTERS: Final = frozenset({"author", "theme", "verdict", "kind", "sender", "target", "status", "scenario", "channel"})
Cell = str | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDocument:
    """A table with words around it; `filters` are keys of columns, `chart` is ``fan``, ``dots`` or empty."""

    document_id: str
    title: str
    text: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]
    filters: tuple[str, ...]
    chart: str

    def as_payload(self) -> dict[str, Any]:
        """Return what the page's script reads."""
        return {
            "id": self.document_id,
            "title": self.title,
            "text": list(self.text),
            "columns": [{"key": key, "label": label, "kind": ""} for key, label in self.columns],
            "rows": [list(row) for row in self.rows],
            "filters": list(self.filters),
            "chart": self.chart,
        }


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_cell(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(str(_cell(item)) for item in value)
    return str(value)


def _spread(row: Mapping[str, object]) -> dict[str, Cell]:
    """Flatten one row: an interval written as a mapping becomes value, low and high."""
    out: dict[str, Cell] = {}
    for key, value in row.items():
        if isinstance(value, Mapping) and any(set(value) >= names for names in _TRIPLE):
            lead = "" if "value" not in row and "value" not in out else f"{key}_"
            middle = next(name for name in ("value", "median", "mode") if name in value)
            out |= {
                f"{lead}value": _cell(value[middle]),
                f"{lead}low": _cell(value["low"]),
                f"{lead}high": _cell(value["high"]),
            }
        else:
            out[key] = _cell(value)
    return out


def as_document(document_id: str, raw: Mapping[str, Any]) -> PageDocument:
    """Read a document: with ``columns`` and ``rows``, or any whose first list of records is the table.

    Parameters
    ----------
    document_id : str
        Stem of its file.
    raw : mapping
        Its JSON. Optional keys: title, text (list of sentences), filters (list of columns), chart (``fan``, ``dots``).

    Raises
    ------
    RunError
        If it holds no table.

    Examples
    --------
    >>> found = as_document("deals", {"deals": [{"deal": "swap", "gain": {"value": 2, "low": 1, "high": 3}}]})
    >>> [key for key, _ in found.columns], found.rows
    (['deal', 'value', 'low', 'high'], (('swap', 2.0, 1.0, 3.0),))
    """
    columns: Sequence[Mapping[str, str]] = raw.get("columns", ())
    if columns:
        keys = [(str(c["key"]), str(c.get("label", c["key"]))) for c in columns]
        rows = [tuple(_cell(value) for value in row) for row in raw.get("rows", ())]
    else:
        lists = [v for v in raw.values() if isinstance(v, list) and v and all(isinstance(row, Mapping) for row in v)]
        if not lists:
            msg = f"{document_id}.json: no table in it: give columns and rows, or a list of records"
            raise RunError(msg)
        records = [_spread(row) for row in lists[0]]
        names = list(dict.fromkeys(name for record in records for name in record))
        keys = [(name, name.replace("_", " ")) for name in names]
        rows = [tuple(record.get(name) for name in names) for record in records]
    width = len(keys)
    if any(len(row) != width for row in rows):
        msg = f"{document_id}.json: a row has not {width} cells, as there are columns; write the document again"
        raise RunError(msg)
    text = raw.get("text", raw.get("answer", ()))
    present = {key for key, _ in keys}
    return PageDocument(
        document_id=document_id,
        title=str(raw.get("title") or DOCUMENTS.get(document_id, document_id)),
        text=(text,) if isinstance(text, str) else tuple(str(line) for line in text),
        columns=tuple(keys),
        rows=tuple(rows),
        filters=tuple(f for f in raw.get("filters", sorted(_FILTERS & present)) if f in present),
        chart=str(raw.get("chart", "fan" if {"year", "value", "low", "high"} <= present else "")),
    )


def read_documents(folder: str | Path) -> tuple[PageDocument, ...]:
    """Read those of `DOCUMENTS` that a run folder holds.

    Raises
    ------
    RunError
        If one cannot be read.
    """
    found = []
    for name in DOCUMENTS:
        path = Path(folder) / f"{name}.json"
        if not path.is_file():
            continue
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            msg = f"{path}: cannot be read ({error}); write it again, or remove it"
            raise RunError(msg) from error
        if not isinstance(raw, Mapping):
            msg = f"{path}: not a JSON object; write it again, or remove it"
            raise RunError(msg)
        found.append(as_document(name, raw))
    return tuple(found)


def _words(row: Sequence[Cell], keys: Sequence[str]) -> tuple[str, ...]:
    """Print the cells of a row; value, low and high become one text in the column of the value."""
    place = {key: i for i, key in enumerate(keys)}
    out = []
    for key, cell in zip(keys, row, strict=True):
        if key in ("low", "high") and "value" in place:
            continue
        if key == "value" and {"low", "high"} <= set(place) and isinstance(cell, float):
            low, high = row[place["low"]], row[place["high"]]
            unit = str(row[place["unit"]] or "") if "unit" in place else ""
            if isinstance(low, float) and isinstance(high, float):
                cell = Estimate(value=cell, low=low, high=high, unit=unit, draws=0).text(unit=bool(unit))
        if isinstance(cell, float):
            cell = f"{cell:g}".replace("-", "−")
        out.append("" if cell is None else cell)
    return tuple(out)


def document_section(document: PageDocument) -> Section:
    """Set a document as a section that can be read without a script."""
    keys = [key for key, _ in document.columns]
    joined = "value" in keys
    heads = tuple(label for key, label in document.columns if not (joined and key in ("low", "high")))
    rows = tuple(_words(row, keys) for row in document.rows)
    table = Table(caption=document.title, columns=heads, rows=rows, folded=len(rows) > _FOLD)
    return Section(
        section_id=f"doc-{document.document_id}",
        heading=document.title,
        paragraphs=document.text,
        tables=(table,) if rows else (),
    )
