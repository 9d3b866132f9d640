"""GeoPackage 1.3 by SQLite alone: layers of points and lines in WGS 84, written and read back.

Two writes of the same layers give the same bytes with the same SQLite library: no clock, and ``last_change`` is an
argument. Columns carry descriptions (extension ``gpkg_schema``), layers a QGIS style (table ``layer_styles``).
Spatial indexes are left out: readers scan the few thousand features of a case at once.

Source: OGC 12-128r17, GeoPackage Encoding Standard 1.3; numbers of requirements in the comments.
"""

from __future__ import annotations

import contextlib
import sqlite3
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from mackinder.errors import ExchangeError, UsageError, did_you_mean
from mackinder.exchange.fields import Cell, Field

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

__all__ = ["Layer", "Point", "Shape", "read_geopackage_layer", "wkb", "write_geopackage"]

#: longitude and latitude in degrees
Point = tuple[float, float]
#: parts of a line, or one part of one point
Shape = tuple[tuple[Point, ...], ...]

APPLICATION_ID: Final = 0x47504B47  # "GPKG", req. 2
USER_VERSION: Final = 10300
SRS: Final = 4326
_SQL_TYPES: Final = {
    "string": "TEXT",
    "list": "TEXT",
    "date": "DATE",
    "number": "DOUBLE",
    "integer": "INTEGER",
    "boolean": "BOOLEAN",
}
_WGS84: Final = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,'
    'AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]'
)
# Annex C of the standard, table by table; `layer_styles` is what QGIS itself writes.
_DDL: Final = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
  definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
  description TEXT, mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT,
  min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
  styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME);
"""
_SCHEMA_EXTENSION: Final = ("gpkg_schema", "http://www.geopackage.org/spec121/#extension_schema", "read-write")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A table of features.

    Attributes
    ----------
    name : str
        Name of the table.
    kind : {"POINT", "MULTILINESTRING"}
        Lines are multi-part because one that crosses the antimeridian has two parts.
    description : str
        What it shows, in a sentence.
    fields : tuple of Field
        Columns; ``fid`` and ``geom`` are added.
    rows : list of tuple, n rows of len(fields) values
    shapes : list of Shape, n
        Longitude and latitude in degrees.
    style : str
        QGIS style (QML); empty = none.
    """

    name: str
    kind: Literal["POINT", "MULTILINESTRING"]
    description: str
    fields: tuple[Field, ...]
    rows: Sequence[tuple[Cell, ...]]
    shapes: Sequence[Shape]
    style: str = ""


def write_geopackage(path: Path, layers: Sequence[Layer], *, last_change: dt.date) -> None:
    """Write layers to a new file.

    Parameters
    ----------
    path : Path
        Where to; must not exist. The caller renames it when it is whole.
    layers : sequence of Layer
    last_change : date
        The day that the file states for its content.

    Raises
    ------
    ExchangeError
        If the file exists, names are not usable, or SQLite fails.
    """
    if path.exists():
        msg = f"{path}: exists already; remove it first"
        raise ExchangeError(msg)
    for layer in layers:
        _check(layer)
    _check_names("layers", [layer.name for layer in layers])
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            _fill(db, layers, f"{last_change.isoformat()}T00:00:00.000Z")
    except sqlite3.Error as error:
        msg = f"{path}: cannot be written ({error}); free some room, or choose another folder"
        raise ExchangeError(msg) from error


def _fill(db: sqlite3.Connection, layers: Sequence[Layer], day: str) -> None:
    # secure_delete zeroes what SQLite frees: nothing of an earlier page is left in the bytes.
    for pragma in (
        "page_size = 4096",
        "encoding = 'UTF-8'",
        "journal_mode = OFF",
        "secure_delete = ON",
        f"application_id = {APPLICATION_ID}",
        f"user_version = {USER_VERSION}",
    ):
        db.execute(f"PRAGMA {pragma}")
    db.execute("BEGIN")
    for statement in filter(None, map(str.strip, _DDL.split(";"))):
        db.execute(statement)
    db.executemany(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)",
        [
            ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian coordinate reference system"),
            ("Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic coordinate reference system"),
            ("WGS 84 geodetic", SRS, "EPSG", SRS, _WGS84, "longitude and latitude in degrees on the WGS 84 spheroid"),
        ],
    )
    db.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, ?)",
        [(table, *_SCHEMA_EXTENSION) for table in ("gpkg_data_columns", "gpkg_data_column_constraints")],
    )
    for layer in layers:
        _add_layer(db, layer, day)
    db.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) VALUES (?, ?, ?, ?, ?)",
        ("layer_styles", "attributes", "layer_styles", "Styles that QGIS loads with the layers", day),
    )
    db.execute("COMMIT")


def _add_layer(db: sqlite3.Connection, layer: Layer, day: str) -> None:
    table = quoted(layer.name)
    columns = "".join(f", {quoted(f.name)} {_SQL_TYPES[f.type]}" for f in layer.fields)
    db.execute(f"CREATE TABLE {table} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom {layer.kind}{columns})")
    marks = ", ?" * (len(layer.fields) + 1)
    db.executemany(
        f"INSERT INTO {table} VALUES (NULL{marks})",
        (
            (_blob(layer.kind, shape), *row) for shape, row in zip(layer.shapes, layer.rows, strict=True)
        ),
    )  # fmt: skip
    x, y = _coordinates(layer.shapes)
    box = (min(x), min(y), max(x), max(y)) if x else (None,) * 4
    db.execute(
        "INSERT INTO gpkg_contents VALUES (?, 'features', ?, ?, ?, ?, ?, ?, ?, ?)",
        (layer.name, layer.name, layer.description, day, *box, SRS),
    )
    db.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)", (layer.name, layer.kind, SRS))
    db.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, description) VALUES (?, ?, ?)",
        [(layer.name, field.name, field.text) for field in layer.fields if field.text],
    )
    if layer.style:
        db.execute(
            "INSERT INTO layer_styles VALUES (NULL, '', '', ?, 'geom', ?, ?, NULL, 1, ?, '', NULL, ?)",
            (layer.name, layer.name, layer.style, f"default style of {layer.name}", day),
        )


def quoted(name: str) -> str:
    """Return a name as an SQL identifier, whatever it holds.

    Examples
    --------
    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def _check(layer: Layer) -> None:
    _check_names(f"columns of {layer.name}", ["fid", "geom", *(field.name for field in layer.fields)])
    if layer.name.lower().startswith(("gpkg_", "sqlite_", "rtree_")) or layer.name.lower() == "layer_styles":
        msg = f"layer {layer.name!r}: such names belong to the format; choose another"
        raise ExchangeError(msg)
    for row, shape in enumerate(layer.shapes):
        for lon, lat in (point for part in shape for point in part):
            if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):  # also refuses NaN
                msg = f"layer {layer.name}, row {row + 1}: longitude {lon}, latitude {lat} is nowhere on Earth; correct the place"
                raise ExchangeError(msg)


def _check_names(what: str, names: Sequence[str]) -> None:
    bad = [name for name in names if not name.strip() or "\0" in name]
    seen = [name.lower() for name in names]  # SQLite ignores case
    twice = sorted({name for name in seen if seen.count(name) > 1})
    if bad or twice:
        msg = f"{what}: {'names are empty or hold a null character' if bad else 'twice ' + ', '.join(twice)}; rename"
        raise ExchangeError(msg)


def _coordinates(shapes: Iterable[Shape]) -> tuple[list[float], list[float]]:
    points = [point for shape in shapes for part in shape for point in part]
    return [lon for lon, _ in points], [lat for _, lat in points]


def _blob(kind: str, shape: Shape) -> bytes:
    """Encode a geometry: header with envelope (lines only), then little-endian WKB (req. 19)."""
    if kind == "POINT":
        return b"GP\x00\x01" + struct.pack("<i", SRS) + wkb(kind, shape)
    x, y = _coordinates([shape])
    return b"GP\x00\x03" + struct.pack("<i4d", SRS, min(x), max(x), min(y), max(y)) + wkb(kind, shape)


def wkb(kind: str, shape: Shape) -> bytes:
    """Encode a point or a multi-part line as little-endian well-known binary.

    Examples
    --------
    >>> wkb("POINT", (((44.5, 40.2),),)).hex()[:10]
    '0101000000'
    """
    if kind == "POINT":
        return struct.pack("<BIdd", 1, 1, *shape[0][0])
    lines = b"".join(
        struct.pack(f"<BII{2 * len(part)}d", 1, 2, len(part), *(v for point in part for v in point)) for part in shape
    )
    return struct.pack("<BII", 1, 5, len(shape)) + lines


def read_geopackage_layer(path: str | Path, layer: str) -> pd.DataFrame:
    """Read a layer of a file that `write_geopackage` wrote.

    Parameters
    ----------
    path : str or Path
    layer : str
        Name of the layer.

    Returns
    -------
    DataFrame
        Columns of the layer without ``fid``: text is str ('' = missing), numbers float64, integers Int64, booleans
        boolean; and ``geom``: `Shape`, longitude and latitude in degrees.

    Raises
    ------
    ExchangeError
        If the file is no GeoPackage, or a geometry is neither a point nor a multi-part line in this encoding.
    UsageError
        If there is no such layer.
    """
    import pandas as pd  # noqa: PLC0415, RUF100 - only who reads pays for it

    path = Path(path)
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            if db.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
                msg = f"{path}: not a GeoPackage (another application id); export it again"
                raise ExchangeError(msg)
            known = [name for (name,) in db.execute("SELECT table_name FROM gpkg_geometry_columns")]
            if layer not in known:
                raise UsageError(did_you_mean(layer, known, what=f"layer of {path.name}"))
            types = {name: kind for _, name, kind, *_ in db.execute(f"PRAGMA table_info({quoted(layer)})")}
            rows = db.execute(f"SELECT * FROM {quoted(layer)} ORDER BY fid").fetchall()
    except sqlite3.Error as error:
        msg = f"{path}: cannot be read as a GeoPackage ({error}); export it again"
        raise ExchangeError(msg) from error
    frame = pd.DataFrame(rows, columns=pd.Index(list(types)), dtype=object)
    dtypes = {"DOUBLE": "float64", "INTEGER": "Int64", "BOOLEAN": "boolean"}
    out = {}
    for name, kind in types.items():
        if name == "geom":
            out[name] = pd.Series([_shape(blob, f"{path}, {layer}") for blob in frame[name]], dtype=object)
        elif kind in dtypes:
            out[name] = frame[name].astype(dtypes[kind])
        elif name != "fid":
            out[name] = frame[name].fillna("").astype("str")
    return pd.DataFrame({name: out[name] for name in types if name != "fid"})


def _shape(blob: bytes, where: str) -> Shape:
    try:
        return _decode(blob)
    except (struct.error, KeyError, TypeError) as error:
        msg = f"{where}: a geometry is not one that this version writes ({error}); export it again"
        raise ExchangeError(msg) from error


def _decode(blob: bytes) -> Shape:
    magic, flags, srs = struct.unpack_from("<3sBi", blob)
    envelope = {1: 0, 3: 32}[flags]  # little-endian, without and with an envelope of four
    order, kind = struct.unpack_from("<BI", blob, 8 + envelope)
    if (magic, srs) != (b"GP\x00", SRS) or (order, kind) not in {(1, 1), (1, 5)}:
        raise KeyError(magic, srs, order, kind)
    at = 8 + envelope + 5
    if kind == 1:
        return ((struct.unpack_from("<dd", blob, at),),)
    (count,) = struct.unpack_from("<I", blob, at)
    at, parts = at + 4, []
    for _ in range(count):
        (n,) = struct.unpack_from("<I", blob, at + 5)
        flat = struct.unpack_from(f"<{2 * n}d", blob, at + 9)
        parts.append(tuple(zip(flat[::2], flat[1::2], strict=True)))
        at += 9 + 16 * n
    return tuple(parts)
