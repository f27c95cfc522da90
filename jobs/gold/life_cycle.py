"""Gold: where each customer stands in their life with the company, since when, and why.

Reads   gold.customer_order_days, identity.customer_map, silver.customers
Writes  gold.life_cycle, one row per customer
"""

from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.gold.customer_days import TABLES, customer_days_sql, days_before
from jobs.lake import Lake

READS = ("gold.customer_order_days", "identity.customer_map", "silver.customers")
WRITES = "gold.life_cycle"
AGES = True
CONF = "life_cycle"


@dataclass(frozen=True)
class Settings:
    """conf/life_cycle.yaml, which says what each key means."""

    dormant_after_days: int
    lost_after_days: int
    won_back_days: int
    loyal_order_days: int


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Place every customer, buyers by their order days and the others by how we know them."""
    count = lake.row_count("identity.customer_map")
    tables = {**TABLES, "customers": "silver.customers"}
    known = lake.select(order_history_sql(run_date, settings), tables, count)
    published = lake.publish(WRITES, life_cycle(known, run_date, settings), run_date)
    if not published.row_count:
        lake.note(WRITES, "no customers are known yet")


def order_history_sql(as_of: date, settings: Settings) -> str:
    """One row per customer, as a query for both engines over {order_days}, {customer_map} and {customers}.

    Returns:
        customer_id, is_lead (known from lead lists alone), known_since (first registration, or first night); and of
        those who ordered the order days that matter: first, second, last, the one that made loyal, and the latest
        return after a silence (woke: of a dormant one, comeback: of a lost one).
    """
    dormant, lost = settings.dormant_after_days, settings.lost_after_days
    matters = {
        "second_day": "nth = 2",
        "loyal_day": f"nth = {settings.loyal_order_days:d}",
        "woke_day": f"gap >= {dormant:d} AND gap < {lost:d}",
        "comeback_day": f"gap >= {lost:d}",
    }
    latest = ", ".join(f"max(CASE WHEN {holds} THEN order_date END) AS {name}" for name, holds in matters.items())
    return f"""
    WITH days AS ({customer_days_sql(as_of)}),
    numbered AS (
        SELECT customer_id, order_date, row_number() OVER (PARTITION BY customer_id ORDER BY order_date) AS nth,
               datediff(order_date, lag(order_date) OVER (PARTITION BY customer_id ORDER BY order_date)) AS gap
        FROM days WHERE order_count > 0),
    history AS (
        SELECT customer_id, count(*) AS order_day_count, min(order_date) AS first_day, max(order_date) AS last_day,
               {latest}
        FROM numbered GROUP BY customer_id),
    known AS (
        SELECT m.customer_id, bool_and(m.is_lead) AS is_lead,
               min(coalesce(CAST(c.registered_at AS DATE), m.arrived_on)) AS known_since
        FROM {{customer_map}} m LEFT JOIN {{customers}} c ON m.account_id = c.account_id GROUP BY m.customer_id)
    SELECT k.*, h.order_day_count, h.first_day, h.last_day, {", ".join(f"h.{name}" for name in matters)}
    FROM known k LEFT JOIN history h ON k.customer_id = h.customer_id"""


def life_cycle(known: DataFrame, as_of: date, settings: Settings) -> DataFrame:
    """State, since and reason of each customer as of a day.

    Args:
        known: the answer to `order_history_sql`.
    """
    silent_days = days_before(as_of, "last_day")
    counted_since = F.greatest(  # a state that a silence interrupted begins anew with the return
        F.when(F.col("order_day_count") >= settings.loyal_order_days, F.col("loyal_day")).otherwise(
            F.coalesce("second_day", "first_day")
        ),
        F.col("woke_day"),
        F.date_add("comeback_day", settings.won_back_days),
    )
    states: list[tuple[str, Column, Column]] = [
        ("lead", F.col("last_day").isNull() & F.col("is_lead"), F.col("known_since")),
        ("prospect", F.col("last_day").isNull(), F.col("known_since")),
        ("lost", silent_days >= settings.lost_after_days, F.date_add("last_day", settings.lost_after_days)),
        ("dormant", silent_days >= settings.dormant_after_days, F.date_add("last_day", settings.dormant_after_days)),
        ("won_back", days_before(as_of, "comeback_day") < settings.won_back_days, F.col("comeback_day")),
        ("loyal", F.col("order_day_count") >= settings.loyal_order_days, counted_since),
        ("repeat", F.col("order_day_count") >= 2, counted_since),
        ("first_time", F.lit(True), F.col("first_day")),
    ]
    order_reason = F.format_string("%d order days, the last %d days ago", "order_day_count", silent_days)
    return known.select(
        "customer_id",
        first_match([(holds, F.lit(state)) for state, holds, _ in states]).alias("state"),
        first_match([(holds, since) for _, holds, since in states]).alias("since"),
        F.when(F.col("last_day").isNull(), "no order yet").otherwise(order_reason).alias("reason"),
    )


def first_match(cases: list[tuple[Column, Column]]) -> Column:
    """The value of the first condition that holds."""
    chosen = F.lit(None)
    for condition, value in reversed(cases):
        chosen = F.when(condition, value).otherwise(chosen)
    return chosen
