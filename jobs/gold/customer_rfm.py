"""Gold: how recently, how often and for how much each customer buys, and the segment that follows.

Reads   gold.customer_order_days, identity.customer_map
Writes  gold.customer_rfm, one row per customer with an order in the window
"""

from dataclasses import dataclass
from datetime import date, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.gold.customer_days import TABLES, customer_days_sql, days_before, money
from jobs.gold.quantile_scores import cuts, given, score, three_digits
from jobs.lake import Lake

READS = ("gold.customer_order_days", "identity.customer_map")
WRITES = "gold.customer_rfm"
AGES = True
CONF = "customer_rfm"


@dataclass(frozen=True)
class NamedSegment:
    """A segment's name and the SQL condition over the scores that makes it."""

    segment: str
    when: str


@dataclass(frozen=True)
class Settings:
    """conf/customer_rfm.yaml, which says what each key means."""

    window_days: int
    score_count: int
    recency_cuts_days: tuple[float, ...]
    order_count_cuts: tuple[float, ...]
    spend_cuts: tuple[float, ...]
    segments: tuple[NamedSegment, ...]
    other_segment: str


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Score every customer who ordered within the window."""
    first_day = run_date - timedelta(days=settings.window_days - 1)  # the window includes run_date itself
    days = lake.select(customer_days_sql(run_date, first_day), TABLES)
    customers = lake.row_count("identity.customer_map")
    rfm = lake.for_rows(customers).hold(customer_rfm(days, run_date), customers)
    published = lake.publish(WRITES, rfm.transform(with_scores, settings).transform(with_segment, settings), run_date)
    if not published.row_count:
        lake.note(WRITES, f"no customer ordered in the {settings.window_days} days up to {run_date}")


def customer_rfm(days: DataFrame, as_of: date) -> DataFrame:
    """Recency, frequency and monetary value over the days of the window.

    Args:
        days: customer_id, order_date, order_count, spend_cents; one row per customer and day, none after `as_of`.
    Returns:
        customer_id, recency_days (since the last order), order_count, spend (refunds taken off).
    """
    return (
        days.groupBy("customer_id")
        .agg(
            F.max(F.when(F.col("order_count") > 0, F.col("order_date"))).alias("last_day"),
            F.sum("order_count").alias("order_count"),
            money(F.sum("spend_cents")).alias("spend"),
        )
        .where(F.col("order_count") > 0)
        .select("customer_id", days_before(as_of, "last_day").alias("recency_days"), "order_count", "spend")
    )


def with_scores(rfm: DataFrame, settings: Settings) -> DataFrame:
    """Add r_score, f_score and m_score, 1 to score_count; the best customers have the highest of each."""
    values = {
        "_recency": F.col("recency_days").cast("double"),
        "_frequency": F.col("order_count").cast("double"),
        "_spend": three_digits(F.col("spend")),
    }
    fixed = (settings.recency_cuts_days, settings.order_count_cuts, settings.spend_cuts)
    cut = {name: given(numbers) if numbers else F.col(name) for name, numbers in zip(values, fixed, strict=True)}
    scores = {name: score(value, cut[name]) for name, value in values.items()}
    recency_scores = len(settings.recency_cuts_days) + 1 if settings.recency_cuts_days else settings.score_count
    return rfm.crossJoin(F.broadcast(cuts(rfm, values, settings.score_count))).select(
        *rfm.columns,
        (F.lit(recency_scores + 1) - scores["_recency"]).cast("int").alias("r_score"),
        scores["_frequency"].alias("f_score"),
        scores["_spend"].alias("m_score"),
    )


def with_segment(rfm: DataFrame, settings: Settings) -> DataFrame:
    """Add rfm_segment: the first segment whose condition holds, or the other one."""
    return rfm.withColumn("rfm_segment", first_that_holds(settings.segments, settings.other_segment))


def first_that_holds(segments: tuple[NamedSegment, ...], otherwise: str) -> Column:
    """A CASE over the conditions in their order."""
    chosen = F.lit(otherwise)
    for named in reversed(segments):
        chosen = F.when(F.expr(named.when), F.lit(named.segment)).otherwise(chosen)
    return chosen
