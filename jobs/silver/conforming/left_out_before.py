"""Versions of orders that the export's rules left out on earlier nights: silver keeps no row of them, bronze does.

A cancellation that came first, with no sale to call off, is not in the table. When its sale comes after all (a late
file, or an export that says which version is newer), the cancellation is set beside it again, so that the order ends
as it does when the sale comes first.
"""

from dataclasses import replace
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.silver.conforming.conform import Batch, with_judgement
from jobs.silver.conforming.rules import Rules
from jobs.silver.conforming.sources import Source
from lakehouse.delta import log as delta_log
from lakehouse.lake.lake import Lake
from lakehouse.ops import tables as ops_tables


def with_left_out_before(units: DataFrame, batch: Batch, rules: Rules) -> DataFrame:
    """Add earlier nights' left-out versions of the orders that come in now; nothing is read where none can matter."""
    old = [(source, rows) for source, _ in batch.lines if (rows := _earlier_lines(batch, source)) is not None]
    if not old:
        return units
    earlier = replace(batch, lines=old)
    judged = with_judgement(earlier.units(), earlier, rules)
    left_out = judged.where(F.col("_discard").isNotNull() & (F.size("_reasons") == 0))
    wanted = units.where(F.col("_discard").isNull()).select("order_id").distinct()
    same = left_out.join(F.broadcast(wanted), "order_id", "left_semi")
    counted = F.lit(0).cast("bigint")  # its lines, by an earlier night
    return units.unionByName(same.withColumns({"_lines": counted, "_first": counted}).select(units.columns))


def without_idle(units: DataFrame) -> DataFrame:
    """Take earlier versions out again that call nothing off."""
    is_recalled = (F.col("_lines") == 0) & ~F.col("_is_stored")
    return units.where(~(is_recalled & F.col("_discard").isNotNull()))


def _earlier_lines(batch: Batch, source: Source) -> DataFrame | None:
    """What bronze had when the table last read it; None where no sale of now can be older than what was left out."""
    lake, name = batch.lake, source.export.name
    since = batch.since(name)
    if since is None or not source.target.discard or not (source.export.version or _has_late_file(lake, batch, name)):
        return None
    return lake.read(f"bronze.{name}", since).withColumn("_version", F.lit(since).cast("bigint"))


def _has_late_file(lake: Lake, batch: Batch, export: str) -> bool:
    """Whether a file of the nights since the last publish is of an earlier day than one that was taken before."""
    last = delta_log.last_publish(lake.source(batch.table), lake.version(batch.table))
    where = [("export", "=", export), ("state", "=", "received")]
    events = ops_tables.read(lake.path("ops.files"), ["path", "run_date"], where)
    if last is None or not events:
        return False
    taken = date.fromisoformat(last.recorded["run_date"])
    before = [event["path"][:10] for event in events if event["run_date"] <= taken]
    new = [event["path"][:10] for event in events if event["run_date"] >= taken]
    return bool(before and new) and min(new) < max(before)
