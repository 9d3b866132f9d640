"""How the tests of commands run one: in this process, the same way as from a shell."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def say() -> Callable[..., Said]:
    """Run the program with some arguments, errors and exit codes included."""
    from mackinder.cli import main

    def run(*arguments: object) -> Said:
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            patch.setattr(sys, "argv", ["mackinder", *map(str, arguments)])
            try:
                main()
                code = 0
            except SystemExit as end:
                code = int(end.code or 0)
        return Said(code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture(scope="session")
def starter_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter case on disk, for commands that only read it."""
    from mackinder.case import scaffold

    return scaffold(tmp_path_factory.mktemp("cases") / "three")
