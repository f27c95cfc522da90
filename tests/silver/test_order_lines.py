"""silver.order_lines: versions follow the order, oddities are flagged."""

from decimal import Decimal

from pyspark.sql import DataFrame

from jobs.silver import order_lines
from jobs.silver.conforming import conform
from jobs.silver.conforming.conform import Facts
from jobs.silver.orders import order_rules
from jobs.silver.settings.currency import Settings as CurrencySettings
from tests.silver.conftest import FIRST, SECOND, Company, Outcome, target, till

AT, LATER = "2017-10-01 09:00:00", "2017-10-01 11:00:00"
RATES = CurrencySettings(max_age_days=7)
ITEMS = "ARRAY<STRUCT<product: STRING, pieces: STRING, paid: STRING>>"


def outcome(company: Company, products: list[str] | None = None, **deliveries: DataFrame) -> Outcome:
    """Lines beside the orders that the same files make."""
    made = company.outcomes("silver.orders", order_rules(RATES, "USD"), **deliveries)
    orders = conform.rows_of(made, company.lake(FIRST).contracts["silver.orders"])
    catalogue = company.spark.createDataFrame([(p,) for p in products or []], "product_id STRING")
    batch = company.batch("silver.order_lines", **deliveries)
    rules = order_lines.line_rules(batch, RATES, orders, catalogue)
    judged = conform.with_judgement(batch.units(), batch, rules)
    return Outcome(order_lines.settled(judged, batch, Facts({}, [])).collect())


def shop(company: Company, **place: str) -> None:
    """An export of orders with their items nested, one order per line."""
    key = "concat('web:', no)"
    head = target("silver.orders", order_id=key, ordered_at="try_to_timestamp(at)", total_cents="cents(total)")
    nested = {"column": "items", "schema": ITEMS, "as": "item", **place}
    columns = {"product_id": "item.product", "quantity": "number(item.pieces)", "sales_cents": "cents(item.paid)"}
    company.export(
        "shop", "web", "no at total items", head, target("silver.order_lines", _explode=nested, order_id=key, **columns)
    )


def test_a_line_is_numbered_by_its_file_and_takes_the_rest_from_its_order(company):
    till(company)
    receipt = [("c1", "s1", "7", "p1", "1.5", "1.50", AT), ("c1", "s1", "7", "p2", "2", "2", AT)]

    lines = outcome(company, till=company.lines("till", FIRST, "a.csv", *receipt))

    assert lines.rows("order_id", "line_number", "account_id", "store_id", "order_date") == [
        ("pos:7", 2, "pos:c1", "s1", FIRST),
        ("pos:7", 3, "pos:c1", "s1", FIRST),
    ]
    assert lines.rows("product_id", "quantity", "sales_cents") == [
        ("p1", Decimal("1.500"), 150),
        ("p2", Decimal("2.000"), 200),
    ]


def test_odd_lines_stay_and_are_flagged(company):
    till(company)
    odd = [("p1", "0", "0"), ("p1", "0", "1"), ("p1", "2", "0"), ("p1", "101", "5"), ("p9", "1", "1")]
    receipt = company.lines("till", FIRST, "a.csv", *[("c1", "s1", "7", *line, AT) for line in odd])

    lines = outcome(company, products=["p1"], till=receipt)

    assert [flags for _, flags in lines.rows("line_number", "quality_flags")] == [
        ["quantity_zero", "value_zero"],
        ["quantity_zero", "quantity_zero_with_money"],
        ["value_zero", "value_zero_with_quantity"],
        ["quantity_over_100"],
        ["product_unknown"],
    ]


def test_without_a_catalogue_no_product_is_unknown(company):
    till(company)
    receipt = company.lines("till", FIRST, "a.csv", ("c1", "s1", "7", "p1", "1", "1", AT))

    assert outcome(company, till=receipt).rows("quality_flags") == [([],)]


def test_a_flag_that_the_export_judges_itself_takes_the_place_of_the_tables(company):
    head = target("silver.orders", order_id="no", ordered_at="try_to_timestamp(at)", total_cents="cents(paid)")
    line = target("silver.order_lines", _flags={"value_zero": "paid = '0'"}, order_id="no", sales_cents="cents(paid)")
    company.export("web", "web", "no at paid", head, line)

    lines = outcome(company, web=company.lines("web", FIRST, "a.csv", ("1", AT, "0"), ("2", AT, "8.8e-16")))

    assert lines.rows("order_id", "quality_flags") == [("1", ["value_zero"]), ("2", [])]


def test_nested_items_become_lines_and_are_accounted_item_by_item(company):
    shop(company)
    two = '[{"product":"p1","pieces":1,"paid":1.10},{"product":"p2","pieces":2,"paid":"x"}]'
    orders = [("1", AT, "3", two), ("2", AT, "3", "[]"), ("3", AT, "3", "{broken"), "{half"]

    lines = outcome(company, shop=company.lines("shop", FIRST, "a.jsonl", *orders))

    assert lines.rows("order_id", "line_number", "sales_cents") == [("web:1", 1, 110)]
    assert lines.discarded == {"no_items": 1}
    assert lines.aside == [(2, ["sales_cents_unreadable"]), (4, ["items_unreadable"]), (5, ["line_unreadable"])]
    assert sum(unit["_first"] for unit in lines.units) == len(orders)


def test_lines_under_a_key_are_read_one_or_several_and_a_broken_object_is_set_aside(company):
    shop(company, path="data")
    two = '{"has_more":false,"data":[{"product":"p1","paid":"1.10"},{"product":"p2","paid":"2"}]}'
    one, none, broken = '{"data":{"product":"p3","paid":"3"}}', '{"has_more":false}', '{"data":['
    orders = [(str(at), AT, "3", items) for at, items in enumerate((two, one, none, broken), 1)]

    lines = outcome(company, shop=company.lines("shop", FIRST, "a.jsonl", *orders))

    found = lines.rows("order_id", "product_id", "sales_cents")
    assert found == [("web:1", "p1", 110), ("web:1", "p2", 200), ("web:2", "p3", 300)]
    assert lines.discarded == {"no_items": 1}
    assert lines.aside == [(5, ["items_unreadable"])]


def test_of_an_order_twice_in_one_file_only_the_last_lines_stay(company):
    shop(company)
    old, new = '[{"product":"p1","paid":1},{"product":"p2","paid":1}]', '[{"product":"p3","paid":5}]'

    lines = outcome(company, shop=company.lines("shop", FIRST, "a.jsonl", ("1", AT, "2", old), ("1", AT, "5", new)))

    assert lines.rows("product_id", "line_number") == [("p3", 1)]
    assert lines.discarded == {"superseded": 2}


def test_lines_of_the_version_that_the_orders_chose_stay_and_others_are_superseded(company):
    till(company)
    first = company.lines("till", FIRST, "a.csv", ("c1", "s1", "7", "first", "1", "5.00", LATER))
    second = company.lines("till", FIRST, "b.csv", ("c1", "s1", "7", "second", "1", "1.00", AT))

    lines = outcome(company, till=first.unionByName(second))

    assert lines.rows("product_id") == [("second",)]  # what was delivered last counts, whatever time it tells
    assert lines.discarded == {"superseded": 1}


def test_a_line_whose_order_is_in_quarantine_goes_there_too(company):
    till(company)
    receipt = company.lines("till", FIRST, "a.csv", ("c1", "s1", "7", "p1", "1", "1", "noon"))

    assert outcome(company, till=receipt).aside == [(2, ["order_date_unreadable", "order_missing"])]


def test_lines_of_an_export_of_their_own_meet_their_order_and_the_newest_file_has_all_of_them(company):
    head = target("silver.orders", order_id="no", ordered_at="try_to_timestamp(at)", total_cents="cents(paid)")
    columns = {"order_id": "no", "product_id": "product", "sales_cents": "cents(paid)", "order_date": "day"}
    company.export("heads", "erp", "no at paid", head)
    company.export("items", "erp", "no product day paid", target("silver.order_lines", **columns))
    first = [("1", "p1", "", "1.00"), ("1", "p2", "", "2.00"), ("2", "p1", str(FIRST), "1.00")]
    items = company.lines("items", FIRST, "i.csv", *first)
    items = items.unionByName(company.lines("items", SECOND, "j.csv", ("1", "p9", "", "3.00")))

    lines = outcome(company, heads=company.lines("heads", FIRST, "h.csv", ("1", AT, "3.00")), items=items)

    assert lines.rows("order_id", "product_id", "order_date", "quality_flags") == [
        ("1", "p9", FIRST, []),
        ("2", "p1", FIRST, ["order_unknown"]),
    ]
    assert lines.discarded == {"superseded": 2}
