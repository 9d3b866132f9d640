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
    assert {"manifest.json", "results.parquet", "futures.parquet", "chunks"} <= {p.name for p in out.iterdir()}


def test_why_gives_shares_and_sources(swept: tuple[Path, Any], say: Callable[..., Any], starter_folder: Path) -> None:
    said = say("why", swept[0], "pair_cost", "--scenario", "south-road", "--case", starter_folder)
    assert said.code == 0, said.err
    for words in (
        "cost of South road",
        "USD/t",
        "90 % interval",
        "Ministry of Transport of BBB",
        "upper quarter",
        "% of the variance",
    ):
        assert words in said.out + said.err
    found = json.loads(say("why", swept[0], "pair_cost", "-s", "south-road", "-c", starter_folder, "--json").out)
    assert found["schema"] == "mackinder.why/1"
    assert found["inputs"][0]["input"] == found["origins"][0]["input"]
    assert 0 < found["explained"] <= 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["sweep", "CASE", "--out", "OUT"], 1, "holds a sweep already; go on with --resume"),
        (["sweep", "CASE", "--executor", "dsk", "--out", "NEW"], 2, "give local, dask, or the address"),
        (["sweep", "CASE", "--correlate", "a=b", "--out", "NEW"], 2, "INPUT,INPUT=RHO"),
        (["why", "OUT", "pair_cos"], 2, "did you mean 'pair_cost'"),
        (["why", "OUT", "corridor_flow"], 2, "--asset north, south"),
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
