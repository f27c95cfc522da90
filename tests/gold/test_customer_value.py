"""gold.customer_value and gold.customer_value_models."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from jobs.gold import customer_value
from jobs.gold.settings.customer_value import Settings
from jobs.gold.value.gamma_gamma import GammaGamma, GammaGammaFit, expected_spend
from jobs.gold.value.holdout import holdout_customers, holdout_query
from jobs.gold.value.recent import RecencyMultiplier, spend_ratio
from jobs.gold.value.scores import SCORES
from jobs.gold.value.shop_time import ShopTime
from jobs.gold.value.spend_fit import first_orders_query
from jobs.gold.value.value_facts import repeat_orders_query, spend_groups, value_facts_sql, value_groups
from jobs.gold.value.value_rows import Pricing, margins_sql, value_sql
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from tests.both_engines import answers, spark_answer
from tests.gold.rows import customer_map, order_days

AS_OF = date(2026, 6, 30)
COHORT = "CASE WHEN first_channel = 'web' THEN 'web' END"
FACTS = {
    "customer_id": pa.string(),
    "first_order_date": pa.date32(),
    "cohort": pa.string(),
    "frequency": pa.int32(),
    "t_x_days": pa.int32(),
    "t_days": pa.int32(),
    "later_cents": pa.int64(),
    "recent_orders": pa.int32(),
    "recent_cents": pa.int64(),
    "first_cents": pa.int64(),
}
SETTINGS = Conf().settings("customer_value", Settings)


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def facts(spark, *rows, until=None, **accounts):
    """customer_id, cohort and then the counts, by both engines."""
    tables = {"order_days": order_days(spark, *rows), "customer_map": customer_map(spark, **accounts)}
    found = answers(spark, value_facts_sql(AS_OF, COHORT, 20, until), **tables)
    return [(row[0], *row[2:]) for row in found]


def fact_table(*rows: tuple[str, int, int, int, int]) -> pa.Table:
    """customer_id, frequency, t_x_days, t_days, later_cents; nothing is recent, the first day was worth 20.00."""
    full = [(row[0], AS_OF, "one", *row[1:], 0, 0, 2000) for row in rows]
    columns = zip(*full, strict=True)
    return pa.table({name: pa.array(c, kind) for (name, kind), c in zip(FACTS.items(), columns, strict=True)})


def asking(spark):
    """Both engines asked about these facts; which rows a LIMIT leaves is theirs to choose."""

    def ask(query):
        whole = query.sql[: query.sql.rindex("LIMIT")]
        answers(spark, whole, **query.tables)
        return spark_answer(spark, query.sql, **query.tables).toArrow()

    return ask


def test_orders_of_one_day_are_one_purchase_and_refunds_lower_spend_but_are_none(spark):
    actual = facts(
        spark,
        ("web:1", ago(90), 3, 900),  # the first day: not repeat spend
        ("web:1", ago(60), 2, 400),
        ("pos:1", ago(60), 1, 100),
        ("web:1", ago(19), 1, 300),  # the first of the last twenty days
        ("web:1", ago(10), 0, -200),
        c1="web:1 pos:1",
    )

    assert actual == [("c1", "web", 2, 900, 600, 1, 100, 0, 0, 71, 90, 71)]


def test_one_order_day_has_no_repeats_and_a_refund_alone_makes_no_customer(spark):
    actual = facts(spark, ("web:1", ago(5), 1, 900), ("web:2", ago(5), 0, -900), c1="web:1", c2="web:2")

    assert actual == [("c1", "web", 0, 900, 0, 0, 0, 0, 0, 0, 5, 0)]


def test_ten_thousand_orders_on_a_day_are_one_purchase_and_the_future_is_not_looked_at(spark):
    actual = facts(
        spark,
        ("pos:1", ago(30), 10_000, 5_000_000),
        ("pos:1", ago(-3), 1, 700),
        ("pos:2", ago(-3), 1, 5),
        c1="pos:1",
        c2="pos:2",
    )

    assert actual == [("c1", "unknown", 0, 5_000_000, 0, 0, 0, 0, 0, 0, 30, 0)]


def test_what_came_after_the_cut_stands_apart_from_what_was_known(spark):
    actual = facts(
        spark,
        ("pos:1", ago(30), 1, 500),
        ("web:1", ago(-10), 1, 700),
        ("web:1", ago(-20), 0, -100),
        ("web:2", ago(-5), 1, 5),  # came only then
        until=ago(-20),
        c1="pos:1 web:1",
        c2="web:2",
    )

    assert actual == [("c1", "unknown", 0, 500, 0, 0, 0, 1, 600, 0, 30, 40)]


def test_like_customers_are_one_group_and_too_many_groups_get_coarser_times(spark):
    rows = [(f"c{n}", 1, 10 + n, 100 + n, 500) for n in range(6)] + [("twin", 1, 10, 100, 500)]

    exact, coarse = (value_groups(asking(spark), fact_table(*rows), most) for most in (6, 5))

    assert (exact.days_per_bucket, exact.purchases.customers.tolist()) == (1, [2, 1, 1, 1, 1, 1])
    assert coarse.days_per_bucket > 1
    assert coarse.purchases.customers.sum() == 7
    assert (coarse.purchases.t_x <= coarse.purchases.t).all()


def test_the_customers_learned_from_are_the_same_ones_in_both_engines(spark):
    holdout = fact_table(*((f"c{n}", n % 3, n, 2 * n, 100 * n) for n in range(50)))
    more = {"next_orders": pa.int32(), "next_cents": pa.int64(), "next_t_x_days": pa.int32()}
    for name, kind in more.items():
        holdout = holdout.append_column(name, pa.array(range(50), kind))

    def ask(query):
        return spark_answer(spark, query.sql, **query.tables).toArrow()

    found = holdout_customers(ask, holdout, ShopTime(AS_OF), 91, 20)

    assert len(found.t) == 20
    answers(spark, holdout_query(holdout, 20).sql, past=holdout)


def test_repeat_orders_by_day_and_first_orders_are_the_same_in_both_engines(spark):
    rows = [("pos:1", ago(30), 1, 500), ("pos:1", ago(9), 2, 700), ("web:1", ago(9), 1, 50), ("pos:2", ago(9), 1, 5)]
    tables = {"order_days": order_days(spark, *rows), "customer_map": customer_map(spark, c1="pos:1", c2="pos:2 web:1")}
    known = fact_table(("c1", 1, 21, 30, 700), ("c2", 0, 0, 9, 0), ("c3", 2, 3, 9, -5))
    first = known.set_column(1, "first_order_date", pa.array([ago(30), ago(9), ago(9)], pa.date32()))

    assert answers(spark, repeat_orders_query("facts", AS_OF).sql, **tables, facts=first) == [(9, 1)]
    assert answers(spark, first_orders_query("facts", 9).sql, facts=known) == [(1, 700, 2000)]


def test_spend_that_is_not_positive_is_left_out_of_the_spend_model(spark):
    rows = [
        ("c1", 2, 9, 10, 600),
        ("c2", 2, 9, 10, 600),
        ("c3", 2, 9, 10, 0),
        ("c4", 2, 9, 10, -5),
        ("c5", 0, 0, 10, 0),
    ]

    groups = spend_groups(asking(spark), fact_table(*rows), max_groups=10)

    assert (groups.frequency.tolist(), groups.mean_spend.tolist(), groups.customers.tolist()) == ([2], [3], [2])


def test_too_many_different_spends_are_grouped_by_their_size(spark):
    rows = [(f"c{n}", 1, 9, 10, 1000 + n) for n in range(40)]

    groups = spend_groups(asking(spark), fact_table(*rows), max_groups=10)

    assert len(groups.customers) <= 10
    assert groups.customers.sum() == 40
    assert (groups.mean_spend * groups.customers).sum() == pytest.approx(sum(10 + n / 100 for n in range(40)))


def scores(*groups: tuple[int, float, float]) -> pa.Table:
    """Groups of frequency, t_x and t whose every figure is 2."""
    frequency, t_x, t = zip(*groups, strict=True)
    key = {
        "cohort": ["one"] * len(groups),
        "frequency": pa.array(frequency, pa.int32()),
        "group_t_x": t_x,
        "group_t": t,
        "recent_orders": pa.array([0] * len(groups), pa.int32()),
    }
    return pa.table(key | {name: [2.0] * len(groups) for name in SCORES})


@pytest.mark.parametrize(("q", "first_weight"), [(3.7, 0.0), (1.2, 0.4), (0.8, 1.0)])
def test_money_is_orders_times_the_expected_spend_of_each_customer_and_the_total_stays(spark, q, first_weight):
    fit = GammaGammaFit(GammaGamma(6.25, q, 15.44), None, -1.0, 9, 9, 30.0, 1, True, "", first_weight=first_weight)
    table = fact_table(("c1", 0, 0, 9, 0), ("c2", 3, 4, 9, 4500), ("c3", 3, 4, 9, -100))
    pricing = Pricing(fit, RecencyMultiplier(0.5), {"all": "bg_nbd", "one": "mbg_nbd"}, 1)
    sql = value_sql(pricing, margins_sql(0.25, {}), 3.0)

    rows = answers(spark, sql, facts=table, scores=scores((0, 0.0, 9.0), (3, 4.0, 9.0)))

    x, mean = np.array([0.0, 3, 3]), np.array([0.0, 15, -1 / 3])
    plain = expected_spend(fit, x, mean, np.full(3, 20.0))
    multiplied = plain * np.exp(0.5 * spend_ratio(np.zeros(3), np.zeros(3), x * mean, x, plain, 3.0))
    expected = 2 * multiplied * plain.sum() / multiplied.sum()
    names = list(Conf().document("contracts/gold/customer_value.odcs").value["schema"][0]["properties"])
    place = {column["name"]: n for n, column in enumerate(names)}
    assert [float(row[place["expected_spend_365d"]]) for row in rows] == pytest.approx(expected, abs=0.01)
    assert [float(row[place["clv_365d"]]) for row in rows] == pytest.approx(expected / 4, abs=0.006)
    assert {row[place["model"]] for row in rows} == {"mbg_nbd"}


def test_margins_of_categories_weigh_by_what_the_customer_spent_and_others_get_the_general_share(spark):
    lines = pa.table(
        {
            "account_id": ["a", "a", "a", "b"],
            "product_id": ["1", "2", "1", "9"],
            "sales_cents": pa.array([300, 100, -50, 70], pa.int64()),
        }
    )
    products = pa.table({"product_id": ["1", "2"], "product_category": ["Baker's", "FUEL"]})
    owners = pa.table({"account_id": ["a", "b"], "customer_id": ["c1", "c2"]})
    table = fact_table(("c1", 0, 0, 9, 0), ("c2", 0, 0, 9, 0), ("c3", 0, 0, 9, 0))

    sql = margins_sql(0.2, {"Baker's": 0.5, "FUEL": 0.1})
    actual = answers(spark, sql, facts=table, order_lines=lines, products=products, customer_map=owners)

    assert dict(actual) == pytest.approx({"c1": (300 * 0.5 + 100 * 0.1) / 400, "c2": 0.2, "c3": 0.2})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cohort_sql", "concat(customer_id, first_channel)"),
        ("interval_level", 1.0),
        ("gross_margin_by_category", {"FUEL": 1.5}),
        ("residual_annual_discount_rate", -0.1),
        ("holdout_days", 0),
        ("recent_prior_orders", 0.0),
    ],
)
def test_settings_that_no_model_could_use_are_refused(key, value):
    with pytest.raises(ValidationError, match=key):
        SETTINGS.replace(**{key: value})


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
    settings = SETTINGS
    company(lake, customers=60)

    night(lake, settings)
    tables = {table: lake.for_job("reader", "").read(table).toPandas() for table in customer_value.WRITES}
    night(lake, settings)

    value, models = tables.values()
    assert len(value) == 60
    assert value["p_alive"].between(0, 1).all()
    assert (value["clv_365d"] <= value["expected_spend_365d"]).all()
    assert set(models["model"]) == {"bg_nbd", "mbg_nbd", "pareto_nbd", "gamma_gamma"}
    in_force = models[models["is_chosen"] & (models["model"] != "gamma_gamma")]
    assert (in_force["cohort"].tolist(), in_force["customer_count"].tolist()) == (["all"], [60])
    for figure in [name.removesuffix("_low") for name in value if name.endswith("_low")]:
        assert (value[f"{figure}_low"] <= value[f"{figure}_high"]).all()
    for table, before in tables.items():
        again = lake.for_job("reader", "").read(table).toPandas()
        key = list(lake.contracts[table].key)
        sort = {"by": key, "ignore_index": True}
        assert again.sort_values(**sort).astype(str).equals(before.sort_values(**sort).astype(str))


def test_too_few_customers_get_their_counts_without_a_value_and_the_reason_is_noted(lake):
    company(lake, customers=5)

    view = night(lake, SETTINGS)

    reader = lake.for_job("reader", "")
    value = reader.read("gold.customer_value").toPandas()
    assert len(value) == 5
    assert value[["p_alive", "expected_orders_90d", "expected_spend_365d", "clv_365d"]].isna().all(axis=None)
    assert any("needs at least 30" in note for note in view.notes)
    assert not reader.read("gold.customer_value_models").toPandas()["is_converged"].any()


def test_no_orders_give_an_empty_table(lake):
    night(lake, SETTINGS)

    assert lake.for_job("reader", "").read("gold.customer_value").count() == 0


def test_mean_spend_is_exact_money_per_repeat_day(lake):
    settings = SETTINGS.replace(
        min_repeat_customers=1, annual_discount_rate=0.0, gross_margin_share=0.5, max_groups=100
    )
    company(lake, customers=12)

    night(lake, settings)

    value = {row.customer_id: row for row in lake.for_job("reader", "").read("gold.customer_value").collect()}
    assert value["c0"].mean_spend is None
    assert value["c1"].mean_spend == Decimal("11.37")  # 10.00 + 0.37 + 1.00 on its only repeat day
    assert value["c2"].clv_365d == pytest.approx(value["c2"].expected_spend_365d / 2, abs=Decimal("0.01"))
