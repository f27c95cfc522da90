"""DuckDB and Spark answer the queries of activation, experiments and attribution alike (audiences, contactability)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from jobs.activation import audiences, contact_preferences, contactability, decisions
from jobs.gold import attribution, channel_performance, experiment_results
from lakehouse.lake.queries import spark_answer
from lakehouse.sql.query import Query
from tests.activation.small_company import CONF, events, policy, rows
from tests.activation.test_decisions import POLICY, company
from tests.conftest import RUN_DATE
from tests.frames import assert_answers
from tests.gold.memory_lake import MemoryLake

DAY = timedelta(days=1)
KINDS = ("email_sent", "order", "coupon_redeemed", "complaint", "complaint_answered", "email_bounced", "order")
LEFT = 45  # customers from here on unsubscribe
AUDIENCES = CONF.settings("audiences", audiences.Settings)
TRIGGERS = CONF.settings("triggers", audiences.Triggers)
SETTINGS = policy(**POLICY)


def lake() -> MemoryLake:
    """Fifty customers with everything that a query asks about."""
    known = company(4, 50)
    ids = [row["customer_id"] for row in known["customer_profile"].to_pylist()]
    told = [
        (f"email:{i}", KINDS[(n + k) % 7], RUN_DATE - (n % 9 + 3 * k) * DAY)
        for n, i in enumerate(ids)
        for k in range(4)
    ]
    told += [(f"email:{i}", "email_unsubscribed", RUN_DATE - DAY) for i in ids[LEFT:]]
    profile = [
        {
            "customer_id": i, "average_order": n, "order_count": n, "spend": n * n,
            "last_order_date": RUN_DATE - n * DAY, "first_order_date": RUN_DATE - 99 * DAY,
        }
        for n, i in enumerate(ids)
    ]  # fmt: skip
    cycle = [
        {
            "customer_id": i, "state": ("dormant", "loyal")[n % 2], "since": RUN_DATE - (n % 5) * DAY,
            "usual_gap_days": n / 3, "reason": "r",
        }
        for n, i in enumerate(ids)
    ]  # fmt: skip
    due = [
        {
            "customer_id": i, "item": f"p{n % 3}", "kind": "repurchase", "item_level": "x", "evidence": "e",
            "probability": 0.5 + n % 5 / 10, "due_from": RUN_DATE - DAY, "due_to": RUN_DATE + DAY,
        }
        for n, i in enumerate(ids)
    ]  # fmt: skip
    days = [
        {
            "account_id": f"email:{i}", "channel": ("shop", "web")[n % 2], "order_count": 1, "refund_cents": -n,
            "order_date": RUN_DATE - (7 * k + n % 5) * DAY, "spend_cents": 1000 + n * k,
        }
        for n, i in enumerate(ids)
        for k in range(5)
    ]  # fmt: skip
    made = MemoryLake(
        None,
        **{**known, **events(*told)},
        life_cycle=rows("gold.life_cycle", cycle),
        due_now=rows("gold.due_now", due),
        customer_order_days=rows("gold.customer_order_days", days),
    )
    made.tables["customer_profile"] = rows("gold.customer_profile", profile)
    proposed = {"item_level": "x", "category": "", "department": "", "kind": "new", "source": "taste", "rank": 1}
    proposed |= {"item": "tea", "item_name": "tea", "reason": "r", "consent": "agreed", "is_long_tail": False}
    made.tables["recommendations"] = rows(
        "gold.recommendations", [{**proposed, "customer_id": i, "score": n / 60} for n, i in enumerate(ids)]
    )
    bought = made.tables["orders"].to_pylist()
    for n, row in enumerate(bought):
        row["ordered_at"] = datetime.combine(row["order_date"], time(n % 24, 30), UTC)
    made.tables["orders"] = rows("silver.orders", bought)
    return made


def preferences(made: MemoryLake, answer: Callable[[Query], pa.Table]) -> None:
    """What is learned of channels and hours, for the queries that use it."""
    settings = SETTINGS.replace(preferences=SETTINGS.preferences.replace(min_reliability=0.0))
    sums = [
        answer(ask(RUN_DATE, settings, CONF)).to_pylist()
        for ask in (contact_preferences.channel_sums_query, contact_preferences.hour_sums_query)
    ]
    made.tables["contact_preferences"] = answer(contact_preferences.rows_query(*sums, RUN_DATE, settings, CONF))


@pytest.fixture(scope="module")
def queries() -> tuple[MemoryLake, list[Query]]:
    """The queries of one night in order, each over the answers of those before."""
    made, asked = lake(), []

    def answer(query: Query) -> pa.Table:
        asked.append(query)
        return made.fetch(query)

    made.tables["contactability"] = answer(contactability.contactability_query(RUN_DATE, SETTINGS))
    preferences(made, answer)
    placed = answer(audiences.audience_query(AUDIENCES.audiences, SETTINGS, RUN_DATE))
    answer(audiences.audience_rows_query(placed, AUDIENCES.audiences))
    fired = answer(audiences.firing_query(TRIGGERS.triggers, SETTINGS, RUN_DATE))
    made.tables["trigger_firings"] = answer(audiences.firing_rows_query(fired, TRIGGERS.triggers, RUN_DATE))
    for counted in (placed, fired):
        answer(audiences.counts_query(counted))
        answer(audiences.lost_query(counted))
    found = decisions.outcomes.ordered(answer(decisions.candidate_query(CONF, RUN_DATE, SETTINGS)))
    choice = decisions.outcomes.choose(found, decisions.capacities(SETTINGS, decisions.messages(CONF, RUN_DATE)))
    decided = answer(decisions.rows_query(decisions.with_choice(found, choice), RUN_DATE, SETTINGS, CONF))
    made.tables["decisions"] = decided.set_column(0, "run_date", pa.array([RUN_DATE - DAY] * decided.num_rows))
    answer(contactability.contactability_query(RUN_DATE, SETTINGS))
    answer(decisions.candidate_query(CONF, RUN_DATE, SETTINGS))
    trial = experiment_results.known(CONF, CONF.settings("experiment_reading", experiment_results.Settings))
    trial = trial.replace(message_horizon_days=1)
    answer(experiment_results.sums_query(RUN_DATE, trial))
    answer(experiment_results.shares_query())
    credit = CONF.settings("attribution", attribution.Settings)
    for ask in (attribution.touches_query, attribution.orders_query):
        answer(ask(RUN_DATE, credit, CONF.profile.business_time_zone))
    answer(attribution.total_query(RUN_DATE, credit))
    answer(attribution.incremental_query())
    channels = CONF.settings("channel_performance", channel_performance.Settings)
    answer(channel_performance.channel_performance_query(RUN_DATE, channels))
    return made, asked


def nullable(table: pa.Table) -> pa.Table:
    """The same rows, which need not say all that a contract requires."""
    return pa.table(table.columns, names=table.column_names)


def without_zone(value: object) -> object:
    """Instants as Spark hands them over: UTC, and no word of it."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def test_both_engines_answer_a_nights_queries_alike(spark: SparkSession, queries: tuple[MemoryLake, list[Query]]):
    made, asked = queries
    filled = 0
    for query in asked:
        tables = {name: made.at_hand(table) for name, table in query.tables.items()}  # type: ignore[arg-type]
        frames = {name: spark.createDataFrame(nullable(table)) for name, table in tables.items()}
        frame = spark_answer(spark, replace(query, tables=tables), frames)
        local = made.fetch(query)
        by_duckdb = [tuple(map(without_zone, row.values())) for row in local.to_pylist()]
        assert_answers(frame.columns, by_duckdb, [tuple(row) for row in frame.collect()])
        filled += bool(by_duckdb)
    assert filled >= len(asked) - 2
