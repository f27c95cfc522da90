"""Units that cannot be used go to the table's quarantine, without their values."""

from collections.abc import Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.lake.lake import Lake


def is_to_publish(lake: Lake, aside: str, bronze: Sequence[str], count: int, is_rebuild: bool) -> bool:
    """Whether a quarantine has to be written: a repeated night does not write lines twice, a rebuild empties it.

    Args:
        aside: the quarantine.
        bronze: tables whose new lines were judged.
        count: lines that cannot be used.
    """
    if is_rebuild:
        return count > 0 or lake.exists(aside)
    written = lake.consumed(aside)
    return count > 0 and any(written.get(name) != lake.version(name) for name in bronze)


def publish(lake: Lake, aside: str, outcomes: DataFrame, run_date: date, is_rebuild: bool) -> None:
    """Write what cannot be used, with reasons and the rules by which it was judged."""
    columns = [c.name for c in lake.contracts[aside].columns]
    told = {"reasons": F.col("_reasons"), "line_count": F.col("_lines"), "rule_version": F.lit(lake.job_hash)}
    faulty = outcomes.where(F.size("_reasons") > 0).withColumns(told).select(*columns)
    lake.publish(aside, faulty, run_date, mode="replace" if is_rebuild else "append")


def emptied(lake: Lake, aside: str, run_date: date) -> None:
    """Empty a quarantine whose lines came with an export that is no more."""
    if lake.exists(aside):
        lake.publish(aside, lake.empty(aside), run_date, mode="replace")
