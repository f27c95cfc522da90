"""What is due at a destination: the last night's messages, looked at anew under consent, lists and erasure of now."""

import typing
from datetime import date

import pyarrow as pa

from jobs.activation.contact.rules import FORBIDDEN
from jobs.activation.delivering import mirror
from jobs.activation.delivering.messages import Target
from jobs.activation.settings.destinations import Destination, FieldName
from lakehouse.contracts.contract import Contracts
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.sql.literal import in_query_listed, in_query_literal
from lakehouse.sql.query import Query, Table

DECISION = (
    "run_date", "customer_id", "account_id", "kind", "name", "occasion", "channel", "purpose", "content", "item",
    "send_from", "send_until",
)  # fmt: skip
KNOWN = (
    "message_key", "state", "row_key", "operation", "content_hash", "generation", "run_date", "customer_id",
    "account_id", "channel", "kind", "name", "content",
)  # fmt: skip
UNREACHED = "not_reached"  # the receiver was away, and has not taken it
AT_ONCE = ("smtp",)  # kinds that send what they are given; others are told from when to when


def query(run_date: date, target: Target, contactability: Table, waiting: Table) -> Query:
    """The answer's rows are messages, with `refused` ("" where it may go) and `is_done` (nothing is to be done).

    Args:
        contactability: rows of activation.contactability as of now.
        waiting: receipts that no night has taken, columns KNOWN and destination.
    """
    is_mirror = target.destination.way == "mirror"
    steps = {"known": known_sql(target.name), "standing": standing_sql(run_date, target, is_mirror)}
    tables: dict[str, Table] = {
        "decisions": "activation.decisions",
        "customer_map": "identity.customer_map",
        "golden_customers": "identity.golden_customers",
        "deliveries": "activation.deliveries",
        "contactability": contactability,
        "waiting": waiting,
    }
    if is_mirror:
        return Query(mirror.sql(_columns(target.destination)), tables, {**steps, **mirror.STEPS})
    return Query(upsert_sql(), tables, steps)


def receipt_schema(contracts: Contracts) -> pa.Schema:
    """The columns of receipts that are asked for here."""
    known = arrow_schema(contracts["activation.deliveries"])
    return pa.schema([known.field(name) for name in ("destination", *KNOWN)])


def known_sql(name: str) -> str:
    """All receipts of a destination."""
    columns = ", ".join(KNOWN)
    one = in_query_literal(name)
    return f"""
    SELECT {columns} FROM {{deliveries}} WHERE destination = {one}
    UNION ALL SELECT {columns} FROM {{waiting}} WHERE destination = {one}"""


def standing_sql(run_date: date, target: Target, is_mirror: bool) -> str:
    """The night's chosen messages with their fields, keys, and why one may not go now."""
    destination = target.destination
    fields = "".join(f", g.{field} AS field_{field}" for field in fields_of(destination))
    chosen = ", ".join(f"d.{column}" for column in DECISION)
    keys = mirror.keys_sql(target.name, destination) if is_mirror else f"{message_key_sql(target.name)} AS message_key"
    return f"""
    SELECT {chosen}{fields}, {refused_sql(target)} AS refused, {keys}
    FROM {{decisions}} d LEFT JOIN {{customer_map}} m ON m.account_id = d.account_id
    LEFT JOIN {{golden_customers}} g ON g.customer_id = m.customer_id
    LEFT JOIN {{contactability}} c ON c.customer_id = m.customer_id AND c.purpose = d.purpose AND c.channel = d.channel
    WHERE d.run_date = DATE '{run_date}' AND d.outcome = 'chosen'
    AND d.channel IN ({in_query_listed(destination.channels)})"""


def message_key_sql(name: str) -> str:
    """What tells a message from others for ever: destination, content and occasion, not the time of a send.

    The occasion of an audience is the night that decided.
    """
    occasion = "CASE WHEN d.occasion = '' THEN CAST(d.run_date AS STRING) ELSE d.occasion END"
    return hashed_sql(in_query_literal(name), "d.kind", "d.name", occasion, "d.account_id", "d.content")


def hashed_sql(*parts: str) -> str:
    """SHA-256 of texts with a mark between them that no text has."""
    return f"sha2(concat_ws('\x1f', {', '.join(parts)}), 256)"


def refused_sql(target: Target) -> str:
    """Why a message may not go at this moment, "" where it may; the most lasting reason first."""
    at = in_query_literal(target.at)
    needed = ("email", *target.destination.fields) if target.destination.smtp else target.destination.fields
    missing = "".join(f" WHEN coalesce(g.{field}, '') = '' THEN 'without {field}'" for field in needed)
    early = f" WHEN d.send_from > {at} THEN 'not_yet'" if target.destination.kind in AT_ONCE else ""
    return f"""CASE WHEN m.customer_id IS NULL THEN 'erased' WHEN c.rule IS NULL THEN 'unreachable'
        WHEN c.rule IN ({in_query_listed(FORBIDDEN)}) THEN c.rule
        WHEN d.send_until <= {at} THEN 'too_late'{missing}{early} ELSE '' END"""


def upsert_sql() -> str:
    """The night's messages; done is what was sent, or refused by the receiver for what it is.

    was_tried: the receiver may have it from an earlier run, though no answer said so.
    """
    return """
    SELECT s.*, 'put' AS operation, CAST(NULL AS STRING) AS row_key, CAST(NULL AS STRING) AS content_hash,
           CAST(NULL AS INT) AS generation, '' AS why, coalesce(k.is_done, false) AS is_done,
           coalesce(k.was_tried, false) AS was_tried
    FROM {standing} s
    LEFT JOIN (SELECT message_key, bool_or(state IN ('sent', 'dead')) AS is_done,
                      bool_or(state = 'tried') AS was_tried
               FROM {known} WHERE state <> 'skipped' GROUP BY message_key) k
      ON k.message_key = s.message_key
    ORDER BY s.customer_id, s.kind, s.name, s.occasion"""


def fields_of(destination: Destination) -> tuple[str, ...]:
    """Columns of golden_customers that go with a message; a mail's template may ask for any."""
    return typing.get_args(FieldName) if destination.smtp else tuple(destination.fields)


def _columns(destination: Destination) -> tuple[str, ...]:
    return (*DECISION, *(f"field_{field}" for field in fields_of(destination)), "refused")
