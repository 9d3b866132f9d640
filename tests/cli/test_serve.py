"""``serve`` as a user starts and ends it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mackinder.report.shell import read_shell

built = pytest.mark.skipif(
    read_shell() is None, reason="the interactive page was not built here; serve refuses to start"
)


@built
def test_it_starts_answers_and_ends_on_sigterm(say: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "three"
    say("new", folder)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "mackinder", "serve", str(folder), "--port", "0", "--runs", str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"TMPDIR": str(scratch)},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
        with urllib.request.urlopen(f"{address}api/runs", timeout=30) as answer:
            assert b'"runs"' in answer.read()
        asked = urllib.request.Request(f"{address}api/runs", headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError, match="421") as refused:
            urllib.request.urlopen(asked, timeout=30)
        refused.value.close()
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=30)
        assert process.returncode == 0
        assert told.rstrip().endswith("ended")
        assert not list(scratch.glob("mackinder-serve-*"))
    finally:
        process.kill()
        process.communicate()


@built
def test_bad_options_are_told(say: Callable[..., Any], tmp_path: Path) -> None:
    done = say("serve", "south-caucasus", "--save-dir", tmp_path / "none")
    assert done.code == 2
    assert "no such folder" in done.err
    assert say("serve", "no-such-case").code in (2, 3)


def test_without_the_page_it_says_so(say: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mackinder.report.shell.read_shell", lambda: None)
    done = say("serve", "south-caucasus")
    assert done.code == 1
    assert "MACKINDER_SKIP_WEB" in done.err


def test_a_run_without_the_page_writes_a_plain_report_that_says_so(
    say: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mackinder.report.runpage.read_shell", lambda: None)
    say("new", tmp_path / "three")
    done = say(
        "run", tmp_path / "three", "--out", tmp_path / "out", "--draws", "2", "--threads", "1", "--model", "routes"
    )
    assert done.code == 0, done.err
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "plain form of the report" in page
    assert "MACKINDER_SKIP_WEB" in page
    assert "mk-data" not in page
