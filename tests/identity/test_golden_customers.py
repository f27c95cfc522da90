"""The best known value of each attribute, alike on both engines."""

from datetime import date, datetime

from jobs.identity.golden_customers import golden_sql
from tests import both_engines

MAP = "account_id STRING, channel STRING, customer_id STRING, arrived_on DATE"
HELD = (
    "SELECT surname, email, birth_date, account_count, channels, first_account_id FROM ({}) golden ORDER BY customer_id"
)


def golden(spark, accounts, *rows):
    customer_map = spark.createDataFrame(rows, MAP)
    return both_engines.answers(spark, HELD.format(golden_sql()), customers=accounts, customer_map=customer_map)


def test_the_most_frequent_value_wins_then_the_most_recent(spark, silver):
    accounts = silver([
        {"account_id": "pos:1", "surname": "Ng", "email": "old@x.org", "updated_at": datetime(2017, 1, 1)},
        {"account_id": "web:1", "surname": "Ng", "email": "new@x.org", "updated_at": datetime(2017, 5, 1)},
        {"account_id": "app:1", "surname": "Nh", "birth_date": date(1980, 2, 3), "updated_at": datetime(2017, 9, 1)},
    ])  # fmt: skip
    rows = [(a, a[:3], "c1", date(2017, 10, day)) for day, a in enumerate(("web:1", "pos:1", "app:1"), 1)]

    (found,) = golden(spark, accounts, *rows)

    assert found == ("Ng", "new@x.org", date(1980, 2, 3), 3, ["app", "pos", "web"], "web:1")


def test_a_customer_without_any_value_is_there_all_the_same(spark, silver):
    accounts = silver([{"account_id": "pos:1"}])

    (found,) = golden(spark, accounts, ("pos:1", "pos", "c1", date(2017, 10, 1)))

    assert found == (None, None, None, 1, ["pos"], "pos:1")
