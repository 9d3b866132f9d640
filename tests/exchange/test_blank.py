"""GeoPackages whose numbers are filled in afterwards: SQLite itself reads what was written into the bytes."""

import datetime as dt
import sqlite3

import numpy as np
import pytest

from mackinder.errors import ExchangeError
from mackinder.exchange.blank import NOTE_BYTES, blank_links
from mackinder.exchange.geopackage import read_geopackage_layer

DAY = dt.date(2026, 6, 29)


def links(n):
    rows = [(f"link-{i}", f"Place {i} – Ереван", "rail" if i % 2 else "road", "Armenia") for i in range(n)]
    return rows, [(((40.0 + i / 100, 39.0), (41.0, 40.0 + i / 100)),) for i in range(n)]


@pytest.mark.parametrize("n", [0, 1, 3, 900])
def test_numbers_written_into_the_bytes_are_what_sqlite_reads(tmp_path, n):
    rows, shapes = links(n)
    numbers = np.random.default_rng(1).normal(size=(n, 3)) * 10.0 ** np.arange(-3, 3, 2)
    if n == 3:
        numbers[:] = [[0.0, -0.0, 5.0], [np.nan, np.nan, np.nan], [1e300, -1e-300, np.nan]]
    path = tmp_path / "shown.gpkg"
    path.write_bytes(blank_links(rows, shapes, day=DAY).filled(numbers.tolist(), "B − A: Trump route, 2035"))
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = db.execute("SELECT link, median, low_5, high_95 FROM shown ORDER BY fid").fetchall()
        (note,) = db.execute("SELECT description FROM gpkg_contents WHERE table_name = 'shown'").fetchone()
        missing = db.execute("SELECT count(*) FROM shown WHERE median IS NULL").fetchone()[0]
    assert [row[0] for row in found] == [row[0] for row in rows]
    assert missing == np.isnan(numbers[:, 0]).sum()
    read = np.array([[np.nan if x is None else x for x in row[1:]] for row in found]).reshape(n, 3)
    np.testing.assert_array_equal(read, numbers)
    assert note.rstrip() == "B − A: Trump route, 2035"
    assert len(note.encode()) == NOTE_BYTES
    assert len(read_geopackage_layer(path, "shown")) == n


def test_a_long_note_is_cut_between_characters(tmp_path):
    rows, shapes = links(2)
    path = tmp_path / "shown.gpkg"
    path.write_bytes(blank_links(rows, shapes, day=DAY).filled([(1.5, 1.0, 2.0)] * 2, "–" * 200))
    with sqlite3.connect(path) as db:
        (note,) = db.execute("SELECT description FROM gpkg_contents WHERE table_name = 'shown'").fetchone()
    assert note == "–" * (NOTE_BYTES // 3)


def test_text_that_holds_a_mark_is_refused_and_not_overwritten():
    rows, shapes = links(1)
    mark = b"\x40\x5amk\x00\x00\x00\x01\x40\x5amk\x00\x00\x00\x02\x40\x5amk\x00\x00\x00\x03".decode()
    with pytest.raises(ExchangeError, match="not in it exactly once"):
        blank_links([(rows[0][0], mark, "rail", "")], shapes, day=DAY)


def test_a_place_nowhere_on_earth_is_refused():
    rows, _ = links(1)
    with pytest.raises(ExchangeError, match="nowhere on Earth"):
        blank_links(rows, [(((400.0, 39.0), (41.0, 40.0)),)], day=DAY)


def test_the_same_links_give_the_same_bytes():
    rows, shapes = links(40)
    assert blank_links(rows, shapes, day=DAY) == blank_links(rows, shapes, day=DAY)
