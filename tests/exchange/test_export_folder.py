"""The exported folder: tables and their description, licences and sources, and what happens when something fails."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest

import mackinder.cases
from mackinder.case import Case, read_case
from mackinder.case.schema import table_names, table_schema
from mackinder.errors import ExchangeError, UsageError
from mackinder.exchange import export, read_geopackage_layer

from .exports import flows, made_up_run, starter, with_cell

SCENARIO = """
label = "A new link"
description = "A link that the case does not have."
[[change]]
op = "add"
table = "links"
row = { link_id = "new-road", label = "New road", from_place = "a-pass", to_place = "c-harbour", mode = "road", \
length_km = 400, time_h = { low = 6, mode = 9, high = 12 }, cost_usd_per_t = { low = 20, mode = 30, high = 40 }, \
status = "planned", territory = "AAA;CCC", tier = 1 }
basis = "estimate"
ground = "made up for a test"
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return starter(tmp_path_factory.mktemp("cases"))


@pytest.fixture(scope="module")
def folder(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "deep" / "er"
    export(case, out, run=made_up_run(case))
    return out


@pytest.fixture(scope="module")
def package(folder: Path) -> dict:
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_what_is_written_is_what_is_returned(case: Case, tmp_path: Path) -> None:
    paths = export(case, tmp_path, run=made_up_run(case))
    assert paths == sorted(paths)
    assert {str(path.relative_to(tmp_path)) for path in paths} == set(snapshot(tmp_path))
    assert len(paths) == len(table_names()) + 3 + 3


def test_tables_are_those_of_the_case(case: Case, folder: Path) -> None:
    for name in table_names():
        written = pd.read_csv(folder / "tables" / f"{name}.csv", dtype=str, keep_default_na=False)
        original = pd.read_csv(case.folder / "tables" / f"{name}.csv", dtype=str, keep_default_na=False)
        pd.testing.assert_frame_equal(written, original.sort_values(written.columns[0], ignore_index=True))


def test_results_come_back_digit_by_digit(case: Case, folder: Path) -> None:
    run = made_up_run(case)
    for name in ("results", "flows", "routes"):
        frame = getattr(run, name)
        read = pd.read_csv(folder / "run" / f"{name}.csv", dtype=str, keep_default_na=False)
        assert list(read.columns) == list(frame.columns)
        for column in frame.columns:
            if pd.api.types.is_float_dtype(frame[column]):  # Python's own parser is exact
                again = [float(text) if text else None for text in read[column]]
                assert again == [None if pd.isna(value) else value for value in frame[column]]
            else:
                assert list(read[column]) == [str(value) for value in frame[column]]


def test_package_lists_files_with_size_and_hash(folder: Path, package: dict) -> None:
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    files = snapshot(folder)
    listed = {r["path"] for r in package["resources"]}
    assert listed == set(files) - {"datapackage.json", "LICENCES.md"}
    names = [r["name"] for r in package["resources"]]
    assert len(set(names)) == len(names)
    for resource in package["resources"]:
        data = files[resource["path"]]
        assert resource["bytes"] == len(data)
        assert resource["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()
        assert resource["licenses"]
        assert all("name" in x or "path" in x for x in resource["licenses"])
        assert all(x["path"].startswith("https://") or x["path"] in files for x in resource["licenses"])


def test_fields_are_the_columns_of_the_files(folder: Path, package: dict) -> None:
    allowed = {"string", "number", "integer", "boolean", "date"}
    tables = [r for r in package["resources"] if r["format"] == "csv"]
    assert len(tables) == len(table_names()) + 3
    keys = {r["name"]: r["schema"]["primaryKey"] for r in tables}
    for resource in tables:
        header = (folder / resource["path"]).read_text(encoding="utf-8").partition("\n")[0].split(",")
        fields = resource["schema"]["fields"]
        assert [f["name"] for f in fields] == header
        assert {f["type"] for f in fields} <= allowed
        assert all(f["description"] for f in fields), resource["name"]
        assert resource["type"] == "table"
        assert set(keys[resource["name"]]) <= set(header)
        for foreign in resource["schema"].get("foreignKeys", []):
            assert foreign["reference"]["fields"] == keys[foreign["reference"]["resource"]]


def test_values_obey_the_package_they_come_with(folder: Path, package: dict) -> None:
    """An independent small reader of the schema: types, required, enum, unique, primary and foreign keys."""
    frames = {}
    for resource in (r for r in package["resources"] if r["format"] == "csv"):
        frame = pd.read_csv(folder / resource["path"], dtype=str, keep_default_na=False)
        frames[resource["name"]] = frame
        assert not frame.duplicated(resource["schema"]["primaryKey"]).any()
        for field in resource["schema"]["fields"]:
            cells, rules = frame[field["name"]], field.get("constraints", {})
            filled = cells[cells != ""]
            assert not (rules.get("required") and len(filled) < len(cells)), (resource["name"], field["name"])
            assert set(filled) <= set(rules.get("enum", filled))
            assert filled.str.fullmatch(rules.get("pattern", ".*"), flags=16).all()
            if field["type"] in ("number", "integer"):
                pd.to_numeric(filled)
            elif field["type"] == "date":
                pd.to_datetime(filled, format="%Y-%m-%d")
            elif field["type"] == "boolean":
                assert set(filled) <= {*field["trueValues"], *field["falseValues"]}
    for resource in (r for r in package["resources"] if r["format"] == "csv"):
        for foreign in resource["schema"].get("foreignKeys", []):
            there = set(frames[foreign["reference"]["resource"]][foreign["reference"]["fields"][0]])
            assert set(frames[resource["name"]][foreign["fields"][0]]) - {""} <= there


def test_units_stand_in_the_fields(package: dict) -> None:
    fields = {(r["name"], f["name"]): f for r in package["resources"] if "schema" in r for f in r["schema"]["fields"]}
    for name in table_names():
        for label, column in table_schema(name).expanded():
            assert fields[name, label].get("unit", "") == column.unit
    assert fields["flows", "quantity_mt"]["unit"] == "Mt/yr"
    assert fields["flows", "value_musd"]["unit"] == "USD m/yr"
    assert fields["routes", "days_high"]["unit"] == "d"
    assert "unit" not in fields["routes", "links"]


def test_sources_and_licences_are_those_behind_the_table(folder: Path, package: dict) -> None:
    resources = {r["name"]: r for r in package["resources"]}
    assert [s["title"] for s in resources["places"]["sources"]] == ["Survey of AAA: Road and rail atlas"]
    assert len(resources["trade"]["sources"]) == 2  # S3 by F006, S2 by F007
    assert len(package["sources"]) == 3
    titles = [x["title"] for x in resources["places"]["licenses"]]
    assert titles[1:] == ["free use with attribution"]
    assert "states no licence" in titles[0]
    assert len(resources["trade"]["licenses"]) == 1
    assert "S1, Survey of AAA: free use with attribution" in (folder / "LICENCES.md").read_text(encoding="utf-8")


def test_a_packaged_case_carries_its_licence(case: Case, tmp_path: Path) -> None:
    home = Path(next(iter(mackinder.cases.__path__)))
    packaged = dataclasses.replace(case, folder=home / "south-caucasus")
    export(packaged, tmp_path, formats=["csv"])
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert {r["licenses"][0]["name"] for r in package["resources"]} == {"Apache-2.0"}


def test_package_says_what_was_run(case: Case, package: dict) -> None:
    assert package["mackinder"]["case_digest"] == case.digest
    assert package["mackinder"]["run"]["scenarios"] == ["status-quo", "south-road"]


def test_formats_are_chosen(case: Case, tmp_path: Path) -> None:
    names = {path.name for path in export(case, tmp_path / "a", formats=["gpkg", "gpkg"])}
    assert names == {"case.gpkg", "datapackage.json", "LICENCES.md"}
    assert not (tmp_path / "a" / "tables").exists()
    export(case, tmp_path / "b", formats=["csv"])
    assert not list((tmp_path / "b").glob("*.gpkg"))
    assert not (tmp_path / "b" / "run").exists()
    with pytest.raises(UsageError, match="did you mean 'gpkg'"):
        export(case, tmp_path / "c", formats=["gpk"])
    with pytest.raises(UsageError, match="no format"):
        export(case, tmp_path / "c", formats=[])
    assert not (tmp_path / "c").exists()


def test_same_bytes_on_repetition_and_other_files_stay(case: Case, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    for _ in range(2):
        export(case, tmp_path, run=made_up_run(case))
    found = snapshot(tmp_path)
    assert found.pop("notes.txt") == b"mine"
    assert found == snapshot(folder)


def broken(case: Case) -> list[tuple[Case, str]]:
    return [
        (with_cell(case, "places", "a-port", lon_deg=199.0), r"places\.csv, row \d+: a-port lies at longitude 199\.0"),
        (with_cell(case, "places", "a-port", lat_deg=float("nan")), "latitude nan"),
        (
            with_cell(case, "links", "a-city-a-port-road", to_place="a-prt"),
            r"links\.csv, row 3: places\.csv has no a-prt",
        ),
        (with_cell(case, "zones", "a-land", anchor_place="x"), r"zones\.csv, row 2: places\.csv has no x"),
        (with_cell(case, "links", "a-city-a-port-road", facts="F002;F999"), r"links\.csv, row 3: cites fact F999"),
        (with_cell(case, "facts", "F002", source="S9"), "fact F002 of source 'S9'"),
    ]


@pytest.mark.parametrize("number", range(6))
def test_a_broken_case_leaves_the_old_export_as_it_was(case: Case, tmp_path: Path, number: int) -> None:
    export(case, tmp_path)
    before = snapshot(tmp_path)
    bad, said = broken(case)[number]
    with pytest.raises(ExchangeError, match=said):
        export(bad, tmp_path)
    assert snapshot(tmp_path) == before


def test_an_unwritable_folder(case: Case, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for name in ("file", "file/below"):
        with pytest.raises(ExchangeError, match=r"cannot be written .*name a folder"):
            export(case, tmp_path / name)


def test_a_folder_in_the_way_is_seen_before_anything_is_replaced(case: Case, tmp_path: Path) -> None:
    (tmp_path / "case.gpkg").mkdir()
    with pytest.raises(ExchangeError, match=r"case\.gpkg is a folder"):
        export(case, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["case.gpkg"]


def test_a_full_disk_leaves_the_old_export_and_no_litter(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(case, tmp_path)
    before = snapshot(tmp_path)

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ExchangeError, match="No space left on device"):
        export(with_cell(case, "links", "a-city-a-port-road", label="new"), tmp_path)
    assert snapshot(tmp_path) == before


def test_a_run_of_another_case_is_refused(case: Case, tmp_path: Path) -> None:
    other = with_cell(case, "links", "a-city-a-port-road", length_km=1.0)
    with pytest.raises(ExchangeError, match="another case"):
        export(other, tmp_path / "out", run=made_up_run(case))
    assert not (tmp_path / "out").exists()


def test_a_run_without_its_key_is_refused(case: Case, tmp_path: Path) -> None:
    run = made_up_run(case)
    run = dataclasses.replace(run, flows=run.flows.drop(columns=["link", "value_musd"]))
    for formats in (["csv"], ["gpkg"]):
        with pytest.raises(ExchangeError, match="flows of the run: no column link, value_musd"):
            export(case, tmp_path, run=run, formats=formats)


def test_links_that_a_scenario_adds_are_found_there(tmp_path: Path) -> None:
    folder = starter(tmp_path).folder
    (folder / "scenarios" / "new-link.toml").write_text(SCENARIO.strip() + "\n", encoding="utf-8")
    case = read_case(folder)
    run = made_up_run(case, flows(["a-city-a-port-road", "new-road"], ("new-link",)))
    export(case, tmp_path / "out", run=run, formats=["gpkg"])
    read = read_geopackage_layer(tmp_path / "out" / "case.gpkg", "flows")
    new = read[read["link"] == "new-road"]
    assert list(new["geom"]) == [(((44.6, 40.9), (49.2, 39.6)),)] * 2
    assert set(new["link_label"]) == {"New road"}
    assert "new-road" not in set(read_geopackage_layer(tmp_path / "out" / "case.gpkg", "links")["link_id"])
    lost = made_up_run(case, flows(["nowhere"], ("new-link",)))
    with pytest.raises(ExchangeError, match="scenario new-link has link nowhere"):
        export(case, tmp_path / "out", run=lost, formats=["gpkg"])
    gone = made_up_run(case, flows(["nowhere"], ("no-such-scenario",)))
    with pytest.raises(ExchangeError, match="cannot be read now"):
        export(case, tmp_path / "out", run=gone, formats=["gpkg"])
    stale = dataclasses.replace(run, manifest={**run.manifest, "scenario_digests": {"new-link": "0"}})
    with pytest.raises(ExchangeError, match="has changed since the run"):
        export(case, tmp_path / "out", run=stale, formats=["gpkg"])
