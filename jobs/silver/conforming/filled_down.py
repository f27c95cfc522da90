"""Cells that stand once above several rows: an order's number, day and customer on its first line alone."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from lakehouse.config.exports import Export
from lakehouse.sql.literal import identifier


def filled_down(lines: DataFrame, export: Export) -> DataFrame:
    """In the columns of the export's `fill_down`, give an empty cell the last value above it in its file.

    Args:
        lines: rows of bronze, with `_source_file` and `_source_line`.
    """
    if not export.fill_down:
        return lines
    above = Window.partitionBy("_source_file").orderBy("_source_line").rowsBetween(Window.unboundedPreceding, 0)
    filled = {}
    for name in export.fill_down:
        value = F.col(identifier(name))
        filled[name] = F.last(F.when(F.length(F.trim(value)) > 0, value), ignorenulls=True).over(above)
    return lines.withColumns(filled)
