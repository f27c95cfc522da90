"""An order that a later delivery calls off: its newest version is one that the export's rules leave out.

Left out alone, the version from before would stand, and a cancelled order count for ever. So the newest version stands
as a cancellation without an amount. A rule that leaves out single lines of an order (postage) calls nothing off: the
order itself is in the same file.
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.silver.conforming.mapping import delivery_day

NOTHING = ("total_cents", "total_original_cents", "discount_cents", "line_count")


def with_called_off(units: DataFrame) -> DataFrame:
    """Make rows of left-out units that are newer than every version of their order that counts.

    Args:
        units: as for `with_outcome`, of silver.orders, stored rows beside new ones.
    """
    is_candidate = F.col("_discard").isNull() & (F.size("_reasons") == 0)
    is_left_out = F.col("_discard").isNotNull() & (F.size("_reasons") == 0) & F.col("order_id").isNotNull()
    # faulty units need no neighbours: each is alone, or one key would hold all of them
    alone = F.when(~(is_candidate | is_left_out), F.xxhash64("_source_file", "_source_line", "_item"))
    by_order = Window.partitionBy("order_id", alone)
    placed = units.withColumn("_place", place())
    newest = placed.withColumn("_newest", F.max(F.when(is_candidate, F.col("_place"))).over(by_order))
    calls_off = is_left_out & F.coalesce(F.col("_place") > F.col("_newest"), F.lit(False))
    marked = newest.withColumn("_calls_off", calls_off)
    zero = {name: F.when(F.col("_calls_off"), F.lit(0)).otherwise(F.col(name)) for name in NOTHING}
    kind = F.when(F.col("_calls_off"), "cancellation").otherwise(F.col("order_type"))
    rule = F.when(~F.col("_calls_off"), F.col("_discard"))
    made = marked.withColumns({**zero, "order_type": kind, "_discard": rule})
    return made.drop("_place", "_newest", "_calls_off")


def place() -> Column:
    """Where a version stands among others: by what its export says, then by its delivery; lines of a file are equal."""
    version = F.coalesce(F.col("version_number").cast("double"), F.lit(float("-inf")))
    return F.struct(version, delivery_day(), F.col("_run_date"), F.col("_source_file"))
