"""models.churn_examples: what may be known when, and when a label is known."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.models import churn_examples as job
from jobs.models.churn import signals
from jobs.models.churn.features import origins
from jobs.models.churn_examples import churn_examples_sql
from jobs.models.settings.churn import FEATURES, Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from tests.both_engines import duckdb_answer, spark_answer
from tests.frames import assert_rows
from tests.gold.memory_lake import MemoryLake
from tests.models.nullable import nullable

DAYS = (
    "account_id STRING, channel STRING, order_date DATE, order_count INT, refund_count INT, spend_cents BIGINT, "
    "refund_cents BIGINT, line_count BIGINT"
)
MAP = [("pos:1", "c1"), ("web:1", "c1"), ("pos:2", "c2")]
AS_OF = date(2017, 10, 1)


@pytest.fixture
def settings(conf: Conf) -> Settings:
    return conf.settings("churn", Settings)


def examples(spark: SparkSession, rows: list[tuple[str, date]], settings: Settings, known_until: date) -> DataFrame:
    days = spark.createDataFrame([(account, account[:3], day, 1, 0, 1000, 0, 2) for account, day in rows], DAYS)
    customer_map = spark.createDataFrame(MAP, "account_id STRING, customer_id STRING")
    tables = {
        "order_days": days,
        "customer_map": customer_map,
        "origins": origins([AS_OF], settings.history_days, settings.horizon),
    }
    sql = churn_examples_sql(known_until, settings)
    by_spark, by_duckdb = spark_answer(spark, sql, **tables), duckdb_answer(sql, **tables)
    assert sorted(rounded(row) for row in by_spark.collect()) == sorted(map(rounded, by_duckdb))
    return by_spark


def rounded(row: Sequence[Any]) -> str:
    """A row with its floats to 9 significant digits, as fingerprints take them."""
    return repr([f"{value:.9g}" if isinstance(value, float) else value for value in row])


def test_a_fact_from_the_as_of_date_on_moves_no_feature(spark: SparkSession, settings: Settings) -> None:
    past = [("pos:1", date(2017, 8, 1)), ("web:1", date(2017, 9, 10)), ("pos:1", date(2017, 9, 30))]
    planted = [("pos:1", AS_OF), ("web:1", date(2017, 10, 2)), ("pos:2", AS_OF)]
    later = AS_OF + timedelta(days=60)

    before = examples(spark, past, settings, later).collect()
    after = examples(spark, past + planted, settings, later).collect()

    assert [[row[name] for name in FEATURES] for row in before] == [[row[name] for name in FEATURES] for row in after]
    assert (before[0]["is_churned"], after[0]["is_churned"]) == (True, False)


def test_the_horizon_begins_on_the_as_of_date_and_has_as_many_days_as_it_says(
    spark: SparkSession, settings: Settings
) -> None:
    last = AS_OF + timedelta(days=settings.horizon - 1)
    seen = [("pos:1", date(2017, 9, 1)), ("pos:2", date(2017, 9, 1))]

    rows = examples(spark, [*seen, ("pos:1", last), ("pos:2", last + timedelta(days=1))], settings, date(2018, 1, 1))

    assert_rows(rows, [("c1", False), ("c2", True)], "customer_id STRING, is_churned BOOLEAN")


def test_a_label_is_null_until_its_whole_horizon_is_known(spark: SparkSession, settings: Settings) -> None:
    rows = [("pos:1", date(2017, 9, 1)), ("pos:1", AS_OF)]
    matured = AS_OF + timedelta(days=settings.horizon)

    [known], [unknown] = (
        examples(spark, rows, settings, morning).collect() for morning in (matured, matured - timedelta(days=1))
    )

    assert known["is_churned"] is False
    assert unknown["is_churned"] is None


def test_features_are_of_the_customer_not_of_the_account(spark: SparkSession, settings: Settings) -> None:
    rows = [("pos:1", date(2017, 9, 1)), ("web:1", date(2017, 9, 1)), ("web:1", date(2017, 9, 21))]

    [found] = examples(spark, rows, settings, AS_OF).collect()

    assert (found["recency_days"], found["tenure_days"], found["mean_gap_days"]) == (10, 30, 20.0)
    assert (found["shopping_days_14d"], found["shopping_days_28d"], found["shopping_days_56d"]) == (1, 1, 2)
    assert found["lines_per_shopping_day"] == 3.0
    assert found["spend_per_28d"] == pytest.approx(28.0)
    assert found["recency_to_longest_gap"] == 0.5


def test_purchases_older_than_the_history_count_for_nothing(spark: SparkSession, settings: Settings) -> None:
    oldest = AS_OF - timedelta(days=settings.history_days)
    rows = [("pos:1", oldest - timedelta(days=1)), ("pos:1", oldest), ("pos:2", oldest - timedelta(days=1))]

    found = examples(spark, rows, settings, AS_OF).collect()

    assert [(row["customer_id"], row["tenure_days"], row["mean_gap_days"]) for row in found] == [
        ("c1", settings.history_days, float(settings.history_days))
    ]


def test_as_of_dates_keep_their_places_from_night_to_night(settings: Settings) -> None:
    tonight = settings.as_of_dates(date(2017, 1, 1), date(2017, 10, 5))
    tomorrow = settings.as_of_dates(date(2017, 1, 1), date(2017, 10, 6))

    assert (tonight[-1], tomorrow[-1]) == (date(2017, 10, 5), date(2017, 10, 6))
    assert tonight[:-1] == tomorrow[:-1]
    assert tonight[-2] == date(2017, 10, 1)
    assert tonight[0] >= date(2017, 1, 1) + timedelta(days=settings.min_history_days)


def test_without_purchases_the_table_is_empty_and_the_night_says_why(lake: Lake, settings: Settings) -> None:
    job.run(lake, date(2017, 9, 30), settings)

    assert lake.read(job.WRITES).count() == 0
    assert "a customer with an order is needed" in lake.notes[0]


def test_the_horizon_is_the_interval_of_the_companys_newest_rhythm(settings: Settings) -> None:
    rhythm = pa.table(
        {
            "run_date": pa.array([date(2017, 8, 1), date(2017, 9, 1), date(2017, 10, 2)], pa.date32()),
            "interval_days": pa.array([None, 182, 7], pa.int32()),
        }
    )

    def horizon(run_date: date) -> int:
        return job.for_company(MemoryLake(life_cycle_rhythm=rhythm), run_date, settings).horizon  # type: ignore[arg-type]

    assert horizon(AS_OF) == 182
    assert horizon(date(2017, 8, 31)) == settings.assumed_horizon_days
    assert horizon(date(2017, 10, 2)) == 7


@pytest.mark.parametrize("share", [0.5, 0.25, 0.125])
def test_of_many_customers_a_share_is_kept_as_of_past_dates_and_all_as_of_tonight(
    spark: SparkSession, settings: Settings, share: float
) -> None:
    dates = [AS_OF - timedelta(days=30), AS_OF]
    days = [(f"pos:{n}", "pos", date(2017, 8, 1) + timedelta(days=n % 20), 1, 0, 100, 0, 1) for n in range(400)]
    tables = {
        "order_days": spark.createDataFrame(days, DAYS),
        "customer_map": spark.createDataFrame(
            [(f"pos:{n}", f"c{n}") for n in range(400)], "account_id STRING, customer_id STRING"
        ),
        "origins": origins(dates, settings.history_days, settings.horizon, share),
    }

    def kept(part: float) -> dict[date, dict[str, float]]:
        sql = churn_examples_sql(AS_OF, settings, part)
        rows = duckdb_answer(f"SELECT as_of, customer_id, customer_share FROM ({sql}) kept", **tables)
        assert sorted(rows) == sorted(
            spark_answer(spark, sql, **tables).select("as_of", "customer_id", "customer_share").collect()
        )
        return {day: {row[1]: row[2] for row in rows if row[0] == day} for day in dates}

    past, tonight = kept(share)[dates[0]], kept(share)[dates[1]]

    assert (len(tonight), set(tonight.values())) == (400, {1.0})
    assert set(past.values()) == {share}
    assert abs(len(past) - 400 * share) < 50
    assert set(kept(share / 2)[dates[0]]) < set(past) < set(kept(1.0)[dates[0]])


@pytest.mark.parametrize(
    ("customers", "dates", "share"),
    [
        (0, 26, 1.0),
        (32_000, 26, 1.0),
        (32_001, 26, 0.5),
        (200_000, 26, 0.125),
        (5_000_000, 26, 1 / 256),
        (9_000_000, 1, 1.0),
    ],
)
def test_the_share_is_the_largest_halving_that_keeps_past_examples_under_the_limit(
    settings: Settings, customers: int, dates: int, share: float
) -> None:
    assert settings.past_share(customers, dates) == share


def signals_of(spark: SparkSession, settings: Settings, told: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The signals of c1, who bought twice, as of AS_OF; both engines agree."""
    bought = [{"account_id": "pos:1", "channel": "pos", "order_date": AS_OF - timedelta(days=n), "order_count": 1,
               "spend_cents": 500, "line_count": 1} for n in (5, 40)]  # fmt: skip
    of_map = [{"account_id": account, "customer_id": customer} for account, customer in MAP]
    tables = {
        "order_days": nullable("gold.customer_order_days", bought),
        "customer_map": nullable("identity.customer_map", of_map),
        "origins": origins([AS_OF], settings.history_days, settings.horizon),
        **{name: nullable(table, told.get(name, [])) for name, table in signals.TABLES.items()},
    }
    sql = churn_examples_sql(AS_OF, settings, has_signals=True)
    frame = spark_answer(spark, sql, **tables)
    by_spark = frame.collect()
    assert [rounded(row) for row in by_spark] == list(map(rounded, duckdb_answer(sql, **tables)))
    return {name: by_spark[0][name] for name in signals.TYPES}


def interaction(kind: str, days_before: int, account: str = "web:1") -> dict[str, Any]:
    return {"account_id": account, "interaction_type": kind, "occurred_date": AS_OF - timedelta(days=days_before)}


def test_a_company_without_contacts_ratings_and_coupons_has_nulls(spark: SparkSession, settings: Settings) -> None:
    assert set(signals_of(spark, settings, {}).values()) == {None}


def test_what_was_told_before_the_date_counts_and_what_came_on_it_does_not(
    spark: SparkSession, settings: Settings
) -> None:
    kinds = [("email_sent", 1), ("email_sent", 84), ("email_sent", 85), ("email_clicked", 3), ("complaint", 0)]
    told = [interaction(kind, days) for kind, days in kinds] + [interaction("email_sent", 0), interaction("login", 2)]
    ratings = [
        {"account_id": "pos:1", "rating": Decimal(rating), "given_date": AS_OF - timedelta(days=days)}
        for rating, days in ((4, 9), (2, 7), (1, 7), (5, 0))
    ]
    coupons = [{"account_id": "pos:1", "redeemed_date": AS_OF - timedelta(days=100)}]
    moves = [
        {"customer_id": "c1", "segment": segment, "valid_from": AS_OF - timedelta(days=days)}
        for segment, days in (("new", 90), ("loyal", 30), ("lost", 0))
    ]
    found = signals_of(
        spark, settings, {"interactions": told, "feedback": ratings, "redemptions": coupons, "moves": moves}
    )

    assert found == {
        "contacts_84d": 2,
        "responses_84d": 1,
        "response_share_84d": 0.5,
        "response_recency_days": 3,
        "complaints_84d": None,  # no complaint of anybody was known by then
        "complaint_recency_days": None,
        "rating_mean": pytest.approx(7 / 3),
        "rating_last": 1.5,
        "redemptions_84d": 0,
        "redemptions_per_shopping_day": 0.5,
        "segment_moves_84d": 1,
    }
