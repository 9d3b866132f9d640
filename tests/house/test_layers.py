"""The layers of the house: the contract holds, and it would catch a breach."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"


def lint(folder: Path, source: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(source)}
    return subprocess.run(
        [sys.executable, "-c", LINT], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_contracts_hold():
    done = lint(ROOT, ROOT / "src")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "planted", "said"),
    [
        ("network", "import mackinder.indicators", "mackinder.network is not allowed to import mackinder.indicators"),
        ("kernels", "import mackinder.case", "mackinder.kernels is not allowed to import mackinder.case"),
        ("case", "import numba", "mackinder.case is not allowed to import numba"),
        ("undeclared_layer", "", "undeclared_layer"),
    ],
    ids=["upward import", "kernels import ours", "numba outside kernels", "layer without a place"],
)
def test_a_planted_breach_is_caught(tmp_path, module, planted, said):
    source = tmp_path / "src"
    shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("*.csv", "*.toml", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (source / "mackinder" / module).mkdir(exist_ok=True)
    with (source / "mackinder" / module / "__init__.py").open("a") as file:
        file.write(f"\n{planted}\n")
    done = lint(tmp_path, source)
    assert done.returncode == 1, done.stdout + done.stderr
    assert said in " ".join(done.stdout.split())


def test_every_layer_but_kernels_is_kept_from_numba():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    forbidden = next(c["source_modules"] for c in contracts if c["type"] == "forbidden")
    assert sorted(forbidden) == sorted(f"mackinder.{layer}" for layer in layers if layer != "kernels")
