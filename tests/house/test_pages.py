"""The generated pages are what their generator makes of the tables and of the stored numbers, and those are a run's."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("make_pages", ROOT / "tools" / "make_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages(tool):
    return tool.pages()


@pytest.mark.parametrize(
    "name",
    ["case-south-caucasus.md", "img/south-caucasus.svg", "reality.md", "calibration.md", "ablation.md", "switch.md"],
)
def test_page_is_up_to_date(tool, pages, name):
    assert tool.same(tool.DOCS / name, pages[name]), f"docs/{name} is stale: run `make docs`"


def test_every_miss_has_its_reason(tool):
    from mackinder.evidence.targets import read_targets
    from mackinder.scenario import read_vintage

    reasons = {target.id: target.reason for target in read_targets(read_vintage(tool.CASE))}
    rows = pd.read_csv(tool.DOCS / tool.REALITY)
    assert len(rows) == len(reasons) >= 20
    assert set(rows["id"]) == set(reasons)
    missed = rows.loc[rows["verdict"] != "inside", "id"]
    assert len(missed) > 0
    assert not [name for name in missed if not reasons[name]]


def test_reality_page_shows_every_row(tool, pages):
    rows = pd.read_csv(tool.DOCS / tool.REALITY)
    table = [line for line in pages["reality.md"].splitlines() if line.startswith("| ") and line.count("|") == 10]
    assert len(table) == len(rows) + 2 * 3  # three tables, each with a head and a rule
    for verdict in ("inside", "near", "off"):
        assert sum(f"| {verdict} |" in line for line in table) == (rows["verdict"] == verdict).sum()


def test_stored_lengths_and_days_are_those_of_the_tables(tool):
    from mackinder.evidence.reality import compare_with_reality
    from mackinder.scenario import read_vintage

    stored = pd.read_csv(tool.DOCS / tool.REALITY).set_index("id")
    fresh = compare_with_reality(read_vintage(tool.CASE)).set_index("id")
    assert len(fresh) >= 20
    for name, row in fresh.iterrows():
        for column in ("modelled", "modelled_low", "modelled_high"):
            assert row[column] == pytest.approx(stored.loc[name, column], rel=1e-3), f"{name}: make docs ARGS=--run"


@pytest.mark.slow
@pytest.mark.xdist_group("packaged")
def test_stored_volumes_are_those_of_a_run(tool, packaged_run):
    """Twenty fresh draws: each median lies in the stored interval, and most near the stored median."""
    import io

    stored = pd.read_csv(tool.DOCS / tool.REALITY).set_index("id")
    fresh = pd.read_csv(io.StringIO(tool.stored(packaged_run)[tool.REALITY])).set_index("id")
    assert list(fresh.index) == list(stored.index)
    outside = fresh[
        (fresh["modelled"] < 0.999 * stored["modelled_low"]) | (fresh["modelled"] > 1.001 * stored["modelled_high"])
    ]
    assert outside.empty, outside
    assert (fresh["modelled"] / stored["modelled"] - 1).abs().median() < 0.15
