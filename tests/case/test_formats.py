"""One spoilt file per rule about form: the rule finds it, in the right file and row, and reading refuses it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mackinder.case import check, read_case
from mackinder.errors import CaseError


@dataclass(frozen=True)
class Defect:
    code: str
    what: str
    edits: tuple
    file: str
    rows: tuple[int, ...]
    says: str

    @property
    def id(self) -> str:
        return f"{self.code}-{self.what.replace(' ', '-')}"


ROAD = "a-city-a-pass-road"  # row 2 of links.csv
SHORT = b"short,row\n"

DEFECTS = [
    Defect("MK001", "missing file", (("delete", "tables/charges.csv"),), "charges.csv", (), "no such file"),
    Defect(
        "MK002", "renamed column", (("text", "tables/links.csv", "length_km", "length_mi"),), "links.csv", (1,),
        "did you mean 'length_km'",
    ),
    Defect(
        "MK002", "column twice", (("text", "tables/actors.csv", "parent", "label"),), "actors.csv", (1,),
        "columns come twice: label",
    ),
    Defect(
        "MK003", "byte order mark", (("bytes", "tables/zones.csv", lambda b: b"\xef\xbb\xbf" + b),), "zones.csv", (1,),
        "byte order mark",
    ),
    Defect("MK004", "not UTF-8", (("bytes", "tables/actors.csv", lambda b: b.replace(b"AAA Rail", b"A\xe9 Rail")),),
           "actors.csv", (3,), "not UTF-8"),
    Defect("MK006", "short row", (("bytes", "tables/zones.csv", lambda b: b + SHORT),), "zones.csv", (6,), "have 2"),
    Defect(
        "MK006", "unquoted comma", (("text", "tables/zones.csv", "the rest of BBB", "the rest, of BBB"),), "zones.csv",
        (4,), "the header has 17 fields, these rows have 18",
    ),
    Defect("MK007", "unit in cell", (("cell", "links", ROAD, {"length_km": "80 km"}),), "links.csv", (2,), "'80 km'"),
    Defect("MK007", "comma", (("cell", "links", ROAD, {"length_km": "80,5"}),), "links.csv", (2,), "'80,5'"),
    Defect("MK008", "nan", (("cell", "links", ROAD, {"length_km": "NaN"}),), "links.csv", (2,), "length_km is 'NaN'"),
    Defect("MK008", "inf", (("cell", "links", ROAD, {"time_h_high": "inf"}),), "links.csv", (2,), "'inf'"),
    Defect("MK008", "overflow", (("cell", "links", ROAD, {"time_h_high": "1e999"}),), "links.csv", (2,), "'1e999'"),
    Defect("MK009", "unknown mode", (("cell", "links", ROAD, {"mode": "canal"}),), "links.csv", (2,), "seen 'canal'"),
    Defect("MK009", "half a tier", (("cell", "links", ROAD, {"tier": "1.5"}),), "links.csv", (2,), "a whole number"),
    Defect("MK009", "true for yes", (("cell", "goods", "gems", {"is_freight": "true"}),), "goods.csv", (2,), "yes, no"),
    Defect("MK010", "space in id", (("cell", "actors", "ARW", {"parent": "A A"}),), "actors.csv", (3,), "'A A'"),
    Defect(
        "MK011", "no such day", (("cell", "controls", "railway-operator", {"ends_on": "2038-02-30"}),), "controls.csv",
        (5,), "'2038-02-30'",
    ),
    Defect("MK011", "short day", (("cell", "controls", "railway-operator", {"ends_on": "2038-2-3"}),), "controls.csv",
           (5,), "'2038-2-3'"),
    Defect("MK012", "empty cell", (("cell", "links", ROAD, {"length_km": ""}),), "links.csv", (2,), "length_km is empty"),
    Defect("MK013", "same id", (("copy", "zones", "b-south", {"anchor_place": "a-port"}),), "zones.csv", (4, 6), "'b-south'"),
    Defect(
        "MK014", "no mode",
        (("cell", "transfers", "a-port-road-sea", {"capacity_mt_per_year_mode": ""}),), "transfers.csv", (3,),
        "capacity_mt_per_year",
    ),
    Defect("MK015", "empty item", (("cell", "links", ROAD, {"tags": "north;;south"}),), "links.csv", (2,), "tags"),
    Defect("MK015", "item twice", (("cell", "links", ROAD, {"facts": "F002;F002"}),), "links.csv", (2,), "facts"),
    Defect("MK016", "space", (("cell", "links", ROAD, {"label": " Road"}),), "links.csv", (2,), "label begins"),
]  # fmt: skip


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.id)
def test_the_defect_is_found_where_it_is_and_reading_refuses_it(defect, folder, spoil):
    spoil(folder, *defect.edits)
    found = [finding for finding in check(folder) if finding.code == defect.code]
    assert [(finding.file, finding.rows) for finding in found] == [(defect.file, defect.rows)]
    assert defect.says in found[0].message
    assert found[0].cure
    with pytest.raises(CaseError, match=defect.code):
        read_case(folder)


def test_windows_line_ends_are_a_warning_and_change_nothing(folder, tiny, spoil):
    spoil(folder, ("bytes", "tables/links.csv", lambda data: data.replace(b"\n", b"\r\n")))
    assert [(finding.code, finding.severity) for finding in check(folder)] == [("MK005", "warning")]
    assert read_case(folder) == tiny
    assert read_case(folder).digest == tiny.digest


def test_a_broken_table_hides_nothing_in_the_others(folder, spoil):
    spoil(
        folder,
        ("delete", "tables/links.csv"),
        ("cell", "zones", "b-south", {"trade_share_mode": "2"}),
        ("text", "case.toml", "base_year = 2023", "base_year ="),
    )
    codes = {finding.code for finding in check(folder)}
    assert {"MK001", "MK030", "MK081", "MK090"} <= codes


def test_line_numbers_count_lines_inside_quotes_and_blank_lines(folder, spoil):
    spoil(
        folder,
        ("text", "tables/actors.csv", "runs the railway into BBB as well", '"runs\nthe railway"\n'),
        ("text", "tables/actors.csv", "CCC,State of CCC,state", "CCC,State of CCC,stat"),
    )
    (finding,) = [found for found in check(folder) if found.code == "MK009"]
    assert finding.rows == (7,)


def test_a_finding_is_one_line_code_first_with_file_and_rows(folder, spoil):
    spoil(folder, ("cell", "links", ROAD, {"length_km": "far"}))
    line = next(str(finding) for finding in check(folder) if finding.code == "MK007")
    assert line.startswith("MK007 links.csv, row 2: length_km is not a number: 'far'. ")
    assert "\n" not in line


def test_many_rows_are_counted_not_listed(folder, spoil):
    spoil(folder, *(("copy", "sources", "S1", {"source_id": f"T{n}", "kind": "rumour"}) for n in range(30)))
    (finding,) = [found for found in check(folder) if found.code == "MK009"]
    assert len(finding.rows) == 30
    assert "and 22 more" in str(finding)
