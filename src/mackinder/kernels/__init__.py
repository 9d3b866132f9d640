"""Compiled kernels: arrays in, arrays out; nothing of ours is imported here.

Numba's cache does not notice that a callee in another file was edited, and would then run stale machine code. So before
numba is imported its cache is pointed at a folder named by the hash of all kernel sources. If no such folder can be
written, kernels compile without a cache, and `CACHE_NOTE` says so.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import sys
import tempfile
from typing import Final

__all__ = ["CACHE", "CACHE_NOTE", "SOURCE_HASH", "cache_folder"]


def _source_hash() -> str:
    digest = hashlib.sha256()
    for path in sorted(pathlib.Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder(kind: str) -> pathlib.Path | None:
    """Return a folder of the user's cache that can be written (it is made), or None if there is none.

    ``MACKINDER_CACHE_DIR``, else ``XDG_CACHE_HOME``, else ``~/.cache``.
    """
    base = os.environ.get("MACKINDER_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = pathlib.Path(base).expanduser() / "mackinder" / kind
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return None
    return folder


#: hash of all kernel sources: also part of the key of every cached route set
SOURCE_HASH: Final = _source_hash()
_FOLDER = cache_folder(f"kernels/{SOURCE_HASH}")
if _FOLDER is not None:
    os.environ["NUMBA_CACHE_DIR"] = str(_FOLDER)
    if "numba" in sys.modules:  # imported before us, so it has read the environment already
        sys.modules["numba"].config.CACHE_DIR = str(_FOLDER)
#: pass to ``numba.njit(cache=CACHE)``
CACHE: Final = _FOLDER is not None
#: empty, or one sentence for the user
CACHE_NOTE: Final = (
    "" if CACHE else "no folder for compiled kernels can be written: they are compiled afresh in every run"
)
