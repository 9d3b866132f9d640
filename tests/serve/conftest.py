"""The starter case, served in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from mackinder.case import scaffold

    return scaffold(tmp_path_factory.mktemp("served") / "three")


@pytest.fixture(scope="session")
def session(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from mackinder.serve import Session

    saved = tmp_path_factory.mktemp("saved")
    one = Session(str(folder), runs=tmp_path_factory.mktemp("runs"), save=saved, threads=1)
    yield one
    one.close()


@pytest.fixture(scope="session")
def client(session: Any) -> Iterator[TestClient]:
    from mackinder.serve import build_app

    with TestClient(build_app(session), base_url="http://localhost", raise_server_exceptions=False) as found:
        yield found
