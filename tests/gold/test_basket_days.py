"""The counting job: what a basket is, and that a night counts its new baskets alone while that tells everything."""

from datetime import date
from decimal import Decimal

import pytest

from jobs.gold import basket_days
from jobs.gold.baskets.basket_items import (
    BASKETS,
    ITEMS,
    excluded_table,
    item_lines,
    item_lines_sql,
    numbers_table,
)
from jobs.gold.product_levels.levels import PRODUCT_LEVEL
from lakehouse.delta import log as delta_log
from tests.both_engines import answers
from tests.gold.basket_lines import publish_lines, settings
from tests.gold.test_basket_rules import publish_products

LINES = "order_id STRING, account_id STRING, order_date DATE, product_id STRING, quantity DECIMAL(18,3)"
PRODUCTS = [("p1", "BREAD"), ("p2", "BREAD"), ("p3", "BUTTER"), ("p4", None), ("p5", "VOUCHERS")]
DAY = date(2017, 10, 1)
ONE, BACK = Decimal(1), Decimal(-1)
ORDER_LINES = [
    ("pos:1", "pos:a", DAY, "p1", ONE),
    ("pos:1", "pos:a", DAY, "p2", ONE),
    ("pos:1", "pos:a", DAY, "p3", BACK),
    ("pos:1", "pos:a", DAY, "p4", ONE),
    ("pos:2", None, DAY, "p5", ONE),
    ("pos:2", None, DAY, "p9", ONE),
    ("pos:3", None, DAY, "p3", None),
    ("pos:4", None, DAY, "p2", Decimal(0)),
    ("pos:5", None, DAY, None, ONE),
]


def tables(spark) -> dict:
    return {
        "order_lines": spark.createDataFrame(ORDER_LINES, LINES).toArrow(),
        "products": spark.createDataFrame(PRODUCTS, "product_id STRING, product_category STRING").toArrow(),
        "excluded": excluded_table(["VOUCHERS", "it's \\ odd"]),
    }


def test_returned_unknown_and_excluded_items_are_in_no_basket_and_free_ones_are(spark):
    """A line of quantity zero was carried home; a negative one came back."""
    sql = ITEMS % (item_lines_sql("product_category"), 1)

    assert answers(spark, sql, **tables(spark)) == [("BREAD", 3), ("BUTTER", 1)]


def test_a_basket_is_the_numbers_of_its_items_on_both_engines(spark):
    sql = BASKETS % item_lines_sql("product_category")
    size = f"SELECT order_date, coalesce(size(items), 0), coalesce(array_max(items), -1) FROM ({sql})"

    found = answers(spark, size, **tables(spark), numbers=numbers_table(["BREAD"]))

    # the basket of an item that is too rare to number is a basket, too; what is twice in a basket is counted once later
    assert found == [(DAY, 0, -1), (DAY, 1, 0), (DAY, 2, 0)]


def test_the_lines_for_spark_are_those_of_the_query(spark):
    lines = spark.createDataFrame(ORDER_LINES, LINES)
    products = spark.createDataFrame(PRODUCTS, "product_id STRING, product_category STRING")

    found = item_lines(lines, products, "product_category", ["VOUCHERS"]).collect()

    assert {(row.order_id, row.item) for row in found} == {("pos:1", "BREAD"), ("pos:3", "BUTTER"), ("pos:4", "BREAD")}


def counts(lake) -> dict[tuple[str, tuple[str, ...]], int]:
    """Baskets by level and itemset, over all days and nights, as they are now."""
    lake = lake.for_job("test", "hash-1")
    of = {(r.level, r.itemset_number): tuple(r.itemset) for r in lake.read("gold.basket_itemsets").collect()}
    found: dict[tuple[str, tuple[str, ...]], int] = {}
    for row in lake.read("gold.basket_days").collect():
        for i, n in enumerate(row.itemset_counts, start=row.first_itemset):
            key = row.level, of[row.level, i]
            found[key] = found.get(key, 0) + n
        total = row.level, ()
        found[total] = found.get(total, 0) + (row.basket_count if row.first_itemset == 0 else 0)
    return found


def night(lake, day: date, **changed) -> str | None:
    """Run the job as a night of that day; how its last commit changed the table."""
    view = lake.for_job("gold.basket_days", "hash-1")
    basket_days.run(view, day, settings(**changed))
    path = lake.path("gold.basket_days")
    return delta_log.commit(path, delta_log.latest_version(path)).mode


def test_a_night_appends_the_counts_of_its_new_baskets_and_they_add_up(spark, lake):
    publish_lines(spark, lake, ["p1 p3"] * 60 + ["p2"] * 40)
    first = night(lake, date(2017, 10, 2))
    publish_lines(spark, lake, ["p1 p3", "p2 p1", "p7"], date(2017, 10, 2), first=500, mode="append")

    second = night(lake, date(2017, 10, 3))

    assert (first, second) == ("Overwrite", "Append")
    assert counts(lake) == {
        ("product_id", ()): 103,
        ("product_id", ("p1",)): 62,
        ("product_id", ("p2",)): 41,
        ("product_id", ("p3",)): 61,
        ("product_id", ("p1", "p3")): 61,
    }
    new = lake.read("gold.basket_days").where("order_date = date'2017-10-02' AND basket_count > 0").collect()
    assert [(row.basket_count, row.untracked_most) for row in new] == [(3, 1.0)]


def test_a_night_looks_at_no_line_but_the_new_ones(spark, lake, monkeypatch):
    publish_lines(spark, lake, ["p1 p3"] * 60)
    night(lake, date(2017, 10, 2))
    publish_lines(spark, lake, ["p1 p3"], date(2017, 10, 2), first=500, mode="append")
    monkeypatch.setattr(basket_days, "count_all", lambda *_: pytest.fail("all baskets were counted"))

    night(lake, date(2017, 10, 3))


def test_an_item_that_comes_into_fashion_has_all_baskets_counted_anew(spark, lake):
    publish_lines(spark, lake, ["p1 p3"] * 60 + ["p8 p9"] * 4)
    night(lake, date(2017, 10, 2), min_support=0.1)
    assert ("product_id", ("p8",)) not in counts(lake)
    publish_lines(spark, lake, ["p8 p9"] * 6, date(2017, 10, 2), first=500, mode="append")

    assert night(lake, date(2017, 10, 3), min_support=0.1) == "Overwrite"

    assert counts(lake)["product_id", ("p8", "p9")] == 10


def test_replaced_order_lines_have_all_baskets_counted_anew(spark, lake):
    publish_lines(spark, lake, ["p1 p3"] * 60)
    night(lake, date(2017, 10, 2))
    publish_lines(spark, lake, ["p1 p2"], date(2017, 10, 1), first=0)  # merged over an order that is known

    assert night(lake, date(2017, 10, 3)) == "Overwrite"


def test_changed_products_have_all_baskets_counted_anew_and_name_the_level(spark, lake):
    publish_lines(spark, lake, ["p1 p3"] * 60)
    night(lake, date(2017, 10, 2), levels=("department",))
    assert {level for level, _ in counts(lake)} == {PRODUCT_LEVEL}
    publish_products(spark, lake)

    assert night(lake, date(2017, 10, 3), levels=("department",)) == "Overwrite"

    assert counts(lake)["department", ("FOOD", "HOME")] == 60


def test_a_night_without_new_lines_adds_nothing(spark, lake):
    publish_lines(spark, lake, ["p1 p3"] * 60)
    night(lake, date(2017, 10, 2))
    before = counts(lake)

    night(lake, date(2017, 10, 3))

    assert counts(lake) == before
