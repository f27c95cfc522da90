"""Days on which customers bought: the accounts' days joined to who holds the accounts."""

from datetime import date
from decimal import Decimal

from pyspark.sql import Column
from pyspark.sql import functions as F

TABLES = {"order_days": "gold.customer_order_days", "customer_map": "identity.customer_map"}
SUMS = ("order_count", "refund_count", "spend_cents", "refund_cents")


def customer_days_sql(as_of: date, first_day: date = date.min) -> str:
    """One row per customer and day from first_day to as_of, summed over accounts and channels; guests drop out.

    A query for both engines, over TABLES.

    Returns:
        customer_id, order_date, order_count, refund_count, spend_cents, refund_cents.
    """
    sums = ", ".join(f"CAST(sum(d.{name}) AS BIGINT) AS {name}" for name in SUMS)
    return (
        f"SELECT m.customer_id, d.order_date, {sums} "
        "FROM {order_days} d JOIN {customer_map} m ON d.account_id = m.account_id "
        f"WHERE d.order_date BETWEEN DATE '{first_day}' AND DATE '{as_of}' GROUP BY m.customer_id, d.order_date"
    )


def money(cents: Column) -> Column:
    """Minor units to DECIMAL(18,2), exactly."""
    return (cents.cast("decimal(20,0)") * F.lit(Decimal("0.01"))).cast("decimal(18,2)")


def money_sql(cents: str) -> str:
    """The same in SQL for both engines."""
    return f"CAST(CAST({cents} AS DECIMAL(18,0)) * CAST(0.01 AS DECIMAL(3,2)) AS DECIMAL(18,2))"


def average_sql(cents: str, count: str) -> str:
    """Money per one of `count`, halves away from zero; NULL where there is none."""
    half_up = f"(2 * abs({cents}) + {count}) DIV nullif(2 * {count}, 0)"
    return money_sql(f"CASE WHEN {cents} < 0 THEN -1 ELSE 1 END * ({half_up})")
