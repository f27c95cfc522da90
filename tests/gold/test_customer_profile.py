"""gold.customer_profile: each part by itself, and the job over whatever tables there are."""

from datetime import date
from decimal import Decimal

import pytest

from jobs.config import Conf
from jobs.gold import customer_profile as profile
from jobs.lake import Lake
from tests.both_engines import answers, spark_answer
from tests.gold.rows import customer_map, order_days

AS_OF = date(2026, 3, 31)


@pytest.fixture
def ids(spark):
    return customer_map(spark, c1="web:1 pos:1", c2="web:2").select("account_id", "customer_id")


def one(rows, customer="c1"):
    return rows.where(f"customer_id = '{customer}'").collect()[0].asDict()


def test_orders_of_all_accounts_add_up_and_the_busiest_channel_is_the_favourite(spark, ids):
    days = order_days(spark, ("web:1", AS_OF, 1, 900), ("pos:1", date(2026, 1, 1), 2, 300), ("pos:1", AS_OF, 0, -200))

    sql, tables = profile.order_summary_sql(AS_OF), {"order_days": days, "customer_map": ids}
    assert len(answers(spark, sql, **tables)) == 1

    actual = one(profile.order_summary(spark_answer(spark, sql, **tables)))

    assert actual["first_order_date"] == date(2026, 1, 1)
    assert actual["last_order_date"] == AS_OF
    assert (actual["order_count"], actual["refund_count"], actual["favourite_channel"]) == (3, 1, "pos")
    assert (actual["spend"], actual["average_order"]) == (Decimal("10.00"), Decimal("3.33"))


def test_the_favourite_category_is_by_spend_over_all_accounts_and_unknown_products_count_for_none(spark, ids):
    lines = spark.createDataFrame(
        [("web:1", "p1", AS_OF, 500), ("pos:1", "p2", AS_OF, 400), ("web:1", "p3", AS_OF, 400),
         ("web:1", "p9", AS_OF, 9999), ("web:1", "p1", date(2020, 1, 1), 9999)],
        "account_id STRING, product_id STRING, order_date DATE, sales_cents BIGINT",
    )  # fmt: skip
    products = spark.createDataFrame(
        [("p1", "TEA"), ("p2", "MILK"), ("p3", "MILK"), ("p9", None)], "product_id STRING, product_category STRING"
    )
    sql, tables = (
        profile.favourite_sql(date(2026, 1, 1), AS_OF),
        {"order_lines": lines, "customer_map": ids, "products": products},
    )

    assert answers(spark, sql, **tables) == [("c1", "MILK")]


def test_a_refusal_by_one_account_outweighs_the_grant_of_another(spark, ids):
    consents = spark.createDataFrame(
        [("web:1", "email", True), ("pos:1", "email", False), ("web:1", "phone", True)],
        "account_id STRING, purpose STRING, is_granted BOOLEAN",
    )

    actual = one(profile.consent_summary(consents, ids))

    assert (actual["granted_purposes"], actual["refused_purposes"]) == (["phone"], ["email"])


def test_the_tenth_with_the_highest_value_is_decile_10_and_without_a_value_there_is_none(spark):
    rows = [(f"c{n}", Decimal(n)) for n in range(1, 11)] + [("unfitted", None)]
    value = spark.createDataFrame(rows, "customer_id STRING, clv_365d DECIMAL(18,2)")
    for name in ("p_alive", "expected_orders_90d", "expected_spend_365d"):
        value = value.selectExpr("*", f"CAST(NULL AS DOUBLE) AS {name}")

    deciles = {row.customer_id: row.value_decile for row in profile.value_summary(value).collect()}

    assert (deciles["c10"], deciles["c1"], deciles["unfitted"]) == (10, 1, None)


def test_every_customer_has_a_row_even_where_every_other_table_is_missing(lake: Lake):
    customer_map(lake.spark, c1="web:1 pos:1", c2="list:1").write.format("delta").save(
        lake.path("identity.customer_map")
    )

    profile.run(lake.for_job("gold.customer_profile", ""), AS_OF, Conf().settings("customer_profile", profile.Settings))

    actual = lake.for_job("reader", "").read("gold.customer_profile")
    assert actual.count() == 2
    known = one(actual)
    assert (known["channels"], known["account_count"], known["is_lead"]) == (["pos", "web"], 2, False)
    assert (known["order_count"], known["spend"], known["clv_365d"]) == (0, Decimal("0.00"), None)
    assert one(actual, "c2")["is_lead"]
