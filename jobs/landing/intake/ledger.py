"""The ledger of files: what earlier nights decided, and this night's events in order."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jobs.landing.intake.drop_zone import Arrival
from jobs.landing.intake.land import Landed
from jobs.landing.settings.landing import Settings
from lakehouse.config.exports import Export

COLUMNS = ["seq", "path", "state", "reason", "file_id", "bytes", "modified_ns", "rules", "landed_path"]
FINAL = ("received", "duplicate")


@dataclass(frozen=True)
class Outcome:
    """What was decided about one arrival; `landed` where it was taken."""

    arrival: Arrival
    state: str
    export: str | None = None
    reason: str | None = None
    remedy: str | None = None
    file_id: str | None = None
    landed: Landed | None = None


@dataclass
class Ledger:
    """The newest event of every path, and the landed copy of every content."""

    latest: dict[str, dict[str, Any]] = field(default_factory=dict)
    landed: dict[str, str] = field(default_factory=dict)
    last_seq: int = 0

    @classmethod
    def of(cls, events: Iterable[dict[str, Any]]) -> "Ledger":
        """The ledger that these events of ops.files give."""
        ledger = cls()
        for event in sorted(events, key=lambda event: event["seq"]):
            ledger._take(event)
        return ledger

    def _take(self, event: dict[str, Any]) -> None:
        self.latest[event["path"]] = event
        self.last_seq = event["seq"]
        if event["state"] == "received":
            self.landed.setdefault(event["file_id"], event["landed_path"])

    def is_settled(self, arrival: Arrival, rules: str) -> bool:
        """Whether the file as it lies there has been decided on: a refusal only holds under the same rules."""
        event = self.latest.get(arrival.path)
        if event is None or (event["bytes"], event["modified_ns"]) != (arrival.bytes, arrival.modified_ns):
            return False
        return event["state"] in FINAL or (event["state"] == "refused" and event["rules"] == rules)

    def enter(self, outcomes: Iterable[Outcome], rules: str, run_id: str, run_date: date) -> list[dict[str, Any]]:
        """The events of this night, in order: the first of equal contents is received, the next are duplicates."""
        events = []
        for outcome in outcomes:
            event = {**self._event(outcome), "rules": rules, "run_id": run_id, "run_date": run_date}
            known = self.latest.get(outcome.arrival.path)
            same = known is not None and all(known[k] == event[k] for k in ("state", "reason", "bytes", "modified_ns"))
            if not same or event["state"] == "refused":
                event["seq"] = self.last_seq + 1
                self._take(event)
                events.append(event)
        return events

    def _event(self, outcome: Outcome) -> dict[str, Any]:
        arrival, landed = outcome.arrival, outcome.landed
        event: dict[str, Any] = {
            "path": arrival.path,
            "delivery_date": arrival.delivery_date,
            "bytes": arrival.bytes,
            "modified_ns": arrival.modified_ns,
            "export": outcome.export,
            "state": outcome.state,
            "reason": outcome.reason,
            "remedy": outcome.remedy,
            "file_id": outcome.file_id,
            "landed_path": None,
        }
        if outcome.file_id in self.landed and outcome.state in ("received", "refused"):
            before = "the same bytes have landed before"
            return event | {
                "state": "duplicate",
                "reason": before,
                "remedy": None,
                "landed_path": self.landed[outcome.file_id],
            }
        return event | _landed_fields(landed) if landed else event


def _landed_fields(landed: Landed) -> dict[str, Any]:
    return {
        "encoding": landed.encoding,
        "compression": landed.compression,
        "landed_path": f"landing/{landed.name}",
        "landed_bytes": landed.bytes,
        "columns": list(landed.shape.columns),
        "extra_columns": list(landed.shape.extra),
        "split_starts": list(landed.shape.starts),
        "split_lines": list(landed.shape.lines),
    }


def rules(exports: Mapping[str, Export], settings: Settings) -> str:
    """A hash of all that a decision depends on besides the file."""
    parts = [
        (
            e.name,
            e.files,
            e.format,
            e.encoding,
            e.delimiter,
            e.quote,
            e.header,
            e.done_marker,
            [(name, column.required) for name, column in e.columns.items()],
        )
        for e in exports.values()
    ]
    return hashlib.sha256(repr((sorted(parts, key=str), settings)).encode()).hexdigest()[:16]
