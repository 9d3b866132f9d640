"""Find cases: a folder of the user, or a case that comes with the package. No table is read here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import mackinder.cases
from mackinder.case.schema import ID_PATTERN
from mackinder.errors import UsageError, did_you_mean

__all__ = ["case_digest", "case_files", "case_names", "find_case"]

_SUBFOLDERS = ("tables/*.csv", "scenarios/*.toml", "updates/*.toml", "episodes/**/*.toml", "episodes/**/*.csv")


def _packaged() -> Path:
    return Path(next(iter(mackinder.cases.__path__)))


def case_names() -> list[str]:
    """Return the names of the cases that come with the package, sorted."""
    return sorted(item.name for item in _packaged().iterdir() if (item / "case.toml").is_file())


def find_case(name_or_path: str | Path) -> Path:
    """Return the folder of a case: a folder if one exists, else a packaged case of that name.

    Parameters
    ----------
    name_or_path : str or Path
        Folder, or one of `case_names`.

    Returns
    -------
    Path
        An existing folder; its content is not looked at.

    Raises
    ------
    UsageError
        If neither exists. A packaged name cannot reach outside the package: ``..`` and separators are refused.
    """
    text = str(name_or_path)
    folder = Path(name_or_path)
    if text and folder.is_dir():
        return folder
    if isinstance(name_or_path, str) and re.fullmatch(ID_PATTERN, text) and text in case_names():
        return _packaged() / text
    if folder.is_file():
        msg = f"{text!r} is a file, and a case is a folder with a case.toml: give the folder"
        raise UsageError(msg)
    if not re.fullmatch(ID_PATTERN, text):
        msg = f"no folder {text!r}, and it cannot be the name of a packaged case: known are {', '.join(case_names())}"
        raise UsageError(msg)
    raise UsageError(did_you_mean(text, case_names(), what="case (no such folder either)"))


def case_files(folder: Path) -> list[Path]:
    """Return the files that make up a case (all its documents and tables), sorted by relative path."""
    return sorted(_files(folder), key=lambda path: path.relative_to(folder).as_posix())


def _files(folder: Path) -> Iterator[Path]:
    for pattern in ("*.toml", *_SUBFOLDERS):
        yield from (path for path in folder.glob(pattern) if path.is_file())


def case_digest(folder: Path) -> str:
    """Return the SHA-256 of a case: relative paths and contents, sorted.

    Line ends are normalised, so that a checkout with CRLF has the same digest. Each path and content is preceded by
    its length: moving bytes from one file to the next changes the digest.

    Parameters
    ----------
    folder : Path
        Folder of a case.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for path in case_files(folder):
        name = path.relative_to(folder).as_posix().encode()
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(b"%d %d " % (len(name), len(content)) + name + content)
    return digest.hexdigest()
