"""What the value models see of each customer, and the groups of customers who look alike to them."""

from datetime import date

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.gold.bg_nbd import PurchaseGroups
from jobs.gold.gamma_gamma import SpendGroups

DAYS_PER_BUCKET = (1, 7, 28, 91)
LOG_WIDTHS = (0.0, 0.001, 0.01, 0.1)
GROUP = ["frequency", "group_t_x", "group_t"]


def value_facts(customer_days: DataFrame, as_of: date) -> DataFrame:
    """One row per customer with an order: several orders of one day are one purchase.

    Args:
        customer_days: customer_id, order_date, order_count, spend_cents; up to as_of.
    Returns:
        customer_id, frequency (days with an order after the first), t_x_days (first to last), t_days (first to
        as_of), later_cents (spend after the first day, refunds taken off).
    """
    sale_day = F.when(F.col("order_count") > 0, F.col("order_date"))
    first_day = F.min(sale_day).over(Window.partitionBy("customer_id"))
    later = F.when(F.col("order_date") > F.col("first_day"), F.col("spend_cents")).otherwise(0)
    return (
        customer_days.withColumn("first_day", first_day)
        .where(F.col("first_day").isNotNull())
        .groupBy("customer_id", "first_day")
        .agg(
            (F.count(sale_day) - 1).cast("int").alias("frequency"),
            F.max(sale_day).alias("last_day"),
            F.sum(later).alias("later_cents"),
        )
        .select(
            "customer_id",
            "frequency",
            F.date_diff("last_day", "first_day").alias("t_x_days"),
            F.date_diff(F.lit(as_of), "first_day").alias("t_days"),
            "later_cents",
        )
    )


def with_group_times(facts: DataFrame, days_per_bucket: int) -> DataFrame:
    """Add group_t_x and group_t: the days themselves, or the middles of their buckets."""
    middle = (days_per_bucket - 1) / 2

    def bucketed(name: str, has_time: Column) -> Column:
        bucket = F.floor(F.col(name) / days_per_bucket) * days_per_bucket + F.lit(middle)
        return F.when(has_time, bucket).otherwise(F.lit(0.0)).cast("double")

    return facts.withColumns(
        {
            "group_t_x": bucketed("t_x_days", F.col("frequency") > 0),
            "group_t": bucketed("t_days", F.lit(True)),
        }
    )


def purchase_groups(facts: DataFrame, max_groups: int) -> tuple[PurchaseGroups, int]:
    """Customers counted per frequency and times; coarser times when there would be more than max_groups.

    Returns:
        The groups in one fixed order, and the days per bucket that were needed.
    """
    for days_per_bucket in DAYS_PER_BUCKET:
        counted = facts.transform(with_group_times, days_per_bucket).groupBy(*GROUP).count()
        groups = counted.limit(max_groups + 1).toPandas()
        if len(groups) <= max_groups:
            break
    groups = groups.head(max_groups).sort_values(GROUP, ignore_index=True)
    columns = (groups[name].to_numpy(float) for name in (*GROUP, "count"))
    return PurchaseGroups(*columns), days_per_bucket


def spend_groups(facts: DataFrame, max_groups: int) -> SpendGroups:
    """Repeat customers with positive spend counted per frequency and spend; spend in major units of the currency.

    Spend is taken to the cent; when there would be more than max_groups, alike within a share of itself.
    """
    spenders = facts.where((F.col("frequency") > 0) & (F.col("later_cents") > 0))
    for width in LOG_WIDTHS:
        alike = F.round(F.ln("later_cents") / width) if width else F.col("later_cents").cast("double")
        counted = spenders.groupBy("frequency", alike.alias("alike")).agg(
            F.count("*").alias("count"), F.sum("later_cents").alias("cents")
        )
        groups = counted.limit(max_groups + 1).toPandas()
        if len(groups) <= max_groups:
            break
    return spend_groups_of(groups.head(max_groups).sort_values(["frequency", "alike"], ignore_index=True))


def spend_groups_of(groups: pd.DataFrame) -> SpendGroups:
    """From counts and sums of cents to means; a group's mean logarithm is that of its mean."""
    frequency, count = groups["frequency"].to_numpy(float), groups["count"].to_numpy(float)
    mean_spend = groups["cents"].to_numpy(float) / 100 / count / frequency
    return SpendGroups(frequency, mean_spend, np.log(mean_spend), count)
