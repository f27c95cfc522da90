"""Silver: one row per store that an order or a store list names.

Reads   silver.orders, bronze.* (the exports with target silver.stores, for names and cities)
Writes  silver.stores, quarantine.stores
"""

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.silver.conforming import conform
from jobs.silver.conforming.conform import Batch
from jobs.silver.conforming.rules import Rules
from jobs.silver.conforming.sources import sources
from jobs.silver.settings.stores import Settings
from lakehouse.lake.lake import Lake

READS = ("bronze.*", "silver.orders")
READS_PREVIOUS = ("silver.stores",)
WRITES = ("silver.stores", "quarantine.stores")
CONF = "stores"
ATTRIBUTES = (
    "store_id",
    "channel",
    "store_name",
    "city",
    "quality_flags",
    "_export",
    "_source_file",
    "_source_line",
    "_run_date",
)
RULES = Rules(spared=("order_count",))
LINEAGE = {
    "silver.stores": {
        "store_id": ("silver.orders.store_id",),
        "channel": ("silver.orders.channel",),
        "first_order_date": ("silver.orders.order_date",),
        "last_order_date": ("silver.orders.order_date",),
        "order_count": ("silver.orders.order_id",),
    }
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Publish the stores that orders or a list name; nothing to do when neither brought one."""
    batch = conform.new_batch(lake, "silver.stores")
    if not batch.lines and not has_new_orders(batch):
        conform.ensure_exists(batch, run_date)
        return
    listed = attributes(batch, run_date)
    known = stores(lake.read("silver.orders"), listed, settings.few_orders_below)
    if not sources(lake.conf.exports(), batch.table):
        lake.note(
            batch.table,
            "no export has target silver.stores: stores are those that orders name, without names",
        )
    lake.publish(batch.table, known, run_date, mode="replace")


def has_new_orders(batch: Batch) -> bool:
    """Whether silver.orders has changed since stores were made of it."""
    newest = batch.lake.version("silver.orders")
    return newest is not None and newest != batch.lake.consumed(batch.table).get("silver.orders")


def attributes(batch: Batch, run_date: date) -> DataFrame:
    """What store lists say: the new lines, and for other stores what they said before."""
    stored = (
        batch.lake.read(batch.table)
        .where(F.col("_export").isNotNull() & F.lit(not batch.is_rebuild))
        .select(*ATTRIBUTES)
    )
    if not batch.lines:
        return stored
    outcomes, _ = conform.settled(batch, run_date, RULES)
    listed = conform.rows_of(outcomes, batch.contract).select(*ATTRIBUTES)
    return listed.unionByName(stored.join(listed, "store_id", "left_anti"))


def stores(orders: DataFrame, listed: DataFrame, few_orders_below: int) -> DataFrame:
    """Stores of orders and lists together.

    Args:
        orders: store_id, channel, order_date, _run_date.
        listed: ATTRIBUTES, one row per store.

    Returns:
        columns of silver.stores; a store without orders counts 0.
    """
    named = (
        orders.where(F.col("store_id").isNotNull())
        .groupBy("store_id")
        .agg(
            F.min("channel").alias("_channel"),
            F.min("order_date").alias("first_order_date"),
            F.max("order_date").alias("last_order_date"),
            F.count(F.lit(1)).alias("_count"),
            F.max("_run_date").alias("_seen"),
        )
    )
    count = F.coalesce("_count", F.lit(0).cast("bigint"))
    flags = F.array_remove(F.coalesce("quality_flags", F.array().cast("array<string>")), "few_orders")
    few = F.when(count < few_orders_below, F.array(F.lit("few_orders"))).otherwise(F.array().cast("array<string>"))
    both = listed.join(named, "store_id", "full_outer")
    return both.withColumns(
        {
            "channel": F.coalesce("_channel", "channel"),
            "order_count": count,
            "quality_flags": F.concat(flags, few),
            "_run_date": F.greatest("_run_date", "_seen"),
        }
    ).drop("_channel", "_count", "_seen")
