"""Gold: which touches the period's sales are credited to, by nine models, beside what randomised controls say.

Reads   silver.interactions, silver.campaign_contacts, silver.coupon_redemptions, silver.orders,
        gold.customer_order_days, identity.customer_map, gold.experiment_results; activation.decisions of earlier nights
Writes  gold.attribution, one row per model and channel group, and one for sales that nothing touched
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.gold.attributing import credits, touches
from jobs.gold.attributing.costs import cost
from jobs.gold.attributing.credits import Reach
from jobs.gold.attributing.paths import Cut, Ints, Paths, paths_of
from jobs.gold.settings.attribution import Settings as Settings
from lakehouse.config.layers import Conf
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.errors import LakehouseError
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query, Table

READS = (
    "silver.interactions",
    "silver.campaign_contacts",
    "silver.coupon_redemptions",
    "silver.orders",
    "gold.customer_order_days",
    "identity.customer_map",
    "gold.experiment_results",
)
READS_PREVIOUS = ("activation.decisions",)
WRITES = "gold.attribution"
DEPENDS_ON_RUN_DATE = True
CONF = "attribution"
NONE = "none"
EPOCH = date(1970, 1, 1)
OF_PATHS = ("silver.interactions.interaction_type", "gold.customer_order_days.spend_cents")
LINEAGE = {
    WRITES: {
        "model": (),
        "channel_group": (),
        "touch_count": ("silver.interactions.interaction_type",),
        "reached_customer_count": ("silver.interactions.account_id", "identity.customer_map.customer_id"),
        "cost": ("silver.interactions.interaction_type",),
        "converted_customer_count": OF_PATHS,
        "incremental_revenue": ("gold.experiment_results.difference", "activation.decisions.channel"),
        "incremental_order_count": ("gold.experiment_results.difference", "activation.decisions.channel"),
        "*": OF_PATHS,
    }
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Credit the period's sales; for each model the credits are the sales, to the cent.

    Raises:
        LakehouseError: there are more touches than conf allows.
    """
    zone = lake.profile.business_time_zone
    found = lake.fetch(touches_query(run_date, settings, zone))
    if found.num_rows > settings.max_touches:
        what = f"{found.num_rows:,} touches, and max_touches is {settings.max_touches:,}"
        raise LakehouseError(what, "conf/attribution.yaml", "shorten period_days, or raise the limit")
    numbers = arrays(found)
    paths = paths_of(numbers, arrays(lake.fetch(orders_query(run_date, settings, zone))), cut(settings, run_date))
    total = lake.fetch(total_query(run_date, settings))["cents"][0].as_py()
    incremental = {row["channel"]: row for row in lake.fetch(incremental_query()).to_pylist()}
    reach = credits.reach(numbers, settings.window_days, paths.channels)
    rows = table_rows(paths, reach, total, incremental, settings, run_date)
    lake.publish(WRITES, pa.Table.from_pylist(rows, arrow_schema(lake.contracts[WRITES])), run_date)
    if not len(paths.starts):
        lake.note(WRITES, "nothing touched a customer in the period: see channel_groups of conf/attribution.yaml")


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    zone = conf.profile.business_time_zone
    yield from (touches_query(run_date, settings, zone), orders_query(run_date, settings, zone))
    yield from (total_query(run_date, settings), incremental_query())


def cut(settings: Settings, run_date: date) -> Cut:
    """How touches become paths on a night."""
    first = (run_date - timedelta(days=settings.period_days - 1) - EPOCH).days
    return Cut(settings.window_days, settings.path_length, first, len(settings.channel_groups))


def tables(settings: Settings, run_date: date, zone: str) -> dict[str, Table]:
    """The tables behind the steps."""
    starts = touches.starts(settings, run_date, zone)
    return {**touches.TABLES, "groups": touches.groups(settings), "starts": starts}


def touches_query(run_date: date, settings: Settings, zone: str) -> Query:
    """Each touch with the customer's next order day."""
    known, steps = tables(settings, run_date, zone), touches.steps(settings, run_date)
    return Query(touches.touches_sql(), known, steps, answers=touches.TOUCHES)


def orders_query(run_date: date, settings: Settings, zone: str) -> Query:
    """Order days of customers, in order."""
    steps = touches.steps(settings, run_date)
    del steps["touched"]
    named = ("customer_map", "order_days", "orders", "starts")
    known = {name: table for name, table in tables(settings, run_date, zone).items() if name in named}
    return Query("SELECT number, day, cents FROM {bought} ORDER BY number, day", known, steps, answers=touches.ORDERS)


def total_query(run_date: date, settings: Settings) -> Query:
    """All sales of the period."""
    known = {"order_days": touches.TABLES["order_days"]}
    return Query(touches.total_sql(settings, run_date), known, answers="cents BIGINT")


def incremental_query() -> Query:
    """What messages with a control have brought, by the channel that they went by."""
    sql = """
    SELECT w.channel, sum(CASE WHEN e.metric = 'spend' THEN e.difference * e.unit_count * w.share END) AS revenue,
           sum(CASE WHEN e.metric = 'order_count' THEN e.difference * e.unit_count * w.share END) AS orders
    FROM {results} e JOIN (
        SELECT concat(kind, ':', name) AS experiment, channel,
               CAST(count(*) AS DOUBLE) / sum(count(*)) OVER (PARTITION BY kind, name) AS share
        FROM {decisions} WHERE outcome = 'chosen' GROUP BY kind, name, channel) w ON w.experiment = e.experiment
    WHERE e.segment = 'all' AND e.state = 'read' GROUP BY w.channel"""
    known: dict[str, Table] = {"results": "gold.experiment_results", "decisions": "activation.decisions"}
    return Query(sql, known, answers="channel STRING, revenue DOUBLE, orders DOUBLE")


def arrays(table: pa.Table) -> dict[str, Ints]:
    """Columns as whole numbers, -1 for NULL."""
    return {
        name: table[name].combine_chunks().fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        for name in table.column_names
    }


def table_rows(
    paths: Paths,
    reach: Reach,
    total: int,
    incremental: dict[str, dict[str, Any]],
    settings: Settings,
    run_date: date,
) -> list[dict[str, Any]]:
    """The table's rows; `none` has the sales that nothing touched."""
    untouched = total - int(paths.cents.sum())
    first = run_date - timedelta(days=settings.period_days - 1)
    spent = [
        cost(of, int(n), first, run_date) for of, n in zip(settings.channel_groups.values(), reach.touches, strict=True)
    ]
    groups, rows = list(settings.channel_groups), []
    for model, cents in credits.credits_of(paths, settings).items():
        for place, group in enumerate(groups):
            brought = incremental.get(group, {})
            figures = {"touch_count": int(reach.touches[place]), "reached_customer_count": int(reach.customers[place])}
            figures["converted_customer_count"] = int(reach.converted[place])
            revenue = brought.get("revenue")
            rows.append({**row(model, group, int(cents[place]), total, spent[place]), **figures})
            rows[-1] |= {"incremental_revenue": revenue, "incremental_share": share(revenue, int(cents[place]))}
            rows[-1] |= {"incremental_order_count": brought.get("orders")}
        nobody = dict.fromkeys(("touch_count", "reached_customer_count", "converted_customer_count"), 0)
        rows.append({**row(model, NONE, untouched, total, Decimal(0)), **nobody})
    assert NONE not in groups
    return rows


def row(model: str, group: str, cents: int, total: int, spent: Decimal) -> dict[str, Any]:
    """One row without its reach."""
    figures = {"revenue": Decimal(cents) / 100, "revenue_share": cents / total if total else None}
    return {"model": model, "channel_group": group, **figures, "cost": spent}


def share(brought: float | None, cents: int) -> float | None:
    """Incremental over attributed sales: above 1 a model credits too little, far below it too much."""
    return brought / (cents / 100) if brought is not None and cents else None
