"""GeoParquet 1.1: a layer as one Parquet file with its geometry as WKB in WGS 84, for geopandas, DuckDB, QGIS and R.

Source: OGC GeoParquet specification 1.1.0. No clock: same layer, same bytes.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Final

from mackinder.exchange.geopackage import Layer, wkb

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["geoparquet_bytes"]

_GEOMETRY: Final = "geometry"
_KINDS: Final = {"POINT": "Point", "MULTILINESTRING": "MultiLineString"}


def geoparquet_bytes(layer: Layer) -> bytes:
    """Return a layer as a GeoParquet file; columns carry unit and description in their metadata.

    Coordinates are longitude and latitude in degrees on WGS 84 (OGC:CRS84, what the format takes where nothing is said).

    Parameters
    ----------
    layer : Layer

    Examples
    --------
    >>> import tempfile
    >>> from mackinder.case import read_case, scaffold
    >>> from mackinder.exchange.layers import case_layers
    >>> with tempfile.TemporaryDirectory() as room:
    ...     layers = case_layers(read_case(scaffold(f"{room}/three")))
    >>> geoparquet_bytes(layers[0])[:4]
    b'PAR1'
    """
    import pyarrow as pa  # noqa: PLC0415, RUF100 - the command line starts without it
    import pyarrow.parquet as pq  # noqa: PLC0415, RUF100

    columns = list(zip(*layer.rows, strict=True)) if layer.rows else [()] * len(layer.fields)
    arrays = [
        pa.array(
            [None if cell is None else bool(cell) for cell in cells] if field.type == "boolean" else cells,
            _type(pa, field.type),
        )
        for field, cells in zip(layer.fields, columns, strict=True)
    ]
    shapes = pa.array([wkb(layer.kind, shape) for shape in layer.shapes], pa.binary())
    fields = [
        pa.field(field.name, array.type, metadata={"description": field.text})
        for field, array in zip(layer.fields, arrays, strict=True)
    ]
    schema = pa.schema(
        [*fields, pa.field(_GEOMETRY, pa.binary())],
        metadata={"geo": json.dumps(_geo(layer)), "description": layer.description},
    )
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([*arrays, shapes], schema=schema), out, compression="zstd")
    return out.getvalue()


def _type(pa: Any, kind: str) -> pa.DataType:
    if kind == "number":
        return pa.float64()
    if kind == "integer":
        return pa.int64()
    return pa.bool_() if kind == "boolean" else pa.string()


def _geo(layer: Layer) -> dict[str, Any]:
    points = [point for shape in layer.shapes for part in shape for point in part]
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": [_KINDS[layer.kind]]}
    if points:
        x, y = zip(*points, strict=True)
        column["bbox"] = [min(x), min(y), max(x), max(y)]
    return {"version": "1.1.0", "primary_column": _GEOMETRY, "columns": {_GEOMETRY: column}}
