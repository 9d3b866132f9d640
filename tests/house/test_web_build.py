"""The build hook of the web page, without Node and without a network."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytest.importorskip(
    "hatchling",
    reason="the build hook is tested where hatchling is installed: it comes with a build, not with the program",
)


@pytest.fixture(scope="module")
def build():
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["hatch_build"] = module
    spec.loader.exec_module(module)
    return module


def hook(build, root):
    return build.CustomBuildHook(str(root), {}, None, None, str(root), "wheel")


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "web" / "src").mkdir(parents=True)
    (tmp_path / "web" / "src" / "a.ts").write_text("1")
    page = tmp_path / "src" / "mackinder" / "report" / "web"
    page.mkdir(parents=True)
    return tmp_path


def test_freshness_is_a_matter_of_content(build, tree):
    page = tree / "src" / "mackinder" / "report" / "web" / "index.html"
    assert not hook(build, tree)._fresh()
    page.write_text("built")
    page.with_suffix(".sha256").write_text(build.content_hash(tree / "web"))
    assert hook(build, tree)._fresh()
    (tree / "web" / "node_modules").mkdir()
    (tree / "web" / "node_modules" / "x.js").write_text("no source")
    assert hook(build, tree)._fresh()
    (tree / "web" / "src" / "a.ts").write_text("2")
    assert not hook(build, tree)._fresh()


def test_node_is_asked_for_only_if_it_is_needed(build, tree, monkeypatch):
    monkeypatch.delenv("MACKINDER_SKIP_WEB", raising=False)
    monkeypatch.setattr(build, "system_node", lambda: None)
    assert hook(build, tree).dependencies() == [build.NODE_WHEEL]
    monkeypatch.setattr(build, "system_node", lambda: (["node"], ["npm"]))
    assert hook(build, tree).dependencies() == []
    monkeypatch.setattr(build, "system_node", lambda: None)
    monkeypatch.setenv("MACKINDER_SKIP_WEB", "1")
    assert hook(build, tree).dependencies() == []
    hook(build, tree).initialize("editable", {})
    assert not list((tree / "src").rglob("*.html"))
