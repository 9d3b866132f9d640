"""Shared networks, and the independent checks of `references.py`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from mackinder.equilibrium.road import RoadNetwork, road_network


@pytest.fixture(scope="session")
def ref() -> ModuleType:
    """The neighbour file, imported by path: tests are not a package (import-mode importlib)."""
    path = Path(__file__).with_name("references.py")
    spec = importlib.util.spec_from_file_location("equilibrium_references", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["equilibrium_references"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def braess() -> RoadNetwork:
    return road_network(
        n_nodes=4,
        tail=[0, 0, 1, 2, 1],
        head=[1, 2, 3, 3, 2],
        free_flow_time=[1e-9, 50, 50, 1e-9, 10],
        b=[1e10, 0.02, 0.02, 1e10, 0.1],
        capacity=1.0,
    )
