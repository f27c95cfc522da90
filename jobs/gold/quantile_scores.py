"""Scores 1 to n by where a value stands among all customers, or by cuts that a steward gives."""

from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def cuts(rows: DataFrame, values: Mapping[str, Column], score_count: int) -> DataFrame:
    """The cuts of each named value between `score_count` equal shares of the rows: one row of arrays.

    Equal input gives equal cuts, in any order and any number of partitions.
    """
    shares = F.array(*(F.lit(k / score_count) for k in range(1, score_count)))
    return rows.agg(*(F.percentile(value, shares).alias(name) for name, value in values.items()))


def given(numbers: Sequence[float]) -> Column:
    """Cuts from the configuration, ascending."""
    return F.array(*(F.lit(float(number)) for number in sorted(numbers)))


def score(value: Column, cuts_of_it: Column) -> Column:
    """1 for values up to the first cut, one more for each cut below the value; equal values score alike."""
    return (F.size(F.filter(cuts_of_it, lambda cut: cut < value)) + 1).cast("int")


def three_digits(amount: Column) -> Column:
    """An amount as a double cut to its first three digits, so that a percentile keeps few distinct values."""
    size = F.abs(amount.cast("double"))
    unit = F.pow(F.lit(10.0), F.floor(F.log10(F.greatest(size, F.lit(0.01)))) - 2)
    return F.round(F.floor(amount.cast("double") / unit) * unit, 4)
