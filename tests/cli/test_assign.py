"""The assign command: what it prints and writes, on a network of two roads."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mackinder.cli.assign import assign_command
from mackinder.errors import ExchangeError

NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 2
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 2
<END OF METADATA>
~ init_node term_node capacity length free_flow_time b power speed toll link_type ;
1 2 10 4 10 1 1 0 0 1 ;
1 2 10 4 10 1 1 0 50 1 ;
"""
TRIPS = "<NUMBER OF ZONES> 2\n<END OF METADATA>\nOrigin 1\n 2 : 20.0;\n"


@pytest.fixture
def app() -> typer.Typer:
    application = typer.Typer()
    application.command()(assign_command)
    return application


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "two_net.tntp").write_text(NET, encoding="utf-8")
    (tmp_path / "two_trips.tntp").write_text(TRIPS, encoding="utf-8")
    return [str(tmp_path / "two_net.tntp"), str(tmp_path / "two_trips.tntp")]


def test_json_and_flows(app: typer.Typer, files: list[str], tmp_path: Path) -> None:
    """10 + x = 10 + y + 5 and x + y = 20."""
    out = tmp_path / "flows.csv"
    options = ["--gap", "1e-10", "--toll-factor", "0.1", "--distance-factor", "0.5", "--json", "--out", str(out)]
    done = CliRunner().invoke(app, [*files, *options])
    assert done.exit_code == 0, done.output
    summary = json.loads(done.stdout)
    assert (summary["status"], summary["links"], summary["demand"]) == ("converged", 2, 20.0)
    assert summary["relative_gap"] <= 1e-10
    assert summary["total_cost"] == pytest.approx(20 * 24.5)
    with out.open(encoding="utf-8", newline="") as file:
        rows = [{name: float(cell) for name, cell in row.items()} for row in csv.DictReader(file)]
    assert [row["volume"] for row in rows] == pytest.approx([12.5, 7.5])
    assert [row["cost"] for row in rows] == pytest.approx([24.5, 24.5])


def test_text_names_the_gap(app: typer.Typer, files: list[str]) -> None:
    done = CliRunner().invoke(app, files)
    assert done.exit_code == 0, done.output
    assert "relative gap" in done.stdout
    assert "converged" in done.stdout


def test_malformed_file_is_named(app: typer.Typer, files: list[str]) -> None:
    Path(files[1]).write_text(TRIPS.replace("20.0", "x"), encoding="utf-8")
    done = CliRunner().invoke(app, files)
    assert isinstance(done.exception, ExchangeError)
    assert "two_trips.tntp, line 4" in str(done.exception)
