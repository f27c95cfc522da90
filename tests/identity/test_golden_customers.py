"""The best known value of each attribute."""

from datetime import date, datetime

from jobs.identity.golden_customers import golden_customers

MAP = "account_id STRING, channel STRING, customer_id STRING, arrived_on DATE"


def test_the_most_frequent_value_wins_then_the_most_recent(spark, silver):
    accounts = silver([
        {"account_id": "pos:1", "surname": "Ng", "email": "old@x.org", "updated_at": datetime(2017, 1, 1)},
        {"account_id": "web:1", "surname": "Ng", "email": "new@x.org", "updated_at": datetime(2017, 5, 1)},
        {"account_id": "app:1", "surname": "Nh", "birth_date": date(1980, 2, 3), "updated_at": datetime(2017, 9, 1)},
    ])  # fmt: skip
    rows = [(a, a[:3], "c1", date(2017, 10, day)) for day, a in enumerate(("web:1", "pos:1", "app:1"), 1)]
    customer_map = spark.createDataFrame(rows, MAP)

    (found,) = golden_customers(accounts, customer_map).collect()

    assert (found.surname, found.email, found.birth_date) == ("Ng", "new@x.org", date(1980, 2, 3))
    assert (found.account_count, found.channels, found.first_account_id) == (3, ["app", "pos", "web"], "web:1")


def test_a_customer_without_any_value_is_there_all_the_same(spark, silver):
    accounts = silver([{"account_id": "pos:1"}])
    customer_map = spark.createDataFrame([("pos:1", "pos", "c1", date(2017, 10, 1))], MAP)
    assert [r.surname for r in golden_customers(accounts, customer_map).collect()] == [None]
