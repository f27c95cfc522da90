"""Receipts: what became of each message, on the disk before the next batch goes out; a night takes them in.

A run's file begins with what the run is, has a `tried` line for each message before it is sent and another with the
answer, and ends with how the run ended. What a kill leaves of it tells all that the receiver may have.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa

from jobs.activation.delivering.messages import KEYS, TRIED, Message
from lakehouse.errors import MachineError

INBOX = "_deliveries"
STOP = "_stop_deliveries"
OF_DECISION = ("customer_id", "account_id", "channel", "kind", "name", "content")
RANK = {"skipped": 0, TRIED: 0, "dead": 1, "sent": 2}  # of several words about one message the highest, then the last
Row = dict[str, Any]


class Receipts:
    """The file of one run; each batch is synced as a whole, and no night takes the file before its end.

    Args:
        run: columns of activation.delivery_runs as they are known at its beginning.
    """

    def __init__(self, root: str, run: Row) -> None:
        folder = Path(root, INBOX)
        folder.mkdir(parents=True, exist_ok=True)
        self.run, self.path = run, folder / f"{run['destination']}-{run['run_id']}.jsonl"
        self.file: TextIO | None = None

    def write(self, batch: Iterable[Message], state: str, reason: str, at: datetime, attempts: int = 0) -> None:
        """Keep what becomes of a batch."""
        same = {"destination": self.run["destination"], "delivery_run_id": self.run["run_id"], "state": state}
        same |= {"attempts": attempts, "recorded_at": at.isoformat()}
        if rows := [self._row(one, reason) | same for one in batch]:
            self._append(rows)

    def note(self) -> None:
        """Keep that the run was, though it handed nothing over."""
        self._append([])

    def end(self, outcome: str, at: datetime) -> None:
        """Say how the run ended, and close the file; a run that has done nothing leaves none."""
        if self.file is not None:
            self._append([{"run_id": self.run["run_id"], "outcome": outcome, "ended_at": at.isoformat()}])
            self.close()

    def close(self) -> None:
        """Close the file."""
        if self.file is not None:
            self.file.close()

    def _row(self, one: Message, reason: str) -> Row:
        row = one.row
        own = {name: row[name] for name in OF_DECISION} | {name: row[name] for name in KEYS}
        return own | {"run_date": row["run_date"].isoformat(), "reason": reason or row["refused"] or row.get("why")}

    def _append(self, rows: Sequence[Row]) -> None:
        if self.file is None:
            self.file = self.path.open("a", encoding="utf-8")
            fcntl.flock(self.file, fcntl.LOCK_EX)
            rows = [self.run, *rows]
        self.file.write("".join(json.dumps(row, default=str) + "\n" for row in rows))
        self.file.flush()
        os.fsync(self.file.fileno())


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
    return [path for path in _files(root) if _is_free(path)]


def waiting(root: str) -> list[Row]:
    """Receipts that no night has taken, the last word about each message."""
    return words(read(_files(root)))


def read(files: Iterable[Path]) -> list[Row]:
    """All lines of these files; a line that a kill cut short is none."""
    rows = []
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue
    return rows


def words(lines: Iterable[Row]) -> list[Row]:
    """Rows of activation.deliveries: of several lines about a message the one that says most, else the last."""
    told: dict[tuple[str, str], Row] = {}
    for row in lines:
        if "message_key" in row:
            before = told.setdefault((row["destination"], row["message_key"]), row)
            if weight(row) >= weight(before):
                told[row["destination"], row["message_key"]] = row
    return [_typed(row) for row in told.values()]


def weight(row: Row) -> tuple[int, str]:
    """Of several words about a message the heaviest counts: an answer that ends the matter, else the last."""
    return RANK[row["state"]], row["recorded_at"]


def _typed(row: Row) -> Row:
    days = {"run_date": date.fromisoformat(row["run_date"])}
    return row | days | {"recorded_at": datetime.fromisoformat(row["recorded_at"])}


def table(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """Rows in the columns of a schema."""
    return pa.Table.from_pylist(list(rows), pa.schema([pa.field(one.name, one.type) for one in schema]))


def is_stopped(root: str) -> bool:
    """Whether somebody said that nothing goes out."""
    return Path(root, STOP).exists()


def _files(root: str) -> list[Path]:
    return sorted(Path(root, INBOX).glob("*.jsonl"))


def _is_free(path: Path) -> bool:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
