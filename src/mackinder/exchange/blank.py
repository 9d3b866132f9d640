"""A GeoPackage with room for numbers: whoever has the numbers writes them in place, and needs no SQLite for it.

A page that was mailed has no server to ask for a file. It is given a whole GeoPackage whose numbers are marks, each of which
stands in the file once, and the places of the marks. A number of SQLite is eight bytes, big-endian, and one that is not a
number is read as NULL (SQLite file format 2.1), so that filling in moves nothing else.
"""

from __future__ import annotations

import datetime as dt
import struct
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mackinder.errors import ExchangeError
from mackinder.exchange.fields import Field
from mackinder.exchange.geopackage import Layer, Shape, write_geopackage
from mackinder.exchange.qgis import shown_style

__all__ = ["NOTE_BYTES", "NUMBERS", "Blank", "blank_links"]

#: numbers of a row, in the order in which they stand in the file
NUMBERS: Final = ("median", "low_5", "high_95")
#: room for what the layer shows, UTF-8, filled up with spaces
NOTE_BYTES: Final = 240
_MARK: Final = b"\x40\x5amk"  # the numbers from 105.7: never whole, which SQLite would write shorter
_FIELDS: Final = (
    Field(name="link", type="string", unit="", description="link id"),
    Field(name="label", type="string", unit="", description="display name"),
    Field(name="mode", type="string", unit="", description="mode of transport"),
    Field(name="holder", type="string", unit="", description="whose ground it is"),
    Field(
        name="median", type="number", unit="Mt/yr", description="median over draws, as shown; empty where nothing is"
    ),
    Field(name="low_5", type="number", unit="Mt/yr", description="5 % point over draws"),
    Field(name="high_95", type="number", unit="Mt/yr", description="95 % point over draws"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """A file to be filled in.

    Attributes
    ----------
    content : bytes
        The GeoPackage.
    at : tuple of int
        First byte of the numbers of each row: `NUMBERS`, eight bytes each.
    note_at : int
        First byte of the description of the layer, `NOTE_BYTES` long.
    """

    content: bytes
    at: tuple[int, ...]
    note_at: int

    def filled(self, numbers: Sequence[Sequence[float]], note: str) -> bytes:
        """Return the file with its numbers: what the page does, for those who have Python.

        Parameters
        ----------
        numbers : sequence of (median, low, high), one a row
            nan where there is none.
        note : str
            What is shown; cut to the room there is.
        """
        content = bytearray(self.content)
        for at, row in zip(self.at, numbers, strict=True):
            content[at : at + 24] = struct.pack(">3d", *row)
        words = note.encode()[:NOTE_BYTES].decode(errors="ignore").encode()
        content[self.note_at : self.note_at + NOTE_BYTES] = words.ljust(NOTE_BYTES)
        return bytes(content)


def blank_links(rows: Sequence[tuple[str, str, str, str]], shapes: Sequence[Shape], *, day: dt.date) -> Blank:
    """Return a layer ``shown`` of links without its numbers.

    Parameters
    ----------
    rows : sequence of (link, label, mode, holder)
    shapes : sequence of Shape
        Longitude and latitude in degrees.
    day : date
        The day that the file states for its content.

    Raises
    ------
    ExchangeError
        If a place is nowhere on Earth, or a mark does not stand in the file exactly once.
    """
    marks = [_marks(row) for row in range(len(rows))]
    layer = Layer(
        name="shown",
        kind="MULTILINESTRING",
        description="~" * NOTE_BYTES,
        fields=_FIELDS,
        rows=[(*row, *struct.unpack(">3d", mark)) for row, mark in zip(rows, marks, strict=True)],
        shapes=shapes,
        style=shown_style(),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shown.gpkg"
        write_geopackage(path, [layer], last_change=day)
        content = path.read_bytes()
    return Blank(content=content, at=_places(content, marks), note_at=_places(content, [b"~" * NOTE_BYTES])[0])


def _marks(row: int) -> bytes:
    return b"".join(_MARK + (len(NUMBERS) * row + column + 1).to_bytes(4, "big") for column in range(len(NUMBERS)))


def _places(content: bytes, marks: Sequence[bytes]) -> tuple[int, ...]:
    """Where each mark stands; SQLite keeps the cells of a page back to front, so that all of it is searched."""
    found = []
    for mark in marks:
        at = content.find(mark)
        if at < 0 or content.find(mark, at + 1) >= 0:
            msg = "a mark of the blank GeoPackage is not in it exactly once; tell the authors which case it was"
            raise ExchangeError(msg)
        found.append(at)
    return tuple(found)
