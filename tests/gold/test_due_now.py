"""What falls due, by a rule from the customer's own first purchase or in the customer's own rhythm; on both engines."""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from jobs.gold import due_now
from jobs.gold.follow_on.falling_due import chances_left, rule_tables
from jobs.gold.follow_on_rules import LAGS, RULES
from lakehouse.config.layers import Conf
from tests.both_engines import stepwise_answers
from tests.frames import assert_rows, assert_same
from tests.gold.follow_on_lake import Line, customer_id, customer_map, order_lines, publish, put

TODAY = date(2017, 10, 2)
SETTINGS = Conf().settings("due_now", due_now.Settings)
RULE = {
    "rule_id": "r1",
    "level": "product_id",
    "antecedent": "nappies",
    "consequent": "pram",
    "window_days": 90,
    "lag_p10_days": 10,
    "lag_p50_days": 40,
    "lag_p90_days": 80,
    "confidence": 0.6,
    "base_rate": 0.12,
    "holds_later": True,
    "later_ratio": None,
}
LAG = [{"rule_id": "r1", "lag_days": day, "share": share} for day, share in ((10, 0.1), (40, 0.4), (80, 0.6))]
COLUMNS = ("customer", "level", "item", "kind", "due_from", "due_to", "probability", "rule_id", "evidence")


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def due(spark, lines: list[Line], *further: dict[str, Any], settings=SETTINGS) -> list[dict[str, Any]]:
    rules = [RULE, *(RULE | rule for rule in further)]
    lags = [lag | {"rule_id": rule["rule_id"]} for rule in rules for lag in LAG]
    tables = {
        "order_lines": order_lines(lines),
        "customer_map": customer_map(lines),
        "excluded": pa.table({"item": pa.array([], pa.string())}),
        **rule_tables(due_now.usable(rules, with_failed=False), lags),
    }
    steps = due_now.due_steps("product_id", TODAY, settings)
    rows = stepwise_answers(spark, due_now.due_sql("product_id", TODAY, settings), steps, **tables)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def test_what_follows_is_due_from_the_customers_own_date_with_the_evidence(spark):
    (row,) = due(spark, [("pos:a", "nappies", ago(30), 1)])

    assert row == {
        "customer": customer_id("pos:a"),
        "level": "product_id",
        "item": "pram",
        "kind": "follow_on",
        "due_from": ago(20),
        "due_to": ago(-50),
        "probability": pytest.approx((0.6 - 0.1) / (1 - 0.1)),
        "rule_id": "r1",
        "evidence": "bought nappies on 2017-09-02; 60 % of such customers buy pram within 90 days, base 12 %",
    }


def test_who_has_the_consequent_is_over_the_window_or_long_before_it_is_not_due(spark):
    lines = [
        ("pos:a", "nappies", ago(30), 1),
        ("pos:a", "pram", ago(5), 1),
        ("pos:b", "nappies", ago(90), 1),
        ("pos:c", "nappies", ago(81), 1),
        ("pos:d", "pram", ago(99), 1),
        ("pos:d", "nappies", ago(30), 1),
        ("pos:e", "nappies", ago(30), -1),
        (None, "nappies", ago(30), 1),
    ]

    assert due(spark, lines) == []


def test_it_is_the_first_purchase_that_counts(spark):
    lines = [
        ("pos:a", "nappies", ago(30), 1),
        ("pos:a", "nappies", ago(1), 1),
        ("pos:b", "nappies", ago(200), 1),
        ("pos:b", "nappies", ago(20), 1),
    ]

    assert [(row["customer"], row["due_from"]) for row in due(spark, lines)] == [(customer_id("pos:a"), ago(20))]


def test_what_begins_after_the_horizon_is_not_due_yet(spark):
    late = {"rule_id": "r2", "consequent": "buggy", "lag_p10_days": 15, "lag_p90_days": 80}

    assert [row["item"] for row in due(spark, [("pos:a", "nappies", TODAY, 1)], late)] == ["pram"]


def test_an_item_of_several_rules_is_due_once_by_the_most_probable(spark):
    lines = [("pos:a", "nappies", ago(30), 1), ("pos:a", "formula", ago(45), 1)]

    (row,) = due(spark, lines, {"rule_id": "r2", "antecedent": "formula"})

    assert row["rule_id"] == "r1"
    assert row["probability"] > (0.6 - 0.4) / (1 - 0.4)


def test_a_rule_that_did_not_hold_later_says_nothing_unless_conf_wants_it():
    failed = RULE | {"holds_later": False}

    assert due_now.usable([failed], with_failed=False) == []
    assert due_now.usable([failed], with_failed=True) == [failed]
    assert due_now.usable([RULE | {"holds_later": None}], with_failed=False) != []


def test_the_chance_left_falls_with_each_day_that_passes():
    chances = [row["probability"] for row in chances_left(RULE, {10: 0.1, 40: 0.4, 80: 0.6})]

    assert len(chances) == 90
    assert chances[0] == pytest.approx(0.6)
    assert chances[40] == pytest.approx(0.2 / 0.6)
    assert chances[80:] == [0.0] * 10
    assert chances == sorted(chances, reverse=True)


def test_chances_are_lowered_as_followers_stayed_away_after_the_rule_was_found():
    (chance,) = (
        row["probability"] for row in chances_left(RULE | {"later_ratio": 0.5, "window_days": 1}, {0: 0.0, 1: 0.6})
    )

    assert chance == pytest.approx(1 - 0.4**0.5)


def weekly(account: str, item: str, last: int, count: int = 8, every: int = 7) -> list[Line]:
    """An item every so many days, the last so many days ago."""
    return [(account, item, ago(last + every * number), 1) for number in range(count)]


def test_what_is_bought_in_a_rhythm_is_due_around_its_next_time(spark):
    (row,) = due(spark, weekly("pos:a", "milk", last=5))

    assert (row["kind"], row["item"], row["rule_id"]) == ("repurchase", "milk", None)
    assert (row["due_from"], row["due_to"]) == (ago(1), ago(-6))  # half a week and one and a half after the last time
    assert row["evidence"] == (
        "bought on 8 days since 2017-08-09, every 7 days, last on 2017-09-27; "
        "100 % of such customers came back within 14 days"
    )


def test_the_probability_is_what_customers_who_stood_alike_did_since(spark):
    regular = [line for n in range(30) for line in weekly(f"pos:r{n}", "milk", last=0, count=12)]
    stopped = [line for n in range(10) for line in weekly(f"pos:s{n}", "milk", last=14, count=12)]

    rows = due(spark, regular + stopped)

    assert {row["customer"] for row in rows} == {customer_id(f"pos:r{n}") for n in range(30)}
    assert {row["probability"] for row in rows} == {0.75}  # two weeks ago forty stood there, and thirty came back


def test_few_purchases_make_no_rhythm_and_a_broken_one_is_not_due(spark):
    lines = [*weekly("pos:a", "milk", last=5, count=3), *weekly("pos:b", "milk", last=12)]

    assert due(spark, lines) == []


def test_ten_thousand_lines_of_one_day_are_one_day(spark):
    lines = [("pos:a", "milk", ago(3), 1)] * 10_000

    assert due(spark, lines) == []


def test_of_many_the_most_probable_are_kept_for_each_customer_and_kind(spark):
    lines = [line for n in range(5) for line in weekly("pos:a", f"milk{n}", last=5)]
    few = SETTINGS.replace(max_per_customer_and_kind=2)

    rows = due(spark, [*lines, ("pos:a", "nappies", ago(30), 1)], settings=few)

    assert [(row["kind"], row["item"]) for row in rows] == [
        ("repurchase", "milk0"),
        ("repurchase", "milk1"),
        ("follow_on", "pram"),
    ]


def test_the_job_publishes_what_is_due_and_twice_the_same(lake):
    publish(lake, TODAY, [("pos:a", "nappies", ago(30), 1), *weekly("pos:b", "milk", last=5)])
    put(
        lake,
        RULES,
        pa.Table.from_pylist([RULE]),
        TODAY,
        buyer_count=9,
        follower_count=9,
        confidence_low=0.5,
        confidence_high=0.7,
        lift=5.0,
        standard_errors=9.0,
        q_value=0.0,
        searched_until=TODAY,
        searched_on=TODAY,
        reason="r",
    )
    put(lake, LAGS, pa.Table.from_pylist(LAG), TODAY)

    published = []
    for _ in range(2):
        due_now.run(lake, TODAY, SETTINGS)
        published.append(lake.read(due_now.WRITES, lake.version(due_now.WRITES)))

    assert_same(*published)
    items = published[0].select("item", "kind").distinct()
    assert_rows(items, [("pram", "follow_on"), ("milk", "repurchase")], "item STRING, kind STRING")


@pytest.mark.parametrize(
    "lines",
    [[], [("pos:a", "milk", TODAY, 1)], [("pos:a", "milk", ago(9), -1)], [("pos:a", "milk", ago(-9), 1)]],
    ids=["nothing", "one order", "only a refund", "only the future"],
)
def test_where_nothing_is_due_the_table_is_empty_and_says_why(lake, lines):
    publish(lake, TODAY, lines)

    due_now.run(lake, TODAY, SETTINGS)

    assert lake.row_count(due_now.WRITES) == 0
    assert "nobody bought an item on more than 3 of 180 days" in " ".join(lake.notes)
