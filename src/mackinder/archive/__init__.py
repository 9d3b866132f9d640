"""The run folder: manifest, Parquet tables, documents beside them, reading back, comparing scenarios."""

from mackinder.archive.compare import beside, compare
from mackinder.archive.documents import write_documents, write_table
from mackinder.archive.run import MANIFEST_SCHEMA, Run, read_run, write_run

__all__ = ["MANIFEST_SCHEMA", "Run", "beside", "compare", "read_run", "write_documents", "write_run", "write_table"]
