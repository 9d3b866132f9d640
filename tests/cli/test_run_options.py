"""``run --reexports``, ``--horizon`` and ``--allow-unsolved`` on the starter case."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Say = Callable[..., Any]
FEW = ("--draws", 3, "--threads", 1, "--no-strategy", "-q")


def test_options_are_told_in_the_manifest(say: Say, starter_folder: Path, tmp_path: Path) -> None:
    """Conventions C141 and C143."""
    code, out, err = say(
        "run", starter_folder, *FEW, "--reexports", "without", "--horizon", "short", "--out", tmp_path / "a", "--json"
    )
    assert (code, err) == (0, "")
    manifest = json.loads(out)["manifest"]
    assert (manifest["reexports"], manifest["horizon"]) == ("without", "short")
    assert "only sent on left out" in manifest["status"]
    assert "first year" in manifest["status"]


def test_options_that_do_not_exist(say: Say, starter_folder: Path) -> None:
    for option, near in (("--reexports", "with"), ("--horizon", "short")):
        code, _, err = say("run", starter_folder, *FEW, option, near + "er")
        assert code == 2
        assert near in err


def test_a_draw_that_is_not_solved_ends_with_code_4_after_the_folder_is_written(
    say: Say, starter_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Convention C144."""
    from mackinder.archive import read_run
    from mackinder.ensemble import run, unsolved
    from mackinder.errors import NotConvergedError

    def one_open(loading: Any) -> Any:
        found = np.zeros(loading.loads.gap.shape[:2], dtype=bool)
        found[0, -1] = True
        return found

    monkeypatch.setattr(unsolved, "_open", one_open)
    folder = tmp_path / "b"
    code, out, err = say("run", starter_folder, *FEW, "--out", folder)
    assert code == 4
    assert "Report:" in out
    assert "not solved" in err
    assert "--allow-unsolved" in err
    found = read_run(folder).results
    assert set(found["draws"]) >= {2, 3}
    code, out, _ = say("run", starter_folder, *FEW, "--out", folder, "--allow-unsolved")
    assert code == 0
    assert "Report:" in out
    with pytest.raises(NotConvergedError):
        run(starter_folder, draws=3, threads=1)
    assert run(starter_folder, draws=3, threads=1, allow_unsolved=True).manifest["equilibrium"]["not_solved"] == 1
