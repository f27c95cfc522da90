"""silver.orders: versions, amounts, days."""

import shutil
from datetime import date, datetime

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.silver.conforming.currency import rate_spans
from jobs.silver.orders import order_rules
from jobs.silver.settings.currency import Settings as CurrencySettings
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


def test_cells_that_stand_once_above_their_lines_are_filled_down_within_a_file(company):
    till(company, fill_down=["card", "store", "receipt", "at"])
    below = (None, "", None, "p2", "2", "2.25", " ")
    first = company.lines("till", FIRST, "a.csv", ("c1", "s1", "7", "p1", "1", "1.50", AT), below)
    other = company.lines("till", FIRST, "b.csv", below, ("c2", "s1", "8", "p1", "1", "1.00", AT))

    orders = company.outcome("silver.orders", RULES, till=first.unionByName(other))

    assert orders.rows("order_id", "account_id", "total_cents") == [("pos:7", "pos:c1", 375), ("pos:8", "pos:c2", 100)]
    assert [reasons[0] for _, reasons in orders.aside] == ["order_id_missing"]


def test_of_two_files_that_name_an_order_the_later_version_wins_where_the_export_says_what_it_is(company):
    till(company, version="at")
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
    lines = [("c1", "s1", "7", "p1", "1", "1.00", "2017-10-01 17:00:00Z"), ("c1", "s1", "8", "p1", "1", "1.00", AT)]

    orders = company.outcome("silver.orders", RULES, till=company.lines("till", SECOND, "a.csv", *lines))

    assert orders.rows("order_id", "order_date") == [("pos:7", SECOND), ("pos:8", FIRST)]
    assert orders.rows("order_id", "ordered_at")[1] == ("pos:8", datetime(2017, 10, 1, 1))


def test_an_exports_zone_is_a_name_or_a_column_and_an_offset_in_the_text_goes_before_it(company):
    columns = {"order_id": "no", "ordered_at": "try_to_timestamp(at)", "total_cents": "cents(paid)"}
    company.export("web", "web", "no at zone paid", target("silver.orders", **columns), zone="zone")
    lines = company.lines(
        "web",
        SECOND,
        "a.csv",
        ("1", AT, "PST", "1.00"),
        ("2", AT, "Europe/Berlin", "1.00"),
        ("3", "2017-10-01 09:00:00+08:00", "PST", "1.00"),
        ("4", AT, "Atlantis", "1.00"),
    )

    orders = company.outcome("silver.orders", RULES, web=lines)

    hours = [(no, at.hour) for no, at in orders.rows("order_id", "ordered_at")]
    assert hours == [("1", 17), ("2", 7), ("3", 1)]
    assert orders.aside == [(5, ["ordered_at_unreadable", "order_date_unreadable"])]


def test_both_clock_changes_have_one_meaning(company):
    columns = {"order_id": "no", "ordered_at": "try_to_timestamp(at)", "total_cents": "cents(paid)"}
    company.export("web", "web", "no at paid", target("silver.orders", **columns), zone="Europe/Berlin")
    lines = company.lines("web", SECOND, "a.csv", ("1", "2017-03-26 02:30:00", "1"), ("2", "2016-10-30 02:30:00", "1"))

    orders = company.outcome("silver.orders", RULES, web=lines)

    skipped, twice = (at for _, at in orders.rows("order_id", "ordered_at"))
    assert skipped == datetime(2017, 3, 26, 1, 30)  # read as 03:30 summer time
    assert twice == datetime(2016, 10, 30, 0, 30)  # the first of the two, summer time


def test_a_sum_of_which_one_amount_is_unreadable_is_no_smaller_total(company):
    till(company)
    lines = [("c1", "s1", "7", "p1", "1", "1.00", AT), ("c1", "s1", "7", "p2", "1", "1.0o", AT)]

    orders = company.outcome("silver.orders", RULES, till=company.lines("till", FIRST, "a.csv", *lines))

    assert orders.rows("order_id") == []
    assert orders.aside == [(2, ["total_original_cents_unreadable"])]


def broken(company: Company) -> DataFrame:
    """A file with one whole order and one that lost a line; the reader keeps what stands left of the fault."""
    whole = [("c1", "s1", "7", "p1", "1", "1.00", AT), ("c1", "s1", "8", "p1", "1", "1.00", AT)]
    lines = company.lines("till", FIRST, "a.csv", *whole, ("c1", "s1", "8", "p2", "1", "5.00", AT))
    is_lost = F.col("product") == "p2"
    return lines.withColumn("_malformed", F.when(is_lost, "c1,s1,8,p2,1,5.00,9,x").otherwise(F.col("_malformed")))


def test_an_order_that_lost_a_broken_line_is_flagged_or_set_aside(company):
    till(company)

    kept = company.outcome("silver.orders", RULES, till=broken(company))
    settings = CurrencySettings(max_age_days=7, incomplete_orders="quarantine")
    aside = company.outcome("silver.orders", order_rules(settings, "USD"), till=broken(company))

    assert kept.rows("order_id", "quality_flags") == [("pos:7", []), ("pos:8", ["order_incomplete"])]
    assert aside.rows("order_id") == [("pos:7",)]
    assert sorted(reason for _, reasons in aside.aside for reason in reasons) == ["line_unreadable", "order_incomplete"]


def test_a_thousand_with_a_point_is_not_read_as_thousandths(company):
    columns = {"order_id": "no", "ordered_at": "try_to_timestamp(at)", "total_cents": "cents(paid)"}
    company.export("web", "web", "no at paid", target("silver.orders", **columns))
    amounts = ["950", "1.000", "12.345.678", "1,000", "0.125", "12.50", "(9.99)"]
    lines = [(str(number), AT, paid) for number, paid in enumerate(amounts)]

    orders = company.outcome("silver.orders", RULES, web=company.lines("web", FIRST, "a.csv", *lines))

    assert orders.rows("order_id", "total_cents") == [("0", 95000), ("4", 13), ("5", 1250)]


def web_orders(company: Company, **more: object) -> None:
    """Orders with a total and their type by its sign."""
    columns = {"order_id": "concat('web:', no)", "ordered_at": "try_to_timestamp(at)", "total_cents": "cents(paid)"}
    company.export("web", "web", "no at paid", target("silver.orders", **columns), **more)


def test_a_refund_under_its_sales_number_stands_beside_it_whatever_comes_first(company):
    web_orders(company)
    company.land("web", FIRST, "a.csv", ("1", AT, "10.00"), ("2", AT, "-3.00"))
    company.run("orders", FIRST)
    company.land("web", SECOND, "b.csv", ("1", LATER, "-4.00"), ("2", AT, "20.00"))
    company.run("orders", SECOND)
    company.land("web", THIRD, "c.csv", ("1", LATER, "-4.00"))
    company.run("orders", THIRD)
    nightly = company.rows("silver.orders", "order_id", "total_cents")

    company.run("orders", THIRD, code="code-2")

    assert nightly == [
        ("web:1", 1000),
        ("web:1:refund:20171001110000", -400),
        ("web:2", 2000),
        ("web:2:refund:20171001090000", -300),
    ]
    assert company.rows("silver.orders", "order_id", "total_cents") == nightly


@pytest.mark.parametrize("nights", [1, 2, 3])
def test_a_bronze_table_that_was_made_again_is_read_again_whatever_version_it_now_has(company, nights):
    web_orders(company)
    for number in range(nights):
        company.land("web", FIRST, f"{number}.csv", (str(number), AT, "10.00"))
        company.run("orders", FIRST)
    shutil.rmtree(company.lake(FIRST).path("bronze.web"))

    company.land("web", SECOND, "all.csv", *[(str(number), AT, "10.00") for number in range(nights)])
    company.land("web", SECOND, "new.csv", ("new", AT, "5.00"))
    company.run("orders", SECOND)

    expected = sorted([*[(f"web:{n}", 1000) for n in range(nights)], ("web:new", 500)], key=str)
    assert company.rows("silver.orders", "order_id", "total_cents") == expected


@pytest.mark.parametrize("code", ["code-1", "code-2"])
def test_an_order_that_a_later_delivery_calls_off_no_longer_counts(company, code):
    columns = {"order_id": "concat('web:', no)", "ordered_at": "try_to_timestamp(at)", "total_cents": "cents(paid)"}
    rule = {"cancelled": "status = 'cancelled'"}
    company.export("web", "web", "no at paid status", target("silver.orders", _discard=rule, **columns))
    company.land(
        "web", FIRST, "a.csv", ("1", AT, "10.00", "paid"), ("2", AT, "3.00", "paid"), ("3", AT, "4.00", "paid")
    )
    company.run("orders", FIRST)
    company.land("web", SECOND, "b.csv", ("1", AT, "10.00", "cancelled"), ("9", AT, "9.00", "cancelled"))
    company.run("orders", SECOND)
    company.land("web", THIRD, "c.csv", ("3", AT, "4.00", "cancelled"), ("3", AT, "5.00", "paid"))
    company.run("orders", THIRD, code=code)  # another code: all is made anew of all lines

    assert company.rows("silver.orders", "order_id", "order_type", "total_cents") == [
        ("web:1", "cancellation", 0),
        ("web:2", "sale", 300),
        ("web:3", "sale", 500),
    ]


def test_what_left_a_whole_list_is_gone_and_what_is_no_list_stays(company):
    web_orders(company, snapshot=True)
    company.land("web", FIRST, "a.csv", ("1", AT, "10.00"), ("2", AT, "3.00"))
    company.run("orders", FIRST)
    company.land("web", SECOND, "b.csv", ("1", AT, "11.00"))
    company.run("orders", SECOND)

    assert company.rows("silver.orders", "order_id", "total_cents") == [("web:1", 1100)]
    assert company.account("silver.orders")["discarded"] == {"older_snapshot": 2}


def test_the_newest_delivery_counts_and_not_the_time_of_the_order(company):
    web_orders(company)
    company.land("web", FIRST, "a.csv", ("1", LATER, "10.00"))
    company.run("orders", FIRST)
    company.land("web", SECOND, "b.csv", ("1", AT, "8.00"))
    company.run("orders", SECOND)

    assert company.rows("silver.orders", "total_cents") == [(800,)]


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
    """The second night corrects order 7 and tells order 9 anew, with an earlier time."""
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

    assert company.rows("silver.orders", "order_id", "total_cents") == [("pos:7", 500), ("pos:9", 800)]
    assert company.rows("silver.order_lines", "order_id", "product_id") == [("pos:7", "p3"), ("pos:9", "p8")]
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


def receipt(number: str, product: str, paid: str) -> tuple[str, ...]:
    return ("c1", "s1", number, product, "1", paid, AT)


def test_an_order_on_both_sides_of_a_cut_is_one_order_with_all_its_lines(company):
    till(company)
    first = [receipt("7", "p1", "1.00"), receipt("8", "p1", "2.00"), receipt("8", "p2", "3.00")]
    second = [receipt("8", "p3", "4.00"), receipt("9", "p1", "5.00"), receipt("7", "p9", "9.00")]
    parts = company.lines("till", FIRST, "part-0.csv", *first).unionByName(
        company.lines("till", FIRST, "part-1.csv", *second)
    )
    orders = company.outcome("silver.orders", RULES, _in_parts={"till"}, till=parts)

    assert orders.rows("order_id", "total_cents", "line_count", "quality_flags") == [
        ("pos:7", 900, 1, []),  # told twice: the later file's version
        ("pos:8", 900, 3, ["joined_from_parts"]),
        ("pos:9", 500, 1, []),
    ]


@pytest.mark.parametrize(("policy", "right"), [("flag", 1200), ("once", 600), ("quarantine", None)])
def test_an_order_told_twice_in_a_file_is_flagged_or_counted_once_or_set_aside(company, policy, right):
    till(company, told_twice=policy)
    scans = [receipt("7", "p1", "1.00"), receipt("7", "p1", "1.00")]  # two scans of one thing stand together
    twice = [receipt("8", "p1", "2.00"), receipt("8", "p2", "4.00")]
    lines = company.lines("till", FIRST, "a.csv", *twice, *scans, *twice, receipt("9", "p1", "5.00"))

    aside = ("till",) if policy == "quarantine" else ()
    rules = order_rules(CurrencySettings(max_age_days=7), "USD", aside)
    orders = company.outcome("silver.orders", rules, till=lines)

    found = {number: (cents, flags) for number, cents, flags in orders.rows("order_id", "total_cents", "quality_flags")}
    assert found.pop("pos:7") == (200, [])
    assert found.pop("pos:9") == (500, [])
    assert found == ({} if right is None else {"pos:8": (right, ["told_twice"] if policy == "flag" else [])})
    assert orders.aside == ([(2, ["told_twice"])] if policy == "quarantine" else [])
    assert orders.discarded == ({"told_twice": 2} if policy == "once" else {})


def test_a_one_line_order_that_comes_three_times_is_told_more_than_once(company):
    till(company)
    lines = [receipt(number, "p1", "1.00") for number in ("7", "8", "7", "9", "7")]

    orders = company.outcome("silver.orders", RULES, till=company.lines("till", FIRST, "a.csv", *lines))

    assert orders.rows("order_id", "quality_flags") == [("pos:7", ["told_twice"]), ("pos:8", []), ("pos:9", [])]
