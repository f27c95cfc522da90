"""What is hidden counts in every part of a query and stands in none of its plans."""

import pytest
from pyspark.sql import functions as F

from lakehouse.spark.hidden import hidden
from lakehouse.sql.expressions import account_id

KEY = "0123456789abcdef" * 4
QUERIES = {
    "a column": lambda rows: rows.select(F.concat(hidden(KEY), "k").alias("x")),
    "a group": lambda rows: rows.groupBy("k").agg(F.concat(hidden(KEY), F.min("k")).alias("x")).select("x"),
    "a filter": lambda rows: rows.where(F.concat(hidden(KEY), "k") > "0").select(F.concat(F.lit(KEY), "k").alias("x")),
    "a sort": lambda rows: rows.orderBy(F.sha2(F.concat(hidden(KEY), "k"), 256)).select(F.concat(F.lit(KEY), "k")),
}


@pytest.fixture
def rows(spark):
    return spark.createDataFrame([("a",), ("b",)], "k string")


@pytest.mark.parametrize("place", QUERIES)
def test_a_hidden_text_has_its_value_wherever_it_stands(rows, place):
    assert sorted(row[0] for row in QUERIES[place](rows).collect()) == [f"{KEY}a", f"{KEY}b"]


def plans(frame):
    frame.collect()
    execution = frame._jdf.queryExecution()
    logical = (execution.logical(), execution.analyzed(), execution.optimizedPlan())
    return "\n".join(plan.treeString() for plan in (*logical, execution.executedPlan()))


def test_plans_repeat_a_literal_and_never_what_is_hidden(rows):
    assert KEY in plans(rows.select(F.concat(F.lit(KEY), "k")))
    assert KEY not in plans(rows.select(F.concat(hidden(KEY), "k")))


def test_no_plan_shows_the_key_of_account_hashes(rows):
    frame = rows.select(account_id(F.lit("shop"), F.col("k"), True, KEY).alias("account_id"))

    assert KEY not in plans(frame)
    assert len({row.account_id for row in frame.collect()}) == 2
