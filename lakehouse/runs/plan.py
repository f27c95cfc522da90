"""Whether a job will run, and why: its code, settings, contracts and inputs against those of its last good run."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.ops.history import History
from lakehouse.quality import suites
from lakehouse.runs import job_modules, settings_models
from lakehouse.runs.code_hash import code_hash
from lakehouse.runs.graph import Job


@dataclass(frozen=True)
class Decision:
    """Whether a job will run, and why."""

    job: Job
    runs: bool
    reason: str
    job_hash: str


def job_hash(job: Job, lake_conf: Any, contracts: Contracts) -> str:
    """Hash of the code, settings, contracts and suites that shape a job's result."""
    conf = lake_conf
    sha = hashlib.sha256(code_hash(job.room).encode())
    sha.update(conf.digest(*job.conf).encode())
    if job.room in ("landing", "bronze", "silver"):
        sha.update(conf.digest("exports", "currency").encode())
    for table in job.writes:
        if "*" not in table and table in set(contracts):  # bronze and quarantine follow from exports and code
            sha.update(contracts[table].file.read_bytes())
            sha.update(suites.digest(conf, table).encode())
    return sha.hexdigest()[:16]


def settings_of(job: Job, conf: Conf) -> Any:
    """What the job's subject in conf says; the profile for a job without one. Further subjects are read, too.

    Raises:
        ConfigError: each key that is unknown, missing or out of its range, with file and line.
    """
    module = job_modules.load(job)
    for subject in job.conf[1:]:
        conf.settings(subject, settings_models.model_of(subject))
    if check := getattr(module, "check", None):  # what a form cannot tell: a condition, a file that it names
        check(conf)
    form = getattr(module, "Settings", None)
    return conf.settings(job.conf[0], form) if form and job.conf else conf.profile


def inputs_of(job: Job, lake: Any) -> dict[str, int | None]:
    """The present versions of a job's inputs; `bronze.*` is every export's table."""
    tables: list[str] = []
    for name in job.reads:
        tables += [f"bronze.{export}" for export in feeding(job, lake.conf)] if name == "bronze.*" else [name]
    return {table: lake.version(table) for table in tables}


def feeding(job: Job, conf: Conf) -> list[str]:
    """The exports that have one of the job's tables as a target; another export's lines do not make it run."""
    return [e.name for e in conf.exports().values() if any(target.table in job.writes for target in e.targets)]


def decide(job: Job, lake: Any, history: History, run_date: date) -> Decision:
    """Run or skip: landing and bronze always look for files; the others when something of theirs changed."""
    digest = job_hash(job, lake.conf, lake.contracts)
    if job.on_demand or job.room in ("landing", "bronze", "report", "upkeep"):
        return Decision(job, True, "asked for" if job.on_demand else "looks for what is new", digest)
    last = history.last(job.name)
    if last is None:
        return Decision(job, True, "never ran", digest)
    if last["job_hash"] != digest:
        return Decision(job, True, "its code or configuration changed", digest)
    missing = [t for t in job.writes if "*" not in t and not t.startswith("quarantine.") and not lake.is_published(t)]
    if missing:
        return Decision(job, True, f"{missing[0]} is missing", digest)
    before, now = dict(last["inputs"] or {}), inputs_of(job, lake)
    changed = [t for t, v in now.items() if v is not None and before.get(t) != v]
    if changed:
        return Decision(job, True, f"new in {', '.join(changed[:3])}{' ...' if len(changed) > 3 else ''}", digest)
    if job.ages and last["run_date"] != run_date:
        return Decision(job, True, "depends on the day", digest)
    return Decision(job, False, "nothing of it changed", digest)
