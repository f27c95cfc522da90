"""Activation: by which channel and at which hour each customer answers, as far as answers tell them from others.

Reads   identity.customer_map, identity.golden_customers, silver.interactions, silver.orders,
        activation.deliveries, activation.delivery_runs; activation.decisions of earlier nights
Writes  activation.contact_preferences, one row per customer and channel that they were written to by
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from jobs.activation.contact import clocks, policy_tables
from jobs.activation.preferring import answers, reliability
from jobs.activation.settings.contact_policy import Settings as Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query, Table

READS = (
    "identity.customer_map",
    "identity.golden_customers",
    "silver.interactions",
    "silver.orders",
    "activation.deliveries",
    "activation.delivery_runs",
)
READS_PREVIOUS = ("activation.decisions",)
WRITES = "activation.contact_preferences"
DEPENDS_ON_RUN_DATE = True
CONF = ("contact_policy", "cleaning")
TABLES: dict[str, Table] = {name.split(".")[1]: name for name in (*READS, *READS_PREVIOUS)}
CHANNEL_PRIORS = pa.schema({"channel": pa.string(), "rate": pa.float64(), "strength": pa.float64()})
HOUR_PRIORS = pa.schema({"hour": pa.int32(), "share": pa.float64(), "is_first": pa.bool_()})
LINEAGE = {
    WRITES: {
        "channel": ("silver.interactions.interaction_type",),
        "is_preferred": ("silver.interactions.interaction_type", "silver.orders.order_date"),
        "answer_rate": ("silver.interactions.interaction_type", "silver.orders.order_date"),
        "reliability": ("silver.interactions.interaction_type",),
        "preferred_hour": ("silver.orders.ordered_at", "silver.interactions.occurred_at"),
        "hour_reliability": ("silver.orders.ordered_at", "silver.interactions.occurred_at"),
    }
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Learn from the answers, and publish what may be believed."""
    channels = lake.fetch(channel_sums_query(run_date, settings, lake.conf)).to_pylist()
    hours = lake.fetch(hour_sums_query(run_date, settings, lake.conf)).to_pylist()
    most = lake.row_count("identity.golden_customers") * len(settings.channels)
    learned = rows_query(channels, hours, run_date, settings, lake.conf)
    if not lake.publish(WRITES, lake.rows(learned, most), run_date).row_count:
        days = settings.preferences.answer_days
        lake.note(
            WRITES, f"nobody was written to more than {days} days ago: messages go by their own channels and hours"
        )


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield from (channel_sums_query(run_date, settings, conf), hour_sums_query(run_date, settings, conf))
    yield rows_query([], [], run_date, settings, conf)


def channel_sums_query(run_date: date, settings: Settings, conf: Conf) -> Query:
    """What all customers' answers by each channel add up to."""
    return _query(answers.channel_sums_sql(), answers.CHANNEL_SUMS, run_date, settings, conf)


def hour_sums_query(run_date: date, settings: Settings, conf: Conf) -> Query:
    """The same of each hour."""
    return _query(answers.hour_sums_sql(), answers.HOUR_SUMS, run_date, settings, conf)


def rows_query(
    channels: Sequence[dict[str, Any]], hours: Sequence[dict[str, Any]], run_date: date, settings: Settings, conf: Conf
) -> Query:
    """The table's rows.

    Args:
        channels: the rows of `channel_sums_query`; hours: those of `hour_sums_query`.
    """
    sql = answers.rows_sql(settings, reliability.of_rows(hours))
    made = _query(sql, WRITES, run_date, settings, conf)
    priors: dict[str, Table] = {"channel_priors": channel_priors(channels), "hour_priors": hour_priors(hours)}
    return Query(sql, {**made.tables, **priors}, made.steps, answers=WRITES)


def channel_priors(channels: Sequence[dict[str, Any]]) -> pa.Table:
    """Of each channel the company's rate, and how many messages of one's own weigh as much."""
    rows = [
        {
            "channel": row["channel"],
            "rate": row["answer_count"] / row["trial_count"],
            "strength": reliability.of_rows([row]),
        }
        for row in channels
    ]
    return pa.Table.from_pylist(rows, CHANNEL_PRIORS)


def hour_priors(hours: Sequence[dict[str, Any]]) -> pa.Table:
    """Of each hour the company's share of answers, and whether it is the first of all."""
    whole = sum(row["answer_count"] for row in hours)
    first = max(hours, key=lambda row: (row["answer_count"], -row["hour"]), default=None)
    rows = [
        {"hour": row["hour"], "share": row["answer_count"] / whole, "is_first": row is first}
        for row in sorted(hours, key=lambda row: row["hour"])
    ]
    return pa.Table.from_pylist(rows, HOUR_PRIORS)


def _query(sql: str, answer: str, run_date: date, settings: Settings, conf: Conf) -> Query:
    known, company = policy_tables.tables(settings, run_date), conf.profile.business_time_zone
    first = run_date - timedelta(days=settings.preferences.history_days)
    tables: dict[str, Table] = {
        **TABLES,
        "contact_types": known["contact_types"],
        **clocks.tables(settings, conf),
        "offsets": answers.offsets([company, *settings.zones.values()], first, run_date),
    }
    return Query(sql, tables, answers.steps(settings, run_date, company), answers=answer)
