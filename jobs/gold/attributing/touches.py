"""Touches and order days of customers, in numbers: what the models are made of."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from jobs.gold.settings.attribution import Settings
from lakehouse.sql.query import Table

TOUCHES = "number BIGINT, segment INT, day INT, at BIGINT, channel INT"
ORDERS = "number BIGINT, day INT, cents BIGINT"
GROUPS = pa.schema({"channel": pa.int32(), "source": pa.string(), "kind": pa.string()})
STARTS = pa.schema({"day": pa.int32(), "starts_at": pa.int64()})
EPOCH = "DATE '1970-01-01'"
DAY_MINUTES = 1440


def groups(settings: Settings) -> pa.Table:
    """Which touches are of which group: source is a silver table, kind an interaction type."""
    rows = []
    for number, group in enumerate(settings.channel_groups.values()):
        rows += [{"channel": number, "source": "interactions", "kind": kind} for kind in group.interaction_types]
        rows += [{"channel": number, "source": source, "kind": ""} for source in group.sources]
    return pa.Table.from_pylist(rows, GROUPS)


def starts(settings: Settings, run_date: date, zone: str) -> pa.Table:
    """The minute at which each business day of the period began, counted from 1970 on."""
    days = [
        first_day(settings, run_date) + timedelta(days=n) for n in range(settings.period_days + settings.window_days)
    ]
    began = [datetime.combine(day, time(), ZoneInfo(zone)).timestamp() // 60 for day in days]
    return pa.table([[(day - date(1970, 1, 1)).days for day in days], [int(at) for at in began]], schema=STARTS)


def first_day(settings: Settings, run_date: date) -> date:
    """The first day whose touches may count."""
    return run_date - timedelta(days=settings.period_days + settings.window_days - 1)


def steps(settings: Settings, run_date: date) -> dict[str, str]:
    """Numbered (customers), touched (touches), ended, bought (order days with sales, as far back as touches are).

    `at` is a minute since 1970: of a touch without a time its day's first, of an order day its last sale's, or the
    day's last minute where a sale has no time (it stands at the very beginning of the business day). A coupon that is
    paid with is no later than the order, whatever the till writes first.
    """
    between = f"BETWEEN DATE '{first_day(settings, run_date)}' AND DATE '{run_date}'"
    minute = "CAST(datediff(CAST({0} AS DATE), " + EPOCH + ") AS BIGINT) * 1440 + hour({0}) * 60 + minute({0})"
    ordered = minute.format("o.ordered_at")
    return {
        "numbered": """
            SELECT m.account_id, n.number FROM {customer_map} m JOIN (
                SELECT customer_id, row_number() OVER (ORDER BY customer_id) AS number
                FROM (SELECT DISTINCT customer_id FROM {customer_map}) c) n ON n.customer_id = m.customer_id""",
        "ended": f"""
            SELECT o.account_id, o.order_date,
                   max(CASE WHEN {ordered} = s.starts_at AND second(o.ordered_at) = 0
                            THEN s.starts_at + {DAY_MINUTES - 1} ELSE {ordered} END) AS at
            FROM {{orders}} o JOIN {{starts}} s ON s.day = datediff(o.order_date, {EPOCH})
            WHERE o.order_type = 'sale' AND o.order_date {between} GROUP BY o.account_id, o.order_date""",
        "touched": f"""
            SELECT n.number, t.day, coalesce(t.at, s.starts_at) AS at, t.channel FROM (
                SELECT i.account_id, datediff(i.occurred_date, {EPOCH}) AS day, {minute.format("i.occurred_at")} AS at,
                       g.channel
                FROM {{interactions}} i JOIN {{groups}} g ON g.source = 'interactions' AND g.kind = i.interaction_type
                WHERE i.occurred_date {between}
                UNION ALL
                SELECT c.account_id, datediff(c.contacted_date, {EPOCH}), CAST(NULL AS BIGINT), g.channel
                FROM {{campaign_contacts}} c JOIN {{groups}} g ON g.source = 'campaign_contacts'
                WHERE c.contacted_date {between}
                UNION ALL
                SELECT r.account_id, datediff(r.redeemed_date, {EPOCH}),
                       least({minute.format("r.redeemed_at")}, e.at), g.channel
                FROM {{coupon_redemptions}} r JOIN {{groups}} g ON g.source = 'coupon_redemptions'
                LEFT JOIN {{ended}} e ON e.account_id = r.account_id AND e.order_date = r.redeemed_date
                WHERE r.redeemed_date {between}) t
            JOIN {{numbered}} n ON n.account_id = t.account_id JOIN {{starts}} s ON s.day = t.day""",
        "bought": f"""
            SELECT n.number, datediff(d.order_date, {EPOCH}) AS day,
                   max(coalesce(e.at, s.starts_at + {DAY_MINUTES - 1})) AS at,
                   CAST(sum(d.spend_cents - d.refund_cents) AS BIGINT) AS cents
            FROM {{order_days}} d JOIN {{numbered}} n ON n.account_id = d.account_id
            JOIN {{starts}} s ON s.day = datediff(d.order_date, {EPOCH})
            LEFT JOIN {{ended}} e ON e.account_id = d.account_id AND e.order_date = d.order_date
            WHERE d.order_date {between} AND d.order_count > 0 GROUP BY n.number, d.order_date""",
    }


def touches_sql() -> str:
    """The columns of TOUCHES: each touch with the day of the customer's next order, NULL where none has come.

    Orders of a day are one, at the last of them: what touches a customer after it counts for a later day's.
    """
    return """
    SELECT number, segment, day, at, channel FROM (
        SELECT number, day, at, channel, is_order,
               min(CASE WHEN is_order = 1 THEN day END) OVER (PARTITION BY number ORDER BY at, is_order
                   ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS segment
        FROM (SELECT number, day, at, channel, 0 AS is_order FROM {touched}
              UNION ALL SELECT number, day, at, CAST(NULL AS INT), 1 FROM {bought}) both_kinds) placed
    WHERE is_order = 0"""


def total_sql(settings: Settings, run_date: date) -> str:
    """cents: sales of the period, guests' included."""
    first = run_date - timedelta(days=settings.period_days - 1)
    return f"""
    SELECT CAST(coalesce(sum(spend_cents - refund_cents), 0) AS BIGINT) AS cents FROM {{order_days}}
    WHERE order_date BETWEEN DATE '{first}' AND DATE '{run_date}'"""


TABLES: dict[str, Table] = {
    "customer_map": "identity.customer_map",
    "interactions": "silver.interactions",
    "campaign_contacts": "silver.campaign_contacts",
    "coupon_redemptions": "silver.coupon_redemptions",
    "order_days": "gold.customer_order_days",
    "orders": "silver.orders",
}
