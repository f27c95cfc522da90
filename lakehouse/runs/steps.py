"""Steps of a night in this process: start the session, run the step's jobs, record, and say how it went."""

import json
import logging
import re
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import staged
from lakehouse.errors import ConfigError, LakehouseError
from lakehouse.lake.lake import Lake
from lakehouse.ops import account_key, copies, file_modes, lock, logs, reprocessing, rollback
from lakehouse.ops.history import History
from lakehouse.ops.run_log import Run
from lakehouse.runs import code_hash, companies, graph, job_log, object_store, spark_start
from lakehouse.runs.night import BLOCKED, FAILED, Listener, Night, Outcome
from lakehouse.runs.open_lineage.emitter import emitting
from lakehouse.runs.plan import settings_of
from lakehouse.spark import session
from lakehouse.storage.paths import below

ODD = re.compile(r"[\\{}\[\]*?%]")  # in a path these mean patterns to Spark, and escapes to delta-rs

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """How a run went; notes: what people should know of the run before."""

    run_id: str
    run_date: date
    outcomes: tuple[Outcome, ...]
    seconds: float
    notes: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """No job failed or was held up by a failed one."""
        return not any(o.outcome in (FAILED, BLOCKED) for o in self.outcomes)


def delivered_days(drop: str) -> list[date]:
    """The days that have a folder in the drop zone, ascending."""
    folder = Path(drop)
    names = [p.name for p in folder.iterdir() if p.is_dir()] if folder.is_dir() else []
    return sorted(date.fromisoformat(n) for n in names if re.fullmatch(r"\d{4}-\d{2}-\d{2}", n))


def resolve(conf: Conf, root: str, wanted: date | None, night: str) -> date:
    """The business day of a run: as asked, that of the night under way, or the day after the last night.

    Raises:
        ConfigError: a new lake and an empty drop zone.
    """
    if wanted:
        return wanted
    opened = opened_night(root)
    if night and opened.get("night") == night:
        return date.fromisoformat(opened["run_date"])
    drop = conf.profile.path(conf.profile.drop)
    day = History(root).next_day(delivered_days(drop))
    if day is None:
        raise ConfigError(
            "there is nothing to run on: no folder <YYYY-MM-DD> in the drop zone",
            drop,
            "drop files there, run 'lakehouse sample', or name a --run-date",
        )
    return day


def _last_night(root: str, chosen: list[tuple[graph.Job, ...]]) -> date | None:
    """The last night's day for jobs that run on demand: they look back, they open no new night."""
    nights = History(root).nights()
    return nights[-1] if nights and all(job.on_demand for jobs in chosen for job in jobs) else None


def opened_night(root: str) -> dict[str, str]:
    """The night that last began, so that its later steps, each a process of its own, know its day."""
    return lock.read(below(root, "_night.json"))


def run(
    conf: Conf,
    names: Sequence[str],
    wanted: date | None = None,
    night: str = "",
    force: bool = False,
    listener: Listener | None = None,
) -> Result:
    """Run steps, rooms or jobs by name, in one Spark session.

    Args:
        names: steps, rooms, tables or modules; the step `report` also records the night's manifest.
        wanted: the business day; None for the day after the last night.
        night: an identifier that the steps of one night share (Airflow's run id).
        force: run jobs even if nothing of theirs changed.

    Raises:
        LakehouseError: the configuration, the machine or a name stops it before a job runs.
    """
    started = time.monotonic()
    file_modes.keep_private(conf.profile.mask)
    root = conf.profile.path(conf.profile.lake)
    object_store.make_sure(conf.profile, root)
    if ODD.search(root) and "://" not in root:
        raise ConfigError("the lake's path has one of \\ { } [ ] * ? %", root, "choose a folder without them")
    start = spark_start.chosen(conf, History(root))
    conf.exports()  # a fault in an export stops the run before a job does
    companies.refuse_mixture(conf, root)
    contracts = Contracts(conf)
    len(contracts)
    chosen = [graph.select((name,)) for name in names]
    for job in (job for jobs in chosen for job in jobs):
        settings_of(job, conf)  # and so does a fault in a subject
    run_date = wanted or _last_night(root, chosen) or resolve(conf, root, wanted, night)
    run_id = night or f"{run_date}-{uuid.uuid4().hex[:8]}"
    with lock.held(root, f"{' '.join(names)} of {run_date}") as left_behind:
        if night and names[0] == "load":
            below(root, "_night.json").write_text(json.dumps({"night": night, "run_date": str(run_date)}))
        staged.clear(root)
        rollback.refuse_half(root)
        for inbox in sorted({job.inbox for job in graph.jobs() if job.inbox}):
            rollback.release(root, inbox, run_date)
        logs.begin_run(run_id, str(run_date))
        notes = tuple(filter(None, (left_behind, account_key.check(conf, root))))
        for note in notes:
            log.warning(note)
        request = _Request(conf, contracts, Run(run_id, run_date), tuple(names), tuple(chosen), force, start)
        try:
            with emitting(conf, contracts, request.run, request.names) as scope:
                outcomes, remarks = _in_session(request, root, scope.listening(job_log.logged(listener)))
                unsent = scope.close(not any(o.outcome in (FAILED, BLOCKED) for o in outcomes))
                remarks += [unsent] if unsent else []
            remarks += [_replayed(row) for row in reprocessing.close(root, contracts, request.run)]
        finally:
            logs.end_run()
    return Result(run_id, run_date, tuple(outcomes), time.monotonic() - started, (*notes, *remarks))


@dataclass(frozen=True)
class _Request:
    """A run as it was asked for: names of steps, rooms or jobs, and the jobs that each of them stands for."""

    conf: Conf
    contracts: Contracts
    run: Run
    names: tuple[str, ...]
    chosen: tuple[tuple[graph.Job, ...], ...]
    force: bool
    start: spark_start.Start


def _in_session(request: _Request, root: str, listener: Listener | None) -> tuple[list[Outcome], list[str]]:
    """What became of the jobs, and what a person should know beside."""
    from lakehouse.lake import catalog

    conf = request.conf
    spark = request.start.session(f"customer-lakehouse {' '.join(request.names)} {request.run.run_date}")
    lake = Lake(spark.as_session(), conf, root, request.run, request.contracts, light=spark.beside(session.light))
    night = Night(lake, History(root), listener)
    outcomes: list[Outcome] = []
    is_published = False
    waves = _waves(request.names, request.chosen)
    for i, (is_report, jobs) in enumerate(waves):
        if is_report and _night_is_good(night, outcomes, request.run):
            lake.flush()
            versions, is_published = night.publish_manifest(), True
            if conf.profile.register_catalog:
                catalog.register(lake, versions, conf.profile.register_catalog)
        try:
            outcomes += night.run(jobs, request.force, then=waves[i + 1][1] if i + 1 < len(waves) else ())
        finally:
            lake.flush()
    code_hash.installed().save()
    return outcomes, _copied(request, root) if is_published else []


def _replayed(row: dict[str, Any]) -> str:
    """What became of the quarantined lines of a table that were put through again."""
    cured = f"{row['lines_cured']:,} of {row['lines_before']:,} quarantined lines were cured and put through"
    return f"{row['table']}: {cured}; {row['lines_after']:,} stay in quarantine"


def _copied(request: _Request, root: str) -> list[str]:
    """Copy what cannot be made again; what was not copied, in words. A night does not fail for it."""
    folder = request.conf.profile.copies
    if not folder:
        return []
    tables = copies.originals(request.contracts[name] for name in request.contracts)
    try:
        done = copies.refresh(root, request.conf.profile.path(folder), tables, request.run.run_date)
    except (OSError, LakehouseError) as error:
        return [f"the copies of what cannot be made again are not of this night: {error}"]
    return [
        f"{table} was not copied: {reason}; 'lakehouse doctor' says what to do"
        for table, reason in done.refused.items()
    ]


def _waves(names: Sequence[str], chosen: Sequence[tuple[graph.Job, ...]]) -> list[tuple[bool, tuple[graph.Job, ...]]]:
    """The steps of a night at once, as their inputs allow; the report, and what is named beside steps, in its turn."""
    waves: list[tuple[bool, tuple[graph.Job, ...]]] = []
    is_open = False
    for name, jobs in zip(names, chosen, strict=True):
        joins = name in graph.STEPS and name != "report"
        if joins and is_open:
            waves[-1] = (False, tuple(dict.fromkeys((*waves[-1][1], *jobs))))
        else:
            waves.append((name == "report", jobs))
        is_open = joins
    return waves


def _night_is_good(night: Night, outcomes: list[Outcome], this: Run) -> bool:
    """No job of this run failed, in this process or in an earlier step's."""
    earlier = [row for row in night.history.rows if row["run_id"] == this.run_id]
    newest = {row["job"]: row["outcome"] for row in earlier} | {o.job.name: o.outcome for o in outcomes}
    return not any(outcome in (FAILED, BLOCKED) for outcome in newest.values())
