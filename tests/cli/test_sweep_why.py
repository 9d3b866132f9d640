"""``mackinder sweep`` and ``mackinder why``: what a user sees, and exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def swept(say: Callable[..., Any], starter_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    out = tmp_path_factory.mktemp("sweep") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mackinder.network.cache.cache_folder", lambda _: None)
        return out, say("sweep", starter_folder, "--draws", 128, "--model", "routes", "--workers", 1, "--out", out)


def test_a_sweep_says_what_it_did(swept: tuple[Path, Any]) -> None:
    out, said = swept
    assert said.code == 0, said.err
    assert "128 draws of 2 scenarios" in said.out
    assert "failed: 0" in said.out
    assert "128 of 128 draws, 0 s left" in said.err
    assert "Corridors that each scenario moves most" in said.out + said.err
    assert "beside it" in said.out
    tables = {
        "manifest.json",
        "results.parquet",
        "futures.parquet",
        "strategy.parquet",
        "claims.json",
        "claims.parquet",
        "chunks",
    }
    assert tables <= {p.name for p in out.iterdir()}
    beside = json.loads((out / "manifest.json").read_text())["sweep"]["beside"]
    assert beside["power"] == {"draws": 128, "same_draws": True, "error": "none"}
    assert beside["levers"]["draws"] == 20


def test_why_gives_shares_and_sources(swept: tuple[Path, Any], say: Callable[..., Any], starter_folder: Path) -> None:
    """Conventions C154 and C155: scenarios in the same futures with regret, and facts and estimates with their share."""
    asked = ("why", swept[0], "pair_cost", "--scenario", "south-road", "--case", starter_folder)
    said = say(*asked)
    assert said.code == 0, said.err
    for words in (
        "cost of South road",
        "USD/t",
        "90 % interval",
        "Ministry of Transport of BBB",
        "% of the variance",
        "With more draws",
        "regret: median, 95 %, worst",
        "It rests on",
        "F004",
    ):
        assert words in said.out + said.err
    assert "mostly where" not in said.out
    found = json.loads(say(*asked, "--json").out)
    assert found["schema"] == "mackinder.why/2"
    assert found["inputs"][0]["input"] == found["origins"][0]["input"]
    assert 0 < found["explained"] <= 1
    assert found["conditions"] is None
    assert {row["scenario"] for row in found["scenarios"]} == {"status-quo", "south-road"}
    road = next(row for row in found["rests_on"] if row["input"] == "b-south-c-harbour-road/cost")
    assert (road["table"], road["column"], road["facts"]) == ("links", "cost_usd_per_t", "F004")
    assert road["share"] == next(row["share"] for row in found["inputs"] if row["input"] == road["input"])
    assert "F004" in [row["fact"] for row in found["facts"]]


def test_conditions_when_asked(swept: tuple[Path, Any], say: Callable[..., Any], starter_folder: Path) -> None:
    asked = ("why", swept[0], "pair_cost", "--scenario", "south-road", "--case", starter_folder)
    said = say(*asked, "--conditions")
    assert "in 25 % of the draws, mostly where" in said.out
    middle = json.loads(say(*asked, "--json").out)["key"]["value"]
    said = say(*asked, "--below", middle)
    assert said.code == 0
    assert "in 50 % of the draws" in said.out
    said = say(*asked, "--above", 1e9)
    assert said.code == 2
    assert "0 of 128 draws have that outcome" in said.err


def test_what_can_be_asked_is_listed(swept: tuple[Path, Any], say: Callable[..., Any]) -> None:
    said = say("why", swept[0])
    assert said.code == 0
    assert "pair_cost" in said.out
    assert "shapley_value" in said.out


def test_numbers_of_other_models_have_grounds_too(
    swept: tuple[Path, Any], say: Callable[..., Any], starter_folder: Path
) -> None:
    rows = json.loads(say("why", swept[0], "--json").out)["indicators"]
    assert "lever_worth" in [row["indicator"] for row in rows]
    import pandas as pd

    row = pd.read_parquet(swept[0] / "strategy.parquet").query("indicator == 'lever_worth'").iloc[0]
    said = say(
        "why", swept[0], "lever_worth", "-s", row["scenario"], "--actor", row["actor"], "--target", row["target"],
        "--asset", row["asset"], "--year", row["year"], "--case", starter_folder,
    )  # fmt: skip
    assert said.code == 0, said.err
    assert f"levers: {row['asset']}" in said.out
    assert "draws are not kept" in said.out


def test_why_of_a_plain_run(say: Callable[..., Any], starter_folder: Path, tmp_path: Path) -> None:
    """With too few draws to tell shares the facts and estimates are listed all the same."""
    made = say(
        "run", starter_folder, "--draws", 12, "--model", "routes", "--no-strategy", "--out", tmp_path / "run"
    )  # fmt: skip
    assert made.code == 0, made.err
    said = say("why", tmp_path / "run", "pair_cost", "-s", "south-road", "--case", starter_folder)
    assert said.code == 0, said.err
    assert "at least 20 are needed" in said.out
    assert "regret: median, 95 %, worst" in said.out
    assert "facts:" in said.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["sweep", "CASE", "--out", "OUT"], 1, "holds a sweep already; go on with --resume"),
        (["sweep", "CASE", "--executor", "dsk", "--out", "NEW"], 2, "give local, dask, or the address"),
        (["sweep", "CASE", "--correlate", "a=b", "--out", "NEW"], 2, "INPUT,INPUT=RHO"),
        (["why", "OUT", "pair_cos", "--case", "CASE"], 2, "did you mean 'pair_cost'"),
        (["why", "OUT", "corridor_flow", "--case", "CASE"], 2, "--asset north, south"),
        (["why", "OUT", "pair_cost", "--better", "mor", "--case", "CASE"], 2, "did you mean 'more'"),
        (["why", "NEW", "pair_cost"], 1, "no manifest.json"),
    ],
)
def test_bad_input(
    swept: tuple[Path, Any], say: Callable[..., Any], starter_folder: Path, arguments: list[str], code: int, words: str
) -> None:
    names = {"CASE": starter_folder, "OUT": swept[0], "NEW": swept[0].parent / "new"}
    said = say(*(names.get(word, word) for word in arguments))
    assert said.code == code
    assert words in said.err
