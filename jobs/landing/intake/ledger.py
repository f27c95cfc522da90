"""The ledger of files: what earlier nights decided, and this night's events in order."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jobs.landing.intake.drop_zone import Arrival
from jobs.landing.settings.landing import Settings
from lakehouse.config.exports import Export
from lakehouse.files.drift.profiles import FileProfile
from lakehouse.files.land import Landed

COLUMNS = [
    "seq",
    "run_date",
    "path",
    "delivery_date",
    "export",
    "state",
    "reason",
    "file_id",
    "bytes",
    "modified_ns",
    "rules",
    "reading",
    "encoding",
    "landed_path",
    "kept_path",
    "content_id",
]
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
    reading: str | None = None
    is_reread: bool = False
    kept_path: str | None = None  # where the delivered bytes are already
    profile: FileProfile | None = None  # what its columns look like


@dataclass
class Ledger:
    """The newest event of every path, the landed copy of every content, and what each export received last."""

    latest: dict[str, dict[str, Any]] = field(default_factory=dict)
    landed: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)  # by export, and bytes or content
    newest: dict[str, dict[str, Any]] = field(default_factory=dict)  # by export: its newest delivery
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
        copy = self.landed.get((event["export"], event["file_id"]))
        if event["state"] == "refused" and copy and copy["path"] == event["path"]:
            for name in _ids(copy):  # bronze could not read what landed: it may come again
                self.landed.pop(name, None)
        if event["state"] == "received":
            self.landed |= dict.fromkeys(_ids(event), event)
            newest = self.newest.get(event["export"])
            if newest is None or _day_of(event) >= _day_of(newest):
                self.newest[event["export"]] = event

    def is_settled(self, arrival: Arrival, rules: str) -> bool:
        """Whether the file as it lies there has been decided on: a refusal only holds under the same rules."""
        event = self.latest.get(arrival.path)
        if event is None or (event["bytes"], event["modified_ns"]) != (arrival.bytes, arrival.modified_ns):
            return False
        return event["state"] in FINAL or (event["state"] == "refused" and event["rules"] == rules)

    def has_waited(self, arrival: Arrival, reason: str, run_date: date) -> bool:
        """Whether an earlier day's night left the file, as it lies there now, for this reason."""
        event = self.latest.get(arrival.path)
        return (
            event is not None
            and event["reason"] == reason
            and (event["bytes"], event["modified_ns"]) == (arrival.bytes, arrival.modified_ns)
            and event["run_date"] < run_date
        )

    def usual_encoding(self, export: str) -> str | None:
        """What the export's deliveries were in so far: the newest encoding that its letters or a mark gave away."""
        encodings = {
            event["encoding"]: event["seq"]
            for (name, _), event in self.landed.items()
            if name == export and event.get("encoding") not in (None, "utf-8")
        }
        return max(encodings, key=lambda name: encodings[name]) if encodings else None

    def read_otherwise(self, readings: Mapping[str, str]) -> list[dict[str, Any]]:
        """The received files whose export is read in another way now, in the order in which they came.

        Args:
            readings: export -> hash of how its files are read.
        """
        stale = [
            event
            for event in self.latest.values()
            if event["state"] == "received"
            and event.get("reading")
            and readings.get(event["export"], event["reading"]) != event["reading"]
        ]
        return sorted(stale, key=lambda event: event["seq"])

    def enter(self, outcomes: Iterable[Outcome], rules: str, run_id: str, run_date: date) -> list[dict[str, Any]]:
        """The events of this night, in order: the first of equal contents is received, the next are duplicates.

        Bytes that came before are received again when other bytes of the export came in between on another day: a list
        that says no, yes and no again ends as no.
        """
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
            "reading": outcome.reading,
        }
        content_id = landed.content_id if landed else None
        event["content_id"] = content_id
        before = next((self.landed[name] for name in _ids(event) if name in self.landed), None)
        known = self.latest.get(arrival.path) or {}
        was_refused_again = known.get("state") == "refused" and known.get("reading") not in (None, outcome.reading)
        is_alike = before is not None and before.get("reading") in (None, outcome.reading) and not was_refused_again
        is_again = is_alike and outcome.state in ("received", "refused") and not outcome.is_reread
        if is_again and not self._has_returned(event, before):
            same_bytes = before is not None and before["file_id"] == outcome.file_id
            reason = "the same bytes have landed before" if same_bytes else "the same content has landed before"
            return event | {
                "state": "duplicate",
                "reason": reason,
                "remedy": None,
                "landed_path": before["landed_path"] if before else None,
            }
        if landed is None:
            return event
        fields = _landed_fields(landed)
        return event | fields | ({"kept_path": outcome.kept_path} if outcome.is_reread else {})

    def _has_returned(self, event: dict[str, Any], before: dict[str, Any] | None) -> bool:
        """Whether the export said something else on a day between those bytes and now."""
        newest = self.newest.get(event["export"])
        if newest is None or before is None or event["state"] != "received":
            return False
        is_other = not {*_ids(newest)} & {*_ids(event)}
        return is_other and _day_of(before) < _day_of(newest) < _day_of(event)


def _ids(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What tells a file of an export from others: its bytes as delivered, and its content in whatever wrapping."""
    return [(event["export"] or "", own) for name in ("file_id", "content_id") if (own := event.get(name))]


def _day_of(event: dict[str, Any]) -> date:
    return event["delivery_date"] or date.min


def _landed_fields(landed: Landed) -> dict[str, Any]:
    return {
        "kept_path": f"landing/{landed.kept_name}" if landed.kept_name else None,
        "dropped": dict(landed.dropped),
        "remarks": list(landed.remarks),
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
    parts = [(e.name, e.files, e.file_spec, e.done_marker, e.drift, e.texts) for e in exports.values()]
    return hashlib.sha256(repr((sorted(parts, key=str), settings)).encode()).hexdigest()[:16]
