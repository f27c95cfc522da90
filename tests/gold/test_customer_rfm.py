"""gold.customer_rfm."""

from datetime import date, timedelta
from decimal import Decimal

from chispa import assert_df_equality
from pyspark.sql import DataFrame

from jobs.config import Conf
from jobs.gold.customer_days import customer_days_sql
from jobs.gold.customer_rfm import Settings, customer_rfm, with_scores, with_segment
from tests.both_engines import answers, spark_answer
from tests.gold.rows import customer_map, order_days

SCORED = "customer_id STRING, recency_days INT, order_count BIGINT, spend DECIMAL(18,2)"


def rfm_of(days: DataFrame, owners: DataFrame, as_of: date, window_days: int) -> DataFrame:
    """As the job does it: one query for the days of the window, then the figures."""
    sql = customer_days_sql(as_of, as_of - timedelta(days=window_days - 1))
    tables = {"order_days": days, "customer_map": owners}
    answers(days.sparkSession, sql, **tables)
    return customer_rfm(spark_answer(days.sparkSession, sql, **tables), as_of)


def test_the_first_day_of_the_window_counts_and_the_day_before_does_not(spark):
    days = order_days(spark, ("web:7", date(2026, 3, 4), 1, 500), ("web:7", date(2026, 3, 3), 1, 900))

    actual = rfm_of(days, customer_map(spark, c1="web:7"), date(2026, 3, 10), window_days=7)

    expected = spark.createDataFrame([("c1", 6, 1, Decimal("5.00"))], SCORED)
    assert_df_equality(actual, expected, ignore_nullable=True)


def test_accounts_of_a_customer_add_up_and_a_later_refund_lowers_spend_but_is_no_order(spark):
    days = order_days(
        spark,
        ("web:7", date(2026, 3, 1), 2, 500),
        ("pos:1", date(2026, 3, 2), 1, 300),
        ("web:7", date(2026, 3, 9), 0, -200),
        ("guest", date(2026, 3, 9), 5, 9000),
    )

    actual = rfm_of(days, customer_map(spark, c1="web:7 pos:1"), date(2026, 3, 10), window_days=30)

    expected = spark.createDataFrame([("c1", 8, 3, Decimal("6.00"))], SCORED)
    assert_df_equality(actual, expected, ignore_nullable=True)


def test_equal_shares_give_the_best_customer_the_highest_scores_and_equal_values_equal_ones(spark):
    rows = [(f"c{n}", 100 - n, n, Decimal(n)) for n in range(1, 11)] + [("twin", 90, 10, Decimal(10))]
    settings = Conf().settings("customer_rfm", Settings)

    scored = spark.createDataFrame(rows, SCORED).transform(with_scores, settings)

    by_id = {row.customer_id: (row.r_score, row.f_score, row.m_score) for row in scored.collect()}
    assert by_id["c1"] == (1, 1, 1)
    assert by_id["c10"] == by_id["twin"] == (5, 5, 5)
    assert {score for scores in by_id.values() for score in scores} == {1, 2, 3, 4, 5}


def test_given_cuts_replace_equal_shares(spark):
    rows = [("c1", 7, 1, Decimal(10)), ("c2", 8, 4, Decimal(20)), ("c3", 91, 4, Decimal(1000))]
    cut = {"recency_cuts_days": (7.0, 90.0), "order_count_cuts": (1.0, 3.0), "spend_cuts": (10.0, 100.0)}
    settings = Settings(365, 5, **cut, segments=(), other_segment="others")

    scored = spark.createDataFrame(rows, SCORED).transform(with_scores, settings)

    scores = scored.select("customer_id", "r_score", "f_score", "m_score")
    expected = spark.createDataFrame(
        [("c1", 3, 1, 1), ("c2", 2, 3, 2), ("c3", 1, 3, 3)],
        "customer_id STRING, r_score INT, f_score INT, m_score INT",
    )
    assert_df_equality(scores, expected, ignore_row_order=True, ignore_nullable=True)


def test_the_first_segment_whose_condition_holds_names_the_customer(spark):
    rows = [("c1", 5, 5, 5), ("c2", 1, 5, 5), ("c3", 1, 1, 1), ("c4", 2, 1, 1)]
    scores = spark.createDataFrame(rows, "customer_id STRING, r_score INT, f_score INT, m_score INT")

    named = with_segment(scores, Conf().settings("customer_rfm", Settings)).collect()

    names = {row.customer_id: row.rfm_segment for row in named}
    assert names == {"c1": "champions", "c2": "cannot_lose", "c3": "lost", "c4": "others"}


def test_no_orders_give_an_empty_table(spark):
    settings = Conf().settings("customer_rfm", Settings)
    nobody = rfm_of(order_days(spark), customer_map(spark), date(2026, 3, 10), window_days=7)

    assert nobody.transform(with_scores, settings).transform(with_segment, settings).count() == 0
