"""Products, coupons, demographics, campaigns and what hangs on them; consents, feedback, telemetry; stores."""

from datetime import date, datetime

import pytest
from pyspark.sql import functions as F

from jobs.silver import (
    campaign_contacts,
    campaigns,
    consents,
    coupon_redemptions,
    coupons,
    demographics,
    feedback,
    points_movements,
    products,
    telemetry,
)
from jobs.silver.stores import stores
from lakehouse.sql import expressions
from tests.frames import assert_rows
from tests.silver.conftest import FIRST, SECOND, target

AT = "2017-10-01 09:00:00"


def test_products_say_what_they_lack(company):
    columns = {"product_id": "id", "product_category": "clean(cat)", "product_type": "clean(kind)"}
    company.export(
        "catalogue", "erp", "id cat kind size", target("silver.products", package_size="clean(size)", **columns)
    )
    lines = company.lines("catalogue", FIRST, "c.csv", ("1", "ICE", "CUBES", "22 LB"), ("2", "", " ", None))

    assert company.outcome("silver.products", products.RULES, catalogue=lines).rows("product_id", "quality_flags") == [
        ("1", []),
        ("2", ["package_size_missing", "product_category_missing", "product_type_missing"]),
    ]


def test_an_exact_duplicate_is_discarded_by_name_and_an_unknown_product_flagged(company):
    columns = {"coupon_upc": "upc", "product_id": "id", "campaign_id": "camp"}
    company.export("offers", "erp", "upc id camp", target("silver.coupons", **columns))
    lines = company.lines("offers", FIRST, "d.csv", ("u", "1", "7"), ("u", "1", "7"), ("u", "2", "7"))
    known = company.spark.createDataFrame([("1",)], "product_id STRING")

    found = company.outcome("silver.coupons", coupons.coupon_rules(known), offers=lines)

    assert found.discarded == {"exact_duplicate": 1}
    assert found.rows("product_id", "quality_flags") == [("1", []), ("2", ["product_unknown"])]


def test_demographics_say_what_is_unknown(company):
    columns = {"home_ownership": "clean(home)", "marital_status": "clean(married)"}
    company.export("crm", "pos", "card home married", target("silver.demographics", **columns), account={"key": "card"})
    lines = company.lines("crm", FIRST, "d.csv", ("1", "Renter", "Unknown"), ("2", "", "Married"))

    assert company.outcome("silver.demographics", demographics.RULES, crm=lines).rows(
        "account_id", "quality_flags"
    ) == [
        ("pos:1", ["marital_status_unknown"]),
        ("pos:2", ["home_ownership_unknown"]),
    ]


def test_campaigns_keep_their_days(company):
    columns = {"campaign_id": "id", "campaign_type": "kind", "start_date": "start"}
    company.export("camp", "email", "id kind start", target("silver.campaigns", **columns))
    lines = company.lines("camp", FIRST, "c.csv", ("1", "Type A", "2017-10-05"))

    found = company.outcome("silver.campaigns", campaigns.RULES, camp=lines)

    assert found.rows("campaign_id", "campaign_type", "start_date") == [("1", "Type A", date(2017, 10, 5))]


def test_an_account_may_be_of_another_channel_than_the_send(company):
    account = {"key": "key", "channel": "CASE WHEN key LIKE 'LC%' THEN 'pos' ELSE 'eshop' END"}
    company.export("sent", "email", "key camp", target("silver.campaign_contacts", campaign_id="camp"), account=account)
    lines = company.lines("sent", FIRST, "s.csv", ("LC1", "1"), ("u-1", "1"), ("", "1"))

    found = company.outcome("silver.campaign_contacts", campaign_contacts.RULES, sent=lines)

    assert found.rows("account_id", "channel") == [("eshop:u-1", "email"), ("pos:LC1", "email")]
    assert found.aside == [(4, ["account_id_missing"])]


def test_where_only_the_day_is_known_the_instant_is_its_start(company):
    columns = {"redemption_id": "id", "coupon_upc": "upc", "redeemed_date": "day"}
    company.export("app", "app", "id upc day", target("silver.coupon_redemptions", **columns))
    lines = company.lines("app", FIRST, "r.csv", ("r1", "u", "2017-10-01"))

    found = company.outcome("silver.coupon_redemptions", coupon_redemptions.RULES, app=lines)

    assert found.rows("redeemed_date", "redeemed_at") == [(FIRST, datetime(2017, 10, 1))]


def test_the_newest_consent_per_purpose_counts(company):
    columns = {"purpose": "purpose", "is_granted": "yes = 'y'", "recorded_at": "try_to_timestamp(at)"}
    company.export("web", "web", "key purpose yes at", target("silver.consents", **columns), account={"key": "key"})
    said = [("k", "mail", "n", "2017-09-02"), ("k", "mail", "y", "2017-09-01"), ("k", "sms", None, AT)]

    found = company.outcome("silver.consents", consents.RULES, web=company.lines("web", FIRST, "a.csv", *said))

    assert found.rows("account_id", "purpose", "is_granted") == [("web:k", "mail", False)]
    assert found.aside == [(4, ["is_granted_unreadable"])]


def test_of_two_consents_of_one_moment_the_stricter_holds_in_whatever_order_they_come(company):
    """Of one instant, whenever delivered; without a time of one delivery: k, m; a later delivery without a time: n."""
    columns = {"purpose": "'mail'", "is_granted": "yes = 'y'", "recorded_at": "try_to_timestamp(at)"}
    for name in ("web", "crm"):
        company.export(name, "web", "key yes at", target("silver.consents", **columns), account={"key": "key"})
    web = company.lines("web", SECOND, "a.csv", ("k", "y", AT), ("m", "y", None), ("m", "n", None), ("n", "y", None))
    crm = company.lines("crm", FIRST, "z.csv", ("k", "n", AT), ("n", "n", None))

    for found in ({"web": web, "crm": crm}, {"crm": crm, "web": web}):
        rows = company.outcome("silver.consents", consents.RULES, **found).rows("account_id", "is_granted")
        assert sorted(rows) == [("web:k", False), ("web:m", False), ("web:n", True)]


def test_feedback_keeps_rating_and_text(company):
    columns = {"rating": "stars", "text": "words", "given_at": "try_to_timestamp(at)"}
    company.export("reviews", "web", "id stars words at", target("silver.feedback", feedback_id="id", **columns))
    lines = company.lines("reviews", FIRST, "r.csv", ("1", "4.5", "good", AT))

    [(rating, text, day)] = company.outcome("silver.feedback", feedback.RULES, reviews=lines).rows(
        "rating", "text", "given_date"
    )
    assert (float(rating), text, day) == (4.5, "good", FIRST)


def test_a_reading_without_a_number_is_set_aside(company):
    columns = {"metric": "'temperature_c'", "value": "celsius", "read_at": "try_to_timestamp(at)"}
    company.export("fridge", "iot", "device celsius at", target("silver.telemetry", device_id="device", **columns))
    lines = company.lines("fridge", FIRST, "f.csv", ("d1", "3.25", AT), ("d1", "cold", AT))

    found = company.outcome("silver.telemetry", telemetry.RULES, fridge=lines)

    assert found.rows("reading_id", "value", "read_date") == [("iot:f.csv-sha-2", 3.25, FIRST)]
    assert found.aside == [(3, ["value_unreadable"])]


def test_a_movement_of_points_of_an_unknown_kind_is_set_aside(company):
    columns = {"movement_type": "kind", "points": "try_cast(n AS BIGINT)", "occurred_at": "try_to_timestamp(at)"}
    company.export("club", "app", "member kind n at", target("silver.points_movements", **columns))
    lines = company.lines(
        "club", FIRST, "p.csv", ("m1", "earn", "40", AT), ("m1", "gift", "5", AT), ("m1", "burn", "x", AT)
    )

    found = company.outcome("silver.points_movements", points_movements.RULES, club=lines)

    assert found.rows("movement_id", "movement_type", "points", "occurred_date") == [
        ("app:p.csv-sha-2", "earn", 40, FIRST)
    ]
    assert found.aside == [(3, ["movement_type_unknown"]), (4, ["points_unreadable"])]


def test_stores_are_those_that_orders_name_with_the_names_of_a_list(spark):
    orders = spark.createDataFrame(
        [("s1", "pos", FIRST, FIRST)] * 2 + [("s2", "web", FIRST, FIRST), (None, "web", FIRST, FIRST)],
        "store_id STRING, channel STRING, order_date DATE, _run_date DATE",
    )
    listed = spark.createDataFrame(
        [("s1", None, "Harbour", None, ["few_orders"]), ("s3", "pos", "Unopened", None, [])],
        "store_id STRING, channel STRING, store_name STRING, city STRING, quality_flags ARRAY<STRING>",
    ).selectExpr("*", "'l' AS _export", "'f' AS _source_file", "2L AS _source_line", "DATE'2017-10-01' AS _run_date")

    actual = stores(orders, listed, few_orders_below=2)

    expected = [("s1", "Harbour", 2, []), ("s2", None, 1, ["few_orders"]), ("s3", "Unopened", 0, ["few_orders"])]
    assert_rows(actual, expected, "store_id STRING, store_name STRING, order_count BIGINT, quality_flags ARRAY<STRING>")


def test_a_products_name_is_what_most_lines_say_over_all_deliveries(company):
    goods = target("silver.products", _group_by=["sku"], product_id="sku", product_name="max(clean(name))")
    company.export("till", "pos", "sku name", goods)
    company.land(
        "till", FIRST, "a.csv", ("1", "cake stand"), ("1", "cake stand"), ("1", "cake stand"), ("1", "smashed")
    )
    company.run("products", FIRST)
    company.land("till", SECOND, "b.csv", ("1", "wet"), ("1", "smashed"), ("2", "mug"))
    company.run("products", SECOND)
    nightly = company.rows("silver.products", "product_id", "product_name")

    company.run("products", SECOND, code="code-2")

    assert nightly == [("1", "cake stand"), ("2", "mug")]
    assert company.rows("silver.products", "product_id", "product_name") == nightly


def test_lines_that_are_alike_are_counted_as_often_as_they_stand(company):
    columns = {"product_name": "max(clean(name))", "product_category": "min(kind)", "manufacturer_id": "max(maker)"}
    goods = target("silver.products", _group_by=["sku"], product_id="sku", **columns)
    company.export("till", "pos", "sku name kind maker price", goods)
    twice = [("1", "Mug", "b", "m", "1")] * 3 + [("1", "mug", "a", "n", "2")] * 2 + [(None, "x", "a", "m", "1")]
    lines = company.lines("till", FIRST, "a.csv", *twice, "broken", ("2", None, None, None, None))

    units = company.outcomes("silver.products", products.RULES, till=lines)
    found = units.select("product_id", "product_name", "product_category", "name_counts", "_lines", "_first")

    assert sorted(map(tuple, found.collect()), key=str) == [
        ("1", "Mug", "a", '{"Mug":3,"mug":2}', 5, 5),
        ("2", None, None, "{}", 1, 1),
        (None, "x", "a", '{"x":1}', 1, 1),
        (None, None, None, "{}", 1, 1),
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "max(number(price)) - min(number(price))",
        "sum(number(price))",
        "max_by(kind, price)",
        "count(*)",
        "max(_source_line)",
        "'shop'",
    ],
)
def test_what_a_product_asks_of_its_lines_is_the_same_whether_lines_are_taken_together_or_not(company, sql):
    goods = {"product_id": "sku", "product_name": "max(name)", "package_size": f"CAST({sql} AS STRING)"}
    company.export("till", "pos", "sku name kind price", target("silver.products", _group_by=["sku"], **goods))
    rows = [("1", "Mug", "b", "3"), ("1", "Mug", "b", "3"), ("1", "Mug", "a", "1"), ("1", "Pot", "a", "1")]
    lines = company.lines("till", FIRST, "a.csv", *rows)

    found = company.outcome("silver.products", products.RULES, till=lines).rows("product_id", "package_size")

    [size] = lines.groupBy("sku").agg(F.expr(f"CAST({expressions.expand(sql)} AS STRING)").alias("size")).collect()
    assert found == [("1", size["size"])]


def test_a_number_that_is_everyones_has_as_many_names_as_lines_and_ends_all_the_same(company):
    goods = target("silver.products", _group_by=["sku"], product_id="sku", product_name="max(name)")
    company.export("till", "pos", "sku name", goods)
    rows = company.spark.range(60_000).select(
        F.lit("0").alias("sku"), F.concat(F.lit("thing "), F.least("id", F.lit(59_990)).cast("string")).alias("name")
    )
    one = company.lines("till", FIRST, "a.csv", ("0", "x")).drop("sku", "name")

    found = company.outcome(
        "silver.products", products.RULES, till=rows.crossJoin(one).select("sku", "name", *one.columns)
    )

    assert found.rows("product_id", "product_name") == [("0", "thing 59990")]
