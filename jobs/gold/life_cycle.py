"""Gold: where each customer stands in their life with the company, since when, and why.

Reads   gold.customer_order_days, identity.customer_map, silver.customers
Writes  gold.life_cycle, one row per customer
"""

from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame, Window
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
    days = lake.select(customer_days_sql(run_date), TABLES)
    count = lake.row_count("identity.customer_map")
    lake = lake.for_rows(count)
    history = lake.hold(order_history(days, settings), count)
    known = known_since(lake.read("identity.customer_map"), lake.read("silver.customers"))
    published = lake.publish(WRITES, life_cycle(known, history, run_date, settings), run_date)
    if not published.row_count:
        lake.note(WRITES, "no customers are known yet")


def known_since(customer_map: DataFrame, customers: DataFrame) -> DataFrame:
    """customer_id, is_lead (known from lead lists alone), known_since (first registration, or first night)."""
    accounts = customers.select("account_id", F.to_date("registered_at").alias("registered_date"))
    return (
        customer_map.select("account_id", "customer_id", "is_lead", "arrived_on")
        .join(accounts, "account_id", "left")
        .groupBy("customer_id")
        .agg(
            F.bool_and("is_lead").alias("is_lead"),
            F.min(F.coalesce("registered_date", "arrived_on")).alias("known_since"),
        )
    )


def order_history(days: DataFrame, settings: Settings) -> DataFrame:
    """The order days that matter: first, second, last, the one that made loyal, and returns after a silence.

    Args:
        days: customer_id, order_date, order_count; one row per customer and day.
    """
    in_order = Window.partitionBy("customer_id").orderBy("order_date")
    gap_days = F.date_diff("order_date", F.lag("order_date").over(in_order))
    numbered = (
        days.where("order_count > 0")
        .select("customer_id", "order_date", gap_days.alias("gap"), F.row_number().over(in_order).alias("nth"))
    )  # fmt: skip
    woke = (F.col("gap") >= settings.dormant_after_days) & (F.col("gap") < settings.lost_after_days)
    return numbered.groupBy("customer_id").agg(
        F.count("*").alias("order_day_count"),
        F.min("order_date").alias("first_day"),
        F.max("order_date").alias("last_day"),
        day_when(F.col("nth") == 2).alias("second_day"),
        day_when(F.col("nth") == settings.loyal_order_days).alias("loyal_day"),
        day_when(woke).alias("woke_day"),
        day_when(F.col("gap") >= settings.lost_after_days).alias("comeback_day"),
    )


def day_when(condition: Column) -> Column:
    """The latest order day for which the condition holds."""
    return F.max(F.when(condition, F.col("order_date")))


def life_cycle(known: DataFrame, history: DataFrame, as_of: date, settings: Settings) -> DataFrame:
    """State, since and reason of each customer as of a day.

    Args:
        known: customer_id, is_lead, known_since.
        history: the columns of order_history, for customers with an order.
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
    return known.join(history, "customer_id", "left").select(
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
