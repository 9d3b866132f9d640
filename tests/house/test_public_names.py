"""Every module says what it offers, and the package offers it lazily."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import mackinder


def rank(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, each by alphabet: the order that ruff (RUF022) keeps."""
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return kind, name


def test_all_is_sorted_and_importable(module_name):
    module = importlib.import_module(module_name)
    own = [
        label
        for label, value in vars(module).items()
        if not label.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == module_name
    ]
    assert hasattr(module, "__all__") or not own, f"{module_name} defines {own} and has no __all__"
    names = list(getattr(module, "__all__", []))
    assert names == sorted(set(names), key=rank)
    if module_name == "mackinder":
        return  # loads lazily: test_public_name_loads
    missing = [label for label in names if not hasattr(module, label)]
    assert not missing, f"{module_name}.__all__ names {missing}, which it does not have"


@pytest.mark.parametrize("name", mackinder.__all__)
def test_public_name_loads(name):
    value = getattr(mackinder, name)
    assert inspect.isclass(value) or inspect.isfunction(value)
    assert inspect.getdoc(value), f"mackinder.{name} has no docstring"


def test_public_names_are_one_list():
    tree = ast.parse(Path(mackinder.__file__).read_text(encoding="utf-8"))
    guard = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {alias.name: node.module for node in guard.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert typed == mackinder._HOME
    assert list(mackinder._HOME) == mackinder.__all__ == sorted(mackinder.__all__, key=rank)
    assert not [name for name in mackinder.__all__ if name.startswith("test")]
    assert set(mackinder.__all__) <= set(dir(mackinder))


def test_an_unknown_name_is_an_attribute_error_that_lists_the_known():
    with pytest.raises(AttributeError, match=r"'red_case'.*read_case"):
        _ = mackinder.red_case
