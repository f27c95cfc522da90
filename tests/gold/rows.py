"""Small tables for the tests of customers' figures."""

from datetime import date

from pyspark.sql import DataFrame, SparkSession

from jobs.gold.customer_figures.customer_days import customer_days_sql
from tests.both_engines import spark_answer

ORDER_DAY = (
    "account_id STRING, channel STRING, order_date DATE, order_count INT, refund_count INT, "
    "spend_cents BIGINT, refund_cents BIGINT, line_count BIGINT, incomplete_count INT"
)
ARRIVED = date(2026, 5, 1)
MAP = "account_id STRING, channel STRING, customer_id STRING, is_lead BOOLEAN, arrived_on DATE"


def order_days(spark: SparkSession, *rows: tuple[str, date, int, int]) -> DataFrame:
    """Rows of account ("web:1"), day, orders and cents; without orders the cents are a refund."""
    full = [
        (account, account.split(":")[0], day, orders, int(not orders), cents, 0 if orders else cents, orders, 0)
        for account, day, orders, cents in rows
    ]
    return spark.createDataFrame(full, ORDER_DAY)


def customer_days(days: DataFrame, owners: DataFrame, as_of: date) -> DataFrame:
    """The days of customers up to `as_of`, by the query that the jobs ask."""
    return spark_answer(days.sparkSession, customer_days_sql(as_of), order_days=days, customer_map=owners)


def customer_map(spark: SparkSession, **customers: str) -> DataFrame:
    """customer=accounts ("web:1 pos:7"); an account of the channel "list" is a lead."""
    rows = [
        (account, account.split(":")[0], customer, account.startswith("list:"), ARRIVED)
        for customer, accounts in customers.items()
        for account in accounts.split()
    ]
    return spark.createDataFrame(rows, MAP)
