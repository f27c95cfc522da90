"""Exported lines are hashed alike in Spark and without it, whatever columns a file has."""

from datetime import date

import pyarrow as pa

from lakehouse.lake import contents
from lakehouse.quality import gate, line_hashes

LINES = [
    {"sku": "a", "price": "1,50", "_line": 1, "_day": date(2026, 3, 31)},
    {"sku": "a", "price": None, "_line": 2, "_day": date(2026, 3, 31)},
    {"sku": "", "price": "1,50", "_line": 3, "_day": None},
    {"sku": "王小明", "price": "x" * 200, "_line": None, "_day": date(1890, 1, 1)},
]
SCHEMA = "sku STRING, price STRING, _line BIGINT, _day DATE"


def counted(rows: pa.Table) -> contents.Contents | None:
    """What stands in lines."""
    return contents.total([line_hashes.hashed(rows)])


def test_spark_gives_the_same_numbers(spark):
    rows = spark.createDataFrame(LINES, SCHEMA)

    theirs = gate.observe(line_hashes.by_spark(rows), [])

    assert counted(rows.toArrow()) == (len(LINES), int(theirs.fingerprint))


def test_a_column_without_a_value_is_as_none_and_the_order_of_columns_and_lines_says_nothing(spark):
    rows = spark.createDataFrame(LINES, SCHEMA).toArrow()
    with_one_more = rows.append_column("added", pa.nulls(rows.num_rows, pa.string()))

    assert counted(with_one_more) == counted(rows) == counted(rows.select(rows.column_names[::-1])[::-1])


def test_a_value_under_another_column_or_in_another_line_counts_otherwise(spark):
    rows = spark.createDataFrame(LINES, SCHEMA).toArrow()
    renamed = rows.rename_columns(["price", "sku", "_line", "_day"])
    prices = rows.set_column(1, "price", pa.array(["1,50", "1,50", None, "x" * 200]))

    assert len({counted(rows), counted(renamed), counted(prices)}) == 3
