"""Public names that load on first use: what a package's ``__getattr__`` and ``__dir__`` are made of."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping

__all__ = ["lazy_names"]


def lazy_names(package: str, home: Mapping[str, str]) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package whose public names are imported when they are asked for.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    home : mapping of str to str
        Public name -> module that defines it, within the package or with its full name. No name may be that of a module
        of the package: once imported, the module would hide it.

    Returns
    -------
    tuple of two functions
        The first raises AttributeError, and lists what there is, for a name that is not public.

    Examples
    --------
    >>> find, names = lazy_names("mackinder.case", {"read_case": "read"})
    >>> find("read_case").__module__
    'mackinder.case.read'
    >>> "read_case" in names()
    True
    """

    def find(name: str) -> object:
        if name not in home:
            msg = f"module {package!r} has no attribute {name!r}: public names are {', '.join(home)}"
            raise AttributeError(msg)
        whole = home[name].startswith(f"{package.partition('.')[0]}.")
        module = home[name] if whole else f"{package}.{home[name]}"
        value: object = getattr(importlib.import_module(module), name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *home})

    return find, names
