"""gold.sales_weeks: whole weeks only, every week of every item, and levels that add up."""

from datetime import date
from decimal import Decimal

import pytest

from jobs.gold import sales_weeks
from jobs.gold.settings.sales_forecast import Settings
from lakehouse.config.layers import Conf
from tests.both_engines import stepwise_answers

LINES = "order_date DATE, product_id STRING, sales_cents BIGINT"
PRODUCTS = "product_id STRING, product_category STRING, department STRING"
MONDAY = date(2026, 3, 2)


def settings(**changed) -> Settings:
    known = {**Conf().settings("sales_forecast", Settings).__dict__, **changed}
    return Settings(**known)


def weeks(spark, lines, as_of, level="product_category", **changed):
    tables = {
        "order_lines": spark.createDataFrame(lines, LINES),
        "products": spark.createDataFrame([("p1", "BREAD", "BAKERY"), ("p2", "MILK", "DAIRY")], PRODUCTS),
    }
    sql, steps = sales_weeks.sales_weeks_sql(as_of, level, settings(**changed))
    return stepwise_answers(spark, sql, steps, **tables)


def sold(rows, level, item):
    return {week.isoformat(): sales for at, _, name, _, week, sales in rows if (at, name) == (level, item)}


@pytest.mark.parametrize(
    ("as_of", "monday"),
    [
        (date(2026, 3, 7), date(2026, 2, 23)),  # a Saturday: the week is not over
        (date(2026, 3, 8), MONDAY),  # the Sunday that ends it
        (date(2026, 3, 9), MONDAY),
    ],
)
def test_a_week_is_whole_when_its_sunday_is_over(as_of, monday):
    assert sales_weeks.last_whole_week(as_of) == monday


def test_weeks_that_had_begun_before_the_first_sale_or_are_not_over_are_left_out(spark):
    lines = [(date(2026, 2, 26), "p1", 500), (date(2026, 3, 3), "p1", 100), (date(2026, 3, 10), "p1", 900)]

    rows = weeks(spark, lines, date(2026, 3, 12))

    assert sold(rows, "product_category", "BREAD") == {"2026-03-02": Decimal("1.00")}


def test_a_week_without_sales_is_a_row_with_nothing_sold_and_returns_are_taken_off(spark):
    lines = [(MONDAY, "p1", 100), (MONDAY, "p2", 100), (date(2026, 3, 10), "p2", 50), (date(2026, 3, 11), "p2", -80)]

    rows = weeks(spark, lines, date(2026, 3, 15))

    assert sold(rows, "product_category", "BREAD") == {"2026-03-02": Decimal("1.00"), "2026-03-09": Decimal("0.00")}
    assert sold(rows, "department", "DAIRY")["2026-03-09"] == Decimal("-0.30")


def test_every_line_is_in_the_total_also_of_unknown_products_and_of_items_past_the_limit(spark):
    lines = [(MONDAY, "p1", 500), (MONDAY, "p2", 100), (MONDAY, "p9", 7), (MONDAY, None, 3)]

    rows = weeks(spark, lines, date(2026, 3, 8), max_items=1)

    week = "2026-03-02"
    assert sold(rows, "product_category", "(other)") == {week: Decimal("1.10")}
    assert sold(rows, "department", "(other)") == {week: Decimal("1.10")}
    assert sold(rows, "total", "total") == {week: Decimal("6.10")}


def test_without_products_the_product_id_is_the_item_and_the_total_its_parent(spark):
    rows = weeks(spark, [(MONDAY, "p1", 500)], date(2026, 3, 8), level="product_id", parent_level=None)

    assert [(level, item, parent) for level, _, item, parent, _, _ in rows] == [
        ("product_id", "p1", "total"),
        ("total", "total", None),
    ]


def test_an_item_belongs_to_the_parent_in_which_most_of_it_is_sold(spark):
    products = [("p1", "BREAD", "BAKERY"), ("p2", "BREAD", "FROZEN")]
    tables = {
        "order_lines": spark.createDataFrame([(MONDAY, "p1", 500), (MONDAY, "p2", 600)], LINES),
        "products": spark.createDataFrame(products, PRODUCTS),
    }
    sql, steps = sales_weeks.sales_weeks_sql(date(2026, 3, 8), "product_category", settings())

    rows = stepwise_answers(spark, sql, steps, **tables)

    assert ("product_category", 0, "BREAD", "FROZEN", MONDAY, Decimal("11.00")) in rows
    assert ("department", 1, "FROZEN", "total", MONDAY, Decimal("11.00")) in rows


def test_a_lake_without_sales_gives_an_empty_table_and_says_why(lake):
    sales_weeks.run(lake, date(2026, 3, 8), settings())

    assert lake.row_count("gold.sales_weeks") == 0
    assert any("no whole week" in note for note in lake.notes)
