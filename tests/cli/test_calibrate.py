"""``calibrate`` on the starter case: it says what is lacking, writes only when asked, and what it writes is sound."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mackinder.case import check, read_case, scaffold

Say = Callable[..., Any]

FITS = """\
rail,link_cost,mode=rail,,0.1,1,10,0.1,1,10,yes,,estimate,wide for the railway
lift,transfer_time,,,0.5,1,2,0.5,1,2,yes,,estimate,wide for the transfers
"""
COUNT = """
[[target]]
id = "rail"
label = "The railway"
observed = {observed}
low = {observed}
high = {observed}
unit = "Mt/yr"
year = 2023
facts = ["F001"]
use = "fit"
counts = "both"
metric = {{ kind = "flow", links = "mode=rail" }}

[[target]]
id = "road"
label = "The road"
observed = 1.0
low = 0.9
high = 1.1
unit = "Mt/yr"
year = 2023
facts = ["F002"]
use = "held_out"
counts = "both"
metric = {{ kind = "flow", links = "mode=road" }}
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    folder = scaffold(tmp_path / "three")
    table = folder / "tables" / "fits.csv"
    table.write_text(table.read_text(encoding="utf-8") + FITS, encoding="utf-8")
    return folder


def observe(folder: Path, observed: float) -> None:
    (folder / "reality.toml").write_text(COUNT.format(observed=observed), encoding="utf-8")


def test_it_says_what_is_lacking(say: Say, tmp_path: Path, case: Path) -> None:
    code, _, err = say("calibrate", scaffold(tmp_path / "plain"), "-q")
    assert code == 2
    assert "fits.csv of plain has no rows" in err
    code, _, err = say("calibrate", case, "-q")
    assert code == 2
    assert "no count within two years of 2023" in err


def test_a_count_below_the_model_makes_the_railway_dearer(say: Say, case: Path) -> None:
    observe(case, 1.0)
    before = (case / "tables" / "fits.csv").read_bytes()
    code, out, _ = say("calibrate", case, "--json", "-q")
    assert code == 0
    assert (case / "tables" / "fits.csv").read_bytes() == before
    first = {row["id"]: row for row in json.loads(out)["counts"]}
    assert (first["rail"]["fitted"], first["road"]["fitted"]) == ("yes", "no")
    observe(case, 0.5 * first["rail"]["before"])  # half of what the model says
    code, out, _ = say("calibrate", case, "--write", "--json", "-q")
    assert code == 0
    told = json.loads(out)
    rail = next(row for row in told["factors"] if row["fit_id"] == "rail")
    assert rail["factor_mode"] > 1.05
    after = {row["id"]: row for row in told["counts"]}
    assert 1.0 < after["rail"]["after"] < after["rail"]["before"]
    written = read_case(case).table("fits").set_index("fit_id")
    assert written.loc["rail", "factor_mode"] == (rail["factor_mode"] if told["adopted"] else 1.0)
    assert not [finding for finding in check(case) if finding.file == "fits.csv"]
