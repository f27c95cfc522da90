"""Mapped rows of an export without Spark: its expressions, translated and run by DuckDB over the first lines."""

from lakehouse.authoring.preview.mapping import NEEDS_SPARK, Preview, mapped
from lakehouse.authoring.preview.reading import Lines, decoded, lines
from lakehouse.sql.duckdb_engine import with_our_functions as connection

__all__ = ["NEEDS_SPARK", "Lines", "Preview", "connection", "decoded", "lines", "mapped"]
