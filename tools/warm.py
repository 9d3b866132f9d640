"""Compile the kernels before the tests do, each once: two test workers would compile the same ones side by side.

python tools/warm.py    compile in two processes at once; nothing to do if these sources were compiled before
"""

from __future__ import annotations

import doctest
import hashlib
import importlib
import pkgutil
import subprocess
import sys
import tempfile
from pathlib import Path

from mackinder import kernels
from mackinder.kernels import CACHE, SOURCE_HASH, cache_folder

#: packages whose examples call kernels that a run does not
EXAMPLES = ("mackinder.equilibrium", "mackinder.strategy", "mackinder.indicators")


def warm_run() -> None:
    """Run the starter case: routes, loading, equilibrium and control."""
    from mackinder.case import scaffold
    from mackinder.ensemble import run

    with tempfile.TemporaryDirectory() as folder:
        run(scaffold(Path(folder) / "starter"), draws=1, threads=1)


def warm_rest() -> None:
    """Run the examples of the packages that have kernels of their own; whether they hold is for the tests to say."""
    for package in EXAMPLES:
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            doctest.testmod(importlib.import_module(module.name), report=False, verbose=False)


PARTS = {"run": warm_run, "rest": warm_rest}


def _stamp() -> str:
    """Name the copy of the sources: numba compiles anew what lies elsewhere or was written at another time."""
    files = sorted(Path(kernels.__file__).parent.glob("*.py"))
    return hashlib.sha256(repr([(str(f), f.stat().st_mtime_ns) for f in files]).encode()).hexdigest()[:16]


def main() -> int:
    """Compile what is not compiled; a failure is left to the tests, which say more about it."""
    if len(sys.argv) > 1:
        PARTS[sys.argv[1]]()
        return 0
    folder = cache_folder(f"kernels/{SOURCE_HASH}")
    if not CACHE or folder is None or (folder / f"warm-{_stamp()}").exists():
        return 0
    print("compiling kernels (once for each copy and version of their sources; two minutes or more)", flush=True)
    jobs = [subprocess.Popen([sys.executable, __file__, part], stdout=subprocess.DEVNULL) for part in PARTS]
    codes = [job.wait() for job in jobs]
    if not any(codes):
        (folder / f"warm-{_stamp()}").touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
