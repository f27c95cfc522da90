"""Receipts: what became of each message, on the disk before the next batch goes out; a night takes them in.

A run's file begins with what the run is; then come the rows of each batch as `tried` before it is sent, and with the
answer the keys that it is about; it ends with how the run ended. A line that a kill cuts short counts for nothing. What
is left tells all that the receiver may have.
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

from jobs.activation.delivering.messages import DEAD, KEYS, SENT, SKIPPED, TRIED, Message
from lakehouse.errors import MachineError

INBOX = "_deliveries"
STOP = "_stop_deliveries"
COLUMNS = ("customer_id", "account_id", "channel", "kind", "name", "content", "run_date", *KEYS)
RANK = {SKIPPED: 0, TRIED: 1, DEAD: 2, SENT: 3}  # of several words about one message the highest, then the last
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

    def begin(self, batch: Iterable[Message], state: str, at: datetime) -> None:
        """Keep that a batch is about to be sent, or that it is not."""
        same = {"destination": self.run["destination"], "delivery_run_id": self.run["run_id"], "state": state}
        same |= {"attempts": 0, "recorded_at": at.isoformat()}
        if rows := [_row(one) | same for one in batch]:
            self._append([rows])

    def answer(self, part: Iterable[Message], state: str, reason: str, at: datetime, attempts: int) -> None:
        """Keep what became of messages of the last batch."""
        told = {"state": state, "attempts": attempts, "recorded_at": at.isoformat()}
        told |= {"reason": reason} if reason else {}
        self._append([{"answer": told, "keys": [one.key for one in part]}])

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

    def _append(self, lines: Sequence[Row | list[Row]]) -> None:
        if self.file is None:
            self.file = self.path.open("a", encoding="utf-8")
            fcntl.flock(self.file, fcntl.LOCK_EX)
            lines = [self.run, *lines]
        self.file.write("".join(json.dumps(line) + "\n" for line in lines))
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
    """What these files say of runs and messages, in order; a line that a kill cut short says nothing."""
    return [row for path in files for row in _rows(path)]


def _rows(path: Path) -> Iterator[Row]:
    known: dict[str, Row] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, list):
            known = {row["message_key"]: row for row in told}
            yield from told
        elif "keys" in told:
            yield from (known[key] | told["answer"] for key in told["keys"])
        else:
            yield told


def _row(one: Message) -> Row:
    row = one.row
    return {name: row[name] for name in COLUMNS} | {"reason": row["refused"] or row["why"]}


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
    """Of several words about a message the heaviest counts: an answer that ends the matter, else the last.

    What was tried without an answer may have arrived, whatever is held back later; a receiver that says, or shows, that
    it did not take it has the last word about its own try.
    """
    rank = RANK[TRIED] if row["state"] == SKIPPED and row["attempts"] else RANK[row["state"]]
    return rank, row["recorded_at"]


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
    """Of runs, and what a restore put back for later nights: what was sent stays sent, whatever night it is."""
    return sorted(Path(root, INBOX).rglob("*.json*"))


def _is_free(path: Path) -> bool:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
