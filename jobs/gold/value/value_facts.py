"""What the value models see of each customer, and the groups of customers who look alike to them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from jobs.gold.customer_figures.customer_days import TABLES, customer_days_sql
from jobs.gold.value.gamma_gamma import SpendGroups
from jobs.gold.value.newton import Floats
from jobs.gold.value.purchase_groups import PurchaseGroups
from lakehouse.sql.query import Query, Table

Ask: TypeAlias = Callable[[Query], pa.Table]
DAYS_PER_BUCKET = (1, 7, 28, 91)
LOG_WIDTHS = (0.0, 0.001, 0.01, 0.1)
GROUP = ["cohort", "frequency", "group_t_x", "group_t", "recent_orders"]
NO_COHORT = "unknown"
FACTS = (
    "customer_id STRING, first_order_date DATE, cohort STRING, frequency INT, first_cents BIGINT, later_cents BIGINT, "
    "recent_orders INT, "
    "recent_cents BIGINT, next_orders INT, next_cents BIGINT, t_x_days INT, t_days INT, next_t_x_days INT"
)


def value_facts_query(as_of: date, cohort_sql: str, recent_days: int, until: date | None = None) -> Query:
    """The answer of `value_facts_sql`."""
    return Query(value_facts_sql(as_of, cohort_sql, recent_days, until), TABLES, answers=FACTS)


def value_facts_sql(as_of: date, cohort_sql: str, recent_days: int, until: date | None = None) -> str:
    """One row per customer with an order by `as_of`, as a query for both engines over TABLES.

    One day's orders are one purchase. Nothing after `as_of` is looked at, but for what came next until `until`.

    Args:
        cohort_sql: an expression over first_order_date and first_channel.
        recent_days: the last so many days are also counted by themselves.

    Returns:
        customer_id, first_order_date, cohort, frequency (days with an order after the first), t_x_days (first to
        last), t_days (first to as_of), first_cents (spend on the first day), later_cents (spend after it, refunds
        taken off), recent_orders and recent_cents (the part of frequency and later_cents in the recent days),
        next_orders, next_cents (after as_of) and next_t_x_days (first to the last of all).
    """
    recent, last = as_of - timedelta(days=recent_days - 1), until or as_of
    known, later = f"d.order_date <= DATE '{as_of}'", "d.order_date > f.first_order_date"
    is_recent = f"{known} AND {later} AND d.order_date >= DATE '{recent}'"
    sums = {
        "frequency": (f"{known} AND {later} AND d.order_count > 0", "1", "INT"),
        "first_cents": ("d.order_date = f.first_order_date", "d.spend_cents", "BIGINT"),
        "later_cents": (f"{known} AND {later}", "d.spend_cents", "BIGINT"),
        "recent_orders": (f"{is_recent} AND d.order_count > 0", "1", "INT"),
        "recent_cents": (is_recent, "d.spend_cents", "BIGINT"),
        "next_orders": (f"NOT {known} AND d.order_count > 0", "1", "INT"),
        "next_cents": (f"NOT {known}", "d.spend_cents", "BIGINT"),
    }
    counted = ", ".join(
        f"CAST(sum(CASE WHEN {holds} THEN {what} ELSE 0 END) AS {kind}) AS {name}"
        for name, (holds, what, kind) in sums.items()
    )

    def last_day(holds: str) -> str:
        return f"CAST(datediff(max(CASE WHEN {holds} THEN d.order_date END), f.first_order_date) AS INT)"

    return f"""
    WITH days AS ({customer_days_sql(last)}),
    firsts AS (
        SELECT customer_id, min(order_date) AS first_order_date FROM days
        WHERE order_count > 0 AND order_date <= DATE '{as_of}' GROUP BY customer_id),
    channels AS (
        SELECT f.customer_id, f.first_order_date, min(o.channel) AS first_channel
        FROM firsts f JOIN {{customer_map}} m ON f.customer_id = m.customer_id
        JOIN {{order_days}} o ON o.account_id = m.account_id AND o.order_date = f.first_order_date
        WHERE o.order_count > 0 GROUP BY f.customer_id, f.first_order_date),
    cohorts AS (
        SELECT customer_id, first_order_date, coalesce(CAST({cohort_sql} AS STRING), '{NO_COHORT}') AS cohort
        FROM channels)
    SELECT d.customer_id, f.first_order_date, f.cohort, {counted},
           {last_day(f"{known} AND d.order_count > 0")} AS t_x_days,
           CAST(datediff(DATE '{as_of}', f.first_order_date) AS INT) AS t_days,
           {last_day("d.order_count > 0")} AS next_t_x_days
    FROM days d JOIN cohorts f ON d.customer_id = f.customer_id
    GROUP BY d.customer_id, f.first_order_date, f.cohort"""


def repeat_orders_query(facts: Table, as_of: date) -> Query:
    """Repeat order days of all customers by days before `as_of`.

    Args:
        facts: the answer of `value_facts_query`.
    """
    sql = f"""
        SELECT CAST(datediff(DATE '{as_of}', d.order_date) AS INT) AS days_ago, count(*) AS orders
        FROM ({customer_days_sql(as_of)}) d JOIN {{facts}} f ON d.customer_id = f.customer_id
        WHERE d.order_count > 0 AND d.order_date > f.first_order_date GROUP BY 1 ORDER BY 1"""
    return Query(sql, {**TABLES, "facts": facts}, answers="days_ago INT, orders BIGINT")


def with_group_times(facts: str, days_per_bucket: int) -> str:
    """A query that adds group_t_x and group_t: the days themselves, or the middles of their buckets."""
    middle = (days_per_bucket - 1) / 2

    def bucketed(name: str) -> str:
        return f"CAST({name} DIV {days_per_bucket} * {days_per_bucket} AS DOUBLE) + CAST({middle!r} AS DOUBLE)"

    t_x = f"CASE WHEN frequency > 0 THEN {bucketed('t_x_days')} ELSE CAST(0 AS DOUBLE) END"
    return f"SELECT *, {t_x} AS group_t_x, {bucketed('t_days')} AS group_t FROM {facts}"


@dataclass(frozen=True)
class ValueGroups:
    """Customers alike to the models, in one fixed order: their cohort, purchases and recent orders."""

    cohort: NDArray[np.object_]
    purchases: PurchaseGroups
    recent_orders: Floats
    days_per_bucket: int

    def of(self, cohort: str | None) -> PurchaseGroups:
        """The purchases of one cohort, of all for None."""
        return self.purchases if cohort is None else self.purchases.some(self.cohort == cohort)


def value_groups_query(facts: Table, days_per_bucket: int, max_groups: int) -> Query:
    """How many customers each GROUP has, at most one group more than wanted."""
    names = ", ".join(GROUP)
    timed = with_group_times("{facts}", days_per_bucket)
    sql = f"SELECT {names}, count(*) AS count FROM ({timed}) timed GROUP BY {names} LIMIT {max_groups + 1:d}"
    columns = "cohort STRING, frequency INT, group_t_x DOUBLE, group_t DOUBLE, recent_orders INT, count BIGINT"
    return Query(sql, {"facts": facts}, answers=columns)


def value_groups(ask: Ask, facts: Table, max_groups: int) -> ValueGroups:
    """Customers counted per GROUP; coarser times when there would be more than max_groups.

    Args:
        ask: answers a query.
        facts: the answer of `value_facts_query`.
    """
    for days_per_bucket in DAYS_PER_BUCKET:
        groups = ask(value_groups_query(facts, days_per_bucket, max_groups)).to_pandas()
        if len(groups) <= max_groups:
            break
    groups = groups.head(max_groups).sort_values(GROUP, ignore_index=True)
    columns = (groups[name].to_numpy(float) for name in (*GROUP[1:4], "count"))
    recent = groups["recent_orders"].to_numpy(float)
    return ValueGroups(groups["cohort"].to_numpy(object), PurchaseGroups(*columns), recent, days_per_bucket)


def spend_groups_query(facts: Table, width: float, max_groups: int) -> Query:
    """How many customers spent alike, at most one group more than wanted; width 0: alike to the cent."""
    alike = f"round(ln(later_cents) / {width!r})" if width else "CAST(later_cents AS DOUBLE)"
    sql = f"""
        SELECT frequency, {alike} AS alike, count(*) AS count, CAST(sum(later_cents) AS BIGINT) AS cents
        FROM {{facts}} WHERE frequency > 0 AND later_cents > 0
        GROUP BY frequency, {alike} LIMIT {max_groups + 1:d}"""
    return Query(sql, {"facts": facts}, answers="frequency INT, alike DOUBLE, count BIGINT, cents BIGINT")


def spend_groups(ask: Ask, facts: Table, max_groups: int) -> SpendGroups:
    """Repeat customers with positive spend counted per frequency and spend; spend in major units of the currency.

    Spend is taken to the cent; when there would be more than max_groups, alike within a share of itself.
    """
    for width in LOG_WIDTHS:
        groups = ask(spend_groups_query(facts, width, max_groups)).to_pandas()
        if len(groups) <= max_groups:
            break
    return spend_groups_of(groups.head(max_groups).sort_values(["frequency", "alike"], ignore_index=True))


def spend_groups_of(groups: pd.DataFrame) -> SpendGroups:
    """From counts and sums of cents to means; a group's mean logarithm is that of its mean."""
    frequency, count = groups["frequency"].to_numpy(float), groups["count"].to_numpy(float)
    mean_spend = groups["cents"].to_numpy(float) / 100 / count / frequency
    return SpendGroups(frequency, mean_spend, np.log(mean_spend), count)
