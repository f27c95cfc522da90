"""An export that is written in parts: an order whose lines lie on both sides of a cut is one order.

Files of one delivery whose names differ by a number alone are parts of one another where the last order of one is the
first of the next. Any other order that two files tell is told twice, and the later file's version counts.
"""

import re
from collections import Counter

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.silver.conforming.mapping import delivery_day
from lakehouse.lake.lake import Lake
from lakehouse.ops import tables as ops_tables

BEHIND = 1_000_000_000  # lines of the second part stand behind those of the first


def has_parts(lake: Lake, export: str) -> bool:
    """Whether two received files of one delivery differ in their names by a number alone."""
    where = [("export", "=", export), ("state", "=", "received")]
    events = ops_tables.read(lake.path("ops.files"), ["path"], where)
    patterns = Counter((event["path"][:10], re.sub(r"\d+", "#", event["path"][10:])) for event in events)
    return any(count > 1 for count in patterns.values())


def with_parts_joined(lines: DataFrame, key: Column) -> DataFrame:
    """Count the lines of an order behind a cut to the file before it.

    Args:
        lines: with `_rule`; `_own_file` is added, the file that a line really stands in.
        key: the order's number, as text.
    """
    keyed = lines.withColumn("_own_file", F.col("_source_file")).withColumn("_part_key", key)
    rows = keyed.where(F.col("_rule").isNull() & F.col("_part_key").isNotNull())
    ends = rows.groupBy("_source_file", "_file_id", "_run_date").agg(
        F.min_by("_part_key", "_source_line").alias("_first_key"),
        F.max_by("_part_key", "_source_line").alias("_last_key"),
    )
    parts = Window.partitionBy(delivery_day(), pattern(F.col("_source_file"))).orderBy(
        F.length("_source_file"), "_source_file"
    )
    before = {name: F.lag(name).over(parts) for name in ("_source_file", "_file_id", "_run_date", "_last_key")}
    cuts = ends.select(
        F.col("_source_file").alias("_own_file"),
        F.col("_first_key").alias("_part_key"),
        *[value.alias(f"_whole{name}") for name, value in before.items()],
    ).where(F.col("_part_key") == F.col("_whole_last_key"))
    joined = keyed.join(F.broadcast(cuts), ["_own_file", "_part_key"], "left")
    is_behind = F.col("_whole_source_file").isNotNull() & F.col("_rule").isNull()
    moved = {
        name: F.when(is_behind, F.col(f"_whole{name}")).otherwise(F.col(name))
        for name in ("_source_file", "_file_id", "_run_date")
    }
    line = F.col("_source_line") + F.when(is_behind, BEHIND).otherwise(0)
    return joined.withColumns(moved | {"_source_line": line}).select(*lines.columns, "_own_file")


def pattern(file: Column) -> Column:
    """A file's path without its numbers: parts of one delivery share it."""
    return F.regexp_replace(file, r"\d+", "#")


def is_part_of(file: Column, other: Column) -> Column:
    """Whether two files of one delivery may be parts of one another."""
    day = r"^(\d{4}-\d{2}-\d{2})/"
    same_day = F.regexp_extract(file, day, 1) == F.regexp_extract(other, day, 1)
    return same_day & (pattern(file) == pattern(other))
