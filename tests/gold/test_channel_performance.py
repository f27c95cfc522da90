"""gold.channel_performance."""

from datetime import date
from decimal import Decimal

from jobs.gold.channel_performance import channel_performance_sql
from jobs.gold.customer_order_days import GUEST
from tests.both_engines import answers, spark_answer
from tests.gold.rows import ORDER_DAY, customer_map, order_days

AS_OF = date(2026, 3, 31)


def by_channel(days, accounts):
    sql, tables = channel_performance_sql(AS_OF, window_days=31), {"order_days": days, "customer_map": accounts}
    answers(days.sparkSession, sql, **tables)
    return {row.channel: row.asDict() for row in spark_answer(days.sparkSession, sql, **tables).collect()}


def test_each_channel_gets_its_orders_customers_refunds_and_share(spark):
    days = order_days(
        spark,
        ("web:1", date(2026, 3, 1), 2, 600),
        ("web:1", date(2026, 3, 5), 0, -100),
        ("pos:1", date(2026, 3, 9), 1, 300),
        ("pos:2", date(2026, 3, 9), 1, 200),
    ).union(spark.createDataFrame([(GUEST, "pos", date(2026, 3, 9), 3, 0, 1000, 0, 3, 0)], ORDER_DAY))
    accounts = customer_map(spark, c1="web:1 pos:1", c2="pos:2", c3="list:1")

    actual = by_channel(days, accounts)

    web, pos, bought = actual["web"], actual["pos"], actual["list"]
    assert (web["order_count"], web["refund_count"], web["spend"], web["refunded"]) == (2, 1, Decimal(5), Decimal(1))
    assert (web["average_order"], web["first_order_customer_count"]) == (Decimal(3), 1)
    assert (pos["customer_count"], pos["order_count"], pos["guest_order_count"]) == (2, 5, 3)
    assert (pos["spend"], pos["spend_share"], pos["first_order_customer_count"]) == (Decimal(15), 0.75, 1)
    assert (bought["account_count"], bought["order_count"], bought["average_order"]) == (1, 0, None)


def test_a_first_order_before_the_window_is_no_new_customer(spark):
    days = order_days(spark, ("web:1", date(2025, 1, 1), 1, 100), ("web:1", date(2026, 3, 1), 1, 100))

    actual = by_channel(days, customer_map(spark, c1="web:1"))

    assert actual["web"]["first_order_customer_count"] == 0
    assert actual["web"]["customer_count"] == 1


def test_a_company_without_accounts_and_orders_has_no_channels(spark):
    assert by_channel(order_days(spark), customer_map(spark)) == {}
