"""Examples run, links lead somewhere, and what the documents name exists."""

import doctest
import importlib
import re
from pathlib import Path

import mackinder

ROOT = Path(__file__).parents[2]
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def test_docstring_examples_run(module_name):
    result = doctest.testmod(importlib.import_module(module_name), optionflags=OPTIONS)
    assert result.failed == 0


def test_document_examples_run(document):
    """Python blocks with prompts are run; the others must compile, and call only public names."""
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    text = document.read_text(encoding="utf-8")
    for number, block in enumerate(re.findall(r"^```(?:python|pycon)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)):
        if ">>>" in block:
            name = f"{document.name}[{number}]"
            runner.run(doctest.DocTestParser().get_doctest(block, {}, name, str(document), 0))
        else:
            compile(block, document.name, "exec")
            unknown = set(re.findall(r"\bmk\.(\w+)", block)) - set(mackinder.__all__)
            assert not unknown, f"{document.name} calls mk.{unknown}, which is not public"
    assert runner.failures == 0


def test_links_lead_somewhere(document):
    text = re.sub(r"<!--.*?-->", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    broken = [t for t in targets if "://" not in t and not (document.parent / t).exists()]
    assert not broken


def test_named_make_targets_exist(document):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", document.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets


def test_make_help_names_every_target():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = next(line for line in text.splitlines() if line.startswith(".PHONY:")).split()[1:]
    assert phony == re.findall(r"^([a-z]+):.*## ", text, re.MULTILINE)


def test_conventions_are_numbered_and_citations_exist():
    """A test cites a paragraph as ``convention C7``; the paragraph must be there."""
    text = (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8")
    numbers = [int(n) for n in re.findall(r"^\*\*C(\d+)\b", text, re.MULTILINE)]
    assert numbers == sorted(set(numbers))  # a number stands for ever; some were never given
    assert len(numbers) > 20
    for path in sorted([*(ROOT / "tests").rglob("*.py"), *(ROOT / "src").rglob("*.py")]):
        cited = {int(n) for n in re.findall(r"\bconvention C(\d+)", path.read_text(encoding="utf-8"))}
        assert cited <= set(numbers), f"{path.relative_to(ROOT)} cites a convention that does not exist"


def test_changelog_fragments_are_named_by_the_rule():
    names = [path.name for path in (ROOT / "changelog.d").iterdir() if path.name != "README.md"]
    bad = [name for name in names if not re.fullmatch(r"[\w-]+\.(added|changed|fixed|removed|data)\.md", name)]
    assert not bad
