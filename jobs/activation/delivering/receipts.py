"""Receipts: what became of each message, on the disk before the next batch goes out; a night takes them in."""

import fcntl
import json
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

from jobs.activation.delivering.messages import Message
from lakehouse.errors import MachineError

INBOX = "_deliveries"
STOP = "_stop_deliveries"


class Receipts:
    """A file of receipts of one run; each batch is written and synced as a whole, and no night takes it before its end."""

    def __init__(self, root: str, destination: str) -> None:
        folder = Path(root, INBOX)
        folder.mkdir(parents=True, exist_ok=True)
        self.destination = destination
        self.path = folder / f"{destination}-{uuid.uuid4().hex}.jsonl"
        self.file: TextIO | None = None

    def write(self, batch: Iterable[Message], state: str, reason: str, at: datetime, attempts: int = 0) -> None:
        """Keep what became of a batch."""
        if self.file is None:
            self.file = self.path.open("a", encoding="utf-8")
            fcntl.flock(self.file, fcntl.LOCK_EX)
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


@contextmanager
def alone(root: str, destination: str) -> Iterator[None]:
    """One run at a time hands over to a destination: the kernel's lock, free when its holder ends, however that is.

    Raises:
        MachineError: another run holds it.
    """
    path = Path(root, INBOX, f"{destination}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            what = f"another run is handing over to {destination}"
            raise MachineError(what, str(path), "wait for it, or end that process") from None
        yield


def ended(root: str) -> list[Path]:
    """Files of runs that are over, however they ended: nothing is written to them any more."""
    return [path for path in sorted(Path(root, INBOX).glob("*.jsonl")) if _is_free(path)]


def _is_free(path: Path) -> bool:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def waiting(root: str) -> list[dict[str, Any]]:
    """Receipts that no night has taken; a line that a kill cut short is none."""
    return read(sorted(Path(root, INBOX).glob("*.jsonl")))


def read(files: Iterable[Path]) -> list[dict[str, Any]]:
    """The receipts in these files."""
    rows = []
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue
    return [row | {"run_date": date.fromisoformat(row["run_date"])} for row in rows]


def is_stopped(root: str) -> bool:
    """Whether somebody said that nothing goes out."""
    return Path(root, STOP).exists()
