"""Faults and flags: named conditions over a row, as labels on it."""

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def labels(conditions: Mapping[str, Column]) -> Column:
    """The names of the conditions that hold, in their order; a NULL condition does not hold.

    Returns:
        ARRAY<STRING>, empty where none holds.
    """
    if not conditions:
        return F.array().cast("array<string>")
    # array_compact cannot see that nothing is NULL afterwards; a NULL array never arises
    return F.array_compact(F.array(*[F.when(condition, F.lit(name)) for name, condition in conditions.items()]))


def split(rows: DataFrame, faults: Mapping[str, Column]) -> tuple[DataFrame, DataFrame]:
    """Set rows with a fault aside.

    Args:
        rows: any rows.
        faults: reason -> condition; a NULL condition is no fault, so a missing value needs its own line.

    Returns:
        clean rows as they came, and quarantined rows with their reasons in `quality_flags` (ARRAY<STRING>).
    """
    labelled = rows.withColumn("_reasons", labels(faults))
    clean = labelled.where(F.size("_reasons") == 0).drop("_reasons")
    quarantined = labelled.where(F.size("_reasons") > 0).withColumn("quality_flags", F.col("_reasons")).drop("_reasons")
    return clean, quarantined
