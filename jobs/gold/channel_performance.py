"""Gold: what each channel brings: accounts, customers, orders, spend, refunds and new customers.

Reads   gold.customer_order_days, identity.customer_map
Writes  gold.channel_performance, one row per channel
"""

from dataclasses import dataclass
from datetime import date, timedelta

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.gold.customer_days import money
from jobs.gold.customer_order_days import GUEST
from jobs.lake import Lake

READS = ("gold.customer_order_days", "identity.customer_map")
WRITES = "gold.channel_performance"
AGES = True
CONF = "channel_performance"


@dataclass(frozen=True)
class Settings:
    """conf/channel_performance.yaml, which says what each key means."""

    window_days: int


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Sum the window up to the run's day per channel."""
    order_days, customer_map = (lake.read(table) for table in READS)
    rows = channel_performance(order_days, customer_map, run_date, settings.window_days)
    if not lake.publish(WRITES, rows, run_date).row_count:
        lake.note(WRITES, "no channel has an account or an order yet")


def channel_performance(order_days: DataFrame, customer_map: DataFrame, as_of: date, window_days: int) -> DataFrame:
    """Figures per channel over the window that ends with as_of; channels without orders are there with zeros."""
    first_day = as_of - timedelta(days=window_days - 1)
    ids = customer_map.select("account_id", "customer_id")
    days = order_days.where(F.col("order_date") <= F.lit(as_of)).join(ids, "account_id", "left")
    in_window = days.where(F.col("order_date") >= F.lit(first_day))
    whole = (
        channel_accounts(customer_map)
        .join(channel_orders(in_window), "channel", "full")
        .join(first_order_channels(days, first_day), "channel", "left")
        .na.fill(0)
    )
    all_channels = F.sum("spend_cents").over(Window.partitionBy(F.lit(1)))  # a few rows
    sales_cents = F.col("spend_cents") - F.col("refund_cents")
    return whole.select(
        "channel",
        "account_count",
        "customer_count",
        "first_order_customer_count",
        "order_count",
        "guest_order_count",
        "refund_count",
        money(F.col("spend_cents")).alias("spend"),
        money(-F.col("refund_cents")).alias("refunded"),
        F.try_divide(money(sales_cents), F.col("order_count")).cast("decimal(18,2)").alias("average_order"),
        F.try_divide(F.col("spend_cents").cast("double"), all_channels).alias("spend_share"),
    )


def channel_accounts(customer_map: DataFrame) -> DataFrame:
    """Accounts known per channel, leads among them."""
    return customer_map.groupBy("channel").agg(F.count("*").alias("account_count"))


def channel_orders(days: DataFrame) -> DataFrame:
    """Orders, refunds, spend, guests' orders, and customers with an order, per channel."""
    ordered = F.col("order_count") > 0
    return days.groupBy("channel").agg(
        F.count_distinct(F.when(ordered, F.col("customer_id"))).alias("customer_count"),
        *(F.sum(name).alias(name) for name in ("order_count", "refund_count", "spend_cents", "refund_cents")),
        F.sum(F.when(F.col("account_id") == GUEST, F.col("order_count")).otherwise(0)).alias("guest_order_count"),
    )


def first_order_channels(days: DataFrame, first_day: date) -> DataFrame:
    """Customers whose first order of all was in the channel, on first_day or later."""
    ordered = days.where((F.col("order_count") > 0) & F.col("customer_id").isNotNull())
    first = ordered.groupBy("customer_id").agg(F.min(F.struct("order_date", "channel")).alias("first"))
    new = first.where(F.col("first.order_date") >= F.lit(first_day))
    return new.groupBy(F.col("first.channel").alias("channel")).agg(F.count("*").alias("first_order_customer_count"))
