"""Makes events of what a run records anyway, on a thread of its own: no job waits for them, none fails for them."""

import os
import queue
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.ops.run_log import Run
from lakehouse.runs import kept_lineage
from lakehouse.runs.graph import STEPS, Job
from lakehouse.runs.night import FAILED, Listener, Outcome
from lakehouse.runs.open_lineage import events
from lakehouse.runs.open_lineage.events import Datasets, Event, Node
from lakehouse.runs.open_lineage.transport import Folder, Server, Transport

PARENT = "OPENLINEAGE_PARENT_ID"  # namespace/job/run, by which Airflow and others say who started a program
CLOSE_SECONDS = 20.0
MIB = 1 << 20


class Emitter:
    """Hands events of one run to a transport.

    Args:
        names: the steps, rooms or jobs that were asked for.
    """

    def __init__(
        self, conf: Conf, contracts: Contracts, run: Run, names: tuple[str, ...], transport: Transport
    ) -> None:
        self.conf, self.run, self.transport = conf, run, transport
        self.datasets = Datasets(conf.profile.path(conf.profile.lake), contracts)
        self.whole = _whole(run, names)
        self.started: dict[str, tuple[str, datetime]] = {}
        self.checks: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.rows: dict[tuple[str, int], int] = {}
        self.without_columns: list[tuple[Node, list[tuple[str, int]]]] = []
        self.lost, self.first_loss = 0, ""
        self.waiting: queue.SimpleQueue[tuple[str, Any] | None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._work, name="open-lineage", daemon=True)
        self.learning: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """The run begins."""
        self.run.watchers.append(self.recorded)
        self.thread.start()
        self.waiting.put(("begin", datetime.now(UTC)))

    def job_starts(self, job: Job) -> None:
        """A job begins to work."""
        self.waiting.put(("start", (job, datetime.now(UTC))))

    def recorded(self, table: str, rows: list[dict[str, Any]]) -> None:
        """What the run records of itself: checks, publishes, and how jobs end."""
        if table in ("ops.quality", "ops.fingerprints", "ops.runs"):
            self.waiting.put((table, rows))

    def end(self, is_good: bool) -> str:
        """The run has ended; what people should know: that events were lost, or "".

        Args:
            is_good: no job failed.
        """
        self.waiting.put(("end", (is_good, datetime.now(UTC))))
        self.waiting.put(None)
        self.thread.join(CLOSE_SECONDS)
        if self.thread.is_alive():
            return "lineage events: the server was too slow for the last of them"
        return f"lineage events: {self.lost} were not taken ({self.first_loss})" if self.lost else ""

    def _work(self) -> None:
        handlers: dict[str, Callable[[Any], None]] = {"begin": self._begin, "start": self._start, "end": self._end}
        while (item := self.waiting.get()) is not None:
            kind, said = item
            try:
                if kind in handlers:
                    handlers[kind](said)
                else:
                    self._of_table(kind, said)
            except Exception as error:  # noqa: BLE001 whatever becomes of an event, the night goes on
                self._lose(error)
        try:
            self.transport.close()
        except OSError as error:
            self._lose(error)

    def _send(self, event: Event) -> None:
        if self.lost and isinstance(self.transport, Server):
            self.lost += 1  # a server that is not there would cost every event its patience
            return
        self.transport.send(event)

    def _lose(self, error: Exception) -> None:
        self.lost += 1
        self.first_loss = self.first_loss or type(error).__name__

    def _begin(self, at: datetime) -> None:
        self._send(events.event("START", self.whole, at))
        wanted = kept_lineage.digest(self.conf)
        if not self._learned(wanted):
            self.learning = _look_at_columns(self.conf)
        self.wanted = wanted

    def _learned(self, wanted: str) -> bool:
        """Take the lineage of columns as it is kept; False where it is not that of this code and configuration."""
        told = kept_lineage.read(kept_lineage.place(), wanted)
        if told is not None:
            self.datasets = Datasets(self.datasets.root, self.datasets.contracts, told["sources"])
        return told is not None

    def _start(self, said: tuple[Job, datetime]) -> None:
        job, at = said
        node = self._node(job.name, at)
        self.started[job.name] = (node.run_id, at)
        known = [self.datasets.input(table, None) for table in job.reads if table in self.datasets.contracts]
        self._send(events.event("START", node, at, known))

    def _node(self, job: str, at: datetime, **facets: Event) -> Node:
        run_id = self.started[job][0] if job in self.started else events.run_uuid(self.run.run_id, job, at.isoformat())
        own = {"parent": events.parent(self.whole), "nominalTime": events.nominal(self.run.run_date)}
        return Node(job, run_id, {**own, **facets})

    def _of_table(self, table: str, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            if table == "ops.quality":
                self.checks[row["table"]].append(row)
            elif table == "ops.fingerprints":
                self.rows[row["table"], row["version"]] = row["batch_rows"]
            elif row["job"] in self.started:
                self._job_ended(row)

    def _job_ended(self, row: dict[str, Any]) -> None:
        facets = {"processing_engine": events.engine(row["engine"])} if row.get("engine") else {}
        if row["outcome"] == FAILED:
            facets["errorMessage"] = events.failed(str(row["error"]))
        node = self._node(row["job"], row["ended_at"], **facets)
        inputs = [self.datasets.input(table, version) for table, version in row["inputs"].items()]
        written = list(row["outputs"].items())
        inputs += [self.datasets.checked(t, v, found) for t, v in written if (found := self.checks.pop(t, None))]
        made = [] if row["outcome"] == FAILED else written
        outputs = [self.datasets.output(t, v, self.rows.get((t, v))) for t, v in made]
        kind = "FAIL" if row["outcome"] == FAILED else "COMPLETE"
        self._send(events.event(kind, node, row["ended_at"], inputs, outputs))
        if made and not self.datasets.sources:
            self.without_columns.append((node, made))

    def _end(self, said: tuple[bool, datetime]) -> None:
        is_good, at = said
        if self.learning and self._patiently():
            for node, made in self.without_columns:
                outputs = [self.datasets.output(table, version) for table, version in made]
                self._send(events.event("OTHER", node, at, (), outputs))
        self._send(events.event("COMPLETE" if is_good else "FAIL", self.whole, at))

    def _patiently(self) -> bool:
        """Whether the columns, which another process looks at meanwhile, are known by now."""
        assert self.learning is not None
        try:
            self.learning.wait(CLOSE_SECONDS / 2)
        except subprocess.TimeoutExpired:
            return False
        return self._learned(self.wanted)


def _whole(run: Run, names: tuple[str, ...]) -> Node:
    """The run itself: a whole night, or the part of one that was asked for."""
    job = "night" if set(names) == set(STEPS) else f"night.{'+'.join(names)}"
    facets = {"nominalTime": events.nominal(run.run_date)}
    namespace, _, rest = os.environ.get(PARENT, "").partition("/")
    above, _, run_id = rest.rpartition("/")
    if namespace and above and run_id:
        facets["parent"] = events.parent(Node(above, run_id, namespace=namespace))
    return Node(job, events.run_uuid(run.run_id, job), facets, "DAG")


def _look_at_columns(conf: Conf) -> subprocess.Popen[bytes] | None:
    """Have another process find out what each column is made of, and keep it: in this one it would hold jobs up."""
    layers = [word for layer in conf.layers[1:] for word in ("--conf", str(layer))]
    command = [
        sys.executable,
        "-m",
        "lakehouse.cli.main",
        "lineage",
        "--check",
        "--profile",
        conf.profile_name,
        *layers,
    ]
    nobody = subprocess.DEVNULL
    try:
        return subprocess.Popen(command, stdin=nobody, stdout=nobody, stderr=nobody)
    except OSError:
        return None


def of_profile(conf: Conf, run_id: str) -> Transport | None:
    """The transport that the profile names; None where there are to be no events."""
    place = conf.profile.lineage_events
    if not place:
        return None
    if place.startswith(("http://", "https://")):
        token = conf.profile.lineage_events_token
        return Server(place, conf.secret(token) if token else "")
    return Folder(Path(conf.profile.path(place)), run_id, conf.profile.lineage_events_mib * MIB)


@contextmanager
def emitting(conf: Conf, contracts: Contracts, run: Run, names: tuple[str, ...]) -> Iterator["Scope"]:
    """Events of all that happens inside, where the profile asks for them."""
    transport = of_profile(conf, run.run_id)
    scope = Scope(Emitter(conf, contracts, run, names, transport) if transport else None)
    if scope.emitter:
        scope.emitter.begin()
    try:
        yield scope
    except BaseException:
        scope.close(is_good=False)
        raise


class Scope:
    """A run whose events go somewhere, or nowhere."""

    def __init__(self, emitter: Emitter | None) -> None:
        self.emitter = emitter

    def listening(self, listener: Listener | None) -> Listener | None:
        """A listener that makes an event of each job's start, then passes it on."""
        if self.emitter is None:
            return listener
        emitter = self.emitter

        def listen(event: str, job: Job, outcome: Outcome | None) -> None:
            if event == "start":
                emitter.job_starts(job)
            if listener:
                listener(event, job, outcome)

        return listen

    def close(self, is_good: bool) -> str:
        """What people should know when all has ended; "" where nothing was lost."""
        emitter, self.emitter = self.emitter, None
        return emitter.end(is_good) if emitter else ""
