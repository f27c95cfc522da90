"""silver.orders: versions, amounts, days."""

from datetime import date, datetime
from typing import Any

import pytest

from jobs.silver.currency import CurrencySettings, rate_spans
from tests.silver.conftest import FIRST, SECOND, THIRD, target, till

AT = "2017-10-01 09:00:00"


def test_lines_of_one_receipt_make_one_order(company):
    till(company)
    company.land(
        "till", FIRST, "a.csv", ("c1", "s1", "7", "p1", "1", "1.50", AT), ("c1", "s1", "7", "p2", "2", "2.25", AT)
    )

    company.run("orders", FIRST)

    columns = (
        "order_id",
        "account_id",
        "channel",
        "total_cents",
        "total_original_cents",
        "currency",
        "line_count",
        "order_type",
    )
    assert company.rows("silver.orders", *columns) == [("pos:7", "pos:c1", "pos", 375, 375, "USD", 2, "sale")]
    assert company.rows("silver.orders", "ordered_at", "order_date", "is_guest", "quality_flags") == [
        (datetime(2017, 10, 1, 9), FIRST, False, [])
    ]


def test_an_empty_key_is_a_guest_and_a_negative_total_a_refund(company):
    till(company)
    company.land("till", FIRST, "a.csv", (" ", "s1", "8", "p1", "-1", "-1.50", AT))

    company.run("orders", FIRST)

    assert company.rows("silver.orders", "account_id", "is_guest", "order_type", "total_cents") == [
        (None, True, "refund", -150)
    ]


def test_a_newer_file_replaces_the_order_and_all_its_lines(company):
    till(company)
    company.land("till", FIRST, "a.csv", ("c1", "s1", "7", "p1", "1", "1.00", AT), ("c1", "s1", "7", "p2", "1", "2.00", AT),
                 ("c2", "s1", "9", "p1", "1", "1.00", AT))  # fmt: skip
    for table in ("orders", "order_lines"):
        company.run(table, FIRST)
    company.land("till", SECOND, "b.csv", ("c1", "s1", "7", "p3", "1", "5.00", AT))

    for table in ("orders", "order_lines"):
        company.run(table, SECOND)

    assert company.rows("silver.orders", "order_id", "total_cents") == [("pos:7", 500), ("pos:9", 100)]
    assert company.rows("silver.order_lines", "order_id", "product_id") == [("pos:7", "p3"), ("pos:9", "p1")]


def test_of_two_versions_in_one_delivery_the_later_time_wins_in_both_tables(company):
    till(company)
    late = "2017-10-01 11:00:00"
    company.land("till", FIRST, "a.csv", ("c1", "s1", "7", "new", "1", "5.00", late))
    company.land(
        "till", FIRST, "b.csv", ("c1", "s1", "7", "old", "1", "1.00", AT), ("c1", "s1", "7", "old", "1", "1.00", AT)
    )

    for table in ("orders", "order_lines"):
        company.run(table, FIRST)

    assert company.rows("silver.orders", "total_cents") == [(500,)]
    assert company.rows("silver.order_lines", "product_id") == [("new",)]
    assert company.account("silver.orders")["discarded"] == {"superseded": 2}
    assert company.account("silver.order_lines")["discarded"] == {"superseded": 2}


def test_a_version_older_than_the_stored_one_is_superseded(company):
    till(company)
    company.land("till", FIRST, "a.csv", ("c1", "s1", "7", "new", "1", "5.00", "2017-10-01 11:00:00"))
    company.land(
        "till", SECOND, "b.csv", ("c1", "s1", "7", "old", "1", "1.00", AT), ("c1", "s1", "8", "p1", "1", "1.00", AT)
    )
    for night in (FIRST, SECOND):
        company.run("orders", night)
        company.run("order_lines", night)

    assert company.rows("silver.orders", "order_id", "total_cents") == [("pos:7", 500), ("pos:8", 100)]
    assert company.rows("silver.order_lines", "product_id") == [("new",), ("p1",)]


def test_what_cannot_be_used_is_quarantined_by_line_and_reason_without_values(company):
    till(company)
    company.land("till", FIRST, "a.csv", ("c1", "s1", None, "p1", "1", "1.00", AT), ("c1", "s1", "7", "p1", "1", "dear", AT),
                 ("c1", "s1", "8", "p1", "1", "1.00", "noon"), "half a li", ("c1", "s1", "9", "p1", "1", "1.00", "2017-10-09 00:00:00"))  # fmt: skip

    company.run("orders", FIRST)

    assert company.rows("quarantine.orders", "_source_line", "reasons") == [
        (2, ["order_id_missing"]),
        (3, ["total_original_cents_unreadable"]),
        (4, ["ordered_at_unreadable", "order_date_unreadable"]),
        (5, ["line_unreadable"]),
        (6, ["order_date_after_run"]),
    ]
    assert set(company.read("quarantine.orders").columns) == {
        "reasons", "_export", "_source_file", "_source_line", "_bronze_version", "_run_date"
    }  # fmt: skip
    assert company.rows("silver.orders", "order_id") == []


def test_a_rebuild_from_all_files_gives_the_tables_that_the_nights_gave(company):
    till(company)
    company.land(
        "till", FIRST, "a.csv", ("c1", "s1", "7", "p1", "1", "1.00", AT), ("c1", "s1", "8", "p1", "1", "1.00", AT)
    )
    company.run("orders", FIRST)
    company.run("order_lines", FIRST)
    company.land("till", SECOND, "b.csv", ("c1", "s1", "7", "p3", "1", "5.00", AT))
    company.run("orders", SECOND)
    company.run("order_lines", SECOND)
    nightly = [company.fingerprint(t) for t in ("silver.orders", "silver.order_lines")]

    company.run("orders", SECOND, code="code-2")
    company.run("order_lines", SECOND, code="code-2")

    assert [company.fingerprint(t) for t in ("silver.orders", "silver.order_lines")] == nightly


def test_a_second_run_changes_nothing(company):
    till(company)
    company.land("till", FIRST, "a.csv", ("c1", "s1", "7", "p1", "1", "1.00", AT))
    for table in ("orders", "order_lines"):
        company.run(table, FIRST)
    versions = [company.lake(FIRST).version(t) for t in ("silver.orders", "silver.order_lines")]

    for table in ("orders", "order_lines"):
        company.run(table, FIRST)

    assert [company.lake(FIRST).version(t) for t in ("silver.orders", "silver.order_lines")] == versions


def test_the_day_is_that_of_the_business_time_zone(company):
    till(company)
    company.conf("profiles/local", {}) if (company.layer / "profiles").exists() else (
        company.layer / "profiles"
    ).mkdir()
    company.conf("profiles/local", {"business_time_zone": "Asia/Shanghai"})
    company.land("till", SECOND, "a.csv", ("c1", "s1", "7", "p1", "1", "1.00", "2017-10-01 17:00:00"))

    company.run("orders", SECOND)

    assert company.rows("silver.orders", "order_date") == [(SECOND,)]


def web(company: Any) -> None:
    columns = {
        "order_id": "concat('web:', no)",
        "ordered_at": "try_to_timestamp(at)",
        "currency": "cur",
        "total_cents": "cents(paid)",
    }
    company.export("web", "web", "no at cur paid", target("silver.orders", **columns))


def test_another_currency_is_converted_with_the_latest_rate_and_waits_in_quarantine_without_one(company):
    web(company)
    company.conf("currency", {"max_age_days": 2, "rates": {date(2017, 9, 30): {"EUR": 1.1815}, THIRD: {"EUR": 9.0}}})
    company.land(
        "web", SECOND, "a.csv", ("1", AT, "eur", "10.00"), ("2", AT, "USD", "10.00"), ("3", AT, "CNY", "10.00")
    )

    company.run("orders", SECOND)

    assert company.rows("silver.orders", "order_id", "currency", "total_original_cents", "total_cents") == [
        ("web:1", "EUR", 1000, 1182),
        ("web:2", "USD", 1000, 1000),
    ]
    assert company.rows("quarantine.orders", "_source_line", "reasons") == [(4, ["rate_missing"])]


def test_a_rate_serves_until_the_next_or_until_it_is_too_old():
    settings = CurrencySettings(max_age_days=3, rates={date(2017, 1, 1): {"EUR": 1.0}, date(2017, 1, 3): {"EUR": 2.0}})

    assert [(first, last) for _, first, last, _ in rate_spans(settings)] == [
        (date(2017, 1, 1), date(2017, 1, 2)),
        (date(2017, 1, 3), date(2017, 1, 6)),
    ]


def test_without_an_export_the_table_is_empty_and_says_why(company):
    lake = company.run("orders", FIRST)

    assert company.rows("silver.orders", "order_id") == []
    assert lake.notes == ["silver.orders: no export has target silver.orders"]


@pytest.mark.parametrize("column", ["total_cent", "colour"])
def test_a_column_that_the_table_does_not_have_is_refused_by_name(company, column):
    company.export("web", "web", "no", target("silver.orders", **{column: "no"}))
    company.land("web", FIRST, "a.csv", ("1",))

    with pytest.raises(Exception, match=f"silver.orders has no column {column}"):
        company.run("orders", FIRST)
