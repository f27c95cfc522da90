"""Gold: what each channel brings: accounts, customers, orders, spend, refunds and new customers.

Reads   gold.customer_order_days, identity.customer_map
Writes  gold.channel_performance, one row per channel
"""

from collections.abc import Iterator
from datetime import date, timedelta

from jobs.gold.customer_figures.customer_days import SUMS, TABLES, average_sql, money_sql
from jobs.gold.customer_order_days import GUEST
from jobs.gold.settings.channel_performance import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = ("gold.customer_order_days", "identity.customer_map")
WRITES = "gold.channel_performance"
DEPENDS_ON_RUN_DATE = True
CONF = "channel_performance"
MOST_CHANNELS = 1000  # exports name them


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Sum the window up to the run's day per channel."""
    rows = lake.rows(channel_performance_query(run_date, settings), MOST_CHANNELS)
    if not lake.publish(WRITES, rows, run_date).row_count:
        lake.note(WRITES, "no channel has an account or an order yet")


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield channel_performance_query(run_date, settings)


def channel_performance_query(run_date: date, settings: Settings) -> Query:
    """The table's rows."""
    return Query(channel_performance_sql(run_date, settings.window_days), TABLES, answers=WRITES)


def channel_performance_sql(as_of: date, window_days: int) -> str:
    """Figures per channel over the window that ends with as_of, as a query for both engines over TABLES.

    new: customers whose first order of all was in the channel, within the window. Channels without orders are there
    with zeros.
    """
    first_day = as_of - timedelta(days=window_days - 1)
    sums = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in SUMS)
    numbers = ("account_count", "customer_count", "first_order_customer_count", "guest_order_count", *SUMS)
    known = ", ".join(f"coalesce({name}, 0) AS {name}" for name in numbers)
    return f"""
    WITH accounts AS (SELECT channel, count(*) AS account_count FROM {{customer_map}} GROUP BY channel),
    days AS (
        SELECT d.*, m.customer_id FROM {{order_days}} d LEFT JOIN {{customer_map}} m ON d.account_id = m.account_id
        WHERE d.order_date <= DATE '{as_of}'),
    ordered AS (
        SELECT channel, count(DISTINCT CASE WHEN order_count > 0 THEN customer_id END) AS customer_count, {sums},
               CAST(sum(CASE WHEN account_id = '{GUEST}' THEN order_count ELSE 0 END) AS BIGINT) AS guest_order_count
        FROM days WHERE order_date >= DATE '{first_day}' GROUP BY channel),
    first_orders AS (
        SELECT channel, order_date,
               row_number() OVER (PARTITION BY customer_id ORDER BY order_date, channel) AS turn
        FROM days WHERE order_count > 0 AND customer_id IS NOT NULL),
    new AS (
        SELECT channel, count(*) AS first_order_customer_count FROM first_orders
        WHERE turn = 1 AND order_date >= DATE '{first_day}' GROUP BY channel),
    channels AS (SELECT channel FROM accounts UNION SELECT channel FROM ordered),
    sums AS (
        SELECT c.channel, {known}
        FROM channels c LEFT JOIN accounts a ON c.channel = a.channel LEFT JOIN ordered o ON c.channel = o.channel
        LEFT JOIN new n ON c.channel = n.channel)
    SELECT channel, account_count, customer_count, first_order_customer_count, order_count, guest_order_count,
           refund_count, {money_sql("spend_cents")} AS spend, {money_sql("-refund_cents")} AS refunded,
           {average_sql("(spend_cents - refund_cents)", "order_count")} AS average_order,
           CAST(spend_cents AS DOUBLE) / nullif(sum(spend_cents) OVER (PARTITION BY 1), 0) AS spend_share
    FROM sums"""
