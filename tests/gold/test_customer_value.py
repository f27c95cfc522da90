"""gold.customer_value and gold.customer_value_models."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from jobs.config import Conf
from jobs.gold import customer_value
from jobs.gold.customer_value import Settings, spend_per_order
from jobs.gold.value.gamma_gamma import GammaGamma, GammaGammaFit, expected_spend
from jobs.gold.value.value_facts import purchase_groups, spend_groups, value_facts_sql
from jobs.lake import Lake
from tests.both_engines import answers, spark_answer
from tests.gold.rows import customer_map, order_days

AS_OF = date(2026, 6, 30)
FACTS = "customer_id STRING, frequency INT, t_x_days INT, t_days INT, later_cents BIGINT"


def facts(spark, *rows, **accounts):
    tables = {"order_days": order_days(spark, *rows), "customer_map": customer_map(spark, **accounts)}
    return answers(spark, value_facts_sql(AS_OF), **tables)


def asking(spark, rows):
    """Both engines asked about these facts; which rows a LIMIT leaves is theirs to choose."""
    table = spark.createDataFrame(rows, FACTS)

    def ask(sql):
        whole = sql[: sql.rindex("LIMIT")]
        answers(spark, whole, facts=table)
        return spark_answer(spark, sql, facts=table).toArrow()

    return ask


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def test_orders_of_one_day_are_one_purchase_and_refunds_lower_spend_but_are_none(spark):
    actual = facts(
        spark,
        ("web:1", ago(90), 3, 900),  # the first day: not repeat spend
        ("web:1", ago(60), 2, 400),
        ("pos:1", ago(60), 1, 100),
        ("web:1", ago(30), 1, 300),
        ("web:1", ago(10), 0, -200),
        c1="web:1 pos:1",
    )

    assert actual == [("c1", 2, 60, 90, 600)]


def test_one_order_day_has_no_repeats_and_a_refund_alone_makes_no_customer(spark):
    actual = facts(spark, ("web:1", ago(5), 1, 900), ("web:2", ago(5), 0, -900), c1="web:1", c2="web:2")

    assert actual == [("c1", 0, 0, 5, 0)]


def test_like_customers_are_one_group_and_too_many_groups_get_coarser_times(spark):
    rows = [(f"c{n}", 1, 10 + n, 100 + n, 500) for n in range(6)] + [("twin", 1, 10, 100, 500)]
    ask = asking(spark, rows)

    exact, days = purchase_groups(ask, max_groups=6)
    coarse, coarse_days = purchase_groups(ask, max_groups=5)

    assert (days, exact.customers.tolist()) == (1, [2, 1, 1, 1, 1, 1])
    assert coarse_days > 1
    assert coarse.customers.sum() == 7
    assert (coarse.t_x <= coarse.t).all()


def test_spend_that_is_not_positive_is_left_out_of_the_spend_model(spark):
    rows = [
        ("c1", 2, 9, 10, 600),
        ("c2", 2, 9, 10, 600),
        ("c3", 2, 9, 10, 0),
        ("c4", 2, 9, 10, -5),
        ("c5", 0, 0, 10, 0),
    ]

    groups = spend_groups(asking(spark, rows), max_groups=10)

    assert (groups.frequency.tolist(), groups.mean_spend.tolist(), groups.customers.tolist()) == ([2], [3], [2])


def test_too_many_different_spends_are_grouped_by_their_size(spark):
    rows = [(f"c{n}", 1, 9, 10, 1000 + n) for n in range(40)]

    groups = spend_groups(asking(spark, rows), max_groups=10)

    assert len(groups.customers) <= 10
    assert groups.customers.sum() == 40
    assert (groups.mean_spend * groups.customers).sum() == pytest.approx(sum(10 + n / 100 for n in range(40)))


@pytest.mark.parametrize("q", [3.7, 0.8])
def test_the_column_of_expected_spend_equals_the_function(spark, q):
    fit = GammaGammaFit(GammaGamma(6.25, q, 15.44), None, -1.0, 9, 9, 30.0, 1, True, "")
    rows = [("c1", 0, 0, 9, 0), ("c2", 3, 4, 9, 4500), ("c3", 3, 4, 9, -100)]

    actual = [r[0] for r in spark.createDataFrame(rows, FACTS).select(spend_per_order(fit)).collect()]

    assert actual == pytest.approx(expected_spend(fit, np.array([0.0, 3, 3]), np.array([0.0, 15, -1 / 3])))


def company(lake: Lake, customers: int) -> None:
    """Customers who bought every 10, 20 or 30 days until they stopped."""
    rows = [
        (f"web:{n}", ago(200 - (n % 3 + 1) * 10 * k), 1, 1000 + 37 * n + 100 * k)
        for n in range(customers)
        for k in range(1 + n % 6)
    ]
    days = order_days(lake.spark, *rows)
    accounts = customer_map(lake.spark, **{f"c{n}": f"web:{n}" for n in range(customers)})
    days.write.format("delta").save(lake.path("gold.customer_order_days"))
    accounts.write.format("delta").save(lake.path("identity.customer_map"))


def night(lake: Lake, settings: Settings) -> Lake:
    view = lake.for_job("gold.customer_value", "same code")
    customer_value.run(view, AS_OF, settings)
    return view


def test_a_night_scores_every_buyer_and_keeps_the_fits_and_a_second_run_changes_nothing(lake):
    settings = Conf().settings("customer_value", Settings)
    company(lake, customers=60)

    night(lake, settings)
    tables = {table: lake.for_job("reader", "").read(table).toPandas() for table in customer_value.WRITES}
    night(lake, settings)

    value, models = tables.values()
    assert len(value) == 60
    assert value["p_alive"].between(0, 1).all()
    assert (value["clv_365d"] <= value["expected_spend_365d"]).all()
    assert set(models["model"]) == {"bg_nbd", "gamma_gamma"}
    assert models.set_index("model").loc["bg_nbd", "customer_count"] == 60
    for table, before in tables.items():
        again = lake.for_job("reader", "").read(table).toPandas()
        key = list(lake.contracts[table].key)
        sort = {"by": key, "ignore_index": True}
        assert again.sort_values(**sort).astype(str).equals(before.sort_values(**sort).astype(str))


def test_too_few_customers_get_their_counts_without_a_value_and_the_reason_is_noted(lake):
    company(lake, customers=5)

    view = night(lake, Conf().settings("customer_value", Settings))

    reader = lake.for_job("reader", "")
    value = reader.read("gold.customer_value").toPandas()
    assert len(value) == 5
    assert value[["p_alive", "expected_orders_90d", "expected_spend_365d", "clv_365d"]].isna().all(axis=None)
    assert any("needs at least 30" in note for note in view.notes)
    assert not reader.read("gold.customer_value_models").toPandas()["is_converged"].any()


def test_no_orders_give_an_empty_table(lake):
    night(lake, Conf().settings("customer_value", Settings))

    assert lake.for_job("reader", "").read("gold.customer_value").count() == 0


def test_mean_spend_is_exact_money_per_repeat_day(lake):
    settings = Settings(min_repeat_customers=1, annual_discount_rate=0.0, gross_margin_share=0.5, max_groups=100)
    company(lake, customers=12)

    night(lake, settings)

    value = {row.customer_id: row for row in lake.for_job("reader", "").read("gold.customer_value").collect()}
    assert value["c0"].mean_spend is None
    assert value["c1"].mean_spend == Decimal("11.37")  # 10.00 + 0.37 + 1.00 on its only repeat day
    assert value["c2"].clv_365d == pytest.approx(value["c2"].expected_spend_365d / 2, abs=Decimal("0.01"))
