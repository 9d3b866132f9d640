"""No file names a package registry's host or a path of the machine it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Spelt in pieces, or this file would be its own first finding.
HOSTS = ["py" + "pi.org", "python" + "hosted", "npm" + "js.", "deb.deb" + "ian", "crates." + "io"]
FOLDERS = ["wo" + "rk", "ro" + "ot", "fa" + "rm", "tm" + "p", "ho" + r"me/\w+", "Us" + r"ers/\w+"]
FORBIDDEN = re.compile("|".join([*map(re.escape, HOSTS), rf"(?<![\w.:/~}}])/(?:{'|'.join(FOLDERS)})(?:/|\b)"]))


def project_files() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):  # unpacked from an archive: no git there
        folders = ("src", "tests", "docs", "benchmarks", "changelog.d", ".ci")
        inside = [path for folder in folders for path in (ROOT / folder).rglob("*")]
        return [path for path in [*inside, *ROOT.glob("*")] if path.is_file() and path.suffix != ".pyc"]
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_no_registry_host_and_no_machine_path():
    findings = []
    for path in project_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        findings += [
            f"{path.relative_to(ROOT)}:{number}: {match[0]}"
            for number, line in enumerate(text.splitlines(), 1)
            if (match := FORBIDDEN.search(line))
        ]
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize(
    "bad", ["https://" + HOSTS[0] + "/simple", "see /" + FOLDERS[0] + "/main", '"/' + FOLDERS[3] + '"']
)
def test_the_pattern_bites(bad):
    assert FORBIDDEN.search(bad)


@pytest.mark.parametrize("good", ["https://example.org/" + FOLDERS[0] + "/a", "net/" + FOLDERS[0], "a road/rail link"])
def test_the_pattern_spares(good):
    assert not FORBIDDEN.search(good)
