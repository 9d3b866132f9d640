"""Rows of a case as plain data: what JSON takes without further ado, missing cells None, intervals folded."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mackinder.case.case import Case
from mackinder.case.schema import BOUNDS, table_schema

__all__ = ["Plain", "plain_cell", "plain_facts", "plain_row", "plain_rows"]

Plain = dict[str, object]


def plain_cell(value: object) -> object:
    """Turn a cell into plain data; missing becomes None."""
    if value is None or value is pd.NA or value == "" or (isinstance(value, float) and np.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def plain_rows(case: Case, table: str, frame: pd.DataFrame) -> list[Plain]:
    """Turn rows of a table into plain data, intervals folded."""
    schema = table_schema(table)
    rows = []
    for record in frame.to_dict("records"):
        row: Plain = {}
        for column in schema.columns:
            cells = [plain_cell(record[name]) for name in column.names]
            if not column.interval:
                row[column.name] = cells[0]
            elif any(cell is not None for cell in cells):
                unit = column.unit or str(record.get(f"{column.name}_unit", ""))
                row[column.name] = {**dict(zip(BOUNDS, cells, strict=True)), "unit": unit}
            else:
                row[column.name] = None
        rows.append(row)
    return rows


def plain_row(case: Case, table: str, name: str) -> Plain:
    """Turn the row of an id into plain data."""
    frame = case.table(table)
    return plain_rows(case, table, frame[frame[table_schema(table).id_column] == name])[0]


def plain_facts(case: Case, names: str) -> list[Plain]:
    """Return facts with their sources, in the order in which a row names them."""
    facts, sources = case.table("facts"), case.table("sources")
    wanted = [name for name in names.split(";") if name]
    by_source = {str(row["source_id"]): row for row in plain_rows(case, "sources", sources)} if wanted else {}
    rows = {str(row["fact_id"]): row for row in plain_rows(case, "facts", facts[facts["fact_id"].isin(wanted)])}
    return [{**rows[name], "source": by_source.get(str(rows[name]["source"]))} for name in wanted if name in rows]
