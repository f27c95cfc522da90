"""Mapped rows of an export without Spark: its expressions, translated and run by DuckDB over the first lines."""

from jobs.preview.duck import connection
from jobs.preview.mapping import NEEDS_SPARK, Preview, mapped
from jobs.preview.reading import Lines, decoded, lines

__all__ = ["NEEDS_SPARK", "Lines", "Preview", "connection", "decoded", "lines", "mapped"]
