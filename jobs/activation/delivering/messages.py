"""A message that is handed over: what the receiver sees of it, and the names by which it is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs.activation.settings.destinations import Destination

SENT, SKIPPED, DEAD, TRIED = "sent", "skipped", "dead", "tried"
PUT, REMOVE = "put", "remove"
SEEN = ("customer_id", "channel", "purpose", "kind", "name", "occasion", "content", "item")
WINDOW = ("send_from", "send_until")
KEYS = ("message_key", "operation", "row_key", "content_hash", "generation")
OWN = (*SEEN, "account_id", "refused", "why", "was_tried", *KEYS)


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
        return {"key": self.key, **{name: row[name] for name in (*SEEN, *WINDOW)}, **self.fields}


def columns(destination: Destination) -> tuple[str, ...]:
    """The names in a message's body, in their order."""
    if destination.way == "mirror":
        return ("key", "row", "operation", *SEEN, *destination.fields)
    return ("key", *SEEN, "send_from", "send_until", *destination.fields)


def messages(rows: pa.Table, fields: tuple[str, ...]) -> list[Message]:
    """The messages of an answer's rows, in their order."""
    plain = {name: rows[name] for name in OWN} | {name: _instants(rows[name]) for name in WINDOW}
    plain["run_date"] = rows["run_date"].cast(pa.string())
    told = [rows[f"field_{field}"].to_pylist() for field in fields]
    return [
        Message(row["message_key"], row, dict(zip(fields, values, strict=True)))
        for row, values in zip(pa.table(plain).to_pylist(), _across(told, rows.num_rows), strict=True)
    ]


def _across(columns: list[list[str | None]], count: int) -> Iterable[tuple[str | None, ...]]:
    return zip(*columns, strict=True) if columns else repeat((), count)


def _instants(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Instants as text (RFC 3339), whole seconds."""
    return pc.strftime(values.cast(pa.timestamp("s", "UTC"), safe=False), format="%Y-%m-%dT%H:%M:%S+00:00")
