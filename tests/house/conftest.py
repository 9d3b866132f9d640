"""What the tests of the house run over: every module and every document."""

import pkgutil
from pathlib import Path

import pytest

import mackinder

ROOT = Path(__file__).parents[2]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "module_name" in metafunc.fixturenames:
        found = (module.name for module in pkgutil.walk_packages(mackinder.__path__, "mackinder."))
        metafunc.parametrize("module_name", ["mackinder", *sorted(n for n in found if not n.endswith("__main__"))])
    if "document" in metafunc.fixturenames:
        paths = [ROOT / "README.md", ROOT / "AGENTS.md", *sorted((ROOT / "docs").rglob("*.md"))]
        metafunc.parametrize("document", paths, ids=lambda path: path.relative_to(ROOT).as_posix())
