"""Silver: one row per order, latest version; a refund or cancellation is an order of its own, below zero.

Reads   bronze.* (the exports with target silver.orders)
Writes  silver.orders, quarantine.orders

A version of an order is what one file says of it, over however many lines. A newer version takes the place of
the older one even where it says the same, since its lines (silver.order_lines) may differ.
"""

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.silver.conforming.conform import Rules, conform
from jobs.silver.conforming.currency import converted, with_rate
from jobs.silver.conforming.latest import Order
from jobs.silver.settings.currency import Settings
from lakehouse.lake.lake import Lake

READS = ("bronze.*",)
READS_PREVIOUS = ("silver.orders",)
WRITES = ("silver.orders", "quarantine.orders")
CONF = "currency"


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    conform(lake, run_date, "silver.orders", order_rules(settings, lake.profile.reporting_currency))


def order_rules(settings: Settings, reporting_currency: str) -> Rules:
    """The table's rules with these rates."""
    return Rules(
        order=Order(source_time=("ordered_at",), repeats=False),
        derived=lambda units: with_amounts(units, settings, reporting_currency),
        faults=order_faults,
        spared=("total_cents",),
    )


def with_amounts(units: DataFrame, settings: Settings, reporting_currency: str) -> DataFrame:
    """Fill currency, amounts in both currencies, order_type and is_guest where they are not mapped."""
    named = units.withColumn("currency", F.coalesce(F.upper(F.trim("currency")), F.lit(reporting_currency)))
    original = F.coalesce("total_original_cents", "total_cents")
    # a total mapped beside the original one is the company's own conversion: its books count
    is_converted = F.col("total_original_cents").isNotNull() & F.col("total_cents").isNotNull()
    total = F.when(is_converted, F.col("total_cents")).otherwise(converted(original))
    amounts = {
        "total_original_cents": original,
        "total_cents": total,
        "discount_cents": converted(F.col("discount_cents")),
    }
    paid = with_rate(named, settings, reporting_currency).withColumns(amounts)
    kind = F.when(F.col("total_cents") < 0, "refund").otherwise("sale")
    return paid.withColumns({"order_type": F.coalesce("order_type", kind), "is_guest": F.col("account_id").isNull()})


def order_faults() -> dict[str, Column]:
    """An amount without a rate would be counted in the wrong currency."""
    return {"rate_missing": F.col("total_cents").isNull() & F.col("total_original_cents").isNotNull()}
