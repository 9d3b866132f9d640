"""The commands of evidence: output, exit codes, bad input (conventions C123, C126)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from mackinder.cli.backtests import backtests_command
from mackinder.cli.claims import claims_command
from mackinder.cli.forecasts import forecasts_command
from mackinder.errors import CaseError, UsageError

CLAIMS = """
[article]
title = "T"
author = "A"
publisher = "P"
published_on = 2025-08-27
independence_group = "own"
[[claim]]
id = "some-goods"
text = "There are goods."
place = "p"
kind = "fact"
test = [{ kind = "count", table = "goods", where = {}, operator = ">", value = 0 }]
[[claim]]
id = "open-end"
text = "All will be well."
place = "p"
kind = "normative"
test = [{ kind = "untestable", why = "nothing would refute it" }]
"""


def call(command: Any, *args: str) -> Any:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, [*args], catch_exceptions=True)


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(CLAIMS.replace("where = {}", 'where = { goods_id = ">=a" }'))
    return path


def test_claims_of_ones_own_article(starter: Any, claims: Path) -> None:
    """A user's file gives the same table, as text and as JSON; the gate exits with 5 only if asked."""
    found = call(claims_command, str(starter.folder), "--claims", str(claims), "-q")
    assert found.exit_code == 0, found.output
    assert "open-end\tAll will be well.\tnot testable" in found.stdout
    assert "neither is a probability" in found.stdout
    told = json.loads(call(claims_command, str(starter.folder), "--claims", str(claims), "-q", "--json").stdout)
    assert told["schema"] == "mackinder.claims/1"
    assert [c["verdict"] for c in told["claims"]][1] == "not testable"
    gate = call(claims_command, str(starter.folder), "--claims", str(claims), "-q", "--fail-on", "not testable")
    assert gate.exit_code == 5
    assert "open-end is not testable" in gate.stderr
    assert (
        call(claims_command, str(starter.folder), "--claims", str(claims), "-q", "--fail-on", "contradicted").exit_code
        == 0
    )


def test_claims_of_the_starter_case(starter: Any, tmp_path: Path) -> None:
    """A new case comes with claims to follow: which run is needed is said with its command; units are words (C123, C150)."""
    found = call(claims_command, str(starter.folder), "-q")
    assert found.exit_code == 0, found.output
    verdicts = dict(line.split("\t")[0:3:2] for line in found.stdout.splitlines() if line.count("\t") > 5)
    assert verdicts["rail-traffic"] == "supported"
    assert verdicts["road-is-used"] == "not testable"
    assert "needs a run with south-road, for corridor flow" in found.stdout
    assert "-s south-road --out DIR`" in found.stdout
    assert "1.6 (1.5 to 1.7) Mt/yr; holds if 1.55 to 1.65" in found.stdout
    folder = tmp_path / "none"
    shutil.copytree(starter.folder, folder)
    (folder / "claims.toml").unlink()
    bare = call(claims_command, str(folder), "-q")
    assert isinstance(bare.exception, CaseError)
    assert "has no claims.toml" in str(bare.exception)


@pytest.mark.parametrize(
    ("args", "error", "words"),
    [
        (("--claims", "nowhere.toml"), UsageError, "no such file"),
        (("--fail-on", "suported"), UsageError, "did you mean 'supported'"),
    ],
)
def test_bad_input_of_claims(starter: Any, args: tuple[str, ...], error: type[Exception], words: str) -> None:
    """Each says what is wrong and what to do."""
    found = call(claims_command, str(starter.folder), "-q", *args)
    assert isinstance(found.exception, error)
    assert words in str(found.exception)


def test_forecasts_and_backtests(starter: Any) -> None:
    """Misses and the hash are printed; a case without questions or episodes says so."""
    found = call(forecasts_command)
    assert found.exit_code == 0
    assert "Misses" in found.stdout
    assert "retrospective: no pre-registration" in found.stdout
    told = json.loads(call(backtests_command, "--json").stdout)
    assert all(o["all_known_on_the_eve"] for o in told["manifest"]["outcomes"].values())
    for command, name in ((forecasts_command, "questions.toml"), (backtests_command, "episodes")):
        assert name in str(call(command, str(starter.folder)).exception)
