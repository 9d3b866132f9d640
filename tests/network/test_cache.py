"""The cache of route sets: a hit is what a fresh build gives, and any input changes the key."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mackinder.network.cache import route_set, route_set_key
from mackinder.network.network import build_network
from mackinder.network.prices import pilot_prices
from mackinder.network.routes import RouteSet


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MACKINDER_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "mackinder" / "routes"


def same(one: RouteSet, other: RouteSet) -> None:
    for field in dataclasses.fields(RouteSet):
        a, b = getattr(one, field.name), getattr(other, field.name)
        assert np.asarray(a).dtype == np.asarray(b).dtype
        np.testing.assert_array_equal(a, b, err_msg=field.name)


def test_a_hit_is_a_fresh_build(starter_solved: Any, folder: Path) -> None:
    given = starter_solved.network, starter_solved.pilots, starter_solved.case.settings.coalitions
    built, cached = route_set(*given, threads=1)
    assert not cached
    again, cached = route_set(*given, threads=2)
    assert cached
    same(built, again)
    same(built, starter_solved.routes)
    assert [path.name for path in folder.iterdir()] == [f"{route_set_key(*given)}.npz"]


@pytest.mark.parametrize("damage", [b"", b"not a zip", None])
def test_a_damaged_file_is_built_anew(starter_solved: Any, folder: Path, damage: bytes | None) -> None:
    given = starter_solved.network, starter_solved.pilots, ()
    built, _ = route_set(*given, threads=1)
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:-200] if damage is None else damage)
    again, cached = route_set(*given, threads=1)
    assert not cached
    same(built, again)
    assert route_set(*given, threads=1)[1]


def test_without_a_folder_the_set_is_built_in_every_run(
    starter_solved: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MACKINDER_CACHE_DIR", str(tmp_path / "file"))
    given = starter_solved.network, starter_solved.pilots, starter_solved.case.settings.coalitions
    for _ in range(2):
        built, cached = route_set(*given, threads=1)
        assert not cached
        same(built, starter_solved.routes)


def test_every_input_changes_the_key(starter: Any) -> None:
    keys = {}

    def note(name: str, case: Any, coalitions: Any = (), draws: int = 2) -> None:
        network = build_network({"x": case}, [2023])
        keys[name] = route_set_key(network, pilot_prices(case, network, draws), coalitions)

    note("as it stands", starter)
    first = keys["as it stands"]
    note("again", starter)
    assert keys.pop("again") == first
    note("coalition", starter, [["AAA", "CCC"]])
    note("another coalition", starter, [["AAA"], ["CCC"]])
    note("pilots", starter, (), 3)
    for table, name, column, value in (
        ("links", "a-city-a-port-road", "cost_usd_per_t_mode", 28.5), ("links", "a-city-a-port-road", "time_h_high", 9.5),
        ("links", "a-city-a-port-road", "status", "planned"), ("links", "a-city-a-port-road", "territory", "AAA;CCC"),
        ("transfers", "a-port-road-sea", "time_h_mode", 49.0), ("goods", "manufactures", "route_dispersion_t_per_usd_mode", 0.06),
        ("goods", "manufactures", "value_of_time_usd_per_t_day_high", 21.0), ("restrictions", "b-permit", "origin", "CCC"),
    ):  # fmt: skip
        frame = starter.table(table)
        frame.loc[frame[frame.columns[0]] == name, column] = value
        note(f"{table} {column}", starter.with_tables(**{table: frame}))
    assert len(set(keys.values())) == len(keys)
