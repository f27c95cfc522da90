"""DataFrames compared by chispa, which prints both sides row by row where they differ."""

from collections.abc import Sequence
from typing import Any

from chispa import assert_df_equality
from chispa.rows_comparer import assert_basic_rows_equality
from pyspark.sql import DataFrame, Row


def assert_rows(actual: DataFrame, rows: Sequence[tuple[Any, ...]], schema: str) -> None:
    """The frame's columns of this schema hold these rows, in whatever order.

    Args:
        actual: may have further columns.
        rows: what is expected.
        schema: names and types of the columns that are compared.
    """
    expected = actual.sparkSession.createDataFrame(list(rows), schema)
    assert_same(actual.select(*expected.columns), expected)


def assert_same(actual: DataFrame, expected: DataFrame) -> None:
    """Both frames hold the same rows under the same schema, in whatever order."""
    assert_df_equality(
        actual,
        expected,
        ignore_row_order=True,
        ignore_nullable=True,
        ignore_metadata=True,
        allow_nan_equality=True,
    )


def assert_answers(
    columns: Sequence[str], actual: Sequence[tuple[Any, ...]], expected: Sequence[tuple[Any, ...]]
) -> None:
    """Rows that two engines have answered are the same, in whatever order; without a further query.

    Args:
        columns: the names of the values of each row.
        actual: the rows of one engine.
        expected: those of the other.
    """
    named = Row(*columns)
    sides = ([named(*row) for row in sorted(rows, key=repr)] for rows in (actual, expected))
    assert_basic_rows_equality(*sides)
