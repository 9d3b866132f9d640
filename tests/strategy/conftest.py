"""Published cases where they are present, and the plain twin of the spatial model."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

VALIDATION = Path(__file__).resolve().parents[3] / "shared" / "validation"


@pytest.fixture(scope="session")
def twin() -> ModuleType:
    """The neighbour file, imported by path: tests are not a package (import-mode importlib)."""
    path = Path(__file__).with_name("plain_spatial.py")
    spec = importlib.util.spec_from_file_location("strategy_plain_spatial", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["strategy_plain_spatial"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def published() -> Callable[[str], Path]:
    """Path of a published case, or a skip that says why."""

    def find(name: str) -> Path:
        if not (VALIDATION / name).exists():
            pytest.skip(f"published case {name} is not here: its terms do not let us ship it")
        return VALIDATION / name

    return find


@pytest.fixture(scope="session")
def published_json(published: Callable[[str], Path]) -> Callable[[str], Any]:
    return lambda name: json.loads(published(name).read_text(encoding="utf-8"))
