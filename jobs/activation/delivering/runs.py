"""Who handed over what and when: rows of activation.delivery_runs out of the files of runs."""

import getpass
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jobs.activation.delivering.messages import DEAD, REMOVE, SENT, SKIPPED, TRIED, Target
from jobs.activation.delivering.receipts import Row, weight

DONE, WAITS, STOPPED, UNAPPROVED, REJECTED = "done", "waits", "stopped", "not_approved", "rejected"
ENDED = "killed"


@dataclass(frozen=True)
class Answer:
    """A person's word about a night's messages: who, when, how many they were asked about, and whether it is yes.

    count: None for what is due when it is given.
    """

    by: str
    at: datetime
    run_date: date
    count: int | None = None
    is_yes: bool = True

    def allows(self, run_date: date) -> int:
        """So many messages of a night."""
        return (self.count or 0) if self.is_yes and self.run_date == run_date else 0


def begun(target: Target, run_date: date, answer: Answer | None) -> Row:
    """What a run is, at its beginning."""
    said: Row = {}
    if answer:
        said = {"answered_by": answer.by, "answered_at": answer.at.isoformat(), "asked_count": answer.count}
    return {
        "run_id": uuid.uuid4().hex,
        "destination": target.name,
        "run_date": run_date.isoformat(),
        "mode": target.destination.way,
        "channels": list(target.destination.channels),
        "started_at": target.at.isoformat(),
        "started_by": _account(),
        **said,
    }


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's number without a name
        return str(os.getuid())


def rows(lines: Iterable[Row]) -> list[Row]:
    """One row per run; a run without an end was killed."""
    runs: dict[str, Row] = {}
    words: dict[str, dict[str, Row]] = {}
    for line in lines:
        if "started_at" in line:
            runs[line["run_id"]] = line | {"outcome": ENDED}
        elif "message_key" in line:
            of_run = words.setdefault(line["delivery_run_id"], {})
            before = of_run.setdefault(line["message_key"], line)
            if weight(line) >= weight(before):
                of_run[line["message_key"]] = line
        elif line["run_id"] in runs:
            runs[line["run_id"]] |= line
    return [_typed(run) | _counts(words.get(key, {}).values()) for key, run in runs.items()]


def _counts(words: Iterable[Row]) -> dict[str, int]:
    kinds = [(word["state"], word["operation"]) for word in words]
    return {
        "sent_count": sum(state == SENT and operation != REMOVE for state, operation in kinds),
        "removed_count": sum(state == SENT and operation == REMOVE for state, operation in kinds),
        "dead_count": sum(state == DEAD for state, _ in kinds),
        "skipped_count": sum(state == SKIPPED for state, _ in kinds),
        "unanswered_count": sum(state == TRIED for state, _ in kinds),
    }


def _typed(run: Row) -> dict[str, Any]:
    instants = ("started_at", "ended_at", "answered_at")
    moments = {name: datetime.fromisoformat(run[name]) for name in instants if run.get(name)}
    return {**run, **moments, "run_date": date.fromisoformat(run["run_date"])}
