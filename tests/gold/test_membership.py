"""Segments and tags: conditions over the profile, and since when they hold."""

from datetime import date

from chispa import assert_df_equality

from jobs.config import Conf
from jobs.contracts import Contracts
from jobs.gold import customer_tags, segments
from jobs.gold.customer_tags import literal
from jobs.gold.membership import members, with_since

MEMBER = "customer_id STRING, segment STRING, since DATE"


def test_a_customer_is_in_every_segment_whose_condition_holds_and_null_does_not_hold(spark):
    profile = spark.createDataFrame([("c1", 5), ("c2", 1), ("c3", None)], "customer_id STRING, order_count INT")

    actual = members(profile, "segment", {"many": "order_count > 3", "any": "order_count > 0"})

    expected = spark.createDataFrame(
        [("c1", "many"), ("c1", "any"), ("c2", "any")], "customer_id STRING, segment STRING"
    )
    assert_df_equality(actual, expected, ignore_row_order=True, ignore_nullable=True)


def test_since_stays_while_a_customer_remains_and_a_return_begins_anew(spark):
    now = spark.createDataFrame([("stays", "a"), ("comes", "a")], "customer_id STRING, segment STRING")
    before = spark.createDataFrame([("stays", "a", date(2026, 1, 5)), ("left", "a", date(2026, 1, 5))], MEMBER)

    actual = with_since(now, before, ["customer_id", "segment"], date(2026, 2, 1))

    expected = spark.createDataFrame([("stays", "a", date(2026, 1, 5)), ("comes", "a", date(2026, 2, 1))], MEMBER)
    assert_df_equality(actual, expected, ignore_row_order=True, ignore_nullable=True)


def test_a_day_built_again_later_does_not_see_memberships_that_began_after_it(spark):
    now = spark.createDataFrame([("c1", "a")], "customer_id STRING, segment STRING")
    later = spark.createDataFrame([("c1", "a", date(2026, 3, 1))], MEMBER)

    assert with_since(now, later, ["customer_id", "segment"], date(2026, 2, 1)).collect()[0].since == date(2026, 2, 1)


def test_a_tag_says_its_rules_version_and_what_the_rule_saw(spark):
    profile = spark.createDataFrame([("c1", 3)], "customer_id STRING, refund_count INT")

    row = members(
        profile, "tag", {"t": "refund_count > 2"},
        rule_version={"t": literal("it's 2")}, evidence={"t": "concat(refund_count, ' refunds')"},
    ).collect()[0]  # fmt: skip

    assert row.asDict() == {"customer_id": "c1", "tag": "t", "rule_version": "it's 2", "evidence": "3 refunds"}


def test_the_packaged_conditions_read_only_columns_of_the_profile(spark):
    conf = Conf()
    profile = spark.createDataFrame([], Contracts(conf)["gold.customer_profile"].schema())
    tags = conf.settings("customer_tags", customer_tags.Settings).tags
    named = conf.settings("segments", segments.Settings).segments

    found = members(profile, "segment", {name: segment.when for name, segment in named.items()})
    tagged = members(
        profile, "tag", {n: t.when for n, t in tags.items()}, evidence={n: t.evidence for n, t in tags.items()}
    )

    assert found.count() == tagged.count() == 0


def test_without_conditions_nobody_is_in(spark):
    profile = spark.createDataFrame([("c1", 3)], "customer_id STRING, refund_count INT")

    assert members(profile, "tag", {}, evidence={}).columns == ["customer_id", "tag", "evidence"]
    assert members(profile, "tag", {}, evidence={}).count() == 0
