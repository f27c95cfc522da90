"""How a night's linkage went, alike on both engines."""

from datetime import date

from jobs.identity.linkage_quality import quality_sql, steps
from tests import both_engines

NIGHT = date(2017, 10, 2)
MAP = [("a", "c1"), ("b", "c1"), ("c", "c1"), ("d", "c2"), ("e", "c3")]
PAIRS = [("a", "b", 0.9), ("b", "c", 0.8), ("c", "d", 0.3)]
LEDGER = [
    ("c1", "created", NIGHT),
    ("c9", "merged", NIGHT),
    ("c8", "erased", NIGHT),
    ("c2", "created", date(2017, 1, 1)),
]
WORK = [(NIGHT, 70), (date(2017, 10, 1), 9)]
MODELS = [(date(2017, 9, 1), '{"expected": {"found": 0.5}}'), (date(2017, 11, 1), '{"expected": {"found": 0.1}}')]


def tables(spark, accounts=MAP, pairs=PAIRS, models=MODELS):
    return {
        "customer_map": spark.createDataFrame(accounts, "account_id STRING, customer_id STRING"),
        "match_pairs": spark.createDataFrame(
            [(*pair, None)[:4] for pair in pairs],
            "account_id_left STRING, account_id_right STRING, match_probability DOUBLE, doubt STRING",
        ),
        "ledger": spark.createDataFrame(LEDGER, "customer_id STRING, event STRING, run_date DATE"),
        "comparisons": spark.createDataFrame(WORK, "run_date DATE, pairs_compared BIGINT"),
        "models": spark.createDataFrame(models, "trained_on DATE, model STRING"),
        "review_queue": spark.createDataFrame([("q1",), ("q2",), ("q3",)], "review_id STRING"),
    }


def quality(spark, columns, **given):
    sql = f"SELECT {columns} FROM ({quality_sql(NIGHT)}) q"
    return both_engines.stepwise_answers(spark, sql, steps(NIGHT), **tables(spark, **given))


def test_a_night_counts_its_pairs_customers_and_changed_ids(spark):
    work = "pairs_compared, pairs_kept, pairs_joined"
    churn = "created_count, merged_count, split_count, retired_count"

    (row,) = quality(spark, f"account_count, customer_count, {work}, {churn}, model_trained_on, review_backlog")

    assert row == (5, 3, 70, 3, 2, 1, 1, 0, 1, date(2017, 9, 1), 3)


def test_match_probabilities_tell_how_right_a_night_is(spark):
    columns = "round(estimated_precision, 6) AS p, round(estimated_recall, 6) AS r"

    # of the three pairs of c1 one was not kept: it is as sure as the way over b; the pair of two customers is one
    # person at 0.3; where the pairs of even odds and more are half of those that there are, nobody can say
    sure = 0.9 + 0.8 + 0.9 * 0.8
    assert quality(spark, columns) == [(round(sure / 3, 6), None)]
    old = [(date(2017, 9, 1), "{}")]
    assert quality(spark, columns, models=old) == [(round(sure / 3, 6), round(sure / (sure + 0.3), 6))]
    assert quality(spark, columns, accounts=[("a", "c1")], pairs=[]) == [(None, None)]


def test_pairs_that_weigh_too_little_to_be_seen_count_as_missed(spark):
    model = [(date(2017, 9, 1), '{"expected": {"found": 0.9}}')]
    alone = {"accounts": [("a", "c1"), ("b", "c1")], "pairs": [("a", "b", 0.9)]}

    assert quality(spark, "round(estimated_recall, 6) AS r", models=model, **alone) == [(0.9,)]


def test_what_kept_two_customers_apart_says_how_seldom_they_are_one(spark):
    old = [(date(2017, 9, 1), "{}")]
    accounts = [("a", "c1"), ("b", "c1"), ("c", "c2"), ("d", "c2")]
    apart = [("b", "c", 0.8, "different given names"), ("b", "d", 0.8)]

    rows = quality(spark, "round(estimated_recall, 6) AS r", models=old, accounts=accounts, pairs=[PAIRS[0], *apart])

    assert rows == [(round(0.9 / (0.9 + 2 * 0.8 * 0.1), 6),)]


def test_customers_by_size_come_smallest_first(spark):
    columns = "customers_by_size[0].account_count AS a, customers_by_size[0].customer_count AS n"

    assert quality(spark, columns) == [(1, 2)]
