"""Who belongs to what by a SQL condition over gold.customer_profile, and since when."""

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def members(profile: DataFrame, name: str, conditions: dict[str, str], **columns: dict[str, str]) -> DataFrame:
    """One row per customer and condition that holds, in one pass over the profiles.

    Args:
        name: column for the condition's name.
        conditions: name -> SQL condition; NULL does not hold.
        columns: further columns, each condition name -> SQL text expression.
    """
    cases = [
        F.when(
            F.expr(when),
            F.struct(F.lit(key).alias(name), *(F.expr(of[key]).cast("string").alias(c) for c, of in columns.items())),
        )
        for key, when in conditions.items()
    ]
    if not cases:
        return profile.where(F.lit(False)).select(
            "customer_id", *(F.lit("").alias(column) for column in (name, *columns))
        )
    held = F.filter(F.array(*cases), lambda case: case.isNotNull())
    return profile.select("customer_id", F.inline(held))


def with_since(now: DataFrame, before: DataFrame, keys: list[str], run_date: date) -> DataFrame:
    """Add since: the day kept from `before` where the customer was already in, else run_date."""
    kept = before.where(F.col("since") <= F.lit(run_date)).select(*keys, "since")
    since = F.coalesce("since", F.lit(run_date))
    return now.join(kept, keys, "left").withColumn("since", since)
