"""Gold: what each channel brings: customers, orders, spend and its trend; reach, cost, credited and incremental sales.

Reads   gold.customer_order_days, identity.customer_map, gold.attribution
Writes  gold.channel_performance, one row per channel of accounts, orders or touches
"""

from collections.abc import Iterator
from datetime import date, timedelta

from jobs.gold.customer_figures.customer_days import SUMS, TABLES, average_sql, money_sql
from jobs.gold.customer_order_days import GUEST
from jobs.gold.settings.channel_performance import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query, Table

READS = ("gold.customer_order_days", "identity.customer_map", "gold.attribution")
WRITES = "gold.channel_performance"
DEPENDS_ON_RUN_DATE = True
CONF = "channel_performance"
MOST_CHANNELS = 1000  # exports name them
WEEKS = 9  # the last one, and eight to hold it against


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Sum the window up to the run's day per channel."""
    rows = lake.rows(channel_performance_query(run_date, settings), MOST_CHANNELS)
    if not lake.publish(WRITES, rows, run_date).row_count:
        lake.note(WRITES, "no channel has an account or an order yet")
    for row in lake.fetch(unusual_query(run_date, settings)).to_pylist():
        lake.note(
            WRITES, f"{row['channel']}: the week's spend is {row['deviation']:+.1f} standard deviations off the usual"
        )


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield from (channel_performance_query(run_date, settings), unusual_query(run_date, settings))


def channel_performance_query(run_date: date, settings: Settings) -> Query:
    """The table's rows."""
    tables: dict[str, Table] = {**TABLES, "attribution": "gold.attribution"}
    steps = {
        "performance": channel_performance_sql(run_date, settings.window_days),
        "weeks": weeks_sql(run_date),
        "touched": f"""
            SELECT * FROM {{attribution}}
            WHERE model = '{settings.attribution_model}' AND (touch_count > 0 OR cost > 0)""",
    }
    return Query(whole_sql(settings.unusual_deviations), tables, steps, answers=WRITES)


def unusual_query(run_date: date, settings: Settings) -> Query:
    """Channels whose week is unusual."""
    sql = f"""SELECT channel, deviation FROM {{weeks}} WHERE abs(deviation) > {settings.unusual_deviations!r}
              ORDER BY channel LIMIT {MOST_CHANNELS}"""
    known: dict[str, Table] = {"order_days": TABLES["order_days"]}
    return Query(sql, known, {"weeks": weeks_sql(run_date)}, answers="channel STRING, deviation DOUBLE")


def weeks_sql(as_of: date) -> str:
    """channel, cents (of the last seven days), usual (mean of the eight weeks before), trend, deviation.

    A week without orders counts as one of nothing. Cents are summed as whole numbers: both engines add them up alike.
    """
    first_day = as_of - timedelta(days=7 * WEEKS - 1)
    past = "CASE WHEN week > 0 THEN cents ELSE 0 END"
    n = WEEKS - 1
    variance = f"(sum({past} * {past}) - sum({past}) * sum({past}) / {n}.0) / {n - 1}.0"
    middle, spread = n / 2, WEEKS * (WEEKS**2 - 1) / 12
    return f"""
    SELECT channel, CAST(sum(CASE WHEN week = 0 THEN cents ELSE 0 END) AS BIGINT) AS cents,
           sum({past}) / {n}.0 AS usual,
           sum(({middle!r} - week) * cents) / {spread!r} / nullif(sum(cents) / {WEEKS}.0, 0) AS trend,
           (sum(CASE WHEN week = 0 THEN cents ELSE 0 END) - sum({past}) / {n}.0)
               / nullif(sqrt(greatest({variance}, 0.0)), 0) AS deviation
    FROM (SELECT channel, datediff(DATE '{as_of}', order_date) DIV 7 AS week, CAST(sum(spend_cents) AS DOUBLE) AS cents
          FROM {{order_days}} WHERE order_date BETWEEN DATE '{first_day}' AND DATE '{as_of}'
          GROUP BY channel, datediff(DATE '{as_of}', order_date) DIV 7) by_week
    GROUP BY channel"""


def whole_sql(unusual_deviations: float) -> str:
    """The table's rows, over {performance}, {weeks} and {touched}."""
    counts = ("account_count", "customer_count", "first_order_customer_count", "order_count", "guest_order_count")
    zeros = ", ".join(f"coalesce(p.{name}, 0) AS {name}" for name in (*counts, "refund_count"))
    amounts = ", ".join(f"coalesce(p.{name}, CAST(0 AS DECIMAL(18,2))) AS {name}" for name in ("spend", "refunded"))
    week = money_sql("CAST(round(w.usual) AS BIGINT)")
    return f"""
    SELECT c.channel, {zeros}, {amounts}, p.average_order, p.spend_share,
           {money_sql("w.cents")} AS week_spend, {week} AS usual_week_spend, w.trend AS weekly_trend,
           w.deviation AS week_deviation, abs(w.deviation) > {unusual_deviations!r} AS is_unusual,
           t.reached_customer_count AS touched_customer_count,
           CAST(t.converted_customer_count AS DOUBLE) / nullif(t.reached_customer_count, 0) AS converted_share,
           t.cost AS contact_cost, t.revenue AS attributed_spend, t.incremental_revenue AS incremental_spend,
           t.incremental_order_count,
           CASE WHEN t.incremental_order_count > 0 THEN CAST(t.cost AS DOUBLE) / t.incremental_order_count END
               AS cost_per_incremental_order
    FROM (SELECT channel FROM {{performance}} UNION SELECT channel_group FROM {{touched}}) c
    LEFT JOIN {{performance}} p ON p.channel = c.channel LEFT JOIN {{weeks}} w ON w.channel = c.channel
    LEFT JOIN {{touched}} t ON t.channel_group = c.channel"""


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
