"""A small valid case to start from: three fictional countries, four zones, one missing road."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from mackinder.errors import UsageError

__all__ = ["scaffold"]


def scaffold(folder: str | Path) -> Path:
    """Write a small valid case that can be checked and run.

    Parameters
    ----------
    folder : str or Path
        Where to; made if it is not there, and must be empty if it is.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UsageError
        If the folder is a file, or holds something already: nothing is overwritten.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        msg = f"{str(folder)!r} is there already and is not an empty folder: name a new one"
        raise UsageError(msg)
    _copy(resources.files("mackinder.case") / "starter_case", target)
    return target


def _copy(source: Traversable, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for item in source.iterdir():
        if item.is_dir():
            _copy(item, target / item.name)
        else:
            (target / item.name).write_bytes(item.read_bytes())
