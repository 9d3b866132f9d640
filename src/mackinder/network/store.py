"""Keep a compiled network in the user's cache, so that asking for a route need not read the tables again."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mackinder.network import records

__all__ = ["load_records", "save_records"]

_CLASSES = {
    c.__name__: c
    for c in (
        records.GoodsPrices, records.Graph, records.Labels, records.Network, records.PriceDraws, records.Regimes,
        records.StateKey,
    )
}  # fmt: skip


def save_records(path: pathlib.Path, **values: object) -> None:
    """Write records to one file, under a temporary name first; a cache that cannot be written is no error."""
    arrays: dict[str, NDArray[Any]] = {}
    tree = json.dumps({name: _pack(value, arrays) for name, value in values.items()})
    part = path.with_name(f"{path.stem}.{os.getpid()}.part.npz")
    try:
        np.savez(part, tree=np.array(tree), **arrays)  # type: ignore[arg-type]  # the stubs take every keyword for allow_pickle
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)


def load_records(path: pathlib.Path) -> dict[str, Any] | None:
    """Read records back, or return None if the file is missing or damaged."""
    try:
        with path.open("rb") as file, np.load(file) as stored:  # closed even if numpy gives up half way
            arrays = dict(stored)
        tree = json.loads(str(arrays.pop("tree")))
        return {name: _unpack(value, arrays) for name, value in tree.items()}
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile):
        return None


def _pack(value: object, arrays: dict[str, NDArray[Any]]) -> object:
    if isinstance(value, np.ndarray):
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _pack(getattr(value, f.name), arrays) for f in dataclasses.fields(value)}
        return {"record": type(value).__name__, "fields": fields}
    if isinstance(value, tuple):
        return {"tuple": [_pack(item, arrays) for item in value]}
    return value


def _unpack(value: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    if "tuple" in value:
        return tuple(_unpack(item, arrays) for item in value["tuple"])
    return _CLASSES[value["record"]](**{k: _unpack(v, arrays) for k, v in value["fields"].items()})
