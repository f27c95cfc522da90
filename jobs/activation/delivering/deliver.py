"""One hand-over: what is due and not yet receipted goes out, batch by batch, under what is known at each batch."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from jobs.activation.contactability import TABLES, contactability_query
from jobs.activation.delivering import due, receipts, runs
from jobs.activation.delivering.messages import REMOVE, SENT, SKIPPED, TRIED, Message, Target, messages
from jobs.activation.delivering.opening import opened
from jobs.activation.delivering.runs import Answer
from jobs.activation.delivering.senders import Sender, UnreachableError
from jobs.activation.settings.contact_policy import Settings as Policy
from jobs.activation.settings.destinations import Destination
from lakehouse.config.layers import Conf
from lakehouse.delta import log as delta_log
from lakehouse.errors import LakehouseError
from lakehouse.lake.local_tables import LocalTables

STOPPED, LATER, ASKED = "stopped", "waits", "wait for approval"
SLICE = 10_000  # messages that become objects at once, where nothing is sent


def deliver(
    conf: Conf,
    name: str,
    destination: Destination,
    at: datetime,
    dry_run: bool = False,
    answer: Answer | None = None,
) -> Counter[str]:
    """Hand the last night's messages over, and count what became of them.

    Args:
        at: now.
        dry_run: count, send nothing and keep no receipt.
        answer: a person's word about more messages than the destination takes without.

    Raises:
        LakehouseError: the lake is not on a local disk, where receipts are kept.
        MachineError: another run hands over to the destination.
    """
    found = Due(conf, Target(name, destination, at))
    if dry_run:
        return found.refusals() + Counter({"would be sent": found.good.num_rows})
    if answer and answer.count is None:
        answer = replace(answer, count=found.count)
    with receipts.alone(found.root, name):
        return Run(conf, found, answer).all()


class Due:
    """What is due at a destination by the tables of now.

    refused, good: rows of `due.query` that may not go and those that may.
    """

    def __init__(self, conf: Conf, target: Target) -> None:
        tables = LocalTables(conf)
        self.target, self.root, self.run_date = target, tables.root, tables.run_date
        if "://" in self.root:
            remedy = (
                "keep the lake in a folder, or read activation.decisions by `lakehouse sql` and hand it over yourself"
            )
            raise LakehouseError("receipts are kept on a local disk", self.root, remedy)
        self.stamp = stamp(self.root)
        policy = conf.settings("contact_policy", Policy)
        contactability = tables.answer(contactability_query(self.run_date, policy))
        waiting = receipts.table(receipts.waiting(self.root), due.receipt_schema(tables.contracts))
        rows = tables.answer(due.query(self.run_date, target, contactability, waiting))
        if target.destination.way != "full":
            rows = rows.filter(pc.invert(rows["is_done"]))
        is_good = pc.equal(rows["refused"], "")
        self.good, self.refused = rows.filter(is_good), rows.filter(pc.invert(is_good))

    def refusals(self) -> Counter[str]:
        """How many may not go, by reason."""
        counted = self.refused["refused"].value_counts().to_pylist()
        return Counter({f"not sent: {row['values']}": row["counts"] for row in counted})

    @property
    def count(self) -> int:
        """Messages that go out now or when their hour comes."""
        count: int = self.good.num_rows + self.refusals()["not sent: not_yet"]
        return count

    @property
    def needs_answer(self) -> bool:
        """Whether they are more than may go without a person's word."""
        limit = self.target.destination.ask_above
        return limit is not None and self.count > limit

    @property
    def opens_at(self) -> datetime | None:
        """When the hour of the first comes that has to wait for it."""
        early = self.refused.filter(pc.equal(self.refused["refused"], "not_yet"))
        first: datetime | None = pc.min(early["send_from"]).as_py()
        return first

    def messages(self, rows: pa.Table) -> list[Message]:
        """Rows as messages."""
        return messages(rows, due.fields_of(self.target.destination))


def stamp(root: str) -> tuple[int | None, ...]:
    """Changes whenever a table changes that says who may be written to."""
    return tuple(delta_log.latest_version(f"{root}/{str(table).replace('.', '/')}") for table in TABLES.values())


@dataclass
class Run:
    """One run to its end: what is due is looked at again whenever the tables that decide have changed."""

    conf: Conf
    due: Due
    answer: Answer | None

    def __post_init__(self) -> None:
        """Nothing has happened yet."""
        self.begin, self.begun = self.due.target.at, time.monotonic()
        self.counts: Counter[str] = Counter()
        self.kept = receipts.Receipts(self.due.root, runs.begun(self.due.target, self.due.run_date, self.answer))
        self.sender: Sender | None = None

    @property
    def now(self) -> datetime:
        """The run's own clock, which began at the instant that it was given."""
        return self.begin + timedelta(seconds=time.monotonic() - self.begun)

    def all(self) -> Counter[str]:
        """Hand over until nothing is left; the counts of what became of it."""
        outcome: str | None = None
        try:
            while (outcome := self._round()) is None:
                self.due = Due(self.conf, replace(self.due.target, at=self.now))
            return self.counts + self.due.refusals()
        except BaseException:
            outcome = "failed"
            raise
        finally:
            if self.sender:
                self.sender.close()
            self.kept.end(outcome or "failed", self.now)

    def _round(self) -> str | None:
        """How the run ends; None where tables changed meanwhile."""
        good, size = self.due.good, self._batch_size()
        self._keep_refused()
        if not self._may(good.num_rows):
            self.counts[ASKED] = good.num_rows
            self.kept.note()
            return runs.UNAPPROVED if self.answer is None or self.answer.is_yes else runs.REJECTED
        for begin in range(0, max(good.num_rows, self._writes_empty()), size):
            if receipts.is_stopped(self.due.root):
                self.counts[STOPPED] = good.num_rows - begin
                self.kept.note()
                return runs.STOPPED
            batch = good.slice(begin, size)
            if stamp(self.due.root) != self.due.stamp or self._is_late(batch):
                return None
            before = sum(self.counts.values())
            try:
                self._hand_over(self.due.messages(batch))
            except UnreachableError:
                self.counts[LATER] = good.num_rows - begin - (sum(self.counts.values()) - before)
                return runs.WAITS
        return runs.DONE

    def _batch_size(self) -> int:
        destination = self.due.target.destination
        return max(1, self.due.good.num_rows) if destination.kind == "files" else destination.batch_size

    def _writes_empty(self) -> bool:
        """Whether nobody is something to say, too: it takes the place of what the night's file said before."""
        return self.due.target.destination.way == "full"

    def _may(self, count: int) -> bool:
        """Whether so many more may go without a person's word, or with it."""
        limit, answer = self.due.target.destination.ask_above, self.answer
        if answer and not answer.is_yes:
            return False
        allowed = max(limit or 0, answer.allows(self.due.run_date) if answer else 0)
        return not count or limit is None or sum(self.counts.values()) + count <= allowed

    def _is_late(self, batch: pa.Table) -> bool:
        until = pc.min(batch["send_until"]).as_py()
        return until is not None and until <= self.now

    def _keep_refused(self) -> None:
        for begin in range(0, self.due.refused.num_rows, SLICE):
            rows = self.due.refused.slice(begin, SLICE)
            rows = rows.filter(pc.invert(rows["is_done"]))
            self.kept.begin(self.due.messages(rows), SKIPPED, self.now)

    def _hand_over(self, batch: list[Message]) -> None:
        self.sender = self.sender or opened(self.conf, self.due.target, self.due.run_date)
        self.kept.begin(batch, TRIED, self.now)
        without = {one.key: one for one in batch}
        try:
            for part, state, reason, attempts in self.sender.send(batch):
                self._keep_answer(part, state, reason, attempts)
                for one in part:
                    without.pop(one.key, None)
                    self.counts["removed" if state == SENT and one.row["operation"] == REMOVE else state] += 1
        except UnreachableError as away:
            self._keep_answer(away.untaken(without.values()), SKIPPED, due.UNREACHED, 1)
            raise

    def _keep_answer(self, part: Sequence[Message], state: str, reason: str, attempts: int) -> None:
        """Keep an answer; one that says no takes back nothing that an earlier try may have brought."""
        known = [one for one in part if state != SKIPPED or not one.row["was_tried"]]
        if known:
            self.kept.answer(known, state, reason, self.now, attempts)
