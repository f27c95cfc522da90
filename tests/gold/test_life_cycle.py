"""gold.life_cycle."""

from datetime import date, datetime, timedelta

import pytest

from jobs.gold.life_cycle import Settings, life_cycle_sql
from tests.both_engines import answers, spark_answer
from tests.gold.rows import customer_map, order_days

AS_OF = date(2026, 6, 30)
SETTINGS = Settings(dormant_after_days=60, lost_after_days=180, won_back_days=90, loyal_order_days=4)

CASES = {
    "first_time": ([10], 10),
    "repeat": ([40, 10], 10),
    "loyal": ([50, 40, 30, 20, 10], 20),
    "dormant": ([90, 70], 10),  # 60 days after the last order
    "lost": ([400, 200], 20),
    "won_back": ([400, 30, 10], 30),
}


@pytest.mark.parametrize("state", CASES)
def test_order_days_and_silences_make_the_state_and_its_beginning(spark, state):
    days_ago, since_days_ago = CASES[state]

    row = judged(spark, days_ago)

    assert (row.state, row.since) == (state, AS_OF - timedelta(days=since_days_ago))
    assert row.reason == f"{len(days_ago)} order days, the last {days_ago[-1]} days ago"


def test_a_state_begins_anew_after_a_silence(spark):
    row = judged(spark, [200, 190, 180, 170, 30, 10])

    assert (row.state, row.since) == ("loyal", AS_OF - timedelta(days=30))


def test_a_refund_is_no_order_and_facts_after_the_day_are_not_seen(spark):
    row = judged(spark, [70, -1], refunds=[3])

    assert row.state == "dormant"


def judged(spark, days_ago, refunds=()):
    rows = [("web:1", AS_OF - timedelta(days=ago), 1, 100) for ago in days_ago]
    rows += [("web:1", AS_OF - timedelta(days=ago), 0, -50) for ago in refunds]
    accounts = customer_map(spark, c1="web:1")
    return states(spark, order_days(spark, *rows), accounts)[0]


def states(spark, days, accounts):
    """What both engines say."""
    tables = {"order_days": days, "customer_map": accounts, "customers": registrations(spark)}
    sql = life_cycle_sql(AS_OF, SETTINGS)
    answers(spark, sql, **tables)
    return spark_answer(spark, sql, **tables).collect()


def test_people_without_orders_are_leads_or_prospects_since_they_are_known(spark):
    accounts = customer_map(spark, bought="list:1", signed_up="list:2 web:2")

    actual = states(spark, order_days(spark), accounts)

    found = {row.customer_id: (row.state, row.since, row.reason) for row in actual}
    assert found["bought"] == ("lead", date(2026, 5, 1), "no order yet")
    assert found["signed_up"] == ("prospect", date(2026, 4, 1), "no order yet")


def registrations(spark):
    """One account told when it registered; of the others only the night they came is known."""
    rows = [("web:2", datetime(2026, 4, 1)), ("list:1", None)]
    return spark.createDataFrame(rows, "account_id STRING, registered_at TIMESTAMP")
