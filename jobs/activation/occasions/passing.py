"""Which customers of a message may be contacted tonight: the stages, and the rule that held back others."""

from collections.abc import Mapping

import pyarrow as pa

from jobs.activation.contact.rules import ALLOWED, CAPPED, FORBIDDEN
from jobs.activation.settings.audiences import Message
from lakehouse.sql.literal import in_query_listed
from lakehouse.sql.query import Table

STAGES = ("meant", "reachable", "consented", "under_the_caps", "not_held_out")
WAYS = pa.schema(
    {"name": pa.string(), "version": pa.string(), "purpose": pa.string(), "way": pa.string()},
)
CHANNELS = pa.schema({"way": pa.string(), "purpose": pa.string(), "channel": pa.string(), "turn": pa.int32()})


def tables(messages: Mapping[str, Message]) -> dict[str, Table]:
    """Which way each audience or trigger goes: its purpose and its channels in their order; many go the same."""
    of_name = {name: f"{m.purpose} by {', '.join(m.channels)}" for name, m in messages.items()}
    named = [
        {"name": name, "version": m.version, "purpose": m.purpose, "way": of_name[name]} for name, m in messages.items()
    ]
    different = {of_name[name]: m for name, m in messages.items()}
    channels = [
        {"way": way, "purpose": m.purpose, "channel": channel, "turn": turn}
        for way, m in different.items()
        for turn, channel in enumerate(m.channels)
    ]
    return {
        "message_ways": pa.Table.from_pylist(named, WAYS),
        "way_channels": pa.Table.from_pylist(channels, CHANNELS),
    }


def placed_sql(members: str = "members") -> str:
    """The members with their best channel: the furthest stage, then one that they answer by, then the message's order.

    Over {members} (name, customer_id, is_held_out), `tables`, contactability and contact_preferences.

    Returns:
        the members' columns, channel, reached_account_id, rule, rule_reason, stage_number.
    """
    return f"""
    SELECT m.*, b.channel, b.account_id AS reached_account_id, coalesce(b.rule, 'unreachable') AS rule, b.rule_reason,
           CASE WHEN b.rule = '{ALLOWED}' AND NOT m.is_held_out THEN 5
                ELSE coalesce(b.stage_number, 1) END AS stage_number
    FROM {{{members}}} m JOIN {{message_ways}} n ON n.name = m.name LEFT JOIN (
        SELECT * FROM (
            SELECT w.way, c.customer_id, c.channel, c.account_id, c.rule, c.reason AS rule_reason,
                   CASE WHEN c.rule IN ({in_query_listed(FORBIDDEN)}) THEN 2
                        WHEN c.rule IN ({in_query_listed(CAPPED)}) THEN 3 ELSE 4 END AS stage_number,
                   row_number() OVER (PARTITION BY w.way, c.customer_id ORDER BY
                       CASE WHEN c.rule IN ({in_query_listed(FORBIDDEN)}) THEN 2
                            WHEN c.rule IN ({in_query_listed(CAPPED)}) THEN 3
                            WHEN c.rule = '{ALLOWED}' THEN 5 ELSE 4 END DESC,
                       CASE WHEN f.is_preferred THEN 0 ELSE 1 END, w.turn) AS place
            FROM {{way_channels}} w JOIN {{contactability}} c ON c.purpose = w.purpose AND c.channel = w.channel
            LEFT JOIN {{contact_preferences}} f ON f.customer_id = c.customer_id AND f.channel = c.channel) ranked
        WHERE place = 1) b ON b.way = n.way AND b.customer_id = m.customer_id"""


def counts_sql() -> str:
    """name, stage_number, customer_count, lost_to: over {placed}, each stage with those who got so far."""
    stages = " UNION ALL ".join(f"SELECT {number} AS stage_number" for number in range(1, len(STAGES) + 1))
    return f"""
    SELECT p.name, s.stage_number,
           count(DISTINCT CASE WHEN p.stage_number >= s.stage_number THEN p.customer_id END) AS customer_count
    FROM {{placed}} p CROSS JOIN ({stages}) s GROUP BY p.name, s.stage_number"""


def lost_sql() -> str:
    """name, stage_number (that they reached), rule, customer_count: who was held back, by what."""
    rule = "CASE WHEN rule = 'allowed' THEN 'held_out' ELSE rule END"
    return f"""
    SELECT name, stage_number, {rule} AS rule, count(DISTINCT customer_id) AS customer_count
    FROM {{placed}} WHERE stage_number < 5 GROUP BY name, stage_number, {rule}"""
