"""gold.customer_profile: each part by itself, and the job over whatever tables there are."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from jobs.gold import customer_profile as profile
from jobs.gold.customer_figures import profile_parts as parts
from jobs.gold.customer_figures.customer_days import average_sql
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from tests.both_engines import answers
from tests.gold.rows import customer_map, order_days

AS_OF = date(2026, 3, 31)


@pytest.fixture
def ids(spark):
    return customer_map(spark, c1="web:1 pos:1", c2="web:2").select("account_id", "customer_id")


def one(rows, customer="c1"):
    return rows.where(f"customer_id = '{customer}'").collect()[0].asDict()


def answer(spark, sql, **tables):
    """Customer -> the other columns; both engines say so."""
    return {row[0]: row[1:] for row in answers(spark, sql, **tables)}


def test_orders_of_all_accounts_add_up_and_the_busiest_channel_is_the_favourite(spark, ids):
    days = order_days(spark, ("web:1", AS_OF, 1, 900), ("pos:1", date(2026, 1, 1), 2, 300), ("pos:1", AS_OF, 0, -200))

    actual = answer(spark, parts.order_summary_sql(AS_OF), customer_order_days=days, customer_map=ids)

    assert actual == {"c1": (date(2026, 1, 1), AS_OF, 3, 1, 1000, "pos")}


def test_the_favourite_category_is_by_spend_over_all_accounts_and_unknown_products_count_for_none(spark, ids):
    lines = spark.createDataFrame(
        [
            ("web:1", "p1", AS_OF, 500),
            ("pos:1", "p2", AS_OF, 400),
            ("web:1", "p3", AS_OF, 400),
            ("web:1", "p9", AS_OF, 9999),
            ("web:1", "p1", date(2020, 1, 1), 9999),
        ],
        "account_id STRING, product_id STRING, order_date DATE, sales_cents BIGINT",
    )
    products = spark.createDataFrame(
        [("p1", "TEA"), ("p2", "MILK"), ("p3", "MILK"), ("p9", None)], "product_id STRING, product_category STRING"
    )
    sql, tables = (
        parts.favourite_sql(date(2026, 1, 1), AS_OF),
        {"order_lines": lines, "customer_map": ids, "products": products},
    )

    assert answers(spark, sql, **tables) == [("c1", "MILK")]


@pytest.mark.parametrize(
    ("cents", "count", "average"),
    [(1000, 3, "3.33"), (5, 10, "0.01"), (-5, 10, "-0.01"), (4, 10, "0.00"), (1, 0, None)],
)
def test_an_average_rounds_halves_away_from_zero(spark, cents, count, average):
    amounts = spark.createDataFrame([(cents, count)], "cents BIGINT, n BIGINT")

    actual = answers(spark, f"SELECT {average_sql('cents', 'n')} AS average FROM {{amounts}}", amounts=amounts)

    assert actual == [(None if average is None else Decimal(average),)]


def test_a_refusal_by_one_account_outweighs_the_grant_of_another(spark, ids):
    consents = spark.createDataFrame(
        [("web:1", "email", True), ("pos:1", "email", False), ("web:1", "phone", True)],
        "account_id STRING, purpose STRING, is_granted BOOLEAN",
    )

    actual = answer(spark, parts.consent_sql(), consents=consents, customer_map=ids)

    assert actual == {"c1": (["phone"], ["email"])}


def test_of_several_answers_the_first_account_that_knows_one_counts(spark, ids):
    form = "account_id STRING, " + ", ".join(f"{name} STRING" for name in parts.DEMOGRAPHICS)
    asked = spark.createDataFrame(
        [("pos:1", None, "low", None, "a", "1", None), ("web:1", "30-40", "high", None, "b", "2", None)], form
    )

    actual = answer(spark, parts.demographics_sql(), demographics=asked, customer_map=ids)

    assert actual == {"c1": ("30-40", "low", None, "a", "1", None)}


def test_the_tenth_with_the_highest_value_is_decile_10_and_without_a_value_there_is_none(spark):
    rows = [(f"c{n}", Decimal(n)) for n in range(1, 11)] + [("unfitted", None)]
    value = spark.createDataFrame(rows, "customer_id STRING, clv_365d DECIMAL(18,2)")
    for name in ("p_alive", "expected_orders_90d", "expected_spend_365d"):
        value = value.selectExpr("*", f"CAST(NULL AS DOUBLE) AS {name}")

    deciles = {c: row[-1] for c, row in answer(spark, parts.value_sql(), customer_value=value).items()}

    assert (deciles["c10"], deciles["c1"], deciles["unfitted"]) == (10, 1, None)


GONE = [  # state, p_alive, days since the last order -> what the note begins with
    ("lost", 0.1, 200, None),
    ("lost", 0.5, 200, "gone: silent for 200 days, lost after 90; few were away for so long and came back."),
    ("dormant", 0.49, 60, "not gone: silent for 60 days, lost after 90; others were away for so long and came back."),
    ("loyal", 0.9, 3, None),
    ("prospect", None, None, None),
]


@pytest.mark.parametrize(("state", "p_alive", "silent", "begins"), GONE)
def test_where_the_value_model_and_the_life_cycle_differ_about_who_is_gone_a_sentence_says_why(
    spark, state, p_alive, silent, begins
):
    last = AS_OF - timedelta(days=silent) if silent is not None else None
    rows = spark.createDataFrame(
        [(last, state, 90, p_alive)], "last_order_date DATE, state STRING, lost_after_days INT, p_alive DOUBLE"
    )
    sql = f"SELECT {parts.gone_note_sql(AS_OF)} AS note FROM {{o}} o JOIN {{l}} l ON 1 = 1 JOIN {{v}} v ON 1 = 1"

    ((note,),) = answers(spark, sql, o=rows.select("last_order_date"), l=rows.drop("p_alive"), v=rows.select("p_alive"))

    assert note is None if begins is None else note.startswith(begins)


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
    assert known["average_order"] is None
    assert one(actual, "c2")["is_lead"]
