"""The rows that nights added to a table since a version: from the files themselves, else from its change feed.

A replay's own tables count their versions anew, from a clone of the base on; `in_replay` translates.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.delta import log as delta_log
from lakehouse.delta import rs_tables
from lakehouse.lake.snapshot import Snapshot
from lakehouse.ops.run_log import Base

FEED = "delta.enableChangeDataFeed"
CLONED = 0  # the version that a clone of the base is


def new_rows(lake: Snapshot, table: str, since: int | None) -> DataFrame:
    """See `Lake.new_rows`."""
    newest = lake.pin(table)
    if since is None or newest is None:
        return lake.read(table).withColumn("_version", F.lit(newest).cast("bigint"))
    if since >= newest:
        return lake.read(table).where(F.lit(False)).withColumn("_version", F.lit(newest).cast("bigint"))
    if lake.is_near and (rows := rs_tables.appended(lake.spark, lake.source(table), since, newest)) is not None:
        return rows
    if lake.contracts[table].properties.get(FEED) != "true":
        return _of_files(lake, table, since, newest)
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


def _of_files(lake: Snapshot, table: str, since: int, newest: int) -> DataFrame:
    """Rows of the files that append commits added, for a table that keeps no change feed; files of a commit stay."""
    source = lake.source(table)
    schema = lake.spark.read.format("delta").option("versionAsOf", newest).load(source).schema
    rows = lake.read(table).where(F.lit(False)).withColumn("_version", F.lit(newest).cast("bigint"))
    for version in range(since + 1, newest + 1):
        files = [f"{source}/{name}" for name in delta_log.files_added(source, version)]
        if files:
            added = lake.spark.read.schema(schema).parquet(*files)
            rows = rows.unionByName(added.withColumn("_version", F.lit(version).cast("bigint")))
    return rows


def in_replay(lake: Snapshot, base: Base, consumed: dict[str, int]) -> dict[str, int]:
    """Input versions that a table of the base had read, as the replay counts them.

    Left out is an input that the replay has made without the base's rows: nothing says what is new in it.
    """
    pinned = {}
    for table, version in consumed.items():
        own = lake.path(table)
        if lake.source(table) != own:
            pinned[table] = version
        elif version == base.versions.get(table) and delta_log.commit(own, CLONED).operation == "CLONE":
            pinned[table] = CLONED
    return pinned
