"""Amounts of other currencies, in the reporting currency, by the rate of their day."""

from datetime import date, timedelta
from decimal import Decimal

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.silver.settings.currency import Settings as CurrencySettings


def rate_spans(settings: CurrencySettings) -> list[tuple[str, date, date, Decimal]]:
    """Currency, first day, last day, rate: each rate serves until the next one, or until it is too old."""
    spans = []
    for code in sorted({code for day in settings.rates.values() for code in day}):
        days = sorted(day for day, of_day in settings.rates.items() if code in of_day)
        for day, following in zip(days, [*days[1:], date.max], strict=True):
            last = min(day + timedelta(days=settings.max_age_days), following - timedelta(days=1))
            spans.append((code, day, last, Decimal(str(settings.rates[day][code]))))
    return spans


def with_rate(rows: DataFrame, settings: CurrencySettings, reporting_currency: str) -> DataFrame:
    """Add `_rate` (DECIMAL(18,8)): 1 for the reporting currency, NULL where no rate serves `order_date`."""
    own = F.when(F.col("currency") == reporting_currency, F.lit(Decimal(1)).cast("decimal(18,8)"))
    if not settings.rates:
        return rows.withColumn("_rate", own)
    spans = span_table(rows.sparkSession, settings)
    serves = (F.col("currency") == F.col("_code")) & F.col("order_date").between(F.col("_from"), F.col("_to"))
    return (
        rows.join(F.broadcast(spans), serves, "left")
        .withColumn("_rate", F.coalesce(own, "_span_rate"))
        .drop(*spans.columns)
    )


def span_table(spark: SparkSession, settings: CurrencySettings) -> DataFrame:
    """The rates as a small table; two spans of one currency never overlap, so a row meets one at most."""
    return spark.createDataFrame(rate_spans(settings), "_code STRING, _from DATE, _to DATE, _span_rate DECIMAL(18,8)")


def converted(cents: Column) -> Column:
    """Minor units by `_rate`, half up; NULL where there is no rate."""
    return F.round(cents.cast("decimal(20,0)") * F.col("_rate"), 0).cast("bigint")
