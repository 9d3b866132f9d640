"""`Case`: the tables and settings of a case, immutable."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from mackinder.case.schema import table_names, table_schema
from mackinder.case.settings import Settings, parse_settings
from mackinder.errors import UsageError, did_you_mean

__all__ = ["Case", "Tables"]


class Tables(Mapping[str, pd.DataFrame]):
    """A mapping of frames that hands out lazy copies: what a caller does to a frame never reaches the case.

    Under the copy-on-write rules of pandas 3 a shallow copy costs microseconds and shares memory until it is written.
    """

    __slots__ = ("_frames",)

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        self._frames = {name: frames[name].copy(deep=False) for name in sorted(frames)}

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._frames[name].copy(deep=False)

    def __contains__(self, name: object) -> bool:
        return name in self._frames

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    def __repr__(self) -> str:
        return f"Tables({', '.join(f'{name}: {len(frame)}' for name, frame in self._frames.items())})"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Case:
    """A case as read: every table, typed and sorted by id, and its settings.

    Two cases are equal if their settings and tables are; name, folder, digest and the line numbers of rows
    (``file_row``) do not count.

    Attributes
    ----------
    name : str
        Name of the folder.
    folder : Path
        Where it was read from; scenarios and other documents are found there.
    settings : Settings
        ``case.toml``.
    tables : Mapping of str to DataFrame
        One frame a table of the schema; handed out as copies.
    digest : str
        SHA-256 of the files, or of the parent's digest and the changed tables after `with_tables`.
    """

    name: str
    folder: Path
    settings: Settings
    tables: Mapping[str, pd.DataFrame]
    digest: str

    def table(self, name: str) -> pd.DataFrame:
        """Return one table.

        Raises
        ------
        UsageError
            If there is no such table.
        """
        if name not in self.tables:
            raise UsageError(did_you_mean(name, table_names(), what="table"))
        return self.tables[name]

    def with_tables(self, **tables: pd.DataFrame) -> Case:
        """Return a new case in which some tables are replaced.

        Parameters
        ----------
        **tables : DataFrame
            New frames by table name: columns as in the schema (``file_row`` is kept if it is there, else set to 0,
            "not from a file"); rows are sorted by id.

        Returns
        -------
        Case
            Same name, folder and settings; the digest follows from the old one and the new content.

        Raises
        ------
        UsageError
            If there is no such table, or a frame lacks a column.
        """
        if not tables:
            return self
        frames = dict(self.tables)
        digest = hashlib.sha256(self.digest.encode())
        for name in sorted(tables):
            self.table(name)  # an unknown name is told apart from a wrong frame
            frames[name] = _arranged(name, tables[name])
            digest.update(name.encode() + frame_bytes(frames[name]))
        return replace(self, tables=Tables(frames), digest=digest.hexdigest())

    def with_settings(self, **changed: object) -> Case:
        """Return a new case in which some settings are replaced.

        Parameters
        ----------
        **changed
            New values by key of ``case.toml``.

        Returns
        -------
        Case
            Same name, folder and tables; the digest follows from the old one and the new values. The case itself if no value
            is new.

        Raises
        ------
        CaseError
            If there is no such key, or it cannot have this value.
        """
        settings = parse_settings(self.settings.model_dump() | changed)
        if settings == self.settings:
            return self
        digest = hashlib.sha256(f"{self.digest} {settings.model_dump_json(include=set(changed))}".encode())
        return replace(self, settings=settings, digest=digest.hexdigest())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Case):
            return NotImplemented
        return (
            self.settings == other.settings
            and set(self.tables) == set(other.tables)
            and all(_same(frame, other.tables[name]) for name, frame in self.tables.items())
        )

    __hash__ = None  # type: ignore[assignment]  # equal by content, and content is not hashed on every look-up

    def __repr__(self) -> str:
        counts = {name: len(frame) for name, frame in self.tables.items()}
        main = ", ".join(f"{counts.get(name, 0)} {name}" for name in ("zones", "places", "links", "transfers", "facts"))
        return f"<Case {self.name!r}: {main}; evidence to {self.settings.newest_evidence}; {self.digest[:8]}>"


def frame_bytes(frame: pd.DataFrame) -> bytes:
    """Return the content of a frame as bytes, the same for equal frames (CSV without line numbers)."""
    return frame.drop(columns="file_row", errors="ignore").to_csv(index=False, lineterminator="\n").encode()


def _arranged(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    schema = table_schema(name)
    missing = [column for column in schema.header if column not in frame.columns]
    if missing:
        msg = f"table {name}: the frame has no column {', '.join(missing)}; start from case.table({name!r})"
        raise UsageError(msg)
    if "file_row" not in frame.columns:
        frame = frame.assign(file_row=0)
    return frame[[*schema.header, "file_row"]].sort_values(schema.id_column, kind="stable", ignore_index=True)


def _same(left: pd.DataFrame, right: pd.DataFrame) -> bool:
    return left.drop(columns="file_row").equals(right.drop(columns="file_row"))
