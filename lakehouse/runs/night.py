"""A night: steps of jobs in one Spark session, each job run when its code, configuration or inputs changed.

What is recorded goes to ops.runs: a row per job with its work counters, and the night's manifest (table versions).
"""

import fnmatch
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lakehouse.errors import GateError, LakehouseError
from lakehouse.lake import contents
from lakehouse.lake.lake import Lake
from lakehouse.lake.snapshot import Terms
from lakehouse.ops import counters, damages, job_parts, quarantine
from lakehouse.ops.accepted import Accepted
from lakehouse.ops.history import History
from lakehouse.runs import graph, job_modules, memory, references
from lakehouse.runs.graph import Job, step_of
from lakehouse.runs.job_parts import Fingerprint
from lakehouse.runs.plan import Decision, decide, inputs_of, settings_of

FLUSH_SECONDS = 15
# how long a thread may keep the interpreter while others wait: at Python's 0.005 MLflow's imports took 61 s beside two
# jobs that compute, in place of 5; at this value 17
TURN_SECONDS = 0.0005
LONG_SECONDS = 5  # a job of more may have held much
DONE, SKIPPED, FAILED, BLOCKED = "done", "skipped", "failed", "blocked"


@dataclass
class Outcome:
    """What became of one job."""

    job: Job
    outcome: str
    reason: str
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    error: str = ""
    engine: str | None = None


Listener = Callable[[str, Job, Outcome | None], None]  # ("start" | "end", job, outcome)


@contextmanager
def _short_turns() -> Iterator[None]:
    """Jobs side by side hand the interpreter on soon: one that reads many small files waits a turn for each of them."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


class Night:
    """Runs chosen jobs, independent ones side by side, and records each.

    Args:
        lake: the lake with its run.
        history: what ran before.
        listener: told when a job starts and ends.
        width: how many jobs run at once.
    """

    def __init__(self, lake: Lake, history: History, listener: Listener | None = None, width: int = 3) -> None:
        self.lake, self.history, self.width = lake, history, width
        self.listener: Listener = listener or (lambda *_: None)
        root = lake.base.root if lake.base else lake.root
        self.accepted, self.known_parts = Accepted(root), job_parts.known(lake.root)
        self.counters = counters.Counters(lake.spark)
        self.flushed = time.monotonic()

    def run(self, jobs: tuple[Job, ...], force: bool = False, then: tuple[Job, ...] = ()) -> list[Outcome]:
        """Run jobs as their inputs allow; a failed job blocks only what reads its tables.

        Args:
            then: jobs that run after these; they may begin what needs no table (`_offered`).
        """
        still = graph.seconds_to_go(jobs, self.history.seconds())
        waiting = sorted(jobs, key=lambda job: -still[job.module])
        running: dict[Future[Outcome], Job] = {}
        outcomes: dict[str, Outcome] = {}
        _offered(then, "prepare_beside")
        with _short_turns(), ThreadPoolExecutor(self.width) as pool:
            while waiting or running:
                for job in self._next(waiting, running):
                    waiting.remove(job)
                    running[pool.submit(self._one, job, dict(outcomes), force)] = job
                if not waiting:
                    then = _offered(then, "prepare")
                self._collect(running, outcomes)
        return [outcomes[job.module] for job in jobs]

    def _next(self, waiting: list[Job], running: dict[Future[Outcome], Job]) -> list[Job]:
        """The jobs to start now: those whose inputs are there, the longest way to the end of the night first."""
        ready = [job for job in waiting if not graph.before(job, (*waiting, *running.values()))]
        return ready[: self.width - len(running)]

    def _collect(self, running: dict[Future[Outcome], Job], outcomes: dict[str, Outcome]) -> None:
        finished, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            job = running.pop(future)
            outcomes[job.module] = future.result()
            if outcomes[job.module].seconds > LONG_SECONDS:
                memory.give_back()
        if time.monotonic() - self.flushed > FLUSH_SECONDS:  # a killed night keeps its records but for the last ones
            self.lake.flush()
            self.flushed = time.monotonic()

    def _one(self, job: Job, outcomes: dict[str, Outcome], force: bool) -> Outcome:
        bad = [o.job.name for o in outcomes.values() if o.outcome in (FAILED, BLOCKED) and graph.depends(job, o.job)]
        started = datetime.now(UTC)
        if bad:
            outcome = Outcome(job, BLOCKED, f"waits for {', '.join(bad)}")
            self._record(outcome, None, {}, started, {})
        else:
            outcome = self._decided_or_failed(job, force, started)
        self.listener("end", job, outcome)
        return outcome

    def _decided_or_failed(self, job: Job, force: bool, started: datetime) -> Outcome:
        """A table whose log cannot be read fails the jobs that need it, and no others."""
        try:
            return self._decided(job, force, started)
        except Exception as error:  # noqa: BLE001 a damaged log may raise anything
            outcome = Outcome(job, FAILED, "error", error=self._told(error, job, {}))
            self._record(outcome, None, {}, started, {})
            return outcome

    def _told(self, error: Exception, job: Job, inputs: Mapping[str, int | None]) -> str:
        """One paragraph: of a damaged table what is wrong with it, which no engine's own words say."""
        if isinstance(error, LakehouseError):
            return error.paragraph()
        tables = [*inputs, *self._written(job)] if inputs else [*inputs_of(job, self.lake), *self._written(job)]
        hurt = damages.of_tables(self.lake.root, tables)
        if not hurt:
            return described(error, job)
        table, faults = next(iter(hurt.items()))
        return f"{job.name}: {table} is damaged: {faults[0]}. Run 'lakehouse doctor': it names what to do."

    def _decided(self, job: Job, force: bool, started: datetime) -> Outcome:
        decision = decide(job, self.lake, self.history, self.lake.run.run_date, self.accepted)
        if not (decision.runs or force):
            return Outcome(job, SKIPPED, decision.reason)
        self.listener("start", job, None)
        view = self.lake.for_job(job.name, decision.made_by.digest, self._terms(decision))
        inputs = inputs_of(job, view)
        with self.counters.group(job.name) as counted:
            outcome = self._called(job, view, inputs, decision.reason)
        outcome.seconds = (datetime.now(UTC) - started).total_seconds()
        outcome.engine = engine_of(counted["spark_jobs"], view.engines)
        self._record(outcome, decision.made_by, {**inputs, **view.pinned}, started, counted)
        return outcome

    def _terms(self, decision: Decision) -> Terms:
        """What the job may read, and by what it is told whether a table was made as it would make it now."""
        return Terms(
            readable=decision.job.readable,
            same_hashes=decision.same,
            learned_hash=decision.made_by.learned,
            same_learned_hashes=decision.same_learned,
        )

    def _called(self, job: Job, view: Lake, inputs: dict[str, int | None], reason: str) -> Outcome:
        try:
            settings = settings_of(job, view.conf)
            view = view.for_inputs(inputs)
            for subject in job.conf[:1]:
                view.notes.extend(f"{job.name}: {note}" for note in references.notes(view.conf, subject))
            job_modules.load(job).run(view, view.run.run_date, settings)
            return Outcome(job, DONE, reason, notes=list(view.notes))
        except LakehouseError as error:
            kept = " (last night's table stays)" if isinstance(error, GateError) else ""
            return Outcome(
                job, FAILED, f"gate{kept}" if kept else "error", notes=list(view.notes), error=error.paragraph()
            )
        except Exception as error:  # noqa: BLE001 a job may fail in any way: the others go on
            return Outcome(job, FAILED, "error", notes=list(view.notes), error=self._told(error, job, inputs))
        finally:
            view.unpersist()

    def _record(
        self,
        o: Outcome,
        made_by: Fingerprint | None,
        inputs: dict[str, int | None],
        started: datetime,
        counted: dict[str, int],
    ) -> None:
        outputs = {t: v for t in self._written(o.job) if (v := self.lake.version(t)) is not None}
        row: dict[str, Any] = {
            "run_id": self.lake.run.run_id,
            "run_date": self.lake.run.run_date,
            "step": step_of(o.job),
            "job": o.job.name,
            "outcome": o.outcome,
            "reason": o.reason,
            "job_hash": made_by.digest if made_by else "",
            "engine": o.engine,
            "notes": o.notes,
            "seconds": o.seconds,
            "error": o.error,
            "inputs": {t: v for t, v in inputs.items() if v is not None},
            "outputs": outputs,
            "started_at": started,
            "ended_at": datetime.now(UTC),
            **counted,
        }
        self.lake.record("ops.runs", [row])
        if made_by and o.outcome == DONE:
            self._record_parts(o.job, made_by)

    def _record_parts(self, job: Job, made_by: Fingerprint) -> None:
        """What the job's result depends on, once for each state of it: what a later change is a change of."""
        state = (job.name, made_by.digest)
        if state in self.known_parts:
            return
        self.known_parts.add(state)
        row = {"job": job.name, "job_hash": made_by.digest, "parts": made_by.parts}
        run = {"run_id": self.lake.run.run_id, "run_date": self.lake.run.run_date}
        self.lake.record(job_parts.TABLE, [{**row, **run}])

    def _written(self, job: Job) -> list[str]:
        every = [f"bronze.{export}" for export in self.lake.conf.exports()]
        return [t for w in job.writes for t in (every if w == "bronze.*" else [w]) if fnmatch.fnmatch(t, w)]

    def publish_manifest(self) -> dict[str, int]:
        """Record the versions of all tables as this night's: the point of visibility for readers of several tables."""
        versions = {t: v for t in every_table(self.lake) if (v := self.lake.version(t)) is not None}
        self.lake.record(contents.TABLE, contents.of_night(self.lake, versions))
        self.lake.flush(contents.TABLE)  # before the manifest: a published night has its fingerprints
        now = datetime.now(UTC)
        self.lake.record(
            "ops.runs",
            [
                {
                    "run_id": self.lake.run.run_id,
                    "run_date": self.lake.run.run_date,
                    "step": "night",
                    "job": "night",
                    "outcome": "published",
                    "outputs": versions,
                    "started_at": now,
                    "ended_at": now,
                }
            ],
        )
        return versions


def engine_of(spark_jobs: int, engines: set[str]) -> str:
    """Which engine did a job's work on rows: spark, local (DuckDB, delta-rs or this process alone), or both.

    Args:
        spark_jobs: those of the job's own thread; threads that it starts are not counted.
        engines: what the job's view of the lake has seen at work.
    """
    if not spark_jobs and "spark" not in engines:
        return "local"
    return "both" if "local" in engines else "spark"


def _offered(jobs: tuple[Job, ...], name: str) -> tuple[Job, ...]:
    """Let jobs that come later begin what needs no table, such as a long import; once, so none is left to do so.

    A job may offer `prepare_beside`, for a process of the lowest priority that idle moments of the whole run are enough
    for, and `prepare`, for what this process does itself: that waits for the last of the jobs before.
    """
    for job in jobs:
        getattr(job_modules.load(job), name, lambda: None)()
    return ()


def every_table(lake: Any) -> list[str]:
    """All tables that a lake can have: contracts, bronze and quarantine."""
    silver = [t for t in lake.contracts if t.startswith("silver.")]
    return [
        *lake.contracts,
        *(f"bronze.{e}" for e in lake.conf.exports()),
        *(quarantine.beside(t) for t in silver),
    ]


def described(error: Exception, job: Job) -> str:
    """One paragraph for an unexpected error: its class and place in our code, and no text that could hold a value."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/jobs/" in f.filename]
    place = f"{frames[-1].filename.rsplit('/jobs/', 1)[1]}:{frames[-1].lineno}" if frames else job.module
    condition = getattr(error, "getCondition", lambda: None)() if hasattr(error, "getCondition") else None
    text = (
        f" {condition}"
        if condition
        else (f": {error}" if isinstance(error, (KeyError, FileNotFoundError, ImportError)) else "")
    )
    return f"{job.name}: {type(error).__name__}{text} at jobs/{place}. Set LAKEHOUSE_DEBUG=1 for the full trace."
