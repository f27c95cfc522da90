"""Stewards' conditions for segments and tags: what is refused, and that both engines answer alike."""

from datetime import date
from decimal import Decimal

import pytest

from jobs.gold.membership import conditions
from jobs.gold.membership.definitions import Rule, named, segment_rules, tag_rules
from jobs.gold.membership.members import members_sql
from jobs.gold.settings.segments import Settings as Segments
from jobs.gold.settings.tags import FirstPurchase
from jobs.gold.settings.tags import Settings as Tags
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from tests.both_engines import answers, duckdb_answer

CONF = Conf()
CONTRACTS = Contracts(CONF)
KNOWN = conditions.vocabulary(conditions.contracts_of(CONF))
DAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("sql", "what", "remedy"),
    [
        ("", "the condition is empty", "write a SQL expression"),
        ("  \n", "the condition is empty", ""),
        ("order_cont > 3", "there is no column 'order_cont'", "did you mean 'order_count'?"),
        ("customer_rfm.spnd > 3", "'customer_rfm' has no field 'spnd'", "did you mean 'spend'?"),
        ("customer_rmf.spend > 3", "there is no 'customer_rmf'", "did you mean 'customer_rfm'?"),
        ("nofunction(order_count) > 1", "Spark has no function 'nofunction'", ""),
        ("DELETE FROM gold.customer_profile", "only one read-only SQL expression", ""),
        ("DROP TABLE x", "no SQL expression", ""),
        ("order_count > 1; DROP TABLE x", "no SQL expression", ""),
        ("order_count > 1; SELECT 2", "only one read-only SQL expression", ""),
        ("order_count > 1) OR (1 = 1", "no SQL expression", ""),
        ("order_count > 1 UNION SELECT 1", "only one read-only SQL expression", ""),
        ("order_count > (SELECT max(order_count) FROM x)", "a query inside a condition", ""),
        ("EXISTS (SELECT 1)", "a query inside a condition", ""),
        ("max(order_count) > 3", "an aggregate looks at more than one customer", ""),
        ("rank() OVER (ORDER BY spend) < 10", "an aggregate looks at more than one customer", ""),
        ("last_order_date > current_date()", "a night repeated would give another answer", "run_date"),
        ("rand() > 0.5", "a night repeated would give another answer", ""),
        ("state", "not true or false", "write a comparison"),
        ("state > 3", "types do not fit", ""),
        ("order_count = 'many'", "types do not fit", "compare like with like"),
        ("order_count / 2 > 'many'", "types do not fit", ""),
        ("last_order_date > 'soon'", "types do not fit", ""),
    ],
)
def test_a_condition_that_cannot_be_used_is_refused_with_the_reason(sql, what, remedy):
    found = conditions.faults(sql, KNOWN)
    assert any(what in said and remedy in help_ for said, help_ in found), found


@pytest.mark.parametrize(
    "sql",
    [
        "order_count > 3 -- a note of the steward",
        "customer_rfm.spend > 3",
        "datediff(run_date, last_order_date) < 30",
        "exists(channels, c -> c = 'pos')",
        "state RLIKE '^l'",
        "`order_count` > 1",
        "ORDER_COUNT > 1",
    ],
)
def test_a_condition_that_can_be_used_has_no_fault(sql):
    assert conditions.faults(sql, KNOWN) == []


def test_what_engines_read_differently_is_left_to_spark():
    alike = [
        "order_count > 3 AND state IN ('lost', 'dormant')",
        "size(channels) > 1",
        "last_order_date > DATE '2026-01-01'",
    ]
    others = [
        "state RLIKE '^l'",
        "CAST(spend AS INT) > 3",
        "spend / order_count > 2",
        "exists(channels, c -> c = 'pos')",
    ]
    assert [conditions.agree(sql) for sql in alike + others] == [True] * 3 + [False] * 4


def profiles(spark):
    """Customers with values at the edges of the packaged conditions; c3 is all NULL where NULL may be."""
    schema = CONTRACTS["gold.customer_profile"].schema()
    some = {
        "channels": ["pos"],
        "account_count": 1,
        "is_lead": False,
        "order_count": 0,
        "refund_count": 0,
        "spend": Decimal("0.00"),
        "campaign_contact_count": 0,
        "coupon_redemption_count": 0,
    }
    rich = {
        "channels": ["eshop", "pos"],
        "order_count": 10,
        "refund_count": 3,
        "value_decile": 10,
        "recency_days": 29,
        "f_score": 5,
        "rfm_segment": "champions",
        "state": "lost",
        "is_gone": True,
        "usual_gap_days": 14.4,
        "lost_after_days": 21,
        "loyal_order_days": 10,
        "coupon_redemption_count": 2,
        "p_alive": 0.4999,
        "expected_orders_90d": 13.04,
        "clv_365d": Decimal("3990.28"),
        "favourite_category": "BEERS/ALES",
        "last_order_date": date(2026, 2, 9),
    }
    poor = {
        "order_count": 1,
        "state": "first_time",
        "is_gone": False,
        "usual_gap_days": 14.0,
        "lost_after_days": 60,
        "loyal_order_days": 10,
        "f_score": 4,
        "value_decile": 8,
        "recency_days": 28,
        "p_alive": 0.5,
        "campaign_contact_count": 5,
        "expected_orders_90d": 12.9999,
        "refund_count": 2,
        "last_order_date": date(2026, 2, 10),
    }
    rows = [{"customer_id": f"c{i}", **some, **own} for i, own in enumerate((rich, poor, {"state": "prospect"}), 1)]
    return spark.createDataFrame([tuple(row.get(f.name) for f in schema) for row in rows], schema)


def test_both_engines_give_the_packaged_segments_and_tags_to_the_same_customers(spark):
    rules = segment_rules(CONF.settings("segments", Segments).segments)
    rules += tag_rules(CONF.settings("tags", Tags).tags, DAY)
    assert all(conditions.agree(sql) for rule in rules for sql in (rule.when, rule.evidence) if sql)

    found = answers(spark, members_sql(rules, DAY), customer_profile=profiles(spark), rules=named(rules))

    assert [(c, n) for c, n, e in found if e is None] == [
        ("c1", "champions"),
        ("c1", "coupon_users"),
        ("c1", "several_channels"),
        ("c1", "top_tenth"),
        ("c1", "valuable_at_risk"),
        ("c1", "win_back"),
        ("c2", "second_order"),
        ("c2", "unmoved_by_campaigns"),
        ("c3", "prospects"),
    ]
    assert [(c, n, e) for c, n, e in found if e is not None] == [
        ("c1", "coupon_user", "2 redemptions"),
        ("c1", "frequent_buyer", "expects 13.0 order days in 90 days"),
        ("c1", "high_value", "expected 3990.28 in 365 days"),
        ("c1", "likes_category", "BEERS/ALES"),
        ("c1", "probably_gone", "silent for 29 days, lost after 21"),
        ("c1", "refunds_often", "3 refunds for 10 orders"),
    ]


def test_the_day_a_brace_and_another_table_may_stand_in_a_condition(spark):
    rules = [
        Rule("month", when="datediff(run_date, last_order_date) <= 28"),
        Rule("brace", when="state <> '{x}' AND state = 'prospect'", evidence="concat('{', state, '}')"),
        Rule("high", when="customer_rfm.order_count > 3 AND order_count > 3"),
    ]
    rfm = spark.createDataFrame([("c1", 4), ("c2", 4)], "customer_id STRING, order_count BIGINT")

    found = answers(
        spark, members_sql(rules, DAY), customer_profile=profiles(spark), customer_rfm=rfm, rules=named(rules)
    )

    assert found == [("c1", "high", None), ("c2", "month", None), ("c3", "brace", "{prospect}")]


def test_a_division_by_nothing_holds_for_nobody(spark):
    rules = [Rule("refunds", when="refund_count / order_count > 0.1")]
    found = answers(spark, members_sql(rules, DAY), customer_profile=profiles(spark), rules=named(rules))
    assert [row[0] for row in found] == ["c1", "c2"]


def test_a_text_that_is_no_number_holds_for_nobody_and_ends_no_night(spark):
    rules = [
        Rule("cast", when="CAST(state AS INT) > 3"),
        Rule("called", when="int(state) > 3"),
        Rule("all", when="CAST(order_count AS STRING) <> ''", evidence="CAST(order_count AS STRING)"),
    ]
    found = answers(spark, members_sql(rules, DAY), customer_profile=profiles(spark), rules=named(rules))
    assert {row[1] for row in found} == {"all"}


ALIKE = [
    "order_count + refund_count * 2 - 1 >= 15",
    "-order_count < -5",
    "abs(refund_count - 3) = 0",
    "spend = 0",
    "clv_365d > 3990.27",
    "clv_365d >= 3990.28 AND p_alive < 0.5",
    "round(p_alive, 2) = 0.5",
    "round(100 * p_alive) = 50",
    "round(expected_orders_90d, 1) = 13.0",
    "NOT is_lead",
    "is_lead IS NOT NULL",
    "state IS NULL OR state <> 'prospect'",
    "state NOT IN ('dormant', 'lost')",
    "value_decile BETWEEN 8 AND 9",
    "value_decile <=> NULL",
    "state LIKE '%m_'",
    "state LIKE 'pro%'",
    "coalesce(value_decile, 0) = 0",
    "CASE WHEN order_count > 5 THEN p_alive < 1 ELSE true END",
    "if(order_count > 5, true, value_decile = 8)",
    "size(channels) = 2",
    "size(granted_purposes) = 0",
    "array_contains(channels, 'eshop')",
    "array_contains(granted_purposes, 'marketing')",
    "greatest(order_count, 5) = 5",
    "least(value_decile, 9) = 9",
    "last_order_date >= DATE '2026-02-10'",
    "last_order_date < '2026-02-10'",
    "datediff(run_date, last_order_date) = 29",
    "concat(state, '!') = 'lost!'",
    "concat(state, favourite_category) IS NULL",
    "value_decile = NULL",
    "p_alive <> 0.5",
    "order_count > 1.5",
    "order_count = 1 OR value_decile = 10",
]


def test_what_is_said_to_be_alike_is_alike_with_and_without_values(spark):
    assert [sql for sql in ALIKE if conditions.faults(sql, KNOWN) or not conditions.agree(sql)] == []
    rules = [Rule(f"r{number}", when=sql, evidence=EVIDENCE) for number, sql in enumerate(ALIKE)]

    found = answers(spark, members_sql(rules, DAY), customer_profile=profiles(spark), rules=named(rules))

    hit = {name for _, name, _ in found}
    assert {ALIKE[int(rule.name[1:])] for rule in rules if rule.name not in hit} == {
        "array_contains(granted_purposes, 'marketing')",
        "size(granted_purposes) = 0",
        "value_decile = NULL",
    }


EVIDENCE = (
    "concat(order_count, ' ', coalesce(state, '-'), ' ', coalesce(round(p_alive, 3), 0.25), ' ', is_lead, ' ', spend)"
)


LINE = "account_id STRING, product_id STRING, order_date DATE, sales_cents BIGINT"


def lines(spark, *rows: tuple[str | None, str, date, int]):
    """Order lines of account, product, day, cents; the tables that a purchase rule reads."""
    owners = [("pos:1", "c1"), ("web:1", "c1"), ("pos:2", "c2"), ("pos:3", "c3"), ("pos:4", "c4")]
    return {
        "order_lines": spark.createDataFrame(rows, LINE),
        "customer_map": spark.createDataFrame(owners, "account_id STRING, customer_id STRING"),
        "products": spark.createDataFrame(
            [("A", "TEA"), ("B", "TEA"), ("C", None)], "product_id STRING, product_category STRING"
        ),
    }


def march(day: int) -> date:
    return date(2026, 3, day)


def test_an_early_adopter_bought_first_within_days_of_the_first_sale_by_whatever_account(spark):
    tables = lines(
        spark,
        ("pos:2", "A", march(1), -500),  # a refund is no sale
        (None, "A", march(1), 500),  # a guest is no customer
        ("web:1", "A", march(2), 500),
        ("pos:1", "A", march(9), 500),
        ("pos:2", "A", march(4), 500),
        ("pos:3", "A", march(5), 500),
        ("pos:3", "C", march(2), 500),
        ("pos:4", "A", march(11), 500),  # after the night's day
    )
    rule = Rule("early", first_purchase_of=FirstPurchase(within_days=3, product=("A",)))

    found = answers(spark, members_sql([rule], DAY), **{k: v for k, v in tables.items() if k != "products"})

    assert found == [
        ("c1", "early", "first bought on 2026-03-02, day 1 of the launch of 2026-03-02"),
        ("c2", "early", "first bought on 2026-03-04, day 3 of the launch of 2026-03-02"),
    ]


def test_a_launch_may_have_a_day_and_whoever_bought_before_it_adopted_nothing(spark):
    tables = lines(spark, ("pos:1", "A", march(1), 5), ("pos:2", "B", march(3), 5), ("pos:3", "C", march(3), 5))
    rule = Rule("early", first_purchase_of=FirstPurchase(within_days=5, category=("TEA",), of_launch=march(2)))
    assert [row[0] for row in answers(spark, members_sql([rule], DAY), **tables)] == ["c2"]


def test_an_early_adopters_tag_ends_its_valid_days_after_the_purchase(spark):
    tables = lines(spark, ("pos:1", "A", march(1), 5), ("pos:2", "A", march(2), 5))
    rule = Rule("early", first_purchase_of=FirstPurchase(within_days=5, product=("A",)), valid_days=9)
    del tables["products"]
    assert [row[0] for row in answers(spark, members_sql([rule], DAY), **tables)] == ["c2"]


def test_without_rules_nobody_has_one(spark):
    assert duckdb_answer(members_sql([], DAY), customer_profile=profiles(spark)) == []
