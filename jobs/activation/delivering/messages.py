"""The last night's messages for a destination, looked at anew: consent, lists and erasure as they are now."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jobs.activation.contact.rules import FORBIDDEN
from jobs.activation.contactability import contactability_query
from jobs.activation.settings.contact_policy import Settings as Policy
from jobs.activation.settings.destinations import Destination
from lakehouse.lake.local_tables import LocalTables
from lakehouse.sql.literal import in_query_listed
from lakehouse.sql.query import Query, Table

SENT, SKIPPED, DEAD = "sent", "skipped", "dead"


@dataclass(frozen=True)
class Message:
    """What is handed over; refused: why it is not, "" where it may be."""

    key: str
    decision: dict[str, Any]
    fields: dict[str, str | None]
    refused: str = ""

    @property
    def body(self) -> dict[str, Any]:
        """The message as the receiver sees it."""
        names = ("customer_id", "channel", "purpose", "kind", "name", "occasion", "content")
        times = {name: self.decision[name].astimezone(UTC).isoformat() for name in ("send_from", "send_until")}
        return {"key": self.key, **{name: self.decision[name] for name in names}, **times, **self.fields}


def key_of(destination: str, decision: dict[str, Any]) -> str:
    """What tells a message from others for ever: its content and occasion, not the time of a send.

    The occasion of an audience is the night that decided.
    """
    occasion = decision["occasion"] or str(decision["run_date"])
    names = (destination, decision["kind"], decision["name"], occasion, decision["account_id"], decision["content"])
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()


@dataclass(frozen=True)
class Target:
    """A destination by name, and the instant of the hand-over; what was to be sent before it is not sent any more."""

    name: str
    destination: Destination
    at: datetime


def messages(tables: LocalTables, target: Target, policy: Policy) -> Iterator[Message]:
    """Messages of the last night for a destination, in an order that is always the same."""
    destination = target.destination
    contactability = tables.answer(contactability_query(tables.run_date, policy))
    for row in tables.answer(query(tables.run_date, destination, contactability)).to_pylist():
        fields: dict[str, str | None] = {field: row.pop(f"field_{field}") for field in destination.fields}
        rule, now = row.pop("rule"), row.pop("now_customer_id")
        yield Message(key_of(target.name, row), row, fields, _refused(row, fields, rule, now, target.at))


def _refused(row: dict[str, Any], fields: dict[str, Any], rule: str | None, now: str | None, at: datetime) -> str:
    if now is None:
        return "erased"
    if rule is None or rule in FORBIDDEN:
        return rule or "unreachable"
    if row["send_until"] <= at:
        return "too_late"
    missing = [field for field, value in fields.items() if value in (None, "")]
    return f"without {missing[0]}" if missing else ""


def query(run_date: object, destination: Destination, contactability: Table) -> Query:
    """The night's chosen decisions, with the customer, fields and rule of now."""
    fields = "".join(f", g.{field} AS field_{field}" for field in destination.fields)
    sql = f"""
    SELECT d.*, m.customer_id AS now_customer_id, c.rule{fields}
    FROM {{decisions}} d LEFT JOIN {{customer_map}} m ON m.account_id = d.account_id
    LEFT JOIN {{golden_customers}} g ON g.customer_id = m.customer_id
    LEFT JOIN {{contactability}} c ON c.customer_id = m.customer_id AND c.purpose = d.purpose AND c.channel = d.channel
    WHERE d.run_date = DATE '{run_date}' AND d.outcome = 'chosen'
    AND d.channel IN ({in_query_listed(destination.channels)})
    ORDER BY d.customer_id, d.kind, d.name, d.occasion"""
    tables: dict[str, Table] = {
        "decisions": "activation.decisions",
        "customer_map": "identity.customer_map",
        "golden_customers": "identity.golden_customers",
        "contactability": contactability,
    }
    return Query(sql, tables)
