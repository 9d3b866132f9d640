"""GeoParquet and workbooks, read back by other programs than those that wrote them."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

from mackinder.case import Case
from mackinder.case.schema import table_names
from mackinder.errors import ExchangeError
from mackinder.exchange import export, read_geopackage_layer
from mackinder.exchange.workbook import workbook_bytes

from .exports import made_up_run, starter

FORMATS = ("gpkg", "geoparquet", "xlsx")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return starter(tmp_path_factory.mktemp("cases"))


@pytest.fixture(scope="module")
def folder(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    export(case, out, run=made_up_run(case), formats=FORMATS)
    return out


@pytest.mark.parametrize("name", ["links", "places", "zones", "flows"])
def test_layers_are_those_of_the_geopackage(folder: Path, name: str) -> None:
    table = pq.read_table(folder / "layers" / f"{name}.parquet")
    other = read_geopackage_layer(folder / "case.gpkg", name)
    assert table.num_rows == len(other) > 0
    shapes = shapely.from_wkb(table.column("geometry").to_pylist())
    for shape, parts in zip(shapes, other["geom"], strict=True):
        lines = (
            [list(line.coords) for line in shape.geoms]
            if shape.geom_type == "MultiLineString"
            else [[(shape.x, shape.y)]]
        )
        assert [[tuple(p) for p in line] for line in lines] == [list(map(tuple, part)) for part in parts]
    columns = [c for c in table.column_names if c != "geometry"]
    assert columns == [c for c in other.columns if c != "geom"]
    for column in columns:
        ours, theirs = table.column(column).to_pylist(), other[column].tolist()
        for a, b in zip(ours, theirs, strict=True):
            assert pd.isna(b) or b == "" if a is None else a == b, (column, a, b)


def test_the_metadata_is_geoparquet(folder: Path) -> None:
    schema = pq.read_schema(folder / "layers" / "links.parquet")
    geo = json.loads(schema.metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    about = geo["columns"][geo["primary_column"]]
    assert (about["encoding"], about["geometry_types"]) == ("WKB", ["MultiLineString"])
    west, south, east, north = about["bbox"]
    whole = shapely.union_all(
        shapely.from_wkb(pq.read_table(folder / "layers" / "links.parquet").column("geometry").to_pylist())
    )
    assert whole.bounds == (west, south, east, north)
    assert schema.field("length_km").metadata[b"description"].endswith(b"[km]")


def test_the_workbook_holds_every_table(case: Case, folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "case.xlsx", read_only=True)
    assert book.sheetnames == ["README", "columns", *table_names(), "run results", "run flows", "run routes"]
    lines = [row[0] for row in book["README"].iter_rows(values_only=True)]
    assert lines[0] == case.settings.title
    assert any(case.digest in (line or "") for line in lines)
    assert any("no probability" in (line or "") for line in lines)
    described = {(row[0], row[1]): row[2] for row in book["columns"].iter_rows(min_row=2, values_only=True)}
    assert described["links", "length_km"] == "km"
    for name in table_names():
        head, *rows = book[name].iter_rows(values_only=True)
        frame = case.table(name)
        assert len(rows) == len(frame)
        for at, column in enumerate(head):
            assert (name, column) in described
            for cell, value in zip((row[at] for row in rows), frame[column], strict=True):
                if cell is None:
                    assert pd.isna(value) or value == ""
                elif isinstance(cell, str):
                    assert cell == str(value)
                else:
                    assert float(cell) == float(value)


def test_text_is_never_a_formula(case: Case) -> None:
    links = case.table("links").copy()
    links.loc[links.index[0], "label"] = "=1+1"
    data = workbook_bytes(case.with_tables(links=links))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert "=1+1" in {cell.value for row in book["links"].iter_rows() for cell in row}
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


def test_same_input_same_bytes(case: Case, folder: Path, tmp_path: Path) -> None:
    export(case, tmp_path, run=made_up_run(case), formats=FORMATS)
    for path in folder.rglob("*"):
        if path.is_file():
            assert (tmp_path / path.relative_to(folder)).read_bytes() == path.read_bytes(), path.name


def test_what_a_sheet_cannot_hold_is_refused(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    links = case.table("links").copy()
    links.loc[links.index[0], "label"] = "x" * 40_000
    with pytest.raises(ExchangeError, match="40,000 characters"):
        workbook_bytes(case.with_tables(links=links))
    monkeypatch.setattr("mackinder.exchange.workbook._MOST_ROWS", 3)
    with pytest.raises(ExchangeError, match="a sheet holds 3"):
        workbook_bytes(case)


def test_the_package_describes_them(folder: Path) -> None:
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    kinds = {entry["path"]: entry["format"] for entry in package["resources"]}
    assert kinds["case.xlsx"] == "xlsx"
    assert kinds["layers/links.parquet"] == "parquet"
    names = [entry["name"] for entry in package["resources"]]
    assert len(names) == len(set(names))
