"""GeoPackage: the header and the blobs by the standard, layers as the case has them, bytes that repeat."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sqlite3
import struct
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mackinder.case import Case
from mackinder.case.schema import table_schema
from mackinder.errors import ExchangeError, UsageError
from mackinder.exchange import export, read_geopackage_layer
from mackinder.exchange.fields import Field
from mackinder.exchange.geopackage import Layer, write_geopackage
from mackinder.exchange.layers import straight
from mackinder.exchange.qgis import MODE_COLOURS, flow_style, link_style

from .exports import ODD, flows, made_up_run, starter, with_cell

DAY = dt.date(2025, 12, 31)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return with_cell(starter(tmp_path_factory.mktemp("cases")), "links", "a-city-a-pass-road", label=ODD)


@pytest.fixture(scope="module")
def file(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    export(case, out, run=made_up_run(case), formats=["gpkg"])
    return out / "case.gpkg"


def ask(file: Path, question: str, *values: object) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(file)) as db:
        return db.execute(question, values).fetchall()


def test_header_of_the_file(file: Path) -> None:
    head = file.read_bytes()[:100]
    assert head[:16] == b"SQLite format 3\0"
    assert head[68:72] == b"GPKG"
    assert int.from_bytes(head[60:64], "big") == 10300
    assert ask(file, "PRAGMA integrity_check") == [("ok",)]
    assert ask(file, "PRAGMA foreign_key_check") == []


def test_contents_name_every_layer_with_its_box(file: Path, case: Case) -> None:
    rows = {row[0]: row[1:] for row in ask(file, "SELECT * FROM gpkg_contents")}
    assert set(rows) == {"flows", "links", "places", "zones", "layer_styles"}
    assert {row[3] for row in rows.values()} == {"2025-12-31T00:00:00.000Z"}
    places = case.table("places")
    box = (places["lon_deg"].min(), places["lat_deg"].min(), places["lon_deg"].max(), places["lat_deg"].max())
    assert rows["places"][4:] == (*box, 4326)
    assert rows["links"][4:] == rows["flows"][4:] == (*box, 4326)
    assert rows["layer_styles"][0] == "attributes"
    kinds = dict(ask(file, "SELECT table_name, geometry_type_name FROM gpkg_geometry_columns"))
    assert kinds == {"flows": "MULTILINESTRING", "links": "MULTILINESTRING", "places": "POINT", "zones": "POINT"}
    systems = ask(file, "SELECT srs_id, organization FROM gpkg_spatial_ref_sys ORDER BY srs_id")
    assert systems == [(-1, "NONE"), (0, "NONE"), (4326, "EPSG")]


def test_blobs_of_points_and_lines(file: Path) -> None:
    """Read with offsets counted by hand from the standard, not with the reader under test."""
    ((point,),) = ask(file, "SELECT geom FROM places WHERE place_id = 'a-port'")
    assert len(point) == 8 + 21
    assert struct.unpack("<2sBBi", point[:8]) == (b"GP", 0, 1, 4326)
    assert struct.unpack("<BIdd", point[8:]) == (1, 1, 41.7, 42.1)
    ((line,),) = ask(file, "SELECT geom FROM links WHERE link_id = 'a-city-a-port-road'")
    assert struct.unpack("<2sBBi4d", line[:40]) == (b"GP", 0, 3, 4326, 41.7, 44.5, 41.5, 42.1)
    assert struct.unpack("<BII", line[40:49]) == (1, 5, 1)
    assert struct.unpack("<BII4d", line[49:]) == (1, 2, 2, 44.5, 41.5, 41.7, 42.1)


@pytest.mark.parametrize("table", ["links", "places", "zones"])
def test_attributes_come_back_as_they_were(file: Path, case: Case, table: str) -> None:
    read = read_geopackage_layer(file, table)
    pd.testing.assert_frame_equal(read.drop(columns="geom"), case.table(table).drop(columns="file_row"))


def test_lines_join_their_places_and_zones_stand_at_their_anchor(file: Path, case: Case) -> None:
    places = case.table("places").set_index("place_id")
    at = {name: (places.at[name, "lon_deg"], places.at[name, "lat_deg"]) for name in places.index}
    links = read_geopackage_layer(file, "links")
    assert list(links["geom"]) == [
        ((at[a], at[b]),) for a, b in zip(links["from_place"], links["to_place"], strict=True)
    ]
    zones = read_geopackage_layer(file, "zones")
    assert list(zones["geom"]) == [((at[name],),) for name in zones["anchor_place"]]


def test_flows_are_there_for_each_scenario_and_year(file: Path, case: Case) -> None:
    read = read_geopackage_layer(file, "flows")
    expected = flows(case.table("links")["link_id"].tolist())
    assert len(read) == 2 * 2 * 7
    pd.testing.assert_frame_equal(read[expected.columns], expected, check_dtype=False)
    links = read_geopackage_layer(file, "links").set_index("link_id")
    assert list(read["geom"]) == [links.at[link, "geom"] for link in read["link"]]
    assert list(read["mode"]) == [links.at[link, "mode"] for link in read["link"]]
    assert ODD in set(read["link_label"])
    assert set(read["scenario_label"]) == {"As it is", "The south road opens"}


def test_columns_say_what_they_hold_and_in_which_unit(file: Path) -> None:
    said = dict(ask(file, "SELECT column_name, description FROM gpkg_data_columns WHERE table_name = 'links'"))
    assert set(said) == set(table_schema("links").header)
    assert said["cost_usd_per_t_low"].endswith("(5 % bound) [USD/t]")
    assert ("gpkg_data_columns", "gpkg_schema") in ask(file, "SELECT table_name, extension_name FROM gpkg_extensions")


def test_styles_are_xml_with_a_symbol_for_each_rule(file: Path) -> None:
    styles = dict(ask(file, "SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault = 1"))
    assert set(styles) == {"links", "flows"}
    for text in styles.values():
        root = ElementTree.fromstring(text)
        rules, symbols = root.findall(".//rule"), root.findall(".//symbols/symbol")
        assert [rule.get("symbol") for rule in rules] == [symbol.get("name") for symbol in symbols]
        assert len({rule.get("key") for rule in rules}) == len(rules)
    flow_rules = ElementTree.fromstring(styles["flows"]).findall(".//rule")
    assert [rule.get("checkstate") for rule in flow_rules] == [None, "0", "0", "0"]  # one is shown, not all at once
    assert flow_rules[0].get("label") == "As it is, 2023"
    assert "quantity_mt" in styles["flows"]


def test_style_filters_select_by_sql_what_they_name(file: Path) -> None:
    """The filters are also SQL: together, those of links cover each link exactly once."""
    rules = [rule.get("filter") for rule in ElementTree.fromstring(link_style()).findall(".//rule")]
    counts = ask(file, f"SELECT {' + '.join(f'({rule})' for rule in rules)} FROM links")
    assert set(counts) == {(1,)}
    odd = ElementTree.fromstring(flow_style([(ODD, 2023, ODD)])).find(".//rule")
    assert odd is not None
    assert odd.get("label") == f"{ODD}, 2023"
    assert ask(file, f"SELECT count(*) FROM flows WHERE {odd.get('filter')}") == [(0,)]


def test_every_mode_has_a_colour() -> None:
    modes = next(column.allowed for column in table_schema("links").columns if column.name == "mode")
    assert set(MODE_COLOURS) == set(modes)
    assert len(set(MODE_COLOURS.values())) == len(modes)


def test_same_bytes_again_and_in_another_process(file: Path, case: Case, tmp_path: Path) -> None:
    export(case, tmp_path / "again", run=made_up_run(case), formats=["gpkg"])
    assert (tmp_path / "again" / "case.gpkg").read_bytes() == file.read_bytes()
    script = (
        "import sys; from pathlib import Path; from mackinder.case import read_case; from mackinder.exchange import export\n"
        "export(read_case(sys.argv[1]), sys.argv[2], formats=['gpkg'])"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "MALLOC_PERTURB_": f"7{seed}"}
        subprocess.run(
            [sys.executable, "-c", script, str(case.folder), str(tmp_path / seed)], env=environment, check=True
        )
    assert (tmp_path / "1" / "case.gpkg").read_bytes() == (tmp_path / "2" / "case.gpkg").read_bytes()


def layer(name: str = "a", columns: tuple[str, ...] = ("x",), at: tuple[float, float] = (1.0, 2.0)) -> Layer:
    fields = tuple(Field(name=column, type="string", unit="", description="") for column in columns)
    return Layer(name=name, kind="POINT", description="", fields=fields, rows=[columns], shapes=[((at,),)])


def test_names_cannot_break_out_of_the_statement(tmp_path: Path) -> None:
    names = ('x"); DROP TABLE gpkg_contents; --', "it's", "select", "ä ö")
    write_geopackage(tmp_path / "a.gpkg", [layer(ODD, names)], last_change=DAY)
    read = read_geopackage_layer(tmp_path / "a.gpkg", ODD)
    assert read.drop(columns="geom").to_dict("records") == [{name: name for name in names}]
    assert ask(tmp_path / "a.gpkg", "SELECT table_name FROM gpkg_contents") == [(ODD,), ("layer_styles",)]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ([layer(columns=("x", "X"))], "twice x"),
        ([layer(columns=("geom",))], "twice geom"),
        ([layer(columns=("",))], "empty"),
        ([layer("a"), layer("A")], "twice a"),
        ([layer("gpkg_contents")], "belong to the format"),
        ([layer("layer_styles")], "belong to the format"),
        ([layer(at=(181.0, 0.0))], "longitude 181.0"),
        ([layer(at=(0.0, float("nan")))], "latitude nan"),
    ],
)
def test_unusable_layers_are_refused_before_anything_is_written(tmp_path: Path, bad: list[Layer], said: str) -> None:
    with pytest.raises(ExchangeError, match=said):
        write_geopackage(tmp_path / "a.gpkg", bad, last_change=DAY)
    assert not list(tmp_path.iterdir())


def test_a_layer_without_features(tmp_path: Path) -> None:
    empty = Layer(name="none", kind="MULTILINESTRING", description="", fields=layer().fields, rows=[], shapes=[])
    write_geopackage(tmp_path / "a.gpkg", [empty], last_change=DAY)
    assert ask(tmp_path / "a.gpkg", "SELECT min_x FROM gpkg_contents WHERE table_name = 'none'") == [(None,)]
    assert list(read_geopackage_layer(tmp_path / "a.gpkg", "none").columns) == ["geom", "x"]


def test_reader_refuses_what_is_not_ours(file: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'links'"):
        read_geopackage_layer(file, "link")
    (tmp_path / "text.gpkg").write_text("not a database, but long enough to look like one" * 9, encoding="utf-8")
    for name in ("text.gpkg", "missing.gpkg"):
        with pytest.raises(ExchangeError, match="cannot be read as a GeoPackage"):
            read_geopackage_layer(tmp_path / name, "links")
    assert not (tmp_path / "missing.gpkg").exists()
    with contextlib.closing(sqlite3.connect(tmp_path / "other.gpkg")) as db:
        db.execute("CREATE TABLE t (a)")
    with pytest.raises(ExchangeError, match="application id"):
        read_geopackage_layer(tmp_path / "other.gpkg", "t")
    for blob in (b"GP\x00\x01", b"XX" + bytes(40), b"GP\x00\x03" + bytes(60), None):
        (tmp_path / "cut.gpkg").write_bytes(file.read_bytes())
        with contextlib.closing(sqlite3.connect(tmp_path / "cut.gpkg")) as db:
            db.execute("UPDATE places SET geom = ? WHERE fid = 1", (blob,))
            db.commit()
        with pytest.raises(ExchangeError, match="a geometry is not one"):
            read_geopackage_layer(tmp_path / "cut.gpkg", "places")


LON, LAT = st.floats(-180, 180), st.floats(-90, 90)


@given(LON, LAT, LON, LAT)
def test_lines_keep_their_ends_and_never_run_round_the_world(x0: float, y0: float, x1: float, y1: float) -> None:
    parts = straight((x0, y0), (x1, y1))
    assert 1 <= len(parts) <= 2
    assert all(abs(a[0] - b[0]) <= 180 for a, b in parts)

    def same(a: tuple[float, float], b: tuple[float, float]) -> bool:
        return a[1] == b[1] and (a[0] - b[0]) % 360 in (0.0, 360.0)

    assert same(parts[0][0], (x0, y0))
    assert same(parts[-1][-1], (x1, y1))
    if len(parts) == 2:
        (_, left), (right, _) = parts
        assert abs(left[0]) == abs(right[0]) == 180
        assert left[0] == -right[0]
        assert left[1] == right[1]


@pytest.mark.parametrize(
    ("start", "end", "parts"),
    [
        ((-118.26, 33.73), (129.04, 35.1), 2),  # Los Angeles to Busan over the Pacific
        ((129.04, 35.1), (-118.26, 33.73), 2),
        ((170.0, 5.0), (-180.0, 8.0), 1),
        ((180.0, 5.0), (-170.0, 8.0), 1),
        ((180.0, 5.0), (-180.0, 8.0), 1),
        ((-90.0, 0.0), (90.0, 0.0), 1),
    ],
)
def test_antimeridian(start: tuple[float, float], end: tuple[float, float], parts: int) -> None:
    found = straight(start, end)
    assert len(found) == parts
    length = sum(abs(b[0] - a[0]) for a, b in found)
    assert length == pytest.approx(min(abs(end[0] - start[0]), 360 - abs(end[0] - start[0])))


def test_a_link_over_the_pacific_has_two_parts_in_the_file(case: Case, tmp_path: Path) -> None:
    far = with_cell(with_cell(case, "places", "a-port", lon_deg=170.0), "places", "c-harbour", lon_deg=-170.0)
    export(far, tmp_path, formats=["gpkg"])
    links = read_geopackage_layer(tmp_path / "case.gpkg", "links").set_index("link_id")
    assert [len(part) for part in links.at["a-port-c-harbour-sea", "geom"]] == [2, 2]
    ((low, high),) = ask(tmp_path / "case.gpkg", "SELECT min_x, max_x FROM gpkg_contents WHERE table_name = 'links'")
    assert (low, high) == (-180.0, 180.0)
