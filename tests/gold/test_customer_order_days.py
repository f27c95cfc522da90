"""gold.customer_order_days: summed right, and as a night's increments equal to a rebuild."""

import dataclasses
from datetime import UTC, date, datetime

from jobs.gold import customer_order_days
from jobs.gold.customer_order_days import CHANGE_FEED, ORDER, changed_days, order_days, with_guests_together
from jobs.gold.settings.customer_order_days import Settings
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import log as delta_log
from lakehouse.lake.lake import Lake
from tests.frames import assert_rows, assert_same

ORDERS = (
    "account_id STRING, channel STRING, order_date DATE, order_type STRING, total_cents BIGINT, line_count INT, "
    "quality_flags ARRAY<STRING>"
)
DAYS = (
    "account_id STRING, channel STRING, order_date DATE, order_count INT, refund_count INT, spend_cents BIGINT, "
    "refund_cents BIGINT, line_count BIGINT, incomplete_count INT"
)
SETTINGS = Settings(count_incomplete_orders=True)
TAKEN = ORDERS.replace("quality_flags ARRAY<STRING>", "is_incomplete BOOLEAN")
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def test_refunds_and_cancellations_lower_spend_and_are_no_orders(spark):
    orders = spark.createDataFrame(
        [
            ("web:1", "web", MONDAY, "sale", 500, 2, []),
            ("web:1", "web", MONDAY, "refund", -100, 1, []),
            ("web:1", "web", MONDAY, "cancellation", -50, None, []),
            (None, "web", MONDAY, "sale", 70, 1, []),
            (None, "web", MONDAY, "sale", 30, 1, []),
        ],
        ORDERS,
    )

    actual = order_days(with_guests_together(orders))

    expected = spark.createDataFrame(
        [("web:1", "web", MONDAY, 1, 2, 350, -150, 3, 0), ("guest", "web", MONDAY, 2, 0, 100, 0, 2, 0)], DAYS
    )
    assert_same(actual, expected)


def test_an_order_that_lost_a_line_counts_as_it_is_or_not_at_all_and_is_counted_beside(spark):
    orders = with_guests_together(
        spark.createDataFrame(
            [
                ("web:1", "web", MONDAY, "sale", 500, 2, []),
                ("web:1", "web", MONDAY, "sale", 200, 1, ["order_incomplete"]),
                ("web:2", "web", MONDAY, "sale", 70, 1, ["order_incomplete"]),
            ],
            ORDERS,
        )
    )

    counted = [("web:1", "web", MONDAY, 2, 0, 700, 0, 3, 1), ("web:2", "web", MONDAY, 1, 0, 70, 0, 1, 1)]
    assert_same(order_days(orders, count_incomplete_orders=True), spark.createDataFrame(counted, DAYS))
    left_out = [("web:1", "web", MONDAY, 1, 0, 500, 0, 2, 1), ("web:2", "web", MONDAY, 0, 0, 0, 0, 0, 1)]
    assert_same(order_days(orders, count_incomplete_orders=False), spark.createDataFrame(left_out, DAYS))


def test_an_order_that_moved_is_taken_from_its_old_day_and_put_on_the_new_one(spark):
    now = spark.createDataFrame([("web:1", "web", TUESDAY, "sale", 500, 2, False)], TAKEN)
    was = spark.createDataFrame([("web:1", "web", MONDAY, "sale", 500, 2, False)], TAKEN)

    actual = changed_days(now, was.union(now))

    expected = spark.createDataFrame(
        [("web:1", "web", MONDAY, 0, 0, 0, 0, 0, 0), ("web:1", "web", TUESDAY, 1, 0, 500, 0, 2, 0)], DAYS
    )
    assert_same(actual, expected)


def test_days_that_did_not_change_are_not_recomputed(spark):
    orders = spark.createDataFrame([("web:1", "web", d, "sale", 500, 2, False) for d in (MONDAY, TUESDAY)], TAKEN)

    actual = changed_days(orders, orders.where("order_date = '2026-03-03'"))

    assert_rows(actual, [(TUESDAY,)], "order_date DATE")


def order(number, account, day, cents, kind="sale"):
    stamp = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    return (
        f"web:{number}",
        account,
        "web",
        None,
        stamp,
        day,
        kind,
        "USD",
        cents,
        cents,
        0,
        1,
        None,
        account is None,
        [],
        "web_orders",
        "web.csv",
        number,
        day,
    )


def publish(lake: Lake, *orders, mode: str = "merge") -> None:
    rows = lake.spark.createDataFrame(list(orders), lake.contracts["silver.orders"].schema())
    lake.for_job("silver.orders", "hash").publish("silver.orders", rows, MONDAY, mode=mode)


def with_change_feed(lake: Lake) -> Lake:
    """A lake whose silver.orders keeps its change feed."""

    class Fed(Contracts):
        def __getitem__(self, table):
            contract = super().__getitem__(table)
            fed = {**contract.properties, CHANGE_FEED: "true"}
            return dataclasses.replace(contract, properties=fed) if table == "silver.orders" else contract

    return dataclasses.replace(lake, contracts=Fed(lake.conf))


def test_a_night_of_changes_gives_the_table_that_a_rebuild_gives(lake):
    lake = with_change_feed(lake)
    publish(lake, order(1, "web:a", MONDAY, 500), order(2, "web:b", MONDAY, 300), order(3, None, MONDAY, 100))
    first = lake.for_job("gold.customer_order_days", "same code")
    customer_order_days.run(first, MONDAY, SETTINGS)
    publish(lake, order(2, "web:b", MONDAY, 200), order(4, "web:a", TUESDAY, -50, "refund"))
    second = lake.for_job("gold.customer_order_days", "same code")

    customer_order_days.run(second, TUESDAY, SETTINGS)

    rebuilt = order_days(with_guests_together(lake.read("silver.orders").select(*ORDER, "quality_flags")))
    assert lake.spark.read.format("delta").load(lake.path("gold.customer_order_days")).count() == 4
    actual = lake.for_job("reader", "").read("gold.customer_order_days")
    assert_same(actual, rebuilt)


def test_a_night_that_only_adds_orders_recomputes_their_days_alone(lake):
    publish(lake, order(1, "web:a", MONDAY, 500), order(2, "web:b", MONDAY, 300), mode="append")
    customer_order_days.run(lake.for_job("gold.customer_order_days", "same code"), MONDAY, SETTINGS)
    publish(lake, order(3, "web:b", MONDAY, 50), order(4, "web:a", TUESDAY, 70), mode="append")

    customer_order_days.run(lake.for_job("gold.customer_order_days", "same code"), TUESDAY, SETTINGS)

    path = lake.path("gold.customer_order_days")
    assert delta_log.commit(path, delta_log.latest_version(path)).operation == "MERGE"
    rebuilt = order_days(with_guests_together(lake.read("silver.orders").select(*ORDER, "quality_flags")))
    actual = lake.for_job("reader", "").read("gold.customer_order_days")
    assert_same(actual, rebuilt)


def test_without_a_change_feed_a_replaced_order_makes_all_days_anew(lake):
    publish(lake, order(1, "web:a", MONDAY, 500), mode="append")
    customer_order_days.run(lake.for_job("gold.customer_order_days", "same code"), MONDAY, SETTINGS)
    publish(lake, order(1, "web:a", TUESDAY, 500))

    customer_order_days.run(lake.for_job("gold.customer_order_days", "same code"), TUESDAY, SETTINGS)

    actual = lake.for_job("reader", "").read("gold.customer_order_days")
    assert_rows(actual, [(TUESDAY,)], "order_date DATE")


def test_a_night_without_orders_leaves_an_empty_table(lake):
    customer_order_days.run(lake.for_job("gold.customer_order_days", ""), MONDAY, SETTINGS)

    assert lake.for_job("reader", "").read("gold.customer_order_days").count() == 0
