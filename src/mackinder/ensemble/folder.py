"""The folder of a sweep while it grows: what it is of, its chunks with their hashes, each written whole or not at all (C137)."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from mackinder.ensemble.chunk import Packed
from mackinder.errors import RunError

__all__ = ["SWEEP_SCHEMA", "SweepFolder", "refuse_mixing"]

SWEEP_SCHEMA: Final = "mackinder.sweep/1"
_IDENTITY = "sweep.json"
_CHUNKS = "chunks.json"


def refuse_mixing(folder: Path) -> None:
    """Refuse to start a sweep where one has left chunks: asked before anything is computed.

    Raises
    ------
    RunError
        If there are chunks.
    """
    if (folder / _CHUNKS).exists():
        msg = f"{folder}: holds a sweep already; go on with --resume, or choose another folder with --out"
        raise RunError(msg)


class SweepFolder:
    """Chunks of a sweep on disk.

    Parameters
    ----------
    folder : Path
    identity : mapping
        All that the numbers depend on, by name.
    resume : bool
        Go on with what is there.

    Raises
    ------
    RunError
        If the folder cannot be written; if it holds a sweep and ``resume`` is false, or one of other inputs, or none to resume.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any], *, resume: bool) -> None:
        self.folder = folder
        self.identity = json.loads(json.dumps(identity))
        there = folder / _IDENTITY
        if not resume:
            refuse_mixing(folder)
        if there.exists() and resume:
            self._same_inputs(there)
        elif resume:
            msg = f"{folder}: no sweep to resume (no {_IDENTITY}); start it without --resume"
            raise RunError(msg)
        else:
            self._write(_IDENTITY, _json({"schema": SWEEP_SCHEMA, "inputs": self.identity}))
        self.done: dict[str, dict[str, str]] = self._sound() if resume else {}

    def _same_inputs(self, path: Path) -> None:
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            seen = document["inputs"] if document["schema"] == SWEEP_SCHEMA else None
        except (OSError, ValueError, KeyError, TypeError) as error:
            msg = f"{path}: cannot be read ({error}); start the sweep anew in another folder with --out"
            raise RunError(msg) from error
        if seen is None:
            msg = f"{path}: schema {document['schema']!r}, and this version goes on with {SWEEP_SCHEMA!r}; choose another folder"
            raise RunError(msg)
        other = sorted(k for k in {*seen, *self.identity} if seen.get(k) != self.identity.get(k))
        if other:
            shown = "; ".join(f"{k} was {_short(seen.get(k))}, is {_short(self.identity.get(k))}" for k in other[:4])
            msg = (
                f"{self.folder}: its inputs have changed, so its chunks cannot be mixed with new ones: {shown}. "
                f"Restore them, or start anew with another --out"
            )
            raise RunError(msg)

    def _sound(self) -> dict[str, dict[str, str]]:
        """Return the chunks that are listed, there, and as they were written."""
        path = self.folder / _CHUNKS
        if not path.exists():
            return {}
        try:
            listed: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {
            name: entry
            for name, entry in listed.items()
            if _hash(self.chunk_path(int(name))) == entry["sha256"] and self.keys_path(entry["keys"]).exists()
        }

    def chunk_path(self, chunk: int) -> Path:
        """Return where a chunk is."""
        return self.folder / "chunks" / f"{chunk:06d}.parquet"

    def keys_path(self, digest: str) -> Path:
        """Return where the keys of some chunks are."""
        return self.folder / "chunks" / f"keys-{digest}.parquet"

    def add(self, packed: Packed) -> None:
        """Keep a chunk: keys, data, then the list.

        Raises
        ------
        RunError
            If it cannot be written; all chunks before it are kept.
        """
        keys = self.keys_path(packed.digest)
        if not keys.exists():
            self._write(str(keys.relative_to(self.folder)), packed.keys)
        path = self.chunk_path(packed.chunk)
        self._write(str(path.relative_to(self.folder)), packed.data)
        entry = {"sha256": hashlib.sha256(packed.data).hexdigest(), "keys": packed.digest}
        self._write(_CHUNKS, _json(dict(sorted((self.done | {f"{packed.chunk:06d}": entry}).items()))))
        self.done[f"{packed.chunk:06d}"] = entry

    def _write(self, name: str, data: bytes) -> None:
        """Write a file under another name, make sure that it is on the disk, and rename it."""
        path = self.folder / name
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            kept = len(getattr(self, "done", {}))
            cure = f"the {kept} finished chunks are kept: free some room and go on with --resume" if kept else (
                "free some room, or choose another folder with --out"
            )  # fmt: skip
            msg = f"{path}: cannot be written ({error.strerror or error}); {cure}"
            raise RunError(msg) from error


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:12]}…"
