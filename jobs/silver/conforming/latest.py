"""Which of several units of one key is the row: the newest version of a thing, the first of an event.

Rows that are stored already stand in the same order as the new ones, so a night, a late file and a rebuild
from all files end in the same table.
"""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F

from jobs.silver.conforming.mapping import ENGINE, delivery_day
from lakehouse.contracts.contract import Contract

ARRIVAL = ("_run_date", "_source_file", "_source_line", "_item")


@dataclass(frozen=True)
class Order:
    """How the versions of one key stand to each other.

    Args:
        source_time: columns that order versions before their delivery's day and arrival do; a NULL is oldest.
        last_resort: a boolean column; a version where it is true is older than every other.
        stricter_without: a boolean column; of versions of the same source time, or without one of the same delivery
            day, the one where it is false is the newest.
        is_event: the first to arrive stays, since what happened does not change; else the newest wins.
        repeats: a version equal to the one before it changes nothing and is dropped.
    """

    source_time: tuple[str, ...] = ()
    last_resort: str = ""
    stricter_without: str = ""
    is_event: bool = False
    repeats: bool = True


def with_outcome(units: DataFrame, contract: Contract, order: Order) -> DataFrame:
    """Settle which unit of each key is the row.

    Args:
        units: contract columns, `_item`, `_discard` (rule or NULL), `_reasons` (ARRAY<STRING>), `_is_stored`.

    Returns:
        the same with `_discard` filled for units that lose (exact_duplicate, superseded, already_recorded),
        and `_is_known`, whether the table has the key already.
    """
    is_candidate = F.col("_discard").isNull() & (F.size("_reasons") == 0)
    # units that are out already need no neighbours: each is alone, or one key would hold all of them
    alone = F.when(~is_candidate, F.xxhash64("_source_file", "_source_line", "_item"))
    by_key = Window.partitionBy(*contract.key, alone)
    in_order = by_key.orderBy(*sequence(order))
    numbered = (
        units.withColumn("_content", content(contract))
        .withColumn("_number", F.row_number().over(in_order))
        .withColumn(
            "_is_repeat",
            F.coalesce(before(in_order, order) == F.col("_content"), F.lit(False)) & F.lit(order.repeats),
        )
        .withColumn("_is_known", F.max("_is_stored").over(by_key))
    )
    fresh = F.when(~F.col("_is_repeat"), F.col("_number"))
    winner = F.lit(1) if order.is_event else F.max(fresh).over(by_key)
    judged = numbered.withColumn("_winner", winner)
    loses = F.when(F.col("_is_repeat"), "exact_duplicate").when(
        F.col("_number") != F.col("_winner"), "already_recorded" if order.is_event else "superseded"
    )
    return judged.withColumn("_discard", F.when(is_candidate, loses).otherwise(F.col("_discard"))).drop(
        "_content", "_number", "_is_repeat", "_winner"
    )


def sequence(order: Order) -> list[Column]:
    """Oldest first."""
    stand_ins = [F.col(order.last_resort).desc_nulls_first()] if order.last_resort else []
    times = [F.col(name).asc_nulls_first() for name in order.source_time]
    if order.stricter_without:
        stricter = F.col(order.stricter_without)
        dated = F.coalesce(*(F.col(name).isNotNull() for name in order.source_time), F.lit(False))
        times += [F.when(dated, stricter).desc(), delivery_day().asc(), stricter.desc()]
    return stand_ins + times + [delivery_day().asc()] + [F.col(name).asc_nulls_first() for name in ARRIVAL]


def before(in_order: WindowSpec, order: Order) -> Column:
    """The content that a unit is compared with: the first one's for an event, else the one's before."""
    if order.is_event:
        return F.when(F.col("_number") > 1, F.first("_content").over(in_order))
    return F.lag("_content").over(in_order)


def content(contract: Contract) -> Column:
    """64-bit hash of what a row says, without where it came from; a NULL counts by its place."""
    names = [c.name for c in contract.columns if c.name not in contract.key and c.name not in ENGINE[1:]]
    return F.xxhash64(*names, *[F.isnull(name) for name in names])
