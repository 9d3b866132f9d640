"""The made-up report, built once."""

import importlib.util
import sys
from pathlib import Path

import pytest

from mackinder.report import build_content, render_page


def _load():
    """Import the neighbour file by path: tests are not a package (import-mode importlib)."""
    path = Path(__file__).with_name("fictitious.py")
    spec = importlib.util.spec_from_file_location("report_fictitious", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["report_fictitious"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def made_up():
    return _load()


@pytest.fixture(scope="session")
def content(made_up):
    return build_content(made_up.results(), made_up.flows(), made_up.case(), made_up.manifest())


@pytest.fixture(scope="session")
def page(content):
    return render_page(content)
