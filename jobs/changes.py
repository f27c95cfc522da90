"""The rows that nights added to a table since a version: from the files themselves, else from its change feed."""

from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import disk_tables

if TYPE_CHECKING:
    from jobs.lake import Lake


def new_rows(lake: "Lake", table: str, since: int | None) -> DataFrame:
    """See `Lake.new_rows`."""
    newest = lake.pin(table)
    if since is None or newest is None:
        return lake.read(table).withColumn("_version", F.lit(newest).cast("bigint"))
    if since >= newest:
        return lake.read(table).where(F.lit(False)).withColumn("_version", F.lit(newest).cast("bigint"))
    if lake.is_local and (rows := disk_tables.appended(lake.spark, lake.source(table), since, newest)) is not None:
        return rows
    changed = (
        lake.spark.read.format("delta")
        .option("readChangeFeed", "true")
        .option("startingVersion", since + 1)
        .option("endingVersion", newest)
        .load(lake.source(table))
    )
    return (
        changed.where("_change_type = 'insert'")
        .withColumnRenamed("_commit_version", "_version")
        .drop("_change_type", "_commit_timestamp")
    )
