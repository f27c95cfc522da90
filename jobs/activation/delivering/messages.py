"""A message that is handed over: what the receiver sees of it, and the names by which it is known."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import pyarrow as pa

from jobs.activation.settings.destinations import Destination

SENT, SKIPPED, DEAD, TRIED = "sent", "skipped", "dead", "tried"
PUT, REMOVE = "put", "remove"
SEEN = ("customer_id", "channel", "purpose", "kind", "name", "occasion", "content", "item")
KEYS = ("message_key", "operation", "row_key", "content_hash", "generation")


@dataclass(frozen=True, slots=True)
class Target:
    """A destination by name, and the instant of the hand-over; what was to be sent before it is not sent any more."""

    name: str
    destination: Destination
    at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """What is handed over, or removed where it was handed over before.

    key: tells it from every other for ever, so that a receiver can drop what it has.
    row: its columns, see `due.py`.
    fields: of the customer, as they are now.
    """

    key: str
    row: dict[str, Any]
    fields: dict[str, str | None]

    @property
    def is_removal(self) -> bool:
        """Whether the receiver is to remove what it had."""
        return bool(self.row["operation"] == REMOVE)

    @property
    def body(self) -> dict[str, Any]:
        """The message as the receiver sees it; of a mirror with the name of its row, and what is to be done with it."""
        row = self.row
        if row["row_key"] is not None:
            head = {"key": self.key, "row": row["row_key"], "operation": row["operation"]}
            return head if self.is_removal else {**head, **{name: row[name] for name in SEEN}, **self.fields}
        times = {"send_from": _instant(row["send_from"]), "send_until": _instant(row["send_until"])}
        return {"key": self.key, **{name: row[name] for name in SEEN}, **times, **self.fields}


def columns(destination: Destination) -> tuple[str, ...]:
    """The names in a message's body, in their order."""
    if destination.way == "mirror":
        return ("key", "row", "operation", *SEEN, *destination.fields)
    return ("key", *SEEN, "send_from", "send_until", *destination.fields)


def messages(rows: pa.Table, fields: tuple[str, ...]) -> list[Message]:
    """The messages of an answer's rows, in their order."""
    names = {field: f"field_{field}" for field in fields}
    return list(_messages(rows, names))


def _messages(rows: pa.Table, names: dict[str, str]) -> Iterator[Message]:
    for row in rows.to_pylist():
        yield Message(row["message_key"], row, {field: row[name] for field, name in names.items()})


@lru_cache(maxsize=4096)
def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
