"""Documents and further tables beside those of a run: JSON files that its report shows, and what they are made from."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mackinder.errors import RunError

__all__ = ["write_documents", "write_table"]


def write_documents(folder: str | Path, documents: Mapping[str, Mapping[str, Any]], *, schema: str) -> None:
    """Write documents into the folder of a run, each under a temporary name first.

    Those of the same schema that an earlier run left there are removed; what somebody else wrote stays.

    Parameters
    ----------
    folder : str or Path
    documents : mapping of str to mapping
        File stem and document.
    schema : str
        Of all of them, under their key ``schema``.

    Raises
    ------
    RunError
        If the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_documents(folder, {"claims": {"schema": "s/1", "rows": []}}, schema="s/1")
    ...     write_documents(folder, {}, schema="s/1")
    ...     list(Path(folder).iterdir())
    []
    """
    folder = Path(folder)
    try:
        for path in folder.glob("*.json"):
            if path.stem not in documents and _schema_of(path) == schema:
                path.unlink()
        for name, document in documents.items():
            part = folder / f".{name}.{os.getpid()}.part"
            part.write_text(
                json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
            )
            part.replace(folder / f"{name}.json")
    except OSError as error:
        msg = f"{folder}: documents of the run cannot be written ({error.strerror or error}); free some room, or choose --out"
        raise RunError(msg) from error


def write_table(folder: str | Path, name: str, frame: pd.DataFrame | None) -> None:
    """Write one further table into the folder of a run, under a temporary name first; None removes it.

    Raises
    ------
    RunError
        If the folder cannot be written.
    """
    path = Path(folder) / f"{name}.parquet"
    try:
        if frame is None:
            path.unlink(missing_ok=True)
            return
        part = path.with_name(f".{name}.{os.getpid()}.part")
        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
        pq.write_table(table, part, compression="zstd")
        part.replace(path)
    except OSError as error:
        msg = f"{path} cannot be written ({error.strerror or error}); free some room, or choose --out"
        raise RunError(msg) from error


def _schema_of(path: Path) -> str:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(found.get("schema", "")) if isinstance(found, dict) else ""
