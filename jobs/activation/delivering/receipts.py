"""Receipts: what became of each message, on the disk before the next batch goes out; a night takes them in."""

import json
import os
import uuid
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

from jobs.activation.delivering.messages import Message

INBOX = "_deliveries"
STOP = "_stop_deliveries"


class Receipts:
    """A file of receipts of one run; each batch is written and synced as a whole."""

    def __init__(self, root: str, destination: str) -> None:
        folder = Path(root, INBOX)
        folder.mkdir(parents=True, exist_ok=True)
        self.destination = destination
        self.path = folder / f"{destination}-{uuid.uuid4().hex}.jsonl"
        self.file: TextIO | None = None

    def write(self, batch: Iterable[Message], state: str, reason: str, at: datetime, attempts: int = 0) -> None:
        """Keep what became of a batch."""
        self.file = self.file or self.path.open("a", encoding="utf-8")
        for one in batch:
            self.file.write(json.dumps(self._row(one, state, reason or one.refused, at, attempts)) + "\n")
        self.file.flush()
        os.fsync(self.file.fileno())

    def _row(self, one: Message, state: str, reason: str, at: datetime, attempts: int) -> dict[str, Any]:
        names = ("customer_id", "account_id", "channel", "kind", "name", "content")
        row = {name: one.decision[name] for name in names} | {"run_date": str(one.decision["run_date"])}
        row |= {"destination": self.destination, "message_key": one.key, "state": state, "reason": reason}
        return row | {"attempts": attempts, "recorded_at": at.isoformat()}

    def close(self) -> None:
        """End the file."""
        if self.file:
            self.file.close()


def waiting(root: str) -> list[dict[str, Any]]:
    """Receipts that no night has taken; a line that a kill cut short is none."""
    rows = []
    for path in sorted(Path(root, INBOX).glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue
    return [row | {"run_date": date.fromisoformat(row["run_date"])} for row in rows]


def is_stopped(root: str) -> bool:
    """Whether somebody said that nothing goes out."""
    return Path(root, STOP).exists()
