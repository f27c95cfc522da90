"""Rules from order lines: what a basket is, which level it is seen at, and the same counts on both ways of counting."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.config import Conf
from jobs.gold import basket_rules
from jobs.gold.baskets.basket_counts import Bounds, count_collected, count_itemsets, driver_bytes
from jobs.gold.baskets.basket_items import PRODUCT_LEVEL, item_lines, item_lines_sql, known_level, possible_items
from tests.both_engines import answers

BOUNDS = Bounds(0.2, min_baskets=2, max_length=None, max_driver_bytes=1 << 20, max_itemsets=100, max_items=9)
PRODUCTS = [("p1", "BREAD"), ("p2", "BREAD"), ("p3", "BUTTER"), ("p4", None), ("p5", "VOUCHERS")]
LINES = "order_id STRING, account_id STRING, product_id STRING, quantity DECIMAL(18,3)"


def lines_of(spark: SparkSession, baskets: list[str]) -> DataFrame:
    """One basket per text, one item per letter."""
    rows = [(f"pos:{number}", letter) for number, basket in enumerate(baskets) for letter in basket]
    return spark.createDataFrame(rows, "order_id STRING, item STRING")


def test_returned_unknown_and_excluded_items_are_in_no_basket(spark):
    one, back = Decimal(1), Decimal(-1)
    order_lines = spark.createDataFrame(
        [
            ("pos:1", "pos:a", "p1", one),
            ("pos:1", "pos:a", "p3", back),
            ("pos:1", "pos:a", "p4", one),
            ("pos:2", None, "p5", one),
            ("pos:2", None, "p9", one),
            ("pos:3", None, "p3", None),
            ("pos:4", None, "p2", Decimal(0)),
            ("pos:5", None, None, one),
        ],
        LINES,
    )
    products = spark.createDataFrame(PRODUCTS, "product_id STRING, product_category STRING")

    lines = item_lines(order_lines, products, "product_category", ["VOUCHERS"])

    assert {(row.order_id, row.item) for row in lines.collect()} == {
        ("pos:1", "BREAD"),
        ("pos:3", "BUTTER"),
        ("pos:4", "BREAD"),
    }


def test_the_query_for_baskets_is_answered_alike_by_both_engines(spark):
    one, back = Decimal(1), Decimal(-1)
    rows = [("1", "a", "p1", one), ("1", "a", "p3", back), ("2", None, "p5", one), ("3", None, "p3", None)]
    tables = {
        "order_lines": spark.createDataFrame(rows, LINES).toArrow(),
        "products": spark.createDataFrame(PRODUCTS, "product_id STRING, product_category STRING").toArrow(),
        "excluded": pa.table({"item": ["VOUCHERS", "it's \\ odd"]}),
    }
    sql = basket_rules.BASKETS % item_lines_sql("product_category")

    assert answers(spark, sql, **tables) == [("1", "BREAD"), ("3", "BUTTER")]


def test_lines_at_hand_are_counted_as_spark_counts_them(spark):
    lines = lines_of(spark, ["abc", "ab", "abb", "c", "z"]).unionAll(lines_of(spark, ["a"]))

    collected = count_collected(lines.toArrow(), BOUNDS)

    assert collected == count_itemsets(lines, lines.select("item").distinct().where("item <> 'z'"), 20, BOUNDS)


def test_without_products_the_rules_are_by_product(spark):
    schema = "product_id STRING, product_category STRING"

    assert known_level(spark.createDataFrame(PRODUCTS, schema), "product_category") == "product_category"
    assert known_level(spark.createDataFrame([("p4", None)], schema), "product_category") == PRODUCT_LEVEL
    assert known_level(spark.createDataFrame([], schema), "product_category") == PRODUCT_LEVEL


@pytest.mark.parametrize("max_driver_bytes", [1 << 30, 0], ids=["driver", "executors"])
def test_both_ways_count_the_same_itemsets(spark, max_driver_bytes):
    lines = lines_of(spark, ["abc", "ab", "abb", "c", "z"]).unionAll(lines_of(spark, ["a"]))
    bounds = Bounds(0.2, 2, None, max_driver_bytes, max_itemsets=100, max_items=9)

    counted = count_itemsets(lines, lines.select("item").distinct(), 20, bounds)

    named = {"".join(counted.names[item] for item in itemset): n for itemset, n in counted.itemsets.items()}
    assert (counted.basket_count, named) == (5, {"a": 3, "b": 3, "c": 2, "ab": 3})


@pytest.mark.parametrize("max_driver_bytes", [1 << 30, 0], ids=["driver", "executors"])
def test_too_many_itemsets_raise_the_support_and_it_is_said(spark, max_driver_bytes):
    lines = lines_of(spark, ["abcdef"] * 3 + ["a"] * 9)
    bounds = Bounds(0.1, 1, None, max_driver_bytes, max_itemsets=10, max_items=9)

    counted = count_itemsets(lines, lines.select("item").distinct(), 27, bounds)

    assert counted.itemsets == {(0,): 12}
    assert counted.min_support == pytest.approx(4 / 12)


def test_more_items_than_the_bound_stop_the_job_with_the_remedy(spark):
    lines = lines_of(spark, ["abcdefghij"])

    with pytest.raises(ValueError, match="coarser level"):
        count_itemsets(lines, lines.select("item").distinct(), 10, BOUNDS)


def test_what_the_driver_may_need_grows_with_lines_and_with_rarer_items():
    assert driver_bytes(0, 0.01) == 0
    assert driver_bytes(1_000, 0.01) < driver_bytes(1_000, 0.001) < driver_bytes(2_000, 0.001)


def test_the_job_publishes_the_rules_and_twice_the_same(spark, lake):
    settings = Conf().settings("basket_rules", basket_rules.Settings)
    publish_lines(spark, lake, ["p1 p3"] * 15 + ["p2"] * 10)

    for _ in range(2):
        basket_rules.run(lake, date(2017, 10, 2), settings)

    rows = {(*row.antecedent, row.consequent): row for row in lake.read(basket_rules.WRITES, 1).collect()}
    assert lake.version(basket_rules.WRITES) is not None
    assert set(rows) == {("p1", "p3"), ("p3", "p1")}
    rule = rows["p1", "p3"]
    assert (rule.level, rule.basket_count, rule.support, rule.confidence) == ("product_id", 15, 0.6, 1.0)
    assert rule.lift == pytest.approx(25 / 15)
    assert rule.conviction is None
    assert "by product_id" in " ".join(lake.notes)


def test_too_few_baskets_give_an_empty_table_and_say_why(spark, lake):
    settings = Conf().settings("basket_rules", basket_rules.Settings)

    basket_rules.run(lake, date(2017, 10, 2), settings)

    assert lake.read(basket_rules.WRITES).isEmpty()
    assert "0 baskets" in lake.notes[-1]


def test_no_lines_have_no_items(spark):
    lines = lines_of(spark, ["a"]).where("false")
    products = spark.createDataFrame([], "product_id STRING, product_category STRING")

    assert possible_items(lines, products, PRODUCT_LEVEL, 1).isEmpty()
    assert count_itemsets(lines, lines.select("item"), 0, BOUNDS).basket_count == 0


def publish_lines(spark: SparkSession, lake, baskets: list[str]) -> None:
    """Order lines of one product each; everything else that the contract asks for is filled in."""
    split = [enumerate(basket.split()) for basket in baskets]
    rows = [(f"pos:{number}", *line) for number, basket in enumerate(split) for line in basket]
    lines = spark.createDataFrame(rows, "order_id STRING, line_number INT, product_id STRING").selectExpr(
        "*",
        "concat('pos:', order_id) AS account_id",
        "'pos' AS channel",
        "'s1' AS store_id",
        "date'2017-10-01' AS order_date",
        "1BD AS quantity",
        "100L AS sales_cents",
        "0L AS discount_cents",
        "0L AS coupon_cents",
        "array() AS quality_flags",
        "'pos_sales' AS _export",
        "'f' AS _source_file",
        "1L AS _source_line",
        "date'2017-10-02' AS _run_date",
    )
    lake.publish("silver.order_lines", lines, date(2017, 10, 2))
