"""Touches and order days of customers, in numbers: what the models are made of."""

from datetime import date, timedelta

import pyarrow as pa

from jobs.gold.settings.attribution import Settings
from lakehouse.sql.query import Table

TOUCHES = "number BIGINT, segment INT, day INT, channel INT"
ORDERS = "number BIGINT, day INT, cents BIGINT"
GROUPS = pa.schema({"channel": pa.int32(), "source": pa.string(), "kind": pa.string()})
EPOCH = "DATE '1970-01-01'"


def groups(settings: Settings) -> pa.Table:
    """Which touches are of which group: source is a silver table, kind an interaction type."""
    rows = []
    for number, group in enumerate(settings.channel_groups.values()):
        rows += [{"channel": number, "source": "interactions", "kind": kind} for kind in group.interaction_types]
        rows += [{"channel": number, "source": source, "kind": ""} for source in group.sources]
    return pa.Table.from_pylist(rows, GROUPS)


def steps(settings: Settings, run_date: date) -> dict[str, str]:
    """Numbered (customers), touched (touches), bought (order days with sales, as far back as touches are)."""
    first = run_date - timedelta(days=settings.period_days + settings.window_days - 1)
    between = f"BETWEEN DATE '{first}' AND DATE '{run_date}'"
    return {
        "numbered": """
            SELECT m.account_id, n.number FROM {customer_map} m JOIN (
                SELECT customer_id, row_number() OVER (ORDER BY customer_id) AS number
                FROM (SELECT DISTINCT customer_id FROM {customer_map}) c) n ON n.customer_id = m.customer_id""",
        "touched": f"""
            SELECT n.number, t.day, t.channel FROM (
                SELECT i.account_id, datediff(i.occurred_date, {EPOCH}) AS day, g.channel
                FROM {{interactions}} i JOIN {{groups}} g ON g.source = 'interactions' AND g.kind = i.interaction_type
                WHERE i.occurred_date {between}
                UNION ALL
                SELECT c.account_id, datediff(c.contacted_date, {EPOCH}), g.channel
                FROM {{campaign_contacts}} c JOIN {{groups}} g ON g.source = 'campaign_contacts'
                WHERE c.contacted_date {between}
                UNION ALL
                SELECT r.account_id, datediff(r.redeemed_date, {EPOCH}), g.channel
                FROM {{coupon_redemptions}} r JOIN {{groups}} g ON g.source = 'coupon_redemptions'
                WHERE r.redeemed_date {between}) t JOIN {{numbered}} n ON n.account_id = t.account_id""",
        "bought": f"""
            SELECT n.number, datediff(d.order_date, {EPOCH}) AS day,
                   CAST(sum(d.spend_cents - d.refund_cents) AS BIGINT) AS cents
            FROM {{order_days}} d JOIN {{numbered}} n ON n.account_id = d.account_id
            WHERE d.order_date {between} AND d.order_count > 0 GROUP BY n.number, d.order_date""",
    }


def touches_sql() -> str:
    """The columns of TOUCHES: each touch with the customer's next order day, NULL where none has come.

    A touch on the day of an order is before it.
    """
    return """
    SELECT number, segment, day, channel FROM (
        SELECT number, day, channel, is_order,
               min(CASE WHEN is_order = 1 THEN day END) OVER (PARTITION BY number ORDER BY day, is_order
                   ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS segment
        FROM (SELECT number, day, channel, 0 AS is_order FROM {touched}
              UNION ALL SELECT number, day, CAST(NULL AS INT), 1 FROM {bought}) both_kinds) placed
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
}
