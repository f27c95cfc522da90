"""Days on which customers bought: the accounts' days joined to who holds the accounts."""

from datetime import date
from decimal import Decimal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def customer_days(order_days: DataFrame, customer_map: DataFrame, as_of: date) -> DataFrame:
    """One row per customer and day up to `as_of`, summed over accounts and channels; guests drop out.

    Returns:
        customer_id, order_date, order_count, refund_count, spend_cents, refund_cents.
    """
    ids = customer_map.select("account_id", "customer_id")
    return (
        order_days.where(F.col("order_date") <= F.lit(as_of))
        .join(ids, "account_id")
        .groupBy("customer_id", "order_date")
        .agg(*(F.sum(name).alias(name) for name in ("order_count", "refund_count", "spend_cents", "refund_cents")))
    )


def money(cents: Column) -> Column:
    """Minor units to DECIMAL(18,2), exactly."""
    return (cents.cast("decimal(20,0)") * F.lit(Decimal("0.01"))).cast("decimal(18,2)")


def days_before(as_of: date, column: str) -> Column:
    """Whole days from a date column to `as_of`."""
    return F.date_diff(F.lit(as_of), F.col(column))
