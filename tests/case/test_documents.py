"""Names, settings, schema and `show`: the edges of the case layer."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mackinder.case import case_names, find_case, read_case, show
from mackinder.case.schema import table_names, table_schema
from mackinder.case.settings import read_settings
from mackinder.errors import CaseError, UsageError
from mackinder.units import unit_of


@pytest.mark.parametrize("name", ["../case", "a/b", "..", "", "south-caucasus/tables", "C:\\x", "no\x00ne"])
def test_a_packaged_name_cannot_leave_the_package(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    if name == "..":
        return  # a folder that exists is a folder
    with pytest.raises(UsageError):
        find_case(name)


def test_an_unknown_name_is_told_apart_from_a_file(tmp_path):
    with pytest.raises(UsageError, match="unknown case"):
        find_case("no-such-case")
    (tmp_path / "case.toml").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="is a file"):
        find_case(tmp_path / "case.toml")


def test_a_folder_comes_before_a_packaged_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "south-caucasus").mkdir()
    assert find_case("south-caucasus").resolve() == (tmp_path / "south-caucasus").resolve()
    assert find_case(tmp_path) == tmp_path
    assert case_names() == sorted(case_names())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("base_year = 2023", 'base_year = "2023"', "base_year"),
        ("base_year = 2023", "base_year = 2040", "lies before base_year 2040"),
        ("common_share = 0.5", "common_share = 1.5", "common_share"),
        ("common_share = 0.5", "common_share = nan", "common_share"),
        ("article_date = 2025-08-08", "article_date = 2025-08-08T10:00:00", "without a time"),
        ('closing_rights = ["sovereign"', 'closing_rights = ["souvereign"', r"closing_rights\[0\]"),
        ("low = 0.0", "low = 0.5", "not in order"),
        ('label = "South', 'lable = "South', r"headline_pairs\[0\].lable: unknown key 'lable': did you mean 'label'"),
        ('baseline = "status-quo"', 'baseline = "../status"', "is not an id"),
        ('baseline = "status-quo"', "", "baseline is missing"),
    ],
)
def test_a_mistake_in_case_toml_is_named_by_its_path(folder, spoil, old, new, says):
    spoil(folder, ("text", "case.toml", old, new))
    with pytest.raises(CaseError, match=says):
        read_settings(folder)


def test_a_day_in_quotes_is_a_day(folder, spoil):
    before = read_settings(folder)
    spoil(folder, ("text", "case.toml", "article_date = 2025-08-08", 'article_date = "2025-08-08"'))
    assert read_settings(folder) == before


@pytest.mark.parametrize("name", table_names())
def test_the_schema_is_consistent(name):
    schema = table_schema(name)
    assert schema.columns[0].type == "id"
    assert schema.columns[0].required
    assert len(set(schema.header)) == len(schema.header)
    for column in schema.columns:
        assert column.description
        assert (column.type == "enum") == bool(column.allowed)
        assert not column.interval or column.type == "number"
        if column.type in ("number", "integer") and name != "facts":
            assert unit_of(column.name) == (column.unit or "1"), column.name
        if column.refers_to:
            assert column.refers_to in table_names()


EVERYTHING = [
    "", "a-city-b-north-rail", "a-port", "b-north", "AAA", "manufactures", "south", "F003", "S2", "AAA>CCC",
    "a-port-road-sea", "b-permit", "railway-operator", "a-transit-fee", "bbb-ccc", "any-gems", "zone:b-north",
    "a-b-power", "bbb-pact",
]  # fmt: skip


@pytest.mark.parametrize("what", EVERYTHING)
def test_show_gives_plain_data(tiny, what):
    shown = show(tiny, what)
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown
    assert list(shown)[:2] == ["kind", "id"]


def test_show_a_link_with_everything_that_is_known_of_it(tiny):
    road = show(tiny, "a-city-a-pass-road")
    assert road["row"]["time_h"] == {"low": 1.5, "mode": 2.0, "high": 4.0, "unit": "h"}
    assert road["row"]["gauge_mm"] is None
    assert [row["restriction_id"] for row in road["restrictions"]] == ["b-permit"]
    assert [row["charge_id"] for row in road["charges"]] == ["a-transit-fee"]
    assert [fact["source"]["publisher"] for fact in road["facts"]] == ["Survey of AAA"]
    rail = show(tiny, "a-city-b-north-rail")
    (operator,) = (row for row in rail["rights"] if row["right"] == "operator")
    assert (operator["actor"], operator["root"], operator["ends_on"]) == ("ARW", "AAA", "2038-02-13")


def test_show_an_actor_a_fact_and_a_case(tiny):
    actor = show(tiny, "AAA")
    assert actor["children"] == ["ARW"]
    assert {"right": "operator", "status": "binding", "links": 1} in actor["links_today"]
    assert {"table": "controls", "id": "railway-operator"} in show(tiny, "F003")["used_by"]
    assert show(tiny)["basis_shares"]["places"] == {"cited": 1.0, "derived": 0.0, "estimate": 0.0}
    assert [row["restriction_id"] for row in show(tiny, "AAA>CCC")["restrictions"]] == ["aaa-ccc-embargo"]


def test_show_an_item_of_a_document_with_all_facts_that_it_names():
    case = read_case("south-caucasus")
    deal = show(case, "arrangement:tripp")
    assert (deal["kind"], deal["row"]["scenario"]) == ("arrangement", "trump-route")
    named = {fact["fact_id"] for fact in deal["facts"]}
    assert set(deal["row"]["facts"]) <= named
    inner = {fact for way in deal["row"]["can_obstruct"] for fact in way["facts"]}
    assert inner
    assert inner <= named
    assert all(fact["source"]["publisher"] for fact in deal["facts"])
    assert json.loads(json.dumps(deal, allow_nan=False)) == deal
    (first, *_) = deal["row"]["facts"]
    assert {"table": "arrangement", "id": "tripp"} in show(case, first)["used_by"]
    assert show(case, "ru-am-2024")["kind"] == "claim"
    with pytest.raises(UsageError, match=r"unknown arrangement 'trip'.*did you mean 'tripp'"):
        show(case, "arrangement:trip")


def test_show_names_what_comes_near(tiny):
    with pytest.raises(UsageError, match="did you mean 'a-port'"):
        show(tiny, "a-prt")
    with pytest.raises(UsageError, match="unknown exporter or importer 'AAB'"):
        show(tiny, "AAB>CCC")
    with pytest.raises(UsageError, match="unknown zone 'AAA'"):
        show(tiny, "zone:AAA")


def test_finding_cases_imports_no_pandas():
    code = (
        "import sys, mackinder.case, mackinder.case.locate; mackinder.case.case_names(); print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603, RUF100
    assert done.stdout.strip() == "False"
