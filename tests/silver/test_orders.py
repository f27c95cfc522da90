"""silver.orders: versions, amounts, days."""

from datetime import date, datetime

import pytest

from jobs.silver.orders import order_rules
from jobs.silver.settings.currency import Settings as CurrencySettings
from jobs.silver.settings.currency import rate_spans
from lakehouse.errors import ConfigError
from tests.conftest import places
from tests.silver.conftest import FIRST, SECOND, THIRD, Company, target, till

AT, LATER = "2017-10-01 09:00:00", "2017-10-01 11:00:00"
RULES = order_rules(CurrencySettings(max_age_days=7), "USD")
TABLES = ("orders", "order_lines")


def test_lines_of_one_receipt_make_one_order(company):
    till(company)
    lines = company.lines(
        "till", FIRST, "a.csv", ("c1", "s1", "7", "p1", "1", "1.50", AT), ("c1", "s1", "7", "p2", "2", "2.25", AT)
    )

    orders = company.outcome("silver.orders", RULES, till=lines)

    names = ("order_id", "account_id", "channel", "store_id", "total_cents", "currency", "line_count", "order_type")
    assert orders.rows(*names) == [("pos:7", "pos:c1", "pos", "s1", 375, "USD", 2, "sale")]
    assert orders.rows("ordered_at", "order_date", "is_guest") == [(datetime(2017, 10, 1, 9), FIRST, False)]


def test_an_empty_key_is_a_guest_and_a_negative_total_a_refund(company):
    till(company)
    lines = company.lines("till", FIRST, "a.csv", (" ", "s1", "8", "p1", "-1", "-1.50", AT))

    orders = company.outcome("silver.orders", RULES, till=lines)

    assert orders.rows("account_id", "is_guest", "order_type", "total_cents") == [(None, True, "refund", -150)]


def test_of_two_files_that_name_an_order_the_later_time_wins(company):
    till(company)
    new = company.lines("till", FIRST, "a.csv", ("c1", "s1", "7", "p", "1", "5.00", LATER))
    old = [("c1", "s1", "7", "p", "1", "1.00", AT), ("c1", "s1", "7", "p", "1", "1.00", AT)]

    orders = company.outcome("silver.orders", RULES, till=new.unionByName(company.lines("till", FIRST, "b.csv", *old)))

    assert orders.rows("total_cents") == [(500,)]
    assert orders.discarded == {"superseded": 2}


def test_what_cannot_be_used_is_set_aside_by_line_and_reason(company):
    till(company)
    lines = company.lines(
        "till",
        FIRST,
        "a.csv",
        ("c1", "s1", None, "p1", "1", "1.00", AT),
        ("c1", "s1", "7", "p1", "1", "dear", AT),
        ("c1", "s1", "8", "p1", "1", "1.00", "noon"),
        "half a li",
        ("c1", "s1", "9", "p1", "1", "1.00", "2017-10-09 00:00:00"),
    )

    orders = company.outcome("silver.orders", RULES, till=lines)

    assert orders.rows("order_id") == []
    assert orders.aside == [
        (2, ["order_id_missing"]),
        (3, ["total_original_cents_unreadable"]),
        (4, ["ordered_at_unreadable", "order_date_unreadable"]),
        (5, ["line_unreadable"]),
        (6, ["order_date_after_run"]),
    ]


def test_the_day_is_that_of_the_business_time_zone(company):
    till(company)
    (company.layer / "profiles").mkdir()
    company.conf("profiles/local", {"business_time_zone": "Asia/Shanghai", **places(company.folder)})
    lines = company.lines("till", SECOND, "a.csv", ("c1", "s1", "7", "p1", "1", "1.00", "2017-10-01 17:00:00"))

    assert company.outcome("silver.orders", RULES, till=lines).rows("order_date") == [(SECOND,)]


def test_another_currency_takes_the_latest_earlier_rate_and_is_set_aside_without_one(company):
    columns = {"order_id": "no", "ordered_at": "try_to_timestamp(at)", "currency": "cur", "total_cents": "cents(paid)"}
    company.export("web", "web", "no at cur paid", target("silver.orders", **columns))
    rates = CurrencySettings(max_age_days=2, rates={date(2017, 9, 30): {"EUR": 1.1815}, THIRD: {"EUR": 9.0}})
    lines = company.lines(
        "web", FIRST, "a.csv", ("1", AT, "eur", "10.00"), ("2", AT, "USD", "10.00"), ("3", AT, "CNY", "10.00")
    )

    orders = company.outcome("silver.orders", order_rules(rates, "USD"), web=lines)

    assert orders.rows("order_id", "currency", "total_original_cents", "total_cents") == [
        ("1", "EUR", 1000, 1182),
        ("2", "USD", 1000, 1000),
    ]
    assert orders.aside == [(4, ["rate_missing"])]


def test_a_rate_serves_until_the_next_or_until_it_is_too_old():
    settings = CurrencySettings(max_age_days=3, rates={date(2017, 1, 1): {"EUR": 1.0}, date(2017, 1, 3): {"EUR": 2.0}})

    assert [(first, last) for _, first, last, _ in rate_spans(settings)] == [
        (date(2017, 1, 1), date(2017, 1, 2)),
        (date(2017, 1, 3), date(2017, 1, 6)),
    ]


@pytest.mark.parametrize("column", ["total_cent", "colour"])
def test_a_column_that_the_table_does_not_have_is_refused_by_name(company, column):
    company.export("web", "web", "no", target("silver.orders", **{column: "no"}))

    with pytest.raises(ConfigError, match=f"silver.orders has no column {column}"):
        company.outcome("silver.orders", RULES, web=company.lines("web", FIRST, "a.csv", ("1",)))


def test_an_expression_that_spark_cannot_use_is_refused_with_its_place(company):
    company.export("web", "web", "no", target("silver.orders", order_id="nummer"))

    with pytest.raises(ConfigError, match=r"exports/web.yaml, target 1 \(silver.orders\).*nummer"):
        company.outcome("silver.orders", RULES, web=company.lines("web", FIRST, "a.csv", ("1",)))


def test_without_an_export_the_table_is_empty_and_says_why(company):
    lake = company.run("orders", FIRST)

    assert company.rows("silver.orders", "order_id") == []
    assert lake.notes == ["silver.orders: no export has target silver.orders"]


def two_nights(company: Company) -> None:
    """The second night corrects order 7 and brings an older version of order 9."""
    till(company)
    first = [("c1", "s1", "7", "p1", "1", "1.00", AT), ("c1", "s1", "7", "p2", "1", "2.00", AT)]
    company.land("till", FIRST, "a.csv", *first, ("c2", "s1", "9", "p1", "1", "1.00", LATER))
    second = [("c1", "s1", "7", "p3", "1", "5.00", AT), ("c2", "s1", "9", "p8", "1", "8.00", AT)]
    for table in TABLES:
        company.run(table, FIRST)
    company.land("till", SECOND, "b.csv", *second, ("c1", "s1", "10", "p4", "1", "dear", AT))
    for table in TABLES:
        company.run(table, SECOND)


def test_a_newer_file_replaces_the_order_and_all_its_lines_and_a_rebuild_gives_the_same(company):
    two_nights(company)
    nightly = [company.fingerprint(f"silver.{t}") for t in TABLES]

    for table in TABLES:
        company.run(table, SECOND, code="code-2")

    assert company.rows("silver.orders", "order_id", "total_cents") == [("pos:7", 500), ("pos:9", 100)]
    assert company.rows("silver.order_lines", "order_id", "product_id") == [("pos:7", "p3"), ("pos:9", "p1")]
    assert [company.fingerprint(f"silver.{t}") for t in TABLES] == nightly
    assert company.rows("quarantine.orders", "_source_line", "reasons") == [(4, ["total_original_cents_unreadable"])]
    assert not set(company.read("quarantine.orders").columns) & {"order_id", "account_id", "total_cents"}


def test_a_second_run_of_a_night_writes_nothing(company):
    two_nights(company)
    tables = [f"{layer}.{t}" for layer in ("silver", "quarantine") for t in TABLES]
    versions = [company.lake(SECOND).version(t) for t in tables]

    for table in TABLES:
        company.run(table, SECOND)

    assert [company.lake(SECOND).version(t) for t in tables] == versions
