"""Nothing that a file can hold stops `check`: it reports, it does not raise."""

from __future__ import annotations

import pytest

from mackinder.case import check
from mackinder.case.schema import table_names


@pytest.mark.parametrize("table", table_names())
def test_a_table_without_rows_or_bytes_is_reported_not_raised(table, folder, spoil):
    path = f"tables/{table}.csv"
    spoil(folder, ("bytes", path, lambda data: data.split(b"\n")[0] + b"\n"))
    assert isinstance(check(folder), list)
    spoil(folder, ("bytes", path, lambda data: b""))
    assert "MK002" in {finding.code for finding in check(folder)}


def test_an_empty_folder_lists_everything_that_is_missing(tmp_path):
    codes = [finding.code for finding in check(tmp_path)]
    assert codes.count("MK001") == len(table_names())
    assert "MK090" in codes


@pytest.mark.parametrize("junk", [b"\x00\x01\x02", b'"', b"a,b\n1,2,3\n", b"\n\n\n", b"\xff\xfe"], ids=repr)
def test_junk_is_reported_not_raised(junk, folder, spoil):
    spoil(folder, ("bytes", "tables/links.csv", lambda data: junk), ("bytes", "case.toml", lambda data: junk))
    codes = {finding.code for finding in check(folder)}
    assert codes & {"MK002", "MK004"}
    assert "MK090" in codes


@pytest.mark.parametrize("cell", ["", "nan", "-1e400", "x", "2023-13-01", "*", "a;;b", '"', "🚂", "-", "trade"])
def test_one_word_in_every_cell_is_reported_not_raised(cell, folder):
    for path in sorted((folder / "tables").glob("*.csv")):
        lines = path.read_text(encoding="utf-8").splitlines()
        quoted = '"' + cell.replace('"', '""') + '"'
        row = ",".join([quoted] * len(lines[0].split(",")))
        path.write_text("\n".join([lines[0], row, row]) + "\n", encoding="utf-8")
    assert check(folder)
