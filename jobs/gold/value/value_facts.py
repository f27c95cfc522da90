"""What the value models see of each customer, and the groups of customers who look alike to them."""

from collections.abc import Callable
from datetime import date
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from jobs.gold.customer_days import customer_days_sql
from jobs.gold.value.bg_nbd import PurchaseGroups
from jobs.gold.value.gamma_gamma import SpendGroups

Ask: TypeAlias = Callable[[str], pa.Table]
DAYS_PER_BUCKET = (1, 7, 28, 91)
LOG_WIDTHS = (0.0, 0.001, 0.01, 0.1)
GROUP = ["frequency", "group_t_x", "group_t"]


def value_facts_sql(as_of: date) -> str:
    """One row per customer with an order, as a query for both engines over TABLES; one day's orders are one purchase.

    Returns:
        customer_id, frequency (days with an order after the first), t_x_days (first to last), t_days (first to
        as_of), later_cents (spend after the first day, refunds taken off).
    """
    sale_day = "CASE WHEN d.order_count > 0 THEN d.order_date END"
    return f"""
    WITH days AS ({customer_days_sql(as_of)}),
    firsts AS (SELECT d.customer_id, min({sale_day}) AS first_day FROM days d GROUP BY d.customer_id)
    SELECT d.customer_id, CAST(count({sale_day}) - 1 AS INT) AS frequency,
           CAST(datediff(max({sale_day}), f.first_day) AS INT) AS t_x_days,
           CAST(datediff(DATE '{as_of}', f.first_day) AS INT) AS t_days,
           CAST(sum(CASE WHEN d.order_date > f.first_day THEN d.spend_cents ELSE 0 END) AS BIGINT) AS later_cents
    FROM days d JOIN firsts f ON d.customer_id = f.customer_id WHERE f.first_day IS NOT NULL
    GROUP BY d.customer_id, f.first_day"""


def with_group_times(facts: str, days_per_bucket: int) -> str:
    """A query that adds group_t_x and group_t: the days themselves, or the middles of their buckets."""
    middle = (days_per_bucket - 1) / 2

    def bucketed(name: str) -> str:
        return f"CAST({name} DIV {days_per_bucket} * {days_per_bucket} AS DOUBLE) + CAST({middle!r} AS DOUBLE)"

    t_x = f"CASE WHEN frequency > 0 THEN {bucketed('t_x_days')} ELSE CAST(0 AS DOUBLE) END"
    return f"SELECT *, {t_x} AS group_t_x, {bucketed('t_days')} AS group_t FROM {facts}"


def purchase_groups(ask: Ask, max_groups: int) -> tuple[PurchaseGroups, int]:
    """Customers counted per frequency and times; coarser times when there would be more than max_groups.

    Args:
        ask: answers a query over {facts}.
    Returns:
        The groups in one fixed order, and the days per bucket that were needed.
    """
    for days_per_bucket in DAYS_PER_BUCKET:
        timed = with_group_times("{facts}", days_per_bucket)
        names = ", ".join(GROUP)
        counted = f"SELECT {names}, count(*) AS count FROM ({timed}) timed GROUP BY {names} LIMIT {max_groups + 1:d}"
        groups = ask(counted).to_pandas()
        if len(groups) <= max_groups:
            break
    groups = groups.head(max_groups).sort_values(GROUP, ignore_index=True)
    columns = (groups[name].to_numpy(float) for name in (*GROUP, "count"))
    return PurchaseGroups(*columns), days_per_bucket


def spend_groups(ask: Ask, max_groups: int) -> SpendGroups:
    """Repeat customers with positive spend counted per frequency and spend; spend in major units of the currency.

    Spend is taken to the cent; when there would be more than max_groups, alike within a share of itself.
    """
    for width in LOG_WIDTHS:
        alike = f"round(ln(later_cents) / {width!r})" if width else "CAST(later_cents AS DOUBLE)"
        counted = f"""
            SELECT frequency, {alike} AS alike, count(*) AS count, CAST(sum(later_cents) AS BIGINT) AS cents
            FROM {{facts}} WHERE frequency > 0 AND later_cents > 0
            GROUP BY frequency, {alike} LIMIT {max_groups + 1:d}"""
        groups = ask(counted).to_pandas()
        if len(groups) <= max_groups:
            break
    return spend_groups_of(groups.head(max_groups).sort_values(["frequency", "alike"], ignore_index=True))


def spend_groups_of(groups: pd.DataFrame) -> SpendGroups:
    """From counts and sums of cents to means; a group's mean logarithm is that of its mean."""
    frequency, count = groups["frequency"].to_numpy(float), groups["count"].to_numpy(float)
    mean_spend = groups["cents"].to_numpy(float) / 100 / count / frequency
    return SpendGroups(frequency, mean_spend, np.log(mean_spend), count)
