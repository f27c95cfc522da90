"""Gold: what each account bought per day, the state that customers' figures are made from.

A night recomputes only the days of accounts whose orders changed (the log of silver.orders says which). Kept by
account, not by customer, so that a changed customer_map costs nothing here.

An order that lost a line which could not be read counts as it is or not at all, as conf/customer_order_days.yaml says;
how many there were stands beside.

Reads   silver.orders
Writes  gold.customer_order_days, one row per account, channel and day with an order; guests share one account
"""

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.gold.settings.customer_order_days import Settings
from lakehouse.lake.lake import Lake

READS = ("silver.orders",)
WRITES = "gold.customer_order_days"
CONF = "customer_order_days"

GUEST = "guest"
KEY = ["account_id", "channel", "order_date"]
ORDER = [*KEY, "order_type", "total_cents", "line_count"]
INCOMPLETE = "order_incomplete"  # a flag of silver.orders
CHANGE_FEED = "delta.enableChangeDataFeed"
LINEAGE = {
    WRITES: {
        "account_id": ("silver.orders.account_id",),
        "channel": ("silver.orders.channel",),
        "order_date": ("silver.orders.order_date",),
        "order_count": ("silver.orders.order_type",),
        "refund_count": ("silver.orders.order_type",),
        "spend_cents": ("silver.orders.total_cents",),
        "refund_cents": ("silver.orders.order_type", "silver.orders.total_cents"),
        "line_count": ("silver.orders.line_count",),
        "incomplete_count": ("silver.orders.quality_flags",),
    }
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Rebuild from all orders the first time, then only the days that changed, while it is known which did."""
    since = lake.consumed(WRITES).get("silver.orders")
    changes = None if since is None else order_changes(lake, since)
    counts = settings.count_incomplete_orders
    if since is None or changes is None:
        days = order_days(with_guests_together(lake.read("silver.orders")), counts)
        lake.publish(WRITES, days, run_date, mode="replace")
        return
    lake = lake.for_rows(lake.new_row_count("silver.orders", since))
    orders, changes = with_guests_together(lake.read("silver.orders")), lake.gathered(with_guests_together(changes))
    lake.publish(WRITES, changed_days(orders, changes, counts), run_date, mode="merge")


def order_changes(lake: Lake, since: int) -> DataFrame | None:
    """Orders added, replaced or removed after version `since`, as they were and as they are; None: not known.

    Nights that only add orders are told by the table's log; what was replaced, by its change feed where it has one.
    """
    added = lake.appended_rows("silver.orders", since)
    if added is not None or lake.contracts["silver.orders"].properties.get(CHANGE_FEED) != "true":
        return added
    newest = lake.pinned["silver.orders"] or 0
    feed = lake.spark.read.format("delta").option("readChangeFeed", "true")
    feed = feed.option("startingVersion", since + 1).option("endingVersion", newest)
    return feed.load(lake.source("silver.orders"))


def with_guests_together(orders: DataFrame) -> DataFrame:
    """The columns this job needs; orders without an account get the guests' one."""
    is_incomplete = F.coalesce(F.array_contains("quality_flags", INCOMPLETE), F.lit(False))
    account = F.coalesce("account_id", F.lit(GUEST)).alias("account_id")
    return orders.select(account, *ORDER[1:], is_incomplete.alias("is_incomplete"))


def order_days(orders: DataFrame, count_incomplete_orders: bool = True) -> DataFrame:
    """Sum orders per account, channel and day; refunds and cancellations count apart and lower the spend.

    Args:
        orders: ORDER's columns, and `is_incomplete`.
        count_incomplete_orders: false: orders that lost a line are in `incomplete_count` alone.
    """
    counts = F.lit(count_incomplete_orders) | ~F.col("is_incomplete")
    is_sale = F.col("order_type") == "sale"
    total = F.when(counts, F.col("total_cents"))
    return orders.groupBy(*KEY).agg(
        F.count_if(is_sale & counts).cast("int").alias("order_count"),
        F.count_if(~is_sale & counts).cast("int").alias("refund_count"),
        F.coalesce(F.sum(total), F.lit(0)).alias("spend_cents"),
        F.coalesce(F.sum(F.when(~is_sale, total)), F.lit(0)).alias("refund_cents"),
        F.coalesce(F.sum(F.when(counts, F.col("line_count"))), F.lit(0)).cast("bigint").alias("line_count"),
        F.count_if("is_incomplete").cast("int").alias("incomplete_count"),
    )


def changed_days(orders: DataFrame, changes: DataFrame, count_incomplete_orders: bool = True) -> DataFrame:
    """The days that `changes` touch as they are now; a day that lost its last order stays, with zeros.

    Args:
        orders: all orders as they are now.
        changes: orders as they were and as they are, any number of times.
        count_incomplete_orders: see `order_days`.
    """
    touched = changes.select(*KEY).distinct()
    days = touched.agg(F.min("order_date").alias("first_day"), F.max("order_date").alias("last_day"))
    between = F.col("order_date").between(F.col("first_day"), F.col("last_day"))
    near = orders.join(F.broadcast(days), between, "left_semi")  # clustered by day: most files are never opened
    now = order_days(near.join(F.broadcast(touched), KEY, "left_semi"), count_incomplete_orders)
    return touched.join(now, KEY, "left").na.fill(0)
