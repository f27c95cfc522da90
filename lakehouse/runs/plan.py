"""Whether a job will run, and why: its code, settings, contracts and inputs against those of its last good run."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lakehouse.config.layers import Conf
from lakehouse.delta import log as delta_log
from lakehouse.ops import job_parts, reprocessing
from lakehouse.ops.accepted import Accepted
from lakehouse.ops.history import History
from lakehouse.runs import job_modules, references, settings_models, what_changed
from lakehouse.runs.graph import Job
from lakehouse.runs.job_parts import Fingerprint, fingerprint
from lakehouse.storage.paths import below


@dataclass(frozen=True)
class Decision:
    """Whether a job will run, and why.

    same: earlier hashes of the job that count as its present one, which is among them; same_learned: alike for what
    it keeps.
    """

    job: Job
    runs: bool
    reason: str
    made_by: Fingerprint
    same: frozenset[str] = frozenset()
    same_learned: frozenset[str] = frozenset()


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
    for subject in job.conf:
        references.refuse_undefined(conf, subject)
    form = getattr(module, "Settings", None)
    return conf.settings(job.conf[0], form) if form and job.conf else conf.profile


def inputs_of(job: Job, lake: Any) -> dict[str, int | None]:
    """The present versions of a job's inputs; `bronze.*` is every export's table."""
    tables: list[str] = []
    for name in job.reads:
        tables += [f"bronze.{export}" for export in feeding(job, lake.conf)] if name == "bronze.*" else [name]
    return {table: lake.version(table) for table in tables}


def _is_due(root: str, table: str) -> bool:
    """Whether the table's quarantined lines are to be put through again, and are not yet."""
    request = reprocessing.asked(root, table)
    return bool(request) and not reprocessing.is_done(root, table, request)


def _made_again(job: Job, lake: Any) -> list[str]:
    """Inputs that are other tables than those that the job's own were made of; their versions may look alike."""
    paths = [lake.path(table) for table in job.writes if "*" not in table]
    done = [commit for path in paths if (commit := delta_log.last_publish(path))]
    return [other for commit in done for other in delta_log.made_again(commit, lake.path)]


def feeding(job: Job, conf: Conf) -> list[str]:
    """The exports that have one of the job's tables as a target; another export's lines do not make it run."""
    return [e.name for e in conf.exports().values() if any(target.table in job.writes for target in e.targets)]


def decide(job: Job, lake: Any, history: History, run_date: date, accepted: Accepted | None = None) -> Decision:
    """Run or skip: landing and bronze always look for files; the others when something of theirs changed."""
    accepted = accepted or Accepted(history.root)
    made_by = fingerprint(job, lake.conf, lake.contracts)
    same = accepted.hashes(job.name, made_by.digest)
    reason = _reason(job, lake, history, run_date, made_by, same)
    learned = accepted.learned_hashes(job.name, made_by.learned)
    return Decision(job, bool(reason), reason or "nothing of it changed", made_by, same, learned)


def _reason(job: Job, lake: Any, history: History, run_date: date, made_by: Fingerprint, same: frozenset[str]) -> str:
    """Why the job runs; "" where nothing asks for it."""
    if job.on_demand or job.room in ("landing", "bronze", "report", "upkeep"):
        return "asked for" if job.on_demand else "looks for what is new"
    if job.inbox:
        return "something waits for it" if any(below(lake.root, job.inbox).glob("*.json*")) else ""
    last = history.last(job.name)
    if last is None:
        return "never ran"
    if last["job_hash"] not in same:
        return what_changed.sentence(job_parts.of(history.root, job.name, str(last["job_hash"])), made_by.parts)
    missing = [t for t in job.writes if "*" not in t and not t.startswith("quarantine.") and not lake.is_published(t)]
    asked = [t for t in job.writes if "*" not in t and _is_due(history.root, t)]
    if missing or asked:
        return f"{missing[0]} is missing" if missing else f"quarantined lines of {asked[0]} are put through again"
    before, now = dict(last["inputs"] or {}), inputs_of(job, lake)
    if changed := [t for t, v in now.items() if v is not None and before.get(t) != v]:
        return f"new in {', '.join(changed[:3])}{' ...' if len(changed) > 3 else ''}"
    if others := _made_again(job, lake):
        return f"{others[0]} was made again"
    return "depends on the day" if job.depends_on_run_date and last["run_date"] != run_date else ""
