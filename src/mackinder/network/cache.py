"""Route sets are kept in the user's cache, named by the hash of everything they depend on."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pathlib
import zipfile
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mackinder.kernels import SOURCE_HASH, cache_folder
from mackinder.network.records import Network, PriceDraws
from mackinder.network.routes import RouteSet, build_route_set

__all__ = ["kept", "route_set", "route_set_key"]


def route_set_key(
    network: Network,
    prices: PriceDraws,
    coalitions: Sequence[Sequence[str]],
    scarcity: NDArray[np.float64] | None = None,
) -> str:
    """Return the hash of network, pilot prices, coalitions, scarcity, and the sources of kernels and network layer."""
    digest = hashlib.sha256(SOURCE_HASH.encode())
    for path in sorted(pathlib.Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    _feed(digest, network)
    _feed(digest, prices)
    digest.update(repr([list(group) for group in coalitions]).encode())
    if scarcity is not None:
        _feed(digest, scarcity)
    return digest.hexdigest()


def _feed(digest: hashlib._Hash, value: object) -> None:
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            digest.update(field.name.encode())
            _feed(digest, getattr(value, field.name))
    elif isinstance(value, np.ndarray):
        digest.update(str((value.dtype, value.shape)).encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    else:
        digest.update(repr(value).encode())


def route_set(
    network: Network,
    prices: PriceDraws,
    coalitions: Sequence[Sequence[str]],
    *,
    threads: int,
    scarcity: NDArray[np.float64] | None = None,
) -> tuple[RouteSet, bool]:
    """Return the route set of a network, from the cache if it is there, and whether it was.

    A file that cannot be read is built anew; where no file can be written the set is built in every run.
    """
    key = route_set_key(network, prices, coalitions, scarcity)
    return kept(key, lambda: build_route_set(network, prices, coalitions, threads=threads, scarcity=scarcity))


def kept(key: str, build: Callable[[], RouteSet]) -> tuple[RouteSet, bool]:
    """Return the route set kept under a key, or build it and keep it; and whether it was kept."""
    folder = cache_folder("routes")
    path = None if folder is None else folder / f"{key}.npz"
    if path is not None and path.exists():
        stored = _read(path)
        if stored is not None:
            return stored, True
    built = build()
    if path is not None:
        _write(path, built)
    return built, False


def _read(path: pathlib.Path) -> RouteSet | None:
    try:
        with path.open("rb") as file, np.load(file) as stored:  # closed even if numpy gives up half way
            arrays = dict(stored)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
    dropped = int(arrays.pop("dropped"))
    return RouteSet(**arrays, dropped=dropped)


def _write(path: pathlib.Path, routes: RouteSet) -> None:
    arrays = {field.name: getattr(routes, field.name) for field in dataclasses.fields(routes)}
    part = path.with_name(f"{path.stem}.{os.getpid()}.part.npz")
    try:
        np.savez(part, **arrays)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
